/*
 * candidate_edit: one candidate in depth: all that was read of the file and how surely, what a
 * person corrects, the file itself, reading it again.
 */
#include <string.h>
#include <unistd.h>

#include "app/candidate_rows.h"
#include "app/candidate_search.h"
#include "core/core.h"
#include "core/route.h"
#include "data/profile.h"
#include "data/sniff.h"

enum { NAME_MAX_CHARS = 200, PHONE_MAX = 60, SKILL_MAX = 200, DOMAIN_MAX = 2000 };

struct id_in {
	int64_t candidate_id;
};
static const struct field id_fields[] = {
	FIELD(struct id_in, candidate_id, F_PATH, .min = 1, .doc = "Candidate ID", .example = "1"),
};
static const struct schema id_schema = SCHEMA("CandidateNumber", struct id_in, id_fields);

/* ---- the profile ---- */

struct value_out {
	const char *value;
	double confidence;
	bool corrected;
	struct evidence evidence;
};
#define EVIDENCE_EXAMPLE                                                                   \
	"{\"page\": 1, \"x0\": 72.0, \"y0\": 54.5, \"x1\": 180.2, \"y1\": 68.5, \"line\": 1, " \
	"\"text\": \"Ada Lovelace\"}"

static const struct field value_fields[] = {
	FIELD(struct value_out, value, F_NULL, .doc = "The value, null if there is none",
		  .example = "\"Ada Lovelace\""),
	FIELD(struct value_out, confidence, 0,
		  .doc = "How sure it is, 0 to 1; 1 for what a person said", .example = "0.97"),
	FIELD(struct value_out, corrected, 0, .doc = "True if a person said so", .example = "false"),
	FIELD_OBJECT(struct value_out, evidence, 0, &evidence_schema,
				 .doc = "Where it was read; no text if a person said so",
				 .example = EVIDENCE_EXAMPLE),
};
static const struct schema value_schema = SCHEMA("ProfileValue", struct value_out, value_fields);

struct skill_out {
	const char *name, *canonical, *category;
	double confidence;
	bool corrected;
	struct evidence evidence;
};
static const struct field skill_fields[] = {
	FIELD(struct skill_out, name, 0, .doc = "As the document, or who corrected it, names it",
		  .example = "\"golang\""),
	FIELD(struct skill_out, canonical, F_NULL,
		  .doc = "The taxonomy's name, null if it lacks the skill", .example = "\"Go\""),
	FIELD(struct skill_out, category, F_NULL, .doc = "The taxonomy's category, null likewise",
		  .example = "\"language\""),
	FIELD(struct skill_out, confidence, 0, .doc = "How sure it is, 0 to 1", .example = "0.9"),
	FIELD(struct skill_out, corrected, 0, .doc = "True if a person said so", .example = "false"),
	FIELD_OBJECT(struct skill_out, evidence, 0, &evidence_schema,
				 .doc = "Where it was read; no text if nowhere", .example = EVIDENCE_EXAMPLE),
};
static const struct schema skill_schema = SCHEMA("ProfileSkill", struct skill_out, skill_fields);

struct profile_out {
	struct value_out name, email, phone, domain_knowledge;
	struct list skills, findings;
	const char *language;
	double resume_probability;
	bool is_resume;
	int64_t pages;
	struct json resume;
};
#define VALUE_EXAMPLE                                                            \
	"{\"value\": \"Ada Lovelace\", \"confidence\": 0.97, \"corrected\": false, " \
	"\"evidence\": " EVIDENCE_EXAMPLE "}"
static const struct field profile_fields[] = {
	FIELD_OBJECT(struct profile_out, name, 0, &value_schema, .doc = "Name",
				 .example = VALUE_EXAMPLE),
	FIELD_OBJECT(struct profile_out, email, 0, &value_schema, .doc = "E-mail address",
				 .example = VALUE_EXAMPLE),
	FIELD_OBJECT(struct profile_out, phone, 0, &value_schema, .doc = "Telephone number",
				 .example = VALUE_EXAMPLE),
	FIELD_OBJECT(struct profile_out, domain_knowledge, 0, &value_schema,
				 .doc = "What the person does", .example = VALUE_EXAMPLE),
	FIELD(struct profile_out, skills, 0, .of = &skill_schema, .doc = "Skills",
		  .example = "[{\"name\": \"golang\", \"canonical\": \"Go\", \"category\": \"language\", "
					 "\"confidence\": 0.9, "
					 "\"corrected\": false, \"evidence\": " EVIDENCE_EXAMPLE "}]"),
	FIELD(struct profile_out, findings, 0, .of = &finding_schema,
		  .doc = "What a recruiter should know about the document itself",
		  .example = "[{\"kind\": \"scanned\", \"message\": \"The pages are images.\"}]"),
	FIELD(struct profile_out, language, F_NULL, .doc = "Language of the document, ISO 639-1",
		  .example = "\"en\""),
	FIELD(struct profile_out, resume_probability, 0,
		  .doc = "How probably the document is a résumé, 0 to 1", .example = "0.98"),
	FIELD(struct profile_out, is_resume, 0, .doc = "Whether that is more likely than not",
		  .example = "true"),
	FIELD(struct profile_out, pages, 0, .doc = "Pages; 0 where the format has none",
		  .example = "2"),
	FIELD(struct profile_out, resume, F_NULL,
		  .doc = "The document's content in the JSON Resume schema, as it was read",
		  .example = "{\"basics\": {\"name\": \"Ada Lovelace\"}}"),
};
static const struct schema profile_out_schema =
	SCHEMA("CandidateProfile", struct profile_out, profile_fields);

static struct value_out value_of(const struct value *v, const struct opt_str *said)
{
	return (struct value_out){v->value, v->confidence, said->set, v->evidence};
}

static struct list skills_of(struct arena *a, const struct list *skills, bool corrected)
{
	const struct skill *s = skills->items;
	struct skill_out *out = ARENA_ARRAY(a, skills->n, struct skill_out);

	for (size_t i = 0; i < skills->n; i++)
		out[i] = (struct skill_out){s[i].name,       s[i].canonical, s[i].category,
									s[i].confidence, corrected,      s[i].evidence};
	return (struct list){out, skills->n};
}

/* A candidate of which nothing has been read has no profile yet, though it exists: a conflict, not
 * a missing page. */
static int check_read(struct ctx *c, const struct candidate *k, const struct candidate_word *w)
{
	if (w->read)
		return OK;
	if (text_eq(k->status, "failed"))
		return fail(c, E_CONFLICT, "The resume could not be read: %s",
					k->error_message ? k->error_message : "its content is unknown");
	return fail(c, E_CONFLICT, "The resume has not been read yet; try again in a moment");
}

static int profile(struct ctx *c)
{
	const struct id_in *in = c->in;
	struct profile_out *out = c->out;
	struct candidate_word w;
	struct candidate k;
	const struct corrections *said = &w.corrections;
	struct profile *p = &w.profile;

	TRY(candidate_find(c, in->candidate_id, &k));
	TRY(candidate_word(c, k.id, &w));
	TRY(check_read(c, &k, &w));
	corrections_apply(c, said, p);
	*out = (struct profile_out){
		.name = value_of(&p->name, &said->name),
		.email = value_of(&p->email, &said->email),
		.phone = value_of(&p->phone, &said->phone),
		.domain_knowledge = value_of(&p->domain_knowledge, &said->domain_knowledge),
		.skills = skills_of(c->arena, &p->skills, said->skills.items != NULL),
		.findings = p->findings,
		.language = p->language,
		.resume_probability = p->resume_probability,
		.is_resume = p->resume_probability >= 0.5,
		.pages = p->pages,
		.resume = p->resume,
	};
	return OK;
}

/* ---- the text ---- */

static const char *const line_kinds[] = {"heading", "item", "cell", "text", NULL};

struct line_out {
	const char *kind, *text;
};
static const struct field line_fields[] = {
	FIELD(struct line_out, kind, 0, .choices = line_kinds, .doc = "What the line is",
		  .example = "\"heading\""),
	FIELD(struct line_out, text, 0, .doc = "Its words", .example = "\"Ada Lovelace\""),
};
static const struct schema line_schema = SCHEMA("CandidateLine", struct line_out, line_fields);

struct text_out {
	struct list lines;
};
static const struct field text_fields[] = {
	FIELD(struct text_out, lines, 0, .of = &line_schema,
		  .doc = "Lines in reading order; an evidence's line is their number, from 1",
		  .example = "[{\"kind\": \"heading\", \"text\": \"Ada Lovelace\"}]"),
};
static const struct schema text_schema = SCHEMA("CandidateText", struct text_out, text_fields);

static const char *kind_of(int letter)
{
	switch (letter) {
	case LINE_HEADING: return "heading";
	case LINE_ITEM: return "item";
	case LINE_CELL: return "cell";
	default: return "text";
	}
}

static size_t count_lines(const char *text)
{
	size_t n = 0;

	while ((text = strchr(text, '\n')) != NULL) {
		n++;
		text++;
	}
	return n + 1;
}

/* What an older version read has no letters. */
static int text(struct ctx *c)
{
	const struct id_in *in = c->in;
	struct text_out *out = c->out;
	struct candidate_word w;
	struct line_out *lines;
	struct candidate k;
	const char *stored = NULL;
	char *rest, *line;
	size_t letters, n = 0;

	TRY(candidate_find(c, in->candidate_id, &k));
	TRY(candidate_word(c, k.id, &w));
	TRY(check_read(c, &k, &w));
	TRY(search_text(c, k.id, &stored));
	rest = arena_strdup(c->arena, stored == NULL ? "" : stored);
	letters = w.profile.lines == NULL ? 0 : strlen(w.profile.lines);
	lines = ARENA_ARRAY(c->arena, count_lines(rest), struct line_out);
	while ((line = strsep(&rest, "\n")) != NULL && (*line != '\0' || rest != NULL)) {
		lines[n] = (struct line_out){kind_of(n < letters ? w.profile.lines[n] : LINE_TEXT), line};
		n++;
	}
	out->lines = (struct list){lines, n};
	return OK;
}

/* ---- corrections ---- */

struct edit_in {
	int64_t candidate_id;
	struct opt_str name, email, phone;
	struct strings skills;
	struct opt_str domain_knowledge;
	struct strings reset;
};
static const char *const resettable[] = {"name", "email", "phone", "skills", "domain_knowledge",
										 NULL};
static const struct field edit_fields[] = {
	FIELD(struct edit_in, candidate_id, F_PATH, .min = 1, .doc = "Candidate ID", .example = "1"),
	FIELD(struct edit_in, name, F_NULL, .min = 1, .max = NAME_MAX_CHARS,
		  .doc = "Name; null: there is none", .example = "\"Ada Lovelace\""),
	FIELD(struct edit_in, email, F_NULL | F_EMAIL, .max = 254,
		  .doc = "E-mail address; null: there is none", .example = "\"ada@example.com\""),
	FIELD(struct edit_in, phone, F_NULL, .min = 1, .max = PHONE_MAX,
		  .doc = "Telephone number; null: there is none", .example = "\"+44 20 7946 0000\""),
	FIELD(struct edit_in, skills, F_NULL, .max = PROFILE_SKILLS_MAX,
		  .doc = "All skills; null: there are none", .example = "[\"Python\", \"Docker\"]"),
	FIELD(struct edit_in, domain_knowledge, F_NULL, .min = 1, .max = DOMAIN_MAX,
		  .doc = "What the person does; null: unknown", .example = "\"Backend development\""),
	FIELD(struct edit_in, reset, F_NULL, .max = 5, .choices = resettable,
		  .doc = "Fields whose correction is taken back, so that what was read shows again",
		  .example = "[]"),
};
static const struct schema edit_schema = SCHEMA("CandidateEdit", struct edit_in, edit_fields);

static void reset(struct corrections *k, const char *field)
{
	for (size_t i = 0; i < corrections_schema.n; i++) {
		const struct field *f = &corrections_schema.fields[i];

		if (!text_eq(f->name, field))
			continue;
		if (f->type == T_STRINGS)
			k->skills = (struct strings){0};
		else
			*(struct opt_str *)((char *)k + f->offset) = (struct opt_str){0};
	}
}

/* What a person said, trimmed; a fault if nothing is left. */
static int take(struct ctx *c, const char *field, const struct opt_str *said, struct opt_str *out)
{
	if (!said->set)
		return OK;
	if (said->v != NULL && text_is_blank(said->v))
		return ctx_fault(c, "body", field, "String should not be blank", "value_error");
	*out = (struct opt_str){.set = true,
							.v = said->v ? text_trim(arena_strdup(c->arena, said->v)) : NULL};
	return OK;
}

static bool has(const struct strings *list, const char *s)
{
	for (size_t i = 0; i < list->n; i++)
		if (text_eq(list->items[i], s))
			return true;
	return false;
}

static int take_skills(struct ctx *c, const struct strings *said, struct strings *out)
{
	struct strings list = {.items = ARENA_ARRAY(c->arena, said->n + 1, const char *)};
	struct strings folded = {.items = ARENA_ARRAY(c->arena, said->n + 1, const char *)};

	if (said->items == NULL)
		return OK;
	for (size_t i = 0; i < said->n; i++) {
		char *name = text_trim(arena_strdup(c->arena, said->items[i]));
		const char *at = arena_printf(c->arena, "skills.%zu", i);
		const char *form = text_fold(c->arena, name);

		if (text_is_blank(name))
			return ctx_fault(c, "body", at, "String should not be blank", "value_error");
		if (utf8_length(name, strlen(name)) > SKILL_MAX)
			return ctx_fault(
				c, "body", at,
				arena_printf(c->arena, "String should have at most %d characters", SKILL_MAX),
				"string_too_long");
		if (has(&folded, form))
			continue;
		folded.items[folded.n++] = form;
		list.items[list.n++] = name;
	}
	*out = list;
	return OK;
}

static int edit(struct ctx *c)
{
	const struct edit_in *in = c->in;
	struct corrections *said;
	struct candidate_word w;
	struct candidate k;

	TRY(candidate_find(c, in->candidate_id, &k));
	TRY(candidate_word(c, k.id, &w));
	said = &w.corrections;
	for (size_t i = 0; i < in->reset.n; i++)
		reset(said, in->reset.items[i]);
	TRY(take(c, "name", &in->name, &said->name));
	TRY(take(c, "email", &in->email, &said->email));
	TRY(take(c, "phone", &in->phone, &said->phone));
	TRY(take(c, "domain_knowledge", &in->domain_knowledge, &said->domain_knowledge));
	TRY(take_skills(c, &in->skills, &said->skills));
	TRY(candidate_correct(c, k.id, &w));
	return candidate_find(c, k.id, c->out);
}

/* ---- the file ---- */

/* What the bytes are says which type it is; RTF and HTML that came as .doc are what a word
 * processor opens. */
static const char *media_type(const void *head, size_t n)
{
	switch (sniff(head, n)) {
	case KIND_PDF: return "application/pdf";
	case KIND_DOCX:
		return "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
	case KIND_DOC:
	case KIND_HTML: return "application/msword";
	case KIND_RTF: return "application/rtf";
	case KIND_UNKNOWN: break;
	}
	return "application/octet-stream";
}

static int file(struct ctx *c)
{
	const struct id_in *in = c->in;
	struct candidate k;
	struct ctx_stored stored = {.type_of = media_type,
								.gone = "The uploaded file is no longer on the server"};
	const char *hash;

	TRY(candidate_find(c, in->candidate_id, &k));
	TRY(candidate_hash(c, k.id, &hash));
	TRY(ctx_header(c, "ETag", arena_printf(c->arena, "\"%s\"", hash)));
	stored.path = k.file_path;
	stored.name = k.filename;
	return ctx_stored(c, &stored);
}

/* ---- reading it again ---- */

static int reparse(struct ctx *c)
{
	const struct id_in *in = c->in;
	struct candidate k;

	TRY(candidate_find(c, in->candidate_id, &k));
	TRY(candidate_reread(c, k.id));
	TRY(parsing_queue(c, k.id));
	return candidate_find(c, k.id, c->out);
}

/* ---- tables ---- */

static const short not_found[] = {404, 0}, unread[] = {404, 409, 0}, gone[] = {404, 410, 0};

static const struct route routes[] = {
	{"GET", "/api/v1/candidates/{candidate_id}/profile", profile, &id_schema, &profile_out_schema,
	 .role = ROLE_VIEWER, .status = 200, .tag = "candidates",
	 .doc = "All that was read of the file\nEach value says how sure it is and where it was read. "
			"What a person "
			"corrected stands in its place. 409 as long as nothing has been read.",
	 .errors = unread},
	{"GET", "/api/v1/candidates/{candidate_id}/text", text, &id_schema, &text_schema,
	 .role = ROLE_VIEWER, .status = 200, .tag = "candidates",
	 .doc = "The document's text, line by line, as it was read\n409 as long as nothing has been "
			"read.",
	 .errors = unread},
	{"PATCH", "/api/v1/candidates/{candidate_id}", edit, &edit_schema, &candidate_schema,
	 .role = ROLE_RECRUITER, .body = BODY_JSON, .status = 200, .flags = ROUTE_IF_MATCH,
	 .audit = "candidate.update", .tag = "candidates",
	 .doc = "Correct what was read\nA person's word stays when the file is read again. Fields left "
			"out stay as they "
			"are; null says that there is no such thing.",
	 .errors = not_found},
	{"GET", "/api/v1/candidates/{candidate_id}/file", file, &id_schema, NULL, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_RAW, .tag = "candidates", .doc = "The uploaded file",
	 .errors = gone},
	{"POST", "/api/v1/candidates/{candidate_id}/reparse", reparse, &id_schema, &candidate_schema,
	 .role = ROLE_RECRUITER, .status = 202, .tag = "candidates",
	 .doc = "Read the file again\nThe candidate keeps its values until then.", .errors = not_found},
};

const struct feature candidate_edit_feature = {
	.name = "candidate_edit", .routes = routes, .nroutes = sizeof routes / sizeof routes[0]};

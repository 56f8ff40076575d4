/*
 * candidates: uploading, listing, finding, deleting them.
 *
 * A candidate is born by an upload: file and row together, and the task that reads the file in the
 * same transaction. Who is not an administrator sees their own team's only; another team's
 * candidate is not found.
 */
#include "app/candidate_rows.h"

#include <string.h>

#include "app/candidate_search.h"
#include "app/query.h"
#include "app/removals.h"
#include "app/skills.h"
#include "core/core.h"
#include "core/route.h"
#include "data/profile.h"
#include "data/sniff.h"

/* ---- schemas ---- */

static const char *const statuses[] = {"uploaded", "processing", "completed", "failed", NULL};

static const struct field candidate_fields[] = {
	FIELD(struct candidate, id, 0, .doc = "Number of the candidate", .example = "1"),
	FIELD(struct candidate, filename, 0, .doc = "Name of the uploaded file",
		  .example = "\"ada.pdf\""),
	FIELD(struct candidate, file_path, 0, .doc = "Where it lies below DATA_DIR",
		  .example = "\"uploads/3f9a_ada.pdf\""),
	FIELD(struct candidate, file_size, 0, .doc = "Bytes", .example = "245678"),
	FIELD(struct candidate, status, 0, .choices = statuses, .doc = "How far reading has come",
		  .example = "\"completed\""),
	FIELD(struct candidate, name, F_NULL, .doc = "Name, as the document has it",
		  .example = "\"Ada Lovelace\""),
	FIELD(struct candidate, email, F_NULL, .doc = "E-mail address",
		  .example = "\"ada@example.com\""),
	FIELD(struct candidate, phone, F_NULL, .doc = "Telephone number, as the document has it",
		  .example = "\"+44 20 7946 0000\""),
	FIELD(struct candidate, skills, F_NULL | F_STRINGS, .doc = "Skills, as the document names them",
		  .example = "[\"Python\", \"Docker\"]"),
	FIELD(struct candidate, domain_knowledge, F_NULL, .doc = "What the person does, in a sentence",
		  .example = "\"Backend development with a focus on payment systems\""),
	FIELD(struct candidate, uploaded_by, 0, .doc = "User who uploaded the file", .example = "2"),
	FIELD(struct candidate, error_message, F_NULL, .doc = "Why the file could not be read",
		  .example = "\"The PDF is protected by a password\""),
	FIELD(struct candidate, created_at, 0, .doc = "When it was uploaded",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct candidate, updated_at, 0, .doc = "When it last changed",
		  .example = "\"2025-11-28T10:00:01Z\""),
	FIELD(struct candidate, processed_at, F_NULL, .doc = "When reading ended",
		  .example = "\"2025-11-28T10:00:01Z\""),
	FIELD(struct candidate, highlights, 0, .of = &highlight_schema,
		  .doc = "Where the words of the search were found",
		  .example = "[{\"field\": \"skills\", \"text\": \"<mark>Python</mark>, Docker\"}]"),
};
enum { FIELDS_FOUND = sizeof candidate_fields / sizeof candidate_fields[0] };
const struct schema candidate_schema = {.name = "Candidate",
										.size = sizeof(struct candidate),
										.fields = candidate_fields,
										.n = FIELDS_FOUND - 1};
const struct schema candidate_found_schema = {.name = "CandidateFound",
											  .size = sizeof(struct candidate),
											  .fields = candidate_fields,
											  .n = FIELDS_FOUND};

struct upload_in {
	struct upload file;
};
static const struct field upload_in_fields[] = {
	FIELD(struct upload_in, file, F_REQUIRED, .doc = "The résumé: PDF, DOC or DOCX",
		  .example = "null"),
};
static const struct schema upload_in_schema =
	SCHEMA("CandidateUpload", struct upload_in, upload_in_fields);

struct upload_out {
	const char *message, *filename, *status;
	int64_t id;
	bool duplicate;
};
static const struct field upload_out_fields[] = {
	FIELD(struct upload_out, message, 0, .doc = "What happened", .example = "\"…\""),
	FIELD(struct upload_out, filename, 0, .doc = "Name of the file", .example = "\"ada.pdf\""),
	FIELD(struct upload_out, status, 0, .choices = statuses, .doc = "How far reading has come",
		  .example = "\"processing\""),
	FIELD(struct upload_out, id, 0, .doc = "The candidate's number", .example = "1"),
	FIELD(struct upload_out, duplicate, 0, .doc = "True if the team had these very bytes already",
		  .example = "false"),
};
static const struct schema upload_out_schema =
	SCHEMA("CandidateUploaded", struct upload_out, upload_out_fields);

struct list_in {
	int64_t skip, limit;
	const char *status_filter, *skills, *skills_match;
};
static const char *const matches[] = {"all", "any", NULL};
static const struct field list_fields[] = {
	QUERY_PAGE(struct list_in),
	FIELD(struct list_in, status_filter, F_QUERY, .choices = statuses, .doc = "Only this status",
		  .example = "\"completed\""),
	FIELD(struct list_in, skills, F_QUERY, .max = 1000,
		  .doc = "Skills, separated by commas; whole names or aliases",
		  .example = "\"Python,Docker\""),
	FIELD(struct list_in, skills_match, F_QUERY, .choices = matches, .preset = "all",
		  .doc = "Whether all of the skills are wanted, or any", .example = "\"all\""),
};
static const struct schema list_schema = SCHEMA("CandidateList", struct list_in, list_fields);

struct skill_in {
	int64_t skip, limit;
	const char *skill;
};
static const struct field skill_fields[] = {
	FIELD(struct skill_in, skill, F_QUERY | F_REQUIRED, .min = 1, .max = 200,
		  .doc = "A skill, or a part of its name", .example = "\"Python\""),
	QUERY_PAGE(struct skill_in),
};
static const struct schema skill_schema = SCHEMA("CandidateBySkill", struct skill_in, skill_fields);

struct search_in {
	int64_t skip, limit;
	const char *q, *status_filter, *skills, *skills_match;
};
static const struct field search_fields[] = {
	FIELD(struct search_in, q, F_QUERY | F_REQUIRED, .min = 1, .max = 500,
		  .doc = "Words, all wanted; \"words in a row\", beginn*, -unwanted",
		  .example = "\"python -java\""),
	FIELD(struct search_in, status_filter, F_QUERY, .choices = statuses, .doc = "Only this status",
		  .example = "\"completed\""),
	FIELD(struct search_in, skills, F_QUERY, .max = 1000,
		  .doc = "Skills, separated by commas; whole names or aliases",
		  .example = "\"Python,Docker\""),
	FIELD(struct search_in, skills_match, F_QUERY, .choices = matches, .preset = "all",
		  .doc = "Whether all of the skills are wanted, or any", .example = "\"all\""),
	QUERY_PAGE(struct search_in),
};
static const struct schema search_schema =
	SCHEMA("CandidateSearch", struct search_in, search_fields);

struct email_in {
	const char *email;
};
static const struct field email_fields[] = {
	FIELD(struct email_in, email, F_QUERY | F_REQUIRED, .min = 1, .max = 254,
		  .doc = "E-mail address, whole", .example = "\"ada@example.com\""),
};
static const struct schema email_schema = SCHEMA("CandidateByEmail", struct email_in, email_fields);

struct id_in {
	int64_t candidate_id;
};
static const struct field id_fields[] = {
	FIELD(struct id_in, candidate_id, F_PATH, .min = 1, .doc = "Candidate ID", .example = "1"),
};
static const struct schema id_schema = SCHEMA("CandidateId", struct id_in, id_fields);

/* ---- rules ---- */

static int check_file(struct ctx *c, const struct upload *u)
{
	unsigned char head[SNIFF_HEAD];
	int64_t n;

	if (!text_iends(u->filename, ".pdf") && !text_iends(u->filename, ".doc") &&
		!text_iends(u->filename, ".docx"))
		return fail(c, E_RULE, "Only PDF, DOC and DOCX files can be uploaded");
	if (u->size == 0)
		return fail(c, E_RULE, "The file is empty");
	n = files_head(u->path, head, sizeof head);
	if (n < 0)
		return fail(c, E_INTERNAL, "cannot read the spooled file %s", u->path);
	if (sniff(head, (size_t)n) == KIND_UNKNOWN)
		return fail(c, E_RULE, "The file's content is not that of a PDF, DOC or DOCX document");
	return OK;
}

static int insert(struct ctx *c, const struct upload *u, int64_t *id)
{
	const char *path;

	TRY(files_place(c->files, c->arena, c->error, u, "uploads", &path));
	TRY(removals_undo(c, path));
	return candidate_insert(c, u, path, id);
}

int candidates_add(struct ctx *c, const struct upload *u, int64_t *id, bool *duplicate,
				   const char **status)
{
	struct candidate_known known;
	int rc;

	TRY(check_file(c, u));
	rc = candidate_known(c, u->sha256, &known);
	if (rc == OK) {
		*id = known.id;
		*duplicate = true;
		*status = text_eq(known.status, "uploaded") ? "processing" : known.status;
		return OK;
	}
	if (rc != E_NOT_FOUND)
		return rc;
	TRY(insert(c, u, id));
	TRY(parsing_queue(c, *id));
	*duplicate = false;
	*status = "processing";
	return OK;
}

/* ---- handlers ---- */

static int upload(struct ctx *c)
{
	const struct upload_in *in = c->in;
	struct upload_out *out = c->out;

	TRY(candidates_add(c, &in->file, &out->id, &out->duplicate, &out->status));
	out->message = "Candidate resume uploaded successfully and is being processed";
	out->filename = in->file.filename;
	c->audit_target = arena_printf(c->arena, "candidate_id %lld", (long long)out->id);
	return ctx_header(c, "Location",
					  arena_printf(c->arena, "/api/v1/candidates/%lld", (long long)out->id));
}

static int begin_query(struct ctx *c, struct query *q)
{
	query_init(q, c->arena);
	return candidates_version(c, &q->version);
}

static void add_team(struct ctx *c, struct query *q)
{
	int64_t team = candidate_team(c);

	if (team != 0)
		query_and(q, "candidates.team_id = ?", P(team));
}

/* Those who have what is wanted, in the team that the actor sees. */
static int list_by_skills(struct ctx *c, const struct skills_wanted *wanted, const char *status,
						  int64_t skip, int64_t limit)
{
	struct query filters;
	int64_t *ids;
	size_t n;

	TRY(begin_query(c, &filters));
	if (status != NULL)
		candidates_with_status(c, &filters, "has.candidate_id", status, "");
	TRY(skills_page(c, wanted, candidate_team(c), &filters, skip, limit, &ids, &n));
	return n == 0 ? OK : candidates_newest(c, ids, n, c->out);
}

static int list(struct ctx *c)
{
	const struct list_in *in = c->in;
	struct skills_wanted wanted = {0};
	struct query q;

	if (!text_is_blank(in->skills))
		TRY(skills_wanted(c, in->skills, text_eq(in->skills_match, "any"), &wanted));
	/* Of the other statuses few have skills: they are walked, and their skills asked. */
	if (wanted.words > 0 && (in->status_filter == NULL || text_eq(in->status_filter, "completed")))
		return list_by_skills(c, &wanted, in->status_filter, in->skip, in->limit);
	TRY(begin_query(c, &q));
	add_team(c, &q);
	if (in->status_filter != NULL)
		query_and(&q, "candidates.status = ?", P(in->status_filter));
	if (wanted.words > 0)
		skills_having(c, &q, &wanted, "candidates.id", "");
	return query_page(c, &q, &candidate_schema, "candidates.*", "candidates", "candidates.id DESC",
					  in->skip, in->limit);
}

struct filters {
	const struct skills_wanted *skills;
	const char *status;
};

/* See struct search. */
static int few_candidates(struct ctx *c, const void *of, int64_t max, const int64_t **ids,
						  size_t *n)
{
	const struct filters *f = of;

	*n = (size_t)max + 1;
	if (f->skills->words > 0)
		TRY(skills_few(c, f->skills, candidate_team(c), max, ids, n));
	if ((int64_t)*n <= max || f->status == NULL || text_eq(f->status, "completed"))
		return OK;
	return candidates_of_status(c, candidate_team(c), f->status, max + 1, ids, n);
}

static int search(struct ctx *c)
{
	const struct search_in *in = c->in;
	struct skills_wanted wanted = {0};
	struct filters filters = {&wanted, in->status_filter};
	struct search words;
	struct query q;

	TRY(search_prepare(c, in->q, candidate_team(c), &words));
	if (words.terms.n == 0)
		return OK; /* no word, no candidate */
	TRY(begin_query(c, &q));
	if (!text_is_blank(in->skills))
		TRY(skills_wanted(c, in->skills, text_eq(in->skills_match, "any"), &wanted));
	if (wanted.words > 0)
		skills_having(c, &q, &wanted, "hits.id", QUERY_EACH);
	if (in->status_filter != NULL)
		candidates_with_status(c, &q, "hits.id", in->status_filter, QUERY_EACH);
	if (q.where.n > 0) {
		words.few = few_candidates;
		words.few_of = &filters;
	}
	return candidate_search(c, &q, &words, in->skip, in->limit);
}

static int by_skill(struct ctx *c)
{
	const struct skill_in *in = c->in;
	struct skills_wanted wanted;
	const char *sql;
	struct query q;
	bool few;

	if (text_is_blank(in->skill))
		return ctx_fault(c, "query", "skill", "String should not be blank", "value_error");
	TRY(skills_with_part(c, in->skill, &wanted, &few));
	if (few)
		return list_by_skills(c, &wanted, "completed", in->skip, in->limit);
	TRY(begin_query(c, &q));
	add_team(c, &q);
	candidates_with_status(c, &q, "candidates.id", "completed", "");
	TRY(skills_condition(c, &q, in->skill, &sql));
	query_and_plain(&q, sql);
	return query_page(c, &q, &candidate_schema, "candidates.*", "candidates", "candidates.id DESC",
					  in->skip, in->limit);
}

static int by_email(struct ctx *c)
{
	const struct email_in *in = c->in;

	return candidate_by_email(c, in->email, c->out);
}

static int get(struct ctx *c)
{
	const struct id_in *in = c->in;

	return candidate_find(c, in->candidate_id, c->out);
}

static int delete (struct ctx *c)
{
	const struct id_in *in = c->in;
	struct candidate k;

	TRY(candidate_find(c, in->candidate_id, &k));
	return candidate_delete(c, &k);
}

/* ---- tables ---- */

static const short not_found[] = {404, 0}, bad[] = {400, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/candidates/upload", upload, &upload_in_schema, &upload_out_schema,
	 .role = ROLE_RECRUITER, .body = BODY_FILE, .status = 202, .audit = "candidate.upload",
	 .tag = "candidates", .doc = "Upload a résumé", .errors = bad},
	{"GET", "/api/v1/candidates/", list, &list_schema, &candidate_schema, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_LIST, .tag = "candidates",
	 .doc = "List candidates, newest first"},
	{"GET", "/api/v1/candidates/search", search, &search_schema, &candidate_found_schema,
	 .role = ROLE_VIEWER, .status = 200, .flags = ROUTE_LIST, .tag = "candidates",
	 .doc = "Full text search over everything read, the best first\nWords are all wanted, whatever "
			"their case and "
			"accents; \"in quotes\" they stand in a row; beginn* is the beginning of a word; -word "
			"must not occur."},
	{"GET", "/api/v1/candidates/search/by-skill", by_skill, &skill_schema, &candidate_schema,
	 .role = ROLE_VIEWER, .status = 200, .flags = ROUTE_LIST, .tag = "candidates",
	 .doc = "Candidates with a skill, by a part of its name"},
	{"GET", "/api/v1/candidates/search/by-email", by_email, &email_schema, &candidate_schema,
	 .role = ROLE_VIEWER, .status = 200, .tag = "candidates",
	 .doc = "The newest candidate with this e-mail address", .errors = not_found},
	{"GET", "/api/v1/candidates/{candidate_id}", get, &id_schema, &candidate_schema,
	 .role = ROLE_VIEWER, .status = 200, .flags = ROUTE_BOUNDED, .tag = "candidates",
	 .doc = "One candidate", .errors = not_found},
	{"DELETE", "/api/v1/candidates/{candidate_id}", delete, &id_schema, NULL,
	 .role = ROLE_RECRUITER, .status = 204, .flags = ROUTE_IF_MATCH, .audit = "candidate.delete",
	 .tag = "candidates", .doc = "Delete a candidate and the file", .errors = not_found},
};

const struct feature candidates_feature = {.name = "candidates",
										   .routes = routes,
										   .nroutes = sizeof routes / sizeof routes[0],
										   .files = candidate_files,
										   .has_file = candidates_has_file,
										   .export_user = candidate_export,
										   .forget_user = candidates_delete_of};

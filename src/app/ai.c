/*
 * ai: a language model writes for an applicant: bullets for a résumé, a cover letter, an e-mail.
 * Whatever it writes is looked through for what neither the résumé nor the request contains
 * (claims.h); if there is any it writes once more, and what remains is told in `unsupported`. With
 * `stream` the reply is server-sent events: `delta` {field, index, text} as the text comes,
 * `restart` when it begins anew, `done` with the whole reply, `error` {status, detail}.
 */
#include "app/ai.h"

#include <string.h>

#include "app/answer_stream.h"
#include "app/claims.h"
#include "app/model.h"
#include "app/resumes.h"
#include "app/users.h"
#include "core/dispatch.h"
#include "io/fetch.h"

enum {
	TEXT_MAX = 20000,
	RESUME_MAX = 50000,
	DATA_MAX = 512 * 1024,
	EVENT_MAX = 1024 * 1024,
	SOURCES_MAX = 40,
	BULLETS_MAX = 20,
	CLAIMS_ARENA = 32 * 1024 * 1024,
	READING_TRIES = 50,
	READING_WAIT_MS = 200
};

/* ---- schemas ---- */

struct writing_in {
	const char *job_title, *experience, *company, *job_description, *recipient_name, *purpose;
	struct strings skills;
	int64_t count;
	struct opt_int resume_id;
	const char *resume_text, *draft, *tone;
	bool stream;
};

#define TITLE                                                             \
	FIELD(struct writing_in, job_title, F_REQUIRED, .min = 1, .max = 200, \
		  .doc = "The vacancy's title", .example = "\"C developer\"")
#define COMPANY(flags)                                                                   \
	FIELD(struct writing_in, company, flags, .min = 1, .max = 200, .doc = "The company", \
		  .example = "\"Contoso\"")
#define RESUME_ID                                                                             \
	FIELD(struct writing_in, resume_id, F_NULL, .min = 1, .doc = "One of the user's résumés", \
		  .example = "987654321")
#define TONE_AND_STREAM                                                                       \
	FIELD(struct writing_in, tone, F_NULL, .min = 1, .max = 100, .doc = "How it shall sound", \
		  .example = "\"friendly\""),                                                         \
		FIELD(struct writing_in, stream, 0, .preset = "false",                                \
			  .doc = "Answer as server-sent events: delta, restart, done, error",             \
			  .example = "false")

static const struct field bullets_fields[] = {
	TITLE,
	FIELD(struct writing_in, experience, F_REQUIRED, .min = 1, .max = TEXT_MAX,
		  .doc = "What was done, in plain words", .example = "\"kept the billing running\""),
	COMPANY(F_NULL),
	FIELD(struct writing_in, skills, F_NULL, .max = 100, .doc = "Skills that were used",
		  .example = "[\"C\", \"SQL\"]"),
	FIELD(struct writing_in, count, 0, .min = 1, .max = BULLETS_MAX, .preset = "5",
		  .doc = "How many bullets", .example = "3"),
	TONE_AND_STREAM,
};
static const struct schema bullets_schema =
	SCHEMA("ResumeBulletRequest", struct writing_in, bullets_fields);

static const struct field letter_fields[] = {
	TITLE,
	COMPANY(F_REQUIRED),
	FIELD(struct writing_in, job_description, F_REQUIRED, .min = 1, .max = TEXT_MAX,
		  .doc = "The vacancy's text", .example = "\"We look for somebody who …\""),
	RESUME_ID,
	FIELD(struct writing_in, resume_text, F_NULL, .max = RESUME_MAX,
		  .doc = "A résumé as text, instead; without either the default one is taken",
		  .example = "\"Ada Lovelace, …\""),
	TONE_AND_STREAM,
};
static const struct schema letter_schema =
	SCHEMA("CoverLetterRequest", struct writing_in, letter_fields);

static const struct field email_fields[] = {
	FIELD(struct writing_in, recipient_name, F_REQUIRED, .min = 1, .max = 200,
		  .doc = "Whom it goes to", .example = "\"Grace Hopper\""),
	COMPANY(F_REQUIRED),
	FIELD(struct writing_in, purpose, F_REQUIRED, .min = 1, .max = 2000, .doc = "What it is for",
		  .example = "\"ask about the state of my application\""),
	FIELD(struct writing_in, draft, F_NULL, .max = TEXT_MAX, .doc = "A text to start from",
		  .example = "\"Dear Ms Hopper, …\""),
	RESUME_ID,
	TONE_AND_STREAM,
};
static const struct schema email_schema =
	SCHEMA("EmailPersonalizeRequest", struct writing_in, email_fields);

/* What a model answers, and what the reply shows of it. */
struct written {
	struct strings bullets;
	const char *cover_letter, *subject, *body;
	const char *model;
	struct model_usage usage;
	struct strings unsupported;
};

#define BULLETS                                                                              \
	FIELD(struct written, bullets, F_REQUIRED, .min = 1, .max = 100, .doc = "Bullet points", \
		  .example = "[\"Kept the billing of 40,000 customers running\"]")
#define LETTER                                                                   \
	FIELD(struct written, cover_letter, F_REQUIRED, .min = 1, .max = RESUME_MAX, \
		  .doc = "The letter", .example = "\"Dear Hiring Manager, …\"")
#define SUBJECT_AND_BODY                                                                    \
	FIELD(struct written, subject, F_REQUIRED, .min = 1, .max = 1000, .doc = "Subject",     \
		  .example = "\"My application\""),                                                 \
		FIELD(struct written, body, F_REQUIRED, .min = 1, .max = RESUME_MAX, .doc = "Text", \
			  .example = "\"Dear Ms Hopper, …\"")
#define ABOUT_IT                                                                          \
	FIELD(struct written, model, 0, .doc = "The model that wrote it",                     \
		  .example = "\"gpt-4o-mini\""),                                                  \
		FIELD_OBJECT(struct written, usage, 0, &model_usage_schema, .doc = "Tokens used", \
					 .example = "{\"prompt_tokens\":1,\"completion_tokens\":1,"           \
								"\"total_tokens\":2}"),                                   \
		FIELD(struct written, unsupported, 0,                                             \
			  .doc = "Names, titles, skills, numbers and dates in it that "               \
					 "neither résumé nor request contains",                               \
			  .example = "[]")

static const struct field bullets_answer_fields[] = {BULLETS};
static const struct field letter_answer_fields[] = {LETTER};
static const struct field email_answer_fields[] = {SUBJECT_AND_BODY};
static const struct schema bullets_answer =
	SCHEMA("BulletsAnswer", struct written, bullets_answer_fields);
static const struct schema letter_answer =
	SCHEMA("LetterAnswer", struct written, letter_answer_fields);
static const struct schema email_answer =
	SCHEMA("EmailAnswer", struct written, email_answer_fields);

static const struct field bullets_out_fields[] = {BULLETS, ABOUT_IT};
static const struct field letter_out_fields[] = {LETTER, ABOUT_IT};
static const struct field email_out_fields[] = {SUBJECT_AND_BODY, ABOUT_IT};
static const struct schema bullets_out =
	SCHEMA("ResumeBulletResponse", struct written, bullets_out_fields);
static const struct schema letter_out =
	SCHEMA("CoverLetterResponse", struct written, letter_out_fields);
static const struct schema email_out =
	SCHEMA("EmailPersonalizeResponse", struct written, email_out_fields);

/* ---- the instructions ---- */

#define ONLY_FACTS                                                                                \
	" Use only facts that the data contains: invent no employer, job title, skill, number, date " \
	"or name, and leave out what is not there instead of writing placeholders. Write in the "     \
	"language of the data, in the tone it asks for (professional if it asks for none)."

static const char bullets_task[] =
	"You write bullet points for a resume from the data: as many as `count` says, each one "
	"sentence of at most 30 words that begins with a strong verb and tells a result." ONLY_FACTS;
static const char letter_task[] =
	"You write a cover letter of 200 to 350 words for the vacancy in the data, which shows from "
	"the "
	"resume why this person fits. No addresses, no date above it; it ends with the person's "
	"name." ONLY_FACTS;
static const char email_task[] =
	"You write a short e-mail (under 200 words) to the recipient in the data for the purpose it "
	"names, starting from the draft if there is one; subject and body. It ends with the person's "
	"name." ONLY_FACTS;

static const char bullets_form[] =
	"{\"type\":\"object\",\"properties\":{\"bullets\":{\"type\":\"array\",\"items\":{\"type\":"
	"\"string\"}}},\"required\":[\"bullets\"],\"additionalProperties\":false}";
static const char letter_form[] =
	"{\"type\":\"object\",\"properties\":{\"cover_letter\":{\"type\":\"string\"}},\"required\":["
	"\"cover_letter\"],\"additionalProperties\":false}";
static const char email_form[] =
	"{\"type\":\"object\",\"properties\":{\"subject\":{\"type\":\"string\"},\"body\":{\"type\":"
	"\"string\"}},\"required\":[\"subject\",\"body\"],\"additionalProperties\":false}";

/* ---- what the model is given ---- */

struct writing {
	struct ctx *c;
	const struct writing_in *in;
	const struct schema *answer;
	struct model_request request;
	struct buf data;
	const char *sources[SOURCES_MAX];
	size_t nsources;
	struct answer_stream stream;
};

/* Adds a text to the data, and to what may be claimed. */
static void add_text(struct writing *w, const char *name, const char *value)
{
	if (text_is_blank(value))
		return;
	buf_addf(&w->data, "%s\"%s\":", w->data.n > 1 ? "," : "", name);
	json_print_string(&w->data, value);
	if (w->nsources < SOURCES_MAX)
		w->sources[w->nsources++] = value;
}

static void add_skills(struct writing *w, const struct strings *skills)
{
	struct buf joined;

	buf_init(&joined, w->c->arena, DATA_MAX);
	for (size_t i = 0; i < skills->n; i++)
		buf_addf(&joined, "%s%s", i > 0 ? ", " : "", skills->items[i]);
	add_text(w, "skills", buf_str(&joined));
}

/* The résumé's text. One that was just uploaded is read within moments: those are waited for. */
static int read_resume(struct writing *w, int64_t id, const char **out)
{
	struct profile p = {0};
	int rc = E_CONFLICT;

	for (int i = 0; rc == E_CONFLICT && i < READING_TRIES; i++) {
		rc = resumes_profile(w->c, id, &p);
		if (rc == E_CONFLICT && fetch_pause(READING_WAIT_MS) != OK)
			break;
	}
	TRY(rc);
	*out = p.text;
	return OK;
}

/* The named résumé; else the given text; else, for a letter, the default one if it can be read. */
static int add_resume(struct writing *w, bool by_default)
{
	const char *text = w->in->resume_text;
	struct resume r;

	if (w->in->resume_id.set && !w->in->resume_id.null)
		TRY(read_resume(w, w->in->resume_id.v, &text));
	else if (text_is_blank(text) && by_default && resumes_default(w->c, &r) == OK &&
			 read_resume(w, r.id, &text) != OK)
		text = NULL;
	add_text(w, "resume", text);
	return OK;
}

static int add_person(struct writing *w)
{
	struct user u;

	TRY(users_get(w->c, w->c->actor->user_id, &u));
	add_text(w, "applicant_name", u.full_name);
	return OK;
}

static int begin(struct ctx *c, struct writing *w)
{
	*w = (struct writing){.c = c, .in = c->in};
	TRY(model_ready(c));
	buf_init(&w->data, c->arena, DATA_MAX);
	buf_addc(&w->data, '{');
	add_text(w, "job_title", w->in->job_title);
	add_text(w, "company", w->in->company);
	add_text(w, "recipient_name", w->in->recipient_name);
	add_text(w, "purpose", w->in->purpose);
	add_text(w, "experience", w->in->experience);
	add_text(w, "job_description", w->in->job_description);
	add_text(w, "draft", w->in->draft);
	add_text(w, "tone", w->in->tone);
	return OK;
}

/* ---- the reply as events ---- */

static int send_event(struct ctx *c, const char *name, const struct buf *data)
{
	struct buf b;
	int rc;

	if (c->stream == NULL)
		TRY(ctx_stream(c, "text/event-stream"));
	buf_init(&b, NULL, EVENT_MAX);
	buf_addf(&b, "event: %s\ndata: %s\n\n", name, buf_str(data));
	rc = ctx_write(c, buf_str(&b), b.n);
	buf_done(&b);
	return rc;
}

static int send_delta(void *arg, const char *key, int index, const char *p, size_t n)
{
	struct writing *w = arg;
	char text[512];
	struct buf b;
	int rc = OK;

	buf_init(&b, NULL, EVENT_MAX);
	while (n > 0 && rc == OK) {
		size_t part = n < sizeof text - 1 ? n : sizeof text - 1;

		while (part < n && part > 1 && ((unsigned char)p[part] & 0xC0) == 0x80)
			part--;
		memcpy(text, p, part);
		text[part] = '\0';
		buf_clear(&b);
		buf_addf(&b, "{\"field\":\"%s\",\"index\":%d,\"text\":", key, index);
		json_print_string(&b, text);
		buf_addc(&b, '}');
		rc = send_event(w->c, "delta", &b);
		p += part;
		n -= part;
	}
	buf_done(&b);
	return rc;
}

static int send_restart(struct writing *w)
{
	struct buf b;

	answer_begin(&w->stream, send_delta, w);
	buf_init(&b, w->c->arena, 8);
	buf_adds(&b, "{}");
	return send_event(w->c, "restart", &b);
}

static int on_piece(void *arg, const char *p, size_t n)
{
	struct writing *w = arg;

	return p == NULL ? send_restart(w) : answer_feed(&w->stream, p, n);
}

/* The end of a stream: the whole reply, or what went wrong. The stream itself ends well. */
static int send_end(struct writing *w, int rc)
{
	struct ctx *c = w->c;
	struct buf b;

	if (rc == E_GONE)
		return rc;
	buf_init(&b, c->arena, EVENT_MAX);
	if (rc == OK) {
		TRY(schema_print(c->route->out, c->out, &b));
		return send_event(c, "done", &b);
	}
	buf_addf(&b, "{\"status\":%d,\"detail\":", dispatch_status((enum err)rc));
	json_print_string(&b, rc == E_INTERNAL ? "Internal server error" : c->error->text);
	buf_addc(&b, '}');
	return send_event(c, "error", &b);
}

/* ---- writing, and looking it through ---- */

static const char *all_text(struct writing *w, const struct written *x)
{
	struct buf b;

	buf_init(&b, w->c->arena, DATA_MAX);
	for (size_t i = 0; i < x->bullets.n; i++)
		buf_addf(&b, "- %s\n", x->bullets.items[i]);
	if (x->cover_letter != NULL)
		buf_adds(&b, x->cover_letter);
	if (x->subject != NULL)
		buf_addf(&b, "%s\n\n%s", x->subject, x->body);
	return buf_str(&b);
}

static void look_through(struct writing *w, struct written *x)
{
	struct arena *a = arena_new(CLAIMS_ARENA);
	struct strings found;

	claims_unsupported(a, all_text(w, x), w->sources, w->nsources, &found);
	x->unsupported = (struct strings){ARENA_ARRAY(w->c->arena, CLAIMS_MAX, const char *), found.n};
	for (size_t i = 0; i < found.n; i++)
		x->unsupported.items[i] = arena_strdup(w->c->arena, found.items[i]);
	arena_free(a);
}

/* ---- answers in plain words, of models that know no JSON ---- */

/* A line without the sign of a bullet or a number at its beginning; NULL if it has none. */
static const char *bullet_of(const char *line)
{
	size_t digits = strspn(line, "0123456789");

	if (digits > 0 && (line[digits] == '.' || line[digits] == ')'))
		return line + digits + 1;
	if (*line == '-' || *line == '*')
		return line + 1;
	return text_starts(line, "•") ? line + strlen("•") : NULL;
}

static void read_bullets(struct arena *a, char *text, struct strings *out)
{
	*out = (struct strings){ARENA_ARRAY(a, BULLETS_MAX, const char *), 0};
	while (text != NULL && out->n < BULLETS_MAX) {
		const char *bullet = bullet_of(text_trim(strsep(&text, "\n")));

		if (!text_is_blank(bullet))
			out->items[out->n++] = text_trim(arena_strdup(a, bullet));
	}
}

/* "Subject: …" on the first line, then the text. */
static void read_email(char *text, struct written *out)
{
	static const char mark[] = "Subject:";
	char *first = strsep(&text, "\n");

	if (!text_starts(first, mark) || text == NULL)
		return;
	out->subject = text_trim(first + strlen(mark));
	out->body = text_trim(text);
}

/* E_UPSTREAM (no sentence) if the words are not what was asked for. */
static int read_words(struct writing *w, const char *text, struct written *out)
{
	char *copy = text_trim(arena_strdup(w->c->arena, text));

	*out = (struct written){0};
	if (w->answer == &letter_answer)
		out->cover_letter = copy;
	else if (w->answer == &email_answer)
		read_email(copy, out);
	else
		read_bullets(w->c->arena, copy, &out->bullets);
	return out->cover_letter != NULL || !text_is_blank(out->body) || out->bullets.n > 0
			   ? OK
			   : E_UPSTREAM;
}

static int read_answer(struct writing *w, const struct model_reply *reply, struct written *out)
{
	struct faults *faults = ARENA_NEW(w->c->arena, struct faults);

	if (reply->value == NULL)
		return read_words(w, reply->text, out);
	return schema_bind_json(w->answer, reply->value, w->c->arena, out, faults);
}

static int write_once(struct writing *w, struct written *out, const char **text)
{
	struct model_reply reply;
	struct written x;

	answer_begin(&w->stream, send_delta, w);
	TRY(model_ask(w->c, &w->request, &reply));
	if (read_answer(w, &reply, &x) != OK)
		return fail(w->c, E_UPSTREAM,
					"The language model's answer lacks what was asked for; try again, or set "
					"OPENAI_MODEL to another one");
	if (x.bullets.n > (size_t)w->in->count && w->in->count > 0)
		x.bullets.n = (size_t)w->in->count;
	look_through(w, &x);
	x.model = reply.model;
	x.usage = reply.usage;
	*out = x;
	*text = reply.text;
	return OK;
}

static const char *what_to_mend(struct writing *w, const struct strings *claims)
{
	struct buf b;

	buf_init(&b, w->c->arena, DATA_MAX);
	buf_adds(&b, "Your answer claims what the data does not contain: ");
	for (size_t i = 0; i < claims->n; i++) {
		buf_adds(&b, i > 0 ? ", " : "");
		json_print_string(&b, claims->items[i]);
	}
	buf_adds(&b, ". Write the whole answer again without these claims, in the same form.");
	return buf_str(&b);
}

/* Once more without what was not supported. If that fails, or is no better, the first one stays. */
static int mend(struct writing *w, struct written *x)
{
	struct written second;
	const char *text;
	int rc;

	w->request.again = what_to_mend(w, &x->unsupported);
	if (w->in->stream)
		TRY(send_restart(w));
	rc = write_once(w, &second, &text);
	if (rc == E_GONE)
		return rc;
	if (rc != OK)
		return OK;
	second.usage.prompt_tokens += x->usage.prompt_tokens;
	second.usage.completion_tokens += x->usage.completion_tokens;
	second.usage.total_tokens += x->usage.total_tokens;
	if (second.unsupported.n < x->unsupported.n)
		*x = second;
	x->usage = second.usage;
	return OK;
}

static int write_checked(struct writing *w)
{
	struct written *out = w->c->out, x;

	TRY(write_once(w, &x, &w->request.before));
	if (x.unsupported.n > 0)
		TRY(mend(w, &x));
	*out = x;
	return OK;
}

static int finish(struct writing *w, const char *task, const char *name, const char *form,
				  const struct schema *answer)
{
	int rc;

	buf_addc(&w->data, '}');
	if (!buf_ok(&w->data))
		return fail(w->c, E_RULE, "The texts are too long together");
	w->answer = answer;
	w->request = (struct model_request){
		.task = task, .data = buf_str(&w->data), .name = name, .schema = form, .words = true};
	if (!w->in->stream)
		return write_checked(w);
	w->request.piece = on_piece;
	w->request.arg = w;
	rc = write_checked(w);
	return rc != OK && w->c->stream == NULL ? rc : send_end(w, rc);
}

/* ---- handlers ---- */

static int bullets(struct ctx *c)
{
	struct writing *w = ARENA_NEW(c->arena, struct writing);
	const struct writing_in *in = c->in;

	TRY(begin(c, w));
	add_skills(w, &in->skills);
	add_text(w, "count", arena_printf(c->arena, "%lld", (long long)in->count));
	w->nsources--; /* how many there shall be is no fact about the person */
	return finish(w, bullets_task, "bullets", bullets_form, &bullets_answer);
}

static int cover_letter(struct ctx *c)
{
	struct writing *w = ARENA_NEW(c->arena, struct writing);

	TRY(begin(c, w));
	TRY(add_resume(w, true));
	TRY(add_person(w));
	return finish(w, letter_task, "cover_letter", letter_form, &letter_answer);
}

static int personalize(struct ctx *c)
{
	struct writing *w = ARENA_NEW(c->arena, struct writing);

	TRY(begin(c, w));
	TRY(add_resume(w, false));
	TRY(add_person(w));
	return finish(w, email_task, "email", email_form, &email_answer);
}

/* ---- tables ---- */

static const short upstream[] = {400, 502, 503, 504, 0},
				   resume_errors[] = {400, 404, 409, 502, 503, 504, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/ai/resume/bullets", bullets, &bullets_schema, &bullets_out,
	 .role = ROLE_VIEWER, .body = BODY_JSON, .status = 200, .flags = ROUTE_SLOW,
	 .flag = "FEATURE_AI_RESUME", .tag = "ai",
	 .doc = "Write bullet points for a résumé\nWhat they claim and the request does not contain is "
			"listed in unsupported.",
	 .errors = upstream},
	{"POST", "/api/v1/ai/cover-letter", cover_letter, &letter_schema, &letter_out,
	 .role = ROLE_VIEWER, .body = BODY_JSON, .status = 200, .flags = ROUTE_SLOW,
	 .flag = "FEATURE_AI_COVER_LETTER", .tag = "ai",
	 .doc =
		 "Write a cover letter\nWhat it claims and neither résumé nor request contains is listed "
		 "in unsupported.",
	 .errors = resume_errors},
	{"POST", "/api/v1/ai/email/personalize", personalize, &email_schema, &email_out,
	 .role = ROLE_VIEWER, .body = BODY_JSON, .status = 200, .flags = ROUTE_SLOW, .tag = "ai",
	 .doc = "Write an e-mail for a purpose\nWhat it claims and neither résumé nor request contains "
			"is listed in unsupported.",
	 .errors = resume_errors},
};

const struct feature ai_feature = {
	.name = "ai", .routes = routes, .nroutes = sizeof routes / sizeof routes[0]};

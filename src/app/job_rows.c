/*
 * See job_rows.h. A list shows the beginning of each description only, since whole ones would make
 * megabytes of a page.
 */
#include "app/job_rows.h"

#include <math.h>
#include <string.h>

#include "app/export.h"
#include "app/job_merge.h"
#include "app/job_words.h"
#include "app/series.h"

enum { FORGET_MAX = 500, KEPT_DAYS = 180, STEPS_MAX = 200 };

#define DAY (INT64_C(86400) * CLOCK_SECOND)

/* ---- schemas ---- */

const char *const job_types[] = {"full_time",  "part_time", "contract", "temporary",
								 "internship", "volunteer", "other",    NULL};
const char *const job_states[] = {"open", "closed", NULL};
const char *const job_statuses[] = {"saved",     "applied", "interviewing", "offered", "rejected",
									"withdrawn", NULL};
const char *const salary_periods[] = {"hour", "day", "week", "month", "year", NULL};

static const struct field job_fields[] = {
	FIELD(struct job, id, 0, .doc = "Number of the job", .example = "1"),
	FIELD(struct job, title, 0, .doc = "Title", .example = "\"Backend Engineer\""),
	FIELD(struct job, company, F_NULL, .doc = "Who hires", .example = "\"Acme\""),
	FIELD(struct job, location, F_NULL, .doc = "Where, as the source says it",
		  .example = "\"Berlin, Germany\""),
	FIELD(struct job, remote, 0, .doc = "Whether it can be done from elsewhere", .example = "true"),
	FIELD(struct job, type, F_NULL, .choices = job_types, .doc = "Kind of employment",
		  .example = "\"full_time\""),
	FIELD(struct job, salary_min, F_NULL, .doc = "Least pay", .example = "60000.0"),
	FIELD(struct job, salary_max, F_NULL, .doc = "Most pay", .example = "80000.0"),
	FIELD(struct job, salary_currency, F_NULL, .doc = "Its currency, ISO 4217",
		  .example = "\"EUR\""),
	FIELD(struct job, salary_period, F_NULL, .choices = salary_periods, .doc = "What it is for",
		  .example = "\"year\""),
	FIELD(struct job, description, F_NULL,
		  .doc = "Description as text; in lists its first 2,000 characters",
		  .example = "\"We build …\""),
	FIELD(struct job, url, F_NULL, .doc = "Its page, without trackers",
		  .example = "\"https://acme.example/jobs/1\""),
	FIELD(struct job, source, 0, .doc = "Source that showed it first", .example = "\"remotive\""),
	FIELD(struct job, posted_at, F_NULL, .doc = "When it was posted",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct job, first_seen_at, 0, .doc = "When it was found",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct job, last_seen_at, 0, .doc = "When it was last seen",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct job, skills, F_NULL | F_STRINGS, .doc = "Skills it asks for",
		  .example = "[\"Python\", \"Docker\"]"),
	FIELD(struct job, state, 0, .choices = job_states, .doc = "Whether it is still to be had",
		  .example = "\"open\""),
	FIELD(struct job, closed_at, F_NULL, .doc = "Since when it is not", .example = "null"),
	FIELD(struct job, reposted_at, F_NULL, .doc = "When it was last posted again",
		  .example = "null"),
	FIELD(struct job, reposts, 0, .doc = "How often it was posted again", .example = "0"),
	FIELD(struct job, status, F_NULL, .choices = job_statuses, .doc = "How far you are with it",
		  .example = "\"saved\""),
	FIELD(struct job, notes, F_NULL, .doc = "Your notes", .example = "\"Ask Grace about them\""),
	FIELD(struct job, applied_at, F_NULL, .doc = "When you applied", .example = "null"),
	FIELD(struct job, updated_at, 0, .doc = "When it last changed",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct job, fit, F_OMIT,
		  .doc = "How well the résumé named in match fits, of 100; absent without one",
		  .example = "87"),
	FIELD(struct job, description_html, F_NULL, .doc = "Description as HTML without scripts",
		  .example = "\"<p>We build …</p>\""),
	FIELD(struct job, sources, 0, .of = &job_seen_schema, .doc = "Where it was seen",
		  .example = "[]"),
};
enum { JOB_FIELDS = sizeof job_fields / sizeof job_fields[0] };
const struct schema job_schema = SCHEMA("ScrapedJobDetails", struct job, job_fields);
const struct schema job_list_schema = {
	.name = "ScrapedJob", .size = sizeof(struct job), .fields = job_fields, .n = JOB_FIELDS - 2};

/* ---- queries ---- */

#define COLUMNS                                                                              \
	"jobs.id, jobs.title, jobs.company, jobs.location, jobs.remote, jobs.type, "             \
	"jobs.salary_min, jobs.salary_max, jobs.salary_currency, jobs.salary_period, jobs.url, " \
	"jobs.source, jobs.posted_at, jobs.first_seen_at, jobs.last_seen_at, jobs.skills, "      \
	"jobs.state, jobs.closed_at, jobs.reposted_at, jobs.reposts, jobs.updated_at, "          \
	"own.status, own.notes, own.applied_at, "
#define LIST_COLUMNS COLUMNS "substr(jobs.description, 1, 2000) AS description"
#define WHOLE_COLUMNS COLUMNS "jobs.description, jobs.description_html"
#define JOBS_AND_OWN \
	"jobs LEFT JOIN applications AS own ON own.job_id = jobs.id AND own.user_id = $1"

int64_t job_team(struct ctx *c)
{
	return c->actor->role >= ROLE_ADMIN ? 0 : c->actor->team_id;
}

/* A pay that is not told reads as 0, and shall be null. */
static void mark_untold(struct job *j, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (j[i].salary_min <= 0)
			j[i].salary_min = NAN;
		if (j[i].salary_max <= 0)
			j[i].salary_max = NAN;
	}
}

int job_find(struct ctx *c, int64_t id, struct job *out)
{
	struct job j;
	int rc = db_one(c->db, c->arena, &job_schema, &j,
					"SELECT " WHOLE_COLUMNS " FROM " JOBS_AND_OWN
					" WHERE jobs.id = $2 AND (CAST($3 AS BIGINT) = 0 OR jobs.team_id = $3)",
					P(c->actor->user_id), P(id), P(job_team(c)));

	if (rc == E_NOT_FOUND)
		return fail(c, E_NOT_FOUND, "Job not found");
	TRY(rc);
	TRY(job_seen_at(c, id, &j.sources));
	mark_untold(&j, 1);
	*out = j;
	return OK;
}

int jobs_text(struct ctx *c, int64_t id, const char **title, const char **description)
{
	struct job j;

	TRY(job_find(c, id, &j));
	*title = j.title;
	*description = j.description != NULL ? j.description : "";
	return OK;
}

void job_query(struct ctx *c, struct query *q)
{
	int64_t team = job_team(c);

	query_init(q, c->arena);
	query_param(q, P(c->actor->user_id));
	if (team != 0)
		query_and(q, "jobs.team_id = ?", P(team));
}

int job_query_words(struct ctx *c, struct query *q, const char *typed, bool *any)
{
	const char *expression;

	TRY(job_words_expression(c, typed, job_team(c), &expression));
	*any = expression != NULL;
	if (expression != NULL)
		query_and(q, job_words_condition(c), P(expression));
	return OK;
}

int job_page(struct ctx *c, struct query *q, int64_t skip, int64_t limit)
{
	struct list *list = c->out;

	TRY(query_page(c, q, &job_list_schema, LIST_COLUMNS, JOBS_AND_OWN,
				   "jobs.listed_at DESC, jobs.id DESC", skip, limit));
	mark_untold(list->items, list->n);
	return OK;
}

int job_list(struct ctx *c, const int64_t *ids, size_t n, struct list *out)
{
	struct job *in_order = ARENA_ARRAY(c->arena, n, struct job), *j;
	struct query q;
	struct list found;
	size_t kept = 0;

	*out = (struct list){in_order, 0};
	if (n == 0)
		return OK;
	query_init(&q, c->arena);
	query_param(&q, P(c->actor->user_id));
	query_and_plain(&q, "jobs.id IN (");
	for (size_t i = 0; i < n; i++)
		buf_addf(&q.where, "%s%lld", i == 0 ? "" : ",", (long long)ids[i]);
	buf_addc(&q.where, ')');
	TRY(db_list_params(c->db, c->arena, &job_list_schema, n, &found,
					   arena_printf(c->arena, "SELECT " LIST_COLUMNS " FROM " JOBS_AND_OWN " %s",
									buf_str(&q.where)),
					   (struct params){q.params + 1, q.n}));
	j = found.items;
	mark_untold(j, found.n);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < found.n; k++)
			if (j[k].id == ids[i])
				in_order[kept++] = j[k];
	*out = (struct list){in_order, kept};
	return OK;
}

struct each {
	int (*row)(void *arg, const struct job *j);
	void *arg;
};

static int visit_row(void *arg, const void *value)
{
	const struct each *e = arg;

	return e->row(e->arg, value);
}

int job_each(struct ctx *c, struct query *q, int (*row)(void *arg, const struct job *j), void *arg)
{
	struct each e = {row, arg};

	if (!buf_ok(&q->where))
		return fail(c, E_RULE, "Too many filters in one request; use fewer");
	return db_each_params(c->db, &job_list_schema, visit_row, &e,
						  arena_printf(c->arena,
									   "SELECT jobs.id, jobs.title, jobs.skills FROM " JOBS_AND_OWN
									   " %s ORDER BY jobs.listed_at DESC, jobs.id DESC LIMIT %d",
									   buf_str(&q->where), COUNT_CAP + 1),
						  (struct params){q->params + 1, q->n});
}

int job_apply_email(struct ctx *c, int64_t id, const char **out)
{
	const char *address;

	TRY(db_text(c->db, c->arena, &address, "SELECT apply_email FROM jobs WHERE id = $1", P(id)));
	if (address == NULL)
		return fail(c, E_RULE,
					"The posting tells no address for applications; name a recipient, or "
					"apply on its page and note that with method elsewhere");
	*out = address;
	return OK;
}

/* ---- for messages ---- */

static const struct field brief_fields[] = {
	FIELD(struct job_brief, id, 0, .doc = "Job", .example = "1"),
	FIELD(struct job_brief, title, 0, .doc = "Title", .example = "\"Engineer\""),
	FIELD(struct job_brief, company, F_NULL, .doc = "Who hires", .example = "\"Acme\""),
	FIELD(struct job_brief, location, F_NULL, .doc = "Where", .example = "\"Berlin\""),
	FIELD(struct job_brief, url, F_NULL, .doc = "Its page", .example = "null"),
};
static const struct schema brief_schema = SCHEMA("JobBrief", struct job_brief, brief_fields);

int jobs_first_seen(struct ctx *c, int64_t team_id, int64_t since, int64_t limit, struct list *out)
{
	return db_list(c->db, c->arena, &brief_schema, (size_t)limit, out,
				   "SELECT id, title, company, location, url FROM jobs WHERE team_id = $1 AND "
				   "first_seen_at > $2 AND state = 'open' ORDER BY first_seen_at DESC, id DESC "
				   "LIMIT $3",
				   P(team_id), P(since), P(limit));
}

int job_unseen(struct ctx *c, int64_t since, int64_t limit, struct list *out)
{
	return db_list(c->db, c->arena, &brief_schema, (size_t)limit, out,
				   "SELECT id, title, company, location, url FROM jobs WHERE state = 'open' AND "
				   "last_seen_at < $1 AND (checked_at IS NULL OR checked_at < $1) AND url IS NOT "
				   "NULL ORDER BY last_seen_at LIMIT $2",
				   P(since), P(limit));
}

int job_checked(struct ctx *c, int64_t id)
{
	return db_exec(c->db, NULL, "UPDATE jobs SET checked_at = $2 WHERE id = $1", P(id), P(c->now));
}

/* ---- applications ---- */

static const struct field step_fields[] = {
	FIELD(struct application_step, from_status, F_NULL, .choices = job_statuses,
		  .doc = "Status before", .example = "\"applied\""),
	FIELD(struct application_step, to_status, F_NULL, .choices = job_statuses,
		  .doc = "Status after", .example = "\"interviewing\""),
	FIELD(struct application_step, note, F_NULL, .doc = "What happened",
		  .example = "\"By mail to jobs@acme.example\""),
	FIELD(struct application_step, at, 0, .doc = "When", .example = "\"2025-11-28T10:00:00Z\""),
};
const struct schema application_step_schema =
	SCHEMA("JobApplicationStep", struct application_step, step_fields);

static const char *const methods[] = {"email", "elsewhere", NULL};
static const struct field application_fields[] = {
	FIELD(struct application, id, 0, .doc = "Number of the application", .example = "1"),
	FIELD(struct application, job_id, 0, .doc = "Job", .example = "1"),
	FIELD(struct application, title, 0, .doc = "Its title", .example = "\"Backend Engineer\""),
	FIELD(struct application, company, F_NULL, .doc = "Who hires", .example = "\"Acme\""),
	FIELD(struct application, location, F_NULL, .doc = "Where", .example = "\"Berlin\""),
	FIELD(struct application, url, F_NULL, .doc = "Its page",
		  .example = "\"https://acme.example/jobs/1\""),
	FIELD(struct application, status, F_NULL, .choices = job_statuses, .doc = "How far it is",
		  .example = "\"applied\""),
	FIELD(struct application, notes, F_NULL, .doc = "Your notes", .example = "null"),
	FIELD(struct application, resume_id, F_NULL, .doc = "Résumé that was sent", .example = "1"),
	FIELD(struct application, cover_letter, F_NULL, .doc = "Cover letter that was sent",
		  .example = "\"Dear Grace, …\""),
	FIELD(struct application, method, F_NULL, .choices = methods,
		  .doc = "By mail from here, or elsewhere", .example = "\"email\""),
	FIELD(struct application, recipient, F_NULL, .doc = "Where the mail went",
		  .example = "\"jobs@acme.example\""),
	FIELD(struct application, email_id, F_NULL, .doc = "The mail in the outbox", .example = "1"),
	FIELD(struct application, applied_at, F_NULL, .doc = "When you applied",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct application, created_at, 0, .doc = "Since when you follow the job",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct application, updated_at, 0, .doc = "When it last changed",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct application, history, 0, .of = &application_step_schema,
		  .doc = "What happened, oldest first", .example = "[]"),
};
const struct schema application_schema =
	SCHEMA("JobApplication", struct application, application_fields);

#define APPLICATION_COLUMNS "own.*, jobs.title, jobs.company, jobs.location, jobs.url"

int application_find(struct ctx *c, int64_t job_id, struct application *out)
{
	return db_one(c->db, c->arena, &application_schema, out,
				  "SELECT " APPLICATION_COLUMNS
				  " FROM applications AS own JOIN jobs ON jobs.id = own.job_id "
				  "WHERE own.user_id = $1 AND own.job_id = $2",
				  P(c->actor->user_id), P(job_id));
}

int application_save(struct ctx *c, const struct application *a, int64_t *id)
{
	return db_int(c->db, id,
				  "INSERT INTO applications (job_id, user_id, team_id, status, notes, resume_id, "
				  "cover_letter, method, recipient, email_id, applied_at, created_at, updated_at) "
				  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12) "
				  "ON CONFLICT (user_id, job_id) DO UPDATE SET status = excluded.status, "
				  "notes = excluded.notes, resume_id = excluded.resume_id, "
				  "cover_letter = excluded.cover_letter, method = excluded.method, "
				  "recipient = excluded.recipient, email_id = excluded.email_id, "
				  "applied_at = excluded.applied_at, updated_at = excluded.updated_at RETURNING id",
				  P(a->job_id), P(c->actor->user_id), P(c->actor->team_id), P(a->status),
				  P(a->notes), P(a->resume_id), P(a->cover_letter), P(a->method), P(a->recipient),
				  P(a->email_id), P(a->applied_at), P(c->now));
}

int application_page(struct ctx *c, const char *status, int64_t skip, int64_t limit)
{
	struct query q;

	query_init(&q, c->arena);
	query_and(&q, "own.user_id = ?", P(c->actor->user_id));
	query_and_plain(&q, "own.applied_at IS NOT NULL");
	if (status != NULL)
		query_and(&q, "own.status = ?", P(status));
	return query_page(c, &q, &application_schema, APPLICATION_COLUMNS,
					  "applications AS own JOIN jobs ON jobs.id = own.job_id",
					  "own.applied_at DESC, own.id DESC", skip, limit);
}

int application_export(struct ctx *c, int64_t user_id, struct export *x)
{
	(void)c;
	return export_rows(x, "applications", &application_schema,
					   "SELECT " APPLICATION_COLUMNS
					   " FROM applications AS own JOIN jobs ON jobs.id = own.job_id "
					   "WHERE own.user_id = $1 ORDER BY own.id",
					   P(user_id));
}

/* ---- what postings make of jobs ---- */

static const struct field core_fields[] = {
	FIELD(struct job_core, id, 0, .doc = "Job", .example = "1"),
	FIELD(struct job_core, title, 0, .doc = "Title", .example = "\"Engineer\""),
	FIELD(struct job_core, company, F_NULL, .doc = "Who hires", .example = "\"Acme\""),
	FIELD(struct job_core, location, F_NULL, .doc = "Where", .example = "\"Berlin\""),
	FIELD(struct job_core, url, F_NULL, .doc = "Its page", .example = "null"),
	FIELD(struct job_core, source, 0, .doc = "First source", .example = "\"remotive\""),
	FIELD(struct job_core, state, 0, .doc = "open or closed", .example = "\"open\""),
	FIELD(struct job_core, signature, F_NULL, .doc = "Of its text", .example = "null"),
	FIELD(struct job_core, remote, 0, .doc = "Whether it is remote", .example = "true"),
};
static const struct schema core_schema = SCHEMA("JobCore", struct job_core, core_fields);

int job_core_find(struct ctx *c, int64_t id, struct job_core *out)
{
	return db_one(c->db, c->arena, &core_schema, out,
				  "SELECT id, title, company, location, url, source, state, signature, remote "
				  "FROM jobs WHERE id = $1",
				  P(id));
}

/* NULL for what is not told. */
static struct param pay_param(double amount)
{
	return amount > 0 ? P(amount) : P_NULL;
}

static struct json skills_json(struct arena *a, const struct strings *skills)
{
	struct buf b;

	buf_init(&b, a, 16 * 1024);
	buf_addc(&b, '[');
	for (size_t i = 0; i < skills->n; i++) {
		buf_adds(&b, i == 0 ? "" : ",");
		json_print_string(&b, skills->items[i]);
	}
	buf_addc(&b, ']');
	return (struct json){buf_ok(&b) ? buf_str(&b) : "[]"};
}

int job_insert(struct ctx *c, int64_t team_id, const struct posting *p, const char *signature,
			   int64_t *id)
{
	int64_t listed = p->posted_at > 0 && p->posted_at < c->now ? p->posted_at : c->now;

	return db_int(
		c->db, id,
		"INSERT INTO jobs (team_id, title, company, location, location_folded, remote, type, "
		"salary_min, salary_max, salary_currency, salary_period, salary_year, description, "
		"description_html, url, apply_email, source, skills, state, posted_at, expires_at, "
		"listed_at, first_seen_at, last_seen_at, signature, updated_at) VALUES ($1, $2, $3, $4, "
		"$5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 'open', $19, $20, $21, "
		"$22, $22, $23, $22) RETURNING id",
		P(team_id), P(p->title), P(p->company), P(p->location),
		P(text_fold(c->arena, p->location != NULL ? p->location : "")), P(p->remote), P(p->type),
		pay_param(p->pay.min), pay_param(p->pay.max), P(p->pay.currency), P(p->pay.period),
		pay_param(pay_year(&p->pay)), P(p->text), P(p->html), P(p->url), P(p->apply_email),
		P(p->source), P(skills_json(c->arena, &p->skills)), P((struct when){p->posted_at}),
		P((struct when){p->expires_at}), P(listed), P(c->now), P(signature));
}

static int renew(struct ctx *c, int64_t id, const struct posting *p, const char *signature)
{
	return db_exec(
		c->db, NULL,
		"UPDATE jobs SET title = $2, description = $3, description_html = $4, skills = $5, "
		"signature = $6, salary_min = $7, salary_max = $8, salary_currency = $9, "
		"salary_period = $10, salary_year = $11, updated_at = $12 WHERE id = $1",
		P(id), P(p->title), P(p->text), P(p->html), P(skills_json(c->arena, &p->skills)),
		P(signature), pay_param(p->pay.min), pay_param(p->pay.max), P(p->pay.currency),
		P(p->pay.period), pay_param(pay_year(&p->pay)), P(c->now));
}

static int add_pay(struct ctx *c, int64_t id, const struct posting *p)
{
	return db_exec(c->db, NULL,
				   "UPDATE jobs SET salary_min = $2, salary_max = $3, salary_currency = $4, "
				   "salary_period = $5, salary_year = $6, updated_at = $7 WHERE id = $1 AND "
				   "salary_year IS NULL",
				   P(id), pay_param(p->pay.min), pay_param(p->pay.max), P(p->pay.currency),
				   P(p->pay.period), pay_param(pay_year(&p->pay)), P(c->now));
}

int job_update(struct ctx *c, int64_t id, const struct posting *p, bool renewed,
			   const char *signature, bool reposted)
{
	int64_t listed = p->posted_at > 0 && p->posted_at < c->now ? p->posted_at : c->now;

	if (renewed)
		TRY(renew(c, id, p, signature));
	else if (pay_year(&p->pay) > 0)
		TRY(add_pay(c, id, p));
	TRY(db_exec(c->db, NULL,
				"UPDATE jobs SET last_seen_at = $2, state = 'open', closed_at = NULL, "
				"company = COALESCE(company, $3), location = COALESCE(location, $4), "
				"location_folded = CASE WHEN location IS NULL THEN $5 ELSE location_folded END, "
				"type = COALESCE(type, $6), url = COALESCE(url, $7), "
				"apply_email = COALESCE(apply_email, $8), posted_at = COALESCE(posted_at, $9), "
				"expires_at = COALESCE($10, expires_at) WHERE id = $1",
				P(id), P(c->now), P(p->company), P(p->location),
				P(text_fold(c->arena, p->location != NULL ? p->location : "")), P(p->type),
				P(p->url), P(p->apply_email), P((struct when){p->posted_at}),
				P((struct when){p->expires_at})));
	if (!reposted)
		return OK;
	return db_exec(c->db, NULL,
				   "UPDATE jobs SET reposts = reposts + 1, reposted_at = $2, listed_at = $3, "
				   "updated_at = $2 WHERE id = $1",
				   P(id), P(c->now), P(listed));
}

int job_close(struct ctx *c, int64_t id)
{
	return db_exec(c->db, NULL,
				   "UPDATE jobs SET state = 'closed', closed_at = $2, updated_at = $2 "
				   "WHERE id = $1 AND state = 'open'",
				   P(id), P(c->now));
}

int job_expire(struct ctx *c, int64_t *closed)
{
	return db_exec(c->db, closed,
				   "UPDATE jobs SET state = 'closed', closed_at = expires_at, updated_at = $1 "
				   "WHERE state = 'open' AND expires_at < $1",
				   P(c->now));
}

int job_forget_old(struct ctx *c, int64_t *forgotten)
{
	const struct job_core *j;
	struct list old;

	TRY(db_list(c->db, c->arena, &core_schema, FORGET_MAX, &old,
				"SELECT id FROM jobs WHERE state = 'closed' AND closed_at < $1 AND NOT EXISTS "
				"(SELECT 1 FROM applications WHERE applications.job_id = jobs.id) ORDER BY id "
				"LIMIT 500",
				P(c->now - KEPT_DAYS * DAY)));
	j = old.items;
	for (size_t i = 0; i < old.n; i++) {
		TRY(job_words_remove(c, j[i].id));
		TRY(db_exec(c->db, NULL, "DELETE FROM jobs WHERE id = $1", P(j[i].id)));
	}
	*forgotten = (int64_t)old.n;
	return OK;
}

/* ---- the index of words ---- */

struct job_indexed {
	int64_t id, team_id;
	const char *title, *company, *location, *description;
	struct strings skills;
};
static const struct field indexed_fields[] = {
	FIELD(struct job_indexed, id, 0, .doc = "Job", .example = "1"),
	FIELD(struct job_indexed, team_id, 0, .doc = "Team", .example = "1"),
	FIELD(struct job_indexed, title, 0, .doc = "Title", .example = "\"Welder\""),
	FIELD(struct job_indexed, company, F_NULL, .doc = "Company", .example = "null"),
	FIELD(struct job_indexed, location, F_NULL, .doc = "Place", .example = "null"),
	FIELD(struct job_indexed, description, F_NULL, .doc = "Text", .example = "null"),
	FIELD(struct job_indexed, skills, 0, .doc = "Skills", .example = "[]"),
};
static const struct schema indexed_schema =
	SCHEMA("JobIndexed", struct job_indexed, indexed_fields);

static int index_one(void *arg, const void *value)
{
	enum { SKILLS_MAX = 16 * 1024 };
	const struct job_indexed *j = value;
	struct buf skills;
	struct job_text t;
	int rc;

	buf_init(&skills, NULL, SKILLS_MAX);
	for (size_t i = 0; i < j->skills.n; i++)
		buf_addf(&skills, "%s%s", i > 0 ? ", " : "", j->skills.items[i]);
	t = (struct job_text){j->title, j->company, j->location, buf_str(&skills), j->description};
	rc = job_words_set(arg, j->id, j->team_id, &t);
	buf_done(&skills);
	return rc;
}

int job_index_all(struct ctx *c)
{
	return db_each(c->db, &indexed_schema, index_one, c,
				   "SELECT id, team_id, title, company, location, description, skills FROM jobs "
				   "ORDER BY id");
}

int application_step_add(struct ctx *c, int64_t id, const char *from, const char *to,
						 const char *note)
{
	return db_exec(c->db, NULL,
				   "INSERT INTO application_steps (application_id, from_status, to_status, note, "
				   "at) VALUES ($1, $2, $3, $4, $5)",
				   P(id), P(from), P(to), P(note), P(c->now));
}

int application_history(struct ctx *c, struct application *a)
{
	return db_list(c->db, c->arena, &application_step_schema, STEPS_MAX, &a->history,
				   "SELECT from_status, to_status, note, at FROM application_steps WHERE "
				   "application_id = $1 ORDER BY id LIMIT 200",
				   P(a->id));
}

/* ---- sums ---- */

int jobs_tally(struct ctx *c, int64_t team, int (*row)(void *arg, const void *tally), void *arg)
{
	return tally_each(c, team, 0, "team_id",
					  "SELECT source AS what, 0 AS at, count(*) AS n FROM jobs "
					  "WHERE first_seen_at >= $1 AND %s GROUP BY source ORDER BY count(*) DESC",
					  row, arg);
}

int applications_states(struct ctx *c, int64_t team, int (*row)(void *arg, const void *tally),
						void *arg)
{
	return tally_each(c, team, 0, "team_id",
					  "SELECT status AS what, 0 AS at, count(*) AS n FROM applications "
					  "WHERE status IS NOT NULL AND created_at >= $1 AND %s GROUP BY status "
					  "ORDER BY status",
					  row, arg);
}

int applications_sent(struct ctx *c, int64_t team, int64_t since,
					  int (*row)(void *arg, const void *tally), void *arg)
{
	return tally_each(c, team, since, "a.team_id",
					  "SELECT j.source AS what, " TALLY_AT(
						  "a.applied_at") " AS at, "
										  "count(*) AS n FROM applications AS a JOIN jobs AS j ON "
										  "j.id = a.job_id "
										  "WHERE a.applied_at >= $1 AND %s "
										  "GROUP BY j.source, " TALLY_AT("a.applied_at"),
					  row, arg);
}

int applications_reached(struct ctx *c, int64_t team, int64_t since,
						 int (*row)(void *arg, const void *tally), void *arg)
{
	return tally_each(c, team, since, "a.team_id",
					  "SELECT s.to_status AS what, " TALLY_AT(
						  "a.applied_at") " AS at, "
										  "count(DISTINCT a.id) AS n FROM applications AS a "
										  "JOIN application_steps AS s ON s.application_id = a.id "
										  "WHERE a.applied_at >= $1 AND %s "
										  "AND s.to_status IN ('interviewing', 'offered', "
										  "'rejected', 'withdrawn') "
										  "GROUP BY s.to_status, " TALLY_AT("a.applied_at"),
					  row, arg);
}

int applications_answered(struct ctx *c, int64_t team, int64_t since, int64_t *out)
{
	return db_int_params(c->db, out,
						 tally_sql(c, team, "a.team_id",
								   "SELECT count(*) FROM applications AS a WHERE "
								   "a.applied_at >= $1 AND %s AND EXISTS (SELECT 1 FROM "
								   "application_steps AS s WHERE s.application_id = a.id AND "
								   "s.to_status IN ('interviewing', 'offered', 'rejected'))"),
						 PARAMS(P(since), P(team)));
}

int applications_first(struct ctx *c, int64_t team, int64_t *out)
{
	return db_int_params(c->db, out,
						 tally_sql(c, team, "team_id",
								   "SELECT min(applied_at) FROM applications WHERE "
								   "applied_at > $1 AND %s"),
						 PARAMS(P(0), P(team)));
}

int applications_waiting(struct ctx *c, int64_t email_id, bool *out)
{
	int64_t answered;

	TRY(db_int(c->db, &answered,
			   "SELECT count(*) FROM applications WHERE email_id = $1 AND status <> 'applied'",
			   P(email_id)));
	*out = answered == 0;
	return OK;
}

/*
 * jobs: listing and finding them. A job belongs to the team whose member found it; the status and
 * the notes shown with it are the asking user's own. Who is not an administrator sees their own
 * team's only; another team's job is not found.
 */
#include "app/jobs.h"

#include "app/job_match.h"
#include "app/job_merge.h"
#include "app/job_rows.h"
#include "app/query.h"
#include "core/route.h"

/* ---- schemas ---- */

struct list_in {
	int64_t skip, limit;
	const char *q, *location, *source, *type, *posted_since, *status, *state;
	struct opt_bool remote;
	struct opt_int min_salary, match;
};
static const struct field list_fields[] = {
	QUERY_PAGE(struct list_in),
	FIELD(struct list_in, q, F_QUERY, .max = 500,
		  .doc = "Words, all wanted; \"words in a row\", beginn*, -unwanted",
		  .example = "\"python -java\""),
	FIELD(struct list_in, location, F_QUERY, .max = 200, .doc = "A part of the place",
		  .example = "\"berlin\""),
	FIELD(struct list_in, remote, F_QUERY, .doc = "Only remote jobs, or only others",
		  .example = "true"),
	FIELD(struct list_in, source, F_QUERY, .max = 200, .doc = "Only those seen at this source",
		  .example = "\"remotive\""),
	FIELD(struct list_in, type, F_QUERY, .choices = job_types, .doc = "Only this kind",
		  .example = "\"full_time\""),
	FIELD(struct list_in, min_salary, F_QUERY, .min = 0, .max = 100000000,
		  .doc = "Only jobs that say they may pay so much in a year, in whatever currency",
		  .example = "50000"),
	FIELD(struct list_in, posted_since, F_QUERY, .max = 40,
		  .doc = "Only those posted at this time (ISO 8601) or later",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct list_in, status, F_QUERY, .choices = job_statuses, .doc = "Only with this status",
		  .example = "\"saved\""),
	FIELD(struct list_in, state, F_QUERY, .choices = job_states,
		  .doc = "Only those still to be had, or only those that are not", .example = "\"open\""),
	FIELD(struct list_in, match, F_QUERY, .min = 1,
		  .doc = "One of your résumés: the jobs that fit it best come first", .example = "1"),
};
static const struct schema list_schema = SCHEMA("JobList", struct list_in, list_fields);

struct id_in {
	int64_t job_id;
};
static const struct field id_fields[] = {
	FIELD(struct id_in, job_id, F_PATH, .min = 1, .doc = "Job ID", .example = "1"),
};
static const struct schema id_schema = SCHEMA("JobId", struct id_in, id_fields);

/* ---- handlers ---- */

static int add_time(struct ctx *c, struct query *q, const char *since)
{
	int64_t us;

	if (clock_parse(since, &us) != OK)
		return ctx_fault(c, "query", "posted_since", "Input should be a valid ISO 8601 time",
						 "datetime_parsing");
	query_and(q, "jobs.listed_at >= ?", P(us));
	return OK;
}

static int add_filters(struct ctx *c, const struct list_in *in, struct query *q)
{
	if (!text_is_blank(in->location))
		query_and(q, "jobs.location_folded LIKE ? ESCAPE '\\'",
				  P(query_like(c->arena, in->location)));
	if (in->remote.set && !in->remote.null)
		query_and(q, "jobs.remote = ?", P(in->remote.v));
	if (!text_is_blank(in->source))
		query_and(q, job_seen_condition, P(in->source));
	if (in->type != NULL)
		query_and(q, "jobs.type = ?", P(in->type));
	if (in->min_salary.set && !in->min_salary.null)
		query_and(q, "jobs.salary_year >= ?", P((double)in->min_salary.v));
	if (in->status != NULL)
		query_and(q, "own.status = ?", P(in->status));
	if (in->state != NULL)
		query_and(q, "jobs.state = ?", P(in->state));
	return text_is_blank(in->posted_since) ? OK : add_time(c, q, in->posted_since);
}

static int list(struct ctx *c)
{
	const struct list_in *in = c->in;
	struct query q;
	bool any = true;

	job_query(c, &q);
	if (!text_is_blank(in->q))
		TRY(job_query_words(c, &q, in->q, &any));
	if (!any)
		return OK; /* no word, no job */
	TRY(add_filters(c, in, &q));
	if (in->match.set && !in->match.null)
		return job_match_page(c, &q, in->match.v, in->skip, in->limit);
	return job_page(c, &q, in->skip, in->limit);
}

static int get(struct ctx *c)
{
	const struct id_in *in = c->in;

	return job_find(c, in->job_id, c->out);
}

/* ---- tables ---- */

static const short not_found[] = {404, 0}, matching[] = {400, 404, 409, 0};

static const struct route routes[] = {
	{"GET", "/api/v1/jobs/", list, &list_schema, &job_list_schema, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_LIST, .tag = "jobs",
	 .doc = "List scraped jobs, newest first\nWith match, those that fit a résumé best come first.",
	 .errors = matching},
	{"GET", "/api/v1/jobs/{job_id}", get, &id_schema, &job_schema, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_BOUNDED, .tag = "jobs", .doc = "One job, whole",
	 .errors = not_found},
};

const struct feature jobs_feature = {
	.name = "jobs",
	.routes = routes,
	.nroutes = sizeof routes / sizeof routes[0],
	.export_user = application_export,
};

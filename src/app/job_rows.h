/*
 * job_rows: the tables of jobs, for the files that share them (jobs.c, job_merge.c, job_match.c,
 * applications.c). Owns jobs, job_postings, job_keys and applications. Other resources use jobs.h.
 */
#pragma once
#include "app/jobs.h"
#include "app/query.h"
#include "core/route.h"
#include "scrape/posting.h"

extern const char *const job_types[];      /* full_time, part_time, … */
extern const char *const job_states[];     /* open, closed */
extern const char *const job_statuses[];   /* of an application: saved, applied, … */
extern const char *const salary_periods[]; /* hour, day, week, month, year */

struct job {
	int64_t id;
	const char *title, *company, *location;
	bool remote;
	const char *type;
	double salary_min, salary_max; /* NAN: not told */
	const char *salary_currency, *salary_period;
	const char *description; /* clean text; in lists its beginning */
	const char *url, *source;
	struct when posted_at, first_seen_at, last_seen_at;
	struct json skills;
	const char *state;
	struct when closed_at, reposted_at;
	int64_t reposts;
	const char *status, *notes; /* the asking user's own */
	struct when applied_at, updated_at;
	struct opt_int fit;           /* of 100, where a résumé was named */
	const char *description_html; /* only of a single job */
	struct list sources;          /* of struct job_seen; only of a single job */
};
extern const struct schema job_schema;      /* "ScrapedJobDetails" */
extern const struct schema job_list_schema; /* "ScrapedJob": without the last two */

/* The team whose jobs the actor sees; 0: all. */
int64_t job_team(struct ctx *c);
/* The whole job, with the actor's own status, if the actor sees it; else E_NOT_FOUND. */
int job_find(struct ctx *c, int64_t id, struct job *out);
/* A page of the jobs that fulfil the query's conditions (on jobs and own), newest first. */
int job_page(struct ctx *c, struct query *q, int64_t skip, int64_t limit);
/* These jobs as a list reply, in this order. */
int job_list(struct ctx *c, const int64_t *ids, size_t n, struct list *out);
/* Calls row for the newest COUNT_CAP + 1 of the jobs that fulfil the conditions, newest first, with
 * id, title and skills alone. */
int job_each(struct ctx *c, struct query *q, int (*row)(void *arg, const struct job *j), void *arg);
/* The address that the posting tells for applications. E_RULE with a sentence if it tells none. */
int job_apply_email(struct ctx *c, int64_t id, const char **out);
/* Starts a query over jobs: the actor's team, and the actor's applications as "own". */
void job_query(struct ctx *c, struct query *q);
/* Adds what was typed as a condition. E_INVALID: too many words. False in *any: nothing typed. */
int job_query_words(struct ctx *c, struct query *q, const char *typed, bool *any);

/* What the actor does about a job. */
struct application {
	int64_t id, job_id;
	const char *title, *company, *location, *url; /* of the job */
	const char *status, *notes;                   /* status NULL: only notes */
	struct opt_int resume_id;
	const char *cover_letter, *method, *recipient;
	struct opt_int email_id;
	struct when applied_at, created_at, updated_at;
	struct list history; /* of struct application_step */
};
extern const struct schema application_schema;

struct application_step {
	const char *from_status, *to_status, *note;
	struct when at;
};
extern const struct schema application_step_schema;

/* Notes a step of an application's history. */
int application_step_add(struct ctx *c, int64_t id, const char *from, const char *to,
						 const char *note);
/* Fills in the history. */
int application_history(struct ctx *c, struct application *a);

/* The actor's application, without its history. E_NOT_FOUND. */
int application_find(struct ctx *c, int64_t job_id, struct application *out);
/* Stores it in place of what was. */
int application_save(struct ctx *c, const struct application *a, int64_t *id);
/* A page of what the actor applied for, newest first, without histories. status: NULL for all. */
int application_page(struct ctx *c, const char *status, int64_t skip, int64_t limit);
/* Adds the user's applications to the export of their data. */
int application_export(struct ctx *c, int64_t user_id, struct export *x);

/* Makes the index of words anew from all jobs, in the current transaction. */
int job_index_all(struct ctx *c);

/* ---- for job_merge.c ---- */

/* What is needed to tell whether a posting is this job. */
struct job_core {
	int64_t id;
	const char *title, *company, *location, *url, *source, *state, *signature;
	bool remote;
};
/* Whatever the team. E_NOT_FOUND. */
int job_core_find(struct ctx *c, int64_t id, struct job_core *out);
/* Makes a job of its first posting. */
int job_insert(struct ctx *c, int64_t team_id, const struct posting *p, const char *signature,
			   int64_t *id);
/* Notes that it was seen again, and adds what it lacks; renewed: title, pay and description become
 * the posting's. A closed one is open again. */
int job_update(struct ctx *c, int64_t id, const struct posting *p, bool renewed,
			   const char *signature, bool reposted);
int job_close(struct ctx *c, int64_t id);
/* Closes open jobs whose time is over. *closed: how many. */
int job_expire(struct ctx *c, int64_t *closed);
/* Open jobs with a page that were neither seen nor checked since a time, those longest unseen
 * first: struct job_brief. */
int job_unseen(struct ctx *c, int64_t since, int64_t limit, struct list *out);
/* Notes that its page was asked. */
int job_checked(struct ctx *c, int64_t id);
/* Deletes some of the jobs that have long been closed and that nobody did anything about. */
int job_forget_old(struct ctx *c, int64_t *forgotten);

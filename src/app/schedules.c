/*
 * See schedules.h. A job is what its team, kind and args say: scheduling the same again changes its
 * times. Every member of a team schedules for it; a kind may ask for more (an administrator, for
 * what concerns the whole instance).
 */
#include "app/schedules.h"

#include <string.h>

#include "app/message.h"
#include "app/query.h"
#include "app/schedule_runs.h"
#include "app/teams.h"
#include "base/rand.h"
#include "core/core.h"
#include "data/cron.h"

enum { TEAM_JOBS_MAX = 50, INTERVAL_MIN = 60, INTERVAL_MAX = 366 * 24 * 3600, JITTER_MAX = 3600 };
enum { ARGS_MAX = 4096, TZ_MAX = 64, CRON_MAX = 200 };

/* ---- schemas ---- */

static const struct field job_fields[] = {
	FIELD(struct scheduled_job, id, 0, .doc = "Number", .example = "1"),
	FIELD(struct scheduled_job, team_id, F_NULL, .doc = "Team", .example = "1"),
	FIELD(struct scheduled_job, kind, 0, .doc = "What is done", .example = "\"cleanup\""),
	FIELD(struct scheduled_job, cron, F_NULL, .doc = "When, as a cron expression",
		  .example = "\"0 9 * * mon-fri\""),
	FIELD(struct scheduled_job, interval_seconds, F_NULL, .doc = "Or how often", .example = "null"),
	FIELD(struct scheduled_job, timezone, 0, .doc = "Whose clock the cron expression speaks of",
		  .example = "\"Europe/Berlin\""),
	FIELD(struct scheduled_job, args, F_NULL, .doc = "What the kind needs to know",
		  .example = "{}"),
	FIELD(struct scheduled_job, jitter_seconds, 0,
		  .doc = "Each run is put off by a random time up to this", .example = "0"),
	FIELD(struct scheduled_job, paused, 0, .doc = "Whether it is held", .example = "false"),
	FIELD(struct scheduled_job, next_run, F_NULL, .doc = "When it is due",
		  .example = "\"2026-01-02T09:00:00Z\""),
	FIELD(struct scheduled_job, last_run, F_NULL, .doc = "When it was last started",
		  .example = "null"),
	FIELD(struct scheduled_job, created_at, 0, .doc = "When it was made",
		  .example = "\"2026-01-01T03:04:05Z\""),
	FIELD(struct scheduled_job, updated_at, 0, .doc = "When it was last changed",
		  .example = "\"2026-01-01T03:04:05Z\""),
	FIELD(struct scheduled_job, created_by, F_NULL, .doc = "Who made it", .example = "1"),
};
const struct schema scheduled_job_schema = SCHEMA("ScheduledJob", struct scheduled_job, job_fields);

/* What is asked for when a job is made; and, all of it optional, when it is changed. */
struct job_in {
	int64_t job_id;
	struct opt_int team_id;
	const char *kind, *cron, *timezone;
	struct opt_int interval_seconds, jitter_seconds;
	struct json args;
	struct opt_bool paused;
};
#define WHEN_FIELDS                                                                                \
	FIELD(struct job_in, cron, F_NULL, .min = 1, .max = CRON_MAX,                                  \
		  .doc = "Minute, hour, day of month, month, day of week; or @daily and the like",         \
		  .example = "\"0 9 * * mon-fri\""),                                                       \
		FIELD(struct job_in, interval_seconds, F_NULL, .min = INTERVAL_MIN, .max = INTERVAL_MAX,   \
			  .doc = "In place of cron: seconds between two runs", .example = "null"),             \
		FIELD(struct job_in, timezone, F_NULL, .min = 1, .max = TZ_MAX,                            \
			  .doc = "Whose clock cron speaks of; UTC if absent", .example = "\"Europe/Berlin\""), \
		FIELD(struct job_in, args, F_NULL, .max = ARGS_MAX,                                        \
			  .doc = "An object: what the kind needs to know", .example = "{}"),                   \
		FIELD(struct job_in, jitter_seconds, F_NULL, .min = 0, .max = JITTER_MAX,                  \
			  .doc = "Puts each run off by a random time up to this", .example = "0")

static const struct field create_fields[] = {
	FIELD(struct job_in, kind, F_REQUIRED, .min = 1, .max = 50,
		  .doc = "What is done; GET /scheduler/kinds tells which there are",
		  .example = "\"scrape\""),
	FIELD(struct job_in, team_id, F_NULL, .min = 1, .doc = "Team; one's own if absent",
		  .example = "1"),
	WHEN_FIELDS,
};
static const struct schema create_schema =
	SCHEMA("JobScheduleRequest", struct job_in, create_fields);

static const struct field update_fields[] = {
	FIELD(struct job_in, job_id, F_PATH, .min = 1, .doc = "Scheduled job", .example = "1"),
	FIELD(struct job_in, paused, F_NULL, .doc = "Holds it, or lets it go on", .example = "true"),
	WHEN_FIELDS,
};
static const struct schema update_schema =
	SCHEMA("JobScheduleUpdate", struct job_in, update_fields);

struct created_out {
	const char *message;
	struct scheduled_job job;
};
static const struct field created_fields[] = {
	FIELD(struct created_out, message, 0, .doc = "What was done", .example = "\"Job scheduled\""),
	FIELD_OBJECT(struct created_out, job, 0, &scheduled_job_schema, .doc = "The job",
				 .example = "{}"),
};
static const struct schema created_schema =
	SCHEMA("JobScheduled", struct created_out, created_fields);

struct page_in {
	int64_t skip, limit;
	int64_t team_id;
};
static const struct field page_fields[] = {QUERY_PAGE(struct page_in)};
static const struct schema own_page_schema = SCHEMA("JobPage", struct page_in, page_fields);
static const struct field team_page_fields[] = {
	FIELD(struct page_in, team_id, F_PATH, .min = 1, .doc = "Team", .example = "1"),
	QUERY_PAGE(struct page_in),
};
static const struct schema team_page_schema =
	SCHEMA("TeamJobPage", struct page_in, team_page_fields);

struct team_in {
	int64_t team_id;
	const char *kind;
};
static const struct field team_fields[] = {
	FIELD(struct team_in, team_id, F_PATH, .min = 1, .doc = "Team", .example = "1"),
	FIELD(struct team_in, kind, F_QUERY, .max = 50, .doc = "Only jobs of this kind",
		  .example = "\"cleanup\""),
};
static const struct schema team_schema = SCHEMA("TeamJobs", struct team_in, team_fields);

struct id_in {
	int64_t job_id;
};
static const struct field id_fields[] = {
	FIELD(struct id_in, job_id, F_PATH, .min = 1, .doc = "Scheduled job", .example = "1"),
};
static const struct schema id_schema = SCHEMA("JobId", struct id_in, id_fields);

struct status_out {
	bool running;
	int64_t jobs;
	const char *instance;
	struct when started_at, looked_at;
	int64_t waiting_tasks;
	struct list built_in;
};
static const struct field status_fields[] = {
	FIELD(struct status_out, running, 0, .doc = "Whether this server looks after what is due",
		  .example = "true"),
	FIELD(struct status_out, jobs, 0, .doc = "Scheduled jobs, built-in ones included",
		  .example = "4"),
	FIELD(struct status_out, instance, 0, .doc = "This server's name", .example = "\"4f2a\""),
	FIELD(struct status_out, started_at, 0, .doc = "When this server started",
		  .example = "\"2026-01-02T03:04:05Z\""),
	FIELD(struct status_out, looked_at, F_NULL, .doc = "When it last looked for what is due",
		  .example = "\"2026-01-02T03:04:05Z\""),
	FIELD(struct status_out, waiting_tasks, 0, .doc = "Background tasks that wait or run",
		  .example = "0"),
	FIELD(struct status_out, built_in, 0, .of = &scheduler_job_schema, .doc = "Built-in jobs",
		  .example = "[]"),
};
static const struct schema status_schema =
	SCHEMA("SchedulerStatus", struct status_out, status_fields);

struct kind_out {
	const char *kind, *doc, *role;
};
static const struct field kind_fields[] = {
	FIELD(struct kind_out, kind, 0, .doc = "Name", .example = "\"cleanup\""),
	FIELD(struct kind_out, doc, 0, .doc = "What it does, and its args", .example = "\"Removes…\""),
	FIELD(struct kind_out, role, 0, .doc = "The least role that may schedule it",
		  .example = "\"admin\""),
};
static const struct schema kind_schema = SCHEMA("JobKind", struct kind_out, kind_fields);

/* ---- rules ---- */

const struct schedule_kind *schedules_kind(const struct core *core, const char *name)
{
	for (size_t i = 0; i < core->nfeatures; i++)
		for (size_t k = 0; k < core->features[i]->nschedules; k++)
			if (text_eq(core->features[i]->schedules[k].name, name))
				return &core->features[i]->schedules[k];
	return NULL;
}

/* Up to most, at random. */
static int64_t up_to(int64_t most)
{
	uint64_t n;

	rand_bytes(&n, sizeof n);
	return (int64_t)(n % (uint64_t)(most + 1));
}

/* When it is next due, at the earliest after c->now: microseconds. A fault of cron or zone is one
 * of the request's fields. */
static int next_time(struct ctx *c, const struct scheduled_job *job, int64_t *out)
{
	CLEANUP(zone_done) struct zone *zone = NULL;
	int64_t jitter = up_to(job->jitter_seconds);
	struct cron cron;
	int64_t next;

	if (job->cron == NULL) {
		*out = c->now + (job->interval_seconds.v + jitter) * CLOCK_SECOND;
		return OK;
	}
	if (zone_new(job->timezone, c->error, &zone) != OK)
		return ctx_fault(c, "body", "timezone", arena_strdup(c->arena, c->error->text),
						 "value_error");
	if (cron_parse(job->cron, c->error, &cron) != OK ||
		cron_next(&cron, zone, c->now / CLOCK_SECOND, c->error, &next) != OK)
		return ctx_fault(c, "body", "cron", arena_strdup(c->arena, c->error->text), "value_error");
	*out = (next + jitter) * CLOCK_SECOND;
	return OK;
}

/* Binds the args as their kind wants them, and lets it look at them. */
static int check_args(struct ctx *c, const struct schedule_kind *kind, const struct json *args)
{
	struct faults faults = {0};
	const struct json_value *v = NULL;
	const void *kept = c->in;
	void *bound;
	int rc;

	if (json_parse(c->arena, args->text, strlen(args->text), &v, NULL) != OK ||
		json_kind(v) != JSON_OBJECT)
		return ctx_fault(c, "body", "args", "Input should be an object", "object_type");
	if (kind->args == NULL)
		return OK;
	bound = arena_alloc(c->arena, kind->args->size);
	rc = schema_bind_json(kind->args, v, c->arena, bound, &faults);
	for (size_t i = 0; i < faults.n; i++)
		ctx_fault(c, "body", arena_printf(c->arena, "args.%s", faults.items[i].name),
				  faults.items[i].msg, faults.items[i].type);
	TRY(rc);
	if (kind->check == NULL)
		return OK;
	c->in = bound;
	rc = kind->check(c);
	c->in = kept;
	return rc;
}

/* cron or interval_seconds: one of them, and not both. */
static int check_when(struct ctx *c, const struct scheduled_job *job)
{
	if (job->cron == NULL && !job->interval_seconds.set)
		return ctx_fault(c, "body", "cron", "Say when, by cron or by interval_seconds", "missing");
	if (job->cron != NULL && job->interval_seconds.set)
		return ctx_fault(c, "body", "interval_seconds",
						 "Say when by cron or by interval_seconds, not by both", "value_error");
	return OK;
}

static int check_kind(struct ctx *c, const char *name, const struct schedule_kind **out)
{
	const struct schedule_kind *kind = schedules_kind(c->core, name);

	if (kind == NULL)
		return ctx_fault(c, "body", "kind", "There is no such kind of job", "enum");
	if (!c->actor->superuser && c->actor->role < kind->role)
		return fail(c, E_DENIED, "Only a role of %s or above schedules this kind of job",
					role_name(kind->role));
	*out = kind;
	return OK;
}

/* The job of that number, if the actor's team, or an administrator, owns it. */
static int find(struct ctx *c, int64_t id, struct scheduled_job *out)
{
	int rc = db_one(c->db, c->arena, &scheduled_job_schema, out,
					"SELECT * FROM scheduled_jobs WHERE id = $1", P(id));

	if (rc == E_NOT_FOUND ||
		(rc == OK && c->actor->role < ROLE_ADMIN && out->team_id.v != c->actor->team_id))
		return fail(c, E_NOT_FOUND, "Scheduled job not found");
	return rc;
}

/* ---- what runs need ---- */

int schedules_count(struct ctx *c, int64_t *out)
{
	return db_int(c->db, out, "SELECT count(*) FROM scheduled_jobs");
}

int schedules_due(struct ctx *c, size_t max, struct list *out)
{
	return db_list(c->db, c->arena, &scheduled_job_schema, max, out,
				   "SELECT * FROM scheduled_jobs WHERE paused = 0 AND next_run <= $1 "
				   "ORDER BY next_run, id LIMIT $2",
				   P(c->now), P((int64_t)max));
}

/* A job whose next time cannot be found any more (its zone left the system) is held. */
int schedules_claim(struct ctx *c, const struct scheduled_job *job, bool *claimed)
{
	int64_t next = 0, changed;
	bool lost = next_time(c, job, &next) != OK;

	TRY(db_exec(c->db, &changed,
				"UPDATE scheduled_jobs SET next_run = $3, last_run = $4, paused = $5 "
				"WHERE id = $1 AND next_run = $2 AND paused = 0",
				P(job->id), P(job->next_run), P(lost ? job->next_run.us : next), P(c->now),
				P(lost)));
	*claimed = changed > 0;
	return OK;
}

/* ---- handlers ---- */

static int create(struct ctx *c)
{
	const struct job_in *in = c->in;
	struct created_out *out = c->out;
	const struct schedule_kind *kind;
	struct scheduled_job job = {
		.kind = in->kind,
		.cron = in->cron,
		.interval_seconds = in->interval_seconds,
		.timezone = in->timezone != NULL ? in->timezone : "UTC",
		.args = in->args.text != NULL ? in->args : (struct json){"{}"},
		.jitter_seconds = in->jitter_seconds.v,
	};
	int64_t team, n, next;

	TRY(check_kind(c, in->kind, &kind));
	TRY(team_of(c, in->team_id.v, &team));
	TRY(check_when(c, &job));
	TRY(next_time(c, &job, &next));
	TRY(check_args(c, kind, &job.args));
	TRY(db_int(c->db, &n, "SELECT count(*) FROM scheduled_jobs WHERE team_id = $1", P(team)));
	if (n >= TEAM_JOBS_MAX)
		return fail(c, E_RULE, "A team has at most %d scheduled jobs; remove one first",
					TEAM_JOBS_MAX);
	TRY(db_one(c->db, c->arena, &scheduled_job_schema, &out->job,
			   "INSERT INTO scheduled_jobs (team_id, created_by, kind, cron, interval_seconds, "
			   "timezone, args, jitter_seconds, paused, next_run, created_at, updated_at) "
			   "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $10) "
			   "ON CONFLICT (team_id, kind, args) DO UPDATE SET cron = excluded.cron, "
			   "interval_seconds = excluded.interval_seconds, timezone = excluded.timezone, "
			   "jitter_seconds = excluded.jitter_seconds, paused = 0, "
			   "next_run = excluded.next_run, updated_at = excluded.updated_at RETURNING *",
			   P(team), P(c->actor->user_id), P(job.kind), P(job.cron), P(job.interval_seconds),
			   P(job.timezone), P(job.args), P(job.jitter_seconds), P(next), P(c->now)));
	out->message = out->job.created_at.us == c->now ? "Job scheduled" : "Job rescheduled";
	c->audit_target = arena_printf(c->arena, "team %lld, %s", (long long)team, job.kind);
	return OK;
}

static int update(struct ctx *c)
{
	const struct job_in *in = c->in;
	const struct schedule_kind *kind;
	struct scheduled_job job;
	int64_t next;

	TRY(find(c, in->job_id, &job));
	TRY(check_kind(c, job.kind, &kind));
	if (in->cron != NULL)
		job.interval_seconds = (struct opt_int){0};
	if (in->interval_seconds.set && !in->interval_seconds.null && in->cron == NULL)
		job.cron = NULL;
	job.cron = in->cron != NULL ? in->cron : job.cron;
	if (in->interval_seconds.set && !in->interval_seconds.null)
		job.interval_seconds = in->interval_seconds;
	job.timezone = in->timezone != NULL ? in->timezone : job.timezone;
	if (in->jitter_seconds.set && !in->jitter_seconds.null)
		job.jitter_seconds = in->jitter_seconds.v;
	job.args = in->args.text != NULL ? in->args : job.args;
	if (in->paused.set && !in->paused.null)
		job.paused = in->paused.v;
	TRY(check_when(c, &job));
	TRY(next_time(c, &job, &next));
	TRY(check_args(c, kind, &job.args));
	TRY(db_exec(c->db, NULL,
				"UPDATE scheduled_jobs SET cron = $2, interval_seconds = $3, timezone = $4, "
				"args = $5, jitter_seconds = $6, paused = $7, next_run = $8, updated_at = $9 "
				"WHERE id = $1",
				P(job.id), P(job.cron), P(job.interval_seconds), P(job.timezone), P(job.args),
				P(job.jitter_seconds), P(job.paused), P(next), P(c->now)));
	return find(c, job.id, c->out);
}

static int list_all(struct ctx *c)
{
	const struct page_in *in = c->in;
	struct query q;

	query_init(&q, c->arena);
	return query_page(c, &q, &scheduled_job_schema, "*", "scheduled_jobs", "id", in->skip,
					  in->limit);
}

static int list_team(struct ctx *c)
{
	const struct page_in *in = c->in;
	struct query q;
	int64_t team;

	TRY(team_of(c, in->team_id, &team));
	query_init(&q, c->arena);
	query_and(&q, "team_id = ?", P(team));
	return query_page(c, &q, &scheduled_job_schema, "*", "scheduled_jobs", "id", in->skip,
					  in->limit);
}

static int remove_team(struct ctx *c)
{
	const struct team_in *in = c->in;
	int64_t team, removed;

	TRY(team_of(c, in->team_id, &team));
	if (in->kind != NULL)
		TRY(db_exec(c->db, &removed, "DELETE FROM scheduled_jobs WHERE team_id = $1 AND kind = $2",
					P(team), P(in->kind)));
	else
		TRY(db_exec(c->db, &removed, "DELETE FROM scheduled_jobs WHERE team_id = $1", P(team)));
	if (removed == 0)
		return fail(c, E_NOT_FOUND, "No scheduled job found for this team");
	return message(c, arena_printf(c->arena, "%lld scheduled job%s removed", (long long)removed,
								   removed == 1 ? "" : "s"));
}

static int remove_one(struct ctx *c)
{
	const struct id_in *in = c->in;
	struct scheduled_job job;

	TRY(find(c, in->job_id, &job));
	return db_exec(c->db, NULL, "DELETE FROM scheduled_jobs WHERE id = $1", P(job.id));
}

static int run_now(struct ctx *c)
{
	const struct id_in *in = c->in;
	const struct schedule_kind *kind;
	struct scheduled_job job;

	TRY(find(c, in->job_id, &job));
	TRY(check_kind(c, job.kind, &kind));
	return schedule_runs_add(c, &job, c->now, c->out);
}

static int status(struct ctx *c)
{
	struct status_out *out = c->out;
	int64_t made;

	TRY(scheduler_list(c, &out->built_in));
	TRY(schedules_count(c, &made));
	TRY(task_count(c->db, NULL, &out->waiting_tasks));
	out->running = c->core->scheduler != NULL && scheduler_running(c->core->scheduler);
	out->jobs = (int64_t)out->built_in.n + made;
	out->instance = c->core->instance;
	out->started_at.us = c->core->started;
	out->looked_at.us = out->running ? scheduler_looked(c->core->scheduler) : 0;
	return OK;
}

static int restart(struct ctx *c)
{
	if (c->core->scheduler == NULL)
		return fail(c, E_UNAVAILABLE, "This server has no scheduler");
	scheduler_restart(c->core->scheduler);
	return message(c, "Scheduler restarted");
}

static int list_kinds(struct ctx *c)
{
	const struct page_in *in = c->in;
	struct list *out = c->out;
	struct kind_out *items = ARENA_ARRAY(c->arena, 100, struct kind_out);
	int64_t n = 0;

	for (size_t i = 0; i < c->core->nfeatures; i++)
		for (size_t k = 0; k < c->core->features[i]->nschedules && n < 100; k++) {
			const struct schedule_kind *kind = &c->core->features[i]->schedules[k];

			items[n++] = (struct kind_out){kind->name, kind->doc, role_name(kind->role)};
		}
	c->total = n;
	out->items = items + (in->skip < n ? in->skip : n);
	out->n = (size_t)(in->skip < n ? n - in->skip : 0);
	out->n = out->n < (size_t)in->limit ? out->n : (size_t)in->limit;
	return OK;
}

/* ---- tables ---- */

static const short not_found[] = {404, 0}, bad[] = {400, 403, 404, 0}, denied[] = {403, 404, 0},
				   unavailable[] = {503, 0};

static const struct route routes[] = {
	{"GET", "/api/v1/scheduler/status", status, NULL, &status_schema, .role = ROLE_ADMIN,
	 .status = 200, .tag = "scheduler", .doc = "The scheduler and its built-in jobs"},
	{"POST", "/api/v1/scheduler/restart", restart, NULL, &message_schema, .role = ROLE_ADMIN,
	 .status = 200, .audit = "scheduler.restart", .tag = "scheduler",
	 .doc = "Register the built-in jobs anew and look for what is due at once",
	 .errors = unavailable},
	{"POST", "/api/v1/scheduler/job", create, &create_schema, &created_schema, .role = ROLE_VIEWER,
	 .body = BODY_JSON, .status = 200, .audit = "scheduler.job.create", .tag = "scheduler",
	 .doc = "Schedule a job for a team\nThe same kind with the same args again changes its times.",
	 .errors = bad},
	{"GET", "/api/v1/scheduler/job/{team_id}", list_team, &team_page_schema, &scheduled_job_schema,
	 .role = ROLE_VIEWER, .status = 200, .flags = ROUTE_LIST, .tag = "scheduler",
	 .doc = "The scheduled jobs of a team", .errors = not_found},
	{"DELETE", "/api/v1/scheduler/job/{team_id}", remove_team, &team_schema, &message_schema,
	 .role = ROLE_VIEWER, .status = 200, .audit = "scheduler.job.delete", .tag = "scheduler",
	 .doc = "Remove a team's scheduled jobs, all or those of a kind", .errors = not_found},
	{"GET", "/api/v1/scheduler/jobs", list_all, &own_page_schema, &scheduled_job_schema,
	 .role = ROLE_ADMIN, .status = 200, .flags = ROUTE_LIST, .tag = "scheduler",
	 .doc = "The scheduled jobs of all teams"},
	{"PATCH", "/api/v1/scheduler/jobs/{job_id}", update, &update_schema, &scheduled_job_schema,
	 .role = ROLE_VIEWER, .body = BODY_JSON, .status = 200, .audit = "scheduler.job.update",
	 .tag = "scheduler", .doc = "Change, hold or let go on a scheduled job", .errors = denied},
	{"DELETE", "/api/v1/scheduler/jobs/{job_id}", remove_one, &id_schema, NULL, .role = ROLE_VIEWER,
	 .status = 204, .audit = "scheduler.job.delete", .tag = "scheduler",
	 .doc = "Remove one scheduled job", .errors = not_found},
	{"POST", "/api/v1/scheduler/jobs/{job_id}/run", run_now, &id_schema, &schedule_run_schema,
	 .role = ROLE_VIEWER, .status = 202, .audit = "scheduler.job.run", .tag = "scheduler",
	 .doc = "Run a scheduled job now", .errors = denied},
	{"GET", "/api/v1/scheduler/kinds", list_kinds, &own_page_schema, &kind_schema,
	 .role = ROLE_VIEWER, .status = 200, .flags = ROUTE_LIST, .tag = "scheduler",
	 .doc = "The kinds of work that can be scheduled"},
};

const struct feature schedules_feature = {
	.name = "schedules", .routes = routes, .nroutes = sizeof routes / sizeof routes[0]};

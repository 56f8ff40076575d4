/* See schedule_runs.h. */
#include "app/schedule_runs.h"

#include <string.h>

#include "app/query.h"
#include "app/teams.h"
#include "base/log.h"
#include "core/core.h"
#include "core/event.h"

enum { DUE_BATCH = 50, KEEP_DAYS = 90, RESULT_MAX = 1000 };

static const char *const status_choices[] = {"queued", "running", "ok", "failed", NULL};

/* ---- schemas ---- */

static const struct field run_fields[] = {
	FIELD(struct schedule_run_row, id, 0, .doc = "Number", .example = "1"),
	FIELD(struct schedule_run_row, job_id, F_NULL, .doc = "Scheduled job; null: it was removed",
		  .example = "1"),
	FIELD(struct schedule_run_row, team_id, 0, .doc = "Team", .example = "1"),
	FIELD(struct schedule_run_row, kind, 0, .doc = "What is done", .example = "\"cleanup\""),
	FIELD(struct schedule_run_row, status, 0, .choices = status_choices,
		  .doc = "queued, running, ok or failed", .example = "\"ok\""),
	FIELD(struct schedule_run_row, result, F_NULL, .doc = "What was done, or why it failed",
		  .example = "\"3 expired sessions removed\""),
	FIELD(struct schedule_run_row, due_at, 0, .doc = "When it was due",
		  .example = "\"2026-01-02T09:00:00Z\""),
	FIELD(struct schedule_run_row, started_at, F_NULL, .doc = "When it started",
		  .example = "\"2026-01-02T09:00:01Z\""),
	FIELD(struct schedule_run_row, finished_at, F_NULL, .doc = "When it ended",
		  .example = "\"2026-01-02T09:00:02Z\""),
	FIELD(struct schedule_run_row, duration_ms, F_NULL, .doc = "How long it took, milliseconds",
		  .example = "812"),
	FIELD(struct schedule_run_row, instance, F_NULL, .doc = "The server that ran it",
		  .example = "\"4f2a\""),
};
const struct schema schedule_run_schema =
	SCHEMA("SchedulerRun", struct schedule_run_row, run_fields);

struct list_in {
	int64_t skip, limit;
	struct opt_int job_id;
	int64_t team_id;
	const char *status, *kind;
};
static const struct field list_fields[] = {
	QUERY_PAGE(struct list_in),
	FIELD(struct list_in, job_id, F_QUERY, .min = 1, .doc = "Only of this scheduled job",
		  .example = "1"),
	FIELD(struct list_in, team_id, F_QUERY, .min = 0,
		  .doc = "Only of this team; an administrator sees all without it", .example = "1"),
	FIELD(struct list_in, status, F_QUERY, .choices = status_choices, .doc = "Only of this status",
		  .example = "\"failed\""),
	FIELD(struct list_in, kind, F_QUERY, .max = 50, .doc = "Only of this kind",
		  .example = "\"cleanup\""),
};
static const struct schema list_schema = SCHEMA("SchedulerRunList", struct list_in, list_fields);

struct run_args {
	int64_t run_id, job_id, user_id;
	struct json args; /* of the job, as they were when it was due */
};
static const struct field args_fields[] = {
	FIELD(struct run_args, run_id, F_REQUIRED, .doc = "Run", .example = "1"),
	FIELD(struct run_args, job_id, F_REQUIRED, .doc = "Scheduled job", .example = "1"),
	FIELD(struct run_args, user_id, F_REQUIRED, .doc = "Who made it, 0: gone", .example = "1"),
	FIELD(struct run_args, args, F_REQUIRED, .doc = "Its args", .example = "{}"),
};
static const struct schema args_schema = SCHEMA("ScheduleRunArgs", struct run_args, args_fields);

/* ---- running ---- */

static int get(struct ctx *c, int64_t id, struct schedule_run_row *out)
{
	return db_one(c->db, c->arena, &schedule_run_schema, out,
				  "SELECT * FROM scheduler_runs WHERE id = $1", P(id));
}

/* The start, and the end, of a run. */
struct step {
	int64_t id;
	const char *status, *result;
	int64_t started;
	struct schedule_run_row row;
};

static int begin_tx(struct ctx *c, void *arg)
{
	struct step *s = arg;

	TRY(db_exec(c->db, NULL,
				"UPDATE scheduler_runs SET status = 'running', started_at = $2, instance = $3 "
				"WHERE id = $1",
				P(s->id), P(s->started), P(c->core->instance)));
	return get(c, s->id, &s->row);
}

static int end_tx(struct ctx *c, void *arg)
{
	struct step *s = arg;
	int64_t now = clock_now();

	TRY(db_exec(c->db, NULL,
				"UPDATE scheduler_runs SET status = $2, result = $3, finished_at = $4, "
				"duration_ms = $5 WHERE id = $1",
				P(s->id), P(s->status), P(s->result), P(now), P((now - s->started) / 1000)));
	TRY(get(c, s->id, &s->row));
	return event_emit(c, &(struct event){.type = "scheduler.run",
										 .team_id = s->row.team_id,
										 .schema = &schedule_run_schema,
										 .data = &s->row});
}

/* Binds the job's args and does its work. */
static int work(struct ctx *c, const struct run_args *in, const struct schedule_run_row *row,
				const char **result)
{
	const struct schedule_kind *kind = schedules_kind(c->core, row->kind);
	struct schedule_run run = {row->id, in->job_id, row->team_id, in->user_id, 0};
	const struct json_value *v = NULL;
	void *args;

	TRY(db_int(c->db, &run.since,
			   "SELECT max(started_at) FROM scheduler_runs WHERE job_id = $1 AND status = 'ok'",
			   P(run.job_id)));
	if (kind == NULL)
		return fail(c, E_RULE, "This version of vitae has no job of this kind");
	c->in = NULL;
	if (kind->args != NULL) {
		args = arena_alloc(c->arena, kind->args->size);
		if (json_parse(c->arena, in->args.text, strlen(in->args.text), &v, NULL) != OK ||
			schema_bind_json(kind->args, v, c->arena, args, c->faults) != OK)
			return fail(c, E_RULE, "The job's args do not fit its kind; schedule it anew");
		c->in = args;
	}
	return kind->run(c, &run, result);
}

static const char *cut(struct arena *a, const char *s)
{
	size_t n = s == NULL ? 0 : strnlen(s, RESULT_MAX);

	return s == NULL ? NULL : utf8_clean(a, s, n);
}

/* A failed run is told and not tried again: the next one comes. A run whose row is gone, with its
 * team, is not done. */
static int run(struct ctx *c)
{
	const struct run_args in = *(const struct run_args *)c->in;
	struct step s = {.id = in.run_id, .status = "ok", .started = clock_now()};
	const char *result = "Done";
	int rc = tx(c, begin_tx, &s);

	if (rc == E_NOT_FOUND)
		return OK;
	TRY(rc);
	rc = work(c, &in, &s.row, &result);
	if (rc < 0) {
		s.status = "failed";
		result = c->error->text;
		log_warning("scheduled job %lld (%s) failed: %s", (long long)in.job_id, s.row.kind,
					c->error->text);
	}
	s.result = cut(c->arena, result);
	return tx(c, end_tx, &s);
}

static int gave_up_tx(struct ctx *c, void *arg)
{
	const struct run_args *in = arg;
	struct step s = {.id = in->run_id, .status = "failed", .started = clock_now()};

	s.result = "The server ended while it ran, several times";
	return end_tx(c, &s);
}

static int gave_up(struct ctx *c)
{
	struct run_args in = *(const struct run_args *)c->in;
	int rc = tx(c, gave_up_tx, &in);

	return rc == E_NOT_FOUND ? OK : rc;
}

static int prune_tx(struct ctx *c, void *arg)
{
	(void)arg;
	return db_exec(c->db, NULL, "DELETE FROM scheduler_runs WHERE due_at < $1",
				   P(c->now - KEEP_DAYS * 24 * 3600 * CLOCK_SECOND));
}

static int prune(struct ctx *c)
{
	return tx(c, prune_tx, NULL);
}

static const struct task_kind tasks[] = {
	{.name = "schedule.run",
	 .args = &args_schema,
	 .pool = TASK_NETWORK,
	 .attempts = 3,
	 .run = run,
	 .gave_up = gave_up},
	{.name = "schedule.prune", .pool = TASK_BACKGROUND, .attempts = 3, .run = prune},
};

/* ---- what is due ---- */

int schedule_runs_add(struct ctx *c, const struct scheduled_job *job, int64_t due,
					  struct schedule_run_row *out)
{
	struct run_args args = {0, job->id, job->created_by.v, job->args};

	TRY(db_one(c->db, c->arena, &schedule_run_schema, out,
			   "INSERT INTO scheduler_runs (job_id, team_id, kind, status, due_at) "
			   "VALUES ($1, $2, $3, 'queued', $4) RETURNING *",
			   P(job->id), P(job->team_id), P(job->kind), P(due)));
	args.run_id = out->id;
	return task_add(c, &tasks[0], &args, arena_printf(c->arena, "run %lld", (long long)out->id), 0);
}

static int start_tx(struct ctx *c, void *arg)
{
	const struct scheduled_job *job = arg;
	struct schedule_run_row row;
	bool claimed;

	TRY(schedules_claim(c, job, &claimed));
	return claimed ? schedule_runs_add(c, job, job->next_run.us, &row) : OK;
}

static int tick(struct ctx *c)
{
	struct list due;
	struct scheduled_job *jobs;

	TRY(schedules_due(c, DUE_BATCH, &due));
	jobs = due.items;
	for (size_t i = 0; i < due.n; i++)
		TRY(tx(c, start_tx, &jobs[i]));
	return due.n == DUE_BATCH;
}

/* ---- handlers ---- */

static int list(struct ctx *c)
{
	const struct list_in *in = c->in;
	struct query q;
	int64_t team;

	TRY(team_scope(c, in->team_id, &team));
	query_init(&q, c->arena);
	if (team != 0)
		query_and(&q, "team_id = ?", P(team));
	if (in->job_id.set)
		query_and(&q, "job_id = ?", P(in->job_id));
	if (in->status != NULL)
		query_and(&q, "status = ?", P(in->status));
	if (in->kind != NULL)
		query_and(&q, "kind = ?", P(in->kind));
	return query_page(c, &q, &schedule_run_schema, "*", "scheduler_runs", "id DESC", in->skip,
					  in->limit);
}

static const short not_found[] = {404, 0};

static const struct route routes[] = {
	{"GET", "/api/v1/scheduler/runs", list, &list_schema, &schedule_run_schema, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_LIST, .tag = "scheduler",
	 .doc = "Runs of scheduled jobs, newest first", .errors = not_found},
};

static const struct maintenance jobs[] = {
	{.name = "schedule.prune", .task = &tasks[1], .interval = 24 * 3600},
};

const struct feature schedule_runs_feature = {.name = "schedule_runs",
											  .routes = routes,
											  .nroutes = sizeof routes / sizeof routes[0],
											  .tasks = tasks,
											  .ntasks = 2,
											  .jobs = jobs,
											  .njobs = 1,
											  .tick = tick};

/*
 * See scheduler.h. One thread looks every few seconds; moving a row's next_run on the condition
 * that it still is what was read is the lock: of several instances one succeeds, and only then the
 * task is added, in the same transaction.
 */
#include "core/scheduler.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/log.h"
#include "core/core.h"

enum { LOOK_SECONDS = 5, JOBS_MAX = 64, ARENA_MAX = 1024 * 1024 };

struct scheduler {
	struct core *core;
	const struct maintenance *jobs[JOBS_MAX];
	size_t njobs;
	struct db *db;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stopping, restart;
	_Atomic int64_t looked;
};

static const struct field job_fields[] = {
	FIELD(struct scheduler_job, name, 0, .doc = "Name", .example = "\"sessions.expire\""),
	FIELD(struct scheduler_job, interval_seconds, 0, .doc = "Seconds between two runs",
		  .example = "3600"),
	FIELD(struct scheduler_job, next_run, F_NULL, .doc = "When it is due",
		  .example = "\"2026-01-02T03:04:05Z\""),
	FIELD(struct scheduler_job, last_run, F_NULL, .doc = "When it was last started",
		  .example = "null"),
};
const struct schema scheduler_job_schema =
	SCHEMA("BuiltInJob", struct scheduler_job, job_fields, .doc = "Maintenance that is built in");

/* Makes the row of a job that is new; the interval of a known one may have changed. First run: at
 * once. */
static int register_job(struct ctx *c, const struct maintenance *job)
{
	return db_exec(c->db, NULL,
				   "INSERT INTO schedules (name, interval_seconds, next_run) VALUES ($1, $2, $3) "
				   "ON CONFLICT (name) DO UPDATE SET interval_seconds = excluded.interval_seconds",
				   P(job->name), P(job->interval), P(c->now));
}

static int register_tx(struct ctx *c, void *arg)
{
	const struct scheduler *s = arg;

	for (size_t i = 0; i < s->njobs; i++)
		TRY(register_job(c, s->jobs[i]));
	return OK;
}

/* Adds the job's task if it is due and nobody else did. */
static int run_due(struct ctx *c, const struct maintenance *job)
{
	int64_t due, changed;

	TRY(db_int(c->db, &due, "SELECT next_run FROM schedules WHERE name = $1", P(job->name)));
	if (due > c->now)
		return OK;
	TRY(db_exec(
		c->db, &changed,
		"UPDATE schedules SET next_run = $3, last_run = $4 WHERE name = $1 AND next_run = $2",
		P(job->name), P(due), P(c->now + job->interval * CLOCK_SECOND), P(c->now)));
	if (changed == 0)
		return OK;
	return task_add(c, job->task, NULL, arena_printf(c->arena, "due %lld", (long long)due), 0);
}

static int look_tx(struct ctx *c, void *arg)
{
	return run_due(c, arg);
}

/* True if the job's time has come, by a look that takes no write lock. */
static bool is_due(struct ctx *c, const struct maintenance *job)
{
	int64_t due;

	return db_int(c->db, &due, "SELECT next_run FROM schedules WHERE name = $1", P(job->name)) ==
			   OK &&
		   due <= c->now;
}

static bool is_stopping(struct scheduler *s)
{
	bool stopping;

	pthread_mutex_lock(&s->lock);
	stopping = s->stopping;
	pthread_mutex_unlock(&s->lock);
	return stopping;
}

/* What features look after themselves. */
static void tick(struct scheduler *s, struct arena *a)
{
	struct core *core = s->core;
	struct error error = {0};
	struct ctx c;
	int rc;

	for (size_t i = 0; i < core->nfeatures; i++) {
		if (core->features[i]->tick == NULL)
			continue;
		do {
			arena_reset(a);
			core_ctx(core, a, &error, s->db, &c);
			rc = core->features[i]->tick(&c);
		} while (rc > 0 && !is_stopping(s));
		if (rc < 0)
			log_warning("%s: what is due cannot be started now: %s", core->features[i]->name,
						error.text);
		arena_reset(a);
	}
}

static void look(struct scheduler *s, struct arena *a)
{
	struct error error = {0};
	struct ctx c;

	for (size_t i = 0; i < s->njobs; i++) {
		core_ctx(s->core, a, &error, s->db, &c);
		s->db->error = &error;
		if (is_due(&c, s->jobs[i]) && tx(&c, look_tx, (void *)(uintptr_t)s->jobs[i]) != OK)
			log_warning("the job %s cannot be started now: %s", s->jobs[i]->name, error.text);
		arena_reset(a);
	}
	tick(s, a);
	atomic_store(&s->looked, clock_now());
}

static void register_anew(struct scheduler *s, struct arena *a)
{
	struct error error = {0};
	struct ctx c;
	bool wanted;

	pthread_mutex_lock(&s->lock);
	wanted = s->restart;
	s->restart = false;
	pthread_mutex_unlock(&s->lock);
	if (!wanted)
		return;
	core_ctx(s->core, a, &error, s->db, &c);
	if (tx(&c, register_tx, s) != OK)
		log_warning("the scheduler cannot be restarted now: %s", error.text);
	else
		log_info("scheduler restarted");
	arena_reset(a);
}

static bool wait_until_next(struct scheduler *s)
{
	struct timespec until;
	bool go;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += LOOK_SECONDS;
	pthread_mutex_lock(&s->lock);
	while (!s->stopping && !s->restart)
		if (pthread_cond_timedwait(&s->wake, &s->lock, &until) != 0)
			break;
	go = !s->stopping;
	pthread_mutex_unlock(&s->lock);
	return go;
}

static void *scheduler_main(void *arg)
{
	struct scheduler *s = arg;
	struct arena *a = arena_new(ARENA_MAX);

	do {
		register_anew(s, a);
		look(s, a);
	} while (wait_until_next(s));
	arena_free(a);
	return NULL;
}

static void release(struct scheduler *s)
{
	db_close(s->db);
	pthread_cond_destroy(&s->wake);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static struct scheduler *scheduler_new(struct core *core, const struct feature *const *features,
									   size_t n)
{
	struct scheduler *s = calloc(1, sizeof *s);
	pthread_condattr_t attr;

	if (s == NULL)
		abort();
	s->core = core;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < features[i]->njobs && s->njobs < JOBS_MAX; k++)
			s->jobs[s->njobs++] = &features[i]->jobs[k];
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->wake, &attr);
	pthread_condattr_destroy(&attr);
	return s;
}

int scheduler_start(struct core *core, const struct feature *const *features, size_t n,
					struct scheduler **out)
{
	struct scheduler *s = scheduler_new(core, features, n);
	struct arena *a = arena_new(ARENA_MAX);
	struct error *error = &core->error;
	struct ctx c;
	int rc = db_open(core->db_url, error, &s->db);

	if (rc == OK) {
		core_ctx(core, a, error, s->db, &c);
		rc = tx(&c, register_tx, s);
	}
	arena_free(a);
	if (rc == OK && pthread_create(&s->thread, NULL, scheduler_main, s) != 0)
		rc = fail(&c, E_UNAVAILABLE, "no thread for the scheduler can be started");
	if (rc != OK) {
		release(s);
		return rc;
	}
	*out = s;
	return OK;
}

void scheduler_stop(struct scheduler *s)
{
	if (s == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	pthread_cond_broadcast(&s->wake);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	release(s);
}

bool scheduler_running(const struct scheduler *s)
{
	return s != NULL;
}

void scheduler_restart(struct scheduler *s)
{
	pthread_mutex_lock(&s->lock);
	s->restart = true;
	pthread_cond_broadcast(&s->wake);
	pthread_mutex_unlock(&s->lock);
}

int64_t scheduler_looked(const struct scheduler *s)
{
	return atomic_load(&s->looked);
}

int scheduler_list(struct ctx *c, struct list *out)
{
	return db_list(c->db, c->arena, &scheduler_job_schema, JOBS_MAX, out,
				   "SELECT name, interval_seconds, next_run, last_run FROM schedules "
				   "ORDER BY name LIMIT 64");
}

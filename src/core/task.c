/*
 * See task.h. A claimed task's run_after is moved to the end of its lease, so that "due" and "lease
 * over" are one question with one index. A keeper thread renews the leases of what runs here. A
 * task that ends is deleted by its owner only: one whose lease was lost meanwhile belongs to
 * somebody else.
 */
#include "core/task.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "core/core.h"
#include "core/metrics.h"
#include "data/json.h"
#include "proc/worker.h"

enum {
	LEASE_SECONDS = 60,
	RENEW_SECONDS = 15,
	POLL_SECONDS = 1,
	RETRY_SECONDS = 5,
	BACKOFF_MAX_SECONDS = 3600,
	ARENA_MAX = 24 * 1024 * 1024,
	THREADS_MAX = 64,
	OCR_REST_SECONDS = 60,
	NETWORK_THREADS = 4,
};

struct tasks {
	struct core *core;
	const struct task_kind *kinds[TASK_KINDS_MAX];
	size_t nkinds;
	pthread_t threads[THREADS_MAX + NETWORK_THREADS + 4];
	struct task_thread *states[THREADS_MAX + NETWORK_THREADS + 4];
	size_t nthreads;
	pthread_mutex_t claiming; /* guards claims */
	/* Looks for work, for all threads: a connection knows nothing of the database, and takes little
	 * memory, before it is first used. */
	struct db *claims;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	uint64_t woken; /* counts wakes, so that none between claim and wait is lost */
	int running;
	bool stopping, killed;
};

struct task_thread {
	struct tasks *tasks;
	enum task_pool pool;
	struct db *db;
	struct error error;
	struct worker *worker;
	int64_t running; /* the task under way, 0 without; guarded by tasks->lock */
};

struct claimed {
	int64_t id, attempts;
	const char *kind, *args;
};
static const struct field claimed_fields[] = {
	FIELD(struct claimed, id, 0, .doc = "Task", .example = "1"),
	FIELD(struct claimed, attempts, 0, .doc = "Counted failures", .example = "0"),
	FIELD(struct claimed, kind, 0, .doc = "Kind", .example = "\"candidate.parse\""),
	FIELD(struct claimed, args, 0, .doc = "Arguments as JSON", .example = "\"{}\""),
};
static const struct schema claimed_schema = SCHEMA("ClaimedTask", struct claimed, claimed_fields);

static const char *pool_name(enum task_pool pool)
{
	static const char *const names[] = {
		[TASK_PARSE] = "parse",           [TASK_OCR] = "ocr",         [TASK_MEDIA] = "media",
		[TASK_BACKGROUND] = "background", [TASK_NETWORK] = "network",
	};

	return names[pool];
}

/* ---- adding ---- */

static void wake_after_commit(struct core *core, void *arg)
{
	(void)arg;
	if (core->tasks != NULL)
		tasks_wake(core->tasks);
}

static int add(struct ctx *c, const char *sql, const struct task_kind *kind, const void *args,
			   const char *unique_key, int64_t run_after)
{
	struct buf b;

	buf_init(&b, c->arena, 64 * 1024);
	if (kind->args == NULL)
		buf_adds(&b, "{}");
	else if (schema_print(kind->args, args, &b) != OK)
		return fail(c, E_INTERNAL, "the arguments of task %s are too long", kind->name);
	TRY(db_exec(c->db, NULL, sql, P(kind->name), P(buf_str(&b)), P(unique_key),
				P(pool_name(kind->pool)), P(run_after > 0 ? run_after : c->now), P(c->now)));
	after_commit(c, wake_after_commit, NULL);
	return OK;
}

int task_add(struct ctx *c, const struct task_kind *kind, const void *args, const char *unique_key,
			 int64_t run_after)
{
	return add(c,
			   "INSERT INTO tasks (kind, args, unique_key, pool, run_after, created_at) "
			   "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (kind, unique_key) DO NOTHING",
			   kind, args, unique_key, run_after);
}

int task_add_again(struct ctx *c, const struct task_kind *kind, const void *args,
				   const char *unique_key, int64_t run_after)
{
	return add(c,
			   "INSERT INTO tasks (kind, args, unique_key, pool, run_after, created_at) "
			   "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (kind, unique_key) DO UPDATE SET "
			   "again = CASE WHEN tasks.lease_owner IS NULL THEN NULL ELSE excluded.args END, "
			   "run_after = CASE WHEN tasks.lease_owner IS NULL AND tasks.run_after > "
			   "excluded.run_after THEN excluded.run_after ELSE tasks.run_after END",
			   kind, args, unique_key, run_after);
}

int task_cancel(struct ctx *c, const struct task_kind *kind, const char *unique_key)
{
	return db_exec(c->db, NULL,
				   "DELETE FROM tasks WHERE kind = $1 AND unique_key = $2 AND lease_owner IS NULL",
				   P(kind->name), P(unique_key));
}

int task_count(struct db *db, const char *kind, int64_t *out)
{
	if (kind == NULL)
		return db_int(db, out, "SELECT count(*) FROM tasks");
	return db_int(db, out, "SELECT count(*) FROM tasks WHERE kind = $1", P(kind));
}

static const struct field backlog_fields[] = {
	FIELD(struct task_backlog, kind, 0, .doc = "Kind", .example = "\"candidate.parse\""),
	FIELD(struct task_backlog, waiting, 0, .doc = "Waiting", .example = "1"),
	FIELD(struct task_backlog, running, 0, .doc = "Running", .example = "1"),
	FIELD(struct task_backlog, oldest, 0, .doc = "Oldest that is due", .example = "1"),
};
static const struct schema backlog_schema =
	SCHEMA("TaskBacklog", struct task_backlog, backlog_fields);

int task_backlogs(struct ctx *c, struct list *out)
{
	return db_list(c->db, c->arena, &backlog_schema, TASK_KINDS_MAX, out,
				   "SELECT kind, count(*) - count(lease_owner) AS waiting, count(lease_owner) AS "
				   "running, min(CASE WHEN lease_owner IS NULL AND run_after <= $1 THEN created_at "
				   "END) AS oldest FROM tasks GROUP BY kind ORDER BY kind",
				   P(c->now));
}

/* ---- claiming and ending ---- */

/* How an engine claims and renews. With PostgreSQL leases go by the database's clock, since those
 * of several instances may differ, and instances pass over what another one is claiming. */
static const struct engine {
	const char *claim, *renew;
} sqlite = {
	.claim = "UPDATE tasks SET lease_owner = $1, run_after = $4 + $2, lease_until = $4 + $2 "
			 "WHERE id = (SELECT id FROM tasks WHERE pool = $3 AND run_after <= $4 "
			 "ORDER BY run_after, id LIMIT 1) RETURNING id, kind, args, attempts",
	.renew = "UPDATE tasks SET run_after = $4 + $3, lease_until = $4 + $3 "
			 "WHERE id = $1 AND lease_owner = $2 AND run_after < CAST($4 AS BIGINT) + $3",
};

#define DB_NOW "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"

static const struct engine postgresql = {
	.claim =
		"UPDATE tasks SET lease_owner = $1, run_after = " DB_NOW " + $2, "
		"lease_until = " DB_NOW " + $2 WHERE id = (SELECT id FROM tasks WHERE pool = $3 AND "
		"run_after <= greatest($4, " DB_NOW ") AND (lease_owner IS NULL OR run_after <= " DB_NOW
		") ORDER BY run_after, id LIMIT 1 FOR UPDATE SKIP LOCKED) "
		"RETURNING id, kind, args, attempts",
	.renew = "UPDATE tasks SET run_after = " DB_NOW " + $3, lease_until = " DB_NOW " + $3 "
			 "WHERE id = $1 AND lease_owner = $2 AND run_after < greatest($4, " DB_NOW ") + $3",
};

int task_clock(struct ctx *c, int64_t *now)
{
	if (strcmp(db_engine(c->db), "sqlite") != 0)
		return db_int(c->db, now, "SELECT " DB_NOW);
	*now = clock_now();
	return OK;
}

static const struct engine *engine(const struct ctx *c)
{
	return strcmp(db_engine(c->db), "sqlite") == 0 ? &sqlite : &postgresql;
}

/* A statement by itself: it queues for no lock that other writers hold for long. */
static int claim(struct ctx *c, enum task_pool pool, struct claimed *out)
{
	return db_one(c->db, c->arena, &claimed_schema, out, engine(c)->claim, P(c->core->instance),
				  P(LEASE_SECONDS * CLOCK_SECOND), P(pool_name(pool)), P(c->now));
}

/* What becomes of a task after a run: gone, or due again at again_at. */
struct verdict {
	int64_t id, again_at, attempts;
	bool gone;
	const char *why;
};

/* A task that was asked for once more while it ran begins anew, as if just added. */
static int note_gone(struct ctx *c, const struct verdict *v)
{
	int64_t removed;

	TRY(db_exec(c->db, &removed,
				"DELETE FROM tasks WHERE id = $1 AND lease_owner = $2 AND again IS NULL", P(v->id),
				P(c->core->instance)));
	if (removed > 0)
		return OK;
	return db_exec(c->db, NULL,
				   "UPDATE tasks SET args = again, again = NULL, lease_owner = NULL, "
				   "lease_until = NULL, run_after = $3, attempts = 0, last_error = NULL "
				   "WHERE id = $1 AND lease_owner = $2 AND again IS NOT NULL",
				   P(v->id), P(c->core->instance), P(c->now));
}

/* Nothing happens to a task whose lease somebody else has by now. */
static int note_verdict(struct ctx *c, const struct verdict *v)
{
	if (v->gone)
		return note_gone(c, v);
	return db_exec(
		c->db, NULL,
		"UPDATE tasks SET lease_owner = NULL, lease_until = NULL, run_after = $3, attempts = $4, "
		"last_error = $5 WHERE id = $1 AND lease_owner = $2",
		P(v->id), P(c->core->instance), P(v->again_at), P(v->attempts), P(v->why));
}

static const struct task_kind *find_kind(const struct tasks *t, const char *name)
{
	for (size_t i = 0; i < t->nkinds; i++)
		if (strcmp(t->kinds[i]->name, name) == 0)
			return t->kinds[i];
	return NULL;
}

static int bind_args(struct ctx *c, const struct task_kind *kind, const char *args)
{
	const struct json_value *v;
	void *in;

	if (kind->args == NULL)
		return OK;
	in = arena_alloc(c->arena, kind->args->size);
	if (json_parse(c->arena, args, strlen(args), &v, NULL) != OK ||
		schema_bind_json(kind->args, v, c->arena, in, c->faults) != OK)
		return fail(c, E_INTERNAL, "the arguments of a task %s do not fit its schema", kind->name);
	c->in = in;
	return OK;
}

static int64_t backoff(int64_t attempts)
{
	int64_t s = attempts > 11 ? BACKOFF_MAX_SECONDS : (int64_t)1 << attempts;

	return s > BACKOFF_MAX_SECONDS ? BACKOFF_MAX_SECONDS * CLOCK_SECOND : s * CLOCK_SECOND;
}

/* A flag of the struct's own, which its lock guards. */
static bool is_set(struct tasks *t, const bool *flag)
{
	bool set;

	pthread_mutex_lock(&t->lock);
	set = *flag;
	pthread_mutex_unlock(&t->lock);
	return set;
}

/* Decides after a failure. A parser that we killed ourselves at the end, and what is not available,
 * count as no attempt. */
static void judge_failure(struct task_thread *t, struct ctx *c, const struct task_kind *kind,
						  int rc, struct verdict *v)
{
	bool counted = rc != E_UNAVAILABLE && !is_set(t->tasks, &t->tasks->killed);

	v->why = arena_strdup(c->arena, c->error->text);
	v->attempts += counted;
	v->again_at = clock_now() + (counted ? backoff(v->attempts - 1) : RETRY_SECONDS * CLOCK_SECOND);
	log_warning("task %s failed (%s, attempt %lld): %s", kind->name, error_name((enum err)rc),
				(long long)v->attempts, c->error->text);
	if (!counted || v->attempts < kind->attempts)
		return;
	v->gone = true;
	if (kind->gave_up != NULL && kind->gave_up(c) != OK) {
		log_error("task %s cannot be given up yet: %s", kind->name, c->error->text);
		v->gone = false;
		v->attempts--;
	}
}

static void task_ctx(struct task_thread *t, struct arena *a, struct error *error, struct ctx *c)
{
	*error = (struct error){0};
	core_ctx(t->tasks->core, a, error, t->db, c);
	t->db->error = error;
	c->worker = t->worker;
}

/* Waits until woken (seen: the wakes counted before the claim), the poll interval is over, or the
 * end. Returns false at the end. */
static bool wait_for_work(struct tasks *t, uint64_t seen)
{
	struct timespec until;
	bool go;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += POLL_SECONDS;
	pthread_mutex_lock(&t->lock);
	while (!t->stopping && t->woken == seen)
		if (pthread_cond_timedwait(&t->wake, &t->lock, &until) != 0)
			break;
	go = !t->stopping;
	pthread_mutex_unlock(&t->lock);
	return go;
}

static uint64_t wakes(struct tasks *t)
{
	uint64_t n;

	pthread_mutex_lock(&t->lock);
	n = t->woken;
	pthread_mutex_unlock(&t->lock);
	return n;
}

/* While the database is away, the end waits to be noted: the lease is still ours when it is back,
 * or somebody else's, and then nothing is changed. */
static void note_end(struct task_thread *t, struct arena *a, const struct verdict *v)
{
	struct error error;
	struct ctx c;
	int rc;

	do {
		task_ctx(t, a, &error, &c);
		rc = note_verdict(&c, v);
	} while (rc == E_UNAVAILABLE && wait_for_work(t->tasks, wakes(t->tasks)));
	if (rc != OK)
		log_error("the end of a task cannot be noted, it will run again: %s", error.text);
}

static void run_claimed(struct task_thread *t, struct arena *a, const struct claimed *task)
{
	const struct task_kind *kind = find_kind(t->tasks, task->kind);
	struct verdict v = {.id = task->id, .attempts = task->attempts, .gone = true};
	struct error error;
	struct ctx c;
	int rc;

	task_ctx(t, a, &error, &c);
	if (kind == NULL) {
		log_error("a task of the unknown kind %s is dropped", task->kind);
	} else {
		rc = bind_args(&c, kind, task->args);
		rc = rc == OK ? kind->run(&c) : rc;
		v.gone = rc == OK && c.again_at == 0;
		v.again_at = c.again_at;
		metrics_count(rc == OK ? COUNTER_TASKS_DONE : COUNTER_TASKS_FAILED, 1);
		if (rc != OK)
			judge_failure(t, &c, kind, rc, &v);
		metrics_count(COUNTER_TASKS_GIVEN_UP, rc != OK && v.gone);
	}
	note_end(t, a, &v);
}

static void set_running(struct task_thread *t, int64_t id)
{
	pthread_mutex_lock(&t->tasks->lock);
	t->running = id;
	pthread_mutex_unlock(&t->tasks->lock);
}

/* Claims a due task. False if there is none. */
static bool find_work(struct task_thread *t, struct arena *a, struct claimed *task)
{
	struct tasks *all = t->tasks;
	struct error error = {0};
	struct ctx c;
	int rc;

	pthread_mutex_lock(&all->claiming);
	core_ctx(all->core, a, &error, all->claims, &c);
	rc = is_set(all, &all->stopping) ? E_NOT_FOUND : claim(&c, t->pool, task);
	all->claims->error = &all->core->error;
	pthread_mutex_unlock(&all->claiming);
	if (rc != OK && rc != E_NOT_FOUND)
		log_warning("no task can be claimed: %s", error.text);
	return rc == OK;
}

/* Runs one due task. False if there was none. */
static bool run_one(struct task_thread *t, struct arena *a)
{
	struct claimed task;

	if (!find_work(t, a, &task))
		return false;
	set_running(t, task.id);
	run_claimed(t, a, &task);
	set_running(t, 0);
	return true;
}

/* ---- threads ---- */

/* True, and one more running, unless the end has begun. */
static bool begin_round(struct tasks *t, uint64_t *seen)
{
	bool go;

	pthread_mutex_lock(&t->lock);
	go = !t->stopping;
	*seen = t->woken;
	t->running += go;
	pthread_mutex_unlock(&t->lock);
	return go;
}

static void end_round(struct tasks *t)
{
	pthread_mutex_lock(&t->lock);
	t->running--;
	pthread_cond_broadcast(&t->wake);
	pthread_mutex_unlock(&t->lock);
}

static void *thread_main(void *arg)
{
	struct task_thread *t = arg;
	struct arena *a = arena_new(ARENA_MAX);
	uint64_t seen;

	while (begin_round(t->tasks, &seen)) {
		bool worked = run_one(t, a);

		end_round(t->tasks);
		arena_reset(a);
		if (!worked && (t->pool == TASK_OCR || t->pool == TASK_MEDIA))
			worker_rest(t->worker, OCR_REST_SECONDS);
		if (!worked)
			(void)wait_for_work(t->tasks, seen);
	}
	arena_free(a);
	return NULL;
}

/* Only what runs is renewed: a task whose end could not be noted falls due when its lease ends. */
static int renew(struct task_thread *keeper, struct ctx *c)
{
	struct tasks *t = keeper->tasks;
	int64_t ids[THREADS_MAX + NETWORK_THREADS + 4];
	size_t n = 0;

	pthread_mutex_lock(&t->lock);
	for (size_t i = 0; i < t->nthreads; i++)
		if (t->states[i]->running != 0)
			ids[n++] = t->states[i]->running;
	pthread_mutex_unlock(&t->lock);
	for (size_t i = 0; i < n; i++)
		TRY(db_exec(c->db, NULL, engine(c)->renew, P(ids[i]), P(c->core->instance),
					P(LEASE_SECONDS * CLOCK_SECOND), P(c->now)));
	return OK;
}

/* Sleeps up to RENEW_SECONDS. True unless the end has come. */
static bool keeper_wait(struct tasks *t)
{
	struct timespec until;
	bool go;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += RENEW_SECONDS;
	pthread_mutex_lock(&t->lock);
	while (!(t->stopping && t->running == 0))
		if (pthread_cond_timedwait(&t->wake, &t->lock, &until) != 0)
			break;
	go = !(t->stopping && t->running == 0);
	pthread_mutex_unlock(&t->lock);
	return go;
}

static void *keeper_main(void *arg)
{
	struct task_thread *t = arg;
	struct arena *a = arena_new(ARENA_MAX);

	while (keeper_wait(t->tasks)) {
		struct error error;
		struct ctx c;

		task_ctx(t, a, &error, &c);
		if (renew(t, &c) != OK)
			log_warning("leases cannot be renewed: %s", error.text);
		arena_reset(a);
	}
	arena_free(a);
	return NULL;
}

/* ---- start and stop ---- */

static int take_back_tx(struct ctx *c, void *arg)
{
	(void)arg;
	return db_exec(c->db, NULL,
				   "UPDATE tasks SET lease_owner = NULL, lease_until = NULL, run_after = $1 "
				   "WHERE lease_owner = $2",
				   P(c->now), P(c->core->instance));
}

/* Nobody else has this instance's name (core.c holds the lock), so whatever is leased under it
 * belongs to its dead predecessor. */
static int take_back(struct tasks *t, struct db *db)
{
	struct arena *a = arena_new(ARENA_MAX);
	struct error error = {0};
	struct ctx c;
	int rc;

	core_ctx(t->core, a, &error, db, &c);
	rc = tx(&c, take_back_tx, NULL);
	arena_free(a);
	return rc;
}

static void free_thread(struct task_thread *t)
{
	worker_free(t->worker);
	db_close(t->db);
	free(t);
}

static int refuse_start(struct core *core, enum err code, const char *text)
{
	return fail(&(struct { struct error *error; }){&core->error}, code, "%s", text);
}

static int add_thread(struct tasks *t, enum task_pool pool, void *(*main)(void *))
{
	struct task_thread *th = calloc(1, sizeof *th);
	int rc = OK;

	if (th == NULL)
		abort();
	th->tasks = t;
	th->pool = pool;
	rc = db_open(t->core->db_url, &t->core->error, &th->db);
	if (rc == OK && pool == TASK_PARSE) /* a document is read again from its file */
		rc = db_repeatable(th->db);
	if (rc == OK && (pool == TASK_PARSE || pool == TASK_OCR))
		rc = core_worker(t->core, pool == TASK_OCR, &t->core->error, &th->worker);
	if (rc == OK && pool == TASK_MEDIA)
		rc = core_media_worker(t->core, &t->core->error, &th->worker);
	if (rc == OK && pthread_create(&t->threads[t->nthreads], NULL, main, th) != 0)
		rc = refuse_start(t->core, E_UNAVAILABLE, "no thread for tasks can be started");
	if (rc != OK) {
		free_thread(th);
		return rc;
	}
	pthread_mutex_lock(&t->lock);
	t->states[t->nthreads++] = th;
	pthread_mutex_unlock(&t->lock);
	return OK;
}

/* A kind that was left out would have its tasks wait for ever. */
static int check_kinds(struct core *core, const struct feature *const *features, size_t n)
{
	size_t kinds = 0;

	for (size_t i = 0; i < n; i++)
		kinds += features[i]->ntasks;
	return kinds <= TASK_KINDS_MAX
			   ? OK
			   : refuse_start(core, E_INTERNAL,
							  "there are more kinds of tasks than TASK_KINDS_MAX");
}

/* The kinds have been checked. */
static struct tasks *tasks_new(struct core *core, const struct feature *const *features, size_t n)
{
	struct tasks *t = calloc(1, sizeof *t);
	pthread_condattr_t attr;

	if (t == NULL)
		abort();
	t->core = core;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < features[i]->ntasks; k++)
			t->kinds[t->nkinds++] = &features[i]->tasks[k];
	pthread_mutex_init(&t->lock, NULL);
	pthread_mutex_init(&t->claiming, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&t->wake, &attr);
	pthread_condattr_destroy(&attr);
	return t;
}

int tasks_start(struct core *core, const struct feature *const *features, size_t n,
				struct tasks **out)
{
	int64_t parsers = core->config->parsers;
	struct tasks *t;
	int rc;

	TRY(check_kinds(core, features, n));
	t = tasks_new(core, features, n);
	rc = db_open(core->db_url, &core->error, &t->claims);
	if (rc == OK) /* what was claimed by a process that has ended is taken back */
		rc = db_repeatable(t->claims);
	if (rc == OK)
		rc = add_thread(t, TASK_BACKGROUND, keeper_main);
	if (rc == OK)
		rc = take_back(t, t->states[0]->db);
	if (rc == OK)
		rc = add_thread(t, TASK_BACKGROUND, thread_main);
	for (int i = 0; rc == OK && i < NETWORK_THREADS; i++)
		rc = add_thread(t, TASK_NETWORK, thread_main);
	if (rc == OK && core->ocr_program != NULL)
		rc = add_thread(t, TASK_OCR, thread_main);
	if (rc == OK && core->media_program != NULL)
		rc = add_thread(t, TASK_MEDIA, thread_main);
	for (int64_t i = 0; rc == OK && i < parsers && i < THREADS_MAX; i++)
		rc = add_thread(t, TASK_PARSE, thread_main);
	if (rc != OK) {
		tasks_stop(t, 0);
		return rc;
	}
	*out = t;
	return OK;
}

void tasks_wake(struct tasks *t)
{
	pthread_mutex_lock(&t->lock);
	t->woken++;
	pthread_cond_broadcast(&t->wake);
	pthread_mutex_unlock(&t->lock);
}

/* Waits until nothing runs, at most seconds. */
static bool wait_idle(struct tasks *t, int seconds)
{
	struct timespec until;
	bool idle;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += seconds;
	pthread_mutex_lock(&t->lock);
	t->stopping = true;
	pthread_cond_broadcast(&t->wake);
	while (t->running > 0)
		if (pthread_cond_timedwait(&t->wake, &t->lock, &until) != 0)
			break;
	idle = t->running == 0;
	t->killed = !idle;
	pthread_mutex_unlock(&t->lock);
	return idle;
}

void tasks_stop(struct tasks *t, int seconds)
{
	if (!wait_idle(t, seconds))
		for (size_t i = 0; i < t->nthreads; i++)
			if (t->states[i]->worker != NULL && worker_pid(t->states[i]->worker) > 0)
				kill(worker_pid(t->states[i]->worker), SIGKILL);
	for (size_t i = 0; i < t->nthreads; i++) {
		pthread_join(t->threads[i], NULL);
		free_thread(t->states[i]);
	}
	db_close(t->claims);
	pthread_cond_destroy(&t->wake);
	pthread_mutex_destroy(&t->claiming);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

/*
 * See journal.h. Events wait in a ring between the threads that log and the one that writes; each
 * is one allocation of the size it needs.
 */
#include "core/journal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "core/core.h"

enum { BATCH = 500, ARENA_MAX = 4 * 1024 * 1024 };

/* ---- collecting ---- */

struct journal {
	struct core *core;
	journal_write write;
	struct db *db;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake, settled;
	struct journal_entry *ring[JOURNAL_EVENTS_MAX];
	size_t first, n, taken; /* taken: by the writer, neither written nor put back */
	int64_t lost;
	int64_t done; /* events that were written, or lost */
	bool hurry, stopping;
};

/* Copies n bytes and a NUL to *at, which moves on. NULL stays NULL. */
static const char *put(char **at, const char *s, size_t n)
{
	char *to = *at;

	if (s == NULL)
		return NULL;
	memcpy(to, s, n);
	to[n] = '\0';
	*at += n + 1;
	return to;
}

static size_t length(const char *s)
{
	return s == NULL ? 0 : strlen(s);
}

static struct journal_entry *entry_new(const struct log_event *e)
{
	size_t func = strlen(e->func), id = length(e->context.request_id),
		   address = length(e->context.address);
	struct journal_entry *n = malloc(sizeof *n + func + e->n + id + address + 4);
	char *at = (char *)(n + 1);

	if (n == NULL)
		return NULL;
	*n = (struct journal_entry){.time = e->time,
								.user_id = e->context.user_id,
								.team_id = e->context.team_id,
								.level = log_level_name(e->level),
								.line = e->line};
	n->function = put(&at, e->func, func);
	n->message = put(&at, e->message, e->n);
	n->request_id = put(&at, e->context.request_id, id);
	n->address = put(&at, e->context.address, address);
	return n;
}

/* The writer's own complaints would come back to it for ever; they stand in the file. */
static _Thread_local bool is_writer;

static void collect(void *arg, const struct log_event *e)
{
	struct journal *j = arg;
	struct journal_entry *n = is_writer ? NULL : entry_new(e);

	if (n == NULL)
		return;
	pthread_mutex_lock(&j->lock);
	if (j->n == JOURNAL_EVENTS_MAX) {
		free(j->ring[j->first]);
		j->first = (j->first + 1) % JOURNAL_EVENTS_MAX;
		j->n--;
		j->lost++;
		j->done++;
	}
	j->ring[(j->first + j->n++) % JOURNAL_EVENTS_MAX] = n;
	if (j->n == BATCH)
		pthread_cond_signal(&j->wake);
	pthread_mutex_unlock(&j->lock);
}

/* ---- writing ---- */

struct batch {
	journal_write write;
	struct journal_entry *items[BATCH];
	size_t n;
};

static int write_all(struct ctx *c, void *arg)
{
	const struct batch *b = arg;

	return b->write(c, b->items, b->n);
}

/* Takes the oldest events that wait. */
static void take(struct journal *j, struct batch *b)
{
	pthread_mutex_lock(&j->lock);
	b->n = j->n < BATCH ? j->n : BATCH;
	for (size_t i = 0; i < b->n; i++)
		b->items[i] = j->ring[(j->first + i) % JOURNAL_EVENTS_MAX];
	j->first = (j->first + b->n) % JOURNAL_EVENTS_MAX;
	j->n -= b->n;
	j->taken = b->n;
	pthread_mutex_unlock(&j->lock);
}

/* The lock is held: n events need nobody's wait any more. */
static void settle(struct journal *j, size_t n)
{
	j->taken = 0;
	j->done += (int64_t)n;
	pthread_cond_broadcast(&j->settled);
}

/* Puts a batch back in front; what has come meanwhile may leave no room for all of it. */
static void put_back(struct journal *j, struct batch *b)
{
	pthread_mutex_lock(&j->lock);
	while (b->n > 0 && j->n < JOURNAL_EVENTS_MAX) {
		j->first = (j->first + JOURNAL_EVENTS_MAX - 1) % JOURNAL_EVENTS_MAX;
		j->ring[j->first] = b->items[--b->n];
		j->n++;
	}
	j->lost += (int64_t)b->n;
	settle(j, b->n);
	pthread_mutex_unlock(&j->lock);
	while (b->n > 0)
		free(b->items[--b->n]);
}

static bool write_batch(struct journal *j, struct arena *a)
{
	struct batch b = {.write = j->write};
	struct error error = {0};
	struct ctx c;

	take(j, &b);
	if (b.n == 0)
		return false;
	core_ctx(j->core, a, &error, j->db, &c);
	if (tx(&c, write_all, &b) != OK) {
		log_warning("events of the log cannot be stored now: %s", error.text);
		put_back(j, &b);
		arena_reset(a);
		return false;
	}
	for (size_t i = 0; i < b.n; i++)
		free(b.items[i]);
	pthread_mutex_lock(&j->lock);
	settle(j, b.n);
	pthread_mutex_unlock(&j->lock);
	arena_reset(a);
	return b.n == BATCH;
}

static void tell_lost(struct journal *j)
{
	int64_t lost;

	pthread_mutex_lock(&j->lock);
	lost = j->lost;
	j->lost = 0;
	pthread_mutex_unlock(&j->lock);
	if (lost > 0)
		log_warning("%lld events of the log came too fast to be stored; they stand in the file",
					(long long)lost);
}

static struct timespec in_a_while(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += JOURNAL_SECONDS;
	return t;
}

/* True when it is time to end. */
static bool wait(struct journal *j)
{
	struct timespec until = in_a_while();
	bool stopping;

	pthread_mutex_lock(&j->lock);
	if (!j->stopping && !j->hurry && j->n < BATCH)
		pthread_cond_timedwait(&j->wake, &j->lock, &until);
	j->hurry = false;
	stopping = j->stopping;
	pthread_mutex_unlock(&j->lock);
	return stopping;
}

static void *journal_main(void *arg)
{
	struct journal *j = arg;
	struct arena *a = arena_new(ARENA_MAX);
	bool stopping;

	is_writer = true;
	do {
		stopping = wait(j);
		while (write_batch(j, a)) {
		}
		tell_lost(j);
	} while (!stopping);
	arena_free(a);
	return NULL;
}

void journal_settle(struct journal *j)
{
	struct timespec until = in_a_while();
	int64_t target;

	if (j == NULL)
		return;
	pthread_mutex_lock(&j->lock);
	target = j->done + (int64_t)(j->taken + j->n);
	if (j->done < target) {
		j->hurry = true;
		pthread_cond_signal(&j->wake);
	}
	while (j->done < target && pthread_cond_timedwait(&j->settled, &j->lock, &until) == 0) {
	}
	pthread_mutex_unlock(&j->lock);
}

static void release(struct journal *j)
{
	for (; j->n > 0; j->n--, j->first = (j->first + 1) % JOURNAL_EVENTS_MAX)
		free(j->ring[j->first]);
	db_close(j->db);
	pthread_cond_destroy(&j->wake);
	pthread_cond_destroy(&j->settled);
	pthread_mutex_destroy(&j->lock);
	free(j);
}

int journal_start(struct core *core, journal_write write, struct error *error, struct journal **out)
{
	struct journal *j = calloc(1, sizeof *j);
	struct failable {
		struct error *error;
	} f = {error};
	pthread_condattr_t attr;
	int rc;

	if (j == NULL)
		abort();
	j->core = core;
	j->write = write;
	pthread_mutex_init(&j->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&j->wake, &attr);
	pthread_cond_init(&j->settled, &attr);
	pthread_condattr_destroy(&attr);
	rc = db_open(core->db_url, error, &j->db);
	if (rc == OK && pthread_create(&j->thread, NULL, journal_main, j) != 0)
		rc = fail(&f, E_UNAVAILABLE, "no thread for the log's rows can be started");
	if (rc != OK) {
		release(j);
		return rc;
	}
	log_sink(collect, j);
	*out = j;
	return OK;
}

void journal_stop(struct journal *j)
{
	if (j == NULL)
		return;
	log_sink(NULL, NULL);
	pthread_mutex_lock(&j->lock);
	j->stopping = true;
	pthread_cond_signal(&j->wake);
	pthread_mutex_unlock(&j->lock);
	pthread_join(j->thread, NULL);
	release(j);
}

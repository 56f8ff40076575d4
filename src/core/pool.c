/*
 * See pool.h. One ring of jobs behind one lock. Connections are opened before the threads start, so
 * that a bad URL is told to who starts the pool.
 */
#include "core/pool.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct job {
	void (*fn)(void *arg, struct db *db);
	void *arg;
};

struct pool_thread {
	struct pool *pool;
	struct db *db;
	struct error error;
	pthread_t id;
	bool started;
};

struct pool {
	char name[8]; /* of its threads, whose number follows */
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct job *jobs;
	size_t max, first, count;
	int idle;
	bool stopping;
	struct pool_thread *threads;
	int n;
};

static void *allocate(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (p == NULL)
		abort();
	return p;
}

/* Waits for a job; false when the pool ends and nothing is queued. */
static bool take(struct pool *p, struct job *out)
{
	bool got = false;

	pthread_mutex_lock(&p->lock);
	p->idle++;
	while (p->count == 0 && !p->stopping)
		pthread_cond_wait(&p->work, &p->lock);
	p->idle--;
	if (p->count > 0) {
		*out = p->jobs[p->first];
		p->first = (p->first + 1) % p->max;
		p->count--;
		got = true;
	}
	pthread_mutex_unlock(&p->lock);
	return got;
}

static void *run(void *arg)
{
	struct pool_thread *t = arg;
	struct job job;

	while (take(t->pool, &job)) {
		job.fn(job.arg, t->db);
		t->db->error = &t->error;
	}
	return NULL;
}

static int start_thread(struct pool *p, int i, const char *url, struct error *error)
{
	struct {
		struct error *error;
	} x = {error};
	struct pool_thread *t = &p->threads[i];
	char name[16];

	t->pool = p;
	TRY(db_open(url, error, &t->db));
	t->db->error = &t->error;
	if (pthread_create(&t->id, NULL, run, t) != 0)
		return fail(&x, E_UNAVAILABLE, "no thread could be started");
	t->started = true;
	snprintf(name, sizeof name, "%.7s-%u", p->name, (unsigned)i % 1000);
	pthread_setname_np(t->id, name);
	return OK;
}

int pool_new(const char *name, int n, int queue_max, const char *url, struct error *error,
			 struct pool **out)
{
	struct pool *p = allocate(1, sizeof *p);

	snprintf(p->name, sizeof p->name, "%s", name);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	p->max = (size_t)queue_max;
	p->jobs = allocate(p->max, sizeof *p->jobs);
	p->threads = allocate((size_t)n, sizeof *p->threads);
	for (p->n = 0; p->n < n; p->n++) {
		int rc = start_thread(p, p->n, url, error);

		if (rc < 0) {
			p->n++;
			pool_free(p);
			return rc;
		}
	}
	*out = p;
	return OK;
}

int pool_run(struct pool *p, void (*fn)(void *arg, struct db *db), void *arg)
{
	int rc = E_UNAVAILABLE;
	bool wake = false;

	pthread_mutex_lock(&p->lock);
	if (!p->stopping && p->count < p->max) {
		p->jobs[(p->first + p->count) % p->max] = (struct job){fn, arg};
		p->count++;
		wake = p->idle > 0;
		rc = OK;
	}
	pthread_mutex_unlock(&p->lock);
	if (wake)
		pthread_cond_signal(&p->work);
	return rc;
}

void pool_free(struct pool *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	pthread_mutex_unlock(&p->lock);
	pthread_cond_broadcast(&p->work);
	for (int i = 0; i < p->n; i++)
		if (p->threads[i].started)
			pthread_join(p->threads[i].id, NULL);
	for (int i = 0; i < p->n; i++)
		db_close(p->threads[i].db);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	free(p->threads);
	free(p->jobs);
	free(p);
}

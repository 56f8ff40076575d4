#include "core/pool.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/test.h"
#include "store/scratch_dir.h"

static struct pool *start(int threads, int queue)
{
	struct pool *p = NULL;
	struct error error;
	char url[600];

	snprintf(url, sizeof url, "sqlite:%s", scratch_path("pool.db"));
	CHECK_INT(pool_new("test", threads, queue, url, &error, &p), OK);
	return p;
}

static atomic_int ran;
static void count(void *arg, struct db *db)
{
	int64_t two = 0;

	(void)arg;
	if (db_int(db, &two, "SELECT 1 + 1") == OK && two == 2)
		atomic_fetch_add(&ran, 1);
}

static sem_t entered, released;
static void block(void *arg, struct db *db)
{
	(void)arg;
	(void)db;
	sem_post(&entered);
	sem_wait(&released);
}

TEST(jobs_run_with_a_connection)
{
	struct pool *p = start(3, 1000);

	atomic_store(&ran, 0);
	for (int i = 0; i < 1000; i++)
		CHECK_INT(pool_run(p, count, NULL), OK);
	pool_free(p); /* runs what is queued */
	CHECK_INT(atomic_load(&ran), 1000);
}

TEST(a_full_queue_refuses)
{
	struct pool *p = start(1, 2);

	sem_init(&entered, 0, 0);
	sem_init(&released, 0, 0);
	atomic_store(&ran, 0);
	CHECK_INT(pool_run(p, block, NULL), OK);
	sem_wait(&entered); /* the only thread is busy */
	CHECK_INT(pool_run(p, count, NULL), OK);
	CHECK_INT(pool_run(p, count, NULL), OK);
	CHECK_INT(pool_run(p, count, NULL), E_UNAVAILABLE);
	sem_post(&released);
	pool_free(p);
	CHECK_INT(atomic_load(&ran), 2);
}

/* Both must be inside at the same time, or the test never ends. */
static pthread_barrier_t barrier;
static void meet(void *arg, struct db *db)
{
	(void)arg;
	(void)db;
	pthread_barrier_wait(&barrier);
}

TEST(threads_work_side_by_side)
{
	struct pool *p = start(2, 10);

	pthread_barrier_init(&barrier, NULL, 2);
	CHECK_INT(pool_run(p, meet, NULL), OK);
	CHECK_INT(pool_run(p, meet, NULL), OK);
	pool_free(p);
	pthread_barrier_destroy(&barrier);
}

TEST(a_bad_url_is_told_at_the_start)
{
	struct pool *p = NULL;
	struct error error;

	CHECK(pool_new("test", 2, 10, "sqlite:/nowhere/at/all.db", &error, &p) < 0);
	CHECK(p == NULL);
	pool_free(NULL);
}

TEST_MAIN()

#include "store/writers.h"

#include <pthread.h>

#include "base/test.h"

enum { LONG = 60 * 1000000, THREADS = 4, ROUNDS = 2000 };

TEST(queues_are_shared_by_key)
{
	struct writers *a = writers_ref("a"), *again = writers_ref("a"), *b = writers_ref("b");
	struct writers *own = writers_ref(NULL), *own2 = writers_ref(NULL);

	CHECK(a == again);
	CHECK(a != b);
	CHECK(own != own2);
	CHECK(writers_enter(a, 0));
	CHECK(writers_enter(b, 0));
	CHECK(!writers_enter(again, 0));
	CHECK(!writers_enter(again, 1000));
	writers_leave(a);
	CHECK(writers_enter(again, 0));
	writers_leave(again);
	writers_leave(b);
	writers_unref(again);
	CHECK(writers_enter(a, 0));
	writers_leave(a);
	writers_unref(a);
	writers_unref(b);
	writers_unref(own);
	writers_unref(own2);
	writers_unref(NULL);
}

struct shared {
	struct writers *writers;
	int64_t n;
};

static void *count_up(void *arg)
{
	struct shared *s = arg;

	for (int i = 0; i < ROUNDS; i++) {
		while (!writers_enter(s->writers, i % 3 == 0 ? 1 : LONG))
			;
		s->n++;
		writers_leave(s->writers);
	}
	return NULL;
}

TEST(one_at_a_time_even_when_some_give_up)
{
	struct shared s = {.writers = writers_ref(NULL)};
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		CHECK_INT(pthread_create(&threads[i], NULL, count_up, &s), 0);
	for (int i = 0; i < THREADS; i++)
		CHECK_INT(pthread_join(threads[i], NULL), 0);
	CHECK_INT(s.n, THREADS * ROUNDS);
	CHECK(writers_enter(s.writers, 0));
	writers_leave(s.writers);
	writers_unref(s.writers);
}

TEST_MAIN()

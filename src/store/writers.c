/*
 * See writers.h. The turn is handed over, not let go: writers_leave makes the first waiter the
 * holder and wakes it alone, so a thread that writes in a loop cannot overtake those that wait.
 */
#include "store/writers.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct waiter {
	struct waiter *next;
	pthread_cond_t wake;
	bool granted;
};

struct writers {
	struct writers *next; /* in all_queues */
	char *key;
	int refs;
	pthread_mutex_t mutex; /* guards what follows */
	bool taken;
	struct waiter *first, **last;
};

static pthread_mutex_t all_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct writers *all_queues;

static struct writers *found(const char *key)
{
	for (struct writers *w = all_queues; key != NULL && w != NULL; w = w->next) {
		if (w->key != NULL && strcmp(w->key, key) == 0)
			return w;
	}
	return NULL;
}

static struct writers *made(const char *key)
{
	struct writers *w = calloc(1, sizeof *w);

	if (w == NULL)
		return NULL;
	if (key != NULL && (w->key = strdup(key)) == NULL) {
		free(w);
		return NULL;
	}
	pthread_mutex_init(&w->mutex, NULL);
	w->last = &w->first;
	w->next = all_queues;
	all_queues = w;
	return w;
}

struct writers *writers_ref(const char *key)
{
	struct writers *w;

	pthread_mutex_lock(&all_mutex);
	w = found(key);
	if (w == NULL)
		w = made(key);
	if (w != NULL)
		w->refs++;
	pthread_mutex_unlock(&all_mutex);
	return w;
}

void writers_unref(struct writers *w)
{
	bool last;

	if (w == NULL)
		return;
	pthread_mutex_lock(&all_mutex);
	last = --w->refs == 0;
	for (struct writers **at = &all_queues; last && *at != NULL; at = &(*at)->next) {
		if (*at == w) {
			*at = w->next;
			break;
		}
	}
	pthread_mutex_unlock(&all_mutex);
	if (!last)
		return;
	pthread_mutex_destroy(&w->mutex);
	free(w->key);
	free(w);
}

static struct timespec deadline_in(int64_t us)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += (time_t)(us / 1000000);
	t.tv_nsec += (long)(us % 1000000) * 1000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

static void leave_queue(struct writers *w, struct waiter *me)
{
	struct waiter **at = &w->first;

	while (*at != me)
		at = &(*at)->next;
	*at = me->next;
	if (me->next == NULL)
		w->last = at;
}

/* Called and returns with the mutex held. */
static bool wait_turn(struct writers *w, int64_t timeout_us)
{
	struct timespec deadline = deadline_in(timeout_us);
	struct waiter me = {.granted = false};
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&me.wake, &attr);
	pthread_condattr_destroy(&attr);
	*w->last = &me;
	w->last = &me.next;
	while (!me.granted && pthread_cond_timedwait(&me.wake, &w->mutex, &deadline) == 0)
		;
	if (!me.granted)
		leave_queue(w, &me);
	pthread_cond_destroy(&me.wake);
	return me.granted;
}

bool writers_enter(struct writers *w, int64_t timeout_us)
{
	bool entered = true;

	pthread_mutex_lock(&w->mutex);
	if (w->taken)
		entered = wait_turn(w, timeout_us);
	else
		w->taken = true;
	pthread_mutex_unlock(&w->mutex);
	return entered;
}

void writers_leave(struct writers *w)
{
	struct waiter *next;

	pthread_mutex_lock(&w->mutex);
	next = w->first;
	if (next == NULL) {
		w->taken = false;
	} else {
		w->first = next->next;
		if (w->first == NULL)
			w->last = &w->first;
		next->granted = true;
		pthread_cond_signal(&next->wake);
	}
	pthread_mutex_unlock(&w->mutex);
}

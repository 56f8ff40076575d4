/* See origins.h. */
#include "scrape/origins.h"

#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "base/clock.h"
#include "io/fetch.h"
#include "scrape/visit.h"

enum { NAME_SIZE = 300, LOOK_MS = 250 };

struct failable {
	struct error *error;
};

struct origin {
	char name[NAME_SIZE]; /* "": free */
	bool busy;
	int waiting;
	int64_t next; /* monotonic: not before */
	bool rests;   /* because it asked to */
	int64_t used;
	struct arena *arena;
	const struct robots *robots;
	int64_t robots_until;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct origin origins[VISIT_ORIGINS_MAX];

static void init(void)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&changed, &attr);
	pthread_condattr_destroy(&attr);
}

/* The origin, or a place for it: a free one, else that of the one used longest ago. */
static struct origin *find(const char *name)
{
	struct origin *oldest = NULL;

	for (size_t i = 0; i < VISIT_ORIGINS_MAX; i++) {
		struct origin *o = &origins[i];

		if (strcmp(o->name, name) == 0)
			return o;
		if (o->busy || o->waiting > 0)
			continue;
		if (oldest == NULL || (oldest->name[0] != '\0' && o->used < oldest->used))
			oldest = o;
	}
	if (oldest == NULL)
		return NULL;
	arena_free(oldest->arena);
	*oldest = (struct origin){0};
	memcpy(oldest->name, name, strlen(name) + 1);
	return oldest;
}

/* Sleeps until the time, a change, or the next look at whether the server stops. */
static void wait_until(int64_t at)
{
	int64_t look = clock_monotonic() + LOOK_MS * 1000;
	struct timespec until;

	at = at < look ? at : look;
	until.tv_sec = at / CLOCK_SECOND;
	until.tv_nsec = at % CLOCK_SECOND * 1000;
	pthread_cond_timedwait(&changed, &lock, &until);
}

static int wait_turn(struct failable *f, struct origin *o, int64_t deadline)
{
	for (;;) {
		int64_t now = clock_monotonic();

		if (fetch_stopping())
			return fail(f, E_UNAVAILABLE, "The server is stopping");
		if (o->rests && o->next > deadline)
			return fail(f, E_UPSTREAM, "%s asks to be left alone for another %lld seconds",
						strstr(o->name, "://") + 3,
						(long long)((o->next - now) / CLOCK_SECOND + 1));
		if (!o->busy && o->next <= now)
			return OK;
		if (now >= deadline || (!o->busy && o->next > deadline))
			return fail(
				f, E_TIMEOUT,
				"the time was over before it was the turn of a request to %s, which gets one "
				"at a time",
				strstr(o->name, "://") + 3);
		wait_until(!o->busy && o->next < deadline ? o->next : deadline);
	}
}

int origin_enter(struct error *error, const char *name, int64_t deadline, struct origin **out)
{
	struct failable f = {error};
	struct origin *o;
	int rc;

	if (strlen(name) >= NAME_SIZE)
		return fail(&f, E_RULE, "The address has too long a host name");
	pthread_once(&once, init);
	pthread_mutex_lock(&lock);
	o = find(name);
	if (o == NULL) {
		pthread_mutex_unlock(&lock);
		return fail(&f, E_UNAVAILABLE, "Too many servers are asked at once; try again later");
	}
	o->waiting++;
	rc = wait_turn(&f, o, deadline);
	o->waiting--;
	if (rc == OK) {
		o->busy = true;
		o->rests = false;
		*out = o;
	}
	o->used = clock_monotonic();
	pthread_mutex_unlock(&lock);
	return rc;
}

void origin_leave(struct origin *o, int64_t pause_ms)
{
	int64_t pause = pause_ms * 1000;
	int64_t asked = o->robots == NULL ? 0 : (int64_t)(robots_delay(o->robots) * 1e6);

	pthread_mutex_lock(&lock);
	o->busy = false;
	o->used = clock_monotonic();
	if (pause_ms > 0 && asked > pause)
		pause = asked;
	if (o->next < o->used + pause)
		o->next = o->used + pause;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

void origin_rest(struct origin *o, int64_t seconds)
{
	pthread_mutex_lock(&lock);
	o->next = clock_monotonic() + seconds * CLOCK_SECOND;
	o->rests = true;
	pthread_mutex_unlock(&lock);
}

const struct robots *origin_robots(const struct origin *o)
{
	return o->robots != NULL && clock_monotonic() < o->robots_until ? o->robots : NULL;
}

void origin_set_robots(struct origin *o, struct arena *arena, const struct robots *rules,
					   int64_t seconds)
{
	arena_free(o->arena);
	o->arena = arena;
	o->robots = rules;
	o->robots_until = clock_monotonic() + seconds * CLOCK_SECOND;
}

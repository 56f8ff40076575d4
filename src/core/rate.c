/*
 * See rate.h. A set-associative table: the hash of caller and counter picks a set, a set holds WAYS
 * windows, and a full one gives up the window that ends first. So memory is bounded and nothing is
 * ever swept. The hash is seeded, so that nobody can choose addresses which push a certain caller
 * out. A window begins with its first request and lasts its class's period.
 */
#include "core/rate.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/rand.h"

enum { SETS = 8192, WAYS = 8, STRIPES = 64, CALLER_MAX = 56 }; /* 65,536 windows */

struct window {
	const void *counter;     /* the route counted by itself, or the class's mark */
	char caller[CALLER_MAX]; /* "" with end 0: free */
	int64_t end;             /* microseconds */
	int64_t count;
};

struct rate {
	const struct config *config;
	uint64_t seed;
	pthread_mutex_t locks[STRIPES];
	struct window windows[SETS][WAYS];
};

struct rate *rate_new(const struct config *config)
{
	struct rate *r = calloc(1, sizeof *r);

	if (r == NULL)
		abort();
	r->config = config;
	rand_bytes(&r->seed, sizeof r->seed);
	for (int i = 0; i < STRIPES; i++)
		pthread_mutex_init(&r->locks[i], NULL);
	return r;
}

void rate_free(struct rate *r)
{
	if (r == NULL)
		return;
	for (int i = 0; i < STRIPES; i++)
		pthread_mutex_destroy(&r->locks[i]);
	free(r);
}

/* What applies to a route. */
struct rule {
	int64_t limit, period; /* requests in seconds; limit 0: off */
	bool own;              /* counted by itself */
};

bool rate_names(const struct rate_route *rule, const struct route *route)
{
	size_t n = strlen(rule->path), m = strlen(route->path);

	n -= n > 1 && rule->path[n - 1] == '/';
	m -= m > 1 && route->path[m - 1] == '/';
	return n == m && strncmp(rule->path, route->path, n) == 0 &&
		   strcmp(rule->method, route->method) == 0;
}

static struct rule rule_for(const struct rate *r, const struct route *route)
{
	const struct config *c = r->config;

	if (route->rate != RATE_NONE)
		for (size_t i = 0; i < c->rate_limit_routes.n; i++) {
			const struct rate_route *own = &c->rate_limit_routes.items[i];

			if (rate_names(own, route))
				return (struct rule){own->limit.count, own->limit.seconds, true};
		}
	switch (route->rate) {
	case RATE_DEFAULT: return (struct rule){c->rate_limit.count, c->rate_limit.seconds, false};
	case RATE_STRICT:
		return (struct rule){c->rate_limit_strict.count, c->rate_limit_strict.seconds, true};
	case RATE_NONE: break;
	}
	return (struct rule){0};
}

static struct window *find(struct window *set, const void *counter, const char *caller)
{
	for (int i = 0; i < WAYS; i++)
		if (set[i].counter == counter && strncmp(set[i].caller, caller, CALLER_MAX - 1) == 0)
			return &set[i];
	return NULL;
}

/* The window that ends first; a free one has ended long ago. */
static struct window *oldest(struct window *set)
{
	struct window *found = &set[0];

	for (int i = 1; i < WAYS; i++)
		if (set[i].end < found->end)
			found = &set[i];
	return found;
}

static struct window *set_of(struct rate *r, const void *counter, const char *caller,
							 pthread_mutex_t **lock)
{
	uint64_t h =
		XXH3_64bits_withSeed(caller, strlen(caller), r->seed ^ (uint64_t)(uintptr_t)counter);

	*lock = &r->locks[h % SETS % STRIPES];
	return r->windows[h % SETS];
}

/* Counts the request in its window, which begins anew once it has ended. Returns a copy. */
static struct window count(struct rate *r, const void *counter, const char *caller, int64_t now,
						   int64_t period)
{
	pthread_mutex_t *lock;
	struct window *set = set_of(r, counter, caller, &lock), *w, copy;

	pthread_mutex_lock(lock);
	w = find(set, counter, caller);
	if (w == NULL || w->end <= now) {
		if (w == NULL)
			w = oldest(set);
		*w = (struct window){.counter = counter, .end = now + period};
		snprintf(w->caller, sizeof w->caller, "%s", caller);
	}
	w->count++;
	copy = *w;
	pthread_mutex_unlock(lock);
	return copy;
}

void rate_count(struct rate *r, const void *counter, const char *caller, struct rate_limit limit,
				int64_t now_us, struct rate_result *out)
{
	struct window w;

	*out = (struct rate_result){0};
	if (limit.count <= 0)
		return;
	w = count(r, counter, caller, now_us, limit.seconds * CLOCK_SECOND);
	out->limited_route = true;
	out->refused = w.count > limit.count;
	out->limit = limit.count;
	out->remaining = out->refused ? 0 : limit.count - w.count;
	out->reset = (w.end + CLOCK_SECOND - 1) / CLOCK_SECOND;
	if (out->refused)
		out->retry_after = (w.end - now_us + CLOCK_SECOND - 1) / CLOCK_SECOND;
}

void rate_uncount(struct rate *r, const void *counter, const char *caller, int64_t now_us)
{
	pthread_mutex_t *lock;
	struct window *set = set_of(r, counter, caller, &lock), *w;

	pthread_mutex_lock(lock);
	w = find(set, counter, caller);
	if (w != NULL && w->end > now_us && w->count > 0)
		w->count--;
	pthread_mutex_unlock(lock);
}

void rate_check(struct rate *r, const struct route *route, const char *caller, int64_t now_us,
				struct rate_result *out)
{
	static const char all; /* the counter of all routes without one of their own */
	struct rule rule = rule_for(r, route);

	rate_count(r, rule.own ? (const void *)route : &all, caller,
			   (struct rate_limit){rule.limit, rule.period}, now_us, out);
}

/*
 * See rate.h. A set-associative table: the hash of caller and counter picks a set, a set holds WAYS
 * windows, and a full one gives up the window that ends first. So memory is bounded and nothing is
 * ever swept. The hash is seeded, so that nobody can choose addresses which push a certain caller
 * out. A window begins with its first request and lasts its class's period.
 */
#include "core/rate.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/rand.h"
#include "base/text.h"

enum { SETS = 8192, WAYS = 8, STRIPES = 64, CALLER_MAX = 56 }; /* 65,536 windows */
enum { TELL_ALL = 20, TELL_FROM = 10 };                        /* see is_news */
enum { TEXT_FULL = 7000, TEXT_MAX = 8 * 1024 }; /* a text, full when a set may no longer fit */

struct window {
	uint64_t counter;        /* the mark of what is counted */
	char caller[CALLER_MAX]; /* "" with end 0: free */
	int64_t end;             /* microseconds */
	int64_t count, limit;
	int64_t told; /* of count: what the other servers know, or have told */
};

struct rate {
	const struct config *config;
	uint64_t seed;
	_Atomic bool news; /* for rate_tell */
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

static struct window *find(struct window *set, uint64_t counter, const char *caller)
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

static struct window *set_of(struct rate *r, uint64_t counter, const char *caller,
							 pthread_mutex_t **lock)
{
	uint64_t h = XXH3_64bits_withSeed(caller, strlen(caller), r->seed ^ counter);

	*lock = &r->locks[h % SETS % STRIPES];
	return r->windows[h % SETS];
}

static struct window *begin_window(struct window *set, uint64_t counter, const char *caller,
								   int64_t end)
{
	struct window *w = find(set, counter, caller);

	if (w == NULL)
		w = oldest(set);
	*w = (struct window){.counter = counter, .end = end};
	snprintf(w->caller, sizeof w->caller, "%s", caller);
	return w;
}

/* What few requests of a caller count is not worth telling, unless few are allowed. */
static bool is_news(const struct window *w)
{
	return w->count != w->told && (w->limit <= TELL_ALL || w->count >= w->limit / TELL_FROM);
}

/* Counts the request in its window, which begins anew once it has ended. Returns a copy. */
static struct window count(struct rate *r, uint64_t counter, const char *caller, int64_t now,
						   struct rate_limit limit)
{
	pthread_mutex_t *lock;
	struct window *set = set_of(r, counter, caller, &lock), *w, copy;

	pthread_mutex_lock(lock);
	w = find(set, counter, caller);
	if (w == NULL || w->end <= now)
		w = begin_window(set, counter, caller, now + limit.seconds * CLOCK_SECOND);
	w->count++;
	w->limit = limit.count;
	if (is_news(w))
		atomic_store_explicit(&r->news, true, memory_order_relaxed);
	copy = *w;
	pthread_mutex_unlock(lock);
	return copy;
}

/* The same in every server of this version: where the counter lies in the program. */
static uint64_t mark_of(const void *counter)
{
	static const char here;

	return (uint64_t)((uintptr_t)counter - (uintptr_t)&here);
}

static void count_marked(struct rate *r, uint64_t counter, const char *caller,
						 struct rate_limit limit, int64_t now_us, struct rate_result *out)
{
	struct window w;

	*out = (struct rate_result){0};
	if (limit.count <= 0)
		return;
	w = count(r, counter, caller, now_us, limit);
	out->limited_route = true;
	out->refused = w.count > limit.count;
	out->limit = limit.count;
	out->remaining = out->refused ? 0 : limit.count - w.count;
	out->reset = (w.end + CLOCK_SECOND - 1) / CLOCK_SECOND;
	if (out->refused)
		out->retry_after = (w.end - now_us + CLOCK_SECOND - 1) / CLOCK_SECOND;
}

void rate_count(struct rate *r, const void *counter, const char *caller, struct rate_limit limit,
				int64_t now_us, struct rate_result *out)
{
	count_marked(r, mark_of(counter), caller, limit, now_us, out);
}

void rate_uncount(struct rate *r, const void *counter, const char *caller, int64_t now_us)
{
	pthread_mutex_t *lock;
	struct window *set = set_of(r, mark_of(counter), caller, &lock), *w;

	pthread_mutex_lock(lock);
	w = find(set, mark_of(counter), caller);
	if (w != NULL && w->end > now_us && w->count > 0) {
		w->count--;
		if (is_news(w))
			atomic_store_explicit(&r->news, true, memory_order_relaxed);
	}
	pthread_mutex_unlock(lock);
}

static uint64_t route_mark(const struct route *route)
{
	return XXH3_64bits(route->path, strlen(route->path)) ^
		   XXH3_64bits_withSeed(route->method, strlen(route->method), 1);
}

void rate_check(struct rate *r, const struct route *route, const char *caller, int64_t now_us,
				struct rate_result *out)
{
	static const char all; /* the counter of all routes without one of their own */
	struct rule rule = rule_for(r, route);

	count_marked(r, rule.own ? route_mark(route) : mark_of(&all), caller,
				 (struct rate_limit){rule.limit, rule.period}, now_us, out);
}

/* ---- between servers ---- */

/* A line: the counter's mark, the window's end, how many more, and the caller. */
static void tell_window(struct window *w, struct buf *b)
{
	if (strchr(w->caller, '\n') == NULL)
		buf_addf(b, "%llx %lld %lld %s\n", (unsigned long long)w->counter, (long long)w->end,
				 (long long)(w->count - w->told), w->caller);
	w->told = w->count;
}

static void tell_set(struct rate *r, size_t set, int64_t now, struct buf *b)
{
	pthread_mutex_t *lock = &r->locks[set % STRIPES];

	pthread_mutex_lock(lock);
	for (int i = 0; i < WAYS; i++)
		if (r->windows[set][i].end > now && is_news(&r->windows[set][i]))
			tell_window(&r->windows[set][i], b);
	pthread_mutex_unlock(lock);
}

void rate_tell(struct rate *r, const char *from, int64_t now_us,
			   void (*tell)(void *arg, const char *text), void *arg)
{
	struct buf b;

	if (!atomic_exchange(&r->news, false))
		return;
	buf_init(&b, NULL, TEXT_MAX);
	for (size_t set = 0; set < SETS; set++) {
		if (b.n == 0)
			buf_addf(&b, "%s\n", from);
		tell_set(r, set, now_us, &b);
		if (b.n > TEXT_FULL) {
			tell(arg, buf_str(&b));
			buf_clear(&b);
		}
	}
	if (b.n > strlen(from) + 1)
		tell(arg, buf_str(&b));
	buf_done(&b);
}

static void add_told(struct rate *r, uint64_t counter, const char *caller, int64_t end, int64_t n,
					 int64_t now)
{
	pthread_mutex_t *lock;
	struct window *set = set_of(r, counter, caller, &lock), *w;

	pthread_mutex_lock(lock);
	w = find(set, counter, caller);
	if (w == NULL || w->end <= now)
		w = begin_window(set, counter, caller, end);
	w->count += n;
	w->told += n;
	pthread_mutex_unlock(lock);
}

static void hear_line(struct rate *r, const char *line, int64_t now)
{
	unsigned long long counter;
	long long end, n;
	int at = 0;

	if (sscanf(line, "%llx %lld %lld %n", &counter, &end, &n, &at) == 3 && at > 0 && end > now)
		add_told(r, counter, line + at, end, n, now);
}

void rate_hear(struct rate *r, const char *self, const char *text, int64_t now_us)
{
	char line[160];

	for (bool first = true; *text != '\0'; first = false) {
		size_t n = strcspn(text, "\n");

		snprintf(line, sizeof line, "%.*s", (int)n, text);
		if (first && strcmp(line, self) == 0)
			return;
		if (!first)
			hear_line(r, line, now_us);
		text += n + (text[n] != '\0');
	}
}

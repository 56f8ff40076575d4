/*
 * rate: fixed windows in memory, one counter for each caller and class (or single route with a
 * limit of its own). Bounded: when full, the oldest windows are dropped. Exact within one server:
 * of n requests in one window, limit pass. Servers of one database tell each other once a second
 * what they have counted, so that beyond the limit pass at most those requests that other servers
 * took in that second (and, of callers far from a limit of more than 20, a tenth of it for each
 * server).
 */
#pragma once
#include "core/route.h"

struct rate;

struct rate_result {
	bool limited_route; /* false: no limit applies, no headers */
	bool refused;
	int64_t limit, remaining;
	int64_t reset;       /* Unix seconds at which the window ends */
	int64_t retry_after; /* seconds, at least 1, when refused */
};

struct rate *rate_new(const struct config *config);
void rate_free(struct rate *r);
/* Whether a limit of the configuration is meant for the route (a slash at the end aside). */
bool rate_names(const struct rate_route *rule, const struct route *route);
/* Counts one request. caller: "u:17" or "a:127.0.0.1". Thread-safe. RATE_STRICT routes are counted
 * by themselves. */
void rate_check(struct rate *r, const struct route *route, const char *caller, int64_t now_us,
				struct rate_result *out);
/* Counts one event of a caller within limit, under a counter of one's own, which is any address
 * that nobody else counts under. caller: up to 55 characters; longer ones must differ in these. */
void rate_count(struct rate *r, const void *counter, const char *caller, struct rate_limit limit,
				int64_t now_us, struct rate_result *out);
/* Takes an event back that turned out to be harmless, if its window still stands. */
void rate_uncount(struct rate *r, const void *counter, const char *caller, int64_t now_us);

/* Tells what was counted since the last call, in texts of at most 8 KB led by the name from; one
 * thread. */
void rate_tell(struct rate *r, const char *from, int64_t now_us,
			   void (*tell)(void *arg, const char *text), void *arg);
/* Adds what another server has told; one's own (self) is passed over. */
void rate_hear(struct rate *r, const char *self, const char *text, int64_t now_us);

/*
 * pool: threads that run requests, each owning one database connection. The queue is bounded: full
 * is E_UNAVAILABLE, and the caller answers 503 with Retry-After.
 */
#pragma once
#include "core/ctx.h"

struct pool;

/* Starts n threads named name, each opening url. queue_max: waiting jobs. */
int pool_new(const char *name, int n, int queue_max, const char *url, struct error *error,
			 struct pool **out);
/* Queues fn(arg, db): runs on a pool thread with its connection. E_UNAVAILABLE when full or
 * stopping. */
int pool_run(struct pool *p, void (*fn)(void *arg, struct db *db), void *arg);
/* Runs what is queued, ends the threads, frees. */
void pool_free(struct pool *p);

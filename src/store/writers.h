/*
 * writers: one queue for each database file, in which the writers of this process wait for each
 * other.
 *
 * SQLite allows one writer at a time and lets the others poll; here they sleep in order of arrival,
 * so that none starves and none fails under load. Queues are shared by key and counted.
 * Thread-safe.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct writers;

/* The queue of this key (a file's real path), made if new; NULL: one of its own. NULL without
 * memory. */
struct writers *writers_ref(const char *key);
void writers_unref(struct writers *w); /* NULL allowed */

/* Waits for the turn, at most timeout_us; false if it did not come. */
bool writers_enter(struct writers *w, int64_t timeout_us);
/* Hands the turn to whoever waits longest. */
void writers_leave(struct writers *w);

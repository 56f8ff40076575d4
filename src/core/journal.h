/*
 * journal: the events of the log as rows, for the API. A thread of its own writes them in batches,
 * each JOURNAL_SECONDS at the latest, so that no request waits for it and a crash costs that much
 * at most. What cannot be written yet (the database is away) is kept, JOURNAL_EVENTS_MAX of them;
 * then the oldest go, and their number is told.
 */
#pragma once
#include "core/ctx.h"

enum { JOURNAL_SECONDS = 1, JOURNAL_EVENTS_MAX = 4096 };

/* An event as it waits to be written. */
struct journal_entry {
	int64_t time;             /* microseconds */
	int64_t user_id, team_id; /* 0: nobody */
	const char *level;        /* "INFO" */
	const char *function, *message;
	const char *request_id, *address; /* may be NULL */
	int line;
};

/* Stores n events in the current write transaction; who owns the table gives it to the core. */
typedef int (*journal_write)(struct ctx *c, struct journal_entry *const *entries, size_t n);

struct journal;

/* Starts the thread with a connection of its own to core's database, and listens to the log from
 * now on. */
int journal_start(struct core *core, journal_write write, struct error *error,
				  struct journal **out);
/* Waits until what has been logged so far is written, JOURNAL_SECONDS at most: whoever reads the
 * rows next finds what happened before. Not inside a transaction. NULL allowed. */
void journal_settle(struct journal *j);
/* Writes what is left, ends the thread. NULL allowed. */
void journal_stop(struct journal *j);

/*
 * scheduler: due rows become tasks. The built-in maintenance jobs are rows too; a run is claimed by
 * moving its row's next_run in a transaction, with the due time as the task's unique key: two
 * instances, one run. Missed runs coalesce into one.
 */
#pragma once
#include "core/task.h"

struct maintenance {
	const char *name; /* "sessions.expire" */
	const struct task_kind *task;
	int interval; /* seconds */
};

struct scheduler;

int scheduler_start(struct core *core, const struct feature *const *features, size_t n,
					struct scheduler **out);
void scheduler_stop(struct scheduler *s);
bool scheduler_running(const struct scheduler *s);
/* Number of scheduled jobs, built-in ones included. */
int scheduler_jobs(struct db *db, int64_t *out);

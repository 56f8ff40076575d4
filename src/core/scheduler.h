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

/* One run of a scheduled job. */
struct schedule_run {
	int64_t run_id, job_id, team_id, user_id; /* user_id: who made the job, 0: gone */
	int64_t
		since; /* when the last run that went well started, in microseconds; 0: there was none */
};

/* A kind of work that people schedule for their team; features list theirs. */
struct schedule_kind {
	const char *name, *doc;    /* "scrape" */
	const struct schema *args; /* of the job's args, bound into c->in; NULL: none */
	enum role role;            /* the least one that may schedule it */
	/* Checks what a schema cannot say about c->in when the job is made, as c->actor; may be NULL.
	 */
	int (*check)(struct ctx *c);
	/* Does the work, without actor and without ambient transaction (use tx()). *result is a
	 * sentence about what was done, in c->arena; a failure tells by c->error. */
	int (*run)(struct ctx *c, const struct schedule_run *run, const char **result);
};

struct scheduler;

int scheduler_start(struct core *core, const struct feature *const *features, size_t n,
					struct scheduler **out);
void scheduler_stop(struct scheduler *s);
bool scheduler_running(const struct scheduler *s);
/* Makes the thread register the built-in jobs anew and look for what is due at once. */
void scheduler_restart(struct scheduler *s);
/* When the thread last looked, in microseconds; 0: not yet. */
int64_t scheduler_looked(const struct scheduler *s);

/* A built-in job as it stands. */
struct scheduler_job {
	const char *name;
	int64_t interval_seconds;
	struct when next_run, last_run;
};
extern const struct schema scheduler_job_schema;
/* All of them, by name. */
int scheduler_list(struct ctx *c, struct list *out);

/*
 * task: durable background work. A task is a row added in the request's own transaction: after the
 * commit it runs, whatever crashes in between. Threads claim tasks under a lease (renewed while
 * they run); a dead instance's tasks are taken over when the lease ends, a restarted one's at once.
 */
#pragma once
#include "core/ctx.h"

enum task_pool {
	TASK_PARSE,
	TASK_OCR,
	TASK_MEDIA, /* looks into videos */
	TASK_BACKGROUND,
	TASK_NETWORK /* waits on other servers: mail, webhooks, a model */
};

struct task_kind {
	const char *name;          /* "candidate.parse" */
	const struct schema *args; /* its arguments, bound into c->in; NULL: none */
	enum task_pool pool;
	int attempts; /* counted failures after which it is given up */
	/* Does the work, without ambient transaction (use tx()). OK ends the task, unless it set
	 * c->again_at: then it runs again at that time, with no attempt counted. E_UNAVAILABLE: later
	 * again, not counted as an attempt; any other error: counted, again after a backoff. */
	int (*run)(struct ctx *c);
	/* Called once when attempts are used up (c->error tells the last failure); may be NULL. */
	int (*gave_up)(struct ctx *c);
};

/* Adds a task inside the current transaction. args: a struct of kind->args, or NULL. unique_key
 * (may be NULL): a second task with the same key while the first exists is not added (OK).
 * run_after: microseconds, 0 = now. */
int task_add(struct ctx *c, const struct task_kind *kind, const void *args, const char *unique_key,
			 int64_t run_after);
/* The same for what must be done after now, whatever was begun before: while a task with this key
 * runs, it runs once more after its end, with these args; one that waits runs at run_after, if that
 * is sooner. unique_key is not NULL. */
int task_add_again(struct ctx *c, const struct task_kind *kind, const void *args,
				   const char *unique_key, int64_t run_after);

/* The time that leases go by: the database's, since the clocks of several servers may differ.
 * Microseconds. */
int task_clock(struct ctx *c, int64_t *now);

struct feature;
struct tasks; /* the running queue */
enum { TASK_KINDS_MAX = 512 };

/* Starts the threads: PARSERS for TASK_PARSE (each with a worker), one for TASK_OCR if there is
 * core->ocr_program (with a worker that runs only while there are scans), one for TASK_BACKGROUND,
 * four for TASK_NETWORK.
 * At start takes back what an earlier life of this instance had claimed. A failure is set in
 * core->error: E_INTERNAL (more than TASK_KINDS_MAX kinds), or what a thread could not get. */
int tasks_start(struct core *core, const struct feature *const *features, size_t n,
				struct tasks **out);
/* Tells the threads that something was added (after commit). */
void tasks_wake(struct tasks *t);
/* Lets running tasks end (at most seconds), then ends the threads. Unfinished ones stay queued. */
void tasks_stop(struct tasks *t, int seconds);
/* Waiting and running tasks of a kind; NULL: all. */
int task_count(struct db *db, const char *kind, int64_t *out);
/* For monitoring: rows of struct task_backlog, one for each kind that has tasks. */
struct task_backlog {
	const char *kind;
	int64_t waiting, running;
	int64_t oldest; /* when the oldest one that is due was added, 0: none is */
};
int task_backlogs(struct ctx *c, struct list *out);
/* Removes the tasks of a kind with this unique key that do not run yet. */
int task_cancel(struct ctx *c, const struct task_kind *kind, const char *unique_key);

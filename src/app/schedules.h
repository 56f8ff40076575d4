/*
 * schedules: work that people schedule for their team, by cron expression or interval. Owns the
 * table scheduled_jobs; schedule_runs.h runs what is due.
 */
#pragma once
#include "core/route.h"
#include "core/scheduler.h"

struct scheduled_job {
	int64_t id;
	struct opt_int team_id;
	const char *kind, *cron;
	struct opt_int interval_seconds;
	const char *timezone;
	struct json args;
	int64_t jitter_seconds;
	bool paused;
	struct when next_run, last_run, created_at, updated_at;
	struct opt_int created_by;
};
extern const struct schema scheduled_job_schema;

/* The kind of that name, of all features; NULL: none. */
const struct schedule_kind *schedules_kind(const struct core *core, const char *name);
/* The number of jobs that people made. */
int schedules_count(struct ctx *c, int64_t *out);
/* Up to max jobs that are due at c->now, the longest due first. */
int schedules_due(struct ctx *c, size_t max, struct list *out);
/* Moves a due job to its next time, in the current transaction. *claimed is false if another
 * instance did it first. What was missed since is left out: one run stands for all. */
int schedules_claim(struct ctx *c, const struct scheduled_job *job, bool *claimed);

extern const struct feature schedules_feature;

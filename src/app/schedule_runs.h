/*
 * schedule_runs: scheduled jobs that are due, and what came of them. Owns the table scheduler_runs.
 * A run is a row and a task made in the transaction that moves its job to the next time: of several
 * instances one succeeds, and a killed one's run is taken over when its lease ends.
 */
#pragma once
#include "app/schedules.h"

struct schedule_run_row {
	int64_t id;
	struct opt_int job_id;
	int64_t team_id;
	const char *kind, *status, *result;
	struct when due_at, started_at, finished_at;
	struct opt_int duration_ms;
	const char *instance;
};
extern const struct schema schedule_run_schema;

/* Adds a run of the job, in the current transaction; due: microseconds. */
int schedule_runs_add(struct ctx *c, const struct scheduled_job *job, int64_t due,
					  struct schedule_run_row *out);

extern const struct feature schedule_runs_feature;

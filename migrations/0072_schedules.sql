-- Work that people schedule for their team, and its runs.
CREATE TABLE scheduled_jobs (
	id {{id}},
	team_id BIGINT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
	created_by BIGINT REFERENCES users (id) ON DELETE SET NULL,
	kind TEXT NOT NULL,
	cron TEXT,
	interval_seconds BIGINT,
	timezone TEXT NOT NULL,
	args TEXT NOT NULL,
	jitter_seconds BIGINT NOT NULL,
	paused INTEGER NOT NULL DEFAULT 0,
	next_run BIGINT NOT NULL,
	last_run BIGINT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX scheduled_jobs_same ON scheduled_jobs (team_id, kind, args);
CREATE INDEX scheduled_jobs_due ON scheduled_jobs (paused, next_run);
CREATE INDEX scheduled_jobs_creator ON scheduled_jobs (created_by);

CREATE TABLE scheduler_runs (
	id {{id}},
	job_id BIGINT REFERENCES scheduled_jobs (id) ON DELETE SET NULL,
	team_id BIGINT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
	kind TEXT NOT NULL,
	status TEXT NOT NULL,
	result TEXT,
	due_at BIGINT NOT NULL,
	started_at BIGINT,
	finished_at BIGINT,
	duration_ms BIGINT,
	instance TEXT
);
CREATE INDEX scheduler_runs_job ON scheduler_runs (job_id, id);
CREATE INDEX scheduler_runs_team ON scheduler_runs (team_id, id);
CREATE INDEX scheduler_runs_due ON scheduler_runs (due_at);

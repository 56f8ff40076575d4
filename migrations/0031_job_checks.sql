-- When a job's own page was last asked whether it is still there.
ALTER TABLE jobs ADD COLUMN checked_at BIGINT;
CREATE INDEX jobs_unseen ON jobs (last_seen_at) WHERE state = 'open';

-- Events of the log, for the API; written in batches, forgotten after LOG_DAYS.
CREATE TABLE logs (
	id {{id}},
	created_at BIGINT NOT NULL,
	level TEXT NOT NULL,
	function TEXT NOT NULL,
	line INTEGER NOT NULL,
	message TEXT NOT NULL,
	request_id TEXT,
	user_id BIGINT,
	team_id BIGINT,
	address TEXT
);
CREATE INDEX logs_time ON logs (created_at, id);
CREATE INDEX logs_level ON logs (level, created_at, id);
CREATE INDEX logs_user ON logs (user_id, created_at, id);
CREATE INDEX logs_request ON logs (request_id);

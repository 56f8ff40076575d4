-- Who did what. Each row's hash covers its own columns and the hash of the row before; audit_head holds the newest, and
-- its row is what writers of different instances wait for. Users and teams are named by number and text, so that what is
-- deleted later can still be told.
CREATE TABLE audit_events (
	id {{id}},
	created_at BIGINT NOT NULL,
	action TEXT NOT NULL,
	result TEXT NOT NULL,
	target TEXT,
	detail TEXT,
	user_id BIGINT,
	username TEXT,
	team_id BIGINT,
	address TEXT,
	user_agent TEXT,
	request_id TEXT,
	hash TEXT NOT NULL
);
CREATE INDEX audit_events_time ON audit_events (created_at);
CREATE INDEX audit_events_action ON audit_events (action, id);
CREATE INDEX audit_events_user ON audit_events (user_id, id);

CREATE TABLE audit_head (
	id BIGINT PRIMARY KEY,
	events BIGINT NOT NULL,
	hash TEXT NOT NULL
);
INSERT INTO audit_head (id, events, hash) VALUES (1, 0, '');

-- What an administrator decided about a feature; without a row its variable holds.
CREATE TABLE feature_flags (
	name TEXT PRIMARY KEY,
	enabled INTEGER NOT NULL,
	updated_by BIGINT REFERENCES users (id) ON DELETE SET NULL,
	updated_at BIGINT NOT NULL
);

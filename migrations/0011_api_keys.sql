-- Keys by which programs speak for a user. key_hash: SHA-256 of the whole key, which itself is kept nowhere.

CREATE TABLE api_keys (
	id {{id}},
	user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	name TEXT NOT NULL,
	prefix TEXT NOT NULL,
	key_hash TEXT NOT NULL,
	role TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	expires_at BIGINT,
	last_used_at BIGINT
);
CREATE INDEX api_keys_user ON api_keys (user_id, id);

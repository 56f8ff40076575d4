-- Accounts, candidates, skills, and the queue. Times are microseconds since 1970; booleans are 0 and 1;
-- *_folded columns hold the form in which text is compared (text_fold).

CREATE TABLE teams (
	id {{id}},
	name TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);

CREATE TABLE users (
	id {{id}},
	team_id BIGINT NOT NULL REFERENCES teams (id),
	email TEXT NOT NULL,
	email_folded TEXT NOT NULL,
	username TEXT NOT NULL,
	username_folded TEXT NOT NULL,
	full_name TEXT,
	role TEXT NOT NULL,
	is_active INTEGER NOT NULL DEFAULT 1,
	is_superuser INTEGER NOT NULL DEFAULT 0,
	password_hash TEXT NOT NULL,
	test_metadata {{json}},
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX users_email ON users (email_folded);
CREATE UNIQUE INDEX users_username ON users (username_folded);
CREATE INDEX users_team ON users (team_id);

CREATE TABLE sessions (
	id {{id}},
	user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	refresh_jti TEXT NOT NULL,
	previous_jti TEXT,
	rotated_at BIGINT NOT NULL,
	device TEXT,
	address TEXT,
	created_at BIGINT NOT NULL,
	last_used_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	revoked_at BIGINT
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE candidates (
	id {{id}},
	team_id BIGINT NOT NULL REFERENCES teams (id),
	uploaded_by BIGINT NOT NULL REFERENCES users (id),
	filename TEXT NOT NULL,
	file_path TEXT NOT NULL,
	file_size BIGINT NOT NULL,
	content_hash TEXT NOT NULL,
	status TEXT NOT NULL,
	name TEXT,
	email TEXT,
	email_folded TEXT,
	phone TEXT,
	skills {{json}},
	domain_knowledge TEXT,
	error_message TEXT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	processed_at BIGINT
);
CREATE UNIQUE INDEX candidates_content ON candidates (team_id, content_hash);
CREATE INDEX candidates_team ON candidates (team_id, id);
CREATE INDEX candidates_status ON candidates (team_id, status, id);
CREATE INDEX candidates_unfinished ON candidates (id) WHERE status IN ('uploaded', 'processing');
CREATE INDEX candidates_email ON candidates (email_folded, id);
CREATE INDEX candidates_uploader ON candidates (uploaded_by);
CREATE UNIQUE INDEX candidates_file ON candidates (file_path);

-- What the parser found beyond the candidate's own columns: the whole profile, and the text.
CREATE TABLE candidate_profiles (
	candidate_id BIGINT PRIMARY KEY REFERENCES candidates (id) ON DELETE CASCADE,
	profile {{json}} NOT NULL,
	text TEXT NOT NULL
);

-- A skill under its canonical name; every name it goes by; who has it.
CREATE TABLE skills (
	id {{id}},
	name TEXT NOT NULL,
	name_folded TEXT NOT NULL
);
CREATE UNIQUE INDEX skills_name ON skills (name_folded);

CREATE TABLE skill_names (
	folded TEXT PRIMARY KEY,
	skill_id BIGINT NOT NULL REFERENCES skills (id) ON DELETE CASCADE
);
CREATE INDEX skill_names_skill ON skill_names (skill_id);

CREATE TABLE candidate_skills (
	skill_id BIGINT NOT NULL REFERENCES skills (id) ON DELETE CASCADE,
	candidate_id BIGINT NOT NULL REFERENCES candidates (id) ON DELETE CASCADE,
	team_id BIGINT NOT NULL,
	PRIMARY KEY (skill_id, candidate_id)
);
CREATE INDEX candidate_skills_candidate ON candidate_skills (candidate_id);
CREATE INDEX candidate_skills_team ON candidate_skills (team_id, skill_id, candidate_id);

CREATE TABLE tasks (
	id {{id}},
	kind TEXT NOT NULL,
	args TEXT NOT NULL,
	unique_key TEXT,
	pool TEXT NOT NULL,
	run_after BIGINT NOT NULL,
	attempts INTEGER NOT NULL DEFAULT 0,
	lease_owner TEXT,
	lease_until BIGINT,
	last_error TEXT,
	created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX tasks_key ON tasks (kind, unique_key);
CREATE INDEX tasks_due ON tasks (pool, run_after, id);

CREATE TABLE schedules (
	name TEXT PRIMARY KEY,
	interval_seconds BIGINT NOT NULL,
	next_run BIGINT NOT NULL,
	last_run BIGINT
);

-- Files whose rows are gone; removed after the commit, by whoever finds them here.
CREATE TABLE file_removals (
	path TEXT PRIMARY KEY
);

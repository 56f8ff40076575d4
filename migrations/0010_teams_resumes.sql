-- Teams that came with a registration; the applicants' own résumés, and what a parser found in them.

ALTER TABLE teams ADD COLUMN owner_id BIGINT;
ALTER TABLE teams ADD COLUMN name_folded TEXT; -- NULL until the name is written again
CREATE INDEX teams_owner ON teams (owner_id);

CREATE TABLE resumes (
	id {{id}},
	user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	team_id BIGINT NOT NULL,
	filename TEXT NOT NULL,
	file_path TEXT NOT NULL,
	file_size BIGINT NOT NULL,
	content_hash TEXT NOT NULL,
	title TEXT NOT NULL,
	notes TEXT,
	is_default INTEGER NOT NULL DEFAULT 0,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);
CREATE INDEX resumes_user ON resumes (user_id, id);
CREATE UNIQUE INDEX resumes_default ON resumes (user_id) WHERE is_default = 1;
CREATE UNIQUE INDEX resumes_file ON resumes (file_path);

-- error_message: why the file cannot be read, then without a profile. scanned: its pages are pictures.
CREATE TABLE resume_profiles (
	resume_id BIGINT PRIMARY KEY REFERENCES resumes (id) ON DELETE CASCADE,
	profile {{json}},
	text TEXT,
	scanned INTEGER NOT NULL DEFAULT 0,
	error_message TEXT,
	read_at BIGINT NOT NULL
);

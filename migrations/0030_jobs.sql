-- Vacancies of a team, where they were seen, and what each user does about them.

-- state: open, closed. listed_at: when it was posted, or first seen where nobody says. salary_year: the most it pays in a year, for
-- comparing; signature: what near-duplicates are told by.
CREATE TABLE jobs (
	id {{id}},
	team_id BIGINT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
	title TEXT NOT NULL,
	company TEXT,
	location TEXT,
	location_folded TEXT,
	remote INTEGER NOT NULL DEFAULT 0,
	type TEXT,
	salary_min DOUBLE PRECISION,
	salary_max DOUBLE PRECISION,
	salary_currency TEXT,
	salary_period TEXT,
	salary_year DOUBLE PRECISION,
	description TEXT,
	description_html TEXT,
	url TEXT,
	apply_email TEXT,
	source TEXT NOT NULL,
	skills {{json}},
	state TEXT NOT NULL,
	posted_at BIGINT,
	expires_at BIGINT,
	listed_at BIGINT NOT NULL,
	first_seen_at BIGINT NOT NULL,
	last_seen_at BIGINT NOT NULL,
	closed_at BIGINT,
	reposts BIGINT NOT NULL DEFAULT 0,
	reposted_at BIGINT,
	signature TEXT,
	updated_at BIGINT NOT NULL
);
CREATE INDEX jobs_listed ON jobs (team_id, listed_at, id);
CREATE INDEX jobs_seen ON jobs (team_id, first_seen_at);
CREATE INDEX jobs_expiry ON jobs (expires_at) WHERE state = 'open';

-- A job as one source shows it. mark: what the source calls it (its number there, else its address).
CREATE TABLE job_postings (
	id {{id}},
	job_id BIGINT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
	team_id BIGINT NOT NULL,
	source TEXT NOT NULL,
	mark TEXT NOT NULL,
	url TEXT,
	posted_at BIGINT,
	first_seen_at BIGINT NOT NULL,
	last_seen_at BIGINT NOT NULL,
	closed_at BIGINT
);
CREATE UNIQUE INDEX job_postings_mark ON job_postings (team_id, source, mark);
CREATE INDEX job_postings_job ON job_postings (job_id);

-- What the same job is found by: numbers made of its address, of company, title and place, and of its text.
CREATE TABLE job_keys (
	team_id BIGINT NOT NULL,
	hash BIGINT NOT NULL,
	job_id BIGINT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
	PRIMARY KEY (team_id, hash, job_id)
);
CREATE INDEX job_keys_job ON job_keys (job_id);

-- What a user does about a job. status: NULL (only notes), or a step of the pipeline.
CREATE TABLE applications (
	id {{id}},
	job_id BIGINT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
	user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	team_id BIGINT NOT NULL,
	status TEXT,
	notes TEXT,
	resume_id BIGINT,
	cover_letter TEXT,
	method TEXT,
	recipient TEXT,
	email_id BIGINT,
	applied_at BIGINT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX applications_user ON applications (user_id, job_id);
CREATE INDEX applications_job ON applications (job_id);
CREATE INDEX applications_applied ON applications (team_id, applied_at);

CREATE TABLE application_steps (
	id {{id}},
	application_id BIGINT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
	from_status TEXT,
	to_status TEXT,
	note TEXT,
	at BIGINT NOT NULL
);
CREATE INDEX application_steps_application ON application_steps (application_id, id);

-- Every word of a job, as candidate_words has them of candidates.
-- only: sqlite
CREATE VIRTUAL TABLE job_words USING fts5(
	scope, title, company, location, skills, description,
	tokenize = "unicode61 remove_diacritics 2 tokenchars '+#'"
);
-- end
-- only: postgresql
CREATE TABLE job_words (
	job_id BIGINT PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
	document TSVECTOR NOT NULL
);
CREATE INDEX job_words_document ON job_words USING GIN (document);
-- end

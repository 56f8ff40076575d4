-- Candidates whose file was read, and whom a language model looks over before they are completed:
-- the profile with its text, until then.

CREATE TABLE candidate_refinements (
	candidate_id BIGINT PRIMARY KEY REFERENCES candidates (id) ON DELETE CASCADE,
	profile {{json}} NOT NULL,
	created_at BIGINT NOT NULL
);

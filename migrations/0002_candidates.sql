-- What people corrected by hand; the index of words; the reading of all files anew.

ALTER TABLE candidates ADD COLUMN corrections {{json}};

-- Every word of a candidate. scope: "all", and "t" with the team's number. The text of the document stands here alone.
-- only: sqlite
CREATE VIRTUAL TABLE candidate_words USING fts5(
	scope, name, email, phone, skills, domain_knowledge, text,
	tokenize = "unicode61 remove_diacritics 2 tokenchars '+#'"
);
INSERT INTO candidate_words (rowid, scope, name, email, phone, skills, domain_knowledge, text)
	SELECT c.id, 'all t' || c.team_id, c.name, c.email, replace(c.phone, '+', ' '),
		(SELECT group_concat(value, ', ') FROM json_each(c.skills)), c.domain_knowledge, p.text
	FROM candidates AS c JOIN candidate_profiles AS p ON p.candidate_id = c.id;
-- end
-- only: postgresql
CREATE TABLE candidate_words (
	candidate_id BIGINT PRIMARY KEY REFERENCES candidates (id) ON DELETE CASCADE,
	name TEXT,
	email TEXT,
	phone TEXT,
	skills TEXT,
	domain_knowledge TEXT,
	text TEXT,
	document TSVECTOR GENERATED ALWAYS AS (
		setweight(to_tsvector('simple', coalesce(name, '') || ' ' || coalesce(email, '')), 'A') ||
		setweight(to_tsvector('simple', coalesce(phone, '') || ' ' || coalesce(skills, '')), 'B') ||
		setweight(to_tsvector('simple', coalesce(domain_knowledge, '')), 'C') ||
		setweight(to_tsvector('simple', coalesce(text, '')), 'D')
	) STORED
);
INSERT INTO candidate_words (candidate_id, name, email, phone, skills, domain_knowledge, text)
	SELECT c.id, c.name, c.email, replace(c.phone, '+', ' '),
		(SELECT string_agg(value, ', ') FROM jsonb_array_elements_text(c.skills)), c.domain_knowledge, p.text
	FROM candidates AS c JOIN candidate_profiles AS p ON p.candidate_id = c.id;
CREATE INDEX candidate_words_document ON candidate_words USING GIN (document);
-- end
ALTER TABLE candidate_profiles DROP COLUMN text;

-- Reading all files of a team (0: of all teams) anew, from the newest candidate down: everything from reached_id up
-- is queued. seen counts those; the ones still waiting stand in candidate_rereads.
CREATE TABLE candidate_reparses (
	id {{id}},
	team_id BIGINT NOT NULL,
	reached_id BIGINT NOT NULL,
	total BIGINT NOT NULL,
	seen BIGINT NOT NULL DEFAULT 0,
	all_queued INTEGER NOT NULL DEFAULT 0,
	created_at BIGINT NOT NULL,
	finished_at BIGINT
);
CREATE UNIQUE INDEX candidate_reparses_team ON candidate_reparses (team_id);

CREATE TABLE candidate_rereads (
	candidate_id BIGINT PRIMARY KEY REFERENCES candidates (id) ON DELETE CASCADE,
	reparse_id BIGINT NOT NULL REFERENCES candidate_reparses (id) ON DELETE CASCADE
);
CREATE INDEX candidate_rereads_reparse ON candidate_rereads (reparse_id);

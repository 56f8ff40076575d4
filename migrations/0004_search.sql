-- Full text on PostgreSQL: the texts with a small tsvector for ranking, and beside them the index alone, whose rows are narrow.
-- document also holds lexemes that no word can be, for the scope and for blocks of ids: '/all', '/7', '/7/12/61' (candidate_search.c).

-- only: postgresql
DROP TABLE candidate_words;

CREATE TABLE candidate_texts (
	candidate_id BIGINT PRIMARY KEY REFERENCES candidates (id) ON DELETE CASCADE,
	name TEXT,
	email TEXT,
	phone TEXT,
	skills TEXT,
	domain_knowledge TEXT,
	text TEXT,
	fields TSVECTOR NOT NULL
);

CREATE TABLE candidate_words (
	candidate_id BIGINT PRIMARY KEY REFERENCES candidates (id) ON DELETE CASCADE,
	document TSVECTOR NOT NULL
) WITH (toast_tuple_target = 128);
ALTER TABLE candidate_words ALTER COLUMN document SET STORAGE EXTERNAL;
CREATE INDEX candidate_words_document ON candidate_words USING GIN (document) WITH (fastupdate = off);
-- end

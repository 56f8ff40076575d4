-- Full text on PostgreSQL: what a found row is ranked and filtered by stands in the row that the index leads to, so that no other table is
-- looked up for each. fields stays in the row (MAIN), document outside.

-- only: postgresql
CREATE TABLE candidate_index (
	candidate_id BIGINT NOT NULL,
	team_id BIGINT NOT NULL,
	fields TSVECTOR NOT NULL,
	document TSVECTOR NOT NULL
) WITH (toast_tuple_target = 128);
ALTER TABLE candidate_index ALTER COLUMN fields SET STORAGE MAIN;
ALTER TABLE candidate_index ALTER COLUMN document SET STORAGE EXTERNAL;
INSERT INTO candidate_index (candidate_id, team_id, fields, document)
	SELECT w.candidate_id, c.team_id, t.fields, w.document FROM candidate_words AS w
	JOIN candidate_texts AS t ON t.candidate_id = w.candidate_id JOIN candidates AS c ON c.id = w.candidate_id
	ORDER BY w.candidate_id;
DROP TABLE candidate_words;
ALTER TABLE candidate_index RENAME TO candidate_words;
ALTER TABLE candidate_words ADD CONSTRAINT candidate_words_pkey PRIMARY KEY (candidate_id);
ALTER TABLE candidate_words ADD CONSTRAINT candidate_words_candidate_id_fkey
	FOREIGN KEY (candidate_id) REFERENCES candidates (id) ON DELETE CASCADE;
CREATE INDEX candidate_words_document ON candidate_words USING GIN (document) WITH (fastupdate = off);
ALTER TABLE candidate_texts DROP COLUMN fields;
-- end

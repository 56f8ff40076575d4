-- How often candidates have changed, so that a total that was counted is known to be good still.
CREATE TABLE candidate_changes (
	id BIGINT PRIMARY KEY,
	n BIGINT NOT NULL
);
INSERT INTO candidate_changes (id, n) VALUES (1, 1);

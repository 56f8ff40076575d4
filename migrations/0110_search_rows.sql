-- Candidates by status, for administrators, who see all teams; and those not completed by number, few beside all others, so that a search
-- asks a small index whether one of its candidates is to be left out. The CAST: SQLite would look for a plain id in the wide rows instead.
CREATE INDEX candidates_by_status ON candidates (status, id);
CREATE INDEX candidates_incomplete ON candidates ((CAST(id AS BIGINT)), status) WHERE status <> 'completed';

-- For sums over time.
CREATE INDEX candidates_created ON candidates (created_at, team_id, status);

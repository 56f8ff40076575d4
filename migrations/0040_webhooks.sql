-- Webhooks: where a team wants to be told of events, and what became of each delivery.
-- failing_since: since when no delivery has succeeded. hold_until: nothing is tried before.
-- previous_secret signs too, until previous_until.

CREATE TABLE webhooks (
	id {{id}},
	team_id BIGINT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
	created_by BIGINT NOT NULL,
	url TEXT NOT NULL,
	events {{json}} NOT NULL,
	description TEXT,
	secret TEXT NOT NULL,
	previous_secret TEXT,
	previous_until BIGINT,
	is_active INTEGER NOT NULL DEFAULT 1,
	disabled_reason TEXT,
	failing_since BIGINT,
	failures BIGINT NOT NULL DEFAULT 0,
	hold_until BIGINT NOT NULL DEFAULT 0,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	last_delivery_at BIGINT
);
CREATE INDEX webhooks_team ON webhooks (team_id, id);

CREATE TABLE webhook_deliveries (
	id {{id}},
	webhook_id BIGINT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
	message_id TEXT NOT NULL,
	type TEXT NOT NULL,
	payload TEXT NOT NULL,
	state TEXT NOT NULL,
	attempts BIGINT NOT NULL DEFAULT 0,
	status BIGINT,
	duration_ms BIGINT,
	error_message TEXT,
	response TEXT,
	created_at BIGINT NOT NULL,
	attempted_at BIGINT,
	first_attempted_at BIGINT,
	next_attempt_at BIGINT,
	delivered_at BIGINT
);
CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (webhook_id) WHERE state = 'waiting';

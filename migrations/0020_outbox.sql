-- Mail that users send: each message, what became of it step by step, and the pace at which they go out.
-- handed_at: from then on the message may have arrived. slot_at: when the pace lets it go.

CREATE TABLE outbox (
	id {{id}},
	user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	team_id BIGINT NOT NULL,
	kind TEXT NOT NULL,
	state TEXT NOT NULL,
	recipient TEXT NOT NULL,
	recipient_name TEXT,
	sender_name TEXT,
	reply_to TEXT,
	subject TEXT NOT NULL,
	body TEXT NOT NULL,
	body_html TEXT,
	attachment_name TEXT,
	attachment_type TEXT,
	attachment_path TEXT,
	attachment_size BIGINT,
	message_id TEXT NOT NULL,
	in_reply_to TEXT,
	reference_ids TEXT,
	follow_up_of BIGINT,
	idempotency_key TEXT,
	content_hash TEXT,
	attempts BIGINT NOT NULL DEFAULT 0,
	first_attempt BIGINT NOT NULL DEFAULT 0,
	slot_at BIGINT NOT NULL DEFAULT 0,
	next_attempt_at BIGINT,
	handed_at BIGINT,
	error_message TEXT,
	server_reply TEXT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	sent_at BIGINT
);
CREATE INDEX outbox_user ON outbox (user_id, id);
CREATE INDEX outbox_unfinished ON outbox (user_id) WHERE state IN ('queued', 'sending');
CREATE UNIQUE INDEX outbox_key ON outbox (user_id, idempotency_key);
CREATE UNIQUE INDEX outbox_attachment ON outbox (attachment_path);

CREATE TABLE outbox_steps (
	id {{id}},
	mail_id BIGINT NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
	state TEXT NOT NULL,
	note TEXT,
	at BIGINT NOT NULL
);
CREATE INDEX outbox_steps_mail ON outbox_steps (mail_id, id);

CREATE TABLE outbox_pace (
	id BIGINT PRIMARY KEY,
	theoretical_at BIGINT NOT NULL
);

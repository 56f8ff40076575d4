-- What Telegram is still to be told. claimed_until: somebody tells it now, or it is not to be tried before.

CREATE TABLE telegram_notes (
	id {{id}},
	text TEXT NOT NULL,
	claimed_until BIGINT NOT NULL DEFAULT 0,
	created_at BIGINT NOT NULL
);
CREATE INDEX telegram_notes_due ON telegram_notes (claimed_until, id);

-- A small marketplace: what is offered (searchables), billed, paid, rated and measured. Money is in minor units. What tests make
-- carries marks in its JSON, copied to test_marker and test_session_id when a row is made, so that an index finds test data.

ALTER TABLE users ADD COLUMN test_marker TEXT;
ALTER TABLE users ADD COLUMN test_session_id TEXT;
UPDATE users SET test_marker = 'integration_test_data', test_session_id = test_metadata->>'test_session_id'
	WHERE test_metadata->>'test_marker' = 'integration_test_data';
CREATE INDEX users_test ON users (test_session_id, id) WHERE test_marker = 'integration_test_data';

CREATE TABLE user_profiles (
	id {{id}},
	user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	display_name TEXT NOT NULL,
	headline TEXT,
	location TEXT,
	about TEXT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX user_profiles_user ON user_profiles (user_id);

CREATE TABLE balances (
	id {{id}},
	user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	currency TEXT NOT NULL,
	amount BIGINT NOT NULL CHECK (amount >= 0),
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX balances_user ON balances (user_id, currency);

CREATE TABLE searchables (
	id {{id}},
	user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	payloads {{json}} NOT NULL,
	test_marker TEXT,
	test_session_id TEXT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);
CREATE INDEX searchables_user ON searchables (user_id, id);
CREATE INDEX searchables_test ON searchables (test_session_id, id) WHERE test_marker = 'integration_test_data';

-- user_id: who buys; seller_id: whose searchable it is.
CREATE TABLE invoices (
	id {{id}},
	searchable_id BIGINT NOT NULL REFERENCES searchables (id) ON DELETE CASCADE,
	user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	seller_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	amount BIGINT NOT NULL CHECK (amount > 0),
	currency TEXT NOT NULL,
	title TEXT,
	status TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	paid_at BIGINT
);
CREATE INDEX invoices_searchable ON invoices (searchable_id, id);
CREATE INDEX invoices_user ON invoices (user_id, id);
CREATE INDEX invoices_seller ON invoices (seller_id, id);

CREATE TABLE invoice_notes (
	id {{id}},
	invoice_id BIGINT NOT NULL REFERENCES invoices (id) ON DELETE CASCADE,
	user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	text TEXT NOT NULL,
	created_at BIGINT NOT NULL
);
CREATE INDEX invoice_notes_invoice ON invoice_notes (invoice_id, id);
CREATE INDEX invoice_notes_user ON invoice_notes (user_id);

CREATE TABLE payments (
	id {{id}},
	invoice_id BIGINT NOT NULL REFERENCES invoices (id) ON DELETE CASCADE,
	searchable_id BIGINT NOT NULL REFERENCES searchables (id) ON DELETE CASCADE,
	user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	seller_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	amount BIGINT NOT NULL CHECK (amount > 0),
	currency TEXT NOT NULL,
	status TEXT NOT NULL,
	created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX payments_invoice ON payments (invoice_id);
CREATE INDEX payments_searchable ON payments (searchable_id);
CREATE INDEX payments_user ON payments (user_id, id);
CREATE INDEX payments_seller ON payments (seller_id, id);

CREATE TABLE ratings (
	id {{id}},
	searchable_id BIGINT NOT NULL REFERENCES searchables (id) ON DELETE CASCADE,
	user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	score BIGINT NOT NULL,
	comment TEXT,
	created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX ratings_once ON ratings (searchable_id, user_id);
CREATE INDEX ratings_user ON ratings (user_id, id);

CREATE TABLE files (
	id {{id}},
	user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	searchable_id BIGINT REFERENCES searchables (id) ON DELETE CASCADE,
	filename TEXT NOT NULL,
	file_path TEXT NOT NULL,
	file_size BIGINT NOT NULL,
	content_type TEXT NOT NULL,
	created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX files_path ON files (file_path);
CREATE INDEX files_user ON files (user_id, id);
CREATE INDEX files_searchable ON files (searchable_id, id);

CREATE TABLE media (
	id {{id}},
	user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	searchable_id BIGINT REFERENCES searchables (id) ON DELETE CASCADE,
	filename TEXT NOT NULL,
	file_path TEXT NOT NULL,
	file_size BIGINT NOT NULL,
	content_type TEXT NOT NULL,
	created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX media_path ON media (file_path);
CREATE INDEX media_user ON media (user_id, id);
CREATE INDEX media_searchable ON media (searchable_id, id);

CREATE TABLE withdrawals (
	id {{id}},
	user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	invoice_id BIGINT REFERENCES invoices (id) ON DELETE SET NULL,
	amount BIGINT NOT NULL CHECK (amount > 0),
	currency TEXT NOT NULL,
	status TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);
CREATE INDEX withdrawals_user ON withdrawals (user_id, id);
CREATE INDEX withdrawals_invoice ON withdrawals (invoice_id);

CREATE TABLE metrics (
	id {{id}},
	user_id BIGINT REFERENCES users (id) ON DELETE SET NULL,
	name TEXT NOT NULL,
	value DOUBLE PRECISION NOT NULL,
	tags {{json}},
	metadata {{json}},
	test_marker TEXT,
	test_session_id TEXT,
	created_at BIGINT NOT NULL
);
CREATE INDEX metrics_user ON metrics (user_id, id);
CREATE INDEX metrics_name ON metrics (name, id);
CREATE INDEX metrics_test ON metrics (test_session_id, id) WHERE test_marker = 'integration_test_data';

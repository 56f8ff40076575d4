-- What the servers of one database share: values made once, and texts of the bus that are too long for a notification.

CREATE TABLE installation (
	name TEXT PRIMARY KEY,
	value TEXT NOT NULL
);

CREATE TABLE bus_texts (
	id {{id}},
	text TEXT NOT NULL,
	created_at BIGINT NOT NULL
);
CREATE INDEX bus_texts_age ON bus_texts (created_at);

-- Files of an object store that were removed while their rows stay: a list of rows asks this instead of the store.
CREATE TABLE missing_files (
	path TEXT PRIMARY KEY
);

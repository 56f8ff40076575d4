-- Resumable uploads whose bytes go into an object store, where any server goes on with them. sent: bytes that are in parts (or, without
-- store_id, in the object, which then is whole); tail: those after them, less than a part, in an object of their own. lease: of the
-- request that sends just now.

CREATE TABLE video_upload_objects (
	upload_id BIGINT PRIMARY KEY REFERENCES video_uploads (id) ON DELETE CASCADE,
	path TEXT NOT NULL,
	store_id TEXT,
	sent BIGINT NOT NULL DEFAULT 0,
	tail_path TEXT,
	tail BIGINT NOT NULL DEFAULT 0,
	lease TEXT,
	lease_until BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX video_upload_objects_path ON video_upload_objects (path);
CREATE INDEX video_upload_objects_tail ON video_upload_objects (tail_path);

CREATE TABLE video_upload_parts (
	upload_id BIGINT NOT NULL REFERENCES video_upload_objects (upload_id) ON DELETE CASCADE,
	number BIGINT NOT NULL,
	tag TEXT NOT NULL,
	PRIMARY KEY (upload_id, number)
);

-- Videos on their way, by the tus protocol. How much has come is the length of the file; video_id is set once it is whole, then there
-- is no file_path any more. The row stays until it expires, so that a client that lost the last reply can ask.

CREATE TABLE video_uploads (
	id {{id}},
	user_id BIGINT REFERENCES users (id) ON DELETE CASCADE,
	invitation_id BIGINT REFERENCES interview_invitations (id) ON DELETE CASCADE,
	question_id BIGINT,
	filename TEXT NOT NULL,
	length BIGINT NOT NULL,
	file_path TEXT,
	video_id BIGINT,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL
);
CREATE INDEX video_uploads_user ON video_uploads (user_id);
CREATE INDEX video_uploads_invitation ON video_uploads (invitation_id);
CREATE INDEX video_uploads_path ON video_uploads (file_path);
CREATE INDEX video_uploads_expiry ON video_uploads (expires_at);

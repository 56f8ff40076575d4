-- Interviews by video: questions, who is invited, the videos, and which of them answers what.

CREATE TABLE interviews (
	id {{id}},
	team_id BIGINT NOT NULL REFERENCES teams (id),
	title TEXT NOT NULL,
	description TEXT,
	status TEXT NOT NULL,
	created_by BIGINT REFERENCES users (id) ON DELETE SET NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);
CREATE INDEX interviews_team ON interviews (team_id, id);
CREATE INDEX interviews_creator ON interviews (created_by);

CREATE TABLE interview_questions (
	id {{id}},
	interview_id BIGINT NOT NULL REFERENCES interviews (id) ON DELETE CASCADE,
	position BIGINT NOT NULL,
	text TEXT NOT NULL,
	time_limit_seconds BIGINT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);
CREATE INDEX interview_questions_interview ON interview_questions (interview_id, position, id);

-- The secret itself is shown once and not kept.
CREATE TABLE interview_invitations (
	id {{id}},
	interview_id BIGINT NOT NULL REFERENCES interviews (id) ON DELETE CASCADE,
	name TEXT,
	email TEXT,
	secret_hash TEXT NOT NULL,
	created_by BIGINT REFERENCES users (id) ON DELETE SET NULL,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	revoked_at BIGINT
);
CREATE UNIQUE INDEX interview_invitations_secret ON interview_invitations (secret_hash);
CREATE INDEX interview_invitations_interview ON interview_invitations (interview_id, id);
CREATE INDEX interview_invitations_creator ON interview_invitations (created_by);

CREATE TABLE videos (
	id {{id}},
	team_id BIGINT NOT NULL REFERENCES teams (id),
	uploaded_by BIGINT REFERENCES users (id),
	invitation_id BIGINT REFERENCES interview_invitations (id) ON DELETE SET NULL,
	interview_id BIGINT REFERENCES interviews (id) ON DELETE SET NULL,
	question_id BIGINT REFERENCES interview_questions (id) ON DELETE SET NULL,
	filename TEXT NOT NULL,
	file_path TEXT NOT NULL,
	file_size BIGINT NOT NULL,
	content_type TEXT NOT NULL,
	duration_ms BIGINT,
	width BIGINT,
	height BIGINT,
	poster_path TEXT,
	created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX videos_file ON videos (file_path);
CREATE INDEX videos_team ON videos (team_id, id);
CREATE INDEX videos_uploader ON videos (uploaded_by);
CREATE INDEX videos_invitation ON videos (invitation_id);
CREATE INDEX videos_interview ON videos (interview_id);
CREATE INDEX videos_question ON videos (question_id);
CREATE INDEX videos_poster ON videos (poster_path);

CREATE TABLE interview_answers (
	id {{id}},
	interview_id BIGINT NOT NULL REFERENCES interviews (id) ON DELETE CASCADE,
	question_id BIGINT NOT NULL REFERENCES interview_questions (id) ON DELETE CASCADE,
	video_id BIGINT NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
	user_id BIGINT REFERENCES users (id) ON DELETE CASCADE,
	invitation_id BIGINT REFERENCES interview_invitations (id) ON DELETE CASCADE,
	created_at BIGINT NOT NULL
);
CREATE INDEX interview_answers_interview ON interview_answers (interview_id, id);
CREATE INDEX interview_answers_question ON interview_answers (question_id);
CREATE INDEX interview_answers_video ON interview_answers (video_id);
CREATE INDEX interview_answers_user ON interview_answers (user_id);
CREATE INDEX interview_answers_invitation ON interview_answers (invitation_id);

/*
 * videos: uploaded video files and their rows. Owns the table videos. A row outlives its file (the
 * cleanup of all videos removes files only) and is then shown as not available.
 */
#pragma once
#include "core/route.h"

struct question;
struct media_reply;

struct video {
	int64_t id;
	const char *filename, *file_path;
	int64_t file_size;
	const char *content_type;
	struct when created_at;
	struct opt_int question_id, uploaded_by, invitation_id, duration_ms, width, height;
	const char *poster_path;
	bool available;
	int64_t team_id;
	struct opt_int interview_id;
};
extern const struct schema video_schema;

/* Where uploads and answers lie below DATA_DIR. */
#define VIDEO_UPLOADS "media/videos"
#define VIDEO_ANSWERS "media/interview_videos"

/* E_RULE with a sentence unless name and content are those of a video; *type: its media type. path:
 * of the spooled or stored file, whole. */
int video_check(struct ctx *c, const char *filename, const char *path, int64_t size,
				const char **type);
/* The same of one that lies wherever files are, by its path for the database. */
int video_check_stored(struct ctx *c, const char *filename, const char *path, const char **type);
/* Gives a checked upload its place and its row, for the actor; q: what it is for, or NULL. In the
 * current transaction. */
int video_add(struct ctx *c, const struct upload *u, const char *type, const char *folder,
			  const struct question *q, struct video *out);
/* The same for a file that lies at its place already: filename, file_path, file_size and
 * content_type of *v count. */
int video_insert(struct ctx *c, const struct video *v, const struct question *q, struct video *out);
/* The row, whoever asks. E_NOT_FOUND. */
int video_row(struct ctx *c, int64_t id, struct video *out);
/* A video that the actor uploaded. E_NOT_FOUND. */
int video_own(struct ctx *c, int64_t id, struct video *out);
/* Keeps what vitae-media told of a video, and its poster (NULL: none), in the current transaction.
 * A video that is gone is no error. */
int video_measured(struct ctx *c, int64_t id, const struct media_reply *m,
				   const struct upload *poster);
/* Whether its file is there; sets available. */
void video_look(struct ctx *c, struct video *v);

/* Deletes the videos that were sent for an interview's questions; those a user uploaded; files too.
 * In the current transaction. */
int videos_delete_of_interview(struct ctx *c, int64_t interview_id);
int videos_delete_of(struct ctx *c, int64_t user_id);
/* True if a video's file or poster lies at this path (or the database cannot tell). */
bool videos_have_file(struct ctx *c, const char *path);

extern const struct feature videos_feature;

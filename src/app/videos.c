/*
 * videos: uploading, listing, playing, deleting them. An upload goes to the disk as it arrives and
 * is never held in memory; it is synced before the transaction that gives it its place and its row,
 * so that nobody waits for the disk with the write lock held.
 */
#include "app/videos.h"

#include <inttypes.h>
#include <unistd.h>

#include "app/export.h"
#include "app/interviews.h"
#include "app/query.h"
#include "app/removals.h"
#include "app/video_reading.h"
#include "core/access.h"
#include "core/core.h"
#include "core/event.h"
#include "data/media.h"
#include "data/sniff_video.h"

/* ---- schemas ---- */

static const struct field video_fields[] = {
	FIELD(struct video, id, 0, .doc = "Number of the video", .example = "1"),
	FIELD(struct video, filename, 0, .doc = "Name of the uploaded file",
		  .example = "\"answer.mp4\""),
	FIELD(struct video, file_path, 0, .doc = "Where it lies below DATA_DIR",
		  .example = "\"media/videos/3f9a_answer.mp4\""),
	FIELD(struct video, file_size, 0, .doc = "Bytes", .example = "10485760"),
	FIELD(struct video, content_type, 0, .doc = "Media type, by the content",
		  .example = "\"video/mp4\""),
	FIELD(struct video, created_at, 0, .doc = "When it was uploaded",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct video, question_id, F_NULL, .doc = "Question that it was sent for",
		  .example = "1"),
	FIELD(struct video, uploaded_by, F_NULL, .doc = "User who uploaded it", .example = "2"),
	FIELD(struct video, invitation_id, F_NULL, .doc = "Or the invitation by which it came",
		  .example = "null"),
	FIELD(struct video, duration_ms, F_NULL, .doc = "Length in milliseconds, once it is known",
		  .example = "61500"),
	FIELD(struct video, width, F_NULL, .doc = "Pixels, once they are known", .example = "1280"),
	FIELD(struct video, height, F_NULL, .doc = "Pixels, once they are known", .example = "720"),
	FIELD(struct video, poster_path, F_NULL, .doc = "Still picture, once there is one",
		  .example = "\"media/posters/3f9a_poster.jpg\""),
	FIELD(struct video, available, 0, .doc = "Whether the file is still there", .example = "true"),
	FIELD(struct video, team_id, F_SECRET, .doc = "Team", .example = "1"),
	FIELD(struct video, interview_id, F_SECRET, .doc = "Interview", .example = "1"),
};
const struct schema video_schema = SCHEMA("Video", struct video, video_fields);

struct upload_in {
	struct upload file;
	struct opt_int question_id;
};
static const struct field upload_fields[] = {
	FIELD(struct upload_in, file, F_REQUIRED,
		  .doc = "The video: MP4, AVI, MOV, MKV, WebM, M4V, 3GP or FLV", .example = "null"),
	FIELD(struct upload_in, question_id, F_NULL, .min = 1, .doc = "Question that it is for",
		  .example = "1"),
};
static const struct schema upload_schema = SCHEMA("VideoUpload", struct upload_in, upload_fields);

struct list_in {
	int64_t skip, limit;
	struct opt_int question_id;
};
static const struct field list_fields[] = {
	FIELD(struct list_in, question_id, F_QUERY, .min = 1, .doc = "Only videos for this question",
		  .example = "1"),
	QUERY_PAGE(struct list_in),
};
static const struct schema list_schema = SCHEMA("VideoList", struct list_in, list_fields);

struct id_in {
	int64_t video_id;
};
static const struct field id_fields[] = {
	FIELD(struct id_in, video_id, F_PATH, .min = 1, .doc = "Video ID", .example = "1"),
};
static const struct schema id_schema = SCHEMA("VideoId", struct id_in, id_fields);

/* What is told of an upload. */
struct told {
	int64_t id;
	const char *filename;
	struct opt_int question_id;
};
static const struct field told_fields[] = {
	FIELD(struct told, id, 0, .doc = "The video", .example = "1"),
	FIELD(struct told, filename, 0, .doc = "Name of the file", .example = "\"answer.mp4\""),
	FIELD(struct told, question_id, F_NULL, .doc = "Question that it is for", .example = "1"),
};
static const struct schema told_schema = SCHEMA("VideoTold", struct told, told_fields);

/* ---- queries ---- */

/* What the actor may see: the team's videos; an invited candidate only what they sent. */
static int find(struct ctx *c, int64_t id, struct video *out)
{
	int rc = db_one(c->db, c->arena, &video_schema, out,
					"SELECT * FROM videos WHERE id = $1 AND (CAST($2 AS BIGINT) = 0 OR "
					"team_id = $2) AND (CAST($3 AS BIGINT) = 0 OR invitation_id = $3)",
					P(id), P(interview_team(c)), P(c->actor->invitation_id));

	return rc == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "Video not found") : rc;
}

int video_own(struct ctx *c, int64_t id, struct video *out)
{
	int rc = db_one(c->db, c->arena, &video_schema, out,
					"SELECT * FROM videos WHERE id = $1 AND ((CAST($2 AS BIGINT) <> 0 AND "
					"uploaded_by = $2) OR (CAST($3 AS BIGINT) <> 0 AND invitation_id = $3))",
					P(id), P(c->actor->user_id), P(c->actor->invitation_id));

	return rc == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "Video not found") : rc;
}

int video_row(struct ctx *c, int64_t id, struct video *out)
{
	return db_one(c->db, c->arena, &video_schema, out, "SELECT * FROM videos WHERE id = $1", P(id));
}

void video_look(struct ctx *c, struct video *v)
{
	v->available = removals_there(c, v->file_path);
}

/* A video for a question belongs to the team that asks. */
int video_insert(struct ctx *c, const struct video *v, const struct question *q, struct video *out)
{
	struct told told = {.filename = v->filename};
	int64_t team_id = c->actor->team_id, interview_id = q == NULL ? 0 : q->interview_id;

	if (q != NULL) {
		told.question_id = (struct opt_int){.set = true, .v = q->id};
		TRY(interview_team_of(c->db, interview_id, &team_id));
	}
	TRY(db_int(c->db, &told.id,
			   "INSERT INTO videos (team_id, uploaded_by, invitation_id, interview_id, "
			   "question_id, filename, file_path, file_size, content_type, created_at) "
			   "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
			   P(team_id), param_id(c->actor->user_id), param_id(c->actor->invitation_id),
			   param_id(interview_id), P(told.question_id), P(v->filename), P(v->file_path),
			   P(v->file_size), P(v->content_type), P(c->now)));
	TRY(event_emit(c, &(struct event){.type = "video.uploaded",
									  .team_id = team_id,
									  .schema = &told_schema,
									  .data = &told}));
	TRY(video_reading_queue(c, told.id));
	TRY(video_row(c, told.id, out));
	out->available = true;
	return OK;
}

int video_measured(struct ctx *c, int64_t id, const struct media_reply *m,
				   const struct upload *poster)
{
	const char *path = NULL;
	int64_t changed;

	if (poster != NULL) {
		TRY(files_place(c->files, c->arena, c->error, poster, "media/posters", &path));
		TRY(removals_undo(c, path));
	}
	TRY(db_exec(c->db, &changed,
				"UPDATE videos SET duration_ms = $2, width = $3, height = $4, poster_path = $5 "
				"WHERE id = $1",
				P(id), P(m->duration_ms), P(m->width), P(m->height), P(path)));
	return changed == 0 && path != NULL ? removals_add(c, path) : OK;
}

static int delete_row(struct ctx *c, const struct video *v)
{
	TRY(removals_add(c, v->file_path));
	if (v->poster_path != NULL)
		TRY(removals_add(c, v->poster_path));
	return db_exec(c->db, NULL, "DELETE FROM videos WHERE id = $1", P(v->id));
}

/* sql: selects up to 200 of the videos that belong to id. */
static int delete_all(struct ctx *c, const char *sql, int64_t id)
{
	enum { BATCH = 200 };
	struct list rows;

	do {
		const struct video *v;

		TRY(db_list(c->db, c->arena, &video_schema, BATCH, &rows, sql, P(id)));
		v = rows.items;
		for (size_t i = 0; i < rows.n; i++)
			TRY(delete_row(c, &v[i]));
	} while (rows.n == BATCH);
	return OK;
}

int videos_delete_of_interview(struct ctx *c, int64_t interview_id)
{
	return delete_all(c, "SELECT * FROM videos WHERE interview_id = $1 ORDER BY id LIMIT 200",
					  interview_id);
}

int videos_delete_of(struct ctx *c, int64_t user_id)
{
	return delete_all(c, "SELECT * FROM videos WHERE uploaded_by = $1 ORDER BY id LIMIT 200",
					  user_id);
}

/* ---- rules ---- */

static int check_content(struct ctx *c, const char *filename, const void *head, size_t n,
						 const char **type)
{
	*type = video_type(filename, head, n);
	if (*type == NULL)
		return fail(c, E_RULE, "The file's content is not that of a video of this type");
	return OK;
}

int video_check(struct ctx *c, const char *filename, const char *path, int64_t size,
				const char **type)
{
	unsigned char head[SNIFF_VIDEO_HEAD];
	int64_t n;

	if (!video_name(filename))
		return fail(c, E_RULE,
					"Only MP4, AVI, MOV, MKV, WEBM, M4V, 3GP and FLV files can be uploaded");
	if (size == 0)
		return fail(c, E_RULE, "The file is empty");
	n = files_head(path, head, sizeof head);
	if (n < 0)
		return fail(c, E_INTERNAL, "cannot read the file %s", path);
	return check_content(c, filename, head, (size_t)n, type);
}

int video_check_stored(struct ctx *c, const char *filename, const char *path, const char **type)
{
	unsigned char head[SNIFF_VIDEO_HEAD];
	int64_t size;
	size_t n;

	TRY(files_size(c->files, c->error, path, &size));
	TRY(files_get_head(c->files, c->error, path, size, head, sizeof head, &n));
	return check_content(c, filename, head, n, type);
}

int video_add(struct ctx *c, const struct upload *u, const char *type, const char *folder,
			  const struct question *q, struct video *out)
{
	struct video v = {.filename = u->filename, .file_size = u->size, .content_type = type};

	TRY(files_place(c->files, c->arena, c->error, u, folder, &v.file_path));
	TRY(removals_undo(c, v.file_path));
	return video_insert(c, &v, q, out);
}

/* ---- handlers ---- */

struct uploading {
	const struct upload_in *in;
	const char *type;
};

static int upload_tx(struct ctx *c, void *arg)
{
	const struct uploading *u = arg;
	bool asked = u->in->question_id.set && !u->in->question_id.null;
	struct question q;

	if (asked)
		TRY(interview_answerable(c, u->in->question_id.v, &q));
	return video_add(c, &u->in->file, u->type, VIDEO_UPLOADS, asked ? &q : NULL, c->out);
}

static int upload(struct ctx *c)
{
	struct uploading u = {.in = c->in};
	const struct upload *file = &u.in->file;
	const struct video *out = c->out;

	TRY(video_check(c, file->filename, file->path, file->size, &u.type));
	TRY(files_sync(c->files, c->error, file));
	TRY(tx(c, upload_tx, &u));
	return ctx_header(c, "Location", arena_printf(c->arena, "/api/v1/videos/%" PRId64, out->id));
}

static int list(struct ctx *c)
{
	const struct list_in *in = c->in;
	struct list *out = c->out;
	struct query q;

	query_init(&q, c->arena);
	if (interview_team(c) != 0)
		query_and(&q, "team_id = ?", P(interview_team(c)));
	if (in->question_id.set)
		query_and(&q, "question_id = ?", P(in->question_id));
	TRY(query_page(c, &q, &video_schema, "*", "videos", "id DESC", in->skip, in->limit));
	for (size_t i = 0; i < out->n; i++)
		video_look(c, &((struct video *)out->items)[i]);
	return OK;
}

static int get(struct ctx *c)
{
	const struct id_in *in = c->in;

	TRY(find(c, in->video_id, c->out));
	video_look(c, c->out);
	return OK;
}

static int send_file(struct ctx *c, const struct video *v, const char *path, const char *type,
					 const char *name)
{
	const struct ctx_stored file = {
		.path = path, .type = type, .gone = "The file of this video is no longer on the server"};

	/* The path has a random part and the file never changes. */
	TRY(ctx_header(
		c, "ETag",
		arena_printf(c->arena, "\"v%" PRId64 "-%" PRId64 "-%s\"", v->id, v->file_size, name)));
	return ctx_stored(c, &file);
}

static int play(struct ctx *c)
{
	const struct id_in *in = c->in;
	struct video v;

	TRY(find(c, in->video_id, &v));
	return send_file(c, &v, v.file_path, v.content_type, "file");
}

static int poster(struct ctx *c)
{
	const struct id_in *in = c->in;
	struct video v;

	TRY(find(c, in->video_id, &v));
	if (v.poster_path == NULL)
		return fail(c, E_NOT_FOUND, "This video has no poster (yet)");
	return send_file(c, &v, v.poster_path, "image/jpeg", "poster");
}

/* What an element of a page plays it fetches itself, without a header: the token that came with
 * this request goes back as a cookie that no script reads and that is sent for this video alone. An
 * address, which stands in logs and histories, never holds it. */
static int allow_playback(struct ctx *c)
{
	const struct id_in *in = c->in;
	struct video v;

	TRY(find(c, in->video_id, &v));
	return ctx_header(c, "Set-Cookie",
					  arena_printf(c->arena,
								   "playback=%s; Path=/api/v1/videos/%" PRId64
								   "; Max-Age=%d; HttpOnly; SameSite=Strict%s",
								   c->token, v.id, ACCESS_SECONDS,
								   c->config->debug ? "" : "; Secure"));
}

static int delete_video(struct ctx *c)
{
	const struct id_in *in = c->in;
	struct video v;

	TRY(find(c, in->video_id, &v));
	if (c->actor->role < ROLE_RECRUITER && v.uploaded_by.v != c->actor->user_id)
		return fail(c, E_DENIED, "Only recruiters delete what others uploaded");
	return delete_row(c, &v);
}

/* ---- files ---- */

bool videos_have_file(struct ctx *c, const char *path)
{
	int64_t id;

	return db_int(c->db, &id, "SELECT id FROM videos WHERE file_path = $1 OR poster_path = $1",
				  P(path)) != E_NOT_FOUND;
}

static int files(struct db *db, int (*file)(void *arg, const char *path), void *arg)
{
	TRY(db_each_text(db, file, arg, "SELECT file_path FROM videos ORDER BY id"));
	return db_each_text(db, file, arg, "SELECT poster_path FROM videos ORDER BY id");
}

static int export_user(struct ctx *c, int64_t user_id, struct export *x)
{
	(void)c;
	TRY(export_rows(x, "videos", &video_schema,
					"SELECT * FROM videos WHERE uploaded_by = $1 ORDER BY id", P(user_id)));
	return export_files(x, "videos",
						"SELECT id, filename AS name, file_path AS path FROM videos WHERE "
						"uploaded_by = $1 ORDER BY id",
						P(user_id));
}

/* ---- tables ---- */

static const short bad_not_found[] = {400, 404, 0}, not_found[] = {404, 0},
				   gone[] = {206, 404, 410, 416, 0}, not_found_denied[] = {403, 404, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/upload-video/", upload, &upload_schema, &video_schema, .role = ROLE_VIEWER,
	 .body = BODY_FILE, .status = 201, .flags = ROUTE_SLOW | ROUTE_VIDEO | ROUTE_INVITED,
	 .audit = "video.upload", .tag = "videos",
	 .doc = "Upload a video\nBy any signed-in user, or by a candidate with an invitation.",
	 .errors = bad_not_found},
	{"GET", "/api/v1/videos/", list, &list_schema, &video_schema, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_LIST, .tag = "videos", .doc = "The team's videos, newest first"},
	{"GET", "/api/v1/videos/{video_id}", get, &id_schema, &video_schema, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_INVITED, .tag = "videos", .doc = "One video"},
	{"GET", "/api/v1/videos/{video_id}/file", play, &id_schema, NULL, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_RAW | ROUTE_INVITED | ROUTE_MEDIA, .tag = "videos",
	 .doc = "Play a video\nTakes Range and If-Range; 410 once the file is gone. The cookie of POST "
			"/playback will do in place of a header.",
	 .errors = gone},
	{"GET", "/api/v1/videos/{video_id}/poster", poster, &id_schema, NULL, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_RAW | ROUTE_INVITED | ROUTE_MEDIA, .tag = "videos",
	 .doc = "A still picture of a video", .errors = gone},
	{"POST", "/api/v1/videos/{video_id}/playback", allow_playback, &id_schema, NULL,
	 .role = ROLE_VIEWER, .status = 204, .flags = ROUTE_OWN_TX | ROUTE_INVITED, .tag = "videos",
	 .doc = "Let a page's own element play a video\nSets a cookie, for this video and half an hour "
			"at most, with which a browser may fetch file and poster without a header.",
	 .errors = not_found},
	{"DELETE", "/api/v1/videos/{video_id}", delete_video, &id_schema, NULL, .role = ROLE_VIEWER,
	 .status = 204, .audit = "video.delete", .tag = "videos",
	 .doc = "Delete a video and its file\nBy who uploaded it, or a recruiter of the team.",
	 .errors = not_found_denied},
};

const struct feature videos_feature = {
	.name = "videos",
	.routes = routes,
	.nroutes = sizeof routes / sizeof routes[0],
	.files = files,
	.has_file = videos_have_file,
	.forget_user = videos_delete_of,
	.export_user = export_user,
};

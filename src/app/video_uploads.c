/*
 * video_uploads: tus 1.0 (https://tus.io/protocols/resumable-upload) with its extensions creation,
 * expiration and termination. POST tells length and name and gets a place; PATCH appends at the
 * offset that the server has; GET (HEAD) asks for that offset; DELETE gives the upload up.
 *
 * The bytes go from the socket into the file (route.h: sink), so what has come is never lost: when
 * a connection breaks, the file is as long as what had arrived, and the client goes on there. The
 * last byte makes it a video, checked as every other one. The file is locked while a request
 * appends. With an object store, video_parts.c has the bytes, and file_path is not set.
 */
#include "app/video_uploads.h"

#include <inttypes.h>
#include <nettle/base64.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/interviews.h"
#include "app/removals.h"
#include "app/video_parts.h"
#include "app/videos.h"
#include "core/core.h"
#include "data/sniff_video.h"

enum { UNFINISHED_MAX = 20, METADATA_MAX = 4096, HOURS = 24, BATCH = 200 };

static const char folder[] = "media/partial";

/* ---- schemas ---- */

struct video_upload {
	int64_t id;
	const char *filename;
	int64_t length, offset;
	struct opt_int question_id, video_id;
	struct when created_at, expires_at;
	const char *file_path;
};
static const struct field upload_fields[] = {
	FIELD(struct video_upload, id, 0, .doc = "Number of the upload", .example = "1"),
	FIELD(struct video_upload, filename, 0, .doc = "Name of the file", .example = "\"answer.mp4\""),
	FIELD(struct video_upload, length, 0, .doc = "Bytes in all", .example = "104857600"),
	FIELD(struct video_upload, offset, 0, .doc = "Bytes that have come", .example = "52428800"),
	FIELD(struct video_upload, question_id, F_NULL, .doc = "Question that it is for",
		  .example = "1"),
	FIELD(struct video_upload, video_id, F_NULL, .doc = "The video, once all has come",
		  .example = "null"),
	FIELD(struct video_upload, created_at, 0, .doc = "When it was begun",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct video_upload, expires_at, 0, .doc = "When it is given up",
		  .example = "\"2025-11-29T10:00:00Z\""),
	FIELD(struct video_upload, file_path, F_SECRET, .doc = "Where it grows, in a folder",
		  .example = "\"media/partial/3f9a\""),
};
static const struct schema upload_schema =
	SCHEMA("VideoUploadState", struct video_upload, upload_fields);

struct tus_in {
	int64_t id;
	const char *tus_resumable, *upload_length, *upload_metadata, *upload_offset;
};
#define ID_FIELD FIELD(struct tus_in, id, F_PATH, .min = 1, .doc = "Upload ID", .example = "1")
#define VERSION_FIELD                                                                    \
	FIELD_HEADER(struct tus_in, tus_resumable, "Tus-Resumable", .doc = "Version: 1.0.0", \
				 .example = "\"1.0.0\"")
static const struct field create_fields[] = {
	VERSION_FIELD,
	FIELD_HEADER(struct tus_in, upload_length, "Upload-Length", .doc = "Bytes in all",
				 .example = "\"104857600\""),
	FIELD_HEADER(struct tus_in, upload_metadata, "Upload-Metadata",
				 .doc = "filename and maybe question_id, their values in Base64",
				 .example = "\"filename YW5zd2VyLm1wNA==\""),
};
static const struct schema create_schema = SCHEMA("TusCreate", struct tus_in, create_fields);
static const struct field patch_fields[] = {
	ID_FIELD,
	VERSION_FIELD,
	FIELD_HEADER(struct tus_in, upload_offset, "Upload-Offset", .doc = "Where the bytes belong",
				 .example = "\"0\""),
};
static const struct schema patch_schema = SCHEMA("TusPatch", struct tus_in, patch_fields);
static const struct field id_fields[] = {ID_FIELD, VERSION_FIELD};
static const struct schema id_schema = SCHEMA("TusId", struct tus_in, id_fields);

/* ---- queries ---- */

/* An upload of the actor's. */
static int find(struct ctx *c, int64_t id, struct video_upload *out)
{
	int rc = db_one(c->db, c->arena, &upload_schema, out,
					"SELECT * FROM video_uploads WHERE id = $1 AND ((CAST($2 AS BIGINT) <> 0 AND "
					"user_id = $2) OR (CAST($3 AS BIGINT) <> 0 AND invitation_id = $3))",
					P(id), P(c->actor->user_id), P(c->actor->invitation_id));

	if (rc == E_NOT_FOUND)
		return fail(c, E_NOT_FOUND, "Upload not found");
	TRY(rc);
	if (out->expires_at.us <= c->now)
		return fail(c, E_GONE, "This upload has expired; begin it anew");
	return OK;
}

static int check_unfinished(struct ctx *c)
{
	int64_t n;

	TRY(db_int(c->db, &n,
			   "SELECT count(*) FROM video_uploads WHERE video_id IS NULL AND expires_at > $3 AND "
			   "((CAST($1 AS BIGINT) <> 0 AND user_id = $1) OR (CAST($2 AS BIGINT) <> 0 AND "
			   "invitation_id = $2))",
			   P(c->actor->user_id), P(c->actor->invitation_id), P(c->now)));
	if (n >= UNFINISHED_MAX)
		return fail(c, E_LIMIT, "You have %d unfinished uploads; finish or delete some",
					UNFINISHED_MAX);
	return OK;
}

static int delete_row(struct ctx *c, const struct video_upload *u)
{
	if (u->file_path != NULL)
		TRY(removals_add(c, u->file_path));
	TRY(video_parts_remove(c, u->id));
	return db_exec(c->db, NULL, "DELETE FROM video_uploads WHERE id = $1", P(u->id));
}

/* ---- rules ---- */

static int check_version(struct ctx *c, const struct tus_in *in)
{
	if (in->tus_resumable == NULL || text_eq(in->tus_resumable, "1.0.0"))
		return OK;
	return fail(c, E_PRECONDITION, "This server speaks version 1.0.0 of the tus protocol");
}

static int header_number(struct ctx *c, const char *name, const char *text, int64_t *out)
{
	if (text == NULL)
		return ctx_fault(c, "header", name, "Field required", "missing");
	if (text_int(text, out) != OK || *out < 0)
		return ctx_fault(c, "header", name, "Input should be a valid integer, not negative",
						 "int_parsing");
	return OK;
}

/* The value of a key in Upload-Metadata ("key base64,key base64"), NULL if it is not there or no
 * Base64 (RFC 4648). In the arena. */
static const char *metadata_value(struct ctx *c, const char *metadata, const char *key)
{
	char *rest, *pair;

	if (metadata == NULL || strlen(metadata) > METADATA_MAX)
		return NULL;
	rest = arena_strdup(c->arena, metadata);
	while ((pair = strsep(&rest, ",")) != NULL) {
		char *value = text_trim(pair), *name = strsep(&value, " ");
		struct base64_decode_ctx decode;
		uint8_t *out;
		size_t n;

		if (!text_eq(name, key) || value == NULL)
			continue;
		n = BASE64_DECODE_LENGTH(strlen(value));
		out = arena_alloc(c->arena, n + 1);
		base64_decode_init(&decode);
		if (base64_decode_update(&decode, &n, out, strlen(value), value) == 0 ||
			base64_decode_final(&decode) == 0)
			return NULL;
		out[n] = '\0';
		return utf8_clean(c->arena, (const char *)out, strlen((const char *)out));
	}
	return NULL;
}

/* RFC 9110's date, for Upload-Expires. */
static const char *http_date(struct ctx *c, int64_t us)
{
	time_t seconds = (time_t)(us / CLOCK_SECOND);
	char text[64];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	return arena_strdup(c->arena, text);
}

static bool is_whole(const struct video_upload *u)
{
	return u->video_id.set && !u->video_id.null;
}

/* What every reply about an upload tells in its head. */
static int tell(struct ctx *c, const struct video_upload *u)
{
	TRY(ctx_header(c, "Upload-Offset", arena_printf(c->arena, "%" PRId64, u->offset)));
	TRY(ctx_header(c, "Upload-Length", arena_printf(c->arena, "%" PRId64, u->length)));
	TRY(ctx_header(c, "Upload-Expires", http_date(c, u->expires_at.us)));
	TRY(ctx_header(c, "Cache-Control", "no-store"));
	if (!is_whole(u))
		return OK;
	return ctx_header(c, "Content-Location",
					  arena_printf(c->arena, "/api/v1/videos/%" PRId64, u->video_id.v));
}

/* Of an upload with a partial file. */
static int check_place(struct ctx *c)
{
	return files_is_remote(c->files) ? video_parts_moved(c) : OK;
}

static int measure(struct ctx *c, struct video_upload *u)
{
	if (is_whole(u)) {
		u->offset = u->length;
		return OK;
	}
	if (u->file_path == NULL)
		return video_parts_offset(c, u->id, &u->offset);
	TRY(check_place(c));
	return files_size(c->files, c->error, u->file_path, &u->offset);
}

/* ---- handlers ---- */

static int check_new(struct ctx *c, const struct tus_in *in, struct video_upload *u)
{
	int64_t most = c->config->max_video_mb * 1024 * 1024;
	const char *question = metadata_value(c, in->upload_metadata, "question_id");
	struct question q;

	TRY(check_version(c, in));
	TRY(header_number(c, "Upload-Length", in->upload_length, &u->length));
	if (u->length > most)
		return fail(c, E_TOO_LARGE, "File too large: the limit is %" PRId64 " MB",
					c->config->max_video_mb);
	u->filename = files_base_name(c->arena, metadata_value(c, in->upload_metadata, "filename"));
	if (!video_name(u->filename))
		return fail(c, E_RULE,
					"Upload-Metadata must tell a filename that ends in .mp4, .avi, .mov, .mkv, "
					".webm, .m4v, .3gp or .flv");
	if (u->length == 0)
		return fail(c, E_RULE, "The file is empty");
	if (question == NULL)
		return check_unfinished(c);
	if (text_int(question, &u->question_id.v) != OK)
		return fail(c, E_RULE, "question_id in Upload-Metadata must be a number");
	u->question_id.set = true;
	TRY(interview_answerable(c, u->question_id.v, &q));
	return check_unfinished(c);
}

static int create(struct ctx *c)
{
	struct video_upload u = {.offset = 0}, *out = c->out;

	TRY(check_new(c, c->in, &u));
	if (!files_is_remote(c->files)) {
		TRY(files_make_partial(c->files, c->arena, c->error, folder, &u.file_path));
		TRY(removals_undo(c, u.file_path));
	}
	TRY(db_int(c->db, &u.id,
			   "INSERT INTO video_uploads (user_id, invitation_id, question_id, filename, length, "
			   "file_path, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
			   "RETURNING id",
			   param_id(c->actor->user_id), param_id(c->actor->invitation_id), P(u.question_id),
			   P(u.filename), P(u.length), P(u.file_path), P(c->now),
			   P(c->now + HOURS * 3600 * CLOCK_SECOND)));
	if (u.file_path == NULL)
		TRY(video_parts_begin(c, u.id, u.filename, u.length));
	TRY(find(c, u.id, out));
	TRY(ctx_header(c, "Location", arena_printf(c->arena, "/api/v1/video-uploads/%" PRId64, u.id)));
	return tell(c, out);
}

static int state(struct ctx *c)
{
	const struct tus_in *in = c->in;

	TRY(check_version(c, in));
	TRY(find(c, in->id, c->out));
	TRY(measure(c, c->out));
	return tell(c, c->out);
}

/* Before the body is read: it goes to the end of the file, if that is where the client thinks. */
static int patch_sink(struct ctx *c)
{
	const struct tus_in *in = c->in;
	struct video_upload u;
	int64_t offset, size;
	int fd;

	TRY(check_version(c, in));
	TRY(header_number(c, "Upload-Offset", in->upload_offset, &offset));
	TRY(find(c, in->id, &u));
	if (is_whole(&u))
		return fail(c, E_CONFLICT, "All of this file has come already");
	if (u.file_path != NULL) {
		TRY(check_place(c));
		TRY(files_append(c->files, c->error, u.file_path, &fd, &size));
		ctx_sink(c, fd, u.length - size);
	} else {
		TRY(video_parts_open(c, u.id, u.length, &size));
	}
	if (offset == size)
		return OK;
	if (u.file_path == NULL)
		video_parts_close(c);
	return fail(c, E_CONFLICT, "The server has %" PRId64 " bytes, not %" PRId64, size, offset);
}

struct finishing {
	struct video_upload *u;
	const char *type, *path; /* path: it lies there already; NULL: it is still a partial file */
};

static int place(struct ctx *c, struct finishing *f, const char **path)
{
	if (f->path != NULL) {
		*path = f->path;
		return video_parts_placed(c);
	}
	TRY(files_place_partial(c->files, c->arena, c->error, f->u->file_path, VIDEO_UPLOADS,
							f->u->filename, path));
	TRY(removals_undo(c, *path));
	return removals_add(c, f->u->file_path);
}

static int finish_tx(struct ctx *c, void *arg)
{
	struct finishing *f = arg;
	struct video v = {
		.filename = f->u->filename, .file_size = f->u->length, .content_type = f->type};
	bool asked = f->u->question_id.set && !f->u->question_id.null;
	struct question q;
	struct video made;

	if (asked)
		TRY(interview_answerable(c, f->u->question_id.v, &q));
	TRY(place(c, f, &v.file_path));
	TRY(video_insert(c, &v, asked ? &q : NULL, &made));
	TRY(db_exec(c->db, NULL,
				"UPDATE video_uploads SET video_id = $2, file_path = NULL WHERE id = $1",
				P(f->u->id), P(made.id)));
	f->u->video_id = (struct opt_int){.set = true, .v = made.id};
	return OK;
}

static int give_up_tx(struct ctx *c, void *arg)
{
	return delete_row(c, arg);
}

/* For what turns out to be no video, or is lost: the sentence stays. */
static int give_up(struct ctx *c, struct video_upload *u, int code)
{
	const char *sentence = arena_strdup(c->arena, c->error->text);

	TRY(tx(c, give_up_tx, u));
	return fail(c, code, "%s", sentence);
}

static int check_here(struct ctx *c, struct finishing *f)
{
	const char *path = arena_printf(c->arena, "%s/%s", files_dir(c->files), f->u->file_path);

	TRY(video_check(c, f->u->filename, path, f->u->length, &f->type));
	if (fsync(c->sink_fd) < 0)
		return fail(c, E_UNAVAILABLE, "The file cannot be stored just now; go on later");
	return OK;
}

static int check_there(struct ctx *c, struct finishing *f)
{
	int rc;

	TRY(video_parts_end(c, &f->path));
	rc = video_check_stored(c, f->u->filename, f->path, &f->type);
	return rc == E_NOT_FOUND ? fail(c, E_GONE, "This video was deleted; begin it anew") : rc;
}

/* All has come. */
static int finish(struct ctx *c, struct video_upload *u)
{
	struct finishing f = {.u = u};
	int rc = u->file_path != NULL ? check_here(c, &f) : check_there(c, &f);

	if (rc == E_RULE)
		return give_up(c, u, rc);
	TRY(rc);
	return tx(c, finish_tx, &f);
}

static int append(struct ctx *c, struct video_upload *u)
{
	if (u->file_path != NULL)
		TRY(measure(c, u));
	else
		TRY(video_parts_store(c, &u->offset));
	return u->offset == u->length ? finish(c, u) : OK;
}

static int patch(struct ctx *c)
{
	const struct tus_in *in = c->in;
	struct video_upload u;
	int rc;

	if (c->sink_fd < 0) /* without a body nobody asked where it goes */
		TRY(patch_sink(c));
	TRY(find(c, in->id, &u));
	if (is_whole(&u))
		return fail(c, E_CONFLICT, "All of this file has come already");
	rc = append(c, &u);
	if (rc == E_GONE)
		rc = give_up(c, &u, rc);
	if (u.file_path == NULL)
		video_parts_close(c);
	TRY(rc);
	return tell(c, &u);
}

static int terminate(struct ctx *c)
{
	const struct tus_in *in = c->in;
	struct video_upload u;

	TRY(check_version(c, in));
	TRY(find(c, in->id, &u));
	return delete_row(c, &u);
}

/* ---- what is left behind ---- */

static int remove_rows(struct ctx *c, const char *sql, struct params p)
{
	struct list rows;

	do {
		const struct video_upload *u;

		TRY(db_list_params(c->db, c->arena, &upload_schema, BATCH, &rows, sql, p));
		u = rows.items;
		for (size_t i = 0; i < rows.n; i++)
			TRY(delete_row(c, &u[i]));
	} while (rows.n == BATCH);
	return OK;
}

static int expire_tx(struct ctx *c, void *arg)
{
	(void)arg;
	return remove_rows(c, "SELECT * FROM video_uploads WHERE expires_at <= $1 LIMIT 200",
					   PARAMS(P(c->now)));
}

static int expire(struct ctx *c)
{
	return tx(c, expire_tx, NULL);
}

static int forget_user(struct ctx *c, int64_t user_id)
{
	return remove_rows(c, "SELECT * FROM video_uploads WHERE user_id = $1 LIMIT 200",
					   PARAMS(P(user_id)));
}

static bool has_file(struct ctx *c, const char *path)
{
	int64_t id;

	return db_int(c->db, &id, "SELECT id FROM video_uploads WHERE file_path = $1", P(path)) !=
		   E_NOT_FOUND;
}

static int files(struct db *db, int (*file)(void *arg, const char *path), void *arg)
{
	return db_each_text(db, file, arg, "SELECT file_path FROM video_uploads ORDER BY id");
}

/* ---- tables ---- */

static const struct task_kind tasks[] = {
	{.name = "video_uploads.expire", .pool = TASK_BACKGROUND, .attempts = 3, .run = expire},
};
static const struct maintenance jobs[] = {
	{.name = "video_uploads.expire", .task = &tasks[0], .interval = 3600},
};

static const short created[] = {400, 404, 412, 413, 0},
				   resumed[] = {400, 404, 409, 410, 412, 413, 0}, known[] = {404, 410, 412, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/video-uploads/", create, &create_schema, &upload_schema, .role = ROLE_VIEWER,
	 .status = 201, .flags = ROUTE_RESUMABLE | ROUTE_INVITED, .tag = "videos",
	 .doc = "Begin an upload that can be resumed (tus 1.0)\nUpload-Length and Upload-Metadata tell "
			"what will come; Location is where PATCH sends it.",
	 .errors = created},
	{"GET", "/api/v1/video-uploads/{id}", state, &id_schema, &upload_schema, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_RESUMABLE | ROUTE_INVITED, .tag = "videos",
	 .doc = "How much of an upload has come (HEAD in tus)", .errors = known},
	{"PATCH", "/api/v1/video-uploads/{id}", patch, &patch_schema, NULL, .role = ROLE_VIEWER,
	 .body = BODY_STREAM, .sink = patch_sink, .status = 204,
	 .flags = ROUTE_SLOW | ROUTE_VIDEO | ROUTE_RESUMABLE | ROUTE_INVITED, .tag = "videos",
	 .doc = "Send the next bytes of an upload\nThe last ones make it a video, which "
			"Content-Location then names.",
	 .errors = resumed},
	{"DELETE", "/api/v1/video-uploads/{id}", terminate, &id_schema, NULL, .role = ROLE_VIEWER,
	 .status = 204, .flags = ROUTE_RESUMABLE | ROUTE_INVITED, .tag = "videos",
	 .doc = "Give an upload up", .errors = known},
};

const struct feature video_uploads_feature = {.name = "video_uploads",
											  .routes = routes,
											  .nroutes = sizeof routes / sizeof routes[0],
											  .tasks = tasks,
											  .ntasks = 1,
											  .jobs = jobs,
											  .njobs = 1,
											  .files = files,
											  .has_file = has_file,
											  .forget_user = forget_user};

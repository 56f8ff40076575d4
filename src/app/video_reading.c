/*
 * video_reading: has vitae-media look into a video after its upload, and keeps what it tells. The
 * upload is done without it: a video that cannot be read stays, without length and poster.
 */
#include "app/video_reading.h"

#include <nettle/base64.h>
#include <string.h>
#include <unistd.h>

#include "app/videos.h"
#include "base/log.h"
#include "core/core.h"
#include "data/media.h"
#include "proc/worker.h"

enum { ATTEMPTS = 2 };

struct reading_in {
	int64_t video_id;
};
static const struct field reading_fields[] = {
	FIELD(struct reading_in, video_id, F_REQUIRED, .min = 1, .doc = "Video", .example = "1"),
};
static const struct schema reading_schema =
	SCHEMA("VideoReading", struct reading_in, reading_fields);

static void close_fd(void *fd)
{
	close(*(int *)fd);
}

/* Brings the picture into the spool, from where it gets its place. */
static int spool_poster(struct ctx *c, const char *base64, struct upload *out)
{
	size_t n = BASE64_DECODE_LENGTH(strlen(base64));
	uint8_t *bytes = arena_alloc(c->arena, n + 1);
	struct base64_decode_ctx decode;
	struct spool *spool;

	base64_decode_init(&decode);
	if (base64_decode_update(&decode, &n, bytes, strlen(base64), base64) == 0 ||
		base64_decode_final(&decode) == 0)
		return fail(c, E_UPSTREAM, "vitae-media answered with a poster that is no Base64");
	TRY(files_open(c->files, c->arena, c->error, &spool));
	TRY(files_write(spool, bytes, n, MEDIA_POSTER_MAX));
	TRY(files_close(spool, out));
	out->filename = "poster.jpg";
	return OK;
}

struct outcome {
	int64_t video_id;
	const struct media_reply *reply;
	const struct upload *poster; /* NULL: none */
};

static int store_tx(struct ctx *c, void *arg)
{
	const struct outcome *o = arg;

	return video_measured(c, o->video_id, o->reply, o->poster);
}

static int read_video(struct ctx *c)
{
	const struct reading_in *in = c->in;
	struct media_reply reply = {.error = NULL};
	struct outcome o = {.video_id = in->video_id, .reply = &reply};
	int *fd = ARENA_NEW(c->arena, int);
	struct upload poster;
	struct video v;
	int64_t size;
	int rc = video_row(c, in->video_id, &v);

	if (rc == OK)
		rc = files_read(c->files, c->error, v.file_path, fd, &size);
	if (rc == E_NOT_FOUND)
		return OK; /* deleted meanwhile */
	TRY(rc);
	arena_defer(c->arena, close_fd, fd);
	rc = worker_ask(c->worker, c->arena, c->error, *fd, v.filename, &media_reply_schema, &reply);
	/* A program that does not come up may never do, where its libraries are missing. */
	if (rc == E_UNAVAILABLE && worker_pid(c->worker) == 0)
		return fail(c, E_UPSTREAM, "%s", arena_strdup(c->arena, c->error->text));
	TRY(rc);
	if (reply.error != NULL) {
		log_info("video %lld: %s", (long long)v.id, reply.error);
		return OK;
	}
	if (reply.poster != NULL) {
		TRY(spool_poster(c, reply.poster, &poster));
		o.poster = &poster;
	}
	return tx(c, store_tx, &o);
}

static int gave_up(struct ctx *c)
{
	const struct reading_in *in = c->in;

	log_warning("video %lld stays without length and poster: %s", (long long)in->video_id,
				c->error->text);
	return OK;
}

static const struct task_kind tasks[] = {
	{.name = "video.read",
	 .args = &reading_schema,
	 .pool = TASK_MEDIA,
	 .attempts = ATTEMPTS,
	 .run = read_video,
	 .gave_up = gave_up},
};

int video_reading_queue(struct ctx *c, int64_t video_id)
{
	struct reading_in args = {video_id};

	if (c->core->media_program == NULL)
		return OK;
	return task_add(c, &tasks[0], &args, arena_printf(c->arena, "%lld", (long long)video_id), 0);
}

const struct feature video_reading_feature = {.name = "video_reading", .tasks = tasks, .ntasks = 1};

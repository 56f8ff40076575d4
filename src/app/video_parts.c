/*
 * See video_parts.h. The body goes from the socket into a file of no name, as long as this request
 * needs it: a crash leaves nothing of it. Threads of the store's pool carry it on, part by part,
 * while more comes; what is in the database is in the store, and that is all a client is told of.
 * The file begins with room for the tail that the store has from the request before, which is
 * fetched when the part that it belongs to is full.
 *
 * Whoever notes something new in the database must have the lease. One that is lost to another
 * server, because this one was cut off for longer, leaves at worst a part that is sent once more
 * under the same number, with the same bytes.
 */
#include "app/video_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/removals.h"
#include "app/videos.h"
#include "base/log.h"
#include "base/rand.h"
#include "core/core.h"
#include "core/storage.h"

enum { LEASE_SECONDS = 30, RENEW_SECONDS = 10, LEASE_ID = 16, PARTS_MAX = 10000 };
enum { CARRIER_ARENA = 64 * 1024, JOB_ARENA = 1024 * 1024 };

static const char tails[] = "media/tails";

/* ---- schemas ---- */

struct state {
	const char *path, *store_id;
	int64_t sent;
	const char *tail_path;
	int64_t tail, parts;
};
static const struct field state_fields[] = {
	FIELD(struct state, path, 0, .doc = "Where it will be", .example = "\"media/videos/0a_a.mp4\""),
	FIELD(struct state, store_id, F_NULL, .doc = "The store's name for its parts",
		  .example = "\"2~x\""),
	FIELD(struct state, sent, 0, .doc = "Bytes in parts", .example = "8388608"),
	FIELD(struct state, tail_path, F_NULL, .doc = "Where what follows them is",
		  .example = "\"media/tails/0a_tail\""),
	FIELD(struct state, tail, 0, .doc = "Bytes of that", .example = "1024"),
	FIELD(struct state, parts, 0, .doc = "Number of the parts", .example = "1"),
};
static const struct schema state_schema = SCHEMA("VideoPartsState", struct state, state_fields);

static const struct field part_fields[] = {
	FIELD(struct files_part, number, 0, .doc = "Number of the part", .example = "1"),
	FIELD(struct files_part, tag, 0, .doc = "What the store called it",
		  .example = "\"\\\"0a\\\"\""),
};
static const struct schema part_schema = SCHEMA("VideoPart", struct files_part, part_fields);

struct abort_args {
	const char *path, *id;
};
static const struct field abort_fields[] = {
	FIELD(struct abort_args, path, F_REQUIRED, .min = 1, .max = 1024, .doc = "Where it would be",
		  .example = "\"media/videos/0a_a.mp4\""),
	FIELD(struct abort_args, id, F_REQUIRED, .min = 1, .max = FILES_PARTS_ID_MAX,
		  .doc = "The store's name for its parts", .example = "\"2~x\""),
};
static const struct schema abort_schema =
	SCHEMA("VideoPartsAbortArgs", struct abort_args, abort_fields);

/* ---- one request that sends ---- */

/* Shared by the request and a job of the store's pool, one of which works with what stands below
 * the line; freed by the last of them. */
struct carrier {
	struct core *core;
	struct arena *arena;
	pthread_mutex_t lock;
	pthread_cond_t idle;
	int users;
	bool queued, running; /* the job */
	bool ended;           /* the request has gone */
	bool settled;         /* the request's handler does the rest, or it is done */
	int64_t come;         /* bytes in the file, with the room at its beginning */
	int64_t told, told_at;
	/* ---- */
	int64_t upload_id, length;
	const char *lease; /* the server's name, a slash, and what this request alone has */
	int fd;
	struct state state; /* as in the database; its strings in the arena */
	int64_t begin;      /* of the file's first byte in the upload */
	int64_t carried;    /* bytes of the file that are in parts */
	bool filled;        /* the room is */
	bool held;          /* the lease */
};

static void leave(struct carrier *k)
{
	bool last;

	pthread_mutex_lock(&k->lock);
	last = --k->users == 0;
	pthread_mutex_unlock(&k->lock);
	if (!last)
		return;
	close(k->fd);
	pthread_cond_destroy(&k->idle);
	pthread_mutex_destroy(&k->lock);
	arena_free(k->arena);
	free(k);
}

static int64_t come(struct carrier *k)
{
	int64_t n;

	pthread_mutex_lock(&k->lock);
	n = k->come;
	pthread_mutex_unlock(&k->lock);
	return n;
}

/* ---- queries ---- */

static int get_state(struct ctx *c, int64_t upload_id, struct arena *a, struct state *out)
{
	return db_one(c->db, a, &state_schema, out,
				  "SELECT path, store_id, sent, tail_path, tail, (SELECT count(*) FROM "
				  "video_upload_parts WHERE upload_id = $1) AS parts FROM video_upload_objects "
				  "WHERE upload_id = $1",
				  P(upload_id));
}

static int lost(struct ctx *c, struct carrier *k)
{
	k->held = false;
	return fail(c, E_CONFLICT,
				"Another request goes on with this upload by now; ask how much has come");
}

static int take_tx(struct ctx *c, void *arg)
{
	struct carrier *k = arg;
	int64_t now, changes;

	TRY(task_clock(c, &now));
	TRY(db_exec(c->db, &changes,
				"UPDATE video_upload_objects SET lease = $2, lease_until = $3 WHERE upload_id = $1 "
				"AND (lease IS NULL OR lease_until < $4)",
				P(k->upload_id), P(k->lease), P(now + LEASE_SECONDS * CLOCK_SECOND), P(now)));
	if (changes == 0)
		return fail(c, E_CONFLICT, "Another request is sending this file; try again in a moment");
	return get_state(c, k->upload_id, k->arena, &k->state);
}

static int renew_tx(struct ctx *c, void *arg)
{
	struct carrier *k = arg;
	int64_t now, changes;

	TRY(task_clock(c, &now));
	TRY(db_exec(c->db, &changes,
				"UPDATE video_upload_objects SET lease_until = $3 WHERE upload_id = $1 AND lease = "
				"$2",
				P(k->upload_id), P(k->lease), P(now + LEASE_SECONDS * CLOCK_SECOND)));
	return changes == 0 ? lost(c, k) : OK;
}

static int release_tx(struct ctx *c, void *arg)
{
	const struct carrier *k = arg;

	return db_exec(
		c->db, NULL,
		"UPDATE video_upload_objects SET lease = NULL WHERE upload_id = $1 AND lease = $2",
		P(k->upload_id), P(k->lease));
}

/* What a step has brought into the store. It may be noted twice, if nobody knew whether it was. */
struct step {
	struct carrier *k;
	struct state next;
	const char *tag; /* of a part; NULL: it was none */
};

static int note_tx(struct ctx *c, void *arg)
{
	struct step *s = arg;
	const struct state *n = &s->next, *old = &s->k->state;
	int64_t changes;

	TRY(db_exec(c->db, &changes,
				"UPDATE video_upload_objects SET store_id = $3, sent = $4, tail_path = $5, tail = "
				"$6 WHERE upload_id = $1 AND lease = $2",
				P(s->k->upload_id), P(s->k->lease), P(n->store_id), P(n->sent), P(n->tail_path),
				P(n->tail)));
	if (changes == 0)
		return lost(c, s->k);
	if (s->tag != NULL)
		TRY(db_exec(c->db, NULL,
					"INSERT INTO video_upload_parts (upload_id, number, tag) VALUES ($1, $2, $3) "
					"ON CONFLICT (upload_id, number) DO UPDATE SET tag = excluded.tag",
					P(s->k->upload_id), P(n->parts), P(s->tag)));
	if (old->tail_path != NULL && !text_eq(old->tail_path, n->tail_path))
		TRY(removals_add(c, old->tail_path));
	return OK;
}

static int note(struct ctx *c, struct step *s)
{
	struct carrier *k = s->k;

	TRY(tx(c, note_tx, s));
	k->state = s->next;
	if (s->next.store_id != NULL)
		k->state.store_id = arena_strdup(k->arena, s->next.store_id);
	if (s->next.tail_path != NULL)
		k->state.tail_path = arena_strdup(k->arena, s->next.tail_path);
	return OK;
}

/* ---- into the store ---- */

static int gone(struct ctx *c)
{
	return fail(c, E_GONE, "What had come of this upload is lost; begin it anew");
}

struct filling {
	struct ctx *c;
	int fd;
	int64_t at;
};

static int fill_piece(void *arg, const void *p, size_t n)
{
	struct filling *f = arg;
	const char *from = p;

	while (n > 0) {
		ssize_t done = pwrite(f->fd, from, n, f->at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return fail(f->c, E_UNAVAILABLE, "The file cannot be stored just now; go on later");
		from += done;
		f->at += done;
		n -= (size_t)done;
	}
	return OK;
}

/* Fetches the tail into its room. */
static int fill(struct carrier *k, struct ctx *c)
{
	struct filling f = {c, k->fd, 0};
	int rc;

	if (k->filled || k->state.tail == 0)
		return OK;
	rc = files_get(c->files, c->error, k->state.tail_path, 0, k->state.tail, fill_piece, &f);
	if (rc == E_NOT_FOUND)
		return gone(c);
	TRY(rc);
	k->filled = true;
	return OK;
}

/* The store's name for the parts is noted before the first one is sent. */
static int open_parts(struct carrier *k, struct ctx *c)
{
	struct step s = {.k = k, .next = k->state};
	struct files_parts p = {.path = k->state.path};
	struct error ignored;
	int rc;

	if (k->state.store_id != NULL)
		return OK;
	TRY(files_parts_begin(c->files, c->arena, c->error, p.path, &p.id));
	s.next.store_id = p.id;
	rc = note(c, &s);
	if (rc < 0 && !c->db->in_doubt && files_parts_abort(c->files, &ignored, &p) != OK)
		log_warning("an unfinished upload stays in the file store until it is tidied");
	return rc;
}

static int send_part(struct carrier *k, struct ctx *c, int64_t size)
{
	struct step s = {.k = k, .next = k->state};
	int rc;

	TRY(fill(k, c));
	TRY(open_parts(k, c));
	TRY(tx(c, renew_tx, k));
	s.next = k->state;
	s.next.parts++;
	s.next.sent += size;
	s.next.tail_path = NULL;
	s.next.tail = 0;
	rc = files_parts_put(c->files, c->arena, c->error,
						 &(struct files_parts){k->state.path, k->state.store_id}, s.next.parts,
						 &(struct files_piece){k->fd, k->carried, size}, &s.tag);
	if (rc == E_NOT_FOUND)
		return gone(c);
	TRY(rc);
	TRY(note(c, &s));
	/* its room on the disk is free again */
	(void)fallocate(k->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, k->carried, size);
	k->carried += size;
	return OK;
}

static int send_full(struct carrier *k, struct ctx *c)
{
	int64_t part = files_part_size(c->files);

	while (come(k) - k->carried >= part)
		TRY(send_part(k, c, part));
	return OK;
}

/* A file without parts. */
static int send_whole(struct carrier *k, struct ctx *c, int64_t size)
{
	struct step s = {.k = k, .next = k->state};

	TRY(fill(k, c));
	TRY(files_put_piece(c->files, c->error, k->state.path, &(struct files_piece){k->fd, 0, size}));
	s.next.sent = size;
	s.next.tail_path = NULL;
	s.next.tail = 0;
	TRY(note(c, &s));
	k->carried = size;
	return OK;
}

static int send_tail(struct carrier *k, struct ctx *c, int64_t size)
{
	struct step s = {.k = k, .next = k->state};
	struct error ignored;
	int rc;

	TRY(fill(k, c));
	s.next.tail_path = files_new_path(c->arena, tails, "tail");
	s.next.tail = size;
	TRY(files_put_piece(c->files, c->error, s.next.tail_path,
						&(struct files_piece){k->fd, k->carried, size}));
	rc = note(c, &s);
	if (rc < 0 && !c->db->in_doubt && files_remove(c->files, &ignored, s.next.tail_path) != OK)
		log_warning("a file without use stays in the file store until the next sweep");
	return rc;
}

/* All that has come, when no more comes. */
static int send_rest(struct carrier *k, struct ctx *c)
{
	int64_t left;

	TRY(send_full(k, c));
	left = come(k) - k->carried;
	if (left == 0 || (k->carried == 0 && left == k->state.tail))
		return OK; /* nothing new */
	if (k->begin + come(k) < k->length)
		return send_tail(k, c, left);
	return k->state.store_id == NULL ? send_whole(k, c, left) : send_part(k, c, left);
}

static void release(struct carrier *k, struct ctx *c)
{
	if (!k->held)
		return;
	k->held = false;
	if (tx(c, release_tx, k) != OK)
		log_warning("an upload cannot go on before its lease ends: %s", c->error->text);
}

/* ---- beside the request ---- */

/* One round of the job. True: what came meanwhile wants another one. */
static bool work(struct carrier *k, struct ctx *c)
{
	bool ended;
	int rc;

	pthread_mutex_lock(&k->lock);
	ended = k->ended && !k->settled;
	k->settled = k->settled || ended;
	pthread_mutex_unlock(&k->lock);
	rc = ended ? send_rest(k, c) : send_full(k, c);
	if (rc == OK && !ended)
		rc = tx(c, renew_tx, k);
	if (rc < 0)
		log_warning("an upload that comes waits for the file store: %s", c->error->text);
	if (ended)
		release(k, c);
	pthread_mutex_lock(&k->lock);
	k->running = k->ended && !k->settled;
	ended = k->running;
	pthread_cond_broadcast(&k->idle);
	pthread_mutex_unlock(&k->lock);
	return ended;
}

static void job(void *arg, struct db *db)
{
	struct carrier *k = arg;
	struct arena *a = arena_new(JOB_ARENA);
	struct error error = {0};
	struct ctx c;
	bool go;

	pthread_mutex_lock(&k->lock);
	k->queued = false;
	go = k->running = !k->settled;
	pthread_mutex_unlock(&k->lock);
	while (go) {
		core_ctx(k->core, a, &error, db, &c);
		go = work(k, &c);
		arena_reset(a);
	}
	arena_free(a);
	leave(k);
}

/* Under the lock. What finds no room in the queue is done with the next bytes, or by the handler.
 */
static void want_job(struct carrier *k)
{
	if (k->queued || k->running || k->settled || pool_run(k->core->store, job, k) != OK)
		return;
	k->queued = true;
	k->users++;
	k->told = k->come;
	k->told_at = clock_monotonic();
}

/* On the event loop, after n more bytes are in the file. */
static void more(void *arg, int64_t n)
{
	struct carrier *k = arg;

	pthread_mutex_lock(&k->lock);
	k->come += n;
	if (k->come - k->told >= files_part_size(k->core->files) ||
		clock_monotonic() - k->told_at >= RENEW_SECONDS * CLOCK_SECOND)
		want_job(k);
	pthread_mutex_unlock(&k->lock);
}

/* The request's arena ends. What came of a connection that broke is kept all the same. */
static void end_request(void *arg)
{
	struct carrier *k = arg;

	pthread_mutex_lock(&k->lock);
	k->ended = true;
	want_job(k);
	pthread_mutex_unlock(&k->lock);
	leave(k);
}

/* ---- for the handler ---- */

int video_parts_begin(struct ctx *c, int64_t upload_id, const char *filename, int64_t length)
{
	if (length > files_part_size(c->files) * PARTS_MAX)
		return fail(c, E_TOO_LARGE, "The file is too large for the file store");
	return db_exec(c->db, NULL,
				   "INSERT INTO video_upload_objects (upload_id, path) VALUES ($1, $2)",
				   P(upload_id), P(files_new_path(c->arena, VIDEO_UPLOADS, filename)));
}

int video_parts_moved(struct ctx *c)
{
	return fail(c, E_GONE, "Files are elsewhere since this upload was begun; begin it anew");
}

int video_parts_offset(struct ctx *c, int64_t upload_id, int64_t *offset)
{
	struct state s;
	int rc = files_is_remote(c->files) ? get_state(c, upload_id, c->arena, &s) : E_NOT_FOUND;

	if (rc == E_NOT_FOUND)
		return video_parts_moved(c);
	TRY(rc);
	*offset = s.sent + s.tail;
	return OK;
}

static int make_carrier(struct ctx *c, int64_t upload_id, int64_t length, int *fd,
						struct carrier **out)
{
	char unique[2 * LEASE_ID + 1];
	struct carrier *k;
	int own;

	TRY(files_temporary(c->files, c->error, fd));
	own = dup(*fd);
	if (own < 0) {
		close(*fd);
		return fail(c, E_UNAVAILABLE, "The file cannot be stored just now; go on later");
	}
	k = calloc(1, sizeof *k);
	if (k == NULL)
		abort();
	*k = (struct carrier){.core = c->core,
						  .arena = arena_new(CARRIER_ARENA),
						  .users = 1,
						  .upload_id = upload_id,
						  .length = length,
						  .fd = own};
	pthread_mutex_init(&k->lock, NULL);
	pthread_cond_init(&k->idle, NULL);
	rand_hex(unique, LEASE_ID);
	k->lease = arena_printf(k->arena, "%s/%s", c->core->instance, unique);
	*out = k;
	return OK;
}

int video_parts_open(struct ctx *c, int64_t upload_id, int64_t length, int64_t *offset)
{
	struct carrier *k;
	int64_t so_far;
	int fd, rc;

	TRY(video_parts_offset(c, upload_id, &so_far));
	TRY(make_carrier(c, upload_id, length, &fd, &k));
	rc = tx(c, take_tx, k);
	if (rc < 0 || lseek(fd, k->state.tail, SEEK_SET) < 0) {
		close(fd);
		leave(k);
		return rc < 0 ? rc : fail(c, E_UNAVAILABLE, "The file cannot be stored just now");
	}
	k->held = true;
	k->begin = k->state.sent;
	k->come = k->told = k->state.tail;
	k->told_at = clock_monotonic();
	*offset = k->state.sent + k->state.tail;
	ctx_sink(c, fd, length - *offset);
	ctx_sink_told(c, more, k);
	arena_defer(c->arena, end_request, k);
	return OK;
}

int video_parts_store(struct ctx *c, int64_t *offset)
{
	struct carrier *k = c->sink_arg;

	pthread_mutex_lock(&k->lock);
	k->settled = true;
	while (k->running)
		pthread_cond_wait(&k->idle, &k->lock);
	pthread_mutex_unlock(&k->lock);
	if (!k->held)
		return lost(c, k);
	TRY(send_rest(k, c));
	*offset = k->state.sent + k->state.tail;
	return OK;
}

int video_parts_end(struct ctx *c, const char **path)
{
	struct carrier *k = c->sink_arg;
	const struct files_parts p = {k->state.path, k->state.store_id};
	struct list parts;
	int64_t size;
	int rc;

	TRY(storage_watch(c));
	TRY(tx(c, renew_tx, k));
	TRY(db_list(c->db, c->arena, &part_schema, PARTS_MAX, &parts,
				"SELECT number, tag FROM video_upload_parts WHERE upload_id = $1 ORDER BY number",
				P(k->upload_id)));
	rc = p.id == NULL
			 ? files_size(c->files, c->error, p.path, &size)
			 : files_parts_end(c->files, c->error, &p, parts.items, parts.n, k->state.sent);
	if (rc == E_NOT_FOUND)
		return gone(c);
	TRY(rc);
	*path = k->state.path;
	return OK;
}

int video_parts_placed(struct ctx *c)
{
	struct carrier *k = c->sink_arg;
	int64_t changes;

	TRY(db_exec(c->db, &changes,
				"DELETE FROM video_upload_objects WHERE upload_id = $1 AND lease = $2",
				P(k->upload_id), P(k->lease)));
	return changes == 0 ? lost(c, k) : OK;
}

void video_parts_close(struct ctx *c)
{
	struct carrier *k = c->sink_arg;
	struct error kept = *c->error;

	release(k, c);
	*c->error = kept;
}

/* ---- what is left behind ---- */

static int run_abort(struct ctx *c)
{
	const struct abort_args *in = c->in;

	if (!files_is_remote(c->files))
		return OK;
	return files_parts_abort(c->files, c->error, &(struct files_parts){in->path, in->id});
}

static const struct task_kind tasks[] = {
	{.name = "video_parts.abort",
	 .args = &abort_schema,
	 .pool = TASK_NETWORK,
	 .attempts = 100,
	 .run = run_abort},
};

int video_parts_remove(struct ctx *c, int64_t upload_id)
{
	struct state s;
	int rc = get_state(c, upload_id, c->arena, &s);

	if (rc == E_NOT_FOUND)
		return OK;
	TRY(rc);
	if (s.tail_path != NULL)
		TRY(removals_add(c, s.tail_path));
	if (s.sent > 0) /* it may be whole already */
		TRY(removals_add(c, s.path));
	if (s.store_id != NULL)
		TRY(task_add(c, &tasks[0], &(struct abort_args){s.path, s.store_id}, NULL, 0));
	return db_exec(c->db, NULL, "DELETE FROM video_upload_objects WHERE upload_id = $1",
				   P(upload_id));
}

/* The leases of an earlier life of this server, whose name nobody else has while it holds the lock
 * on DATA_DIR. */
static int take_back_tx(struct ctx *c, void *arg)
{
	const char *ours = arena_printf(c->arena, "%s/", c->core->instance);

	(void)arg;
	return db_exec(
		c->db, NULL,
		"UPDATE video_upload_objects SET lease = NULL WHERE substr(lease, 1, length($1)) "
		"= $1",
		P(ours));
}

static int start(struct ctx *c)
{
	return c->core->lock_fd < 0 ? OK : tx(c, take_back_tx, NULL);
}

bool video_parts_known(struct ctx *c, const struct files_parts *p)
{
	int64_t id;

	return db_int(c->db, &id,
				  "SELECT upload_id FROM video_upload_objects WHERE path = $1 AND store_id = $2",
				  P(p->path), P(p->id)) != E_NOT_FOUND;
}

static bool has_file(struct ctx *c, const char *path)
{
	int64_t id;

	return db_int(c->db, &id,
				  "SELECT upload_id FROM video_upload_objects WHERE path = $1 OR tail_path = $1",
				  P(path)) != E_NOT_FOUND;
}

/* What is in parts is no file yet. */
static int files(struct db *db, int (*file)(void *arg, const char *path), void *arg)
{
	return db_each_text(db, file, arg,
						"SELECT tail_path FROM video_upload_objects ORDER BY upload_id");
}

const struct feature video_parts_feature = {.name = "video_parts",
											.start = start,
											.tasks = tasks,
											.ntasks = 1,
											.files = files,
											.has_file = has_file};

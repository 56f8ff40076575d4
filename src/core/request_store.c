/*
 * Requests that wait for the file store. A handler asks for what is there (ctx_stored) or wants a
 * file put there (files_place) inside its transaction; the store is asked when that is over, in
 * threads of their own, so that a slow one holds up nobody else. See files.h for how a put goes.
 */
#include "base/log.h"
#include "core/request.h"
#include "core/storage.h"
#include "io/http_stream.h"

enum { WAIT_MS = 1 }; /* a stream over a file never waits */

/* ---- putting ---- */

static void put_and_go_on(void *arg, struct db *db)
{
	struct request *r = arg;
	int rc = E_UNAVAILABLE;

	r->ctx.db = db;
	db->error = &r->error;
	if (storage_again(&r->ctx, ++r->tries, &rc)) {
		r->again(r, db);
	} else {
		files_put_end(r->core->files, r->x->arena);
		request_failed(r, rc);
	}
	log_context_set(NULL);
}

/* ---- sending ---- */

static int describe(struct request *r, int64_t *size, const char **type)
{
	const struct ctx_stored *s = r->ctx.stored;
	struct files *files = r->core->files;
	char head[CTX_SNIFF_BYTES];
	size_t n;
	int rc = files_size(files, &r->error, s->path, size);

	if (rc == E_NOT_FOUND)
		return fail(&r->ctx, E_GONE, "%s", s->gone);
	TRY(rc);
	*type = s->type;
	if (s->type != NULL)
		return OK;
	TRY(files_get_head(files, &r->error, s->path, *size, head, sizeof head, &n));
	*type = s->type_of(head, n);
	return OK;
}

static int pass_on(void *arg, const void *p, size_t n)
{
	return http_stream_write(arg, p, n, WAIT_MS);
}

/* The request stays until its stream has ended. */
static void send_stored(void *arg, struct db *db)
{
	struct request *r = arg;
	struct files *files = r->core->files;
	struct http_stream *s;
	struct error error;
	int64_t size, first, n;
	const char *type;
	int rc = describe(r, &size, &type);

	(void)db;
	if (rc < 0) {
		r->ctx.headers.n = 0;
		reply_failure(r, rc);
		return;
	}
	reply_stored(r, size, type, &s, &first, &n);
	if (s == NULL)
		return;
	rc = n == 0 ? OK : files_get(files, &error, r->ctx.stored->path, first, n, pass_on, s);
	if (rc == OK) {
		http_stream_end(s);
		return;
	}
	if (rc != E_GONE)
		log_error("the reply with %s is cut: it did not arrive whole", r->ctx.stored->path);
	http_stream_cut(s);
}

/* ---- either ---- */

static int hand_on(struct request *r, void (*fn)(void *arg, struct db *db))
{
	if (pool_run(r->core->store, fn, r) == OK)
		return OK;
	return fail(&r->ctx, E_UNAVAILABLE, "The server is busy, try again in a moment");
}

bool store_goes_on(struct request *r, bool writes, void (*again)(struct request *r, struct db *db),
				   int *rc)
{
	int handed;

	if (r->core->store == NULL)
		return false;
	if (*rc >= 0 && r->ctx.stored != NULL) {
		handed = hand_on(r, send_stored);
	} else if (*rc == E_UNAVAILABLE && writes && files_put_wanted(r->core->files, r->x->arena)) {
		r->again = again;
		handed = hand_on(r, put_and_go_on);
	} else {
		return false;
	}
	if (handed == OK)
		return true;
	*rc = handed;
	return false;
}

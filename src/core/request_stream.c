/*
 * Replies that come bit by bit, see ctx.h. Once such a reply has begun, the connection may end, and
 * with it the head's text in the library's buffer, while the handler still works: what it may ask
 * for later is copied first.
 */
#include "base/log.h"
#include "core/request.h"
#include "io/http_stream.h"

enum { ROOM = 64 * 1024, WAIT_MS = 30 * 1000 };

struct handed_stream {
	const char *type;
	size_t max;
	void (*take)(struct core *core, void *arg, struct http_stream *s);
	void *arg;
};

/* The head's text, where it may be asked for after the reply has begun. */
static void keep_text(struct request *r)
{
	struct ctx *c = &r->ctx;

	c->user_agent = arena_strdup(c->arena, c->user_agent);
	c->cookie = arena_strdup(c->arena, c->cookie);
	c->idempotency_key = arena_strdup(c->arena, c->idempotency_key);
}

int ctx_stream(struct ctx *c, const char *type)
{
	struct request *r = c->request;

	if (r == NULL || c->stream != NULL || r->replied)
		return fail(c, E_INTERNAL, "there is no reply that could begin");
	if (c->db->in_tx)
		return fail(c, E_INTERNAL, "a reply would begin inside a transaction");
	keep_text(r);
	c->stream = http_stream_new(ROOM);
	reply_stream(r, type, c->stream);
	return OK;
}

int ctx_write(struct ctx *c, const void *p, size_t n)
{
	int rc = http_stream_write(c->stream, p, n, WAIT_MS);

	return rc == OK ? OK : fail(c, E_GONE, "The reader of the reply left, or was too slow");
}

void ctx_give(struct ctx *c, const char *type, size_t max,
			  void (*take)(struct core *core, void *arg, struct http_stream *s), void *arg)
{
	c->handed = ARENA_NEW(c->arena, struct handed_stream);
	*c->handed = (struct handed_stream){type, max, take, arg};
}

static void hand_over(struct request *r)
{
	const struct handed_stream *h = r->ctx.handed;
	struct http_stream *s = http_stream_new(h->max);

	keep_text(r);
	h->take(r->core, h->arg, s);
	reply_stream(r, h->type, s);
}

bool stream_finish(struct request *r, int rc)
{
	struct ctx *c = &r->ctx;

	if (c->stream == NULL && (rc < 0 || c->handed == NULL))
		return false;
	if (c->stream == NULL) {
		hand_over(r);
	} else if (rc >= 0) {
		http_stream_end(c->stream);
	} else {
		if (rc != E_GONE)
			log_error("%s %s: the reply is cut: %s (request %s)", r->x->method, r->x->path,
					  r->error.text, r->request_id);
		http_stream_cut(c->stream);
	}
	return true;
}

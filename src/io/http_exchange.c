/*
 * http_exchange: one request from its first line to the end of its reply, as the library's
 * callbacks.
 *
 * The library calls exchange_handle when the head is complete, for each piece of the body, and when
 * the request is complete; after each resumption it calls again with the same arguments.
 * request->phase tells where we are. A reply can be given to the library only in the first call (it
 * then closes the connection, for it will not read the body) or in the last one.
 *
 * Waiting for another thread: the loop suspends the connection, then raises the gate from OPEN to
 * WAITING; the other thread sets it to SIGNALLED and resumes the connection if it was WAITING.
 * Whoever comes second acts, so neither order loses the wake-up, and the other thread touches
 * nothing of the request after its exchange of the gate.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "io/http_private.h"

/* An arena takes what it needs; the most is a page of 500 large rows. */
enum { ARENA_MAX = 32 << 20 };

/* ---- replies ---- */

static struct MHD_Response *make_response(struct request *r, const struct http_response *from)
{
	if (from->stream != NULL) {
		r->stream = from->stream;
		r->x.method = arena_strdup(r->x.arena, r->x.method); /* the library's may end before */
		r->x.content_type = NULL;
		return stream_response(r->stream, r);
	}
	if (from->upgrade != NULL) {
		r->upgrade = from->upgrade;
		r->upgrade_arg = from->upgrade_arg;
		return upgrade_response(r);
	}
	if (from->fd > 0 && from->fd_size > 0)
		return MHD_create_response_from_fd_at_offset64((uint64_t)from->fd_size, from->fd,
													   (uint64_t)from->offset);
	if (from->fd > 0)
		close(from->fd);
	return MHD_create_response_from_buffer(from->size, (void *)(uintptr_t)from->body,
										   MHD_RESPMEM_PERSISTENT);
}

static void set_reply(struct request *r, const struct http_response *from)
{
	r->status = from->status;
	r->response = make_response(r, from);
	if (r->response == NULL) {
		fputs("vitae: out of memory\n", stderr);
		abort();
	}
	for (size_t i = 0; i < from->headers.n; i++)
		if (MHD_add_response_header(r->response, from->headers.items[i].name,
									from->headers.items[i].value) != MHD_YES)
			log_error("reply header \"%s\" cannot be sent", from->headers.items[i].name);
	if (atomic_load(&r->http->stopping) && from->upgrade == NULL)
		MHD_add_response_header(r->response, "Connection", "close");
	r->replied = true;
}

static enum MHD_Result send_reply(struct request *r)
{
	enum MHD_Result rc = MHD_queue_response(r->mhd, (unsigned)r->status, r->response);

	MHD_destroy_response(r->response); /* the connection holds it now */
	r->response = NULL;
	conn_enter(r->conn, r->stream != NULL ? CONN_STREAM : CONN_SEND);
	return rc;
}

/* ---- waiting ---- */

/* Returns false if the signal is there already, else sleeps: the handler is called again. */
static bool gate_wait(struct request *r)
{
	int open = GATE_OPEN;

	if (atomic_load(&r->gate) == GATE_SIGNALLED)
		return false;
	conn_enter(r->conn, CONN_WORK);
	MHD_suspend_connection(r->mhd);
	if (!atomic_compare_exchange_strong(&r->gate, &open, GATE_WAITING))
		MHD_resume_connection(r->mhd);
	return true;
}

/* The request may be gone as soon as the gate is set. */
static void gate_signal(struct request *r)
{
	struct MHD_Connection *mhd = r->mhd;

	if (atomic_exchange(&r->gate, GATE_SIGNALLED) == GATE_WAITING)
		MHD_resume_connection(mhd);
}

void http_resume_head(struct http_exchange *x)
{
	struct request *r = (struct request *)x;
	struct http *h = r->http;

	atomic_fetch_add(&h->active, 1); /* http_stop waits until we are out of here */
	gate_signal(r);
	atomic_fetch_sub(&h->active, 1);
}

void http_reply(struct http_exchange *x, const struct http_response *from)
{
	struct request *r = (struct request *)x;
	struct http *h = r->http;

	if (r->replied) {
		log_error("a second reply to %s %s is dropped", x->method, x->path);
		if (from->fd > 0)
			close(from->fd);
		return;
	}
	atomic_fetch_add(&h->active, 1);
	set_reply(r, from);
	if (r->phase != REQ_HEAD)
		gate_signal(r);
	atomic_fetch_sub(&h->active, 1);
}

/* ---- the head ---- */

void *exchange_uri(void *cls, const char *uri, struct MHD_Connection *c)
{
	struct loop *l = cls;
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct arena *a = arena_new(ARENA_MAX);
	struct request *r = ARENA_NEW(a, struct request);

	r->x.arena = a;
	r->http = l->http;
	r->conn = info->socket_context;
	r->mhd = c;
	r->x.peer = r->conn->peer;
	r->x.tls = l->http->tls;
	r->x.loop = (int)(l - l->http->loops);
	r->uri = arena_strdup(a, uri == NULL ? "" : uri);
	r->uri_end = uri == NULL ? NULL : uri + strlen(uri);
	return r;
}

/* Refuses a head without asking the hooks. */
static enum MHD_Result refuse(struct request *r, int status, const char *why)
{
	static struct pair type = {"Content-Type", "application/json"};
	struct http_response reply = {.status = status, .headers = {&type, 1}, .fd = -1};

	reply.body = arena_printf(r->x.arena, "{\"detail\": \"%s\"}", why);
	reply.size = strlen(reply.body);
	r->conn->linger = true;
	set_reply(r, &reply);
	MHD_add_response_header(r->response, "Connection", "close");
	return send_reply(r);
}

static bool has_body(const struct request *r)
{
	return r->chunked || r->x.content_length > 0;
}

/* Whether to reply without reading the body first: it is not wanted, and too long to be read for
 * the sake of keeping the connection. */
static bool is_early(const struct request *r)
{
	const int64_t length = r->x.content_length;

	if (!has_body(r) || (!r->replied && r->x.body_error == OK))
		return false;
	return r->expects || r->chunked || length > r->http->tuning.drain_small;
}

static enum MHD_Result await_reply(struct request *r, enum request_phase phase)
{
	r->phase = phase;
	if (!r->replied) {
		atomic_store(&r->gate, GATE_OPEN);
		conn_enter(r->conn, CONN_WORK);
		r->http->hooks.ready(r->http->hooks.arg, &r->x);
		if (gate_wait(r))
			return MHD_YES;
	}
	return send_reply(r);
}

static enum MHD_Result head_decided(struct request *r)
{
	if (!r->replied && r->x.body_kind == HTTP_BODY_BUFFER && r->x.content_length > r->x.max_body)
		r->x.body_error = E_TOO_LARGE;
	if (is_early(r)) {
		r->conn->linger = true;
		return await_reply(r, REQ_EARLY);
	}
	r->phase = REQ_BODY;
	if (has_body(r))
		conn_enter(r->conn, CONN_BODY);
	body_begin(r);
	return MHD_YES;
}

static enum MHD_Result head_complete(struct request *r, const char *method, const char *version)
{
	int status;
	const char *fault = head_read(r, method, version, &status);

	if (fault != NULL)
		return refuse(r, status, fault);
	atomic_fetch_add(&r->http->active, 1);
	r->known = true;
	if (atomic_load(&r->http->refusing)) {
		r->known = false;
		atomic_fetch_sub(&r->http->active, 1);
		return MHD_NO;
	}
	if (r->http->hooks.head(r->http->hooks.arg, &r->x) == HTTP_WAIT && gate_wait(r))
		return MHD_YES;
	return head_decided(r);
}

/* ---- the library's callbacks ---- */

static enum MHD_Result take_body(struct request *r, const char *data, size_t *size)
{
	body_data(r, data, *size);
	*size = 0;
	return r->drained > r->http->tuning.drain_max ? MHD_NO : MHD_YES;
}

enum MHD_Result exchange_handle(void *cls, struct MHD_Connection *c, const char *url,
								const char *method, const char *version, const char *data,
								size_t *size, void **ctx)
{
	struct request *r = *ctx;

	(void)cls;
	(void)c;
	(void)url;
	switch (r->phase) {
	case REQ_HEAD:
		if (atomic_load(&r->gate) == GATE_SIGNALLED)
			return head_decided(r);
		return head_complete(r, method, version);
	case REQ_BODY:
		if (data != NULL)
			return take_body(r, data, size);
		body_end(r);
		return await_reply(r, REQ_READY);
	case REQ_EARLY:
	case REQ_READY: return send_reply(r);
	}
	return MHD_NO;
}

void exchange_end(struct request *r, bool sent)
{
	struct http *h = r->http;

	if (r->known)
		h->hooks.done(h->hooks.arg, &r->x, sent);
	if (r->response != NULL)
		MHD_destroy_response(r->response);
	body_free(r);
	if (r->known)
		atomic_fetch_sub(&h->active, 1);
	arena_free(r->x.arena);
}

void exchange_completed(void *cls, struct MHD_Connection *c, void **ctx,
						enum MHD_RequestTerminationCode code)
{
	struct request *r = *ctx;

	(void)cls;
	(void)c;
	if (r == NULL)
		return;
	*ctx = NULL;
	conn_enter(r->conn, CONN_HEAD);
	if (r->stream == NULL || stream_over(r->stream))
		exchange_end(r, r->replied && code == MHD_REQUEST_TERMINATED_COMPLETED_OK);
}

/* ---- what the hooks may ask ---- */

const char *http_header(const struct http_exchange *x, const char *name)
{
	const struct request *r = (const struct request *)x;

	return MHD_lookup_connection_value(r->mhd, MHD_HEADER_KIND, name);
}

struct joined {
	struct arena *arena;
	const char *name, *value;
};

static enum MHD_Result join_value(void *cls, enum MHD_ValueKind kind, const char *key,
								  const char *value)
{
	struct joined *j = cls;

	(void)kind;
	if (!text_ieq(key, j->name))
		return MHD_YES;
	j->value = j->value == NULL ? value : arena_printf(j->arena, "%s, %s", j->value, value);
	return MHD_YES;
}

const char *http_header_list(const struct http_exchange *x, const char *name)
{
	const struct request *r = (const struct request *)x;
	struct joined j = {.arena = x->arena, .name = name};

	MHD_get_connection_values(r->mhd, MHD_HEADER_KIND, join_value, &j);
	return j.value;
}

const char *http_cookie(const struct http_exchange *x, const char *name)
{
	const struct request *r = (const struct request *)x;

	return MHD_lookup_connection_value(r->mhd, MHD_COOKIE_KIND, name);
}

/*
 * request: what the parts of the dispatcher share about one request; nobody else includes this. It
 * lives in the exchange's arena. One thread at a time works on it: the loop, then a pool thread,
 * then the loop.
 */
#pragma once
#include "core/dispatch.h"

enum { REPLY_HEADERS_MAX = 56, REPLY_BODY_MAX = 32 * 1024 * 1024, JSON_BODY_MAX = 1024 * 1024 };

struct request {
	void (*again)(struct request *r, struct db *db); /* of store_goes_on */
	struct core *core;
	struct http_exchange *x;
	const struct route *route; /* NULL: none matched */
	const char *allow;         /* methods of the path, NULL if there is no such path */
	const char *request_id;
	const char *trace_id; /* of the caller's traceparent; NULL: none */
	const char *peer;     /* of the caller, behind a trusted proxy too */
	int64_t begun;        /* monotonic microseconds */
	const char *token;    /* as sent, NULL: none; of routes for streams perhaps not in a header */
	struct claims claims; /* of the token, if signed_in */
	bool signed_in; /* a token with a good signature, not expired; its account is not looked at yet
					 */
	const char *invitation; /* the secret of an invited candidate, on a route for them; else NULL */
	struct actor actor;
	struct known *known; /* of the event loop that answers it itself; else NULL */
	bool use_noted;      /* actor.used is registered */
	struct rate_result rate;
	struct input input;
	struct upload upload;
	struct spool *spool; /* the file part that is arriving */
	struct faults faults;
	struct error error;
	struct ctx ctx;
	unsigned path_flags; /* of all rows of the path, whatever their method */
	bool replied;
	int tries;          /* of the handler, which runs again when its files are in the file store */
	struct arena *rows; /* of a list, of which the printed text is left; NULL: none */
	struct buf body;    /* of the reply; on the heap, released with the arena */
	struct http_response response;
	struct pair headers[REPLY_HEADERS_MAX];
};

/* ---- dispatch.c ---- */

/* Tells the audit trail of a failed request, and answers it. */
void request_failed(struct request *r, int rc);

/* ---- request_body.c: what comes in ---- */

/* Decides from the head what happens to the body: x->body_kind, x->max_body, input.body_fault. True
 * if one comes to a route that takes bodies, be it of the wrong type: its length, and who sends it,
 * are worth a look before it is read. */
bool body_plan(struct request *r);
/* OK, or E_TOO_LARGE if the announced length is beyond what the route takes; error tells the limit.
 */
int body_check_length(struct request *r);
/* For http_hooks.file: spools the route's file part. */
int body_file(struct request *r, const char *name, const char *filename, const char *content_type,
			  const void *p, size_t n, bool last);
/* BODY_STREAM: binds what the head tells, and asks the row where the body goes. */
int body_open_sink(struct request *r);
/* Writes a piece of the body there. */
int body_stream(struct request *r, const void *p, size_t n);
/* Binds what came to route->in, into ctx.in. E_TOO_LARGE, E_INVALID (faults tell). */
int body_bind(struct request *r);

/* ---- request_match.c: what the request supposes ---- */

/* Inside the write transaction, before a ROUTE_IF_MATCH handler: OK, or E_PRECONDITION if what GET
 * of the path answers now has none of the ETags in If-Match; what that GET fails with. */
int match_check(struct request *r);

/* ---- request_reply.c: what goes out ---- */

/* The ETag of a body of n bytes, quoted, in the arena. */
const char *reply_etag(struct arena *a, const char *body, size_t n);

/* Prints the handler's result into the response, before the commit. */
int reply_print(struct request *r);
/* Sends what reply_print made, with all headers, or 304. The request may be gone after this and the
 * next ones. */
void reply_success(struct request *r);
/* Sends the head of a reply that is a stored file of size bytes, or the range of it that was asked
 * for: *first and *n tell which bytes are to follow by the stream (none: of a HEAD, a 304); *s
 * NULL: the reply was an error and is whole. */
void reply_stored(struct request *r, int64_t size, const char *type, struct http_stream **s,
				  int64_t *first, int64_t *n);
/* Sends the head of a reply whose body comes by the stream. */
void reply_stream(struct request *r, const char *type, struct http_stream *s);
/* Answers a failure of the given code, told by r->error and r->faults. */
void reply_failure(struct request *r, int code);
/* Answers {"detail": detail}. */
void reply_detail(struct request *r, int status, const char *detail);
/* Answers OPTIONS, a CORS preflight included (WHATWG Fetch). */
void reply_options(struct request *r);
/* Adds a header; name and value stay borrowed. */
void reply_header(struct request *r, const char *name, const char *value);

/* ---- request_stream.c: replies that come bit by bit ---- */

/* If the handler's reply is one: ends it (rc: what became of the handler), or hands it over, and
 * returns true. The request may be gone then. */
bool stream_finish(struct request *r, int rc);

/* ---- request_store.c: requests that wait for the file store ---- */

/* What the handler came to (rc) is not the end: in a thread for the store, files are put there and
 * the handler runs again (again), or a stored file is sent. True if it is on its way; *rc may
 * become the reason why not. */
bool store_goes_on(struct request *r, bool writes, void (*again)(struct request *r, struct db *db),
				   int *rc);

/* ---- request_upgrade.c: WebSockets ---- */

/* Makes the response (101, started) the end of a handshake that ctx_upgrade found good. */
void reply_upgrade(struct request *r);

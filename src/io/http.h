/*
 * http: the HTTP server's event loops, on libmicrohttpd. The only file that knows that library.
 *
 * A loop thread parses the head and calls hooks->head; the answer decides about the body. Body
 * bytes reach the hooks (buffered whole, or by parts of a form, files streamed), then hooks->ready
 * runs on the loop; it must not block: it hands the exchange to another thread (the connection
 * sleeps meanwhile) or replies at once. http_reply may be called from any thread, exactly once for
 * each exchange; every exchange that reached hooks->ready must get its reply, http_stop waits for
 * it. After the reply is sent or the connection lost, hooks->done runs on the loop, once for each
 * hooks->head, and the exchange is freed.
 *
 * Guards that the library lacks: a deadline for head, body and the reading of the reply (drip
 * clients); heads that two readers could understand differently (two Content-Length,
 * Transfer-Encoding beside one, folded lines, NUL …) and paths that are not UTF-8 get 400 with
 * {"detail": …} and never reach the hooks. An upload that is refused on its head gets its reply at
 * once; what still comes is thrown away (up to 256 MB or 30 s), so that the client gets to read the
 * reply. One refused while its body streams is read to its end, within the same bytes.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "data/schema.h"
#include "io/http_upgrade.h"

enum { HTTP_LOOPS_MAX = 16 };

enum http_body {
	HTTP_BODY_DISCARD, /* none wanted: whatever comes is drained */
	HTTP_BODY_BUFFER,  /* the whole body in exchange->body, up to max_body */
	HTTP_BODY_STREAM,  /* its pieces to hooks->file, with name NULL */
	HTTP_BODY_FORM,    /* urlencoded or multipart: fields to exchange->form, files to hooks->file */
};

struct http_exchange {
	struct arena *arena; /* of the exchange: dies after done() */
	struct error error;
	const char *method;       /* "GET"; HEAD is given as "HEAD" */
	const char *path;         /* percent-decoded, valid UTF-8, begins with "/" */
	struct pairs query;       /* decoded */
	const char *content_type; /* NULL if absent */
	int64_t content_length;   /* -1 unknown */
	const char *peer;         /* numeric address */
	int loop;                 /* which event loop's, from 0 */
	bool tls;
	/* decided by hooks->head */
	enum http_body body_kind;
	int64_t max_body; /* bytes: of a buffered body, of a form's fields together */
	/* filled by the loop */
	const char *body;
	size_t body_size;
	struct pairs form;
	enum err body_error; /* OK, or why the body was not taken (E_TOO_LARGE, E_INVALID, a hook's) */
	void *user;          /* the hooks' own */
};

/* A header of the request, NULL if absent (first value). Name in any case. */
const char *http_header(const struct http_exchange *x, const char *name);
/* All values of a header that may stand more than once, in order, joined by ", " as RFC 9110 (5.3)
 * has it; NULL if absent. In the exchange's arena. */
const char *http_header_list(const struct http_exchange *x, const char *name);
/* A cookie's value, NULL if absent. */
const char *http_cookie(const struct http_exchange *x, const char *name);

struct http_headers {
	struct pair *items;
	size_t n;
};

struct http_response {
	int status;
	struct pairs headers;
	const char *body;
	size_t size; /* borrowed until done(): in the exchange's arena, or static */
	int fd;      /* > 0: the body is fd_size bytes of this file from offset; closed by http */
	int64_t offset, fd_size;
	struct http_stream *stream; /* not NULL: the body comes bit by bit, see http_stream.h */
	http_upgrade upgrade; /* not NULL, status 101: the connection leaves HTTP, see http_upgrade.h;
						   * never called if it breaks before */
	void *upgrade_arg;    /* valid until then: in the exchange's arena */
};

struct http_hooks {
	/* The head is in. Sets body_kind and max_body, may answer at once with http_reply (the body is
	 * then thrown away, hooks->ready not called), or return HTTP_WAIT: another thread decides,
	 * perhaps replies, and then calls http_resume_head. */
	enum http_head { HTTP_GO, HTTP_WAIT } (*head)(void *arg, struct http_exchange *x);
	/* A piece of a file part of a form, in order; n 0 with last=true ends it. Negative: the rest is
	 * drained and body_error set. Called on the loop. */
	int (*file)(void *arg, struct http_exchange *x, const char *name, const char *filename,
				const char *content_type, const void *p, size_t n, bool last);
	/* The body is complete (or body_error says why not: E_TOO_LARGE may come before any of it was
	 * read). */
	void (*ready)(void *arg, struct http_exchange *x);
	/* The exchange is over; sent tells whether the reply went out whole. The exchange is freed
	 * after. */
	void (*done)(void *arg, struct http_exchange *x, bool sent);
	/* About once a second while the server runs, on a thread of its own. NULL allowed. */
	void (*tick)(void *arg);
	void *arg;
};

struct http_options {
	const char *host;
	int port;  /* 0: any free one, told by http_port */
	int loops; /* event loops, each its own SO_REUSEPORT listener; 0: one for each CPU, at most 4 */
	int max_connections; /* of all loops together; more wait to be accepted. 0: 1000 */
	int head_timeout, body_timeout, idle_timeout; /* seconds; 0: defaults 10, 300, 60 */
	const char *tls_cert, *tls_key;               /* paths of PEM files, or NULL */
};

struct http;

/* How many event loops a server with these options has, HTTP_LOOPS_MAX at most. */
int http_loops(const struct http_options *o);
/* Starts listening and the loops. E_RULE with a sentence (address in use, bad certificate). */
int http_start(const struct http_options *o, const struct http_hooks *hooks, struct error *error,
			   struct http **out);
int http_port(const struct http *h);
/* After hooks->head returned HTTP_WAIT: goes on (body_kind and max_body are set, or the reply was
 * given). Exactly once; the exchange may be gone when it returns. */
void http_resume_head(struct http_exchange *x);
/* Answers. The response is copied, what it points to is borrowed until done(). Thread-safe. Once
 * hooks->ready was called, the exchange may be gone when it returns. */
void http_reply(struct http_exchange *x, const struct http_response *r);
/* Stops accepting, lets exchanges under way end (at most seconds), then cuts who still sends or
 * reads, waits for the replies of those that reached the hooks, ends the loops and frees. NULL is
 * allowed. */
void http_stop(struct http *h, int seconds);
/* Open connections now. */
int http_connections(const struct http *h);

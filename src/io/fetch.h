/*
 * fetch: requests to other servers, on libcurl, which fetch*.c and smtp.c alone know.
 *
 * A call blocks its thread until the reply is whole, its total deadline is over or the server ends;
 * any number of threads may call at once. Certificates are always checked. What a user gave as an
 * address (a webhook, a job board) is fetched guarded: every address a name leads to is looked at
 * after DNS, when the socket is about to be connected, again at each redirect, and only the public
 * Internet and what FETCH_ALLOW names is let through. What the operator configured is `trusted`.
 * Environment variables (http_proxy …) are ignored.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "data/schema.h"

enum {
	FETCH_TIMEOUT_MS = 30000,
	FETCH_BODY_MAX = 1024 * 1024,
	FETCH_ERROR_BODY_MAX = 64 * 1024,
	FETCH_HEADERS_MAX = 64
};

/* For the whole process. The strings stay the caller's until fetch_stop. */
struct fetch_options {
	struct strings allow; /* names, addresses, networks that guarded requests may reach as well */
	const char *proxy;    /* NULL: none. Guards then see only addresses written as numbers */
	const char *ca_file;  /* NULL: the system's */
};
void fetch_start(const struct fetch_options *o);
/* Ends running requests (within a second) and refuses new ones, until fetch_start. */
void fetch_stop(void);
bool fetch_stopping(void);

/* Waits ms milliseconds, as another server asked. E_UNAVAILABLE (no sentence) if this one stops. */
int fetch_pause(int64_t ms);

/* Signs for a service that takes AWS Signature Version 4, the body's hash too: a file is read
 * twice. The path and the query of the URL are signed as they stand: percent-encode what is not
 * unreserved. */
struct fetch_sign {
	const char *region, *service; /* "eu-central-1", "s3" */
	const char *key_id, *secret;
};

struct fetch_reply {
	int status;           /* of the last redirect; of any value: a 404 is a reply, not an error */
	struct pairs headers; /* FETCH_HEADERS_MAX at most; the first ones */
	const char *body;     /* decoded, NUL-terminated; what the sink took is not here */
	size_t size;
	const char *url;      /* where the reply came from */
	const char *location; /* where it points, whole, if a redirect was not followed; else NULL */
	int64_t retry_after;  /* seconds it asks to wait; 0: it does not say */
};

/* A file sent as the one part of a form (multipart/form-data, RFC 7578). */
struct fetch_file {
	const char *field, *name; /* of the part; of the file */
	int fd;                   /* read from its beginning; stays the caller's */
	int64_t size;
};

struct fetch_request {
	const char *method; /* NULL: GET */
	const char *url;    /* http or https */
	struct pairs
		headers;      /* of a redirect to another origin, only Accept… and User-Agent go along */
	const char *body; /* NULL: none */
	size_t size;
	int body_fd; /* > 0: the body is fd_size bytes of this file, from fd_at */
	int64_t fd_at, fd_size;
	const struct fetch_file *file; /* not NULL: the body is this */
	int64_t timeout_ms;            /* of all together, redirects too; 0: FETCH_TIMEOUT_MS */
	int64_t max_body;              /* decoded bytes; 0: FETCH_BODY_MAX. With a sink too */
	int redirects;                 /* followed at most */
	bool trusted;                  /* the operator's own address: private networks are fine */
	bool reuse;                    /* trusted, and asked often: the thread keeps the connection */
	/* Takes the body of a reply with a status of 200 to 299 piece by piece, as it arrives. A
	 * negative return ends the request and is returned (its sentence, if any, is the sink's). NULL:
	 * the body is kept in the reply, as that of all other statuses is (FETCH_ERROR_BODY_MAX of it).
	 */
	int (*sink)(void *arg, const struct fetch_reply *head, const void *p, size_t n);
	void *arg;
	const struct fetch_sign *sign;
};

/* Does the request. OK whatever the reply's status. E_RULE: no usable URL; E_DENIED: the address is
 * not allowed; E_TIMEOUT: not done within timeout_ms; E_TOO_LARGE: more than max_body; E_UPSTREAM:
 * no connection, no valid certificate, no HTTP, cut off; E_UNAVAILABLE: this server is stopping.
 * The sentences name the host, never the rest of the URL, which may be secret. */
int fetch(struct arena *a, struct error *error, const struct fetch_request *r,
		  struct fetch_reply *out);

/* Whether a guarded request to the URL has a chance, for who is told an address to use later.
 * E_RULE: no usable URL; E_DENIED: what it names is not allowed, without a look-up of names. */
int fetch_check(struct arena *a, struct error *error, const char *url);

/* A header of the reply, NULL if absent (first value). Name in any case. */
const char *fetch_header(const struct fetch_reply *r, const char *name);

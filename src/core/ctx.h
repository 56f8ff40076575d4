/*
 * ctx: what a handler sees. No HTTP, no JSON: a bound input, an output to fill, the actor, the
 * database. Handlers, tasks and tests call the same functions with it. What a request allocates
 * dies with it: take memory from c->arena, never free.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "data/config.h"
#include "data/schema.h"
#include "store/db.h"
#include "store/files.h"

enum role { ROLE_PUBLIC, ROLE_VIEWER, ROLE_RECRUITER, ROLE_HR_MANAGER, ROLE_ADMIN, ROLE_SUPERUSER };

/* Who asks. Lives in the request's arena. */
struct core;
struct actor {
	int64_t user_id, team_id, session_id; /* user_id 0: an invited candidate */
	int64_t key_id; /* the API key that spoke for the user; 0: the user logged in */
	int64_t invitation_id, interview_id; /* of an invited candidate, else 0 */
	enum role role;
	bool superuser;
	const char *username;
	/* Called once the request is done, with its ctx: what cannot be written while its actor is
	 * looked up. May be NULL. */
	void (*used)(struct core *core, void *ctx);
};

const char *role_name(enum role role);   /* "viewer"; "public" for none */
enum role role_parse(const char *name);  /* ROLE_PUBLIC if unknown */
extern const char *const role_choices[]; /* viewer, recruiter, hr_manager, admin, NULL */

struct route;
struct core;
struct request;
struct http_stream;
struct handed_stream;
struct http_socket;
struct handed_socket;
struct worker;

/* Work that waits for the end of the transaction. */
struct after {
	struct after *next;
	bool on_commit; /* else on rollback */
	void (*fn)(struct core *core, void *arg);
	void *arg;
};

struct ctx {
	struct arena *arena;
	struct error *error;
	struct faults *faults;
	struct core *core;
	const struct config *config;
	struct files *files;
	struct db *db;
	int64_t now;               /* microseconds; the same throughout the request */
	const struct actor *actor; /* NULL: nobody (public routes, tasks) */
	const struct route *route; /* NULL in tasks */
	const void *in;            /* route->in bound */
	void *out;                 /* route->out, zeroed; a struct list with ROUTE_LIST; NULL without */
	struct worker *worker;     /* the thread's parser, in parse tasks and ROUTE_PARSER only */
	const char *request_id, *peer, *user_agent;
	const char *accept_encoding; /* the header, NULL if absent */
	const char *idempotency_key; /* the header, NULL if absent */
	const char *cookie;          /* the refresh_token cookie, NULL if absent */
	const char *token;           /* what came as a bearer token, good or not; NULL: none. Secret */
	enum err body_error;         /* ROUTE_LENIENT: why the body was not taken (E_TOO_LARGE), OK */

	int64_t again_at; /* a task's own wish: run again then (microseconds); 0: it is done */

	/* Where the body of BODY_STREAM goes, by ctx_sink */
	int sink_fd; /* -1: nowhere */
	int64_t sink_room;
	void (*sink_told)(void *arg, int64_t n); /* by ctx_sink_told; NULL: nobody */
	void *sink_arg;

	/* What a handler may say beyond *out */
	int status;           /* 0: the route's */
	int64_t total;        /* of a list, before skip and limit; core counts at most COUNT_CAP + 1 */
	struct pairs headers; /* extra reply headers, by ctx_header */
	bool has_file;        /* the reply is a file: */
	int file_fd;
	int64_t file_size;
	const char *file_type;
	const char *file_name; /* for Content-Disposition; NULL: inline */
	const char *put_epoch; /* storage.h: of the files put for this request; NULL: none were */
	const struct ctx_stored *stored; /* the reply is an object of the file store, by ctx_stored */
	const char *body, *body_type;    /* the reply is this text, by ctx_body */
	size_t body_size;
	struct after *after;
	struct request *request;       /* the dispatcher's; NULL in tasks */
	struct http_stream *stream;    /* the reply has begun and comes bit by bit, by ctx_stream */
	struct handed_stream *handed;  /* it will, by ctx_give */
	struct handed_socket *upgrade; /* the connection leaves HTTP, by ctx_upgrade */
	/* For the audit trail, if the route is told there (route.h). NULL: what the path names. */
	const char *audit_target, *audit_detail;
	bool audit_told; /* that it succeeded, by ctx_audit */
};

enum { COUNT_CAP = 10000, CTX_HEADERS_MAX = 16 };

/* Adds a reply header; value is copied, control characters refused (E_INTERNAL). */
int ctx_header(struct ctx *c, const char *name, const char *value);
/* Answers with an open file; its descriptor now belongs to the reply. */
void ctx_file(struct ctx *c, int fd, int64_t size, const char *type, const char *name);
/* Answers with a stored file, wherever it is. gone: the sentence of a 410 if it is not there any
 * more. type: its media type, or NULL: type_of tells it, from the first bytes (up to
 * CTX_SNIFF_BYTES). E_GONE, E_UNAVAILABLE. */
struct ctx_stored {
	const char *path, *gone;
	const char *type;
	const char *(*type_of)(const void *head, size_t n);
	const char *name; /* for Content-Disposition; NULL: inline */
};
enum { CTX_SNIFF_BYTES = 4096 };
int ctx_stored(struct ctx *c, const struct ctx_stored *s);
/* The body goes to fd, which belongs to the request now and is closed at its end; at most room
 * bytes are taken (E_TOO_LARGE). */
void ctx_sink(struct ctx *c, int fd, int64_t room);
/* From now on told(arg, n) is called whenever n more bytes of the body are there, on the event
 * loop: it must not wait. */
void ctx_sink_told(struct ctx *c, void (*told)(void *arg, int64_t n), void *arg);
/* Answers with n bytes at p, in c->arena or static (ROUTE_RAW: pages, documents). */
void ctx_body(struct ctx *c, const void *p, size_t n, const char *type);

/* A reply that comes bit by bit, by a ROUTE_SLOW | ROUTE_RAW handler that writes while it works
 * (what a model says, an export of any length):
 *
 *	TRY(ctx_stream(c, "text/event-stream"));
 *	while (…)
 *		TRY(ctx_write(c, p, n));
 *	return OK;
 *
 * ctx_stream sends the route's status and the headers so far at once: a failure after it can only
 * cut the reply short, which the reader notices, so check everything before. Not inside a
 * transaction. The reply ends when the handler returns. ctx_write waits for a slow reader within
 * bounds; E_GONE: nobody reads any more, stop working. */
int ctx_stream(struct ctx *c, const char *type);
int ctx_write(struct ctx *c, const void *p, size_t n);
/* The same for a reply that outlives its handler (the hub's event streams): when the handler has
 * succeeded, take(core, arg, s) is called with a stream of max bytes, right before its head is
 * sent. arg: in c->arena; s then belongs to take, which must see to its end (io/http_stream.h). */
void ctx_give(struct ctx *c, const char *type, size_t max,
			  void (*take)(struct core *core, void *arg, struct http_stream *s), void *arg);

/* Makes the connection a WebSocket: checks the opening handshake (E_UPGRADE, E_RULE) and, once the
 * handler has succeeded and the reply is sent, calls take on the event loop, which takes the socket
 * over (io/http_upgrade.h); never if the client leaves before. arg: in c->arena, gone after. */
int ctx_upgrade(struct ctx *c, void (*take)(struct core *core, void *arg, struct http_socket *s),
				void *arg);

/* Registers work for after the commit, or for a rollback. arg must outlive the request (or be in
 * c->arena, which lives until after these ran). */
void after_commit(struct ctx *c, void (*fn)(struct core *, void *), void *arg);
void after_rollback(struct ctx *c, void (*fn)(struct core *, void *), void *arg);

/* Runs the work registered for this outcome (newest last on commit, newest first on rollback),
 * forgets the rest. Called by whoever ends the transaction: tx() and the dispatcher. When nobody
 * knows whether it was committed (db->in_doubt), neither is done: a file may have its row. */
void ctx_after(struct ctx *c, bool committed);

/* For ROUTE_SLOW routes and tasks, which have no ambient transaction: runs body in a write
 * transaction of its own, commits (then runs the after-work), or rolls back and returns the error.
 * If the body wants files in an object store (files_place), it is rolled back, they are put there,
 * and it runs again. Inside a write transaction it joins that one. */
int tx(struct ctx *c, int (*body)(struct ctx *c, void *arg), void *arg);

/* Tells the audit trail, if the route is told there, that the request has succeeded: inside the
 * last transaction that its handler opens by tx(), so that both cost one commit and stand or fall
 * together. Without it such a request is told in a transaction of its own, after its end. */
int ctx_audit(struct ctx *c);

/* For the same: runs body in a reading transaction, in which everything is of one moment. Inside
 * any transaction it joins that one. */
int snapshot(struct ctx *c, int (*body)(struct ctx *c, void *arg), void *arg);

/* Adds a validation fault for the caller ("body", "email", …) and returns E_INVALID. */
static inline int ctx_fault(struct ctx *c, const char *where, const char *name, const char *msg,
							const char *type)
{
	faults_add(c->faults, where, name, msg, type);
	return E_INVALID;
}

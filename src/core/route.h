/*
 * route: the table of endpoints. One row adds one; everything else follows from it (validation,
 * access, rate class, limits, 405 with Allow, OpenAPI, the generated tests).
 */
#pragma once
#include "core/ctx.h"

enum rate_class { RATE_DEFAULT, RATE_STRICT, RATE_NONE };
/* BODY_FILE: a form with a file; BODY_FILE_OR_JSON: that, a form without one, or JSON; BODY_STREAM:
 * bytes (application/offset+octet-stream) that go where the row's sink says. */
enum body_kind {
	BODY_NONE,
	BODY_JSON,
	BODY_JSON_OR_FORM,
	BODY_FILE,
	BODY_FILE_OR_JSON,
	BODY_STREAM
};

enum route_flag {
	ROUTE_LIST = 1 << 0,   /* the reply is an array of out; in has skip and limit; paging headers */
	ROUTE_CRYPT = 1 << 1,  /* runs in the bcrypt threads, without ambient transaction */
	ROUTE_SLOW = 1 << 2,   /* waits on others: slow pool, without ambient transaction */
	ROUTE_DEBUG = 1 << 3,  /* exists with DEBUG=True only */
	ROUTE_RAW = 1 << 4,    /* the handler sends a file or page itself (ctx_file) */
	ROUTE_PAGE = 1 << 5,   /* HTML: gets the pages' Content-Security-Policy */
	ROUTE_WRITES = 1 << 6, /* a GET that writes (only GET /jobs/scrape) */
	ROUTE_OPTIONAL_AUTH = 1 << 7, /* public, but a good token is looked at */
	ROUTE_HIDDEN = 1 << 8,        /* not in the OpenAPI document */
	ROUTE_FRESH = 1 << 10,        /* different each time: no ETag, not to be stored */
	ROUTE_STREAM = 1 << 9, /* stays open; a browser cannot give it a header, so the token may stand
							* in the query (token) or among the WebSocket's subprotocols */
	ROUTE_VIDEO = 1 << 14, /* the file may be MAX_VIDEO_MB long */
	ROUTE_RESUMABLE = 1 << 13, /* speaks tus 1.0: its headers on every reply of the path */
	ROUTE_INVITED = 1 << 15,   /* also for somebody with an invitation (access.h) */
	ROUTE_CONSOLE = 1 << 18,   /* exists with CONSOLE=True only */
	ROUTE_MEDIA = 1 << 19, /* a <video> or <img> cannot send a header: the token may stand in the
							* cookie that POST /videos/{id}/playback sets for this one path */
	/* If-Match may name the ETag of GET on the same path: 412 once that answers otherwise. The row
	 * has a transaction, and answers as that GET does or with 204 */
	ROUTE_IF_MATCH = 1 << 21,
	ROUTE_PLAIN_ERRORS =
		1 << 16,             /* errors read {"success": false, "error": …}, on the whole path */
	ROUTE_LENIENT = 1 << 17, /* what does not fit its field in the body counts as absent, so
							  * does a malformed body; of one too long ctx.body_error tells */
	ROUTE_PERSON = 1 << 24,  /* for who logged in; an API key is refused */
	ROUTE_PARSER = 1 << 26,  /* may read a document by ctx.worker, without ambient transaction */
	ROUTE_OWN_TX = 1 << 25,  /* no ambient transaction: the handler uses tx(), or snapshot() */
	ROUTE_BOUNDED = 1 << 27, /* a GET that reads a few rows, each by its key, and prints them: so
							  * little that with SQLite the event loop itself may do it, on a
							  * connection that never waits (else, and when that is busy, a pool
							  * thread). No search, no sorting, no file, no after-work */
};

struct route {
	const char *method, *path; /* "/api/v1/users/{user_id}"; a trailing slash is the same route */
	int (*run)(struct ctx *c);
	const struct schema *in, *out; /* NULL: nothing taken, or 204/raw */
	enum role role;                /* the least one; ROLE_PUBLIC: anybody */
	enum rate_class rate;
	enum body_kind body;
	int64_t max_body; /* bytes; 0: 1 MB for JSON and form fields, MAX_UPLOAD_MB for files */
	/* BODY_STREAM: says where the body goes, before it is read, by ctx_sink; c->in is bound from
	 * path, query and headers. A pool thread calls it, without transaction. */
	int (*sink)(struct ctx *c);
	int status; /* of success */
	unsigned flags;
	/* Why the configuration shuts the route: the sentence of a 403; NULL while it is open. May be
	 * NULL. */
	const char *(*shut)(const struct config *config);
	const char *flag;    /* of core/flag.h: 403 while that feature is off; NULL: none */
	const char *audit;   /* the action told in the audit trail: "user.delete"; NULL: none */
	const char *tag;     /* OpenAPI group */
	const char *doc;     /* first line: summary */
	const short *errors; /* 0-terminated: statuses beyond those that follow from the row */
};

struct metrics_page;
/* Something that happened, see event.h. */
struct event;
/* A task kind: background work, see task.h. */
struct task_kind;
/* What a user is given of their own data, see app/export.h. */
struct export;
/* A built-in scheduled job, and a kind of those that people make, see scheduler.h. */
struct maintenance;
struct schedule_kind;

/* Tells the audit trail how a request to a route with an action ended. code OK: in the request's
 * write transaction, if it has one, with which the event stands or falls; else the error it was
 * refused with, after the rollback. */
typedef int (*route_audit)(struct ctx *c, const char *action, int code);

/* One resource's tables: a row in app/app.c. */
struct feature {
	const char *name;
	const struct route *routes;
	size_t nroutes;
	const struct task_kind *tasks;
	size_t ntasks;
	const struct maintenance *jobs;
	size_t njobs;
	const struct schedule_kind *schedules;
	size_t nschedules;
	/* Called by the scheduler's thread whenever it looks for what is due, without transaction;
	 * returns 1 to be called again at once. May be NULL. */
	int (*tick)(struct ctx *c);
	/* Called once at start, before any request, with a connection (bootstrap); may be NULL. */
	int (*start)(struct ctx *c);
	/* Calls file(arg, path) for each stored file that a row of its tables names, until that fails
	 * (backup); may be NULL: it has none. */
	int (*files)(struct db *db, int (*file)(void *arg, const char *path), void *arg);
	/* Whether a row of its tables names the stored file at this path; true too if the database
	 * cannot tell. What no feature names is swept after a day. With files, or NULL: it has none. */
	bool (*has_file)(struct ctx *c, const char *path);
	/* Adds what its tables hold of the user to the export of their data (app/export.h); NULL:
	 * nothing. Inside a snapshot. */
	int (*export_user)(struct ctx *c, int64_t user_id, struct export *x);
	/* Deletes what its tables hold of the user, files by removals_add, inside the current
	 * transaction and before the user's row goes; NULL: nothing, or foreign keys do it. */
	int (*forget_user)(struct ctx *c, int64_t user_id);
	/* Hears of every event inside the transaction that emits it (event.h); json is its data. What
	 * must be told later is a row or task of the same transaction. May be NULL. */
	int (*event)(struct ctx *c, const struct event *e, const char *json);
	/* Adds what monitoring shall know of the feature's state (metrics.h), reading a snapshot; may
	 * be NULL. */
	int (*metrics)(struct ctx *c, struct metrics_page *p);
};

/* Whether a file may come with a request. */
bool route_takes_file(const struct route *r);
/* Whether a request changes nothing, whatever it waits for. */
bool route_only_reads(const struct route *r);

struct routes; /* the compiled table */

/* Compiles the tables of all features, but for the rows that have one of the flags in without
 * (ROUTE_DEBUG, ROUTE_CONSOLE). Fails on two rows with the same method and shape, and on a row that
 * contradicts its schemas. In the arena. */
int routes_new(struct arena *a, struct error *error, const struct feature *const *features,
			   size_t n, unsigned without, struct routes **out);
size_t routes_count(const struct routes *r);
const struct route *routes_at(const struct routes *r, size_t i);

/* Finds the row for method and path; fixed segments win over {parameters}. *params gets the path
 * values (in the arena). E_NOT_FOUND: no such path; E_RULE: the path exists with other methods
 * only, then *allow is "GET, HEAD, POST, OPTIONS" (told on success too). HEAD matches GET. *flags
 * (may be NULL) gets the flags of all rows of the path, whatever their method. */
int route_match(const struct routes *r, struct arena *a, const char *method, const char *path,
				const struct route **out, struct pairs *params, const char **allow,
				unsigned *flags);

/*
 * core: the running server: everything of one process that requests and tasks share. Made by
 * core_start in dependency order, undone by core_stop in reverse. dispatch.c walks each request
 * through its phases.
 */
#pragma once
#include "core/access.h"
#include "core/bus.h"
#include "core/ctx.h"
#include "core/flag.h"
#include "core/hub.h"
#include "core/journal.h"
#include "core/pool.h"
#include "core/rate.h"
#include "core/route.h"
#include "core/scheduler.h"
#include "core/task.h"
#include "io/http.h"

struct core {
	const struct config *config;
	const char *db_url;   /* resolved: "sqlite:/…/vitae.db" */
	const char *instance; /* names this server in leases; the same after a restart */
	int64_t started;
	struct arena *arena; /* of the process */
	struct error error;  /* of tasks_start and scheduler_start */
	const struct feature *const *features;
	size_t nfeatures;
	const char *worker_program; /* of the parse tasks */
	const char *media_program;  /* of the tasks that look into videos; NULL: there are none */
	const char *ocr_program;    /* of the tasks that recognise scans; NULL: there are none */
	struct routes *routes;
	struct storage *storage;
	struct files *files; /* the storage's */
	struct relay *relay; /* of the bus between servers; NULL with SQLite */
	struct bus *bus;
	struct access *access;
	access_guest load_guest;
	route_audit audit;
	struct rate *rate;
	struct flags *flags;
	struct journal *journal;
	struct pool *fast, *write, *crypt, *slow; /* readers, writers, bcrypt, waiting */
	struct pool *store;                       /* waits for the file store; NULL without one */
	struct pool *parse;                       /* ROUTE_PARSER: one thread, with parse_worker */
	struct worker *parse_worker;
	struct tasks *tasks;
	struct scheduler *scheduler;
	struct hub *hub;
	struct metrics *metrics;
	struct http *http;
	struct dispatch *dispatch;
	int lock_fd; /* of DATA_DIR/vitae.lock, -1 without */
};

struct core_options {
	const struct config *config;
	const struct feature *const *features;
	size_t nfeatures;
	access_load load_actor;
	route_audit audit;       /* NULL: nothing is told */
	journal_write journal;   /* NULL: the log has no rows */
	access_guest load_guest; /* NULL: nobody is invited */
	const char *worker_program, *ocr_program, *media_program;
	bool listen; /* false: no HTTP, no tasks (command line, tests) */
};

/* Opens DATA_DIR (locked against a second server), migrates, runs the features' start functions,
 * starts pools, tasks, scheduler, HTTP. E_RULE with a sentence for the operator. */
int core_start(const struct core_options *o, struct error *error, struct core **out);
/* Stops accepting, finishes what is under way, ends the threads, closes. */
void core_stop(struct core *core);
/* A parser as the configuration wants it: vitae-ocr, or vitae-parser. Its process starts with the
 * first document. Owned by the caller (worker_free). */
int core_worker(const struct core *core, bool ocr, struct error *error, struct worker **out);
/* The same for vitae-media. */
int core_media_worker(const struct core *core, struct error *error, struct worker **out);
/* A ctx for work outside requests (command line, start functions): db belongs to the caller. */
void core_ctx(struct core *core, struct arena *a, struct error *error, struct db *db,
			  struct ctx *out);

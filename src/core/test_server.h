/*
 * test_server: a server of two small features on a free port, and calls to it over loopback, for
 * the tests of the dispatcher. Include it once, in a test program.
 */
#pragma once
#include "core/dispatch.h"

#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/test.h"
#include "core/http_client.h"
#include "io/http_stream.h"
#include "store/scratch_dir.h"

/* ---- the features ---- */

struct note {
	int64_t id;
	const char *title;
	struct opt_int size;
};
static const struct field note_fields[] = {
	FIELD(struct note, id, 0, .doc = "Number", .example = "1"),
	FIELD(struct note, title, 0, .doc = "Title", .example = "\"a\""),
	FIELD(struct note, size, F_NULL, .doc = "Size", .example = "1"),
};
static const struct schema note_schema = SCHEMA("Note", struct note, note_fields);

struct note_in {
	int64_t note_id;
	const char *title;
	struct opt_int size;
};
static const struct field create_fields[] = {
	FIELD(struct note_in, title, F_REQUIRED, .min = 1, .max = 20, .doc = "Title",
		  .example = "\"a\""),
	FIELD(struct note_in, size, F_NULL, .min = 0, .max = 9, .doc = "Size", .example = "1"),
};
static const struct schema create_schema = SCHEMA("NoteCreate", struct note_in, create_fields);
static const struct field optional_fields[] = {
	FIELD(struct note_in, title, F_NULL, .max = 20, .doc = "Title", .example = "\"a\""),
};
static const struct schema optional_schema =
	SCHEMA("NoteOptional", struct note_in, optional_fields);
static const struct field id_fields[] = {
	FIELD(struct note_in, note_id, F_PATH, .min = 1, .doc = "Number", .example = "1"),
};
static const struct schema id_schema = SCHEMA("NoteId", struct note_in, id_fields);

static const struct field query_fields[] = {
	FIELD(struct note_in, title, F_QUERY, .max = 20, .doc = "Title", .example = "\"a\""),
};
static const struct schema query_schema = SCHEMA("NoteQuery", struct note_in, query_fields);

struct page_in {
	int64_t skip, limit;
	const char *q;
};
static const struct field page_fields[] = {
	FIELD(struct page_in, skip, F_QUERY, .min = 0, .doc = "Rows to skip", .example = "0"),
	FIELD(struct page_in, limit, F_QUERY, .min = 1, .max = 500, .preset = "100", .doc = "Rows",
		  .example = "9"),
	FIELD(struct page_in, q, F_QUERY, .max = 50, .doc = "Ignored", .example = "\"a\""),
};
static const struct schema page_schema = SCHEMA("NotePage", struct page_in, page_fields);

struct file_in {
	struct upload file;
	const char *label;
};
static const struct field file_fields[] = {
	FIELD(struct file_in, file, F_REQUIRED, .doc = "A file", .example = "\"bytes\""),
	FIELD(struct file_in, label, F_NULL, .max = 20, .doc = "Label", .example = "\"a\""),
};
static const struct schema file_schema = SCHEMA("NoteFile", struct file_in, file_fields);

static atomic_int committed, rolled_back;

static void tally(struct core *core, void *arg)
{
	(void)core;
	atomic_fetch_add((atomic_int *)arg, 1);
}

static int list_notes(struct ctx *c)
{
	const struct page_in *in = c->in;

	TRY(db_int(c->db, &c->total, "SELECT count(*) FROM notes"));
	return db_list(c->db, c->arena, &note_schema, 500, c->out,
				   "SELECT * FROM notes ORDER BY id LIMIT $1 OFFSET $2", P(in->limit), P(in->skip));
}

static int endless_list(struct ctx *c)
{
	struct list *out = c->out;

	c->total = COUNT_CAP + 1;
	out->n = (size_t)((const struct page_in *)c->in)->limit;
	out->items = ARENA_ARRAY(c->arena, out->n, struct note);
	return OK;
}

static int create_note(struct ctx *c)
{
	const struct note_in *in = c->in;

	after_commit(c, tally, &committed);
	after_rollback(c, tally, &rolled_back);
	TRY(db_one(c->db, c->arena, &note_schema, c->out,
			   "INSERT INTO notes (title, size) VALUES ($1, $2) RETURNING *", P(in->title),
			   P(in->size)));
	if (text_eq(in->title, "bad"))
		return fail(c, E_RULE, "Not that title");
	return ctx_header(c, "Location",
					  arena_printf(c->arena, "/api/v1/notes/%d", (int)((struct note *)c->out)->id));
}

static int get_note(struct ctx *c)
{
	const struct note_in *in = c->in;

	if (db_one(c->db, c->arena, &note_schema, c->out, "SELECT * FROM notes WHERE id = $1",
			   P(in->note_id)) < 0)
		return fail(c, E_NOT_FOUND, "Note not found");
	return OK;
}

static int delete_note(struct ctx *c)
{
	return db_exec(c->db, NULL, "DELETE FROM notes WHERE id = $1",
				   P(((const struct note_in *)c->in)->note_id));
}

static int take_file(struct ctx *c)
{
	const struct file_in *in = c->in;

	*(struct note *)c->out =
		(struct note){1,
					  arena_printf(c->arena, "%s|%s", in->file.filename, in->label),
					  {true, false, in->file.size}};
	return OK;
}

static int echo(struct ctx *c)
{
	const struct note_in *in = c->in;

	*(struct note *)c->out = (struct note){0, in->title == NULL ? "none" : in->title, {0}};
	return OK;
}

static int who(struct ctx *c)
{
	*(struct note *)c->out =
		(struct note){c->actor == NULL ? 0 : c->actor->user_id,
					  arena_printf(c->arena, "%s|%s", c->peer, c->cookie == NULL ? "-" : c->cookie),
					  {0}};
	return OK;
}

/* Answers with the name of its thread. "pool": by a pool's alone; the loop has begun when it finds
 * the database busy. */
static int where(struct ctx *c)
{
	const struct note_in *in = c->in;
	char name[16] = "";

	pthread_getname_np(pthread_self(), name, sizeof name);
	TRY(ctx_header(c, "X-Own", name));
	*(struct note *)c->out = (struct note){1, arena_strdup(c->arena, name), {0}};
	if (text_eq(in->title, "pool") && !text_starts(name, "fast-"))
		return fail(c, E_UNAVAILABLE, "The database is busy");
	return OK;
}

static int clash(struct ctx *c)
{
	return fail(c, E_CONFLICT, "Taken");
}

static int broken(struct ctx *c)
{
	return fail(c, E_INTERNAL, "the secret reason");
}

static int page(struct ctx *c)
{
	ctx_body(c, "<p>hello", 8, "text/html; charset=utf-8");
	return OK;
}

static int send_file(struct ctx *c)
{
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);

	ctx_file(c, fd, 5, "text/plain", "r\xc3\xa9sum\xc3\xa9 \"1\".txt");
	return OK;
}

static int slow_insert(struct ctx *c, void *arg)
{
	(void)arg;
	return db_exec(c->db, NULL, "INSERT INTO notes (title) VALUES ('slow')");
}

static int slow(struct ctx *c)
{
	if (c->db->in_tx)
		return fail(c, E_INTERNAL, "a transaction is open");
	return tx(c, slow_insert, NULL);
}

/* Sends "one", then as many more pieces as the title says, then fails if it ends with "!". */
static int stream_pieces(struct ctx *c)
{
	const struct note_in *in = c->in;
	long more = in->title == NULL ? 0 : strtol(in->title, NULL, 10);

	TRY(ctx_header(c, "X-Own", "1"));
	if (text_eq(in->title, "early"))
		return fail(c, E_RULE, "Not today");
	TRY(ctx_stream(c, "text/event-stream"));
	TRY(ctx_write(c, "one", 3));
	for (long i = 0; i < more; i++)
		TRY(ctx_write(c, "more", 4));
	return text_iends(in->title, "!") ? fail(c, E_INTERNAL, "it broke") : OK;
}

static atomic_int streams_taken;

static void take_stream(struct core *core_, void *arg, struct http_stream *s)
{
	(void)core_;
	atomic_fetch_add(&streams_taken, 1);
	http_stream_write(s, arg, strlen(arg), 0);
	http_stream_end(s);
}

static int give_stream(struct ctx *c)
{
	const struct note_in *in = c->in;

	ctx_give(c, "text/plain", 100, take_stream, arena_strdup(c->arena, "given"));
	return text_eq(in->title, "no") ? fail(c, E_RULE, "Not today") : OK;
}

static sem_t entered, released;

static int wait_for_test(struct ctx *c)
{
	(void)c;
	sem_post(&entered);
	sem_wait(&released);
	return OK;
}

static int start(struct ctx *c)
{
	return db_script(
		c->db, "CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT NOT NULL, size INTEGER)");
}

#define ROW(m, p, fn, ...)                                                   \
	{                                                                        \
		.method = (m), .path = (p), .run = (fn), .doc = "A row", __VA_ARGS__ \
	}
#define OPEN .rate = RATE_NONE

static const struct route note_routes[] = {
	ROW("GET", "/api/v1/notes/", list_notes, .in = &page_schema, .out = &note_schema,
		.role = ROLE_VIEWER, .status = 200, .flags = ROUTE_LIST, OPEN),
	ROW("POST", "/api/v1/notes/", create_note, .in = &create_schema, .out = &note_schema,
		.role = ROLE_RECRUITER, .body = BODY_JSON, .status = 201, OPEN),
	ROW("GET", "/api/v1/notes/{note_id}", get_note, .in = &id_schema, .out = &note_schema,
		.role = ROLE_VIEWER, .status = 200, .flags = ROUTE_BOUNDED, OPEN),
	ROW("DELETE", "/api/v1/notes/{note_id}", delete_note, .in = &id_schema, .role = ROLE_ADMIN,
		.status = 204, OPEN),
	ROW("POST", "/api/v1/notes/file", take_file, .in = &file_schema, .out = &note_schema,
		.role = ROLE_RECRUITER, .body = BODY_FILE, .status = 202, OPEN),
	ROW("GET", "/api/v1/endless", endless_list, .in = &page_schema, .out = &note_schema,
		.status = 200, .flags = ROUTE_LIST, OPEN),
	ROW("POST", "/api/v1/slow", slow, .status = 204, .flags = ROUTE_SLOW, OPEN),
};
static const struct route other_routes[] = {
	ROW("POST", "/api/v1/users/clash", clash, .status = 200, OPEN),
	ROW("POST", "/api/v1/teams/clash", clash, .status = 200, OPEN),
	ROW("POST", "/waits", wait_for_test, .status = 204, .flags = ROUTE_CRYPT, OPEN),
	ROW("GET", "/broken", broken, .status = 200, OPEN),
	ROW("GET", "/page", page, .status = 200, .flags = ROUTE_RAW | ROUTE_PAGE, OPEN),
	ROW("GET", "/file", send_file, .status = 200, .flags = ROUTE_RAW, OPEN),
	ROW("GET", "/who", who, .out = &note_schema, .status = 200, .flags = ROUTE_OPTIONAL_AUTH, OPEN),
	ROW("GET", "/where", where, .in = &query_schema, .out = &note_schema, .role = ROLE_VIEWER,
		.status = 200, .flags = ROUTE_BOUNDED, OPEN),
	ROW("POST", "/form", echo, .in = &optional_schema, .out = &note_schema,
		.body = BODY_JSON_OR_FORM, .status = 200, OPEN),
	ROW("POST", "/strict", echo, .in = &optional_schema, .out = &note_schema, .rate = RATE_STRICT,
		.body = BODY_JSON, .status = 200),
	ROW("POST", "/flagged", echo, .in = &create_schema, .out = &note_schema, .body = BODY_JSON,
		.role = ROLE_RECRUITER, .status = 200, .flag = "FEATURE_AI_RESUME", OPEN),
	ROW("POST", "/flagged/on", echo, .in = &create_schema, .out = &note_schema, .body = BODY_JSON,
		.role = ROLE_RECRUITER, .status = 200, .flag = "FEATURE_JOB_SCRAPING", OPEN),
	ROW("GET", "/pieces", stream_pieces, .in = &query_schema, .status = 200,
		.flags = ROUTE_SLOW | ROUTE_RAW, OPEN),
	ROW("GET", "/given", give_stream, .in = &query_schema, .status = 200, .flags = ROUTE_RAW, OPEN),
	ROW("GET", "/counted", who, .out = &note_schema, .status = 200),
};
static const struct feature notes = {.name = "notes",
									 .routes = note_routes,
									 .nroutes = sizeof note_routes / sizeof note_routes[0],
									 .start = start};
static const struct feature others = {.name = "others",
									  .routes = other_routes,
									  .nroutes = sizeof other_routes / sizeof other_routes[0]};
static const struct feature *const features[] = {&notes, &others};

/* ---- the server ---- */

enum { ADMIN = 1, RECRUITER = 2, VIEWER = 3, GONE = 13 };

static int load_actor(struct db *db, struct arena *a, const struct claims *claims,
					  struct actor *out)
{
	(void)a;
	if (claims->user_id == GONE)
		return fail(db, E_AUTH, "Could not validate credentials");
	*out = (struct actor){.user_id = claims->user_id,
						  .team_id = 1,
						  .role = claims->user_id == ADMIN       ? ROLE_ADMIN
								  : claims->user_id == RECRUITER ? ROLE_RECRUITER
																 : ROLE_VIEWER};
	return OK;
}

static struct config config;
static struct core *core;

static const char *tokens[GONE + 1];

static void sign_tokens(void)
{
	for (int i = 1; i <= GONE; i++) {
		struct claims c = {.user_id = i,
						   .jti = "t",
						   .type = TOKEN_ACCESS,
						   .expires = clock_now() / CLOCK_SECOND + 600};

		CHECK_INT(access_sign(core->access, core->arena, &c, &tokens[i]), OK);
	}
}

static void test_config(struct config *c, const char *data_dir)
{
	static const char *origins[] = {"http://localhost:3000"}, *proxies[] = {"127.0.0.1"};

	*c = (struct config){
		.host = "127.0.0.1",
		.data_dir = data_dir,
		.cors_origins = {origins, 1},
		.trusted_proxies = {proxies, 1},
		.trust_proxy = true,
		.max_upload_mb = 1,
		.feature_job_scraping = true,
		.threads = 2,
		.parsers = 1,
		.parser_timeout = 20,
		.max_connections = 100,
		.rate_limit = {5, 3600},
		.rate_limit_strict = {3, 3600},
	};
}

static int try_start(struct core **out)
{
	static struct error error;
	const struct core_options o = {.config = &config,
								   .features = features,
								   .nfeatures = 2,
								   .load_actor = load_actor,
								   .worker_program = "/bin/true",
								   .listen = true};
	int rc = core_start(&o, &error, out);

	if (rc < 0)
		printf("    %s\n", error.text);
	return rc;
}

static void need_server(void)
{
	if (core != NULL)
		return;
	log_open(NULL, LOG_ERROR, 0);
	test_config(&config, scratch_dir());
	CHECK_INT(try_start(&core), OK);
	sign_tokens();
}

/* ---- a client ---- */

static struct answer answer;

/* Sends "METHOD path", further header lines, and a body if there is one. */
static inline int call(int user, const char *request, const char *headers, const char *body)
{
	need_server();
	client_call(&answer, http_port(core->http), user ? tokens[user] : NULL, request, headers, body);
	return answer.status;
}

static inline const char *header(const char *name)
{
	return client_header(&answer, name);
}

static inline bool body_has(const char *part)
{
	return strstr(answer.body, part) != NULL;
}

#define JSON "Content-Type: application/json\r\n"

/*
 * Starts a server of two small features on a free port and talks HTTP to it over loopback: each
 * phase, each refusal in its order, and the headers that every reply carries.
 */
#include "core/dispatch.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/test.h"
#include "core/http_client.h"
#include "core/openapi.h"
#include "data/json.h"
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
		.role = ROLE_VIEWER, .status = 200, OPEN),
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
	ROW("GET", "/broken", broken, .status = 200, OPEN),
	ROW("GET", "/page", page, .status = 200, .flags = ROUTE_RAW | ROUTE_PAGE, OPEN),
	ROW("GET", "/file", send_file, .status = 200, .flags = ROUTE_RAW, OPEN),
	ROW("GET", "/who", who, .out = &note_schema, .status = 200, .flags = ROUTE_OPTIONAL_AUTH, OPEN),
	ROW("POST", "/form", echo, .in = &optional_schema, .out = &note_schema,
		.body = BODY_JSON_OR_FORM, .status = 200, OPEN),
	ROW("POST", "/strict", echo, .in = &optional_schema, .out = &note_schema, .rate = RATE_STRICT,
		.body = BODY_JSON, .status = 200),
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
	static const char *origins[] = {"http://localhost:3000"};

	*c = (struct config){
		.host = "127.0.0.1",
		.data_dir = data_dir,
		.cors_origins = {origins, 1},
		.max_upload_mb = 1,
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
static int call(int user, const char *request, const char *headers, const char *body)
{
	need_server();
	client_call(&answer, http_port(core->http), user ? tokens[user] : NULL, request, headers, body);
	return answer.status;
}

static const char *header(const char *name)
{
	return client_header(&answer, name);
}

static bool body_has(const char *part)
{
	return strstr(answer.body, part) != NULL;
}

#define JSON "Content-Type: application/json\r\n"

/* ---- tests ---- */

TEST(a_note_comes_and_goes)
{
	char path[128], etag[128];

	CHECK_INT(call(RECRUITER, "POST /api/v1/notes/", JSON,
				   "{\"title\": \"one\", \"size\": 3, \"more\": 1}"),
			  201);
	CHECK(text_starts(header("Location"), "/api/v1/notes/"));
	CHECK_STR(header("Content-Type"), "application/json");
	CHECK_STR(header("Cache-Control"), "no-store");
	CHECK_STR(header("ETag"), "");
	CHECK(body_has("\"title\":\"one\""));
	CHECK_INT(atomic_load(&committed), 1);
	snprintf(path, sizeof path, "GET %.100s", header("Location"));
	CHECK_INT(call(VIEWER, path, "", NULL), 200);
	CHECK(body_has("\"size\":3"));
	CHECK_STR(header("Cache-Control"), "private, no-cache");
	snprintf(etag, sizeof etag, "If-None-Match: W/\"x\", %.60s\r\n", header("ETag"));
	CHECK_INT(call(VIEWER, path, etag, NULL), 304);
	CHECK_STR(answer.body, "");
	CHECK(header("ETag")[0] == '"');
	snprintf(path, sizeof path, "DELETE /api/v1/notes/1");
	CHECK_INT(call(VIEWER, path, "", NULL), 403);
	CHECK_STR(answer.body, "{\"detail\":\"Admin privileges required\"}");
	CHECK_INT(call(ADMIN, path, "", NULL), 204);
	CHECK_STR(answer.body, "");
	CHECK_INT(call(ADMIN, "GET /api/v1/notes/1", "", NULL), 404);
	CHECK_STR(answer.body, "{\"detail\":\"Note not found\"}");
}

TEST(routes_that_are_not_there)
{
	CHECK_INT(call(0, "GET /nowhere", "", NULL), 404);
	CHECK_STR(answer.body, "{\"detail\":\"Not Found\"}");
	CHECK_INT(strlen(header("X-Request-ID")), 32);
	CHECK_INT(call(0, "PUT /api/v1/notes", "X-Request-ID: my-id.7\r\n", NULL), 405);
	CHECK_STR(answer.body, "{\"detail\":\"Method Not Allowed\"}");
	CHECK_STR(header("Allow"), "GET, HEAD, POST, OPTIONS");
	CHECK_STR(header("X-Request-ID"), "my-id.7");
	CHECK_INT(call(0, "GET /nowhere", "X-Request-ID: <script>\r\n", NULL), 404);
	CHECK_INT(strlen(header("X-Request-ID")), 32);
}

TEST(who_are_you)
{
	CHECK_INT(call(0, "GET /api/v1/notes", "", NULL), 401);
	CHECK_STR(header("WWW-Authenticate"), "Bearer");
	CHECK_STR(answer.body, "{\"detail\":\"Not authenticated\"}");
	CHECK_INT(call(0, "GET /api/v1/notes", "Authorization: Bearer a.b.c\r\n", NULL), 401);
	CHECK_STR(answer.body, "{\"detail\":\"Could not validate credentials\"}");
	CHECK_INT(call(GONE, "GET /api/v1/notes", "", NULL), 401);
	CHECK_STR(header("WWW-Authenticate"), "Bearer");
	CHECK_INT(call(GONE, "POST /api/v1/notes", JSON, "{\"title\": \"x\"}"), 401);
}

TEST(optional_token)
{
	CHECK_INT(call(0, "GET /who", "Cookie: refresh_token=abc\r\n", NULL), 200);
	CHECK(body_has("\"id\":0,\"title\":\"127.0.0.1|abc\""));
	CHECK_INT(call(VIEWER, "GET /who", "", NULL), 200);
	CHECK(body_has("\"id\":3"));
	CHECK_INT(call(GONE, "GET /who", "", NULL), 200);
	CHECK(body_has("\"id\":0"));
	CHECK_INT(call(0, "GET /who", "Authorization: Bearer a.b.c\r\n", NULL), 200);
}

TEST(every_fault_is_listed)
{
	CHECK_INT(call(RECRUITER, "POST /api/v1/notes", JSON, "{\"title\": \"\", \"size\": 77}"), 422);
	CHECK(body_has("\"title\""));
	CHECK(body_has("\"size\""));
	CHECK_INT(call(RECRUITER, "POST /api/v1/notes", JSON, "{}"), 422);
	CHECK(body_has("\"missing\""));
	CHECK_INT(call(RECRUITER, "POST /api/v1/notes", "", NULL), 422);
	CHECK(body_has("\"missing\""));
	CHECK_INT(call(RECRUITER, "POST /api/v1/notes", JSON, "{\"title\": "), 422);
	CHECK(body_has("json_invalid"));
	CHECK_INT(
		call(RECRUITER, "POST /api/v1/notes", "Content-Type: text/plain\r\n", "{\"title\": \"x\"}"),
		422);
	CHECK_INT(call(VIEWER, "GET /api/v1/notes/abc", "", NULL), 422);
	CHECK(body_has("[\"path\",\"note_id\"]"));
	CHECK_INT(call(VIEWER, "GET /api/v1/notes?skip=-1&limit=501", "", NULL), 422);
	CHECK(body_has("[\"query\",\"skip\"]"));
	CHECK(body_has("[\"query\",\"limit\"]"));
}

TEST(refusals_come_in_order)
{
	/* 401 before 403 before 413 before 422. */
	CHECK_INT(call(0, "POST /api/v1/notes", "Content-Type: text/plain\r\n", "x"), 401);
	CHECK_INT(call(VIEWER, "POST /api/v1/notes", "Content-Type: text/plain\r\n", "x"), 403);
	CHECK_INT(call(VIEWER, "POST /api/v1/notes", JSON "Content-Length: 9000000\r\n", NULL), 403);
	CHECK_STR(answer.body, "{\"detail\":\"Recruiter privileges required\"}");
	CHECK_INT(call(RECRUITER, "POST /api/v1/notes", JSON "Content-Length: 9000000\r\n", NULL), 413);
	CHECK_STR(answer.body, "{\"detail\":\"Request body too large: the limit is 1 MB\"}");
	CHECK_INT(call(0, "POST /form", JSON "Content-Length: 9000000\r\n", NULL), 413);
}

TEST(an_error_rolls_back)
{
	int before = atomic_load(&rolled_back), good = atomic_load(&committed);

	CHECK_INT(call(RECRUITER, "POST /api/v1/notes", JSON, "{\"title\": \"bad\"}"), 400);
	CHECK_STR(answer.body, "{\"detail\":\"Not that title\"}");
	CHECK_STR(header("Location"), "");
	CHECK_INT(atomic_load(&rolled_back), before + 1);
	CHECK_INT(atomic_load(&committed), good);
	CHECK_INT(call(VIEWER, "GET /api/v1/notes?limit=500", "", NULL), 200);
	CHECK(!body_has("\"bad\""));
}

TEST(codes_become_statuses)
{
	CHECK_INT(call(0, "POST /api/v1/users/clash", "", NULL), 400);
	CHECK_INT(call(0, "POST /api/v1/teams/clash", "", NULL), 409);
	CHECK_STR(answer.body, "{\"detail\":\"Taken\"}");
	CHECK_INT(call(0, "GET /broken", "", NULL), 500);
	CHECK_STR(answer.body, "{\"detail\":\"Internal server error\"}");
	CHECK_INT(call(0, "POST /api/v1/slow", "", NULL), 204);
}

TEST(lists_say_where_they_are)
{
	for (int i = 0; i < 5; i++)
		CHECK_INT(call(RECRUITER, "POST /api/v1/notes", JSON, "{\"title\": \"row\"}"), 201);
	CHECK_INT(call(VIEWER, "GET /api/v1/notes?q=a%26b+c&skip=2&limit=1", "", NULL), 200);
	CHECK(strtol(header("X-Total-Count"), NULL, 10) >= 5);
	CHECK_STR(header("Link"), "</api/v1/notes?q=a%26b%20c&skip=3&limit=1>; rel=\"next\", "
							  "</api/v1/notes?q=a%26b%20c&skip=1&limit=1>; rel=\"prev\"");
	CHECK(answer.body[0] == '[');
	CHECK_INT(call(VIEWER, "GET /api/v1/notes", "", NULL), 200);
	CHECK_STR(header("Link"), "");
	CHECK_INT(call(0, "GET /api/v1/endless?skip=20000&limit=2", "", NULL), 200);
	CHECK_STR(header("X-Total-Count"), "10000");
	CHECK_STR(header("X-Total-Count-Capped"), "true");
	CHECK(strstr(header("Link"), "skip=20002&limit=2>; rel=\"next\"") != NULL);
}

TEST(head_is_get_without_a_body)
{
	char length[32];

	CHECK_INT(call(0, "GET /page", "", NULL), 200);
	CHECK_STR(answer.body, "<p>hello");
	snprintf(length, sizeof length, "%.31s", header("Content-Length"));
	CHECK_INT(call(0, "HEAD /page", "", NULL), 200);
	CHECK_STR(answer.body, "");
	CHECK_STR(header("Content-Length"), length);
}

TEST(security_headers)
{
	CHECK_INT(call(0, "GET /who", "", NULL), 200);
	CHECK_STR(header("X-Content-Type-Options"), "nosniff");
	CHECK_STR(header("X-Frame-Options"), "DENY");
	CHECK_STR(header("Referrer-Policy"), "no-referrer");
	CHECK_STR(header("Content-Security-Policy"), "default-src 'none'; frame-ancestors 'none'");
	CHECK_STR(header("Strict-Transport-Security"), "");
	CHECK_INT(call(0, "GET /page", "", NULL), 200);
	CHECK(strstr(header("Content-Security-Policy"), "script-src 'self'") != NULL);
}

TEST(listed_origins_only)
{
	CHECK_INT(call(0, "GET /who", "Origin: http://localhost:3000\r\n", NULL), 200);
	CHECK_STR(header("Access-Control-Allow-Origin"), "http://localhost:3000");
	CHECK_STR(header("Access-Control-Allow-Credentials"), "true");
	CHECK(strstr(header("Access-Control-Expose-Headers"), "X-Total-Count") != NULL);
	CHECK_STR(header("Vary"), "Origin");
	CHECK_INT(call(0, "GET /who", "Origin: http://evil.example\r\n", NULL), 200);
	CHECK_STR(header("Access-Control-Allow-Origin"), "");
	CHECK_STR(header("Vary"), "Origin");
	CHECK_INT(call(0, "OPTIONS /api/v1/notes",
				   "Origin: http://localhost:3000\r\nAccess-Control-Request-Method: POST\r\n"
				   "Access-Control-Request-Headers: authorization\r\n",
				   NULL),
			  204);
	CHECK_STR(header("Access-Control-Allow-Methods"), "GET, HEAD, POST, OPTIONS");
	CHECK(strstr(header("Access-Control-Allow-Headers"), "Authorization") != NULL);
	CHECK_INT(call(0, "OPTIONS /api/v1/notes",
				   "Origin: http://evil.example\r\nAccess-Control-Request-Method: POST\r\n", NULL),
			  204);
	CHECK_STR(header("Access-Control-Allow-Methods"), "");
	CHECK_INT(call(0, "GET /api/v1/notes", "Origin: http://localhost:3000\r\n", NULL), 401);
	CHECK_STR(header("Access-Control-Allow-Origin"), "http://localhost:3000");
}

TEST(forms_and_json_both)
{
	static const char form[] = "Content-Type: application/x-www-form-urlencoded\r\n";
	static const char multipart[] = "Content-Type: multipart/form-data; boundary=b\r\n";

	CHECK_INT(call(0, "POST /form", JSON, "{\"title\": \"json\"}"), 200);
	CHECK(body_has("\"json\""));
	CHECK_INT(call(0, "POST /form", "Content-Type: application/vnd.x+json; charset=utf-8\r\n",
				   "{\"title\": \"p\"}"),
			  200);
	CHECK_INT(call(0, "POST /form", form, "title=a%20form&x=1"), 200);
	CHECK(body_has("\"a form\""));
	CHECK_INT(
		call(0, "POST /form", multipart,
			 "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nparts\r\n--b--\r\n"),
		200);
	CHECK(body_has("\"parts\""));
	CHECK_INT(call(0, "POST /form", "", NULL), 200);
	CHECK(body_has("\"none\""));
	CHECK_INT(call(0, "POST /form", "Content-Type: text/xml\r\n", "<a/>"), 422);
}

#define MULTIPART "Content-Type: multipart/form-data; boundary=b\r\n"
#define PART(name, more) "--b\r\nContent-Disposition: form-data; name=\"" name "\"" more "\r\n\r\n"

TEST(files_arrive)
{
	CHECK_INT(call(RECRUITER, "POST /api/v1/notes/file", MULTIPART,
				   PART("label", "") "tag\r\n" PART("other", "; filename=\"o\"") "zzz\r\n" PART(
					   "file", "; filename=\"../../a b.txt\"") "12345\r\n--b--\r\n"),
			  202);
	CHECK(body_has("|tag"));
	CHECK(body_has("\"size\":5"));
	CHECK(!body_has("../"));
	CHECK_INT(
		call(RECRUITER, "POST /api/v1/notes/file", MULTIPART, PART("label", "") "tag\r\n--b--\r\n"),
		422);
	CHECK(body_has("[\"body\",\"file\"]"));
	CHECK(body_has("\"missing\""));
	CHECK_INT(call(RECRUITER, "POST /api/v1/notes/file", JSON, "{}"), 422);
	CHECK_INT(call(RECRUITER, "POST /api/v1/notes/file", "", NULL), 422);
	CHECK_INT(call(RECRUITER, "POST /api/v1/notes/file", MULTIPART, "--b\r\nbroken"), 422);
}

/* A file of the given size, as one request. */
static int upload(int user, size_t size)
{
	static const char first[] = PART("file", "; filename=\"a.bin\""), last[] = "\r\n--b--\r\n";
	static char block[64 * 1024];
	char head[1024];
	int s, n;

	need_server();
	s = client_dial(http_port(core->http));
	n = snprintf(head, sizeof head,
				 "POST /api/v1/notes/file HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
				 "Authorization: Bearer %s\r\n" MULTIPART "Content-Length: %zu\r\n\r\n",
				 tokens[user], sizeof first - 1 + size + sizeof last - 1);
	client_put(s, head, (size_t)n);
	client_put(s, first, sizeof first - 1);
	for (size_t left = size; left > 0;) {
		size_t piece = left < sizeof block ? left : sizeof block;

		client_put(s, block, piece);
		left -= piece;
	}
	client_put(s, last, sizeof last - 1);
	client_hear(&answer, s);
	return answer.status;
}

TEST(the_limit_of_a_file_is_exact)
{
	const size_t limit = 1024 * 1024;

	CHECK_INT(upload(RECRUITER, limit), 202);
	CHECK(body_has("\"size\":1048576"));
	CHECK_INT(upload(RECRUITER, limit + 1), 413);
	CHECK_STR(answer.body, "{\"detail\":\"File too large: the limit is 1 MB\"}");
	CHECK_INT(upload(RECRUITER, 8 * limit), 413);
	CHECK_INT(upload(VIEWER, 8 * limit), 403);
}

TEST(files_are_sent)
{
	CHECK_INT(call(0, "GET /file", "", NULL), 200);
	CHECK_INT(strlen(answer.body), 5);
	CHECK_STR(header("Content-Type"), "text/plain");
	CHECK_STR(header("Content-Disposition"), "attachment; filename=\"r__sum__ _1_.txt\"; "
											 "filename*=UTF-8''r%C3%A9sum%C3%A9%20%221%22.txt");
}

TEST(limits_are_counted_and_told)
{
	long reset;

	for (int i = 0; i < 3; i++) {
		CHECK_INT(call(0, "POST /strict", JSON, "{}"), 200);
		CHECK_STR(header("X-RateLimit-Limit"), "3");
		CHECK_INT(strtol(header("X-RateLimit-Remaining"), NULL, 10), 2 - i);
	}
	CHECK_INT(call(0, "POST /strict", "Content-Type: text/plain\r\n", "x"), 429);
	CHECK(text_starts(answer.body, "{\"detail\":\""));
	CHECK(strtol(header("Retry-After"), NULL, 10) >= 1);
	reset = strtol(header("X-RateLimit-Reset"), NULL, 10);
	CHECK(reset > clock_now() / CLOCK_SECOND && reset <= clock_now() / CLOCK_SECOND + 3601);
	CHECK_INT(call(VIEWER, "POST /strict", JSON, "{}"), 200); /* another caller */
	CHECK_INT(call(0, "GET /counted", "", NULL), 200);        /* another counter */
	CHECK_STR(header("X-RateLimit-Remaining"), "4");
	CHECK_INT(call(0, "GET /who", "", NULL), 200);
	CHECK_STR(header("X-RateLimit-Limit"), "");
}

TEST(one_server_for_each_directory)
{
	struct core *second = NULL;

	need_server();
	CHECK_INT(try_start(&second), E_RULE);
	CHECK(second == NULL);
}

TEST(the_document_is_json)
{
	struct arena *a = arena_new(1 << 22);
	const struct json_value *doc;
	struct buf b;

	need_server();
	buf_init(&b, a, 1 << 20);
	CHECK_INT(openapi_print(core->routes, &b), OK);
	CHECK_INT(json_parse(a, buf_str(&b), b.n, &doc, NULL), OK);
	CHECK(json_get(json_get(doc, "paths"), "/api/v1/notes/{note_id}") != NULL);
	buf_clear(&b);
	CHECK_INT(routes_print(core->routes, &b), OK);
	CHECK_INT(json_parse(a, buf_str(&b), b.n, &doc, NULL), OK);
	CHECK_INT(json_size(doc), routes_count(core->routes));
	arena_free(a);
}

TEST(it_ends)
{
	need_server();
	core_stop(core);
	core = NULL;
}

TEST_MAIN()

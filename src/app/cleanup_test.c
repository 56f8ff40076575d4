/*
 * The three cleanups with a database that fails at each of their statements in turn: what the reply
 * tells is what happened, and nothing is half deleted.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/app.h"
#include "app/auth.h"
#include "base/test.h"
#include "core/core.h"
#include "store/scratch_dir.h"

enum { STATEMENTS_MAX = 400 };

static struct config config;
static struct arena *arena; /* of the test */
static struct error error;
static struct core *core;
static struct db *db;
static struct ctx ctx; /* of the last request */

static void begin(const char *name)
{
	char *env[] = {arena_printf(arena = arena_new(64 << 20), "DATA_DIR=%s", scratch_path(name)),
				   (char[]){"DEBUG=True"}, (char[]){"BCRYPT_COST=4"},
				   (char[]){"ADMIN_PASSWORD=correct horse 7"}, NULL};

	CHECK_INT(config_load_from(arena, &error, env, NULL, &config), OK);
	CHECK_INT(core_start(&(struct core_options){.config = &config,
												.features = app_features,
												.nfeatures = app_features_count,
												.load_actor = auth_load_actor},
						 &error, &core),
			  OK);
	CHECK_INT(db_open(core->db_url, &error, &db), OK);
	db->error = &error;
}

static void end(void)
{
	db_close(db);
	core_stop(core);
	arena_free(arena);
}

static const struct route *find(const char *path)
{
	for (size_t i = 0; i < routes_count(core->routes); i++)
		if (text_eq(routes_at(core->routes, i)->path, path))
			return routes_at(core->routes, i);
	return NULL;
}

/* Asks a POST route outside of HTTP; the n-th statement fails (0: none). Returns what run does. */
static int ask(const char *path, const char *body, int n)
{
	const struct route *r = find(path);
	const struct json_value *v;
	struct faults faults;
	void *in;
	int rc;

	CHECK(r != NULL);
	error = (struct error){0};
	core_ctx(core, arena, &error, db, &ctx);
	ctx.peer = "127.0.0.1";
	ctx.request_id = "test";
	ctx.route = r;
	in = arena_alloc(arena, r->in->size);
	CHECK_INT(json_parse(arena, body, strlen(body), &v, NULL), OK);
	CHECK_INT(schema_bind_json(r->in, v, arena, in, &faults), OK);
	ctx.in = in;
	ctx.out = arena_alloc(arena, r->out->size);
	db_fail_at(n);
	rc = r->run(&ctx);
	db_fail_at(0);
	return rc;
}

/* The reply as JSON. */
static const struct json_value *reply(void)
{
	const struct json_value *v = NULL;
	struct buf b;

	buf_init(&b, arena, 1 << 20);
	if (ctx.body != NULL)
		buf_add(&b, ctx.body, ctx.body_size);
	else
		CHECK_INT(schema_print(ctx.route->out, ctx.out, &b), OK);
	CHECK_INT(json_parse(arena, buf_str(&b), b.n, &v, NULL), OK);
	return v;
}

static int64_t count(const char *table)
{
	int64_t n = -1;

	CHECK_INT(db_int(db, &n, arena_printf(arena, "SELECT count(*) FROM %s", table)), OK);
	return n;
}

/* A file at this path below DATA_DIR. */
static void put(const char *path)
{
	char *whole = arena_printf(arena, "%s/%s", files_dir(core->files), path);
	int fd;

	for (char *p = whole + 1; (p = strchr(p, '/')) != NULL; *p++ = '/') {
		*p = '\0';
		mkdir(whole, 0700);
	}
	fd = open(whole, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	CHECK(fd >= 0);
	CHECK_INT(write(fd, "x", 1), 1);
	close(fd);
}

/* ---- test data ---- */

static const char *const tables[] = {"users",    "searchables",  "invoices", "files",
									 "ratings",  "withdrawals",  "metrics",  "user_profiles",
									 "sessions", "balances",     "payments", "invoice_notes",
									 "media",    "file_removals"};
enum { TABLES = sizeof tables / sizeof tables[0] };

/* User 2 is marked and owns all; metric 2 and user 3 are not marked. */
static const char test_data[] =
	"INSERT INTO users (id, team_id, email, email_folded, username, username_folded, role, "
	"password_hash, test_marker, test_session_id, created_at, updated_at) VALUES "
	"(2, 1, 'a', 'a', 'a', 'a', 'viewer', 'x', 'integration_test_data', 's', 1, 1),"
	"(3, 1, 'b', 'b', 'b', 'b', 'viewer', 'x', NULL, NULL, 1, 1);"
	"INSERT INTO user_profiles (user_id, display_name, created_at, updated_at) VALUES "
	"(2, 'a', 1, 1), (3, 'b', 1, 1);"
	"INSERT INTO balances (user_id, currency, amount, created_at, updated_at) VALUES "
	"(2, 'EUR', 5, 1, 1), (3, 'EUR', 7, 1, 1);"
	"INSERT INTO searchables (id, user_id, payloads, test_marker, test_session_id, created_at, "
	"updated_at) VALUES (1, 2, '{\"public\":{}}', NULL, NULL, 1, 1),"
	"(2, 3, '{\"public\":{}}', 'integration_test_data', 's', 1, 1);"
	"INSERT INTO invoices (id, searchable_id, user_id, seller_id, amount, currency, status, "
	"created_at, updated_at) VALUES (1, 1, 3, 2, 5, 'EUR', 'paid', 1, 1),"
	"(2, 2, 2, 3, 7, 'EUR', 'paid', 1, 1);"
	"INSERT INTO invoice_notes (invoice_id, user_id, text, created_at) VALUES (1, 3, 'x', 1);"
	"INSERT INTO payments (invoice_id, searchable_id, user_id, seller_id, amount, currency, "
	"status, "
	"created_at) VALUES (1, 1, 3, 2, 5, 'EUR', 'completed', 1), "
	"(2, 2, 2, 3, 7, 'EUR', 'completed', 1);"
	"INSERT INTO ratings (searchable_id, user_id, score, created_at) VALUES (1, 3, 5, 1);"
	"INSERT INTO files (user_id, searchable_id, filename, file_path, file_size, content_type, "
	"created_at) VALUES (2, 1, 'a', 'media/files/a', 1, 'x/y', 1);"
	"INSERT INTO media (user_id, searchable_id, filename, file_path, file_size, content_type, "
	"created_at) VALUES (3, 2, 'b', 'media/pictures/b', 1, 'x/y', 1);"
	"INSERT INTO withdrawals (user_id, invoice_id, amount, currency, status, created_at, "
	"updated_at) "
	"VALUES (2, 1, 1, 'EUR', 'pending', 1, 1);"
	"INSERT INTO metrics (name, value, test_marker, test_session_id, created_at) VALUES "
	"('x', 1, 'integration_test_data', 's', 1), ('x', 1, NULL, NULL, 1);"
	"INSERT INTO sessions (user_id, refresh_jti, rotated_at, created_at, last_used_at, expires_at) "
	"VALUES (2, 'x', 1, 1, 1, 9223372036854775807);";

TEST(the_test_cleanup_is_whole_or_nothing)
{
	int64_t before[TABLES];
	int n = 1;

	begin("tests");
	CHECK_INT(db_script(db, test_data), OK);
	put("media/files/a");
	put("media/pictures/b");
	for (size_t i = 0; i < TABLES; i++)
		before[i] = count(tables[i]);
	for (; n < STATEMENTS_MAX; n++) {
		const struct json_value *r;

		CHECK_INT(ask("/api/v1/test-cleanup", "{\"test_session_id\": \"s\"}", n), OK);
		r = reply();
		if (json_bool(json_get(r, "success")))
			break;
		CHECK(ctx.status == 500 || ctx.status == 503);
		CHECK(strstr(json_string(json_get(r, "error")), "rolled back") != NULL);
		CHECK(json_string(json_get(r, "failed_at")) != NULL);
		for (size_t i = 0; i < TABLES; i++)
			CHECK_INT(count(tables[i]), before[i]);
		CHECK(files_exists(core->files, "media/files/a"));
		CHECK(files_exists(core->files, "media/pictures/b"));
	}
	CHECK(n > 40 && n < STATEMENTS_MAX);
	CHECK_INT(count("users"), 2);
	CHECK_INT(count("metrics"), 1);
	CHECK_INT(count("user_profiles"), 1);
	CHECK_INT(count("searchables") + count("invoices") + count("payments") + count("files"), 0);
	CHECK_INT(count("media") + count("ratings") + count("withdrawals") + count("sessions"), 0);
	/* The statement that failed last was one of the removal after the commit; the task goes on. */
	CHECK_INT(count("file_removals"), 2);
	end();
}

TEST(the_test_cleanup_removes_files)
{
	begin("tests2");
	CHECK_INT(db_script(db, test_data), OK);
	put("media/files/a");
	put("media/pictures/b");
	CHECK_INT(ask("/api/v1/test-cleanup", "{}", 0), OK);
	CHECK(json_bool(json_get(reply(), "success")));
	CHECK(!files_exists(core->files, "media/files/a"));
	CHECK(!files_exists(core->files, "media/pictures/b"));
	CHECK_INT(count("file_removals"), 0);
	end();
}

/* ---- résumés ---- */

static const char resumes[] =
	"INSERT INTO candidates (team_id, uploaded_by, filename, file_path, file_size, content_hash, "
	"status, created_at, updated_at) VALUES (1, 1, 'a', 'uploads/a', 1, 'a', 'completed', 1, 1),"
	"(1, 1, 'b', 'uploads/b', 1, 'b', 'completed', 1, 1);"
	"INSERT INTO resumes (user_id, team_id, filename, file_path, file_size, content_hash, title, "
	"created_at, updated_at) VALUES (1, 1, 'c', 'uploads/c', 1, 'c', 'c', 1, 1);";

static int64_t told(const struct json_value *r, const char *name)
{
	return json_int(json_get(json_get(r, "statistics"), name));
}

TEST(the_statistics_of_all_resumes_are_true)
{
	const char body[] = "{\"confirmation_token\": \"CONFIRM_DELETE_ALL_RESUMES_2025\", "
						"\"confirm_action\": \"DELETE_ALL_RESUME_DATA\"}";
	int n = 1;

	begin("resumes");
	CHECK_INT(db_script(db, resumes), OK);
	put("uploads/a");
	put("uploads/b");
	put("uploads/team_1/c");
	for (; n < STATEMENTS_MAX; n++) {
		const struct json_value *r;

		CHECK_INT(ask("/api/v1/cleanup-all-resumes/", body, n), OK);
		r = reply();
		CHECK_INT(told(r, "total_files_before"), 3);
		if (json_bool(json_get(r, "success")))
			break;
		CHECK_INT(ctx.status, 206);
		CHECK_INT(told(r, "files_removed") + told(r, "files_failed"), 0);
		CHECK_INT(told(r, "db_records_removed"), 0);
		CHECK_INT((int64_t)json_size(json_get(json_get(r, "statistics"), "db_errors")), 1);
		CHECK_INT(count("candidates") + count("resumes"), 3);
		CHECK(files_exists(core->files, "uploads/a"));
		CHECK(files_exists(core->files, "uploads/team_1/c"));
	}
	CHECK(n > 5 && n < STATEMENTS_MAX);
	CHECK_INT(told(reply(), "files_removed"), 3);
	CHECK_INT(told(reply(), "total_resumes_before"), 3);
	CHECK_INT(told(reply(), "db_records_removed"), 3);
	CHECK_INT(count("candidates") + count("resumes"), 0);
	CHECK(!files_exists(core->files, "uploads/a"));
	CHECK(!files_exists(core->files, "uploads/team_1/c"));
	end();
}

/* ---- the fence ---- */

TEST(a_fence_divides_files)
{
	int64_t fence;
	struct stat before, after;

	begin("fence");
	put("media/videos/before");
	fence = files_fence();
	put("media/videos/after");
	CHECK_INT(stat(scratch_path("fence/media/videos/before"), &before), 0);
	CHECK_INT(stat(scratch_path("fence/media/videos/after"), &after), 0);
	CHECK(before.st_ctim.tv_sec * CLOCK_SECOND + before.st_ctim.tv_nsec / 1000 <= fence);
	CHECK(after.st_ctim.tv_sec * CLOCK_SECOND + after.st_ctim.tv_nsec / 1000 > fence);
	end();
}

TEST_MAIN()

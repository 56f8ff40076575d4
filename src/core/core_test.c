#include "core/core.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/test.h"
#include "core/task.h"
#include "store/scratch_dir.h"

static int nothing(struct ctx *c)
{
	(void)c;
	return OK;
}

static int starts;

static int start(struct ctx *c)
{
	starts++;
	return db_script(c->db, "CREATE TABLE IF NOT EXISTS made (id INTEGER)");
}

static int start_badly(struct ctx *c)
{
	TRY(db_script(c->db, "CREATE TABLE half (id INTEGER)"));
	return fail(c, E_RULE, "It cannot start");
}

static const struct route rows[] = {
	{.method = "GET", .path = "/a/b/", .run = nothing, .status = 200, .doc = "A row"}};
static const struct feature good = {.name = "good", .routes = rows, .nroutes = 1, .start = start};
static const struct feature bad = {.name = "bad", .start = start_badly};

static struct error error;
static struct config config;

static int load_actor(struct db *db, struct arena *a, const struct claims *claims,
					  struct actor *out)
{
	(void)a;
	(void)claims;
	(void)out;
	return fail(db, E_AUTH, "Nobody");
}

static int begin(const char *dir, const struct feature *feature, struct core **out)
{
	const struct feature *const features[] = {feature};
	const struct core_options o = {
		.config = &config, .features = features, .nfeatures = 1, .load_actor = load_actor};

	config.data_dir = scratch_path(dir);
	config.threads = 1;
	return core_start(&o, &error, out);
}

static void read_file(const char *dir, const char *name, char *out, size_t size)
{
	char path[700];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", scratch_path(dir), name);
	f = fopen(path, "re");
	CHECK(f != NULL);
	out[fread(out, 1, size - 1, f)] = '\0';
	fclose(f);
}

TEST(key_and_name_are_made_once)
{
	char first[100], second[100], path[700], instance[64];
	struct core *core;
	struct stat st;

	CHECK_INT(begin("kept", &good, &core), OK);
	snprintf(instance, sizeof instance, "%s", core->instance);
	core_stop(core);
	read_file("kept", "secret_key", first, sizeof first);
	CHECK_INT(strlen(first), 64);
	snprintf(path, sizeof path, "%s/secret_key", scratch_path("kept"));
	CHECK_INT(stat(path, &st), 0);
	CHECK_INT(st.st_mode & 0777, 0600);
	CHECK_INT(begin("kept", &good, &core), OK);
	CHECK_STR(core->instance, instance);
	core_stop(core);
	read_file("kept", "secret_key", second, sizeof second);
	CHECK_STR(second, first);
}

TEST(a_key_given_is_not_written)
{
	struct core *core;
	char path[700];

	config.secret_key = "0123456789abcdef0123456789abcdef";
	CHECK_INT(begin("given", &good, &core), OK);
	config.secret_key = NULL;
	core_stop(core);
	snprintf(path, sizeof path, "%s/secret_key", scratch_path("given"));
	CHECK(access(path, F_OK) != 0);
}

TEST(an_empty_key_file_is_refused)
{
	struct core *core = NULL;
	char path[700];
	FILE *f;

	mkdir(scratch_path("empty"), 0700);
	snprintf(path, sizeof path, "%s/secret_key", scratch_path("empty"));
	f = fopen(path, "we");
	CHECK(f != NULL);
	fclose(f);
	CHECK_INT(begin("empty", &good, &core), E_RULE);
	CHECK(strstr(error.text, "secret_key is empty") != NULL);
}

TEST(the_command_line_runs_beside)
{
	struct core *one, *two;

	starts = 0;
	CHECK_INT(begin("beside", &good, &one), OK);
	CHECK_INT(begin("beside", &good, &two), OK);
	CHECK_INT(starts, 2);
	CHECK(one->http == NULL && one->tasks == NULL && one->fast == NULL);
	core_stop(one);
	core_stop(two);
}

TEST(a_failing_start_leaves_nothing)
{
	struct core *core = NULL;
	int64_t n = -1;
	struct db *db;

	CHECK_INT(begin("failing", &bad, &core), E_RULE);
	CHECK_STR(error.text, "It cannot start");
	CHECK(core == NULL);
	CHECK_INT(begin("failing", &good, &core), OK);
	CHECK_INT(db_open(core->db_url, &error, &db), OK);
	CHECK_INT(db_int(db, &n, "SELECT count(*) FROM sqlite_master WHERE name = 'half'"), OK);
	CHECK_INT(n, 0);
	db_close(db);
	core_stop(core);
}

TEST(a_bad_database_is_told_by_name)
{
	struct core *core = NULL;

	config.database_url = "mysql://x";
	CHECK(begin("url", &good, &core) < 0);
	CHECK(text_starts(error.text, "DATABASE_URL: "));
	config.database_url = NULL;
}

TEST(a_limit_for_no_route_is_told)
{
	static struct rate_route rules[] = {{"GET", "/a/b", {1, 1}}, {"GET", "/a/c", {1, 1}}};
	struct core *core = NULL;

	config.rate_limit_routes = (struct rate_routes){rules, 1};
	CHECK_INT(begin("limits", &good, &core), OK);
	core_stop(core);
	config.rate_limit_routes.n = 2;
	CHECK_INT(begin("limits", &good, &core), E_RULE);
	CHECK_STR(error.text, "RATE_LIMIT_ROUTES names no route of this server: GET /a/c");
	config.rate_limit_routes.n = 0;
}

TEST(more_kinds_of_tasks_than_are_kept_are_told)
{
	static const struct task_kind kinds[TASK_KINDS_MAX + 1];
	const struct feature many = {
		.name = "many", .tasks = kinds, .ntasks = sizeof kinds / sizeof kinds[0]};
	const struct feature *const features[] = {&many};
	struct tasks *tasks = NULL;
	struct core *core;

	CHECK_INT(begin("kinds", &good, &core), OK);
	CHECK_INT(tasks_start(core, features, 1, &tasks), E_INTERNAL);
	CHECK_STR(core->error.text, "there are more kinds of tasks than TASK_KINDS_MAX");
	CHECK(tasks == NULL);
	core_stop(core);
}

TEST_MAIN()

/* Tasks with a key: what is asked for while one runs, once and once more. */
#include "core/task.h"

#include <semaphore.h>
#include <string.h>

#include "base/test.h"
#include "core/core.h"
#include "store/scratch_dir.h"

struct args {
	int64_t number;
};
static const struct field args_fields[] = {
	FIELD(struct args, number, 0, .doc = "Number", .example = "1"),
};
static const struct schema args_schema = SCHEMA("TaskTestArgs", struct args, args_fields);

static struct error error;
static struct config config;
static struct core *core;
static struct db *db;
static struct arena *arena;
static struct tasks *tasks;
static struct ctx c;
static sem_t begun, may_end;
static int64_t seen;

/* Says with which number it runs, and waits until it may end. */
static int run(struct ctx *ctx)
{
	seen = ((const struct args *)ctx->in)->number;
	sem_post(&begun);
	while (sem_wait(&may_end) != 0)
		continue;
	return OK;
}

static const struct task_kind kinds[] = {
	{.name = "test.run", .args = &args_schema, .pool = TASK_BACKGROUND, .attempts = 3, .run = run},
};
static const struct feature feature = {.name = "test", .tasks = kinds, .ntasks = 1};
static const struct feature *const features[] = {&feature};

static int load_actor(struct db *d, struct arena *a, const struct claims *claims, struct actor *out)
{
	(void)a;
	(void)claims;
	(void)out;
	return fail(d, E_AUTH, "Nobody");
}

static void begin(const char *dir)
{
	const struct core_options o = {
		.config = &config, .features = features, .nfeatures = 1, .load_actor = load_actor};

	config.data_dir = scratch_path(dir);
	config.threads = 1;
	CHECK_INT(core_start(&o, &error, &core), OK);
	CHECK_INT(db_open(core->db_url, &error, &db), OK);
	arena = arena_new(1 << 20);
	core_ctx(core, arena, &error, db, &c);
	sem_init(&begun, 0, 0);
	sem_init(&may_end, 0, 0);
	CHECK_INT(tasks_start(core, features, 1, &tasks), OK);
}

static void end(void)
{
	tasks_stop(tasks, 20);
	arena_free(arena);
	db_close(db);
	core_stop(core);
}

static int add_once(struct ctx *ctx, void *arg)
{
	return task_add(ctx, &kinds[0], arg, "key", 0);
}

static int add_again(struct ctx *ctx, void *arg)
{
	return task_add_again(ctx, &kinds[0], arg, "key", 0);
}

static void add(int (*how)(struct ctx *, void *), int64_t number)
{
	CHECK_INT(tx(&c, how, &(struct args){number}), OK);
	tasks_wake(tasks);
}

static int64_t next_run(void)
{
	while (sem_wait(&begun) != 0)
		continue;
	return seen;
}

static void let_end(void)
{
	sem_post(&may_end);
}

TEST(what_is_added_while_its_twin_runs_is_not_done_twice)
{
	int64_t left;

	begin("once");
	add(add_once, 1);
	CHECK_INT(next_run(), 1);
	add(add_once, 2);
	CHECK_INT(task_count(db, "test.run", &left), OK);
	CHECK_INT(left, 1);
	let_end();
	end();
	CHECK_INT(sem_trywait(&begun), -1);
}

TEST(what_is_asked_for_again_runs_after_its_twin_with_its_own_arguments)
{
	int64_t left;

	begin("again");
	add(add_once, 1);
	CHECK_INT(next_run(), 1);
	add(add_again, 2);
	add(add_again, 3);
	CHECK_INT(task_count(db, "test.run", &left), OK);
	CHECK_INT(left, 1);
	let_end();
	CHECK_INT(next_run(), 3);
	let_end();
	end();
	CHECK_INT(sem_trywait(&begun), -1);
}

TEST(what_waits_for_later_runs_at_once_when_asked_for_again)
{
	begin("sooner");
	CHECK_INT(db_exec(db, NULL,
					  "INSERT INTO tasks (kind, args, unique_key, pool, run_after, created_at) "
					  "VALUES ('test.run', '{\"number\":1}', 'key', 'background', $1, 0)",
					  P(c.now + 3600 * CLOCK_SECOND)),
			  OK);
	add(add_again, 2);
	CHECK_INT(next_run(), 1);
	let_end();
	end();
	CHECK_INT(sem_trywait(&begun), -1);
}

TEST_MAIN()

/*
 * See orphans.h. A file is kept as long as any feature says that it has it, so one that stores
 * files must answer for them. The age is a day, because a file lies there before its row is
 * committed.
 */
#include "app/orphans.h"

#include "app/video_parts.h"
#include "base/log.h"
#include "core/core.h"
#include "core/storage.h"

enum { SWEEP_AGE_HOURS = 24, FILE_CLOCK_TICK = CLOCK_SECOND / 100 };

static bool keep(void *arg, const char *path)
{
	struct ctx *c = arg;

	for (size_t i = 0; i < c->core->nfeatures; i++)
		if (c->core->features[i]->has_file != NULL && c->core->features[i]->has_file(c, path))
			return true;
	return false;
}

static int sweep_older(struct ctx *c, int64_t age)
{
	static const char *const folders[] = {"uploads", "media"};

	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		int64_t n = files_sweep(c->files, age, folders[i], keep, c);

		if (n == E_UNAVAILABLE)
			return fail(c, E_UNAVAILABLE, "the file store cannot be swept now");
		if (n < 0)
			return fail(c, E_INTERNAL, "cannot walk the folder %s", folders[i]);
		if (n > 0)
			log_info("%lld files without an owner removed from %s", (long long)n, folders[i]);
	}
	return OK;
}

/* Not by its path: there may be another one, of a killed server, for the same file. */
static bool keep_parts(void *arg, const struct files_parts *p)
{
	return video_parts_known(arg, p);
}

/* What is another installation's is not swept. */
static int sweep(struct ctx *c)
{
	int64_t age = SWEEP_AGE_HOURS * 3600 * CLOCK_SECOND;

	TRY(storage_claim(c->core->storage, c->db, c->error));
	TRY(storage_tidy(c->core->storage, c->error, age, keep_parts, c));
	return sweep_older(c, age);
}

/* What a killed server left behind: files without an owner that are older than this server. Its own
 * uploads are younger; the clock that stamps files may lag by a tick. An import from the command
 * line that has placed a file holds the write lock until its row is there, so this task cannot have
 * been claimed meanwhile. */
static int sweep_left(struct ctx *c)
{
	return sweep_older(c, clock_now() - c->core->started + FILE_CLOCK_TICK);
}

static const struct task_kind tasks[] = {
	{.name = "files.sweep", .pool = TASK_NETWORK, .attempts = 3, .run = sweep},
	{.name = "files.sweep_left", .pool = TASK_BACKGROUND, .attempts = 3, .run = sweep_left},
};

/* Commands have no lock on DATA_DIR, and may run beside a server; so may other servers with
 * PostgreSQL, whose uploads under way are older than this one. */
static int start(struct ctx *c)
{
	bool alone = c->core->lock_fd >= 0 && text_eq(db_engine(c->db), "sqlite") &&
				 c->config->files_url == NULL;

	return !alone ? OK : task_add(c, &tasks[1], NULL, "all", 0);
}

static const struct maintenance jobs[] = {
	{.name = "files.sweep", .task = &tasks[0], .interval = 3600},
};

const struct feature orphans_feature = {
	.name = "orphans", .start = start, .tasks = tasks, .ntasks = 2, .jobs = jobs, .njobs = 1};

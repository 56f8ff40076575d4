/* See removals.h. */
#include "app/removals.h"

#include "base/log.h"
#include "core/core.h"

enum { BATCH = 500 };

struct removal {
	const char *path;
};
static const struct field removal_fields[] = {
	FIELD(struct removal, path, 0, .doc = "Path below DATA_DIR", .example = "\"uploads/a_b.pdf\""),
};
static const struct schema removal_schema = SCHEMA("Removal", struct removal, removal_fields);

static int forget(struct ctx *c, void *arg)
{
	const struct list *done = arg;
	const struct removal *r = done->items;

	for (size_t i = 0; i < done->n; i++)
		TRY(db_exec(c->db, NULL, "DELETE FROM file_removals WHERE path = $1", P(r[i].path)));
	return OK;
}

/* Removes the files of up to BATCH rows, then the rows. *n tells how many there were. */
static int drain_batch(struct ctx *c, size_t *n)
{
	struct list list;
	const struct removal *r;

	TRY(db_list(c->db, c->arena, &removal_schema, BATCH, &list,
				"SELECT path FROM file_removals ORDER BY path LIMIT 500"));
	r = list.items;
	for (size_t i = 0; i < list.n; i++)
		TRY(files_remove(c->files, c->error, r[i].path));
	*n = list.n;
	return list.n == 0 ? OK : tx(c, forget, &list);
}

static int drain(struct ctx *c)
{
	size_t n;

	do {
		TRY(drain_batch(c, &n));
	} while (n == BATCH);
	return OK;
}

/* The first batch goes at once, so that who deleted something finds it gone; what is left or fails
 * waits for the task. */
static void drain_now(struct core *core, void *arg)
{
	struct ctx *request = arg, c;
	struct error error = {0};
	size_t n;

	core_ctx(core, request->arena, &error, request->db, &c);
	if (drain_batch(&c, &n) != OK)
		log_warning("a removed file stays for now: %s", error.text);
	request->db->error = request->error; /* ours ends here, the request may go on */
}

static const struct task_kind tasks[] = {
	{.name = "files.remove", .pool = TASK_NETWORK, .attempts = 1000, .run = drain},
};

static void unplace(struct core *core, void *path)
{
	struct error error = {0};

	if (files_remove(core->files, &error, path) != OK)
		log_warning("a file of a refused request stays for now: %s", error.text);
}

/* A file that this server alone has goes at once; other servers could not remove it. */
static int add_here(struct ctx *c, const char *path)
{
	after_commit(c, unplace, arena_strdup(c->arena, path));
	return OK;
}

/* The store may be slow: nobody waits for it. */
static int add_far(struct ctx *c, const char *path)
{
	TRY(db_exec(c->db, NULL, "DELETE FROM missing_files WHERE path = $1", P(path)));
	return task_add_again(c, &tasks[0], NULL, "all", 0);
}

int removals_add(struct ctx *c, const char *path)
{
	if (files_is_remote(c->files) && !files_elsewhere(c->files, path))
		return add_here(c, path);
	TRY(db_exec(c->db, NULL,
				"INSERT INTO file_removals (path) VALUES ($1) ON CONFLICT (path) DO NOTHING",
				P(path)));
	if (files_is_remote(c->files))
		return add_far(c, path);
	for (struct after *a = c->after; a != NULL; a = a->next)
		if (a->fn == drain_now)
			return OK;
	after_commit(c, drain_now, c);
	return task_add_again(c, &tasks[0], NULL, "all", 0);
}

int removals_undo(struct ctx *c, const char *path)
{
	after_rollback(c, unplace, arena_strdup(c->arena, path));
	return OK;
}

int removals_missing(struct ctx *c, const char *path)
{
	return db_exec(c->db, NULL,
				   "INSERT INTO missing_files (path) VALUES ($1) ON CONFLICT (path) DO NOTHING",
				   P(path));
}

bool removals_there(struct ctx *c, const char *path)
{
	int64_t n;

	if (!files_elsewhere(c->files, path))
		return files_exists(c->files, path);
	return db_int(c->db, &n, "SELECT count(*) FROM missing_files WHERE path = $1", P(path)) != OK ||
		   n == 0;
}

static const struct maintenance jobs[] = {
	{.name = "files.remove", .task = &tasks[0], .interval = 600},
};

const struct feature removals_feature = {
	.name = "removals", .tasks = tasks, .ntasks = 1, .jobs = jobs, .njobs = 1};

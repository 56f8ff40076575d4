/* See upkeep.h. A backup is made by vitae-tools, as from the command line; the oldest of those that
 * the schedule made are removed. */
#include "app/upkeep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/logs.h"
#include "app/sessions.h"
#include "core/core.h"
#include "core/scheduler.h"
#include "proc/program.h"
#include "proc/worker.h"

enum { BACKUP_SECONDS = 3600, KEEP_MAX = 1000, LISTED_MAX = 2000 };
static const char prefix[] = "vitae-", suffix[] = ".tar.zst";

/* ---- clearing up ---- */

static int clear_up(struct ctx *c, const struct schedule_run *run, const char **result)
{
	int64_t sessions, logs;

	(void)run;
	TRY(sessions_expire(c, &sessions));
	TRY(logs_expire(c, &logs));
	*result = arena_printf(c->arena, "%lld expired sessions and %lld old log entries removed",
						   (long long)sessions, (long long)logs);
	return OK;
}

/* ---- backups ---- */

struct backup_args {
	int64_t keep;
};
static const struct field backup_fields[] = {
	FIELD(struct backup_args, keep, 0, .min = 1, .max = KEEP_MAX, .preset = "7",
		  .doc = "How many backups are kept", .example = "7"),
};
static const struct schema backup_schema = SCHEMA("BackupArgs", struct backup_args, backup_fields);

static const char *backup_dir(struct ctx *c)
{
	const char *dir = c->config->backup_dir;

	return dir != NULL ? dir : arena_printf(c->arena, "%s/backups", c->config->data_dir);
}

static bool is_ours(const char *name)
{
	return text_starts(name, prefix) && text_ends(name, suffix);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Removes the oldest beyond keep; their names rise with time. */
static int thin_out(struct ctx *c, const char *dir, int64_t keep, int64_t *removed)
{
	const char **names = ARENA_ARRAY(c->arena, LISTED_MAX, const char *);
	DIR *d = opendir(dir);
	const struct dirent *e;
	int64_t n = 0;

	if (d == NULL)
		return fail(c, E_UNAVAILABLE, "%s cannot be read: %s", dir, strerrordesc_np(errno));
	while (n < LISTED_MAX && (e = readdir(d)) != NULL)
		if (is_ours(e->d_name))
			names[n++] = arena_strdup(c->arena, e->d_name);
	qsort(names, (size_t)n, sizeof *names, by_name);
	*removed = 0;
	for (int64_t i = 0; i < n - keep; i++)
		*removed += unlinkat(dirfd(d), names[i], 0) == 0;
	closedir(d);
	return OK;
}

static int back_up(struct ctx *c, const struct schedule_run *run, const char **result)
{
	const struct backup_args *in = c->in;
	const char *dir = backup_dir(c), *program = worker_find_program(c->arena, "vitae-tools");
	char stamp[32], said[PROGRAM_SAID_MAX] = "";
	time_t now = (time_t)(c->now / CLOCK_SECOND);
	const char *path;
	struct stat st;
	struct tm tm;
	int64_t removed;

	(void)run;
	strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", gmtime_r(&now, &tm));
	path = arena_printf(c->arena, "%s/%s%s%s", dir, prefix, stamp, suffix);
	if (program == NULL)
		return fail(c, E_UNAVAILABLE, "the program vitae-tools was not found beside vitae");
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return fail(c, E_UNAVAILABLE, "BACKUP_DIR %s cannot be made: %s", dir,
					strerrordesc_np(errno));
	if (program_run((const char *const[]){program, "backup", path, NULL}, BACKUP_SECONDS, said,
					c->error) != OK)
		return fail(c, E_UPSTREAM, "The backup failed: %s",
					said[0] != '\0' ? said : arena_strdup(c->arena, c->error->text));
	if (stat(path, &st) != 0)
		return fail(c, E_UPSTREAM, "The backup %s is not there: %s", path, strerrordesc_np(errno));
	TRY(thin_out(c, dir, in->keep, &removed));
	*result = arena_printf(c->arena, "%s written, %lld bytes; %lld older ones removed", path,
						   (long long)st.st_size, (long long)removed);
	return OK;
}

static const struct schedule_kind schedules[] = {
	{.name = "cleanup",
	 .doc = "Removes expired sessions and old log entries",
	 .role = ROLE_ADMIN,
	 .run = clear_up},
	{.name = "backup",
	 .doc = "Writes a backup into BACKUP_DIR; args: keep, how many are kept (7)",
	 .args = &backup_schema,
	 .role = ROLE_ADMIN,
	 .run = back_up},
};

const struct feature upkeep_feature = {
	.name = "upkeep",
	.schedules = schedules,
	.nschedules = sizeof schedules / sizeof schedules[0],
};

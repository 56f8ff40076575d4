/* See key.h. */
#include "cli/key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"
#include "core/installation.h"

enum { KEY_MAX = 4096 };

static bool in_file(const struct db *db)
{
	return text_eq(db_engine(db), "sqlite");
}

static int read_file(struct db *db, struct arena *a, const char *path, const char **out)
{
	CLEANUP(cli_fd_done) int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[KEY_MAX];
	ssize_t n;

	if (fd < 0 && errno == ENOENT)
		return fail(db, E_NOT_FOUND, "There is no %s", path);
	n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (n < 0)
		return fail(db, E_RULE, "%s cannot be read: %s", path, strerrordesc_np(errno));
	text[n] = '\0';
	*out = arena_strdup(a, text_trim(text));
	return OK;
}

int key_get(struct db *db, struct arena *a, const char *data_dir, const char **out)
{
	if (in_file(db))
		return read_file(db, a, arena_printf(a, "%s/secret_key", data_dir), out);
	return installation_get(db, a, "secret_key", out);
}

int key_set(struct db *db, struct arena *a, const char *data_dir, const char *key)
{
	const char *path = arena_printf(a, "%s/secret_key", data_dir), *kept;
	CLEANUP(cli_fd_done) int fd = -1;
	size_t n = strlen(key);

	if (!in_file(db))
		return installation_keep(db, a, "secret_key", key, &kept);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		return OK;
	if (fd < 0 || write(fd, key, n) != (ssize_t)n || fsync(fd) != 0)
		return fail(db, E_RULE, "%s cannot be written: %s", path, strerrordesc_np(errno));
	return OK;
}

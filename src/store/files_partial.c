/* See files.h: files that grow over several requests. What has arrived is the file's length, so
 * that a crash loses nothing but what the system had not written yet, and there is no second truth.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/rand.h"
#include "store/files_inner.h"

struct told {
	struct error *error;
};

int files_make_partial(struct files *f, struct arena *a, struct error *error, const char *folder,
					   const char **relative)
{
	CLEANUP(files_fd_done) int dir = -1;
	CLEANUP(files_fd_done) int fd = -1;
	char name[2 * FILES_SPOOL_ID + 1];

	TRY(files_folder(f, error, folder, strlen(folder), true, &dir));
	rand_hex(name, FILES_SPOOL_ID);
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || fsync(dir) < 0)
		return files_trouble(error, "making a partial file");
	*relative = arena_printf(a, "%s/%s", folder, name);
	return OK;
}

/* Opens the folder of a path and tells the name therein. */
static int open_folder(struct files *f, struct error *error, const char *relative, int *dir,
					   const char **name)
{
	const char *slash = strrchr(relative, '/');

	*name = slash == NULL ? "" : slash + 1;
	return files_folder(f, error, relative, slash == NULL ? 0 : (size_t)(slash - relative), false,
						dir);
}

int files_append(struct files *f, struct error *error, const char *relative, int *fd, int64_t *size)
{
	struct told t = {error};
	CLEANUP(files_fd_done) int dir = -1;
	CLEANUP(files_fd_done) int file = -1;
	const char *name;
	struct stat st;

	TRY(open_folder(f, error, relative, &dir, &name));
	file = openat(dir, name, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
	if (file < 0 && errno == ENOENT)
		return fail(&t, E_NOT_FOUND, "Not found");
	if (file < 0)
		return files_trouble(error, "opening a partial file");
	if (flock(file, LOCK_EX | LOCK_NB) < 0)
		return fail(&t, E_CONFLICT, "Another request is sending this file; try again in a moment");
	if (fstat(file, &st) < 0)
		return files_trouble(error, "opening a partial file");
	*size = st.st_size;
	*fd = file;
	file = -1;
	return OK;
}

static int sync_file(int dir, const char *name)
{
	CLEANUP(files_fd_done) int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 || fsync(fd) < 0 ? -1 : 0;
}

int files_place_partial(struct files *f, struct arena *a, struct error *error, const char *relative,
						const char *folder, const char *filename, const char **placed)
{
	CLEANUP(files_fd_done) int from = -1;
	CLEANUP(files_fd_done) int to = -1;
	const char *old, *name;

	TRY(open_folder(f, error, relative, &from, &old));
	TRY(files_folder(f, error, folder, strlen(folder), true, &to));
	if (sync_file(from, old) < 0)
		return files_trouble(error, "syncing a partial file");
	name = files_place_name(a, filename);
	if (linkat(from, old, to, name, 0) < 0)
		return files_trouble(error, "placing a partial file");
	if (fsync(to) < 0) {
		unlinkat(to, name, 0);
		return files_trouble(error, "syncing a folder");
	}
	*placed = arena_printf(a, "%s/%s", folder, name);
	return OK;
}

/*
 * See files.h: going over all stored files, and removing them. Folders are opened one within the
 * other, never through a symbolic link, so the walk cannot be led out of DATA_DIR.
 *
 * Whether a file lay there before a moment is told by its change time, which the rename into its
 * place has set. The file system may stamp with a clock that lags by a tick; hence the fence, which
 * waits until that clock has passed the moment.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/files_inner.h"

enum { DEPTH_MAX = 32, PATH_MAX_BYTES = 4096 };

struct walk {
	const struct files_walk *w;
	char path[PATH_MAX_BYTES]; /* of what is under way, relative */
};

static void dir_done(DIR **d)
{
	if (*d != NULL)
		closedir(*d);
}

static int64_t microseconds(struct timespec t)
{
	return (int64_t)t.tv_sec * CLOCK_SECOND + t.tv_nsec / 1000;
}

int64_t files_fence(void)
{
	const struct timespec tick = {.tv_nsec = 1000 * 1000};
	int64_t fence = clock_now();
	struct timespec stamp;

	do {
		nanosleep(&tick, NULL);
		clock_gettime(CLOCK_REALTIME_COARSE, &stamp);
	} while (microseconds(stamp) <= fence && clock_now() >= fence);
	return fence;
}

static void tell(struct walk *k, bool folder, int why)
{
	k->w->seen(k->w->arg, k->path, folder, why);
}

static void walk_folder(struct walk *k, int fd, int depth);

static void walk_below(struct walk *k, int parent, const char *name, int depth)
{
	int fd;

	if (depth >= DEPTH_MAX) {
		tell(k, true, ELOOP);
		return;
	}
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		walk_folder(k, fd, depth + 1);
	else if (errno != ENOENT)
		tell(k, true, errno);
}

static void walk_file(struct walk *k, int parent, const char *name, const struct stat *st)
{
	const struct files_walk *w = k->w;
	int why = 0;

	if (w->until != 0 && microseconds(st->st_ctim) > w->until)
		return;
	if (w->wanted != NULL && !w->wanted(w->arg, k->path))
		return;
	if (w->remove && unlinkat(parent, name, 0) < 0)
		why = errno;
	if (why != ENOENT) /* somebody else was faster */
		tell(k, false, why);
}

static void walk_entry(struct walk *k, int fd, const char *name, int depth)
{
	size_t n = strlen(k->path);
	struct stat st;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return;
	if (n + strlen(name) + 2 > sizeof k->path) {
		tell(k, true, ENAMETOOLONG);
		return;
	}
	snprintf(k->path + n, sizeof k->path - n, "/%s", name);
	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno != ENOENT)
			tell(k, false, errno);
	} else if (S_ISDIR(st.st_mode)) {
		walk_below(k, fd, name, depth);
	} else if (S_ISREG(st.st_mode)) {
		walk_file(k, fd, name, &st);
	}
	k->path[n] = '\0';
}

/* Takes fd. */
static void walk_folder(struct walk *k, int fd, int depth)
{
	CLEANUP(dir_done) DIR *d = fdopendir(fd);
	struct dirent *e;

	if (d == NULL) {
		tell(k, true, errno);
		close(fd);
		return;
	}
	for (errno = 0; (e = readdir(d)) != NULL; errno = 0)
		walk_entry(k, fd, e->d_name, depth);
	if (errno != 0)
		tell(k, true, errno);
}

int files_walk(struct files *f, struct error *error, const char *folder, const struct files_walk *w)
{
	struct walk k = {.w = w};
	int fd;

	if (f->remote != NULL)
		return files_walk_objects(f, error, folder, w);
	TRY(files_folder(f, error, folder, strlen(folder), false, &fd));
	snprintf(k.path, sizeof k.path, "%s", folder);
	walk_folder(&k, fd, 0);
	return OK;
}

bool files_exists(struct files *f, const char *relative)
{
	struct error error;
	int64_t size;

	return files_size(f, &error, relative, &size) == OK;
}

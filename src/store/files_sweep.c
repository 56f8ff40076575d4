/* See files.h: removing what no row knows. A file counts as old by the later of its last write and
 * its last rename, so one that was placed a moment ago stays, however long it took to arrive. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "store/files_inner.h"

enum { DEPTH_MAX = 8, PATH_MAX_BYTES = 4096 };

struct sweep {
	int64_t before; /* microseconds since the epoch */
	bool (*keep)(void *arg, const char *relative);
	void *arg;
	int64_t removed;
	char path[PATH_MAX_BYTES]; /* of the folder under way, relative */
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

static bool is_old(const struct sweep *s, const struct stat *st)
{
	return microseconds(st->st_mtim) < s->before && microseconds(st->st_ctim) < s->before;
}

static int sweep_folder(struct sweep *s, int fd, int depth);

static int sweep_below(struct sweep *s, int parent, const char *name, int depth)
{
	int fd;

	if (depth >= DEPTH_MAX)
		return OK;
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? OK : E_UNAVAILABLE;
	return sweep_folder(s, fd, depth + 1);
}

static int sweep_entry(struct sweep *s, int fd, const char *name, int depth)
{
	size_t n = strlen(s->path);
	struct stat st;
	int rc = OK;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return OK;
	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? OK : E_UNAVAILABLE;
	if (n + strlen(name) + 2 > sizeof s->path)
		return OK;
	snprintf(s->path + n, sizeof s->path - n, "/%s", name);
	if (S_ISDIR(st.st_mode))
		rc = sweep_below(s, fd, name, depth);
	else if (S_ISREG(st.st_mode) && is_old(s, &st) &&
			 (s->keep == NULL || !s->keep(s->arg, s->path)) && unlinkat(fd, name, 0) == 0)
		s->removed++;
	s->path[n] = '\0';
	return rc;
}

/* Takes fd. */
static int sweep_folder(struct sweep *s, int fd, int depth)
{
	CLEANUP(dir_done) DIR *d = fdopendir(fd);
	struct dirent *e;

	if (d == NULL) {
		close(fd);
		return E_UNAVAILABLE;
	}
	while ((e = readdir(d)) != NULL)
		TRY(sweep_entry(s, fd, e->d_name, depth));
	return OK;
}

static int sweep_stored(struct files *f, struct sweep *s, const char *folder)
{
	struct error error;
	int fd, rc;

	rc = files_folder(f, &error, folder, strlen(folder), false, &fd);
	if (rc == E_NOT_FOUND)
		return OK;
	TRY(rc);
	snprintf(s->path, sizeof s->path, "%s", folder);
	return sweep_folder(s, fd, 0);
}

int64_t files_sweep(struct files *f, int64_t age_us, const char *folder,
					bool (*keep)(void *arg, const char *relative), void *arg)
{
	struct sweep s = {.before = clock_now() - age_us, .path = "spool"};
	int rc = sweep_below(&s, f->dir_fd, "spool", 0);

	if (rc == OK && folder != NULL) {
		s.keep = keep;
		s.arg = arg;
		rc = sweep_stored(f, &s, folder);
	}
	if (rc == OK && folder != NULL && f->remote != NULL) {
		int64_t n = files_sweep_objects(f, s.before, folder, keep, arg);

		rc = n < 0 ? (int)n : OK;
		s.removed += n < 0 ? 0 : n;
	}
	if (s.removed > 0)
		log_info("removed %lld files that nobody knows", (long long)s.removed);
	return rc < 0 ? rc : s.removed;
}

/*
 * See files.h. A spooled file has a random name of its own; the rename into its place is the one
 * step that makes it visible, and comes after the bytes are on the disk. The folder is synced after
 * the rename, so a row committed later always finds its file after a power cut.
 */
#include "store/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/log.h"
#include "base/rand.h"
#include "store/files_inner.h"

struct told {
	struct error *error;
};

struct spool {
	struct error *error;
	struct files *files;
	struct arena *arena;
	char name[FILES_SPOOL_ID * 2 + 1];
	int fd;
	int64_t size;
	bool broken;
	struct digest hash;
};

void files_fd_done(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int files_trouble(struct error *error, const char *what)
{
	struct told t = {error};

	log_error("%s: %s", what, strerrordesc_np(errno));
	return fail(&t, E_UNAVAILABLE, "The file cannot be stored or read just now; try again later");
}

/* ---- folders ---- */

static bool may_be_component(const char *s, size_t n)
{
	return n > 0 && n <= 255 && !(n == 1 && s[0] == '.') && !(n == 2 && s[0] == '.' && s[1] == '.');
}

static bool may_be_folder(const char *path, size_t n)
{
	size_t first = strcspn(path, "/");

	if (!(first == 7 && memcmp(path, "uploads", 7) == 0) &&
		!(first == 5 && memcmp(path, "media", 5) == 0))
		return false;
	for (size_t i = 0; i <= n;) {
		size_t part = strcspn(path + i, "/");

		if (part > n - i)
			part = n - i;
		if (!may_be_component(path + i, part))
			return false;
		i += part + 1;
	}
	return true;
}

/* Opens (and makes) one folder within another. */
static int enter(struct error *error, int parent, const char *name, bool make, int *out)
{
	struct told t = {error};
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(parent, name, flags);

	if (fd < 0 && errno == ENOENT && make) {
		if (mkdirat(parent, name, 0700) < 0 && errno != EEXIST)
			return files_trouble(error, "making a folder");
		if (fsync(parent) < 0)
			return files_trouble(error, "syncing a folder");
		fd = openat(parent, name, flags);
	}
	if (fd < 0 && errno == ENOENT)
		return fail(&t, E_NOT_FOUND, "Not found");
	if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
		return fail(&t, E_RULE, "This path is not allowed");
	if (fd < 0)
		return files_trouble(error, "opening a folder");
	*out = fd;
	return OK;
}

int files_check(struct error *error, const char *relative)
{
	struct told t = {error};
	const char *slash = strrchr(relative, '/');

	if (slash == NULL || !may_be_component(slash + 1, strlen(slash + 1)) ||
		!may_be_folder(relative, (size_t)(slash - relative)))
		return fail(&t, E_RULE, "This path is not allowed");
	return OK;
}

int files_folder(struct files *f, struct error *error, const char *path, size_t n, bool make,
				 int *fd)
{
	struct told t = {error};
	CLEANUP(files_fd_done) int at = -1;

	if (n > strlen(path) || !may_be_folder(path, n))
		return fail(&t, E_RULE, "This path is not allowed");
	for (size_t i = 0; i < n;) {
		size_t part = strcspn(path + i, "/");
		char name[256];
		int next = -1;

		if (part > n - i)
			part = n - i;
		memcpy(name, path + i, part);
		name[part] = '\0';
		TRY(enter(error, at < 0 ? f->dir_fd : at, name, make, &next));
		files_fd_done(&at);
		at = next;
		i += part + 1;
	}
	*fd = at;
	at = -1;
	return OK;
}

/* ---- DATA_DIR ---- */

/* Makes path with its parents. */
static int make_path(struct files *f, char *path)
{
	for (char *slash = path + 1; *path != '\0' && (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST)
			return fail(f, E_RULE, "The folder %s cannot be made: %m", path);
		*slash = '/';
	}
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return fail(f, E_RULE, "The folder %s cannot be made: %m", path);
	return OK;
}

static int make_inside(struct files *f, const char *name, int *out)
{
	int fd;

	if (mkdirat(f->dir_fd, name, 0700) < 0 && errno != EEXIST)
		return fail(f, E_RULE, "The folder %s/%s cannot be made: %m", f->dir, name);
	fd = openat(f->dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return fail(f, E_RULE, "The folder %s/%s cannot be used: %m", f->dir, name);
	*out = fd;
	return OK;
}

static int prepare(struct files *f)
{
	int fd;

	TRY(make_path(f, f->dir));
	f->dir_fd = open(f->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->dir_fd < 0)
		return fail(f, E_RULE, "The folder %s cannot be used: %m", f->dir);
	TRY(make_inside(f, "spool", &f->spool_fd));
	TRY(make_inside(f, "uploads", &fd));
	close(fd);
	TRY(make_inside(f, "media", &fd));
	close(fd);
	if (fsync(f->dir_fd) < 0)
		return fail(f, E_RULE, "The folder %s cannot be used: %m", f->dir);
	return OK;
}

int files_new(const char *data_dir, struct error *error, struct files **out)
{
	struct told t = {error};
	struct files *f = calloc(1, sizeof *f);
	int rc;

	if (f == NULL || (f->dir = strdup(data_dir)) == NULL) {
		free(f);
		return fail(&t, E_UNAVAILABLE, "There is no memory to start");
	}
	pthread_mutex_init(&f->lock, NULL);
	f->error = error;
	f->dir_fd = f->spool_fd = -1;
	rc = prepare(f);
	if (rc < 0) {
		files_free(f);
		return rc;
	}
	f->error = NULL;
	*out = f;
	return OK;
}

void files_free(struct files *f)
{
	if (f == NULL)
		return;
	files_fd_done(&f->spool_fd);
	files_fd_done(&f->dir_fd);
	pthread_mutex_destroy(&f->lock);
	free(f->dir);
	free(f);
}

const char *files_dir(const struct files *f)
{
	return f->dir;
}

/* ---- spooling ---- */

static void spool_end(void *arg)
{
	struct spool *s = arg;

	files_fd_done(&s->fd);
	unlinkat(s->files->spool_fd, s->name, 0); /* not there any more if it was placed */
}

int files_open(struct files *f, struct arena *a, struct error *error, struct spool **out)
{
	struct spool *s = ARENA_NEW(a, struct spool);

	s->error = error;
	s->files = f;
	s->arena = a;
	rand_hex(s->name, FILES_SPOOL_ID);
	s->fd = openat(f->spool_fd, s->name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (s->fd < 0)
		return files_trouble(error, "spooling a file");
	arena_defer(a, spool_end, s);
	digest_init(&s->hash);
	*out = s;
	return OK;
}

static int write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t k = write(fd, p, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return E_UNAVAILABLE;
		p += k;
		n -= (size_t)k;
	}
	return OK;
}

int files_temporary(struct files *f, struct error *error, int *fd)
{
	char name[33];
	int made;

	rand_hex(name, 16);
	made = openat(f->spool_fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (made < 0)
		return files_trouble(error, "making a temporary file");
	unlinkat(f->spool_fd, name, 0);
	*fd = made;
	return OK;
}

static int too_large(struct spool *s, int64_t max)
{
	enum { MB = 1024 * 1024 };

	if (max >= MB && max % MB == 0)
		return fail(s, E_TOO_LARGE, "The file is larger than %lld MB", (long long)(max / MB));
	return fail(s, E_TOO_LARGE, "The file is larger than %lld bytes", (long long)max);
}

static int append(struct spool *s, const void *p, size_t n, int64_t max_bytes)
{
	int64_t size;

	if (__builtin_add_overflow(s->size, n, &size) || size > max_bytes)
		return too_large(s, max_bytes);
	if (write_all(s->fd, p, n) < 0)
		return files_trouble(s->error, "spooling a file");
	digest_add(&s->hash, p, n);
	s->size = size;
	return OK;
}

int files_write(struct spool *s, const void *p, size_t n, int64_t max_bytes)
{
	int rc;

	if (s->broken || s->fd < 0)
		return fail(s, E_INTERNAL, "this file takes no more bytes");
	rc = append(s, p, n, max_bytes);
	s->broken = rc < 0;
	return rc;
}

int files_close(struct spool *s, struct upload *out)
{
	int fd = s->fd;

	if (s->broken || fd < 0)
		return fail(s, E_INTERNAL, "this file is not whole");
	s->fd = -1;
	if (close(fd) < 0)
		return files_trouble(s->error, "spooling a file");
	digest_hex(&s->hash, out->sha256);
	out->path = arena_printf(s->arena, "%s/spool/%s", s->files->dir, s->name);
	out->size = s->size;
	return OK;
}

/* The name in spool/ of an upload's path. */
static int spooled_name(struct files *f, struct error *error, const struct upload *u,
						const char **name)
{
	struct told t = {error};
	size_t n = strlen(f->dir);
	const char *path = u->path != NULL ? u->path : "";

	if (strncmp(path, f->dir, n) != 0 || !text_starts(path + n, "/spool/") ||
		strchr(path + n + strlen("/spool/"), '/') != NULL)
		return fail(&t, E_INTERNAL, "this is no spooled file");
	*name = path + n + strlen("/spool/");
	return OK;
}

int files_sync(struct files *f, struct error *error, const struct upload *u)
{
	CLEANUP(files_fd_done) int fd = -1;
	const char *name;

	TRY(spooled_name(f, error, u, &name));
	if (f->remote != NULL)
		return OK; /* where it is only on its way to the store */
	fd = openat(f->spool_fd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		return files_trouble(error, "syncing a spooled file");
	return OK;
}

/* ---- stored files ---- */

const char *files_place_name(struct arena *a, const char *filename)
{
	char prefix[FILES_PREFIX * 2 + 1];

	rand_hex(prefix, FILES_PREFIX);
	return arena_printf(a, "%s_%s", prefix, files_base_name(a, filename));
}

int files_place(struct files *f, struct arena *a, struct error *error, const struct upload *u,
				const char *folder, const char **relative)
{
	CLEANUP(files_fd_done) int fd = -1;
	const char *from, *to;

	TRY(spooled_name(f, error, u, &from));
	if (f->remote != NULL)
		return files_want(f, a, error, from, folder, u->filename, relative);
	TRY(files_sync(f, error, u));
	TRY(files_folder(f, error, folder, strlen(folder), true, &fd));
	to = files_place_name(a, u->filename);
	if (renameat(f->spool_fd, from, fd, to) < 0)
		return files_trouble(error, "placing a file");
	if (fsync(fd) < 0) {
		unlinkat(fd, to, 0);
		return files_trouble(error, "syncing a folder");
	}
	*relative = arena_printf(a, "%s/%s", folder, to);
	return OK;
}

/* Opens the folder of a stored file and tells its name therein. */
static int locate(struct files *f, struct error *error, const char *relative, int *fd,
				  const char **name)
{
	const char *slash = strrchr(relative, '/');

	TRY(files_check(error, relative));
	TRY(files_folder(f, error, relative, (size_t)(slash - relative), false, fd));
	*name = slash + 1;
	return OK;
}

int files_remove(struct files *f, struct error *error, const char *relative)
{
	struct told t = {error};
	CLEANUP(files_fd_done) int fd = -1;
	const char *name;
	int rc;

	if (files_elsewhere(f, relative))
		return files_remove_object(f, error, relative);
	rc = locate(f, error, relative, &fd, &name);
	if (rc == E_NOT_FOUND)
		return OK;
	TRY(rc);
	if (unlinkat(fd, name, 0) == 0 || errno == ENOENT)
		return OK;
	if (errno == EISDIR || errno == EPERM)
		return fail(&t, E_RULE, "This path is not allowed");
	return files_trouble(error, "removing a file");
}

int files_read(struct files *f, struct error *error, const char *relative, int *fd, int64_t *size)
{
	return files_elsewhere(f, relative) ? files_fetch(f, error, relative, fd, size)
										: files_open_here(f, error, relative, fd, size);
}

int files_open_here(struct files *f, struct error *error, const char *relative, int *fd,
					int64_t *size)
{
	struct told t = {error};
	CLEANUP(files_fd_done) int folder = -1;
	CLEANUP(files_fd_done) int file = -1;
	const char *name;
	struct stat st;

	TRY(locate(f, error, relative, &folder, &name));
	file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (file < 0 && errno == ENOENT)
		return fail(&t, E_NOT_FOUND, "Not found");
	if (file < 0 && (errno == ELOOP || errno == ENXIO))
		return fail(&t, E_RULE, "This path is not allowed");
	if (file < 0 || fstat(file, &st) < 0)
		return files_trouble(error, "opening a file");
	if (!S_ISREG(st.st_mode))
		return fail(&t, E_RULE, "This path is not allowed");
	*fd = file;
	*size = st.st_size;
	file = -1;
	return OK;
}

int64_t files_head(const char *path, void *out, size_t n)
{
	CLEANUP(files_fd_done) int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	size_t got = 0;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? E_NOT_FOUND : E_INTERNAL;
	while (got < n) {
		ssize_t k = read(fd, (char *)out + got, n - got);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return E_INTERNAL;
		if (k == 0)
			break;
		got += (size_t)k;
	}
	return (int64_t)got;
}

int files_make_folder(struct files *f, struct error *error, const char *folder)
{
	CLEANUP(files_fd_done) int fd = -1;

	return files_folder(f, error, folder, strlen(folder), true, &fd);
}

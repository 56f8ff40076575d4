/*
 * See files.h: stored files in an object store. A put is noted by the thread that runs a
 * transaction and made by the same request outside of it, so a note has one owner at a time; the
 * lock keeps the list together. A put that is wanted has a new name each time: an object that is
 * there is never written again.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/rand.h"
#include "store/files_inner.h"

enum { PIECE = 64 * 1024 };

static const char partial_folder[] = "media/partial/";

struct told {
	struct error *error;
};

void files_use_remote(struct files *f, const struct files_remote *remote)
{
	f->remote = remote;
}

bool files_is_remote(const struct files *f)
{
	return f->remote != NULL;
}

bool files_elsewhere(const struct files *f, const char *relative)
{
	return f->remote != NULL && !text_starts(relative, partial_folder);
}

/* ---- putting ---- */

static void forget(void *arg)
{
	struct files_put *put = arg;
	struct files_put **at = &put->files->puts;

	pthread_mutex_lock(&put->files->lock);
	while (*at != NULL && *at != put)
		at = &(*at)->next;
	if (*at != NULL)
		*at = put->next;
	pthread_mutex_unlock(&put->files->lock);
}

/* Under the lock, since want_again looks at those of all requests. */
static void set_state(struct files_put *put, enum put_state state)
{
	pthread_mutex_lock(&put->files->lock);
	put->state = state;
	pthread_mutex_unlock(&put->files->lock);
}

static struct files_put *find(struct files *f, const struct arena *a, const char *source,
							  const char *folder)
{
	struct files_put *at;

	pthread_mutex_lock(&f->lock);
	for (at = f->puts; at != NULL; at = at->next)
		if (at->arena == a && strcmp(at->source, source) == 0 && strcmp(at->folder, folder) == 0)
			break;
	pthread_mutex_unlock(&f->lock);
	return at;
}

static struct files_put *find_state(struct files *f, const struct arena *a, enum put_state state)
{
	struct files_put *at;

	pthread_mutex_lock(&f->lock);
	for (at = f->puts; at != NULL; at = at->next)
		if (at->arena == a && at->state == state)
			break;
	pthread_mutex_unlock(&f->lock);
	return at;
}

static struct files_put *note(struct files *f, struct arena *a, const char *source,
							  const char *folder)
{
	struct files_put *put = ARENA_NEW(a, struct files_put);

	*put = (struct files_put){.files = f,
							  .arena = a,
							  .source = arena_strdup(a, source),
							  .folder = arena_strdup(a, folder)};
	arena_defer(a, forget, put);
	pthread_mutex_lock(&f->lock);
	put->next = f->puts;
	f->puts = put;
	pthread_mutex_unlock(&f->lock);
	return put;
}

int files_want(struct files *f, struct arena *a, struct error *error, const char *source,
			   const char *folder, const char *filename, const char **relative)
{
	struct told t = {error};
	struct files_put *put = find(f, a, source, folder);

	if (put != NULL && put->state != PUT_WANTED) {
		set_state(put, PUT_PLACED);
		*relative = put->relative;
		return OK;
	}
	if (put == NULL)
		put = note(f, a, source, folder);
	put->relative = arena_printf(a, "%s/%s", folder, files_place_name(a, filename));
	TRY(files_check(error, put->relative));
	return fail(&t, E_UNAVAILABLE, "The file is on its way to the file store; try again");
}

bool files_put_wanted(struct files *f, const struct arena *a)
{
	return f->remote != NULL && find_state(f, a, PUT_WANTED) != NULL;
}

static int open_source(struct files *f, struct error *error, const char *source, int *fd,
					   int64_t *size)
{
	CLEANUP(files_fd_done) int file = -1;
	struct stat st;

	file = openat(f->spool_fd, source, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (file < 0 || fstat(file, &st) < 0)
		return files_trouble(error, "opening a spooled file");
	*fd = file;
	*size = st.st_size;
	file = -1;
	return OK;
}

static int put_one(struct files *f, struct error *error, struct files_put *put)
{
	CLEANUP(files_fd_done) int fd = -1;
	int64_t size = 0;

	TRY(open_source(f, error, put->source, &fd, &size));
	TRY(f->remote->put(f->remote->arg, error, put->relative, &(struct files_piece){fd, 0, size}));
	set_state(put, PUT_DONE);
	return OK;
}

int files_put_all(struct files *f, const struct arena *a, struct error *error)
{
	struct files_put *put;

	while (f->remote != NULL && (put = find_state(f, a, PUT_WANTED)) != NULL) {
		int rc = put_one(f, error, put);

		if (rc < 0) {
			forget(put);
			return rc;
		}
	}
	return OK;
}

void files_put_end(struct files *f, const struct arena *a)
{
	struct files_put *put;
	struct error error;

	if (f->remote == NULL)
		return;
	while ((put = find_state(f, a, PUT_DONE)) != NULL) {
		forget(put);
		if (f->remote->remove(f->remote->arg, &error, put->relative) != OK)
			log_warning("a file without use stays in the file store until the next sweep");
	}
	while ((put = find_state(f, a, PUT_PLACED)) != NULL ||
		   (put = find_state(f, a, PUT_WANTED)) != NULL)
		forget(put);
}

/* A file that is removed after a rollback must be put anew if the transaction runs again. */
static void want_again(struct files *f, const char *relative)
{
	pthread_mutex_lock(&f->lock);
	for (struct files_put *at = f->puts; at != NULL; at = at->next)
		if (at->state == PUT_PLACED && strcmp(at->relative, relative) == 0)
			at->state = PUT_WANTED;
	pthread_mutex_unlock(&f->lock);
}

int files_remove_object(struct files *f, struct error *error, const char *relative)
{
	TRY(files_check(error, relative));
	want_again(f, relative);
	return f->remote->remove(f->remote->arg, error, relative);
}

/* ---- reading, and copying ---- */

struct copy {
	struct error *error;
	int fd;
	int64_t size;
};

static int keep_piece(void *arg, const void *p, size_t n)
{
	struct copy *c = arg;
	const char *at = p;

	while (n > 0) {
		ssize_t done = pwrite(c->fd, at, n, c->size);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return files_trouble(c->error, "keeping a file of the file store");
		at += done;
		c->size += done;
		n -= (size_t)done;
	}
	return OK;
}

int files_fetch(struct files *f, struct error *error, const char *relative, int *fd, int64_t *size)
{
	CLEANUP(files_fd_done) int file = -1;
	struct copy c = {.error = error};

	TRY(files_check(error, relative));
	TRY(files_temporary(f, error, &file));
	c.fd = file;
	TRY(f->remote->get(f->remote->arg, error, relative, 0, -1, keep_piece, &c));
	*fd = file;
	*size = c.size;
	file = -1;
	return OK;
}

int files_size(struct files *f, struct error *error, const char *relative, int64_t *out)
{
	CLEANUP(files_fd_done) int fd = -1;

	if (!files_elsewhere(f, relative))
		return files_open_here(f, error, relative, &fd, out);
	TRY(files_check(error, relative));
	return f->remote->size(f->remote->arg, error, relative, out);
}

static int get_here(struct files *f, struct error *error, const char *relative, int64_t offset,
					int64_t length, int (*sink)(void *arg, const void *p, size_t n), void *arg)
{
	CLEANUP(files_fd_done) int fd = -1;
	char piece[PIECE];
	int64_t size, end;

	TRY(files_open_here(f, error, relative, &fd, &size));
	end = length < 0 || length > size - offset ? size : offset + length;
	while (offset < end) {
		size_t most = end - offset < PIECE ? (size_t)(end - offset) : PIECE;
		ssize_t n = pread(fd, piece, most, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return files_trouble(error, "reading a file");
		TRY(sink(arg, piece, (size_t)n));
		offset += n;
	}
	return OK;
}

int files_get(struct files *f, struct error *error, const char *relative, int64_t offset,
			  int64_t length, int (*sink)(void *arg, const void *p, size_t n), void *arg)
{
	if (!files_elsewhere(f, relative))
		return get_here(f, error, relative, offset, length, sink, arg);
	TRY(files_check(error, relative));
	return f->remote->get(f->remote->arg, error, relative, offset, length, sink, arg);
}

struct head {
	char *bytes;
	size_t most, n;
};

static int keep_head(void *arg, const void *p, size_t n)
{
	struct head *h = arg;

	if (n > h->most - h->n)
		n = h->most - h->n;
	memcpy(h->bytes + h->n, p, n);
	h->n += n;
	return OK;
}

int files_get_head(struct files *f, struct error *error, const char *relative, int64_t size,
				   void *out, size_t most, size_t *n)
{
	struct head h = {.bytes = out, .most = most};

	TRY(files_get(f, error, relative, 0, size < (int64_t)most ? size : (int64_t)most, keep_head,
				  &h));
	*n = h.n;
	return OK;
}

static int put_here(struct files *f, struct error *error, const char *relative, int fd,
					int64_t size)
{
	CLEANUP(files_fd_done) int folder = -1;
	CLEANUP(files_fd_done) int file = -1;
	const char *slash = strrchr(relative, '/');
	struct copy c = {.error = error};
	char name[2 * FILES_SPOOL_ID + 1];
	char piece[PIECE];

	TRY(files_folder(f, error, relative, (size_t)(slash - relative), true, &folder));
	rand_hex(name, FILES_SPOOL_ID);
	file = openat(f->spool_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	c.fd = file;
	while (file >= 0 && c.size < size) {
		ssize_t n = pread(fd, piece, sizeof piece, c.size);

		if (n <= 0 || keep_piece(&c, piece, (size_t)n) != OK)
			break;
	}
	if (file >= 0 && c.size == size && fsync(file) == 0 &&
		renameat(f->spool_fd, name, folder, slash + 1) == 0 && fsync(folder) == 0)
		return OK;
	unlinkat(f->spool_fd, name, 0);
	return files_trouble(error, "copying a file");
}

int files_put(struct files *f, struct error *error, const char *relative, int fd, int64_t size)
{
	if (files_elsewhere(f, relative))
		return files_put_piece(f, error, relative, &(struct files_piece){fd, 0, size});
	TRY(files_check(error, relative));
	return put_here(f, error, relative, fd, size);
}

/* ---- going over all ---- */

struct going {
	struct files *files;
	struct error *error;
	int64_t before, removed; /* of a sweep */
	bool (*keep)(void *arg, const char *relative);
	void *arg;
	const struct files_walk *w; /* of a walk */
};

static int sweep_object(void *arg, const struct files_object *o)
{
	struct going *g = arg;

	if (o->modified >= g->before || files_check(g->error, o->path) != OK ||
		(g->keep != NULL && g->keep(g->arg, o->path)))
		return OK;
	TRY(g->files->remote->remove(g->files->remote->arg, g->error, o->path));
	g->removed++;
	return OK;
}

static int list(struct going *g, const char *folder,
				int (*each)(void *arg, const struct files_object *o))
{
	char prefix[FILES_NAME_MAX + 2];

	snprintf(prefix, sizeof prefix, "%.*s/", FILES_NAME_MAX, folder);
	return g->files->remote->list(g->files->remote->arg, g->error, prefix, each, g);
}

int64_t files_sweep_objects(struct files *f, int64_t before, const char *folder,
							bool (*keep)(void *arg, const char *relative), void *arg)
{
	struct error error;
	struct going g = {.files = f, .error = &error, .before = before, .keep = keep, .arg = arg};
	int rc = list(&g, folder, sweep_object);

	return rc < 0 ? rc : g.removed;
}

static int walk_object(void *arg, const struct files_object *o)
{
	struct going *g = arg;
	const struct files_walk *w = g->w;
	int why = 0;

	if ((w->until != 0 && o->modified > w->until) ||
		(w->wanted != NULL && !w->wanted(w->arg, o->path)) || files_check(g->error, o->path) != OK)
		return OK;
	if (w->remove && g->files->remote->remove(g->files->remote->arg, g->error, o->path) != OK)
		why = EIO;
	w->seen(w->arg, o->path, false, why);
	return OK;
}

int files_walk_objects(struct files *f, struct error *error, const char *folder,
					   const struct files_walk *w)
{
	struct going g = {.files = f, .error = error, .w = w};

	return list(&g, folder, walk_object);
}

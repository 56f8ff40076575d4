/* See storage.h. */
#include "core/storage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/rand.h"
#include "core/installation.h"
#include "core/s3.h"
#include "io/fetch.h"

enum { TRIES_MAX = 5, MARK_MAX = 200, MARK_ARENA = 64 * 1024 };

static const char mark_name[] = "vitae-installation"; /* at the place */
static const char mark_row[] = "files_mark";          /* in the database */

struct storage {
	struct error *error; /* while storage_open runs */
	struct files *files;
	struct s3 *s3;      /* NULL: a folder */
	const char *folder; /* NULL: DATA_DIR */
};

static void arena_done(struct arena **a)
{
	arena_free(*a);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* ---- opening ---- */

static int open_folder(struct storage *s, const struct config *config)
{
	struct files *data_dir;

	TRY(files_new(config->data_dir, s->error, &data_dir));
	files_free(data_dir);
	s->folder = config->files_url + strlen("file://");
	return files_new(s->folder, s->error, &s->files);
}

static int open_place(struct storage *s, const struct config *config)
{
	if (text_starts(config->files_url, "file://"))
		return open_folder(s, config);
	TRY(files_new(config->data_dir, s->error, &s->files));
	if (config->files_url == NULL)
		return OK;
	s->s3 = s3_new(config);
	files_use_remote(s->files, s3_remote(s->s3));
	return OK;
}

int storage_open(const struct config *config, struct error *error, struct storage **out)
{
	struct storage *s = calloc(1, sizeof *s);
	int rc;

	if (s == NULL)
		abort();
	s->error = error;
	fetch_start(&(struct fetch_options){config->fetch_allow, config->fetch_proxy, config->ca_file});
	rc = open_place(s, config);
	s->error = NULL;
	if (rc < 0) {
		storage_close(s);
		return rc;
	}
	*out = s;
	return OK;
}

void storage_close(struct storage *s)
{
	if (s == NULL)
		return;
	files_free(s->files);
	s3_free(s->s3);
	free(s);
}

struct files *storage_files(const struct storage *s)
{
	return s->files;
}

/* ---- the mark ---- */

static int read_file_mark(const char *path, struct arena *a, struct error *error, const char **out)
{
	struct failable {
		struct error *error;
	} f = {error};
	CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char text[MARK_MAX];
	ssize_t n;

	if (fd < 0 && errno == ENOENT)
		return E_NOT_FOUND;
	n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (n < 0)
		return fail(&f, E_RULE, "%s cannot be read: %s", path, strerrordesc_np(errno));
	text[n] = '\0';
	*out = arena_strdup(a, text_trim(text));
	return OK;
}

/* Under a name of its own first: a mark that is there is whole. One that another server has made
 * meanwhile stays, and is read again. */
static int write_file_mark(const char *path, struct arena *a, struct error *error, const char *mark)
{
	struct failable {
		struct error *error;
	} f = {error};
	char *fresh = arena_printf(a, "%s.XXXXXX", path);
	CLEANUP(close_fd) int fd = mkostemp(fresh, O_CLOEXEC);
	bool written;

	written = fd >= 0 && write(fd, mark, strlen(mark)) == (ssize_t)strlen(mark) && fsync(fd) == 0 &&
			  (link(fresh, path) == 0 || errno == EEXIST);
	if (!written)
		fail(&f, E_RULE, "%s cannot be written: %s", path, strerrordesc_np(errno));
	if (fd >= 0)
		unlink(fresh);
	return written ? OK : E_RULE;
}

static int read_mark(struct storage *s, struct arena *a, struct error *error, const char **out)
{
	if (s->s3 != NULL)
		return s3_get_text(s->s3, a, error, mark_name, out);
	return read_file_mark(arena_printf(a, "%s/%s", s->folder, mark_name), a, error, out);
}

static int write_mark(struct storage *s, struct arena *a, struct error *error, const char *mark)
{
	if (s->s3 != NULL)
		return s3_put_text(s->s3, error, mark_name, mark);
	return write_file_mark(arena_printf(a, "%s/%s", s->folder, mark_name), a, error, mark);
}

int storage_claim(struct storage *s, struct db *db, struct error *error)
{
	struct failable {
		struct error *error;
	} f = {error};
	CLEANUP(arena_done) struct arena *a = arena_new(MARK_ARENA);
	const char *ours, *found;
	char fresh[33];
	int rc;

	if (s->s3 == NULL && s->folder == NULL)
		return OK;
	rand_hex(fresh, 16);
	TRY(installation_keep(db, a, mark_row, fresh, &ours));
	if (s->s3 != NULL)
		TRY(s3_check(s->s3, error));
	rc = read_mark(s, a, error, &found);
	if (rc == E_NOT_FOUND) {
		TRY(write_mark(s, a, error, ours));
		rc = read_mark(s, a, error, &found);
	}
	TRY(rc);
	if (!text_eq(found, ours))
		return fail(&f, E_RULE,
					"FILES_URL leads to the files of another installation; give this one a prefix "
					"or folder of its own. If that one is gone for good, remove %s there",
					mark_name);
	return OK;
}

int storage_carry(struct db *from, struct db *to)
{
	CLEANUP(arena_done) struct arena *a = arena_new(MARK_ARENA);
	const char *mark;
	int rc = installation_get(from, a, mark_row, &mark);

	return rc == E_NOT_FOUND ? OK : rc < 0 ? rc : installation_set(to, mark_row, mark);
}

int storage_tidy(struct storage *s, struct error *error, int64_t age_us,
				 bool (*keep)(void *arg, const struct files_parts *p), void *arg)
{
	return s->s3 == NULL ? OK : s3_tidy(s->s3, error, age_us, keep, arg);
}

/* ---- transactions that wait for the store ---- */

static int epoch(struct ctx *c, const char **out)
{
	int rc = installation_get(c->db, c->arena, "files_epoch", out);

	if (rc == E_NOT_FOUND)
		*out = "";
	return rc == E_NOT_FOUND ? OK : rc;
}

int storage_watch(struct ctx *c)
{
	return epoch(c, &c->put_epoch);
}

int storage_settled(struct ctx *c)
{
	const char *now;

	if (c->put_epoch == NULL)
		return OK;
	TRY(epoch(c, &now));
	return text_eq(now, c->put_epoch)
			   ? OK
			   : fail(c, E_UNAVAILABLE, "All files are being removed just now; try again");
}

int storage_emptied(struct ctx *c)
{
	char fresh[33];

	if (!files_is_remote(c->files))
		return OK;
	rand_hex(fresh, 16);
	return installation_set(c->db, "files_epoch", fresh);
}

bool storage_again(struct ctx *c, int tries, int *rc)
{
	int put;

	if (*rc != E_UNAVAILABLE || tries >= TRIES_MAX || c->files == NULL ||
		!files_put_wanted(c->files, c->arena))
		return false;
	put = storage_watch(c);
	if (put == OK)
		put = files_put_all(c->files, c->arena, c->error);
	if (put < 0)
		*rc = put;
	return put == OK;
}

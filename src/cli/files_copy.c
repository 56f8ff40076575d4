/* See files_copy.h. A file appears at its new place whole or not at all, so one that is there and
 * as large is the same one: paths have a random part and are never used twice. */
#include "cli/files_copy.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "cli/cli.h"

static int add_piece(void *arg, const void *p, size_t n)
{
	digest_add(arg, p, n);
	return OK;
}

static int sum(struct files_copy *c, struct files *place, const char *path, char out[DIGEST_HEX])
{
	struct digest d;

	digest_init(&d);
	TRY(files_get(place, c->error, path, 0, -1, add_piece, &d));
	digest_hex(&d, out);
	return OK;
}

/* Whether it is there already. */
static int look(struct files_copy *c, const char *path, int64_t size, bool *there)
{
	int64_t found;
	int rc = files_size(c->to, c->error, path, &found);

	*there = rc == OK && found == size;
	return rc == E_NOT_FOUND ? OK : rc;
}

static int copy(struct files_copy *c, const char *path)
{
	CLEANUP(cli_fd_done) int fd = -1;
	char here[DIGEST_HEX], there[DIGEST_HEX];
	int64_t size;
	bool known;
	int rc = files_read(c->from, c->error, path, &fd, &size);

	if (rc == E_NOT_FOUND)
		return OK; /* deleted meanwhile */
	TRY(rc);
	TRY(look(c, path, size, &known));
	if (known) {
		c->known++;
		return OK;
	}
	TRY(files_put(c->to, c->error, path, fd, size));
	TRY(sum(c, c->from, path, here));
	TRY(sum(c, c->to, path, there));
	if (strcmp(here, there) != 0)
		return fail(c, E_RULE, "%s arrived with other bytes than it left with; try again", path);
	c->copied++;
	c->bytes += size;
	return OK;
}

static void count(void *arg, const char *path, bool folder, int why)
{
	struct files_copy *c = arg;

	(void)path, (void)folder, (void)why;
	c->progress.total++;
}

static void copy_seen(void *arg, const char *path, bool folder, int why)
{
	struct files_copy *c = arg;

	if (c->rc < 0)
		return;
	progress_step(&c->progress);
	if (why != 0) {
		c->rc = fail(c, E_RULE, "the %s %s cannot be read: %s", folder ? "folder" : "file", path,
					 strerrordesc_np(why));
	} else if (files_is_remote(c->to) && !files_elsewhere(c->to, path)) {
		c->unfinished++;
	} else {
		c->rc = copy(c, path);
		if (c->rc == OK && c->remove)
			c->rc = files_remove(c->from, c->error, path);
	}
}

static int walk(struct files_copy *c,
				void (*seen)(void *arg, const char *path, bool folder, int why))
{
	static const char *const folders[] = {"uploads", "media"};
	const struct files_walk w = {.seen = seen, .arg = c};

	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		int rc = files_walk(c->from, c->error, folders[i], &w);

		if (rc != E_NOT_FOUND)
			TRY(rc);
	}
	return c->rc;
}

int files_copy_all(struct files_copy *c)
{
	int rc;

	c->rc = OK;
	progress_start(&c->progress, 0);
	rc = walk(c, count);
	if (rc == OK)
		rc = walk(c, copy_seen);
	progress_clear(&c->progress);
	return rc;
}

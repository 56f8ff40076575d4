/* The import into an instance opened here: the same steps as an upload through the API, each file
 * in a transaction of its own. See import.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/candidates.h"
#include "app/teams.h"
#include "cli/import.h"
#include "cli/local.h"

enum { ARENA_MAX = 1024 * 1024, PIECE = 64 * 1024 };

struct local_sink {
	struct import_sink sink; /* first */
	struct local local;
	struct arena *arena; /* of the actor */
	struct actor *actor;
};

struct addition {
	const struct upload *upload;
	bool duplicate;
};

static int open_file(struct ctx *c, const char *path, int *out)
{
	CLEANUP(cli_fd_done)
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return fail(c, E_RULE, "The file cannot be opened: %s", strerrordesc_np(errno));
	if (!S_ISREG(st.st_mode))
		return fail(c, E_RULE, "This is not an ordinary file");
	*out = fd;
	fd = -1;
	return OK;
}

static int spool(struct ctx *c, const char *path, struct upload *out)
{
	CLEANUP(cli_fd_done) int fd = -1;
	int64_t max = c->config->max_upload_mb * 1024 * 1024;
	char *piece = arena_alloc(c->arena, PIECE);
	struct spool *s;
	ssize_t n;

	TRY(open_file(c, path, &fd));
	TRY(files_open(c->files, c->arena, c->error, &s));
	while ((n = read(fd, piece, PIECE)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(c, E_RULE, "The file cannot be read: %s", strerrordesc_np(errno));
		TRY(files_write(s, piece, (size_t)n, max));
	}
	TRY(files_close(s, out));
	out->filename = files_base_name(c->arena, path);
	return OK;
}

static int add_tx(struct ctx *c, void *arg)
{
	struct addition *ad = arg;
	const char *status;
	int64_t id;

	return candidates_add(c, ad->upload, &id, &ad->duplicate, &status);
}

static int add(struct ctx *c, const char *path, bool *duplicate)
{
	struct upload upload = {0};
	struct addition ad = {.upload = &upload};

	TRY(spool(c, path, &upload));
	TRY(files_sync(c->files, c->error, &upload));
	TRY(tx(c, add_tx, &ad));
	*duplicate = ad.duplicate;
	return OK;
}

static enum import_outcome send_file(struct import_sink *sink, const char *path)
{
	struct local_sink *s = (struct local_sink *)sink;
	CLEANUP(cli_arena_done) struct arena *a = arena_new(ARENA_MAX);
	struct ctx c;
	bool duplicate;
	int rc;

	s->local.error = (struct error){0};
	local_ctx(&s->local, a, &c);
	c.actor = s->actor;
	rc = add(&c, path, &duplicate);
	if (rc == E_UNAVAILABLE || rc == E_INTERNAL)
		return IMPORT_STOP;
	if (rc != OK)
		return IMPORT_REFUSED;
	return duplicate ? IMPORT_KNOWN : IMPORT_ADDED;
}

static void tell(struct import_sink *sink)
{
	const struct local_sink *s = (const struct local_sink *)sink;
	int fd;

	switch (local_lock(s->local.config.data_dir, &fd)) {
	case LOCK_HELD: puts("The running server reads them now."); return;
	case LOCK_FREE: close(fd); break;
	case LOCK_NONE: break;
	}
	puts("They are read as soon as 'vitae serve' runs.");
}

static void close_sink(struct import_sink *sink)
{
	struct local_sink *s = (struct local_sink *)sink;

	arena_free(s->arena);
	local_close(&s->local);
	free(s);
}

static int find_actor(struct local_sink *s, const struct import_options *o)
{
	struct ctx c;

	local_ctx(&s->local, s->arena, &c);
	TRY(local_actor(&c, o->as, &s->actor));
	if (o->team == 0)
		return OK;
	if (teams_exists(&c, o->team) == E_NOT_FOUND)
		return fail(&c, E_RULE, "there is no team %lld", (long long)o->team);
	s->actor->team_id = o->team;
	return OK;
}

int import_local(const struct import_options *o, struct import_sink **out)
{
	struct local_sink *s = calloc(1, sizeof *s);
	int status;

	if (s == NULL)
		abort();
	s->sink = (struct import_sink){&s->local.error, send_file, tell, close_sink};
	s->arena = arena_new(ARENA_MAX);
	status = local_open(&s->local, o->command);
	if (status == CLI_OK && find_actor(s, o) != OK)
		status = cli_fail(o->command, "%s", s->local.error.text);
	if (status != CLI_OK) {
		close_sink(&s->sink);
		return status;
	}
	*out = &s->sink;
	return CLI_OK;
}

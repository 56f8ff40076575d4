/*
 * See ctx.h. The after-work of a transaction is a list with the newest first: a rollback undoes in
 * that order, a commit runs it in the order in which it was registered.
 */
#include "core/ctx.h"

#include <string.h>
#include <unistd.h>

#include "core/storage.h"

const char *const role_choices[] = {"viewer", "recruiter", "hr_manager", "admin", NULL};

const char *role_name(enum role role)
{
	switch (role) {
	case ROLE_PUBLIC: return "public";
	case ROLE_VIEWER: return "viewer";
	case ROLE_RECRUITER: return "recruiter";
	case ROLE_HR_MANAGER: return "hr_manager";
	case ROLE_ADMIN: return "admin";
	case ROLE_SUPERUSER: return "superuser";
	}
	return "public";
}

enum role role_parse(const char *name)
{
	for (int i = 0; role_choices[i] != NULL; i++)
		if (text_eq(name, role_choices[i]))
			return (enum role)(ROLE_VIEWER + i);
	return ROLE_PUBLIC;
}

static bool header_value_ok(const char *value)
{
	for (const unsigned char *p = (const unsigned char *)value; *p != '\0'; p++)
		if (*p < 0x20 || *p == 0x7f)
			return false;
	return true;
}

int ctx_header(struct ctx *c, const char *name, const char *value)
{
	if (!header_value_ok(value))
		return fail(c, E_INTERNAL, "control character in the reply header %s", name);
	if (c->headers.items == NULL)
		c->headers.items = ARENA_ARRAY(c->arena, CTX_HEADERS_MAX, struct pair);
	if (c->headers.n == CTX_HEADERS_MAX)
		return fail(c, E_INTERNAL, "more than %d reply headers", CTX_HEADERS_MAX);
	c->headers.items[c->headers.n++] = (struct pair){name, arena_strdup(c->arena, value)};
	return OK;
}

void ctx_file(struct ctx *c, int fd, int64_t size, const char *type, const char *name)
{
	c->has_file = true;
	c->file_fd = fd;
	c->file_size = size;
	c->file_type = type;
	c->file_name = name;
}

int ctx_stored(struct ctx *c, const struct ctx_stored *s)
{
	const char *type = s->type;
	int64_t size;
	int fd, rc;

	if (files_is_remote(c->files)) { /* asked for once the transaction is over */
		c->stored = arena_memdup(c->arena, s, sizeof *s);
		return OK;
	}
	rc = files_read(c->files, c->error, s->path, &fd, &size);
	if (rc == E_NOT_FOUND)
		return fail(c, E_GONE, "%s", s->gone);
	TRY(rc);
	if (type == NULL) {
		char head[CTX_SNIFF_BYTES];
		ssize_t n = pread(fd, head, sizeof head, 0);

		type = s->type_of(head, n > 0 ? (size_t)n : 0);
	}
	ctx_file(c, fd, size, type, s->name);
	return OK;
}

static void close_sink(void *fd)
{
	close(*(int *)fd);
}

void ctx_sink(struct ctx *c, int fd, int64_t room)
{
	int *kept = ARENA_NEW(c->arena, int);

	*kept = c->sink_fd = fd;
	c->sink_room = room;
	arena_defer(c->arena, close_sink, kept);
}

void ctx_sink_told(struct ctx *c, void (*told)(void *arg, int64_t n), void *arg)
{
	c->sink_told = told;
	c->sink_arg = arg;
}

void ctx_body(struct ctx *c, const void *p, size_t n, const char *type)
{
	c->body = p;
	c->body_size = n;
	c->body_type = type;
}

static void after_add(struct ctx *c, bool on_commit, void (*fn)(struct core *, void *), void *arg)
{
	struct after *a = ARENA_NEW(c->arena, struct after);

	*a = (struct after){c->after, on_commit, fn, arg};
	c->after = a;
}

void after_commit(struct ctx *c, void (*fn)(struct core *, void *), void *arg)
{
	after_add(c, true, fn, arg);
}

void after_rollback(struct ctx *c, void (*fn)(struct core *, void *), void *arg)
{
	after_add(c, false, fn, arg);
}

static struct after *reversed(struct after *list)
{
	struct after *out = NULL;

	while (list != NULL) {
		struct after *next = list->next;

		list->next = out;
		out = list;
		list = next;
	}
	return out;
}

void ctx_after(struct ctx *c, bool committed)
{
	struct after *list = committed ? reversed(c->after) : c->after;

	c->after = NULL;
	if (!committed && c->db != NULL && c->db->in_doubt)
		return;
	for (; list != NULL; list = list->next)
		if (list->on_commit == committed)
			list->fn(c->core, list->arg);
}

static int tx_run(struct ctx *c, int (*body)(struct ctx *c, void *arg), void *arg)
{
	TRY(db_begin(c->db, true));
	TRY(body(c, arg));
	TRY(storage_settled(c));
	return db_commit(c->db);
}

int tx(struct ctx *c, int (*body)(struct ctx *c, void *arg), void *arg)
{
	struct after *outer = c->after;
	size_t headers = c->headers.n;
	int rc, tries = 0;

	if (c->db->in_tx && c->db->write_tx)
		return body(c, arg);
	if (c->db->in_tx)
		return fail(c, E_INTERNAL, "a write transaction inside a reading one");
	do {
		c->after = NULL;
		c->headers.n = headers;
		rc = tx_run(c, body, arg);
		if (rc < 0) {
			db_rollback(c->db);
			c->audit_told = false;
		}
		ctx_after(c, rc >= 0);
	} while (rc < 0 && storage_again(c, ++tries, &rc));
	if (c->files != NULL)
		files_put_end(c->files, c->arena);
	c->after = outer;
	return rc;
}

int snapshot(struct ctx *c, int (*body)(struct ctx *c, void *arg), void *arg)
{
	int rc;

	if (c->db->in_tx)
		return body(c, arg);
	TRY(db_begin(c->db, false));
	rc = body(c, arg);
	db_rollback(c->db); /* nothing was written */
	return rc;
}

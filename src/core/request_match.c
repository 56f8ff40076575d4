/*
 * What a writer supposes (RFC 9110, 13.1.1): If-Match names the ETag under which the caller read
 * what the request changes. It is compared inside the write transaction with what a GET of the same
 * path would answer now, so that of two people who change one thing the second learns of the first.
 */
#include <string.h>

#include "core/request.h"

/* Strong comparison: the tag stands in the list, not marked as weak; "*" fits whatever is there. */
static bool names(const char *list, const char *etag)
{
	for (const char *at = strstr(list, etag); at != NULL; at = strstr(at + 1, etag))
		if (at - list < 2 || at[-1] != '/' || at[-2] != 'W')
			return true;
	return strcmp(list, "*") == 0;
}

/* The ETag that a GET answers with now. The handler works on a ctx of its own: what it leaves there
 * is no part of this request's reply. */
static int etag_now(struct request *r, const struct route *get, const struct pairs *params,
					const char **out)
{
	struct input input = {.path = *params};
	struct ctx reader = r->ctx;
	struct buf b;
	void *in = arena_alloc(r->x->arena, get->in->size);

	TRY(schema_bind(get->in, &input, r->x->arena, in, &r->faults));
	reader.route = get;
	reader.in = in;
	reader.out = arena_alloc(r->x->arena, get->out->size);
	TRY(get->run(&reader));
	buf_init(&b, r->x->arena, REPLY_BODY_MAX);
	if (schema_print(get->out, reader.out, &b) < 0)
		return fail(&r->ctx, E_INTERNAL, "%s cannot be printed", get->path);
	*out = reply_etag(r->x->arena, buf_str(&b), b.n);
	return OK;
}

int match_check(struct request *r)
{
	const char *wanted = http_header(r->x, "If-Match"), *allow, *etag;
	const struct route *get;
	struct pairs params;

	if (wanted == NULL || (r->route->flags & ROUTE_IF_MATCH) == 0)
		return OK;
	TRY(route_match(r->core->routes, r->x->arena, "GET", r->x->path, &get, &params, &allow, NULL));
	TRY(etag_now(r, get, &params, &etag));
	if (names(wanted, etag))
		return OK;
	return fail(&r->ctx, E_PRECONDITION,
				"It was changed since you read it; read it again and decide what to keep");
}

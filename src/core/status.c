/* See status.h. */
#include "core/status.h"

#include <string.h>

static const struct {
	int status;
	const char *reason;
} table[STATUS_KNOWN] = {
	{101, "Switching Protocols"},
	{200, "OK"},
	{201, "Created"},
	{202, "Accepted"},
	{204, "No Content"},
	{206, "Partial Content"},
	{304, "Not Modified"},
	{400, "Bad Request"},
	{401, "Unauthorized"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{409, "Conflict"},
	{410, "Gone"},
	{412, "Precondition Failed"},
	{413, "Content Too Large"},
	{416, "Range Not Satisfiable"},
	{422, "Unprocessable Content"},
	{426, "Upgrade Required"},
	{429, "Too Many Requests"},
	{500, "Internal Server Error"},
	{502, "Bad Gateway"},
	{503, "Service Unavailable"},
	{504, "Gateway Timeout"},
};

const char *status_reason(int status)
{
	int i = status_index(status);

	return i < STATUS_KNOWN ? table[i].reason : "";
}

int status_index(int status)
{
	int i = 0;

	while (i < STATUS_KNOWN && table[i].status != status)
		i++;
	return i;
}

int status_at(int i)
{
	return i < STATUS_KNOWN ? table[i].status : 0;
}

/* Keeps the array sorted. */
static void insert(short *out, size_t *n, short status)
{
	size_t at = 0;

	while (at < *n && out[at] < status)
		at++;
	if ((at < *n && out[at] == status) || *n == ROUTE_STATUSES_MAX)
		return;
	memmove(out + at + 1, out + at, (*n - at) * sizeof *out);
	out[at] = status;
	(*n)++;
}

size_t status_of_route(const struct route *r, short out[ROUTE_STATUSES_MAX])
{
	size_t n = 0;

	if (r->role > ROLE_PUBLIC)
		insert(out, &n, 401);
	if (r->role > ROLE_VIEWER || r->flag != NULL || r->shut != NULL ||
		(r->flags & ROUTE_PERSON) != 0)
		insert(out, &n, 403);
	if (strchr(r->path, '{') != NULL)
		insert(out, &n, 404);
	if (r->body != BODY_NONE)
		insert(out, &n, 413);
	if (r->in != NULL)
		insert(out, &n, 422);
	if (r->rate != RATE_NONE)
		insert(out, &n, 429);
	if ((r->flags & ROUTE_IF_MATCH) != 0)
		insert(out, &n, 412);
	for (const short *e = r->errors; e != NULL && *e != 0; e++)
		insert(out, &n, *e);
	return n;
}

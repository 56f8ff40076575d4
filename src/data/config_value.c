/* Settings as text: parsing and printing one value by its row of the table (see config.h). */
#include <inttypes.h>
#include <string.h>

#include "data/config_inner.h"
#include "data/email.h"
#include "data/network.h"
#include "data/schema_inner.h"

enum {
	LIST_MAX = 100,
	RATE_COUNT_MAX = 1000000000,
	RATE_SECONDS_MAX = 7 * 86400,
	PORT_MAX = 65535
};

static void *slot_of(const struct setting *s, struct config *c)
{
	return (char *)c + s->offset;
}

static int refuse(struct loader *l, const struct setting *s, const char *text, const char *wanted)
{
	if (s->secret)
		return fail(l, E_RULE, "%s must be %s", s->name, wanted);
	return fail(l, E_RULE, "%s must be %s, not \"%.100s\"", s->name, wanted, text);
}

static int parse_int(struct loader *l, const struct setting *s, const char *text, int64_t *out)
{
	int64_t v;

	if (text_int(text, &v) < 0 || v < s->min || v > s->max)
		return refuse(
			l, s, text,
			arena_printf(l->arena, "a whole number from %" PRId64 " to %" PRId64, s->min, s->max));
	*out = v;
	return OK;
}

static int parse_string(struct loader *l, const struct setting *s, const char *text,
						const char **out)
{
	size_t bytes = strlen(text);
	int64_t n = (int64_t)utf8_length(text, bytes);

	if (!utf8_valid(text, bytes))
		return fail(l, E_RULE, "%s must be text in UTF-8", s->name);
	if (n < s->min || (s->max > 0 && n > s->max))
		return refuse(
			l, s, text,
			arena_printf(l->arena, "%" PRId64 " to %" PRId64 " characters long", s->min, s->max));
	for (size_t i = 0; i < bytes; i++) {
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
			return fail(l, E_RULE, "%s must not contain control characters", s->name);
	}
	*out = arena_strdup(l->arena, text);
	return OK;
}

static int parse_url(struct loader *l, const struct setting *s, const char *text, const char **out)
{
	char *url = arena_strdup(l->arena, text);

	if ((!text_starts(url, "http://") && !text_starts(url, "https://")) ||
		strpbrk(url, " \t#?") != NULL || strstr(url, "://")[3] == '\0')
		return refuse(l, s, text, "an address that begins with http:// or https://");
	for (size_t n = strlen(url); n > 0 && url[n - 1] == '/'; n--)
		url[n - 1] = '\0';
	return parse_string(l, s, url, out);
}

static int parse_choice(struct loader *l, const struct setting *s, const char *text, void *slot)
{
	struct buf list;

	buf_init(&list, l->arena, 500);
	for (int i = 0; s->choices[i] != NULL; i++) {
		if (text_ieq(s->choices[i], text)) {
			memcpy(slot, &i, sizeof i);
			return OK;
		}
		buf_addf(&list, "%s%s", i > 0 ? " or " : "", s->choices[i]);
	}
	return refuse(l, s, text, buf_str(&list));
}

/* Cuts the next element of a comma list out of *at; NULL at the end. Empty elements are passed
 * over. */
static char *next_element(char **at)
{
	while (*at != NULL && **at != '\0') {
		char *element = *at, *comma = strchr(element, ',');

		*at = comma == NULL ? NULL : comma + 1;
		if (comma != NULL)
			*comma = '\0';
		element = text_trim(element);
		if (*element != '\0')
			return element;
	}
	return NULL;
}

/* scheme://host[:port] as browsers send it in Origin: nothing behind the port. */
static bool origin_valid(const char *s)
{
	const char *host = strstr(s, "://");
	size_t n;
	int64_t port;

	if (!text_starts(s, "http://") && !text_starts(s, "https://"))
		return false;
	host += 3;
	if (*host == '[') {
		n = strcspn(host, "]");
		if (host[n] == '\0' || strspn(host + 1, "0123456789abcdef:.") != n - 1)
			return false;
		n++;
	} else {
		n = strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-");
	}
	if (n == 0 || host[n] == '\0')
		return n > 0;
	return host[n] == ':' && host[n + 1] != '-' && text_int(host + n + 1, &port) == OK &&
		   port >= 1 && port <= PORT_MAX;
}

static int parse_origin(struct loader *l, const struct setting *s, char *text, const char **out)
{
	if (strcmp(text, "*") == 0)
		return fail(
			l, E_RULE,
			"%s: \"*\" is refused, because listed origins may send credentials; name each origin",
			s->name);
	for (char *at = text; *at != '\0'; at++)
		*at = *at >= 'A' && *at <= 'Z' ? (char)(*at + 32) : *at;
	if (!origin_valid(text))
		return refuse(l, s, text,
					  "a list of origins like https://app.example.com (no path, no slash)");
	*out = text;
	return OK;
}

static int parse_address(struct loader *l, const struct setting *s, char *text, const char **out)
{
	struct in6_addr address;

	if (!address_read(text, &address))
		return refuse(l, s, text, "a list of numeric addresses");
	*out = text;
	return OK;
}

static int parse_host(struct loader *l, const struct setting *s, char *text, const char **out)
{
	struct network network;

	if (!network_read(text, &network) && !host_name_valid(text))
		return refuse(l, s, text,
					  "a list of host names, addresses or networks like 10.0.0.0/8, with commas "
					  "between");
	*out = text;
	return OK;
}

static int parse_list(struct loader *l, const struct setting *s, const char *text,
					  struct strings *out)
{
	struct strings list = {.items = ARENA_ARRAY(l->arena, LIST_MAX, const char *)};
	char *at = arena_strdup(l->arena, text), *element;

	while ((element = next_element(&at)) != NULL) {
		if (list.n == LIST_MAX)
			return fail(l, E_RULE, "%s must have at most %d elements", s->name, LIST_MAX);
		if (s->type == SET_ORIGINS)
			TRY(parse_origin(l, s, element, &list.items[list.n]));
		else if (s->type == SET_HOSTS)
			TRY(parse_host(l, s, element, &list.items[list.n]));
		else
			TRY(parse_address(l, s, element, &list.items[list.n]));
		list.n++;
	}
	*out = list;
	return OK;
}

static int read_rate(const char *text, struct rate_limit *out)
{
	char count[24];
	size_t n = strcspn(text, "/");
	struct rate_limit limit = {0};

	if (n >= sizeof count)
		return E_INVALID;
	memcpy(count, text, n);
	count[n] = '\0';
	TRY(text_int(count, &limit.count));
	if (text[n] == '/')
		TRY(text_int(text + n + 1, &limit.seconds));
	if (limit.count < 0 || limit.count > RATE_COUNT_MAX || limit.seconds > RATE_SECONDS_MAX)
		return E_INVALID;
	if (limit.count > 0 && limit.seconds < 1)
		return E_INVALID;
	*out = limit.count == 0 ? (struct rate_limit){0} : limit;
	return OK;
}

static int parse_rate(struct loader *l, const struct setting *s, const char *text,
					  struct rate_limit *out)
{
	if (read_rate(text, out) < 0)
		return refuse(l, s, text, "REQUESTS/SECONDS, like 100/60, or 0 for no limit");
	return OK;
}

static bool method_known(const char *s)
{
	static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		if (strcmp(s, methods[i]) == 0)
			return true;
	}
	return false;
}

/* "POST /path=5/60", cut in place. */
static int read_route(char *text, struct rate_route *out)
{
	char *equals = strrchr(text, '='), *blank = strpbrk(text, " \t");

	if (equals == NULL || blank == NULL || blank > equals)
		return E_INVALID;
	*equals = '\0';
	*blank = '\0';
	out->method = text;
	out->path = text_trim(blank + 1);
	if (!method_known(out->method) || *out->path != '/' || strpbrk(out->path, " \t") != NULL)
		return E_INVALID;
	return read_rate(text_trim(equals + 1), &out->limit);
}

static int parse_routes(struct loader *l, const struct setting *s, const char *text,
						struct rate_routes *out)
{
	struct rate_routes list = {.items = ARENA_ARRAY(l->arena, LIST_MAX, struct rate_route)};
	char *at = arena_strdup(l->arena, text), *element;

	while ((element = next_element(&at)) != NULL) {
		const char *whole = arena_strdup(l->arena, element);

		if (list.n == LIST_MAX)
			return fail(l, E_RULE, "%s must have at most %d elements", s->name, LIST_MAX);
		if (read_route(element, &list.items[list.n]) < 0)
			return refuse(l, s, whole, "a list like \"POST /api/v1/auth/login=5/60\"");
		list.n++;
	}
	*out = list;
	return OK;
}

int setting_parse(struct loader *l, const struct setting *s, const char *text, struct config *c)
{
	void *slot = slot_of(s, c);

	switch (s->type) {
	case SET_INT: return parse_int(l, s, text, slot);
	case SET_BOOL:
		if (schema_text_bool(text, slot) < 0)
			return refuse(l, s, text, "True or False");
		return OK;
	case SET_STR: return parse_string(l, s, text, slot);
	case SET_EMAIL:
		if (!email_valid(text))
			return refuse(l, s, text, "an e-mail address");
		return parse_string(l, s, text, slot);
	case SET_URL: return parse_url(l, s, text, slot);
	case SET_CHOICE: return parse_choice(l, s, text, slot);
	case SET_ORIGINS:
	case SET_ADDRESSES:
	case SET_HOSTS: return parse_list(l, s, text, slot);
	case SET_RATE: return parse_rate(l, s, text, slot);
	case SET_ROUTES: return parse_routes(l, s, text, slot);
	}
	return OK;
}

/* ---- printing ---- */

static void print_rate(const struct rate_limit *limit, FILE *out)
{
	if (limit->count == 0)
		fputs("0", out);
	else
		fprintf(out, "%" PRId64 "/%" PRId64, limit->count, limit->seconds);
}

static void print_strings(const struct strings *list, FILE *out)
{
	for (size_t i = 0; i < list->n; i++)
		fprintf(out, "%s%s", i > 0 ? "," : "", list->items[i]);
}

static void print_routes(const struct rate_routes *list, FILE *out)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct rate_route *r = &list->items[i];

		fprintf(out, "%s%s %s=", i > 0 ? ", " : "", r->method, r->path);
		print_rate(&r->limit, out);
	}
}

static void print_string(const struct setting *s, const char *v, FILE *out)
{
	if (v != NULL)
		fputs(s->secret ? "********" : v, out);
}

void setting_print(const struct setting *s, const struct config *c, FILE *out)
{
	const void *slot = (const char *)c + s->offset;
	int choice;

	switch (s->type) {
	case SET_INT: fprintf(out, "%" PRId64, *(const int64_t *)slot); break;
	case SET_BOOL: fputs(*(const bool *)slot ? "True" : "False", out); break;
	case SET_STR:
	case SET_EMAIL:
	case SET_URL: print_string(s, *(const char *const *)slot, out); break;
	case SET_CHOICE:
		memcpy(&choice, slot, sizeof choice);
		fputs(s->choices[choice], out);
		break;
	case SET_ORIGINS:
	case SET_ADDRESSES:
	case SET_HOSTS: print_strings(slot, out); break;
	case SET_RATE: print_rate(slot, out); break;
	case SET_ROUTES: print_routes(slot, out); break;
	}
}

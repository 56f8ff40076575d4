/*
 * JSON by pointers (RFC 6901), with what sources need beyond them: alternatives ("/a | /b"),
 * composition ("{/city}, {/country}"), "*" for every element, constants ("=text").
 */
#include <string.h>

#include "scrape/read.h"
#include "scrape/relax.h"

enum { TOKEN_MAX = 200, EXPANSION_MAX = 200, DEPTH_MAX = 20 };

struct failable {
	struct error *error;
};

/* One step's name, "~1" and "~0" resolved. Returns where the next begins. */
static const char *take_token(const char *p, char out[TOKEN_MAX])
{
	size_t n = 0;

	for (p++; *p != '\0' && *p != '/'; p++) {
		char c = *p;

		if (c == '~' && (p[1] == '0' || p[1] == '1'))
			c = *++p == '0' ? '~' : '/';
		if (n < TOKEN_MAX - 1)
			out[n++] = c;
	}
	out[n] = '\0';
	return p;
}

static const struct json_value *step(const struct json_value *v, const char *token)
{
	int64_t i;

	if (json_kind(v) == JSON_OBJECT)
		return json_get(v, token);
	if (json_kind(v) == JSON_ARRAY && text_int(token, &i) == OK && i >= 0)
		return json_at(v, (size_t)i);
	return NULL;
}

static void append(struct buf *b, const char *s)
{
	if (b->n > 0 && *s != '\0')
		buf_adds(b, ", ");
	buf_adds(b, s);
}

/* A value as text: strings, numbers, true and false; the elements of an array, with commas. */
static void add_value(const struct json_value *v, struct buf *b)
{
	struct buf number;

	switch (json_kind(v)) {
	case JSON_STRING: append(b, json_string(v)); break;
	case JSON_BOOL: append(b, json_bool(v) ? "true" : "false"); break;
	case JSON_INT:
	case JSON_REAL:
		buf_init(&number, NULL, 64);
		if (json_kind(v) == JSON_INT)
			json_print_int(&number, json_int(v));
		else
			json_print_real(&number, json_real(v));
		append(b, buf_str(&number));
		buf_done(&number);
		break;
	case JSON_ARRAY:
		for (size_t i = 0; i < json_size(v) && i < EXPANSION_MAX; i++)
			if (json_kind(json_at(v, i)) != JSON_ARRAY)
				add_value(json_at(v, i), b);
		break;
	case JSON_OBJECT:
	case JSON_NULL: break;
	}
}

/* Everything that the pointer, from p on, leads to. joined: HTML behind HTML needs no commas. */
static void follow(const struct json_value *v, const char *p, int depth, struct buf *b)
{
	char token[TOKEN_MAX];

	if (v == NULL || depth > DEPTH_MAX || !buf_ok(b))
		return;
	if (*p != '/') {
		add_value(v, b);
		return;
	}
	p = take_token(p, token);
	if (strcmp(token, "*") != 0) {
		follow(step(v, token), p, depth + 1, b);
		return;
	}
	for (size_t i = 0; json_kind(v) == JSON_ARRAY && i < json_size(v) && i < EXPANSION_MAX; i++)
		follow(json_at(v, i), p, depth + 1, b);
}

static const char *pointed(struct arena *a, const struct json_value *v, const char *pointer)
{
	struct buf b;

	buf_init(&b, a, READ_VALUE_MAX);
	follow(v, pointer, 0, &b);
	return buf_str(&b);
}

/* "{/city}, {/country}": what is empty takes the separator before it along. */
static const char *composed(struct arena *a, const struct json_value *v, const char *form)
{
	struct buf b;

	buf_init(&b, a, READ_VALUE_MAX);
	for (const char *p = form; *p != '\0';) {
		size_t text = strcspn(p, "{"), n;
		const char *value;

		if (p[text] == '\0') {
			buf_adds(&b, b.n > 0 ? p : "");
			break;
		}
		n = strcspn(p + text, "}");
		value = pointed(a, v, arena_strndup(a, p + text + 1, n > 0 ? n - 1 : 0));
		if (!text_is_blank(value)) {
			if (b.n > 0 || memchr(p, '<', text) != NULL)
				buf_add(&b, p, text);
			buf_adds(&b, value);
		}
		p += text + n + (p[text + n] == '}');
	}
	return buf_str(&b);
}

static const char *evaluate(struct arena *a, const struct json_value *v, const char *expression)
{
	char *rest = arena_strdup(a, expression), *part;

	if (*expression == '=')
		return expression + 1;
	while ((part = strsep(&rest, "|")) != NULL) {
		const char *value;

		part = text_trim(part);
		value = strchr(part, '{') != NULL ? composed(a, v, part) : pointed(a, v, part);
		if (!text_is_blank(value))
			return value;
	}
	return NULL;
}

static void read_map(struct arena *a, const struct json_value *v, const struct source_map *map,
					 struct raw *r)
{
	for (int f = 0; f < SOURCE_PARTS; f++) {
		const char *expression = source_map_get(map, (enum source_part)f);

		if (expression == NULL)
			raw_put(r, (enum source_part)f, NULL, "the source does not say where it is");
		else
			raw_put(r, (enum source_part)f, evaluate(a, v, expression),
					arena_printf(a, "nothing at %s", expression));
	}
}

static int parse(struct arena *a, struct error *error, const struct page *p,
				 const struct json_value **out)
{
	struct failable f = {error};
	const char *why;

	if (json_parse(a, p->text, p->size, out, &why) == OK ||
		json_parse(a, json_relax(a, p->text, p->size), p->size, out, &why) == OK)
		return OK;
	return fail(&f, E_UPSTREAM, "the reply is no JSON: %s", why);
}

static const struct json_value *find(const struct json_value *v, const char *pointer)
{
	char token[TOKEN_MAX];

	while (v != NULL && *pointer == '/') {
		pointer = take_token(pointer, token);
		v = step(v, token);
	}
	return v;
}

int read_json(struct arena *a, struct error *error, const struct source *s, const struct page *p,
			  struct raws *out)
{
	struct failable f = {error};
	const struct json_value *v, *items;
	struct raw *r;

	TRY(parse(a, error, p, &v));
	items = find(v, s->items);
	if (json_kind(items) != JSON_ARRAY)
		return fail(&f, E_UPSTREAM, "the reply has no array at \"%s\"", s->items);
	for (size_t i = 0; i < json_size(items); i++) {
		const struct json_value *item = json_at(items, i);

		if (json_kind(item) != JSON_OBJECT || (r = raws_add(a, out)) == NULL)
			continue;
		read_map(a, item, &s->fields, r);
		if (s->detail != NULL)
			r->detail = evaluate(a, item, s->detail);
	}
	return OK;
}

int read_json_detail(struct arena *a, struct error *error, const struct source *s,
					 const struct page *p, struct raw *raw)
{
	const struct json_value *v;
	struct raw more = {0};

	TRY(parse(a, error, p, &v));
	read_map(a, v, &s->detail_fields, &more);
	for (int f = 0; f < SOURCE_PARTS; f++)
		raw_put(raw, (enum source_part)f, more.value[f], raw->why[f]);
	return OK;
}

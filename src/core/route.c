/*
 * See route.h. The tables of all features become one tree of path segments; a node has its fixed
 * children in a list and at most one child for any {parameter}. Matching walks fixed segments first
 * and turns back where they lead nowhere. The names of parameters belong to the row, so
 * "/users/{user_id}" and
 * "/users/{id}/file" share their nodes.
 */
#include "core/route.h"

#include <string.h>

#include "core/flag.h"

enum { SEGMENTS_MAX = 16, ROUTES_MAX = 1024 };

struct entry {
	const struct route *route;
	const char *names[SEGMENTS_MAX];
	size_t n;
	struct entry *next;
};

struct node {
	const char *segment;
	struct node *children, *next; /* fixed ones */
	struct node *parameter;
	struct entry *entries; /* rows that end here, one for each method */
	const char *allow;
	unsigned flags; /* of the rows together */
};

struct routes {
	struct node *root;
	const struct route **rows;
	size_t n;
};

/* The compiler's own state. */
struct compiler {
	struct arena *arena;
	struct error *error;
	struct routes *routes;
	unsigned without;
};

struct segments {
	char *items[SEGMENTS_MAX];
	size_t n;
};

/* Cuts path in place at its slashes; one slash at the end is nothing. False: no path of ours. */
static bool split(char *path, struct segments *out)
{
	char *p = path;

	out->n = 0;
	if (*p++ != '/')
		return false;
	while (*p != '\0') {
		char *slash = strchr(p, '/');

		if (slash == p || out->n == SEGMENTS_MAX)
			return false;
		out->items[out->n++] = p;
		if (slash == NULL)
			return true;
		*slash = '\0';
		p = slash + 1;
	}
	return true;
}

static bool is_parameter(const char *segment)
{
	return segment[0] == '{';
}

static struct node *child(struct compiler *k, struct node *parent, const char *segment)
{
	struct node **at = &parent->children;

	if (is_parameter(segment)) {
		if (parent->parameter == NULL)
			parent->parameter = ARENA_NEW(k->arena, struct node);
		return parent->parameter;
	}
	for (; *at != NULL; at = &(*at)->next)
		if (strcmp((*at)->segment, segment) == 0)
			return *at;
	*at = ARENA_NEW(k->arena, struct node);
	(*at)->segment = segment;
	return *at;
}

static const struct field *find_field(const struct schema *s, const char *name)
{
	for (size_t i = 0; s != NULL && i < s->n; i++)
		if (strcmp(s->fields[i].name, name) == 0)
			return &s->fields[i];
	return NULL;
}

static bool has_type(const struct schema *s, const char *name, enum type type)
{
	const struct field *f = find_field(s, name);

	return f != NULL && f->type == type && (f->flags & F_QUERY) != 0;
}

static size_t count_fields(const struct schema *s, unsigned flags, int type)
{
	size_t n = 0;

	for (size_t i = 0; s != NULL && i < s->n; i++)
		if ((s->fields[i].flags & flags) == flags && (type < 0 || (int)s->fields[i].type == type))
			n++;
	return n;
}

bool route_takes_file(const struct route *r)
{
	return r->body == BODY_FILE || r->body == BODY_FILE_OR_JSON;
}

bool route_only_reads(const struct route *r)
{
	return strcmp(r->method, "GET") == 0 && (r->flags & ROUTE_WRITES) == 0;
}

/* Nothing that an event loop could come to wait for: a write, a list, a file, the audit trail. */
static bool may_be_bounded(const struct route *r)
{
	const unsigned more = ROUTE_LIST | ROUTE_CRYPT | ROUTE_SLOW | ROUTE_RAW | ROUTE_WRITES |
						  ROUTE_STREAM | ROUTE_PARSER | ROUTE_OWN_TX | ROUTE_INVITED;

	return strcmp(r->method, "GET") == 0 && (r->flags & more) == 0 && r->body == BODY_NONE &&
		   r->flag == NULL && r->audit == NULL;
}

/* What must hold between a row and its schemas. */
static int check_row(struct compiler *k, const struct route *r, const struct entry *e)
{
	for (size_t i = 0; i < e->n; i++) {
		const struct field *f = find_field(r->in, e->names[i]);

		if (f == NULL || (f->flags & F_PATH) == 0)
			return fail(k, E_INTERNAL, "%s %s: no path field %s", r->method, r->path, e->names[i]);
	}
	if (count_fields(r->in, F_PATH, -1) != e->n)
		return fail(k, E_INTERNAL, "%s %s: a path field that the path lacks", r->method, r->path);
	if ((r->flags & ROUTE_LIST) != 0 &&
		(r->out == NULL || !has_type(r->in, "skip", T_INT) || !has_type(r->in, "limit", T_INT)))
		return fail(k, E_INTERNAL, "%s %s: a list without skip, limit or out", r->method, r->path);
	if (route_takes_file(r) != (count_fields(r->in, 0, T_UPLOAD) == 1))
		return fail(k, E_INTERNAL, "%s %s: BODY_FILE takes exactly one file", r->method, r->path);
	if (r->flag != NULL && !flag_known(r->flag))
		return fail(k, E_INTERNAL, "%s %s: there is no flag %s", r->method, r->path, r->flag);
	if ((r->body == BODY_STREAM) != (r->sink != NULL))
		return fail(k, E_INTERNAL, "%s %s: BODY_STREAM takes a sink", r->method, r->path);
	if ((r->flags & ROUTE_BOUNDED) != 0 && !may_be_bounded(r))
		return fail(k, E_INTERNAL, "%s %s: too much for ROUTE_BOUNDED", r->method, r->path);
	if (r->run == NULL || r->status < 101 || r->status > 299 || r->doc == NULL)
		return fail(k, E_INTERNAL, "%s %s: handler, status or doc missing", r->method, r->path);
	return OK;
}

static int add_row(struct compiler *k, const struct route *r)
{
	struct node *node = k->routes->root;
	struct entry *e = ARENA_NEW(k->arena, struct entry);
	struct segments s;

	if (k->routes->n == ROUTES_MAX)
		return fail(k, E_INTERNAL, "more than %d routes", ROUTES_MAX);
	if (!split(arena_strdup(k->arena, r->path), &s))
		return fail(k, E_INTERNAL, "%s %s: not a path", r->method, r->path);
	for (size_t i = 0; i < s.n; i++) {
		node = child(k, node, s.items[i]);
		if (is_parameter(s.items[i]))
			e->names[e->n++] = arena_strndup(k->arena, s.items[i] + 1, strlen(s.items[i]) - 2);
	}
	for (const struct entry *o = node->entries; o != NULL; o = o->next) {
		if (strcmp(o->route->method, r->method) == 0)
			return fail(k, E_INTERNAL, "%s %s and %s are the same route", r->method, r->path,
						o->route->path);
		if (strcmp(o->route->path, r->path) != 0)
			return fail(k, E_INTERNAL, "%s and %s are one path, spelt in two ways", r->path,
						o->route->path);
	}
	TRY(check_row(k, r, e));
	e->route = r;
	e->next = node->entries;
	node->entries = e;
	node->flags |= r->flags;
	k->routes->rows[k->routes->n++] = r;
	return OK;
}

static const struct entry *find_method(const struct node *node, const char *method)
{
	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	for (const struct entry *e = node->entries; e != NULL; e = e->next)
		if (strcmp(e->route->method, method) == 0)
			return e;
	return NULL;
}

/* The Allow header (RFC 9110, 10.2.1) of each node, written once. */
static void write_allow(struct compiler *k, struct node *node)
{
	static const char *const order[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
	struct buf b;

	buf_init(&b, k->arena, 256);
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
		if (find_method(node, order[i]) != NULL)
			buf_addf(&b, "%s, ", order[i]);
	buf_adds(&b, "OPTIONS");
	node->allow = buf_str(&b);
}

/* Depth is at most SEGMENTS_MAX. */
static void write_allow_all(struct compiler *k, struct node *node)
{
	if (node->entries != NULL)
		write_allow(k, node);
	if (node->parameter != NULL)
		write_allow_all(k, node->parameter);
	for (struct node *c = node->children; c != NULL; c = c->next)
		write_allow_all(k, c);
}

/* ROUTE_IF_MATCH: a writer with a transaction, beside a GET of the same thing that answers in JSON.
 */
static int check_if_match(struct compiler *k, const struct route *r)
{
	enum {
		NO_TX = ROUTE_CRYPT | ROUTE_SLOW | ROUTE_OWN_TX | ROUTE_PARSER,
		NO_TAG = ROUTE_LIST | ROUTE_RAW | ROUTE_FRESH
	};
	struct pairs params;
	const struct route *get;
	const char *allow;

	if ((r->flags & ROUTE_IF_MATCH) == 0)
		return OK;
	if (route_match(k->routes, k->arena, "GET", r->path, &get, &params, &allow, NULL) < 0 ||
		get->in == NULL || get->out == NULL || (get->flags & NO_TAG) != 0 ||
		(r->flags & NO_TX) != 0 || (r->out != NULL && r->out != get->out))
		return fail(k, E_INTERNAL, "%s %s: ROUTE_IF_MATCH without a GET like it", r->method,
					r->path);
	return OK;
}

static int add_feature(struct compiler *k, const struct feature *f)
{
	for (size_t i = 0; i < f->nroutes; i++)
		if ((f->routes[i].flags & k->without) == 0)
			TRY(add_row(k, &f->routes[i]));
	return OK;
}

int routes_new(struct arena *a, struct error *error, const struct feature *const *features,
			   size_t n, unsigned without, struct routes **out)
{
	struct routes *r = ARENA_NEW(a, struct routes);
	struct compiler k = {a, error, r, without};

	r->root = ARENA_NEW(a, struct node);
	r->rows = ARENA_ARRAY(a, ROUTES_MAX, const struct route *);
	for (size_t i = 0; i < n; i++)
		TRY(add_feature(&k, features[i]));
	write_allow_all(&k, r->root);
	for (size_t i = 0; i < r->n; i++)
		TRY(check_if_match(&k, r->rows[i]));
	*out = r;
	return OK;
}

size_t routes_count(const struct routes *r)
{
	return r->n;
}

const struct route *routes_at(const struct routes *r, size_t i)
{
	return i < r->n ? r->rows[i] : NULL;
}

struct walk {
	struct segments s;
	const char *values[SEGMENTS_MAX];
	size_t nvalues;
};

/* Finds the node where the path ends and rows stand. Depth is at most SEGMENTS_MAX. */
static const struct node *walk(struct walk *w, const struct node *node, size_t i)
{
	const struct node *found;

	if (i == w->s.n)
		return node->entries != NULL ? node : NULL;
	for (const struct node *c = node->children; c != NULL; c = c->next) {
		if (strcmp(c->segment, w->s.items[i]) != 0)
			continue;
		found = walk(w, c, i + 1);
		if (found != NULL)
			return found;
		break;
	}
	if (node->parameter == NULL)
		return NULL;
	w->values[w->nvalues++] = w->s.items[i];
	found = walk(w, node->parameter, i + 1);
	if (found == NULL)
		w->nvalues--;
	return found;
}

int route_match(const struct routes *r, struct arena *a, const char *method, const char *path,
				const struct route **out, struct pairs *params, const char **allow, unsigned *flags)
{
	struct walk w = {.nvalues = 0};
	const struct node *node;
	const struct entry *e;

	if (!split(arena_strdup(a, path), &w.s))
		return E_NOT_FOUND;
	node = walk(&w, r->root, 0);
	if (node == NULL)
		return E_NOT_FOUND;
	*allow = node->allow;
	if (flags != NULL)
		*flags = node->flags;
	e = find_method(node, method);
	if (e == NULL)
		return E_RULE;
	params->n = e->n;
	params->items = e->n == 0 ? NULL : ARENA_ARRAY(a, e->n, struct pair);
	for (size_t i = 0; i < e->n; i++)
		params->items[i] = (struct pair){e->names[i], w.values[i]};
	*out = e->route;
	return OK;
}

/* See openapi.h: the tables as JSON, from which the contract tests are generated. */
#include <inttypes.h>
#include <string.h>

#include "core/openapi.h"
#include "core/status.h"

enum { NESTING_MAX = 8 };

static void add_string(struct buf *b, const char *key, const char *value)
{
	buf_addf(b, "\"%s\":", key);
	json_print_string(b, value);
}

static void add_flag(struct buf *b, const char *key, bool value)
{
	buf_addf(b, ",\"%s\":%s", key, value ? "true" : "false");
}

static const char *type_name(enum type type)
{
	switch (type) {
	case T_INT:
	case T_OPT_INT: return "integer";
	case T_NUM: return "number";
	case T_BOOL:
	case T_OPT_BOOL: return "boolean";
	case T_STR:
	case T_OPT_STR: return "string";
	case T_WHEN: return "datetime";
	case T_STRINGS: return "strings";
	case T_LIST: return "list";
	case T_OBJECT: return "object";
	case T_JSON: return "json";
	case T_UPLOAD: return "file";
	}
	return "";
}

static const char *where_name(const struct field *f)
{
	if ((f->flags & F_PATH) != 0)
		return "path";
	if ((f->flags & F_HEADER) != 0)
		return "header";
	return (f->flags & F_QUERY) != 0 ? "query" : "body";
}

static bool is_text(enum type type)
{
	return type == T_STR || type == T_OPT_STR || type == T_WHEN;
}

/* What may be null: in a reply also an unset opt_*, unless it is left out. */
static bool is_nullable(const struct field *f, bool input)
{
	bool opt = f->type == T_OPT_INT || f->type == T_OPT_BOOL || f->type == T_OPT_STR;

	return (f->flags & F_NULL) != 0 || (!input && opt && (f->flags & F_OMIT) == 0);
}

static void add_bounds(struct buf *b, const struct field *f)
{
	if (f->type == T_NUM && f->min == 0 && f->max == 0)
		buf_adds(b, ",\"min\":null");
	else
		buf_addf(b, ",\"min\":%" PRId64, f->min);
	if (f->max == 0)
		buf_adds(b, ",\"max\":null");
	else
		buf_addf(b, ",\"max\":%" PRId64, f->max);
}

static void add_choices(struct buf *b, const struct field *f)
{
	buf_adds(b, ",\"choices\":");
	if (f->choices == NULL) {
		buf_adds(b, "null");
		return;
	}
	for (size_t i = 0; f->choices[i] != NULL; i++) {
		buf_adds(b, i == 0 ? "[" : ",");
		json_print_string(b, f->choices[i]);
	}
	buf_addc(b, ']');
}

static void add_schema(struct buf *b, const struct schema *s, bool input, int depth);

static void add_field(struct buf *b, const struct field *f, bool input, int depth)
{
	buf_addc(b, '{');
	add_string(b, "name", f->name);
	buf_addc(b, ',');
	add_string(b, "type", type_name(f->type));
	buf_addc(b, ',');
	add_string(b, "where", where_name(f));
	add_flag(b, "required", (f->flags & F_REQUIRED) != 0);
	add_flag(b, "nullable", is_nullable(f, input));
	add_flag(b, "omitted", (f->flags & F_OMIT) != 0);
	add_flag(b, "secret", (f->flags & F_SECRET) != 0);
	add_flag(b, "email", (f->flags & F_EMAIL) != 0);
	add_bounds(b, f);
	add_choices(b, f);
	buf_adds(b, ",\"default\":");
	if (f->preset != NULL && !is_text(f->type))
		buf_adds(b, f->preset);
	else
		json_print_string(b, f->preset);
	buf_adds(b, ",\"example\":");
	buf_adds(b, f->example == NULL ? "null" : f->example);
	if (f->of != NULL && depth < NESTING_MAX) {
		buf_adds(b, ",\"fields\":");
		add_schema(b, f->of, input, depth + 1);
	}
	buf_addc(b, '}');
}

/* The fields of s as an array. */
static void add_schema(struct buf *b, const struct schema *s, bool input, int depth)
{
	buf_addc(b, '[');
	for (size_t i = 0; i < s->n; i++) {
		if (i > 0)
			buf_addc(b, ',');
		add_field(b, &s->fields[i], input, depth);
	}
	buf_addc(b, ']');
}

static void add_side(struct buf *b, const struct schema *s, bool input)
{
	buf_adds(b, input ? ",\"in\":" : ",\"out\":");
	if (s == NULL) {
		buf_adds(b, "null");
		return;
	}
	buf_addc(b, '{');
	add_string(b, "name", s->name);
	buf_adds(b, ",\"fields\":");
	add_schema(b, s, input, 0);
	buf_addc(b, '}');
}

static void add_route_flags(struct buf *b, unsigned flags)
{
	static const struct {
		unsigned flag;
		const char *name;
	} table[] = {
		{ROUTE_LIST, "list"},       {ROUTE_CRYPT, "crypt"},
		{ROUTE_SLOW, "slow"},       {ROUTE_DEBUG, "debug"},
		{ROUTE_RAW, "raw"},         {ROUTE_PAGE, "page"},
		{ROUTE_WRITES, "writes"},   {ROUTE_OPTIONAL_AUTH, "optional_auth"},
		{ROUTE_HIDDEN, "hidden"},   {ROUTE_VIDEO, "video"},
		{ROUTE_INVITED, "invited"}, {ROUTE_RESUMABLE, "resumable"},
		{ROUTE_STREAM, "stream"},   {ROUTE_MEDIA, "media"},
		{ROUTE_FRESH, "fresh"},     {ROUTE_PLAIN_ERRORS, "plain_errors"},
		{ROUTE_LENIENT, "lenient"}, {ROUTE_PERSON, "person"},
		{ROUTE_OWN_TX, "own_tx"},   {ROUTE_PARSER, "parser"},
		{ROUTE_BOUNDED, "bounded"}, {ROUTE_IF_MATCH, "if_match"},
	};
	bool first = true;

	buf_adds(b, ",\"flags\":[");
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		if ((flags & table[i].flag) == 0)
			continue;
		buf_addf(b, first ? "\"%s\"" : ",\"%s\"", table[i].name);
		first = false;
	}
	buf_addc(b, ']');
}

static const char *rate_name(enum rate_class rate)
{
	switch (rate) {
	case RATE_DEFAULT: return "default";
	case RATE_STRICT: return "strict";
	case RATE_NONE: return "none";
	}
	return "";
}

static const char *body_name(enum body_kind body)
{
	switch (body) {
	case BODY_NONE: return "none";
	case BODY_JSON: return "json";
	case BODY_JSON_OR_FORM: return "json_or_form";
	case BODY_FILE: return "file";
	case BODY_FILE_OR_JSON: return "file_or_json";
	case BODY_STREAM: return "stream";
	}
	return "";
}

static void add_route(struct buf *b, const struct route *r)
{
	short statuses[ROUTE_STATUSES_MAX];
	size_t n = status_of_route(r, statuses);

	buf_addc(b, '{');
	add_string(b, "method", r->method);
	buf_addc(b, ',');
	add_string(b, "path", r->path);
	buf_addc(b, ',');
	add_string(b, "role", role_name(r->role));
	buf_addc(b, ',');
	add_string(b, "rate", rate_name(r->rate));
	buf_addc(b, ',');
	add_string(b, "body", body_name(r->body));
	buf_addf(b, ",\"max_body\":%" PRId64 ",\"status\":%d", r->max_body, r->status);
	add_route_flags(b, r->flags);
	buf_adds(b, ",\"errors\":[");
	for (size_t i = 0; i < n; i++)
		buf_addf(b, i == 0 ? "%d" : ",%d", statuses[i]);
	buf_addc(b, ']');
	add_side(b, r->in, true);
	add_side(b, r->out, false);
	buf_addc(b, ',');
	if (r->flag != NULL)
		add_string(b, "flag", r->flag);
	else
		buf_adds(b, "\"flag\":null");
	add_flag(b, "list", (r->flags & ROUTE_LIST) != 0);
	buf_addc(b, '}');
}

int routes_print(const struct routes *r, struct buf *out)
{
	buf_addc(out, '[');
	for (size_t i = 0; i < routes_count(r); i++) {
		buf_adds(out, i == 0 ? "\n" : ",\n");
		add_route(out, routes_at(r, i));
	}
	buf_adds(out, "\n]\n");
	return buf_ok(out) ? OK : E_TOO_LARGE;
}

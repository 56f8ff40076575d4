/*
 * OpenAPI: the tables as JSON Schema 2020-12, as OpenAPI 3.1 uses it (see schema.h). Nested objects
 * are written out in place: no component refers to another.
 */
#include <string.h>

#include "base/error.h"
#include "data/schema_inner.h"

static int describe_schema(const struct schema *s, bool input, int depth, struct buf *out);

static bool nullable(const struct field *f, bool input)
{
	bool opt = f->type == T_OPT_INT || f->type == T_OPT_BOOL || f->type == T_OPT_STR;

	/* An unset opt_* prints as null, unless it is left out. */
	return (f->flags & F_NULL) != 0 || (!input && opt && (f->flags & F_OMIT) == 0);
}

static const char *type_name(const struct field *f)
{
	switch (f->type) {
	case T_INT:
	case T_OPT_INT: return "integer";
	case T_NUM: return "number";
	case T_BOOL:
	case T_OPT_BOOL: return "boolean";
	case T_STR:
	case T_OPT_STR:
	case T_WHEN:
	case T_UPLOAD: return "string";
	case T_STRINGS:
	case T_LIST: return "array";
	case T_OBJECT: return "object";
	case T_JSON: return (f->flags & F_STRINGS) != 0 ? "array" : NULL;
	}
	return NULL;
}

static const char *format_name(const struct field *f)
{
	if ((f->flags & F_EMAIL) != 0)
		return "email";
	switch (f->type) {
	case T_INT:
	case T_OPT_INT: return "int64";
	case T_NUM: return "double";
	case T_WHEN: return "date-time";
	case T_UPLOAD: return "binary";
	case T_STR:
	case T_OPT_STR: return (f->flags & F_SECRET) != 0 ? "password" : NULL;
	case T_BOOL:
	case T_OPT_BOOL:
	case T_STRINGS:
	case T_LIST:
	case T_OBJECT:
	case T_JSON: break;
	}
	return NULL;
}

static int add_number(struct buf *out, const char *key, int64_t v)
{
	TRY(buf_addf(out, ",\"%s\":", key));
	return json_print_int(out, v);
}

static int add_string(struct buf *out, const char *key, const char *s)
{
	TRY(buf_addf(out, ",\"%s\":", key));
	return json_print_string(out, s);
}

static int add_bounds(const struct field *f, struct buf *out)
{
	const char *least = NULL, *most = NULL;

	switch (f->type) {
	case T_INT:
	case T_OPT_INT:
	case T_NUM:
		if (f->type != T_NUM || f->min != 0 || f->max != 0)
			least = "minimum";
		most = f->max != 0 ? "maximum" : NULL;
		break;
	case T_STR:
	case T_OPT_STR:
		least = f->min != 0 ? "minLength" : NULL;
		most = "maxLength";
		break;
	case T_STRINGS:
	case T_LIST:
		least = f->min != 0 ? "minItems" : NULL;
		most = "maxItems";
		break;
	case T_BOOL:
	case T_OPT_BOOL:
	case T_WHEN:
	case T_OBJECT:
	case T_JSON:
	case T_UPLOAD: break;
	}
	if (least != NULL)
		TRY(add_number(out, least, f->min));
	if (most != NULL)
		TRY(add_number(out, most, schema_max(f)));
	return OK;
}

static int add_choices(const struct field *f, bool with_null, struct buf *out)
{
	TRY(buf_adds(out, ",\"enum\":["));
	for (size_t i = 0; f->choices[i] != NULL; i++) {
		if (i > 0)
			TRY(buf_addc(out, ','));
		TRY(json_print_string(out, f->choices[i]));
	}
	return buf_adds(out, with_null ? ",null]" : "]");
}

static int add_items(const struct field *f, bool input, int depth, struct buf *out)
{
	TRY(buf_adds(out, ",\"items\":"));
	if (f->type == T_LIST)
		return describe_schema(f->of, input, depth + 1, out);
	TRY(buf_adds(out, "{\"type\":\"string\""));
	if (f->choices != NULL)
		TRY(add_choices(f, false, out));
	return buf_addc(out, '}');
}

static int add_preset(const struct field *f, struct buf *out)
{
	bool v = false;

	if (f->type == T_STR || f->type == T_WHEN)
		return add_string(out, "default", f->preset);
	if (f->type == T_BOOL && schema_text_bool(f->preset, &v) == OK)
		return buf_addf(out, ",\"default\":%s", v ? "true" : "false");
	return buf_addf(out, ",\"default\":%s", f->preset);
}

/* The properties and so on of a nested schema, inside of the field's own object. */
static int add_members(const struct schema *s, bool input, int depth, struct buf *out);

static int add_type(const struct field *f, bool null, struct buf *out)
{
	if (type_name(f) == NULL)
		return add_string(out, "title", f->name);
	if (null)
		return buf_addf(out, ",\"type\":[\"%s\",\"null\"]", type_name(f));
	return add_string(out, "type", type_name(f));
}

static int describe_field(const struct field *f, bool input, int depth, struct buf *out)
{
	bool null = nullable(f, input);

	TRY(buf_adds(out, "{\"description\":"));
	TRY(json_print_string(out, f->doc == NULL ? "" : f->doc));
	TRY(add_type(f, null, out));
	if (format_name(f) != NULL)
		TRY(add_string(out, "format", format_name(f)));
	if (input)
		TRY(add_bounds(f, out));
	if (f->choices != NULL && f->type != T_STRINGS)
		TRY(add_choices(f, null, out));
	if (text_eq(type_name(f), "array"))
		TRY(add_items(f, input, depth, out));
	if (f->type == T_OBJECT)
		TRY(add_members(f->of, input, depth + 1, out));
	if (input && f->preset != NULL)
		TRY(add_preset(f, out));
	if (input && (f->flags & F_SECRET) != 0)
		TRY(buf_adds(out, ",\"writeOnly\":true"));
	if (f->example != NULL && f->type != T_UPLOAD)
		TRY(buf_addf(out, ",\"examples\":[%s]", f->example));
	return buf_addc(out, '}');
}

/* Whether the field is part of the body that comes in, or of the reply. */
static bool shown(const struct field *f, bool input)
{
	return (f->flags & (input ? F_PATH | F_QUERY | F_HEADER : F_SECRET)) == 0;
}

static int add_required(const struct schema *s, bool input, struct buf *out)
{
	bool any = false;

	for (size_t i = 0; i < s->n; i++) {
		const struct field *f = &s->fields[i];
		bool required = input ? (f->flags & F_REQUIRED) != 0 : (f->flags & F_OMIT) == 0;

		if (!shown(f, input) || !required)
			continue;
		TRY(buf_adds(out, any ? "," : ",\"required\":["));
		TRY(json_print_string(out, f->name));
		any = true;
	}
	return any ? buf_addc(out, ']') : OK;
}

static int add_members(const struct schema *s, bool input, int depth, struct buf *out)
{
	bool first = true;

	if (depth > SCHEMA_NESTING_MAX)
		return OK;
	TRY(buf_adds(out, ",\"properties\":{"));
	for (size_t i = 0; i < s->n; i++) {
		if (!shown(&s->fields[i], input))
			continue;
		TRY(buf_addf(out, "%s\"%s\":", first ? "" : ",", s->fields[i].name));
		TRY(describe_field(&s->fields[i], input, depth, out));
		first = false;
	}
	TRY(buf_addc(out, '}'));
	return add_required(s, input, out);
}

static int describe_schema(const struct schema *s, bool input, int depth, struct buf *out)
{
	TRY(buf_adds(out, "{\"type\":\"object\""));
	TRY(add_string(out, "title", s->name));
	if (s->doc != NULL)
		TRY(add_string(out, "description", s->doc));
	TRY(add_members(s, input, depth, out));
	return buf_addc(out, '}');
}

int schema_openapi(const struct schema *s, bool input, struct buf *out)
{
	return describe_schema(s, input, 0, out);
}

int schema_field_openapi(const struct field *f, struct buf *out)
{
	return describe_field(f, true, 0, out);
}

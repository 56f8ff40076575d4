/*
 * See schema.h. This file: the rules that binding, OpenAPI and the self-check share, and the
 * self-check. Binding is in bind.c, printing in print.c, OpenAPI in describe.c.
 */
#include "data/schema.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "data/schema_inner.h"

int64_t schema_max(const struct field *field)
{
	if (field->max != 0)
		return field->max;
	switch (field->type) {
	case T_STR:
	case T_OPT_STR: return SCHEMA_STR_MAX;
	case T_STRINGS:
	case T_LIST: return SCHEMA_LIST_MAX;
	case T_INT:
	case T_NUM:
	case T_BOOL:
	case T_WHEN:
	case T_OPT_INT:
	case T_OPT_BOOL:
	case T_OBJECT:
	case T_JSON:
	case T_UPLOAD: break;
	}
	return INT64_MAX;
}

bool schema_chosen(const struct field *field, const char *s)
{
	if (field->choices == NULL)
		return true;
	for (size_t i = 0; field->choices[i] != NULL; i++) {
		if (strcmp(field->choices[i], s) == 0)
			return true;
	}
	return false;
}

int schema_text_real(const char *s, double *out)
{
	double v;
	char *end;

	/* strtod would also take blanks, hexadecimal, "inf" and "nan". */
	if (*s == '\0' || s[strspn(s, "0123456789+-.eE")] != '\0')
		return E_INVALID;
	v = strtod(s, &end);
	if (*end != '\0' || end == s || !isfinite(v))
		return E_INVALID;
	*out = v;
	return OK;
}

int schema_text_bool(const char *s, bool *out)
{
	static const char *const words[] = {"false", "true", "0", "1", "no", "yes",
										"off",   "on",   "f", "t", "n",  "y"};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (text_ieq(s, words[i])) {
			*out = i % 2 == 1;
			return OK;
		}
	}
	return E_INVALID;
}

static int preset_value(const struct field *field, const char *s, void *slot)
{
	switch (field->type) {
	case T_INT: return text_int(s, slot);
	case T_NUM: return schema_text_real(s, slot);
	case T_BOOL: return schema_text_bool(s, slot);
	case T_WHEN: return clock_parse(s, &((struct when *)slot)->us);
	case T_STR:
		if (!schema_chosen(field, s))
			return E_INVALID;
		*(const char **)slot = s;
		return OK;
	case T_OPT_INT:
	case T_OPT_BOOL:
	case T_OPT_STR:
	case T_STRINGS:
	case T_LIST:
	case T_OBJECT:
	case T_JSON:
	case T_UPLOAD: break;
	}
	return E_INVALID;
}

int schema_preset(const struct field *field, void *base)
{
	return field->preset == NULL ? OK
								 : preset_value(field, field->preset, (char *)base + field->offset);
}

/* ---- the self-check ---- */

struct checker {
	struct arena *a;
	struct buf *out;
	int defects;
};

static void defect(struct checker *c, const struct schema *s, const struct field *f,
				   const char *what)
{
	c->defects++;
	buf_addf(c->out, "%s.%s: %s\n", s->name == NULL ? "?" : s->name, f == NULL ? "" : f->name,
			 what);
}

static size_t size_of(const struct field *f)
{
	switch (f->type) {
	case T_INT: return sizeof(int64_t);
	case T_NUM: return sizeof(double);
	case T_BOOL: return sizeof(bool);
	case T_STR: return sizeof(const char *);
	case T_WHEN: return sizeof(struct when);
	case T_OPT_INT: return sizeof(struct opt_int);
	case T_OPT_BOOL: return sizeof(struct opt_bool);
	case T_OPT_STR: return sizeof(struct opt_str);
	case T_STRINGS: return sizeof(struct strings);
	case T_LIST: return sizeof(struct list);
	case T_OBJECT: return f->of == NULL ? 0 : f->of->size;
	case T_JSON: return sizeof(struct json);
	case T_UPLOAD: return sizeof(struct upload);
	}
	return 0;
}

static void check_example(struct checker *c, const struct schema *s, const struct field *f)
{
	const struct json_value *v = NULL;
	struct faults *faults = ARENA_NEW(c->a, struct faults);
	void *base = arena_alloc(c->a, s->size);

	if (f->example == NULL || f->type == T_UPLOAD)
		return;
	if (json_parse(c->a, f->example, strlen(f->example), &v, NULL) < 0)
		defect(c, s, f, "the example is not JSON");
	else if (schema_bind_field(f, v, c->a, base, faults) < 0)
		defect(c, s, f, faults->n > 0 ? faults->items[0].msg : "the example does not validate");
}

static void check_field(struct checker *c, const struct schema *s, const struct field *f)
{
	bool nested = f->type == T_LIST || f->type == T_OBJECT;

	if (f->doc == NULL || *f->doc == '\0')
		defect(c, s, f, "no doc");
	if (f->min > schema_max(f))
		defect(c, s, f, "min is greater than max");
	if (nested != (f->of != NULL))
		defect(c, s, f,
			   nested ? "no schema for what it holds" : "a schema, but it holds no objects");
	if ((f->flags & F_PATH) != 0 && (f->flags & F_QUERY) != 0)
		defect(c, s, f, "both in path and query");
	if ((f->flags & F_REQUIRED) != 0 && f->preset != NULL)
		defect(c, s, f, "required, but has a preset");
	if ((f->flags & F_EMAIL) != 0 && f->type != T_STR && f->type != T_OPT_STR)
		defect(c, s, f, "an e-mail address that is no string");
	if ((f->flags & (F_WORDS | F_LINE)) != 0 && f->type != T_STR && f->type != T_OPT_STR)
		defect(c, s, f, "words or a line, but no string");
	if (f->choices != NULL && f->type != T_STR && f->type != T_OPT_STR && f->type != T_STRINGS)
		defect(c, s, f, "choices, but no string");
	if (size_of(f) > s->size || f->offset > s->size - size_of(f)) {
		defect(c, s, f, "outside of the struct");
		return;
	}
	if (nested && f->of == NULL)
		return;
	if (schema_preset(f, arena_alloc(c->a, s->size)) < 0)
		defect(c, s, f, "the preset does not validate");
	check_example(c, s, f);
}

static void check_schema(struct checker *c, const struct schema *s, int depth)
{
	if (s->name == NULL || *s->name == '\0')
		defect(c, s, NULL, "no name");
	for (size_t i = 0; i < s->n; i++) {
		const struct field *f = &s->fields[i];

		check_field(c, s, f);
		for (size_t k = 0; k < i; k++) {
			if (strcmp(s->fields[k].name, f->name) == 0 &&
				(s->fields[k].flags & (F_PATH | F_QUERY | F_HEADER)) ==
					(f->flags & (F_PATH | F_QUERY | F_HEADER)))
				defect(c, s, f, "named twice in one place");
		}
		if (f->of != NULL && f->of != s && depth < SCHEMA_NESTING_MAX)
			check_schema(c, f->of, depth + 1);
	}
}

int schema_check(const struct schema *s, struct buf *out)
{
	struct checker c = {.a = arena_new(16 << 20), .out = out};

	check_schema(&c, s, 0);
	arena_free(c.a);
	return c.defects;
}

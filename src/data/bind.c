/*
 * Binding: input to structs (see schema.h). A value comes either as JSON, whose type must be the
 * field's, or as text (path, query, form), which is parsed; from there on both take the same way
 * through the bounds. Each fault is recorded and the binding goes on, so that all of them are told
 * at once. The place of a value is a chain of frames on the stack, written out only when a fault
 * needs it.
 */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "data/email.h"
#include "data/schema_inner.h"

struct place {
	const struct place *up;
	const char *where;
	const char *name; /* NULL: index */
	size_t index;
};

struct binder {
	struct arena *a;
	struct faults *f;
};

/* One field on its way into its slot. */
struct target {
	const struct field *field;
	const struct place *at;
	void *slot;
};

static int bind_value(struct binder *b, const struct target *t, const struct json_value *v);
static void bind_object(struct binder *b, const struct schema *s, const struct place *at,
						const struct json_value *v, void *out);

/* ---- faults ---- */

int faults_add(struct faults *f, const char *where, const char *name, const char *msg,
			   const char *type)
{
	if (f->n < SCHEMA_FAULTS_MAX)
		f->items[f->n++] = (struct fault){where, name, msg, type};
	return E_INVALID;
}

static void write_place(const struct place *at, struct buf *out)
{
	if (at->up != NULL) {
		write_place(at->up, out);
		buf_addc(out, '.');
	}
	if (at->name != NULL)
		buf_adds(out, at->name);
	else
		buf_addf(out, "%zu", at->index);
}

__attribute__((format(printf, 4, 5))) static int fault(struct binder *b, const struct place *at,
													   const char *type, const char *fmt, ...)
{
	struct buf name;
	va_list ap;

	if (b->f->n >= SCHEMA_FAULTS_MAX)
		return E_INVALID;
	buf_init(&name, b->a, 1000);
	write_place(at, &name);
	va_start(ap, fmt);
	faults_add(b->f, at->where, buf_str(&name), arena_vprintf(b->a, fmt, ap), type);
	va_end(ap);
	return E_INVALID;
}

static int fault_of_type(struct binder *b, const struct target *t)
{
	switch (t->field->type) {
	case T_INT:
	case T_OPT_INT: return fault(b, t->at, "int_type", "Input should be a valid integer");
	case T_NUM: return fault(b, t->at, "float_type", "Input should be a valid number");
	case T_BOOL:
	case T_OPT_BOOL: return fault(b, t->at, "bool_type", "Input should be a valid boolean");
	case T_STR:
	case T_OPT_STR: return fault(b, t->at, "string_type", "Input should be a valid string");
	case T_WHEN: return fault(b, t->at, "datetime_type", "Input should be a valid datetime");
	case T_STRINGS:
	case T_LIST: return fault(b, t->at, "list_type", "Input should be a valid list");
	case T_OBJECT:
	case T_JSON: break;
	case T_UPLOAD: return fault(b, t->at, "value_error", "Value error, expected a file");
	}
	return fault(b, t->at, "model_attributes_type",
				 "Input should be a valid dictionary or object to extract fields from");
}

static int fault_of_choice(struct binder *b, const struct target *t)
{
	const char *const *choices = t->field->choices;
	struct buf list;

	buf_init(&list, b->a, 2000);
	for (size_t i = 0; choices[i] != NULL; i++) {
		if (i > 0)
			buf_adds(&list, choices[i + 1] == NULL ? " or " : ", ");
		buf_addf(&list, "'%s'", choices[i]);
	}
	return fault(b, t->at, "literal_error", "Input should be %s", buf_str(&list));
}

/* ---- values within their bounds ---- */

static int put_int(struct binder *b, const struct target *t, int64_t v)
{
	if (v < t->field->min)
		return fault(b, t->at, "greater_than_equal",
					 "Input should be greater than or equal to %" PRId64, t->field->min);
	if (v > schema_max(t->field))
		return fault(b, t->at, "less_than_equal", "Input should be less than or equal to %" PRId64,
					 t->field->max);
	if (t->field->type == T_INT)
		*(int64_t *)t->slot = v;
	else
		*(struct opt_int *)t->slot = (struct opt_int){.set = true, .v = v};
	return OK;
}

static int put_real(struct binder *b, const struct target *t, double v)
{
	const struct field *f = t->field;

	if ((f->min != 0 || f->max != 0) && v < (double)f->min)
		return fault(b, t->at, "greater_than_equal",
					 "Input should be greater than or equal to %" PRId64, f->min);
	if (f->max != 0 && v > (double)f->max)
		return fault(b, t->at, "less_than_equal", "Input should be less than or equal to %" PRId64,
					 f->max);
	*(double *)t->slot = v;
	return OK;
}

static int put_bool(const struct target *t, bool v)
{
	if (t->field->type == T_BOOL)
		*(bool *)t->slot = v;
	else
		*(struct opt_bool *)t->slot = (struct opt_bool){.set = true, .v = v};
	return OK;
}

static const char *plural(int64_t n)
{
	return n == 1 ? "" : "s";
}

static int check_string(struct binder *b, const struct target *t, const char *s)
{
	const struct field *f = t->field;
	size_t bytes = strlen(s);
	int64_t n = (int64_t)utf8_length(s, bytes);

	if (!utf8_valid(s, bytes))
		return fault(
			b, t->at, "string_unicode",
			"Input should be a valid string, unable to parse raw data as a unicode string");
	if (n < f->min)
		return fault(b, t->at, "string_too_short",
					 "String should have at least %" PRId64 " character%s", f->min, plural(f->min));
	if (n > schema_max(f))
		return fault(b, t->at, "string_too_long",
					 "String should have at most %" PRId64 " character%s", schema_max(f),
					 plural(schema_max(f)));
	if ((f->flags & F_WORDS) != 0 && text_is_blank(s))
		return fault(b, t->at, "value_error", "String should not be blank");
	if ((f->flags & F_LINE) != 0 && text_has_control(s))
		return fault(b, t->at, "value_error", "String should not have control characters");
	if ((f->flags & F_EMAIL) != 0 && !email_valid(s))
		return fault(b, t->at, "value_error", "value is not a valid email address");
	return schema_chosen(f, s) ? OK : fault_of_choice(b, t);
}

static int put_string(struct binder *b, const struct target *t, const char *s)
{
	TRY(check_string(b, t, s));
	if (t->field->type == T_STR)
		*(const char **)t->slot = arena_strdup(b->a, s);
	else
		*(struct opt_str *)t->slot = (struct opt_str){.set = true, .v = arena_strdup(b->a, s)};
	return OK;
}

static int put_when(struct binder *b, const struct target *t, const char *s)
{
	if (clock_parse(s, &((struct when *)t->slot)->us) < 0)
		return fault(b, t->at, "datetime_parsing", "Input should be a valid datetime");
	return OK;
}

/* Checks a list's length; the bounds of T_STRINGS and T_LIST count elements. */
static int check_count(struct binder *b, const struct target *t, size_t n)
{
	int64_t most = schema_max(t->field), least = t->field->min;

	if ((int64_t)n > most)
		return fault(b, t->at, "too_long",
					 "List should have at most %" PRId64 " item%s after validation, not %zu", most,
					 plural(most), n);
	if ((int64_t)n < least)
		return fault(b, t->at, "too_short",
					 "List should have at least %" PRId64 " item%s after validation, not %zu",
					 least, plural(least), n);
	return OK;
}

/* An element of T_STRINGS: a string with the list's choices, but the usual length. */
static int put_element(struct binder *b, const struct target *t, size_t i, const char *s,
					   struct strings *list)
{
	struct field field = {.name = t->field->name,
						  .type = T_STR,
						  .flags = t->field->flags & F_EMAIL,
						  .choices = t->field->choices};
	struct place at = {.up = t->at, .where = t->at->where, .index = i};
	struct target element = {&field, &at, &list->items[i]};

	return s == NULL ? fault_of_type(b, &element) : put_string(b, &element, s);
}

static int put_json(struct binder *b, const struct target *t, const struct json_value *v)
{
	char *text = json_text(b->a, v);

	if ((int64_t)strlen(text) > schema_max(t->field))
		return fault(b, t->at, "too_long", "Value should have at most %" PRId64 " bytes",
					 t->field->max);
	((struct json *)t->slot)->text = text;
	return OK;
}

/* ---- from JSON ---- */

static int bind_int(struct binder *b, const struct target *t, const struct json_value *v)
{
	double real = json_real(v);

	if (json_kind(v) == JSON_INT)
		return put_int(b, t, json_int(v));
	if (json_kind(v) != JSON_REAL)
		return fault_of_type(b, t);
	/* JSON has one kind of number: 5.0 is an integer, as far as a double counts in ones. */
	if (fabs(real) > 0x1p53)
		return fault(b, t->at, "int_parsing_size",
					 "Input should be a valid integer, got one beyond the maximum size");
	if (!(trunc(real) < real) && !(trunc(real) > real))
		return put_int(b, t, (int64_t)real);
	return fault(b, t->at, "int_from_float",
				 "Input should be a valid integer, got a number with a fractional part");
}

static int bind_strings(struct binder *b, const struct target *t, const struct json_value *v)
{
	size_t n = json_size(v);
	struct strings list = {.n = n};
	int rc = OK;

	if (json_kind(v) != JSON_ARRAY)
		return fault_of_type(b, t);
	TRY(check_count(b, t, n));
	list.items = ARENA_ARRAY(b->a, n, const char *);
	for (size_t i = 0; i < n; i++) {
		if (put_element(b, t, i, json_string(json_at(v, i)), &list) < 0)
			rc = E_INVALID;
	}
	if (rc == OK)
		*(struct strings *)t->slot = list;
	return rc;
}

static int bind_list(struct binder *b, const struct target *t, const struct json_value *v)
{
	size_t n = json_size(v);
	struct list list = {.n = n};

	if (json_kind(v) != JSON_ARRAY)
		return fault_of_type(b, t);
	TRY(check_count(b, t, n));
	list.items = arena_array(b->a, n, t->field->of->size);
	for (size_t i = 0; i < n; i++) {
		struct place at = {.up = t->at, .where = t->at->where, .index = i};
		struct target element = {t->field, &at, (char *)list.items + i * t->field->of->size};

		bind_object(b, t->field->of, element.at, json_at(v, i), element.slot);
	}
	*(struct list *)t->slot = list;
	return OK;
}

/* A null where the field allows it. An array of strings becomes an empty one, which differs from an
 * absent one. */
static int bind_null(struct binder *b, const struct target *t)
{
	switch (t->field->type) {
	case T_OPT_INT: *(struct opt_int *)t->slot = (struct opt_int){.set = true, .null = true}; break;
	case T_OPT_BOOL:
		*(struct opt_bool *)t->slot = (struct opt_bool){.set = true, .null = true};
		break;
	case T_OPT_STR: *(struct opt_str *)t->slot = (struct opt_str){.set = true}; break;
	case T_STRINGS:
		*(struct strings *)t->slot = (struct strings){.items = ARENA_ARRAY(b->a, 1, const char *)};
		break;
	case T_INT:
	case T_NUM:
	case T_BOOL:
	case T_STR:
	case T_WHEN:
	case T_LIST:
	case T_OBJECT:
	case T_JSON:
	case T_UPLOAD: break;
	}
	return OK;
}

static int bind_value(struct binder *b, const struct target *t, const struct json_value *v)
{
	enum json_kind kind = json_kind(v);

	if (kind == JSON_NULL && (t->field->flags & F_NULL) != 0)
		return bind_null(b, t);
	switch (t->field->type) {
	case T_INT:
	case T_OPT_INT: return bind_int(b, t, v);
	case T_NUM:
		return kind == JSON_INT || kind == JSON_REAL ? put_real(b, t, json_real(v))
													 : fault_of_type(b, t);
	case T_BOOL:
	case T_OPT_BOOL: return kind == JSON_BOOL ? put_bool(t, json_bool(v)) : fault_of_type(b, t);
	case T_STR:
	case T_OPT_STR:
		return kind == JSON_STRING ? put_string(b, t, json_string(v)) : fault_of_type(b, t);
	case T_WHEN: return kind == JSON_STRING ? put_when(b, t, json_string(v)) : fault_of_type(b, t);
	case T_STRINGS: return bind_strings(b, t, v);
	case T_LIST: return bind_list(b, t, v);
	case T_OBJECT: bind_object(b, t->field->of, t->at, v, t->slot); return OK;
	case T_JSON: return put_json(b, t, v);
	case T_UPLOAD: break;
	}
	return fault_of_type(b, t);
}

/* ---- from text ---- */

static int bind_text_json(struct binder *b, const struct target *t, const char *s)
{
	const struct json_value *v = NULL;

	if (json_parse(b->a, s, strlen(s), &v, NULL) < 0)
		return fault(b, t->at, "json_invalid", "JSON decode error");
	return bind_value(b, t, v);
}

static int bind_text(struct binder *b, const struct target *t, const char *s)
{
	int64_t i;
	double d;
	bool v;

	switch (t->field->type) {
	case T_INT:
	case T_OPT_INT:
		if (text_int(s, &i) == OK)
			return put_int(b, t, i);
		return fault(b, t->at, "int_parsing",
					 "Input should be a valid integer, unable to parse string as an integer");
	case T_NUM:
		if (schema_text_real(s, &d) == OK)
			return put_real(b, t, d);
		return fault(b, t->at, "float_parsing",
					 "Input should be a valid number, unable to parse string as a number");
	case T_BOOL:
	case T_OPT_BOOL:
		if (schema_text_bool(s, &v) == OK)
			return put_bool(t, v);
		return fault(b, t->at, "bool_parsing",
					 "Input should be a valid boolean, unable to interpret input");
	case T_STR:
	case T_OPT_STR: return put_string(b, t, s);
	case T_WHEN: return put_when(b, t, s);
	case T_LIST:
	case T_OBJECT:
	case T_JSON: return bind_text_json(b, t, s);
	case T_STRINGS:
	case T_UPLOAD: break;
	}
	return fault_of_type(b, t);
}

/* A name without a value has the empty one; NULL if the name is not there. */
static const char *last_of(const struct pairs *pairs, const char *name)
{
	for (size_t i = pairs->n; i-- > 0;) {
		if (text_eq(pairs->items[i].name, name))
			return pairs->items[i].value == NULL ? "" : pairs->items[i].value;
	}
	return NULL;
}

/* Every value of a repeated name is one element. */
static int bind_repeated(struct binder *b, const struct target *t, const struct pairs *pairs)
{
	struct strings list = {0};
	size_t n = 0;
	int rc = OK;

	for (size_t i = 0; i < pairs->n; i++)
		n += text_eq(pairs->items[i].name, t->field->name);
	TRY(check_count(b, t, n));
	list.items = ARENA_ARRAY(b->a, n, const char *);
	for (size_t i = 0; i < pairs->n; i++) {
		if (!text_eq(pairs->items[i].name, t->field->name))
			continue;
		if (put_element(b, t, list.n, pairs->items[i].value == NULL ? "" : pairs->items[i].value,
						&list) < 0)
			rc = E_INVALID;
		list.n++;
	}
	if (rc == OK)
		*(struct strings *)t->slot = list;
	return rc;
}

/* ---- fields and objects ---- */

static void bind_absent(struct binder *b, const struct target *t)
{
	if ((t->field->flags & F_REQUIRED) != 0)
		fault(b, t->at, "missing", "Field required");
	else
		schema_preset(t->field, (char *)t->slot - t->field->offset);
}

static void bind_pairs(struct binder *b, const struct target *t, const struct pairs *pairs)
{
	const char *s = last_of(pairs, t->field->name);

	if (s == NULL)
		bind_absent(b, t);
	else if (t->field->type == T_STRINGS)
		bind_repeated(b, t, pairs);
	else
		bind_text(b, t, s);
}

static void bind_member(struct binder *b, const struct target *t, const struct json_value *object)
{
	const struct json_value *v = json_get(object, t->field->name);
	bool null = v != NULL && json_kind(v) == JSON_NULL;
	bool kept = t->field->type == T_OPT_INT || t->field->type == T_OPT_BOOL ||
				t->field->type == T_OPT_STR || t->field->type == T_STRINGS;

	if (v == NULL || (null && (t->field->flags & F_NULL) != 0 && !kept))
		bind_absent(b, t);
	else
		bind_value(b, t, v);
}

static void bind_object(struct binder *b, const struct schema *s, const struct place *at,
						const struct json_value *v, void *out)
{
	if (json_kind(v) != JSON_OBJECT) {
		struct field object = {.type = T_OBJECT};
		struct target whole = {&object, at, out};

		fault_of_type(b, &whole);
		return;
	}
	for (size_t i = 0; i < s->n; i++) {
		struct place member = {.up = at, .where = at->where, .name = s->fields[i].name};
		struct target t = {&s->fields[i], &member, (char *)out + s->fields[i].offset};

		bind_member(b, &t, v);
	}
}

static void bind_upload(struct binder *b, const struct target *t, const struct input *in)
{
	if (in->upload != NULL && in->upload->filename != NULL &&
		text_eq(in->upload_name, t->field->name))
		*(struct upload *)t->slot = *in->upload;
	else if (last_of(&in->form, t->field->name) != NULL)
		fault_of_type(b, t);
	else
		bind_absent(b, t);
}

static void bind_body_field(struct binder *b, const struct target *t, const struct input *in)
{
	if (t->field->type == T_UPLOAD)
		bind_upload(b, t, in);
	else if (in->body != NULL)
		bind_member(b, t, in->body);
	else
		bind_pairs(b, t, &in->form);
}

static bool takes_file(const struct schema *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->fields[i].type == T_UPLOAD)
			return true;
	return false;
}

/* Says what is wrong with the body as a whole; false if its fields can be bound. */
static bool body_unusable(struct binder *b, const struct schema *s, const struct input *in)
{
	enum json_kind kind = json_kind(in->body);

	if (in->body_fault != NULL) {
		if (strcmp(in->body_fault, "json_invalid") == 0)
			faults_add(b->f, "body", NULL, "JSON decode error", "json_invalid");
		else
			faults_add(b->f, "body", NULL,
					   takes_file(s)
						   ? "Input should be a form with a file, sent as multipart/form-data"
						   : "Input should be a valid dictionary, sent as application/json",
					   "model_attributes_type");
		return true;
	}
	if (in->body == NULL || kind == JSON_OBJECT || kind == JSON_NULL)
		return false;
	faults_add(b->f, "body", NULL,
			   "Input should be a valid dictionary or object to extract fields from",
			   "model_attributes_type");
	return true;
}

static bool from_body(const struct field *f)
{
	return (f->flags & (F_PATH | F_QUERY | F_HEADER)) == 0;
}

static const char *where_of(const struct field *f)
{
	if ((f->flags & F_PATH) != 0)
		return "path";
	if ((f->flags & F_HEADER) != 0)
		return "header";
	return (f->flags & F_QUERY) != 0 ? "query" : "body";
}

static const struct pairs *source_of(const struct field *f, const struct input *in)
{
	if ((f->flags & F_PATH) != 0)
		return &in->path;
	return (f->flags & F_HEADER) != 0 ? &in->headers : &in->query;
}

int schema_bind(const struct schema *s, const struct input *in, struct arena *a, void *out,
				struct faults *f)
{
	struct binder b = {a, f};
	bool unusable = false, any = false;

	f->n = 0;
	memset(out, 0, s->size);
	for (size_t i = 0; i < s->n; i++)
		any = any || from_body(&s->fields[i]);
	unusable = any && body_unusable(&b, s, in);
	for (size_t i = 0; i < s->n; i++) {
		const struct field *field = &s->fields[i];
		size_t faults = f->n;
		struct place at = {.where = where_of(field), .name = field->name};
		struct target t = {field, &at, (char *)out + field->offset};

		if (!from_body(field))
			bind_pairs(&b, &t, source_of(field, in));
		else if (!unusable)
			bind_body_field(&b, &t, in);
		if (in->lenient && from_body(field))
			f->n = faults;
	}
	return f->n == 0 ? OK : E_INVALID;
}

int schema_bind_json(const struct schema *s, const struct json_value *v, struct arena *a, void *out,
					 struct faults *f)
{
	struct binder b = {a, f};

	f->n = 0;
	memset(out, 0, s->size);
	if (json_kind(v) != JSON_OBJECT)
		return faults_add(f, "body", NULL,
						  "Input should be a valid dictionary or object to extract fields from",
						  "model_attributes_type");
	for (size_t i = 0; i < s->n; i++) {
		struct place at = {.where = "body", .name = s->fields[i].name};
		struct target t = {&s->fields[i], &at, (char *)out + s->fields[i].offset};

		bind_member(&b, &t, v);
	}
	return f->n == 0 ? OK : E_INVALID;
}

int schema_bind_field(const struct field *field, const struct json_value *v, struct arena *a,
					  void *base, struct faults *f)
{
	struct binder b = {a, f};
	struct place at = {.where = "body", .name = field->name};
	struct target t = {field, &at, (char *)base + field->offset};

	f->n = 0;
	bind_value(&b, &t, v);
	return f->n == 0 ? OK : E_INVALID;
}

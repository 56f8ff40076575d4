/* Printing: structs to JSON, straight from the tables (see schema.h). No tree is built. */
#include <string.h>

#include "base/error.h"
#include "data/schema_inner.h"

enum { EXPECTED_MAX = 1 << 20 };

static int print_value(const struct field *f, const void *slot, struct buf *out);

static bool absent(const struct field *f, const void *slot)
{
	switch (f->type) {
	case T_STR: return *(const char *const *)slot == NULL;
	case T_WHEN: return ((const struct when *)slot)->us == 0;
	case T_OPT_INT: return !((const struct opt_int *)slot)->set;
	case T_OPT_BOOL: return !((const struct opt_bool *)slot)->set;
	case T_OPT_STR: return !((const struct opt_str *)slot)->set;
	case T_STRINGS: return ((const struct strings *)slot)->items == NULL;
	case T_LIST: return ((const struct list *)slot)->items == NULL;
	case T_JSON: return ((const struct json *)slot)->text == NULL;
	case T_UPLOAD: return ((const struct upload *)slot)->filename == NULL;
	case T_INT:
	case T_NUM:
	case T_BOOL:
	case T_OBJECT: break;
	}
	return false;
}

static int print_null(struct buf *out)
{
	return buf_add(out, "null", 4);
}

static int print_bool(struct buf *out, bool v)
{
	return v ? buf_add(out, "true", 4) : buf_add(out, "false", 5);
}

static int print_when(struct buf *out, struct when when)
{
	char iso[CLOCK_ISO_SIZE + 1];

	if (when.us == 0)
		return print_null(out);
	iso[0] = '"';
	clock_iso(when.us, iso + 1);
	TRY(buf_adds(out, iso));
	return buf_addc(out, '"');
}

static int print_strings(struct buf *out, const struct strings *list)
{
	TRY(buf_addc(out, '['));
	for (size_t i = 0; i < list->n; i++) {
		if (i > 0)
			TRY(buf_addc(out, ','));
		TRY(json_print_string(out, list->items[i]));
	}
	return buf_addc(out, ']');
}

static int print_opt_int(struct buf *out, const struct opt_int *v)
{
	return v->set && !v->null ? json_print_int(out, v->v) : print_null(out);
}

static int print_opt_bool(struct buf *out, const struct opt_bool *v)
{
	return v->set && !v->null ? print_bool(out, v->v) : print_null(out);
}

static bool is_zero(const void *p, size_t n)
{
	const unsigned char *bytes = p;

	for (size_t i = 0; i < n; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

static int print_value(const struct field *f, const void *slot, struct buf *out)
{
	const struct opt_str *opt = slot;
	const struct json *json = slot;

	switch (f->type) {
	case T_INT: return json_print_int(out, *(const int64_t *)slot);
	case T_NUM: return json_print_real(out, *(const double *)slot);
	case T_BOOL: return print_bool(out, *(const bool *)slot);
	case T_STR: return json_print_string(out, *(const char *const *)slot);
	case T_WHEN: return print_when(out, *(const struct when *)slot);
	case T_OPT_INT: return print_opt_int(out, slot);
	case T_OPT_BOOL: return print_opt_bool(out, slot);
	case T_OPT_STR: return opt->set ? json_print_string(out, opt->v) : print_null(out);
	case T_STRINGS: return print_strings(out, slot);
	case T_LIST: return schema_print_list(f->of, slot, out);
	case T_OBJECT:
		return (f->flags & F_NULL) != 0 && is_zero(slot, f->of->size)
				   ? print_null(out)
				   : schema_print(f->of, slot, out);
	case T_JSON: return json->text == NULL ? print_null(out) : buf_adds(out, json->text);
	case T_UPLOAD: return json_print_string(out, ((const struct upload *)slot)->filename);
	}
	return print_null(out);
}

static int print_name(struct buf *out, const struct field *f, bool first)
{
	size_t n = f->name_n != 0 ? f->name_n : strlen(f->name), at = 0;
	char *to = buf_room(out, n + 4);

	if (to == NULL)
		return E_TOO_LARGE;
	if (!first)
		to[at++] = ',';
	to[at++] = '"';
	memcpy(to + at, f->name, n);
	memcpy(to + at + n, "\":", 2);
	buf_wrote(out, at + n + 2);
	return OK;
}

int schema_print(const struct schema *s, const void *value, struct buf *out)
{
	bool first = true;

	TRY(buf_addc(out, '{'));
	for (size_t i = 0; i < s->n; i++) {
		const struct field *f = &s->fields[i];
		const void *slot = (const char *)value + f->offset;

		if ((f->flags & F_SECRET) != 0 || ((f->flags & F_OMIT) != 0 && absent(f, slot)))
			continue;
		TRY(print_name(out, f, first));
		TRY(print_value(f, slot, out));
		first = false;
	}
	return buf_addc(out, '}');
}

/* The rest will be about as long as the first, and an eighth more. */
static void expect_rest(struct buf *out, size_t first, size_t rest)
{
	if (first < EXPECTED_MAX / 2 && rest < EXPECTED_MAX / 2 && first * rest < EXPECTED_MAX)
		buf_expect(out, first * rest + first * rest / 8);
}

int schema_print_list(const struct schema *s, const struct list *list, struct buf *out)
{
	size_t begun = out->n;

	TRY(buf_addc(out, '['));
	for (size_t i = 0; i < list->n; i++) {
		if (i > 0)
			TRY(buf_addc(out, ','));
		TRY(schema_print(s, (const char *)list->items + i * s->size, out));
		if (i == 0)
			expect_rest(out, out->n - begun, list->n - 1);
	}
	return buf_addc(out, ']');
}

/* The name's segments become elements of loc; those that are indices become numbers. */
static int print_loc(const struct fault *fault, struct buf *out)
{
	const char *s = fault->name;

	TRY(buf_adds(out, "{\"loc\":["));
	TRY(json_print_string(out, fault->where));
	while (s != NULL && *s != '\0') {
		size_t n = strcspn(s, ".");
		bool number = n > 0 && n < 10 && strspn(s, "0123456789") == n;

		TRY(buf_addc(out, ','));
		if (!number)
			TRY(buf_addc(out, '"'));
		TRY(buf_add(out, s, n));
		if (!number)
			TRY(buf_addc(out, '"'));
		s += n + (s[n] == '.');
	}
	return buf_addc(out, ']');
}

int faults_print(const struct faults *f, struct buf *out)
{
	TRY(buf_adds(out, "{\"detail\":["));
	for (size_t i = 0; i < f->n; i++) {
		if (i > 0)
			TRY(buf_addc(out, ','));
		TRY(print_loc(&f->items[i], out));
		TRY(buf_adds(out, ",\"msg\":"));
		TRY(json_print_string(out, f->items[i].msg));
		TRY(buf_adds(out, ",\"type\":"));
		TRY(json_print_string(out, f->items[i].type));
		TRY(buf_addc(out, '}'));
	}
	return buf_adds(out, "]}");
}

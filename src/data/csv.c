/* See csv.h. */
#include "data/csv.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"

static bool begins_a_formula(const char *s)
{
	return *s != '\0' && strchr("=+-@\t\r", *s) != NULL;
}

/* A number may begin with a minus and is no formula. */
static bool is_number(const char *s)
{
	size_t n;

	s += *s == '-';
	n = strspn(s, "0123456789.");
	return n > 0 && s[n] == '\0';
}

int csv_cell(struct buf *out, const char *s)
{
	bool guarded, quoted;

	if (s == NULL)
		return OK;
	guarded = begins_a_formula(s) && !is_number(s);
	quoted = strpbrk(s, "\",\r\n;\t") != NULL;
	if (quoted)
		TRY(buf_addc(out, '"'));
	if (guarded)
		TRY(buf_addc(out, '\''));
	for (; *s != '\0'; s++) {
		if (*s == '"')
			TRY(buf_addc(out, '"'));
		TRY(buf_addc(out, *s));
	}
	return quoted ? buf_addc(out, '"') : OK;
}

static int int_cell(struct buf *out, int64_t v)
{
	return buf_addf(out, "%" PRId64, v);
}

static int bool_cell(struct buf *out, bool v)
{
	return buf_adds(out, v ? "true" : "false");
}

static int when_cell(struct buf *out, struct when when)
{
	char iso[CLOCK_ISO_SIZE];

	return when.us == 0 ? OK : buf_adds(out, clock_iso(when.us, iso));
}

/* The texts of an array as one cell, with "; " between. */
static int strings_cell(struct buf *out, const struct strings *list)
{
	struct buf joined;
	int rc;

	buf_init(&joined, NULL, SCHEMA_STR_MAX);
	for (size_t i = 0; i < list->n; i++) {
		buf_adds(&joined, i > 0 ? "; " : "");
		buf_adds(&joined, list->items[i]);
	}
	rc = buf_ok(&joined) ? csv_cell(out, buf_str(&joined)) : E_TOO_LARGE;
	buf_done(&joined);
	return rc;
}

static int field_cell(struct buf *out, const struct field *f, const void *slot)
{
	const struct opt_int *opt_int = slot;
	const struct opt_bool *opt_bool = slot;

	switch (f->type) {
	case T_INT: return int_cell(out, *(const int64_t *)slot);
	case T_NUM: return json_print_real(out, *(const double *)slot);
	case T_BOOL: return bool_cell(out, *(const bool *)slot);
	case T_STR: return csv_cell(out, *(const char *const *)slot);
	case T_WHEN: return when_cell(out, *(const struct when *)slot);
	case T_OPT_INT: return opt_int->set && !opt_int->null ? int_cell(out, opt_int->v) : OK;
	case T_OPT_BOOL: return opt_bool->set && !opt_bool->null ? bool_cell(out, opt_bool->v) : OK;
	case T_OPT_STR: return csv_cell(out, ((const struct opt_str *)slot)->v);
	case T_STRINGS: return strings_cell(out, slot);
	case T_JSON: return csv_cell(out, ((const struct json *)slot)->text);
	case T_LIST:
	case T_OBJECT:
	case T_UPLOAD: break; /* no cell holds a table */
	}
	return OK;
}

int csv_head(struct buf *out, const struct schema *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (i > 0)
			TRY(buf_addc(out, ','));
		TRY(csv_cell(out, s->fields[i].name));
	}
	return buf_adds(out, "\r\n");
}

int csv_line(struct buf *out, const struct schema *s, const void *value)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct field *f = &s->fields[i];

		if (i > 0)
			TRY(buf_addc(out, ','));
		if ((f->flags & F_SECRET) == 0)
			TRY(field_cell(out, f, (const char *)value + f->offset));
	}
	return buf_adds(out, "\r\n");
}

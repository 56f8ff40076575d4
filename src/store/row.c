/*
 * See row.h. Columns mostly stand in the order of the fields, so the search for the next one starts
 * where the last was found. Arrays of plain strings, the most frequent JSON column (skills in every
 * list of candidates), are split without the JSON library as long as they hold no escape.
 */
#include "store/row.h"

#include <stdlib.h>
#include <string.h>

#include "data/json.h"

enum { SCRATCH_MAX = 32 * 1024 * 1024 };

static const struct field *field_named(const struct schema *s, const char *name, size_t *hint)
{
	for (size_t i = 0, at = *hint; i < s->n; i++, at++) {
		if (at >= s->n)
			at = 0;
		if (strcmp(s->fields[at].name, name) == 0) {
			*hint = at + 1;
			return s->fields[at].type == T_UPLOAD ? NULL : &s->fields[at];
		}
	}
	return NULL;
}

static void match_columns(struct row_reader *r, int n)
{
	size_t hint = 0;

	r->columns = (struct row_columns){r->schema, n, r->own};
	for (int i = 0; i < n; i++)
		r->own[i] = field_named(r->schema, r->db->driver->column_name(r->cursor, i), &hint);
}

/* Without memory they are matched again the next time. */
static void keep_columns(const struct row_reader *r, struct row_columns *kept)
{
	size_t size = (size_t)r->columns.n * sizeof r->own[0];
	const struct field **fields = realloc(kept->fields, size);

	if (fields == NULL)
		return;
	memcpy(fields, r->own, size);
	*kept = (struct row_columns){r->schema, r->columns.n, fields};
}

int row_reader_init(struct row_reader *r, struct db *db, struct cursor *c, const struct schema *s)
{
	struct row_columns *kept =
		db->driver->kept_columns == NULL ? NULL : db->driver->kept_columns(c);
	int n;

	r->db = db;
	r->cursor = c;
	r->schema = s;
	r->scratch = NULL;
	if (kept != NULL && kept->schema == s) {
		r->columns = *kept;
		return OK;
	}
	n = db->driver->columns(c);
	if (n > ROW_COLUMNS_MAX)
		return fail(db, E_INTERNAL, "%d columns are too many to read", n);
	match_columns(r, n);
	if (kept != NULL)
		keep_columns(r, kept);
	return OK;
}

void row_reader_done(struct row_reader *r)
{
	r->scratch = arena_free(r->scratch);
}

static size_t skip_blanks(const char *s, size_t n, size_t i)
{
	while (i < n && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r'))
		i++;
	return i;
}

/* Splits ["a","b"] within one copy of the text; false if it is anything else or has an escape. */
static bool split_strings(const char *s, size_t n, struct arena *a, struct strings *out)
{
	size_t quotes = 0, count = 0, i;
	const char **items;
	char *copy, *end;

	if (memchr(s, '\\', n) != NULL)
		return false;
	for (const char *q = s; (q = memchr(q, '"', n - (size_t)(q - s))) != NULL; q++)
		quotes++;
	i = skip_blanks(s, n, 0);
	if (quotes == 0 || quotes % 2 != 0 || i == n || s[i] != '[')
		return false;
	items = ARENA_ARRAY(a, quotes / 2, const char *);
	copy = arena_memdup(a, s, n);
	do {
		i = skip_blanks(copy, n, i + 1);
		if (i == n || copy[i] != '"')
			return false;
		items[count++] = copy + i + 1;
		end = memchr(copy + i + 1, '"', n - i - 1);
		if (end == NULL)
			return false;
		*end = '\0';
		i = skip_blanks(copy, n, (size_t)(end - copy) + 1);
	} while (i < n && copy[i] == ',');
	if (i == n || copy[i] != ']' || skip_blanks(copy, n, i + 1) != n)
		return false;
	*out = (struct strings){.items = items, .n = count};
	return true;
}

static int parse(struct row_reader *r, const struct field *f, const char *text, size_t n,
				 const struct json_value **out)
{
	const char *why = NULL;

	if (r->scratch == NULL)
		r->scratch = arena_new(SCRATCH_MAX);
	else
		arena_reset(r->scratch);
	if (json_parse(r->scratch, text, n, out, &why) < 0)
		return fail(r->db, E_INTERNAL, "column %s holds no JSON: %s", f->name, why ? why : "");
	return OK;
}

static int read_strings(struct row_reader *r, const struct field *f, const char *text, size_t n,
						struct arena *a, struct strings *out)
{
	const struct json_value *v;
	const char **items;
	size_t count;

	if (split_strings(text, n, a, out))
		return OK;
	TRY(parse(r, f, text, n, &v));
	if (json_kind(v) == JSON_NULL)
		return OK;
	if (json_kind(v) != JSON_ARRAY)
		return fail(r->db, E_INTERNAL, "column %s holds no JSON array", f->name);
	count = json_size(v);
	items = ARENA_ARRAY(a, count, const char *);
	for (size_t i = 0; i < count; i++) {
		const char *s = json_string(json_at(v, i));

		if (s == NULL)
			return fail(r->db, E_INTERNAL, "column %s holds more than strings", f->name);
		items[i] = arena_strdup(a, s);
	}
	*out = (struct strings){.items = items, .n = count};
	return OK;
}

static int bind_object(struct row_reader *r, const struct field *f, const struct json_value *v,
					   struct arena *a, void *out)
{
	struct faults faults = {.n = 0};
	const struct fault *first = &faults.items[0];

	if (schema_bind_json(f->of, v, a, out, &faults) == OK)
		return OK;
	return fail(r->db, E_INTERNAL, "column %s does not fit %s: %s: %s", f->name, f->of->name,
				faults.n > 0 && first->name != NULL ? first->name : "",
				faults.n > 0 ? first->msg : "");
}

static int read_list(struct row_reader *r, const struct field *f, const char *text, size_t n,
					 struct arena *a, struct list *out)
{
	const struct json_value *v;
	char *items;
	size_t count;

	TRY(parse(r, f, text, n, &v));
	if (json_kind(v) == JSON_NULL)
		return OK;
	count = json_size(v);
	if (json_kind(v) != JSON_ARRAY || count > ROW_LIST_MAX)
		return fail(r->db, E_INTERNAL, "column %s holds no JSON array of usable size", f->name);
	items = arena_array(a, count, f->of->size);
	for (size_t i = 0; i < count; i++)
		TRY(bind_object(r, f, json_at(v, i), a, items + i * f->of->size));
	*out = (struct list){.items = items, .n = count};
	return OK;
}

static int read_object(struct row_reader *r, const struct field *f, const char *text, size_t n,
					   struct arena *a, void *out)
{
	const struct json_value *v;

	TRY(parse(r, f, text, n, &v));
	if (json_kind(v) == JSON_NULL)
		return OK;
	return bind_object(r, f, v, a, out);
}

static int read_column(struct row_reader *r, int i, const struct field *f, struct arena *a,
					   void *at)
{
	const struct db_driver *d = r->db->driver;
	const char *text = NULL;
	size_t n = 0;

	if (f->type == T_STR || f->type >= T_OPT_STR) {
		text = d->column_text(r->cursor, i, &n);
		if (text == NULL)
			return OK;
	}
	switch (f->type) {
	case T_INT: *(int64_t *)at = d->column_int(r->cursor, i); return OK;
	case T_NUM: *(double *)at = d->column_real(r->cursor, i); return OK;
	case T_BOOL: *(bool *)at = d->column_int(r->cursor, i) != 0; return OK;
	case T_WHEN: ((struct when *)at)->us = d->column_int(r->cursor, i); return OK;
	case T_OPT_INT:
		*(struct opt_int *)at = (struct opt_int){.set = true, .v = d->column_int(r->cursor, i)};
		return OK;
	case T_OPT_BOOL:
		*(struct opt_bool *)at =
			(struct opt_bool){.set = true, .v = d->column_int(r->cursor, i) != 0};
		return OK;
	case T_STR: *(const char **)at = arena_strndup(a, text, n); return OK;
	case T_OPT_STR:
		*(struct opt_str *)at = (struct opt_str){.set = true, .v = arena_strndup(a, text, n)};
		return OK;
	case T_JSON: ((struct json *)at)->text = arena_strndup(a, text, n); return OK;
	case T_STRINGS: return read_strings(r, f, text, n, a, at);
	case T_LIST: return read_list(r, f, text, n, a, at);
	case T_OBJECT: return read_object(r, f, text, n, a, at);
	case T_UPLOAD: return OK;
	}
	return OK;
}

/* Whether NULL is something else than the neutral value that a NULL column reads as: a text that is
 * NULL tells so itself. */
static bool needs_asking(const struct field *f)
{
	return f->type == T_OPT_INT || f->type == T_OPT_BOOL;
}

int row_read(struct row_reader *r, struct arena *a, void *out)
{
	memset(out, 0, r->schema->size);
	for (int i = 0; i < r->columns.n; i++) {
		const struct field *f = r->columns.fields[i];

		if (f == NULL || (needs_asking(f) && r->db->driver->column_null(r->cursor, i)))
			continue;
		TRY(read_column(r, i, f, a, (char *)out + f->offset));
	}
	if (arena_over(a))
		return fail(r->db, E_RULE, "The answer is too large; ask for less at once");
	return OK;
}

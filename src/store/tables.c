/*
 * See tables.h. Catalogues are the engines' own; everything else is plain SQL put together from
 * names that they gave. Rows are inserted several at a time, as many as a statement has parameters.
 */
#include "store/tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/text.h"
#include "data/json.h"
#include "store/driver.h"

enum { PARAMS_AT_ONCE = 250, SQL_MAX = 64 * 1024, VALUES_ARENA = 64 * 1024 * 1024 };

struct name_row {
	const char *name, *type;
};
static const struct field name_fields[] = {
	FIELD(struct name_row, name, 0, .doc = "Name", .example = "\"users\""),
	FIELD(struct name_row, type, F_NULL, .doc = "Type", .example = "\"BIGINT\""),
};
static const struct schema name_schema = SCHEMA("CatalogueName", struct name_row, name_fields);

struct catalogue {
	const char *tables, *columns, *references;
	const char *given, *give; /* the greatest number of a table; sets it */
};

#define APART                                                                \
	"('schema_migrations', 'installation', 'bus_texts', 'candidate_texts', " \
	"'candidate_words', 'job_words')"

static const struct catalogue of_sqlite = {
	.tables = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND "
			  "name NOT LIKE 'sqlite%' AND name NOT IN " APART " ORDER BY name",
	.columns = "SELECT name, type FROM pragma_table_info($1) ORDER BY cid",
	.references = "SELECT DISTINCT \"table\" AS name FROM pragma_foreign_key_list($1)",
	.given = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = $1",
};

static const struct catalogue of_postgresql = {
	.tables = "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = "
			  "current_schema() AND table_type = 'BASE TABLE' AND table_name NOT IN " APART
			  " ORDER BY table_name",
	.columns = "SELECT column_name AS name, upper(data_type) AS type FROM "
			   "information_schema.columns WHERE table_schema = current_schema() AND table_name = "
			   "$1 ORDER BY ordinal_position",
	.references = "SELECT DISTINCT CAST(c.relname AS TEXT) AS name FROM pg_constraint AS k JOIN "
				  "pg_class AS c ON c.oid = k.confrelid WHERE k.contype = 'f' AND k.conrelid = "
				  "CAST(CAST($1 AS TEXT) AS regclass)",
	.given = "SELECT coalesce(max(last_value), 0) FROM pg_sequences WHERE schemaname = "
			 "current_schema() AND sequencename = CAST($1 AS TEXT) || '_id_seq'",
};

static bool is_sqlite(const struct db *db)
{
	return strcmp(db_engine(db), "sqlite") == 0;
}

static const struct catalogue *catalogue(const struct db *db)
{
	return is_sqlite(db) ? &of_sqlite : &of_postgresql;
}

/* ---- the list ---- */

static enum column_kind kind_of(const char *type)
{
	if (text_eq(type, "DOUBLE PRECISION"))
		return COLUMN_REAL;
	return text_eq(type, "JSONB") ? COLUMN_JSON : COLUMN_PLAIN;
}

static int read_columns(struct db *db, struct arena *a, struct table *t)
{
	const struct name_row *row;
	struct list list;

	TRY(db_list(db, a, &name_schema, TABLE_COLUMNS_MAX, &list, catalogue(db)->columns, P(t->name)));
	row = list.items;
	for (size_t i = 0; i < list.n; i++) {
		t->columns[i] = (struct column){row[i].name, kind_of(row[i].type)};
		t->numbered |= text_eq(row[i].name, "id");
	}
	t->n = list.n;
	return OK;
}

static bool is_listed(const struct table *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return true;
	return false;
}

/* Whether all that the table refers to is listed, itself aside. */
static int is_ready(struct db *db, struct arena *a, const char *name, const struct table *list,
					size_t n, bool *ready)
{
	const struct name_row *row;
	struct list to;

	TRY(db_list(db, a, &name_schema, TABLES_MAX, &to, catalogue(db)->references, P(name)));
	row = to.items;
	*ready = true;
	for (size_t i = 0; i < to.n; i++)
		*ready &= strcmp(row[i].name, name) == 0 || is_listed(list, n, row[i].name);
	return OK;
}

int tables_list(struct db *db, struct arena *a, const struct table **out, size_t *n)
{
	struct table *list = ARENA_ARRAY(a, TABLES_MAX, struct table);
	const struct name_row *row;
	struct list names;
	size_t done = 0, before;

	TRY(db_list(db, a, &name_schema, TABLES_MAX, &names, catalogue(db)->tables));
	row = names.items;
	do {
		before = done;
		for (size_t i = 0; i < names.n; i++) {
			bool ready;

			if (is_listed(list, done, row[i].name))
				continue;
			TRY(is_ready(db, a, row[i].name, list, done, &ready));
			if (!ready)
				continue;
			list[done] = (struct table){.name = row[i].name};
			TRY(read_columns(db, a, &list[done++]));
		}
	} while (done > before);
	if (done < names.n)
		return fail(db, E_INTERNAL, "tables refer to each other in a circle");
	*out = list;
	*n = done;
	return OK;
}

/* ---- rows as texts ---- */

struct walk {
	struct db *db;
	struct cursor *cursor;
};

static void walk_end(struct walk *w)
{
	struct error told = *w->db->error;

	if (w->cursor == NULL)
		return;
	(void)w->db->driver->finish(w->db, w->cursor);
	*w->db->error = told;
}

static int walk_start(struct walk *w, const char *sql)
{
	return w->db->driver->walk(w->db, sql, (struct params){NULL, 0}, &w->cursor);
}

static const char *select_of(struct arena *a, const struct table *t)
{
	struct buf b;

	buf_init(&b, a, SQL_MAX);
	for (size_t i = 0; i < t->n; i++)
		buf_addf(&b, "%s\"%s\"", i == 0 ? "SELECT " : ", ", t->columns[i].name);
	buf_addf(&b, " FROM \"%s\"", t->name);
	return buf_str(&b);
}

/* The value of a column, in the form that is the same everywhere; NULL for NULL. */
static const char *value_of(struct walk *w, struct arena *a, const struct column *k, int i)
{
	const struct db_driver *d = w->db->driver;
	const char *text;
	size_t n;

	if (d->column_null(w->cursor, i))
		return NULL;
	if (k->kind == COLUMN_REAL)
		return arena_printf(a, "%.17g", d->column_real(w->cursor, i));
	text = d->column_text(w->cursor, i, &n);
	if (k->kind == COLUMN_JSON)
		return json_canonical(a, text, n);
	return arena_strndup(a, text, n);
}

static void add_row(struct table_sum *sum, struct walk *w, struct arena *a, const struct table *t)
{
	unsigned char bytes[DIGEST_SIZE];
	struct digest d;
	uint64_t part[2];

	digest_init(&d);
	for (size_t i = 0; i < t->n; i++) {
		const char *value = value_of(w, a, &t->columns[i], (int)i);

		digest_add(&d, value != NULL ? "+" : "-", 1);
		if (value != NULL)
			digest_add(&d, value, strlen(value) + 1);
	}
	digest_bytes(&d, bytes);
	memcpy(part, bytes, sizeof part);
	sum->rows++;
	sum->sum[0] += part[0];
	sum->sum[1] += part[1];
}

static void arena_done(struct arena **a)
{
	*a = arena_free(*a);
}

int table_sum_of(struct db *db, const struct table *t, const char *select, struct table_sum *out)
{
	CLEANUP(arena_done) struct arena *a = arena_new(VALUES_ARENA);
	CLEANUP(walk_end) struct walk w = {db, NULL};
	struct table_sum sum = {0};
	int rc;

	TRY(walk_start(&w, select));
	while ((rc = db->driver->step(db, w.cursor)) > 0) {
		arena_reset(a);
		add_row(&sum, &w, a, t);
	}
	TRY(rc);
	*out = sum;
	return OK;
}

int table_sum(struct db *db, const struct table *t, struct table_sum *out)
{
	CLEANUP(arena_done) struct arena *a = arena_new(VALUES_ARENA);

	return table_sum_of(db, t, select_of(a, t), out);
}

bool table_sum_equal(const struct table_sum *a, const struct table_sum *b)
{
	return a->rows == b->rows && a->sum[0] == b->sum[0] && a->sum[1] == b->sum[1];
}

/* ---- copying ---- */

struct batch {
	struct db *to;
	const struct table *table;
	struct arena *arena;
	struct param values[PARAMS_AT_ONCE + 1];
	size_t rows, max; /* rows in values; at once */
};

static int flush(struct batch *b)
{
	const struct table *t = b->table;
	struct buf sql;

	if (b->rows == 0)
		return OK;
	buf_init(&sql, b->arena, SQL_MAX);
	buf_addf(&sql, "INSERT INTO \"%s\" (", t->name);
	for (size_t i = 0; i < t->n; i++)
		buf_addf(&sql, "%s\"%s\"", i == 0 ? "" : ", ", t->columns[i].name);
	buf_adds(&sql, ") VALUES ");
	for (size_t i = 0; i < b->rows * t->n; i++)
		buf_addf(&sql, "%s$%zu%s",
				 i % t->n > 0 ? ", "
				 : i == 0     ? "("
							  : ", (",
				 i + 1, i % t->n == t->n - 1 ? ")" : "");
	TRY(db_exec_params(b->to, NULL, buf_str(&sql), (struct params){b->values, b->rows * t->n}));
	b->rows = 0;
	arena_reset(b->arena);
	return OK;
}

static int add_to_batch(struct batch *b, struct walk *w)
{
	const struct table *t = b->table;

	for (size_t i = 0; i < t->n; i++) {
		const char *value = value_of(w, b->arena, &t->columns[i], (int)i);
		struct param *p = &b->values[b->rows * t->n + i];

		*p = t->columns[i].kind == COLUMN_REAL && value != NULL ? P(strtod(value, NULL)) : P(value);
	}
	if (arena_over(b->arena))
		return fail(b->to, E_RULE, "a row of the table %s is too large", t->name);
	return ++b->rows == b->max ? flush(b) : OK;
}

static int copy_rows(struct db *from, struct batch *b)
{
	CLEANUP(arena_done) struct arena *a = arena_new(SQL_MAX * 2);
	CLEANUP(walk_end) struct walk w = {from, NULL};
	int rc;

	TRY(walk_start(&w, select_of(a, b->table)));
	while ((rc = from->driver->step(from, w.cursor)) > 0)
		TRY(add_to_batch(b, &w));
	TRY(rc);
	return flush(b);
}

/* The numbers that follow are greater than any that from has given. */
static int pass_numbers(struct db *from, struct db *to, const struct table *t)
{
	int64_t given, ignored;

	if (!t->numbered)
		return OK;
	TRY(db_int(from, &given, catalogue(from)->given, P(t->name)));
	if (given == 0)
		return OK;
	if (is_sqlite(to)) {
		TRY(db_exec(to, NULL, "DELETE FROM sqlite_sequence WHERE name = $1", P(t->name)));
		return db_exec(to, NULL, "INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)",
					   P(t->name), P(given));
	}
	return db_int(to, &ignored, "SELECT setval(CAST($1 AS TEXT) || '_id_seq', $2)", P(t->name),
				  P(given));
}

static int copy_in(struct db *from, struct db *to, const struct table *t, struct batch *b)
{
	char sql[256];

	snprintf(sql, sizeof sql, "DELETE FROM \"%s\"", t->name);
	TRY(db_exec(to, NULL, sql));
	TRY(copy_rows(from, b));
	return pass_numbers(from, to, t);
}

int table_copy(struct db *from, struct db *to, const struct table *t)
{
	CLEANUP(arena_done) struct arena *a = arena_new(VALUES_ARENA);
	struct batch b = {.to = to, .table = t, .arena = a, .max = PARAMS_AT_ONCE / t->n};
	int rc;

	TRY(db_begin(to, true));
	rc = copy_in(from, to, t, &b);
	if (rc < 0) {
		db_rollback(to);
		return rc;
	}
	return db_commit(to);
}

/*
 * tables: the tables of a database as such, whatever they mean: their columns, what they refer to,
 * and their rows as texts. For what moves a whole database from one engine to the other.
 *
 * Not among them: the full text indexes, which are made anew, and what belongs to one database
 * alone (schema_migrations, installation, bus_texts).
 */
#pragma once
#include "store/db.h"

enum { TABLES_MAX = 256, TABLE_COLUMNS_MAX = 100 };

enum column_kind { COLUMN_PLAIN, COLUMN_REAL, COLUMN_JSON };
struct column {
	const char *name;
	enum column_kind kind;
};

struct table {
	const char *name;
	struct column columns[TABLE_COLUMNS_MAX];
	size_t n;
	bool numbered; /* has the column id, whose numbers the database gives and never again */
};

/* All tables, each behind those that it refers to, in the arena. E_INTERNAL if they refer to each
 * other in a circle or are too many. */
int tables_list(struct db *db, struct arena *a, const struct table **out, size_t *n);

/* What a table holds: its rows, and the sum of their digests, which does not depend on their order.
 * Numbers and JSON are brought into one form first, so that both engines agree. */
struct table_sum {
	int64_t rows;
	uint64_t sum[2];
};
int table_sum(struct db *db, const struct table *t, struct table_sum *out);
/* The same of a SELECT of columns as t has them. */
int table_sum_of(struct db *db, const struct table *t, const char *select, struct table_sum *out);
bool table_sum_equal(const struct table_sum *a, const struct table_sum *b);

/* Empties the table of to and fills it with the rows of from, in one transaction of to; numbers
 * that from has given are not given again. from may be within a reading transaction. */
int table_copy(struct db *from, struct db *to, const struct table *t);

/*
 * row: rows of a running statement become structs, by the schema: a column fills the field of its
 * name.
 *
 * Numbers, texts and times come as they are; T_STRINGS, T_LIST and T_OBJECT columns hold JSON text
 * that is read here; T_JSON keeps its text. A row_reader serves all rows of one statement.
 */
#pragma once
#include "store/driver.h"

enum { ROW_COLUMNS_MAX = 128, ROW_LIST_MAX = 100000 };

struct row_reader {
	struct db *db;
	struct cursor *cursor;
	const struct schema *schema;
	struct row_columns columns; /* its fields are the cursor's, or own */
	const struct field *own[ROW_COLUMNS_MAX];
	struct arena *scratch; /* for parsed JSON; made when first needed */
};

/* Matches the cursor's columns with the schema's fields, once it stands on its first row (a changed
 * table shows its columns only then). E_INTERNAL beyond ROW_COLUMNS_MAX columns. */
int row_reader_init(struct row_reader *r, struct db *db, struct cursor *c, const struct schema *s);
void row_reader_done(struct row_reader *r);
/* Reads the row the cursor stands on into out (schema->size bytes, zeroed here); strings go to the
 * arena. E_RULE when the arena is over its maximum, E_INTERNAL for a column that is not the JSON
 * it should be. */
int row_read(struct row_reader *r, struct arena *a, void *out);

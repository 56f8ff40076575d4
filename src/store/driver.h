/* driver: what an engine must offer behind db.h. One table each: sqlite.c, postgres.c. */
#pragma once
#include "store/db.h"

struct cursor; /* a running statement, the driver's */

/* What row.c has found of a statement's columns, kept with the statement for its next run. */
struct row_columns {
	const struct schema *schema; /* NULL: nothing yet */
	int n;
	const struct field **fields; /* by column; NULL: no field of that name */
};

struct db_driver {
	const char *name;
	int (*open)(struct db *db, const char *url);
	void (*close)(struct db *db);
	/* Prepares (or finds) sql, binds, and stands before the first row. */
	int (*query)(struct db *db, const char *sql, struct params p, struct cursor **out);
	/* The same for a result of any size, which must not be held in memory at once. */
	int (*walk)(struct db *db, const char *sql, struct params p, struct cursor **out);
	/* 1: a row is there, 0: end, negative: error. */
	int (*step)(struct db *db, struct cursor *c);
	int64_t (*changes)(struct db *db, struct cursor *c);
	/* Ends the statement: back to the statement cache. An error only if the statement itself fails
	 * at its very end (a foreign key after RETURNING, an autocommit) and step has not told one
	 * already. */
	int (*finish)(struct db *db, struct cursor *c);
	/* Where to keep what is found of the columns: empty if they may have changed; freed with the
	 * statement. NULL: nothing is kept. */
	struct row_columns *(*kept_columns)(struct cursor *c);
	int (*columns)(struct cursor *c);
	const char *(*column_name)(struct cursor *c, int i);
	bool (*column_null)(struct cursor *c, int i);
	int64_t (*column_int)(struct cursor *c, int i);
	double (*column_real)(struct cursor *c, int i);
	/* Valid until step or finish; NULL: the column is. */
	const char *(*column_text)(struct cursor *c, int i, size_t *n);
	int (*begin)(struct db *db, bool write);
	/* May call db_committed while nobody else of the process writes; else it is called after. */
	int (*commit)(struct db *db);
	void (*rollback)(struct db *db);
	void (*rest)(struct db *db);         /* See db_rest; NULL: nothing to do. */
	uint64_t (*snapshot)(struct db *db); /* See db_snapshot; NULL: not told. */
	int (*script)(struct db *db, const char *sql);
	/* See db_unhurried; NULL: nothing to do. */
	int (*unhurried)(struct db *db);
	/* See db_repeatable; NULL: nothing to do. */
	int (*repeatable)(struct db *db);
	/* See db_wait; NULL: nothing is to be heard of other processes. */
	int (*wait)(struct db *db, const struct db_wait *w);
	int (*backup)(struct db *db, const char *path);
};

/* The transaction is committed: calls what db_on_commit was given, once. */
void db_committed(struct db *db);

extern const struct db_driver sqlite_driver, postgres_driver;

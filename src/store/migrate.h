/*
 * migrate: brings the database to this program's version.
 *
 * migrations/NNNN_name.sql are embedded in number order and append-only. Tokens stand for what the
 * engines spell differently: {{id}} (primary key that is never reused), {{json}}, {{blob}}; a
 * section between lines
 * "-- only: sqlite" / "-- only: postgresql" and "-- end" is for that engine alone (full text). What
 * was applied stands in the table schema_migrations with a checksum of its text.
 */
#pragma once
#include "store/db.h"

struct migration {
	int number; /* from 1, rising, gaps allowed */
	const char *name;
	const char *text; /* with tokens and sections */
};

/* The embedded ones, made by tools/embed-migrations. */
extern const struct migration migrations[];
extern const size_t migrations_n;

/* Applies what is missing, each migration in its own write transaction, safely against a second
 * process doing the same. E_RULE if the database is newer than this program, or a migration already
 * applied has been changed (its checksum differs). *applied (may be NULL) counts those applied now.
 */
int migrate(struct db *db, int *applied);
/* Counts what migrate would apply, changing nothing. Errors as there. */
int migrate_missing(struct db *db, int *out);
/* The same with a table of one's own. */
int migrate_with(struct db *db, const struct migration *list, size_t n, int *applied);

/* The text as this engine ("sqlite", "postgresql") is to run it, in the arena. E_RULE for an
 * unknown token or engine, an "only" within another or without its end. */
int migrate_expand(struct arena *a, struct error *error, const char *engine, const char *text,
				   const char **out);

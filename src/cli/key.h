/*
 * key: the key that signs tokens, wherever an instance keeps it: the file secret_key of DATA_DIR
 * with SQLite, the database with PostgreSQL. For the commands that move instances.
 */
#pragma once
#include "store/db.h"

/* E_NOT_FOUND where none was made yet (or SECRET_KEY always named one). In the arena. */
int key_get(struct db *db, struct arena *a, const char *data_dir, const char **out);
/* Keeps it; an instance that has one already keeps its own. */
int key_set(struct db *db, struct arena *a, const char *data_dir, const char *key);

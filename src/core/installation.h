/*
 * installation: a few named values that belong to a database as a whole: the key that signs tokens
 * where several servers share it, the mark of a copy under way. Owns the table installation.
 */
#pragma once
#include "store/db.h"

/* E_NOT_FOUND without one. In the arena. */
int installation_get(struct db *db, struct arena *a, const char *name, const char **out);
/* NULL removes it. */
int installation_set(struct db *db, const char *name, const char *value);
/* The value there, or fresh where there is none, which is then kept: of several that ask at once
 * all get the same. */
int installation_keep(struct db *db, struct arena *a, const char *name, const char *fresh,
					  const char **out);

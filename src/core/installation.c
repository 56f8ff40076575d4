/* See installation.h. */
#include "core/installation.h"

int installation_get(struct db *db, struct arena *a, const char *name, const char **out)
{
	return db_text(db, a, out, "SELECT value FROM installation WHERE name = $1", P(name));
}

int installation_set(struct db *db, const char *name, const char *value)
{
	if (value == NULL)
		return db_exec(db, NULL, "DELETE FROM installation WHERE name = $1", P(name));
	return db_exec(db, NULL,
				   "INSERT INTO installation (name, value) VALUES ($1, $2) "
				   "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
				   P(name), P(value));
}

int installation_keep(struct db *db, struct arena *a, const char *name, const char *fresh,
					  const char **out)
{
	TRY(db_exec(db, NULL,
				"INSERT INTO installation (name, value) VALUES ($1, $2) "
				"ON CONFLICT (name) DO NOTHING",
				P(name), P(fresh)));
	return installation_get(db, a, name, out);
}

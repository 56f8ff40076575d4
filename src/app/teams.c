/* See teams.h. */
#include "app/teams.h"

int teams_create(struct ctx *c, const char *name, int64_t *id)
{
	return db_int(
		c->db, id,
		"INSERT INTO teams (name, created_at, updated_at) VALUES ($1, $2, $2) RETURNING id",
		P(name), P(c->now));
}

int teams_exists(struct ctx *c, int64_t id)
{
	int64_t found;

	return db_int(c->db, &found, "SELECT id FROM teams WHERE id = $1", P(id));
}

/* See known.h: a table with one place for each remainder of the session's number. */
#include "core/known.h"

#include <stdlib.h>
#include <string.h>

enum { PLACES = 64, NAME_SIZE = 256 };

struct place {
	uint64_t snapshot; /* 0: empty */
	int64_t at, session_id, user_id;
	struct actor actor;
	char name[NAME_SIZE];
};

struct known {
	struct place places[PLACES];
};

struct known *known_new(void)
{
	struct known *k = calloc(1, sizeof *k);

	if (k == NULL)
		abort();
	return k;
}

void known_free(struct known *k)
{
	free(k);
}

static size_t place_of(const struct claims *claims)
{
	return (size_t)claims->session_id % PLACES;
}

bool known_find(const struct known *k, uint64_t snapshot, const struct claims *claims, int64_t now,
				struct arena *a, struct actor *out)
{
	const struct place *p = &k->places[place_of(claims)];

	if (snapshot == 0 || p->snapshot != snapshot || p->session_id != claims->session_id ||
		p->user_id != claims->user_id || now < p->at || now - p->at >= CLOCK_SECOND)
		return false;
	*out = p->actor;
	out->username = arena_strdup(a, p->name);
	return true;
}

void known_note(struct known *k, uint64_t snapshot, const struct claims *claims, int64_t now,
				const struct actor *actor)
{
	struct place *p = &k->places[place_of(claims)];
	const char *name = actor->username != NULL ? actor->username : "";

	if (snapshot == 0 || claims->type != TOKEN_ACCESS || strlen(name) >= NAME_SIZE)
		return;
	*p = (struct place){.snapshot = snapshot,
						.at = now,
						.session_id = claims->session_id,
						.user_id = claims->user_id,
						.actor = *actor};
	memcpy(p->name, name, strlen(name) + 1);
}

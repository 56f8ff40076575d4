/* auth: logging in and staying logged in. */
#pragma once
#include "core/access.h"
#include "core/ctx.h"

/* The access_load of this application: user active, session standing. */
int auth_load_actor(struct db *db, struct arena *a, const struct claims *claims, struct actor *out);

extern const struct feature auth_feature;

/*
 * keys: API keys, by which programs that cannot log in speak for a user. A key has the rights of
 * its role, but never more than its owner has at the moment; it ends with its date, with the owner,
 * or when the owner revokes it, and it opens nothing that is about logging in (ROUTE_PERSON).
 */
#pragma once
#include "core/access.h"
#include "core/route.h"

/* The actor behind checked claims of TOKEN_KEY. E_AUTH: revoked, expired, or the owner is gone or
 * inactive. */
int keys_actor(struct db *db, struct arena *a, const struct claims *claims, struct actor *out);

extern const struct feature keys_feature;

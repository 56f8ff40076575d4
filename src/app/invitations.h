/*
 * invitations: the secrets by which candidates without an account answer an interview. Owns the
 * table interview_invitations.
 */
#pragma once
#include "core/access.h"
#include "core/route.h"

/* Fills the actor behind a secret (access_guest): a viewer of the interview's team who is let in on
 * the routes for invited candidates only. E_AUTH: unknown, revoked, or over. */
int invitation_actor(struct db *db, struct arena *a, const char *secret, int64_t now,
					 struct actor *out);

extern const struct feature invitations_feature;

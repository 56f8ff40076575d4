/*
 * teams: the boundary of what people see. Every user belongs to one. Administrators see all teams,
 * make them and move people; who registers gets one of their own. Owns the table teams; who is in
 * one, users.h tells.
 */
#pragma once
#include "core/ctx.h"

/* Makes a team; name is cut to 100 characters. In the current transaction. */
int teams_create(struct ctx *c, const char *name, int64_t *id);
/* The team was made for this user's registration, and goes with the user if it is empty then. */
int teams_set_owner(struct ctx *c, int64_t id, int64_t user_id);
/* E_NOT_FOUND (without a sentence) if there is none with this id. */
int teams_exists(struct ctx *c, int64_t id);

/* The team that a request means: requested, or the actor's own if that is 0. An administrator may
 * name any team that there is, others their own; else E_NOT_FOUND with a sentence. */
int team_of(struct ctx *c, int64_t requested, int64_t *out);
/* The same for lists and sums: *out is 0, which is all teams, if an administrator names none. */
int team_scope(struct ctx *c, int64_t requested, int64_t *out);

/* The user, who owned teams, is gone: those of them without members lose the user's name, and are
 * removed if nothing else belongs to them. In the current transaction. */
int teams_owner_gone(struct ctx *c, int64_t user_id);

extern const struct feature teams_feature;

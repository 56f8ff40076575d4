/*
 * sessions: one row for each login. Its refresh token rotates: only the newest is good; the one
 * before it is taken for SESSION_GRACE after the rotation (a client's double request); any older
 * one is theft, and ends the session.
 */
#pragma once
#include "core/access.h"
#include "core/ctx.h"

#define SESSION_GRACE (10 * CLOCK_SECOND)

struct tokens {
	const char *access_token, *refresh_token, *token_type;
};
extern const struct schema tokens_schema;

/* Opens a session for the user and signs its first pair; sets the refresh cookie. In the current
 * transaction. */
int sessions_open(struct ctx *c, int64_t user_id, struct tokens *out);
/* Exchanges a checked refresh token for the next pair. E_AUTH: revoked, expired, or reused (then
 * *revoked is true: the caller must commit although it refuses). */
int sessions_rotate(struct ctx *c, const struct claims *old, struct tokens *out, bool *revoked);
/* OK if the session stands: E_AUTH if revoked, expired or gone. */
int sessions_alive(struct db *db, int64_t session_id, int64_t user_id, int64_t now);
/* Ends all sessions of the user but one (0: all). */
int sessions_revoke(struct ctx *c, int64_t user_id, int64_t except);
/* Ends the user's session. E_NOT_FOUND with a sentence if it has ended already, or is another's. */
int sessions_end(struct ctx *c, int64_t id, int64_t user_id);
/* Takes the refresh cookie out of the browser. */
int sessions_clear_cookie(struct ctx *c);
/* Whether one of the user's sessions, ended ones included, was opened or last refreshed from the
 * caller's address (of IPv6: its network). */
int sessions_know(struct ctx *c, int64_t user_id, bool *known);
/* Removes the user's sessions; adds their number to *n. */
int sessions_delete_of(struct ctx *c, int64_t user_id, int64_t *n);

/* Removes the sessions whose time is over; *removed (may be NULL) tells how many. In a transaction
 * of its own. */
int sessions_expire(struct ctx *c, int64_t *removed);

extern const struct feature sessions_feature;

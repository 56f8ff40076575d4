/*
 * access: tokens and the actor behind them. JWT (RFC 7519), HS256 pinned, signed with SECRET_KEY;
 * claims sub (user id), sid (session id), jti, type (access | refresh), iat, exp. The account rows
 * behind a token belong to the app floor, which tells by a callback whether user and session still
 * stand.
 */
#pragma once
#include "core/ctx.h"

enum token_type { TOKEN_ACCESS, TOKEN_REFRESH };
enum { ACCESS_SECONDS = 30 * 60, REFRESH_SECONDS = 7 * 24 * 3600 };

struct claims {
	int64_t user_id, session_id;
	char jti[33];
	enum token_type type;
	int64_t issued, expires; /* seconds */
};

struct access; /* key and cache of checked signatures (bounded) */

/* Loads the actor of a checked token: E_AUTH if the user is gone or inactive or the session
 * revoked. */
typedef int (*access_load)(struct db *db, struct arena *a, const struct claims *claims,
						   struct actor *out);

struct access *access_new(const char *secret, access_load load);
void access_free(struct access *x);
/* Signs a token; in the arena. */
int access_sign(struct access *x, struct arena *a, const struct claims *claims, const char **token);
/* Checks signature, type and expiry (now: microseconds). E_AUTH otherwise. */
int access_verify(struct access *x, const char *token, enum token_type type, int64_t now,
				  struct claims *out);
/* The token in an Authorization header's value ("Bearer …", RFC 6750), NULL if there is none.
 * Points into it. */
const char *access_bearer(const char *authorization);
/* Loads the actor of checked claims. */
int access_actor(struct access *x, struct db *db, struct arena *a, const struct claims *claims,
				 struct actor *out);
/* From an Authorization header's value to the actor. E_AUTH: none, malformed, expired, revoked… */
int access_identify(struct access *x, struct db *db, struct arena *a, const char *authorization,
					int64_t now, struct actor *out);

/*
 * access: tokens and the actor behind them. JWT (RFC 7519), HS256 pinned, signed with SECRET_KEY;
 * claims sub (user id), sid (session id), jti, type (access | refresh), iat, exp. The account rows
 * behind a token belong to the app floor, which tells by a callback whether user and session still
 * stand.
 */
#pragma once
#include "core/ctx.h"

enum token_type { TOKEN_ACCESS, TOKEN_REFRESH, TOKEN_KEY };
enum { ACCESS_SECONDS = 30 * 60, REFRESH_SECONDS = 7 * 24 * 3600 };

struct claims {
	int64_t user_id, session_id;
	char jti[33];
	enum token_type type;
	int64_t issued, expires; /* seconds; of a key: when to look at it again */
	int64_t key_id;          /* TOKEN_KEY only */
	char key_hash[65];       /* TOKEN_KEY only: SHA-256 of its text, in hexadecimal */
};

/* API keys, which speak for a user until they are revoked: "vk_7_12_" (user, key), 48 random
 * hexadecimal digits and 16 that only this server can have written, so that a forged one costs no
 * look into the database. */
enum { ACCESS_KEY_SIZE = 128, ACCESS_KEY_SHOWN = 6 };

struct access; /* key and cache of checked signatures (bounded) */

/* Loads the actor of a checked token: E_AUTH if the user is gone or inactive or the session
 * revoked. */
typedef int (*access_load)(struct db *db, struct arena *a, const struct claims *claims,
						   struct actor *out);

struct access *access_new(const char *secret, access_load load);
void access_free(struct access *x);
/* Signs a token; in the arena. */
int access_sign(struct access *x, struct arena *a, const struct claims *claims, const char **token);
/* Makes a new API key for the row key_id of the user. out's first bytes, up to *shown, may be shown
 * later; hash is what is stored. */
void access_make_key(struct access *x, int64_t user_id, int64_t key_id, char out[ACCESS_KEY_SIZE],
					 size_t *shown, char hash[65]);
/* Checks signature, type and expiry (now: microseconds). E_AUTH otherwise. An API key does for
 * TOKEN_ACCESS, then claims are of TOKEN_KEY. */
int access_verify(struct access *x, const char *token, enum token_type type, int64_t now,
				  struct claims *out);
/* The token in an Authorization header's value ("Bearer …", RFC 6750), NULL if there is none.
 * Points into it. */
const char *access_bearer(const char *authorization);
/* The API key in an X-API-Key header's value, NULL if that is none. */
const char *access_key(const char *value);

/* Invitations: a candidate who has no account is let in by a secret of their own, on the routes
 * that are marked ROUTE_INVITED only. The secret is "vi_" and letters; the app floor knows it. */
#define ACCESS_INVITATION "vi_"
/* Fills the actor behind an invitation's secret: E_AUTH if it is unknown, revoked or over. */
typedef int (*access_guest)(struct db *db, struct arena *a, const char *secret, int64_t now,
							struct actor *out);

/* Loads the actor of checked claims. */
int access_actor(struct access *x, struct db *db, struct arena *a, const struct claims *claims,
				 struct actor *out);
/* From an Authorization header's value to the actor. E_AUTH: none, malformed, expired, revoked… */
int access_identify(struct access *x, struct db *db, struct arena *a, const char *authorization,
					int64_t now, struct actor *out);

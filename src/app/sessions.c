/*
 * See sessions.h. The refresh token carries the session's id and a jti; the row remembers the
 * newest jti and the one before. Within the grace after a rotation the one before is answered with
 * the newest again, so that a client that asked twice, or lost the reply, ends with a good token
 * whichever answer it kept.
 */
#include "app/sessions.h"

#include <string.h>

#include "base/log.h"
#include "base/rand.h"
#include "core/core.h"

static const struct field tokens_fields[] = {
	FIELD(struct tokens, access_token, 0, .doc = "For the Authorization header; lives 30 minutes",
		  .example = "\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.sig\""),
	FIELD(struct tokens, refresh_token, 0, .doc = "Buys the next pair once; lives 7 days",
		  .example = "\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.sig\""),
	FIELD(struct tokens, token_type, 0, .doc = "Always \"bearer\"", .example = "\"bearer\""),
};
const struct schema tokens_schema = SCHEMA("Token", struct tokens, tokens_fields);

struct session_row {
	int64_t id, user_id;
	const char *refresh_jti, *previous_jti;
	int64_t rotated_at, expires_at, revoked_at;
};
static const struct field session_fields[] = {
	FIELD(struct session_row, id, 0, .doc = "Number", .example = "1"),
	FIELD(struct session_row, user_id, 0, .doc = "User", .example = "1"),
	FIELD(struct session_row, refresh_jti, F_SECRET, .doc = "Newest refresh token",
		  .example = "\"a\""),
	FIELD(struct session_row, previous_jti, F_SECRET | F_NULL, .doc = "The one before",
		  .example = "\"b\""),
	FIELD(struct session_row, rotated_at, 0, .doc = "When the newest was made", .example = "1"),
	FIELD(struct session_row, expires_at, 0, .doc = "When the session ends", .example = "1"),
	FIELD(struct session_row, revoked_at, 0, .doc = "When it was ended, 0 if it stands",
		  .example = "0"),
};
static const struct schema session_schema =
	SCHEMA("SessionRow", struct session_row, session_fields);

/* The cookie twin of the refresh token (RFC 6265). */
static int set_cookie(struct ctx *c, const char *token)
{
	return ctx_header(c, "Set-Cookie",
					  arena_printf(c->arena,
								   "refresh_token=%s; Path=/api/v1/auth; Max-Age=%d; HttpOnly; "
								   "SameSite=Strict%s",
								   token, REFRESH_SECONDS, c->config->debug ? "" : "; Secure"));
}

/* Signs both tokens of a session; the refresh token's times follow from when it was made. */
static int sign_pair(struct ctx *c, int64_t user_id, int64_t session_id, const char *jti,
					 int64_t made, struct tokens *out)
{
	int64_t now = c->now / CLOCK_SECOND;
	struct claims access = {.user_id = user_id,
							.session_id = session_id,
							.type = TOKEN_ACCESS,
							.issued = now,
							.expires = now + ACCESS_SECONDS};
	struct claims refresh = {.user_id = user_id,
							 .session_id = session_id,
							 .type = TOKEN_REFRESH,
							 .issued = made / CLOCK_SECOND,
							 .expires = made / CLOCK_SECOND + REFRESH_SECONDS};
	struct tokens t = {.token_type = "bearer"};

	rand_hex(access.jti, 16);
	snprintf(refresh.jti, sizeof refresh.jti, "%s", jti);
	TRY(access_sign(c->core->access, c->arena, &access, &t.access_token));
	TRY(access_sign(c->core->access, c->arena, &refresh, &t.refresh_token));
	TRY(set_cookie(c, t.refresh_token));
	*out = t;
	return OK;
}

int sessions_open(struct ctx *c, int64_t user_id, struct tokens *out)
{
	char jti[33];
	int64_t id;

	rand_hex(jti, 16);
	TRY(db_int(
		c->db, &id,
		"INSERT INTO sessions (user_id, refresh_jti, rotated_at, device, address, created_at, "
		"last_used_at, expires_at) VALUES ($1, $2, $3, $4, $5, $3, $3, $6) RETURNING id",
		P(user_id), P((const char *)jti), P(c->now), P(c->user_agent), P(c->peer),
		P(c->now + REFRESH_SECONDS * CLOCK_SECOND)));
	return sign_pair(c, user_id, id, jti, c->now, out);
}

static int refuse(struct ctx *c)
{
	return fail(c, E_AUTH, "Invalid refresh token");
}

static int end_session(struct ctx *c, int64_t id)
{
	return db_exec(c->db, NULL,
				   "UPDATE sessions SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
				   P(id), P(c->now));
}

int sessions_rotate(struct ctx *c, const struct claims *old, struct tokens *out, bool *revoked)
{
	struct session_row s;
	char jti[33];
	int rc = db_one(c->db, c->arena, &session_schema, &s, "SELECT * FROM sessions WHERE id = $1",
					P(old->session_id));

	*revoked = false;
	if (rc == E_NOT_FOUND)
		return refuse(c);
	TRY(rc);
	if (s.user_id != old->user_id || s.revoked_at != 0 || s.expires_at <= c->now)
		return refuse(c);
	if (text_equal_ct(s.previous_jti, old->jti) && c->now - s.rotated_at <= SESSION_GRACE)
		return sign_pair(c, s.user_id, s.id, s.refresh_jti, s.rotated_at, out);
	if (!text_equal_ct(s.refresh_jti, old->jti)) {
		log_warning("refresh token of session %lld used twice: session ended", (long long)s.id);
		TRY(end_session(c, s.id));
		*revoked = true;
		return OK;
	}
	rand_hex(jti, 16);
	TRY(db_exec(
		c->db, NULL,
		"UPDATE sessions SET previous_jti = refresh_jti, refresh_jti = $2, rotated_at = $3, "
		"last_used_at = $3, expires_at = $4 WHERE id = $1",
		P(s.id), P((const char *)jti), P(c->now), P(c->now + REFRESH_SECONDS * CLOCK_SECOND)));
	return sign_pair(c, s.user_id, s.id, jti, c->now, out);
}

int sessions_alive(struct db *db, int64_t session_id, int64_t user_id, int64_t now)
{
	int64_t found;
	int rc = db_int(db, &found,
					"SELECT 1 FROM sessions WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL "
					"AND expires_at > $3",
					P(session_id), P(user_id), P(now));

	return rc == E_NOT_FOUND ? fail(db, E_AUTH, "Could not validate credentials") : rc;
}

int sessions_revoke(struct ctx *c, int64_t user_id, int64_t except)
{
	return db_exec(c->db, NULL,
				   "UPDATE sessions SET revoked_at = $3 WHERE user_id = $1 AND id <> $2 "
				   "AND revoked_at IS NULL",
				   P(user_id), P(except), P(c->now));
}

/* ---- maintenance ---- */

static int expire_tx(struct ctx *c, void *arg)
{
	(void)arg;
	return db_exec(c->db, NULL, "DELETE FROM sessions WHERE expires_at < $1", P(c->now));
}

static int expire(struct ctx *c)
{
	return tx(c, expire_tx, NULL);
}

static const struct task_kind tasks[] = {
	{.name = "sessions.expire", .pool = TASK_BACKGROUND, .attempts = 3, .run = expire},
};
static const struct maintenance jobs[] = {
	{.name = "sessions.expire", .task = &tasks[0], .interval = 3600},
};

const struct feature sessions_feature = {
	.name = "sessions", .tasks = tasks, .ntasks = 1, .jobs = jobs, .njobs = 1};

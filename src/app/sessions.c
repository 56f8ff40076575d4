/*
 * See sessions.h. The refresh token carries the session's id and a jti; the row remembers the
 * newest jti and the one before. Within the grace after a rotation the one before is answered with
 * the newest again, so that a client that asked twice, or lost the reply, ends with a good token
 * whichever answer it kept.
 */
#include "app/sessions.h"

#include <string.h>

#include "app/alerts.h"
#include "app/export.h"
#include "app/query.h"
#include "base/log.h"
#include "base/rand.h"
#include "core/caller.h"
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

/* One session as its owner sees it. */
struct session {
	int64_t id;
	bool current;
	const char *device, *address;
	struct when created_at, last_used_at, expires_at;
};
static const struct field shown_fields[] = {
	FIELD(struct session, id, 0, .doc = "Number of the session", .example = "1"),
	FIELD(struct session, current, 0, .doc = "Whether it is the one that asks", .example = "true"),
	FIELD(struct session, device, F_NULL, .doc = "What the client called itself at the login",
		  .example = "\"Mozilla/5.0 (X11; Linux x86_64)\""),
	FIELD(struct session, address, F_NULL, .doc = "Where it was opened or last refreshed from",
		  .example = "\"192.0.2.1\""),
	FIELD(struct session, created_at, 0, .doc = "When the user logged in",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct session, last_used_at, 0, .doc = "When it was opened or last refreshed",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct session, expires_at, 0, .doc = "When it ends unless it is refreshed",
		  .example = "\"2025-12-05T10:00:00Z\""),
};
static const struct schema shown_schema = SCHEMA("Session", struct session, shown_fields);

struct id_in {
	int64_t id;
};
static const struct field id_fields[] = {
	FIELD(struct id_in, id, F_PATH, .min = 1, .doc = "Session ID", .example = "1"),
};
static const struct schema id_schema = SCHEMA("SessionId", struct id_in, id_fields);

/* The cookie twin of the refresh token (RFC 6265). */
static int set_cookie(struct ctx *c, const char *token, int seconds)
{
	return ctx_header(c, "Set-Cookie",
					  arena_printf(c->arena,
								   "refresh_token=%s; Path=/api/v1/auth; Max-Age=%d; HttpOnly; "
								   "SameSite=Strict%s",
								   token, seconds, c->config->debug ? "" : "; Secure"));
}

int sessions_clear_cookie(struct ctx *c)
{
	return set_cookie(c, "", 0);
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
	TRY(set_cookie(c, t.refresh_token, REFRESH_SECONDS));
	*out = t;
	return OK;
}

/* What the client calls itself, cut to a length that can be shown. */
static const char *device(struct ctx *c)
{
	enum { MOST = 300 };
	size_t n = c->user_agent == NULL ? 0 : strlen(c->user_agent);

	return n == 0 ? NULL : utf8_clean(c->arena, c->user_agent, n < MOST ? n : MOST);
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
		P(user_id), P((const char *)jti), P(c->now), P(device(c)), P(c->peer),
		P(c->now + REFRESH_SECONDS * CLOCK_SECOND)));
	return sign_pair(c, user_id, id, jti, c->now, out);
}

static int refuse(struct ctx *c)
{
	return fail(c, E_AUTH, "Invalid refresh token");
}

int sessions_end(struct ctx *c, int64_t id, int64_t user_id)
{
	int64_t changes;

	TRY(db_exec(c->db, &changes,
				"UPDATE sessions SET revoked_at = $3 WHERE id = $1 AND user_id = $2 "
				"AND revoked_at IS NULL AND expires_at > $3",
				P(id), P(user_id), P(c->now)));
	return changes == 0 ? fail(c, E_NOT_FOUND, "Session not found") : hub_recheck(c, user_id);
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
		TRY(sessions_end(c, s.id, s.user_id));
		alert_raise(c, "token.reused", s.user_id,
					"A refresh token was used a second time; its session was ended");
		*revoked = true;
		return OK;
	}
	rand_hex(jti, 16);
	TRY(db_exec(
		c->db, NULL,
		"UPDATE sessions SET previous_jti = refresh_jti, refresh_jti = $2, rotated_at = $3, "
		"last_used_at = $3, expires_at = $4, address = $5 WHERE id = $1",
		P(s.id), P((const char *)jti), P(c->now), P(c->now + REFRESH_SECONDS * CLOCK_SECOND),
		P(c->peer)));
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
	TRY(db_exec(c->db, NULL,
				"UPDATE sessions SET revoked_at = $3 WHERE user_id = $1 AND id <> $2 "
				"AND revoked_at IS NULL",
				P(user_id), P(except), P(c->now)));
	return hub_recheck(c, user_id);
}

struct acquaintance {
	struct arena *arena;
	const char *caller;
	bool known;
};

static int compare_address(void *arg, const void *value)
{
	struct acquaintance *k = arg;
	const struct session *s = value;

	if (s->address != NULL && text_eq(caller_name(k->arena, 0, s->address), k->caller))
		k->known = true;
	return OK;
}

int sessions_delete_of(struct ctx *c, int64_t user_id, int64_t *n)
{
	int64_t removed;

	TRY(db_exec(c->db, &removed, "DELETE FROM sessions WHERE user_id = $1", P(user_id)));
	*n += removed;
	return OK;
}

int sessions_know(struct ctx *c, int64_t user_id, bool *known)
{
	struct acquaintance k = {c->arena, caller_name(c->arena, 0, c->peer), false};

	TRY(db_each(c->db, &shown_schema, compare_address, &k,
				"SELECT DISTINCT address FROM sessions WHERE user_id = $1 LIMIT 1000", P(user_id)));
	*known = k.known;
	return OK;
}

static int export_user(struct ctx *c, int64_t user_id, struct export *x)
{
	(void)c;
	return export_rows(x, "sessions", &shown_schema,
					   "SELECT * FROM sessions WHERE user_id = $1 ORDER BY id", P(user_id));
}

/* ---- handlers ---- */

static int list(struct ctx *c)
{
	const struct page *in = c->in;
	struct list *out = c->out;
	struct session *s;
	struct query q;

	query_init(&q, c->arena);
	query_and(&q, "user_id = ?", P(c->actor->user_id));
	query_and_plain(&q, "revoked_at IS NULL");
	query_and(&q, "expires_at > ?", P(c->now));
	TRY(query_page(c, &q, &shown_schema, "*", "sessions", "id DESC", in->skip, in->limit));
	s = out->items;
	for (size_t i = 0; i < out->n; i++)
		s[i].current = s[i].id == c->actor->session_id;
	return OK;
}

static int end_one(struct ctx *c)
{
	const struct id_in *in = c->in;

	TRY(sessions_end(c, in->id, c->actor->user_id));
	return in->id == c->actor->session_id ? sessions_clear_cookie(c) : OK;
}

static int end_others(struct ctx *c)
{
	return sessions_revoke(c, c->actor->user_id, c->actor->session_id);
}

/* ---- maintenance ---- */

static int expire_tx(struct ctx *c, void *arg)
{
	return db_exec(c->db, arg, "DELETE FROM sessions WHERE expires_at < $1", P(c->now));
}

int sessions_expire(struct ctx *c, int64_t *removed)
{
	return tx(c, expire_tx, removed);
}

static int expire(struct ctx *c)
{
	return sessions_expire(c, NULL);
}

static const struct task_kind tasks[] = {
	{.name = "sessions.expire", .pool = TASK_BACKGROUND, .attempts = 3, .run = expire},
};
static const struct maintenance jobs[] = {
	{.name = "sessions.expire", .task = &tasks[0], .interval = 3600},
};

static const short not_found[] = {404, 0};

static const struct route routes[] = {
	{"GET", "/api/v1/auth/sessions", list, &page_schema, &shown_schema, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_LIST | ROUTE_PERSON, .tag = "auth",
	 .doc = "Where one is logged in, the newest first"},
	{"DELETE", "/api/v1/auth/sessions/{id}", end_one, &id_schema, NULL, .role = ROLE_VIEWER,
	 .status = 204, .flags = ROUTE_PERSON, .audit = "session.end", .tag = "auth",
	 .doc = "End a session", .errors = not_found},
	{"DELETE", "/api/v1/auth/sessions", end_others, NULL, NULL, .role = ROLE_VIEWER, .status = 204,
	 .flags = ROUTE_PERSON, .audit = "session.end_others", .tag = "auth",
	 .doc = "End all sessions but the one that asks"},
};

const struct feature sessions_feature = {.name = "sessions",
										 .routes = routes,
										 .nroutes = sizeof routes / sizeof routes[0],
										 .tasks = tasks,
										 .ntasks = 1,
										 .jobs = jobs,
										 .njobs = 1,
										 .export_user = export_user};

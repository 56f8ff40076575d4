/*
 * auth: login, refresh and logout, and what asks for the password again. A login costs one bcrypt
 * whether the user exists or not, and unknown user and wrong password read the same.
 */
#include "app/auth.h"

#include "app/keys.h"
#include "app/login_guard.h"
#include "app/message.h"
#include "app/password.h"
#include "app/sessions.h"
#include "app/users.h"
#include "base/log.h"
#include "core/core.h"
#include "core/route.h"

int auth_load_actor(struct db *db, struct arena *a, const struct claims *claims, struct actor *out)
{
	if (claims->type == TOKEN_KEY)
		return keys_actor(db, a, claims, out);
	TRY(sessions_alive(db, claims->session_id, claims->user_id, clock_now()));
	TRY(users_actor(db, a, claims->user_id, out));
	out->session_id = claims->session_id;
	return OK;
}

struct login_in {
	const char *username, *password;
};
static const struct field login_fields[] = {
	FIELD(struct login_in, username, F_REQUIRED, .min = 1, .max = 254,
		  .doc = "User name or e-mail address", .example = "\"ada\""),
	FIELD(struct login_in, password, F_REQUIRED | F_SECRET, .min = 1, .max = 1000,
		  .doc = "Password", .example = "\"correct horse 7\""),
};
static const struct schema login_schema =
	SCHEMA("Login", struct login_in, login_fields, .doc = "JSON, or the OAuth2 password form");

static int refuse_login(struct ctx *c)
{
	return fail(c, E_AUTH, "Incorrect username or password");
}

struct opening {
	struct account account;
	struct actor actor;
};

/* While the password was compared another one may have been set, which ends all sessions, or the
 * account switched off: a session opened on the old look would outlast that. */
static int open_tx(struct ctx *c, void *arg)
{
	struct opening *o = arg;
	int64_t id = o->account.id;
	const char *hash;
	int rc;

	TRY(users_lock(c, id));
	rc = users_hash(c, id, &hash);
	if (rc == E_NOT_FOUND || (rc == OK && !text_eq(hash, o->account.password_hash)))
		return refuse_login(c);
	TRY(rc);
	rc = users_actor(c->db, c->arena, id, &o->actor);
	if (rc == E_AUTH)
		return fail(c, E_RULE, "Inactive user");
	TRY(rc);
	TRY(sessions_open(c, id, c->out));
	c->actor = &o->actor; /* the audit trail tells whose login it was */
	return ctx_audit(c);
}

static int login(struct ctx *c)
{
	const struct login_in *in = c->in;
	struct account account = {0};
	struct opening *o = ARENA_NEW(c->arena, struct opening);
	struct login_guard guard;
	int rc = users_account(c, in->username, &account);

	if (rc != OK && rc != E_NOT_FOUND)
		return rc;
	c->audit_target = rc == OK ? arena_printf(c->arena, "user %lld", (long long)account.id)
							   : "an unknown account";
	TRY(login_guard_enter(c, in->username, account.id, &guard));
	if (!password_matches(in->password, rc == OK ? account.password_hash : NULL,
						  c->config->bcrypt_cost)) {
		log_info("login refused from %s", c->peer);
		return refuse_login(c);
	}
	login_guard_pass(c, &guard);
	*o = (struct opening){.account = account};
	TRY(tx(c, open_tx, o));
	log_context_user(o->actor.user_id, o->actor.team_id);
	log_info("user %lld logged in from %s", (long long)account.id, c->peer);
	return OK;
}

struct refresh_in {
	const char *refresh_token, *from_query;
};
static const struct field refresh_fields[] = {
	FIELD(struct refresh_in, refresh_token, F_NULL | F_SECRET, .max = 4096,
		  .doc = "The refresh token; the cookie or the query will do instead",
		  .example = "\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.sig\""),
	{.name = "refresh_token",
	 .type = T_STR,
	 .flags = F_QUERY | F_NULL | F_SECRET,
	 .offset = offsetof(struct refresh_in, from_query),
	 .max = 1000,
	 .doc = "The same in the query",
	 .example = "\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.sig\""},
};
static const struct schema refresh_schema = SCHEMA("Refresh", struct refresh_in, refresh_fields);

static const struct field logout_fields[] = {
	FIELD(struct refresh_in, refresh_token, F_NULL | F_SECRET, .max = 4096,
		  .doc = "The refresh token, for who has no access token; the cookie will do instead",
		  .example = "\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.sig\""),
};
static const struct schema logout_schema = SCHEMA("Logout", struct refresh_in, logout_fields);

struct rotation {
	struct claims claims;
	bool revoked;
};

static int rotate_tx(struct ctx *c, void *arg)
{
	struct rotation *r = arg;
	struct actor ignored;

	TRY(users_actor(c->db, c->arena, r->claims.user_id, &ignored));
	return sessions_rotate(c, &r->claims, c->out, &r->revoked);
}

static int refresh(struct ctx *c)
{
	const struct refresh_in *in = c->in;
	const char *token = in->refresh_token ? in->refresh_token
						: in->from_query  ? in->from_query
										  : c->cookie;
	struct rotation r = {0};

	if (token == NULL)
		return ctx_fault(c, "body", "refresh_token", "Field required", "missing");
	if (access_verify(c->core->access, token, TOKEN_REFRESH, c->now, &r.claims) != OK)
		return fail(c, E_AUTH, "Invalid refresh token");
	if (tx(c, rotate_tx, &r) != OK)
		return c->error->code == E_AUTH ? fail(c, E_AUTH, "Invalid refresh token")
										: (int)c->error->code;
	/* The end of a session whose token was stolen must last, although the request is refused. */
	return r.revoked ? fail(c, E_AUTH, "Invalid refresh token") : OK;
}

/* ---- logging out ---- */

static int end_session(struct ctx *c, const struct claims *k)
{
	int rc = sessions_end(c, k->session_id, k->user_id);

	return rc == E_NOT_FOUND ? fail(c, E_AUTH, "Not authenticated") : rc;
}

/* Who has an access token no more ends the session by its refresh token, as a browser does by its
 * cookie. */
static int logout(struct ctx *c)
{
	const struct refresh_in *in = c->in;
	const char *token = in->refresh_token ? in->refresh_token : c->cookie;
	struct claims k = {0};

	if (c->actor != NULL) {
		k.user_id = c->actor->user_id;
		k.session_id = c->actor->session_id;
	} else if (token == NULL ||
			   access_verify(c->core->access, token, TOKEN_REFRESH, c->now, &k) != OK) {
		return fail(c, E_AUTH, "Not authenticated");
	}
	TRY(end_session(c, &k));
	TRY(sessions_clear_cookie(c));
	return message(c, "Logged out successfully");
}

/* ---- what asks for the password again ---- */

struct password_in {
	const char *current_password, *new_password, *password;
};
static const struct field change_fields[] = {
	FIELD(struct password_in, current_password, F_REQUIRED | F_SECRET, .min = 1, .max = 1000,
		  .doc = "Password so far", .example = "\"wrong horse 6\""),
	FIELD(struct password_in, new_password, F_REQUIRED | F_SECRET, .min = 8, .max = 100,
		  .doc = "New password", .example = "\"another horse 8\""),
};
static const struct schema change_schema =
	SCHEMA("PasswordChange", struct password_in, change_fields);
static const struct field leave_fields[] = {
	FIELD(struct password_in, password, F_REQUIRED | F_SECRET, .min = 1, .max = 1000,
		  .doc = "Password", .example = "\"wrong horse 6\""),
};
static const struct schema leave_schema = SCHEMA("AccountDelete", struct password_in, leave_fields);

/* Compares the actor's password; *hash is what was compared with. */
static int check_password(struct ctx *c, const char *password, const char *sentence,
						  const char **hash)
{
	TRY(users_hash(c, c->actor->user_id, hash));
	if (password_matches(password, *hash, c->config->bcrypt_cost))
		return OK;
	return fail(c, E_RULE, "%s", sentence);
}

struct new_password {
	const char *old_hash, *new_hash;
};

static int change_password_tx(struct ctx *c, void *arg)
{
	const struct new_password *p = arg;

	TRY(users_change_password(c, c->actor->user_id, p->old_hash, p->new_hash,
							  c->actor->session_id));
	return ctx_audit(c);
}

static int change_password(struct ctx *c)
{
	const struct password_in *in = c->in;
	char hash[PASSWORD_HASH_SIZE];
	struct new_password p = {.new_hash = hash};

	TRY(check_password(c, in->current_password, "Current password is incorrect", &p.old_hash));
	TRY(password_hash(c->error, in->new_password, c->config->bcrypt_cost, hash));
	TRY(tx(c, change_password_tx, &p));
	log_info("user %lld changed the password", (long long)c->actor->user_id);
	return message(c, "Password changed successfully");
}

/* The password was compared before the transaction: if it was changed meanwhile, whoever sent the
 * old one has no say any more. */
static int leave_tx(struct ctx *c, void *arg)
{
	const char *const *compared = arg, *stored;
	int rc = users_hash(c, c->actor->user_id, &stored);

	if (rc == E_NOT_FOUND)
		return fail(c, E_AUTH, "Could not validate credentials");
	TRY(rc);
	if (!text_eq(stored, *compared))
		return fail(c, E_RULE, "Password is incorrect");
	return users_delete(c, c->actor->user_id);
}

static int leave(struct ctx *c)
{
	const struct password_in *in = c->in;
	const char *hash;

	TRY(check_password(c, in->password, "Password is incorrect", &hash));
	if (c->actor->superuser)
		return fail(c, E_DENIED, "The first administrator's account cannot be deleted");
	TRY(tx(c, leave_tx, &hash));
	log_info("user %lld deleted the account", (long long)c->actor->user_id);
	return sessions_clear_cookie(c);
}

/* ---- tables ---- */

static const short login_errors[] = {400, 401, 0}, refresh_errors[] = {401, 0},
				   logout_errors[] = {401, 0}, changed_errors[] = {400, 409, 0},
				   leave_errors[] = {400, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/auth/login", login, &login_schema, &tokens_schema, .role = ROLE_PUBLIC,
	 .rate = RATE_STRICT, .body = BODY_JSON_OR_FORM, .status = 200, .flags = ROUTE_CRYPT,
	 .audit = "auth.login", .tag = "auth", .doc = "Log in", .errors = login_errors},
	{"POST", "/api/v1/auth/refresh", refresh, &refresh_schema, &tokens_schema, .role = ROLE_PUBLIC,
	 .rate = RATE_STRICT, .body = BODY_JSON_OR_FORM, .status = 200, .flags = ROUTE_OWN_TX,
	 .tag = "auth", .doc = "Exchange a refresh token for a new pair", .errors = refresh_errors},
	{"POST", "/api/v1/auth/logout", logout, &logout_schema, &message_schema, .role = ROLE_PUBLIC,
	 .body = BODY_JSON_OR_FORM, .status = 200, .flags = ROUTE_OPTIONAL_AUTH | ROUTE_PERSON,
	 .audit = "auth.logout", .tag = "auth",
	 .doc = "End the session of the token, or of the refresh token or cookie",
	 .errors = logout_errors},
	{"POST", "/api/v1/auth/change-password", change_password, &change_schema, &message_schema,
	 .role = ROLE_VIEWER, .rate = RATE_STRICT, .body = BODY_JSON_OR_FORM, .status = 200,
	 .flags = ROUTE_CRYPT | ROUTE_PERSON, .audit = "auth.change_password", .tag = "auth",
	 .doc = "Change one's password\nIt ends one's other sessions.", .errors = changed_errors},
	{"DELETE", "/api/v1/auth/me", leave, &leave_schema, NULL, .role = ROLE_VIEWER,
	 .rate = RATE_STRICT, .body = BODY_JSON_OR_FORM, .status = 204,
	 .flags = ROUTE_CRYPT | ROUTE_PERSON, .audit = "user.delete_self", .tag = "auth",
	 .doc = "Delete one's account and all that belongs to it, files too", .errors = leave_errors},
};

const struct feature auth_feature = {
	.name = "auth", .routes = routes, .nroutes = sizeof routes / sizeof routes[0]};

/*
 * auth: login and refresh. A login costs one bcrypt whether the user exists or not, and unknown
 * user and wrong password read the same.
 */
#include "app/auth.h"

#include "app/password.h"
#include "app/sessions.h"
#include "app/users.h"
#include "base/log.h"
#include "core/core.h"
#include "core/route.h"

int auth_load_actor(struct db *db, struct arena *a, const struct claims *claims, struct actor *out)
{
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

static int open_tx(struct ctx *c, void *arg)
{
	const struct account *account = arg;

	return sessions_open(c, account->id, c->out);
}

static int login(struct ctx *c)
{
	const struct login_in *in = c->in;
	struct account account = {0};
	int rc = users_account(c, in->username, &account);

	if (rc != OK && rc != E_NOT_FOUND)
		return rc;
	c->audit_target = rc == OK ? arena_printf(c->arena, "user %lld", (long long)account.id)
							   : "an unknown account";
	if (!password_matches(in->password, rc == OK ? account.password_hash : NULL,
						  c->config->bcrypt_cost)) {
		log_info("login refused from %s", c->peer);
		return fail(c, E_AUTH, "Incorrect username or password");
	}
	if (!account.is_active)
		return fail(c, E_RULE, "Inactive user");
	TRY(tx(c, open_tx, &account));
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

static const short login_errors[] = {400, 401, 0}, refresh_errors[] = {401, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/auth/login", login, &login_schema, &tokens_schema, .role = ROLE_PUBLIC,
	 .rate = RATE_STRICT, .body = BODY_JSON_OR_FORM, .status = 200, .flags = ROUTE_CRYPT,
	 .audit = "auth.login", .tag = "auth", .doc = "Log in", .errors = login_errors},
	{"POST", "/api/v1/auth/refresh", refresh, &refresh_schema, &tokens_schema, .role = ROLE_PUBLIC,
	 .rate = RATE_STRICT, .body = BODY_JSON_OR_FORM, .status = 200, .flags = ROUTE_SLOW,
	 .tag = "auth", .doc = "Exchange a refresh token for a new pair", .errors = refresh_errors},
};

const struct feature auth_feature = {
	.name = "auth", .routes = routes, .nroutes = sizeof routes / sizeof routes[0]};

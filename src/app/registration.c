/*
 * registration: strangers make accounts of their own, if the operator lets them. Who registers sees
 * nothing of anybody: a viewer, in a new team.
 */
#include "app/app.h"
#include "app/password.h"
#include "app/users.h"

struct register_in {
	const char *email, *username, *password, *full_name;
	struct json test_metadata;
};
static const struct field register_fields[] = {
	FIELD(struct register_in, email, F_REQUIRED | F_EMAIL, .max = 254,
		  .doc = "E-mail address, unique", .example = "\"grace@example.com\""),
	FIELD(struct register_in, username, F_REQUIRED | F_WORDS | F_LINE, .min = 3, .max = 50,
		  .doc = "User name, unique", .example = "\"grace\""),
	FIELD(struct register_in, password, F_REQUIRED | F_SECRET, .min = 8, .max = 100,
		  .doc = "Password", .example = "\"correct horse 7\""),
	FIELD(struct register_in, full_name, F_NULL, .max = 200, .doc = "Full name",
		  .example = "\"Grace Hopper\""),
	FIELD(struct register_in, test_metadata, F_NULL, .doc = "Marks an account made by a test",
		  .example = "{\"test_marker\": \"integration_test_data\"}"),
};
static const struct schema register_schema =
	SCHEMA("UserRegister", struct register_in, register_fields);

static const char *shut(const struct config *config)
{
	return config->registration == REGISTRATION_OPEN
			   ? NULL
			   : "Registration is closed; ask an administrator for an account";
}

static int register_tx(struct ctx *c, void *arg)
{
	struct user *made = c->out;

	TRY(users_insert(c, arg, made));
	c->audit_target = arena_printf(c->arena, "user_id %lld", (long long)made->id);
	return ctx_audit(c);
}

static int register_user(struct ctx *c)
{
	const struct register_in *in = c->in;
	char hash[PASSWORD_HASH_SIZE];
	struct new_user n = {
		.email = in->email,
		.username = in->username,
		.full_name = in->full_name,
		.role = role_name(ROLE_VIEWER),
		.password_hash = hash,
		.test_metadata = in->test_metadata,
	};

	TRY(password_hash(c->error, in->password, c->config->bcrypt_cost, hash));
	return tx(c, register_tx, &n);
}

static const short clash[] = {409, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/auth/register", register_user, &register_schema, &user_schema,
	 .role = ROLE_PUBLIC, .rate = RATE_STRICT, .body = BODY_JSON, .status = 201,
	 .flags = ROUTE_CRYPT, .shut = shut, .audit = "auth.register", .tag = "auth",
	 .doc = "Make an account of one's own\nA viewer in a new team; an administrator can give other "
			"roles and move people.",
	 .errors = clash},
};

const struct feature registration_feature = {
	.name = "registration", .routes = routes, .nroutes = 1};

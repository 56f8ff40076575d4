/*
 * users: accounts and the endpoints on them.
 *
 * E-mail addresses and user names are compared folded, and share one name space, so that what
 * somebody types at login means one account. The first administrator (is_superuser) can be changed
 * by nobody else. A new password, a deactivation or a deletion ends the sessions that depended on
 * the old state.
 */
#include "app/users.h"

#include <string.h>

#include "app/candidates.h"
#include "app/export.h"
#include "app/password.h"
#include "app/query.h"
#include "app/sessions.h"
#include "app/teams.h"
#include "app/test_mark.h"
#include "base/rand.h"
#include "core/core.h"
#include "core/route.h"

/* ---- schemas ---- */

#define USER_FIELDS                                                                                \
	FIELD(struct user, id, 0, .doc = "Number of the user", .example = "1"),                        \
		FIELD(struct user, email, 0, .doc = "E-mail address", .example = "\"ada@example.com\""),   \
		FIELD(struct user, username, 0, .doc = "User name", .example = "\"ada\""),                 \
		FIELD(struct user, full_name, F_NULL, .doc = "Full name", .example = "\"Ada Lovelace\""),  \
		FIELD(struct user, role, 0, .choices = role_choices, .doc = "Role",                        \
			  .example = "\"recruiter\""),                                                         \
		FIELD(struct user, is_active, 0, .doc = "Whether the user may log in", .example = "true"), \
		FIELD(struct user, is_superuser, 0, .doc = "True for the first administrator only",        \
			  .example = "false"),                                                                 \
		FIELD(struct user, created_at, 0, .doc = "When the account was made",                      \
			  .example = "\"2025-11-28T10:00:00Z\""),                                              \
		FIELD(struct user, updated_at, 0, .doc = "When it last changed",                           \
			  .example = "\"2025-11-28T10:00:00Z\""),                                              \
		FIELD(struct user, team_id, 0, .doc = "The user's team", .example = "1")
static const struct field user_fields[] = {USER_FIELDS};
const struct schema user_schema = SCHEMA("User", struct user, user_fields, .doc = "An account");

/* With what is not shown every day, for the export of one's data. */
static const struct field exported_fields[] = {
	USER_FIELDS,
	FIELD(struct user, test_metadata, F_NULL, .doc = "Marks an account made by a test",
		  .example = "null"),
};
static const struct schema exported_schema = SCHEMA("UserExport", struct user, exported_fields);

static const struct field member_fields[] = {
	FIELD(struct user, id, 0, .doc = "Number of the user", .example = "1"),
	FIELD(struct user, username, 0, .doc = "User name", .example = "\"ada\""),
	FIELD(struct user, full_name, F_NULL, .doc = "Full name", .example = "\"Ada Lovelace\""),
	FIELD(struct user, email, 0, .doc = "E-mail address", .example = "\"ada@example.com\""),
	FIELD(struct user, role, 0, .choices = role_choices, .doc = "Role", .example = "\"recruiter\""),
	FIELD(struct user, is_active, 0, .doc = "Whether the user may log in", .example = "true"),
	FIELD(struct user, team_id, 0, .doc = "The team", .example = "1"),
};
const struct schema member_schema = SCHEMA("TeamMember", struct user, member_fields);

struct create_in {
	const char *email, *username, *password, *full_name, *role;
	struct opt_int team_id;
	struct json test_metadata;
};
static const struct field create_fields[] = {
	FIELD(struct create_in, email, F_REQUIRED | F_EMAIL, .max = 254,
		  .doc = "E-mail address, unique", .example = "\"grace@example.com\""),
	FIELD(struct create_in, username, F_REQUIRED | F_WORDS | F_LINE, .min = 3, .max = 50,
		  .doc = "User name, unique", .example = "\"grace\""),
	FIELD(struct create_in, password, F_REQUIRED | F_SECRET, .min = 8, .max = 100,
		  .doc = "Password", .example = "\"correct horse 7\""),
	FIELD(struct create_in, full_name, F_NULL, .max = 200, .doc = "Full name",
		  .example = "\"Grace Hopper\""),
	FIELD(struct create_in, role, F_NULL, .choices = role_choices, .preset = "viewer",
		  .doc = "Role", .example = "\"recruiter\""),
	FIELD(struct create_in, team_id, F_NULL, .min = 1,
		  .doc = "Team; the administrator's own if left out", .example = "1"),
	FIELD(struct create_in, test_metadata, F_NULL, .doc = "Marks an account made by a test",
		  .example = "{\"test_marker\": \"integration_test_data\"}"),
};
static const struct schema create_schema = SCHEMA("UserCreate", struct create_in, create_fields);

struct update_in {
	int64_t user_id;
	const char *email, *username, *password, *role;
	struct opt_str full_name;
	struct opt_bool is_active;
	struct opt_int team_id;
};
static const struct field update_me_fields[] = {
	FIELD(struct update_in, email, F_NULL | F_EMAIL, .max = 254, .doc = "New e-mail address",
		  .example = "\"grace@example.com\""),
	FIELD(struct update_in, username, F_NULL | F_WORDS | F_LINE, .min = 3, .max = 50,
		  .doc = "New user name", .example = "\"grace\""),
	FIELD(struct update_in, full_name, F_NULL, .max = 200, .doc = "New full name; null removes it",
		  .example = "\"Grace Hopper\""),
	FIELD(struct update_in, password, F_NULL | F_SECRET, .min = 8, .max = 100,
		  .doc = "New password; ends the other sessions", .example = "\"correct horse 7\""),
};
static const struct schema update_me_schema =
	SCHEMA("UserUpdateMe", struct update_in, update_me_fields);

static const struct field update_fields[] = {
	FIELD(struct update_in, user_id, F_PATH, .min = 1, .doc = "User ID", .example = "2"),
	FIELD(struct update_in, email, F_NULL | F_EMAIL, .max = 254, .doc = "New e-mail address",
		  .example = "\"grace@example.com\""),
	FIELD(struct update_in, username, F_NULL | F_WORDS | F_LINE, .min = 3, .max = 50,
		  .doc = "New user name", .example = "\"grace\""),
	FIELD(struct update_in, full_name, F_NULL, .max = 200, .doc = "New full name; null removes it",
		  .example = "\"Grace Hopper\""),
	FIELD(struct update_in, password, F_NULL | F_SECRET, .min = 8, .max = 100,
		  .doc = "New password; ends the user's sessions", .example = "\"correct horse 7\""),
	FIELD(struct update_in, role, F_NULL, .choices = role_choices, .doc = "New role",
		  .example = "\"hr_manager\""),
	FIELD(struct update_in, is_active, F_NULL, .doc = "Whether the user may log in",
		  .example = "true"),
	FIELD(struct update_in, team_id, F_NULL, .min = 1, .doc = "Moves the user to a team",
		  .example = "1"),
};
static const struct schema update_schema = SCHEMA("UserUpdate", struct update_in, update_fields);

struct list_in {
	int64_t skip, limit;
	const char *role, *search;
	struct opt_bool is_active;
};
static const struct field list_fields[] = {
	QUERY_PAGE(struct list_in),
	FIELD(struct list_in, role, F_QUERY, .choices = role_choices, .doc = "Only this role",
		  .example = "\"recruiter\""),
	FIELD(struct list_in, is_active, F_QUERY, .doc = "Only active, or only inactive users",
		  .example = "true"),
	FIELD(struct list_in, search, F_QUERY, .max = 200,
		  .doc = "Part of the user name or e-mail address", .example = "\"grace\""),
};
static const struct schema list_schema = SCHEMA("UserList", struct list_in, list_fields);

struct id_in {
	int64_t user_id;
	struct opt_int reassign_to;
};
static const struct field id_fields[] = {
	FIELD(struct id_in, user_id, F_PATH, .min = 1, .doc = "User ID", .example = "2"),
};
static const struct schema id_schema = SCHEMA("UserId", struct id_in, id_fields);
static const struct field delete_fields[] = {
	FIELD(struct id_in, user_id, F_PATH, .min = 1, .doc = "User ID", .example = "2"),
	FIELD(struct id_in, reassign_to, F_QUERY, .min = 1,
		  .doc = "User who takes over the uploaded candidates; they are deleted otherwise",
		  .example = "1"),
};
static const struct schema delete_schema = SCHEMA("UserDelete", struct id_in, delete_fields);

/* ---- rows ---- */

static const struct field account_fields[] = {
	FIELD(struct account, id, 0, .doc = "Number", .example = "1"),
	FIELD(struct account, password_hash, F_SECRET, .doc = "bcrypt hash", .example = "\"$2b$…\""),
};
static const struct schema account_schema = SCHEMA("Account", struct account, account_fields);

int users_account(struct ctx *c, const char *login, struct account *out)
{
	/* An address goes before a name: nobody can take an address by choosing it as a name. */
	return db_one(
		c->db, c->arena, &account_schema, out,
		"SELECT id, password_hash FROM users WHERE email_folded = $1 "
		"OR username_folded = $1 ORDER BY CASE WHEN email_folded = $1 THEN 0 ELSE 1 END LIMIT 1",
		P(text_fold(c->arena, login)));
}

struct actor_row {
	int64_t team_id;
	const char *role, *username;
	bool is_active, is_superuser;
};
static const struct field actor_fields[] = {
	FIELD(struct actor_row, team_id, 0, .doc = "Team", .example = "1"),
	FIELD(struct actor_row, role, 0, .doc = "Role", .example = "\"viewer\""),
	FIELD(struct actor_row, username, 0, .doc = "User name", .example = "\"ada\""),
	FIELD(struct actor_row, is_active, 0, .doc = "Active", .example = "true"),
	FIELD(struct actor_row, is_superuser, 0, .doc = "First administrator", .example = "false"),
};
static const struct schema actor_schema = SCHEMA("ActorRow", struct actor_row, actor_fields);

int users_actor(struct db *db, struct arena *a, int64_t user_id, struct actor *out)
{
	struct actor_row row;
	int rc =
		db_one(db, a, &actor_schema, &row,
			   "SELECT team_id, role, username, is_active, is_superuser FROM users WHERE id = $1",
			   P(user_id));

	if (rc == E_NOT_FOUND || (rc == OK && !row.is_active))
		return fail(db, E_AUTH, "Could not validate credentials");
	TRY(rc);
	out->user_id = user_id;
	out->team_id = row.team_id;
	out->superuser = row.is_superuser;
	out->role = row.is_superuser ? ROLE_SUPERUSER : role_parse(row.role);
	out->username = row.username;
	return OK;
}

int users_get(struct ctx *c, int64_t id, struct user *out)
{
	int rc = db_one(c->db, c->arena, &user_schema, out, "SELECT * FROM users WHERE id = $1", P(id));

	return rc == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "User not found") : rc;
}

const char *users_shown_name(const struct user *u)
{
	return text_is_blank(u->full_name) ? u->username : u->full_name;
}

int users_lock(struct ctx *c, int64_t id)
{
	return db_exec(c->db, NULL, "UPDATE users SET id = id WHERE id = $1", P(id));
}

int users_all(struct ctx *c, struct list *out)
{
	return db_list(c->db, c->arena, &user_schema, SCHEMA_LIST_MAX, out,
				   "SELECT * FROM users ORDER BY id");
}

/* ---- rules ---- */

/* Fails if another account has this address or name as its address or name. */
static int check_free(struct ctx *c, const char *folded, int64_t own_id, const char *sentence)
{
	int64_t other;
	int rc = db_int(
		c->db, &other,
		"SELECT id FROM users WHERE (email_folded = $1 OR username_folded = $1) AND id <> $2",
		P(folded), P(own_id));

	if (rc == E_NOT_FOUND)
		return OK;
	TRY(rc);
	return fail(c, E_CONFLICT, "%s", sentence);
}

static int check_email(struct ctx *c, const char *email, int64_t own_id)
{
	return check_free(c, text_fold(c->arena, email), own_id, "Email already registered");
}

static int check_username(struct ctx *c, const char *username, int64_t own_id)
{
	return check_free(c, text_fold(c->arena, username), own_id, "Username already taken");
}

/* What another transaction took between the look and the write. */
static int told_conflict(struct ctx *c, int rc, int64_t team_id)
{
	if (rc != E_CONFLICT)
		return rc;
	if (db_conflict(c->db, "users.email_folded"))
		return fail(c, E_CONFLICT, "Email already registered");
	if (db_conflict(c->db, "users.username_folded"))
		return fail(c, E_CONFLICT, "Username already taken");
	return fail(c, E_RULE, "Team %lld does not exist", (long long)team_id);
}

int users_insert(struct ctx *c, const struct new_user *n, struct user *out)
{
	struct test_mark mark = test_mark_parse(c->arena, n->test_metadata.text);
	int64_t team_id = n->team_id, id;
	int rc;

	TRY(check_email(c, n->email, 0));
	TRY(check_username(c, n->username, 0));
	if (team_id == 0)
		TRY(teams_create(c, n->username, &team_id));
	rc = db_int(c->db, &id,
				"INSERT INTO users (team_id, email, email_folded, username, username_folded, "
				"full_name, role, "
				"is_superuser, password_hash, test_metadata, test_marker, test_session_id, "
				"created_at, updated_at) "
				"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13) RETURNING id",
				P(team_id), P(n->email), P(text_fold(c->arena, n->email)), P(n->username),
				P(text_fold(c->arena, n->username)), P(n->full_name), P(n->role), P(n->superuser),
				P(n->password_hash), P(n->test_metadata), P(mark.marker), P(mark.session),
				P(c->now));
	TRY(told_conflict(c, rc, team_id));
	if (n->team_id == 0)
		TRY(teams_set_owner(c, team_id, id));
	return users_get(c, id, out);
}

int users_set(struct ctx *c, int64_t id, const char *password_hash, const char *role)
{
	TRY(db_exec(
		c->db, NULL,
		"UPDATE users SET password_hash = COALESCE($2, password_hash), role = COALESCE($3, role), "
		"updated_at = $4 WHERE id = $1",
		P(id), P(password_hash), P(role), P(c->now)));
	return password_hash == NULL ? OK : sessions_revoke(c, id, 0);
}

int users_hash(struct ctx *c, int64_t id, const char **out)
{
	return db_text(c->db, c->arena, out, "SELECT password_hash FROM users WHERE id = $1", P(id));
}

int users_change_password(struct ctx *c, int64_t id, const char *old_hash, const char *new_hash,
						  int64_t session_id)
{
	int64_t changes;

	TRY(db_exec(c->db, &changes,
				"UPDATE users SET password_hash = $3, updated_at = $4 WHERE id = $1 "
				"AND password_hash = $2",
				P(id), P(old_hash), P(new_hash), P(c->now)));
	if (changes == 0)
		return fail(c, E_CONFLICT, "The password was changed meanwhile; try again with that one");
	return sessions_revoke(c, id, session_id);
}

static bool is_self(struct ctx *c, int64_t user_id)
{
	return c->actor != NULL && c->actor->user_id == user_id;
}

/* The first administrator's account is changed by its owner only. */
static int guard_superuser(struct ctx *c, const struct user *target)
{
	if (target->is_superuser && !is_self(c, target->id))
		return fail(c, E_DENIED, "Only the first administrator can change this account");
	return OK;
}

int users_count(struct ctx *c, int64_t team_id, int64_t *n)
{
	return db_int(c->db, n, "SELECT count(*) FROM users WHERE team_id = $1", P(team_id));
}

static const struct field size_fields[] = {
	FIELD(struct team_size, team_id, 0, .doc = "Team", .example = "1"),
	FIELD(struct team_size, members, 0, .doc = "Number of members", .example = "4"),
};
static const struct schema size_schema = SCHEMA("TeamSize", struct team_size, size_fields);

int users_count_each(struct ctx *c, int64_t first, int64_t last,
					 int (*row)(void *arg, const void *size), void *arg)
{
	return db_each(c->db, &size_schema, row, arg,
				   "SELECT team_id, count(*) AS members FROM users "
				   "WHERE team_id BETWEEN $1 AND $2 GROUP BY team_id ORDER BY team_id",
				   P(first), P(last));
}

int users_members(struct ctx *c, int64_t team_id, int64_t skip, int64_t limit)
{
	struct query q;

	query_init(&q, c->arena);
	query_and(&q, "team_id = ?", P(team_id));
	return query_page(c, &q, &member_schema, "*", "users", "id", skip, limit);
}

int users_move(struct ctx *c, const struct user *u, int64_t team_id, const char *role,
			   struct user *out)
{
	TRY(guard_superuser(c, u));
	if (is_self(c, u->id) && role != NULL && !text_eq(role, u->role))
		return fail(c, E_RULE, "You cannot change your own role");
	TRY(db_exec(c->db, NULL,
				"UPDATE users SET team_id = $2, role = COALESCE($3, role), updated_at = $4 "
				"WHERE id = $1",
				P(u->id), P(team_id), P(role), P(c->now)));
	TRY(hub_recheck(c, u->id));
	return users_get(c, u->id, out);
}

int users_tests(struct ctx *c, const char *session, struct list *out)
{
	enum { BATCH = 500 };

	if (session == NULL)
		return db_list(c->db, c->arena, &account_schema, BATCH, out,
					   "SELECT id FROM users WHERE test_marker = 'integration_test_data' AND "
					   "is_superuser = 0 LIMIT 500");
	return db_list(c->db, c->arena, &account_schema, BATCH, out,
				   "SELECT id FROM users WHERE test_marker = 'integration_test_data' AND "
				   "test_session_id = $1 AND is_superuser = 0 LIMIT 500",
				   P(session));
}

int users_delete(struct ctx *c, int64_t id)
{
	for (size_t i = 0; i < c->core->nfeatures; i++)
		if (c->core->features[i]->forget_user != NULL)
			TRY(c->core->features[i]->forget_user(c, id));
	TRY(db_exec(c->db, NULL, "DELETE FROM users WHERE id = $1", P(id)));
	TRY(hub_recheck(c, id));
	return teams_owner_gone(c, id);
}

static int export_user(struct ctx *c, int64_t user_id, struct export *x)
{
	(void)c;
	return export_rows(x, "account", &exported_schema, "SELECT * FROM users WHERE id = $1",
					   P(user_id));
}

/* ---- handlers ---- */

static int create_tx(struct ctx *c, void *arg)
{
	struct new_user *n = arg;

	if (teams_exists(c, n->team_id) == E_NOT_FOUND)
		return fail(c, E_RULE, "Team %lld does not exist", (long long)n->team_id);
	TRY(users_insert(c, n, c->out));
	c->audit_target =
		arena_printf(c->arena, "user_id %lld", (long long)((const struct user *)c->out)->id);
	c->audit_detail = arena_printf(c->arena, "role %s", n->role);
	return ctx_audit(c);
}

static int create(struct ctx *c)
{
	const struct create_in *in = c->in;
	char hash[PASSWORD_HASH_SIZE];
	struct new_user n = {
		.email = in->email,
		.username = in->username,
		.full_name = in->full_name,
		.role = in->role,
		.password_hash = hash,
		.team_id = in->team_id.set ? in->team_id.v : c->actor->team_id,
		.test_metadata = in->test_metadata,
	};

	TRY(password_hash(c->error, in->password, c->config->bcrypt_cost, hash));
	return tx(c, create_tx, &n);
}

static int me(struct ctx *c)
{
	return users_get(c, c->actor->user_id, c->out);
}

/* An update with its new password's hash, or NULL. */
struct change {
	int64_t user_id;
	const struct update_in *in;
	const char *hash;
};

/* What an administrator may not do to this account by an update. */
static int check_change(struct ctx *c, const struct change *ch, const struct user *old)
{
	const struct update_in *in = ch->in;
	bool self = is_self(c, old->id);

	TRY(guard_superuser(c, old));
	if (self && in->role != NULL && !text_eq(in->role, old->role))
		return fail(c, E_RULE, "You cannot change your own role");
	if (self && in->is_active.set && !in->is_active.null && !in->is_active.v)
		return fail(c, E_RULE, "You cannot deactivate your own account");
	if (in->team_id.set && !in->team_id.null && teams_exists(c, in->team_id.v) == E_NOT_FOUND)
		return fail(c, E_RULE, "Team %lld does not exist", (long long)in->team_id.v);
	if (in->email != NULL)
		TRY(check_email(c, in->email, old->id));
	if (in->username != NULL)
		TRY(check_username(c, in->username, old->id));
	return OK;
}

static int change_tx(struct ctx *c, void *arg)
{
	const struct change *ch = arg;
	const struct update_in *in = ch->in;
	struct user u;
	bool active;
	int rc;

	TRY(users_get(c, ch->user_id, &u));
	TRY(check_change(c, ch, &u));
	active = in->is_active.set && !in->is_active.null ? in->is_active.v : u.is_active;
	rc = db_exec(
		c->db, NULL,
		"UPDATE users SET email = $2, email_folded = $3, username = $4, username_folded = $5, "
		"full_name = $6, role = $7, is_active = $8, team_id = $9, "
		"password_hash = COALESCE($10, password_hash), updated_at = $11 WHERE id = $1",
		P(u.id), P(in->email ? in->email : u.email),
		P(text_fold(c->arena, in->email ? in->email : u.email)),
		P(in->username ? in->username : u.username),
		P(text_fold(c->arena, in->username ? in->username : u.username)),
		P(in->full_name.set ? in->full_name.v : u.full_name), P(in->role ? in->role : u.role),
		P(active), P(in->team_id.set && !in->team_id.null ? in->team_id.v : u.team_id), P(ch->hash),
		P(c->now));
	TRY(told_conflict(c, rc, in->team_id.v));
	TRY(hub_recheck(c, u.id));
	if (in->role != NULL && !text_eq(in->role, u.role))
		c->audit_detail = arena_printf(c->arena, "role %s -> %s", u.role, in->role);
	if (ch->hash != NULL || (u.is_active && !active))
		TRY(sessions_revoke(c, u.id, is_self(c, u.id) ? c->actor->session_id : 0));
	TRY(users_get(c, u.id, c->out));
	return ctx_audit(c);
}

static int change(struct ctx *c, int64_t user_id)
{
	const struct update_in *in = c->in;
	char hash[PASSWORD_HASH_SIZE];
	struct change ch = {user_id, in, NULL};

	if (in->password != NULL && c->actor->key_id != 0 && is_self(c, user_id))
		return fail(c, E_DENIED, "An API key cannot change its owner's password");
	if (in->password != NULL) {
		TRY(password_hash(c->error, in->password, c->config->bcrypt_cost, hash));
		ch.hash = hash;
	}
	return tx(c, change_tx, &ch);
}

static int update_me(struct ctx *c)
{
	return change(c, c->actor->user_id);
}

static int update(struct ctx *c)
{
	const struct update_in *in = c->in;

	return change(c, in->user_id);
}

static int list(struct ctx *c)
{
	const struct list_in *in = c->in;
	struct query q;

	query_init(&q, c->arena);
	if (in->role != NULL)
		query_and(&q, "role = ?", P(in->role));
	if (in->is_active.set && !in->is_active.null)
		query_and(&q, "is_active = ?", P(in->is_active.v));
	if (!text_is_blank(in->search))
		query_and(&q, "(username_folded LIKE ? ESCAPE '\\' OR email_folded LIKE ? ESCAPE '\\')",
				  P(query_like(c->arena, in->search)));
	return query_page(c, &q, &user_schema, "*", "users", "id", in->skip, in->limit);
}

static int get(struct ctx *c)
{
	const struct id_in *in = c->in;

	return users_get(c, in->user_id, c->out);
}

static int set_active(struct ctx *c, bool active)
{
	const struct id_in *in = c->in;
	struct user u;

	TRY(users_get(c, in->user_id, &u));
	if (!active && is_self(c, u.id))
		return fail(c, E_RULE, "You cannot deactivate your own account");
	TRY(guard_superuser(c, &u));
	if (u.is_active == active)
		return fail(c, E_RULE, active ? "User is already active" : "User is already inactive");
	TRY(db_exec(c->db, NULL, "UPDATE users SET is_active = $2, updated_at = $3 WHERE id = $1",
				P(u.id), P(active), P(c->now)));
	if (!active)
		TRY(sessions_revoke(c, u.id, 0));
	return users_get(c, u.id, c->out);
}

static int deactivate(struct ctx *c)
{
	return set_active(c, false);
}

static int activate(struct ctx *c)
{
	return set_active(c, true);
}

static int delete (struct ctx *c)
{
	const struct id_in *in = c->in;
	struct user u, heir;

	TRY(users_get(c, in->user_id, &u));
	if (is_self(c, u.id))
		return fail(c, E_RULE, "You cannot delete your own account");
	TRY(guard_superuser(c, &u));
	if (in->reassign_to.set) {
		if (in->reassign_to.v == u.id)
			return fail(c, E_RULE, "Name another user in reassign_to");
		if (users_get(c, in->reassign_to.v, &heir) == E_NOT_FOUND)
			return fail(c, E_RULE, "The user named in reassign_to does not exist");
		TRY(candidates_reassign(c, u.id, heir.id));
	}
	return users_delete(c, u.id);
}

int users_bootstrap(struct ctx *c, const char **password)
{
	int64_t any, team_id;
	char invented[25], hash[PASSWORD_HASH_SIZE];
	const char *chosen = c->config->admin_password;
	struct user ignored;
	int rc = db_int(c->db, &any, "SELECT id FROM users LIMIT 1");

	*password = NULL;
	if (rc != E_NOT_FOUND)
		return rc;
	if (text_is_blank(chosen)) {
		rand_hex(invented, 12);
		chosen = *password = arena_strdup(c->arena, invented);
	}
	TRY(password_hash(c->error, chosen, c->config->bcrypt_cost, hash));
	TRY(teams_create(c, "Administration", &team_id));
	return users_insert(c,
						&(struct new_user){.email = c->config->admin_email,
										   .username = c->config->admin_username,
										   .role = "admin",
										   .password_hash = hash,
										   .team_id = team_id,
										   .superuser = true},
						&ignored);
}

/* ---- tables ---- */

static const short not_found[] = {404, 0}, bad[] = {400, 0}, not_found_bad[] = {400, 404, 0},
				   bad_refused[] = {400, 403, 0}, clash[] = {403, 409, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/users/", create, &create_schema, &user_schema, .role = ROLE_ADMIN,
	 .body = BODY_JSON, .status = 201, .flags = ROUTE_CRYPT, .audit = "user.create", .tag = "users",
	 .doc = "Create a user", .errors = bad},
	{"GET", "/api/v1/users/me", me, NULL, &user_schema, .role = ROLE_VIEWER, .status = 200,
	 .flags = ROUTE_BOUNDED, .tag = "users", .doc = "The account that asks"},
	{"PUT", "/api/v1/users/me", update_me, &update_me_schema, &user_schema, .role = ROLE_VIEWER,
	 .body = BODY_JSON, .status = 200, .flags = ROUTE_CRYPT, .audit = "user.update", .tag = "users",
	 .doc = "Change the account that asks", .errors = bad_refused},
	{"GET", "/api/v1/auth/me", me, NULL, &user_schema, .role = ROLE_VIEWER, .status = 200,
	 .flags = ROUTE_BOUNDED, .tag = "auth", .doc = "The account that asks"},
	{"PATCH", "/api/v1/auth/me", update_me, &update_me_schema, &user_schema, .role = ROLE_VIEWER,
	 .body = BODY_JSON, .status = 200, .flags = ROUTE_CRYPT, .audit = "user.update", .tag = "auth",
	 .doc = "Change the account that asks", .errors = clash},
	{"GET", "/api/v1/users/", list, &list_schema, &user_schema, .role = ROLE_ADMIN, .status = 200,
	 .flags = ROUTE_LIST, .tag = "users", .doc = "List users"},
	{"GET", "/api/v1/users/{user_id}", get, &id_schema, &user_schema, .role = ROLE_ADMIN,
	 .status = 200, .flags = ROUTE_BOUNDED, .tag = "users", .doc = "One user", .errors = not_found},
	{"PUT", "/api/v1/users/{user_id}", update, &update_schema, &user_schema, .role = ROLE_ADMIN,
	 .body = BODY_JSON, .status = 200, .flags = ROUTE_CRYPT, .audit = "user.update", .tag = "users",
	 .doc = "Change a user", .errors = not_found_bad},
	{"PATCH", "/api/v1/users/{user_id}/deactivate", deactivate, &id_schema, &user_schema,
	 .role = ROLE_ADMIN, .status = 200, .audit = "user.deactivate", .tag = "users",
	 .doc = "Keep a user from logging in", .errors = not_found_bad},
	{"PATCH", "/api/v1/users/{user_id}/activate", activate, &id_schema, &user_schema,
	 .role = ROLE_ADMIN, .status = 200, .audit = "user.activate", .tag = "users",
	 .doc = "Let a deactivated user log in again", .errors = not_found_bad},
	{"DELETE", "/api/v1/users/{user_id}", delete, &delete_schema, NULL, .role = ROLE_ADMIN,
	 .status = 204, .audit = "user.delete", .tag = "users",
	 .doc = "Delete a user and all that belongs to them", .errors = not_found_bad},
};

const struct feature users_feature = {
	.name = "users",
	.routes = routes,
	.nroutes = sizeof routes / sizeof routes[0],
	.export_user = export_user,
};

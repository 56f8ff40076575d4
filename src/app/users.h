/*
 * users: accounts. Owns the table users; others ask through these functions.
 */
#pragma once
#include "core/access.h"
#include "core/ctx.h"

/* A row of users, and what the API shows of it. */
struct user {
	int64_t id;
	const char *email, *username, *full_name, *role;
	bool is_active, is_superuser;
	struct when created_at, updated_at;
	int64_t team_id;
	struct json test_metadata; /* in the export only */
};
/* The second one is what the members of a team see of each other. */
extern const struct schema user_schema, member_schema;

/* What the account of somebody who logs in must tell. */
struct account {
	int64_t id;
	const char *password_hash;
};

/* Finds an account by e-mail address or user name, case ignored. E_NOT_FOUND. */
int users_account(struct ctx *c, const char *login, struct account *out);
/* Fills the actor of user_id: E_AUTH if the user is gone or inactive. */
int users_actor(struct db *db, struct arena *a, int64_t user_id, struct actor *out);
/* The user's row. E_NOT_FOUND. */
int users_get(struct ctx *c, int64_t id, struct user *out);
/* The name that others are shown: the full name, or the user name where there is none. */
const char *users_shown_name(const struct user *u);

/* Makes whoever writes what belongs to the user wait until the current transaction has ended. */
int users_lock(struct ctx *c, int64_t id);

struct new_user {
	const char *email, *username, *full_name, *role, *password_hash;
	int64_t team_id; /* 0: a new team of their own */
	bool superuser;
	struct json test_metadata;
};
/* Inserts a user in the current transaction. E_CONFLICT with a sentence if e-mail or name is taken.
 */
int users_insert(struct ctx *c, const struct new_user *n, struct user *out);
/* The user's password hash. E_NOT_FOUND. */
int users_hash(struct ctx *c, int64_t id, const char **out);
/* Puts a new password hash in the place of the one that was looked at; ends all sessions but one.
 * E_CONFLICT with a sentence if it is another by now. */
int users_change_password(struct ctx *c, int64_t id, const char *old_hash, const char *new_hash,
						  int64_t session_id);
/* Sets a user's password hash and role (NULL: unchanged); for the command line. */
int users_set(struct ctx *c, int64_t id, const char *password_hash, const char *role);
/* Number of the team's members. */
int users_count(struct ctx *c, int64_t team_id, int64_t *n);
struct team_size {
	int64_t team_id, members;
};
/* Tells row (a struct team_size) the number of members of each team from first to last that has
 * some, in the order of the ids. A negative return of row ends it and is returned. */
int users_count_each(struct ctx *c, int64_t first, int64_t last,
					 int (*row)(void *arg, const void *size), void *arg);
/* A page of a team's members into the list *c->out, by member_schema. */
int users_members(struct ctx *c, int64_t team_id, int64_t skip, int64_t limit);
/* Puts the user into a team, with another role (NULL: the same). E_DENIED: the first administrator,
 * by others; E_RULE: one's own role. In the current transaction. */
int users_move(struct ctx *c, const struct user *u, int64_t team_id, const char *role,
			   struct user *out);
/* Up to 500 users (struct account; the id counts) that are marked as test data, of one test session
 * (NULL: of any). Never the first administrator. */
int users_tests(struct ctx *c, const char *session, struct list *out);
/* Deletes the user and all that belongs to them, files too: asks every feature (.forget_user). In
 * the current transaction. */
int users_delete(struct ctx *c, int64_t id);
/* All users, for the command line. */
int users_all(struct ctx *c, struct list *out);
/* Makes the first administrator if there is no user yet; *password (in the arena) is the one
 * invented, or NULL. */
int users_bootstrap(struct ctx *c, const char **password);

extern const struct feature users_feature;

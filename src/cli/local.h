/*
 * local: an instance opened by a command instead of a server: its database and files, no HTTP, no
 * tasks. May stand beside a running server on the same DATA_DIR. Owned by the command, which closes
 * it.
 */
#pragma once
#include "app/users.h"
#include "cli/cli.h"
#include "core/core.h"

struct local {
	const char *command;
	struct arena *arena;
	struct config config;
	struct error error;
	struct core *core;
	struct db *db;
};

/* Complains if the configuration's DATA_DIR holds no instance. CLI_OK or CLI_FAILED. */
int local_find(const char *command, const struct config *config);
/* The URL of the database that the configuration names, in the arena. */
const char *local_database_url(struct arena *a, const struct config *config);
/* Opens the instance that the configuration names, which must be there already; brings its database
 * up to date. Complains itself. CLI_OK or CLI_FAILED; local_close in either case. */
int local_open(struct local *l, const char *command);
void local_close(struct local *l);
/* A ctx whose memory is a's, with errors in l->error and nobody as its actor. */
void local_ctx(struct local *l, struct arena *a, struct ctx *out);
/* The first administrator. E_NOT_FOUND without one. */
int local_first_admin(struct ctx *c, struct user *out);
/* The account named (user name or e-mail address; NULL: the first administrator) as an actor in the
 * arena of c. E_RULE with a sentence if there is none, or it is not active. */
int local_actor(struct ctx *c, const char *login, struct actor **out);

enum lock_state { LOCK_HELD, LOCK_FREE, LOCK_NONE };
/* Whether a server holds data_dir. LOCK_FREE: *fd is the lock, now ours until closed; LOCK_NONE:
 * the directory or its lock file is missing. */
enum lock_state local_lock(const char *data_dir, int *fd);

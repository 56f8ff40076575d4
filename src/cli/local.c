/* See local.h. */
#include "cli/local.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "app/app.h"
#include "app/auth.h"

/* Commands make no new instance: a wrong working directory would otherwise be filled with one. */
int local_find(const char *command, const struct config *config)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/vitae.db", config->data_dir);
	if (config->database_url != NULL || access(path, F_OK) == 0)
		return CLI_OK;
	return cli_fail(command,
					"there is no vitae in DATA_DIR %s; start 'vitae serve' once, or set DATA_DIR",
					config->data_dir);
}

const char *local_database_url(struct arena *a, const struct config *config)
{
	return config->database_url != NULL ? config->database_url
										: arena_printf(a, "sqlite:%s/vitae.db", config->data_dir);
}

static int open_database(struct local *l)
{
	const struct core_options options = {
		.config = &l->config,
		.features = app_features,
		.nfeatures = app_features_count,
		.load_actor = auth_load_actor,
	};

	TRY(core_start(&options, &l->error, &l->core));
	TRY(db_open(l->core->db_url, &l->error, &l->db));
	l->db->error = &l->error;
	return OK;
}

int local_open(struct local *l, const char *command)
{
	*l = (struct local){.command = command, .arena = arena_new(CLI_CONFIG_ARENA)};
	if (cli_load_config(l->arena, command, &l->config) != CLI_OK ||
		local_find(command, &l->config) != CLI_OK)
		return CLI_FAILED;
	if (open_database(l) != OK)
		return cli_fail(command, "%s", l->error.text);
	if (app_invented_password() != NULL)
		fprintf(stderr, "The first administrator is %s, password %s\n", l->config.admin_username,
				app_invented_password());
	return CLI_OK;
}

void local_close(struct local *l)
{
	db_close(l->db);
	if (l->core != NULL)
		core_stop(l->core);
	arena_free(l->arena);
}

void local_ctx(struct local *l, struct arena *a, struct ctx *out)
{
	core_ctx(l->core, a, &l->error, l->db, out);
}

int local_first_admin(struct ctx *c, struct user *out)
{
	struct list users;
	const struct user *u;

	TRY(users_all(c, &users));
	u = users.items;
	for (size_t i = 0; i < users.n; i++) {
		if (!u[i].is_superuser)
			continue;
		*out = u[i];
		return OK;
	}
	return fail(c, E_NOT_FOUND, "there is no first administrator");
}

static int find_user(struct ctx *c, const char *login, int64_t *id)
{
	struct account account;
	struct user admin;
	int rc;

	if (login == NULL) {
		TRY(local_first_admin(c, &admin));
		*id = admin.id;
		return OK;
	}
	rc = users_account(c, login, &account);
	if (rc == E_NOT_FOUND)
		return fail(c, E_RULE, "there is no user '%s'", login);
	TRY(rc);
	*id = account.id;
	return OK;
}

int local_actor(struct ctx *c, const char *login, struct actor **out)
{
	struct actor *actor = ARENA_NEW(c->arena, struct actor);
	int64_t id;
	int rc;

	TRY(find_user(c, login, &id));
	rc = users_actor(c->db, c->arena, id, actor);
	if (rc == E_AUTH)
		return fail(c, E_RULE, "this user is not active");
	TRY(rc);
	*out = actor;
	return OK;
}

enum lock_state local_lock(const char *data_dir, int *fd)
{
	char path[4096];
	int lock;

	snprintf(path, sizeof path, "%s/vitae.lock", data_dir);
	lock = open(path, O_RDWR | O_CLOEXEC);
	if (lock < 0)
		return LOCK_NONE;
	if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
		close(lock);
		return LOCK_HELD;
	}
	*fd = lock;
	return LOCK_FREE;
}

/*
 * vitae user. The operator stands above the roles: no login is asked for, whoever may write the
 * database may use this. What is typed is bound by a schema with the API's bounds, and changed by
 * the functions that the API uses.
 */
#include <stdio.h>
#include <string.h>

#include "app/password.h"
#include "app/teams.h"
#include "app/users.h"
#include "cli/cli.h"
#include "cli/local.h"
#include "cli/secret.h"

enum { ARENA_MAX = 16 * 1024 * 1024 };

static const char help[] =
	"Usage: vitae user add --username NAME --email ADDRESS [--full-name NAME] [--role ROLE]\n"
	"                      [--team ID] [--password-stdin]\n"
	"       vitae user list [--json]\n"
	"       vitae user passwd NAME [--password-stdin]\n"
	"       vitae user role NAME ROLE\n\n"
	"Works on the instance in DATA_DIR, whether its server runs or not. NAME is a user name\n"
	"or an e-mail address; ROLE is viewer (the default), recruiter, hr_manager or admin. A\n"
	"new user joins the first administrator's team unless --team says otherwise. A new\n"
	"password ends the user's sessions.\n\n"
	"The password is read from standard input (--password-stdin), else from the\n"
	"environment's VITAE_PASSWORD, else asked for twice on the terminal.\n\n"
	"Options:\n"
	"  -u, --username NAME    user name, 3 to 50 characters\n"
	"  -e, --email ADDRESS    e-mail address\n"
	"  -n, --full-name NAME   full name\n"
	"  -r, --role ROLE        role\n"
	"  -t, --team ID          number of the team\n"
	"  -p, --password-stdin   read the password from standard input, its first line\n"
	"  -j, --json             print the list as JSON\n"
	"  -h, --help             this text\n\n"
	"Examples:\n"
	"  vitae user add --username grace --email grace@example.com --role recruiter\n"
	"  pwgen -s 20 1 | vitae user passwd grace --password-stdin\n"
	"  vitae user list --json | jq -r '.[].email'\n";

/* The options of all its commands, and what add binds. */
struct options {
	const char *username, *password, *email, *full_name, *role;
	struct opt_int team;
	const char *team_text;
	bool json, password_stdin;
	int n; /* arguments */
	char **items;
};

static const struct field add_fields[] = {
	FIELD(struct options, username, F_REQUIRED | F_WORDS | F_LINE, .min = 3, .max = 50,
		  .doc = "User name", .example = "\"grace\""),
	FIELD(struct options, email, F_REQUIRED | F_EMAIL, .max = 254, .doc = "E-mail address",
		  .example = "\"grace@example.com\""),
	FIELD(struct options, full_name, F_NULL, .max = 200, .doc = "Full name",
		  .example = "\"Grace Hopper\""),
	FIELD(struct options, role, F_NULL, .choices = role_choices, .preset = "viewer", .doc = "Role",
		  .example = "\"recruiter\""),
	FIELD(struct options, team, F_NULL, .min = 1, .doc = "Team", .example = "1"),
};
static const struct schema add_schema = SCHEMA("UserAdd", struct options, add_fields);

static const struct field passwd_fields[] = {
	FIELD(struct options, password, F_REQUIRED | F_SECRET, .min = 8, .max = 100, .doc = "Password",
		  .example = "\"correct horse 7\""),
};
static const struct schema passwd_schema = SCHEMA("UserPassword", struct options, passwd_fields);

/* ---- faults ---- */

static int told(struct ctx *c, const char *command)
{
	if (c->error->code == OK || c->error->text[0] == '\0')
		return cli_fail(command, "the database failed");
	return cli_fail(command, "%s", c->error->text);
}

static int told_faults(const struct faults *f, const char *command)
{
	for (size_t i = 0; i < f->n; i++) {
		char name[64];

		snprintf(name, sizeof name, "%s", f->items[i].name != NULL ? f->items[i].name : "");
		for (char *p = name; *p != '\0'; p++)
			if (*p == '_')
				*p = '-';
		cli_fail(command, "%s: %s", name, f->items[i].msg);
	}
	return cli_usage(command, NULL);
}

/* Binds these options to a schema; absent ones are left out. CLI_OK or CLI_USAGE. */
static int bind(struct ctx *c, const char *command, const struct schema *s, struct pair *pairs,
				size_t n, struct options *out)
{
	struct pair *given = ARENA_ARRAY(c->arena, n, struct pair);
	struct input input = {.form = {given, 0}};

	for (size_t i = 0; i < n; i++)
		if (pairs[i].value != NULL)
			given[input.form.n++] = pairs[i];
	if (schema_bind(s, &input, c->arena, out, c->faults) != OK)
		return told_faults(c->faults, command);
	return CLI_OK;
}

/* Reads, checks and hashes a password. */
static int read_hash(struct ctx *c, const char *command, const struct options *o,
					 char hash[PASSWORD_HASH_SIZE])
{
	char password[SECRET_SIZE];
	struct options bound;
	int status = secret_read(command, o->password_stdin, true, password);

	if (status == CLI_OK)
		status = bind(c, command, &passwd_schema, &(struct pair){"password", password}, 1, &bound);
	if (status == CLI_OK && password_hash(c->error, password, c->config->bcrypt_cost, hash) != OK)
		status = told(c, command);
	explicit_bzero(password, sizeof password);
	return status;
}

/* ---- add ---- */

struct addition {
	struct new_user user;
	struct user made;
};

static int add_tx(struct ctx *c, void *arg)
{
	struct addition *ad = arg;
	struct new_user *n = &ad->user;
	struct user admin;

	if (n->team_id == 0) {
		TRY(local_first_admin(c, &admin));
		n->team_id = admin.team_id;
	}
	if (teams_exists(c, n->team_id) == E_NOT_FOUND)
		return fail(c, E_RULE, "there is no team %lld", (long long)n->team_id);
	return users_insert(c, n, &ad->made);
}

static int add(struct ctx *c, const char *command, const struct options *o)
{
	struct pair pairs[] = {{"username", o->username},
						   {"email", o->email},
						   {"full_name", o->full_name},
						   {"role", o->role},
						   {"team", o->team_text}};
	char hash[PASSWORD_HASH_SIZE];
	struct options in;
	struct addition ad;
	int status;

	if (o->n > 0)
		return cli_usage(command, "unexpected argument '%s'", o->items[0]);
	status = bind(c, command, &add_schema, pairs, sizeof pairs / sizeof pairs[0], &in);
	if (status == CLI_OK)
		status = read_hash(c, command, o, hash);
	if (status != CLI_OK)
		return status;
	ad.user = (struct new_user){.email = in.email,
								.username = in.username,
								.full_name = in.full_name,
								.role = in.role,
								.password_hash = hash,
								.team_id = in.team.v};
	status = tx(c, add_tx, &ad);
	if (status == E_INVALID)
		return told_faults(c->faults, command);
	if (status != OK)
		return told(c, command);
	printf("User %s added as %s in team %lld.\n", ad.made.username, ad.made.role,
		   (long long)ad.made.team_id);
	return CLI_OK;
}

/* ---- list ---- */

enum { COLUMNS = 7 };

/* No control character of a name (C0, DEL, C1) reaches the terminal. */
static const char *printable(struct arena *a, const char *s)
{
	size_t left = s != NULL ? strlen(s) : 0, n;
	struct buf b;
	uint32_t cp;

	buf_init(&b, a, left * 3 + 1);
	for (; left > 0; s += n, left -= n) {
		n = utf8_decode(s, left, &cp);
		if (n == 0 || cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
			buf_addc(&b, '?');
		else
			buf_add(&b, s, n);
		n = n == 0 ? 1 : n;
	}
	return buf_str(&b);
}

static void fill_row(struct ctx *c, const struct user *u, const char *row[COLUMNS])
{
	row[0] = arena_printf(c->arena, "%lld", (long long)u->id);
	row[1] = printable(c->arena, u->username);
	row[2] = printable(c->arena, u->email);
	row[3] = u->is_superuser ? "admin (first)" : u->role;
	row[4] = arena_printf(c->arena, "%lld", (long long)u->team_id);
	row[5] = u->is_active ? "yes" : "no";
	row[6] = printable(c->arena, u->full_name);
}

static void print_table(struct ctx *c, const struct list *users)
{
	static const char *const titles[COLUMNS] = {"ID",   "USERNAME", "EMAIL", "ROLE",
												"TEAM", "ACTIVE",   "NAME"};
	const char *(*rows)[COLUMNS] = arena_array(c->arena, users->n + 1, sizeof *rows);
	size_t width[COLUMNS] = {0};

	memcpy(rows[0], titles, sizeof titles);
	for (size_t i = 0; i < users->n; i++)
		fill_row(c, (const struct user *)users->items + i, rows[i + 1]);
	for (size_t i = 0; i <= users->n; i++) {
		for (int k = 0; k < COLUMNS; k++) {
			size_t n = utf8_length(rows[i][k], strlen(rows[i][k]));

			width[k] = n > width[k] ? n : width[k];
		}
	}
	for (size_t i = 0; i <= users->n; i++) {
		for (int k = 0; k < COLUMNS - 1; k++)
			printf("%s%*s", rows[i][k],
				   (int)(width[k] - utf8_length(rows[i][k], strlen(rows[i][k])) + 2), "");
		puts(rows[i][COLUMNS - 1]);
	}
}

static int print_json(struct ctx *c, const struct list *users)
{
	struct buf b;

	buf_init(&b, c->arena, ARENA_MAX);
	TRY(schema_print_list(&user_schema, users, &b));
	puts(buf_str(&b));
	return OK;
}

static int list(struct ctx *c, const char *command, const struct options *o)
{
	struct list users;

	if (o->n > 0)
		return cli_usage(command, "unexpected argument '%s'", o->items[0]);
	if (users_all(c, &users) != OK)
		return told(c, command);
	if (!o->json)
		print_table(c, &users);
	else if (print_json(c, &users) != OK)
		return cli_fail(command, "the list is too long");
	if (users.n == SCHEMA_LIST_MAX)
		cli_fail(command, "only the first %d users are listed", SCHEMA_LIST_MAX);
	return fflush(stdout) == 0 ? CLI_OK : cli_fail(command, "standard output cannot be written");
}

/* ---- passwd, role ---- */

struct change {
	const char *login, *hash, *role; /* hash or role */
	struct user user;
};

static int change_tx(struct ctx *c, void *arg)
{
	struct change *ch = arg;
	struct account account;
	int rc = users_account(c, ch->login, &account);

	if (rc == E_NOT_FOUND)
		return fail(c, E_RULE, "there is no user '%s'", ch->login);
	TRY(rc);
	TRY(users_get(c, account.id, &ch->user));
	if (ch->role != NULL && ch->user.is_superuser)
		return fail(c, E_RULE, "the first administrator keeps every right");
	return users_set(c, ch->user.id, ch->hash, ch->role);
}

static int change(struct ctx *c, const char *command, struct change *ch)
{
	if (tx(c, change_tx, ch) != OK)
		return told(c, command);
	if (ch->role != NULL)
		printf("User %s is now %s.\n", ch->user.username, ch->role);
	else
		printf("User %s has a new password; the sessions are ended.\n", ch->user.username);
	return CLI_OK;
}

static int passwd(struct ctx *c, const char *command, const struct options *o)
{
	char hash[PASSWORD_HASH_SIZE];
	int status;

	if (o->n != 1)
		return cli_usage(command, "name one user");
	status = read_hash(c, command, o, hash);
	return status != CLI_OK
			   ? status
			   : change(c, command, &(struct change){.login = o->items[0], .hash = hash});
}

static int role(struct ctx *c, const char *command, const struct options *o)
{
	if (o->n != 2)
		return cli_usage(command, "name one user and one role");
	if (role_parse(o->items[1]) == ROLE_PUBLIC)
		return cli_usage(command, "'%s' is no role: viewer, recruiter, hr_manager or admin",
						 o->items[1]);
	return change(c, command, &(struct change){.login = o->items[0], .role = o->items[1]});
}

/* ---- the command ---- */

static const struct verb {
	const char *name, *title;
	int (*run)(struct ctx *c, const char *command, const struct options *o);
} verbs[] = {
	{"add", "vitae user add", add},
	{"list", "vitae user list", list},
	{"passwd", "vitae user passwd", passwd},
	{"role", "vitae user role", role},
};

static int run(const struct verb *v, const struct options *o)
{
	CLEANUP(cli_arena_done) struct arena *a = arena_new(ARENA_MAX);
	CLEANUP(local_close) struct local l;
	struct ctx c;

	if (local_open(&l, v->title) != CLI_OK)
		return CLI_FAILED;
	local_ctx(&l, a, &c);
	return v->run(&c, v->title, o);
}

static void take_option(struct options *o, int option)
{
	switch (option) {
	case 'u': o->username = optarg; break;
	case 'e': o->email = optarg; break;
	case 'n': o->full_name = optarg; break;
	case 'r': o->role = optarg; break;
	case 't': o->team_text = optarg; break;
	case 'p': o->password_stdin = true; break;
	case 'j': o->json = true; break;
	}
}

int cli_user(int argc, char **argv)
{
	static const struct option options[] = {
		{"username", required_argument, NULL, 'u'},
		{"email", required_argument, NULL, 'e'},
		{"full-name", required_argument, NULL, 'n'},
		{"role", required_argument, NULL, 'r'},
		{"team", required_argument, NULL, 't'},
		{"password-stdin", no_argument, NULL, 'p'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	struct options o = {0};
	int option;

	while ((option = getopt_long(argc, argv, "u:e:n:r:t:pjh", options, NULL)) != -1) {
		if (option == 'h')
			return cli_help(help);
		if (option == '?')
			return cli_usage(argv[0], NULL);
		take_option(&o, option);
	}
	if (optind == argc)
		return cli_usage(argv[0], "say what to do: add, list, passwd or role");
	o.items = argv + optind + 1;
	o.n = argc - optind - 1;
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (text_eq(argv[optind], verbs[i].name))
			return run(&verbs[i], &o);
	return cli_usage(argv[0], "unknown command '%s'", argv[optind]);
}

/* vitae migrate. */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/local.h"
#include "store/files.h"
#include "store/migrate.h"

static const char help[] =
	"Usage: vitae migrate [--check]\n\n"
	"Brings the database (DATABASE_URL, else the file in DATA_DIR) to this program's version,\n"
	"and makes it if it is new. 'vitae serve' does the same when it starts; several that start\n"
	"together do it once. A database newer than the program is refused.\n\n"
	"Options:\n"
	"  -c, --check   change nothing; exit with 1 if something is to be done\n"
	"  -h, --help    this text\n\n"
	"Examples:\n"
	"  vitae migrate\n"
	"  DATABASE_URL=postgresql://vitae@db.example.org/vitae vitae migrate --check\n";

struct run {
	struct error *error;
	struct arena *arena;
	const struct config *config;
	bool check;
	int status;
};

static void db_done(struct db **db)
{
	db_close(*db);
}

/* A new file needs its folder. */
static int database_url(struct run *r, const char **out)
{
	struct files *files = NULL;

	if (r->config->database_url != NULL) {
		*out = r->config->database_url;
		return OK;
	}
	if (!r->check) {
		TRY(files_new(r->config->data_dir, r->error, &files));
		files_free(files);
	}
	*out = local_database_url(r->arena, r->config);
	return OK;
}

static int run(struct run *r)
{
	CLEANUP(db_done) struct db *db = NULL;
	const char *url;
	int n = 0;

	TRY(database_url(r, &url));
	TRY(db_open(url, r->error, &db));
	if (r->check) {
		TRY(migrate_missing(db, &n));
		printf("%d migrations are to be applied\n", n);
		r->status = n > 0 ? CLI_FAILED : CLI_OK;
		return OK;
	}
	TRY(migrate(db, &n));
	printf("%d migrations applied; the database is up to date\n", n);
	return OK;
}

int cli_migrate(int argc, char **argv)
{
	static const struct option options[] = {
		{"check", no_argument, NULL, 'c'}, {"help", no_argument, NULL, 'h'}, {0}};
	CLEANUP(cli_arena_done) struct arena *a = arena_new(CLI_CONFIG_ARENA);
	struct error error = {0};
	struct config config;
	struct run r = {.error = &error, .arena = a, .config = &config, .status = CLI_OK};
	int option;

	while ((option = getopt_long(argc, argv, "ch", options, NULL)) != -1) {
		if (option == 'h')
			return cli_help(help);
		if (option != 'c')
			return cli_usage(argv[0], NULL);
		r.check = true;
	}
	if (optind < argc)
		return cli_usage(argv[0], "unexpected argument '%s'", argv[optind]);
	if (cli_load_config(a, argv[0], &config) != CLI_OK)
		return CLI_FAILED;
	if (r.check && local_find(argv[0], &config) != CLI_OK)
		return CLI_FAILED;
	if (run(&r) != OK)
		return cli_fail(argv[0], "%s", error.text);
	return fflush(stdout) == 0 ? r.status : cli_fail(argv[0], "standard output cannot be written");
}

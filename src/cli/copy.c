/*
 * vitae copy. What has been begun is noted in the target (installation), so that a copy that was
 * interrupted may go on, and nothing else is ever overwritten.
 */
#include <stdio.h>

#include "app/transfer.h"
#include "cli/cli.h"
#include "cli/key.h"
#include "core/installation.h"
#include "store/migrate.h"

static const char help[] =
	"Usage: vitae copy FROM TO\n\n"
	"Copies the whole database FROM into TO, which must be new or an interrupted copy; each\n"
	"is sqlite:PATH (or sqlite://PATH) or postgresql://… . No server may run on TO; one on\n"
	"FROM may, but what is written there meanwhile is not copied. Every table is compared by\n"
	"its rows and a checksum. Run again after an interruption, it goes on.\n\n"
	"Files stay where they are, in DATA_DIR: start the server on the same one with\n"
	"DATABASE_URL set to TO. The key in DATA_DIR that signs tokens is copied along, so that\n"
	"nobody has to log in anew.\n\n"
	"Options:\n"
	"  -h, --help   this text\n\n"
	"Examples:\n"
	"  vitae copy sqlite:data/vitae.db postgresql://vitae@db.example.org/vitae\n";

struct run {
	struct error *error;
	struct arena *arena;
	const char *data_dir;
	struct db *from, *to;
};

static void done(struct run *r)
{
	db_close(r->from);
	db_close(r->to);
}

static void tell(void *arg, const char *name, int64_t rows, bool copied)
{
	(void)arg;
	printf("%-32s %10lld %s\n", name, (long long)rows, copied ? "copied" : "the same");
	fflush(stdout);
}

static int open_both(struct run *r, const char *from, const char *to)
{
	int missing;

	TRY(db_open(from, r->error, &r->from));
	TRY(db_open(to, r->error, &r->to));
	TRY(migrate_missing(r->from, &missing));
	if (missing > 0)
		return fail(r, E_RULE, "%s is not of this version; run 'vitae migrate' on it first", from);
	return migrate(r->to, NULL);
}

/* Whether the target may be filled: it is new, or what an interrupted copy has left. */
static int may_fill(struct run *r)
{
	const char *mark;
	bool used;
	int rc = installation_get(r->to, r->arena, "copying", &mark);

	if (rc != E_NOT_FOUND)
		return rc;
	TRY(transfer_used(r->to, &used));
	return used ? fail(r, E_RULE, "the target is in use; a copy needs a new database") : OK;
}

static int copy_key(struct run *r)
{
	const char *key;
	int rc = key_get(r->from, r->arena, r->data_dir, &key);

	return rc == E_NOT_FOUND ? OK : rc < 0 ? rc : key_set(r->to, r->arena, r->data_dir, key);
}

static int run(struct run *r, const char *from, const char *to)
{
	struct transfer t = {.error = r->error, .table = tell};

	TRY(open_both(r, from, to));
	TRY(may_fill(r));
	TRY(installation_set(r->to, "copying", "begun"));
	t.from = r->from;
	t.to = r->to;
	TRY(transfer_all(&t));
	TRY(copy_key(r));
	return installation_set(r->to, "copying", NULL);
}

int cli_copy(int argc, char **argv)
{
	static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {0}};
	CLEANUP(cli_arena_done) struct arena *a = arena_new(CLI_CONFIG_ARENA);
	struct error error = {0};
	CLEANUP(done) struct run r = {.error = &error, .arena = a};
	int option = getopt_long(argc, argv, "h", options, NULL);
	struct config config;

	if (option == 'h')
		return cli_help(help);
	if (option != -1 || argc - optind != 2)
		return cli_usage(argv[0], option != -1 ? NULL : "%s", "name two databases");
	if (cli_load_config(a, argv[0], &config) != CLI_OK)
		return CLI_FAILED;
	r.data_dir = config.data_dir;
	if (run(&r, argv[optind], argv[optind + 1]) != OK)
		return cli_fail(argv[0], "%s", error.text);
	printf("Everything is there. Start the server with DATABASE_URL set to it.\n");
	return CLI_OK;
}

/* vitae files: moves the files of an installation to another place. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/files_copy.h"
#include "cli/local.h"
#include "core/storage.h"

static const char help[] =
	"Usage: vitae files copy FROM TO\n\n"
	"Copies all uploaded files FROM one place TO another; each is file:///folder (a DATA_DIR,\n"
	"or a folder that servers share) or s3://bucket/prefix, with S3_ENDPOINT, S3_REGION and\n"
	"the keys of the settings. Each file is read again where it arrived and compared. Run\n"
	"again, also after an interruption, it copies what is not there yet. Nothing is removed.\n\n"
	"A server may run meanwhile: copy, stop it, copy again what has come since, and start it\n"
	"with FILES_URL set to TO.\n\n"
	"Options:\n"
	"  -h, --help   this text\n\n"
	"Examples:\n"
	"  vitae files copy file:///var/lib/vitae s3://my-bucket/vitae\n";

struct run {
	struct error *error;
	struct arena *arena;
	struct config config;
	struct storage *from, *to;
	struct db *db;
};

static void done(struct run *r)
{
	storage_close(r->from);
	storage_close(r->to);
	db_close(r->db);
}

static int open_place(struct run *r, const char *url, struct storage **out)
{
	struct config *config = arena_memdup(r->arena, &r->config, sizeof r->config);

	config->files_url = url;
	return storage_open(config, r->error, out);
}

static int check_from(struct run *r, const char *url)
{
	if (text_starts(url, "file://") && access(url + strlen("file://"), R_OK) != 0)
		return fail(r, E_RULE, "there is no folder %s", url + strlen("file://"));
	return OK;
}

static int copy(struct run *r, const char *from, const char *to, struct files_copy *c)
{
	TRY(check_from(r, from));
	TRY(open_place(r, from, &r->from));
	TRY(open_place(r, to, &r->to));
	TRY(db_open(local_database_url(r->arena, &r->config), r->error, &r->db));
	r->db->error = r->error;
	TRY(storage_claim(r->to, r->db, r->error));
	*c = (struct files_copy){
		.error = r->error, .from = storage_files(r->from), .to = storage_files(r->to)};
	return files_copy_all(c);
}

static int run(const char *command, const char *from, const char *to)
{
	CLEANUP(cli_arena_done) struct arena *a = arena_new(CLI_CONFIG_ARENA);
	struct error error = {0};
	CLEANUP(done) struct run r = {.error = &error, .arena = a};
	struct files_copy c;

	if (cli_load_config(a, command, &r.config) != CLI_OK ||
		local_find(command, &r.config) != CLI_OK)
		return CLI_FAILED;
	if (!config_files_url_ok(&r.config, from) || !config_files_url_ok(&r.config, to))
		return cli_fail(command,
						"%s is no place for files: use file:///folder, or "
						"s3://bucket/prefix with S3_ACCESS_KEY_ID and "
						"S3_SECRET_ACCESS_KEY",
						config_files_url_ok(&r.config, from) ? to : from);
	if (copy(&r, from, to, &c) != OK)
		return cli_fail(command, "%s", error.text);
	printf("%lld files copied, %.1f MB; %lld were there already.\n", (long long)c.copied,
		   (double)c.bytes / 1e6, (long long)c.known);
	if (c.unfinished > 0)
		printf("%lld unfinished uploads of videos were left out; they have to be begun anew.\n",
			   (long long)c.unfinished);
	return CLI_OK;
}

int cli_files(int argc, char **argv)
{
	static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {0}};
	int option = getopt_long(argc, argv, "h", options, NULL);

	if (option == 'h')
		return cli_help(help);
	if (option != -1)
		return cli_usage(argv[0], NULL);
	if (argc - optind != 3 || !text_eq(argv[optind], "copy"))
		return cli_usage(argv[0], "say 'copy', and two places");
	return run(argv[0], argv[optind + 1], argv[optind + 2]);
}

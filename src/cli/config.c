/* vitae config. */
#include <stdio.h>

#include "cli/cli.h"

static const char help[] =
	"Usage: vitae config\n\n"
	"Shows every setting with its value, its default and its meaning; secrets are masked.\n"
	"Settings come from the environment, then from the file .env in the working directory.\n"
	"A value that is not possible stops every command with a message that names the\n"
	"setting.\n\n"
	"Options:\n"
	"  -h, --help   this text\n\n"
	"Examples:\n"
	"  vitae config\n"
	"  PORT=8080 vitae config | grep PORT\n";

int cli_config(int argc, char **argv)
{
	CLEANUP(cli_arena_done) struct arena *a = arena_new(CLI_CONFIG_ARENA);
	struct config config;
	int status;

	if (cli_no_options(argc, argv, help, &status))
		return status;
	if (cli_load_config(a, argv[0], &config) != CLI_OK)
		return CLI_FAILED;
	config_print(&config, stdout);
	return fflush(stdout) == 0 ? CLI_OK : cli_fail(argv[0], "standard output cannot be written");
}

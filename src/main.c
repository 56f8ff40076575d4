/* vitae: one program, a row for each of its commands. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const struct command {
	const char *name, *summary;
	int (*run)(int argc, char **argv);
} commands[] = {
	{"serve", "Run the server", cli_serve},
	{"parse", "Read résumés without a server, one JSON object a line", cli_parse},
	{"import", "Upload all résumés below a folder", cli_tools},
	{"user", "Add and list users, set passwords and roles", cli_user},
	{"backup", "Write a copy of database and files while the server runs", cli_tools},
	{"restore", "Bring a backup back", cli_tools},
	{"copy", "Copy the database into another one", cli_copy},
	{"files", "Copy the uploaded files to another place", cli_files},
	{"migrate", "Bring the database to this program's version", cli_migrate},
	{"audit", "Check the audit trail", cli_audit},
	{"cron", "Show when a schedule is due", cli_cron},
	{"jobs", "Show the sources of jobs, and what one of them gives", cli_jobs},
	{"config", "Show every setting, its value and its default", cli_config},
	{"routes", "Print the tables of endpoints as JSON", cli_routes},
	{"openapi", "Print the OpenAPI document", cli_openapi},
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void usage(FILE *out)
{
	fputs("Usage: vitae COMMAND [OPTION]... [ARGUMENT]...\n"
		  "       vitae --help | --version\n\n"
		  "vitae receives résumés, reads them and keeps the candidates found in them.\n\n"
		  "Commands:\n",
		  out);
	for (int i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-9s %s\n", commands[i].name, commands[i].summary);
	fputs("\n'vitae COMMAND --help' tells more about a command.\n"
		  "Settings come from the environment, then from the file .env; see 'vitae config'.\n",
		  out);
}

static const struct command *find(const char *name)
{
	for (int i = 0; i < COMMANDS; i++)
		if (strcmp(name, commands[i].name) == 0)
			return &commands[i];
	return NULL;
}

static int unknown(const char *name)
{
	fprintf(stderr, "vitae: unknown command '%s'\n\n", name);
	usage(stderr);
	return CLI_USAGE;
}

static int run(const struct command *c, int argc, char **argv)
{
	char title[32];

	snprintf(title, sizeof title, "vitae %s", c->name);
	argv[0] = title;
	return c->run(argc, argv);
}

static int help(int argc, char **argv)
{
	const struct command *c = argc > 2 ? find(argv[2]) : NULL;
	char option[] = "--help";

	if (argc > 2 && c == NULL)
		return unknown(argv[2]);
	if (c != NULL)
		return run(c, 2, (char *[]){argv[0], option, NULL});
	usage(stdout);
	return CLI_OK;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "help";
	const struct command *c = find(name);

	/* A reader that goes away is a failed write, not a death. */
	signal(SIGPIPE, SIG_IGN);
	if (c != NULL)
		return run(c, argc - 1, argv + 1);
	if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		return help(argc, argv);
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
		puts("vitae " VITAE_VERSION);
		return CLI_OK;
	}
	return unknown(name);
}

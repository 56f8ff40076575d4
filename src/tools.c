/*
 * vitae-tools: the commands of vitae whose libraries the server shall not carry (libcurl,
 * libarchive and the forty that these bring: two megabytes and ten milliseconds of every start).
 * `vitae import` and the like start it; nobody has to.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{"import", cli_import},
	{"backup", cli_backup},
	{"restore", cli_restore},
};

int main(int argc, char **argv)
{
	char title[32];

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof commands[0]; i++) {
		if (strcmp(argv[1], commands[i].name) != 0)
			continue;
		snprintf(title, sizeof title, "vitae %s", commands[i].name);
		argv[1] = title;
		return commands[i].run(argc - 1, argv + 1);
	}
	fputs("vitae-tools is started by vitae; see 'vitae --help'\n", stderr);
	return CLI_USAGE;
}

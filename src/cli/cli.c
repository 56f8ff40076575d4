/* See cli.h. */
#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "app/app.h"
#include "core/openapi.h"

enum { TABLES_MAX = 16 * 1024 * 1024 };

int cli_fail(const char *command, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", command);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return CLI_FAILED;
}

int cli_usage(const char *command, const char *fmt, ...)
{
	va_list ap;

	if (fmt != NULL) {
		fprintf(stderr, "%s: ", command);
		va_start(ap, fmt);
		vfprintf(stderr, fmt, ap);
		va_end(ap);
		fputc('\n', stderr);
	}
	fprintf(stderr, "Try '%s --help'.\n", command);
	return CLI_USAGE;
}

int cli_help(const char *text)
{
	return fputs(text, stdout) < 0 || fflush(stdout) != 0 ? CLI_FAILED : CLI_OK;
}

bool cli_no_options(int argc, char **argv, const char *help, int *status)
{
	static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {0}};
	int option = getopt_long(argc, argv, "h", options, NULL);

	if (option == 'h')
		*status = cli_help(help);
	else if (option != -1)
		*status = cli_usage(argv[0], NULL);
	else if (optind < argc)
		*status = cli_usage(argv[0], "unexpected argument '%s'", argv[optind]);
	else
		return false;
	return true;
}

int cli_load_config(struct arena *a, const char *command, struct config *out)
{
	struct error error = {0};

	if (config_load(a, &error, out) != OK)
		return cli_fail(command, "%s", error.text);
	return CLI_OK;
}

static int compile_and_print(struct arena *a, struct error *error,
							 int (*print)(const struct routes *r, struct buf *out), struct buf *out)
{
	struct routes *routes;

	TRY(routes_new(a, error, app_features, app_features_count, 0, &routes));
	return print(routes, out);
}

int cli_print_tables(int argc, char **argv, const char *help,
					 int (*print)(const struct routes *r, struct buf *out))
{
	CLEANUP(cli_arena_done) struct arena *a = arena_new(TABLES_MAX);
	struct error error = {.text = "the tables are too large to be printed"};
	struct buf out;
	int status;

	if (cli_no_options(argc, argv, help, &status))
		return status;
	buf_init(&out, a, TABLES_MAX);
	if (compile_and_print(a, &error, print, &out) != OK || buf_addc(&out, '\n') != OK)
		return cli_fail(argv[0], "%s", error.text);
	if (fwrite(out.p, 1, out.n, stdout) != out.n || fflush(stdout) != 0)
		return cli_fail(argv[0], "standard output cannot be written");
	return CLI_OK;
}

void cli_arena_done(struct arena **a)
{
	arena_free(*a);
}

void cli_fd_done(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* Hands a command on to vitae-tools; see cli.h. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "proc/worker.h"

enum { PATH_ARENA = 64 * 1024 };

int cli_tools(int argc, char **argv)
{
	struct arena *a = arena_new(PATH_ARENA);
	const char *program = worker_find_program(a, "vitae-tools");
	char **handed = ARENA_ARRAY(a, (size_t)argc + 2, char *);
	const char *command = argv[0] + strlen("vitae ");
	int status;

	handed[0] = arena_strdup(a, program);
	handed[1] = arena_strdup(a, command);
	for (int i = 1; i < argc; i++)
		handed[i + 1] = argv[i];
	if (program == NULL)
		status = cli_fail(argv[0], "the program vitae-tools was not found beside vitae");
	else if (execv(program, handed) != 0)
		status = cli_fail(argv[0], "%s cannot be started: %s", program, strerrordesc_np(errno));
	else
		status = CLI_FAILED;
	arena_free(a);
	return status;
}

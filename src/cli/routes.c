/* vitae routes. */
#include "cli/cli.h"
#include "core/openapi.h"

static const char help[] =
	"Usage: vitae routes\n\n"
	"Prints the tables of endpoints and their fields as JSON: who may call, what is taken\n"
	"and what is answered. Needs no database and no settings.\n\n"
	"Options:\n"
	"  -h, --help   this text\n\n"
	"Example:\n"
	"  vitae routes | jq -r '.[] | [.method, .path, .role] | @tsv'\n";

int cli_routes(int argc, char **argv)
{
	return cli_print_tables(argc, argv, help, routes_print);
}

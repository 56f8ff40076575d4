/* vitae openapi. */
#include "core/openapi.h"
#include "cli/cli.h"

static const char help[] =
	"Usage: vitae openapi\n\n"
	"Prints the OpenAPI document that a server with DEBUG=True gives at /openapi.json.\n"
	"Needs no database and no settings.\n\n"
	"Options:\n"
	"  -h, --help   this text\n\n"
	"Example:\n"
	"  vitae openapi >openapi.json\n";

int cli_openapi(int argc, char **argv)
{
	return cli_print_tables(argc, argv, help, openapi_print);
}

/* vitae audit. */
#include <stdio.h>
#include <string.h>

#include "app/audit.h"
#include "cli/local.h"

static const char help[] =
	"Usage: vitae audit verify\n\n"
	"Goes through the audit trail of the instance in DATA_DIR from its first event on, and\n"
	"tells whether an event was changed, removed or slipped in. Ends with 1 if so. May run\n"
	"beside the server.\n\n"
	"Options:\n"
	"  -h, --help   this text\n\n"
	"Example:\n"
	"  vitae audit verify\n";

/* All events of one moment, while others are added. */
static int verify(struct ctx *c, struct audit_check *out)
{
	int rc;

	TRY(db_begin(c->db, false));
	rc = audit_verify(c, out);
	db_rollback(c->db);
	return rc;
}

static int tell(const char *command, const struct audit_check *check)
{
	if (check->why != NULL)
		return cli_fail(command, "the audit trail is broken: %s", check->why);
	printf("%lld events, the chain is whole\n", (long long)check->events);
	return CLI_OK;
}

int cli_audit(int argc, char **argv)
{
	static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {0}};
	struct local l;
	struct ctx c;
	struct audit_check check;
	int option = getopt_long(argc, argv, "h", options, NULL), status;

	if (option == 'h')
		return cli_help(help);
	if (option != -1)
		return cli_usage(argv[0], NULL);
	if (argc - optind != 1 || strcmp(argv[optind], "verify") != 0)
		return cli_usage(argv[0], "the only command is verify");
	status = local_open(&l, argv[0]);
	if (status == CLI_OK) {
		local_ctx(&l, l.arena, &c);
		status = verify(&c, &check) == OK ? tell(argv[0], &check)
										  : cli_fail(argv[0], "%s", l.error.text);
	}
	local_close(&l);
	return status;
}

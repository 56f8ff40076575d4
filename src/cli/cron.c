/* vitae cron. */
#include <stdio.h>

#include "base/text.h"
#include "cli/cli.h"
#include "data/cron.h"

enum { COUNT_MAX = 100000 };

static const char help[] =
	"Usage: vitae cron [--timezone ZONE] [--after TIME] [--count N] EXPRESSION\n\n"
	"Prints the next times at which a schedule with this cron expression is due, in UTC,\n"
	"one a line: five fields (minute, hour, day of month, month, day of week) or @hourly,\n"
	"@daily, @weekly, @monthly, @yearly.\n\n"
	"Options:\n"
	"  -z, --timezone ZONE   whose clock it speaks of: UTC, or a name such as Europe/Berlin\n"
	"  -a, --after TIME      begin after this time, such as 2026-03-28T12:00:00Z: now\n"
	"  -n, --count N         how many times are printed: 5\n"
	"  -h, --help            this text\n\n"
	"Examples:\n"
	"  vitae cron '30 9 * * mon-fri'\n"
	"  vitae cron -z America/New_York -n 3 '@daily'\n";

struct asked {
	const char *zone;
	int64_t after, count;
};

static int print_times(const char *command, const struct asked *a, const char *expression)
{
	CLEANUP(zone_done) struct zone *zone = NULL;
	struct error error = {0};
	struct cron cron;
	char iso[CLOCK_ISO_SIZE];
	int64_t t = a->after;

	if (zone_new(a->zone, &error, &zone) != OK || cron_parse(expression, &error, &cron) != OK)
		return cli_fail(command, "%s", error.text);
	for (int64_t i = 0; i < a->count; i++) {
		if (cron_next(&cron, zone, t, &error, &t) != OK)
			return cli_fail(command, "%s", error.text);
		puts(clock_iso(t * CLOCK_SECOND, iso));
	}
	return CLI_OK;
}

int cli_cron(int argc, char **argv)
{
	static const struct option options[] = {{"timezone", required_argument, NULL, 'z'},
											{"after", required_argument, NULL, 'a'},
											{"count", required_argument, NULL, 'n'},
											{"help", no_argument, NULL, 'h'},
											{0}};
	struct asked a = {"UTC", clock_now() / CLOCK_SECOND, 5};
	int64_t us;
	int option;

	while ((option = getopt_long(argc, argv, "z:a:n:h", options, NULL)) != -1) {
		switch (option) {
		case 'z': a.zone = optarg; break;
		case 'a':
			if (clock_parse(optarg, &us) != OK)
				return cli_usage(argv[0], "%s is no time such as 2026-03-28T12:00:00Z", optarg);
			a.after = us / CLOCK_SECOND;
			break;
		case 'n':
			if (text_int(optarg, &a.count) != OK || a.count < 1 || a.count > COUNT_MAX)
				return cli_usage(argv[0], "--count takes a number from 1 to %d", COUNT_MAX);
			break;
		case 'h': return cli_help(help);
		default: return cli_usage(argv[0], NULL);
		}
	}
	if (argc - optind != 1)
		return cli_usage(argv[0], "give one cron expression, in quotes");
	return print_times(argv[0], &a, argv[optind]);
}

#include "data/cron.h"

#include "base/clock.h"
#include "base/test.h"

static struct error error;

static const char *next(const char *text, const char *name, const char *after)
{
	static char iso[CLOCK_ISO_SIZE];
	struct zone *z;
	struct cron c;
	int64_t us, out;
	int rc;

	CHECK_INT(cron_parse(text, &error, &c), OK);
	CHECK_INT(zone_new(name, &error, &z), OK);
	CHECK_INT(clock_parse(after, &us), OK);
	rc = cron_next(&c, z, us / CLOCK_SECOND, &error, &out);
	zone_free(z);
	return rc == OK ? clock_iso(out * CLOCK_SECOND, iso) : "never";
}

TEST(plain_times)
{
	CHECK_STR(next("*/15 * * * *", "UTC", "2026-01-01T00:00:00Z"), "2026-01-01T00:15:00Z");
	CHECK_STR(next("*/15 * * * *", "UTC", "2026-01-01T00:14:59Z"), "2026-01-01T00:15:00Z");
	CHECK_STR(next("30 9 * * mon-fri", "UTC", "2026-01-02T09:30:00Z"), "2026-01-05T09:30:00Z");
	CHECK_STR(next("0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z"), "2028-02-29T00:00:00Z");
	CHECK_STR(next("0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z"), "2104-02-29T00:00:00Z");
	CHECK_STR(next("0 0 30 2 *", "UTC", "2026-01-01T00:00:00Z"), "never");
	CHECK_STR(next("@monthly", "UTC", "2026-12-01T00:00:00Z"), "2027-01-01T00:00:00Z");
	CHECK_STR(next("0 12 * * 7", "UTC", "2026-11-26T00:00:00Z"), "2026-11-29T12:00:00Z");
	CHECK_STR(next("0 12 * * 5-7", "UTC", "2026-11-28T13:00:00Z"), "2026-11-29T12:00:00Z");
}

TEST(either_day_will_do_where_both_are_restricted)
{
	CHECK_STR(next("0 0 13 * fri", "UTC", "2026-11-01T00:00:00Z"), "2026-11-06T00:00:00Z");
	CHECK_STR(next("0 0 13 * fri", "UTC", "2026-12-11T00:00:00Z"), "2026-12-13T00:00:00Z");
	CHECK_STR(next("0 0 13 * *", "UTC", "2026-11-01T00:00:00Z"), "2026-11-13T00:00:00Z");
}

TEST(the_clock_is_put_forward)
{
	/* 02:30 does not come on the 29th of March 2026 in Berlin: it runs at the leap, 01:00 UTC. */
	CHECK_STR(next("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z"), "2026-03-29T01:00:00Z");
	CHECK_STR(next("30 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z"), "2026-03-30T00:30:00Z");
	CHECK_STR(next("*/20 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z"),
			  "2026-03-30T00:00:00Z");
	CHECK_STR(next("30 * * * *", "Europe/Berlin", "2026-03-29T00:30:00Z"), "2026-03-29T01:30:00Z");
}

TEST(the_clock_is_put_back)
{
	/* 02:30 comes twice on the 25th of October 2026 in Berlin: it runs at the first. */
	CHECK_STR(next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z"), "2026-10-25T00:30:00Z");
	CHECK_STR(next("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z"), "2026-10-26T01:30:00Z");
	CHECK_STR(next("30 * * * *", "Europe/Berlin", "2026-10-25T00:30:00Z"), "2026-10-25T01:30:00Z");
}

TEST(what_is_no_expression)
{
	static const char *const bad[] = {
		"",           "* * * *",   "* * * * * *", "60 * * * *",  "* 24 * * *", "* * 0 * *",
		"* * * 13 *", "* * * * 8", "5-1 * * * *", "*/0 * * * *", "a * * * *",  "1,, * * * *",
		"1- * * * *", "@never",    "-1 * * * *",  "1/ * * * *",  "* * * foo *"};
	struct cron c;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		CHECK_INT(cron_parse(bad[i], &error, &c), E_RULE);
	CHECK_INT(cron_parse("* 24 * * *", &error, &c), E_RULE);
	CHECK(strstr(error.text, "the hour of") != NULL);
}

TEST(what_is_no_zone)
{
	static const char *const bad[] = {"", "Mars/Olympus", "/etc/passwd", "../../etc/passwd",
									  ":UTC"};
	struct zone *z;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		CHECK_INT(zone_new(bad[i], &error, &z), E_RULE);
}

TEST_MAIN()

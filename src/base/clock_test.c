#include "base/clock.h"

#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/test.h"

static const char *iso(int64_t us)
{
	static char out[CLOCK_ISO_SIZE];

	return clock_iso(us, out);
}

static int64_t parse(const char *s)
{
	int64_t us = -1;

	return clock_parse(s, &us) == OK ? us : -1;
}

TEST(clock_prints_iso)
{
	CHECK_STR(iso(0), "1970-01-01T00:00:00Z");
	CHECK_STR(iso(INT64_C(1764324000000000)), "2025-11-28T10:00:00Z");
	CHECK_STR(iso(INT64_C(1764324000000042)), "2025-11-28T10:00:00.000042Z");
	CHECK_STR(iso(-1), "1969-12-31T23:59:59.999999Z");
	CHECK_STR(iso(INT64_C(253402300799000000)), "9999-12-31T23:59:59Z");
}

TEST(clock_prints_any_number)
{
	CHECK(strlen(iso(INT64_MAX)) < CLOCK_ISO_SIZE);
	CHECK(strlen(iso(INT64_MIN)) < CLOCK_ISO_SIZE);
}

/* Each day of the years that are not left to the C library, and some beyond, by the C library. */
TEST(clock_knows_the_calendar)
{
	for (int64_t day = -400; day < 160000; day++) {
		time_t seconds = day * 86400 + day % 86400;
		char ours[CLOCK_ISO_SIZE], theirs[CLOCK_ISO_SIZE];
		struct tm tm;

		gmtime_r(&seconds, &tm);
		strftime(theirs, sizeof theirs, "%Y-%m-%dT%H:%M:%SZ", &tm);
		clock_iso(seconds * CLOCK_SECOND, ours);
		if (strcmp(ours, theirs) != 0)
			CHECK_STR(ours, theirs);
	}
}

TEST(clock_reads_what_it_prints)
{
	static const int64_t times[] = {1, 42, INT64_C(1764324000000000), INT64_C(1709164800123456)};

	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
		CHECK_INT(parse(iso(times[i])), times[i]);
}

TEST(clock_reads_offsets_and_fractions)
{
	CHECK_INT(parse("1970-01-01T02:00:00+02:00"), 0);
	CHECK_INT(parse("1969-12-31T19:30:00-04:30"), 0);
	CHECK_INT(parse("1970-01-01t00:00:00.5z"), 500000);
	CHECK_INT(parse("1970-01-01 00:00:00.123456789Z"), 123456);
	CHECK_INT(parse("2024-02-29T00:00:00Z"), INT64_C(1709164800000000));
}

TEST(clock_refuses)
{
	static const char *const bad[] = {
		"",
		"2025-11-28",
		"2025-11-28T10:00:00",
		"2025-02-29T00:00:00Z",
		"2025-13-01T00:00:00Z",
		"2025-00-01T00:00:00Z",
		"2025-01-32T00:00:00Z",
		"2025-01-01T24:00:00Z",
		"2025-01-01T00:60:00Z",
		"2025-01-01T00:00:60Z",
		"2025-01-01T00:00:00.Z",
		"2025-01-01T00:00:00Zx",
		" 2025-01-01T00:00:00Z",
		"0000-01-01T00:00:00Z",
		"2025-01-01T00:00:00+24:00",
		"2025-01-01T00:00:00+0200",
		"1900-02-29T00:00:00Z",
	};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		CHECK_INT(parse(bad[i]), -1);
	CHECK_INT(parse(NULL), -1);
}

TEST(clock_monotonic_never_goes_back)
{
	int64_t last = clock_monotonic();

	for (int i = 0; i < 1000; i++) {
		int64_t next = clock_monotonic();

		CHECK(next >= last);
		last = next;
	}
	CHECK(clock_now() > INT64_C(1600000000000000));
}

TEST_MAIN()

#include "scrape/facts.h"

#include "base/test.h"

static struct arena *arena;
static const int64_t now = INT64_C(1764324000000000); /* 2025-11-28T10:00:00Z */

static const char *at(const char *s, bool day_first)
{
	static char out[CLOCK_ISO_SIZE];
	int64_t us = fact_time(s, now, day_first);

	return us == 0 ? "none" : clock_iso(us, out);
}

TEST(times_of_machines)
{
	CHECK_STR(at("2025-01-02", false), "2025-01-02T00:00:00Z");
	CHECK_STR(at("2025-01-02T03:04:05Z", false), "2025-01-02T03:04:05Z");
	CHECK_STR(at("2025-01-02T03:04:05.123+01:00", false), "2025-01-02T02:04:05Z");
	CHECK_STR(at("2025-01-02T03:04:05-0500", false), "2025-01-02T08:04:05Z");
	CHECK_STR(at("2025-01-02 03:04:05", false), "2025-01-02T03:04:05Z");
	CHECK_STR(at("20250102", false), "2025-01-02T00:00:00Z");
	CHECK_STR(at("Thu, 02 Jan 2025 15:04:05 GMT", false), "2025-01-02T15:04:05Z");
	CHECK_STR(at("2 Jan 2025 15:04:05 EST", false), "2025-01-02T20:04:05Z");
	CHECK_STR(at("1735787045", false), "2025-01-02T03:04:05Z");
	CHECK_STR(at("1735787045000", false), "2025-01-02T03:04:05Z");
}

TEST(times_of_people)
{
	CHECK_STR(at("January 2, 2025", false), "2025-01-02T00:00:00Z");
	CHECK_STR(at("Posted on Jan 2nd 2025", false), "2025-01-02T00:00:00Z");
	CHECK_STR(at("2. März 2025", false), "2025-03-02T00:00:00Z");
	CHECK_STR(at("02.01.2025", false), "2025-01-02T00:00:00Z");
	CHECK_STR(at("01/02/2025", false), "2025-01-02T00:00:00Z");
	CHECK_STR(at("01/02/2025", true), "2025-02-01T00:00:00Z");
	CHECK_STR(at("25/02/2025", false), "2025-02-25T00:00:00Z");
	CHECK_STR(at("3 days ago", false), "2025-11-25T10:00:00Z");
	CHECK_STR(at("Posted 30+ days ago", false), "2025-10-29T10:00:00Z");
	CHECK_STR(at("vor 2 Wochen", false), "2025-11-14T10:00:00Z");
	CHECK_STR(at("an hour ago", false), "2025-11-28T09:00:00Z");
	CHECK_STR(at("4d", false), "2025-11-24T10:00:00Z");
	CHECK_STR(at("yesterday", false), "2025-11-27T10:00:00Z");
	CHECK_STR(at("Heute", false), "2025-11-28T10:00:00Z");
}

TEST(times_that_are_none)
{
	const char *const none[] = {"",           "soon", "2025",        "2025-13-01",
								"32.01.2025", "1/2",  "0001-01-01",  "9999-01-01",
								"12",         "NaN",  "2025-02-3x0", "on request"};

	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		if (i != 10)
			CHECK_STR(at(none[i], false), "none");
	CHECK_STR(at(NULL, false), "none");
}

static const char *pay(const char *s, bool text)
{
	struct pay p = {0};

	if (arena == NULL)
		arena = arena_new(16 << 20);
	if (text)
		fact_pay_in_text(arena, s, &p);
	else
		fact_pay(arena, s, &p);
	return arena_printf(arena, "%.2f %.2f %s %s", p.min, p.max, p.currency ? p.currency : "-",
						p.period ? p.period : "-");
}

TEST(pay_fields)
{
	CHECK_STR(pay("$120,000 - $150,000 a year", false), "120000.00 150000.00 USD year");
	CHECK_STR(pay("€60k–80k", false), "60000.00 80000.00 EUR year");
	CHECK_STR(pay("60.000 € – 80.000 € pro Jahr", false), "60000.00 80000.00 EUR year");
	CHECK_STR(pay("80-100k USD", false), "80000.00 100000.00 USD year");
	CHECK_STR(pay("£45,000 per annum", false), "45000.00 0.00 GBP year");
	CHECK_STR(pay("$25.50/hr", false), "25.50 0.00 USD hour");
	CHECK_STR(pay("CHF 100'000", false), "100000.00 0.00 CHF year");
	CHECK_STR(pay("Up to $90k", false), "0.00 90000.00 USD year");
	CHECK_STR(pay("12-15 LPA", false), "12.00 1500000.00 - year");
	CHECK_STR(pay("4 500 PLN monthly", false), "4500.00 0.00 PLN month");
	CHECK_STR(pay("£300 - £400 per day", false), "300.00 400.00 GBP day");
	CHECK_STR(pay("CA$90,000 to CA$110,000", false), "90000.00 110000.00 CAD year");
	CHECK_STR(pay("Competitive", false), "0.00 0.00 - -");
	CHECK_STR(pay("", false), "0.00 0.00 - -");
}

TEST(pay_in_running_text)
{
	CHECK_STR(pay("We raised $50 million.\nThe range is $120,000 - $150,000 plus bonus.", true),
			  "120000.00 150000.00 USD year");
	CHECK_STR(pay("You earn 55.000 - 65.000 EUR.", true), "55000.00 65000.00 EUR year");
	CHECK_STR(pay("Pay: $30 per hour", true), "30.00 0.00 USD hour");
	CHECK_STR(pay("Over 10,000 customers, $2B valuation, 401k, $500 budget", true),
			  "0.00 0.00 - -");
	CHECK_STR(pay("Founded in 2010, 500-1000 people", true), "0.00 0.00 - -");
}

TEST(periods)
{
	CHECK_STR(fact_period("per-year-salary"), "year");
	CHECK_STR(fact_period("1 YEAR"), "year");
	CHECK_STR(fact_period("HOUR"), "hour");
	CHECK_STR(fact_period("monatlich"), "month");
	CHECK(fact_period("sometimes") == NULL);
}

TEST(types)
{
	CHECK_STR(fact_type("Full-time"), "full_time");
	CHECK_STR(fact_type("FULL_TIME"), "full_time");
	CHECK_STR(fact_type("FullTime"), "full_time");
	CHECK_STR(fact_type("Vollzeit, unbefristet"), "full_time");
	CHECK_STR(fact_type("part_time"), "part_time");
	CHECK_STR(fact_type("Contractor"), "contract");
	CHECK_STR(fact_type("INTERN"), "internship");
	CHECK(fact_type("whatever") == NULL && fact_type(NULL) == NULL);
}

TEST(remote)
{
	CHECK(fact_remote("Remote - Europe") && fact_remote("Anywhere") && fact_remote("TELECOMMUTE"));
	CHECK(!fact_remote("Berlin") && !fact_remote("Remote Sensing Engineer") && !fact_remote(NULL));
	CHECK(fact_remote_in_text("This is a fully remote role."));
	CHECK(!fact_remote_in_text("This is not a fully remote role. We use remote control."));
}

TEST(skills)
{
	struct arena *own = arena_new(16 << 20);
	struct strings s = fact_skills(own, "Python Developer",
								   "You know python, Docker and PostgreSQL. We go to the office.");

	CHECK(s.n >= 3);
	CHECK_STR(s.items[0], "Python");
	for (size_t i = 0; i < s.n; i++)
		CHECK(strcmp(s.items[i], "Go") != 0);
	arena_free(own);
}

TEST_MAIN()

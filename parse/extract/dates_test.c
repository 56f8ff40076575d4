#include "parse/extract/dates.h"

#include "base/test.h"

static struct arena *arena;

/* All dates of a text: "2019-03..2020", "2019..now", "2019". */
static const char *dates_of(const char *text)
{
	struct date_span d[8];
	size_t n = dates_find(text, strlen(text), d, 8);
	const char *all = "";

	if (arena == NULL)
		arena = arena_new(1 << 20);
	for (size_t i = 0; i < n; i++) {
		const char *from = date_iso(arena, d[i].from),
				   *to = d[i].open ? "now" : date_iso(arena, d[i].to);

		all = arena_printf(arena, "%s%s%s%s%s", all, i > 0 ? " " : "", from, to == NULL ? "" : "..",
						   to == NULL ? "" : to);
	}
	return all;
}

TEST(dates_by_name_of_the_month)
{
	CHECK_STR(dates_of("Mar 2019 – Present"), "2019-03..now");
	CHECK_STR(dates_of("Dublin | March, 2019 - Feb. 2020"), "2019-03..2020-02");
	CHECK_STR(dates_of("Sept. '18 to Jan '20"), "2018-09..2020-01");
	CHECK_STR(dates_of("Jan-19 – Dec-20"), "2019-01..2020-12");
	CHECK_STR(dates_of("März 2016 bis heute"), "2016-03..now");
	CHECK_STR(dates_of("janvier 2019 à aujourd’hui"), "2019-01..now");
	CHECK_STR(dates_of("de marzo de 2015 hasta la actualidad"), "2015-03..now");
	CHECK_STR(dates_of("août 2014 – déc. 2016"), "2014-08..2016-12");
	CHECK_STR(dates_of("gennaio 2014 - oggi"), "2014-01..now");
	CHECK_STR(dates_of("15 March 2019 to 2 April 2020"), "2019-03-15..2020-04-02");
	CHECK_STR(dates_of("June 3rd, 2019"), "2019-06-03");
	CHECK_STR(dates_of("Mar – Jun 2019"), "2019-03..2019-06");
	CHECK_STR(dates_of("Nov – Feb 2019"), "2018-11..2019-02");
}

TEST(dates_by_numbers)
{
	CHECK_STR(dates_of("03/2019 – 02/2020"), "2019-03..2020-02");
	CHECK_STR(dates_of("2019-03-01 to 2020-02-29"), "2019-03-01..2020-02-29");
	CHECK_STR(dates_of("2019-03"), "2019-03");
	CHECK_STR(dates_of("01.10.2013–31.03.2016"), "2013-10-01..2016-03-31");
	CHECK_STR(dates_of("10.2013-03.2016"), "2013-10..2016-03");
	CHECK_STR(dates_of("12/25/2019"), "2019-12-25");
	CHECK_STR(dates_of("2018-05-01 —"), "2018-05-01..now");
}

TEST(dates_never_invent_a_month)
{
	CHECK_STR(dates_of("03/04/2019"), "2019");
	CHECK_STR(dates_of("Summer 2019"), "2019");
	CHECK_STR(dates_of("WS 2011/12"), "2011..2012");
	CHECK_STR(dates_of("verano de 2019"), "2019");
	CHECK_STR(dates_of("2010 – 2014"), "2010..2014");
	CHECK_STR(dates_of("2018–20"), "2018..2020");
	CHECK_STR(dates_of("2018/19"), "2018..2019");
}

TEST(dates_that_go_on)
{
	CHECK_STR(dates_of("seit 2019"), "2019..now");
	CHECK_STR(dates_of("Depuis septembre 2015"), "2015-09..now");
	CHECK_STR(dates_of("since 04/2020"), "2020-04..now");
	CHECK_STR(dates_of("desde 2012 hasta 2015"), "2012..2015");
	CHECK_STR(dates_of("from 2012 until now"), "2012..now");
	CHECK_STR(dates_of("2012 - actual"), "2012..now");
}

TEST(dates_are_not_seen_in_other_numbers)
{
	CHECK_STR(dates_of("+353 20 915 0142"), "");
	CHECK_STR(dates_of("may lead to 20 services, 2000 users and $2019"), "2000");
	CHECK_STR(dates_of("1,200 stores; 2019% of 2,015.50"), "");
	CHECK_STR(dates_of("h.2019@example.org ISO27001 ES2015 1080p"), "");
	CHECK_STR(dates_of("2020 – 2015"), "2020 2015");
	CHECK_STR(dates_of("version 12.2019.4"), "");
	CHECK_STR(dates_of(""), "");
}

TEST(dates_tell_where_they_stand)
{
	struct date_span d;

	CHECK_INT(dates_find("Lagos, Jul 2017 – Dec 2019 ", 28, &d, 1), 1);
	CHECK_INT(d.start, 7);
	CHECK_INT(d.from_end, 15);
	CHECK_INT(d.to_start, 20);
	CHECK_INT(d.to_end, 28);
	CHECK_INT(dates_find("01/2020 – Data Scientist", 26, &d, 1), 1);
	CHECK(d.dangling && !d.open);
	CHECK(dates_end("Present ○ Built", 17, &d) && d.open && d.to_end == 7);
	CHECK(dates_end("12/2019 x", 9, &d) && d.to.month == 12);
	CHECK(!dates_end("Built in", 8, &d));
}

TEST(dates_count_years_once)
{
	struct months m[3] = {
		date_months(&(struct date_span){.from = {2015, 1, 0}, .to = {2017, 12, 0}},
					(struct date){2020, 1, 1}),
		date_months(&(struct date_span){.from = {2017, 1, 0}, .open = true},
					(struct date){2020, 12, 1}),
		date_months(&(struct date_span){.from = {2010, 0, 0}, .to = {2012, 0, 0}},
					(struct date){2020, 12, 1}),
	};

	CHECK(date_years(m, 3) == 8.0);
	CHECK_INT(date_of(0).year, 1970);
	CHECK_INT(date_of(951782400000000LL).day, 29);
}

TEST_MAIN()

/*
 * dates: dates and ranges of dates as résumés write them, in English, French, German,
 * Spanish, Italian, Portuguese and Dutch: "May 2019 – now", "03/2019 - 02/2020", "seit
 * 2019", "Summer '19", "2018–20", "2019-03-15". What is not printed stays zero: a year alone
 * has no month, nor has a season, nor a numeric date whose day and month cannot be told
 * apart. Points into the text; allocates only in date_iso.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct date {
	int year, month, day;
}; /* 0: not printed; year 0: no date */

struct date_span {
	struct date from, to;
	bool open;         /* goes on: "Present", "since" */
	bool dangling;     /* a dash follows a single date directly: its end may stand elsewhere */
	size_t start, end; /* bytes of the text, with words such as "since" */
	size_t from_start, from_end; /* of the date it begins with */
	size_t to_start, to_end;     /* of its end, or of "Present"; equal if there is none */
};

enum { DATE_YEAR_MIN = 1940, DATE_YEAR_MAX = 2060, DATE_ISO_SIZE = 12 };

/* Finds dates from left to right in n bytes; returns their number, at most max. */
size_t dates_find(const char *s, size_t n, struct date_span *out, size_t max);
/* Whether the text begins with the end of a range ("Present", "12/2019"): fills to, open and where
 * it stands. */
bool dates_end(const char *s, size_t n, struct date_span *out);
/* Whether it is a range, or goes on. */
bool date_is_range(const struct date_span *d);
/* "2019", "2019-03" or "2019-03-15", in the arena. */
const char *date_iso(struct arena *a, struct date d);

/* A stretch of months counted from year 0, the last one excluded; years alone count from their
 * middle. */
struct months {
	int from, to;
};
/* Months between the ends, now standing for an open one; from >= to if there is no stretch. */
struct months date_months(const struct date_span *d, struct date now);
/* Years covered by n stretches, overlapping ones counted once. Sorts them. */
double date_years(struct months *stretches, size_t n);
/* The day of a time in microseconds since 1970 (base/clock.h), UTC. */
struct date date_of(long long us);

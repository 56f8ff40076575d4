/* See clock.h. Calendar arithmetic is the C library's (gmtime_r, timegm), but for the printing of
 * today's times: gmtime_r takes a lock that all threads share, for each of the rows of a list. */
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/error.h"

static int64_t read_clock(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * CLOCK_SECOND + t.tv_nsec / 1000;
}

int64_t clock_now(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t clock_monotonic(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

/* Writes v with exactly n digits, the last ones of it; returns what follows. */
static inline char *write_digits(char *out, int v, int n)
{
	for (int i = n; i-- > 0; v /= 10)
		out[i] = (char)('0' + v % 10);
	return out + n;
}

/* Years of other than four digits come from numbers that are no times of ours; they need not be
 * fast. */
static char *write_year(char *out, int year)
{
	if (year >= 0 && year <= 9999)
		return write_digits(out, year, 4);
	return out + snprintf(out, CLOCK_ISO_SIZE / 2, "%04d", year);
}

/* The date of a day from 1970 to 2399, counted in days. The year begins in March, so that the odd
 * day of a leap year is its last; 146097 days are 400 years, 1461 are four. */
static void date_of(int days, struct tm *tm)
{
	const int since_1600 = days + 719468 - 4 * 146097; /* 1600-03-01 */
	const int cycle = since_1600 / 146097, rest = since_1600 % 146097;
	const int year = (rest - rest / 1460 + rest / 36524 - rest / 146096) / 365;
	const int day = rest - (365 * year + year / 4 - year / 100), month = (5 * day + 2) / 153;

	tm->tm_mday = day - (153 * month + 2) / 5 + 1;
	tm->tm_mon = month < 10 ? month + 2 : month - 10;
	tm->tm_year = 1600 + 400 * cycle + year + (month >= 10) - 1900;
}

static void split(time_t seconds, struct tm *tm)
{
	const int day = 24 * 60 * 60, years_430 = 157000; /* days, some less than that */
	int rest;

	if (seconds < 0 || seconds / day >= years_430) {
		gmtime_r(&seconds, tm);
		return;
	}
	date_of((int)(seconds / day), tm);
	rest = (int)(seconds % day);
	tm->tm_hour = rest / 3600;
	tm->tm_min = rest / 60 % 60;
	tm->tm_sec = rest % 60;
}

/* By hand: each row of each list prints times, and strftime costs five times as much. */
char *clock_iso(int64_t us, char out[CLOCK_ISO_SIZE])
{
	int64_t fraction = us % CLOCK_SECOND;
	struct tm tm = {0};
	char *at;

	if (fraction < 0)
		fraction += CLOCK_SECOND;
	/* Divided before the borrow, which would overflow at the least number. */
	split((time_t)(us / CLOCK_SECOND - (us % CLOCK_SECOND < 0)), &tm);
	at = write_year(out, tm.tm_year + 1900);
	*at++ = '-';
	at = write_digits(at, tm.tm_mon + 1, 2);
	*at++ = '-';
	at = write_digits(at, tm.tm_mday, 2);
	*at++ = 'T';
	at = write_digits(at, tm.tm_hour, 2);
	*at++ = ':';
	at = write_digits(at, tm.tm_min, 2);
	*at++ = ':';
	at = write_digits(at, tm.tm_sec, 2);
	if (fraction != 0) {
		*at++ = '.';
		at = write_digits(at, (int)fraction, 6);
	}
	*at++ = 'Z';
	*at = '\0';
	return out;
}

/* Reads exactly n digits at *s and moves on. */
static int digits(const char **s, int n, int least, int most, int *out)
{
	int v = 0;

	for (int i = 0; i < n; i++) {
		if ((*s)[i] < '0' || (*s)[i] > '9')
			return E_INVALID;
		v = v * 10 + ((*s)[i] - '0');
	}
	if (v < least || v > most)
		return E_INVALID;
	*s += n;
	*out = v;
	return OK;
}

static int mark(const char **s, const char *allowed)
{
	if (**s == '\0' || strchr(allowed, **s) == NULL)
		return E_INVALID;
	(*s)++;
	return OK;
}

static int days_in(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* Digits beyond the sixth are dropped: the stored resolution is the microsecond. */
static int read_fraction(const char **s, int *us)
{
	int v = 0, n = 0;

	for (; **s >= '0' && **s <= '9'; (*s)++, n++) {
		if (n < 6)
			v = v * 10 + (**s - '0');
	}
	if (n == 0)
		return E_INVALID;
	for (; n < 6; n++)
		v *= 10;
	*us = v;
	return OK;
}

static int read_offset(const char **s, int *minutes)
{
	int sign = **s == '-' ? -1 : 1, h, m;

	if (**s == 'Z' || **s == 'z') {
		(*s)++;
		*minutes = 0;
		return OK;
	}
	TRY(mark(s, "+-"));
	TRY(digits(s, 2, 0, 23, &h));
	TRY(mark(s, ":"));
	TRY(digits(s, 2, 0, 59, &m));
	*minutes = sign * (h * 60 + m);
	return OK;
}

int clock_parse(const char *s, int64_t *us)
{
	int year, month, day, hour, minute, second, fraction = 0, offset;
	struct tm tm = {0};

	if (s == NULL)
		return E_INVALID;
	TRY(digits(&s, 4, 1, 9999, &year));
	TRY(mark(&s, "-"));
	TRY(digits(&s, 2, 1, 12, &month));
	TRY(mark(&s, "-"));
	TRY(digits(&s, 2, 1, days_in(year, month), &day));
	TRY(mark(&s, "Tt "));
	TRY(digits(&s, 2, 0, 23, &hour));
	TRY(mark(&s, ":"));
	TRY(digits(&s, 2, 0, 59, &minute));
	TRY(mark(&s, ":"));
	TRY(digits(&s, 2, 0, 59, &second));
	if (*s == '.') {
		s++;
		TRY(read_fraction(&s, &fraction));
	}
	TRY(read_offset(&s, &offset));
	if (*s != '\0')
		return E_INVALID;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = day;
	tm.tm_hour = hour;
	tm.tm_min = minute;
	tm.tm_sec = second;
	*us = ((int64_t)timegm(&tm) - offset * 60) * CLOCK_SECOND + fraction;
	return OK;
}

/* See clock.h. Calendar arithmetic is the C library's (gmtime_r, timegm). */
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

char *clock_iso(int64_t us, char out[CLOCK_ISO_SIZE])
{
	int64_t fraction = us % CLOCK_SECOND;
	time_t seconds;
	struct tm tm = {0};
	size_t n;

	if (fraction < 0)
		fraction += CLOCK_SECOND;
	seconds = (time_t)((us - fraction) / CLOCK_SECOND);
	gmtime_r(&seconds, &tm);
	n = (size_t)snprintf(out, CLOCK_ISO_SIZE, "%04lld-", (long long)tm.tm_year + 1900);
	n += strftime(out + n, CLOCK_ISO_SIZE - n, "%m-%dT%H:%M:%S", &tm);
	if (fraction != 0)
		snprintf(out + n, CLOCK_ISO_SIZE - n, ".%06dZ", (int)fraction);
	else
		snprintf(out + n, CLOCK_ISO_SIZE - n, "Z");
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

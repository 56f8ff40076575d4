/*
 * See cron.h. The next time is looked for day by day, in the zone's calendar (days since 1970,
 * proleptic Gregorian), and within a day that fits by its hours and minutes.
 */
#include "data/cron.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

enum { DAY = 24 * 3600, FIELDS = 5, TEXT_MAX = 200, NAME_SIZE = 3 };

/* ---- reading ---- */

struct part {
	const char *name;
	int min, max;
	const char *const *names; /* from min on */
};

static const char *const month_names[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul",
										  "aug", "sep", "oct", "nov", "dec", NULL};
static const char *const day_names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL};

static const struct part parts[FIELDS] = {
	{"minute", 0, 59, NULL},          {"hour", 0, 23, NULL},
	{"day of month", 1, 31, NULL},    {"month", 1, 12, month_names},
	{"day of week", 0, 7, day_names},
};

struct reader {
	struct error *error;
	const struct part *part;
	const char *at;
};

static int fault(struct reader *r)
{
	return fail(r, E_RULE,
				"the %s of a cron expression must be *, or numbers from %d to %d with "
				", - and / between, such as 1-5 or */15",
				r->part->name, r->part->min, r->part->max);
}

static int read_number(struct reader *r, int *out)
{
	int n = 0;

	for (int i = 0; r->part->names != NULL && r->part->names[i] != NULL; i++) {
		if (strncasecmp(r->at, r->part->names[i], NAME_SIZE) == 0) {
			r->at += NAME_SIZE;
			*out = r->part->min + i;
			return OK;
		}
	}
	if (!isdigit((unsigned char)*r->at))
		return fault(r);
	for (; isdigit((unsigned char)*r->at) && n < 1000; r->at++)
		n = n * 10 + (*r->at - '0');
	*out = n;
	return OK;
}

/* One of the list: "*", "5", "1-5", each perhaps with "/2". */
static int read_range(struct reader *r, uint64_t *bits)
{
	int from = r->part->min, to = r->part->max, step = 1;
	bool all = *r->at == '*', single = false;

	if (all)
		r->at++;
	else {
		TRY(read_number(r, &from));
		single = *r->at != '-';
		to = from;
		if (!single) {
			r->at++;
			TRY(read_number(r, &to));
		}
	}
	if (*r->at == '/') {
		r->at++;
		if (!isdigit((unsigned char)*r->at))
			return fault(r);
		TRY(read_number(r, &step));
		to = single ? r->part->max : to;
	}
	if (from < r->part->min || to > r->part->max || from > to || step < 1)
		return fault(r);
	for (int i = from; i <= to; i += step)
		*bits |= UINT64_C(1) << i;
	return OK;
}

static int read_field(struct error *error, const struct part *part, const char *text, uint64_t *out)
{
	struct reader r = {error, part, text};
	uint64_t bits = 0;

	for (;;) {
		TRY(read_range(&r, &bits));
		if (*r.at != ',')
			break;
		r.at++;
	}
	if (*r.at != '\0')
		return fault(&r);
	*out = bits;
	return OK;
}

static const char *nickname(const char *text)
{
	static const struct {
		const char *name, *means;
	} table[] = {
		{"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"},
		{"@weekly", "0 0 * * 0"}, {"@daily", "0 0 * * *"},    {"@midnight", "0 0 * * *"},
		{"@hourly", "0 * * * *"},
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (strcasecmp(text, table[i].name) == 0)
			return table[i].means;
	return text;
}

/* Cuts the text into its fields; the number of them, FIELDS + 1 for more. */
static int split(char *text, char *fields[FIELDS])
{
	char *save = NULL, *f = strtok_r(text, " \t", &save);
	int n = 0;

	for (; f != NULL && n < FIELDS; f = strtok_r(NULL, " \t", &save))
		fields[n++] = f;
	return f == NULL ? n : FIELDS + 1;
}

int cron_parse(const char *text, struct error *error, struct cron *out)
{
	struct failable {
		struct error *error;
	} f = {error};
	char copy[TEXT_MAX + 1], *fields[FIELDS];
	uint64_t bits[FIELDS] = {0};

	if (strlen(text) > TEXT_MAX)
		return fail(&f, E_RULE, "a cron expression has at most %d characters", TEXT_MAX);
	memcpy(copy, text, strlen(text) + 1);
	text = nickname(text_trim(copy));
	if (text != copy)
		memmove(copy, text, strlen(text) + 1);
	if (split(copy, fields) != FIELDS)
		return fail(&f, E_RULE,
					"a cron expression has five fields: minute, hour, day of month, month, day of "
					"week; or is one of @hourly, @daily, @weekly, @monthly, @yearly");
	for (int i = 0; i < FIELDS; i++)
		TRY(read_field(error, &parts[i], fields[i], &bits[i]));
	*out = (struct cron){
		.minutes = bits[0],
		.hours = (uint32_t)bits[1],
		.days = (uint32_t)bits[2],
		.months = (uint32_t)bits[3],
		.weekdays = (uint8_t)((bits[4] | bits[4] >> 7) & 0x7F),
		.every_hour = fields[1][0] == '*' && fields[1][1] == '\0',
		.any_day = fields[2][0] == '*',
		.any_weekday = fields[4][0] == '*',
	};
	return OK;
}

/* ---- the calendar ---- */

struct date {
	int year, month, day;
};

/* Of days since 1970-01-01, by eras of 400 years that begin in March. */
static struct date date_of(int64_t days)
{
	int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	int month = (int)(mp < 10 ? mp + 3 : mp - 9);

	return (struct date){(int)(yoe + era * 400) + (month <= 2), month,
						 (int)(doy - (153 * mp + 2) / 5 + 1)};
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static bool day_fits(const struct cron *c, int64_t days)
{
	struct date d = date_of(days);
	int weekday = (int)((days % 7 + 11) % 7); /* 1970-01-01 was a Thursday */
	bool day = (c->days >> d.day & 1) != 0, week = (c->weekdays >> weekday & 1) != 0;

	if ((c->months >> d.month & 1) == 0)
		return false;
	return c->any_day || c->any_weekday ? day && week : day || week;
}

/* ---- the next time ---- */

/* The first time after the given one, of the times of a day by the clock; INT64_MAX without one.
 * Later by the clock is never earlier in truth. */
static int64_t by_clock(const struct cron *c, const struct zone *z, int64_t day, int64_t after)
{
	for (int minute = 0; minute < 24 * 60; minute++) {
		int64_t t;

		if ((c->hours >> (minute / 60) & 1) == 0 || (c->minutes >> (minute % 60) & 1) == 0)
			continue;
		t = zone_to_utc(z, day * DAY + minute * 60);
		if (t > after)
			return t;
	}
	return INT64_MAX;
}

/* The same of a schedule of every hour: each minute that passes in that day, whatever the clock
 * does. */
static int64_t by_minutes(const struct cron *c, const struct zone *z, int64_t day, int64_t after)
{
	int64_t from = zone_to_utc(z, day * DAY), to = zone_to_utc(z, (day + 1) * DAY);

	if (from <= after)
		from = (floor_div(after, 60) + 1) * 60;
	for (int64_t t = from; t < to; t += 60) {
		int64_t minute = floor_div(t + zone_offset(z, t), 60);

		if ((c->minutes >> (minute - floor_div(minute, 60) * 60) & 1) != 0)
			return t;
	}
	return INT64_MAX;
}

int cron_next(const struct cron *cron, const struct zone *zone, int64_t after, struct error *error,
			  int64_t *out)
{
	struct failable {
		struct error *error;
	} f = {error};
	/* The day before too: what was left out at its end runs in this one. */
	int64_t first = floor_div(after + zone_offset(zone, after), DAY) - 1;

	for (int64_t day = first; day < first + CRON_YEARS * 366; day++) {
		int64_t t;

		if (!day_fits(cron, day))
			continue;
		t = cron->every_hour ? by_minutes(cron, zone, day, after)
							 : by_clock(cron, zone, day, after);
		if (t != INT64_MAX) {
			*out = t;
			return OK;
		}
	}
	return fail(&f, E_RULE, "this cron expression names a day that does not come");
}

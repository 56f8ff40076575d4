/*
 * cron: when a schedule's next time is (crontab(5)).
 *
 * Five fields: minute, hour, day of month, month, day of week (0 and 7: Sunday), each "*", a
 * number, a range, a step or a list of them, months and days also by their English names; or one of
 * @hourly,
 * @daily, @midnight, @weekly, @monthly, @yearly, @annually. Where both days are restricted, either
 * will do.
 *
 * The fields speak of the zone's own clock. When it is put forward, what falls into the hour left
 * out runs at the moment of the leap, once; when it is put back, what falls into the hour shown
 * twice runs at the first. A schedule of every hour ("*") is not bound to the clock's hours: it
 * leaps over the hour left out, and runs in both hours shown twice.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "data/zone.h"

struct cron {
	uint64_t minutes;             /* bit n: minute n */
	uint32_t hours, days, months; /* days from 1, months from 1 */
	uint8_t weekdays;             /* bit 0: Sunday */
	bool every_hour, any_day, any_weekday;
};

/* Reads an expression. E_RULE with a sentence that names the field at fault. */
int cron_parse(const char *text, struct error *error, struct cron *out);
/* The first time after the given one (seconds of UTC; not that one itself) at which it is due.
 * E_RULE if there is none within CRON_YEARS (the 30th of February). */
int cron_next(const struct cron *cron, const struct zone *zone, int64_t after, struct error *error,
			  int64_t *out);
enum { CRON_YEARS = 9 }; /* from one 29th of February to the next, across a century */

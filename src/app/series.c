/* See series.h. */
#include "app/series.h"

#include <string.h>
#include <time.h>

enum { DAY = 24 * 3600, DAYS_OF_ALL = 92 };

static const struct field tally_fields[] = {
	FIELD(struct tally, what, F_NULL, .doc = "What happened", .example = "\"completed\""),
	FIELD(struct tally, at, 0, .doc = "From when on, microseconds", .example = "0"),
	FIELD(struct tally, n, 0, .doc = "How often", .example = "1"),
};
const struct schema tally_schema = SCHEMA("Tally", struct tally, tally_fields);

const char *tally_sql(struct ctx *c, int64_t team, const char *team_column, const char *sql)
{
	const char *at = strstr(sql, "%s");

	return arena_printf(c->arena, "%.*s%s%s%s", (int)(at - sql), sql,
						team != 0 ? team_column : "CAST($2 AS BIGINT)",
						team != 0 ? " = $2" : " = 0", at + 2);
}

int tally_each(struct ctx *c, int64_t team, int64_t since, const char *team_column, const char *sql,
			   int (*row)(void *arg, const void *tally), void *arg)
{
	return db_each_params(c->db, &tally_schema, row, arg, tally_sql(c, team, team_column, sql),
						  PARAMS(P(since), P(team)));
}

const char *const series_periods[] = {"7d", "30d", "90d", "1y", "all", NULL};

static int days_of(const char *period)
{
	static const int days[] = {7, 30, 90, 365};

	for (size_t i = 0; i < sizeof days / sizeof days[0]; i++)
		if (strcmp(series_periods[i], period) == 0)
			return days[i];
	return 0;
}

static void zone_release(void *zone)
{
	zone_free(zone);
}

static int64_t local_seconds(const struct series *s, int64_t us)
{
	int64_t utc = us / CLOCK_SECOND;

	return utc + zone_offset(s->zone, utc);
}

static int64_t day_of(const struct series *s, int64_t us)
{
	int64_t local = local_seconds(s, us);

	return local / DAY - (local % DAY < 0);
}

static int64_t month_of(const struct series *s, int64_t us)
{
	time_t local = (time_t)local_seconds(s, us);
	struct tm tm;

	gmtime_r(&local, &tm);
	return (int64_t)(tm.tm_year + 1900) * 12 + tm.tm_mon;
}

static int64_t point_of(const struct series *s, int64_t us)
{
	return s->months ? month_of(s, us) : day_of(s, us);
}

int series_begin(struct ctx *c, const char *period, const char *tz, size_t lines, int64_t earliest,
				 struct series *out)
{
	struct series s = {.arena = c->arena, .lines = lines};
	int64_t days = days_of(period), last;

	if (zone_new(tz, c->error, &s.zone) != OK)
		return ctx_fault(c, "query", "tz", arena_strdup(c->arena, c->error->text), "value_error");
	arena_defer(c->arena, zone_release, s.zone);
	if (days == 0 && (earliest == 0 || earliest > c->now))
		earliest = c->now;
	s.months = days == 0 && c->now - earliest > DAYS_OF_ALL * (int64_t)DAY * CLOCK_SECOND;
	last = point_of(&s, c->now);
	s.first = days > 0 ? last - days + 1 : point_of(&s, earliest);
	if (last - s.first >= SERIES_POINTS_MAX)
		s.first = last - SERIES_POINTS_MAX + 1;
	s.points = last - s.first + 1;
	if (days > 0)
		s.since = zone_to_utc(s.zone, s.first * DAY) * CLOCK_SECOND;
	s.counts = ARENA_ARRAY(c->arena, lines * (size_t)s.points, int64_t);
	*out = s;
	return OK;
}

void series_add(struct series *s, size_t line, int64_t at, int64_t n)
{
	int64_t point = point_of(s, at) - s->first;

	if (point >= 0 && point < s->points && line < s->lines)
		s->counts[line * (size_t)s->points + (size_t)point] += n;
}

int64_t series_count(const struct series *s, size_t line, int64_t point)
{
	return s->counts[line * (size_t)s->points + (size_t)point];
}

const char *series_label(const struct series *s, int64_t point)
{
	int64_t at = s->first + point;
	time_t day = (time_t)(at * DAY);
	char text[32];
	struct tm tm;

	if (s->months)
		return arena_printf(s->arena, "%04d-%02d", (int)(at / 12), (int)(at % 12) + 1);
	gmtime_r(&day, &tm);
	strftime(text, sizeof text, "%Y-%m-%d", &tm);
	return arena_strdup(s->arena, text);
}

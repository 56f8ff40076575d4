/*
 * series: sums by day or month of a time zone, ready to plot: every day has its point, also the
 * empty ones. Rows of the database come as sums by quarter of an hour (all zones' days begin on
 * one), and are added up here by the zone's own calendar, daylight saving included.
 */
#pragma once
#include "core/ctx.h"
#include "data/zone.h"

enum { SERIES_LINES_MAX = 8, SERIES_POINTS_MAX = 4000 };

/* n things of a kind that happened from `at` on: what a resource's query sums up. */
struct tally {
	const char *what;
	int64_t at; /* microseconds, the beginning of a quarter of an hour */
	int64_t n;
};
extern const struct schema tally_schema;
/* SQL: the beginning of the quarter of an hour of a column of microseconds. */
#define TALLY_AT(column) "(" column " / 900000000) * 900000000"

/* A query with "%s" where the condition on the team belongs: on team_column = $2, or true if team
 * is 0. In the arena. Its other parameter is $1. */
const char *tally_sql(struct ctx *c, int64_t team, const char *team_column, const char *sql);
/* Runs such a query, whose $1 is since (microseconds), and calls row with each struct tally. */
int tally_each(struct ctx *c, int64_t team, int64_t since, const char *team_column, const char *sql,
			   int (*row)(void *arg, const void *tally), void *arg);

/* The names that `period` takes: 7d, 30d, 90d, 1y, all. */
extern const char *const series_periods[];

struct series {
	struct arena *arena;
	struct zone *zone;
	bool months;           /* points are months, else days */
	int64_t first, points; /* day (since 1970), or month (since year 0), of the first point */
	int64_t since;         /* microseconds: the beginning of the first point; 0 with "all" */
	size_t lines;
	int64_t *counts; /* lines * points */
};

/* Prepares lines of zeros from the beginning of the period to c->now. tz: a zone's name; a fault of
 * it is one of the query's field "tz". earliest: for "all", when the first thing happened
 * (microseconds; 0: nothing did). The zone lives as long as the arena. */
int series_begin(struct ctx *c, const char *period, const char *tz, size_t lines, int64_t earliest,
				 struct series *out);
/* Adds n to a line at that moment; what lies outside is left out. */
void series_add(struct series *s, size_t line, int64_t at, int64_t n);
int64_t series_count(const struct series *s, size_t line, int64_t point);
/* "2026-11-26", or "2026-11" of months; in the arena. */
const char *series_label(const struct series *s, int64_t point);

/*
 * When the work of a résumé was: dates that are missing or impossible, jobs that overlap, and times
 * between them. Dates are those of JSON Resume, "2019", "2019-03" or "2019-03-01"; where only years
 * are known, a year is left to doubt.
 */
#include <stdlib.h>
#include <string.h>

#include "app/resume_check_inner.h"

/* Two spans of years overlap by up to so many months more than they need to. */
enum { JOBS_MAX = 100, GAP_MONTHS = 6, OVERLAP_MONTHS = 3, YEARS_DOUBT = 22 };

struct span {
	size_t job;
	int start, end;          /* months since year 0 */
	bool exact;              /* both have months */
	bool has_start, has_end; /* no end: it goes on */
};

/* Months since year 0; false if it is no date. */
static bool read_date(const char *s, bool at_end, int *months, bool *exact)
{
	char *rest;
	long year, month;

	if (s == NULL)
		return false;
	year = strtol(s, &rest, 10);
	if (rest != s + 4 || year < 1900 || year > 2200)
		return false;
	*exact = *rest == '-';
	month = *exact ? strtol(rest + 1, NULL, 10) : at_end ? 12 : 1;
	if (month < 1 || month > 12)
		return false;
	*months = (int)(year * 12 + month - 1);
	return true;
}

static int this_month(int64_t now)
{
	char text[CLOCK_ISO_SIZE];
	bool exact;
	int months = 0;

	clock_iso(now, text);
	text[7] = '\0';
	read_date(text, true, &months, &exact);
	return months;
}

static const char *place(struct check *k, size_t job)
{
	return arena_printf(k->arena, "/work/%zu", job);
}

static const char *employer(struct check *k, size_t job)
{
	const struct json_value *v = json_at(json_get(k->s->resume, "work"), job);
	const char *name = json_string(json_get(v, "name"));

	name = name ? name : json_string(json_get(v, "position"));
	return name ? name : "a job";
}

static struct span read_span(struct check *k, size_t job, int now)
{
	const struct json_value *v = json_at(json_get(k->s->resume, "work"), job);
	bool from = false, to = true;
	struct span s = {.job = job, .end = now};

	s.has_start = read_date(json_string(json_get(v, "startDate")), false, &s.start, &from);
	s.has_end = read_date(json_string(json_get(v, "endDate")), true, &s.end, &to);
	s.exact = from && to;
	return s;
}

static int by_start(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

/* Remarks on one job's own dates; false if they are no use to compare with others. */
static bool check_one(struct check *k, struct span *s, int now, int *lost)
{
	if (!s->has_start) {
		*lost += 3;
		check_remark(k, "problem", "missing_dates", place(k, s->job), employer(k, s->job),
					 "Say from when to when you were there, with months");
		return false;
	}
	if (s->end < s->start) {
		*lost += 4;
		check_remark(k, "problem", "end_before_start", place(k, s->job), employer(k, s->job),
					 "It ends before it begins; correct the dates");
		return false;
	}
	if (s->start > now + 12) {
		*lost += 3;
		check_remark(k, "problem", "future_date", place(k, s->job), employer(k, s->job),
					 "It begins in the future; correct the date");
		return false;
	}
	return true;
}

/* from: the job that lasted longest so far. Of years alone the gap is the least there can have
 * been; so must the overlap be. */
static void compare(struct check *k, const struct span *from, const struct span *next, int *lost)
{
	int gap = next->start - from->end - 1;
	int until = from->end < next->end ? from->end : next->end;
	int overlap = until - next->start + 1 - (from->exact && next->exact ? 0 : YEARS_DOUBT);

	if (gap > GAP_MONTHS) {
		*lost += 2;
		check_remark(k, "advice", "gap", place(k, next->job), employer(k, next->job),
					 "Between %s and %s at least %d months are missing; say in a line what you did",
					 employer(k, from->job), employer(k, next->job), gap);
	} else if (overlap > OVERLAP_MONTHS) {
		*lost += 1;
		check_remark(k, "advice", "overlap", place(k, next->job), employer(k, next->job),
					 "%s and %s overlap by at least %d months; if that is right, say so "
					 "(part-time, freelance)",
					 employer(k, from->job), employer(k, next->job), overlap);
	}
}

void check_dates(struct check *k)
{
	size_t jobs = json_size(json_get(k->s->resume, "work")), n = 0;
	struct span *spans = ARENA_ARRAY(k->arena, JOBS_MAX, struct span);
	const struct span *last = NULL;
	int now = this_month(k->s->now), lost = 0;

	check_begin(k, "dates", 10);
	if (jobs == 0) {
		check_take(k, 10);
		check_remark(k, "problem", "no_dates", NULL, NULL, "There is no job with dates");
		return;
	}
	for (size_t i = 0; i < jobs && n < JOBS_MAX; i++) {
		spans[n] = read_span(k, i, now);
		n += check_one(k, &spans[n], now, &lost);
	}
	qsort(spans, n, sizeof *spans, by_start);
	for (size_t i = 0; i < n; i++) {
		if (last != NULL)
			compare(k, last, &spans[i], &lost);
		if (last == NULL || spans[i].end > last->end)
			last = &spans[i];
	}
	check_take(k, lost);
	if (k->section->remarks.n == 0)
		check_remark(k, "good", "dates", NULL, NULL, "The dates follow one another");
}

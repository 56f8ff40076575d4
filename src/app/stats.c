/*
 * stats: sums and series about what a team does, ready to plot; administrators see all teams, or
 * the one they name. Owns no table: each resource sums up its own.
 */
#include "app/stats.h"

#include <stdlib.h>
#include <string.h>

#include "app/candidates.h"
#include "app/jobs.h"
#include "app/outbox.h"
#include "app/series.h"
#include "app/skills.h"
#include "app/teams.h"

enum { TOP_SKILLS = 10, READING_TIMES = 1000, SOURCES_MAX = 50, TZ_MAX = 64 };

/* ---- what is asked ---- */

struct stats_in {
	const char *period, *tz;
	int64_t team_id;
};
#define STATS_FIELDS(preset_period)                                                             \
	FIELD(struct stats_in, period, F_QUERY, .choices = series_periods, .preset = preset_period, \
		  .doc = "7d, 30d, 90d, 1y or all", .example = "\"30d\""),                              \
		FIELD(struct stats_in, tz, F_QUERY, .min = 1, .max = TZ_MAX, .preset = "UTC",           \
			  .doc = "Whose days they are", .example = "\"Europe/Berlin\""),                    \
		FIELD(struct stats_in, team_id, F_QUERY, .min = 0,                                      \
			  .doc = "Team; an administrator sees all without it", .example = "1")
static const struct field stats_in_fields[] = {STATS_FIELDS("30d")};
static const struct schema stats_in_schema = SCHEMA("StatsQuery", struct stats_in, stats_in_fields);

/* ---- dashboard ---- */

struct by_status {
	int64_t uploaded, processing, completed, failed;
};
static const struct field by_status_fields[] = {
	FIELD(struct by_status, uploaded, 0, .doc = "Wait to be read", .example = "0"),
	FIELD(struct by_status, processing, 0, .doc = "Are being read", .example = "1"),
	FIELD(struct by_status, completed, 0, .doc = "Were read", .example = "40"),
	FIELD(struct by_status, failed, 0, .doc = "Could not be read", .example = "2"),
};
static const struct schema by_status_schema =
	SCHEMA("CandidatesByStatus", struct by_status, by_status_fields);

struct upload_point {
	const char *date;
	int64_t uploads, completed, failed;
};
static const struct field upload_point_fields[] = {
	FIELD(struct upload_point, date, 0, .doc = "Day, or month", .example = "\"2026-11-26\""),
	FIELD(struct upload_point, uploads, 0, .doc = "Résumés that came in", .example = "5"),
	FIELD(struct upload_point, completed, 0, .doc = "Of those: were read", .example = "4"),
	FIELD(struct upload_point, failed, 0, .doc = "Of those: could not be read", .example = "1"),
};
static const struct schema upload_point_schema =
	SCHEMA("UploadPoint", struct upload_point, upload_point_fields);

struct reading {
	int64_t count;
	double p50_ms, p95_ms;
};
static const struct field reading_fields[] = {
	FIELD(struct reading, count, 0, .doc = "How many of the newest were looked at",
		  .example = "1000"),
	FIELD(struct reading, p50_ms, 0, .doc = "Half of them took no longer, in milliseconds",
		  .example = "12.5"),
	FIELD(struct reading, p95_ms, 0, .doc = "19 of 20 took no longer", .example = "80.0"),
};
static const struct schema reading_schema =
	SCHEMA("ReadingTimes", struct reading, reading_fields, .doc = "From upload to profile");

struct share {
	const char *name;
	int64_t count;
};
static const struct field share_fields[] = {
	FIELD(struct share, name, 0, .doc = "What is counted", .example = "\"applied\""),
	FIELD(struct share, count, 0, .doc = "How many", .example = "3"),
};
static const struct schema share_schema = SCHEMA("Share", struct share, share_fields);

struct dashboard {
	int64_t total_candidates, total_jobs, total_applications, total_emails;
	struct by_status candidates;
	struct list top_skills, series, applications, emails, jobs_by_source;
	struct reading reading;
};
static const struct field dashboard_fields[] = {
	FIELD(struct dashboard, total_candidates, 0, .doc = "Candidates", .example = "43"),
	FIELD(struct dashboard, total_jobs, 0, .doc = "Jobs that are known", .example = "120"),
	FIELD(struct dashboard, total_applications, 0, .doc = "Applications", .example = "9"),
	FIELD(struct dashboard, total_emails, 0, .doc = "Mails", .example = "7"),
	FIELD_OBJECT(struct dashboard, candidates, 0, &by_status_schema, .doc = "By status",
				 .example = "{}"),
	FIELD(struct dashboard, series, 0, .of = &upload_point_schema, .doc = "Uploads of the period",
		  .example = "[]"),
	FIELD_OBJECT(struct dashboard, reading, 0, &reading_schema, .doc = "How long reading takes",
				 .example = "{}"),
	FIELD(struct dashboard, top_skills, 0, .of = &skill_share_schema,
		  .doc = "Most frequent among the newest 10,000", .example = "[]"),
	FIELD(struct dashboard, applications, 0, .of = &share_schema, .doc = "By state",
		  .example = "[]"),
	FIELD(struct dashboard, emails, 0, .of = &share_schema, .doc = "By state", .example = "[]"),
	FIELD(struct dashboard, jobs_by_source, 0, .of = &share_schema, .doc = "By source",
		  .example = "[]"),
};
static const struct schema dashboard_schema =
	SCHEMA("DashboardStats", struct dashboard, dashboard_fields);

enum { LINE_ALL, LINE_COMPLETED, LINE_FAILED, UPLOAD_LINES };

static int add_upload(void *arg, const void *value)
{
	const struct tally *t = value;
	struct series *s = arg;

	series_add(s, LINE_ALL, t->at, t->n);
	if (text_eq(t->what, "completed"))
		series_add(s, LINE_COMPLETED, t->at, t->n);
	if (text_eq(t->what, "failed"))
		series_add(s, LINE_FAILED, t->at, t->n);
	return OK;
}

static int uploads(struct ctx *c, const struct stats_in *in, int64_t team, struct list *out)
{
	struct upload_point *points;
	struct series s;
	int64_t first;

	TRY(candidates_first(c, team, &first));
	TRY(series_begin(c, in->period, in->tz, UPLOAD_LINES, first, &s));
	TRY(candidates_tally(c, team, s.since, add_upload, &s));
	points = ARENA_ARRAY(c->arena, (size_t)s.points, struct upload_point);
	for (int64_t i = 0; i < s.points; i++)
		points[i] = (struct upload_point){series_label(&s, i), series_count(&s, LINE_ALL, i),
										  series_count(&s, LINE_COMPLETED, i),
										  series_count(&s, LINE_FAILED, i)};
	*out = (struct list){points, (size_t)s.points};
	return OK;
}

static int add_status(void *arg, const void *value)
{
	const struct tally *t = value;
	struct by_status *b = arg;

	if (text_eq(t->what, "uploaded"))
		b->uploaded += t->n;
	else if (text_eq(t->what, "processing"))
		b->processing += t->n;
	else if (text_eq(t->what, "completed"))
		b->completed += t->n;
	else if (text_eq(t->what, "failed"))
		b->failed += t->n;
	return OK;
}

static int by_n(const void *a, const void *b)
{
	int64_t x = ((const struct tally *)a)->n, y = ((const struct tally *)b)->n;

	return x < y ? -1 : x > y;
}

static int reading_times(struct ctx *c, int64_t team, struct reading *out)
{
	struct tally *t;
	struct list list;

	TRY(candidates_reading_times(c, team, READING_TIMES, &list));
	t = list.items;
	if (list.n == 0)
		return OK;
	qsort(t, list.n, sizeof *t, by_n);
	*out = (struct reading){(int64_t)list.n, (double)t[(list.n - 1) / 2].n / 1000.0,
							(double)t[(list.n - 1) * 19 / 20].n / 1000.0};
	return OK;
}

/* Sums by name, in the order in which the names come. */
struct shares {
	struct arena *arena;
	struct share items[SOURCES_MAX];
	size_t n;
	int64_t total;
};

static int add_share(void *arg, const void *value)
{
	const struct tally *t = value;
	struct shares *s = arg;
	const char *name = t->what != NULL ? t->what : "other";
	size_t i = 0;

	s->total += t->n;
	while (i < s->n && strcmp(s->items[i].name, name) != 0)
		i++;
	if (i == s->n && s->n == SOURCES_MAX)
		return OK;
	if (i == s->n)
		s->items[s->n++] = (struct share){arena_strdup(s->arena, name), 0};
	s->items[i].count += t->n;
	return OK;
}

static struct list list_of(const struct shares *s)
{
	struct share *copy = ARENA_ARRAY(s->arena, s->n + 1, struct share);

	memcpy(copy, s->items, s->n * sizeof *copy);
	return (struct list){copy, s->n};
}

static int applicants_side(struct ctx *c, int64_t team, struct dashboard *out)
{
	struct shares jobs = {.arena = c->arena}, applied = jobs, mails = jobs;

	TRY(jobs_tally(c, team, add_share, &jobs));
	TRY(applications_states(c, team, add_share, &applied));
	TRY(outbox_tally(c, team, add_share, &mails));
	out->total_jobs = jobs.total;
	out->total_applications = applied.total;
	out->total_emails = mails.total;
	out->jobs_by_source = list_of(&jobs);
	out->applications = list_of(&applied);
	out->emails = list_of(&mails);
	return OK;
}

static int dashboard(struct ctx *c)
{
	const struct stats_in *in = c->in;
	struct dashboard *out = c->out;
	struct by_status *b = &out->candidates;
	int64_t team;

	TRY(team_scope(c, in->team_id, &team));
	TRY(uploads(c, in, team, &out->series));
	TRY(candidates_tally(c, team, 0, add_status, b));
	TRY(reading_times(c, team, &out->reading));
	TRY(skills_top(c, team, TOP_SKILLS, &out->top_skills));
	TRY(applicants_side(c, team, out));
	out->total_candidates = b->uploaded + b->processing + b->completed + b->failed;
	return OK;
}

/* ---- applications ---- */

struct applied_point {
	const char *date;
	int64_t applications;
};
static const struct field applied_point_fields[] = {
	FIELD(struct applied_point, date, 0, .doc = "Day, or month", .example = "\"2026-11-26\""),
	FIELD(struct applied_point, applications, 0, .doc = "Sent then", .example = "2"),
};
static const struct schema applied_point_schema =
	SCHEMA("ApplicationPoint", struct applied_point, applied_point_fields);

struct applications_out {
	const char *period, *timezone;
	int64_t total;
	struct list by_status, by_source, series;
};
static const struct field applications_fields[] = {
	FIELD(struct applications_out, period, 0, .doc = "As asked for", .example = "\"30d\""),
	FIELD(struct applications_out, timezone, 0, .doc = "Whose days they are", .example = "\"UTC\""),
	FIELD(struct applications_out, total, 0, .doc = "Sent in the period", .example = "9"),
	FIELD(struct applications_out, by_status, 0, .of = &share_schema,
		  .doc = "How they stand now, those only noted included, of all times", .example = "[]"),
	FIELD(struct applications_out, by_source, 0, .of = &share_schema,
		  .doc = "By the board that the job was found on", .example = "[]"),
	FIELD(struct applications_out, series, 0, .of = &applied_point_schema,
		  .doc = "Ready to plot: every day of the period", .example = "[]"),
};
static const struct schema applications_schema =
	SCHEMA("ApplicationStats", struct applications_out, applications_fields);

/* A series with one line, and shares by name beside it. */
struct counted {
	struct series series;
	struct shares shares;
};

static int add_counted(void *arg, const void *value)
{
	const struct tally *t = value;
	struct counted *k = arg;

	series_add(&k->series, 0, t->at, t->n);
	return add_share(&k->shares, t);
}

static int applications(struct ctx *c)
{
	const struct stats_in *in = c->in;
	struct applications_out *out = c->out;
	struct counted sent = {.shares = {.arena = c->arena}};
	struct shares states = {.arena = c->arena};
	struct applied_point *points;
	int64_t team, first;

	TRY(team_scope(c, in->team_id, &team));
	TRY(applications_first(c, team, &first));
	TRY(series_begin(c, in->period, in->tz, 1, first, &sent.series));
	TRY(applications_sent(c, team, sent.series.since, add_counted, &sent));
	TRY(applications_states(c, team, add_share, &states));
	points = ARENA_ARRAY(c->arena, (size_t)sent.series.points, struct applied_point);
	for (int64_t i = 0; i < sent.series.points; i++)
		points[i] =
			(struct applied_point){series_label(&sent.series, i), series_count(&sent.series, 0, i)};
	*out = (struct applications_out){.period = in->period,
									 .timezone = in->tz,
									 .total = sent.shares.total,
									 .by_status = list_of(&states),
									 .by_source = list_of(&sent.shares),
									 .series = {points, (size_t)sent.series.points}};
	return OK;
}

/* ---- success ---- */

struct success_point {
	const char *date;
	int64_t applications, interviews, offers;
	double success_rate;
};
static const struct field success_point_fields[] = {
	FIELD(struct success_point, date, 0, .doc = "Day, or month", .example = "\"2026-11-26\""),
	FIELD(struct success_point, applications, 0, .doc = "Sent then", .example = "4"),
	FIELD(struct success_point, interviews, 0, .doc = "Of those: came to an interview",
		  .example = "2"),
	FIELD(struct success_point, offers, 0, .doc = "Of those: came to an offer", .example = "1"),
	FIELD(struct success_point, success_rate, 0, .doc = "Offers of applications, 0 to 1",
		  .example = "0.25"),
};
static const struct schema success_point_schema =
	SCHEMA("SuccessPoint", struct success_point, success_point_fields);

struct success_out {
	const char *period, *timezone;
	int64_t total_applications, responses, interviews, offers, rejections, withdrawn;
	double response_rate, interview_rate, success_rate;
	struct list series;
};
static const struct field success_fields[] = {
	FIELD(struct success_out, period, 0, .doc = "As asked for", .example = "\"30d\""),
	FIELD(struct success_out, timezone, 0, .doc = "Whose days they are", .example = "\"UTC\""),
	FIELD(struct success_out, total_applications, 0, .doc = "Sent in the period", .example = "8"),
	FIELD(struct success_out, responses, 0, .doc = "Of those: were answered", .example = "4"),
	FIELD(struct success_out, interviews, 0, .doc = "Of those: came to an interview",
		  .example = "3"),
	FIELD(struct success_out, offers, 0, .doc = "Of those: came to an offer", .example = "1"),
	FIELD(struct success_out, rejections, 0, .doc = "Of those: were rejected", .example = "2"),
	FIELD(struct success_out, withdrawn, 0, .doc = "Of those: were withdrawn", .example = "0"),
	FIELD(struct success_out, response_rate, 0, .doc = "Answers of applications, 0 to 1",
		  .example = "0.5"),
	FIELD(struct success_out, interview_rate, 0, .doc = "Interviews of applications, 0 to 1",
		  .example = "0.375"),
	FIELD(struct success_out, success_rate, 0, .doc = "Offers of applications, 0 to 1",
		  .example = "0.125"),
	FIELD(struct success_out, series, 0, .of = &success_point_schema,
		  .doc = "Ready to plot, by the day of the application", .example = "[]"),
};
static const struct schema success_schema =
	SCHEMA("SuccessRateStats", struct success_out, success_fields);

enum { LINE_SENT, LINE_INTERVIEWS, LINE_OFFERS, SUCCESS_LINES };

struct success {
	struct series series;
	struct success_out *out;
};

static int add_sent(void *arg, const void *value)
{
	const struct tally *t = value;
	struct success *s = arg;

	s->out->total_applications += t->n;
	series_add(&s->series, LINE_SENT, t->at, t->n);
	return OK;
}

static int add_reached(void *arg, const void *value)
{
	const struct tally *t = value;
	struct success *s = arg;

	if (text_eq(t->what, "interviewing")) {
		s->out->interviews += t->n;
		series_add(&s->series, LINE_INTERVIEWS, t->at, t->n);
	} else if (text_eq(t->what, "offered")) {
		s->out->offers += t->n;
		series_add(&s->series, LINE_OFFERS, t->at, t->n);
	} else if (text_eq(t->what, "rejected")) {
		s->out->rejections += t->n;
	} else if (text_eq(t->what, "withdrawn")) {
		s->out->withdrawn += t->n;
	}
	return OK;
}

static double rate(int64_t part, int64_t whole)
{
	return whole > 0 ? (double)part / (double)whole : 0;
}

static struct list success_points(struct ctx *c, const struct series *s)
{
	struct success_point *points = ARENA_ARRAY(c->arena, (size_t)s->points, struct success_point);

	for (int64_t i = 0; i < s->points; i++) {
		int64_t sent = series_count(s, LINE_SENT, i), offers = series_count(s, LINE_OFFERS, i);

		points[i] =
			(struct success_point){series_label(s, i), sent, series_count(s, LINE_INTERVIEWS, i),
								   offers, rate(offers, sent)};
	}
	return (struct list){points, (size_t)s->points};
}

static int success_rate(struct ctx *c)
{
	const struct stats_in *in = c->in;
	struct success_out *out = c->out;
	struct success s = {.out = out};
	int64_t team, first;

	TRY(team_scope(c, in->team_id, &team));
	TRY(applications_first(c, team, &first));
	TRY(series_begin(c, in->period, in->tz, SUCCESS_LINES, first, &s.series));
	TRY(applications_sent(c, team, s.series.since, add_sent, &s));
	TRY(applications_reached(c, team, s.series.since, add_reached, &s));
	TRY(applications_answered(c, team, s.series.since, &out->responses));
	out->period = in->period;
	out->timezone = in->tz;
	out->response_rate = rate(out->responses, out->total_applications);
	out->interview_rate = rate(out->interviews, out->total_applications);
	out->success_rate = rate(out->offers, out->total_applications);
	out->series = success_points(c, &s.series);
	return OK;
}

static const short not_found[] = {404, 0};

static const struct route routes[] = {
	{"GET", "/api/v1/stats/dashboard", dashboard, &stats_in_schema, &dashboard_schema,
	 .role = ROLE_VIEWER, .status = 200, .tag = "stats", .doc = "What a team has and does",
	 .errors = not_found},
	{"GET", "/api/v1/stats/applications", applications, &stats_in_schema, &applications_schema,
	 .role = ROLE_VIEWER, .status = 200, .tag = "stats", .doc = "Applications over time",
	 .errors = not_found},
	{"GET", "/api/v1/stats/success-rate", success_rate, &stats_in_schema, &success_schema,
	 .role = ROLE_VIEWER, .status = 200, .tag = "stats", .doc = "What applications came to",
	 .errors = not_found},
};

const struct feature stats_feature = {
	.name = "stats", .routes = routes, .nroutes = sizeof routes / sizeof routes[0]};

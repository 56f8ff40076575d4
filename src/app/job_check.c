/*
 * job_check: whether jobs that no search has shown for a while are still there. A source that is
 * searched does not tell what is gone, so the job's own page is asked, a few each hour, as politely
 * as every page; a page that is gone (404, 410) closes its job. Whatever else it answers tells
 * nothing.
 */
#include "app/job_rows.h"
#include "app/job_scrape.h"
#include "base/log.h"
#include "core/core.h"
#include "core/flag.h"
#include "core/route.h"
#include "scrape/visit.h"

enum { AT_ONCE = 20, SECONDS = 120, UNSEEN_DAYS = 7, PAGE_ARENA = 16 * 1024 * 1024 };

#define DAY (INT64_C(86400) * CLOCK_SECOND)

struct verdict {
	int64_t id;
	bool gone;
};

static int note_tx(struct ctx *c, void *arg)
{
	const struct verdict *v = arg;

	c->now = clock_now();
	TRY(job_checked(c, v->id));
	return v->gone ? job_close(c, v->id) : OK;
}

/* False if the server stops, or the time is over. */
static bool check(const struct manners *m, const struct job_brief *j, struct verdict *out)
{
	struct arena *a = arena_new(PAGE_ARENA);
	struct error error = {0};
	struct visit v = {.url = j->url, .accept = "text/html, */*;q=0.1", .pause_ms = -1};
	struct fetch_reply reply = {0};
	int rc = visit(a, &error, m, &v, &reply);

	*out =
		(struct verdict){j->id, rc == E_UPSTREAM && (reply.status == 404 || reply.status == 410)};
	if (rc != OK)
		log_debug("job %lld: %s", (long long)j->id, error.text);
	arena_free(a);
	return rc != E_UNAVAILABLE && clock_monotonic() < m->deadline;
}

static int check_task(struct ctx *c)
{
	const struct job_brief *j;
	struct scrape_options o;
	struct manners m;
	struct list unseen;
	bool on;

	TRY(flag_enabled(c, "FEATURE_JOB_SCRAPING", &on));
	if (!on)
		return OK;
	TRY(job_unseen(c, c->now - UNSEEN_DAYS * DAY, AT_ONCE, &unseen));
	job_scrape_options(c->arena, c->config, &o);
	m = (struct manners){o.agent, o.pause_ms, clock_monotonic() + SECONDS * CLOCK_SECOND};
	j = unseen.items;
	for (size_t i = 0; i < unseen.n; i++) {
		struct verdict v;
		bool go = check(&m, &j[i], &v);

		TRY(tx(c, note_tx, &v));
		if (!go)
			break;
	}
	return OK;
}

static const struct task_kind tasks[] = {
	{.name = "jobs.check", .pool = TASK_NETWORK, .attempts = 1, .run = check_task},
};
static const struct maintenance jobs[] = {
	{.name = "jobs.check", .task = &tasks[0], .interval = 3600},
};

const struct feature job_check_feature = {
	.name = "job_check", .tasks = tasks, .ntasks = 1, .jobs = jobs, .njobs = 1};

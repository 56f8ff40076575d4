/*
 * job_scrape: looking for jobs at the sources, while the caller waits or in the background.
 *
 * The network is asked without a transaction; what was found is kept in batches, so that others
 * write in between. A few searches at once are enough for one server: a further one is told to come
 * again.
 */
#include "app/job_scrape.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "app/job_merge.h"
#include "app/jobs.h"
#include "base/log.h"
#include "core/core.h"
#include "core/event.h"
#include "core/flag.h"
#include "core/route.h"

enum {
	AT_ONCE = 2,
	BATCH = 100,
	BATCH_ARENA = 64 * 1024 * 1024,
	SCRATCH_ARENA = 16 * 1024 * 1024,
	LIMIT_MAX = 500,
};

/* ---- schemas ---- */

#define SEARCH_FIELDS(T, where)                                                                    \
	FIELD(T, keyword, (where) | F_REQUIRED, .min = 1, .max = 200,                                  \
		  .doc = "What to look for: words of the title, the company, the text",                    \
		  .example = "\"python developer\""),                                                      \
		FIELD(T, location, (where) | F_NULL, .max = 200, .doc = "Where", .example = "\"Berlin\""), \
		FIELD(T, limit, (where), .min = 1, .max = LIMIT_MAX, .preset = "50",                       \
			  .doc = "Jobs at most", .example = "50")

struct scrape_in {
	const char *keyword, *location;
	int64_t limit;
};
static const struct field get_fields[] = {SEARCH_FIELDS(struct scrape_in, F_QUERY)};
static const struct schema get_schema = SCHEMA("JobSearch", struct scrape_in, get_fields);
static const struct field post_fields[] = {SEARCH_FIELDS(struct scrape_in, 0)};
static const struct schema post_schema = SCHEMA("JobSearchQueue", struct scrape_in, post_fields);

static const struct field args_fields[] = {
	FIELD(struct jobs_scrape_args, team_id, F_REQUIRED, .min = 1, .doc = "Team", .example = "1"),
	FIELD(struct jobs_scrape_args, user_id, 0, .min = 0, .doc = "Who asked", .example = "1"),
	SEARCH_FIELDS(struct jobs_scrape_args, 0),
};
const struct schema jobs_scrape_args_schema =
	SCHEMA("JobScrapeArgs", struct jobs_scrape_args, args_fields);

/* How one source went. */
struct source_out {
	const char *source, *status, *reason;
	int64_t listed, found, fresh, known, took_ms;
};
static const char *const outcomes[] = {"ok", "empty", "partial", "failed", NULL};
static const struct field source_fields[] = {
	FIELD(struct source_out, source, 0, .doc = "Name of the source", .example = "\"remotive\""),
	FIELD(struct source_out, status, 0, .choices = outcomes, .doc = "How it went",
		  .example = "\"ok\""),
	FIELD(struct source_out, reason, F_NULL, .doc = "Why it gave nothing, or not all",
		  .example = "\"remotive.com answered 503\""),
	FIELD(struct source_out, listed, 0, .doc = "Postings that it showed", .example = "120"),
	FIELD(struct source_out, found, 0, .doc = "Those that fit", .example = "12"),
	{.name = "new",
	 .type = T_INT,
	 .offset = offsetof(struct source_out, fresh),
	 .doc = "Jobs among them that were unknown",
	 .example = "7"},
	FIELD(struct source_out, known, 0, .doc = "Jobs among them that were known", .example = "5"),
	FIELD(struct source_out, took_ms, 0, .doc = "Milliseconds", .example = "830"),
};
static const struct schema source_schema =
	SCHEMA("ScrapedSource", struct source_out, source_fields);

struct scraped {
	const char *keyword, *location;
	int64_t found, fresh, known, reposted, closed;
	struct list jobs, sources;
};
static const struct field scraped_fields[] = {
	FIELD(struct scraped, keyword, 0, .doc = "What was looked for", .example = "\"python\""),
	FIELD(struct scraped, location, F_NULL, .doc = "Where", .example = "\"Berlin\""),
	FIELD(struct scraped, found, 0, .doc = "Different jobs that were found", .example = "12"),
	{.name = "new",
	 .type = T_INT,
	 .offset = offsetof(struct scraped, fresh),
	 .doc = "Those that were unknown",
	 .example = "7"},
	FIELD(struct scraped, known, 0, .doc = "Those that were known", .example = "5"),
	FIELD(struct scraped, reposted, 0, .doc = "Known ones that were posted again", .example = "0"),
	FIELD(struct scraped, closed, 0, .doc = "Known ones that are gone", .example = "1"),
	FIELD(struct scraped, jobs, 0, .of = &job_list_schema, .doc = "The jobs, in order of finding",
		  .example = "[]"),
	FIELD(struct scraped, sources, 0, .of = &source_schema, .doc = "How each source went",
		  .example = "[]"),
};
static const struct schema scraped_schema =
	SCHEMA("ScrapedJobsResponse", struct scraped, scraped_fields);

struct queued {
	const char *message;
};
static const struct field queued_fields[] = {
	FIELD(struct queued, message, 0, .doc = "What happens now", .example = "\"…\""),
};
static const struct schema queued_schema = SCHEMA("JobSearchQueued", struct queued, queued_fields);

static const struct field new_fields[] = {
	FIELD(struct job_brief, id, 0, .doc = "Job", .example = "1"),
	FIELD(struct job_brief, title, 0, .doc = "Title", .example = "\"Engineer\""),
	FIELD(struct job_brief, company, F_NULL, .doc = "Who hires", .example = "\"Acme\""),
	FIELD(struct job_brief, location, F_NULL, .doc = "Where", .example = "\"Berlin\""),
	FIELD(struct job_brief, url, F_NULL, .doc = "Its page", .example = "null"),
};
static const struct schema new_schema = SCHEMA("JobNew", struct job_brief, new_fields);

/* ---- asking ---- */

static const char *find_program(struct arena *a, const char *name)
{
	static const char *const folders[] = {"/usr/local/bin", "/usr/bin", "/bin", "/snap/bin"};

	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		const char *path = arena_printf(a, "%s/%s", folders[i], name);

		if (access(path, X_OK) == 0)
			return path;
	}
	return NULL;
}

static const char *find_browser(struct arena *a, const struct config *config)
{
	static const char *const names[] = {"chromium", "chromium-browser", "google-chrome"};
	const char *found = config->chromium;

	for (size_t i = 0; found == NULL && i < sizeof names / sizeof names[0]; i++)
		found = find_program(a, names[i]);
	return found;
}

void job_scrape_options(struct arena *a, const struct config *config, struct scrape_options *out)
{
	const char *contact = config->job_contact;

	*out = (struct scrape_options){
		.agent = contact == NULL
					 ? "vitae/" VITAE_VERSION " (job search)"
					 : arena_printf(a, "vitae/" VITAE_VERSION " (job search; +%s)", contact),
		.browser = find_browser(a, config),
		.pause_ms = config->job_pause_ms,
		.timeout_ms = config->job_timeout * 1000,
	};
}

/* The sources that are to be asked. */
static int enabled_sources(struct ctx *c, const struct source *const **out, size_t *n)
{
	const struct source **list;
	struct sources all;

	if (sources_load(c->arena, c->error, c->config->job_sources, &all) != OK)
		return fail(c, E_UNAVAILABLE, "JOB_SOURCES cannot be used: %s",
					arena_strdup(c->arena, c->error->text));
	list = ARENA_ARRAY(c->arena, all.n > 0 ? all.n : 1, const struct source *);
	*n = 0;
	for (size_t i = 0; i < all.n; i++)
		if (all.items[i].enabled)
			list[(*n)++] = &all.items[i];
	if (*n == 0)
		return fail(c, E_UNAVAILABLE,
					"No source of jobs is enabled; enable one in the file that JOB_SOURCES names");
	*out = list;
	return OK;
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static int under_way;

static bool enter(void)
{
	bool in;

	pthread_mutex_lock(&gate);
	in = under_way < AT_ONCE;
	under_way += in;
	pthread_mutex_unlock(&gate);
	return in;
}

static void leave(void)
{
	pthread_mutex_lock(&gate);
	under_way--;
	pthread_mutex_unlock(&gate);
}

/* ---- keeping what was found ---- */

struct search {
	const struct jobs_scrape_args *args;
	struct scrape_result *results;
	size_t nresults;
	struct source_out *sources;
	struct scraped *out;
	int64_t begun;
	const struct posting **queue; /* of all sources, in turn */
	size_t *from;                 /* each one's source */
	size_t nqueue;
	int64_t *ids; /* of different jobs, in order */
	size_t nids;
};

/* One of each source in turn, so that a limit is not used up by the first. */
static void line_up(struct ctx *c, struct search *s)
{
	size_t limit = (size_t)s->args->limit, row = 0;
	bool any = true;

	s->queue = ARENA_ARRAY(c->arena, limit, const struct posting *);
	s->from = ARENA_ARRAY(c->arena, limit, size_t);
	s->ids = ARENA_ARRAY(c->arena, limit, int64_t);
	for (; any && s->nqueue < limit; row++) {
		any = false;
		for (size_t i = 0; i < s->nresults && s->nqueue < limit; i++) {
			if (row >= s->results[i].n)
				continue;
			any = true;
			s->queue[s->nqueue] = &s->results[i].items[row];
			s->from[s->nqueue++] = i;
		}
	}
}

static bool is_listed(const struct search *s, int64_t id)
{
	for (size_t i = 0; i < s->nids; i++)
		if (s->ids[i] == id)
			return true;
	return false;
}

static int tell_new(struct ctx *c, int64_t team_id, const struct posting *p, int64_t id)
{
	struct job_brief brief = {id, p->title, p->company, p->location, p->url};

	return event_emit(
		c, &(struct event){
			   .type = "job.new", .team_id = team_id, .schema = &new_schema, .data = &brief});
}

static int keep_one(struct ctx *c, struct search *s, size_t i)
{
	struct source_out *source = &s->sources[s->from[i]];
	struct merged m;

	TRY(job_merge(c, s->args->team_id, s->queue[i], s->begun, &m));
	source->found++;
	source->fresh += m.fresh;
	source->known += !m.fresh;
	if (m.fresh)
		TRY(tell_new(c, s->args->team_id, s->queue[i], m.job_id));
	if (is_listed(s, m.job_id))
		return OK;
	s->ids[s->nids++] = m.job_id;
	s->out->fresh += m.fresh;
	s->out->known += !m.fresh;
	s->out->reposted += m.reposted;
	return OK;
}

struct batch {
	struct search *search;
	size_t from, to;
};

static int keep_batch(struct ctx *c, void *arg)
{
	struct batch *b = arg;

	c->now = clock_now();
	for (size_t i = b->from; i < b->to; i++)
		TRY(keep_one(c, b->search, i));
	return OK;
}

/* What a transaction takes lives as long as it does, not as long as the search. */
static int in_own_arena(struct ctx *c, int (*body)(struct ctx *c, void *arg), void *arg)
{
	struct ctx own = *c;
	int rc;

	own.arena = arena_new(BATCH_ARENA);
	rc = tx(&own, body, arg);
	arena_free(own.arena);
	return rc;
}

struct gone {
	struct search *search;
	size_t i;
};

static int close_gone(struct ctx *c, void *arg)
{
	struct gone *g = arg;
	const struct scrape_result *r = &g->search->results[g->i];
	int64_t closed;

	c->now = clock_now();
	TRY(job_merge_listed(c, g->search->args->team_id, r->source->name, r->marks, r->nmarks,
						 &closed));
	g->search->out->closed += closed;
	return OK;
}

static int keep(struct ctx *c, struct search *s)
{
	line_up(c, s);
	for (size_t i = 0; i < s->nqueue; i += BATCH) {
		struct batch b = {s, i, i + BATCH < s->nqueue ? i + BATCH : s->nqueue};

		TRY(in_own_arena(c, keep_batch, &b));
	}
	for (size_t i = 0; i < s->nresults; i++)
		if (s->results[i].marks != NULL)
			TRY(in_own_arena(c, close_gone, &((struct gone){s, i})));
	s->out->found = (int64_t)s->nids;
	return OK;
}

static void tell_sources(struct ctx *c, struct search *s)
{
	s->sources = ARENA_ARRAY(c->arena, s->nresults, struct source_out);
	for (size_t i = 0; i < s->nresults; i++) {
		const struct scrape_result *r = &s->results[i];

		s->sources[i] = (struct source_out){.source = r->source->name,
											.status = scrape_status_name(r->status),
											.reason = arena_strdup(c->arena, r->reason),
											.listed = (int64_t)r->listed,
											.took_ms = r->took_ms};
	}
	s->out->sources = (struct list){s->sources, s->nresults};
}

static int search_in(struct ctx *c, struct arena *found, const struct jobs_scrape_args *args,
					 struct search *s)
{
	struct scrape_wanted wanted = {
		args->keyword, text_is_blank(args->location) ? NULL : args->location, args->limit};
	const struct source *const *sources;
	struct scrape_options options;

	TRY(enabled_sources(c, &sources, &s->nresults));
	s->args = args;
	s->begun = clock_now();
	s->results = ARENA_ARRAY(found, s->nresults, struct scrape_result);
	job_scrape_options(found, c->config, &options);
	scrape_run(found, sources, s->nresults, &wanted, &options, s->results);
	tell_sources(c, s);
	return keep(c, s);
}

/* Asks all sources and keeps what they give; *s tells of it, ids and sources in c->arena. */
static int run_search(struct ctx *c, const struct jobs_scrape_args *args, struct search *s)
{
	struct arena *found;
	int rc;

	if (!enter())
		return fail(c, E_UNAVAILABLE,
					"Other searches for jobs are under way on this server; try again in a minute");
	found = arena_new(SCRATCH_ARENA);
	rc = search_in(c, found, args, s);
	arena_free(found);
	leave();
	return rc;
}

static const char *summary_of(struct ctx *c, const struct search *s)
{
	size_t failed = 0;

	for (size_t i = 0; i < s->nresults; i++)
		failed += text_eq(s->sources[i].status, "failed");
	return arena_printf(
		c->arena, "%lld jobs found for “%s”, %lld of them new; %zu of %zu sources failed",
		(long long)s->out->found, s->args->keyword, (long long)s->out->fresh, failed, s->nresults);
}

int jobs_scrape(struct ctx *c, const struct jobs_scrape_args *args, int64_t *found, int64_t *fresh,
				const char **summary)
{
	struct scraped out = {0};
	struct search s = {.out = &out};

	TRY(run_search(c, args, &s));
	if (found != NULL)
		*found = out.found;
	if (fresh != NULL)
		*fresh = out.fresh;
	*summary = summary_of(c, &s);
	return OK;
}

/* ---- tasks ---- */

static int scrape_task(struct ctx *c)
{
	const char *summary;

	TRY(jobs_scrape(c, c->in, NULL, NULL, &summary));
	log_info("%s", summary);
	return OK;
}

static int expire_tx(struct ctx *c, void *arg)
{
	int64_t closed, forgotten;

	(void)arg;
	c->now = clock_now();
	TRY(job_expire(c, &closed));
	TRY(job_forget_old(c, &forgotten));
	if (closed + forgotten > 0)
		log_info("%lld jobs closed, %lld old ones forgotten", (long long)closed,
				 (long long)forgotten);
	return OK;
}

static int expire_task(struct ctx *c)
{
	return tx(c, expire_tx, NULL);
}

static const struct task_kind tasks[] = {
	{.name = "jobs.scrape",
	 .args = &jobs_scrape_args_schema,
	 .pool = TASK_NETWORK,
	 .attempts = 2,
	 .run = scrape_task},
	{.name = "jobs.expire", .pool = TASK_BACKGROUND, .attempts = 3, .run = expire_task},
};

/* What a team has scheduled: the same as a search by hand, unless the feature is off. */
static int scheduled(struct ctx *c, const struct schedule_run *run, const char **result)
{
	const struct scrape_in *in = c->in;
	struct jobs_scrape_args args = {.team_id = run->team_id,
									.user_id = run->user_id,
									.keyword = in->keyword,
									.location = in->location,
									.limit = in->limit};
	bool on;

	TRY(flag_enabled(c, "FEATURE_JOB_SCRAPING", &on));
	if (!on)
		return fail(c, E_DENIED, "Searching for jobs is switched off (FEATURE_JOB_SCRAPING)");
	return jobs_scrape(c, &args, NULL, NULL, result);
}

static int check_scheduled(struct ctx *c)
{
	const struct scrape_in *in = c->in;

	return text_is_blank(in->keyword) ? fail(c, E_RULE, "The keyword should not be blank") : OK;
}

static const struct schedule_kind schedules[] = {
	{.name = "scrape",
	 .doc = "Looks for jobs at all sources; args: keyword, location, limit",
	 .args = &post_schema,
	 .role = ROLE_VIEWER,
	 .check = check_scheduled,
	 .run = scheduled},
};

int jobs_scrape_queue(struct ctx *c, const struct jobs_scrape_args *args)
{
	const char *key = arena_printf(
		c->arena, "%lld/%s/%s/%lld", (long long)args->team_id, text_fold(c->arena, args->keyword),
		args->location == NULL ? "" : text_fold(c->arena, args->location), (long long)args->limit);

	return task_add(c, &tasks[0], args, key, 0);
}

/* A file that cannot be used is told of at the start, not at the first search. */
static int start(struct ctx *c)
{
	struct sources ignored;

	if (c->core->lock_fd < 0 || c->config->job_sources == NULL ||
		sources_load(c->arena, c->error, c->config->job_sources, &ignored) == OK)
		return OK;
	return fail(c, E_RULE, "JOB_SOURCES: %s", arena_strdup(c->arena, c->error->text));
}

/* ---- handlers ---- */

static int args_of(struct ctx *c, struct jobs_scrape_args *out)
{
	const struct scrape_in *in = c->in;

	if (text_is_blank(in->keyword))
		return ctx_fault(c, text_eq(c->route->method, "GET") ? "query" : "body", "keyword",
						 "String should not be blank", "value_error");
	*out = (struct jobs_scrape_args){.team_id = c->actor->team_id,
									 .user_id = c->actor->user_id,
									 .keyword = in->keyword,
									 .location = text_is_blank(in->location) ? NULL : in->location,
									 .limit = in->limit};
	return OK;
}

static int scrape_now(struct ctx *c)
{
	struct scraped *out = c->out;
	struct search s = {.out = out};
	struct jobs_scrape_args args;

	TRY(args_of(c, &args));
	TRY(run_search(c, &args, &s));
	out->keyword = args.keyword;
	out->location = args.location;
	return job_list(c, s.ids, s.nids, &out->jobs);
}

static int scrape_later(struct ctx *c)
{
	struct queued *out = c->out;
	struct jobs_scrape_args args;

	TRY(args_of(c, &args));
	out->message = "The search runs in the background; what it finds appears in the list of jobs";
	return jobs_scrape_queue(c, &args);
}

/* ---- tables ---- */

static const struct maintenance jobs[] = {
	{.name = "jobs.expire", .task = &tasks[1], .interval = 3600},
};

static const struct route routes[] = {
	{"GET", "/api/v1/jobs/scrape", scrape_now, &get_schema, &scraped_schema, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_WRITES | ROUTE_SLOW, .flag = "FEATURE_JOB_SCRAPING",
	 .tag = "jobs",
	 .doc = "Look for jobs at all sources, and wait for what they say\nEach source tells how it "
			"went. What was found becomes the team's; the same job from several sources is one."},
	{"POST", "/api/v1/jobs/scrape", scrape_later, &post_schema, &queued_schema, .role = ROLE_VIEWER,
	 .body = BODY_JSON, .status = 202, .flag = "FEATURE_JOB_SCRAPING", .tag = "jobs",
	 .doc = "Look for jobs in the background"},
};

const struct feature job_scrape_feature = {.name = "job_scrape",
										   .routes = routes,
										   .nroutes = sizeof routes / sizeof routes[0],
										   .tasks = tasks,
										   .ntasks = sizeof tasks / sizeof tasks[0],
										   .jobs = jobs,
										   .njobs = 1,
										   .schedules = schedules,
										   .nschedules = 1,
										   .start = start};

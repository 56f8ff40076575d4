/*
 * See scrape.h. Threads take the sources in turn; each source has an arena of its own, so that a
 * large one costs no other. What a source gave before it failed is kept.
 */
#include "scrape/scrape.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "scrape/build.h"
#include "scrape/read.h"
#include "scrape/render.h"
#include "scrape/visit.h"
#include "scrape/web.h"

enum { MARKS_MAX = READ_ITEMS_MAX };

struct crew {
	const struct source *const *sources;
	size_t n, next;
	const struct scrape_wanted *wanted;
	const struct scrape_options *options;
	struct scrape_result *results;
	struct arena **arenas;
	int64_t deadline;
	pthread_mutex_t lock;
};

struct run {
	struct arena *arena;
	struct error *error;
	const struct source *source;
	const struct scrape_wanted *wanted;
	const struct scrape_options *options;
	struct manners manners;
	struct scrape_result *out;
	const char *note;
	size_t unreadable, skipped; /* items without a title; details that were not fetched */
	const char *why_unreadable;
	int64_t now;
};

const char *scrape_status_name(enum scrape_status s)
{
	static const char *const names[] = {"ok", "empty", "partial", "failed"};

	return names[s];
}

/* ---- pages ---- */

static const char *accept_of(enum source_reader reader)
{
	switch (reader) {
	case READ_JSON: return "application/json, */*;q=0.1";
	case READ_FEED: return "application/rss+xml, application/atom+xml, application/xml, */*;q=0.1";
	case READ_JSONLD:
	case READ_HTML: break;
	}
	return "text/html, application/xhtml+xml, */*;q=0.1";
}

static int get_rendered(struct run *r, const char *url, struct page *out)
{
	const struct scrape_options *o = r->options;
	struct render_request request = {.program = o->browser,
									 .url = url,
									 .wait_for = r->source->wait_for,
									 .scroll = r->source->scroll};
	struct rendered page;

	if (o->browser == NULL)
		return fail(
			r, E_UNAVAILABLE,
			"the page has to be rendered, but no Chromium is installed; set CHROMIUM to its "
			"program");
	TRY(render(r->arena, r->error, &r->manners, &request, &page));
	*out = (struct page){page.html, strlen(page.html), page.url};
	if (page.note != NULL)
		r->note = page.note;
	return OK;
}

static int get_page(struct run *r, const char *url, enum source_reader reader, bool rendered,
					struct page *out)
{
	struct visit v = {.url = url, .accept = accept_of(reader), .pause_ms = -1};
	struct fetch_reply reply;

	if (rendered)
		return get_rendered(r, url, out);
	TRY(visit(r->arena, r->error, &r->manners, &v, &reply));
	web_to_utf8(r->arena, reply.body, reply.size, fetch_header(&reply, "Content-Type"), &out->text,
				&out->size);
	out->url = reply.url;
	return OK;
}

/* ---- postings ---- */

static bool is_full(const struct run *r)
{
	return (int64_t)r->out->n >= r->wanted->limit;
}

static bool has_mark(const struct run *r, const char *mark)
{
	for (size_t i = 0; i < r->out->nmarks; i++)
		if (strcmp(r->out->marks[i], mark) == 0)
			return true;
	return false;
}

static bool is_wanted(struct run *r, const struct raw *raw, const struct posting *p)
{
	struct wanted w = {r->wanted->keyword, r->wanted->location, r->now};

	if (!r->source->filter)
		return true;
	if (source_uses(r->source, "location"))
		w.location = NULL;
	return build_matches(r->arena, p, raw->value[PART_TAGS], &w);
}

/* Fetches the posting's own page and builds it again. What the list said holds if that fails. */
static int add_detail(struct run *r, struct raw *raw, const char *base, struct posting *p)
{
	const char *url = web_url(r->arena, base, raw->detail), *why;
	struct page page;
	int rc;

	if (url == NULL)
		return OK;
	rc = get_page(r, url, r->source->detail_reader,
				  r->source->browser && r->source->detail_reader != READ_JSON, &page);
	if (rc == OK)
		rc = read_detail(r->arena, r->error, r->source, &page, raw);
	if (rc != OK) {
		r->skipped++;
		r->note = arena_printf(r->arena, "%zu postings lack what their own page says: %s",
							   r->skipped, r->error->text);
		return rc;
	}
	if (raw->value[PART_URL] == NULL)
		raw->value[PART_URL] = url;
	build_posting(r->arena, r->source, raw, page.url, r->now, p, &why);
	return OK;
}

static void keep(struct run *r, const struct raw *raw, const struct posting *p)
{
	if (r->options->explain)
		r->out->raws[r->out->n] = raw;
	r->out->items[r->out->n++] = *p;
}

/* Takes one raw posting. Returns an error only if the time is over. */
static int take(struct run *r, struct raw *raw, const char *base)
{
	struct scrape_result *out = r->out;
	struct posting p;
	const char *why;

	if (!build_posting(r->arena, r->source, raw, base, r->now, &p, &why)) {
		r->unreadable++;
		r->why_unreadable = why;
		return OK;
	}
	if (has_mark(r, p.mark))
		return OK;
	out->listed++;
	if (out->nmarks < MARKS_MAX)
		out->marks[out->nmarks++] = p.mark;
	if (is_full(r) || !is_wanted(r, raw, &p))
		return OK;
	if (raw->detail != NULL && r->source->reader != READ_JSONLD &&
		add_detail(r, raw, base, &p) == E_TIMEOUT) {
		keep(r, raw, &p);
		return E_TIMEOUT;
	}
	keep(r, raw, &p);
	return OK;
}

static int take_all(struct run *r, struct raws *raws, const char *base)
{
	for (size_t i = 0; i < raws->n; i++)
		TRY(take(r, &raws->items[i], base));
	if (raws->note != NULL)
		r->note = raws->note;
	return OK;
}

/* A page of links: each leads to a page with JSON-LD. */
static int follow_links(struct run *r, const struct page *page)
{
	struct strings links;
	size_t failed = 0;

	TRY(read_links(r->arena, r->error, page, r->source->detail, &links));
	for (size_t i = 0; i < links.n; i++) {
		const char *url = web_url(r->arena, page->url, links.items[i]);
		struct raws raws = {0};
		struct page one;
		int rc;

		if (url == NULL)
			continue;
		if (is_full(r)) {
			r->skipped = links.n - i;
			return OK;
		}
		rc = get_page(r, url, READ_JSONLD, r->source->browser, &one);
		if (rc == OK)
			rc = read_jsonld(r->arena, r->error, &one, &raws);
		if (rc == E_TIMEOUT || rc == E_UNAVAILABLE)
			return rc;
		if (rc != OK) {
			r->skipped = ++failed;
			r->note = arena_printf(r->arena, "%zu of the pages could not be read: %s", failed,
								   r->error->text);
			continue;
		}
		for (size_t k = 0; k < raws.n; k++)
			if (raws.items[k].value[PART_URL] == NULL)
				raws.items[k].value[PART_URL] = one.url;
		TRY(take_all(r, &raws, one.url));
	}
	return OK;
}

/* One page of the list. *more: whether another may follow. */
static int read_list(struct run *r, int64_t number, bool *more)
{
	struct source_query q = {r->wanted->keyword, r->wanted->location, number, r->wanted->limit};
	const char *url = source_url(r->arena, r->source, &q);
	struct raws raws = {0};
	struct page page;
	size_t before = r->out->listed;
	int rc;

	TRY(get_page(r, url, r->source->reader, r->source->browser, &page));
	rc = read_page(r->arena, r->error, r->source, &page, &raws);
	if (rc == OK)
		rc = take_all(r, &raws, page.url);
	if (r->source->reader == READ_JSONLD && r->source->detail != NULL) {
		int followed = follow_links(r, &page);

		rc = followed != OK ? followed : raws.n > 0 || r->out->listed > before ? OK : rc;
	}
	/* A page that shows nothing new is the last, or the same again. */
	*more = r->out->listed > before && !is_full(r);
	if (arena_over(r->arena))
		return fail(r, E_TOO_LARGE, "the source gives more than can be held");
	return rc;
}

/* ---- how it went ---- */

static const char *empty_reason(struct run *r)
{
	const char *where = r->wanted->location;

	if (r->note != NULL)
		return r->note;
	if (r->out->listed > 0)
		return arena_printf(r->arena, "%zu postings are there, but none has “%s”%s%s%s",
							r->out->listed, r->wanted->keyword,
							where != NULL ? " in or near “" : "", where != NULL ? where : "",
							where != NULL ? "”" : "");
	if (r->unreadable > 0)
		return arena_printf(r->arena, "%zu postings are there, but none has a title: %s",
							r->unreadable, r->why_unreadable);
	switch (r->source->reader) {
	case READ_JSON:
		return arena_printf(r->arena, "it answered, but the array at \"%s\" is empty",
							r->source->items);
	case READ_FEED: return "the feed has no items";
	case READ_JSONLD:
		return r->source->browser
				   ? "the page has no JobPosting in JSON-LD"
				   : "the page has no JobPosting in JSON-LD; if its script makes them, set "
					 "\"render\": \"browser\"";
	case READ_HTML: break;
	}
	return arena_printf(
		r->arena, "nothing on the page matches %s%s", r->source->items,
		r->source->browser ? "" : "; if its script makes the list, set \"render\": \"browser\"");
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What a whole listing lacks is gone; a part of one tells nothing. */
static void conclude(struct run *r, int rc)
{
	struct scrape_result *out = r->out;

	if (rc != OK) {
		out->status = out->n > 0 ? SCRAPE_PARTIAL : SCRAPE_FAILED;
		out->reason = arena_strdup(r->arena, r->error->text);
	} else if (r->skipped > 0 && r->note != NULL && out->n > 0) {
		out->status = SCRAPE_PARTIAL;
		out->reason = r->note;
	} else if (out->n == 0) {
		out->status = SCRAPE_EMPTY;
		out->reason = empty_reason(r);
	}
	if (rc != OK || !r->source->complete || r->skipped > 0 || r->unreadable > 0 ||
		out->nmarks == 0 || out->nmarks == MARKS_MAX)
		out->marks = NULL;
	else
		qsort(out->marks, out->nmarks, sizeof out->marks[0], compare);
}

static void run_source(struct crew *c, size_t i)
{
	struct scrape_result *out = &c->results[i];
	struct error error = {0};
	struct run r = {.arena = c->arenas[i],
					.error = &error,
					.source = c->sources[i],
					.wanted = c->wanted,
					.options = c->options,
					.out = out,
					.now = clock_now()};
	int64_t begun = clock_monotonic();
	bool more = true;
	int rc = OK;

	r.manners = (struct manners){.agent = c->options->agent,
								 .pause_ms = r.source->pause_ms > 0 ? r.source->pause_ms
																	: c->options->pause_ms,
								 .deadline = c->deadline};
	*out = (struct scrape_result){.source = r.source};
	out->items = ARENA_ARRAY(r.arena, (size_t)c->wanted->limit, struct posting);
	out->raws = ARENA_ARRAY(r.arena, (size_t)c->wanted->limit, const struct raw *);
	out->marks = ARENA_ARRAY(r.arena, MARKS_MAX, const char *);
	for (int64_t page = 0; rc == OK && more && page < r.source->pages; page++)
		rc = read_list(&r, page, &more);
	conclude(&r, rc);
	out->took_ms = (clock_monotonic() - begun) / 1000;
	log_debug("source %s: %s, %zu of %zu postings%s%s", r.source->name,
			  scrape_status_name(out->status), out->n, out->listed, out->reason != NULL ? ": " : "",
			  out->reason != NULL ? out->reason : "");
}

/* ---- all together ---- */

static void *crew_main(void *arg)
{
	struct crew *c = arg;

	for (;;) {
		size_t i;

		pthread_mutex_lock(&c->lock);
		i = c->next < c->n ? c->next++ : c->n;
		pthread_mutex_unlock(&c->lock);
		if (i == c->n)
			return NULL;
		run_source(c, i);
	}
}

static void free_arena(void *a)
{
	arena_free(a);
}

void scrape_run(struct arena *a, const struct source *const *sources, size_t n,
				const struct scrape_wanted *wanted, const struct scrape_options *o,
				struct scrape_result *results)
{
	struct crew c = {.sources = sources,
					 .n = n,
					 .wanted = wanted,
					 .options = o,
					 .results = results,
					 .arenas = ARENA_ARRAY(a, n > 0 ? n : 1, struct arena *),
					 .deadline = clock_monotonic() + o->timeout_ms * 1000};
	pthread_t threads[SCRAPE_THREADS];
	size_t started = 0;

	for (size_t i = 0; i < n; i++) {
		c.arenas[i] = arena_new(SCRAPE_ARENA);
		arena_defer(a, free_arena, c.arenas[i]);
	}
	pthread_mutex_init(&c.lock, NULL);
	while (started < SCRAPE_THREADS && started < n &&
		   pthread_create(&threads[started], NULL, crew_main, &c) == 0)
		started++;
	if (started == 0)
		crew_main(&c);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	pthread_mutex_destroy(&c.lock);
}

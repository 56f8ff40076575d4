/* See visit.h. */
#include "scrape/visit.h"

#include <string.h>

#include "base/clock.h"
#include "scrape/origins.h"
#include "scrape/page_cache.h"
#include "scrape/robots.h"
#include "scrape/web.h"

enum {
	ROBOTS_SECONDS = 3600,     /* rules are believed */
	ROBOTS_RETRY_SECONDS = 60, /* after a server did not say */
	ROBOTS_ARENA = 2 * 1024 * 1024,
	REQUEST_MS = 30000, /* one request at most */
	REST_SECONDS = 30,  /* after a 429 that does not say */
	REST_SECONDS_MAX = 86400,
};

static const char agent_token[] = "vitae";

struct visitor {
	struct arena *arena;
	struct error *error;
	const struct manners *manners;
	const struct visit *visit;
};

static int64_t time_left_ms(const struct visitor *v)
{
	int64_t left = (v->manners->deadline - clock_monotonic()) / 1000;

	return left < REQUEST_MS ? (left > 0 ? left : 1) : REQUEST_MS;
}

/* ---- robots.txt ---- */

/* What a server says that answers with an error: nothing (4xx) allows all, a fault of its own (5xx,
 * no connection) allows nothing for now. */
static const struct robots *rules_of(struct arena *a, int rc, const struct fetch_reply *reply,
									 int64_t *seconds)
{
	static const char none[] = "User-agent: *\nDisallow: /\n";

	*seconds = ROBOTS_SECONDS;
	if (rc == OK && reply->status >= 200 && reply->status < 300)
		return robots_parse(a, reply->body, reply->size, agent_token);
	if (rc == OK && reply->status >= 400 && reply->status < 500 && reply->status != 429)
		return robots_parse(a, "", 0, agent_token);
	*seconds = ROBOTS_RETRY_SECONDS;
	return robots_parse(a, none, strlen(none), agent_token);
}

static int load_robots(struct visitor *v, struct origin *o, const char *name)
{
	struct arena *a = arena_new(ROBOTS_ARENA);
	struct pair headers[] = {{"User-Agent", v->manners->agent}};
	struct fetch_request r = {.url = arena_printf(v->arena, "%s/robots.txt", name),
							  .headers = {headers, 1},
							  .timeout_ms = time_left_ms(v),
							  .max_body = ROBOTS_MAX,
							  .redirects = VISIT_REDIRECTS_MAX};
	struct fetch_reply reply = {0};
	const struct robots *rules;
	int64_t seconds;
	int rc = fetch(v->arena, v->error, &r, &reply);

	/* An address that is not allowed has no rules to give. */
	if (rc == E_DENIED || rc == E_RULE || rc == E_UNAVAILABLE) {
		arena_free(a);
		return rc;
	}
	rules = rules_of(a, rc, &reply, &seconds);
	origin_set_robots(o, a, rules, seconds);
	if (rc == OK && seconds == ROBOTS_SECONDS)
		return OK;
	if (rc == OK)
		return fail(v, E_UPSTREAM, "%s does not say what may be asked: its robots.txt answers %d",
					strstr(name, "://") + 3, reply.status);
	return rc;
}

static int check_robots(struct visitor *v, struct origin *o, const char *name, const char *url)
{
	if (origin_robots(o) == NULL)
		TRY(load_robots(v, o, name));
	if (robots_allows(origin_robots(o), web_path(url)))
		return OK;
	return fail(v, E_DENIED, "%s does not want this page to be read by programs (robots.txt)",
				strstr(name, "://") + 3);
}

/* ---- a request ---- */

enum { HEADERS_MAX = 6 };

static void add_header(struct pairs *list, const char *name, const char *value)
{
	if (value != NULL)
		list->items[list->n++] = (struct pair){name, value};
}

static bool keeps(const struct visit *v)
{
	return v->method == NULL && v->body == NULL && !v->any_status;
}

static void remember(const char *url, const struct fetch_reply *r)
{
	struct cached page = {.etag = fetch_header(r, "ETag"),
						  .modified = fetch_header(r, "Last-Modified"),
						  .type = fetch_header(r, "Content-Type"),
						  .body = r->body,
						  .size = r->size};
	const char *control = fetch_header(r, "Cache-Control");

	if (r->status == 200 && (page.etag != NULL || page.modified != NULL) &&
		(control == NULL || strstr(control, "no-store") == NULL))
		page_cache_put(url, &page, VISIT_CACHE_MAX);
}

/* A 304 as the 200 that it stands for. */
static void recall(struct arena *a, const struct cached *known, struct fetch_reply *r)
{
	struct pair *type = ARENA_NEW(a, struct pair);

	*type = (struct pair){"Content-Type", known->type};
	r->status = 200;
	r->body = known->body;
	r->size = known->size;
	r->headers = (struct pairs){type, known->type != NULL};
}

static int ask(struct visitor *v, const char *url, struct fetch_reply *out)
{
	const struct visit *what = v->visit;
	struct pair items[HEADERS_MAX];
	struct pairs headers = {items, 0};
	struct cached known = {0};
	bool cached = keeps(what) && page_cache_find(v->arena, url, &known);
	struct fetch_request r = {.method = what->method,
							  .url = url,
							  .body = what->body,
							  .size = what->size,
							  .timeout_ms = time_left_ms(v),
							  .max_body = VISIT_BODY_MAX};

	add_header(&headers, "User-Agent", v->manners->agent);
	add_header(&headers, "Accept", what->accept);
	add_header(&headers, "Content-Type", what->content_type);
	if (cached) {
		add_header(&headers, "If-None-Match", known.etag);
		add_header(&headers, "If-Modified-Since", known.etag == NULL ? known.modified : NULL);
	}
	r.headers = headers;
	TRY(fetch(v->arena, v->error, &r, out));
	if (cached && out->status == 304)
		recall(v->arena, &known, out);
	else if (keeps(what))
		remember(url, out);
	return OK;
}

/* How long a server that has enough wants to rest; 0: it has not. */
static int64_t rest_of(const struct fetch_reply *r)
{
	if (r->status != 429 && r->status != 503)
		return 0;
	if (r->retry_after <= 0)
		return REST_SECONDS;
	return r->retry_after < REST_SECONDS_MAX ? r->retry_after : REST_SECONDS_MAX;
}

static int ask_in_turn(struct visitor *v, const char *url, struct fetch_reply *out)
{
	const char *name = web_origin(v->arena, url);
	int64_t pause = v->visit->pause_ms >= 0 ? v->visit->pause_ms : v->manners->pause_ms;
	struct origin *o;
	int rc;

	if (name == NULL)
		return fail(v, E_RULE, "The address is no valid URL");
	TRY(origin_enter(v->error, name, v->manners->deadline, &o));
	rc = check_robots(v, o, name, url);
	if (rc == OK)
		rc = ask(v, url, out);
	if (rc == OK && rest_of(out) > 0)
		origin_rest(o, rest_of(out));
	origin_leave(o, pause);
	return rc;
}

static int judge(struct visitor *v, const char *url, const struct fetch_reply *r)
{
	const char *host = strstr(url, "://") + 3;
	int n = (int)strcspn(host, "/?#");

	if (v->visit->any_status || (r->status >= 200 && r->status < 300))
		return OK;
	if (rest_of(r) > 0)
		return fail(v, E_UPSTREAM,
					"%.*s answered %d: it is asked too often, or overloaded, and "
					"asks to wait %lld seconds",
					n, host, r->status, (long long)rest_of(r));
	if (r->status == 401 || r->status == 403)
		return fail(v, E_UPSTREAM, "%.*s answered %d: it does not let programs in", n, host,
					r->status);
	if (r->status == 404 || r->status == 410)
		return fail(v, E_UPSTREAM, "%.*s answered %d: there is no such page", n, host, r->status);
	return fail(v, E_UPSTREAM, "%.*s answered %d", n, host, r->status);
}

int visit(struct arena *a, struct error *error, const struct manners *m, const struct visit *what,
		  struct fetch_reply *out)
{
	struct visitor v = {a, error, m, what};
	const char *url = what->url;
	bool again = true; /* a server that asks to wait is asked once more, if the time is there */

	for (int hops = 0;; hops++) {
		TRY(ask_in_turn(&v, url, out));
		if (rest_of(out) > 0 && again && !what->any_status &&
			clock_monotonic() + rest_of(out) * CLOCK_SECOND < m->deadline) {
			again = false;
			continue;
		}
		if (what->no_redirects || out->location == NULL)
			return judge(&v, url, out);
		if (hops >= VISIT_REDIRECTS_MAX)
			return fail(&v, E_UPSTREAM, "the address redirects more than %d times",
						VISIT_REDIRECTS_MAX);
		url = web_url(a, url, out->location);
		if (url == NULL)
			return fail(&v, E_UPSTREAM, "the address redirects to what is no web address");
	}
}

/*
 * See render.h; the messages are those of the Chrome DevTools Protocol (Target, Page, Fetch,
 * Runtime). One page is one conversation: commands are numbered, and while the answer to one is
 * waited for, the page's requests are served.
 */
#include "scrape/render.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "data/json.h"
#include "proc/browser.h"
#include "scrape/web.h"

enum { COMMAND_MAX = BROWSER_MESSAGE_MAX, QUIET_MS = 500, SMALL = 16 * 1024, SELECTOR_MS = 15000 };

/* The one browser, and whose turn it is. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct browser *browser;

struct talk {
	struct arena *arena;
	struct error *error;
	const struct manners *manners;
	const struct render_request *request;
	int64_t id; /* of the last command */
	const char *context, *target, *session;
	int requests;
	size_t bytes;
	bool loaded; /* the page's load event came */
	bool document_failed;
	char document_error[512];
	enum err document_code;
	int64_t heard; /* when a request was last served, monotonic */
};

/* ---- commands ---- */

static int send_command(struct talk *t, const char *method, const char *params, bool in_session)
{
	struct buf b;

	buf_init(&b, t->arena, COMMAND_MAX);
	buf_addf(&b, "{\"id\":%lld,\"method\":\"%s\",\"params\":", (long long)++t->id, method);
	buf_adds(&b, params);
	if (in_session)
		buf_addf(&b, ",\"sessionId\":\"%s\"", t->session);
	buf_addc(&b, '}');
	if (!buf_ok(&b))
		return fail(t, E_TOO_LARGE, "a reply is too large to be shown to the browser");
	return browser_send(browser, t->error, buf_str(&b), t->manners->deadline);
}

static int serve(struct talk *t, const struct json_value *params);

static int hear_event(struct talk *t, const struct json_value *v)
{
	const char *method = json_string(json_get(v, "method"));

	if (text_eq(method, "Fetch.requestPaused"))
		return serve(t, json_get(v, "params"));
	if (text_eq(method, "Page.loadEventFired"))
		t->loaded = true;
	if (text_eq(method, "Page.javascriptDialogOpening"))
		return send_command(t, "Page.handleJavaScriptDialog", "{\"accept\":false}", true);
	if (text_eq(method, "Inspector.targetCrashed"))
		return fail(t, E_UPSTREAM, "the page crashed the browser");
	return OK;
}

/* Receives one message, and serves it if it is an event. Its answer's number in *id, 0 for events.
 */
static int hear(struct talk *t, int64_t deadline, int64_t *id, const struct json_value **out)
{
	const char *text, *why;
	size_t n;

	TRY(browser_receive(browser, t->arena, t->error, deadline, &text, &n));
	if (json_parse(t->arena, text, n, out, &why) != OK)
		return fail(t, E_UPSTREAM, "the browser says what is no JSON: %s", why);
	if (arena_over(t->arena))
		return fail(t, E_TOO_LARGE, "the page makes the browser say too much");
	*id = json_int(json_get(*out, "id"));
	return *id == 0 ? hear_event(t, *out) : OK;
}

/* Sends a command and waits for its result. */
static int command(struct talk *t, const char *method, const char *params, bool in_session,
				   const struct json_value **result)
{
	const struct json_value *v;
	int64_t id, mine;

	TRY(send_command(t, method, params, in_session));
	mine = t->id;
	do
		TRY(hear(t, t->manners->deadline, &id, &v));
	while (id != mine);
	if (json_get(v, "error") != NULL)
		return fail(t, E_UPSTREAM, "the browser refuses %s: %s", method,
					json_string(json_get(json_get(v, "error"), "message")));
	if (result != NULL)
		*result = json_get(v, "result");
	return OK;
}

static const char *quoted(struct arena *a, const char *s)
{
	struct buf b;

	buf_init(&b, a, 6 * strlen(s) + 3);
	json_print_string(&b, s);
	return buf_str(&b);
}

/* The value of an expression in the page. */
static int evaluate(struct talk *t, const char *expression, const struct json_value **value)
{
	const struct json_value *result;

	TRY(command(t, "Runtime.evaluate",
				arena_printf(t->arena,
							 "{\"expression\":%s,\"returnByValue\":true,\"awaitPromise\":true}",
							 quoted(t->arena, expression)),
				true, &result));
	*value = json_get(json_get(result, "result"), "value");
	return OK;
}

/* ---- the page's requests ---- */

static const char *base64(struct arena *a, const char *p, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *out = arena_alloc(a, (n + 2) / 3 * 4 + 1), *to = out;

	for (size_t i = 0; i < n; i += 3) {
		unsigned v = (unsigned)(unsigned char)p[i] << 16;

		v |= i + 1 < n ? (unsigned)(unsigned char)p[i + 1] << 8 : 0;
		v |= i + 2 < n ? (unsigned)(unsigned char)p[i + 2] : 0;
		*to++ = digits[v >> 18];
		*to++ = digits[v >> 12 & 63];
		*to++ = i + 1 < n ? digits[v >> 6 & 63] : '=';
		*to++ = i + 2 < n ? digits[v & 63] : '=';
	}
	*to = '\0';
	return out;
}

static int refuse(struct talk *t, const char *id, const char *reason)
{
	return send_command(t, "Fetch.failRequest",
						arena_printf(t->arena, "{\"requestId\":%s,\"errorReason\":\"%s\"}",
									 quoted(t->arena, id), reason),
						true);
}

static void add_header(struct buf *b, struct arena *a, const char *name, const char *value)
{
	buf_addf(b, "%s{\"name\":%s,\"value\":%s}", b->p[b->n - 1] == '[' ? "" : ",", quoted(a, name),
			 quoted(a, value));
}

/* What the browser does with a body depends on these; the body comes decoded and whole. */
static bool passes_on(const char *name)
{
	static const char *const not_these[] = {"Content-Encoding",  "Content-Length",
											"Transfer-Encoding", "Connection",
											"Set-Cookie",        "Strict-Transport-Security",
											"Alt-Svc",           "Keep-Alive"};

	for (size_t i = 0; i < sizeof not_these / sizeof not_these[0]; i++)
		if (text_ieq(name, not_these[i]))
			return false;
	return true;
}

static int fulfil(struct talk *t, const char *id, const struct fetch_reply *r)
{
	struct buf b;

	buf_init(&b, t->arena, COMMAND_MAX);
	buf_addf(&b, "{\"requestId\":%s,\"responseCode\":%d,\"responseHeaders\":[",
			 quoted(t->arena, id), r->status);
	for (size_t i = 0; i < r->headers.n; i++)
		if (passes_on(r->headers.items[i].name))
			add_header(&b, t->arena, r->headers.items[i].name, r->headers.items[i].value);
	buf_addf(&b, "],\"body\":\"%s\"}", base64(t->arena, r->body != NULL ? r->body : "", r->size));
	if (!buf_ok(&b))
		return refuse(t, id, "Failed");
	return send_command(t, "Fetch.fulfillRequest", buf_str(&b), true);
}

/* A question whether another origin may be asked: it may, as far as we are concerned. The reply
 * itself still has to say so. */
static int allow_preflight(struct talk *t, const char *id, const struct json_value *headers)
{
	static const char *const asked[] = {"Access-Control-Request-Headers",
										"access-control-request-headers"};
	struct fetch_reply r = {.status = 204};
	struct pair items[3] = {{"Access-Control-Allow-Origin", "*"},
							{"Access-Control-Allow-Methods", "GET, POST"},
							{"Access-Control-Allow-Headers", "*"}};

	for (int i = 0; i < 2; i++)
		if (json_string(json_get(headers, asked[i])) != NULL)
			items[2].value = json_string(json_get(headers, asked[i]));
	r.headers = (struct pairs){items, 3};
	return fulfil(t, id, &r);
}

static const char *header_of(const struct json_value *headers, const char *name)
{
	for (size_t i = 0; i < json_size(headers) && i < FETCH_HEADERS_MAX; i++)
		if (text_ieq(json_key(headers, i), name))
			return json_string(json_get(headers, json_key(headers, i)));
	return NULL;
}

static bool is_main_document(const struct talk *t, const struct json_value *params)
{
	return text_eq(json_string(json_get(params, "resourceType")), "Document") &&
		   text_eq(json_string(json_get(params, "frameId")), t->target);
}

/* Asks for it as every visit is made. The main page's failure is the whole one's. */
static int make_visit(struct talk *t, const struct json_value *params, const char *id)
{
	const struct json_value *request = json_get(params, "request");
	const struct json_value *headers = json_get(request, "headers");
	bool document = is_main_document(t, params);
	struct error error = {0};
	struct fetch_reply reply;
	struct visit v = {.method = json_string(json_get(request, "method")),
					  .url = json_string(json_get(request, "url")),
					  .accept = header_of(headers, "Accept"),
					  .content_type = header_of(headers, "Content-Type"),
					  .body = json_string(json_get(request, "postData")),
					  .pause_ms = document ? -1 : 0,
					  .no_redirects = true,
					  .any_status = true};
	int rc;

	v.size = v.body != NULL ? strlen(v.body) : 0;
	v.method = text_eq(v.method, "GET") ? NULL : v.method;
	rc = visit(t->arena, &error, t->manners, &v, &reply);
	t->heard = clock_monotonic();
	if (rc == OK && document && reply.status >= 400)
		rc = error_set(&error, E_UPSTREAM, __FILE__, __LINE__, __func__, "the page answered %d",
					   reply.status);
	if (rc != OK && document) {
		t->document_failed = true;
		t->document_code = error.code;
		snprintf(t->document_error, sizeof t->document_error, "%s", error.text);
	}
	if (rc != OK)
		return refuse(t, id, "AccessDenied");
	t->bytes += reply.size;
	return fulfil(t, id, &reply);
}

static bool is_shown(const char *type)
{
	return text_eq(type, "Document") || text_eq(type, "Script") || text_eq(type, "XHR") ||
		   text_eq(type, "Fetch");
}

static int serve(struct talk *t, const struct json_value *params)
{
	const struct json_value *request = json_get(params, "request");
	const char *id = json_string(json_get(params, "requestId"));
	const char *type = json_string(json_get(params, "resourceType"));
	const char *method = json_string(json_get(request, "method"));
	const char *url = json_string(json_get(request, "url"));

	if (id == NULL || url == NULL || method == NULL)
		return OK;
	if (text_eq(method, "OPTIONS"))
		return allow_preflight(t, id, json_get(request, "headers"));
	if (text_eq(type, "Stylesheet"))
		return fulfil(t, id, &(struct fetch_reply){.status = 200});
	if (!is_shown(type) || t->requests >= RENDER_REQUESTS_MAX || t->bytes > RENDER_BYTES_MAX ||
		(!text_eq(method, "GET") && !text_eq(method, "POST")))
		return refuse(t, id, "BlockedByClient");
	t->requests++;
	return make_visit(t, params, id);
}

/* ---- a page ---- */

static int open_page(struct talk *t)
{
	const struct json_value *v;

	TRY(command(t, "Target.createBrowserContext", "{\"disposeOnDetach\":true}", false, &v));
	t->context = arena_strdup(t->arena, json_string(json_get(v, "browserContextId")));
	TRY(command(
		t, "Target.createTarget",
		arena_printf(t->arena, "{\"url\":\"about:blank\",\"browserContextId\":\"%s\"}", t->context),
		false, &v));
	t->target = arena_strdup(t->arena, json_string(json_get(v, "targetId")));
	TRY(command(t, "Target.attachToTarget",
				arena_printf(t->arena, "{\"targetId\":\"%s\",\"flatten\":true}", t->target), false,
				&v));
	t->session = arena_strdup(t->arena, json_string(json_get(v, "sessionId")));
	if (t->session == NULL)
		return fail(t, E_UPSTREAM, "the browser gives no page");
	TRY(command(t, "Page.enable", "{}", true, NULL));
	TRY(command(t, "Network.enable", "{}", true, NULL));
	TRY(command(t, "Network.setBypassServiceWorker", "{\"bypass\":true}", true, NULL));
	TRY(command(t, "Network.setUserAgentOverride",
				arena_printf(t->arena, "{\"userAgent\":%s}", quoted(t->arena, t->manners->agent)),
				true, NULL));
	return command(t, "Fetch.enable", "{\"patterns\":[{\"urlPattern\":\"*\"}]}", true, NULL);
}

static int document_fault(struct talk *t)
{
	return fail(t, t->document_code, "%s", t->document_error);
}

/* Serves requests until none came for QUIET_MS after the page was loaded. */
static int wait_quiet(struct talk *t)
{
	const struct json_value *v;
	int64_t id, quiet = QUIET_MS * INT64_C(1000);

	while (!t->document_failed) {
		int64_t until = t->loaded ? (t->heard > 0 ? t->heard : clock_monotonic()) + quiet
								  : t->manners->deadline;
		int rc;

		if (t->loaded && clock_monotonic() >= until)
			return OK;
		until = until < t->manners->deadline ? until : t->manners->deadline;
		rc = hear(t, until, &id, &v);
		if (rc == E_TIMEOUT && t->loaded && until < t->manners->deadline)
			return OK;
		TRY(rc);
	}
	return document_fault(t);
}

/* True in the end if the selector was found; the browser looks at each change of the page. */
static const char *selector_script(struct talk *t, int64_t ms)
{
	return arena_printf(
		t->arena,
		"new Promise(function (done) { var s = %s; "
		"function look() { return document.querySelector(s) !== null; } "
		"try { if (look()) { done(true); return; } } catch (e) { done('bad'); return; } "
		"new MutationObserver(function (x, o) { if (look()) { o.disconnect(); done(true); } })"
		".observe(document, {childList: true, subtree: true, attributes: true}); "
		"setTimeout(function () { done(false); }, %lld); })",
		quoted(t->arena, t->request->wait_for), (long long)ms);
}

static int wait_selector(struct talk *t, struct rendered *out)
{
	int64_t left = (t->manners->deadline - clock_monotonic()) / 1000 - 1000;
	const struct json_value *v;

	if (t->request->wait_for == NULL)
		return OK;
	left = left < 0 ? 0 : left < SELECTOR_MS ? left : SELECTOR_MS;
	TRY(evaluate(t, selector_script(t, left), &v));
	if (json_kind(v) == JSON_STRING)
		return fail(t, E_RULE, "wait_for (%s) is no CSS selector", t->request->wait_for);
	if (!json_bool(v))
		out->note = arena_printf(t->arena, "what wait_for (%s) waits for did not come",
								 t->request->wait_for);
	return OK;
}

static int read_result(struct talk *t, struct rendered *out)
{
	const struct json_value *v;

	TRY(evaluate(t,
				 arena_printf(t->arena,
							  "document.documentElement ? "
							  "document.documentElement.outerHTML.slice(0, %d) : ''",
							  RENDER_HTML_MAX),
				 &v));
	out->html = json_string(v) != NULL ? json_string(v) : "";
	TRY(evaluate(t, "location.href", &v));
	out->url = json_string(v);
	if (out->url == NULL || !text_starts(out->url, "http"))
		out->url = t->request->url;
	return OK;
}

static int show(struct talk *t, struct rendered *out)
{
	const struct json_value *v;

	TRY(send_command(t, "Page.navigate",
					 arena_printf(t->arena, "{\"url\":%s}", quoted(t->arena, t->request->url)),
					 true));
	TRY(wait_quiet(t));
	TRY(wait_selector(t, out));
	for (int64_t i = 0; i < t->request->scroll; i++) {
		TRY(evaluate(t, "window.scrollTo(0, document.documentElement.scrollHeight)", &v));
		t->heard = clock_monotonic();
		TRY(wait_quiet(t));
	}
	return read_result(t, out);
}

/* Whatever the page did is forgotten with its context. */
static int close_page(struct talk *t)
{
	if (t->context == NULL)
		return OK;
	return command(t, "Target.disposeBrowserContext",
				   arena_printf(t->arena, "{\"browserContextId\":\"%s\"}", t->context), false,
				   NULL);
}

/* ---- the browser ---- */

static void stop_at_exit(void)
{
	atexit(render_stop);
}

static int ensure_browser(struct error *error, const struct render_request *r)
{
	struct browser_options o = {r->program, RENDER_IDLE_SECONDS};
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, stop_at_exit);
	if (browser != NULL && browser_alive(browser))
		return OK;
	browser_free(browser);
	browser = NULL;
	return browser_new(&o, error, &browser);
}

static int render_locked(struct talk *t, struct rendered *out)
{
	struct rendered page = {0};
	int rc;

	TRY(ensure_browser(t->error, t->request));
	rc = open_page(t);
	if (rc == OK)
		rc = show(t, &page);
	/* A browser that failed in the middle of something is not trusted with the next page. */
	if ((rc != OK && !t->document_failed) || close_page(t) != OK) {
		browser_free(browser);
		browser = NULL;
	}
	if (rc == OK)
		*out = page;
	return rc;
}

int render(struct arena *a, struct error *error, const struct manners *m,
		   const struct render_request *r, struct rendered *out)
{
	struct talk t = {.arena = a, .error = error, .manners = m, .request = r};
	struct timespec until;
	int64_t left = m->deadline - clock_monotonic();
	int rc;

	left = left > 0 ? left : 0;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += left / CLOCK_SECOND;
	if (pthread_mutex_clocklock(&lock, CLOCK_MONOTONIC, &until) != 0)
		return fail(&t, E_TIMEOUT,
					"the time was over before it was this page's turn in the browser");
	rc = render_locked(&t, out);
	pthread_mutex_unlock(&lock);
	return rc;
}

void render_stop(void)
{
	pthread_mutex_lock(&lock);
	browser_free(browser);
	browser = NULL;
	pthread_mutex_unlock(&lock);
}

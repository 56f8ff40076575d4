/*
 * What goes out: the one map from error codes to statuses, the bodies of errors, ETag and 304,
 * security and CORS headers. The body of a success is printed before the commit (a reply that
 * cannot be printed must not leave a change behind) and sent after it.
 */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/log.h"
#include "core/caller.h"
#include "core/metrics.h"
#include "core/paging.h"
#include "core/range.h"
#include "core/request.h"
#include "io/http_stream.h"

enum { NUMBER_MAX = 24, ETAG_SIZE = 35 };

static const char json_type[] = "application/json";
static const char csp_data[] = "default-src 'none'; frame-ancestors 'none'";
/* Swagger UI and Redoc set style attributes, draw data: images and start a worker from a blob. */
static const char csp_page[] =
	"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' "
	"data:; "
	"font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; "
	"form-action 'self'; frame-ancestors 'none'";
/* The console: what it shows of a document comes as a blob, and pdf.js starts a worker. */
static const char csp_console[] =
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
	"font-src 'self' data:; media-src 'self' blob:; connect-src 'self'; worker-src 'self' blob:; "
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/* Of a device's senses the console asks for camera and microphone alone, to record an answer. */
static const char permissions_console[] =
	"camera=(self), microphone=(self), display-capture=(), geolocation=(), payment=(), usb=()";
static const char exposed[] =
	"X-Request-ID, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, "
	"X-Total-Count, X-Total-Count-Capped, Link, ETag, Location, Retry-After, Allow, "
	"WWW-Authenticate, Content-Disposition, Accept-Ranges, Content-Range, "
	"Content-Location, Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, Upload-Offset, "
	"Upload-Length, Upload-Expires";

int dispatch_status(enum err code)
{
	switch (code) {
	case OK: return 200;
	case E_INVALID: return 422;
	case E_RULE: return 400;
	case E_AUTH: return 401;
	case E_DENIED: return 403;
	case E_NOT_FOUND: return 404;
	case E_CONFLICT: return 409;
	case E_GONE: return 410;
	case E_PRECONDITION: return 412;
	case E_TOO_LARGE: return 413;
	case E_LIMIT: return 429;
	case E_UNAVAILABLE: return 503;
	case E_UPSTREAM: return 502;
	case E_TIMEOUT: return 504;
	case E_INTERNAL: return 500;
	case E_UPGRADE: return 426;
	}
	return 500;
}

void reply_header(struct request *r, const char *name, const char *value)
{
	struct pairs *h = &r->response.headers;

	if (h->n == REPLY_HEADERS_MAX)
		return;
	h->items = r->headers;
	r->headers[h->n++] = (struct pair){name, value};
}

static void header_number(struct request *r, const char *name, int64_t value)
{
	struct buf digits;

	buf_init(&digits, r->x->arena, NUMBER_MAX);
	json_print_int(&digits, value);
	reply_header(r, name, buf_str(&digits));
}

static bool is_read(const struct request *r)
{
	return (strcmp(r->x->method, "GET") == 0 || strcmp(r->x->method, "HEAD") == 0) &&
		   (r->route == NULL || (r->route->flags & ROUTE_WRITES) == 0);
}

/* What the handler said itself, for example its own Cache-Control, wins over the defaults. */
static const char *handler_header(const struct request *r, const char *name)
{
	for (size_t i = 0; i < r->ctx.headers.n; i++)
		if (text_ieq(r->ctx.headers.items[i].name, name))
			return r->ctx.headers.items[i].value;
	return NULL;
}

static void header_default(struct request *r, const char *name, const char *value)
{
	if (handler_header(r, name) == NULL)
		reply_header(r, name, value);
}

/* ---- headers of every reply ---- */

static bool origin_listed(const struct core *core, const char *origin)
{
	const struct strings *origins = &core->config->cors_origins;

	for (size_t i = 0; i < origins->n; i++)
		if (strcmp(origins->items[i], origin) == 0)
			return true;
	return false;
}

static void add_cors(struct request *r)
{
	const char *origin = http_header(r->x, "Origin");

	reply_header(r, "Vary", "Origin");
	if (origin == NULL || !origin_listed(r->core, origin))
		return;
	reply_header(r, "Access-Control-Allow-Origin", origin);
	reply_header(r, "Access-Control-Allow-Credentials", "true");
	reply_header(r, "Access-Control-Expose-Headers", exposed);
}

static void add_rate(struct request *r)
{
	if (!r->rate.limited_route)
		return;
	header_number(r, "X-RateLimit-Limit", r->rate.limit);
	header_number(r, "X-RateLimit-Remaining", r->rate.remaining);
	header_number(r, "X-RateLimit-Reset", r->rate.reset);
	if (r->rate.refused)
		header_number(r, "Retry-After", r->rate.retry_after);
}

static const char *cache_control(const struct request *r)
{
	int status = r->response.status;

	if (!is_read(r) || (status != 200 && status != 304) || (r->route->flags & ROUTE_FRESH) != 0)
		return "no-store";
	return r->ctx.actor != NULL ? "private, no-cache" : "no-cache";
}

static void add_security(struct request *r)
{
	/* A 304 renews the headers of what the browser has kept (RFC 9111, 4.3.4). */
	bool sent = r->response.status == 200 || r->response.status == 304;
	bool page = sent && r->route != NULL && (r->route->flags & ROUTE_PAGE) != 0;
	bool console = page && (r->route->flags & ROUTE_CONSOLE) != 0;

	reply_header(r, "X-Content-Type-Options", "nosniff");
	reply_header(r, "X-Frame-Options", "DENY");
	reply_header(r, "Referrer-Policy", "no-referrer");
	header_default(r, "Content-Security-Policy",
				   !page     ? csp_data
				   : console ? csp_console
							 : csp_page);
	if (console)
		reply_header(r, "Permissions-Policy", permissions_console);
	header_default(r, "Cache-Control", cache_control(r));
	if (caller_secure(r->x, r->core->config))
		reply_header(r, "Strict-Transport-Security", "max-age=31536000");
}

/* Resumable uploads (tus 1.0): the version on each reply, what is offered on OPTIONS. */
static void add_resumable(struct request *r)
{
	if ((r->path_flags & ROUTE_RESUMABLE) == 0)
		return;
	reply_header(r, "Tus-Resumable", "1.0.0");
	if (strcmp(r->x->method, "OPTIONS") != 0 && r->response.status != 412)
		return;
	reply_header(r, "Tus-Version", "1.0.0");
	reply_header(r, "Tus-Extension", "creation,expiration,termination");
	header_number(r, "Tus-Max-Size", r->core->config->max_video_mb * 1024 * 1024);
}

/* A slow reader keeps the text of its list waiting, not the rows that it was made of. */
static void release_rows(struct request *r)
{
	if (r->rows == NULL)
		return;
	r->rows = arena_free(r->rows);
	r->ctx.arena = r->x->arena;
	r->ctx.headers = (struct pairs){0};
	r->ctx.in = r->ctx.out = NULL;
}

/* Adds what every reply carries and lets it go. */
static void finish(struct request *r)
{
	reply_header(r, "X-Request-ID", r->request_id);
	add_resumable(r);
	if (r->response.status == 401)
		header_default(r, "WWW-Authenticate", "Bearer");
	add_security(r);
	add_cors(r);
	add_rate(r);
	r->replied = true;
	metrics_request(r->core->metrics, r->route, r->response.status, clock_monotonic() - r->begun);
	release_rows(r);
	http_reply(r->x, &r->response);
}

/* ---- failures ---- */

static void start(struct request *r, int status)
{
	r->response = (struct http_response){.status = status, .fd = -1};
}

static void body_done(void *arg)
{
	buf_done(arg);
}

/* An empty buffer for the reply's body: on the heap, where growing seldom copies. */
static struct buf *new_body(struct request *r)
{
	if (r->body.max == 0) {
		buf_init(&r->body, NULL, REPLY_BODY_MAX);
		arena_defer(r->x->arena, body_done, &r->body);
	}
	buf_clear(&r->body);
	return &r->body;
}

static void set_body(struct request *r)
{
	r->response.body = buf_str(&r->body);
	r->response.size = r->body.n;
	header_default(r, "Content-Type", json_type);
}

/* Says what else may be tried: other methods, or the same again later. */
static void add_hints(struct request *r, int status)
{
	const char *retry = handler_header(r, "Retry-After");

	if (status == 405)
		reply_header(r, "Allow", r->allow);
	if (status == 416)
		reply_header(r, "Content-Range",
					 arena_printf(r->x->arena, "bytes */%" PRId64, r->ctx.file_size));
	if (status == 426) {
		reply_header(r, "Upgrade", "websocket");
		reply_header(r, "Sec-WebSocket-Version", "13");
	}
	if (retry != NULL)
		reply_header(r, "Retry-After", arena_strdup(r->x->arena, retry));
	else if (status == 503 || (status == 429 && !r->rate.refused))
		reply_header(r, "Retry-After", "1");
}

void reply_detail(struct request *r, int status, const char *detail)
{
	bool plain = (r->path_flags & ROUTE_PLAIN_ERRORS) != 0;
	struct buf *b = new_body(r);

	buf_adds(b, plain ? "{\"success\":false,\"error\":" : "{\"detail\":");
	json_print_string(b, detail);
	buf_addc(b, '}');
	start(r, status);
	add_hints(r, status);
	r->ctx.headers.n = 0;
	set_body(r);
	finish(r);
}

/* All faults in one sentence: "body.name: Field required; query.limit: …". */
static const char *faults_sentence(struct request *r)
{
	struct buf b;

	buf_init(&b, r->x->arena, 32 * 1024);
	for (size_t i = 0; i < r->faults.n; i++) {
		const struct fault *f = &r->faults.items[i];

		buf_addf(&b, "%s%s%s%s: %s", i == 0 ? "" : "; ", f->where, f->name == NULL ? "" : ".",
				 f->name == NULL ? "" : f->name, f->msg);
	}
	return buf_str(&b);
}

static void reply_faults(struct request *r)
{
	if (r->faults.n == 0)
		faults_add(&r->faults, "body", NULL, r->error.text, "value_error");
	if ((r->path_flags & ROUTE_PLAIN_ERRORS) != 0) {
		reply_detail(r, 422, faults_sentence(r));
		return;
	}
	faults_print(&r->faults, new_body(r));
	start(r, 422);
	r->ctx.headers.n = 0;
	set_body(r);
	finish(r);
}

static void log_failure(const struct request *r, int status)
{
	const struct error *e = &r->error;

	log_write(LOG_ERROR, e->func == NULL ? __func__ : e->func, e->line,
			  "%s %s: %d: %s (request %s)", r->x->method, r->x->path, status, e->text,
			  r->request_id);
}

void reply_failure(struct request *r, int code)
{
	int status = dispatch_status((enum err)code);

	if (code == E_CONFLICT && r->route != NULL && text_starts(r->route->path, "/api/v1/users"))
		status = 400;
	if (status >= 500)
		log_failure(r, status);
	if (status == 422)
		reply_faults(r);
	else
		reply_detail(r, status, status == 500 ? "Internal server error" : r->error.text);
}

/* ---- success ---- */

/* RFC 6266: a plain name for old clients, the whole one in RFC 8187's form. */
static void add_disposition(struct request *r, const char *name)
{
	struct buf b;

	if (name == NULL) {
		header_default(r, "Content-Disposition", "inline");
		return;
	}
	buf_init(&b, r->x->arena, 4096);
	buf_adds(&b, "attachment; filename=\"");
	for (const unsigned char *p = (const unsigned char *)name; *p != '\0'; p++)
		buf_addc(&b, *p < 0x20 || *p >= 0x7f || *p == '"' || *p == '\\' ? '_' : (char)*p);
	buf_adds(&b, "\"; filename*=UTF-8''");
	paging_encode(&b, name, "");
	header_default(r, "Content-Disposition", buf_str(&b));
}

static void print_file(struct request *r)
{
	const struct ctx *c = &r->ctx;

	r->response.fd = c->file_fd;
	r->response.fd_size = c->file_size;
	header_default(r, "Content-Type",
				   c->file_type == NULL ? "application/octet-stream" : c->file_type);
	add_disposition(r, c->file_name);
	reply_header(r, "Accept-Ranges", "bytes");
}

static int print_value(struct request *r)
{
	const struct schema *s = r->route->out;
	bool list = (r->route->flags & ROUTE_LIST) != 0;
	struct buf *b = new_body(r);

	if ((list ? schema_print_list(s, r->ctx.out, b) : schema_print(s, r->ctx.out, b)) < 0)
		return fail(&r->ctx, E_RULE, "The answer is too large; ask for less at once");
	set_body(r);
	if (list)
		paging_headers(r);
	return OK;
}

int reply_print(struct request *r)
{
	struct ctx *c = &r->ctx;

	start(r, c->status != 0 ? c->status : r->route->status);
	if (c->stream != NULL || c->handed != NULL || c->stored != NULL)
		return OK;
	if (c->upgrade != NULL) {
		reply_upgrade(r);
		return OK;
	}
	if (c->has_file) {
		print_file(r);
		return OK;
	}
	if (c->body != NULL) {
		r->response.body = c->body;
		r->response.size = c->body_size;
		header_default(r, "Content-Type", c->body_type);
		return OK;
	}
	if (r->route->out == NULL || r->response.status == 204)
		return OK;
	return print_value(r);
}

static void write_hex(char *out, uint64_t v)
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 16; i-- > 0; v >>= 4)
		out[i] = digits[v & 15];
}

/* The hash names the body's bytes; it guards nothing, so it need not be cryptographic. */
const char *reply_etag(struct arena *a, const char *body, size_t n)
{
	XXH128_hash_t h = XXH3_128bits(body, n);
	char *tag = arena_alloc_raw(a, ETAG_SIZE);

	tag[0] = tag[ETAG_SIZE - 2] = '"';
	write_hex(tag + 1, h.high64);
	write_hex(tag + 17, h.low64);
	tag[ETAG_SIZE - 1] = '\0';
	return tag;
}

/* If-None-Match (RFC 9110, 13.1.2), compared weakly: our tag stands in the list, or the list is
 * "*". */
static bool is_known(const struct request *r, const char *etag)
{
	const char *list = http_header(r->x, "If-None-Match");

	return list != NULL && (strcmp(list, "*") == 0 || strstr(list, etag) != NULL);
}

static void revalidate(struct request *r)
{
	const char *etag = handler_header(r, "ETag");
	bool changed = (r->route->flags & ROUTE_IF_MATCH) != 0; /* answered as a GET would be now */

	if ((!is_read(r) && !changed) || r->response.status != 200 ||
		(r->route->flags & ROUTE_FRESH) != 0)
		return;
	if (etag == NULL && r->response.body == NULL)
		return;
	if (etag == NULL) {
		etag = reply_etag(r->x->arena, r->response.body, r->response.size);
		reply_header(r, "ETag", etag);
	}
	/* The body stays, for the Content-Length of a 304 is that of the 200 (RFC 9110, 8.6); the
	 * library sends none of it. */
	if (!changed && is_known(r, etag))
		r->response.status = 304;
}

/* If-Range (RFC 9110, 13.1.5): the rest is wanted only of the very same file. */
static bool is_same(const struct request *r)
{
	const char *wanted = http_header(r->x, "If-Range"), *etag = handler_header(r, "ETag");

	return wanted == NULL || (etag != NULL && !text_starts(etag, "W/") && text_eq(wanted, etag));
}

/* Cuts a file's reply to the range that was asked for. False: it holds no byte of the file. */
static bool cut_to_range(struct request *r)
{
	const char *wanted = http_header(r->x, "Range");
	struct http_response *p = &r->response;
	struct byte_range range;

	if (!r->ctx.has_file || p->status != 200 || strcmp(r->x->method, "GET") != 0 ||
		wanted == NULL || !is_same(r))
		return true;
	switch (range_parse(wanted, p->fd_size, &range)) {
	case RANGE_NONE: return true;
	case RANGE_BEYOND: return false;
	case RANGE_ONE: break;
	}
	p->status = 206;
	p->offset = range.first;
	p->fd_size = range.last - range.first + 1;
	reply_header(r, "Content-Range",
				 arena_printf(r->x->arena, "bytes %" PRId64 "-%" PRId64 "/%" PRId64, range.first,
							  range.last, r->ctx.file_size));
	return true;
}

/* Copied, for the handler's memory may go before. */
static void add_handlers_own(struct request *r)
{
	const struct pairs *own = &r->ctx.headers;

	for (size_t i = 0; i < own->n; i++)
		reply_header(r, own->items[i].name, arena_strdup(r->x->arena, own->items[i].value));
}

void reply_success(struct request *r)
{
	revalidate(r);
	if (!cut_to_range(r)) {
		close(r->response.fd);
		reply_detail(r, 416, "The file has no such bytes");
		return;
	}
	add_handlers_own(r);
	finish(r);
}

void reply_stored(struct request *r, int64_t size, const char *type, struct http_stream **s,
				  int64_t *first, int64_t *n)
{
	const struct ctx_stored *stored = r->ctx.stored;
	struct http_response *p = &r->response;
	int fd;

	*s = NULL;
	if (files_temporary(r->core->files, &r->error, &fd) < 0) {
		reply_failure(r, E_UNAVAILABLE);
		return;
	}
	ctx_file(&r->ctx, fd, size, type, stored->name);
	start(r, r->ctx.status != 0 ? r->ctx.status : r->route->status);
	print_file(r);
	revalidate(r);
	if (!cut_to_range(r)) {
		close(fd);
		reply_detail(r, 416, "The file has no such bytes");
		return;
	}
	*first = p->offset;
	*n = p->status == 304 || strcmp(r->x->method, "HEAD") == 0 ? 0 : p->fd_size;
	*s = p->stream = http_stream_new_file(fd, p->fd_size);
	p->fd = -1;
	add_handlers_own(r);
	finish(r);
}

/* Proxies that hold a reply back until it is whole (nginx) are asked not to. */
void reply_stream(struct request *r, const char *type, struct http_stream *s)
{
	start(r, r->ctx.status != 0 ? r->ctx.status : r->route->status);
	header_default(r, "Content-Type", type);
	if (handler_header(r, "Cache-Control") == NULL)
		ctx_header(&r->ctx, "Cache-Control", "no-store");
	reply_header(r, "X-Accel-Buffering", "no");
	add_handlers_own(r);
	r->response.stream = s;
	finish(r);
}

void reply_options(struct request *r)
{
	const char *origin = http_header(r->x, "Origin");

	start(r, 204);
	reply_header(r, "Allow", r->allow);
	if (origin != NULL && origin_listed(r->core, origin) &&
		http_header(r->x, "Access-Control-Request-Method") != NULL) {
		reply_header(r, "Access-Control-Allow-Methods", r->allow);
		reply_header(r, "Access-Control-Allow-Headers",
					 "Authorization, Content-Type, Idempotency-Key, If-Match, "
					 "If-None-Match, Range, X-API-Key, X-Request-ID, traceparent, Tus-Resumable, "
					 "Upload-Length, "
					 "Upload-Metadata, Upload-Offset");
		reply_header(r, "Access-Control-Max-Age", "600");
	}
	finish(r);
}

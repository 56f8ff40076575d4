/*
 * See fetch.h. Redirects are followed here and not by libcurl, so that what is sent along to
 * another origin, and to which host the exceptions of the guard belong, is decided at each of them.
 */
#include "io/fetch.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/digest.h"
#include "io/fetch_curl.h"
#include "io/sign.h"

enum { HEADER_BYTES_MAX = 64 * 1024, URL_MAX = 8000 };

/* One hop. */
struct hop {
	struct transfer t; /* first */
	const struct fetch_request *r;
	struct fetch_reply *reply;
	struct buf body;
	size_t header_bytes;
	int64_t taken; /* bytes of the body */
	struct file_source source;
	int failed; /* an error of ours, which ended the transfer */
};

/* What the next hop asks. */
struct step {
	const char *url, *method, *origin, *host;
	const char *path, *query, *host_header;
	bool with_body, same_origin;
};

/* ---- the reply ---- */

static void add_header(struct hop *h, const char *line, size_t n)
{
	struct pairs *list = &h->reply->headers;
	const char *colon = memchr(line, ':', n);
	char *value;

	if (colon == NULL || list->n == FETCH_HEADERS_MAX)
		return;
	value = utf8_clean(h->t.arena, colon + 1, n - (size_t)(colon - line) - 1);
	list->items[list->n++] =
		(struct pair){arena_strndup(h->t.arena, line, (size_t)(colon - line)), text_trim(value)};
}

/* A status line begins another head: that of 100 Continue, or of a proxy, came before. */
static size_t on_header(char *p, size_t size, size_t count, void *arg)
{
	struct hop *h = arg;
	size_t n = size * count;
	long status = 0;

	h->header_bytes += n;
	if (h->header_bytes > HEADER_BYTES_MAX) {
		h->failed = fail(&h->t, E_UPSTREAM, "%s sends too many headers", h->t.host);
		return 0;
	}
	if (n > 5 && strncmp(p, "HTTP/", 5) == 0) {
		h->reply->headers.n = 0;
		curl_easy_getinfo(h->t.curl, CURLINFO_RESPONSE_CODE, &status);
		h->reply->status = (int)status;
	} else {
		add_header(h, p, n);
	}
	return n;
}

static int64_t most(const struct fetch_request *r)
{
	return r->max_body > 0 ? r->max_body : FETCH_BODY_MAX;
}

static size_t on_body(char *p, size_t size, size_t count, void *arg)
{
	struct hop *h = arg;
	size_t n = size * count;
	bool good = h->reply->status >= 200 && h->reply->status < 300;

	if (!good) { /* what explains an error is cut, not refused */
		size_t room = FETCH_ERROR_BODY_MAX - h->body.n;

		buf_add(&h->body, p, n < room ? n : room);
		return n <= room ? n : 0;
	}
	h->taken += (int64_t)n;
	if (h->taken > most(h->r)) {
		h->failed = fail(&h->t, E_TOO_LARGE, "%s sends more than %lld bytes", h->t.host,
						 (long long)most(h->r));
		return 0;
	}
	if (h->r->sink == NULL)
		return buf_add(&h->body, p, n) == OK ? n : 0;
	h->failed = h->r->sink(h->r->arg, h->reply, p, n);
	return h->failed < 0 ? 0 : n;
}

/* ---- the request ---- */

static bool goes_along(const char *name)
{
	return text_ieq(name, "User-Agent") || strncasecmp(name, "Accept", 6) == 0;
}

static bool header_ok(const struct pair *h)
{
	return h->name[0] != '\0' && h->name[strcspn(h->name, "\r\n:")] == '\0' &&
		   h->value[strcspn(h->value, "\r\n")] == '\0';
}

static struct file_source body_file(const struct fetch_request *r)
{
	return (struct file_source){.fd = r->body_fd, .at = r->fd_at, .size = r->fd_at + r->fd_size};
}

/* What cannot be read is told when it is sent. */
static void digest_file(struct digest *d, struct file_source f)
{
	char piece[16 * 1024];
	size_t n;

	while ((n = transfer_read_file(piece, 1, sizeof piece, &f)) > 0 && !f.failed)
		digest_add(d, piece, n);
}

static struct curl_slist *add_signature(struct hop *h, const struct step *s,
										struct curl_slist *list)
{
	struct sign_request signed_part = {.method = s->method,
									   .host = s->host_header,
									   .path = s->path,
									   .query = s->query,
									   .now = clock_now()};
	struct pair headers[SIGN_HEADERS];
	char sum[DIGEST_HEX];
	struct digest d;

	digest_init(&d);
	if (s->with_body && h->r->body_fd > 0)
		digest_file(&d, body_file(h->r));
	else if (s->with_body && h->r->body != NULL)
		digest_add(&d, h->r->body, h->r->size);
	digest_hex(&d, sum);
	signed_part.payload = sum;
	sign_aws(h->t.arena, h->r->sign, &signed_part, headers);
	for (size_t i = 0; i < SIGN_HEADERS; i++)
		list = curl_slist_append(
			list, arena_printf(h->t.arena, "%s: %s", headers[i].name, headers[i].value));
	return list;
}

static int add_headers(struct hop *h, const struct step *s)
{
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");
	bool agent = false;

	for (size_t i = 0; i < h->r->headers.n; i++) {
		const struct pair *p = &h->r->headers.items[i];

		if (!s->same_origin && !goes_along(p->name))
			continue;
		if (!header_ok(p)) {
			curl_slist_free_all(list);
			return fail(&h->t, E_RULE, "A header for %s contains a line break", h->t.host);
		}
		agent = agent || text_ieq(p->name, "User-Agent");
		/* libcurl removes a header without a value, but sends one that ends with ";" empty. */
		list = curl_slist_append(list, *p->value != '\0'
										   ? arena_printf(h->t.arena, "%s: %s", p->name, p->value)
										   : arena_printf(h->t.arena, "%s;", p->name));
	}
	if (h->r->sign != NULL && s->same_origin)
		list = add_signature(h, s, list);
	if (!agent)
		curl_easy_setopt(h->t.curl, CURLOPT_USERAGENT, "vitae/" VITAE_VERSION);
	arena_defer(h->t.arena, transfer_free_slist, list);
	curl_easy_setopt(h->t.curl, CURLOPT_HTTPHEADER, list);
	return OK;
}

static void add_form(struct hop *h, const struct fetch_file *f)
{
	curl_mime *mime = curl_mime_init(h->t.curl);
	curl_mimepart *part = curl_mime_addpart(mime);

	arena_defer(h->t.arena, transfer_free_mime, mime);
	h->source = (struct file_source){.fd = f->fd, .size = f->size};
	curl_mime_name(part, f->field);
	curl_mime_filename(part, f->name);
	curl_mime_type(part, "application/octet-stream");
	curl_mime_data_cb(part, f->size, transfer_read_file, NULL, NULL, &h->source);
	curl_easy_setopt(h->t.curl, CURLOPT_MIMEPOST, mime);
}

static void add_body(struct hop *h, const struct step *s)
{
	CURL *c = h->t.curl;

	if (!s->with_body) {
		if (strcmp(s->method, "HEAD") == 0)
			curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
		else
			curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, s->method);
		return;
	}
	if (h->r->file != NULL) {
		add_form(h, h->r->file);
	} else if (h->r->body_fd > 0) {
		h->source = body_file(h->r);
		curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(c, CURLOPT_READFUNCTION, transfer_read_file);
		curl_easy_setopt(c, CURLOPT_READDATA, &h->source);
		curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE, (curl_off_t)h->r->fd_size);
	} else {
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)h->r->size);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, h->r->body != NULL ? h->r->body : "");
	}
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, s->method);
}

static int run_hop(struct hop *h, const struct step *s)
{
	CURL *c;
	CURLcode code;
	int rc;

	TRY(transfer_init(&h->t));
	c = h->t.curl;
	buf_init(&h->body, h->t.arena,
			 (size_t)(most(h->r) > FETCH_ERROR_BODY_MAX ? most(h->r) : FETCH_ERROR_BODY_MAX));
	h->reply->headers.items = ARENA_ARRAY(h->t.arena, FETCH_HEADERS_MAX, struct pair);
	curl_easy_setopt(c, CURLOPT_URL, s->url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, h);
	curl_easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, h);
	TRY(add_headers(h, s));
	add_body(h, s);
	code = curl_easy_perform(c);
	if (h->failed < 0)
		return h->failed;
	if (h->source.failed)
		return fail(&h->t, E_INTERNAL, "the file to send to %s cannot be read", h->t.host);
	if (code == CURLE_WRITE_ERROR && h->reply->status >= 300)
		code = CURLE_OK; /* the rest of a long explanation */
	rc = transfer_result(&h->t, code);
	h->reply->body = buf_str(&h->body);
	h->reply->size = h->body.n;
	return rc;
}

/* ---- from hop to hop ---- */

static void free_url(void *url)
{
	curl_url_cleanup(url);
}

static const char *url_part(struct arena *a, CURLU *url, CURLUPart part, unsigned flags)
{
	char *text = NULL;
	const char *out = NULL;

	if (curl_url_get(url, part, &text, flags) == CURLUE_OK)
		out = arena_strdup(a, text);
	curl_free(text);
	return out;
}

/* Takes the URL apart: the host to speak of, and the origin to compare. */
static int look_at_url(struct hop *h, struct step *s)
{
	CURLU *url = curl_url();
	const char *scheme, *port;

	if (url == NULL)
		abort();
	arena_defer(h->t.arena, free_url, url);
	h->t.host = "The address";
	if (s->url == NULL || strlen(s->url) > URL_MAX || !utf8_valid(s->url, strlen(s->url)) ||
		curl_url_set(url, CURLUPART_URL, s->url, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
		return fail(&h->t, E_RULE, "The address is no valid URL");
	scheme = url_part(h->t.arena, url, CURLUPART_SCHEME, 0);
	s->host = url_part(h->t.arena, url, CURLUPART_HOST, 0);
	s->path = url_part(h->t.arena, url, CURLUPART_PATH, 0);
	s->query = url_part(h->t.arena, url, CURLUPART_QUERY, 0);
	port = url_part(h->t.arena, url, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
	s->host_header = port == NULL ? s->host : arena_printf(h->t.arena, "%s:%s", s->host, port);
	port = url_part(h->t.arena, url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
	if (!text_ieq(scheme, "http") && !text_ieq(scheme, "https"))
		return fail(&h->t, E_RULE, "The address must begin with http:// or https://");
	h->t.host = arena_printf(h->t.arena, "%s:%s", s->host, port);
	s->origin = arena_printf(h->t.arena, "%s://%s", scheme, h->t.host);
	return OK;
}

static bool is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* Changes the request as the Fetch standard does (HTTP-redirect fetch). False: it ends here. */
static bool follow(const struct fetch_request *r, const struct fetch_reply *reply, struct step *s)
{
	bool post = strcmp(s->method, "POST") == 0, head = strcmp(s->method, "HEAD") == 0;

	if (reply->location == NULL)
		return false;
	if ((reply->status == 303 && !head) ||
		((reply->status == 301 || reply->status == 302) && post)) {
		s->method = "GET";
		s->with_body = false;
	}
	if (s->with_body && (r->body_fd > 0 || r->file != NULL))
		return false;
	s->url = reply->location;
	return true;
}

static void finish(struct hop *h, const struct step *s)
{
	char *location = NULL;
	curl_off_t wait = 0;

	h->reply->url = s->url;
	if (is_redirect(h->reply->status) &&
		curl_easy_getinfo(h->t.curl, CURLINFO_REDIRECT_URL, &location) == CURLE_OK)
		h->reply->location = arena_strdup(h->t.arena, location);
	if (curl_easy_getinfo(h->t.curl, CURLINFO_RETRY_AFTER, &wait) == CURLE_OK)
		h->reply->retry_after = wait;
}

int fetch(struct arena *a, struct error *error, const struct fetch_request *r,
		  struct fetch_reply *out)
{
	int64_t timeout = r->timeout_ms > 0 ? r->timeout_ms : FETCH_TIMEOUT_MS;
	int64_t end = clock_monotonic() + timeout * 1000;
	struct step s = {.url = r->url, .method = r->method != NULL ? r->method : "GET"};
	const char *origin = NULL;

	s.with_body = r->body != NULL || r->body_fd > 0 || r->file != NULL ||
				  strcmp(s.method, "POST") == 0 || strcmp(s.method, "PUT") == 0 ||
				  strcmp(s.method, "PATCH") == 0;
	for (int hops = 0;; hops++) {
		struct fetch_reply *reply = ARENA_NEW(a, struct fetch_reply);
		struct hop *h = ARENA_NEW(a, struct hop);

		*h = (struct hop){.t = {.arena = a,
								.error = error,
								.trusted = r->trusted,
								.reuse = r->reuse && r->trusted,
								.total_ms = timeout},
						  .r = r,
						  .reply = reply};
		TRY(look_at_url(h, &s));
		origin = origin == NULL ? s.origin : origin;
		s.same_origin = strcmp(origin, s.origin) == 0;
		h->t.host_allowed = transfer_host_allowed(s.host);
		h->t.timeout_ms = (end - clock_monotonic()) / 1000;
		if (h->t.timeout_ms < 1)
			return fail(&h->t, E_TIMEOUT, "%s did not answer within %g seconds", h->t.host,
						(double)timeout / 1000);
		TRY(run_hop(h, &s));
		finish(h, &s);
		if (hops < r->redirects && follow(r, reply, &s))
			continue;
		if (hops > 0 && hops == r->redirects && reply->location != NULL)
			return fail(&h->t, E_UPSTREAM, "%s redirects more than %d times", h->t.host, hops);
		*out = *reply;
		return OK;
	}
}

int fetch_check(struct arena *a, struct error *error, const char *url)
{
	struct hop h = {.t = {.arena = a, .error = error}};
	struct step s = {.url = url};

	TRY(look_at_url(&h, &s));
	if (transfer_host_denied(s.host))
		return fail(&h.t, E_DENIED, "%s is not a public address; FETCH_ALLOW can permit it",
					h.t.host);
	return OK;
}

const char *fetch_header(const struct fetch_reply *r, const char *name)
{
	for (size_t i = 0; i < r->headers.n; i++)
		if (text_ieq(r->headers.items[i].name, name))
			return r->headers.items[i].value;
	return NULL;
}

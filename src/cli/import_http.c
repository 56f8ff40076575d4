/*
 * The import into a running server through its API, on libcurl. See import.h. A reply of 429 or 503
 * is an invitation to wait as long as it says; an access token that ran out is replaced by a new
 * login.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/import.h"
#include "cli/secret.h"
#include "data/json.h"

enum {
	REPLY_MAX = 256 * 1024,
	ARENA_MAX = 4 * 1024 * 1024,
	TRIES = 5,
	WAIT_MAX = 3600,
	WAITS_MAX = 200
};
enum { CONNECT_SECONDS = 15, STALL_SECONDS = 120 };

struct http_sink {
	struct import_sink sink; /* first */
	struct error *error;     /* the same as the sink's */
	struct error said;
	const struct import_options *options;
	CURL *curl;
	struct arena *arena; /* of one request */
	char *base, *token;
	char password[SECRET_SIZE];
};

struct reply {
	long status;
	const struct json_value *body; /* NULL: none, or no JSON */
};

/* ---- one request ---- */

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	return buf_add(arg, p, size * n) == OK ? n : 0;
}

static void common_options(struct http_sink *s, const char *path, struct curl_slist *headers,
						   struct buf *body)
{
	CURL *c = s->curl;

	curl_easy_reset(c);
	curl_easy_setopt(c, CURLOPT_URL, arena_printf(s->arena, "%s/api/v1%s", s->base, path));
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)STALL_SECONDS);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "vitae/" VITAE_VERSION);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, body);
	if (s->options->cacert != NULL)
		curl_easy_setopt(c, CURLOPT_CAINFO, s->options->cacert);
}

static int perform(struct http_sink *s, struct buf *body, struct reply *out)
{
	CURLcode code = curl_easy_perform(s->curl);

	if (code != CURLE_OK)
		return fail(s, E_UNAVAILABLE, "%s: %s", s->base, curl_easy_strerror(code));
	*out = (struct reply){0};
	curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &out->status);
	if (json_parse(s->arena, buf_str(body), body->n, &out->body, NULL) != OK)
		out->body = NULL;
	return OK;
}

static int post_login(struct http_sink *s, const char *unused, struct reply *out)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	struct buf body, request;
	int rc;

	(void)unused;
	buf_init(&body, s->arena, REPLY_MAX);
	buf_init(&request, s->arena, REPLY_MAX);
	buf_adds(&request, "{\"username\":");
	json_print_string(&request, s->options->username);
	buf_adds(&request, ",\"password\":");
	json_print_string(&request, s->password);
	buf_addc(&request, '}');
	common_options(s, "/auth/login", headers, &body);
	curl_easy_setopt(s->curl, CURLOPT_POSTFIELDS, buf_str(&request));
	rc = perform(s, &body, out);
	curl_slist_free_all(headers);
	return rc;
}

static int post_file(struct http_sink *s, const char *path, struct reply *out)
{
	struct curl_slist *headers =
		curl_slist_append(NULL, arena_printf(s->arena, "Authorization: Bearer %s", s->token));
	const char *slash = strrchr(path, '/');
	curl_mime *mime = curl_mime_init(s->curl);
	curl_mimepart *part = curl_mime_addpart(mime);
	struct buf body;
	int rc;

	headers = curl_slist_append(headers, "Expect:");
	buf_init(&body, s->arena, REPLY_MAX);
	common_options(s, "/candidates/upload", headers, &body);
	curl_mime_name(part, "file");
	curl_mime_filedata(part, path);
	curl_mime_filename(part, slash != NULL ? slash + 1 : path);
	curl_mime_type(part, "application/octet-stream");
	curl_easy_setopt(s->curl, CURLOPT_MIMEPOST, mime);
	rc = access(path, R_OK) == 0 ? perform(s, &body, out)
								 : fail(s, E_RULE, "The file cannot be opened");
	curl_mime_free(mime);
	curl_slist_free_all(headers);
	return rc;
}

/* ---- patience ---- */

static void wait_as_told(struct http_sink *s, long status)
{
	curl_off_t seconds = 0;

	curl_easy_getinfo(s->curl, CURLINFO_RETRY_AFTER, &seconds);
	seconds = seconds < 1 ? 1 : seconds > WAIT_MAX ? WAIT_MAX : seconds;
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%s: waiting %lld s\033[K",
				status == 429 ? "the server's rate limit" : "the server is busy",
				(long long)seconds);
	sleep((unsigned)seconds);
}

/* Sends until the answer is neither "later" nor lost on the way. */
static int insist(struct http_sink *s,
				  int (*post)(struct http_sink *, const char *, struct reply *), const char *path,
				  struct reply *out)
{
	int tries = 0, waits = 0;

	for (;;) {
		int rc = post(s, path, out);

		if (rc == E_UNAVAILABLE && ++tries < TRIES && s->token != NULL) {
			sleep(1);
			continue;
		}
		TRY(rc);
		if ((out->status != 429 && out->status != 503) || ++waits > WAITS_MAX ||
			(out->status == 503 && ++tries > TRIES))
			return OK;
		wait_as_told(s, out->status);
	}
}

/* ---- what the answers mean ---- */

/* The sentence of {"detail": …}, a string or a list of faults. */
static int refused(struct http_sink *s, const struct reply *r)
{
	const struct json_value *detail = json_get(r->body, "detail");
	const char *text = json_string(detail);

	if (text == NULL && json_size(detail) > 0)
		text = json_string(json_get(json_at(detail, 0), "msg"));
	if (text == NULL)
		return fail(s, E_RULE, "The server answered %ld", r->status);
	return fail(s, E_RULE, "%s", text);
}

static int login(struct http_sink *s)
{
	const char *token;
	struct reply r;

	TRY(insist(s, post_login, NULL, &r));
	token = json_string(json_get(r.body, "access_token"));
	if (r.status != 200 || token == NULL)
		return refused(s, &r);
	free(s->token);
	s->token = strdup(token);
	return OK;
}

static int upload(struct http_sink *s, const char *path, struct reply *r)
{
	TRY(insist(s, post_file, path, r));
	if (r->status != 401 || s->options->username == NULL)
		return OK;
	TRY(login(s));
	return insist(s, post_file, path, r);
}

static enum import_outcome send_file(struct import_sink *sink, const char *path)
{
	struct http_sink *s = (struct http_sink *)sink;
	struct reply r;
	int rc;

	arena_reset(s->arena);
	rc = upload(s, path, &r);
	if (rc != OK)
		return rc == E_UNAVAILABLE ? IMPORT_STOP : IMPORT_REFUSED;
	if (r.status == 202)
		return json_bool(json_get(r.body, "duplicate")) ? IMPORT_KNOWN : IMPORT_ADDED;
	refused(s, &r);
	switch (r.status) {
	case 401: /* who asks, where and how often: the next file would fare no better */
	case 403:
	case 404:
	case 405:
	case 429:
	case 503: return IMPORT_STOP;
	}
	return IMPORT_REFUSED;
}

static void tell(struct import_sink *sink)
{
	(void)sink;
	puts("The server reads them now.");
}

static void close_sink(struct import_sink *sink)
{
	struct http_sink *s = (struct http_sink *)sink;

	explicit_bzero(s->password, sizeof s->password);
	arena_free(s->arena);
	curl_easy_cleanup(s->curl);
	curl_global_cleanup();
	free(s->base);
	free(s->token);
	free(s);
}

static int prepare(struct http_sink *s)
{
	const struct import_options *o = s->options;
	int status;

	if (!text_starts(s->base, "http://") && !text_starts(s->base, "https://"))
		return cli_usage(o->command, "--url takes an address that begins with http:// or https://");
	for (size_t n = strlen(s->base); n > 0 && s->base[n - 1] == '/'; n--)
		s->base[n - 1] = '\0';
	if (o->token != NULL) {
		s->token = strdup(o->token);
		return CLI_OK;
	}
	status = secret_read(o->command, false, false, s->password);
	if (status == CLI_OK && login(s) != OK)
		status = cli_fail(o->command, "%s", s->said.text);
	return status;
}

int import_http(const struct import_options *o, struct import_sink **out)
{
	struct http_sink *s = calloc(1, sizeof *s);
	int status;

	if (s == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		abort();
	s->error = &s->said;
	s->sink = (struct import_sink){&s->said, send_file, tell, close_sink};
	s->options = o;
	s->arena = arena_new(ARENA_MAX);
	s->base = strdup(o->url);
	s->curl = curl_easy_init();
	if (s->base == NULL || s->curl == NULL)
		abort();
	status = prepare(s);
	if (status != CLI_OK) {
		close_sink(&s->sink);
		return status;
	}
	*out = &s->sink;
	return CLI_OK;
}

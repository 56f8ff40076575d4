/*
 * The import into a running server through its API. See import.h. A reply of 429 or 503
 * is an invitation to wait as long as it says; an access token that ran out is replaced by a new
 * login.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/import.h"
#include "cli/secret.h"
#include "data/json.h"
#include "io/fetch.h"

enum {
	REPLY_MAX = 256 * 1024,
	ARENA_MAX = 4 * 1024 * 1024,
	TIMEOUT_MS = 300 * 1000,
	TRIES = 5,
	WAIT_MAX = 3600,
	WAITS_MAX = 200
};

struct http_sink {
	struct import_sink sink; /* first */
	struct error *error;     /* the same as the sink's */
	struct error said;
	const struct import_options *options;
	struct arena *arena; /* of one request */
	char *base, *token;
	char password[SECRET_SIZE];
};

struct reply {
	int status;
	int64_t retry_after;           /* seconds, 0: it does not say */
	const struct json_value *body; /* NULL: none, or no JSON */
};

/* ---- one request ---- */

static int perform(struct http_sink *s, struct fetch_request *r, const char *path,
				   struct reply *out)
{
	struct fetch_reply reply;

	r->method = "POST";
	r->url = arena_printf(s->arena, "%s/api/v1%s", s->base, path);
	r->timeout_ms = TIMEOUT_MS;
	r->max_body = REPLY_MAX;
	r->trusted = true;
	TRY(fetch(s->arena, s->error, r, &reply));
	*out = (struct reply){.status = reply.status, .retry_after = reply.retry_after};
	if (json_parse(s->arena, reply.body, reply.size, &out->body, NULL) != OK)
		out->body = NULL;
	return OK;
}

static int post_login(struct http_sink *s, const char *unused, struct reply *out)
{
	struct pair type = {"Content-Type", "application/json"};
	struct fetch_request r = {.headers = {&type, 1}};
	struct buf request;

	(void)unused;
	buf_init(&request, s->arena, REPLY_MAX);
	buf_adds(&request, "{\"username\":");
	json_print_string(&request, s->options->username);
	buf_adds(&request, ",\"password\":");
	json_print_string(&request, s->password);
	buf_addc(&request, '}');
	r.body = buf_str(&request);
	r.size = request.n;
	return perform(s, &r, "/auth/login", out);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static int post_file(struct http_sink *s, const char *path, struct reply *out)
{
	CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct pair token = {"Authorization", arena_printf(s->arena, "Bearer %s", s->token)};
	const char *slash = strrchr(path, '/');
	struct fetch_file file = {"file", slash != NULL ? slash + 1 : path, fd, 0};
	struct fetch_request r = {.headers = {&token, 1}, .file = &file};
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return fail(s, E_RULE, "The file cannot be opened");
	file.size = st.st_size;
	return perform(s, &r, "/candidates/upload", out);
}

/* ---- patience ---- */

static void wait_as_told(int status, int64_t seconds)
{
	seconds = seconds < 1 ? 1 : seconds > WAIT_MAX ? WAIT_MAX : seconds;
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%s: waiting %lld s\033[K",
				status == 429 ? "the server's rate limit" : "the server is busy",
				(long long)seconds);
	sleep((unsigned)seconds);
}

/* The server was not reached, or its answer did not come. */
static bool is_lost(int rc)
{
	return rc == E_UPSTREAM || rc == E_TIMEOUT || rc == E_UNAVAILABLE;
}

/* Sends until the answer is neither "later" nor lost on the way. */
static int insist(struct http_sink *s,
				  int (*post)(struct http_sink *, const char *, struct reply *), const char *path,
				  struct reply *out)
{
	int tries = 0, waits = 0;

	for (;;) {
		int rc = post(s, path, out);

		if (is_lost(rc) && ++tries < TRIES && s->token != NULL) {
			sleep(1);
			continue;
		}
		TRY(rc);
		if ((out->status != 429 && out->status != 503) || ++waits > WAITS_MAX ||
			(out->status == 503 && ++tries > TRIES))
			return OK;
		wait_as_told(out->status, out->retry_after);
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
		return fail(s, E_RULE, "The server answered %d", r->status);
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
		return is_lost(rc) ? IMPORT_STOP : IMPORT_REFUSED;
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

	if (s == NULL)
		abort();
	fetch_start(&(struct fetch_options){.ca_file = o->cacert});
	s->error = &s->said;
	s->sink = (struct import_sink){&s->said, send_file, tell, close_sink};
	s->options = o;
	s->arena = arena_new(ARENA_MAX);
	s->base = strdup(o->url);
	if (s->base == NULL)
		abort();
	status = prepare(s);
	if (status != CLI_OK) {
		close_sink(&s->sink);
		return status;
	}
	*out = &s->sink;
	return CLI_OK;
}

/*
 * See s3_inner.h. A request is made again after a moment if its failure may pass. One that took its
 * whole time is not: who waits for the file has waited enough.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "core/s3_inner.h"

enum { TRIES = 4, PAUSE_MS = 100, PAUSE_MAX_SECONDS = 2 };

struct told {
	struct error *error;
};

static void arena_done(struct arena **a)
{
	arena_free(*a);
}

char *s3_encode(struct arena *a, const char *text)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	struct buf b;

	buf_init(&b, a, 3 * strlen(text) + 1);
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
		if (strchr(plain, *p) != NULL)
			buf_addc(&b, (char)*p);
		else
			buf_addf(&b, "%%%02X", *p);
	}
	return arena_strdup(a, buf_str(&b));
}

/* A path, whose slashes stay. */
static const char *encode_path(struct arena *a, const char *path)
{
	char *rest = arena_strdup(a, path), *part;
	const char *out = NULL;

	while ((part = strsep(&rest, "/")) != NULL)
		out = out == NULL ? s3_encode(a, part) : arena_printf(a, "%s/%s", out, s3_encode(a, part));
	return out;
}

char *s3_list_query(const struct s3 *s, struct arena *a, const char *prefix, const char *token)
{
	const char *whole = s3_encode(a, arena_printf(a, "%s%s", s->prefix, prefix));

	if (*token == '\0')
		return arena_printf(a, "list-type=2&max-keys=1000&prefix=%s", whole);
	return arena_printf(a, "continuation-token=%s&list-type=2&max-keys=1000&prefix=%s",
						s3_encode(a, token), whole);
}

/* ---- failures ---- */

static int unavailable(struct error *error)
{
	struct told t = {error};

	return fail(&t, E_UNAVAILABLE, "The file store does not do its work just now; try again later");
}

/* What the store says: its code and message, or the status. */
static const char *said(struct arena *a, const struct fetch_reply *reply)
{
	const char *code = s3_xml_text(a, reply, "Code");
	const char *message = s3_xml_text(a, reply, "Message");

	if (code == NULL)
		return arena_printf(a, "status %d", reply->status);
	if (text_is_blank(message)) /* as Ceph's */
		return arena_printf(a, "%.100s", code);
	return arena_printf(a, "%.100s (%.200s)", code, message);
}

int s3_failed(struct s3 *s, struct error *error, const struct fetch_reply *reply)
{
	CLEANUP(arena_done) struct arena *a = arena_new(S3_ARENA);

	log_error("the file store %s answers %s", s->base, said(a, reply));
	return unavailable(error);
}

int s3_odd(struct s3 *s, struct error *error, const char *what)
{
	log_error("the file store %s %s", s->base, what);
	return unavailable(error);
}

/* For the operator: what to mend. */
static int explain(struct s3 *s, struct arena *a, struct error *error,
				   const struct fetch_reply *reply)
{
	struct told t = {error};
	const char *code = s3_xml_text(a, reply, "Code");

	if (text_eq(code, "NoSuchBucket"))
		return fail(&t, E_RULE, "FILES_URL: there is no such bucket at %s; make it first", s->base);
	if (text_eq(code, "InvalidAccessKeyId") || text_eq(code, "SignatureDoesNotMatch"))
		return fail(&t, E_RULE,
					"FILES_URL: %s does not know the keys: %s; look at S3_ACCESS_KEY_ID and "
					"S3_SECRET_ACCESS_KEY",
					s->base, said(a, reply));
	if (text_eq(code, "RequestTimeTooSkewed"))
		return fail(&t, E_RULE, "FILES_URL: this machine's clock differs from that of %s: %s",
					s->base, said(a, reply));
	if (reply->status == 403)
		return fail(&t, E_RULE,
					"FILES_URL: %s refuses: %s; the keys must be allowed to list, read, write and "
					"delete there",
					s->base, said(a, reply));
	if (reply->status >= 300 && reply->status < 500)
		return fail(&t, E_RULE, "FILES_URL: %s answers %s; look at S3_ENDPOINT and S3_REGION",
					s->base, said(a, reply));
	return fail(&t, E_UNAVAILABLE, "%s answers %s", s->base, said(a, reply));
}

static bool may_pass(int rc, const struct fetch_reply *reply)
{
	if (rc == OK)
		return reply->status == 429 || (reply->status >= 500 && reply->status != 501);
	return rc == E_UPSTREAM;
}

/* The pauses double; the store may ask for a longer one. */
static int wait_a_moment(int tries, const struct fetch_reply *reply)
{
	int64_t ms = PAUSE_MS << tries;

	if (reply->retry_after > 0)
		ms = (reply->retry_after < PAUSE_MAX_SECONDS ? reply->retry_after : PAUSE_MAX_SECONDS) *
			 1000;
	return fetch_pause(ms);
}

/* ---- requests ---- */

static struct fetch_request request_of(struct s3 *s, struct arena *a, const struct s3_call *c)
{
	static struct pair plain = {"Accept-Encoding", "identity"};
	const char *key =
		c->key == NULL ? "" : encode_path(a, arena_printf(a, "%s%s", s->prefix, c->key));

	return (struct fetch_request){
		.method = c->method,
		.url = arena_printf(a, "%s/%s%s%s", s->base, key, c->query != NULL ? "?" : "",
							c->query != NULL ? c->query : ""),
		.headers = {&plain, 1},
		.body = c->body,
		.size = c->size,
		.body_fd = c->fd,
		.fd_at = c->fd_at,
		.fd_size = c->fd_size,
		.timeout_ms = s->timeout_ms,
		.max_body = c->max_body,
		.trusted = true,
		.reuse = true,
		.sign = &s->sign,
	};
}

/* What became of the last try. */
static int judge(struct s3 *s, struct arena *a, struct error *error, const struct s3_call *c,
				 int rc, const struct fetch_reply *reply)
{
	struct told t = {error};

	if (rc < 0 && fetch_stopping())
		return rc;
	if (rc < 0) {
		const char *text = arena_strdup(a, error->text);

		if (c->explain)
			return fail(&t, E_UNAVAILABLE, "%s", text);
		log_error("the file store does not answer: %s", text);
		return unavailable(error);
	}
	if (reply->status >= 200 && reply->status < 300)
		return OK;
	if (reply->status == 404 && c->key != NULL &&
		!text_eq(s3_xml_text(a, reply, "Code"), "NoSuchBucket"))
		return fail(&t, E_NOT_FOUND, "Not found");
	return c->explain ? explain(s, a, error, reply) : s3_failed(s, error, reply);
}

int s3_call(struct s3 *s, struct arena *a, struct error *error, const struct s3_call *c,
			struct fetch_reply *reply)
{
	struct fetch_request r = request_of(s, a, c);
	int rc;

	for (int tries = 0;; tries++) {
		*reply = (struct fetch_reply){.status = 0};
		rc = fetch(a, error, &r, reply);
		if (!may_pass(rc, reply) || tries + 1 == TRIES || wait_a_moment(tries, reply) != OK)
			return judge(s, a, error, c, rc, reply);
	}
}

/* ---- ranges ---- */

struct receiving {
	const struct s3_call *call;
	int64_t at; /* the next byte that the sink is owed */
	int64_t size;
	int failed; /* by the sink */
	bool odd;
};

/* "bytes 0-99/1234": where it begins, and of how many. */
static bool read_content_range(const char *text, int64_t *first, int64_t *size)
{
	int64_t last;

	return text != NULL &&
		   sscanf(text, "bytes %" SCNd64 "-%" SCNd64 "/%" SCNd64, first, &last, size) == 3 &&
		   *first >= 0 && last >= *first && *size > last;
}

static int receive(void *arg, const struct fetch_reply *head, const void *p, size_t n)
{
	struct receiving *r = arg;
	int64_t first = 0;

	if (r->size < 0 &&
		(!read_content_range(fetch_header(head, "Content-Range"), &first, &r->size) ||
		 first != r->at)) {
		r->odd = true;
		return E_UPSTREAM;
	}
	if ((int64_t)n > r->call->range_end - r->at)
		n = (size_t)(r->call->range_end - r->at);
	r->failed = n == 0 ? OK : r->call->sink(r->call->arg, p, n);
	r->at += (int64_t)n;
	return r->failed;
}

/* An object without bytes has no range: 416. */
static bool is_empty(const struct receiving *r, const struct fetch_reply *reply)
{
	return reply->status == 416 && r->at == 0;
}

static int get_once(struct s3 *s, struct arena *a, struct error *error, struct receiving *r,
					struct fetch_reply *reply)
{
	struct fetch_request f = request_of(s, a, r->call);
	struct pair headers[] = {
		f.headers.items[0],
		{"Range", arena_printf(a, "bytes=%" PRId64 "-%" PRId64, r->at, r->call->range_end - 1)}};

	f.headers = (struct pairs){headers, 2};
	f.max_body = S3_PART;
	f.sink = receive;
	f.arg = r;
	r->size = -1;
	*reply = (struct fetch_reply){.status = 0};
	return fetch(a, error, &f, reply);
}

int s3_get(struct s3 *s, struct arena *a, struct error *error, const struct s3_call *c,
		   struct fetch_reply *reply, int64_t *size)
{
	struct receiving r = {.call = c, .at = c->range_at};
	int rc;

	for (int tries = 0;; tries++) {
		rc = get_once(s, a, error, &r, reply);
		if (r.failed < 0)
			return rc;
		if (r.odd)
			return s3_odd(s, error, "does not answer with the range that it was asked for");
		if (rc == OK && is_empty(&r, reply)) {
			*size = 0;
			return OK;
		}
		if (!may_pass(rc, reply) || tries + 1 == TRIES || wait_a_moment(tries, reply) != OK)
			break;
	}
	TRY(judge(s, a, error, c, rc, reply));
	*size = r.size < 0 ? r.at : r.size;
	return OK;
}

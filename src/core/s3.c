/* See s3.h. The operations; s3_call.c makes the requests, s3_xml.c reads what comes back. */
#include "core/s3.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "core/s3_inner.h"

enum { PARTS_BODY_MAX = 2 * 1024 * 1024, TEXT_MAX = 1024 };

/* ---- objects ---- */

static void arena_done(struct arena **a)
{
	arena_free(*a);
}

static int put_whole(struct s3 *s, struct error *error, const char *key,
					 const struct files_piece *piece)
{
	CLEANUP(arena_done) struct arena *a = arena_new(S3_ARENA);
	struct s3_call c = {.method = "PUT",
						.key = key,
						.body = "",
						.fd = piece->size == 0 ? 0 : piece->fd,
						.fd_at = piece->at,
						.fd_size = piece->size};
	struct fetch_reply reply;

	return s3_call(s, a, error, &c, &reply);
}

static int size_of(void *arg, struct error *error, const char *path, int64_t *out)
{
	CLEANUP(arena_done) struct arena *a = arena_new(S3_ARENA);
	struct s3_call c = {.method = "HEAD", .key = path};
	struct fetch_reply reply;
	const char *length;

	TRY(s3_call(arg, a, error, &c, &reply));
	length = fetch_header(&reply, "Content-Length");
	if (length == NULL || text_int(length, out) != OK)
		return s3_odd(arg, error, "does not tell the size of an object");
	return OK;
}

/* ---- objects in parts ---- */

static int begin_parts(void *arg, struct arena *a, struct error *error, const char *path,
					   const char **id)
{
	CLEANUP(arena_done) struct arena *own = arena_new(S3_ARENA);
	struct s3_call c = {.method = "POST", .key = path, .query = "uploads=", .body = ""};
	struct fetch_reply reply;
	const char *found;

	TRY(s3_call(arg, own, error, &c, &reply));
	found = s3_xml_text(own, &reply, "UploadId");
	if (text_is_blank(found) || strlen(found) > FILES_PARTS_ID_MAX)
		return s3_odd(arg, error, "begins an upload without an UploadId");
	*id = arena_strdup(a, found);
	return OK;
}

/* The tag that the store gave a part goes back as it is, if it is plain. */
static bool tag_ok(const char *tag)
{
	return tag != NULL && *tag != '\0' && strlen(tag) <= 200 && strpbrk(tag, "<>&") == NULL;
}

static int put_part(void *arg, struct arena *a, struct error *error, const struct files_parts *p,
					int64_t number, const struct files_piece *piece, const char **tag)
{
	CLEANUP(arena_done) struct arena *own = arena_new(S3_ARENA);
	struct s3_call c = {.method = "PUT",
						.key = p->path,
						.fd = piece->fd,
						.fd_at = piece->at,
						.fd_size = piece->size};
	struct fetch_reply reply;
	const char *found;

	c.query =
		arena_printf(own, "partNumber=%" PRId64 "&uploadId=%s", number, s3_encode(own, p->id));
	TRY(s3_call(arg, own, error, &c, &reply));
	found = fetch_header(&reply, "ETag");
	if (!tag_ok(found))
		return s3_odd(arg, error, "takes a part without telling its ETag");
	*tag = arena_strdup(a, found);
	return OK;
}

/* An end whose reply was lost is asked for again, when the store knows of no upload any more: then
 * the object is there. */
static int look_for_end(struct s3 *s, struct error *error, const char *key, int64_t size)
{
	int64_t found;

	TRY(size_of(s, error, key, &found));
	return found != size ? s3_odd(s, error, "has an object of another size") : OK;
}

/* The end may take long, so the reply may begin with 200 before it is known to have failed. */
static int end_parts(void *arg, struct error *error, const struct files_parts *p,
					 const struct files_part *parts, size_t n, int64_t size)
{
	CLEANUP(arena_done) struct arena *a = arena_new(S3_ARENA + 2 * PARTS_BODY_MAX);
	struct s3_call c = {.method = "POST", .key = p->path};
	struct fetch_reply reply;
	struct buf list;
	int rc;

	buf_init(&list, a, PARTS_BODY_MAX);
	TRY(buf_adds(&list, "<CompleteMultipartUpload>"));
	for (size_t i = 0; i < n; i++)
		TRY(buf_addf(&list, "<Part><PartNumber>%" PRId64 "</PartNumber><ETag>%s</ETag></Part>",
					 parts[i].number, parts[i].tag));
	TRY(buf_adds(&list, "</CompleteMultipartUpload>"));
	c.query = arena_printf(a, "uploadId=%s", s3_encode(a, p->id));
	c.body = buf_str(&list);
	c.size = list.n;
	rc = s3_call(arg, a, error, &c, &reply);
	if (rc == E_NOT_FOUND)
		return look_for_end(arg, error, p->path, size);
	TRY(rc);
	if (s3_xml_text(a, &reply, "ETag") == NULL)
		return s3_failed(arg, error, &reply);
	return OK;
}

static int abort_parts(void *arg, struct error *error, const struct files_parts *p)
{
	CLEANUP(arena_done) struct arena *a = arena_new(S3_ARENA);
	struct s3_call c = {.method = "DELETE", .key = p->path};
	struct fetch_reply reply;
	int rc;

	c.query = arena_printf(a, "uploadId=%s", s3_encode(a, p->id));
	rc = s3_call(arg, a, error, &c, &reply);
	return rc == E_NOT_FOUND ? OK : rc;
}

static int send_parts(struct s3 *s, struct arena *a, struct error *error,
					  const struct files_parts *p, const struct files_piece *all)
{
	size_t n = (size_t)((all->size + S3_PART - 1) / S3_PART);
	struct files_part *parts = ARENA_ARRAY(a, n, struct files_part);

	for (size_t i = 0; i < n; i++) {
		int64_t at = (int64_t)i * S3_PART, left = all->size - at;
		struct files_piece piece = {all->fd, all->at + at, left < S3_PART ? left : S3_PART};

		parts[i].number = (int64_t)i + 1;
		TRY(put_part(s, a, error, p, parts[i].number, &piece, &parts[i].tag));
	}
	return end_parts(s, error, p, parts, n, all->size);
}

static int put_in_parts(struct s3 *s, struct error *error, const char *key,
						const struct files_piece *piece)
{
	CLEANUP(arena_done) struct arena *a = arena_new(S3_ARENA + 2 * PARTS_BODY_MAX);
	struct files_parts p = {.path = key};
	struct error ignored;
	int rc;

	if (piece->size > S3_PART * S3_PARTS_MAX)
		return error_set(error, E_TOO_LARGE, __FILE__, __LINE__, __func__,
						 "The file is too large for the file store");
	TRY(begin_parts(s, a, error, key, &p.id));
	rc = send_parts(s, a, error, &p, piece);
	if (rc < 0 && abort_parts(s, &ignored, &p) != OK)
		log_warning("an unfinished upload stays in the file store until it is tidied: %s",
					ignored.text);
	return rc;
}

static int put(void *arg, struct error *error, const char *path, const struct files_piece *piece)
{
	int rc = piece->size <= S3_PART ? put_whole(arg, error, path, piece)
									: put_in_parts(arg, error, path, piece);

	return rc == E_NOT_FOUND ? s3_odd(arg, error, "does not know what is being put there") : rc;
}

static int get(void *arg, struct error *error, const char *path, int64_t offset, int64_t length,
			   int (*sink)(void *arg, const void *p, size_t n), void *sink_arg)
{
	struct s3_call c = {.method = "GET", .key = path, .sink = sink, .arg = sink_arg};
	int64_t end = length < 0 ? INT64_MAX : offset + length, size = end;

	for (int64_t at = offset; at < end && at < size; at += S3_PART) {
		CLEANUP(arena_done) struct arena *a = arena_new(S3_ARENA);
		struct fetch_reply reply;

		c.range_at = at;
		c.range_end = end - at < S3_PART ? end : at + S3_PART;
		TRY(s3_get(arg, a, error, &c, &reply, &size));
	}
	if (length >= 0 && size < end)
		return s3_odd(arg, error, "has a shorter object than it said");
	return OK;
}

static int remove_object(void *arg, struct error *error, const char *path)
{
	CLEANUP(arena_done) struct arena *a = arena_new(S3_ARENA);
	struct s3_call c = {.method = "DELETE", .key = path};
	struct fetch_reply reply;
	int rc = s3_call(arg, a, error, &c, &reply);

	return rc == E_NOT_FOUND ? OK : rc;
}

static int list(void *arg, struct error *error, const char *prefix,
				int (*each)(void *arg, const struct files_object *o), void *each_arg)
{
	const char *next = "";
	char token[S3_TOKEN_MAX];

	while (next != NULL) {
		CLEANUP(arena_done) struct arena *a = arena_new(S3_LIST_ARENA);
		struct s3_call c = {.method = "GET", .max_body = S3_LIST_MAX};
		struct fetch_reply reply;

		c.query = s3_list_query(arg, a, prefix, next);
		TRY(s3_call(arg, a, error, &c, &reply));
		TRY(s3_xml_objects(arg, a, error, &reply, each, each_arg, &next));
		if (next != NULL && strlen(next) >= sizeof token)
			return s3_odd(arg, error, "names the next page of a list at too great a length");
		if (next != NULL)
			next = memcpy(token, next, strlen(next) + 1);
	}
	return OK;
}

/* ---- one for the process ---- */

/* s3://bucket/prefix into its parts, and the address of the bucket. */
static void take_apart(struct s3 *s, const struct config *config)
{
	const char *rest = config->files_url + strlen("s3://");
	size_t n = strcspn(rest, "/"), end = strlen(rest);
	char *bucket = arena_strndup(s->arena, rest, n);

	while (end > n && rest[end - 1] == '/')
		end--;
	s->prefix =
		end > n + 1 ? arena_printf(s->arena, "%.*s/", (int)(end - n - 1), rest + n + 1) : "";
	if (config->s3_endpoint != NULL)
		s->base = arena_printf(s->arena, "%s/%s", config->s3_endpoint, bucket);
	else if (strchr(bucket, '.') != NULL) /* no certificate of a wildcard covers it */
		s->base =
			arena_printf(s->arena, "https://s3.%s.amazonaws.com/%s", config->s3_region, bucket);
	else
		s->base =
			arena_printf(s->arena, "https://%s.s3.%s.amazonaws.com", bucket, config->s3_region);
}

struct s3 *s3_new(const struct config *config)
{
	struct arena *a = arena_new(S3_ARENA);
	struct s3 *s = ARENA_NEW(a, struct s3);

	s->arena = a;
	take_apart(s, config);
	s->timeout_ms = config->s3_timeout * 1000;
	s->sign = (struct fetch_sign){.region = config->s3_region,
								  .service = "s3",
								  .key_id = config->s3_access_key_id,
								  .secret = config->s3_secret_access_key};
	s->remote = (struct files_remote){.arg = s,
									  .part = S3_PART,
									  .put = put,
									  .begin = begin_parts,
									  .put_part = put_part,
									  .end = end_parts,
									  .abort = abort_parts,
									  .get = get,
									  .size = size_of,
									  .remove = remove_object,
									  .list = list};
	return s;
}

void s3_free(struct s3 *s)
{
	if (s != NULL)
		arena_free(s->arena);
}

const struct files_remote *s3_remote(const struct s3 *s)
{
	return &s->remote;
}

/* ---- beside the files ---- */

int s3_check(struct s3 *s, struct error *error)
{
	CLEANUP(arena_done) struct arena *a = arena_new(S3_ARENA);
	struct s3_call c = {.method = "GET", .explain = true};
	struct fetch_reply reply;

	c.query = arena_printf(a, "list-type=2&max-keys=1&prefix=%s", s3_encode(a, s->prefix));
	return s3_call(s, a, error, &c, &reply);
}

int s3_get_text(struct s3 *s, struct arena *a, struct error *error, const char *name,
				const char **out)
{
	struct s3_call c = {.method = "GET", .key = name, .explain = true, .max_body = TEXT_MAX};
	struct fetch_reply reply;

	TRY(s3_call(s, a, error, &c, &reply));
	*out = text_trim(utf8_clean(a, reply.body, reply.size));
	return OK;
}

int s3_put_text(struct s3 *s, struct error *error, const char *name, const char *text)
{
	CLEANUP(arena_done) struct arena *a = arena_new(S3_ARENA);
	struct s3_call c = {
		.method = "PUT", .key = name, .body = text, .size = strlen(text), .explain = true};
	struct fetch_reply reply;

	return s3_call(s, a, error, &c, &reply);
}

struct tidying {
	struct s3 *s;
	struct error *error;
	int64_t before;
	bool (*keep)(void *arg, const struct files_parts *p);
	void *arg;
	int failed;
};

/* One that cannot be aborted is no reason to leave the others, unless none can be. */
static int abort_old(void *arg, const char *key, const char *id, int64_t begun)
{
	enum { FAILED_MAX = 10 };
	struct tidying *t = arg;
	const struct files_parts p = {key, id};
	int rc;

	if (begun >= t->before || t->keep(t->arg, &p))
		return OK;
	rc = abort_parts(t->s, t->error, &p);
	if (rc == OK)
		return OK;
	log_warning("an unfinished upload of %s stays in the file store: %s", key, t->error->text);
	return ++t->failed < FAILED_MAX ? OK : rc;
}

/* Where a list of uploads goes on, encoded. */
struct marks {
	char key[S3_TOKEN_MAX], id[S3_TOKEN_MAX];
};

static bool keep_mark(struct arena *a, char *to, const char *mark)
{
	const char *text = s3_encode(a, mark);

	return strlen(text) < S3_TOKEN_MAX && stpcpy(to, text) > to;
}

static const char *uploads_query(struct s3 *s, struct arena *a, const struct marks *from)
{
	const char *prefix = s3_encode(a, s->prefix);

	if (from->key[0] == '\0')
		return arena_printf(a, "max-uploads=1000&prefix=%s&uploads=", prefix);
	return arena_printf(a, "key-marker=%s&max-uploads=1000&prefix=%s&upload-id-marker=%s&uploads=",
						from->key, prefix, from->id);
}

int s3_tidy(struct s3 *s, struct error *error, int64_t age_us,
			bool (*keep)(void *arg, const struct files_parts *p), void *arg)
{
	struct tidying t = {
		.s = s, .error = error, .before = clock_now() - age_us, .keep = keep, .arg = arg};
	struct marks from = {.key = ""};
	bool more = true;

	while (more) {
		CLEANUP(arena_done) struct arena *a = arena_new(S3_LIST_ARENA);
		struct s3_call c = {.method = "GET", .max_body = S3_LIST_MAX};
		struct fetch_reply reply;
		const char *key, *id;

		c.query = uploads_query(s, a, &from);
		TRY(s3_call(s, a, error, &c, &reply));
		TRY(s3_xml_uploads(s, a, error, &reply, abort_old, &t, &key, &id));
		more = key != NULL;
		if (more && !(keep_mark(a, from.key, key) && keep_mark(a, from.id, id)))
			return s3_odd(s, error, "names the next page of its uploads at too great a length");
	}
	return OK;
}

/*
 * What comes in with a request: which kind of body is read, the file part on its way to the spool,
 * and the binding of body, query and path to the route's schema. Planning and spooling run on the
 * loop thread, binding on a pool thread.
 */
#include "core/request.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/log.h"
#include "data/json.h"

enum { MEGABYTE = 1024 * 1024, KILOBYTE = 1024 };

/* True if the media type (parameters aside, case ignored) is name. */
static bool media_type_is(const char *content_type, size_t n, const char *name)
{
	return n == strlen(name) && strncasecmp(content_type, name, n) == 0;
}

static size_t media_type_length(const char *content_type)
{
	size_t n = strcspn(content_type, ";");

	while (n > 0 && (content_type[n - 1] == ' ' || content_type[n - 1] == '\t'))
		n--;
	return n;
}

/* application/json, or any type with the suffix +json (RFC 6839). */
static bool is_json(const char *content_type)
{
	static const char suffix[] = "+json";
	size_t n = media_type_length(content_type), tail = sizeof suffix - 1;

	return media_type_is(content_type, n, "application/json") ||
		   (n > tail && strncasecmp(content_type + n - tail, suffix, tail) == 0);
}

static bool is_multipart(const char *content_type)
{
	return media_type_is(content_type, media_type_length(content_type), "multipart/form-data");
}

static bool is_form(const char *content_type)
{
	return is_multipart(content_type) ||
		   media_type_is(content_type, media_type_length(content_type),
						 "application/x-www-form-urlencoded");
}

static bool has_body(const struct http_exchange *x)
{
	return x->content_length > 0 || http_header(x, "Transfer-Encoding") != NULL;
}

static enum http_body kind_for(enum body_kind body, const char *content_type)
{
	switch (body) {
	case BODY_NONE: return HTTP_BODY_DISCARD;
	case BODY_JSON: return is_json(content_type) ? HTTP_BODY_BUFFER : HTTP_BODY_DISCARD;
	case BODY_JSON_OR_FORM:
	case BODY_FILE_OR_JSON:
		if (is_form(content_type))
			return HTTP_BODY_FORM;
		return is_json(content_type) ? HTTP_BODY_BUFFER : HTTP_BODY_DISCARD;
	case BODY_FILE: return is_multipart(content_type) ? HTTP_BODY_FORM : HTTP_BODY_DISCARD;
	case BODY_STREAM:
		return media_type_is(content_type, media_type_length(content_type),
							 "application/offset+octet-stream")
				   ? HTTP_BODY_STREAM
				   : HTTP_BODY_DISCARD;
	}
	return HTTP_BODY_DISCARD;
}

static int64_t max_file(const struct request *r)
{
	const struct config *config = r->core->config;

	if (r->route->max_body > 0)
		return r->route->max_body;
	return ((r->route->flags & ROUTE_VIDEO) != 0 ? config->max_video_mb : config->max_upload_mb) *
		   MEGABYTE;
}

/* Of a JSON body, or of a form's fields together. */
static int64_t max_fields(const struct request *r)
{
	return r->route->max_body > 0 && !route_takes_file(r->route) ? r->route->max_body
																 : JSON_BODY_MAX;
}

bool body_plan(struct request *r)
{
	struct http_exchange *x = r->x;

	x->body_kind = HTTP_BODY_DISCARD;
	x->max_body = max_fields(r);
	if (r->route->body == BODY_NONE || !has_body(x))
		return false;
	x->body_kind = kind_for(r->route->body, x->content_type == NULL ? "" : x->content_type);
	if (x->body_kind == HTTP_BODY_DISCARD)
		r->input.body_fault = "content_type";
	return true;
}

static int too_large(struct request *r, const char *what, int64_t limit)
{
	if (limit % MEGABYTE == 0)
		return fail(&r->ctx, E_TOO_LARGE, "%s too large: the limit is %" PRId64 " MB", what,
					limit / MEGABYTE);
	if (limit % KILOBYTE == 0)
		return fail(&r->ctx, E_TOO_LARGE, "%s too large: the limit is %" PRId64 " KB", what,
					limit / KILOBYTE);
	return fail(&r->ctx, E_TOO_LARGE, "%s too large: the limit is %" PRId64 " bytes", what, limit);
}

static int refuse_size(struct request *r)
{
	if (route_takes_file(r->route) || r->route->body == BODY_STREAM)
		return too_large(r, "File", max_file(r));
	return too_large(r, "Request body", max_fields(r));
}

int body_check_length(struct request *r)
{
	int64_t most = max_fields(r);

	if (r->route->body == BODY_STREAM)
		most = max_file(r);
	else if (route_takes_file(r->route))
		most += max_file(r);
	else if (r->x->body_kind == HTTP_BODY_FORM)
		most *= 4; /* percent-encoding and part headers; the fields themselves are counted later */
	return r->x->content_length > most ? refuse_size(r) : OK;
}

static const char *upload_field(const struct schema *s)
{
	for (size_t i = 0; s != NULL && i < s->n; i++)
		if (s->fields[i].type == T_UPLOAD)
			return s->fields[i].name;
	return NULL;
}

static int finish_file(struct request *r, const char *filename, const char *content_type)
{
	struct arena *a = r->x->arena;

	TRY(files_close(r->spool, &r->upload));
	r->upload.filename = files_base_name(a, filename);
	r->upload.content_type = arena_strdup(a, content_type);
	r->input.upload = &r->upload;
	r->input.upload_name = upload_field(r->route->in);
	return OK;
}

int body_file(struct request *r, const char *name, const char *filename, const char *content_type,
			  const void *p, size_t n, bool last)
{
	if (r->route == NULL || !route_takes_file(r->route) || r->input.upload != NULL)
		return OK;
	if (!text_eq(name, upload_field(r->route->in)) || text_is_blank(filename))
		return OK;
	if (r->spool == NULL)
		TRY(files_open(r->core->files, r->x->arena, &r->error, &r->spool));
	if (n > 0)
		TRY(files_write(r->spool, p, n, max_file(r)));
	return last ? finish_file(r, filename, content_type) : OK;
}

/* What the loop says about the body it read. */
static int body_arrived(struct request *r)
{
	switch (r->x->body_error) {
	case OK: return OK;
	case E_TOO_LARGE: return refuse_size(r);
	case E_INVALID:
		return faults_add(&r->faults, "body", NULL, "There was an error parsing the body",
						  "body_invalid");
	case E_RULE:
	case E_AUTH:
	case E_DENIED:
	case E_NOT_FOUND:
	case E_CONFLICT:
	case E_GONE:
	case E_PRECONDITION:
	case E_LIMIT:
	case E_UNAVAILABLE:
	case E_UPSTREAM:
	case E_TIMEOUT:
	case E_INTERNAL:
	case E_UPGRADE:
		if (r->error.code != r->x->body_error)
			return fail(&r->ctx, r->x->body_error, "The request body could not be read");
		return r->x->body_error;
	}
	return OK;
}

static void parse_body(struct request *r)
{
	struct http_exchange *x = r->x;

	if (x->body_kind == HTTP_BODY_FORM)
		r->input.form = x->form;
	if (x->body_kind != HTTP_BODY_BUFFER || x->body_size == 0)
		return;
	if (json_parse(x->arena, x->body, x->body_size, &r->input.body, NULL) < 0)
		r->input.body_fault = "json_invalid";
}

/* Of a body that was not taken, or is no object, nothing is there. */
static void forgive(struct request *r)
{
	r->ctx.body_error = r->x->body_error;
	if (r->x->body_error == OK)
		parse_body(r);
	r->input.body_fault = NULL;
	if (json_kind(r->input.body) != JSON_OBJECT)
		r->input.body = NULL;
	r->input.lenient = true;
}

/* The headers that the row's input asks for. */
static void gather_headers(struct request *r)
{
	const struct schema *in = r->route->in;
	struct pairs *h = &r->input.headers;

	h->n = 0;
	for (size_t i = 0; i < in->n; i++) {
		const struct field *f = &in->fields[i];
		const char *value = (f->flags & F_HEADER) != 0 ? http_header(r->x, f->name) : NULL;

		if (value == NULL)
			continue;
		if (h->items == NULL)
			h->items = ARENA_ARRAY(r->x->arena, in->n, struct pair);
		h->items[h->n++] = (struct pair){f->name, value};
	}
}

static int bind(struct request *r)
{
	const struct schema *in = r->route->in;
	void *bound = arena_alloc(r->x->arena, in->size);

	gather_headers(r);
	r->input.query = r->x->query;
	TRY(schema_bind(in, &r->input, r->x->arena, bound, &r->faults));
	r->ctx.in = bound;
	return OK;
}

int body_open_sink(struct request *r)
{
	TRY(bind(r));
	TRY(r->route->sink(&r->ctx));
	if (r->x->content_length > r->ctx.sink_room)
		return fail(&r->ctx, E_TOO_LARGE,
					"This is more than the %" PRId64 " bytes that are missing", r->ctx.sink_room);
	return OK;
}

int body_stream(struct request *r, const void *p, size_t n)
{
	const char *at = p;

	if (r->ctx.sink_fd < 0 || (int64_t)n > r->ctx.sink_room)
		return fail(&r->ctx, E_TOO_LARGE, "This is more than the bytes that are missing");
	while (n > 0) {
		ssize_t done = write(r->ctx.sink_fd, at, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0) {
			log_error("storing a body: %s", strerrordesc_np(errno));
			return fail(&r->ctx, E_UNAVAILABLE, "The file cannot be stored just now; go on later");
		}
		at += done;
		n -= (size_t)done;
		r->ctx.sink_room -= done;
		if (r->ctx.sink_told != NULL)
			r->ctx.sink_told(r->ctx.sink_arg, done);
	}
	return OK;
}

int body_bind(struct request *r)
{
	if ((r->route->flags & ROUTE_LENIENT) != 0) {
		forgive(r);
	} else {
		TRY(body_arrived(r));
		parse_body(r);
	}
	if (r->route->body == BODY_STREAM && r->input.body_fault != NULL)
		return faults_add(&r->faults, "body", NULL,
						  "Input should be bytes, sent as application/offset+octet-stream",
						  "content_type");
	return r->route->in == NULL ? OK : bind(r);
}

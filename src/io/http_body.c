/*
 * http_body: takes a request's body as the hooks asked for it. A fault never ends the request: it
 * is kept in body_error, and the rest is read and thrown away, so that the client gets to read the
 * reply.
 */
#include <string.h>
#include <strings.h>

#include "io/http_private.h"

static int add_pair(struct request *r, const char *name, const char *value)
{
	struct pairs *form = &r->x.form;

	if (form->n == HTTP_PAIRS_MAX)
		return E_TOO_LARGE;
	if (form->n == r->form_cap) {
		size_t cap = r->form_cap == 0 ? 16 : HTTP_PAIRS_MAX;
		struct pair *items = ARENA_ARRAY(r->x.arena, cap, struct pair);

		if (form->n > 0)
			memcpy(items, form->items, form->n * sizeof *items);
		form->items = items;
		r->form_cap = cap;
	}
	form->items[form->n++] = (struct pair){name, value};
	return OK;
}

/* A field's bytes, valid UTF-8 without NUL. */
static const char *clean(struct request *r)
{
	for (size_t i = 0; i < r->text.n; i++)
		if (r->text.p[i] == '\0')
			r->text.p[i] = (char)0xff;
	return utf8_clean(r->x.arena, buf_str(&r->text), r->text.n);
}

static int take_field(struct request *r, const struct multipart_part *part, const char *p, size_t n,
					  bool last)
{
	if (last) {
		const char *value = clean(r);

		buf_clear(&r->text);
		r->form_bytes += (int64_t)strlen(part->name);
		return add_pair(r, part->name, value);
	}
	r->form_bytes += (int64_t)n;
	if (r->form_bytes > r->x.max_body)
		return E_TOO_LARGE;
	return buf_add(&r->text, p, n);
}

static int take_part(void *arg, const struct multipart_part *part, const char *p, size_t n,
					 bool last)
{
	struct request *r = arg;
	const struct http_hooks *hooks = &r->http->hooks;

	if (part->filename == NULL)
		return take_field(r, part, p, n, last);
	if (hooks->file == NULL)
		return E_INVALID;
	return hooks->file(hooks->arg, &r->x, part->name, part->filename, part->content_type, p, n,
					   last);
}

static bool is_urlencoded(const char *content_type)
{
	static const char type[] = "application/x-www-form-urlencoded";
	size_t n = sizeof type - 1;

	return content_type != NULL && strncasecmp(content_type, type, n) == 0 &&
		   (content_type[n] == '\0' || strchr("; \t", content_type[n]) != NULL);
}

void body_begin(struct request *r)
{
	const char *boundary;

	buf_init(&r->text, NULL, r->x.max_body > 0 ? (size_t)r->x.max_body : 0);
	if (r->x.body_kind != HTTP_BODY_FORM || is_urlencoded(r->x.content_type))
		return;
	if (multipart_boundary(r->x.arena, r->x.content_type, &boundary) == OK)
		r->multipart = multipart_new(r->x.arena, boundary, take_part, r);
	else
		r->foreign = true;
}

static enum err take(struct request *r, const char *p, size_t n)
{
	const struct http_hooks *hooks = &r->http->hooks;

	if (r->x.body_kind == HTTP_BODY_STREAM)
		return (enum err)hooks->file(hooks->arg, &r->x, NULL, NULL, NULL, p, n, false);
	if (r->multipart != NULL)
		return (enum err)multipart_feed(r->multipart, p, n);
	if (r->foreign)
		return E_INVALID;
	return (enum err)buf_add(&r->text, p, n);
}

void body_data(struct request *r, const char *p, size_t n)
{
	if (r->replied || r->x.body_error != OK || r->x.body_kind == HTTP_BODY_DISCARD) {
		r->drained += (int64_t)n;
		return;
	}
	r->x.body_error = take(r, p, n);
}

void body_end(struct request *r)
{
	if (r->x.body_error != OK)
		return;
	switch (r->x.body_kind) {
	case HTTP_BODY_DISCARD:
	case HTTP_BODY_STREAM: break;
	case HTTP_BODY_BUFFER:
		r->x.body = buf_str(&r->text);
		r->x.body_size = r->text.n;
		break;
	case HTTP_BODY_FORM:
		if (r->multipart != NULL)
			r->x.body_error = (enum err)multipart_end(r->multipart);
		else
			r->x.body_error =
				(enum err)pairs_decode(r->x.arena, buf_str(&r->text), r->text.n, &r->x.form);
		break;
	}
}

void body_free(struct request *r)
{
	buf_done(&r->text);
}

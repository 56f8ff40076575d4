/* See paging.h. Links are relative references: behind a proxy the server does not know its own
 * name. */
#include "core/paging.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

enum { LINK_MAX = 16 * 1024 };

struct page {
	int64_t skip, limit;
	bool more; /* rows beyond this page */
};

void paging_encode(struct buf *b, const char *s, const char *also)
{
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if ((c < 0x80 && isalnum(c)) || strchr("-._~", c) != NULL || strchr(also, c) != NULL)
			buf_addc(b, *s);
		else
			buf_addf(b, "%%%02X", c);
	}
}

static int64_t int_field(const struct schema *s, const void *in, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->fields[i].type == T_INT && strcmp(s->fields[i].name, name) == 0)
			return *(const int64_t *)((const char *)in + s->fields[i].offset);
	return 0;
}

static void add_link(struct buf *b, const struct http_exchange *x, int64_t skip, int64_t limit,
					 const char *rel)
{
	buf_adds(b, b->n > 0 ? ", <" : "<");
	paging_encode(b, x->path, "/");
	buf_addc(b, '?');
	for (size_t i = 0; i < x->query.n; i++) {
		const struct pair *q = &x->query.items[i];

		if (text_eq(q->name, "skip") || text_eq(q->name, "limit"))
			continue;
		paging_encode(b, q->name, "");
		buf_addc(b, '=');
		paging_encode(b, q->value == NULL ? "" : q->value, "");
		buf_addc(b, '&');
	}
	buf_addf(b, "skip=%" PRId64 "&limit=%" PRId64 ">; rel=\"%s\"", skip, limit, rel);
}

static void add_links(struct request *r, const struct page *p)
{
	struct buf b;

	buf_init(&b, r->x->arena, LINK_MAX);
	if (p->more)
		add_link(&b, r->x, p->skip + p->limit, p->limit, "next");
	if (p->skip > 0)
		add_link(&b, r->x, p->skip > p->limit ? p->skip - p->limit : 0, p->limit, "prev");
	if (b.n > 0 && buf_ok(&b))
		reply_header(r, "Link", buf_str(&b));
}

void paging_headers(struct request *r)
{
	const struct list *list = r->ctx.out;
	int64_t total = r->ctx.total;
	bool capped = total > COUNT_CAP;
	struct page p = {
		.skip = int_field(r->route->in, r->ctx.in, "skip"),
		.limit = int_field(r->route->in, r->ctx.in, "limit"),
	};

	/* Beyond the cap the count says nothing, but a full page does. */
	p.more = p.skip < total - p.limit || (capped && (int64_t)list->n == p.limit);
	reply_header(r, "X-Total-Count",
				 arena_printf(r->x->arena, "%" PRId64, capped ? (int64_t)COUNT_CAP : total));
	if (capped)
		reply_header(r, "X-Total-Count-Capped", "true");
	add_links(r, &p);
}

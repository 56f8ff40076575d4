/* See read.h. */
#include "scrape/read.h"

#include <libxml/parser.h>
#include <pthread.h>
#include <string.h>

struct raw *raws_add(struct arena *a, struct raws *list)
{
	if (list->n == READ_ITEMS_MAX)
		return NULL;
	if (list->n == list->max) {
		size_t max = list->max == 0 ? 64 : 2 * list->max;
		struct raw *items = ARENA_ARRAY(a, max, struct raw);

		if (list->n > 0)
			memcpy(items, list->items, list->n * sizeof *items);
		list->items = items;
		list->max = max;
	}
	return &list->items[list->n++];
}

void raw_put(struct raw *r, enum source_part part, const char *value, const char *why)
{
	if (!text_is_blank(value)) {
		r->value[part] = value;
		r->why[part] = NULL;
	} else if (r->value[part] == NULL) {
		r->why[part] = why;
	}
}

static void init_library(void)
{
	xmlInitParser();
}

static void warm_up(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, init_library);
}

int read_page(struct arena *a, struct error *error, const struct source *s, const struct page *p,
			  struct raws *out)
{
	*out = (struct raws){0};
	warm_up();
	switch (s->reader) {
	case READ_JSON: return read_json(a, error, s, p, out);
	case READ_FEED: return read_feed(a, error, s, p, out);
	case READ_JSONLD: return read_jsonld(a, error, p, out);
	case READ_HTML: return read_html(a, error, s, p, out);
	}
	return OK;
}

/* The first posting of a page with JSON-LD; what the list said stays where the page is silent. */
static int jsonld_detail(struct arena *a, struct error *error, const struct page *p,
						 struct raw *raw)
{
	struct raws found = {0};

	TRY(read_jsonld(a, error, p, &found));
	for (int f = 0; found.n > 0 && f < SOURCE_PARTS; f++)
		raw_put(raw, (enum source_part)f, found.items[0].value[f], found.items[0].why[f]);
	return OK;
}

int read_detail(struct arena *a, struct error *error, const struct source *s, const struct page *p,
				struct raw *raw)
{
	warm_up();
	switch (s->detail_reader) {
	case READ_JSON: return read_json_detail(a, error, s, p, raw);
	case READ_HTML: return read_html_detail(a, error, s, p, raw);
	case READ_FEED:
	case READ_JSONLD: break;
	}
	return jsonld_detail(a, error, p, raw);
}

/*
 * HTML by XPath 1.0. libxml2's XPath counts its own depth and, here, its operations, since an
 * expression over a large page can take forever.
 */
#include <libxml/HTMLparser.h>
#include <libxml/HTMLtree.h>
#include <libxml/xpath.h>
#include <string.h>

#include "scrape/read.h"

enum { OPERATIONS_MAX = 5000000 };

struct failable {
	struct error *error;
};

struct html {
	xmlDoc *doc;
	xmlXPathContext *xpath;
};

static void html_done(void *arg)
{
	struct html *h = arg;

	xmlXPathFreeContext(h->xpath);
	xmlFreeDoc(h->doc);
}

/* Errors in a stranger's page, or in an expression, are told by results. */
static void ignore(void *arg, xmlError *error)
{
	(void)arg;
	(void)error;
}

static int parse(struct arena *a, struct error *error, const struct page *p, struct html **out)
{
	struct failable f = {error};
	struct html *h = ARENA_NEW(a, struct html);

	h->doc = htmlReadMemory(p->text, (int)p->size, NULL, "UTF-8",
							HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
								HTML_PARSE_NONET | HTML_PARSE_COMPACT);
	if (h->doc == NULL || xmlDocGetRootElement(h->doc) == NULL) {
		xmlFreeDoc(h->doc);
		return fail(&f, E_UPSTREAM, "the reply is an empty page");
	}
	h->xpath = xmlXPathNewContext(h->doc);
	h->xpath->opLimit = OPERATIONS_MAX;
	h->xpath->error = ignore;
	arena_defer(a, html_done, h);
	*out = h;
	return OK;
}

/* NULL if the expression is none, or takes too long. Free with xmlXPathFreeObject. */
static xmlXPathObject *ask(struct html *h, xmlNode *node, const char *expression)
{
	h->xpath->node = node != NULL ? node : xmlDocGetRootElement(h->doc);
	h->xpath->opCount = 0;
	return xmlXPathEval((const xmlChar *)expression, h->xpath);
}

static const char *text_of(struct arena *a, xmlNode *node)
{
	xmlChar *s = xmlNodeGetContent(node);
	const char *out =
		s == NULL ? ""
				  : arena_strndup(a, (const char *)s, strnlen((const char *)s, READ_VALUE_MAX));

	xmlFree(s);
	return out;
}

/* A description's nodes with their markup, of everything else the text. */
static const char *nodes_text(struct arena *a, struct html *h, const xmlNodeSet *set, bool markup)
{
	struct buf b;

	buf_init(&b, a, READ_VALUE_MAX);
	for (int i = 0; set != NULL && i < set->nodeNr && i < 100; i++) {
		xmlNode *node = set->nodeTab[i];

		if (b.n > 0)
			buf_adds(&b, markup ? "\n" : ", ");
		if (markup && node->type == XML_ELEMENT_NODE) {
			xmlBuffer *dump = xmlBufferCreate();

			htmlNodeDump(dump, h->doc, node);
			buf_add(&b, xmlBufferContent(dump), (size_t)xmlBufferLength(dump));
			xmlBufferFree(dump);
		} else {
			buf_adds(&b, text_of(a, node));
		}
	}
	return buf_str(&b);
}

static const char *evaluate(struct arena *a, struct html *h, xmlNode *item, const char *expression,
							bool markup, const char **why)
{
	xmlXPathObject *found;
	const char *out;

	if (*expression == '=')
		return expression + 1;
	found = ask(h, item, expression);
	if (found == NULL) {
		*why = arena_printf(a, "%s is no XPath, or takes too long", expression);
		return NULL;
	}
	if (found->type == XPATH_NODESET) {
		out = nodes_text(a, h, found->nodesetval, markup);
		*why = found->nodesetval == NULL || found->nodesetval->nodeNr == 0
				   ? arena_printf(a, "nothing matches %s", expression)
				   : arena_printf(a, "what matches %s is empty", expression);
	} else {
		xmlChar *s = xmlXPathCastToString(found);

		out = arena_strdup(a, (const char *)s);
		xmlFree(s);
		*why = arena_printf(a, "%s is empty", expression);
	}
	xmlXPathFreeObject(found);
	return out;
}

static void read_map(struct arena *a, struct html *h, xmlNode *item, const struct source_map *map,
					 struct raw *r)
{
	for (int f = 0; f < SOURCE_PARTS; f++) {
		const char *expression = source_map_get(map, (enum source_part)f);
		const char *why = "the source does not say where it is", *value = NULL;

		if (expression != NULL)
			value = evaluate(a, h, item, expression, f == PART_DESCRIPTION, &why);
		raw_put(r, (enum source_part)f, value, why);
	}
}

int read_html(struct arena *a, struct error *error, const struct source *s, const struct page *p,
			  struct raws *out)
{
	struct failable f = {error};
	xmlXPathObject *items;
	const char *why;
	struct html *h;
	struct raw *r;

	TRY(parse(a, error, p, &h));
	items = ask(h, NULL, s->items);
	if (items == NULL || items->type != XPATH_NODESET) {
		xmlXPathFreeObject(items);
		return fail(&f, E_UPSTREAM, "items (%s) is no XPath of elements, or takes too long",
					s->items);
	}
	for (int i = 0; items->nodesetval != NULL && i < items->nodesetval->nodeNr; i++) {
		xmlNode *node = items->nodesetval->nodeTab[i];

		if (node->type != XML_ELEMENT_NODE || (r = raws_add(a, out)) == NULL)
			continue;
		read_map(a, h, node, &s->fields, r);
		if (s->detail != NULL)
			r->detail = evaluate(a, h, node, s->detail, false, &why);
	}
	xmlXPathFreeObject(items);
	return OK;
}

int read_html_detail(struct arena *a, struct error *error, const struct source *s,
					 const struct page *p, struct raw *raw)
{
	struct raw more = {0};
	struct html *h;

	TRY(parse(a, error, p, &h));
	read_map(a, h, NULL, &s->detail_fields, &more);
	for (int f = 0; f < SOURCE_PARTS; f++)
		raw_put(raw, (enum source_part)f, more.value[f], raw->why[f]);
	return OK;
}

static bool holds(const struct strings *list, const char *s)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->items[i], s) == 0)
			return true;
	return false;
}

int read_links(struct arena *a, struct error *error, const struct page *p, const char *xpath,
			   struct strings *out)
{
	struct failable f = {error};
	xmlXPathObject *found;
	struct html *h;

	*out = (struct strings){ARENA_ARRAY(a, READ_LINKS_MAX, const char *), 0};
	TRY(parse(a, error, p, &h));
	found = ask(h, NULL, xpath);
	if (found == NULL || found->type != XPATH_NODESET) {
		xmlXPathFreeObject(found);
		return fail(&f, E_UPSTREAM, "detail (%s) is no XPath of links, or takes too long", xpath);
	}
	for (int i = 0; found->nodesetval != NULL && i < found->nodesetval->nodeNr; i++) {
		const char *link = text_of(a, found->nodesetval->nodeTab[i]);

		if (!text_is_blank(link) && !holds(out, link) && out->n < READ_LINKS_MAX)
			out->items[out->n++] = link;
	}
	xmlXPathFreeObject(found);
	return OK;
}

/*
 * RSS 2.0, RSS 1.0 and Atom (RFC 4287), by the names of elements. A feed with entities of its own
 * is refused: nobody needs them, and they can grow without bound.
 */
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <string.h>

#include "scrape/read.h"

enum { DEPTH_MAX = 40 };

struct failable {
	struct error *error;
};

static const struct source_map usual = {
	.id = "guid|id",
	.title = "title",
	.company = "company|employer|organization|hiringOrganization",
	.location = "location|region|city",
	.remote = "remote|workplaceType",
	.type = "type|job_type|jobtype|employmentType",
	.salary = "salary|compensation",
	.description = "content:encoded|content|description|summary",
	.url = "link",
	.posted_at = "pubDate|published|dc:date|date|updated",
	.expires_at = "expirationdate|expires|expiry_date",
	.tags = "category",
};

static void free_doc(xmlDoc **d)
{
	xmlFreeDoc(*d);
}

/* Whether the element's name is the n bytes at name: "encoded", or with its prefix. */
static bool is_named(const xmlNode *node, const char *name, size_t n)
{
	const char *local = (const char *)node->name, *colon = memchr(name, ':', n);
	size_t k = strlen(local);

	if (colon != NULL) {
		const char *prefix = node->ns == NULL ? NULL : (const char *)node->ns->prefix;
		size_t before = (size_t)(colon - name);

		if (prefix == NULL || strlen(prefix) != before || memcmp(prefix, name, before) != 0)
			return false;
		n -= before + 1;
		name = colon + 1;
	}
	return k == n && strncasecmp(local, name, n) == 0;
}

static const char *attribute(const xmlNode *node, const char *name)
{
	for (const xmlAttr *at = node->properties; at != NULL; at = at->next)
		if (strcmp((const char *)at->name, name) == 0 && at->children != NULL)
			return (const char *)at->children->content;
	return NULL;
}

/* Markup inside an element (Atom's xhtml) as text. */
static const char *inner(struct arena *a, const xmlNode *node)
{
	xmlBuffer *b = xmlBufferCreate();
	const char *out;

	for (xmlNode *child = node->children; child != NULL; child = child->next)
		xmlNodeDump(b, node->doc, child, 0, 0);
	out = arena_strndup(a, (const char *)xmlBufferContent(b), (size_t)xmlBufferLength(b));
	xmlBufferFree(b);
	return out;
}

static bool has_elements(const xmlNode *node)
{
	for (const xmlNode *child = node->children; child != NULL; child = child->next)
		if (child->type == XML_ELEMENT_NODE)
			return true;
	return false;
}

static const char *content(struct arena *a, const xmlNode *node)
{
	const char *href = attribute(node, "href"), *out;
	xmlChar *text;

	if (href != NULL && strcmp((const char *)node->name, "link") == 0)
		return arena_strdup(a, href);
	if (has_elements(node))
		return inner(a, node);
	text = xmlNodeGetContent(node);
	out = text == NULL ? NULL : arena_strdup(a, (const char *)text);
	xmlFree(text);
	if (text_is_blank(out) && attribute(node, "term") != NULL)
		return arena_strdup(a, attribute(node, "term"));
	return out;
}

/* An Atom link that is not the page itself. */
static bool is_aside(const xmlNode *node)
{
	const char *rel = attribute(node, "rel");

	return rel != NULL && strcmp(rel, "alternate") != 0;
}

/* What the elements of that name say, with commas; NULL if there are none. */
static const char *named(struct arena *a, const xmlNode *item, const char *name, size_t n)
{
	struct buf b;

	buf_init(&b, a, READ_VALUE_MAX);
	for (const xmlNode *node = item->children; node != NULL; node = node->next) {
		const char *value;

		if (node->type != XML_ELEMENT_NODE || !is_named(node, name, n) || is_aside(node))
			continue;
		value = content(a, node);
		if (text_is_blank(value))
			continue;
		buf_adds(&b, b.n > 0 ? ", " : "");
		buf_adds(&b, value);
		if (strncasecmp(name, "category", n) != 0)
			break;
	}
	return b.n > 0 ? buf_str(&b) : NULL;
}

static const char *evaluate(struct arena *a, const xmlNode *item, const char *expression)
{
	if (*expression == '=')
		return expression + 1;
	for (const char *p = expression; *p != '\0';) {
		size_t n;
		const char *value;

		p += strspn(p, " |");
		n = strcspn(p, " |");
		value = n > 0 ? named(a, item, p, n) : NULL;
		if (value != NULL)
			return value;
		p += n;
	}
	return NULL;
}

static void read_item(struct arena *a, const struct source *s, const xmlNode *item, struct raw *r)
{
	for (int f = 0; f < SOURCE_PARTS; f++) {
		const char *own = source_map_get(&s->fields, (enum source_part)f);
		const char *expression = own != NULL ? own : source_map_get(&usual, (enum source_part)f);

		if (expression == NULL)
			raw_put(r, (enum source_part)f, NULL, "the source does not say where it is");
		else
			raw_put(r, (enum source_part)f, evaluate(a, item, expression),
					arena_printf(a, "no element %s", expression));
	}
	if (s->detail != NULL)
		r->detail = evaluate(a, item, s->detail);
}

static void find_items(struct arena *a, const struct source *s, const xmlNode *node, int depth,
					   struct raws *out)
{
	for (; node != NULL && depth < DEPTH_MAX; node = node->next) {
		struct raw *r;

		if (node->type != XML_ELEMENT_NODE)
			continue;
		if (!is_named(node, "item", 4) && !is_named(node, "entry", 5) &&
			!is_named(node, "job", 3)) {
			find_items(a, s, node->children, depth + 1, out);
			continue;
		}
		r = raws_add(a, out);
		if (r == NULL)
			return;
		read_item(a, s, node, r);
	}
}

int read_feed(struct arena *a, struct error *error, const struct source *s, const struct page *p,
			  struct raws *out)
{
	struct failable f = {error};
	CLEANUP(free_doc) xmlDoc *doc = NULL;
	const xmlNode *root;

	if (strstr(p->text, "<!ENTITY") != NULL)
		return fail(&f, E_UPSTREAM, "the feed declares entities, which are not read");
	doc = xmlReadMemory(p->text, (int)p->size, NULL, "UTF-8",
						XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
							XML_PARSE_RECOVER | XML_PARSE_NOCDATA | XML_PARSE_COMPACT);
	root = doc == NULL ? NULL : xmlDocGetRootElement(doc);
	if (root == NULL)
		return fail(&f, E_UPSTREAM, "the reply is no feed: it is no XML");
	if (is_named(root, "html", 4))
		return fail(&f, E_UPSTREAM, "the reply is no feed, but a page");
	find_items(a, s, root, 0, out);
	return OK;
}

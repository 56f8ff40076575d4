/*
 * See clean.h. libxml2 makes a tree of whatever it gets (without network, entities of its own only,
 * at most 256 deep); the walk over it writes the two forms at once. What is written is made anew
 * from the tree, so that nothing malformed gets through.
 */
#include "scrape/clean.h"

#include <ctype.h>
#include <libxml/HTMLparser.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/text.h"
#include "scrape/web.h"

enum { SOURCE_MAX = 4 * 1024 * 1024, DEPTH_MAX = 100, SLACK = 4096 };

struct writer {
	struct arena *arena;
	const char *base;
	struct buf html, text;
	size_t html_max, text_max;
	const char *email;
	bool blank;   /* text: a blank is due before the next word */
	int newlines; /* text: line ends due */
	int depth;
};

enum treatment { KEEP, UNWRAP, DROP };

struct element {
	const char *name;
	enum treatment treatment;
	int lines; /* line ends around it, in the text */
};

static const struct element elements[] = {
	{"p", KEEP, 2},         {"br", KEEP, 0},         {"ul", KEEP, 1},       {"ol", KEEP, 1},
	{"li", KEEP, 1},        {"strong", KEEP, 0},     {"b", KEEP, 0},        {"em", KEEP, 0},
	{"i", KEEP, 0},         {"u", KEEP, 0},          {"a", KEEP, 0},        {"h1", KEEP, 2},
	{"h2", KEEP, 2},        {"h3", KEEP, 2},         {"h4", KEEP, 2},       {"h5", KEEP, 2},
	{"h6", KEEP, 2},        {"blockquote", KEEP, 2}, {"pre", KEEP, 2},      {"code", KEEP, 0},
	{"table", KEEP, 2},     {"thead", KEEP, 1},      {"tbody", KEEP, 1},    {"tr", KEEP, 1},
	{"td", KEEP, 0},        {"th", KEEP, 0},         {"dl", KEEP, 1},       {"dt", KEEP, 1},
	{"dd", KEEP, 1},        {"hr", KEEP, 2},         {"div", UNWRAP, 1},    {"section", UNWRAP, 2},
	{"article", UNWRAP, 2}, {"header", UNWRAP, 1},   {"footer", UNWRAP, 1}, {"main", UNWRAP, 1},
	{"body", UNWRAP, 0},    {"html", UNWRAP, 0},     {"script", DROP, 0},   {"style", DROP, 0},
	{"iframe", DROP, 0},    {"frame", DROP, 0},      {"frameset", DROP, 0}, {"object", DROP, 0},
	{"embed", DROP, 0},     {"applet", DROP, 0},     {"noscript", DROP, 0}, {"template", DROP, 0},
	{"svg", DROP, 0},       {"math", DROP, 0},       {"form", UNWRAP, 1},   {"input", DROP, 0},
	{"button", DROP, 0},    {"select", DROP, 0},     {"textarea", DROP, 0}, {"head", DROP, 0},
	{"title", DROP, 0},     {"meta", DROP, 0},       {"link", DROP, 0},     {"base", DROP, 0},
	{"canvas", DROP, 0},    {"audio", DROP, 0},      {"video", DROP, 0},    {"img", DROP, 0},
	{"picture", DROP, 0},   {"map", DROP, 0},        {"noembed", DROP, 0},  {"xmp", DROP, 0},
	{"plaintext", DROP, 0}, {"param", DROP, 0},
};

static const struct element *element_of(const char *name)
{
	static const struct element other = {"", UNWRAP, 0};

	for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++)
		if (strcasecmp(name, elements[i].name) == 0)
			return &elements[i];
	return &other;
}

/* ---- text ---- */

static void due_lines(struct writer *w, int lines)
{
	if (lines > w->newlines)
		w->newlines = lines;
}

static void put_text(struct writer *w, const char *s)
{
	for (; *s != '\0'; s++) {
		/* U+00A0, UTF-8 */
		if ((unsigned char)s[0] == 0xC2 && (unsigned char)s[1] == 0xA0) {
			w->blank = true;
			s++;
			continue;
		}
		if (isspace((unsigned char)*s) || (unsigned char)*s < ' ' || *s == 0x7f) {
			w->blank = true;
			continue;
		}
		if (w->newlines > 0 && w->text.n > 0)
			buf_adds(&w->text, w->newlines > 1 ? "\n\n" : "\n");
		else if (w->blank && w->text.n > 0 && w->newlines == 0)
			buf_addc(&w->text, ' ');
		w->newlines = 0;
		w->blank = false;
		buf_addc(&w->text, *s);
	}
}

/* ---- HTML ---- */

static void put_escaped(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++) {
		switch (*s) {
		case '&': buf_adds(b, "&amp;"); break;
		case '<': buf_adds(b, "&lt;"); break;
		case '>': buf_adds(b, "&gt;"); break;
		case '"': buf_adds(b, "&quot;"); break;
		default:
			if ((unsigned char)*s >= ' ' || *s == '\n' || *s == '\t')
				buf_addc(b, *s);
		}
	}
}

/* Room for what is said next: closing tags fit into what buf_init got beyond html_max. */
static bool room(const struct writer *w)
{
	return w->html.n < w->html_max;
}

static void put_html_text(struct writer *w, const char *s)
{
	size_t n = strlen(s), left = room(w) ? w->html_max - w->html.n : 0;

	while (n > left || (n > 0 && n < strlen(s) && ((unsigned char)s[n] & 0xC0) == 0x80))
		n = n > left ? left : n - 1;
	if (n > 0)
		put_escaped(&w->html, arena_strndup(w->arena, s, n));
}

static const char *attribute(const xmlNode *node, const char *name)
{
	for (const xmlAttr *at = node->properties; at != NULL; at = at->next)
		if (strcasecmp((const char *)at->name, name) == 0 && at->children != NULL)
			return (const char *)at->children->content;
	return NULL;
}

static bool is_address(const char *s)
{
	size_t n = strcspn(s, "?"), at = strcspn(s, "@");

	return at > 0 && at + 3 < n && n < 255 && strcspn(s, " \t\r\n\"<>,;:\\()") >= n;
}

/* The address an <a> may lead to; NULL if it may not. */
static const char *link_of(struct writer *w, const xmlNode *node)
{
	const char *href = attribute(node, "href");

	if (href == NULL)
		return NULL;
	while (isspace((unsigned char)*href))
		href++;
	if (strncasecmp(href, "mailto:", 7) != 0)
		return web_url(w->arena, w->base, href);
	href += 7;
	if (!is_address(href))
		return NULL;
	href = arena_strndup(w->arena, href, strcspn(href, "?"));
	if (w->email == NULL)
		w->email = href;
	return arena_printf(w->arena, "mailto:%s", href);
}

static void open_tag(struct writer *w, const struct element *e, const xmlNode *node)
{
	const char *link = strcmp(e->name, "a") == 0 ? link_of(w, node) : NULL;

	buf_addf(&w->html, "<%s", e->name);
	if (link != NULL) {
		buf_adds(&w->html, " href=\"");
		put_escaped(&w->html, link);
		buf_adds(&w->html, "\" rel=\"nofollow noopener noreferrer\"");
	}
	buf_addc(&w->html, '>');
}

static bool is_void(const struct element *e)
{
	return strcmp(e->name, "br") == 0 || strcmp(e->name, "hr") == 0;
}

static void walk(struct writer *w, const xmlNode *node);

static void walk_element(struct writer *w, const xmlNode *node)
{
	const struct element *e = element_of((const char *)node->name);
	bool keep = e->treatment == KEEP && room(w);

	if (e->treatment == DROP || w->depth >= DEPTH_MAX)
		return;
	due_lines(w, strcmp(e->name, "br") == 0 ? 1 : e->lines);
	if (strcmp(e->name, "li") == 0 && node->children != NULL)
		put_text(w, "\xE2\x80\xA2 ");
	if (strcmp(e->name, "td") == 0 || strcmp(e->name, "th") == 0)
		w->blank = true;
	if (keep)
		open_tag(w, e, node);
	w->depth++;
	walk(w, node->children);
	w->depth--;
	if (keep && !is_void(e))
		buf_addf(&w->html, "</%s>", e->name);
	due_lines(w, e->lines);
}

static void walk(struct writer *w, const xmlNode *node)
{
	for (; node != NULL; node = node->next) {
		if (node->type == XML_ELEMENT_NODE) {
			walk_element(w, node);
		} else if (node->type == XML_TEXT_NODE && node->content != NULL) {
			put_html_text(w, (const char *)node->content);
			put_text(w, (const char *)node->content);
		}
	}
}

/* ---- the whole ---- */

static void free_doc(xmlDoc **d)
{
	xmlFreeDoc(*d);
}

static xmlDoc *parse(const char *s, size_t n)
{
	return htmlReadMemory(s, (int)n, NULL, "UTF-8",
						  HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
							  HTML_PARSE_NONET | HTML_PARSE_COMPACT);
}

static bool has_tag(const char *s, const char *open)
{
	size_t n = strlen(open);

	while ((s = strstr(s, open)) != NULL) {
		s += n;
		if (isalpha((unsigned char)*s) || *s == '/' || *s == '!')
			return true;
	}
	return false;
}

/* Plain text as HTML, so that there is one way on: its lines stay lines. */
static const char *from_plain(struct arena *a, const char *s)
{
	struct buf b;

	buf_init(&b, a, 8 * strlen(s) + 16);
	buf_adds(&b, "<p>");
	for (; *s != '\0'; s++) {
		if (s[0] == '\r')
			continue;
		if (s[0] != '\n') {
			put_escaped(&b, (char[]){s[0], '\0'});
			continue;
		}
		if (s[1] == '\n' || (s[1] == '\r' && s[2] == '\n')) {
			buf_adds(&b, "</p><p>");
			while (s[1] == '\n' || s[1] == '\r')
				s++;
		} else {
			buf_adds(&b, "<br>");
		}
	}
	buf_adds(&b, "</p>");
	return buf_str(&b);
}

/* The text content of a fragment of HTML, entities resolved. */
static const char *resolved(struct arena *a, const char *s)
{
	CLEANUP(free_doc) xmlDoc *doc = parse(s, strlen(s));
	xmlChar *content = doc == NULL ? NULL : xmlNodeGetContent((xmlNode *)doc);
	const char *out = content == NULL ? "" : arena_strdup(a, (const char *)content);

	xmlFree(content);
	return out;
}

static const char *as_html(struct arena *a, const char *s)
{
	if (has_tag(s, "<"))
		return s;
	if (has_tag(s, "&lt;"))
		return resolved(a, s);
	return strchr(s, '&') != NULL ? from_plain(a, resolved(a, s)) : from_plain(a, s);
}

/* At most max bytes, and no part of a character. */
static const char *cut(struct arena *a, const struct buf *b, size_t max)
{
	const char *s = buf_str(b);
	size_t n = b->n < max ? b->n : max;

	while (n > 0 && n < b->n && ((unsigned char)s[n] & 0xC0) == 0x80)
		n--;
	return arena_strndup(a, s, n);
}

void clean_html(struct arena *a, const char *s, const char *base, size_t html_max, size_t text_max,
				struct clean *out)
{
	struct writer w = {.arena = a, .base = base, .html_max = html_max, .text_max = text_max};
	CLEANUP(free_doc) xmlDoc *doc = NULL;
	size_t n = s == NULL ? 0 : strlen(s);

	*out = (struct clean){0};
	if (text_is_blank(s))
		return;
	if (n > SOURCE_MAX)
		s = arena_strndup(a, s, SOURCE_MAX);
	s = as_html(a, s);
	doc = parse(s, strlen(s));
	/* "&" becomes five bytes; the end tags of DEPTH_MAX elements fit into SLACK. */
	buf_init(&w.html, a, 6 * html_max + SLACK);
	buf_init(&w.text, a, 2 * strlen(s) + SLACK);
	if (doc != NULL)
		walk(&w, xmlDocGetRootElement(doc));
	out->email = w.email;
	if (w.text.n == 0)
		return;
	out->html = buf_ok(&w.html) ? text_trim(arena_strdup(a, buf_str(&w.html))) : NULL;
	out->text = cut(a, &w.text, text_max);
}

const char *clean_line(struct arena *a, const char *s, size_t max)
{
	struct writer w = {.arena = a};
	size_t n = 0;
	const char *p;

	if (text_is_blank(s))
		return NULL;
	if (strlen(s) > SOURCE_MAX)
		s = arena_strndup(a, s, SOURCE_MAX);
	if (has_tag(s, "<") || strchr(s, '&') != NULL)
		s = resolved(a, s);
	buf_init(&w.text, a, strlen(s) + 1);
	put_text(&w, s);
	for (p = buf_str(&w.text); *p != '\0' && n < max; n++) {
		uint32_t cp;
		size_t k = utf8_decode(p, strlen(p), &cp);

		p += k > 0 ? k : 1;
	}
	return w.text.n == 0 ? NULL
						 : arena_strndup(a, buf_str(&w.text), (size_t)(p - buf_str(&w.text)));
}

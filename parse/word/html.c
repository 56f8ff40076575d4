/*
 * HTML under the name .doc: what word processors and web sites save as "web page". libxml2's HTML
 * parser delivers a well-nested stream of tags from whatever the file holds; it is fed with UTF-8
 * that is made here, so that the character set is our decision and nothing is loaded for it.
 * Formatting comes from tags and from the few style properties that decide whether a reader sees
 * the text.
 */
#include "parse/word/html.h"

#include <libxml/HTMLparser.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "parse/word/codepage.h"
#include "parse/word/field.h"
#include "parse/word/grid.h"
#include "parse/word/html_tags.h"
#include "parse/word/props.h"
#include "parse/word/word.h"

enum {
	ELEMENTS_MAX = 200,
	SOURCE_MAX = 8 * 1024 * 1024,
	CHUNK = 16 * 1024,
	PRESCAN = 4096,
	CONDITION_MAX = 200,
	TITLE_MAX = 256,
	DEFAULT_SIZE = 12,
};

struct element {
	enum html_tag tag;
	struct chp chp;
	struct pap pap;
	bool skip, pre, shaded;
};

struct html {
	struct writer *w;
	struct element open[ELEMENTS_MAX];
	int n, ignored; /* elements open; beyond the cap */
	struct grid grid;
	const char *link;
	unsigned long link_from;
	int lists;
	char title[TITLE_MAX];
	size_t ntitle;
};

static struct element *top(struct html *h)
{
	return &h->open[h->n - 1];
}

static void end_paragraph(struct html *h)
{
	struct place p = {.region = REGION_BODY};

	pap_place(&top(h)->pap, &p);
	grid_place(&h->grid, &p);
	writer_end(h->w, &p);
}

static void add_break(struct html *h)
{
	struct place p = {.region = REGION_BODY};

	pap_place(&top(h)->pap, &p);
	grid_place(&h->grid, &p);
	writer_break(h->w, &p);
}

static struct style style_of(struct html *h)
{
	return chp_style(&top(h)->chp, top(h)->shaded, h->link);
}

/* The value of an attribute, "" if it is there without one, NULL if it is not there. */
static const char *attr(const xmlChar **attrs, const char *name)
{
	for (size_t i = 0; attrs != NULL && attrs[i] != NULL; i += 2)
		if (strcasecmp((const char *)attrs[i], name) == 0)
			return attrs[i + 1] == NULL ? "" : (const char *)attrs[i + 1];
	return NULL;
}

static void apply_attributes(struct html *h, struct element *e, const xmlChar **attrs)
{
	const char *style = attr(attrs, "style"), *class = attr(attrs, "class");

	if (style != NULL) {
		html_style(style, &e->chp, &e->pap);
		if (html_style_ignored(style))
			e->skip = true;
		if (html_style_tab(style)) {
			struct style s = style_of(h);

			writer_char(h->w, '\t', &s);
		}
	}
	if (attr(attrs, "hidden") != NULL)
		chp_flag(&e->chp, TEXT_HIDDEN, true);
	if (attr(attrs, "bgcolor") != NULL || attr(attrs, "background") != NULL || e->chp.shaded > 0)
		e->shaded = true;
	if (class != NULL && strcasecmp(class, "MsoTitle") == 0)
		e->pap.heading = 1;
}

static void begin_link(struct html *h, const xmlChar **attrs)
{
	const char *href = attr(attrs, "href");

	h->link = href == NULL ? NULL : link_clean(h->w->doc->arena, href, strlen(href));
	h->link_from = writer_written(h->w);
}

static void end_link(struct html *h)
{
	struct style s = style_of(h);

	link_show(h->w, h->link, h->link_from, &s);
	h->link = NULL;
}

/* What a tag changes besides formatting. */
static void enter(struct html *h, struct element *e, const xmlChar **attrs)
{
	const char *name;

	switch ((int)e->tag) {
	case HTML_table: grid_set_depth(&h->grid, h->grid.depth + 1); break;
	case HTML_a: begin_link(h, attrs); break;
	case HTML_br: add_break(h); break;
	case HTML_ul:
	case HTML_ol: h->lists++; break;
	case HTML_li:
		e->pap.list = 1;
		e->pap.level = h->lists > 0 ? h->lists : 1;
		break;
	case HTML_font:
		name = attr(attrs, "color");
		if (name != NULL)
			html_color(name, strlen(name), &e->chp);
		break;
	case HTML_meta:
		name = attr(attrs, "name");
		if (name != NULL && strcasecmp(name, "author") == 0 && attr(attrs, "content") != NULL)
			h->w->doc->author = utf8_clean(h->w->doc->arena, attr(attrs, "content"),
										   strnlen(attr(attrs, "content"), TITLE_MAX));
		break;
	}
}

static void leave(struct html *h, const struct element *e)
{
	switch ((int)e->tag) {
	case HTML_table: grid_set_depth(&h->grid, h->grid.depth - 1); break;
	case HTML_tr: grid_next_row(&h->grid); break;
	case HTML_td:
	case HTML_th: grid_next_cell(&h->grid); break;
	case HTML_a: end_link(h); break;
	case HTML_ul:
	case HTML_ol: h->lists--; break;
	}
}

static void on_start(void *ctx, const xmlChar *name, const xmlChar **attrs)
{
	struct html *h = ctx;
	enum html_tag tag = html_tag_find((const char *)name);
	struct element *e;

	if (h->n == ELEMENTS_MAX) {
		h->ignored++;
		return;
	}
	if (html_tag_block(tag) && !top(h)->skip)
		end_paragraph(h);
	h->open[h->n] = *top(h);
	h->n++;
	e = top(h);
	e->tag = tag;
	if (html_tag_hidden(tag))
		e->skip = true;
	if (e->skip && tag != HTML_meta && tag != HTML_title)
		return;
	html_tag_format(tag, &e->chp, &e->pap);
	e->pre = e->pre || tag == HTML_pre;
	apply_attributes(h, e, attrs);
	enter(h, e, attrs);
}

static void on_end(void *ctx, const xmlChar *name)
{
	struct html *h = ctx;
	struct element e;

	(void)name;
	if (h->ignored > 0) {
		h->ignored--;
		return;
	}
	if (h->n <= 1)
		return;
	e = *top(h);
	if (!e.skip) {
		if (html_tag_block(e.tag))
			end_paragraph(h);
		leave(h, &e);
	}
	h->n--;
}

static void add_pre(struct html *h, const char *p, size_t n, const struct style *s)
{
	while (n > 0) {
		const char *lf = memchr(p, '\n', n);
		size_t line = lf == NULL ? n : (size_t)(lf - p);

		writer_text(h->w, p, line, s);
		if (lf == NULL)
			return;
		add_break(h);
		p += line + 1;
		n -= line + 1;
	}
}

static void on_text(void *ctx, const xmlChar *text, int length)
{
	struct html *h = ctx;
	size_t n = length < 0 ? 0 : (size_t)length;
	struct style s;

	if (top(h)->tag == HTML_title && n < TITLE_MAX - h->ntitle) {
		memcpy(h->title + h->ntitle, text, n);
		h->ntitle += n;
	}
	if (top(h)->skip)
		return;
	s = style_of(h);
	if (top(h)->pre)
		add_pre(h, (const char *)text, n, &s);
	else
		writer_text(h->w, (const char *)text, n, &s);
}

static void on_error(void *ctx, xmlErrorPtr error)
{
	(void)ctx, (void)error;
}

/* Finds charset= near the start; 0 if it is not said or not known. */
static int declared_page(struct bytes b)
{
	struct bytes head = bytes_part(b, 0, PRESCAN);
	static const char key[] = "charset=";

	for (size_t i = 0; i + sizeof key < head.n; i++) {
		size_t from = i + sizeof key - 1, to;

		if (strncasecmp((const char *)head.p + i, key, sizeof key - 1) != 0)
			continue;
		from += head.p[from] == '"' || head.p[from] == '\'';
		for (to = from; to < head.n; to++)
			if (strchr("\"'>; \t\r\n/", head.p[to]) != NULL)
				break;
		return codepage_of_name((const char *)head.p + from, to - from);
	}
	return 0;
}

/* The code page, by mark, by the message around it, by declaration, by trial. Moves past a mark. */
static int page_of(struct bytes *b, int told)
{
	int page = told;

	if (b->n >= 3 && memcmp(b->p, "\xEF\xBB\xBF", 3) == 0) {
		*b = bytes_part(*b, 3, b->n);
		return CODEPAGE_UTF8;
	}
	if (page == 0)
		page = declared_page(*b);
	if (page != 0)
		return codepage_known(page);
	return utf8_valid((const char *)b->p, b->n) ? CODEPAGE_UTF8 : CODEPAGE_LATIN;
}

static size_t decode_utf16(struct bytes b, bool big, uint32_t *c)
{
	uint32_t low;

	*c = big ? bytes_u8(b, 0) << 8 | bytes_u8(b, 1) : bytes_u16(b, 0);
	low = big ? bytes_u8(b, 2) << 8 | bytes_u8(b, 3) : bytes_u16(b, 2);
	if ((*c & 0xFC00) != 0xD800 || (low & 0xFC00) != 0xDC00)
		return b.n < 2 ? 1 : 2;
	*c = 0x10000 + ((*c & 0x3FF) << 10) + (low & 0x3FF);
	return 4;
}

/* Passes over Word's conditions around text ("<![if !supportLists]>"), which are no HTML. */
static struct bytes skip_condition(struct bytes b)
{
	const unsigned char *end;
	struct bytes near = bytes_part(b, 0, CONDITION_MAX);

	if (near.n < 3 || memcmp(near.p, "<![", 3) != 0)
		return b;
	end = memchr(near.p, '>', near.n);
	return end == NULL ? b : bytes_part(b, (size_t)(end - b.p) + 1, b.n);
}

/* Feeds the parser with UTF-8, chunk by chunk. */
static void feed(htmlParserCtxtPtr ctxt, struct html *h, struct bytes b, int page)
{
	bool big = b.n >= 2 && b.p[0] == 0xFE && b.p[1] == 0xFF;
	bool wide = big || (b.n >= 2 && b.p[0] == 0xFF && b.p[1] == 0xFE);
	char chunk[CHUNK];
	size_t n = 0;

	while (b.n > 0 && !h->w->full) {
		uint32_t c;
		size_t taken;

		if (!wide && *b.p == '<') {
			b = skip_condition(b);
			if (b.n == 0)
				break;
		}
		taken = wide ? decode_utf16(b, big, &c) : codepage_decode(page, b.p, b.n, &c);

		b = bytes_part(b, taken, b.n);
		if (c != 0 && c != 0xFEFF)
			n += utf8_encode(c, chunk + n);
		if (n + 4 > CHUNK) {
			htmlParseChunk(ctxt, chunk, (int)n, 0);
			n = 0;
		}
	}
	htmlParseChunk(ctxt, chunk, (int)n, 1);
}

static int parse(struct writer *w, struct bytes source, int told, int *tables)
{
	htmlSAXHandler sax = {.initialized = XML_SAX2_MAGIC,
						  .startElement = on_start,
						  .endElement = on_end,
						  .characters = on_text,
						  .ignorableWhitespace = on_text,
						  .serror = on_error};
	struct html *h = ARENA_NEW(w->doc->arena, struct html);
	htmlParserCtxtPtr ctxt;
	int page = page_of(&source, told);

	if (source.n > SOURCE_MAX)
		return fail(w->doc, E_TOO_LARGE, "The document is too large to be read.");
	h->w = w;
	w->collapse = true;
	h->grid.tables = *tables;
	h->n = 1;
	h->open[0] = (struct element){.tag = HTML_UNKNOWN, .chp.size = DEFAULT_SIZE};
	ctxt = htmlCreatePushParserCtxt(&sax, h, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);
	if (ctxt == NULL)
		return fail(w->doc, E_RULE, "The document is damaged and cannot be read.");
	htmlCtxtUseOptions(ctxt, HTML_PARSE_RECOVER | HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC);
	feed(ctxt, h, source, page);
	htmlFreeParserCtxt(ctxt);
	h->n = 1;
	end_paragraph(h);
	w->collapse = false;
	*tables = h->grid.tables;
	h->title[h->ntitle] = '\0';
	if (w->doc->title == NULL && !text_is_blank(h->title))
		w->doc->title = text_trim(utf8_clean(w->doc->arena, h->title, h->ntitle));
	return OK;
}

int html_write(struct writer *w, struct bytes source, int *tables)
{
	int page = 0;

	if (mhtml_is(source) && mhtml_find(w->doc->arena, source, &source, &page) != OK)
		return fail(w->doc, E_RULE, "The web archive holds no document that can be read.");
	return parse(w, source, page, tables);
}

int html_read(struct doc *d, const unsigned char *data, size_t n)
{
	struct place nowhere = {.table = -1, .row = -1, .cell = -1};
	struct bytes source = {data, n};
	struct writer *w = ARENA_NEW(d->arena, struct writer);
	int tables = 0;

	word_warm_up();
	writer_init(w, d);
	TRY(html_write(w, source, &tables));
	writer_finish(w, &nowhere);
	return OK;
}

/*
 * See docx_styles.h. Styles are kept as differences and laid over each other when asked for; the
 * last answer for paragraphs is kept, as neighbours mostly share a style. A document uses a few of
 * the hundred that its template carries: where each one stands is noted, and it is parsed when it
 * is asked for.
 */
#include "parse/word/docx_styles.h"

#include <string.h>

#include "parse/word/symbol.h"

enum { STYLES_MAX = 5000, BASED_ON_MAX = 20, LOADED_MAX = 8 * 1024 * 1024 };

/* clang-format off */
#define STYLE_TAGS(X)                                                                           \
	X(style) X(name) X(basedOn) X(docDefaults) X(rPr) X(pPr) X(tblStylePr) X(latentStyles)
/* clang-format on */
#define TAG_ENUM(t) TAG_##t,
#define TAG_NAME(t) #t,
enum { FIRST_ = DOCX_FORMATS - 1, STYLE_TAGS(TAG_ENUM) };
static const char *const names[] = {DOCX_FORMAT_TAGS(TAG_NAME) STYLE_TAGS(TAG_NAME)};

struct docx_style {
	const char *id, *based_on;
	uint32_t hash;
	bool paragraph;
	struct pap pap;
	struct chp chp;
};

/* A style that nobody asked for yet. */
struct source {
	struct slice id, element;
	bool paragraph;
};

struct docx_styles {
	struct arena *arena;
	struct slice root; /* start tag of the document, n 0: everything was read at once */
	struct source *sources;
	int nsources, sources_cap;
	struct docx_style *list;
	int n, cap;
	int fallback; /* index of the default paragraph style, -1 none */
	struct chp defaults;
	struct docx_style *now; /* being read */
	int conditional;        /* open tblStylePr: formats of parts of tables, not of the style */
	bool in_defaults, in_rpr;
	int last; /* index of the cached answer, -1 none */
	struct pap last_pap;
	struct chp last_chp;
};

static uint32_t hash_of(const char *p, size_t n)
{
	uint32_t h = 2166136261U;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 16777619U;
	return h;
}

static bool on_off(const struct xml_attrs *a)
{
	struct slice v;

	return !xml_attr(a, NS_NONE, "val", &v) ||
		   !(slice_is(v, "0") || slice_is(v, "false") || slice_is(v, "off") || slice_is(v, "none"));
}

static int value(const struct xml_attrs *a, const char *name, int fallback)
{
	struct slice v;

	return xml_attr(a, NS_NONE, name, &v) ? slice_int(v, fallback) : fallback;
}

static bool hex_color(struct slice s, unsigned *out)
{
	unsigned v = 0;

	if (s.n != 6)
		return false;
	for (size_t i = 0; i < 6; i++) {
		int c = s.p[i] | 0x20;

		if (c >= '0' && c <= '9')
			v = v << 4 | (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (unsigned)(c - 'a' + 10);
		else
			return false;
	}
	*out = v;
	return true;
}

int docx_shading(const struct xml_attrs *a)
{
	struct slice fill, pattern;
	unsigned rgb;

	if (xml_attr(a, NS_NONE, "fill", &fill) && hex_color(fill, &rgb) && rgb != 0xFFFFFF)
		return 1;
	if (xml_attr(a, NS_NONE, "themeFill", &fill) && !slice_is(fill, "background1"))
		return 1;
	if (xml_attr(a, NS_NONE, "val", &pattern) && !slice_is(pattern, "clear") &&
		!slice_is(pattern, "nil"))
		return 1;
	return -1;
}

static void run_color(struct chp *c, const struct xml_attrs *a)
{
	struct slice v;
	unsigned rgb;

	if (!xml_attr(a, NS_NONE, "val", &v))
		return;
	if (hex_color(v, &rgb))
		chp_color(c, rgb);
	else
		chp_flag(c, STYLE_WHITE, false);
}

static void run_font(struct chp *c, const struct xml_attrs *a)
{
	struct slice v;

	if (xml_attr(a, NS_NONE, "ascii", &v) || xml_attr(a, NS_NONE, "hAnsi", &v))
		chp_flag(c, TEXT_SYMBOL, symbol_font(v.p, v.n));
}

void docx_format_run(struct chp *c, int tag, const struct xml_attrs *a)
{
	switch (tag) {
	case DOCX_b: chp_flag(c, TEXT_BOLD, on_off(a)); break;
	case DOCX_i: chp_flag(c, TEXT_ITALIC, on_off(a)); break;
	case DOCX_u: chp_flag(c, TEXT_UNDERLINE, on_off(a)); break;
	case DOCX_vanish: chp_flag(c, TEXT_HIDDEN, on_off(a)); break;
	case DOCX_color: run_color(c, a); break;
	case DOCX_shd: c->shaded = docx_shading(a); break;
	case DOCX_highlight: c->shaded = on_off(a) ? 1 : -1; break;
	case DOCX_sz: chp_half_points(c, value(a, "val", 0)); break;
	case DOCX_rFonts: run_font(c, a); break;
	}
}

void docx_format_paragraph(struct pap *p, int tag, const struct xml_attrs *a)
{
	int v;

	switch (tag) {
	case DOCX_outlineLvl:
		v = value(a, "val", 9);
		p->heading = v >= 0 && v <= 8 ? v + 1 : -1;
		break;
	case DOCX_numId: p->list = value(a, "val", 0) > 0 ? 1 : -1; break;
	case DOCX_ilvl:
		v = value(a, "val", 0);
		p->level = v >= 0 && v <= 8 ? v + 1 : 1;
		break;
	case DOCX_ind:
		v = value(a, "left", value(a, "start", -1));
		if (v >= 0 && v < 32000)
			p->indent = v + 1;
		break;
	case DOCX_shd: p->shaded = docx_shading(a); break;
	}
}

static void add_style(struct docx_styles *s, const struct xml_attrs *a)
{
	struct slice type, is_default;
	struct docx_style *st;

	s->now = NULL;
	if (s->n == STYLES_MAX || !xml_attr(a, NS_NONE, "type", &type))
		return;
	if (!slice_is(type, "paragraph") && !slice_is(type, "character"))
		return;
	if (s->n == s->cap) {
		int cap = s->cap == 0 ? 64 : s->cap * 2;
		struct docx_style *list = ARENA_ARRAY(s->arena, (size_t)cap, struct docx_style);

		if (s->n > 0)
			memcpy(list, s->list, (size_t)s->n * sizeof *list);
		s->list = list;
		s->cap = cap;
	}
	st = s->now = &s->list[s->n];
	st->id = xml_attr_text(a, NS_NONE, "styleId", s->arena);
	if (st->id == NULL) {
		s->now = NULL;
		return;
	}
	st->hash = hash_of(st->id, strlen(st->id));
	st->paragraph = slice_is(type, "paragraph");
	if (st->paragraph && s->fallback < 0 && xml_attr(a, NS_NONE, "default", &is_default) &&
		(slice_is(is_default, "1") || slice_is(is_default, "true") || slice_is(is_default, "on")))
		s->fallback = s->n;
	if (st->paragraph)
		st->pap.heading = heading_by_name(st->id, strlen(st->id));
	s->n++;
}

static void name_style(struct docx_style *st, const struct xml_attrs *a)
{
	struct slice v;

	if (!st->paragraph || !xml_attr(a, NS_NONE, "val", &v) || st->pap.heading > 0)
		return;
	st->pap.heading = heading_by_name(v.p, v.n);
}

static void styles_start(void *self, enum xml_ns ns, int tag, const struct xml_attrs *a)
{
	struct docx_styles *s = self;

	if (ns != NS_W || tag < 0)
		return;
	switch (tag) {
	case TAG_style: add_style(s, a); return;
	case TAG_name:
		if (s->now != NULL)
			name_style(s->now, a);
		return;
	case TAG_basedOn:
		if (s->now != NULL)
			s->now->based_on = xml_attr_text(a, NS_NONE, "val", s->arena);
		return;
	case TAG_docDefaults: s->in_defaults = true; return;
	case TAG_rPr: s->in_rpr = true; return;
	case TAG_tblStylePr: s->conditional++; return;
	}
	if (s->conditional > 0)
		return;
	if (s->in_defaults && s->in_rpr)
		docx_format_run(&s->defaults, tag, a);
	if (s->now == NULL)
		return;
	if (s->in_rpr)
		docx_format_run(&s->now->chp, tag, a);
	else
		docx_format_paragraph(&s->now->pap, tag, a);
}

static void styles_end(void *self, enum xml_ns ns, int tag)
{
	struct docx_styles *s = self;

	if (ns != NS_W)
		return;
	switch (tag) {
	case TAG_style: s->now = NULL; break;
	case TAG_docDefaults: s->in_defaults = false; break;
	case TAG_rPr: s->in_rpr = false; break;
	case TAG_tblStylePr: s->conditional--; break;
	}
}

static void styles_text(void *self, const char *p, size_t n)
{
	(void)self, (void)p, (void)n;
}

static const struct xml_handler handler = {names, sizeof names / sizeof *names, styles_start,
										   styles_end, styles_text};

/* What follows the attribute's name and quote in a start tag, up to the closing quote; n 0 if there
 * is none. */
static struct slice attribute(struct slice tag, const char *name)
{
	const char *at = memmem(tag.p, tag.n, name, strlen(name)), *quote;

	if (at == NULL)
		return (struct slice){"", 0};
	at += strlen(name);
	quote = memchr(at, '"', (size_t)(tag.p + tag.n - at));
	return quote == NULL ? (struct slice){"", 0} : (struct slice){at, (size_t)(quote - at)};
}

/* Notes the style whose element is given, or drops it for good if it is one of tables or lists.
 * False if the parser has to read it at once: a default, or one in other words than usual. */
static bool note_style(struct docx_styles *s, struct slice element)
{
	const char *close = memchr(element.p, '>', element.n);
	struct slice tag = {element.p, (size_t)(close - element.p)};
	struct slice type = attribute(tag, " w:type=\""), id = attribute(tag, " w:styleId=\"");

	if (close[-1] == '/')
		return false; /* it is empty: what was taken for its end is another one's */
	if (slice_is(type, "table") || slice_is(type, "numbering"))
		return true;
	if (id.n == 0 || memchr(id.p, '&', id.n) != NULL || slice_has(tag, "w:default=") ||
		!(slice_is(type, "paragraph") || slice_is(type, "character")) || s->nsources == STYLES_MAX)
		return false;
	if (s->nsources == s->sources_cap) {
		int cap = s->sources_cap == 0 ? 64 : s->sources_cap * 2;
		struct source *list = ARENA_ARRAY(s->arena, (size_t)cap, struct source);

		if (s->nsources > 0)
			memcpy(list, s->sources, (size_t)s->nsources * sizeof *list);
		s->sources = list;
		s->sources_cap = cap;
	}
	s->sources[s->nsources++] = (struct source){id, element, slice_is(type, "paragraph")};
	return true;
}

/* The element that begins at p, whose first end tag is its own; n 0 if it has none. */
static struct slice element_at(const char *p, const char *end, const char *end_tag)
{
	const char *close = memmem(p, (size_t)(end - p), end_tag, strlen(end_tag));

	return close == NULL ? (struct slice){p, 0}
						 : (struct slice){p, (size_t)(close - p) + strlen(end_tag)};
}

static bool starts(const char *p, const char *end, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(end - p) > n && memcmp(p, word, n) == 0;
}

/* The text without the styles, which are noted, and without the list of built-in ones. Works on the
 * usual prefix only; what it does not recognise is left to the parser. */
static struct slice without_styles(struct docx_styles *s, struct slice in)
{
	char *out = arena_alloc_raw(s->arena, in.n + 1);
	const char *p = in.p, *end = in.p + in.n;
	size_t n = 0;

	while (p < end) {
		struct slice element = {p, 0};
		const char *next;

		if (starts(p, end, "<w:style "))
			element = element_at(p, end, "</w:style>");
		else if (starts(p, end, "<w:latentStyles "))
			element = element_at(p, end, "</w:latentStyles>");
		if (element.n > 0 && (p[3] == 'l' || note_style(s, element))) {
			p += element.n;
			continue;
		}
		next = element.n > 0 ? p + element.n : memmem(p + 1, (size_t)(end - p - 1), "<w:", 3);
		if (next == NULL)
			next = end;
		memcpy(out + n, p, (size_t)(next - p));
		n += (size_t)(next - p);
		p = next;
	}
	return (struct slice){out, n};
}

/* The start tag of the root, which declares what prefixes mean. */
static struct slice root_of(struct slice text)
{
	const char *root = memmem(text.p, text.n, "<w:styles", 9);
	const char *close = root == NULL ? NULL : memchr(root, '>', (size_t)(text.p + text.n - root));

	return close == NULL || close[-1] == '/' ? (struct slice){"", 0}
											 : (struct slice){root, (size_t)(close - root) + 1};
}

struct docx_styles *docx_styles_read(struct package *p, const char *part)
{
	struct docx_styles *s = ARENA_NEW(p->doc->arena, struct docx_styles);
	struct slice text;

	s->arena = p->doc->arena;
	s->fallback = s->last = -1;
	s->defaults.size = 10; /* what ECMA-376 says where a file says nothing */
	if (part == NULL || package_load(p, part, LOADED_MAX, &text) != OK)
		return s;
	s->root = root_of(text);
	xml_read_memory(&handler, s, s->root.n == 0 ? text : without_styles(s, text));
	return s;
}

/* Reads a style that was noted. */
static void load(struct docx_styles *s, struct source *source)
{
	static const char end[] = "</w:styles>";
	struct slice element = source->element;
	size_t n = s->root.n + element.n + sizeof end - 1;
	char *text = arena_alloc_raw(s->arena, n + 1);

	memcpy(text, s->root.p, s->root.n);
	memcpy(text + s->root.n, element.p, element.n);
	memcpy(text + s->root.n + element.n, end, sizeof end);
	s->now = NULL;
	s->conditional = 0;
	s->in_defaults = s->in_rpr = false;
	xml_read_memory(&handler, s, (struct slice){text, n});
}

static int find_loaded(const struct docx_styles *s, struct slice id, bool paragraph)
{
	uint32_t hash = hash_of(id.p, id.n);

	for (int i = 0; i < s->n; i++)
		if (s->list[i].hash == hash && s->list[i].paragraph == paragraph &&
			slice_is(id, s->list[i].id))
			return i;
	return -1;
}

/* The index of a style, which is read now if it was not; -1 if there is none. */
static int find(struct docx_styles *s, const char *p, size_t n, bool paragraph)
{
	struct slice id = {p, n};
	int at = find_loaded(s, id, paragraph);

	for (int i = 0; i < s->nsources && at < 0; i++) {
		struct source *source = &s->sources[i];

		if (source->paragraph != paragraph || source->id.n != n || memcmp(source->id.p, p, n) != 0)
			continue;
		source->id.n = 0; /* once only */
		load(s, source);
		at = find_loaded(s, id, paragraph);
	}
	return at;
}

/* Lays the chain of styles that ends in style `at` over pap and chp, the base first. */
static void lay(struct docx_styles *s, int at, struct pap *pap, struct chp *chp)
{
	int chain[BASED_ON_MAX], n = 0;

	while (at >= 0 && n < BASED_ON_MAX) {
		const struct docx_style *st = &s->list[at];

		chain[n++] = at;
		if (st->based_on == NULL)
			break;
		at = find(s, st->based_on, strlen(st->based_on), st->paragraph);
	}
	while (n-- > 0) {
		chp_apply(chp, &s->list[chain[n]].chp);
		if (pap != NULL)
			pap_apply(pap, &s->list[chain[n]].pap);
	}
}

void docx_style_paragraph(struct docx_styles *s, struct slice id, struct pap *pap, struct chp *chp)
{
	int at = id.n > 0 ? find(s, id.p, id.n, true) : -1;

	if (at < 0)
		at = s->fallback;
	if (at < 0 || at != s->last) {
		s->last = at;
		s->last_pap = (struct pap){0};
		s->last_chp = s->defaults;
		lay(s, at, &s->last_pap, &s->last_chp);
	}
	*pap = s->last_pap;
	*chp = s->last_chp;
	/* A style that styles.xml does not have may still be a built-in one. */
	if (id.n > 0 && at == s->fallback && pap->heading == 0)
		pap->heading = heading_by_name(id.p, id.n);
}

void docx_style_character(struct docx_styles *s, struct slice id, struct chp *chp)
{
	int at = find(s, id.p, id.n, false);

	if (at >= 0)
		lay(s, at, NULL, chp);
}

/*
 * See writer.h. A character costs a few comparisons: ASCII letters go straight into the buffer of
 * the frame, everything else is classified first. Buffers are kept from paragraph to paragraph; a
 * line copies its text and spans into the arena at its exact size.
 */
#include "parse/word/writer.h"

#include <string.h>

#include "base/text.h"
#include "parse/word/symbol.h"

enum {
	SPANS_MAX = 200000, /* of a document: about 10 MB */
	WIDE_GAP = 4,       /* blanks that stand for a tab */
	WORD_MAX = 64,      /* bytes appended at once */
	BULLETS_MAX = 3,    /* taken off the front of one line */
	REPEAT_MAX = 200,   /* lines compared to find a repeated header */
};

void writer_init(struct writer *w, struct doc *d)
{
	memset(w, 0, sizeof *w);
	w->doc = d;
}

static struct frame *current(struct writer *w)
{
	return &w->frames[w->depth];
}

static void cut(struct writer *w)
{
	w->full = true;
	doc_find(w->doc, "cut", "The document is very long; only its beginning was read.");
}

/* Doubles an arena array that holds n elements. */
static void *grown(struct arena *a, const void *old, size_t n, size_t *cap, size_t size)
{
	size_t next = *cap == 0 ? 64 : *cap * 2;
	void *p = arena_alloc_raw(a, next * size);

	if (n > 0)
		memcpy(p, old, n * size);
	*cap = next;
	return p;
}

static bool same_style(const struct span *a, const struct style *s)
{
	return a->flags == s->flags && a->link == s->link && a->size >= s->size && a->size <= s->size;
}

static void open_span(struct writer *w, struct frame *f, const struct style *s)
{
	if (f->nspans > 0 && w->spans >= SPANS_MAX)
		return;
	if (f->nspans == f->spans_cap)
		f->spans = grown(w->doc->arena, f->spans, f->nspans, &f->spans_cap, sizeof *f->spans);
	f->spans[f->nspans++] =
		(struct span){.start = f->n, .size = s->size, .flags = s->flags, .link = s->link};
	w->spans++;
	if (s->flags & STYLE_WHITE)
		w->white = true;
}

static void put(struct writer *w, struct frame *f, const char *p, size_t n)
{
	while (f->n + n > f->cap)
		f->text = grown(w->doc->arena, f->text, f->n, &f->cap, 1);
	memcpy(f->text + f->n, p, n);
	f->n += n;
	if (f->nspans > 0)
		f->spans[f->nspans - 1].length += n;
}

/* Appends visible characters, n bytes long. */
static void add(struct writer *w, const char *p, size_t n, unsigned long chars,
				const struct style *s)
{
	struct frame *f = current(w);

	if (w->full)
		return;
	if (w->text + f->n + n + 1 > DOC_TEXT_MAX) {
		cut(w);
		return;
	}
	if (f->gap > 1 && f->gap < WIDE_GAP && f->n > 0 && f->nwide < WRITER_WIDE_MAX)
		f->wide[f->nwide++] = f->n;
	if (f->gap > 0 && f->n > 0)
		put(w, f, f->gap >= WIDE_GAP ? "\t" : " ", 1);
	f->gap = 0;
	if (f->nspans == 0 || !same_style(&f->spans[f->nspans - 1], s))
		open_span(w, f, s);
	put(w, f, p, n);
	f->written += chars;
}

static void add_gap(struct writer *w, int width)
{
	struct frame *f = current(w);

	if (f->gap < WRITER_TAB)
		f->gap += width;
}

static bool is_blank(uint32_t c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\f' || c == '\v' || c == 0xA0 ||
		   c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
		   c == 0x202F || c == 0x205F || c == 0x3000;
}

/* Controls, direction marks, soft hyphens, byte order marks, noncharacters. */
static bool is_invisible(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x200B || c == 0x200E ||
		   c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) ||
		   c == 0xFEFF || (c >= 0xD800 && c < 0xE000) || (c & 0xFFFE) == 0xFFFE || c > 0x10FFFF;
}

static bool is_private(uint32_t c)
{
	return (c >= 0xE000 && c <= 0xF8FF) || c >= 0xF0000;
}

/* What most text is made of, and stands for itself. */
static bool is_plain(uint32_t c, const struct style *s)
{
	return c > ' ' && c < 0x7F && (s->flags & TEXT_SYMBOL) == 0;
}

void writer_char(struct writer *w, uint32_t c, const struct style *s)
{
	char bytes[4];

	if (is_plain(c, s)) {
		bytes[0] = (char)c;
		add(w, bytes, 1, 1, s);
		return;
	}
	if (c == '\t') {
		add_gap(w, WRITER_TAB);
		return;
	}
	if (is_blank(c)) {
		if (!w->collapse || c == 0xA0 || current(w)->gap == 0)
			add_gap(w, 1);
		return;
	}
	if (is_invisible(c))
		return;
	if (is_private(c) || (s->flags & TEXT_SYMBOL)) {
		c = symbol_unicode(c);
		if (c == 0) {
			add_gap(w, 1);
			return;
		}
	}
	add(w, bytes, utf8_encode(c, bytes), 1, s);
}

void writer_text(struct writer *w, const char *p, size_t n, const struct style *s)
{
	for (size_t i = 0; i < n;) {
		uint32_t c;
		size_t length = 0;

		while (i + length < n && length < WORD_MAX && is_plain((unsigned char)p[i + length], s))
			length++;
		if (length > 0) {
			add(w, p + i, length, length, s);
			i += length;
			continue;
		}
		length = utf8_decode(p + i, n - i, &c);
		if (length == 0) {
			i++;
			continue;
		}
		writer_char(w, c, s);
		i += length;
	}
}

/* Length of the bullet and the blanks after it at the start of a line, 0 if there is none. */
static size_t bullet_length(const char *p, size_t n)
{
	uint32_t c;
	size_t length = utf8_decode(p, n, &c);
	bool blank = length > 0 && length < n && (p[length] == ' ' || p[length] == '\t');

	if (length == 0 || length >= n)
		return symbol_is_bullet(c) ? length : 0;
	if (symbol_is_bullet(c))
		return length + (blank ? 1 : 0);
	if (blank && (c == '-' || c == '*' || c == 0x2013 || c == 0x2014 || c == 0x2212))
		return length + 1;
	return c == 'o' && p[length] == '\t' ? length + 1 : 0;
}

/* The style most of the text has: each flag by majority, the size that covers most. */
static void dominate(struct line *l)
{
	size_t covered[32] = {0}, best = 0, total = strlen(l->text);
	unsigned any = 0;

	for (size_t i = 0; i < l->nspans; i++) {
		size_t same = 0;

		any |= l->spans[i].flags;
		for (unsigned bit = 0; bit < 31 && l->spans[i].flags >> bit != 0; bit++)
			if (l->spans[i].flags & (1U << bit))
				covered[bit] += l->spans[i].length;
		for (size_t j = 0; j < l->nspans && j < 64; j++)
			if (l->spans[j].size >= l->spans[i].size && l->spans[j].size <= l->spans[i].size)
				same += l->spans[j].length;
		if (same > best) {
			best = same;
			l->size = l->spans[i].size;
		}
	}
	for (unsigned bit = 0; bit < 31 && any >> bit != 0; bit++)
		if (covered[bit] * 2 > total)
			l->flags |= 1U << bit;
}

static bool mostly_rtl(const char *p, size_t n)
{
	size_t rtl = 0, ltr = 0;

	for (size_t i = 0; i < n;) {
		uint32_t c = (unsigned char)p[i];
		size_t length = c < 0x80 ? 1 : utf8_decode(p + i, n - i, &c);

		if (length == 0)
			return false;
		if ((c >= 0x590 && c <= 0x8FF) || (c >= 0xFB1D && c <= 0xFEFC))
			rtl++;
		else if ((c | 0x20) >= 'a' && ((c | 0x20) <= 'z' || c >= 0xC0))
			ltr++;
		i += length;
	}
	return rtl > ltr;
}

static void emit(struct writer *w, const struct line *l)
{
	if (w->depth == 0) {
		if (doc_add_line(w->doc, l) != OK)
			cut(w);
		return;
	}
	if (w->nlater == w->later_cap) {
		size_t cap = (size_t)w->later_cap;

		w->later = grown(w->doc->arena, w->later, (size_t)w->nlater, &cap, sizeof *w->later);
		w->later_cap = (int)cap;
	}
	if (w->nlater >= DOC_LINES_MAX)
		cut(w);
	else
		w->later[w->nlater++] = *l;
}

/* Whether nothing but single letters and signs stands in the line, four at least. */
static bool is_spaced_out(const struct frame *f)
{
	int letters = 0;

	for (size_t i = 0; i < f->n; letters++) {
		uint32_t c;
		size_t length = utf8_decode(f->text + i, f->n - i, &c);

		if (length == 0 || (c >= '0' && c <= '9'))
			return false;
		i += length;
		if (i < f->n && f->text[i] != ' ' && f->text[i] != '\t')
			return false;
		i++;
	}
	return letters > 4;
}

/* "J A N E   D O E", blanks typed between the letters and more of them between the words: takes out
 * those between the letters. */
static void close_up(struct frame *f)
{
	size_t at = 0;
	int k = 0;

	if (f->nspans != 1 || (f->nwide == 0 && memchr(f->text, '\t', f->n) == NULL) ||
		f->nwide == WRITER_WIDE_MAX || !is_spaced_out(f))
		return;
	for (size_t i = 0; i < f->n; i++) {
		bool wide = k < f->nwide && f->wide[k] == i;

		k += wide;
		if (wide || f->text[i] == '\t')
			f->text[at++] = ' ';
		else if (f->text[i] != ' ')
			f->text[at++] = f->text[i];
	}
	f->n = f->spans[0].length = at;
}

void writer_break(struct writer *w, const struct place *p)
{
	struct frame *f = current(w);
	struct line l = {.region = p->region,
					 .block = f->block,
					 .table = p->table,
					 .row = p->row,
					 .cell = p->cell,
					 .heading = p->heading,
					 .bullet = p->bullet,
					 .indent = p->indent};

	f->gap = 0;
	if (f->n > 0)
		close_up(f);
	f->nwide = 0;
	if (f->n == 0)
		return;
	for (int i = 0; i < BULLETS_MAX && f->n > 0; i++) {
		size_t bullet = bullet_length(f->text, f->n);

		if (bullet == 0)
			break;
		l.bullet = true;
		line_drop_front(f->text, &f->n, f->spans, &f->nspans, bullet);
	}
	if (f->n > 0 && !w->full) {
		l.text = arena_strndup(w->doc->arena, f->text, f->n);
		l.spans = arena_memdup(w->doc->arena, f->spans, f->nspans * sizeof *f->spans);
		l.nspans = f->nspans;
		dominate(&l);
		if (mostly_rtl(f->text, f->n))
			l.flags |= TEXT_RTL;
		w->text += f->n;
		emit(w, &l);
	}
	f->n = 0;
	f->nspans = 0;
}

static void flush_later(struct writer *w)
{
	for (int i = 0; i < w->nlater; i++)
		if (doc_add_line(w->doc, &w->later[i]) != OK) {
			cut(w);
			break;
		}
	w->nlater = 0;
}

void writer_end(struct writer *w, const struct place *p)
{
	writer_break(w, p);
	if (w->depth == 0)
		flush_later(w);
	current(w)->block = ++w->blocks;
}

bool writer_empty(const struct writer *w)
{
	return w->frames[w->depth].n == 0;
}

unsigned long writer_written(const struct writer *w)
{
	return w->frames[w->depth].written;
}

void writer_box_begin(struct writer *w)
{
	if (w->depth + 1 == WRITER_BOXES_MAX) {
		w->boxes_ignored++;
		return;
	}
	w->depth++;
	current(w)->block = ++w->blocks;
}

void writer_box_end(struct writer *w)
{
	struct frame *f = current(w);

	if (w->boxes_ignored > 0) {
		w->boxes_ignored--;
		return;
	}
	if (w->depth == 0)
		return;
	f->n = 0;
	f->nspans = 0;
	f->nwide = 0;
	f->gap = 0;
	w->depth--;
}

void writer_backdrop(struct writer *w)
{
	w->backdrop = true;
}

static bool same_line(const struct line *a, const struct line *b)
{
	return a->region == b->region && strcmp(a->text, b->text) == 0;
}

void writer_unrepeat(struct writer *w, int since, int first)
{
	struct doc *d = w->doc;
	int n = d->nlines - first;

	for (int at = since; n > 0 && n <= REPEAT_MAX && at + n <= first; at++) {
		int same = 0;

		while (same < n && same_line(&d->lines[at + same], &d->lines[first + same]))
			same++;
		if (same == n) {
			d->nlines = first;
			return;
		}
	}
}

static int order_of(const struct line *l)
{
	return l->region == REGION_HEADER ? 0 : l->region == REGION_FOOTER ? 2 : 1;
}

void writer_order(struct writer *w)
{
	struct doc *d = w->doc;
	struct line *lines;
	int n = 0;

	if (d->nlines == 0)
		return;
	lines = ARENA_ARRAY(d->arena, (size_t)d->nlines, struct line);
	for (int order = 0; order < 3; order++)
		for (int i = 0; i < d->nlines; i++)
			if (order_of(&d->lines[i]) == order)
				lines[n++] = d->lines[i];
	memcpy(d->lines, lines, (size_t)n * sizeof *lines);
}

void writer_finish(struct writer *w, const struct place *p)
{
	struct doc *d = w->doc;
	unsigned shown = w->backdrop ? 0 : TEXT_HIDDEN;

	while (w->depth > 0) {
		writer_end(w, p);
		writer_box_end(w);
	}
	writer_end(w, p);
	if (!w->white)
		return;
	for (int i = 0; i < d->nlines; i++) {
		struct line *l = &d->lines[i];

		if (l->flags & STYLE_WHITE)
			l->flags = (l->flags & ~(unsigned)STYLE_WHITE) | shown;
		for (size_t j = 0; j < l->nspans; j++)
			if (l->spans[j].flags & STYLE_WHITE)
				l->spans[j].flags = (l->spans[j].flags & ~(unsigned)STYLE_WHITE) | shown;
	}
}

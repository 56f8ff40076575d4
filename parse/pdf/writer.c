/*
 * See writer.h. Glyphs of the current run are kept with their places until the run ends, because
 * where its blanks are can be told only from all its gaps: in "J O H N   D O E" the gaps between
 * letters are as wide as other texts' blanks.
 */
#include "parse/pdf/writer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "parse/pdf/compose.h"
#include "parse/pdf/encoding.h"

/* Distances in ems. */
static const float NEW_RUN = 1.0f, NEW_RUN_BLANK = 1.3f, BACKWARDS = -0.35f, OFF_BASELINE = 0.12f;
static const float CELL_GAP = 0.5f;
static const float BLANK_MIN = 0.1f, BLANK_USUAL = 0.14f, SHOWN_BLANK = 0.04f, DOUBLE = 0.08f;

enum { RUN_GLYPHS_MAX = 4096, DOUBLES_BACK = 4 };

void writer_page(struct writer *w, struct pdf *p, struct page *page, int number,
				 const struct paint *paint)
{
	w->pdf = p;
	w->page = page;
	w->page_number = number;
	w->paint = paint;
	w->nlinks = 0;
	w->n = 0;
	w->blank = false;
	w->accent.text = 0;
	w->in_actual = false;
	w->link = -1;
	memset(&w->style, 0, sizeof w->style);
}

static bool is_rtl(uint32_t cp)
{
	return (cp >= 0x590 && cp < 0x900) || (cp >= 0xFB1D && cp < 0xFE00) ||
		   (cp >= 0xFE70 && cp < 0xFEFF);
}

static bool is_private(uint32_t cp)
{
	return (cp >= 0xE000 && cp < 0xF900) || cp >= 0xF0000;
}

static uint32_t first_char(const struct writer *w, uint32_t text)
{
	uint32_t one;
	size_t n;
	const uint32_t *cps = text_chars(w->pdf, text, &one, &n);

	return n == 0 ? 0 : cps[0];
}

/* Text that was drawn left to right although it reads right to left: back to the order of reading,
 * numbers and Latin words inside it excepted. */
static void reorder(struct writer *w)
{
	struct shown *g = w->glyphs;

	for (size_t i = 0, k = w->n - 1; i < k; i++, k--) {
		struct shown t = g[i];

		g[i] = g[k];
		g[k] = t;
	}
	for (size_t i = 0; i < w->n;) {
		size_t end = i;

		while (end < w->n && !is_rtl(first_char(w, g[end].text)))
			end++;
		for (size_t a = i, b = end; a + 1 < b; a++, b--) {
			struct shown t = g[a];

			g[a] = g[b - 1];
			g[b - 1] = t;
		}
		i = end > i ? end : i + 1;
	}
}

static bool reads_rtl(const struct writer *w)
{
	size_t rtl = 0;

	for (size_t i = 0; i < w->n; i++)
		rtl += is_rtl(first_char(w, w->glyphs[i].text));
	return rtl * 2 > w->n;
}

static bool is_letter(uint32_t cp)
{
	return (cp >= 'A' && cp <= 'Z') || (cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9') ||
		   (cp >= 0xC0 && cp < 0x2000 && cp != 0xD7 && cp != 0xF7);
}

static int by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

/* "J O H N   D O E": a blank was drawn between any two letters. */
static bool blanks_between_letters(const struct writer *w)
{
	enum { ENOUGH = 5 };
	size_t blanks = 0, letters = 0;

	for (size_t i = 0; i < w->n; i++) {
		blanks += i > 0 && w->glyphs[i].blank;
		letters += is_letter(first_char(w, w->glyphs[i].text));
	}
	return w->n >= ENOUGH && blanks * 10 >= (w->n - 1) * 9 && letters * 10 >= w->n * 8;
}

/* The narrowest gap, in points, that is a blank in this run. */
static float blank_gap(const struct writer *w)
{
	enum { SAMPLE = 64, ENOUGH = 4 };
	float em = w->style.size, space = w->style.font == NULL ? 0 : w->style.font->space;
	float usual = space > 0 && space / 2 < BLANK_USUAL ? space / 2 : BLANK_USUAL;
	float gaps[SAMPLE], middle;
	int n = 0, wide = 0, letters = 0;
	bool drawn = blanks_between_letters(w);

	usual = (usual < BLANK_MIN ? BLANK_MIN : usual) * em;
	for (size_t i = 1; i < w->n && n < SAMPLE; i++) {
		if (w->glyphs[i].blank && !drawn)
			continue;
		gaps[n] = w->glyphs[i].x0 - w->glyphs[i - 1].x1;
		wide += gaps[n++] > usual / 2; /* kerning takes away from some */
		letters += is_letter(first_char(w, w->glyphs[i].text));
	}
	/* Two or three letters ("a n d" in small capitals): apart, but by less than a blank. */
	if (n > 0 && n < ENOUGH && wide == n && letters == n && (size_t)n + 1 == w->n) {
		qsort(gaps, (size_t)n, sizeof gaps[0], by_size);
		if (gaps[n - 1] < 0.85f * space * em)
			return gaps[n - 1];
	}
	if (n < ENOUGH || wide * 10 < n * 7 || letters * 10 < n * 8)
		return usual;
	qsort(gaps, (size_t)n, sizeof gaps[0], by_size);
	middle = gaps[n / 2];
	return middle * 1.6f > middle + 0.1f * em ? middle * 1.6f : middle + 0.1f * em;
}

/* The run's text, blanks inserted; NULL if there is nothing to read. */
static char *run_text(struct writer *w)
{
	float gap = blank_gap(w), em = w->style.size;
	bool drawn = blanks_between_letters(w);
	struct buf b;

	buf_init(&b, w->pdf->arena, DOC_TEXT_MAX);
	for (size_t i = 0; i < w->n; i++) {
		const struct shown *g = &w->glyphs[i];
		/* Whichever of the two is left of the other. */
		float before = i == 0 ? 0 : fmaxf(g->x0 - g[-1].x1, g[-1].x0 - g->x1);
		uint32_t one;
		size_t n;
		const uint32_t *cps = text_chars(w->pdf, g->text, &one, &n);

		if (i > 0 && (before > gap || (g->blank && !drawn && before > SHOWN_BLANK * em)))
			buf_addc(&b, ' ');
		for (size_t k = 0; k < n; k++)
			if (cps[k] != 0xAD || (i == w->n - 1 && k == n - 1))
				buf_add_utf8(&b, cps[k]);
	}
	return b.n == 0 || text_is_blank(b.p) ? NULL : text_trim(b.p);
}

/* Letters that lean do so over their neighbours: only what stands across the line counts. */
static struct box run_box(const struct writer *w)
{
	const struct style *s = &w->style;
	float up = s->font->ascent * s->size, down = s->font->descent * s->size;
	float lean = s->wx * s->ux + s->wy * s->uy;
	float wx = s->wx - lean * s->ux, wy = s->wy - lean * s->uy;
	float x0 = w->glyphs[0].x0, x1 = x0;
	struct box b = {INFINITY, INFINITY, -INFINITY, -INFINITY};

	for (size_t i = 0; i < w->n; i++) {
		x0 = w->glyphs[i].x0 < x0 ? w->glyphs[i].x0 : x0;
		x1 = w->glyphs[i].x1 > x1 ? w->glyphs[i].x1 : x1;
	}
	for (int k = 0; k < 4; k++) {
		float along = (k & 1) != 0 ? x1 : x0, across = (k & 2) != 0 ? up : down;
		float x = w->ox + along * s->ux + across * wx, y = w->oy + along * s->uy + across * wy;

		b = box_join(b, (struct box){x, y, x, y});
	}
	return b;
}

static bool hidden(const struct writer *w, struct box b)
{
	float x = (b.x0 + b.x1) / 2, y = (b.y0 + b.y1) / 2;
	struct box seen = box_meet(b, w->style.clip);

	if (w->style.size < 1.5f || x < 0 || y < 0 || x > w->page->width || y > w->page->height)
		return true;
	if (seen.x1 < seen.x0 || seen.y1 < seen.y0)
		return true;
	return paint_hides(w->paint, b, w->style.colour);
}

/* True if the same was drawn just before at the same place: a cheap bold face or a shadow. */
static bool is_double(struct writer *w, const struct run *r)
{
	struct doc *d = w->pdf->doc;
	float near = r->size * 0.15f;

	for (int i = d->nruns - 1; i >= 0 && i >= d->nruns - DOUBLES_BACK; i--) {
		struct run *o = &d->runs[i];

		if (o->page != r->page || fabsf(o->box.x0 - r->box.x0) > near ||
			fabsf(o->baseline - r->baseline) > near || strcmp(o->text, r->text) != 0)
			continue;
		if ((o->flags & TEXT_HIDDEN) != 0 && (r->flags & TEXT_HIDDEN) == 0)
			o->flags &= ~(unsigned)TEXT_HIDDEN;
		return true;
	}
	return false;
}

static void add_run(struct writer *w, struct run *r)
{
	struct pdf *p = w->pdf;

	p->text += strlen(r->text);
	r->page = w->page_number;
	r->order = p->doc->nruns;
	if (p->text > DOC_TEXT_MAX || doc_add_run(p->doc, r) != OK) {
		pdf_cut(p);
		return;
	}
	w->page->nruns++;
}

static void end_run(struct writer *w)
{
	const struct style *s = &w->style;
	struct run r = {.size = s->size, .font = s->font->number};
	bool rtl = reads_rtl(w);

	r.flags = s->flags | (s->font->flags & (TEXT_BOLD | TEXT_ITALIC | TEXT_SYMBOL));
	if (w->symbol)
		r.flags |= TEXT_SYMBOL;
	if (w->doubled)
		r.flags |= TEXT_BOLD;
	r.box = run_box(w);
	r.baseline = w->oy;
	r.space = s->font->space * s->size;
	if (s->ux < 0.9f)
		r.flags |= TEXT_VERTICAL;
	if (hidden(w, r.box))
		r.flags |= TEXT_HIDDEN;
	if (rtl) {
		r.flags |= TEXT_RTL;
		reorder(w);
	}
	r.text = run_text(w);
	if (w->link >= 0) {
		r.link = w->links[w->link].uri;
		w->links[w->link].covers = true;
	}
	if (r.text != NULL && !is_double(w, &r))
		add_run(w, &r);
}

static void push(struct writer *w, const struct shown *g)
{
	if (w->n == w->cap) {
		size_t cap = w->cap == 0 ? 256 : w->cap * 2;
		struct shown *grown = ARENA_ARRAY(w->pdf->arena, cap, struct shown);

		if (w->n > 0)
			memcpy(grown, w->glyphs, w->n * sizeof *grown);
		w->glyphs = grown;
		w->cap = cap;
	}
	w->glyphs[w->n++] = *g;
}

static void close_run(struct writer *w)
{
	if (w->n > 0 && w->style.font != NULL)
		end_run(w);
	w->n = 0;
	w->blank = false;
	w->doubled = false;
}

static int link_at(const struct writer *w, float x, float y)
{
	if (w->link >= 0) {
		struct box b = w->links[w->link].box;

		if (x >= b.x0 && x <= b.x1 && y >= b.y0 && y <= b.y1)
			return w->link;
	}
	for (int i = 0; i < w->nlinks; i++) {
		struct box b = w->links[i].box;

		if (x >= b.x0 && x <= b.x1 && y >= b.y0 && y <= b.y1)
			return i;
	}
	return -1;
}

/* True if a gap is too wide to be one between words: by its size alone or, where no blank was
 * shown, by being much wider than the gap before it (cells of a table, not spaced letters). */
static bool splits(const struct writer *w, float gap)
{
	const struct shown *last = &w->glyphs[w->n - 1];
	float em = w->style.size;

	if (w->blank) /* less beside letters that are set close: badges, not spaced letters */
		return gap > em * NEW_RUN_BLANK ||
			   (gap > em * NEW_RUN && w->n >= 2 && last->x0 - last[-1].x1 < em * BLANK_MIN);
	if (gap > em * CELL_GAP && w->n >= 2 && gap > (last->x0 - last[-1].x1) * 1.8f)
		return true;
	return gap > em * NEW_RUN;
}

/* Places a glyph in the current run, or ends that and starts another. */
static void place(struct writer *w, uint32_t text, float x, float y, float width)
{
	const struct style *s = &w->style;
	float em = s->size, dx = x - w->ox, dy = y - w->oy;
	float along = dx * s->ux + dy * s->uy, across = dx * s->uy - dy * s->ux;
	float mid = width / 2, up = em * 0.3f;
	int link = w->nlinks == 0
				   ? -1
				   : link_at(w, x + s->ux * mid + s->wx * up, y + s->uy * mid + s->wy * up);
	struct shown g = {.text = text, .blank = w->blank};
	bool symbol = is_private(first_char(w, text));

	if (w->n > 0) {
		const struct shown *last = &w->glyphs[w->n - 1];
		float gap = along - last->x1;

		if (fabsf(across) < em * DOUBLE && fabsf(along - last->x0) < em * DOUBLE &&
			text == last->text && !w->blank && width > em * DOUBLE * 2) {
			w->doubled = true;
			return;
		}
		if (fabsf(across) > em * OFF_BASELINE || gap < em * BACKWARDS || link != w->link ||
			symbol != w->symbol || splits(w, gap) || w->n >= RUN_GLYPHS_MAX)
			close_run(w);
	}
	if (w->n == 0) {
		w->ox = x;
		w->oy = y;
		w->link = link;
		w->symbol = symbol;
		along = 0;
		g.blank = false;
	}
	g.x0 = along;
	g.x1 = along + width;
	push(w, &g);
	w->blank = false;
}

/* Puts an accent on the letter shown last, if it lies over it. */
static bool accent_behind(struct writer *w, uint32_t mark, bool combining, float along, float width)
{
	struct shown *last = w->n > 0 ? &w->glyphs[w->n - 1] : NULL;
	float middle = along + width / 2, slack = w->style.size * (combining ? 0.4f : 0.0f);
	uint32_t composed;

	if (last == NULL || w->blank || middle < last->x0 - slack || middle > last->x1 + slack)
		return false;
	composed = (last->text & TEXT_POOLED) != 0 ? 0 : compose(last->text, mark);
	if (composed != 0)
		last->text = composed;
	return composed != 0;
}

static void release_accent(struct writer *w)
{
	struct shown a = w->accent;

	if (a.text == 0)
		return;
	w->accent.text = 0;
	place(w, a.text, w->accent_x, w->accent_y, a.x1 - a.x0);
}

/* The letter under a waiting accent: composed with it, or as it came after letting the accent go.
 */
static uint32_t under_accent(struct writer *w, uint32_t text, float x, float y, float width)
{
	const struct style *s = &w->style;
	float dx = w->accent_x - x, dy = w->accent_y - y;
	float middle = dx * s->ux + dy * s->uy + (w->accent.x1 - w->accent.x0) / 2;
	float above = fabsf(dx * s->uy - dy * s->ux);
	uint32_t composed = (text & TEXT_POOLED) != 0 ? 0 : compose(text, compose_mark(w->accent.text));

	if (composed != 0 && above < s->size * 0.6f && middle > width * 0.1f && middle < width * 0.9f) {
		w->accent.text = 0;
		return composed;
	}
	release_accent(w);
	return text;
}

/* Quick to say no for what most text is made of. */
static bool may_be_accent(uint32_t text)
{
	return text >= 0xA8 || text == '^' || text == '`' || text == '~';
}

void writer_glyph(struct writer *w, uint32_t text, float x, float y, float width)
{
	const struct style *s = &w->style;
	uint32_t mark;

	if (w->in_actual) {
		if (w->actual_used && w->n > 0) {
			struct shown *last = &w->glyphs[w->n - 1];
			float end = (x - w->ox) * s->ux + (y - w->oy) * s->uy + width;

			if (end > last->x1 && end < last->x1 + s->size * 3)
				last->x1 = end;
		}
		text = w->actual_used ? 0 : w->actual;
		w->actual_used = true;
	}
	if (text == ' ')
		w->blank = true;
	else if (text == 0 && !w->in_actual)
		w->pdf->unmapped++;
	if (text == ' ' || text == 0)
		return;
	mark = may_be_accent(text) && (s->font->flags & TEXT_SYMBOL) == 0 ? compose_mark(text) : 0;
	if (w->accent.text != 0)
		text = under_accent(w, text, x, y, width);
	if (mark != 0) {
		float along = (x - w->ox) * s->ux + (y - w->oy) * s->uy;

		if (accent_behind(w, mark, text >= 0x300 && text < 0x370, along, width))
			return;
		w->accent = (struct shown){.text = text, .x0 = 0, .x1 = width};
		w->accent_x = x;
		w->accent_y = y;
		return;
	}
	place(w, text, x, y, width);
}

static bool same_box(struct box a, struct box b)
{
	return a.x0 == b.x0 && a.y0 == b.y0 && a.x1 == b.x1 && a.y1 == b.y1;
}

void writer_style(struct writer *w, const struct style *s)
{
	const struct style *o = &w->style;

	if (o->font == s->font && fabsf(o->size - s->size) < s->size * 0.02f &&
		fabsf(o->ux - s->ux) < 0.01f && fabsf(o->uy - s->uy) < 0.01f && o->colour == s->colour &&
		o->flags == s->flags) {
		if (!same_box(o->clip, s->clip))
			w->style.clip = w->n == 0 ? s->clip : box_join(o->clip, s->clip);
		return;
	}
	writer_flush(w);
	w->style = *s;
}

void writer_actual(struct writer *w, uint32_t text)
{
	w->actual = text;
	w->in_actual = true;
	w->actual_used = false;
}

void writer_actual_end(struct writer *w)
{
	w->in_actual = false;
}

void writer_flush(struct writer *w)
{
	release_accent(w);
	close_run(w);
}

void writer_extra(struct writer *w, const char *text, struct box box, unsigned flags,
				  const char *link)
{
	struct run r = {.text = text, .box = box, .flags = flags, .link = link, .font = -1};

	writer_flush(w);
	r.baseline = box.y1;
	r.size = box.y1 - box.y0 > 12 ? 10 : (box.y1 - box.y0) * 0.8f;
	if (!text_is_blank(text))
		add_run(w, &r);
}

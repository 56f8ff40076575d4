/*
 * Pieces of a region, row by row -> lines: texts with blanks and tabs by the gaps, spans of one
 * style, list marks cut off, blocks numbered by distance and style. Right-to-left rows are read
 * from the right; their Latin words and numbers, which were drawn as runs of their own, keep their
 * order.
 */
#include "parse/layout.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

static const float TAB = 0.85f;      /* ems: gap that is a tab */
static const float CELL = 0.2f;      /* ems: gap that is one where cells of other rows begin */
static const float BLANK = 0.14f;    /* ems: gap that is a blank */
static const float CJK_BLANK = 0.2f; /* the same between characters set solid */

/* A line being built. */
struct draft {
	char *text;
	size_t n;
	struct span *spans;
	size_t nspans;
	int bold, italic, ocr, field, underline, rtl, all; /* characters */
};

/* Scripts written without blanks; Korean has them. */
static bool is_cjk(uint32_t cp)
{
	return (cp >= 0x2E80 && cp < 0xA4D0) || (cp >= 0xF900 && cp < 0xFB00) ||
		   (cp >= 0xFF00 && cp < 0xFF66) || (cp >= 0x20000 && cp < 0x40000);
}

static uint32_t last_char(const char *s, size_t n)
{
	size_t at = n;
	uint32_t cp = 0;

	while (at > 0 && (s[at - 1] & 0xC0) == 0x80 && n - at < 3)
		at--;
	if (at > 0)
		utf8_decode(s + at - 1, n - at + 1, &cp);
	return cp;
}

static uint32_t first_char(const char *s)
{
	uint32_t cp = 0;

	utf8_decode(s, strlen(s), &cp);
	return cp;
}

static bool at_stop(const struct layout *l, float x)
{
	for (int i = 0; i < l->nstops; i++)
		if (fabsf(l->stops[i] - x) < 0.6f)
			return true;
	return false;
}

/* Finds where cells begin in the rows of n pieces. */
static void find_stops(struct layout *l, struct piece *const *p, const struct row *rows, int nrows)
{
	l->nstops = 0;
	for (int i = 0; i < nrows; i++)
		for (int k = rows[i].first + 1; k < rows[i].first + rows[i].n; k++) {
			float gap = p[k]->box.x0 - p[k - 1]->box.x1, em = (p[k]->size + p[k - 1]->size) / 2;

			if (gap > TAB * em && l->nstops < LAYOUT_STOPS && !at_stop(l, p[k]->box.x0))
				l->stops[l->nstops++] = p[k]->box.x0;
		}
}

/* "E" before "XPERIENCE" in small capitals that are set apart. */
static bool is_small_capital(const struct run *a, const struct run *b)
{
	uint32_t first = 0;
	bool alone = utf8_decode(a->text, strlen(a->text), &first) == strlen(a->text);

	return alone && first >= 'A' && (first <= 'Z' || first >= 0xC0) && b->size < a->size * 0.9f &&
		   b->size > a->size * 0.6f && fabsf(a->baseline - b->baseline) < 0.5f &&
		   (a->flags & TEXT_BOLD) == (b->flags & TEXT_BOLD);
}

/* What stands between two neighbours of a row: '\t', ' ' or nothing (0). */
static char between(const struct layout *l, const struct run *a, const struct run *b,
					const struct draft *w, float tracking)
{
	float gap = fmaxf(b->box.x0 - a->box.x1, a->box.x0 - b->box.x1), em = (a->size + b->size) / 2;
	/* small capitals stand beside large ones; text beside a title has blanks of its own size */
	bool alike = fmaxf(a->size, b->size) < 1.5f * fminf(a->size, b->size);
	float blank = BLANK * (alike ? fmaxf(a->size, b->size) : fminf(a->size, b->size));
	float space = alike ? fmaxf(a->space, b->space) : fminf(a->space, b->space);
	uint32_t before = last_char(w->text, w->n), after = first_char(b->text);

	if (is_small_capital(a, b) && gap < TAB * em / 2)
		return 0;
	if (tracking > 0)
		return gap > tracking * 1.6f ? ' ' : 0;
	if (gap > TAB * em || (gap > CELL * em && at_stop(l, b->box.x0)))
		return '\t';
	if (is_cjk(before) && is_cjk(after))
		return gap > CJK_BLANK * em ? ' ' : 0;
	if (space > 0 && space / 2 < blank)
		blank = fmaxf(space / 2, 0.1f * em);
	/* overlapping text is not one word */
	return gap > blank || gap < -0.5f * em ? ' ' : 0;
}

static void count(struct draft *w, const struct run *r)
{
	int n = layout_chars(r->text);

	w->all += n;
	w->bold += (r->flags & TEXT_BOLD) != 0 ? n : 0;
	w->italic += (r->flags & TEXT_ITALIC) != 0 ? n : 0;
	w->underline += (r->flags & TEXT_UNDERLINE) != 0 ? n : 0;
	w->rtl += (r->flags & TEXT_RTL) != 0 ? n : 0;
	w->ocr += (r->flags & TEXT_OCR) != 0 ? n : 0;
	w->field += (r->flags & TEXT_FIELD) != 0 ? n : 0;
}

static struct box box_over(struct box a, struct box b)
{
	return (struct box){fminf(a.x0, b.x0), fminf(a.y0, b.y0), fmaxf(a.x1, b.x1), fmaxf(a.y1, b.y1)};
}

static bool same_style(const struct span *s, const struct run *r)
{
	return s->flags == r->flags && fabsf(s->size - r->size) < 0.05f * r->size &&
		   text_eq(s->link, r->link);
}

static void append(struct draft *w, const struct run *r, char gap)
{
	size_t n = strlen(r->text);
	struct span *s = w->nspans > 0 ? &w->spans[w->nspans - 1] : NULL;

	if (gap != 0)
		w->text[w->n++] = gap;
	memcpy(w->text + w->n, r->text, n);
	if (s != NULL && same_style(s, r)) {
		s->length = w->n + n - s->start;
		s->box = box_over(s->box, r->box);
	} else {
		w->spans[w->nspans++] = (struct span){w->n, n, r->size, r->flags, r->box, r->link};
	}
	w->n += n;
	count(w, r);
}

/* "E X P E R I E N C E", blanks drawn between the letters: takes them out. */
static void close_up(struct draft *w)
{
	size_t letters = 0;

	if (w->nspans != 1 || w->n < 9)
		return;
	for (size_t i = 0; i < w->n;) {
		uint32_t cp;
		size_t n = utf8_decode(w->text + i, w->n - i, &cp);

		if (n == 0 || cp < 'A' || (cp > 'Z' && cp < 0xC0) || cp >= 0x590)
			return;
		i += n;
		letters++;
		if (i < w->n && w->text[i++] != ' ')
			return;
	}
	if (letters < 5)
		return;
	letters = 0;
	for (size_t i = 0; i < w->n; i++)
		if (w->text[i] != ' ')
			w->text[letters++] = w->text[i];
	w->n = w->spans[0].length = letters;
}

/* Size of most characters. */
static float usual_size(const struct draft *w)
{
	float best = 0;
	size_t most = 0;

	for (size_t i = 0; i < w->nspans; i++) {
		size_t n = 0;

		for (size_t k = 0; k < w->nspans && k < 64; k++)
			if (fabsf(w->spans[k].size - w->spans[i].size) < 0.05f * w->spans[i].size)
				n += w->spans[k].length;
		if (n > most) {
			most = n;
			best = w->spans[i].size;
		}
		if (i >= 64)
			break;
	}
	return best;
}

static unsigned usual_flags(const struct draft *w)
{
	unsigned flags = 0;

	flags |= w->bold * 2 > w->all ? TEXT_BOLD : 0;
	flags |= w->italic * 2 > w->all ? TEXT_ITALIC : 0;
	flags |= w->underline * 2 > w->all ? TEXT_UNDERLINE : 0;
	flags |= w->rtl * 2 > w->all ? TEXT_RTL : 0;
	flags |= w->ocr * 2 > w->all ? TEXT_OCR : 0;
	flags |= w->field * 2 > w->all ? TEXT_FIELD : 0;
	return flags;
}

/* Whether line b, under line a in one column, goes on with its block. leading: the distance of
 * baselines within the block so far, 0 if it has one line. */
static bool goes_on(const struct line *a, const struct line *b, float distance, float leading)
{
	float size = fmaxf(a->size, b->size);

	if (a->page != b->page || a->column != b->column || a->region != b->region || b->bullet)
		return false;
	if (a->box.x1 < b->box.x0 || b->box.x1 < a->box.x0)
		return false;
	if (distance <= 0 || distance > (leading > 0 ? leading * 1.2f + 1 : size * 1.75f))
		return false;
	return fabsf(a->size - b->size) < 0.12f * size && ((a->flags ^ b->flags) & TEXT_BOLD) == 0;
}

/* Makes a line of the draft; false if nothing is left of it. */
static bool finish(struct layout *l, struct draft *w, struct line *line)
{
	size_t mark;

	close_up(w);
	w->text[w->n] = '\0';
	mark = layout_bullet(w->text);
	if (mark > 0 && mark < w->n) {
		line_drop_front(w->text, &w->n, w->spans, &w->nspans, mark);
		line->bullet = true;
		w->text[w->n] = '\0';
	}
	if (w->n == 0 || w->nspans == 0 || text_is_blank(w->text))
		return false;
	line->text = w->text;
	line->page = l->page;
	line->table = line->row = line->cell = -1;
	line->spans = w->spans;
	line->nspans = w->nspans;
	line->box = w->spans[0].box;
	for (size_t i = 1; i < w->nspans; i++)
		line->box = box_over(line->box, w->spans[i].box);
	line->size = usual_size(w);
	line->flags = usual_flags(w);
	return true;
}

static void turn(const struct run **r, int n)
{
	for (int i = 0, k = n - 1; i < k; i++, k--) {
		const struct run *t = r[i];

		r[i] = r[k];
		r[k] = t;
	}
}

/* From the order on paper to that of reading. */
static void read_order(const struct run **r, int n)
{
	int rtl = 0, all = 0;

	for (int i = 0; i < n; i++) {
		int chars = layout_chars(r[i]->text);

		all += chars;
		rtl += (r[i]->flags & TEXT_RTL) != 0 ? chars : 0;
	}
	if (rtl * 2 <= all)
		return;
	turn(r, n);
	for (int i = 0; i < n;) {
		int end = i;

		while (end < n && (r[end]->flags & TEXT_RTL) == 0)
			end++;
		turn(r + i, end - i);
		i = end > i ? end : i + 1;
	}
}

/* The text of one row. */
static struct draft write_row(struct layout *l, struct piece *const *p, int n)
{
	struct draft w = {0};
	const struct run **runs;
	size_t bytes = 1;
	int count_runs = 0, k = 0;

	for (int i = 0; i < n; i++)
		count_runs += p[i]->nruns;
	runs = ARENA_ARRAY(l->arena, (size_t)count_runs, const struct run *);
	for (int i = 0; i < n; i++)
		for (int j = 0; j < p[i]->nruns; j++) {
			runs[k] = l->runs[p[i]->first + j];
			bytes += strlen(runs[k++]->text) + 1;
		}
	read_order(runs, count_runs);
	w.text = arena_alloc(l->arena, bytes);
	w.spans = ARENA_ARRAY(l->arena, (size_t)count_runs, struct span);
	k = 0;
	for (int i = 0; i < n; i++)
		for (int j = 0; j < p[i]->nruns; j++, k++) {
			float tracking = j > 0 ? p[i]->tracking : 0;
			char gap = 0;

			if (k > 0)
				gap = between(l, runs[k - 1], runs[k], &w, tracking);
			append(&w, runs[k], gap);
		}
	return w;
}

/* Numbers the line's block and adds it. */
static int add(struct layout *l, struct line *line, float baseline)
{
	struct doc *d = l->d;
	float distance = baseline - l->above;

	if (d->nlines > 0 && goes_on(&d->lines[d->nlines - 1], line, distance, l->leading)) {
		l->leading = l->leading > 0 ? fminf(l->leading, distance) : distance;
	} else {
		l->block++;
		l->leading = 0;
	}
	l->above = baseline;
	line->block = l->block;
	return doc_add_line(d, line);
}

int layout_text(struct layout *l, struct piece **p, int n, int column)
{
	struct row *rows = ARENA_ARRAY(l->arena, (size_t)n + 1, struct row);
	int nrows = layout_rows(p, n, rows, n + 1);
	float left = INFINITY;

	for (int i = 0; i < n; i++)
		left = fminf(left, p[i]->box.x0);
	find_stops(l, p, rows, nrows);
	for (int i = 0; i < nrows; i++) {
		struct draft w = write_row(l, p + rows[i].first, rows[i].n);
		struct line line = {.column = column};

		if (!finish(l, &w, &line))
			continue;
		if (line.bullet)
			line.indent = (int)fminf((p[rows[i].first]->box.x0 - left) / (1.6f * line.size), 5);
		TRY(add(l, &line, rows[i].baseline));
	}
	return OK;
}

int layout_single(struct layout *l, const struct run *r, enum region region)
{
	struct draft w = {0};
	struct line line = {.region = region};

	w.text = arena_alloc(l->arena, strlen(r->text) + 1);
	w.spans = ARENA_NEW(l->arena, struct span);
	append(&w, r, 0);
	if (!finish(l, &w, &line))
		return OK;
	line.flags |= r->flags & (TEXT_VERTICAL | TEXT_HIDDEN | TEXT_FIELD);
	line.block = ++l->block;
	return doc_add_line(l->d, &line);
}

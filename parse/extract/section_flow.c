/*
 * See section_search.h. Which section each line belongs to: that of the heading before it, unless
 * geometry says otherwise.
 */
#include <math.h>
#include <string.h>

#include "parse/extract/section_search.h"

static const float SIDEBAR_LEAST = 100; /* points of it beside the main text */

struct flow {
	enum section_kind section;
	int heading;              /* its line, -1 none */
	bool rail;                /* the heading stands to the left of its content */
	int tail;                 /* the heading's second line, 0 none */
	bool strict;              /* contents do not stand beside the heading, centred upon it */
	int inlined;              /* block of an inlined section, -1 none */
	enum section_kind resume; /* what goes on after it */
};

/* Whether line l cannot belong to the section headed by line h. */
static bool outside(const struct line *h, const struct line *l, bool rail, bool strict)
{
	if (rail && h->table >= 0 && l->table == h->table && l->row != h->row && l->cell == 0)
		return true;
	if (!rail && h->table >= 0 && l->table == h->table && l->row == h->row && l->cell != h->cell)
		return true; /* the column beside it */
	if (h->page != l->page || h->region != l->region || h->box.y1 <= h->box.y0 ||
		l->box.y1 <= l->box.y0)
		return false;
	if (l->box.x0 > h->box.x1) /* beside it, perhaps centred upon */
		return l->box.y1 < h->box.y0 - (strict ? 2 : 40);
	if (h->table < 0 && (l->column != h->column || l->box.y0 < h->box.y1) &&
		(l->box.x1 < h->box.x0 - 60 || (l->box.x1 < h->box.x0 - 10 && l->column < h->column)))
		return true; /* far to its left */
	if (rail && h->table < 0 && h->box.x1 > h->box.x0 && l->box.y0 > h->box.y1 &&
		fabsf(l->box.x0 - h->box.x0) < 3)
		return true;
	return l->box.y1 < h->box.y0 - 2;
}

/* Whether the heading's column holds headings only, whose contents stand in the next. */
static bool heads_rail(const struct search *s, const struct candidate *c)
{
	const struct doc *d = s->r->d;
	int next = (c->tail > c->line ? c->tail : c->line) + 1;
	struct style style;

	if (next >= d->nlines || d->lines[next].page != d->lines[c->line].page ||
		d->lines[next].column != d->lines[c->line].column)
		return true;
	style = style_of(&d->lines[next], strlen(d->lines[next].text));
	return same_style(&style, &c->style);
}

/* Whether the column of line i begins right below the heading: one of several under it. */
static bool begins_below(const struct reading *r, const struct line *h, int i)
{
	const struct line *l = &r->d->lines[i], *first = l;
	float gap;

	while (i > 0 && r->d->lines[i - 1].page == l->page && r->d->lines[i - 1].column == l->column &&
		   r->d->lines[i - 1].box.y0 < first->box.y0)
		first = &r->d->lines[--i];
	gap = first->box.y0 - h->box.y1;
	return gap > -2 && gap < h->size * 2.5f;
}

/* The heading a line stands under: the lowest one above it in its column, or else to its left. */
static enum section_kind section_above(const struct search *s, int i0)
{
	const struct line *l = &s->r->d->lines[i0];
	const struct candidate *best = NULL;
	bool best_overlaps = false;

	for (int i = 0; i < s->n; i++) {
		const struct candidate *c = &s->candidates[i];
		const struct line *h = &s->r->d->lines[c->line];
		bool overlaps = h->box.x0 < l->box.x1 && h->box.x1 > l->box.x0;

		if (l->box.x1 <= l->box.x0)
			break;
		/* A label beside its content may be centred upon it. */
		if (!c->accepted || c->inlined || h->page != l->page ||
			h->box.y0 > l->box.y0 + (overlaps ? 0 : l->size * 0.6f) || h->box.x0 > l->box.x1)
			continue;
		if (!overlaps && l->column != h->column && !heads_rail(s, c) && !begins_below(s->r, h, i0))
			continue; /* another column, not the content of a rail */
		if (best != NULL && best_overlaps && !overlaps)
			continue;
		if (best == NULL || (overlaps && !best_overlaps) ||
			h->box.y0 > s->r->d->lines[best->line].box.y0) {
			best = c;
			best_overlaps = overlaps;
		}
	}
	if (best != NULL)
		return best->section;
	return l->page == 0 ? SECTION_HEAD : SECTION_OTHER;
}

static bool is_rail(const struct reading *r, int i, const struct candidate *c)
{
	const struct line *l = &r->d->lines[i], *next = i + 1 < r->d->nlines ? l + 1 : NULL;

	if (!c->alone)
		return l->table < 0;
	return next != NULL && l->table >= 0 && next->table == l->table && next->row == l->row &&
		   next->cell > l->cell;
}

static bool takes_inlined(const struct flow *f, const struct candidate *c, const struct line *l)
{
	if (c->section == SECTION_LANGUAGES)
		return spoken_only(l->text + c->end + strspn(l->text + c->end, " "));
	if (f->section == SECTION_SKILLS)
		return !c->weak && (c->section == SECTION_INTERESTS || c->section == SECTION_REFERENCES ||
							c->section == SECTION_EDUCATION || c->section == SECTION_AWARDS);
	return !c->weak && (c->section != SECTION_CONTACT) && !starts_small(l->text);
}

/* Whether the heading follows another at once, in one column: the contents are elsewhere. */
static bool is_apart(const struct reading *r, const struct flow *f, int i)
{
	const struct line *l = &r->d->lines[i];

	return i > 0 && f->heading == i - 1 &&
		   (fabsf(l[-1].box.x0 - l->box.x0) < 5 ||
			fabsf(l[-1].box.x0 + l[-1].box.x1 - l->box.x0 - l->box.x1) < 8);
}

/* Whether the next line of the heading's column stands below it. */
static bool is_below(const struct reading *r, int i)
{
	enum { REACH = 12 };
	const struct line *l = &r->d->lines[i];

	for (int k = i + 1; k < r->d->nlines && k < i + REACH; k++) {
		const struct line *next = &r->d->lines[k];

		if (next->page == l->page && next->column == l->column)
			return next->box.x0 < l->box.x1 && next->box.x1 > l->box.x0 &&
				   next->box.y0 > l->box.y1 - 2;
	}
	return false;
}

static void enter(struct reading *r, struct flow *f, int i, const struct candidate *c)
{
	struct note *note = &r->notes[i];
	const struct line *l = &r->d->lines[i];

	note->heading = true;
	note->content = c->end + strspn(l->text + c->end, " \t:");
	if (c->inlined) {
		f->resume = f->inlined >= 0 ? f->resume : f->section;
		f->inlined = l->block;
	} else {
		f->inlined = -1;
		f->rail = is_rail(r, i, c);
		f->strict = c->alone && (is_apart(r, f, i) || is_below(r, c->tail > i ? c->tail : i));
		f->tail = c->tail;
	}
	f->heading = i;
	f->section = c->section;
	r->sections[c->section]++;
}

/* Whether line i goes on with the inlined section of the line before it, in another block: lines
 * set far apart are blocks of their own. */
static bool goes_on_inlined(const struct reading *r, int i)
{
	const struct line *l = &r->d->lines[i], *before = l - 1;
	size_t n = strlen(before->text);

	if (before->page != l->page || before->table != l->table || l->bullet || l->heading > 0 ||
		((l->flags ^ before->flags) & TEXT_BOLD) != 0 || fabsf(l->size - before->size) > 0.3f ||
		l->box.y1 <= l->box.y0 || l->box.y0 - before->box.y0 > before->size * 2.2f ||
		fabsf(l->box.x0 - before->box.x0) > before->size * 3)
		return false;
	return before->text[n - 1] == ',' || (n > 60 && strchr(".:;", before->text[n - 1]) == NULL);
}

/* Whether the line is set in the largest words of the document, larger than any heading: with the
 * name, whatever came before it, the head begins. */
static bool is_title(const struct search *s, int i)
{
	const struct reading *r = s->r;
	const struct line *l = &r->d->lines[i];

	if (l->page > 0 || l->size < r->largest * 0.97f || r->body_size <= 0 ||
		r->largest <= r->body_size * 1.4f || r->notes[i].plain[0] == '\0')
		return false;
	for (int k = 0; k < s->n; k++)
		if (s->candidates[k].accepted && s->candidates[k].style.size > l->size * 0.9f)
			return false;
	return true;
}

void section_assign(struct search *s)
{
	struct reading *r = s->r;
	struct flow f = {.section = SECTION_HEAD, .heading = -1, .inlined = -1}, main = f, outer = f;
	int next = 0, main_page = -1;
	float main_bottom = 0;

	for (int i = 0; i < r->d->nlines; i++) {
		const struct line *l = &r->d->lines[i];
		const struct candidate *c = NULL;

		while (next < s->n && s->candidates[next].line < i)
			next++;
		if (next < s->n && s->candidates[next].line == i)
			c = &s->candidates[next];
		if (r->notes[i].loose || line_hidden(l))
			continue;
		/* Behind a page's sidebar the main column goes on. */
		if (l->column == 0 && l->page == main_page + 1 && i > 0 && l[-1].page == main_page &&
			l[-1].column > 0 && main.section != SECTION_HEAD && f.heading >= 0 &&
			r->d->lines[f.heading].box.y0 < main_bottom - SIDEBAR_LEAST)
			f = main;
		/* Behind a text box, too, unless it held a heading only. */
		if (opens_box(r->d, i))
			outer = f;
		if (l->region == REGION_BODY && i > 1 && l[-1].region == REGION_TEXTBOX &&
			l[-2].region == REGION_TEXTBOX && f.heading < i - 1)
			f = outer;
		if (f.inlined >= 0 && l->block != f.inlined && c == NULL && i > 0 && goes_on_inlined(r, i))
			f.inlined = l->block;
		if (f.inlined >= 0 && l->block != f.inlined) {
			f.section = f.resume;
			f.inlined = -1;
			f.heading = -1;
		}
		if (i == f.tail && i > 0) {
			r->notes[i].heading = true;
			r->notes[i].content =
				strcspn(l->text, "\t") + strspn(l->text + strcspn(l->text, "\t"), "\t");
			r->notes[i].section = f.section;
			continue;
		}
		if (c != NULL && (c->inlined ? takes_inlined(&f, c, l) : c->accepted)) {
			enter(r, &f, i, c);
		} else if (f.section == SECTION_REFERENCES && is_title(s, i)) {
			f = (struct flow){.section = SECTION_HEAD, .heading = -1, .inlined = -1};
		} else if (is_unknown_heading(s, i) && i != r->name_line && f.section != SECTION_HEAD) {
			r->notes[i].heading = true;
			r->notes[i].content = strlen(l->text);
			f = (struct flow){.section = SECTION_OTHER, .heading = i, .inlined = -1};
		} else if (f.heading >= 0 && f.inlined < 0 &&
				   outside(&r->d->lines[f.heading], l, f.rail, f.strict)) {
			r->notes[i].section = section_above(s, i);
			continue;
		}
		r->notes[i].section = f.section;
		if (l->column == 0) {
			main = f;
			main_page = l->page;
			main_bottom = l->box.y1;
		}
	}
}

/* Whether line a is set off from line b by weight or size. */
static bool stands_out_from(const struct line *a, const struct line *b)
{
	return a->size > b->size * 1.1f || ((a->flags & TEXT_BOLD) && !(b->flags & TEXT_BOLD));
}

bool section_head_last(struct reading *r)
{
	enum { REACH = 6 };
	int start = -1, head = -1;
	bool address = false;

	for (int i = 0; i < r->d->nlines; i++) {
		const struct line *l = &r->d->lines[i];
		bool out = address;

		if (r->notes[i].section != SECTION_REFERENCES || r->notes[i].loose || line_hidden(l))
			continue;
		if (r->notes[i].heading) {
			start = i + 1;
			address = false;
			continue;
		}
		for (int k = start; k < i && out; k++)
			out = k >= 0 && stands_out_from(l, &r->d->lines[k]);
		if (out)
			head = i;
		address |= strchr(l->text, '@') != NULL;
	}
	address = false;
	for (int i = head; head >= 0 && i < r->d->nlines && i < head + REACH; i++)
		address |= strchr(r->d->lines[i].text, '@') != NULL;
	for (int i = head; address && i < r->d->nlines && i < head + REACH; i++)
		if (r->notes[i].section == SECTION_REFERENCES)
			r->notes[i].section = SECTION_HEAD;
	return address;
}

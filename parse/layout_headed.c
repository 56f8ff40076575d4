/*
 * Columns known by their headings.
 *
 * Short columns whose lines are drawn in turn, or stand on common baselines, look like the rows of
 * a table: neither place nor drawing order tells them apart. What does is their matter. Each side
 * begins, level with the other, with a heading, has more headings of that style below, at the same
 * left edge, and plain lines under them; and the headings of the sides do not keep step. The labels
 * of a rail have no lines of their own, the heads of a table and the titles of cards stand level
 * with each other, and dates beside entries are told by their years: all of these stay rows.
 */
#include <math.h>
#include <string.h>

#include "parse/layout.h"

enum {
	HEADINGS_LEAST = 2, /* of each side */
	DATE_CHARS = 26,    /* the longest piece that is a date and no more */
	LABEL_BYTES = 40,
};

struct headed {
	const struct piece *top; /* the heading a side begins with */
	int top_row;
	int headings, lines; /* rows that begin with a heading, with something else */
	int plain;           /* of the lines: less prominent than the headings */
	int indented;        /* of the lines: begin at the headings' left edge or little behind it */
	int dates;           /* of the lines: a date on a row of both sides */
};

/* The leftmost piece of a row left (side 0) or right (side 1) of x; NULL if there is none. */
static const struct piece *first_of(struct piece *const *p, const struct row *r, float x, int side)
{
	for (int i = r->first; i < r->first + r->n; i++)
		if (((p[i]->box.x0 + p[i]->box.x1) / 2 >= x) == (side == 1))
			return p[i];
	return NULL;
}

static bool is_bold(const struct layout *l, const struct piece *c)
{
	return (l->runs[c->first]->flags & TEXT_BOLD) != 0;
}

static bool is_plainer(const struct layout *l, const struct piece *c, const struct piece *heading)
{
	return c->size * 1.08f <= heading->size ||
		   (c->size < heading->size + 0.6f && is_bold(l, heading) && !is_bold(l, c));
}

static bool is_like(const struct layout *l, const struct piece *c, const struct piece *heading)
{
	return fabsf(c->size - heading->size) < 0.6f && is_bold(l, c) == is_bold(l, heading) &&
		   fabsf(c->box.x0 - heading->box.x0) < 3;
}

/* Whether c above a side's top could be a heading of its column too: then the side begins higher.
 */
static bool is_rival(const struct layout *l, const struct piece *c, const struct piece *top)
{
	return is_bold(l, c) == is_bold(l, top) && fabsf(c->box.x0 - top->box.x0) < 3 &&
		   c->size < 1.25f * top->size && top->size < 1.25f * c->size;
}

/* Finds the first pieces of both sides that stand level, within two lines. What one side has above
 * them (a name, a title) is above the columns. */
static bool find_tops(const struct layout *l, struct piece *const *p, const struct row *rows,
					  int from, int to, float x, struct headed *sides)
{
	float level = -INFINITY;

	for (int k = 0; k < 2; k++) {
		const struct piece *c = NULL;

		for (int i = from; i < to && c == NULL; i++)
			c = first_of(p, &rows[i], x, k);
		if (c == NULL)
			return false;
		level = fmaxf(level, c->baseline - 2 * c->size);
	}
	for (int k = 0; k < 2; k++)
		for (int i = from; i < to && sides[k].top == NULL; i++) {
			const struct piece *c = first_of(p, &rows[i], x, k);

			if (c == NULL || c->baseline < level)
				continue;
			sides[k].top = c;
			sides[k].top_row = i;
		}
	if (sides[0].top == NULL || sides[1].top == NULL)
		return false;
	for (int k = 0; k < 2; k++)
		for (int i = from; i < sides[k].top_row; i++) {
			const struct piece *c = first_of(p, &rows[i], x, k);

			if (c != NULL && is_rival(l, c, sides[k].top))
				return false;
		}
	return fabsf(sides[0].top->baseline - sides[1].top->baseline) <=
		   2 * fmaxf(sides[0].top->size, sides[1].top->size);
}

static void count_row(const struct layout *l, const struct piece *c, bool level, struct headed *s)
{
	float right = c->box.x0 - s->top->box.x0;

	if (is_like(l, c, s->top)) {
		s->headings++;
		return;
	}
	s->lines++;
	s->plain += is_plainer(l, c, s->top);
	s->indented += right > -3 && right < 4 * c->size;
	s->dates += level && c->year && c->chars <= DATE_CHARS;
}

static bool is_column(const struct headed *s)
{
	return s->headings >= HEADINGS_LEAST && s->lines >= s->headings &&
		   s->plain * 10 >= s->lines * 8 && s->indented * 10 >= s->lines * 8 &&
		   s->dates * 4 < s->lines;
}

/* Whether b, read after a, is the label of what a begins: to its left, level with it or a little
 * lower (centred on it, or with more room above), and more of a heading. */
static bool is_label_of(const struct line *b, const struct line *a)
{
	float shared = a->box.y1 - b->box.y0,
		  least = fminf(a->box.y1 - a->box.y0, b->box.y1 - b->box.y0);
	bool bold = (b->flags & TEXT_BOLD) != 0 && (a->flags & TEXT_BOLD) == 0;

	return a->page == b->page && a->column == b->column && a->block != b->block &&
		   a->table == b->table && b->box.x1 < a->box.x0 && a->box.y0 < b->box.y0 &&
		   shared > least * 0.35f && (bold || b->size > a->size * 1.08f) &&
		   strlen(b->text) <= LABEL_BYTES && strchr(b->text, '\t') == NULL;
}

void layout_labels(struct doc *d)
{
	for (int i = 0; i + 1 < d->nlines; i++) {
		struct line *l = &d->lines[i], a = l[0];

		if (!is_label_of(&l[1], &l[0]))
			continue;
		l[0] = l[1];
		l[1] = a;
		i++;
	}
}

bool layout_headed(const struct layout *l, struct piece *const *p, const struct row *rows, int from,
				   int to, float x, int *begin)
{
	struct headed sides[2] = {0};
	int first, level = 0; /* level: rows below the first with headings on both sides */
	float a, b;

	if (!find_tops(l, p, rows, from, to, x, sides))
		return false;
	a = sides[0].top->size;
	b = sides[1].top->size;
	if (is_bold(l, sides[0].top) != is_bold(l, sides[1].top) || fmaxf(a, b) > 1.25f * fminf(a, b))
		return false;
	first = sides[0].top_row < sides[1].top_row ? sides[0].top_row : sides[1].top_row;
	for (int i = first; i < to; i++) {
		const struct piece *c[2] = {first_of(p, &rows[i], x, 0), first_of(p, &rows[i], x, 1)};
		bool both = c[0] != NULL && c[1] != NULL;

		for (int k = 0; k < 2; k++)
			if (c[k] != NULL)
				count_row(l, c[k], both, &sides[k]);
		level +=
			i > first && both && is_like(l, c[0], sides[0].top) && is_like(l, c[1], sides[1].top);
	}
	if (!is_column(&sides[0]) || !is_column(&sides[1]))
		return false;
	if (level * 2 >=
		(sides[0].headings < sides[1].headings ? sides[0].headings : sides[1].headings))
		return false;
	*begin = first;
	return true;
}

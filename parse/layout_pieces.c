/*
 * Runs -> pieces. Runs are put into rows by baseline first. Then what is raised, lowered or set
 * smaller beside its word (exponents, the "st" of "1st", list marks from other fonts) moves to the
 * row of its neighbour. Within a row, runs are joined while the gap is that of a word; wider gaps
 * may be the space between two columns and are decided upon later. Words spaced out letter by
 * letter are seen here because their gaps are wide but alike.
 */
#include "parse/layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const float ROW = 0.35f;        /* of the smaller size: baselines of one row */
static const float JOIN = 0.6f;        /* ems: gap within a piece */
static const float BULLET_JOIN = 4.0f; /* ems: gap behind a list mark */
static const float RAISED = 0.6f;      /* of the neighbour's size */
static const float SHIFTED = 0.35f;    /* the same, of a letter that is not smaller */
static const float SPACED_MAX = 2.5f;  /* ems: gap between letters of a spaced word */

enum { SPACED_LETTERS = 4 };

/* A run while rows are made. */
struct placed {
	const struct run *run;
	float baseline; /* that of its row after moving */
	int row, home;  /* home: the row it was put into first */
};

int layout_chars(const char *s)
{
	int n = 0;

	for (; *s != '\0'; s++)
		n += (*s & 0xC0) != 0x80;
	return n;
}

static bool is_mark(uint32_t cp)
{
	static const uint32_t marks[] = {
		0x2022, 0x2023, 0x25E6, 0x2043, 0x2219, 0x25AA, 0x25AB, 0x25A0, 0x25A1, 0x25CF,
		0x25CB, 0x25BA, 0x25B8, 0x25B6, 0x25B7, 0x25C6, 0x25C7, 0x2756, 0x2751, 0x2752,
		0x27A2, 0x27A4, 0x2794, 0x2192, 0x21D2, 0x2713, 0x2714, 0x2605, 0x2606, 0x00B7,
		0x2012, 0x2013, 0x2014, 0x2212, 0x203A, 0x00BB, 0xF0B7, 0xF0A7, 0xF0D8, 0xF0FC,
		0xF076, 0xF06E, 0xF071, 0xF06F, 0xF0A8, 0x204C, 0x204D, 0x2B1D, 0x2B24, 0x26AB,
		0x2981, 0x30FB, 0x25FE, 0x25FC, '-',    '*',    '>',    'o',
	};

	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if (marks[i] == cp)
			return true;
	return false;
}

size_t layout_bullet(const char *s)
{
	uint32_t cp;
	size_t n = utf8_decode(s, strlen(s), &cp), blanks;

	if (n == 0 || !is_mark(cp))
		return 0;
	blanks = strspn(s + n, " \t");
	if (s[n] == '\0')
		return n;
	/* "-5", "o'clock"; and "– 2021" is the rest of a date */
	if (blanks == 0 && (cp < 0x80 || cp == 0xB7 || (cp >= 0x2012 && cp <= 0x2014) || cp == 0x2212))
		return 0;
	if (cp == 'o' && (s[n + blanks] < 'A' || s[n + blanks] > 'Z'))
		return 0;
	if ((cp == '-' || cp == '>' || (cp >= 0x2012 && cp <= 0x2014)) && s[n + blanks] >= '0' &&
		s[n + blanks] <= '9')
		return 0;
	return n + blanks;
}

static int by_baseline(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->run->baseline != y->run->baseline)
		return x->run->baseline < y->run->baseline ? -1 : 1;
	return x->run->order - y->run->order;
}

static int by_row(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->row != y->row)
		return x->row - y->row;
	if (x->run->box.x0 != y->run->box.x0)
		return x->run->box.x0 < y->run->box.x0 ? -1 : 1;
	return x->run->order - y->run->order;
}

static float smaller(float a, float b)
{
	return a < b ? a : b;
}

/* Numbers the rows; returns how many there are. */
static int number_rows(struct placed *p, int n)
{
	int row = -1;
	float top = 0, size = 0;

	for (int i = 0; i < n; i++) {
		const struct run *r = p[i].run;

		if (row < 0 || r->baseline - top > ROW * smaller(size, r->size)) {
			row++;
			top = r->baseline;
			size = r->size;
		}
		p[i].row = p[i].home = row;
	}
	return row + 1;
}

/* The last of the row's runs [lo, hi) that begins at or before x; lo - 1 if none. */
static int last_before(const struct placed *p, int lo, int hi, float x)
{
	int begin = lo;

	while (lo < hi) {
		int mid = lo + (hi - lo) / 2;

		if (p[mid].run->box.x0 <= x)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo > begin ? lo - 1 : begin - 1;
}

/* Whether small run r, or a letter drawn higher or lower as in logos, belongs beside run h. */
static bool raised_beside(const struct run *r, const struct run *h)
{
	float gap = r->box.x0 - h->box.x1;
	bool small = r->size < h->size * 0.85f;
	bool letter = r->size < h->size * 1.1f && strlen(r->text) == 1 &&
				  fabsf(r->baseline - h->baseline) < h->size * SHIFTED;

	return (small || letter) && fabsf(r->baseline - h->baseline) < h->size * RAISED &&
		   gap < 0.3f * h->size && gap > -0.3f * h->size;
}

/* "X" of "TeX", whose "E" hangs lower. */
static bool goes_on_behind(const struct run *letter, const struct run *r)
{
	float gap = r->box.x0 - letter->box.x1;

	return strlen(letter->text) == 1 && gap < 0.1f * r->size && gap > -0.3f * r->size &&
		   fabsf(r->baseline - letter->baseline) < r->size * SHIFTED;
}

/* Whether run k goes on with the run before it in its own row: no index of a larger one above. */
static bool goes_on_in_row(const struct placed *p, int k, int first)
{
	const struct run *r = p[k].run, *before = k > first ? p[k - 1].run : NULL;
	float gap = before == NULL ? 0 : r->box.x0 - before->box.x1;

	return before != NULL && p[k - 1].row == p[k].row && strlen(r->text) > 3 &&
		   fabsf(before->size - r->size) < r->size * 0.1f && gap > -0.3f * r->size &&
		   gap < 1.2f * r->size;
}

static bool marks_text(const struct run *r, const struct run *h)
{
	float gap = h->box.x0 - r->box.x1, middle = (r->box.y0 + r->box.y1) / 2;

	return gap > -0.2f * h->size && gap < 3 * h->size &&
		   layout_bullet(r->text) == strlen(r->text) &&
		   fabsf(r->baseline - h->baseline) < h->size * 0.55f && middle > h->box.y0 &&
		   middle < h->box.y1;
}

/* Moves runs that belong beside a run of a neighbouring row into that row. start[i]: the first of
 * row i. */
static void move_strays(struct placed *p, int rows, const int *start)
{
	for (int i = 0; i < rows; i++)
		for (int k = start[i]; k < start[i + 1]; k++) {
			const struct run *r = p[k].run;
			bool mark = strlen(r->text) <= 4 && layout_bullet(r->text) > 0;

			if (k + 1 < start[i + 1] && mark && p[k + 1].run->box.x0 - r->box.x1 < 3 * r->size)
				continue;
			for (int j = i - 2 < 0 ? 0 : i - 2; j <= i + 2 && j < rows && p[k].row == i; j++) {
				int h = j == i ? -1
							   : last_before(p, start[j], start[j + 1], r->box.x0 + r->size * 0.3f);

				if (j == i)
					continue;
				if (h >= start[j] && p[h].home == p[h].row && raised_beside(r, p[h].run) &&
					!goes_on_in_row(p, k, start[i]))
					p[k].row = j;
				else if (mark && h + 1 < start[j + 1] && h + 1 >= start[j] &&
						 p[h + 1].home == p[h + 1].row && marks_text(r, p[h + 1].run))
					p[k].row = j;
			}
		}
}

static int *row_starts(struct layout *l, const struct placed *p, int n, int rows)
{
	int *start = ARENA_ARRAY(l->arena, (size_t)rows + 1, int);

	for (int i = 0, row = 0; i < n; i++)
		while (row < p[i].row)
			start[++row] = i;
	start[rows] = n;
	return start;
}

static bool has_year(const char *s)
{
	for (size_t digits = 0;; s++) {
		if (*s >= '0' && *s <= '9') {
			digits++;
			continue;
		}
		if (digits == 4 && ((s[-4] == '1' && s[-3] == '9') || (s[-4] == '2' && s[-3] == '0')))
			return true;
		if (*s == '\0')
			return false;
		digits = 0;
	}
}

static bool is_letter_alone(const struct run *r)
{
	uint32_t cp;
	size_t n = strlen(r->text);

	return n <= 4 && utf8_decode(r->text, n, &cp) == n &&
		   ((cp >= 'A' && cp <= 'Z') || (cp >= 'a' && cp <= 'z') || cp == '&' ||
			(cp >= 0xC0 && cp < 0x590));
}

/* Letters from i on that make words spaced out evenly: their number, *gap their narrowest gap. */
static int spaced_letters(const struct placed *p, int i, int n, float *gap)
{
	float least = INFINITY;
	int end = i;

	while (end < n && p[end].row == p[i].row && is_letter_alone(p[end].run) &&
		   fabsf(p[end].run->size - p[i].run->size) < 0.1f * p[i].run->size) {
		float g = end == i ? INFINITY : p[end].run->box.x0 - p[end - 1].run->box.x1;

		if (end > i && (g < 0.1f * p[i].run->size || g > SPACED_MAX * p[i].run->size))
			break;
		least = smaller(least, g);
		end++;
	}
	if (end - i < SPACED_LETTERS)
		return 0;
	*gap = least;
	return end - i;
}

static void extend(struct piece *c, const struct run *r)
{
	if (c->nruns == 0) {
		c->box = r->box;
		c->baseline = r->baseline;
		c->order0 = c->order1 = -1;
	}
	if (r->size > c->size) {
		c->size = r->size;
		c->baseline = r->baseline;
	}
	c->box.x0 = fminf(c->box.x0, r->box.x0);
	c->box.y0 = fminf(c->box.y0, r->box.y0);
	c->box.x1 = fmaxf(c->box.x1, r->box.x1);
	c->box.y1 = fmaxf(c->box.y1, r->box.y1);
	if ((r->flags & TEXT_FIELD) == 0) {
		c->order0 = c->order0 < 0 || r->order < c->order0 ? r->order : c->order0;
		c->order1 = r->order > c->order1 ? r->order : c->order1;
	}
	c->chars += layout_chars(r->text);
	c->year = c->year || has_year(r->text);
	c->rtl = c->rtl || (r->flags & TEXT_RTL) != 0;
	c->nruns++;
}

/* Whether run r, next to the right of piece c in its row, continues it. */
static bool continues(const struct piece *c, const struct run *last, const struct run *r)
{
	float gap = r->box.x0 - c->box.x1, em = (last->size + r->size) / 2;
	bool raised = raised_beside(r, last) || goes_on_behind(last, r) ||
				  (last->size < r->size * 0.85f && gap < 0.3f * em);

	if (c->only_bullet)
		return gap < BULLET_JOIN * r->size && gap > -0.5f * em;
	if (fabsf(r->baseline - last->baseline) > 0.2f * smaller(last->size, r->size) && !raised)
		return false;
	return gap < JOIN * em && gap > -0.5f * em;
}

static struct piece *new_piece(struct layout *l, int first)
{
	struct piece *c = ARENA_NEW(l->arena, struct piece);

	c->first = first;
	l->pieces[l->npieces++] = c;
	return c;
}

static void join(struct layout *l, const struct placed *p, int n)
{
	struct piece *c = NULL;

	for (int i = 0; i < n;) {
		float gap = 0;
		int spaced = spaced_letters(p, i, n, &gap);

		if (spaced > 0) {
			c = new_piece(l, i);
			c->tracking = gap;
			for (; spaced > 0; spaced--)
				extend(c, p[i++].run);
			c = NULL;
			continue;
		}
		if (c == NULL || p[i].row != p[i - 1].row || !continues(c, p[i - 1].run, p[i].run))
			c = new_piece(l, i);
		if (c->nruns == 0) {
			size_t mark = layout_bullet(p[i].run->text);

			c->bullet = mark > 0;
			c->only_bullet = mark > 0 && p[i].run->text[mark] == '\0';
		} else {
			c->only_bullet = false;
		}
		extend(c, p[i++].run);
	}
}

void layout_pieces(struct layout *l)
{
	struct placed *p = ARENA_ARRAY(l->arena, (size_t)l->nruns + 1, struct placed);
	int rows, *start;

	for (int i = 0; i < l->nruns; i++)
		p[i].run = l->runs[i];
	qsort(p, (size_t)l->nruns, sizeof *p, by_baseline);
	rows = number_rows(p, l->nruns);
	qsort(p, (size_t)l->nruns, sizeof *p, by_row);
	start = row_starts(l, p, l->nruns, rows);
	move_strays(p, rows, start);
	qsort(p, (size_t)l->nruns, sizeof *p, by_row);
	l->pieces = ARENA_ARRAY(l->arena, (size_t)l->nruns + 1, struct piece *);
	l->spare = ARENA_ARRAY(l->arena, (size_t)l->nruns + 1, struct piece *);
	l->npieces = 0;
	join(l, p, l->nruns);
	for (int i = 0; i < l->nruns; i++)
		l->runs[i] = p[i].run;
}

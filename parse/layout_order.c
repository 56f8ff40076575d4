/*
 * Pieces -> regions in reading order.
 *
 * A region is a set of pieces. Its rows are searched for rivers: white strips that run down several
 * rows with text on both sides. The tallest is judged:
 *   - where both sides have headings of their own (layout_headed.c), they are columns;
 *   - where the drawing order agrees with going down the page (everything above a line was drawn
 * before everything below it, on both sides together), the region falls into bands, read one after
 * the other: rows of tables, entries beside their dates, a heading above columns;
 *   - where one side's lines stand, scattered, on the baselines of the other's, the sides are one
 * text with labels or dates beside it: read row by row;
 *   - else the sides are columns: what is above, the first column, the next one, what is below.
 * Each part is a region again. A region without columns becomes lines, row by row.
 */
#include "parse/layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	DEPTH_MAX = 14,
	ROWS_MAX = 800, /* of a region; more are not searched for columns */
	PIECES_MAX = 4000,
	ACTIVE_MAX = 64, /* rivers followed at a time */
	RIVERS_MAX = 12, /* rivers judged */
	LABEL_ROWS = 3,  /* longest label beside a text */
	FEW_ROWS = 5,    /* on one baseline, side by side, that are no columns yet */
};

static const float RIVER = 0.7f; /* ems: the least width of a river */

struct river {
	float x0, x1;
	int row0, row1;  /* first row, behind the last */
	int left, right; /* rows with text on that side */
};

struct part {
	struct piece **p;
	int n;
	struct row *rows;
	int nrows;
	float size;   /* usual size of the text */
	bool *glued;  /* rows that a text goes on from to a later row, drawn in one go */
	bool trusted; /* the drawing order is known to be that of reading */
};

enum verdict { ONE_TEXT, BANDS, LABEL, COLUMNS };

/* The two sides of a river within rows [row0, row1). */
struct sides {
	int left, right, both; /* rows with text on the left, on the right, on both on one baseline */
	bool left_sparse;
	int sparse, dense;   /* rows */
	int consecutive;     /* rows of the sparse side that follow the one before at once */
	int years;           /* rows of the sparse side with a year */
	int kept;            /* rows of the sparse side within bands of both sides */
	int main0, main1;    /* the longest band of both sides: rows counted from the river's first */
	bool left_after;     /* the band after that has nothing on the right */
	int pairs, switches; /* bands of both sides; bands of one side right after one of the other */
	int first;           /* row in which the sparse side begins, counted from the river's first */
};

static int by_place(const void *a, const void *b)
{
	const struct piece *x = *(struct piece *const *)a, *y = *(struct piece *const *)b;

	if (x->baseline != y->baseline)
		return x->baseline < y->baseline ? -1 : 1;
	return x->box.x0 < y->box.x0 ? -1 : x->box.x0 > y->box.x0;
}

static int by_x(const void *a, const void *b)
{
	const struct piece *x = *(struct piece *const *)a, *y = *(struct piece *const *)b;

	if (x->box.x0 != y->box.x0)
		return x->box.x0 < y->box.x0 ? -1 : 1;
	return x->order0 - y->order0;
}

static float larger(float a, float b)
{
	return a > b ? a : b;
}

/* Whether one of them, smaller, stands beside the other within its height. */
static bool is_beside(const struct piece *a, const struct piece *b)
{
	const struct piece *big = a->size < b->size ? b : a, *small = a->size < b->size ? a : b;

	return small->box.y0 > big->box.y0 - 1 && small->box.y1 < big->box.y1 + 1 &&
		   fabsf(a->baseline - b->baseline) < 0.35f * big->size &&
		   (a->box.x1 <= b->box.x0 || b->box.x1 <= a->box.x0);
}

/* Whether piece c stands in the row of n pieces before it. */
static bool in_row(struct piece *const *row, int n, const struct piece *c)
{
	enum { LOOK_MAX = 8 };

	if (c->baseline - row[0]->baseline <= 0.35f * (row[0]->size < c->size ? row[0]->size : c->size))
		return true;
	if (n > LOOK_MAX)
		return false;
	for (int i = 0; i < n; i++)
		if (!is_beside(row[i], c))
			return false;
	return true;
}

int layout_rows(struct piece **p, int n, struct row *rows, int max)
{
	int count = 0;

	qsort(p, (size_t)n, sizeof *p, by_place);
	for (int i = 0; i < n; i++) {
		if (count == 0 || !in_row(p + rows[count - 1].first, rows[count - 1].n, p[i])) {
			if (count == max)
				return -1;
			rows[count++] = (struct row){i, 0, p[i]->baseline};
		}
		rows[count - 1].n++;
	}
	for (int i = 0; i < count; i++)
		if (rows[i].n > 1)
			qsort(p + rows[i].first, (size_t)rows[i].n, sizeof *p, by_x);
	return count;
}

static int piece_at(const struct part *g, int row)
{
	return row < g->nrows ? g->rows[row].first : g->n;
}

/* ---- rivers ---- */

struct search {
	struct river active[ACTIVE_MAX], next[ACTIVE_MAX];
	int nactive, nnext;
	struct river found[RIVERS_MAX];
	int nfound;
};

static float worth(const struct river *v)
{
	int least = v->left < v->right ? v->left : v->right;

	/* beyond a gutter's width, width says nothing */
	return (float)(3 * least + v->left + v->right) * sqrtf(fminf(v->x1 - v->x0, 14));
}

/* Keeps the river if it is among the best. */
static void found(struct search *s, struct river v, int end)
{
	int at = s->nfound;

	v.row1 = end;
	if (v.left < 1 || v.right < 1 || end - v.row0 < 2 || !isfinite(v.x0) || !isfinite(v.x1))
		return;
	while (at > 0 && worth(&s->found[at - 1]) < worth(&v)) {
		if (at < RIVERS_MAX)
			s->found[at] = s->found[at - 1];
		at--;
	}
	if (at == RIVERS_MAX)
		return;
	s->found[at] = v;
	if (s->nfound < RIVERS_MAX)
		s->nfound++;
}

static void follow(struct search *s, struct river v)
{
	for (int i = 0; i < s->nnext; i++)
		if (s->next[i].x0 == v.x0 && s->next[i].x1 == v.x1)
			return;
	if (s->nnext < ACTIVE_MAX)
		s->next[s->nnext++] = v;
}

/* Follows the rivers through the white stretches [x0, x1) of one row; kept[i]: river i went on
 * whole. */
static void meet(struct search *s, float x0, float x1, float least, bool *kept)
{
	for (int i = 0; i < s->nactive; i++) {
		struct river v = s->active[i];

		if (x1 < v.x0 + least)
			continue;
		if (x0 > v.x1 - least)
			continue;
		kept[i] = kept[i] || (x0 <= v.x0 && x1 >= v.x1);
		v.x0 = fmaxf(v.x0, x0);
		v.x1 = fminf(v.x1, x1);
		v.left += isfinite(x0);
		v.right += isfinite(x1);
		if (v.x1 - v.x0 >= least)
			follow(s, v);
	}
}

static void search_row(struct search *s, const struct part *g, int row, float least)
{
	const struct row *r = &g->rows[row];
	bool kept[ACTIVE_MAX] = {false};
	float edge = -INFINITY;

	s->nnext = 0;
	for (int i = 0; i <= r->n; i++) {
		float x1 = i < r->n ? g->p[r->first + i]->box.x0 : INFINITY;

		if (x1 - edge >= least)
			meet(s, edge, x1, least, kept);
		if (i < r->n)
			edge = fmaxf(edge, g->p[r->first + i]->box.x1);
	}
	edge = -INFINITY;
	for (int i = 0; i <= r->n; i++) {
		float x1 = i < r->n ? g->p[r->first + i]->box.x0 : INFINITY;

		if (x1 - edge >= least)
			follow(s, (struct river){edge, x1, row, row, isfinite(edge), isfinite(x1)});
		if (i < r->n)
			edge = fmaxf(edge, g->p[r->first + i]->box.x1);
	}
	for (int i = 0; i < s->nactive; i++)
		if (!kept[i])
			found(s, s->active[i], row);
	memcpy(s->active, s->next, sizeof s->next[0] * (size_t)s->nnext);
	s->nactive = s->nnext;
}

static void find_rivers(struct search *s, const struct part *g)
{
	s->nactive = s->nfound = 0;
	for (int i = 0; i < g->nrows; i++)
		search_row(s, g, i, RIVER * g->size);
	for (int i = 0; i < s->nactive; i++)
		found(s, s->active[i], g->nrows);
}

/* ---- judging ---- */

static bool is_left(const struct piece *c, const struct river *v)
{
	return (c->box.x0 + c->box.x1) / 2 < (v->x0 + v->x1) / 2;
}

/* What a row has beside the river: 1 left, 2 right, 3 both; 4 more if they stand on one baseline.
 */
static int row_sides(const struct part *g, int row, const struct river *v, bool *year)
{
	const struct row *r = &g->rows[row];
	const struct piece *left = NULL, *right = NULL;

	year[0] = year[1] = false;
	for (int i = r->first; i < r->first + r->n; i++) {
		const struct piece *c = g->p[i];

		if (is_left(c, v))
			left = c;
		else if (right == NULL)
			right = c;
		year[is_left(c, v) ? 0 : 1] |= c->year;
	}
	if (left == NULL || right == NULL)
		return left != NULL ? 1 : 2;
	if (fabsf(left->baseline - right->baseline) < 0.15f * larger(left->size, right->size) + 0.5f)
		return 7;
	return is_beside(left, right) ? 7 : 3;
}

/* A piece and the row it stands in. */
struct seat {
	const struct piece *piece;
	int row;
};

static int by_order(const void *a, const void *b)
{
	return ((const struct seat *)a)->piece->order0 - ((const struct seat *)b)->piece->order0;
}

/* Whether b, drawn right after a, is the next line of a's text. */
static bool is_next_line(const struct piece *a, const struct piece *b)
{
	float down = b->baseline - a->baseline;

	return a->order0 >= 0 && b->order0 == a->order1 + 1 && down > 0 &&
		   down < 1.5f * larger(a->size, b->size) && a->box.x0 < b->box.x1 && b->box.x0 < a->box.x1;
}

static void find_glued(struct layout *l, struct part *g)
{
	struct seat *seats = ARENA_ARRAY(l->arena, (size_t)g->n, struct seat);

	g->glued = ARENA_ARRAY(l->arena, (size_t)g->nrows, bool);
	for (int i = 0; i < g->nrows; i++)
		for (int k = g->rows[i].first; k < g->rows[i].first + g->rows[i].n; k++)
			seats[k] = (struct seat){g->p[k], i};
	qsort(seats, (size_t)g->n, sizeof *seats, by_order);
	for (int i = 1; i < g->n; i++)
		if (is_next_line(seats[i - 1].piece, seats[i].piece))
			for (int row = seats[i - 1].row; row < seats[i].row; row++)
				g->glued[row] = true;
}

/* Whether everything in the rows up to each row of the river was drawn before what follows: marks
 * ends of bands in last[]. Returns the number of bands. */
static int find_bands(struct layout *l, const struct part *g, const struct river *v, bool *last)
{
	int n = v->row1 - v->row0, bands = 0, before = -1;
	int *least = ARENA_ARRAY(l->arena, (size_t)n + 1, int);

	least[n] = INT32_MAX;
	for (int i = n - 1; i >= 0; i--) {
		const struct row *r = &g->rows[v->row0 + i];

		least[i] = least[i + 1];
		for (int k = r->first; k < r->first + r->n; k++)
			if (g->p[k]->order0 >= 0 && g->p[k]->order0 < least[i])
				least[i] = g->p[k]->order0;
	}
	for (int i = 0; i < n; i++) {
		const struct row *r = &g->rows[v->row0 + i];

		for (int k = r->first; k < r->first + r->n; k++)
			if (g->p[k]->order1 > before)
				before = g->p[k]->order1;
		last[i] = i == n - 1 || (before < least[i + 1] && !g->glued[v->row0 + i]);
		bands += last[i];
	}
	return bands;
}

static struct sides look(const struct part *g, const struct river *v, const bool *last)
{
	struct sides s = {0};
	int n = v->row1 - v->row0, in_band[2] = {0, 0}, kept[2] = {0, 0}, before[2] = {0, 0};
	int consecutive[2] = {0, 0}, years[2] = {0, 0}, first[2] = {-1, -1};
	int begin = 0, one_sided = -1; /* the side of the last band if it had one only */

	for (int i = 0; i < n; i++) {
		bool year[2];
		int at = row_sides(g, v->row0 + i, v, year);

		s.left += (at & 1) != 0;
		s.right += (at & 2) != 0;
		s.both += (at & 4) != 0;
		for (int k = 0; k < 2; k++) {
			bool here = (at & (1 << k)) != 0;

			in_band[k] += here;
			years[k] += year[k];
			consecutive[k] += here && before[k] == 1;
			before[k] = here ? 1 : (at & (2 >> k)) != 0 ? 0 : before[k];
			first[k] = here && first[k] < 0 ? i : first[k];
		}
		if (!last[i])
			continue;
		for (int k = 0; k < 2; k++)
			kept[k] += in_band[!k] > 0 ? in_band[k] : 0;
		if (in_band[0] > 2 && in_band[1] > 2 && i + 1 - begin > s.main1 - s.main0) {
			s.main0 = begin;
			s.main1 = i + 1;
		} else if (begin == s.main1 && begin > 0) {
			s.left_after = in_band[1] == 0;
		}
		s.pairs += in_band[0] > 0 && in_band[1] > 0;
		s.switches += (in_band[0] == 0 && one_sided == 0) || (in_band[1] == 0 && one_sided == 1);
		one_sided = in_band[0] == 0 ? 1 : in_band[1] == 0 ? 0 : -1;
		in_band[0] = in_band[1] = 0;
		begin = i + 1;
	}
	s.left_sparse = s.left <= s.right;
	s.sparse = s.left_sparse ? s.left : s.right;
	s.dense = s.left_sparse ? s.right : s.left;
	s.consecutive = consecutive[!s.left_sparse];
	s.years = years[!s.left_sparse];
	s.kept = kept[!s.left_sparse];
	s.first = first[!s.left_sparse];
	return s;
}

/* Whether something above the i-th piece, of the same side, was drawn after it. */
static bool drawn_upwards(const struct part *g, int first, int i, const struct river *v)
{
	enum { LOOK_MAX = 16 };
	const struct piece *c = g->p[i];

	for (int k = i - 1; k >= first && k >= i - LOOK_MAX; k--) {
		const struct piece *a = g->p[k];

		if (a->order0 > c->order0 && is_left(a, v) == is_left(c, v) && a->box.x0 < c->box.x1 &&
			c->box.x0 < a->box.x1)
			return true;
	}
	return false;
}

/* Whether the left side was drawn downwards, then the right one. */
static bool left_then_right(const struct part *g, const struct river *v)
{
	int last_left = -1, first_right = INT32_MAX, first = piece_at(g, v->row0);

	for (int i = first; i < piece_at(g, v->row1); i++) {
		const struct piece *c = g->p[i];

		if (c->order0 < 0)
			continue;
		if (drawn_upwards(g, first, i, v))
			return false;
		if (is_left(c, v))
			last_left = c->order1 > last_left ? c->order1 : last_left;
		else
			first_right = c->order0 < first_right ? c->order0 : first_right;
	}
	return last_left < first_right;
}

/* Dates, places or labels beside a text. */
static bool is_beside_text(const struct sides *s)
{
	if (s->both * 10 < s->sparse * 8)
		return false;
	return s->years * 2 >= s->sparse ||
		   (s->consecutive * 10 <= (s->sparse - 1) * 6 && s->sparse * 10 <= s->dense * 7);
}

/* Ends a river below which the right side has nothing for several rows and then only the dates of
 * the left one's entries: they lie in the river's way by chance. */
static void leave_dates(const struct part *g, struct river *v)
{
	enum { LONELY = 4 };
	int lonely = 0, end = v->row1;

	for (int i = v->row1 - 1; i >= v->row0; i--) {
		bool year[2];
		int at = row_sides(g, i, v, year);

		if ((at & 2) == 0) {
			lonely++;
			continue;
		}
		if (lonely >= LONELY && end < v->row1)
			for (v->row1 = i + 1; v->row1 < end && g->glued[v->row1 - 1];)
				v->row1++;
		if (at != 7 || !year[1])
			return;
		lonely = 0;
		end = i;
	}
}

/* May shorten the river. */
static enum verdict judge(struct layout *l, const struct part *g, struct river *v, bool *last)
{
	int bands, rows;
	struct sides s;
	struct river main_band;
	bool in_turn, one_main;

	leave_dates(g, v);
	if (layout_headed(l, g->p, g->rows, v->row0, v->row1, (v->x0 + v->x1) / 2, &v->row0))
		return COLUMNS;
	bands = find_bands(l, g, v, last);
	rows = v->row1 - v->row0;
	s = look(g, v, last);
	one_main = (s.main1 - s.main0) * 10 >= rows * 6;
	main_band = *v;
	if (bands > 1 && !one_main &&
		(s.kept * 10 >= s.sparse * 7 || (bands > 3 && s.switches * 3 <= bands)))
		return bands == rows ? ONE_TEXT : BANDS;
	main_band.row1 = v->row0 + s.main1;
	main_band.row0 = v->row0 + s.main0;
	/* back on the left after both columns: what follows them */
	if (bands > 1 && one_main && s.left_after && left_then_right(g, &main_band))
		v->row1 = main_band.row1;
	in_turn = left_then_right(g, v);
	if (s.sparse == 1) {
		/* a label centred beside several lines is read before them */
		if (!in_turn || (s.dense == 1 && !g->trusted) ||
			(s.both > 0 && (!s.left_sparse || s.first == 0)))
			return ONE_TEXT;
		return s.left_sparse || g->trusted ? LABEL : ONE_TEXT;
	}
	if (g->trusted && in_turn && s.left_sparse)
		return s.sparse <= LABEL_ROWS ? LABEL : COLUMNS;
	if (g->trusted && in_turn && !(s.years * 2 >= s.sparse && s.both == s.sparse))
		return COLUMNS;
	if ((s.sparse == 2 && s.both > 0) || (s.both == s.dense && s.dense < FEW_ROWS))
		return ONE_TEXT;
	return is_beside_text(&s) ? ONE_TEXT : COLUMNS;
}

/* ---- cutting ---- */

/* Where a region's lines go. */
struct place {
	int column;
	int depth;
	bool trusted;
};

static int arrange(struct layout *l, struct piece **p, int n, struct place at, int *used);

static bool reads_rtl(const struct piece *const *p, int n)
{
	int rtl = 0, all = 0;

	for (int i = 0; i < n; i++) {
		all += p[i]->chars;
		rtl += p[i]->rtl ? p[i]->chars : 0;
	}
	return rtl * 2 > all;
}

/* A heading over columns that stands to the right of the river, set right or centred: its row is no
 * part of the columns. */
static bool is_heading_above(const struct part *g, const struct river *v)
{
	int n = 0, first = INT32_MAX;

	for (int i = piece_at(g, v->row0); i < piece_at(g, v->row1); i++) {
		const struct piece *c = g->p[i];

		if (i >= piece_at(g, v->row0 + 1)) {
			first = c->order0 >= 0 && c->order0 < first ? c->order0 : first;
			continue;
		}
		if (is_left(c, v) || c->size < 1.15f * g->size || c->order0 < 0)
			return false;
		n = c->order1 > n ? c->order1 : n;
	}
	return n < first && v->row1 - v->row0 > 2;
}

/* numbered: the right side is a column with a number of its own. */
static int arrange_columns(struct layout *l, const struct part *g, const struct river *v,
						   struct place at, bool numbered, int *used)
{
	int first = piece_at(g, v->row0 + is_heading_above(g, v)), end = piece_at(g, v->row1),
		nleft = 0, nright = 0;
	struct piece **side = g->p + first;
	bool rtl = reads_rtl((const struct piece *const *)side, end - first);
	struct place next = at;
	int last = at.column;

	TRY(arrange(l, g->p, first, at, used));
	for (int i = 0; i < end - first; i++) {
		if (is_left(side[i], v) != rtl)
			side[nleft++] = side[i];
		else
			l->spare[nright++] = side[i];
	}
	memcpy(side + nleft, l->spare, sizeof *side * (size_t)nright);
	TRY(arrange(l, side, nleft, at, &last));
	if (numbered)
		next.column = last + 1;
	TRY(arrange(l, side + nleft, nright, next, &last));
	*used = last > *used ? last : *used;
	return arrange(l, g->p + end, g->n - end, at, used);
}

static int arrange_bands(struct layout *l, const struct part *g, const struct river *v,
						 const bool *last, struct place at, int *used)
{
	int from = v->row0, begin = v->row0; /* begin: of the band; from: of what is not arranged yet */
	struct place inner = at;

	inner.trusted = true;
	TRY(arrange(l, g->p, piece_at(g, from), at, used));
	for (int row = v->row0; row < v->row1; row++) {
		int a = piece_at(g, from), b = piece_at(g, begin), c = piece_at(g, row + 1);

		if (!last[row - v->row0])
			continue;
		/* bands of one row each stay together */
		if (row > begin || row + 1 == v->row1) {
			if (row == begin)
				b = c;
			TRY(arrange(l, g->p + a, b - a, inner, used));
			TRY(arrange(l, g->p + b, c - b, inner, used));
			from = row + 1;
		}
		begin = row + 1;
	}
	return arrange(l, g->p + piece_at(g, v->row1), g->n - piece_at(g, v->row1), at, used);
}

/* Lets the bands be those of the whole region, if it falls into bands. */
static void widen(struct layout *l, const struct part *g, struct river *v, bool *last)
{
	struct river all = {.row0 = 0, .row1 = g->nrows};
	int bands = find_bands(l, g, &all, last);

	if (bands > 1 && bands < g->nrows)
		*v = all;
	else
		find_bands(l, g, v, last);
}

static float usual_size(struct piece *const *p, int n)
{
	enum { HALVES = 80 };
	int weight[HALVES] = {0}, most = 0;

	for (int i = 0; i < n; i++) {
		int k = (int)(fminf(p[i]->size, 39) * 2);

		weight[k < 0 ? 0 : k] += p[i]->chars;
	}
	for (int i = 1; i < HALVES; i++)
		if (weight[i] > weight[most])
			most = i;
	return fmaxf((float)most / 2, 4);
}

/* Lines for n pieces; *used becomes the last column's number. */
static int arrange(struct layout *l, struct piece **p, int n, struct place at, int *used)
{
	struct part g = {.p = p, .n = n, .trusted = at.trusted};
	struct search s;
	bool *last;

	if (n == 0)
		return OK;
	*used = at.column > *used ? at.column : *used;
	if (n < 3 || n > PIECES_MAX || at.depth++ >= DEPTH_MAX)
		return layout_text(l, p, n, at.column);
	g.rows = ARENA_ARRAY(l->arena, (size_t)(n < ROWS_MAX ? n : ROWS_MAX), struct row);
	g.nrows = layout_rows(p, n, g.rows, ROWS_MAX);
	if (g.nrows < 2)
		return layout_text(l, p, n, at.column);
	g.size = usual_size(p, n);
	find_rivers(&s, &g);
	if (s.nfound > 0)
		find_glued(l, &g);
	last = ARENA_ARRAY(l->arena, (size_t)g.nrows, bool);
	for (int i = 0; i < s.nfound; i++)
		switch (judge(l, &g, &s.found[i], last)) {
		case COLUMNS: return arrange_columns(l, &g, &s.found[i], at, true, used);
		case LABEL: return arrange_columns(l, &g, &s.found[i], at, false, used);
		case BANDS:
			widen(l, &g, &s.found[i], last);
			return arrange_bands(l, &g, &s.found[i], last, at, used);
		case ONE_TEXT: break;
		}
	return layout_text(l, p, n, at.column);
}

int layout_order(struct layout *l)
{
	int used = 0;

	return arrange(l, l->pieces, l->npieces, (struct place){0}, &used);
}

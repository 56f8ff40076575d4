/*
 * See missed.h. The page is looked at in cells. Cells with ink that no word covers are put together
 * to patches along the line; a patch counts if it is as high as a line, and neither a rule nor a
 * photograph.
 */
#include "parse/ocr/missed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	CELL = 8, /* samples */
	DARK = 128,
	REACH = 4,      /* cells between letters of a line */
	HEIGHT_MIN = 2, /* cells */
	HEIGHT_MAX = 22,
	WIDTH_MIN = 6,
	PATCH_MAX = 4000, /* cells */
};

enum cell { CELL_EMPTY, CELL_INK, CELL_DONE };

struct grid {
	const struct picture *p;
	int across, down;
	uint8_t *cells;
	int *stack; /* of PATCH_MAX cells */
};

struct patch {
	int x0, y0, x1, y1, n;
};

static uint8_t *cell_at(const struct grid *g, int x, int y)
{
	return &g->cells[(size_t)y * (size_t)g->across + (size_t)x];
}

/* Dark samples of a rectangle of cells. */
static int ink_of(const struct grid *g, int x0, int y0, int x1, int y1)
{
	int n = 0;

	for (int y = y0 * CELL; y < (y1 + 1) * CELL; y++)
		for (int x = x0 * CELL; x < (x1 + 1) * CELL; x++)
			n += g->p->p[(size_t)y * (size_t)g->p->width + (size_t)x] < DARK;
	return n;
}

static int bounded(double v, int max)
{
	return v < 0 ? 0 : v > max ? max : (int)v;
}

static void cover(struct grid *g, const struct word *w, double scale)
{
	double margin = (double)w->size * 0.3;
	int x0 = bounded(((double)w->box.x0 - margin) * scale / CELL, g->across),
		y0 = bounded(((double)w->box.y0 - margin) * scale / CELL, g->down),
		x1 = bounded(((double)w->box.x1 + margin) * scale / CELL + 1, g->across),
		y1 = bounded(((double)w->box.y1 + margin) * scale / CELL + 1, g->down);

	for (int y = y0; y < y1; y++)
		for (int x = x0; x < x1; x++)
			*cell_at(g, x, y) = CELL_DONE;
}

/* Takes the cells that belong together with this one. */
static struct patch take_patch(struct grid *g, int x, int y)
{
	struct patch r = {x, y, x, y, 1};
	int depth = 1;

	g->stack[0] = y * g->across + x;
	*cell_at(g, x, y) = CELL_DONE;
	while (depth > 0) {
		int at = g->stack[--depth], cx = at % g->across, cy = at / g->across;

		r.x0 = cx < r.x0 ? cx : r.x0;
		r.x1 = cx > r.x1 ? cx : r.x1;
		r.y1 = cy > r.y1 ? cy : r.y1;
		r.y0 = cy < r.y0 ? cy : r.y0;
		for (int v = cy - 1; v <= cy + 1; v++)
			for (int u = cx - REACH; u <= cx + REACH; u++) {
				if (u < 0 || v < 0 || u >= g->across || v >= g->down ||
					*cell_at(g, u, v) != CELL_INK || r.n == PATCH_MAX)
					continue;
				*cell_at(g, u, v) = CELL_DONE;
				g->stack[depth++] = v * g->across + u;
				r.n++;
			}
	}
	return r;
}

static bool is_line(const struct grid *g, const struct patch *r)
{
	int w = r->x1 - r->x0 + 1, h = r->y1 - r->y0 + 1;
	double ink;

	if (r->n == PATCH_MAX || h < HEIGHT_MIN || h > HEIGHT_MAX || w < WIDTH_MIN || w < h ||
		r->n * 5 < w * h)
		return false;
	ink = (double)ink_of(g, r->x0, r->y0, r->x1, r->y1) / (w * h * CELL * CELL);
	return ink > 0.03 && ink < 0.5;
}

/* The patch in points, with room for accents, which are patches of their own. */
static struct box box_around(const struct page_picture *p, const struct patch *r)
{
	float unit = (float)(CELL / p->scale), high = (float)(r->y1 - r->y0 + 1) * unit;

	return (struct box){fmaxf(0, (float)(r->x0 - 2) * unit),
						fmaxf(0, (float)r->y0 * unit - fmaxf(unit, high * 0.4f)),
						fminf(p->width, (float)(r->x1 + 3) * unit),
						fminf(p->height, (float)(r->y1 + 1) * unit + fmaxf(unit, high * 0.2f))};
}

int missed_lines(const struct page_picture *p, const struct words *words,
				 struct box out[MISSED_MAX])
{
	struct grid g = {&p->picture, p->picture.width / CELL, p->picture.height / CELL, NULL, NULL};
	int n = 0;

	g.cells = calloc((size_t)g.across * (size_t)g.down + 1, 1);
	g.stack = calloc(PATCH_MAX, sizeof *g.stack);
	if (g.cells == NULL || g.stack == NULL)
		abort();
	for (int y = 0; y < g.down; y++)
		for (int x = 0; x < g.across; x++)
			*cell_at(&g, x, y) = ink_of(&g, x, y, x, y) > 0 ? CELL_INK : CELL_EMPTY;
	for (int i = 0; i < words->n; i++)
		cover(&g, &words->items[i], p->scale);
	for (int i = 0; i < g.across * g.down && n < MISSED_MAX; i++) {
		struct patch r;

		if (g.cells[i] != CELL_INK)
			continue;
		r = take_patch(&g, i % g.across, i / g.across);
		if (is_line(&g, &r))
			out[n++] = box_around(p, &r);
	}
	free(g.cells);
	free(g.stack);
	return n;
}

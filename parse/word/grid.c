/* See grid.h. */
#include "parse/word/grid.h"

void grid_set_depth(struct grid *g, int depth)
{
	if (depth < 0)
		depth = 0;
	if (depth > GRID_DEPTH_MAX)
		depth = GRID_DEPTH_MAX;
	while (g->depth < depth) {
		g->open[g->depth].number = g->tables++;
		g->open[g->depth].row = 0;
		g->open[g->depth].cell = 0;
		g->depth++;
	}
	g->depth = depth;
}

void grid_next_cell(struct grid *g)
{
	if (g->depth > 0)
		g->open[g->depth - 1].cell++;
}

void grid_next_row(struct grid *g)
{
	if (g->depth == 0)
		return;
	g->open[g->depth - 1].row++;
	g->open[g->depth - 1].cell = 0;
}

void grid_place(const struct grid *g, struct place *p)
{
	bool in = g->depth > 0;

	p->table = in ? g->open[g->depth - 1].number : -1;
	p->row = in ? g->open[g->depth - 1].row : -1;
	p->cell = in ? g->open[g->depth - 1].cell : -1;
}

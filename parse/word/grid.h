/*
 * grid: where in which table the text is, for formats that only mark the ends of cells and rows.
 */
#pragma once
#include "parse/word/writer.h"

enum { GRID_DEPTH_MAX = 32 };

struct grid {
	struct {
		int number, row, cell;
	} open[GRID_DEPTH_MAX];
	int depth;  /* tables open */
	int tables; /* numbered so far */
};

/* Opens or closes tables so that `depth` of them are open (at most GRID_DEPTH_MAX). */
void grid_set_depth(struct grid *g, int depth);
/* Goes on to the next cell or row of the innermost table. */
void grid_next_cell(struct grid *g);
void grid_next_row(struct grid *g);
/* Sets table, row and cell of *p. */
void grid_place(const struct grid *g, struct place *p);

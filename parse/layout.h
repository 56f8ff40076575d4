/*
 * layout: what the steps from a page's runs to lines in reading order share (doc.h: layout_lines).
 *
 *	layout.c         page by page: which runs count, hidden text, pages written sideways
 *	layout_pieces.c  runs on one baseline without a wide gap -> pieces
 *	layout_order.c   pieces -> regions in reading order (columns, bands, rows)
 *	layout_headed.c  columns that only their headings tell from the rows of a table
 *	layout_text.c    the rows of a region -> lines with spans, bullets, blocks
 *	layout_repeat.c  lines of a whole document: running heads and feet, words broken at line ends
 *
 * Everything lives in the document's arena.
 */
#pragma once
#include "parse/doc.h"

/* Text on one baseline without a gap that could be the space between columns. */
struct piece {
	struct box box;
	float baseline, size; /* size: the largest of its runs' */
	float tracking;       /* letter-spaced: the gap inside words; else 0 */
	int first, nruns;     /* in layout->runs */
	int order0, order1;   /* drawn from, to; -1: not drawn with the page (form fields) */
	int chars;
	bool bullet; /* a list mark, and text after it or not */
	bool only_bullet;
	bool year; /* has a number like 1998 or 2024 */
	bool rtl;
};

enum { LAYOUT_STOPS = 32 };

struct layout {
	struct doc *d;
	struct arena *arena;
	int page;
	const struct run *
		*runs; /* those of the page that make lines; from layout_pieces on by row, x */
	int nruns;
	struct piece **pieces, **spare; /* spare: npieces of scratch */
	int npieces;
	float stops[LAYOUT_STOPS]; /* where cells begin in the region: x behind wide gaps */
	int nstops;
	int block; /* number of the block last begun */
	float above,
		leading; /* baseline of the line last added; distance of lines in its block, 0 unknown */
};

/* A stretch of pieces on one baseline, left to right. */
struct row {
	int first, n;
	float baseline;
};

/* Sorts the layout's runs and joins them to pieces. */
void layout_pieces(struct layout *l);

/* Sorts n pieces by row and x, writes at most max rows. Returns their number, or -1 if there are
 * more. */
int layout_rows(struct piece **p, int n, struct row *rows, int max);

/* Whether rows [from, to) of the pieces p, none across x, are two columns with headings of their
 * own on each side of x. If so *begin becomes the row in which the columns begin. */
bool layout_headed(const struct layout *l, struct piece *const *p, const struct row *rows, int from,
				   int to, float x, int *begin);

/* Adds the page's lines in reading order. OK or E_TOO_LARGE (doc_add_line). */
int layout_order(struct layout *l);

/* Adds a line for each row of the n pieces, top to bottom. */
int layout_text(struct layout *l, struct piece **p, int n, int column);

/* Adds one line for one run. */
int layout_single(struct layout *l, const struct run *r, enum region region);

/* Marks repeated lines at the pages' edges as headers and footers, dropping all but the first. */
void layout_repeated(struct doc *d);

/* Joins words broken at the ends of lines. */
void layout_hyphens(struct doc *d);
/* Reads labels before what stands beside them. */
void layout_labels(struct doc *d);

/* If s begins with a list mark that stands for itself (before a blank, or alone): bytes up to the
 * text behind it. 0: no list mark. */
size_t layout_bullet(const char *s);

/* Characters in s. */
int layout_chars(const char *s);

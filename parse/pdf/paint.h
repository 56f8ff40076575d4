/*
 * paint: what lies under the text of a page, to tell text that nobody can see.
 *
 * It remembers the areas that were filled, newest last, with their colours. An area whose colour or
 * shape is not known for sure makes everything above it count as visible: a false alarm would cost
 * a candidate words.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "parse/doc.h"

#define COLOUR_UNKNOWN UINT32_C(0xFFFFFFFF)
#define COLOUR_WHITE UINT32_C(0xFFFFFF)

enum { PAINT_AREAS_MAX = 512 };

struct paint {
	struct {
		struct box box;
		uint32_t colour; /* 0xRRGGBB or COLOUR_UNKNOWN */
	} areas[PAINT_AREAS_MAX];
	int n, at; /* the oldest give way */
};

/* Red, green and blue from 0 to 1. */
uint32_t colour_rgb(double r, double g, double b);
uint32_t colour_cmyk(double c, double m, double y, double k);

/* Notes an area; empty ones are ignored. */
void paint_area(struct paint *p, struct box box, uint32_t colour);

/* True if text of that colour in the box cannot be told from what is under it. */
bool paint_hides(const struct paint *p, struct box box, uint32_t colour);

/* The common part; empty boxes have x1 <= x0 or y1 <= y0. */
struct box box_meet(struct box a, struct box b);
/* The box around both. */
struct box box_join(struct box a, struct box b);
static inline bool box_empty(struct box b)
{
	return !(b.x1 > b.x0 && b.y1 > b.y0);
}

/* See paint.h. */
#include "parse/pdf/paint.h"

#include <stdlib.h>

static uint32_t channel(double v)
{
	return v <= 0 ? 0 : v >= 1 ? 255 : (uint32_t)(v * 255 + 0.5);
}

uint32_t colour_rgb(double r, double g, double b)
{
	return channel(r) << 16 | channel(g) << 8 | channel(b);
}

uint32_t colour_cmyk(double c, double m, double y, double k)
{
	return colour_rgb(1 - c - k, 1 - m - k, 1 - y - k);
}

struct box box_meet(struct box a, struct box b)
{
	return (struct box){a.x0 > b.x0 ? a.x0 : b.x0, a.y0 > b.y0 ? a.y0 : b.y0,
	                    a.x1 < b.x1 ? a.x1 : b.x1, a.y1 < b.y1 ? a.y1 : b.y1};
}

struct box box_join(struct box a, struct box b)
{
	return (struct box){a.x0 < b.x0 ? a.x0 : b.x0, a.y0 < b.y0 ? a.y0 : b.y0,
	                    a.x1 > b.x1 ? a.x1 : b.x1, a.y1 > b.y1 ? a.y1 : b.y1};
}

void paint_area(struct paint *p, struct box box, uint32_t colour)
{
	if (box_empty(box))
		return;
	p->areas[p->at].box = box;
	p->areas[p->at].colour = colour;
	p->at = (p->at + 1) % PAINT_AREAS_MAX;
	if (p->n < PAINT_AREAS_MAX)
		p->n++;
}

static bool alike(uint32_t a, uint32_t b)
{
	enum { NEAR = 20 };

	return abs((int)(a >> 16 & 255) - (int)(b >> 16 & 255)) < NEAR &&
	       abs((int)(a >> 8 & 255) - (int)(b >> 8 & 255)) < NEAR &&
	       abs((int)(a & 255) - (int)(b & 255)) < NEAR;
}

bool paint_hides(const struct paint *p, struct box box, uint32_t colour)
{
	float x = (box.x0 + box.x1) / 2, y = (box.y0 + box.y1) / 2;

	if (colour == COLOUR_UNKNOWN)
		return false;
	for (int i = 1; i <= p->n; i++) {
		int k = (p->at - i + PAINT_AREAS_MAX) % PAINT_AREAS_MAX;
		struct box a = p->areas[k].box;

		if (x < a.x0 || x > a.x1 || y < a.y0 || y > a.y1)
			continue;
		return p->areas[k].colour != COLOUR_UNKNOWN && alike(p->areas[k].colour, colour);
	}
	/* A full memory has forgotten the oldest areas: what was under the text is not known. */
	return p->n < PAINT_AREAS_MAX && alike(COLOUR_WHITE, colour);
}

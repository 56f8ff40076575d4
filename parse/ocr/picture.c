/*
 * See picture.h. For each sample of the target its place in the source is found, and there either
 * the mean of a square (the source is finer) or an interpolation between four samples (it is
 * coarser) is taken.
 */
#include "parse/ocr/picture.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum { SQUARE_MAX = 16, SHIFT = 16, FRACTION = 1 << SHIFT, SCALE_MAX = 1000000 };

struct affine affine_then(const struct affine *a, const struct affine *b)
{
	const double *m = a->m, *n = b->m;

	return (struct affine){{
		m[0] * n[0] + m[1] * n[2],
		m[0] * n[1] + m[1] * n[3],
		m[2] * n[0] + m[3] * n[2],
		m[2] * n[1] + m[3] * n[3],
		m[4] * n[0] + m[5] * n[2] + n[4],
		m[4] * n[1] + m[5] * n[3] + n[5],
	}};
}

int affine_inverse(const struct affine *t, struct affine *out)
{
	const double *m = t->m;
	double det = m[0] * m[3] - m[1] * m[2];

	if (!isfinite(det) || fabs(det) < 1e-12 || !isfinite(m[4]) || !isfinite(m[5]))
		return E_INVALID;
	*out = (struct affine){{
		m[3] / det,
		-m[1] / det,
		-m[2] / det,
		m[0] / det,
		(m[2] * m[5] - m[3] * m[4]) / det,
		(m[1] * m[4] - m[0] * m[5]) / det,
	}};
	return OK;
}

struct picture picture_new(int width, int height)
{
	struct picture p = {width, height, malloc((size_t)width * (size_t)height)};

	if (p.p == NULL)
		abort();
	memset(p.p, 255, (size_t)width * (size_t)height);
	return p;
}

void picture_done(struct picture *p)
{
	free(p->p);
	*p = (struct picture){0};
}

/* A place in a source in fractions of a sample, as it moves along a row of the target. */
struct cursor {
	const struct picture *s;
	int n;        /* samples of the source for one of the target, in a row */
	int64_t x, y; /* FRACTION to a sample */
	int64_t dx, dy;
};

static int within(int64_t v, int n)
{
	return v < 0 ? 0 : v >= n ? n - 1 : (int)v;
}

/* The mean of the square of side n around the cursor. */
static unsigned mean_at(const struct cursor *c)
{
	const struct picture *s = c->s;
	int64_t half = (int64_t)(c->n - 1) * FRACTION / 2;
	int x0 = within((c->x - half) >> SHIFT, s->width),
		x1 = within((int64_t)x0 + c->n - 1, s->width);
	int y0 = within((c->y - half) >> SHIFT, s->height),
		y1 = within((int64_t)y0 + c->n - 1, s->height);
	unsigned sum = 0;

	for (int j = y0; j <= y1; j++)
		for (int i = x0; i <= x1; i++)
			sum += s->p[(size_t)j * (size_t)s->width + (size_t)i];
	return sum / (unsigned)((x1 - x0 + 1) * (y1 - y0 + 1));
}

/* Between the four samples around the cursor; the middle of the first one is at a half. */
static unsigned between_at(const struct cursor *c)
{
	const struct picture *s = c->s;
	int64_t x = c->x - FRACTION / 2, y = c->y - FRACTION / 2;
	unsigned fx = (unsigned)(x & (FRACTION - 1)) >> 8, fy = (unsigned)(y & (FRACTION - 1)) >> 8;
	int x0 = within(x >> SHIFT, s->width), x1 = within((x >> SHIFT) + 1, s->width);
	const uint8_t *upper = s->p + (size_t)within(y >> SHIFT, s->height) * (size_t)s->width;
	const uint8_t *lower = s->p + (size_t)within((y >> SHIFT) + 1, s->height) * (size_t)s->width;
	unsigned above = upper[x0] * (256 - fx) + upper[x1] * fx,
			 below = lower[x0] * (256 - fx) + lower[x1] * fx;

	return (above * (256 - fy) + below * fy + 32768) >> 16;
}

static unsigned sample(const struct cursor *c)
{
	return c->n > 1 ? mean_at(c) : between_at(c);
}

static bool inside(const struct cursor *c)
{
	return c->x >= 0 && c->y >= 0 && c->x < (int64_t)c->s->width << SHIFT &&
		   c->y < (int64_t)c->s->height << SHIFT;
}

/* How many samples of s, in a row, fall upon one of the target. */
static int step(const struct picture *s, const struct affine *from_target)
{
	const double *m = from_target->m;
	double area = fabs(m[0] * m[3] - m[1] * m[2]) * s->width * s->height, n = sqrt(area) + 0.25;

	return !(n < SQUARE_MAX) ? SQUARE_MAX : (int)n;
}

/* The cursor at the middle of a sample of the target; back leads from there to the unit square. */
static struct cursor cursor_at(const struct picture *s, const struct affine *back, int x, int y)
{
	double u, v;
	struct cursor c = {.s = s, .n = step(s, back)};

	affine_point(back, x + 0.5, y + 0.5, &u, &v);
	c.x = (int64_t)(u * s->width * FRACTION);
	c.y = (int64_t)((1 - v) * s->height * FRACTION);
	c.dx = (int64_t)(back->m[0] * s->width * FRACTION);
	c.dy = (int64_t)(-back->m[1] * s->height * FRACTION);
	return c;
}

/* The samples of the target that the unit square may cover. */
static void bounds(const struct picture *target, const struct affine *place, int box[4])
{
	double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;

	for (int i = 0; i < 4; i++) {
		double x, y;

		affine_point(place, i & 1, i >> 1, &x, &y);
		x0 = fmin(x0, x);
		x1 = fmax(x1, x);
		y0 = fmin(y0, y);
		y1 = fmax(y1, y);
	}
	box[0] = (int)fmax(0, fmin(floor(x0), target->width));
	box[1] = (int)fmax(0, fmin(floor(y0), target->height));
	box[2] = (int)fmax(0, fmin(ceil(x1), target->width));
	box[3] = (int)fmax(0, fmin(ceil(y1), target->height));
}

static void draw_row(uint8_t *row, int from, int to, struct cursor c, struct cursor mask,
					 bool masked)
{
	for (int x = from; x < to; x++) {
		if (inside(&c)) {
			unsigned value = sample(&c), alpha = masked ? sample(&mask) : 255;

			row[x] = (uint8_t)((row[x] * (255 - alpha) + value * alpha + 127) / 255);
		}
		c.x += c.dx;
		c.y += c.dy;
		mask.x += mask.dx;
		mask.y += mask.dy;
	}
}

int64_t picture_draw(struct picture *target, const struct drawing *d)
{
	bool masked = d->mask != NULL;
	struct affine back;
	int box[4];

	if (affine_inverse(&d->place, &back) != OK)
		return 0;
	for (int i = 0; i < 6; i++)
		if (!(fabs(back.m[i]) < SCALE_MAX))
			return 0;
	bounds(target, &d->place, box);
	for (int y = box[1]; y < box[3]; y++)
		draw_row(target->p + (size_t)y * (size_t)target->width, box[0], box[2],
				 cursor_at(d->picture, &back, box[0], y),
				 cursor_at(masked ? d->mask : d->picture, &back, box[0], y), masked);
	return (int64_t)(box[2] - box[0]) * (box[3] - box[1]);
}

/*
 * picture: a grey picture in memory, and drawing one onto another. Heap memory; release with
 * picture_done.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct picture {
	int width, height;
	uint8_t *p; /* width * height bytes, rows from the top, 0 black to 255 white */
};

/* x' = m[0] x + m[2] y + m[4], y' = m[1] x + m[3] y + m[5] */
struct affine {
	double m[6];
};

static inline void affine_point(const struct affine *t, double x, double y, double *u, double *v)
{
	*u = t->m[0] * x + t->m[2] * y + t->m[4];
	*v = t->m[1] * x + t->m[3] * y + t->m[5];
}

/* First a, then b. */
struct affine affine_then(const struct affine *a, const struct affine *b);
/* OK, or E_INVALID if it cannot be undone. */
int affine_inverse(const struct affine *t, struct affine *out);

/* A white one. */
struct picture picture_new(int width, int height);
void picture_done(struct picture *p);

struct drawing {
	const struct picture *picture;
	const struct picture *mask; /* 0 where nothing is painted; any size; NULL: all is painted */
	struct affine place; /* from the unit square, first row at y = 1, to samples of the target */
};

/* Draws a picture; its samples are averaged where it gets smaller, interpolated where it grows.
 * Returns how many samples of the target it looked at. */
int64_t picture_draw(struct picture *target, const struct drawing *d);

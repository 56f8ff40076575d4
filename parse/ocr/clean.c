/*
 * See clean.h. The light is measured by squares: the brightest part of a square is paper, unless
 * the square is all ink, so squares learn from those around them. Specks are found by filling from
 * their first sample, which ends as soon as what is filled is too large for one.
 */
#include "parse/ocr/clean.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	SQUARE = 48,      /* samples: a line of text and the paper around it */
	PAPER = 232,      /* what is brighter is white paper */
	PAPER_LEAST = 40, /* what is darker is none */
	WRITING = 150,    /* light writing is brighter */
	INK_SHARE = 200,  /* one sample of so many is at least as dark as ink */
	LIGHT = 190,      /* what is darker belongs to a speck or a letter */
	SPECK_MAX = 8,
	ALONE = 14,       /* samples around a speck in which there is nothing */
	SPECKS_MIN = 150, /* of a page that is full of them */
};

/* ---- light ---- */

struct map {
	int across, down;
	uint8_t *p;
};

/* The value below which that share (of 256) of the square's samples lie. */
static uint8_t share_of_square(const struct picture *p, int sx, int sy, unsigned share)
{
	unsigned counts[256] = {0}, n = 0, sum = 0;
	int v = 255;

	for (int y = sy * SQUARE; y < (sy + 1) * SQUARE && y < p->height; y += 2)
		for (int x = sx * SQUARE; x < (sx + 1) * SQUARE && x < p->width; x += 2) {
			counts[p->p[(size_t)y * (size_t)p->width + (size_t)x]]++;
			n++;
		}
	while (v > 0 && (sum += counts[v]) * 256 < n * (256 - share))
		v--;
	return (uint8_t)v;
}

/* Each square's value becomes the largest, or the mean, of those around it. */
static void spread(struct map *m, int reach, bool largest)
{
	uint8_t *from = malloc((size_t)m->across * (size_t)m->down);

	if (from == NULL)
		abort();
	memcpy(from, m->p, (size_t)m->across * (size_t)m->down);
	for (int y = 0; y < m->down; y++)
		for (int x = 0; x < m->across; x++) {
			unsigned most = 0, sum = 0, n = 0;

			for (int j = y - reach; j <= y + reach; j++)
				for (int i = x - reach; i <= x + reach; i++) {
					unsigned v;

					if (i < 0 || j < 0 || i >= m->across || j >= m->down)
						continue;
					v = from[j * m->across + i];
					most = v > most ? v : most;
					sum += v;
					n++;
				}
			m->p[y * m->across + x] = (uint8_t)(largest ? most : sum / n);
		}
	free(from);
}

static struct map paper_of(const struct picture *p)
{
	struct map m = {(p->width + SQUARE - 1) / SQUARE, (p->height + SQUARE - 1) / SQUARE, NULL};

	m.p = malloc((size_t)m.across * (size_t)m.down);
	if (m.p == NULL)
		abort();
	for (int y = 0; y < m.down; y++)
		for (int x = 0; x < m.across; x++)
			m.p[y * m.across + x] = share_of_square(p, x, y, 200);
	return m;
}

/* Whether most of the page is darker than white paper. */
static bool is_grey(const struct map *m)
{
	int dark = 0, n = m->across * m->down;

	for (int i = 0; i < n; i++)
		dark += m->p[i] < PAPER;
	return dark * 2 > n;
}

/* Whether much of the page is light writing on a dark ground, which is no shadow. */
static bool is_light_on_dark(const struct picture *p, const struct map *m)
{
	int light = 0;

	for (int y = 0; y < m->down; y++)
		for (int x = 0; x < m->across; x++) {
			int brightest = share_of_square(p, x, y, 252);

			light += brightest > 2 * m->p[y * m->across + x] && brightest > WRITING;
		}
	return light * 5 > m->across * m->down;
}

/* The paper's brightness at a sample, between the middles of the squares around it. */
static unsigned paper_at(const struct map *m, int x, int y)
{
	int px = x - SQUARE / 2, py = y - SQUARE / 2, sx, sy, fx, fy, right, below;
	const uint8_t *row;

	px = px < 0 ? 0 : px;
	py = py < 0 ? 0 : py;
	sx = px / SQUARE;
	sy = py / SQUARE;
	fx = px % SQUARE;
	fy = py % SQUARE;
	right = sx + 1 < m->across ? 1 : 0;
	below = sy + 1 < m->down ? m->across : 0;
	row = m->p + sy * m->across + sx;
	return (unsigned)((row[0] * (SQUARE - fx) + row[right] * fx) * (SQUARE - fy) +
					  (row[below] * (SQUARE - fx) + row[below + right] * fx) * fy) /
		   (SQUARE * SQUARE);
}

/* Makes the darkest of the page black. */
static void darken(struct picture *p)
{
	size_t n = (size_t)p->width * (size_t)p->height, sum = 0, counts[256] = {0};
	int ink = 0;
	uint8_t to[256];

	for (size_t i = 0; i < n; i++)
		counts[p->p[i]]++;
	while (ink < 255 && (sum += counts[ink]) < n / INK_SHARE)
		ink++;
	ink = ink > 150 ? 150 : ink;
	for (int v = 0; v < 256; v++)
		to[v] = (uint8_t)(v <= ink ? 0 : (v - ink) * 255 / (255 - ink));
	for (size_t i = 0; i < n; i++)
		p->p[i] = to[p->p[i]];
}

void clean_light(struct picture *p)
{
	struct map m = paper_of(p);

	if (is_grey(&m) && !is_light_on_dark(p, &m)) {
		spread(&m, 2, true);
		spread(&m, 2, false);
		for (int y = 0; y < p->height; y++)
			for (int x = 0; x < p->width; x++) {
				uint8_t *v = &p->p[(size_t)y * (size_t)p->width + (size_t)x];
				unsigned paper = paper_at(&m, x, y), white;

				paper = paper < PAPER_LEAST ? PAPER_LEAST : paper;
				white = *v * 255u * 100 / (paper * 96);
				*v = (uint8_t)(white > 255 ? 255 : white);
			}
		darken(p);
	}
	free(m.p);
}

/* ---- specks ---- */

struct speck {
	int x[SPECK_MAX * SPECK_MAX], y[SPECK_MAX * SPECK_MAX], n;
	int x0, y0, x1, y1;
};

static bool dark(const struct picture *p, int x, int y)
{
	return x >= 0 && y >= 0 && x < p->width && y < p->height &&
		   p->p[(size_t)y * (size_t)p->width + (size_t)x] < LIGHT;
}

/* Fills the speck from its first sample; false if it is larger than side. */
static bool fill(const struct picture *p, int x, int y, int side, struct speck *s)
{
	s->x[0] = s->x0 = s->x1 = x;
	s->y[0] = s->y0 = s->y1 = y;
	s->n = 1;
	for (int i = 0; i < s->n; i++)
		for (int k = 0; k < 9; k++) {
			int u = s->x[i] + k % 3 - 1, v = s->y[i] + k / 3 - 1, old = 0;

			if (!dark(p, u, v))
				continue;
			while (old < s->n && (s->x[old] != u || s->y[old] != v))
				old++;
			if (old < s->n)
				continue;
			s->x0 = u < s->x0 ? u : s->x0;
			s->x1 = u > s->x1 ? u : s->x1;
			s->y0 = v < s->y0 ? v : s->y0;
			s->y1 = v > s->y1 ? v : s->y1;
			if (s->x1 - s->x0 >= side || s->y1 - s->y0 >= side || s->n == side * side)
				return false;
			s->x[s->n] = u;
			s->y[s->n++] = v;
		}
	return true;
}

static bool is_alone(const struct picture *p, const struct speck *s)
{
	for (int y = s->y0 - ALONE; y <= s->y1 + ALONE; y++)
		for (int x = s->x0 - ALONE; x <= s->x1 + ALONE; x++)
			if (dark(p, x, y) && (x < s->x0 || x > s->x1 || y < s->y0 || y > s->y1))
				return false;
	return true;
}

static void erase(struct picture *p, const struct speck *s)
{
	for (int y = s->y0 - 1; y <= s->y1 + 1; y++)
		for (int x = s->x0 - 1; x <= s->x1 + 1; x++)
			if (x >= 0 && y >= 0 && x < p->width && y < p->height)
				p->p[(size_t)y * (size_t)p->width + (size_t)x] = 255;
}

/* Erases specks up to side samples wide and high, alone: those only. Returns how many there were.
 */
static int erase_specks(struct picture *p, int side, bool alone)
{
	struct speck s;
	int n = 0;

	for (int y = 0; y < p->height; y++)
		for (int x = 0; x < p->width; x++) {
			if (!dark(p, x, y) || dark(p, x - 1, y) || dark(p, x - 1, y - 1) || dark(p, x, y - 1) ||
				dark(p, x + 1, y - 1))
				continue;
			if (!fill(p, x, y, side, &s) || (alone && !is_alone(p, &s)))
				continue;
			erase(p, &s);
			n++;
		}
	return n;
}

void clean_specks(struct picture *p, double grain)
{
	int large = (int)fmin(SPECK_MAX, ceil(fmax(grain, 1) * 2) + 1);
	int small = (int)fmin(SPECK_MAX, ceil(fmax(grain, 1)) + 1);

	if (erase_specks(p, large, true) >= SPECKS_MIN)
		erase_specks(p, small, false);
}

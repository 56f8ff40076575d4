/*
 * See image.h. Samples are turned to grey row by row; a picture with more samples than anybody
 * needs is made smaller on the way, by the mean of small squares, so that a page of 600 dpi never
 * stands in memory whole. What the data lack is white.
 */
#include "parse/pdf/image.h"

#include <stdlib.h>
#include <string.h>

#include "parse/pdf/images.h"

enum { COMPONENTS_MAX = 32, PALETTE = 256 };

/* How the bits of a picture become grey. */
struct reading {
	int width, height, bits, components;
	bool ink;      /* samples are amounts of ink: 0 is white */
	bool inverted; /* /Decode turns them, or the palette, round */
	bool indexed;
	bool lightness; /* the first component is the grey: Lab */
	uint8_t palette[PALETTE];
};

void images_note(struct pdf_images *images, qpdf_oh object, const struct matrix *m, bool stencil,
				 uint8_t ink)
{
	if (images->n == IMAGES_MAX)
		return;
	images->objects[images->n] = object;
	images->items[images->n++] = (struct pdf_image){
		.page = images->page,
		.m = {m->a, m->b, m->c, m->d, m->e, m->f},
		.stencil = stencil,
		.ink = ink,
	};
}

void samples_done(struct samples *s)
{
	bytes_done(&s->data);
	bytes_done(&s->globals);
}

struct pdf_images *images_new(struct pdf *p)
{
	struct pdf_images *images = ARENA_NEW(p->arena, struct pdf_images);

	images->pdf = p;
	images->items = ARENA_ARRAY(p->arena, IMAGES_MAX, struct pdf_image);
	images->objects = ARENA_ARRAY(p->arena, IMAGES_MAX, qpdf_oh);
	return images;
}

const struct pdf_image *pdf_images(const struct pdf_images *images, int *n)
{
	*n = images->n;
	return images->items;
}

/* ---- colours ---- */

/* The grey of one sample of n components, each 0 to 255. */
static uint8_t grey_of(const uint8_t *c, int n, bool ink)
{
	int sum = 0;

	if (n == 3 && !ink)
		return (uint8_t)((c[0] * 77 + c[1] * 150 + c[2] * 29) >> 8);
	if (n == 4)
		sum = ((c[0] * 77 + c[1] * 150 + c[2] * 29) >> 8) + c[3];
	else if (!ink)
		return c[0];
	else
		for (int i = 0; i < n; i++)
			sum += c[i];
	return (uint8_t)(sum > 255 ? 0 : 255 - sum);
}

static void read_space(struct pdf *p, qpdf_oh space, struct reading *r, int depth);

/* The table of an /Indexed space, as grey. */
static void read_palette(struct pdf *p, qpdf_oh space, struct reading *r, int depth)
{
	CLEANUP(bytes_done) struct bytes stream = {0};
	struct reading base = {.components = 3};
	qpdf_oh table = obj_item(p, space, 3);
	const unsigned char *s;
	size_t n = 0;

	read_space(p, obj_item(p, space, 1), &base, depth + 1);
	s = (const unsigned char *)obj_bytes(p, table, &n);
	if (s == NULL && obj_is_stream(p, table) && obj_stream(p, table, &stream) == OK) {
		s = stream.p;
		n = stream.n;
	}
	memset(r->palette, 255, sizeof r->palette);
	for (size_t i = 0; s != NULL && i < PALETTE && (i + 1) * (size_t)base.components <= n; i++)
		r->palette[i] = grey_of(s + i * (size_t)base.components, base.components, base.ink);
	r->components = 1;
	r->indexed = true;
}

static void read_space_array(struct pdf *p, qpdf_oh space, struct reading *r, int depth)
{
	const char *kind = obj_name(p, obj_item(p, space, 0));
	int n;

	if (kind == NULL)
		return;
	if (strcmp(kind, "ICCBased") == 0) {
		r->components = obj_int(p, obj_key(p, obj_item(p, space, 1), "/N"), 3);
	} else if (strcmp(kind, "CalRGB") == 0) {
		r->components = 3;
	} else if (strcmp(kind, "Lab") == 0) {
		r->components = 3;
		r->lightness = true;
	} else if (strcmp(kind, "Separation") == 0) {
		r->ink = true;
	} else if (strcmp(kind, "DeviceN") == 0) {
		n = obj_count(p, obj_item(p, space, 1));
		r->components = n;
		r->ink = true;
	} else if ((strcmp(kind, "Indexed") == 0 || strcmp(kind, "I") == 0) && depth == 0) {
		read_palette(p, space, r, depth);
	}
}

/* Sets components, ink and palette; what is unknown counts as grey. */
static void read_space(struct pdf *p, qpdf_oh space, struct reading *r, int depth)
{
	const char *name = obj_name(p, space);

	r->components = 1;
	if (obj_is_array(p, space))
		read_space_array(p, space, r, depth);
	else if (name != NULL && (strcmp(name, "DeviceRGB") == 0 || strcmp(name, "CalRGB") == 0 ||
							  strcmp(name, "RGB") == 0))
		r->components = 3;
	else if (name != NULL && (strcmp(name, "DeviceCMYK") == 0 || strcmp(name, "CMYK") == 0))
		r->components = 4;
}

static int read_header(struct pdf *p, qpdf_oh o, struct reading *r)
{
	double decode[2];
	bool mask = qpdf_oh_get_bool_value(p->q, obj_key(p, o, "/ImageMask"));

	r->width = obj_int(p, obj_key(p, o, "/Width"), 0);
	r->height = obj_int(p, obj_key(p, o, "/Height"), 0);
	if (r->width < 1 || r->height < 1)
		return E_INVALID;
	if (r->width > IMAGE_SIDE_MAX || r->height > IMAGE_SIDE_MAX ||
		(int64_t)r->width * r->height > IMAGE_SAMPLES_MAX)
		return E_TOO_LARGE;
	r->bits = mask ? 1 : obj_int(p, obj_key(p, o, "/BitsPerComponent"), 8);
	r->components = 1;
	if (!mask)
		read_space(p, obj_key(p, o, "/ColorSpace"), r, 0);
	if (obj_numbers(p, obj_key(p, o, "/Decode"), decode, 2))
		r->inverted = decode[0] > decode[1];
	if (r->components < 1 || r->components > COMPONENTS_MAX)
		return E_INVALID;
	return r->bits == 1 || r->bits == 2 || r->bits == 4 || r->bits == 8 || r->bits == 16
			   ? OK
			   : E_INVALID;
}

/* ---- samples ---- */

/* Component i of a row, as the number it is in the data; of 16 bits the upper 8. */
static uint8_t component(const unsigned char *row, int bits, size_t i)
{
	size_t bit = i * (size_t)bits;
	unsigned byte = row[bit / 8];

	if (bits >= 8)
		return (uint8_t)byte;
	return (uint8_t)(byte >> (8 - (unsigned)bits - bit % 8) & ((1u << bits) - 1));
}

static uint8_t grey_at(const struct reading *r, const unsigned char *row, int x)
{
	unsigned most = r->bits >= 8 ? 255 : (1u << r->bits) - 1;
	uint8_t c[COMPONENTS_MAX];

	for (int i = 0; i < r->components; i++) {
		c[i] = component(row, r->bits, (size_t)x * (size_t)r->components + (size_t)i);
		if (r->indexed)
			return r->palette[r->inverted ? most - c[i] : c[i]];
		c[i] = (uint8_t)(c[i] * 255u / most);
		if (r->inverted)
			c[i] = (uint8_t)(255 - c[i]);
	}
	return r->lightness ? c[0] : grey_of(c, r->components, r->ink);
}

/* Adds a row of the data to the sums of squares f samples wide. */
static void add_row(const struct reading *r, const unsigned char *row, int f, int width,
					unsigned *sums)
{
	for (int x = 0; x < width; x++)
		for (int i = 0; i < f; i++)
			sums[x] += grey_at(r, row, x * f + i);
}

/* Rows on their way to grey, made smaller by the least whole factor that lets them fit. */
struct shrinking {
	const struct reading *r;
	int factor, width, height; /* of the result */
	int rows;                  /* taken so far */
	unsigned *sums;
	uint8_t *p;
};

static void shrink_begin(struct shrinking *s, const struct reading *r)
{
	int f = 1;

	while ((int64_t)(r->width / f) * (r->height / f) > IMAGE_GREY_MAX)
		f++;
	*s = (struct shrinking){.r = r,
							.width = r->width / f < 1 ? 1 : r->width / f,
							.height = r->height / f < 1 ? 1 : r->height / f};
	s->factor = f > r->width || f > r->height ? 1 : f;
	s->sums = calloc((size_t)s->width, sizeof *s->sums);
	s->p = malloc((size_t)s->width * (size_t)s->height);
	if (s->sums == NULL || s->p == NULL)
		abort();
	memset(s->p, 255, (size_t)s->width * (size_t)s->height);
}

/* Takes one row of the data; false when there are enough. */
static bool shrink_row(void *arg, const unsigned char *row)
{
	struct shrinking *s = arg;
	int f = s->factor, y = s->rows / f;

	if (y >= s->height)
		return false;
	add_row(s->r, row, f, s->width, s->sums);
	if (++s->rows % f != 0)
		return true;
	for (int x = 0; x < s->width; x++)
		s->p[(size_t)y * (size_t)s->width + (size_t)x] = (uint8_t)(s->sums[x] / (unsigned)(f * f));
	memset(s->sums, 0, (size_t)s->width * sizeof *s->sums);
	return true;
}

static void shrink_end(struct shrinking *s, struct samples *out)
{
	free(s->sums);
	*out = (struct samples){.kind = SAMPLES_GREY,
							.width = s->width,
							.height = s->height,
							.data = {s->p, (size_t)s->width * (size_t)s->height}};
}

static size_t stride_of(const struct reading *r)
{
	return ((size_t)r->width * (size_t)r->components * (size_t)r->bits + 7) / 8;
}

static void make_grey(const struct reading *r, const struct bytes *data, struct samples *out)
{
	size_t stride = stride_of(r);
	struct shrinking s;

	shrink_begin(&s, r);
	for (size_t at = 0; at + stride <= data->n; at += stride)
		if (!shrink_row(&s, data->p + at))
			break;
	shrink_end(&s, out);
}

/* A picture that is large and of one Flate stream never stands in memory whole. E_NOT_FOUND: it is
 * another. */
static int make_grey_by_rows(struct pdf *p, qpdf_oh o, const struct reading *r, struct samples *out)
{
	struct samples made;
	struct shrinking s;
	int rc;

	if (stride_of(r) * (size_t)r->height < IMAGE_WHOLE_MAX)
		return E_NOT_FOUND;
	shrink_begin(&s, r);
	rc = obj_stream_rows(p, o, stride_of(r), shrink_row, &s);
	shrink_end(&s, &made);
	if (rc == OK)
		*out = made;
	else
		samples_done(&made);
	return rc == OK ? OK : E_NOT_FOUND;
}

/* The segments that several JBIG2 pictures share (7.4.7). */
static void read_globals(struct pdf *p, qpdf_oh parms, struct samples *out)
{
	qpdf_oh globals = obj_key(p, parms, "/JBIG2Globals");

	out->kind = SAMPLES_JBIG2;
	if (obj_is_stream(p, globals))
		obj_stream(p, globals, &out->globals);
}

static int take_encoded(struct pdf *p, const char *filter, qpdf_oh parms, const struct reading *r,
						struct samples *out)
{
	out->width = r->width;
	out->height = r->height;
	out->inverted = r->inverted;
	if (strcmp(filter, "DCTDecode") == 0 || strcmp(filter, "DCT") == 0) {
		out->kind = SAMPLES_JPEG;
		return OK;
	}
	if (strcmp(filter, "JPXDecode") == 0) {
		out->kind = SAMPLES_JPX;
		return OK;
	}
	if (strcmp(filter, "JBIG2Decode") == 0) {
		read_globals(p, parms, out);
		return OK;
	}
	if (strcmp(filter, "CCITTFaxDecode") != 0 && strcmp(filter, "CCF") != 0)
		return E_INVALID;
	out->kind = SAMPLES_FAX;
	out->width = obj_int(p, obj_key(p, parms, "/Columns"), 1728);
	out->fax_k = obj_int(p, obj_key(p, parms, "/K"), 0);
	out->fax_black_is_1 = qpdf_oh_get_bool_value(p->q, obj_key(p, parms, "/BlackIs1"));
	out->fax_aligned = qpdf_oh_get_bool_value(p->q, obj_key(p, parms, "/EncodedByteAlign"));
	return out->width > 0 && out->width <= IMAGE_SIDE_MAX ? OK : E_INVALID;
}

static int load(struct pdf *p, qpdf_oh o, struct samples *out)
{
	struct reading r = {0};
	struct samples s = {0};
	const char *filter = NULL;
	qpdf_oh parms = 0;
	int rc;

	TRY(read_header(p, o, &r));
	if (make_grey_by_rows(p, o, &r, out) == OK)
		return OK;
	rc = obj_stream_image(p, o, IMAGE_STREAM_MAX, &filter, &parms, &s.data);
	if (rc == OK && filter == NULL) {
		CLEANUP(bytes_done) struct bytes data = s.data;

		make_grey(&r, &data, &s);
	} else if (rc == OK) {
		rc = take_encoded(p, filter, parms, &r, &s);
	}
	if (rc != OK) {
		samples_done(&s);
		return rc;
	}
	*out = s;
	return OK;
}

int pdf_image_samples(struct pdf_images *images, int i, struct samples *out)
{
	return load(images->pdf, images->objects[i], out);
}

int pdf_image_mask(struct pdf_images *images, int i, struct samples *out)
{
	struct pdf *p = images->pdf;
	qpdf_oh mask = obj_key(p, images->objects[i], "/SMask");
	bool stencil = false;

	if (!obj_is_stream(p, mask)) {
		mask = obj_key(p, images->objects[i], "/Mask");
		stencil = true;
	}
	if (!obj_is_stream(p, mask))
		return E_NOT_FOUND;
	TRY(load(p, mask, out));
	/* A stencil's dark samples are those that are painted (8.9.6.2). */
	if (stencil && out->kind == SAMPLES_GREY)
		for (size_t k = 0; k < out->data.n; k++)
			out->data.p[k] = (unsigned char)(255 - out->data.p[k]);
	else
		out->inverted ^= stencil;
	return OK;
}

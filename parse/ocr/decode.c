/*
 * See decode.h. The sizes that a file itself claims are asked for first; the decoders then leave
 * out what would be more than IMAGE_GREY_MAX samples. A fax, which has no header in a PDF, gets the
 * one of a TIFF file.
 */
#include "parse/ocr/decode.h"

#include <leptonica/allheaders.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "parse/ocr/jbig2_read.h"

enum {
	JPX_SAMPLES_MAX = 5 * 1000 * 1000, /* JPEG 2000 takes 16 bytes for a sample */
	REDUCTION_MAX = 8,
	FILE_BITS_MAX = 20 * 1000 * 1000 * 24, /* of a picture that is read whole */
};

static void pix_done(PIX **pix)
{
	pixDestroy(pix);
}

/* The least power of two by which both sides must shrink; 0 if none will do. */
static int reduction(int width, int height, int max)
{
	for (int r = 1; r <= REDUCTION_MAX; r *= 2)
		if ((int64_t)(width / r) * (height / r) <= max)
			return r;
	return 0;
}

/* Copies an 8 bit picture; Leptonica keeps bytes in words of the machine's order. */
static void copy_rows(PIX *pix, bool inverted, struct picture *out)
{
	int width = pixGetWidth(pix), height = pixGetHeight(pix);
	size_t stride = (size_t)pixGetWpl(pix) * 4;
	struct picture p = picture_new(width, height);
	const uint8_t *from;

	pixEndianByteSwap(pix);
	from = (const uint8_t *)pixGetData(pix);
	for (int y = 0; y < height; y++)
		memcpy(p.p + (size_t)y * (size_t)width, from + (size_t)y * stride, (size_t)width);
	for (size_t i = 0; inverted && i < (size_t)width * (size_t)height; i++)
		p.p[i] = (uint8_t)(255 - p.p[i]);
	*out = p;
}

static int to_picture(PIX *pix, bool inverted, struct picture *out)
{
	CLEANUP(pix_done) PIX *grey = NULL;

	if (pix == NULL)
		return E_INVALID;
	if (pixGetDepth(pix) == 1 && (int64_t)pixGetWidth(pix) * pixGetHeight(pix) > IMAGE_GREY_MAX)
		grey = pixScaleToGray2(pix);
	else
		grey = pixConvertTo8(pix, 0);
	if (grey == NULL || (int64_t)pixGetWidth(grey) * pixGetHeight(grey) > 2 * IMAGE_GREY_MAX)
		return E_TOO_LARGE;
	copy_rows(grey, inverted, out);
	return OK;
}

static int decode_jpeg(const struct samples *s, struct picture *out)
{
	CLEANUP(pix_done) PIX *pix = NULL;
	int width, height, r;

	if (readHeaderMemJpeg(s->data.p, s->data.n, &width, &height, NULL, NULL, NULL) != 0)
		return E_INVALID;
	r = reduction(width, height, IMAGE_GREY_MAX);
	if (r == 0)
		return E_TOO_LARGE;
	pix = pixReadMemJpeg(s->data.p, s->data.n, 0, r, NULL, L_JPEG_READ_LUMINANCE);
	if (pix == NULL)
		pix = pixReadMemJpeg(s->data.p, s->data.n, 0, r, NULL, 0);
	return to_picture(pix, s->inverted, out);
}

static int decode_jpx(const struct samples *s, struct picture *out)
{
	CLEANUP(pix_done) PIX *pix = NULL;
	int width, height, r;

	if (readHeaderMemJp2k(s->data.p, s->data.n, &width, &height, NULL, NULL, NULL) != 0 ||
		width < 1 || height < 1)
		return E_INVALID;
	r = reduction(width, height, JPX_SAMPLES_MAX);
	if (r == 0)
		return E_TOO_LARGE;
	pix = pixReadMemJp2k(s->data.p, s->data.n, (l_uint32)r, NULL, 0, 0);
	return to_picture(pix, s->inverted, out);
}

static void put16(unsigned char **p, unsigned v)
{
	*(*p)++ = (unsigned char)v;
	*(*p)++ = (unsigned char)(v >> 8);
}

static void put32(unsigned char **p, uint32_t v)
{
	put16(p, v & 0xFFFF);
	put16(p, v >> 16);
}

/* A field of a TIFF directory: one 32 bit number. */
static void put_field(unsigned char **p, unsigned tag, uint32_t value)
{
	put16(p, tag);
	put16(p, 4);
	put32(p, 1);
	put32(p, value);
}

/* The head of a TIFF file (revision 6.0) with one strip of fax data behind it; returns its size. */
static size_t tiff_head(const struct samples *s, unsigned char *head)
{
	enum { FIELDS = 9, SIZE = 8 + 2 + FIELDS * 12 + 4 };
	bool group4 = s->fax_k < 0;
	unsigned char *p = head;

	memcpy(p, "II*\0", 4);
	p += 4;
	put32(&p, 8);
	put16(&p, FIELDS);
	put_field(&p, 256, (uint32_t)s->width);
	put_field(&p, 257, (uint32_t)s->height);
	put_field(&p, 258, 1);              /* bits for a sample */
	put_field(&p, 259, group4 ? 4 : 3); /* compression */
	put_field(&p, 262, 0);              /* 0 is white */
	put_field(&p, 273, SIZE);           /* where the strip begins */
	put_field(&p, 278, (uint32_t)s->height);
	put_field(&p, 279, (uint32_t)s->data.n);
	put_field(&p, group4 ? 293 : 292, group4 ? 0 : (s->fax_k > 0) | (s->fax_aligned ? 4u : 0));
	put32(&p, 0);
	return SIZE;
}

static int decode_fax(const struct samples *s, struct picture *out)
{
	CLEANUP(bytes_done) struct bytes file = {malloc(s->data.n + 256), 0};
	CLEANUP(pix_done) PIX *pix = NULL;

	if (file.p == NULL)
		abort();
	file.n = tiff_head(s, file.p);
	memcpy(file.p + file.n, s->data.p, s->data.n);
	file.n += s->data.n;
	pix = pixReadMemTiff(file.p, file.n, 0);
	return to_picture(pix, s->inverted != s->fax_black_is_1, out);
}

static int decode_jbig2(const struct samples *s, struct picture *out)
{
	CLEANUP(pix_done) PIX *pix = jbig2_read(&s->data, &s->globals);

	return to_picture(pix, s->inverted, out);
}

static int decode(const struct samples *s, struct picture *out)
{
	switch (s->kind) {
	case SAMPLES_GREY: return E_INVALID;
	case SAMPLES_JPEG: return decode_jpeg(s, out);
	case SAMPLES_JPX: return decode_jpx(s, out);
	case SAMPLES_FAX: return decode_fax(s, out);
	case SAMPLES_JBIG2: return decode_jbig2(s, out);
	}
	return E_INVALID;
}

int decode_samples(struct samples *s, struct picture *out)
{
	int rc = OK;

	if (s->kind == SAMPLES_GREY) {
		*out = (struct picture){s->width, s->height, s->data.p};
		s->data = (struct bytes){0};
	} else {
		rc = decode(s, out);
	}
	samples_done(s);
	return rc;
}

static bool is_known(int format)
{
	switch (format) {
	case IFF_PNG:
	case IFF_BMP:
	case IFF_GIF:
	case IFF_TIFF:
	case IFF_TIFF_PACKBITS:
	case IFF_TIFF_RLE:
	case IFF_TIFF_G3:
	case IFF_TIFF_G4:
	case IFF_TIFF_LZW:
	case IFF_TIFF_ZIP:
	case IFF_TIFF_JPEG: return true;
	}
	return false;
}

int decode_file(const unsigned char *data, size_t n, struct picture *out)
{
	CLEANUP(pix_done) PIX *pix = NULL;
	int format = IFF_UNKNOWN, width = 0, height = 0, bits = 0, samples = 0;
	struct samples jpeg = {.kind = SAMPLES_JPEG, .data = {(unsigned char *)data, n}};

	if (pixReadHeaderMem(data, n, &format, &width, &height, &bits, &samples, NULL) != 0)
		return E_INVALID;
	if (format == IFF_JFIF_JPEG)
		return decode_jpeg(&jpeg, out);
	if (!is_known(format) || width < 1 || height < 1)
		return E_INVALID;
	if ((int64_t)width * height * bits * samples > FILE_BITS_MAX)
		return E_TOO_LARGE;
	pix = pixReadMem(data, n);
	if (pix != NULL && pixGetDepth(pix) == 32 && pixGetSpp(pix) == 4) {
		PIX *opaque = pixAlphaBlendUniform(pix, 0xFFFFFF00);

		pixDestroy(&pix);
		pix = opaque;
	}
	return to_picture(pix, false, out);
}

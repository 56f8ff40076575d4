/*
 * image: the pictures that pages show, for the recognition of scans (ISO 32000-1, 8.9).
 *
 * pdf_read_images reads a document like pdf_read and notes every image XObject and inline image
 * that is drawn. Their samples are read one picture at a time, on request, for the heap has no room
 * for all. What the PDF itself says (colours, bits, palettes) is turned to grey here; pictures in
 * formats of their own (JPEG, JPEG 2000, JBIG2, fax) are handed out as they are. Everything but
 * struct samples lives in the document's arena.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "parse/doc.h"
#include "parse/pdf/filter.h"

enum {
	IMAGES_MAX = 4000,                    /* of a document, whose pages may be made of strips */
	IMAGE_SIDE_MAX = 32767,               /* samples */
	IMAGE_SAMPLES_MAX = 80 * 1000 * 1000, /* of one picture, before it is made smaller */
	IMAGE_GREY_MAX = 16 * 1000 * 1000,    /* of one picture, afterwards */
	IMAGE_STREAM_MAX = 48 * 1000 * 1000,  /* bytes of one picture, decoded whole */
	IMAGE_WHOLE_MAX = 16 * 1000 * 1000,   /* what is larger is read row by row where that can be */
};

struct pdf_images;

/* A picture as a page shows it. The unit square with the picture's first row at y = 1 is drawn at
 * (m[0] x + m[2] y + m[4], m[1] x + m[3] y + m[5]), in points of the displayed page, y downwards.
 */
struct pdf_image {
	int page;
	float m[6];
	bool stencil; /* where its samples are dark it paints in one colour, elsewhere nothing */
	uint8_t ink;  /* that colour, 0 black to 255 white */
};

enum samples_kind {
	SAMPLES_GREY, /* width * height bytes, 0 black to 255 white */
	SAMPLES_JPEG, /* a file */
	SAMPLES_JPX,  /* a file */
	SAMPLES_FAX,  /* CCITT group 3 or 4 */
	SAMPLES_JBIG2 /* segments without a file around them, and others in globals */
};

/* The content of a picture, on the heap; release it with samples_done. */
struct samples {
	enum samples_kind kind;
	int width, height; /* of GREY: perhaps made smaller; of the others as the PDF says */
	bool inverted;     /* of the others: light and dark change places */
	int fax_k;         /* negative: group 4; 0: group 3; positive: group 3 in two dimensions */
	bool fax_black_is_1, fax_aligned;
	struct bytes data, globals;
};

void samples_done(struct samples *s);

/* Reads the document into d and notes its pictures; data must outlive them. Returns and errors of
 * pdf_read. */
int pdf_read_images(struct doc *d, const unsigned char *data, size_t n, struct pdf_images **out);
/* The pictures in drawing order: *n of them. */
const struct pdf_image *pdf_images(const struct pdf_images *images, int *n);
/* Reads picture i. OK; E_TOO_LARGE; E_INVALID: damaged or of an unknown format. */
int pdf_image_samples(struct pdf_images *images, int i, struct samples *out);
/* Reads its mask: grey, 0 where nothing is painted. E_NOT_FOUND if it has none; else as above. */
int pdf_image_mask(struct pdf_images *images, int i, struct samples *out);

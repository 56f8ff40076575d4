/*
 * images: how the interpreter notes the pictures it meets (image.h).
 */
#pragma once
#include "parse/pdf/image.h"
#include "parse/pdf/interp.h"

struct pdf_images {
	struct pdf *pdf;
	int page; /* the one under way */
	struct pdf_image *items;
	qpdf_oh *objects;
	int n;
};

struct pdf_images *images_new(struct pdf *p);
/* Notes a picture; beyond IMAGES_MAX it is forgotten. */
void images_note(struct pdf_images *images, qpdf_oh object, const struct matrix *m, bool stencil,
				 uint8_t ink);

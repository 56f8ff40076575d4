/*
 * page: what a page shows, as one grey picture that stands upright, for recognition.
 */
#pragma once
#include "parse/ocr/picture.h"
#include "parse/pdf/image.h"

enum {
	PAGE_DPI = 300,       /* what recognition likes best */
	PAGE_SIDE_MAX = 3600, /* samples: A4 and Letter at PAGE_DPI, larger pages coarser */
};

struct page_picture {
	struct picture picture;
	double scale;          /* samples for a point */
	struct affine to_page; /* from points of the upright picture to points of the page */
	float width, height;   /* of the upright picture, points */
	double grain;          /* samples for one of the finest picture drawn */
};

/* Draws the pictures of page number i of d. OK, or E_NOT_FOUND if none of them can be read. */
int page_draw(const struct doc *d, struct pdf_images *images, int i, struct page_picture *out);
/* Draws a picture that is a page by itself, A4 or Letter as it may be, and sets the page's size.
 * OK, or E_NOT_FOUND if it is too small to be one. */
int page_of_picture(struct page *page, const struct picture *picture, struct page_picture *out);
void page_picture_done(struct page_picture *p);

/* The part of an upright picture in that box (points), its samples made fewer by that factor. */
void page_part(const struct page_picture *p, struct box box, double factor,
			   struct page_picture *out);

/* Takes away what copying, faxing and photographing add (clean.h). */
void page_clean(struct page_picture *p);

/* Turns the picture so that its lines of text run level and from left to right, as far as that can
 * be told. */
void page_straighten(struct page_picture *p);

/*
 * See page.h. The pictures are drawn in the order of the page, with their masks, as scanners write
 * them: one for the whole page, strips, or a background with letters cut out of a second layer. How
 * the page lies is asked of Leptonica: by the lines' slope, and by the letters, more of which reach
 * up than down.
 */
#include "parse/ocr/page.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "parse/ocr/clean.h"
#include "parse/ocr/decode.h"

enum { PAGE_POINTS_MIN = 8, UP_CONFIDENCE = 8 };
/* A4 in points; the least side of a picture of a page. */
enum { PAPER_WIDTH = 595, PAPER_HEIGHT = 842, PAPER_SAMPLES_MIN = 400 };
/* Samples of all pictures of one page: what is more is no page, but would take minutes. */
enum { PAGE_SAMPLES_MAX = 200 * 1000 * 1000 };
static const double slope_min = 0.15, slope_confidence = 3; /* degrees; of Leptonica's making */

static void pix_done(PIX **pix)
{
	pixDestroy(pix);
}

void page_picture_done(struct page_picture *p)
{
	picture_done(&p->picture);
}

/* ---- drawing ---- */

static struct picture sheet(double width, double height)
{
	return picture_new((int)fmax(1, round(width)), (int)fmax(1, round(height)));
}

/* Light and dark of a stencil become what is painted and what is not. */
static void stencil_mask(struct picture *p)
{
	for (size_t i = 0; i < (size_t)p->width * (size_t)p->height; i++)
		p->p[i] = (uint8_t)(255 - p->p[i]);
}

static int draw_stencil(struct picture *target, const struct pdf_image *image,
						struct picture *shape, const struct affine *place, int64_t *left)
{
	CLEANUP(picture_done) struct picture ink = picture_new(1, 1);

	ink.p[0] = image->ink;
	stencil_mask(shape);
	*left -= picture_draw(target, &(struct drawing){&ink, shape, *place});
	return OK;
}

/* Samples of the target for one of a picture that is drawn in that place. */
static double grain_of(const struct affine *place, const struct picture *picture)
{
	return fmin(hypot(place->m[0], place->m[1]) / picture->width,
				hypot(place->m[2], place->m[3]) / picture->height);
}

/* Takes the picture's samples, and those of the page that it covers, off *left. */
static int draw_image(struct pdf_images *images, int i, const struct affine *to_target,
					  struct page_picture *target, int64_t *left)
{
	CLEANUP(picture_done) struct picture picture = {0}, mask = {0};
	int n;
	const struct pdf_image *image = &pdf_images(images, &n)[i];
	struct affine place;
	struct samples s;

	for (int k = 0; k < 6; k++)
		place.m[k] = (double)image->m[k];
	place = affine_then(&place, to_target);
	TRY(pdf_image_samples(images, i, &s));
	*left -= (int64_t)s.width * s.height;
	TRY(decode_samples(&s, &picture));
	target->grain = fmin(target->grain, grain_of(&place, &picture));
	if (image->stencil)
		return draw_stencil(&target->picture, image, &picture, &place, left);
	if (pdf_image_mask(images, i, &s) == OK && decode_samples(&s, &mask) != OK)
		mask = (struct picture){0};
	*left -= picture_draw(&target->picture,
						  &(struct drawing){&picture, mask.p != NULL ? &mask : NULL, place});
	return OK;
}

/* A white sheet of the page's size. E_NOT_FOUND if that is not a page's. */
static int new_sheet(const struct page *page, struct page_picture *out)
{
	double longer = (double)fmaxf(page->width, page->height),
		   shorter = (double)fminf(page->width, page->height);
	struct page_picture p = {.scale = PAGE_DPI / 72.0,
							 .width = page->width,
							 .height = page->height,
							 .to_page = {{1, 0, 0, 1, 0, 0}}};

	if (!(shorter >= PAGE_POINTS_MIN) || !(longer < 1e6))
		return E_NOT_FOUND;
	if (longer * p.scale > PAGE_SIDE_MAX)
		p.scale = PAGE_SIDE_MAX / longer;
	if (shorter * p.scale < 1)
		return E_NOT_FOUND;
	p.picture = sheet((double)p.width * p.scale, (double)p.height * p.scale);
	p.grain = p.scale * 72;
	*out = p;
	return OK;
}

int page_draw(const struct doc *d, struct pdf_images *images, int i, struct page_picture *out)
{
	struct page_picture p;
	struct affine to_target;
	int n, drawn = 0;
	int64_t left = PAGE_SAMPLES_MAX;
	const struct pdf_image *all = pdf_images(images, &n);

	TRY(new_sheet(&d->pages[i], &p));
	to_target = (struct affine){{p.scale, 0, 0, p.scale, 0, 0}};
	for (int k = 0; k < n && left > 0; k++)
		if (all[k].page == i)
			drawn += draw_image(images, k, &to_target, &p, &left) == OK;
	if (drawn == 0) {
		page_picture_done(&p);
		return E_NOT_FOUND;
	}
	*out = p;
	return OK;
}

int page_of_picture(struct page *page, const struct picture *picture, struct page_picture *out)
{
	float across = picture->width > picture->height ? PAPER_HEIGHT : PAPER_WIDTH;
	double w, h;

	if (picture->width < PAPER_SAMPLES_MIN || picture->height < PAPER_SAMPLES_MIN)
		return E_NOT_FOUND;
	page->width = across;
	page->height = across * (float)picture->height / (float)picture->width;
	TRY(new_sheet(page, out));
	w = (double)page->width * out->scale;
	h = (double)page->height * out->scale;
	picture_draw(&out->picture, &(struct drawing){picture, NULL, {{w, 0, 0, -h, 0, h}}});
	out->grain = w / picture->width;
	return OK;
}

void page_clean(struct page_picture *p)
{
	clean_light(&p->picture);
	clean_specks(&p->picture, p->grain);
}

/* ---- straightening ---- */

/* The picture in black and white, or NULL. */
static PIX *black_and_white(const struct picture *p)
{
	CLEANUP(pix_done) PIX *grey = pixCreate(p->width, p->height, 8);
	size_t stride;
	uint8_t *to;

	if (grey == NULL)
		return NULL;
	stride = (size_t)pixGetWpl(grey) * 4;
	to = (uint8_t *)pixGetData(grey);
	for (int y = 0; y < p->height; y++)
		memcpy(to + (size_t)y * stride, p->p + (size_t)y * (size_t)p->width, (size_t)p->width);
	pixEndianByteSwap(grey);
	return pixThresholdToBinary(grey, 160);
}

/* Turns the picture by so many degrees clockwise, about its middle; its size follows quarter turns.
 */
static void turn(struct page_picture *p, int quarters, double degrees)
{
	CLEANUP(picture_done) struct picture old = p->picture;
	bool aside = (quarters & 1) != 0;
	double angle = quarters * M_PI_2 + degrees * M_PI / 180, c = cos(angle), s = sin(angle);
	double w = (double)p->width, h = (double)p->height, w2 = aside ? h : w, h2 = aside ? w : h;
	/* clockwise, with y downwards */
	struct affine t = {{c, s, -s, c, w2 / 2 - c * w / 2 + s * h / 2,
						h2 / 2 - s * w / 2 - c * h / 2}},
				  back;
	struct affine unit = {{w, 0, 0, -h, 0, h}}, scale = {{p->scale, 0, 0, p->scale, 0, 0}}, place;

	if (affine_inverse(&t, &back) != OK)
		return;
	p->picture = sheet(w2 * p->scale, h2 * p->scale);
	place = affine_then(&unit, &t);
	place = affine_then(&place, &scale);
	picture_draw(&p->picture, &(struct drawing){&old, NULL, place});
	p->to_page = affine_then(&back, &p->to_page);
	p->width = (float)w2;
	p->height = (float)h2;
}

/* Quarter turns clockwise that bring the text upright; 0 where that cannot be told. */
static int quarters_needed(PIX *pix)
{
	l_float32 up, left;
	l_int32 orient;

	if (pixOrientDetect(pix, &up, &left, 0, 0) != 0 ||
		makeOrientDecision(up, left, UP_CONFIDENCE, 2.5f, &orient, 0) != 0)
		return 0;
	if (orient == L_TEXT_ORIENT_LEFT)
		return 1;
	if (orient == L_TEXT_ORIENT_DOWN)
		return 2;
	return orient == L_TEXT_ORIENT_RIGHT ? 3 : 0;
}

void page_straighten(struct page_picture *p)
{
	CLEANUP(pix_done) PIX *pix = black_and_white(&p->picture);
	l_float32 angle = 0, confidence = 0;
	int quarters = pix == NULL ? 0 : quarters_needed(pix);

	if (quarters != 0) {
		turn(p, quarters, 0);
		pixDestroy(&pix);
		pix = black_and_white(&p->picture);
	}
	if (pix == NULL || pixFindSkew(pix, &angle, &confidence) != 0 ||
		(double)confidence < slope_confidence || fabs((double)angle) < slope_min)
		return;
	turn(p, 0, (double)angle);
}

void page_part(const struct page_picture *p, struct box box, double factor,
			   struct page_picture *out)
{
	double scale = p->scale * factor, w = (double)p->width, h = (double)p->height;
	struct page_picture part = {.scale = scale,
								.width = box.x1 - box.x0,
								.height = box.y1 - box.y0,
								.grain = p->grain * factor,
								.to_page = p->to_page};

	part.picture = sheet((double)part.width * scale, (double)part.height * scale);
	picture_draw(&part.picture,
				 &(struct drawing){&p->picture,
								   NULL,
								   {{w * scale, 0, 0, -h * scale, -(double)box.x0 * scale,
									 (h - (double)box.y0) * scale}}});
	*out = part;
}

#include "parse/ocr/clean.h"

#include <string.h>

#include "base/test.h"

static uint8_t *at(struct picture *p, int x, int y)
{
	return &p->p[y * p->width + x];
}

static void bar(struct picture *p, int x, int y, int w, int h, int v)
{
	for (int j = 0; j < h; j++)
		for (int i = 0; i < w; i++)
			*at(p, x + i, y + j) = (uint8_t)v;
}

/* Lines of words, drawn as bars; everything is multiplied with the light, 0 to 255, of the left and
 * right edge. */
static struct picture page_in_light(int left, int right)
{
	struct picture p = picture_new(600, 600);

	for (int y = 40; y < 560; y += 50)
		for (int x = 40; x < 540; x += 60)
			bar(&p, x, y, 40, 12, 50);
	for (int y = 0; y < 600; y++)
		for (int x = 0; x < 600; x++)
			*at(&p, x, y) = (uint8_t)((int)*at(&p, x, y) * (left + (right - left) * x / 600) / 255);
	return p;
}

TEST(grey_paper_becomes_white)
{
	struct picture p = page_in_light(150, 200);

	clean_light(&p);
	for (int x = 48; x < 540; x += 60) {
		CHECK(*at(&p, x, 45) < 60);
		CHECK(*at(&p, x, 65) > 235);
	}
	picture_done(&p);
}

TEST(a_clean_page_stays_as_it_is)
{
	struct picture p = page_in_light(255, 255), same = page_in_light(255, 255);

	/* A dark column with light words is no shadow. */
	bar(&p, 0, 0, 200, 600, 40);
	bar(&same, 0, 0, 200, 600, 40);
	bar(&p, 20, 100, 60, 10, 250);
	bar(&same, 20, 100, 60, 10, 250);
	clean_light(&p);
	clean_specks(&p, 2);
	CHECK(memcmp(p.p, same.p, 600 * 600) == 0);
	picture_done(&p);
	picture_done(&same);
}

TEST(light_writing_on_a_dark_page_stays)
{
	struct picture p = page_in_light(255, 255);

	for (int i = 0; i < 600 * 600; i++)
		p.p[i] = p.p[i] == 255 ? 60 : 240;
	clean_light(&p);
	CHECK_INT(*at(&p, 48, 45), 240);
	CHECK_INT(*at(&p, 48, 65), 60);
	picture_done(&p);
}

TEST(specks_go_and_letters_stay)
{
	struct picture p = page_in_light(255, 255);

	for (int i = 0; i < 200; i++)
		bar(&p, 5 + i % 14 * 41, 20 + i / 14 * 40, 2, 2, 0);
	bar(&p, 300, 579, 8, 8, 0); /* a dot that is no speck */
	clean_specks(&p, 1.5);
	CHECK_INT(*at(&p, 5, 20), 255);
	CHECK_INT(*at(&p, 48, 45), 50);
	CHECK_INT(*at(&p, 304, 583), 0);
	picture_done(&p);
}

TEST_MAIN()

#include "parse/ocr/missed.h"

#include "base/test.h"

static void bar(struct picture *p, int x, int y, int w, int h)
{
	for (int j = y; j < y + h; j++)
		for (int i = x; i < x + w; i++)
			p->p[j * p->width + i] = 0;
}

/* Letters, drawn as bars with room between them. */
static void draw_line(struct picture *p, int x, int y, int letters)
{
	for (int i = 0; i < letters; i++)
		bar(p, x + i * 20, y, 4, 30);
}

TEST(a_line_that_no_word_covers)
{
	struct page_picture p = {
		.picture = picture_new(1200, 900), .scale = 2, .width = 600, .height = 450};
	struct arena *a = arena_new(1 << 16);
	struct words words = {0};
	struct word read = {"heading", {50, 50, 250, 65}, 65, 15, 1, 0};
	struct box missed[MISSED_MAX];

	draw_line(&p.picture, 100, 100, 20);
	words_add(a, &words, &read);
	CHECK_INT(missed_lines(&p, &words, missed), 0);
	draw_line(&p.picture, 100, 300, 20);
	bar(&p.picture, 100, 400, 1000, 4);  /* a rule */
	bar(&p.picture, 700, 500, 300, 300); /* a photograph */
	bar(&p.picture, 200, 600, 6, 6);     /* a speck */
	CHECK_INT(missed_lines(&p, &words, missed), 1);
	CHECK(missed[0].x0 < 50 && missed[0].x1 > 240 && missed[0].x1 < 300);
	CHECK(missed[0].y0 < 150 && missed[0].y0 > 130 && missed[0].y1 > 165);
	page_picture_done(&p);
	arena_free(a);
}

TEST(words_of_a_part_are_taken_if_they_are_sure)
{
	struct arena *a = arena_new(1 << 16);
	struct words page = {0}, part = {0};
	struct word first = {"page", {10, 10, 50, 20}, 20, 10, 0.4f, 3},
				sure = {"sure", {10, 10, 50, 20}, 20, 10, 0.9f, 0},
				unsure = {"unsure", {60, 10, 90, 20}, 20, 10, 0.3f, 0};

	words_add(a, &page, &first);
	words_add(a, &part, &sure);
	words_add(a, &part, &unsure);
	words_move(&part, 100, 200);
	words_add_part(a, &page, &part);
	CHECK_INT(page.n, 2);
	CHECK_INT(page.items[1].line, 4);
	CHECK(page.items[1].box.x0 == 110 && page.items[1].baseline == 220);
	arena_free(a);
}

TEST_MAIN()

/* Layout: runs anywhere on a few pages, as no program would draw them. Ten bytes make one run. */
#include "tests/fuzz/read.h"

enum { PAGES = 3, RUN_BYTES = 10, RUNS_MAX = 2000 };

static const char *const texts[] = {"a",
									"Jane Doe",
									"\xe2\x80\xa2",
									"jane@example.org",
									"2019 \xe2\x80\x93 2021",
									"-",
									"S K I L L S",
									"\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7",
									"Page 1",
									"\xe6\xbc\xa2\xe5\xad\x97",
									" ",
									"e\xcc\x81",
									"Built the booking service and its interfaces",
									"|",
									"fi\xc2\xad",
									"1."};

static struct run decode_run(struct feed *f, int page, int order)
{
	float x = (float)feed_short(f) / 80 - 100, y = (float)feed_short(f) / 60 - 100;
	float size = (float)feed_byte(f) / 4, width = (float)feed_byte(f) * 2;
	unsigned style = feed_byte(f), flags = feed_byte(f);
	struct run r = {.text = texts[feed_byte(f) % 16], .page = page, .order = order};

	r.box = (struct box){x, y - size, x + width, y + size / 4};
	r.baseline = y;
	r.size = size;
	r.space = (float)(style >> 4);
	r.font = (int)(style & 7) - 1;
	r.flags = flags;
	r.link = (style & 8) != 0 ? "https://example.org/" : NULL;
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new(FUZZ_MEMORY);
	struct error error = {0};
	struct doc d = {.arena = a, .error = &error, .npages = PAGES};
	struct feed f = {data, n};
	int page = 0;

	d.pages = ARENA_ARRAY(a, PAGES, struct page);
	for (int i = 0; i < PAGES; i++)
		d.pages[i] = (struct page){.width = 595, .height = 842};
	while (f.n >= RUN_BYTES && d.nruns < RUNS_MAX) {
		bool turn = feed_byte(&f) > 250;
		struct run r;

		if (turn && page < PAGES - 1)
			d.pages[++page].first_run = d.nruns;
		r = decode_run(&f, page, d.nruns);
		must_hold(doc_add_run(&d, &r) == OK);
		d.pages[page].nruns++;
	}
	for (int i = page + 1; i < PAGES; i++)
		d.pages[i].first_run = d.nruns;
	must_hold(layout_lines(&d) == OK);
	for (int i = 0; i < d.nlines; i++)
		check_line(&d.lines[i]);
	arena_free(a);
	return 0;
}

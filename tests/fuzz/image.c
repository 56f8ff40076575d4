/* The pictures of a PDF or a Word file, up to where recognition would begin: decoding, putting a
 * page together, cleaning and straightening it. */
#include <leptonica/allheaders.h>

#include "data/sniff.h"
#include "parse/ocr/decode.h"
#include "parse/ocr/page.h"
#include "parse/pdf/pdf.h"
#include "parse/word/pictures.h"
#include "parse/word/word.h"
#include "tests/fuzz/fuzz.h"

enum { FUZZ_MEMORY = 512 * 1024 * 1024, PAGES = 2 };

static void prepare(struct page_picture *p)
{
	must_hold(p->picture.width > 0 && p->picture.height > 0);
	must_hold(p->picture.width <= PAGE_SIDE_MAX && p->picture.height <= PAGE_SIDE_MAX);
	page_clean(p);
	page_straighten(p);
	page_picture_done(p);
}

static void read_pdf(struct doc *d, const uint8_t *data, size_t n)
{
	struct pdf_images *images;

	if (pdf_read_images(d, data, n, &images) != OK)
		return;
	for (int i = 0; i < d->npages && i < PAGES; i++) {
		struct page_picture p;

		if (page_draw(d, images, i, &p) == OK)
			prepare(&p);
	}
}

static void read_word(struct doc *d, enum kind kind, const uint8_t *data, size_t n)
{
	struct word_pictures found;

	word_pictures(d, kind, data, n, PAGES, &found);
	for (int i = 0; i < found.n; i++) {
		CLEANUP(picture_done) struct picture picture = {0};
		struct page_picture p;
		struct page page = {0};

		if (decode_file(found.items[i].p, found.items[i].n, &picture) == OK &&
			page_of_picture(&page, &picture, &p) == OK)
			prepare(&p);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new(FUZZ_MEMORY);
	struct error error = {0};
	struct doc d = {.arena = a, .error = &error};
	enum kind kind = sniff(data, n);

	setMsgSeverity(L_SEVERITY_NONE);
	pdf_warm_up();
	word_warm_up();
	if (kind == KIND_PDF)
		read_pdf(&d, data, n);
	else
		read_word(&d, kind, data, n);
	must_hold(!arena_over(a));
	arena_free(a);
	return 0;
}

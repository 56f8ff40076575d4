/*
 * See ocr.h. Recognition takes the larger part of the time; when most of it is used up, the pages
 * that are left are left out, with a finding. Layout and extraction see the pages upright and
 * level; where things stand on the page itself is worked out afterwards, for the evidence.
 */
#include "parse/ocr/ocr.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "data/sniff.h"
#include "parse/extract/extract.h"
#include "parse/ocr/decode.h"
#include "parse/ocr/missed.h"
#include "parse/ocr/page.h"
#include "parse/ocr/recognise.h"
#include "parse/ocr/words.h"
#include "parse/pdf/pdf.h"
#include "parse/word/pictures.h"
#include "parse/word/word.h"

static const char by_recognition[] = "The pages are pictures, for example a scan; their text was "
									 "recognised and may contain mistakes.";
static const double sure_at_most = 0.95;
static const float large_min = 24, large_as = 14; /* points */
static const double line_high = 20;               /* points of a line that is read by itself */

struct recognised {
	struct words words[DOC_PAGES_MAX];
	struct affine to_page[DOC_PAGES_MAX];
	bool done[DOC_PAGES_MAX];
};

void ocr_warm_up(const char *languages)
{
	pdf_warm_up();
	word_warm_up();
	recognise_warm_up(languages != NULL ? languages : "eng");
}

/* ---- pages ---- */

/* Tesseract loses very large letters, which are most often the name's. Reads the part of the page
 * with such letters again, as if they were of the usual size. */
static void read_large(struct arena *a, const struct page_picture *p, int64_t deadline,
					   struct words *words)
{
	CLEANUP(page_picture_done) struct page_picture band = {0};
	float large = words_largest(words), size = large * 0.7f, y0 = p->height, y1 = 0;
	struct words again = {0};

	if (large < large_min)
		return;
	for (int i = 0; i < words->n; i++) {
		const struct word *w = &words->items[i];

		if (w->size >= size) {
			y0 = fminf(y0, w->box.y0 - large * 1.5f);
			y1 = fmaxf(y1, w->box.y1 + large * 1.5f);
		}
	}
	y0 = fmaxf(y0, 0);
	y1 = fminf(y1, p->height);
	if (y1 - y0 < large)
		return;
	page_part(p, (struct box){0, y0, p->width, y1}, (double)(large_as / large), &band);
	recognise(a, &band, false, deadline, &again);
	words_move(&again, 0, y0);
	words_replace(a, words, size, &again);
}

/* Reads what looks like lines of text and was not recognised. */
static void read_missed(struct arena *a, const struct page_picture *p, int64_t deadline,
						struct words *words)
{
	struct box lines[MISSED_MAX];
	int n = missed_lines(p, words, lines);

	for (int i = 0; i < n; i++) {
		CLEANUP(page_picture_done) struct page_picture part = {0};
		struct words found = {0};
		double high = (double)(lines[i].y1 - lines[i].y0);

		page_part(p, lines[i], fmin(1, line_high / high), &part);
		recognise(a, &part, true, deadline, &found);
		words_move(&found, lines[i].x0, lines[i].y0);
		words_add_part(a, words, &found);
	}
}

/* Where the pages' pictures are: in a PDF, or in a Word file, each a page by itself. */
struct source {
	struct pdf_images *images; /* NULL: files */
	struct word_pictures files;
};

static int draw_page(struct doc *d, struct source *s, int i, struct page_picture *out)
{
	CLEANUP(picture_done) struct picture picture = {0};

	if (s->images != NULL)
		return page_draw(d, s->images, i, out);
	TRY(decode_file(s->files.items[i].p, s->files.items[i].n, &picture));
	return page_of_picture(&d->pages[i], &picture, out);
}

static void recognise_page(struct doc *d, struct source *s, int i, int64_t deadline,
						   struct recognised *r)
{
	CLEANUP(page_picture_done) struct page_picture p = {0};

	if (draw_page(d, s, i, &p) != OK)
		return;
	page_clean(&p);
	page_straighten(&p);
	recognise(d->arena, &p, false, deadline, &r->words[i]);
	read_large(d->arena, &p, deadline, &r->words[i]);
	read_missed(d->arena, &p, deadline, &r->words[i]);
	r->to_page[i] = p.to_page;
	r->done[i] = true;
	d->pages[i].width = p.width;
	d->pages[i].height = p.height;
}

static void recognise_pages(struct doc *d, struct source *s, int seconds, struct recognised *r)
{
	int64_t now = clock_monotonic(), deadline = now + seconds * CLOCK_SECOND * 8 / 10;
	int pages = 0;

	for (int i = 0; i < d->npages; i++) {
		if (!d->pages[i].picture)
			continue;
		if (pages == OCR_PAGES_MAX || clock_monotonic() >= deadline) {
			doc_find(
				d, "cut",
				"The document has many pages that are pictures; only the first ones were read.");
			return;
		}
		pages++;
		recognise_page(d, s, i, deadline, r);
	}
}

/* ---- runs ---- */

/* The runs of the pages again, with the recognised words in their places. */
static void add_words(struct doc *d, struct recognised *r)
{
	struct run *old = d->runs;

	d->runs = NULL;
	d->nruns = d->runs_cap = 0;
	for (int i = 0; i < d->npages; i++) {
		struct page *page = &d->pages[i];
		int first = page->first_run, n = page->nruns;

		page->first_run = d->nruns;
		for (int k = first; k < first + n; k++)
			doc_add_run(d, &old[k]);
		words_drop_specks(&r->words[i]);
		words_mend(d->arena, &r->words[i]);
		words_even_sizes(&r->words[i]);
		words_mend_bullets(&r->words[i]);
		words_add_runs(d, i, &r->words[i]);
		page->nruns = d->nruns - page->first_run;
	}
}

/* ---- evidence ---- */

/* How sure the words are that the box touches: the least of them; 1 without any. */
static double sureness(const struct words *words, const struct evidence *e)
{
	double least = 1;

	for (int i = 0; i < words->n; i++) {
		const struct word *w = &words->items[i];
		double y = ((double)w->box.y0 + (double)w->box.y1) / 2;

		if ((double)w->box.x1 > e->x0 + 1 && (double)w->box.x0 < e->x1 - 1 && y > e->y0 &&
			y < e->y1)
			least = fmin(least, (double)w->confidence);
	}
	return fmin(least, sure_at_most);
}

/* From the upright picture back to the page as it is displayed. */
static void place_evidence(const struct affine *to_page, struct evidence *e)
{
	double x[2], y[2];

	affine_point(to_page, e->x0, e->y0, &x[0], &y[0]);
	affine_point(to_page, e->x1, e->y1, &x[1], &y[1]);
	e->x0 = round(fmin(x[0], x[1]));
	e->x1 = round(fmax(x[0], x[1]));
	e->y0 = round(fmin(y[0], y[1]));
	e->y1 = round(fmax(y[0], y[1]));
}

static void judge_value(const struct doc *d, const struct recognised *r, double *confidence,
						struct evidence *e)
{
	int page = (int)e->page - 1;

	if (page < 0 || page >= d->npages || !r->done[page])
		return;
	*confidence *= sureness(&r->words[page], e);
	place_evidence(&r->to_page[page], e);
}

static void judge_profile(const struct doc *d, const struct recognised *r, struct profile *p)
{
	struct value *values[] = {&p->name, &p->email, &p->phone, &p->domain_knowledge};
	struct skill *skills = p->skills.items;

	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
		judge_value(d, r, &values[i]->confidence, &values[i]->evidence);
	for (size_t i = 0; i < p->skills.n; i++)
		judge_value(d, r, &skills[i].confidence, &skills[i].evidence);
}

/* ---- the document ---- */

static bool has_words(const struct doc *d, const struct recognised *r)
{
	for (int i = 0; i < d->npages; i++)
		if (r->words[i].n > 0)
			return true;
	return false;
}

/* A Word file whose pictures hold no words was no scan: its few lines are all of it. */
static void take_back(struct doc *d, struct parse_reply *reply)
{
	int n = 0;

	for (int i = 0; i < d->nfindings; i++)
		if (strcmp(d->findings[i].kind, "scanned") != 0)
			d->findings[n++] = d->findings[i];
	d->nfindings = n;
	reply->scanned = false;
}

/* Says that the text was recognised, in place of that there is none. */
static void tell(struct doc *d)
{
	doc_find(d, "scanned", by_recognition);
	for (int i = 0; i < d->nfindings; i++)
		if (strcmp(d->findings[i].kind, "scanned") == 0)
			d->findings[i].message = by_recognition;
}

/* Opens a PDF, or a Word file whose few lines of text stay in front of what is recognised. */
static int open_source(struct doc *d, const unsigned char *data, size_t n, struct source *s)
{
	enum kind kind = sniff(data, n);

	d->format = kind_name(kind);
	if (kind == KIND_PDF)
		return pdf_read_images(d, data, n, &s->images);
	TRY(document_read(d, data, n));
	word_pictures(d, kind, data, n, OCR_PAGES_MAX + 1, &s->files);
	if (s->files.n == 0)
		return fail(d, E_RULE, "The file holds no pictures of pages");
	d->npages = s->files.n;
	d->pages = ARENA_ARRAY(d->arena, (size_t)d->npages, struct page);
	for (int i = 0; i < d->npages; i++)
		d->pages[i] = (struct page){.picture = true, .image_area = 1};
	return OK;
}

int ocr_read(struct doc *d, const unsigned char *data, size_t n, int seconds,
			 struct parse_reply *reply)
{
	struct recognised *r = ARENA_NEW(d->arena, struct recognised);
	struct source *s = ARENA_NEW(d->arena, struct source);

	reply->scanned = true;
	TRY(open_source(d, data, n, s));
	recognise_pages(d, s, seconds, r);
	add_words(d, r);
	TRY(layout_lines(d));
	if (d->pictures && d->nlines > 0 && !has_words(d, r))
		take_back(d, reply);
	else
		tell(d);
	TRY(extract_profile(d, &reply->profile));
	judge_profile(d, r, &reply->profile);
	return OK;
}

/*
 * See pdf.h and parse/doc.h. This file opens the document, finds its pages and reads one after the
 * other.
 *
 * The page tree is walked by hand: libqpdf's own list of pages would resolve all of them. Where the
 * tree is broken, pages are looked for among all objects. What was read before a cap or a fault is
 * kept.
 */
#include "parse/pdf/pdf.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "parse/pdf/annots.h"
#include "parse/pdf/images.h"

enum { NODES_MAX = 4000, OBJECTS_MAX = 20000, LAYERS_MAX = 256, CONTENTS_MAX = 2000 };

static const char too_much[] = "The PDF holds far more data than a document of its size should.";

/* What pages inherit from the nodes above them. */
struct inherited {
	qpdf_oh resources, media, crop, rotate;
};

struct walk {
	struct pdf *pdf;
	struct interp *interp;
	int nodes;
	int unread;  /* pages whose content could not be read */
	size_t size; /* of the file */
};

static void close_document(void *arg)
{
	qpdf_data *q = arg;

	/* An error that nobody took would be printed. */
	if (qpdf_has_error(*q))
		qpdf_get_error(*q);
	qpdf_cleanup(q);
}

/* Gives the bytes to libqpdf; the handle is released with the arena. */
static int try_open(struct pdf *p, const void *data, size_t n, bool *password)
{
	qpdf_data *q = ARENA_NEW(p->arena, qpdf_data);
	qpdf_error e;

	*q = qpdf_init();
	p->q = *q;
	arena_defer(p->arena, close_document, q);
	qpdf_silence_errors(p->q);
	qpdf_set_suppress_warnings(p->q, QPDF_TRUE);
	if ((qpdf_read_memory(p->q, "document", data, n, "") & (QPDF_ERRORS)) == 0)
		return OK;
	e = qpdf_get_error(p->q);
	*password = e != NULL && qpdf_get_error_code(p->q, e) == qpdf_e_password;
	return E_INVALID;
}

/* The number of the last object "12 0 obj" before the word at that place, 0 if there is none. */
static long object_before(const char *data, const char *word)
{
	const char *p = word;
	long n = 0, unit = 1;

	while (p > data + 4 && memcmp(p - 4, " obj", 4) != 0)
		p--;
	for (p -= 4; p > data && p[-1] >= '0' && p[-1] <= '9';)
		p--;
	while (p > data && p[-1] == ' ')
		p--;
	for (; p > data && p[-1] >= '0' && p[-1] <= '9' && unit < OBJECTS_MAX; unit *= 10)
		n += unit * (*--p - '0');
	return n;
}

/* A file that was cut off has lost its trailer, without which libqpdf does not look at the rest.
 * Its catalog is found by its type, or another one is made up, and the pages are searched for. */
static int open_without_trailer(struct pdf *p, const char *data, size_t n)
{
	const char *catalog = memmem(data, n, "/Catalog", 8);
	long root = catalog == NULL ? 0 : object_before(data, catalog);
	bool password;
	struct buf b;

	if (memmem(data, n, " obj", 4) == NULL || memmem(data, n, "/Encrypt", 8) != NULL)
		return E_INVALID;
	buf_init(&b, p->arena, n + 256);
	buf_add(&b, data, n);
	if (root == 0)
		buf_addf(&b, "\n%d 0 obj\n<< /Type /Catalog >>\nendobj\n", OBJECTS_MAX);
	buf_addf(&b, "\ntrailer\n<< /Size %d /Root %ld 0 R >>\nstartxref\n0\n%%%%EOF\n",
			 OBJECTS_MAX + 1, root == 0 ? (long)OBJECTS_MAX : root);
	return try_open(p, buf_str(&b), b.n, &password);
}

/* The place behind the next "/ObjStm" or "/XRef", NULL if there is none. */
static const unsigned char *after_type(const unsigned char *p, const unsigned char *end)
{
	while ((p = memchr(p, '/', (size_t)(end - p))) != NULL) {
		p++;
		if (end - p >= 6 && memcmp(p, "ObjStm", 6) == 0)
			return p + 6;
		if (end - p >= 4 && memcmp(p, "XRef", 4) == 0)
			return p + 4;
	}
	return NULL;
}

/* libqpdf inflates object streams and cross-reference streams without a limit; so the large ones
 * among them are measured first. */
static bool is_bomb(const unsigned char *data, size_t n)
{
	enum { SMALL = 24 * 1024, DICT_MAX = 4096 };
	const unsigned char *p = data, *end = data + n;

	while ((p = after_type(p, end)) != NULL) {
		const unsigned char *in, *stop;

		in = memmem(p, end - p < DICT_MAX ? (size_t)(end - p) : DICT_MAX, "stream", 6);
		if (in == NULL)
			continue;
		for (in += 6; in < end && (*in == '\r' || *in == '\n');)
			in++;
		stop = memmem(in, (size_t)(end - in), "endstream", 9);
		if (stop == NULL)
			stop = end;
		if (stop - in > SMALL &&
			filter_inflated_size(in, (size_t)(stop - in), PDF_STREAM_MAX) == PDF_STREAM_MAX)
			return true;
		p = stop;
	}
	return false;
}

static int open_document(struct pdf *p, const unsigned char *data, size_t n)
{
	bool password = false;

	if (is_bomb(data, n))
		return fail(p, E_TOO_LARGE, "%s", too_much);
	if (try_open(p, data, n, &password) == OK) {
		if (qpdf_is_encrypted(p->q))
			doc_find(p->doc, "password",
					 "The PDF is protected by a password that it may be read without.");
		return OK;
	}
	if (password)
		return fail(p, E_RULE,
					"The PDF is protected by a password. Save it without one and upload it again.");
	p->damaged = true;
	doc_find(p->doc, "damaged", "The PDF is damaged; a part of it may be missing.");
	if (open_without_trailer(p, (const char *)data, n) == OK)
		return OK;
	return fail(p, E_RULE,
				"The PDF is damaged and cannot be read. Export it again and upload that.");
}

static void read_info(struct pdf *p)
{
	qpdf_oh info = obj_key(p, qpdf_get_trailer(p->q), "/Info");

	p->doc->title = obj_text(p, obj_key(p, info, "/Title"));
	p->doc->author = obj_text(p, obj_key(p, info, "/Author"));
	if (p->doc->title != NULL && p->doc->title[0] == '\0')
		p->doc->title = NULL;
	if (p->doc->author != NULL && p->doc->author[0] == '\0')
		p->doc->author = NULL;
}

/* Notes the layers that are off when the document is opened (8.11.4.3). */
static void read_layers(struct pdf *p)
{
	qpdf_oh layers = obj_key(p, qpdf_get_root(p->q), "/OCProperties");
	qpdf_oh off;
	int n;

	if (!obj_is_dict(p, layers))
		return;
	off = obj_key(p, obj_key(p, layers, "/D"), "/OFF");
	n = obj_count(p, off);
	if (n == 0)
		return;
	p->hidden_layers = ARENA_ARRAY(p->arena, LAYERS_MAX, qpdf_oh);
	for (int i = 0; i < n && p->nhidden_layers < LAYERS_MAX; i++)
		p->hidden_layers[p->nhidden_layers++] = (qpdf_oh)obj_id(p, obj_item(p, off, i));
}

static bool read_rect(struct pdf *p, qpdf_oh o, struct box *box)
{
	double r[4];

	if (!obj_numbers(p, o, r, 4))
		return false;
	*box = (struct box){(float)fmin(r[0], r[2]), (float)fmin(r[1], r[3]), (float)fmax(r[0], r[2]),
						(float)fmax(r[1], r[3])};
	return !box_empty(*box);
}

/* The matrix from the page's own space to points of the displayed page, and the page's size. */
static struct matrix page_matrix(struct pdf *p, qpdf_oh dict, const struct inherited *h,
								 struct page *page)
{
	static const struct box letter = {0, 0, 612, 792};
	struct box media = letter, crop;
	float unit = (float)obj_number(p, obj_key(p, dict, "/UserUnit"), 1), w, t;
	int turn = obj_int(p, h->rotate, 0) / 90 % 4;

	if (!read_rect(p, h->media, &media))
		media = letter;
	if (read_rect(p, h->crop, &crop) && !box_empty(box_meet(media, crop)))
		media = box_meet(media, crop);
	if (!(unit > 0.01f && unit < 1000))
		unit = 1;
	w = media.x1 - media.x0;
	t = media.y1 - media.y0;
	page->width = ((turn & 1) != 0 ? t : w) * unit;
	page->height = ((turn & 1) != 0 ? w : t) * unit;
	switch (turn < 0 ? turn + 4 : turn) {
	case 1: return (struct matrix){0, unit, unit, 0, -media.y0 * unit, -media.x0 * unit};
	case 2: return (struct matrix){-unit, 0, 0, unit, media.x1 * unit, -media.y0 * unit};
	case 3: return (struct matrix){0, -unit, -unit, 0, media.y1 * unit, media.x1 * unit};
	}
	return (struct matrix){unit, 0, 0, -unit, -media.x0 * unit, media.y1 * unit};
}

/* Joins the streams of an array of contents, blanks between them. */
static int join_contents(struct pdf *p, qpdf_oh array, struct bytes *out)
{
	struct buf b;
	int n = obj_count(p, array), read = 0;

	buf_init(&b, NULL, PDF_STREAM_MAX + CONTENTS_MAX);
	for (int i = 0; i < n && i < CONTENTS_MAX; i++) {
		CLEANUP(bytes_done) struct bytes part = {0};
		int rc = obj_stream(p, obj_item(p, array, i), &part);

		if (rc != OK && rc != E_TOO_LARGE)
			continue;
		read++;
		if (buf_add(&b, part.p, part.n) != OK || buf_addc(&b, '\n') != OK)
			pdf_cut(p);
	}
	*out = (struct bytes){(unsigned char *)b.p, b.n};
	return n > 0 && read == 0 ? E_INVALID : OK;
}

static int page_content(struct pdf *p, qpdf_oh dict, struct bytes *out)
{
	qpdf_oh contents = obj_key(p, dict, "/Contents");

	if (obj_is_array(p, contents))
		return join_contents(p, contents, out);
	if (obj_is_null(p, contents))
		return OK;
	return obj_stream(p, contents, out);
}

/* A picture of a page with an invisible text over it was scanned and recognised: that text counts.
 */
static void judge_scan(struct doc *d, struct page *page)
{
	int seen = 0, hidden = 0;

	for (int i = 0; i < page->nruns; i++) {
		const struct run *r = &d->runs[page->first_run + i];

		if ((r->flags & TEXT_FIELD) == 0 && (r->flags & TEXT_HIDDEN) != 0)
			hidden++;
		else if ((r->flags & TEXT_FIELD) == 0)
			seen++;
	}
	page->picture =
		hidden < 5 && (page->image_area >= 0.5f ? seen <= 3 : seen == 0 && page->image_area > 0.1f);
	if (page->image_area < 0.5f || seen > 3)
		return;
	if (hidden < 5) {
		if (seen == 0)
			doc_find(d, "scanned", "The document is a picture without text, for example a scan.");
		return;
	}
	for (int i = 0; i < page->nruns; i++) {
		struct run *r = &d->runs[page->first_run + i];

		if ((r->flags & (TEXT_FIELD | TEXT_HIDDEN)) == TEXT_HIDDEN)
			r->flags = (r->flags & ~(unsigned)TEXT_HIDDEN) | TEXT_OCR;
	}
}

static void read_page(struct walk *w, qpdf_oh dict, const struct inherited *h)
{
	CLEANUP(bytes_done) struct bytes data = {0};
	struct pdf *p = w->pdf;
	struct doc *d = p->doc;
	struct page *page = &d->pages[d->npages];
	struct matrix m = page_matrix(p, dict, h, page);
	double area;
	int rc;

	page->first_run = d->nruns;
	if (p->images != NULL)
		p->images->page = d->npages;
	interp_page(w->interp, p, page, d->npages, m);
	d->npages++;
	annots_links(w->interp, dict, &m);
	rc = page_content(p, dict, &data);
	if (rc == E_INVALID)
		w->unread++;
	else
		interp_run(w->interp, data, h->resources);
	writer_flush(&w->interp->writer);
	annots_draw(w->interp, dict, &m);
	area = (double)page->width * page->height;
	page->image_area = (float)fmin(1, area > 0 ? w->interp->image_area / area : 0);
	judge_scan(d, page);
}

static qpdf_oh inherit(struct pdf *p, qpdf_oh dict, const char *key, qpdf_oh from)
{
	qpdf_oh o = obj_key(p, dict, key);

	return obj_is_null(p, o) ? from : o;
}

static void read_node(struct walk *w, qpdf_oh node, struct inherited h, int depth)
{
	struct pdf *p = w->pdf;
	qpdf_oh kids;
	int n;

	if (!obj_is_dict(p, node) || depth > DOC_DEPTH_MAX || p->cut || ++w->nodes > NODES_MAX)
		return;
	h.resources = inherit(p, node, "/Resources", h.resources);
	h.media = inherit(p, node, "/MediaBox", h.media);
	h.crop = inherit(p, node, "/CropBox", h.crop);
	h.rotate = inherit(p, node, "/Rotate", h.rotate);
	kids = obj_key(p, node, "/Kids");
	if (!obj_is_array(p, kids)) {
		if (obj_name_is(p, obj_key(p, node, "/Type"), "/Pages"))
			return;
		if (p->doc->npages == DOC_PAGES_MAX)
			pdf_cut(p);
		else
			read_page(w, node, &h);
		return;
	}
	n = obj_count(p, kids);
	for (int i = 0; i < n && !p->cut && w->nodes <= NODES_MAX; i++)
		read_node(w, obj_item(p, kids, i), h, depth + 1);
}

/* The tree shows no page: take every object that says it is one. */
static void search_pages(struct walk *w, const struct inherited *none)
{
	struct pdf *p = w->pdf;
	int n = obj_int(p, obj_key(p, qpdf_get_trailer(p->q), "/Size"), 0);

	if (n <= 0 || n > OBJECTS_MAX)
		n = OBJECTS_MAX;
	if ((size_t)n > w->size)
		n = (int)w->size;
	for (int i = 1; i < n && !p->cut; i++) {
		qpdf_oh o = qpdf_get_object_by_id(p->q, i, 0);

		if (obj_is_dict(p, o) && obj_name_is(p, obj_key(p, o, "/Type"), "/Page"))
			read_node(w, o, *none, 0);
	}
}

/* Nothing to read at all is an error; a picture is not. */
static int judge(struct walk *w)
{
	const struct doc *d = w->pdf->doc;
	float images = 0;

	for (int i = 0; i < d->npages; i++)
		images += d->pages[i].image_area;
	if (d->npages == 0)
		return fail(d, E_RULE, "The PDF has no pages.");
	if (d->nruns > 0)
		return OK;
	if (w->pdf->cut)
		return fail(d, E_TOO_LARGE, "%s", too_much);
	if (w->unread > 0 || w->pdf->damaged)
		return fail(d, E_RULE, "The PDF is damaged: the content of its pages cannot be read.");
	if (w->pdf->unmapped > 0)
		return fail(d, E_RULE,
					"The PDF does not tell which characters it shows, so its text "
					"cannot be read. Export it again from the program that wrote it.");
	if (images <= 0)
		return fail(d, E_RULE, "The PDF is empty: it has neither text nor pictures.");
	return OK;
}

static int read_document(struct pdf *p, struct doc *d, const unsigned char *data, size_t n)
{
	struct walk w = {.pdf = p};
	struct inherited none;
	qpdf_oh tree;

	p->doc = d;
	p->arena = d->arena;
	p->error = d->error;
	w.size = n;
	TRY(open_document(p, data, n));
	d->pages = ARENA_ARRAY(d->arena, DOC_PAGES_MAX, struct page);
	w.interp = ARENA_NEW(d->arena, struct interp);
	w.interp->stack = ARENA_ARRAY(d->arena, PDF_STATE_DEPTH_MAX, struct state);
	none.resources = none.media = none.crop = none.rotate = qpdf_oh_new_null(p->q);
	read_info(p);
	read_layers(p);
	tree = obj_key(p, qpdf_get_root(p->q), "/Pages");
	read_node(&w, tree, none, 0);
	/* An empty tree is an empty document; a missing one may have lost its pages. */
	if (d->npages == 0 && !obj_is_array(p, obj_key(p, tree, "/Kids")))
		search_pages(&w, &none);
	return judge(&w);
}

int pdf_read(struct doc *d, const unsigned char *data, size_t n)
{
	return read_document(ARENA_NEW(d->arena, struct pdf), d, data, n);
}

int pdf_read_images(struct doc *d, const unsigned char *data, size_t n, struct pdf_images **out)
{
	struct pdf *p = ARENA_NEW(d->arena, struct pdf);

	p->arena = d->arena;
	p->images = images_new(p);
	TRY(read_document(p, d, data, n));
	*out = p->images;
	return OK;
}

void pdf_warm_up(void)
{
	cmap_warm_up();
}

/*
 * The stories of a Word document in reading order: headers, the body with its text boxes where they
 * are anchored, notes, footers. A paragraph's formatting hangs on its mark, so the mark is sought
 * first. Cells and rows of tables end with marks too; how deep a paragraph lies in tables it says
 * itself.
 */
#include <string.h>

#include "base/text.h"
#include "parse/word/field.h"
#include "parse/word/grid.h"
#include "parse/word/msdoc.h"

enum {
	PAIR_HEADERS = 11,
	PAIR_ANCHORS = 40,
	PAIR_HEADER_ANCHORS = 41,
	PAIR_BOXES = 56,
	PAIR_HEADER_BOXES = 58,
	ANCHOR_SIZE = 26, /* Spa */
	BOX_SIZE = 22,    /* FTXBXS */
	BOX_AT_SHAPE = 14,
	SEPARATORS = 6,   /* stories before the first header */
	HEADER_KINDS = 6, /* even, odd; even, odd footer; first header, footer */
	HEADERS_MAX = 600,
	BOXES_MAX = 2000,
};

enum mark {
	MARK_CELL = 0x07,
	MARK_DRAWING = 0x08,
	MARK_LINE = 0x0B,
	MARK_PAGE = 0x0C,
	MARK_PARAGRAPH = 0x0D,
	MARK_COLUMN = 0x0E,
	MARK_FIELD_BEGIN = 0x13,
	MARK_FIELD_SEPARATOR = 0x14,
	MARK_FIELD_END = 0x15,
	MARK_HYPHEN = 0x1E,
	MARK_SYMBOL = 0x28,
};

struct box_text {
	uint32_t shape, from, to; /* CPs over all stories */
	bool done;
};

/* The text boxes of the body, or of the headers, and where they are anchored. */
struct boxes {
	struct bytes anchors;
	uint32_t story; /* CP at which the story begins in which they are anchored */
	struct box_text *list;
	size_t n;
};

struct reader {
	struct msdoc *m;
	enum region region;
	struct boxes *boxes; /* NULL inside a box */
	struct grid *grid;
	struct fields fields;
	struct msdoc_para para;
	struct extra extra;
	struct style style;
};

static void read_range(struct msdoc *m, uint32_t from, uint32_t to, enum region region,
					   struct boxes *boxes);

static struct boxes find_boxes(struct msdoc *m, unsigned anchors, enum story story, unsigned texts,
							   enum story box_story)
{
	struct boxes b = {.anchors = msdoc_table_part(m, anchors), .story = m->cps[story]};
	struct bytes plc = msdoc_table_part(m, texts);
	size_t n = plc.n < 4 ? 0 : (plc.n - 4) / (4 + BOX_SIZE);
	uint32_t start = m->cps[box_story], length = m->cps[box_story + 1] - start;

	b.n = n < BOXES_MAX ? n : BOXES_MAX;
	b.list = ARENA_ARRAY(m->doc->arena, b.n, struct box_text);
	for (size_t i = 0; i < b.n; i++) {
		uint32_t from = bytes_u32(plc, i * 4), to = bytes_u32(plc, i * 4 + 4);

		b.list[i].shape = bytes_u32(plc, (n + 1) * 4 + i * BOX_SIZE + BOX_AT_SHAPE);
		b.list[i].from = start + (from < length ? from : length);
		b.list[i].to = start + (to < length ? to : length);
	}
	if (b.anchors.n > 0)
		writer_backdrop(&m->writer);
	return b;
}

static void read_box(struct msdoc *m, struct box_text *box)
{
	if (box->done)
		return;
	box->done = true;
	writer_box_begin(&m->writer);
	read_range(m, box->from, box->to, REGION_TEXTBOX, NULL);
	writer_box_end(&m->writer);
}

/* Reads the boxes of the shape that is anchored at cp. */
static void read_anchored(struct msdoc *m, struct boxes *b, uint32_t cp)
{
	size_t n = b->anchors.n < 4 ? 0 : (b->anchors.n - 4) / (4 + ANCHOR_SIZE), low = 0, high = n;
	uint32_t at = cp - b->story, shape;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (bytes_u32(b->anchors, mid * 4) < at)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == n || bytes_u32(b->anchors, low * 4) != at)
		return;
	shape = bytes_u32(b->anchors, (n + 1) * 4 + low * ANCHOR_SIZE);
	for (size_t i = 0; i < b->n; i++)
		if (b->list[i].shape == shape)
			read_box(m, &b->list[i]);
}

static struct place place_of(const struct reader *r)
{
	struct place p = {.region = r->region};

	pap_place(&r->para.pap, &p);
	grid_place(r->grid, &p);
	return p;
}

static void end_cell(struct reader *r, uint16_t mark)
{
	const struct msdoc_para *p = &r->para;

	if ((mark == MARK_CELL && p->row_end) || p->inner_row_end)
		grid_next_row(r->grid);
	else if (mark == MARK_CELL || p->inner_cell)
		grid_next_cell(r->grid);
}

static void add_code(struct reader *r, uint32_t c)
{
	char bytes[4];

	fields_add_code(&r->fields, bytes, utf8_encode(c, bytes));
}

/* Marks inside a paragraph. True if c was one. */
static bool read_mark(struct reader *r, uint32_t c, uint32_t cp)
{
	struct writer *w = &r->m->writer;
	struct place place;

	switch (c) {
	case MARK_FIELD_BEGIN: fields_begin(&r->fields); return true;
	case MARK_FIELD_SEPARATOR: fields_result(&r->fields, w); return true;
	case MARK_FIELD_END: fields_end(&r->fields, w, &r->style); return true;
	case MARK_DRAWING:
		if (r->boxes != NULL)
			read_anchored(r->m, r->boxes, cp);
		return true;
	case MARK_LINE:
	case MARK_COLUMN:
		if (fields_in_code(&r->fields))
			return true;
		place = place_of(r);
		writer_break(w, &place);
		return true;
	}
	return false;
}

static void read_character(struct reader *r, uint32_t c, uint32_t cp)
{
	struct writer *w = &r->m->writer;
	struct style style = r->style;

	if (read_mark(r, c, cp) || r->extra.deleted)
		return;
	if (fields_in_code(&r->fields)) {
		add_code(r, c);
		return;
	}
	style.link = fields_link(&r->fields);
	if (r->extra.special && c == MARK_SYMBOL && r->extra.symbol != 0) {
		style.flags |= TEXT_SYMBOL;
		c = r->extra.symbol;
	}
	writer_char(w, c == MARK_HYPHEN ? '-' : c, &style);
}

/* Hands on the ASCII letters from cp on, up to end, in one piece: most text is made of them.
 * Returns where they end. */
static uint32_t read_letters(struct reader *r, uint32_t cp, uint32_t end)
{
	enum { PIECE_MAX = 64 };
	const uint16_t *text = r->m->text;
	struct style style = r->style;
	char piece[PIECE_MAX];
	size_t n = 0;

	if (r->extra.deleted || r->extra.special || fields_in_code(&r->fields))
		return cp;
	while (cp + n < end && n < PIECE_MAX && text[cp + n] >= ' ' && text[cp + n] < 0x7F) {
		piece[n] = (char)text[cp + n];
		n++;
	}
	if (n == 0)
		return cp;
	style.link = fields_link(&r->fields);
	writer_text(&r->m->writer, piece, n, &style);
	return cp + (uint32_t)n;
}

static void read_paragraph(struct reader *r, uint32_t from, uint32_t to)
{
	const uint16_t *text = r->m->text;
	uint32_t end = from;

	for (uint32_t cp = from; cp < to; cp++) {
		uint32_t c;

		if (cp >= end) {
			struct chp chp;

			msdoc_characters(r->m, cp, &r->para, &chp, &r->extra, &end);
			r->style = chp_style(&chp, r->para.pap.shaded > 0 || r->para.depth > 0, NULL);
		}
		cp = read_letters(r, cp, end < to ? end : to);
		if (cp >= to)
			break;
		if (cp >= end) {
			cp--;
			continue;
		}
		c = text[cp];
		if (c >= 0xD800 && c < 0xDC00 && cp + 1 < to && (text[cp + 1] & 0xFC00) == 0xDC00) {
			c = 0x10000 + ((c & 0x3FF) << 10) + (text[cp + 1] & 0x3FFU);
			cp++;
		}
		read_character(r, c, cp);
	}
}

static bool ends_paragraph(uint16_t c)
{
	return c == MARK_PARAGRAPH || c == MARK_CELL || c == MARK_PAGE;
}

static void read_range(struct msdoc *m, uint32_t from, uint32_t to, enum region region,
					   struct boxes *boxes)
{
	struct grid grid = {.tables = m->tables};
	struct reader r = {
		.m = m, .region = region, .boxes = boxes, .grid = &grid, .fields.arena = m->doc->arena};
	struct place place;

	while (from < to && !m->writer.full) {
		uint32_t mark = from;

		while (mark < to - 1 && !ends_paragraph(m->text[mark]))
			mark++;
		msdoc_paragraph(m, mark, &r.para);
		grid_set_depth(&grid, r.para.depth);
		/* The last character of a range ends its paragraph whatever it is. */
		read_paragraph(&r, from, ends_paragraph(m->text[mark]) ? mark : mark + 1);
		place = place_of(&r);
		writer_end(&m->writer, &place);
		end_cell(&r, m->text[mark]);
		from = mark + 1;
	}
	m->tables = grid.tables;
}

static void read_story(struct msdoc *m, enum story story, enum region region, struct boxes *boxes)
{
	read_range(m, m->cps[story], m->cps[story + 1], region, boxes);
}

/* Reads the headers, or the footers, each distinct one once. */
static void read_headers(struct msdoc *m, enum region region, struct boxes *boxes)
{
	struct bytes plc = msdoc_table_part(m, PAIR_HEADERS);
	uint32_t start = m->cps[STORY_HEADERS], length = m->cps[STORY_HEADERS + 1] - start;
	size_t n = plc.n / 4;
	int since = m->doc->nlines;

	for (size_t i = SEPARATORS; i + 1 < n && i < HEADERS_MAX; i++) {
		size_t kind = (i - SEPARATORS) % HEADER_KINDS;
		bool footer = kind == 2 || kind == 3 || kind == 5;
		uint32_t from = bytes_u32(plc, i * 4), to = bytes_u32(plc, i * 4 + 4);
		int first = m->doc->nlines;

		if (footer != (region == REGION_FOOTER) || from >= to || to > length)
			continue;
		read_range(m, start + from, start + to, region, boxes);
		writer_unrepeat(&m->writer, since, first);
	}
}

static void read_rest(struct msdoc *m, struct boxes *boxes)
{
	for (size_t i = 0; i < boxes->n; i++)
		read_box(m, &boxes->list[i]);
}

void msdoc_stories(struct msdoc *m)
{
	struct place nowhere = {.table = -1, .row = -1, .cell = -1};
	struct boxes boxes = find_boxes(m, PAIR_ANCHORS, STORY_MAIN, PAIR_BOXES, STORY_BOXES);
	struct boxes header_boxes =
		find_boxes(m, PAIR_HEADER_ANCHORS, STORY_HEADERS, PAIR_HEADER_BOXES, STORY_HEADER_BOXES);

	read_headers(m, REGION_HEADER, &header_boxes);
	read_story(m, STORY_MAIN, REGION_BODY, &boxes);
	read_rest(m, &boxes);
	writer_end(&m->writer, &nowhere);
	read_story(m, STORY_NOTES, REGION_NOTE, NULL);
	read_story(m, STORY_ENDNOTES, REGION_NOTE, NULL);
	read_headers(m, REGION_FOOTER, &header_boxes);
	read_rest(m, &header_boxes);
	writer_finish(&m->writer, &nowhere);
}

/*
 * See font.h. Type 0 fonts: codes of one to four bytes, which a CMap maps to CIDs.
 */
#include <string.h>

#include "parse/pdf/encoding.h"
#include "parse/pdf/font.h"
#include "parse/pdf/font_program.h"
#include "parse/pdf/lexer.h"

static void set_width(struct pdf *p, struct font *f, double cid, double width)
{
	if (cid < 0 || cid > 65535)
		return;
	if (width < 0)
		width = 0;
	if (width > 100000)
		width = 100000;
	table_set(p->arena, &f->cid_width, (uint32_t)cid, (uint32_t)(width + 0.5) + 1);
}

static void set_range(struct pdf *p, struct font *f, double low, double high, double width)
{
	if (high > 65535)
		high = 65535;
	for (double c = low < 0 ? 0 : low; c <= high; c++)
		set_width(p, f, c, width);
}

static void read_list(struct pdf *p, struct font *f, struct lexer *l, double cid)
{
	struct token t;

	while (lexer_next(l, &t) != TOKEN_END && t.kind != TOKEN_ARRAY_END)
		if (t.kind == TOKEN_NUMBER)
			set_width(p, f, cid++, t.number);
}

/* A list of widths that is an object of its own ("7 12 0 R"). */
static void read_reference(struct pdf *p, struct font *f, double cid, double id)
{
	qpdf_oh list = qpdf_get_object_by_id(p->q, (int)id, 0);
	int n = obj_count(p, list);

	for (int i = 0; i < n && i < 65536; i++)
		set_width(p, f, cid + i, obj_number(p, obj_item(p, list, i), 0));
}

/* /W: "first [w …]" and "first last w". */
static void read_widths(struct pdf *p, struct font *f)
{
	CLEANUP(bytes_done) struct bytes source = {0};
	qpdf_oh widths = obj_key(p, f->descendant, "/W");
	double v[3] = {0};
	struct lexer l;
	struct token t;
	int n = 0;

	if (!obj_is_array(p, widths))
		return;
	source = obj_source(p, widths);
	if (source.n < 2)
		return;
	l = (struct lexer){source.p + 1, source.p + source.n};
	while (lexer_next(&l, &t) != TOKEN_END) {
		if (n == 3) {
			if (t.kind == TOKEN_WORD)
				read_reference(p, f, v[0], v[1]);
			else
				set_range(p, f, v[0], v[1], v[2]);
			n = 0;
		}
		if (t.kind == TOKEN_ARRAY) {
			if (n > 0)
				read_list(p, f, &l, v[n - 1]);
			n = 0;
		} else if (t.kind == TOKEN_NUMBER) {
			v[n++] = t.number;
		}
	}
}

/* The width of the first code that ToUnicode calls a blank. */
static float blank_width(const struct font *f)
{
	if (f->to_unicode == NULL)
		return 0;
	for (uint32_t row = 0; row < 256; row++) {
		const uint32_t *texts = f->to_unicode->map.rows[row];

		for (uint32_t i = 0; texts != NULL && i < 256; i++) {
			uint32_t w;

			if (texts[i] != ' ')
				continue;
			w = table_get(&f->cid_width, cmap_cid(f->encoding, row << 8 | i));
			return w > 1 ? (float)(w - 1) / 1000 : f->default_width;
		}
	}
	return 0;
}

void font_read_composite(struct pdf *p, struct font *f)
{
	f->encoding = cmap_encoding(p, obj_key(p, f->dict, "/Encoding"));
	f->vertical = f->encoding->vertical;
	f->default_width = (float)obj_number(p, obj_key(p, f->descendant, "/DW"), 1000) / 1000;
	read_widths(p, f);
	f->space = blank_width(f);
}

/* Moves texts from glyph numbers to CIDs by /CIDToGIDMap. */
static void by_cid(struct pdf *p, struct font *f, const struct table *glyphs)
{
	CLEANUP(bytes_done) struct bytes map = {0};

	if (obj_stream(p, obj_key(p, f->descendant, "/CIDToGIDMap"), &map) != OK) {
		f->cid_text = *glyphs;
		return;
	}
	for (uint32_t cid = 0; cid < 65536 && cid * 2 + 1 < map.n; cid++) {
		uint32_t gid = (uint32_t)(map.p[cid * 2] << 8 | map.p[cid * 2 + 1]);
		uint32_t text = gid == 0 ? 0 : table_get(glyphs, gid);

		if (text != 0)
			table_set(p->arena, &f->cid_text, cid, text);
	}
}

void font_composite_program(struct pdf *p, struct font *f)
{
	CLEANUP(bytes_done) struct bytes data = {0};
	const unsigned char *cff = NULL;
	struct table glyphs = {0};
	size_t n;

	if (obj_stream(p, obj_key(p, f->descriptor, "/FontFile2"), &data) == OK) {
		truetype_glyphs(p, data.p, data.n, &glyphs);
	} else if (obj_stream(p, obj_key(p, f->descriptor, "/FontFile3"), &data) == OK) {
		n = opentype_cff(data.p, data.n, &cff);
		truetype_glyphs(p, data.p, data.n, &glyphs);
		if (n > 0)
			cff_glyphs(p, cff, n, &glyphs);
		else
			cff_glyphs(p, data.p, data.n, &glyphs);
	}
	by_cid(p, f, &glyphs);
}

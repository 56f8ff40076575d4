/*
 * See font.h. Type 1, TrueType and Type 3 fonts: 256 codes of one byte. /Widths and /Differences
 * are read from their source text, as hundreds of handles would cost more than the page.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "parse/pdf/encoding.h"
#include "parse/pdf/font.h"
#include "parse/pdf/font_program.h"
#include "parse/pdf/lexer.h"

static void read_widths(struct pdf *p, struct font *f, float unit)
{
	CLEANUP(bytes_done) struct bytes source = {0};
	int code = obj_int(p, obj_key(p, f->dict, "/FirstChar"), 0);
	double missing = obj_number(p, obj_key(p, f->descriptor, "/MissingWidth"), 0);
	qpdf_oh widths = obj_key(p, f->dict, "/Widths");
	struct lexer l;
	struct token t;

	for (int i = 0; i < 256; i++)
		f->width[i] = (float)missing * unit;
	if (!obj_is_array(p, widths))
		return;
	source = obj_source(p, widths);
	l = (struct lexer){source.p, source.p + source.n};
	while (lexer_next(&l, &t) != TOKEN_END && code < 256) {
		if (t.kind != TOKEN_NUMBER)
			continue;
		if (code >= 0)
			f->width[code] = (float)t.number * unit;
		code++;
	}
}

static bool base_encoding(struct pdf *p, qpdf_oh name, enum encoding *e)
{
	if (obj_name_is(p, name, "/WinAnsiEncoding"))
		*e = ENCODING_WINANSI;
	else if (obj_name_is(p, name, "/MacRomanEncoding"))
		*e = ENCODING_MACROMAN;
	else if (obj_name_is(p, name, "/StandardEncoding"))
		*e = ENCODING_STANDARD;
	else if (obj_name_is(p, name, "/MacExpertEncoding"))
		*e = ENCODING_EXPERT;
	else
		return false;
	return true;
}

/* Names that only count ("g65", "c0041", "char65"): in fonts with nothing better, most often the
 * code. */
static uint32_t text_by_count(const struct token *t)
{
	unsigned v = 0;
	size_t i = 0;

	while (i < t->n && (t->s[i] < '0' || t->s[i] > '9'))
		i++;
	if (i == 0 || i == t->n || t->n - i > 4)
		return 0;
	for (; i < t->n; i++) {
		if (t->s[i] < '0' || t->s[i] > '9')
			return 0;
		v = v * 10 + (unsigned)(t->s[i] - '0');
	}
	return v > 32 && v < 256 ? encoding_char(ENCODING_WINANSI, (unsigned char)v) : 0;
}

/* Bitmap fonts of TeX name their glyphs by the codes of TeX's own encodings ("a27" is "ff"): T1,
 * and below 16, where nothing of T1 stands in text, the ligatures of OT1. */
static uint32_t tex_char(struct pdf *p, unsigned code)
{
	static const uint16_t low[32] = {
		[11] = 0xFB00, [12] = 0xFB01, [13] = 0xFB02, [14] = 0xFB03, [15] = 0xFB04, [16] = 0x201C,
		[17] = 0x201D, [18] = 0x201E, [19] = 0xAB,   [20] = 0xBB,   [21] = 0x2013, [22] = 0x2014,
		[25] = 0x131,  [27] = 0xFB00, [28] = 0xFB01, [29] = 0xFB02, [30] = 0xFB03, [31] = 0xFB04,
	};
	static const uint16_t high[64] = {
		0x102, 0x104, 0x106, 0x10C, 0x10E, 0x11A, 0x118, 0x11E, 0x139, 0x13D, 0x141, 0x143, 0x147,
		0x14A, 0x150, 0x154, 0x158, 0x15A, 0x160, 0x15E, 0x164, 0x162, 0x170, 0x16E, 0x178, 0x179,
		0x17D, 0x17B, 0x132, 0x130, 0x111, 0xA7,  0x103, 0x105, 0x107, 0x10D, 0x10F, 0x11B, 0x119,
		0x11F, 0x13A, 0x13E, 0x142, 0x144, 0x148, 0x14B, 0x151, 0x155, 0x159, 0x15B, 0x161, 0x15F,
		0x165, 0x163, 0x171, 0x16F, 0xFF,  0x17A, 0x17E, 0x17C, 0x133, 0xA1,  0xBF,  0xA3,
	};
	uint32_t cp = code < 32 ? low[code] : code >= 128 && code < 192 ? high[code - 128] : 0;

	cp = code == 0xD7 ? 0x152 : code == 0xF7 ? 0x153 : code == 0xFF ? 0xDF : cp;
	return cp == 0 ? 0 : text_make(p, &cp, 1);
}

/* Settles what codes outside ASCII stand for in a font whose glyphs are all named by them; in one
 * without letters, as TeX's companion fonts are, 136 is the bullet. */
static void read_tex_names(struct pdf *p, struct font *f, const bool *counted)
{
	bool letters = false;

	for (int c = 'A'; c <= 'z'; c++)
		letters |= counted[c];
	for (unsigned c = 0; c < 256; c++) {
		uint32_t text = counted[c] ? tex_char(p, c) : 0;

		if (counted[c] && c == 136 && !letters)
			f->text[c] = 0x2022;
		else if (text != 0)
			f->text[c] = text;
	}
}

/* Whether the name is "a" and the glyph's code. */
static bool is_own_code(const struct token *t, int code)
{
	char name[8];
	int n = snprintf(name, sizeof name, "a%d", code);

	return t->n == (size_t)n && memcmp(t->s, name, t->n) == 0;
}

static void read_differences(struct pdf *p, struct font *f, qpdf_oh encoding)
{
	CLEANUP(bytes_done) struct bytes source = {0};
	qpdf_oh differences = obj_key(p, encoding, "/Differences");
	bool dingbats = strstr(f->name, "Dingbats") != NULL, counted[256] = {false}, tex = f->type3;
	struct lexer l;
	struct token t;
	int code = 0;

	if (!obj_is_array(p, differences))
		return;
	source = obj_source(p, differences);
	l = (struct lexer){source.p, source.p + source.n};
	while (lexer_next(&l, &t) != TOKEN_END) {
		if (t.kind == TOKEN_NUMBER && t.number >= 0 && t.number < 256)
			code = (int)t.number;
		if (t.kind != TOKEN_NAME || code > 255)
			continue;
		f->text[code] = glyph_text(p, (const char *)t.s, t.n, dingbats);
		if (f->text[code] == 0)
			f->text[code] = text_by_count(&t);
		counted[code] = f->type3 && is_own_code(&t, code);
		tex &= counted[code] || (t.n == 7 && memcmp(t.s, ".notdef", 7) == 0);
		code++;
	}
	if (tex)
		read_tex_names(p, f, counted);
}

static void fill(struct font *f, enum encoding e, struct pdf *p)
{
	for (unsigned c = 0; c < 256; c++) {
		uint32_t cp = encoding_char(e, (unsigned char)c);

		if (f->text[c] == 0 && cp != 0)
			f->text[c] = text_make(p, &cp, 1);
	}
}

static bool is_embedded(struct pdf *p, const struct font *f)
{
	static const char *const keys[] = {"/FontFile", "/FontFile2", "/FontFile3"};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		qpdf_oh o = obj_key(p, f->descriptor, keys[i]);

		/* A reference is enough: the program itself need not be found for the answer. */
		if (obj_id(p, o) != 0 || !obj_is_null(p, o))
			return true;
	}
	return false;
}

/* Encodes by /Encoding; what it leaves open is settled here or, for embedded fonts, by the program.
 */
static void read_encoding(struct pdf *p, struct font *f)
{
	qpdf_oh encoding = obj_key(p, f->dict, "/Encoding");
	bool embedded = is_embedded(p, f), named;
	enum encoding e = ENCODING_STANDARD;

	named = base_encoding(p, encoding, &e);
	if (obj_is_dict(p, encoding)) {
		read_differences(p, f, encoding);
		named = base_encoding(p, obj_key(p, encoding, "/BaseEncoding"), &e);
	}
	if (f->type3)
		return;
	if (!embedded && strncmp(f->name, "Symbol", 6) == 0)
		e = ENCODING_SYMBOL;
	else if (!embedded && strstr(f->name, "Dingbats") != NULL)
		e = ENCODING_DINGBATS;
	else if (!named && obj_name_is(p, obj_key(p, f->dict, "/Subtype"), "/TrueType"))
		e = ENCODING_WINANSI;
	if (named || !embedded)
		fill(f, e, p);
}

static void override_by_unicode(struct font *f)
{
	for (unsigned c = 0; c < 256; c++) {
		uint32_t text = f->to_unicode != NULL ? table_get(&f->to_unicode->map, c) : c;

		if (text != 0)
			f->text[c] = text;
	}
}

static void guess_widths(struct font *f)
{
	bool any = false;

	for (int c = 0; c < 256; c++)
		any |= f->width[c] != 0;
	for (int c = 0; c < 256 && !any; c++)
		f->width[c] = font_standard_width(f, f->text[c]);
}

static float type3_unit(struct pdf *p, struct font *f)
{
	double m[6] = {0.001, 0, 0, 0.001, 0, 0}, box[4] = {0}, up;

	obj_numbers(p, obj_key(p, f->dict, "/FontMatrix"), m, 6);
	obj_numbers(p, obj_key(p, f->dict, "/FontBBox"), box, 4);
	up = fabs(m[3]) > 0 ? fabs(m[3]) : fabs(m[1]);
	/* A sane box tells how large the glyphs are drawn; an em is about the height of its tallest. */
	up *= box[3] - box[1];
	if (up > 1e-6 && (up < 0.3 || up > 4))
		f->em = (float)up;
	return (float)(fabs(m[0]) > 0 ? fabs(m[0]) : fabs(m[1]));
}

void font_read_simple(struct pdf *p, struct font *f)
{
	read_widths(p, f, f->type3 ? type3_unit(p, f) : 0.001f);
	read_encoding(p, f);
	if (f->to_unicode != NULL || f->unicode_codes)
		override_by_unicode(f);
	if (!f->type3)
		guess_widths(f);
	for (int c = 0; c < 256 && f->space <= 0; c++)
		if (f->text[c] == ' ' && f->width[c] > 0)
			f->space = f->width[c];
}

static void read_program(struct pdf *p, struct font *f)
{
	CLEANUP(bytes_done) struct bytes data = {0};
	const unsigned char *cff = NULL;
	size_t n;

	if (obj_stream(p, obj_key(p, f->descriptor, "/FontFile"), &data) == OK) {
		type1_encoding(p, data.p, data.n, f->text);
	} else if (obj_stream(p, obj_key(p, f->descriptor, "/FontFile2"), &data) == OK) {
		truetype_encoding(p, data.p, data.n, f->text);
	} else if (obj_stream(p, obj_key(p, f->descriptor, "/FontFile3"), &data) == OK) {
		n = opentype_cff(data.p, data.n, &cff);
		if (n > 0)
			cff_encoding(p, cff, n, f->text);
		else
			cff_encoding(p, data.p, data.n, f->text);
	}
}

void font_simple_program(struct pdf *p, struct font *f)
{
	bool truetype = obj_name_is(p, obj_key(p, f->dict, "/Subtype"), "/TrueType");

	if (f->type3)
		return;
	read_program(p, f);
	fill(f, truetype ? ENCODING_WINANSI : ENCODING_STANDARD, p);
}

/*
 * See font_program.h. TrueType and OpenType (ISO/IEC 14496-22): 'cmap' maps characters or codes to
 * glyphs and is read backwards here, 'post' names the glyphs. Reads beyond the end give zeros.
 */
#include <string.h>

#include "parse/pdf/encoding.h"
#include "parse/pdf/font_program.h"

enum { TABLES_MAX = 64, SUBTABLES_MAX = 32, ENTRIES_MAX = 1 << 17 };

struct sfnt {
	struct pdf *pdf;
	const unsigned char *p;
	size_t n;
};

/* What a cmap says: glyph g for the character or code c. */
typedef void entry_fn(void *arg, uint32_t c, uint32_t g);

static unsigned u8(const struct sfnt *f, size_t at)
{
	return at < f->n ? f->p[at] : 0;
}

static unsigned u16(const struct sfnt *f, size_t at)
{
	return u8(f, at) << 8 | u8(f, at + 1);
}

static uint32_t u32(const struct sfnt *f, size_t at)
{
	return u16(f, at) << 16 | u16(f, at + 2);
}

/* Where a table starts; 0 if there is none. */
static size_t find_table(const struct sfnt *f, const char *tag, size_t *size)
{
	unsigned n = u16(f, 4);
	size_t at = 12;

	for (unsigned i = 0; i < n && i < TABLES_MAX && at + 16 <= f->n; i++, at += 16) {
		size_t offset = u32(f, at + 8);

		if (memcmp(f->p + at, tag, 4) != 0 || offset >= f->n)
			continue;
		*size = u32(f, at + 12);
		if (*size > f->n - offset)
			*size = f->n - offset;
		return offset;
	}
	return 0;
}

static void read_format4(const struct sfnt *f, size_t at, entry_fn *fn, void *arg)
{
	size_t segments = u16(f, at + 6) / 2, ends = at + 14, starts = ends + segments * 2 + 2;
	size_t deltas = starts + segments * 2, offsets = deltas + segments * 2;
	int left = ENTRIES_MAX;

	for (size_t s = 0; s < segments && starts + s * 2 < f->n; s++) {
		unsigned end = u16(f, ends + s * 2), start = u16(f, starts + s * 2);
		unsigned delta = u16(f, deltas + s * 2), offset = u16(f, offsets + s * 2);

		for (unsigned c = start; c <= end && c != 0xFFFF && left-- > 0; c++) {
			unsigned g = c;

			if (offset != 0)
				g = u16(f, offsets + s * 2 + offset + (size_t)(c - start) * 2);
			if (offset == 0 || g != 0)
				g = (g + delta) & 0xFFFF;
			if (g != 0)
				fn(arg, c, g);
		}
	}
}

static void read_format12(const struct sfnt *f, size_t at, entry_fn *fn, void *arg)
{
	uint32_t groups = u32(f, at + 12);
	int left = ENTRIES_MAX;

	for (at += 16; groups > 0 && at + 12 <= f->n; groups--, at += 12) {
		uint32_t start = u32(f, at), end = u32(f, at + 4), g = u32(f, at + 8);

		for (uint32_t c = start; c <= end && c <= 0x10FFFF && left-- > 0; c++)
			fn(arg, c, g++);
	}
}

static void read_subtable(const struct sfnt *f, size_t at, entry_fn *fn, void *arg)
{
	unsigned format = u16(f, at), first, n;

	switch (format) {
	case 0:
		for (unsigned c = 0; c < 256; c++)
			if (u8(f, at + 6 + c) != 0)
				fn(arg, c, u8(f, at + 6 + c));
		break;
	case 4: read_format4(f, at, fn, arg); break;
	case 6:
		first = u16(f, at + 6);
		n = u16(f, at + 8);
		for (unsigned i = 0; i < n; i++)
			if (u16(f, at + 10 + (size_t)i * 2) != 0)
				fn(arg, first + i, u16(f, at + 10 + (size_t)i * 2));
		break;
	case 12: read_format12(f, at, fn, arg); break;
	}
}

/* Where the cmap of that platform and encoding starts (encoding -1: any); 0 if there is none. */
static size_t find_cmap(const struct sfnt *f, int platform, int encoding)
{
	size_t size = 0, at = find_table(f, "cmap", &size);
	unsigned n = u16(f, at + 2);

	for (unsigned i = 0; at != 0 && i < n && i < SUBTABLES_MAX; i++) {
		size_t record = at + 4 + (size_t)i * 8, offset = u32(f, record + 4);

		if ((int)u16(f, record) == platform &&
			(encoding < 0 || (int)u16(f, record + 2) == encoding) && offset < size)
			return at + offset;
	}
	return 0;
}

struct glyph_texts {
	struct pdf *pdf;
	struct table *table;
};

static void note_char(void *arg, uint32_t c, uint32_t g)
{
	struct glyph_texts *t = arg;

	if (table_get(t->table, g) == 0)
		table_set(t->pdf->arena, t->table, g, text_make(t->pdf, &c, 1));
}

/* Names of glyphs, 'post' format 2: an index for each glyph, then the strings of those from 258 on.
 */
static void read_post(const struct sfnt *f, struct table *glyphs)
{
	size_t size = 0, at = find_table(f, "post", &size), end = at + size, s;
	unsigned n = u16(f, at + 32), count = 0;
	size_t *names;

	if (at == 0 || u32(f, at) != 0x20000 || size < 34)
		return;
	names = ARENA_ARRAY(f->pdf->arena, n, size_t);
	for (s = at + 34 + (size_t)n * 2; s < end && count < n; s += 1 + (size_t)u8(f, s))
		names[count++] = s;
	for (unsigned g = 0; g < n; g++) {
		unsigned i = u16(f, at + 34 + (size_t)g * 2);
		uint32_t text = 0, cp = encoding_mac_glyph(i);

		if (table_get(glyphs, g) != 0)
			continue;
		if (i < 258 && cp != 0)
			text = text_make(f->pdf, &cp, 1);
		else if (i >= 258 && i - 258 < count && names[i - 258] + 1 + u8(f, names[i - 258]) <= end)
			text = glyph_text(f->pdf, (const char *)f->p + names[i - 258] + 1,
							  u8(f, names[i - 258]), false);
		if (text != 0)
			table_set(f->pdf->arena, glyphs, g, text);
	}
}

void truetype_glyphs(struct pdf *p, const unsigned char *data, size_t n, struct table *glyphs)
{
	struct sfnt f = {p, data, n};
	struct glyph_texts t = {p, glyphs};
	size_t at = find_cmap(&f, 3, 10);

	if (n < 12 || memcmp(data, "ttcf", 4) == 0)
		return;
	if (at == 0)
		at = find_cmap(&f, 3, 1);
	if (at == 0)
		at = find_cmap(&f, 0, -1);
	if (at != 0)
		read_subtable(&f, at, note_char, &t);
	read_post(&f, glyphs);
}

struct code_texts {
	const struct table *glyphs;
	uint32_t *text;
};

static void note_code(void *arg, uint32_t c, uint32_t g)
{
	struct code_texts *t = arg;

	/* Symbol cmaps hold their codes in a private area (9.6.6.4). */
	if (c >= 0xF000 && c <= 0xF0FF)
		c -= 0xF000;
	if (c < 256 && t->text[c] == 0)
		t->text[c] = table_get(t->glyphs, g);
}

void truetype_encoding(struct pdf *p, const unsigned char *data, size_t n, uint32_t text[256])
{
	struct sfnt f = {p, data, n};
	struct table glyphs = {0};
	struct code_texts t = {&glyphs, text};
	size_t symbol = find_cmap(&f, 3, 0), mac = find_cmap(&f, 1, 0);

	truetype_glyphs(p, data, n, &glyphs);
	if (symbol != 0)
		read_subtable(&f, symbol, note_code, &t);
	if (mac != 0)
		read_subtable(&f, mac, note_code, &t);
	/* A Macintosh cmap is an encoding by itself where the glyphs have no names. */
	for (unsigned c = 32; mac != 0 && c < 256; c++) {
		uint32_t cp = encoding_char(ENCODING_MACROMAN, (unsigned char)c);

		if (text[c] == 0 && symbol == 0 && cp != 0)
			text[c] = text_make(p, &cp, 1);
	}
}

size_t opentype_cff(const unsigned char *data, size_t n, const unsigned char **cff)
{
	struct sfnt f = {NULL, data, n};
	size_t size = 0, at;

	if (n < 12 || memcmp(data, "OTTO", 4) != 0)
		return 0;
	at = find_table(&f, "CFF ", &size);
	if (at == 0)
		return 0;
	*cff = data + at;
	return size;
}

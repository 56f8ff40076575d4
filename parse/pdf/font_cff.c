/*
 * See font_program.h. Of a CFF font set the first font is read: its charset (glyph to name) and
 * encoding (code to glyph). Reads beyond the end give zeros, so that every loop ends by its own
 * count.
 */
#include <string.h>

#include "parse/pdf/encoding.h"
#include "parse/pdf/font_program.h"

enum { DICT_CHARSET = 15, DICT_ENCODING = 16, DICT_CHARSTRINGS = 17, DICT_ROS = 1230 };

struct cff {
	struct pdf *pdf;
	const unsigned char *p;
	size_t n;
	size_t strings; /* where the String INDEX starts */
	long charset, encoding, charstrings;
	bool cid_keyed;
	int glyphs;
	uint16_t *sids; /* of each glyph */
};

static unsigned u8(const struct cff *c, size_t at)
{
	return at < c->n ? c->p[at] : 0;
}

static unsigned u16(const struct cff *c, size_t at)
{
	return u8(c, at) << 8 | u8(c, at + 1);
}

/* An INDEX at that place: how many items it has, and where it ends. */
static unsigned index_count(const struct cff *c, size_t at)
{
	return u16(c, at);
}

/* Where item i of the INDEX at that place starts; item count is the end of the last one. */
static size_t index_item(const struct cff *c, size_t at, unsigned i)
{
	unsigned count = u16(c, at), size = u8(c, at + 2);
	size_t offset = 0;

	if (count == 0)
		return at + 2;
	for (unsigned k = 0; k < size && k < 4; k++)
		offset = offset << 8 | u8(c, at + 3 + (size_t)i * size + k);
	return at + 2 + ((size_t)count + 1) * size + offset;
}

static size_t index_end(const struct cff *c, size_t at)
{
	return index_item(c, at, index_count(c, at));
}

/* Reads an integer operand of a DICT at *at; real numbers count as 0. */
static long operand(const struct cff *c, size_t *at)
{
	unsigned b = u8(c, (*at)++);
	long v = 0;

	if (b >= 32 && b <= 246)
		return (long)b - 139;
	if (b >= 247 && b <= 250)
		return ((long)b - 247) * 256 + u8(c, (*at)++) + 108;
	if (b >= 251 && b <= 254)
		return -((long)b - 251) * 256 - u8(c, (*at)++) - 108;
	if (b == 28 || b == 29) {
		for (int i = 0; i < (b == 28 ? 2 : 4); i++)
			v = v << 8 | u8(c, (*at)++);
		return v;
	}
	while (b == 30 && *at < c->n) {
		unsigned r = u8(c, (*at)++);

		if ((r & 15) == 15 || r >> 4 == 15)
			break;
	}
	return 0;
}

static void read_dict(struct cff *c, size_t at, size_t end)
{
	long last = 0;

	while (at < end && at < c->n) {
		unsigned op = c->p[at];

		if (op > 21) {
			last = operand(c, &at);
			continue;
		}
		at++;
		if (op == 12)
			op = 1200 + u8(c, at++);
		if (op == DICT_CHARSET)
			c->charset = last;
		else if (op == DICT_ENCODING)
			c->encoding = last;
		else if (op == DICT_CHARSTRINGS)
			c->charstrings = last;
		else if (op == DICT_ROS)
			c->cid_keyed = true;
	}
}

static void read_charset(struct cff *c)
{
	size_t at = (size_t)c->charset;
	unsigned format = u8(c, at++);
	int glyph = 1;

	c->sids = ARENA_ARRAY(c->pdf->arena, (size_t)c->glyphs, uint16_t);
	if (c->charset >= 0 && c->charset <= 2) {
		/* Predefined: ISOAdobe counts up; the two expert sets are taken likewise from their start.
		 */
		for (; glyph < c->glyphs; glyph++)
			c->sids[glyph] = (uint16_t)(c->charset == 0 ? glyph : 0);
		return;
	}
	while (glyph < c->glyphs && at < c->n) {
		unsigned sid = u16(c, at), more = 0;

		at += 2;
		if (format == 1) {
			more = u8(c, at++);
		} else if (format == 2) {
			more = u16(c, at);
			at += 2;
		}
		for (unsigned k = 0; k <= more && glyph < c->glyphs; k++)
			c->sids[glyph++] = (uint16_t)(sid + k);
	}
}

static bool open_cff(struct cff *c, struct pdf *p, const unsigned char *data, size_t n)
{
	size_t names, dicts;

	*c = (struct cff){.pdf = p, .p = data, .n = n};
	if (n < 8 || data[0] != 1)
		return false;
	names = data[2];
	dicts = index_end(c, names);
	read_dict(c, index_item(c, dicts, 0), index_item(c, dicts, 1));
	c->strings = index_end(c, dicts);
	if (c->charstrings <= 0 || (size_t)c->charstrings >= n || c->cid_keyed)
		return false;
	c->glyphs = (int)index_count(c, (size_t)c->charstrings);
	read_charset(c);
	return true;
}

static uint32_t text_of_sid(struct cff *c, unsigned sid)
{
	uint32_t cp = encoding_cff_string(sid);
	size_t from, to;

	if (sid < 391)
		return cp == 0 ? 0 : text_make(c->pdf, &cp, 1);
	if (sid - 391 >= index_count(c, c->strings))
		return 0;
	from = index_item(c, c->strings, sid - 391);
	to = index_item(c, c->strings, sid - 390);
	if (from >= to || to > c->n)
		return 0;
	return glyph_text(c->pdf, (const char *)c->p + from, to - from, false);
}

static void set(struct cff *c, unsigned code, int glyph, uint32_t text[256])
{
	if (code < 256 && text[code] == 0 && glyph < c->glyphs)
		text[code] = text_of_sid(c, c->sids[glyph]);
}

static void read_encoding(struct cff *c, uint32_t text[256])
{
	size_t at = (size_t)c->encoding;
	unsigned format = u8(c, at), n = u8(c, at + 1);
	int glyph = 1;

	at += 2;
	for (unsigned i = 0; i < n; i++) {
		unsigned first = u8(c, at++), more = (format & 0x7F) == 1 ? u8(c, at++) : 0;

		for (unsigned k = 0; k <= more; k++)
			set(c, first + k, glyph++, text);
	}
	if ((format & 0x80) == 0)
		return;
	n = u8(c, at++);
	for (unsigned i = 0; i < n; i++, at += 3)
		if (text[u8(c, at)] == 0)
			text[u8(c, at)] = text_of_sid(c, u16(c, at + 1));
}

void cff_encoding(struct pdf *p, const unsigned char *data, size_t n, uint32_t text[256])
{
	struct cff c;

	/* 0 and 1 are the Standard and Expert encodings, which the caller falls back on. */
	if (open_cff(&c, p, data, n) && c.encoding > 1)
		read_encoding(&c, text);
}

void cff_glyphs(struct pdf *p, const unsigned char *data, size_t n, struct table *glyphs)
{
	struct cff c;

	if (!open_cff(&c, p, data, n))
		return;
	for (int i = 1; i < c.glyphs; i++)
		if (table_get(glyphs, (uint32_t)i) == 0)
			table_set(p->arena, glyphs, (uint32_t)i, text_of_sid(&c, c.sids[i]));
}

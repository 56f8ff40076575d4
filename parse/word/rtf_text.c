/*
 * The characters of RTF: bytes in the code page of their font, Unicode with a plain form behind it
 * for old readers; and where they go: text, field codes, or the tables of fonts, colours and
 * styles.
 */
#include "parse/word/rtf.h"

#include <string.h>

#include "base/text.h"
#include "parse/word/codepage.h"
#include "parse/word/symbol.h"

enum { SYMBOL_CHARSET = 2 };

static void name_add(struct rtf *r, uint32_t c)
{
	char bytes[4];
	size_t n = utf8_encode(c, bytes);

	if (r->nname + n >= RTF_NAME_MAX)
		return;
	memcpy(r->name + r->nname, bytes, n);
	r->nname += n;
}

static void end_font(struct rtf *r)
{
	struct rtf_group *g = rtf_top(r);

	if (g->font >= 0 && g->font < RTF_TABLE_MAX && symbol_font(r->name, r->nname))
		r->fonts[g->font].symbol = true;
	r->nname = 0;
}

static void end_style(struct rtf *r)
{
	int style = rtf_top(r)->style;

	if (style >= 0 && style < RTF_TABLE_MAX)
		r->headings[style] = (unsigned char)heading_by_name(r->name, r->nname);
	r->nname = 0;
}

static void end_color(struct rtf *r)
{
	struct chp probe = {0};

	if (r->ncolors < RTF_TABLE_MAX) {
		chp_color(&probe, r->rgb);
		r->white[r->ncolors++] = (probe.on & STYLE_WHITE) != 0;
	}
	r->rgb = 0;
}

static void add_text(struct rtf *r, uint32_t c)
{
	struct rtf_group *g = rtf_top(r);
	char bytes[4];

	if (fields_in_code(&r->fields)) {
		if (g->dest == DEST_CODE)
			fields_add_code(&r->fields, bytes, utf8_encode(c, bytes));
		return;
	}
	if (!g->deleted) {
		struct style s =
			chp_style(&g->chp, g->pap.shaded > 0 || g->in_table, fields_link(&r->fields));

		writer_char(&r->writer, c, &s);
	}
}

/* One character, wherever it belongs. */
void rtf_add_char(struct rtf *r, uint32_t c)
{
	switch (rtf_top(r)->dest) {
	case DEST_SKIP: return;
	case DEST_TEXT:
	case DEST_CODE: add_text(r, c); return;
	case DEST_TITLE:
	case DEST_AUTHOR: name_add(r, c); return;
	case DEST_FONTS:
		if (c == ';')
			end_font(r);
		else
			name_add(r, c);
		return;
	case DEST_STYLES:
		if (c == ';')
			end_style(r);
		else
			name_add(r, c);
		return;
	case DEST_COLORS:
		if (c == ';')
			end_color(r);
		return;
	}
}

/* One byte of text in the code page of its font. */
void rtf_add_byte(struct rtf *r, unsigned char byte)
{
	struct rtf_group *g = rtf_top(r);
	unsigned char pair[2] = {r->lead, byte};
	uint32_t c;

	if (r->to_skip > 0) {
		r->to_skip--;
		return;
	}
	r->high = 0;
	if (g->chp.on & TEXT_SYMBOL) {
		rtf_add_char(r, byte);
	} else if (r->lead != 0) {
		r->lead = 0;
		codepage_decode(g->page, pair, 2, &c);
		rtf_add_char(r, c);
	} else if (byte >= 0x80 && g->page != CODEPAGE_UTF8 && codepage_multibyte(g->page)) {
		r->lead = byte;
	} else {
		codepage_decode(g->page, &byte, 1, &c);
		rtf_add_char(r, c);
	}
}

void rtf_add_unicode(struct rtf *r, int value)
{
	uint32_t c = (uint32_t)(value < 0 ? value + 0x10000 : value);

	r->lead = 0;
	r->to_skip = rtf_top(r)->uc;
	if (c >= 0xD800 && c < 0xDC00) {
		r->high = c;
		return;
	}
	if (c >= 0xDC00 && c < 0xE000 && r->high != 0)
		c = 0x10000 + ((r->high & 0x3FF) << 10) + (c & 0x3FF);
	r->high = 0;
	rtf_add_char(r, c);
}

void rtf_set_font(struct rtf *r, int font)
{
	struct rtf_group *g = rtf_top(r);
	bool known = font >= 0 && font < RTF_TABLE_MAX;

	g->font = font;
	if (g->dest == DEST_FONTS)
		return;
	g->page = known && r->fonts[font].page != 0 ? r->fonts[font].page : r->page;
	chp_flag(&g->chp, TEXT_SYMBOL, known && r->fonts[font].symbol);
}

void rtf_set_charset(struct rtf *r, int charset)
{
	struct rtf_group *g = rtf_top(r);

	if (g->dest != DEST_FONTS || g->font < 0 || g->font >= RTF_TABLE_MAX)
		return;
	r->fonts[g->font].symbol = charset == SYMBOL_CHARSET;
	r->fonts[g->font].page = codepage_known(codepage_of_charset(charset));
	if (codepage_of_charset(charset) == 0)
		r->fonts[g->font].page = 0;
}

/*
 * The formatting of a Word document (MS-DOC 2.4.6): styles from the STSH; paragraphs and characters
 * from pages of 512 bytes (FKPs) that say from which byte of the file to which a list of property
 * changes (sprms) holds. Lists are looked up by binary search, the last answer is kept.
 */
#include <string.h>

#include "base/text.h"
#include "parse/word/msdoc.h"
#include "parse/word/symbol.h"

enum {
	PAIR_STYLES = 1,
	PAIR_CHPX = 12,
	PAIR_PAPX = 13,
	PAIR_FONTS = 15,
	PAGE = 512,
	STYLES_MAX = 4096,
	FONTS_MAX = 4096,
	BASED_ON_MAX = 20,
	NO_STYLE = 0xFFF,
	STI_TITLE = 62,
	SYMBOL_CHARSET = 2,
	DEFAULT_SIZE = 10,
};

enum sprm {
	SPRM_C_DELETED = 0x0800,
	SPRM_C_BOLD = 0x0835,
	SPRM_C_ITALIC = 0x0836,
	SPRM_C_HIDDEN = 0x083C,
	SPRM_C_SPECIAL = 0x0855,
	SPRM_C_HIGHLIGHT = 0x2A0C,
	SPRM_C_PLAIN = 0x2A33,
	SPRM_C_UNDERLINE = 0x2A3E,
	SPRM_C_COLOR_INDEX = 0x2A42,
	SPRM_C_STYLE = 0x4A30,
	SPRM_C_SIZE = 0x4A43,
	SPRM_C_SHADE_80 = 0x4866,
	SPRM_C_FONT = 0x4A4F,
	SPRM_C_COLOR = 0x6870,
	SPRM_C_SYMBOL = 0x6A09,
	SPRM_C_SHADE = 0xCA71,
	SPRM_P_IN_TABLE = 0x2416,
	SPRM_P_ROW_END = 0x2417,
	SPRM_P_INNER_CELL = 0x244B,
	SPRM_P_INNER_ROW_END = 0x244C,
	SPRM_P_LEVEL = 0x260A,
	SPRM_P_OUTLINE = 0x2640,
	SPRM_P_LIST = 0x460B,
	SPRM_P_LEFT_80 = 0x840F,
	SPRM_P_LEFT = 0x845E,
	SPRM_P_SHADE_80 = 0x442D,
	SPRM_P_SHADE = 0xC64D,
	SPRM_P_DEPTH = 0x6649,
	SPRM_P_HUGE = 0x6646,
	SPRM_P_HUGE_97 = 0x6645,
	SPRM_T_DEFINITION = 0xD608,
	SPRM_P_TABS = 0xC615,
};

enum { COLOR_INDEX_WHITE = 8, TOGGLE_AS_STYLE = 0x80, TOGGLE_UNLIKE_STYLE = 0x81 };

/* Takes the next sprm off the list; false at its end. */
static bool next_sprm(struct bytes *list, unsigned *sprm, struct bytes *operand)
{
	static const unsigned char sizes[8] = {1, 1, 2, 4, 2, 2, 0, 3};
	size_t n, head = 2;

	if (list->n < 3)
		return false;
	*sprm = bytes_u16(*list, 0);
	n = sizes[*sprm >> 13];
	if (*sprm == SPRM_T_DEFINITION) {
		head = 4;
		n = bytes_u16(*list, 2);
		n = n > 0 ? n - 1 : 0;
	} else if (n == 0) {
		head = 3;
		n = bytes_u8(*list, 2);
		/* 255 tabs or more have a length that must be summed up; nothing follows them in practice.
		 */
		if (*sprm == SPRM_P_TABS && n == 255)
			return false;
	}
	*operand = bytes_part(*list, head, n);
	if (operand->n < n)
		return false;
	*list = bytes_part(*list, head + n, list->n);
	return true;
}

static void toggle(struct chp *c, const struct chp *style, unsigned flag, unsigned value)
{
	bool in_style = (style->on & flag) != 0;

	if (value == TOGGLE_AS_STYLE)
		chp_flag(c, flag, in_style);
	else if (value == TOGGLE_UNLIKE_STYLE)
		chp_flag(c, flag, !in_style);
	else
		chp_flag(c, flag, value != 0);
}

/* Shd80 (2.9.245): indices of colours and a pattern. */
static int shade_80(unsigned v)
{
	unsigned back = v >> 5 & 0x1F, pattern = v >> 10;

	return v != 0xFFFF && ((back != 0 && back != COLOR_INDEX_WHITE) || pattern != 0) ? 1 : -1;
}

/* Shd (2.9.244): two COLORREFs and a pattern. */
static int shade(struct bytes v)
{
	uint32_t back = bytes_u32(v, 4);

	return (back >> 24 != 0xFF && (back & 0xFFFFFF) != 0xFFFFFF) || bytes_u16(v, 8) != 0 ? 1 : -1;
}

static void color(struct chp *c, uint32_t v)
{
	if (v >> 24 == 0xFF)
		chp_flag(c, STYLE_WHITE, false);
	else
		chp_color(c, (v & 0xFF) << 16 | (v & 0xFF00) | (v >> 16 & 0xFF));
}

static void apply_style(struct msdoc *m, unsigned i, struct chp *chp);

static void apply_character(struct msdoc *m, unsigned sprm, struct bytes v, const struct chp *style,
							struct chp *c, struct extra *x)
{
	unsigned value = bytes_u8(v, 0), word = bytes_u16(v, 0);

	switch (sprm) {
	case SPRM_C_DELETED: x->deleted = value != 0; break;
	case SPRM_C_SPECIAL: x->special = value != 0; break;
	case SPRM_C_SYMBOL:
		x->symbol = bytes_u16(v, 2);
		x->special = true;
		break;
	case SPRM_C_BOLD: toggle(c, style, TEXT_BOLD, value); break;
	case SPRM_C_ITALIC: toggle(c, style, TEXT_ITALIC, value); break;
	case SPRM_C_HIDDEN: toggle(c, style, TEXT_HIDDEN, value); break;
	case SPRM_C_UNDERLINE: chp_flag(c, TEXT_UNDERLINE, value != 0); break;
	case SPRM_C_HIGHLIGHT: c->shaded = value != 0 ? 1 : -1; break;
	case SPRM_C_PLAIN: *c = *style; break;
	case SPRM_C_COLOR_INDEX: chp_flag(c, STYLE_WHITE, value == COLOR_INDEX_WHITE); break;
	case SPRM_C_COLOR: color(c, bytes_u32(v, 0)); break;
	case SPRM_C_SIZE: chp_half_points(c, (int)word); break;
	case SPRM_C_SHADE_80: c->shaded = shade_80(word); break;
	case SPRM_C_SHADE: c->shaded = shade(v); break;
	case SPRM_C_FONT: chp_flag(c, TEXT_SYMBOL, word < m->nfonts && m->symbol_fonts[word]); break;
	case SPRM_C_STYLE: apply_style(m, word, c); break;
	}
}

static void apply_characters(struct msdoc *m, struct bytes list, const struct chp *style,
							 struct chp *c, struct extra *x)
{
	struct bytes v;
	unsigned sprm;

	while (next_sprm(&list, &sprm, &v))
		apply_character(m, sprm, v, style, c, x);
}

static void apply_paragraph(unsigned sprm, struct bytes v, struct msdoc_para *p)
{
	unsigned value = bytes_u8(v, 0), word = bytes_u16(v, 0);

	switch (sprm) {
	case SPRM_P_IN_TABLE: p->in_table = value != 0; break;
	case SPRM_P_ROW_END: p->row_end = value != 0; break;
	case SPRM_P_INNER_CELL: p->inner_cell = value != 0; break;
	case SPRM_P_INNER_ROW_END: p->inner_row_end = value != 0; break;
	case SPRM_P_DEPTH: p->depth = (int)value; break;
	case SPRM_P_LEVEL: p->pap.level = value <= 8 ? (int)value + 1 : 1; break;
	case SPRM_P_OUTLINE: p->pap.heading = value <= 8 ? (int)value + 1 : -1; break;
	case SPRM_P_LIST: p->pap.list = word > 0 && word <= 0x7FF ? 1 : -1; break;
	case SPRM_P_LEFT_80:
	case SPRM_P_LEFT:
		if (word < 0x7FFF)
			p->pap.indent = (int)word + 1;
		break;
	case SPRM_P_SHADE_80: p->pap.shaded = shade_80(word); break;
	case SPRM_P_SHADE: p->pap.shaded = shade(v); break;
	}
}

static void apply_paragraphs(struct msdoc *m, struct bytes list, struct msdoc_para *p)
{
	struct bytes v;
	unsigned sprm;
	bool huge = false;

	while (next_sprm(&list, &sprm, &v)) {
		if ((sprm == SPRM_P_HUGE || sprm == SPRM_P_HUGE_97) && !huge) {
			/* The list goes on in the data stream, in place of what follows here. */
			uint32_t at = bytes_u32(v, 0);

			huge = true;
			if (m->data.p == NULL)
				m->data = ole_stream(m->ole, "Data");
			list = bytes_part(m->data, (size_t)at + 2, bytes_u16(m->data, at));
			continue;
		}
		apply_paragraph(sprm, v, p);
	}
}

static void read_style(struct msdoc *m, struct bytes std, unsigned base_size, struct msdoc_style *s)
{
	unsigned kind = bytes_u16(std, 2) & 0xF, sti = bytes_u16(std, 0) & 0xFFF;
	unsigned nupx = bytes_u16(std, 4) & 0xF, cch = bytes_u16(std, base_size);
	size_t at = base_size + 2 + ((size_t)cch + 1) * 2;
	char name[256];
	size_t n = 0;

	s->known = true;
	s->paragraph = kind == 1;
	s->base = bytes_u16(std, 2) >> 4;
	for (unsigned i = 0; i < cch && n + 4 < sizeof name; i++)
		n += utf8_encode(bytes_u16(std, base_size + 2 + (size_t)i * 2), name + n);
	s->heading = sti >= 1 && sti <= 9 ? (int)sti : sti == STI_TITLE ? 1 : heading_by_name(name, n);
	for (unsigned i = 0; i < nupx && i < 2; i++) {
		struct bytes upx = bytes_part(std, at + 2, bytes_u16(std, at));

		if (kind == 1 && i == 0)
			s->papx = bytes_part(upx, 2, upx.n);
		else if ((kind == 1 && i == 1) || (kind == 2 && i == 0))
			s->chpx = upx;
		at += 2 + (size_t)bytes_u16(std, at);
		at += at & 1;
	}
	(void)m;
}

static void read_styles(struct msdoc *m)
{
	struct bytes stsh = msdoc_table_part(m, PAIR_STYLES);
	size_t at = 2 + (size_t)bytes_u16(stsh, 0);
	unsigned n = bytes_u16(stsh, 2), base_size = bytes_u16(stsh, 4);

	if (n > STYLES_MAX)
		n = STYLES_MAX;
	m->styles = ARENA_ARRAY(m->doc->arena, (size_t)n + 1, struct msdoc_style);
	for (unsigned i = 0; i < n && at + 2 <= stsh.n; i++) {
		struct bytes std = bytes_part(stsh, at + 2, bytes_u16(stsh, at));

		if (std.n > base_size)
			read_style(m, std, base_size, &m->styles[i]);
		at += 2 + (size_t)bytes_u16(stsh, at);
	}
	m->nstyles = n;
}

static void read_fonts(struct msdoc *m)
{
	struct bytes list = msdoc_table_part(m, PAIR_FONTS);
	unsigned n = bytes_u16(list, 0);
	size_t at = 4;

	if (n > FONTS_MAX)
		n = FONTS_MAX;
	m->symbol_fonts = ARENA_ARRAY(m->doc->arena, (size_t)n + 1, bool);
	for (unsigned i = 0; i < n && at < list.n; i++) {
		struct bytes font = bytes_part(list, at + 1, bytes_u8(list, at));
		char name[64];
		size_t k = 0;

		while (k < sizeof name && bytes_u16(font, 39 + k * 2) != 0) {
			name[k] = (char)bytes_u8(font, 39 + k * 2);
			k++;
		}
		m->symbol_fonts[i] = bytes_u8(font, 3) == SYMBOL_CHARSET || symbol_font(name, k);
		at += 1 + (size_t)bytes_u8(list, at);
	}
	m->nfonts = n;
}

void msdoc_format_read(struct msdoc *m)
{
	m->chpx_plc = msdoc_table_part(m, PAIR_CHPX);
	m->papx_plc = msdoc_table_part(m, PAIR_PAPX);
	read_fonts(m);
	read_styles(m);
}

/* A style with all it is based on; paragraph styles begin from the defaults. */
static const struct msdoc_style *style_of(struct msdoc *m, unsigned i)
{
	unsigned chain[BASED_ON_MAX], n = 0;
	struct msdoc_para para = {0};
	struct chp chp = {0};
	struct extra extra;

	if (i >= m->nstyles || !m->styles[i].known)
		return NULL;
	if (m->styles[i].resolved)
		return &m->styles[i];
	/* Set beforehand: a character style named within a style must not come round to it. */
	m->styles[i].resolved = true;
	if (m->styles[i].paragraph)
		chp.size = DEFAULT_SIZE;
	for (unsigned at = i; n < BASED_ON_MAX && at < m->nstyles && m->styles[at].known;
		 at = m->styles[at].base)
		chain[n++] = at;
	while (n-- > 0) {
		const struct msdoc_style *s = &m->styles[chain[n]];
		struct chp base = chp;

		if (s->heading > 0)
			para.pap.heading = s->heading;
		apply_paragraphs(m, s->papx, &para);
		apply_characters(m, s->chpx, &base, &chp, &extra);
	}
	m->styles[i].pap = para.pap;
	m->styles[i].chp = chp;
	return &m->styles[i];
}

static void apply_style(struct msdoc *m, unsigned i, struct chp *chp)
{
	const struct msdoc_style *s = style_of(m, i);

	if (s != NULL && !s->paragraph)
		chp_apply(chp, &s->chp);
}

/* Finds in a PLC of n + 1 FCs and n page numbers the page for fc. */
static struct bytes find_page(const struct msdoc *m, struct bytes plc, uint32_t fc)
{
	size_t n = plc.n < 12 ? 0 : (plc.n - 4) / 8, low = 0, high = n;

	if (n == 0)
		return bytes_part(m->word, 0, 0);
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (bytes_u32(plc, mid * 4) <= fc)
			low = mid;
		else
			high = mid;
	}
	return bytes_part(m->word, (size_t)(bytes_u32(plc, (n + 1 + low) * 4) & 0x3FFFFF) * PAGE, PAGE);
}

/* Finds the entry of a page for fc; each has `size` bytes of its own after the FCs. */
static bool find_entry(struct bytes page, uint32_t fc, size_t size, struct msdoc_run *run,
					   size_t *entry)
{
	size_t n = bytes_u8(page, PAGE - 1);

	if (page.n < PAGE || (n + 1) * 4 + n * size > PAGE - 1)
		return false;
	for (size_t i = 0; i < n; i++) {
		uint32_t from = bytes_u32(page, i * 4), to = bytes_u32(page, i * 4 + 4);

		if (fc < from || fc >= to)
			continue;
		run->from = from;
		run->to = to;
		*entry = (n + 1) * 4 + i * size;
		return true;
	}
	return false;
}

static const struct msdoc_run *paragraph_run(struct msdoc *m, uint32_t fc)
{
	struct msdoc_run *run = &m->papx_run;
	struct bytes page;
	size_t entry, at, n;

	if (fc >= run->from && fc < run->to)
		return run;
	*run = (struct msdoc_run){.from = fc, .to = fc + 1, .grpprl = bytes_part(m->word, 0, 0)};
	page = find_page(m, m->papx_plc, fc);
	if (!find_entry(page, fc, 13, run, &entry))
		return run;
	at = (size_t)bytes_u8(page, entry) * 2;
	if (at == 0)
		return run;
	/* A length of zero words is followed by the length in other units (2.9.180). */
	n = (size_t)bytes_u8(page, at) * 2;
	at++;
	if (n > 0)
		n--;
	else
		n = (size_t)bytes_u8(page, at++) * 2;
	run->style = bytes_u16(page, at);
	run->grpprl = bytes_part(page, at + 2, n > 2 ? n - 2 : 0);
	return run;
}

static const struct msdoc_run *character_run(struct msdoc *m, uint32_t fc)
{
	struct msdoc_run *run = &m->chpx_run;
	struct bytes page;
	size_t entry, at;

	if (fc >= run->from && fc < run->to)
		return run;
	*run = (struct msdoc_run){.from = fc, .to = fc + 1, .grpprl = bytes_part(m->word, 0, 0)};
	page = find_page(m, m->chpx_plc, fc);
	if (!find_entry(page, fc, 1, run, &entry))
		return run;
	at = (size_t)bytes_u8(page, entry) * 2;
	if (at > 0)
		run->grpprl = bytes_part(page, at + 1, bytes_u8(page, at));
	return run;
}

static uint32_t fc_of(const struct piece *p, uint32_t cp)
{
	return p->fc + (cp - p->cp) * (p->wide ? 2 : 1);
}

void msdoc_paragraph(struct msdoc *m, uint32_t cp, struct msdoc_para *out)
{
	const struct piece *piece = msdoc_piece(m, cp);
	const struct msdoc_run *run = paragraph_run(m, fc_of(piece, cp));
	const struct msdoc_style *style = style_of(m, run->style);

	*out = (struct msdoc_para){.chp = {.size = DEFAULT_SIZE}};
	if (style != NULL && style->paragraph) {
		out->pap = style->pap;
		out->chp = style->chp;
	}
	apply_paragraphs(m, run->grpprl, out);
	apply_paragraphs(m, piece->prm, out);
	if (out->in_table && out->depth == 0)
		out->depth = 1;
	if (!out->in_table)
		out->depth = 0;
}

void msdoc_characters(struct msdoc *m, uint32_t cp, const struct msdoc_para *para, struct chp *chp,
					  struct extra *extra, uint32_t *end)
{
	const struct piece *piece = msdoc_piece(m, cp);
	uint32_t fc = fc_of(piece, cp), left = piece->n - (cp - piece->cp), run_left;
	const struct msdoc_run *run = character_run(m, fc);

	*chp = para->chp;
	*extra = (struct extra){0};
	apply_characters(m, run->grpprl, &para->chp, chp, extra);
	apply_characters(m, piece->prm, &para->chp, chp, extra);
	run_left = (run->to - fc) / (piece->wide ? 2 : 1);
	if (run_left == 0)
		run_left = 1;
	*end = cp + (run_left < left ? run_left : left);
}

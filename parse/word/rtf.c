/*
 * RTF 1.9, as word processors write it, also under the name .doc. One pass over the bytes: groups
 * save and restore the formatting; destinations that hold no text are skipped; fonts, colours and
 * styles are noted from their tables at the beginning. Headers may stand anywhere, so lines are put
 * in order at the end.
 */
#include "parse/word/rtf.h"

#include <string.h>

#include "base/text.h"
#include "parse/word/codepage.h"
#include "parse/word/rtf_words.h"
#include "parse/word/word.h"

enum {
	WORD_MAX = 32, /* letters of a control word */
	DEFAULT_SIZE = 12,
};

static struct place place_of(struct rtf *r)
{
	struct rtf_group *g = rtf_top(r);
	struct place p = {.region = g->region};

	pap_place(&g->pap, &p);
	grid_place(&r->grid, &p);
	return p;
}

/* Opens or closes tables as the paragraph says; inside boxes and headers tables are not followed.
 */
static void set_depth(struct rtf *r)
{
	struct rtf_group *g = rtf_top(r);

	if (g->region == REGION_BODY)
		grid_set_depth(&r->grid, g->depth > 0 ? g->depth : g->in_table ? 1 : 0);
}

static void end_paragraph(struct rtf *r)
{
	struct place p;

	set_depth(r);
	p = place_of(r);
	writer_end(&r->writer, &p);
}

/* Makes the group under way one that is not text, or ends something. */
static void begin(struct rtf *r, enum rtf_destination dest, enum rtf_closing closing)
{
	rtf_top(r)->dest = dest;
	rtf_top(r)->closing = closing;
	r->nname = 0;
}

static void begin_header(struct rtf *r, enum region region)
{
	struct rtf_group *g = rtf_top(r);

	/* A header inside a header, or anything in a destination that is skipped, is damage. */
	if (g->dest != DEST_TEXT || g->region != REGION_BODY || g->closing != CLOSE_NOTHING)
		return;
	end_paragraph(r);
	grid_set_depth(&r->grid, 0);
	begin(r, DEST_TEXT, CLOSE_HEADER);
	g->region = region;
	r->header_from = r->doc->nlines;
}

static void begin_box(struct rtf *r, enum region region)
{
	struct rtf_group *g = rtf_top(r);

	if (g->dest != DEST_TEXT || g->closing != CLOSE_NOTHING)
		return;
	begin(r, DEST_TEXT, CLOSE_BOX);
	g->region = region;
	writer_box_begin(&r->writer);
	if (region == REGION_TEXTBOX)
		writer_backdrop(&r->writer);
}

static void begin_field(struct rtf *r)
{
	if (rtf_top(r)->dest != DEST_TEXT || rtf_top(r)->closing != CLOSE_NOTHING)
		return;
	rtf_top(r)->closing = CLOSE_FIELD;
	fields_begin(&r->fields);
}

static void reset_paragraph(struct rtf_group *g)
{
	g->pap = (struct pap){0};
	g->in_table = false;
	g->depth = 0;
}

static void reset_characters(struct rtf *r)
{
	struct rtf_group *g = rtf_top(r);

	g->chp = (struct chp){.size = DEFAULT_SIZE};
	g->deleted = false;
	rtf_set_font(r, r->default_font);
}

static void end_cell(struct rtf *r, bool nested)
{
	struct rtf_group *g = rtf_top(r);

	if (g->dest != DEST_TEXT)
		return;
	g->in_table = true;
	if (nested && g->depth < 2)
		g->depth = 2;
	if (!nested && g->depth > 1)
		g->depth = 1;
	end_paragraph(r);
	if (g->region == REGION_BODY)
		grid_next_cell(&r->grid);
}

static void end_row(struct rtf *r, bool nested)
{
	struct rtf_group *g = rtf_top(r);

	if (g->dest == DEST_TEXT && g->region == REGION_BODY && r->grid.depth >= (nested ? 2 : 1))
		grid_next_row(&r->grid);
}

static void add_break(struct rtf *r)
{
	struct place p;

	if (rtf_top(r)->dest != DEST_TEXT || fields_in_code(&r->fields))
		return;
	set_depth(r);
	p = place_of(r);
	writer_break(&r->writer, &p);
}

static void skip_bytes(struct rtf *r, int n)
{
	size_t left = (size_t)(r->end - r->p);

	r->p += n < 0 ? 0 : (size_t)n < left ? (size_t)n : left;
}

/* Words that begin a destination. True if word is one. */
static bool destination(struct rtf *r, enum rtf_word word)
{
	switch ((int)word) {
	case RTF_fonttbl: begin(r, DEST_FONTS, CLOSE_NOTHING); return true;
	case RTF_colortbl: begin(r, DEST_COLORS, CLOSE_NOTHING); return true;
	case RTF_stylesheet: begin(r, DEST_STYLES, CLOSE_NOTHING); return true;
	case RTF_info: begin(r, DEST_SKIP, CLOSE_NOTHING); return true;
	case RTF_title: begin(r, DEST_TITLE, CLOSE_NOTHING); return true;
	case RTF_author: begin(r, DEST_AUTHOR, CLOSE_NOTHING); return true;
	case RTF_header:
	case RTF_headerf:
	case RTF_headerl:
	case RTF_headerr: begin_header(r, REGION_HEADER); return true;
	case RTF_footer:
	case RTF_footerf:
	case RTF_footerl:
	case RTF_footerr: begin_header(r, REGION_FOOTER); return true;
	case RTF_footnote:
	case RTF_endnote: begin_box(r, REGION_NOTE); return true;
	case RTF_shptxt: begin_box(r, REGION_TEXTBOX); return true;
	case RTF_field: begin_field(r); return true;
	case RTF_fldinst:
		if (rtf_top(r)->dest == DEST_TEXT)
			begin(r, DEST_CODE, CLOSE_NOTHING);
		return true;
	case RTF_fldrslt: fields_result(&r->fields, &r->writer); return true;
	case RTF_listtext:
	case RTF_pntext:
	case RTF_pn:
		/* The bullet stands in a group of its own; what belongs to the list is around it. */
		if (r->ngroups > 1 && rtf_top(r)->dest == DEST_TEXT)
			r->groups[r->ngroups - 2].pap.list = 1;
		begin(r, DEST_SKIP, CLOSE_NOTHING);
		return true;
	case RTF_pict:
	case RTF_nonshppict:
	case RTF_shprslt:
	case RTF_sp:
	case RTF_annotation:
	case RTF_atnauthor:
	case RTF_atnid:
	case RTF_objdata:
	case RTF_nonesttables:
	case RTF_xe:
	case RTF_tc: begin(r, DEST_SKIP, CLOSE_NOTHING); return true;
	case RTF_upr:
	case RTF_ud:
	case RTF_shp:
	case RTF_shpinst:
	case RTF_do:
	case RTF_nesttableprops: return true;
	}
	return false;
}

/* Words that stand for a character or an end. True if word is one. */
static bool character(struct rtf *r, enum rtf_word word, int value)
{
	switch ((int)word) {
	case RTF_par:
	case RTF_sect:
	case RTF_page:
		if (rtf_top(r)->dest == DEST_TEXT && !fields_in_code(&r->fields))
			end_paragraph(r);
		return true;
	case RTF_line:
	case RTF_column: add_break(r); return true;
	case RTF_cell: end_cell(r, false); return true;
	case RTF_nestcell: end_cell(r, true); return true;
	case RTF_row: end_row(r, false); return true;
	case RTF_nestrow: end_row(r, true); return true;
	case RTF_tab: rtf_add_char(r, '\t'); return true;
	case RTF_emdash: rtf_add_char(r, 0x2014); return true;
	case RTF_endash: rtf_add_char(r, 0x2013); return true;
	case RTF_bullet: rtf_add_char(r, 0x2022); return true;
	case RTF_lquote: rtf_add_char(r, 0x2018); return true;
	case RTF_rquote: rtf_add_char(r, 0x2019); return true;
	case RTF_ldblquote: rtf_add_char(r, 0x201C); return true;
	case RTF_rdblquote: rtf_add_char(r, 0x201D); return true;
	case RTF_emspace:
	case RTF_enspace: rtf_add_char(r, ' '); return true;
	case RTF_u: rtf_add_unicode(r, value); return true;
	case RTF_bin: skip_bytes(r, value); return true;
	}
	return false;
}

/* Words of character formatting. True if word is one. */
static bool format_characters(struct rtf *r, enum rtf_word word, int value, bool on)
{
	struct rtf_group *g = rtf_top(r);

	switch ((int)word) {
	case RTF_b: chp_flag(&g->chp, TEXT_BOLD, on); return true;
	case RTF_i: chp_flag(&g->chp, TEXT_ITALIC, on); return true;
	case RTF_ul: chp_flag(&g->chp, TEXT_UNDERLINE, on); return true;
	case RTF_ulnone: chp_flag(&g->chp, TEXT_UNDERLINE, false); return true;
	case RTF_v: chp_flag(&g->chp, TEXT_HIDDEN, on); return true;
	case RTF_deleted: g->deleted = on; return true;
	case RTF_fs: chp_half_points(&g->chp, value); return true;
	case RTF_f: rtf_set_font(r, value); return true;
	case RTF_cf:
		chp_flag(&g->chp, STYLE_WHITE, value > 0 && value < r->ncolors && r->white[value]);
		return true;
	case RTF_cb:
	case RTF_chcbpat:
	case RTF_highlight: g->chp.shaded = value > 0 ? 1 : -1; return true;
	case RTF_plain: reset_characters(r); return true;
	}
	return false;
}

static void format(struct rtf *r, enum rtf_word word, int value)
{
	struct rtf_group *g = rtf_top(r);

	switch ((int)word) {
	case RTF_pard: reset_paragraph(g); break;
	case RTF_intbl: g->in_table = true; break;
	case RTF_itap: g->depth = value; break;
	case RTF_li: g->pap.indent = value > 0 && value < 32000 ? value + 1 : 0; break;
	case RTF_ls: g->pap.list = value > 0 ? 1 : -1; break;
	case RTF_ilvl: g->pap.level = value >= 0 && value <= 8 ? value + 1 : 1; break;
	case RTF_outlinelevel: g->pap.heading = value >= 0 && value <= 8 ? value + 1 : -1; break;
	case RTF_cbpat: g->pap.shaded = value > 0 ? 1 : -1; break;
	case RTF_s:
		g->style = value;
		if (g->dest == DEST_TEXT && value >= 0 && value < RTF_TABLE_MAX && r->headings[value] > 0)
			g->pap.heading = r->headings[value];
		break;
	case RTF_uc: g->uc = value >= 0 && value <= 16 ? value : 1; break;
	case RTF_ansicpg: r->page = g->page = codepage_known(value); break;
	case RTF_mac: r->page = g->page = CODEPAGE_MAC; break;
	case RTF_pc: r->page = g->page = 437; break;
	case RTF_pca: r->page = g->page = 850; break;
	case RTF_deff: r->default_font = value; break;
	case RTF_fcharset: rtf_set_charset(r, value); break;
	case RTF_cpg:
		if (g->dest == DEST_FONTS && g->font >= 0 && g->font < RTF_TABLE_MAX)
			r->fonts[g->font].page = codepage_known(value);
		break;
	case RTF_red: r->rgb = (r->rgb & 0x00FFFF) | ((unsigned)value & 0xFF) << 16; break;
	case RTF_green: r->rgb = (r->rgb & 0xFF00FF) | ((unsigned)value & 0xFF) << 8; break;
	case RTF_blue: r->rgb = (r->rgb & 0xFFFF00) | ((unsigned)value & 0xFF); break;
	}
}

/* True for words that may be the plain form of a \u before them. */
static bool stands_for_character(enum rtf_word word)
{
	switch ((int)word) {
	case RTF_tab:
	case RTF_emdash:
	case RTF_endash:
	case RTF_bullet:
	case RTF_lquote:
	case RTF_rquote:
	case RTF_ldblquote:
	case RTF_rdblquote:
	case RTF_emspace:
	case RTF_enspace: return true;
	}
	return false;
}

static void control_word(struct rtf *r)
{
	const unsigned char *start = r->p;
	bool negative, given = false, star = r->star;
	enum rtf_word word;
	size_t n;
	int value = 0;

	while (r->p < r->end && ((*r->p | 0x20) >= 'a' && (*r->p | 0x20) <= 'z'))
		r->p++;
	n = (size_t)(r->p - start);
	negative = r->p < r->end && *r->p == '-';
	r->p += negative;
	for (; r->p < r->end && *r->p >= '0' && *r->p <= '9'; r->p++, given = true)
		if (value < 100000000)
			value = value * 10 + (*r->p - '0');
	r->p += r->p < r->end && *r->p == ' ';
	value = negative ? -value : value;
	word = n <= WORD_MAX ? rtf_word_find((const char *)start, n) : RTF_UNKNOWN;
	r->star = false;
	if (word != RTF_u)
		r->lead = 0;
	if (r->to_skip > 0 && stands_for_character(word)) {
		r->to_skip--;
		return;
	}
	r->to_skip = 0;
	if (rtf_top(r)->dest == DEST_SKIP && word != RTF_bin && word != RTF_title && word != RTF_author)
		return;
	if (destination(r, word))
		return;
	/* \* tells readers to skip a destination they do not know. */
	if (star) {
		begin(r, DEST_SKIP, CLOSE_NOTHING);
		return;
	}
	if (!character(r, word, value) && !format_characters(r, word, value, !given || value != 0))
		format(r, word, value);
}

static int hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void control_symbol(struct rtf *r)
{
	unsigned char c = *r->p++;
	int high, low;

	if (c == '\'') {
		if (r->end - r->p < 2)
			return;
		high = hex_digit(r->p[0]);
		low = hex_digit(r->p[1]);
		if (high < 0 || low < 0)
			return;
		r->p += 2;
		rtf_add_byte(r, (unsigned char)(high << 4 | low));
		return;
	}
	if (c == '*') {
		r->star = true;
		return;
	}
	if (r->to_skip > 0) {
		r->to_skip--;
		return;
	}
	switch (c) {
	case '{':
	case '}':
	case '\\': rtf_add_byte(r, c); break;
	case '~': rtf_add_char(r, 0xA0); break;
	case '_': rtf_add_char(r, '-'); break;
	case '\n':
	case '\r': character(r, RTF_par, 0); break;
	}
}

static void open_group(struct rtf *r)
{
	r->to_skip = 0;
	r->lead = 0;
	r->star = false;
	if (r->ngroups == DOC_DEPTH_MAX) {
		r->ignored++;
		doc_find(r->doc, "cut",
				 "The document is nested very deeply; the innermost parts were left out.");
		return;
	}
	r->groups[r->ngroups] = r->groups[r->ngroups - 1];
	r->ngroups++;
	rtf_top(r)->closing = CLOSE_NOTHING;
	rtf_top(r)->style = -1;
}

static const char *metadata(struct rtf *r)
{
	char *text = utf8_clean(r->doc->arena, r->name, r->nname);

	r->nname = 0;
	return text_is_blank(text) ? NULL : text_trim(text);
}

static void close_group(struct rtf *r)
{
	struct rtf_group *g = rtf_top(r);
	struct style s;

	r->to_skip = 0;
	r->lead = 0;
	if (r->ignored > 0) {
		r->ignored--;
		return;
	}
	if (g->dest == DEST_TITLE)
		r->doc->title = metadata(r);
	else if (g->dest == DEST_AUTHOR)
		r->doc->author = metadata(r);
	switch (g->closing) {
	case CLOSE_NOTHING: break;
	case CLOSE_FIELD:
		s = chp_style(&g->chp, false, NULL);
		fields_end(&r->fields, &r->writer, &s);
		break;
	case CLOSE_HEADER:
		end_paragraph(r);
		writer_unrepeat(&r->writer, 0, r->header_from);
		break;
	case CLOSE_BOX:
		end_paragraph(r);
		writer_box_end(&r->writer);
		break;
	}
	if (r->ngroups > 1)
		r->ngroups--;
}

static bool is_letter(unsigned char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static void control(struct rtf *r)
{
	if (r->ignored > 0)
		r->p++; /* so that an escaped brace does not count */
	else if (is_letter(*r->p))
		control_word(r);
	else
		control_symbol(r);
}

static void read_all(struct rtf *r)
{
	while (r->p < r->end && !r->writer.full) {
		unsigned char c = *r->p++;

		if (c == '{')
			open_group(r);
		else if (c == '}')
			close_group(r);
		else if (c == '\\' && r->p < r->end)
			control(r);
		else if (c != '\r' && c != '\n' && c != '\0' && c != '\\' && r->ignored == 0)
			rtf_add_byte(r, c);
	}
}

int rtf_read(struct doc *d, const unsigned char *data, size_t n)
{
	struct place nowhere = {.table = -1, .row = -1, .cell = -1};
	struct rtf *r;

	if (n < 6 || memcmp(data, "{\\rtf", 5) != 0)
		return fail(d, E_RULE, "The file is damaged or is not a Word document.");
	word_warm_up();
	r = ARENA_NEW(d->arena, struct rtf);
	r->doc = d;
	r->p = data;
	r->end = data + n;
	r->page = CODEPAGE_LATIN;
	r->fonts = ARENA_ARRAY(d->arena, RTF_TABLE_MAX, struct rtf_font);
	r->headings = ARENA_ARRAY(d->arena, RTF_TABLE_MAX, unsigned char);
	r->white = ARENA_ARRAY(d->arena, RTF_TABLE_MAX, bool);
	r->fields.arena = d->arena;
	writer_init(&r->writer, d);
	r->ngroups = 1;
	r->groups[0] = (struct rtf_group){.uc = 1, .page = CODEPAGE_LATIN, .chp.size = DEFAULT_SIZE};
	read_all(r);
	while (r->ngroups > 1)
		close_group(r);
	end_paragraph(r);
	writer_finish(&r->writer, &nowhere);
	writer_order(&r->writer);
	return OK;
}

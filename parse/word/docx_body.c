/*
 * See docx_body.h. A state machine over SAX events. Paragraphs only nest through text boxes, so
 * their state is kept once for each open box; tables, fields and alternatives have small stacks,
 * all bounded by libxml2's cap on depth or by one of their own. Whatever is not to be read (deleted
 * text, former formatting, fallbacks of what was read already) is skipped by counting elements.
 */
#include "parse/word/docx_body.h"

#include <string.h>

#include "base/text.h"
#include "parse/word/field.h"
#include "parse/word/html.h"
#include "parse/word/symbol.h"

enum { TABLES_MAX = 260, ALTERNATIVES_MAX = 64, CHUNK_MAX = 8 * 1024 * 1024 };

/* clang-format off */
#define BODY_TAGS(X)                                                                            \
	X(p) X(r) X(t) X(tab) X(ptab) X(br) X(cr) X(pPr) X(rPr) X(pStyle) X(rStyle) X(numPr)        \
	X(sym) X(noBreakHyphen) X(softHyphen) X(tbl) X(tr) X(tc) X(tcPr) X(tblPr) X(tblStyle)       \
	X(gridSpan) X(gridBefore) X(hyperlink) X(fldChar) X(fldSimple) X(instrText)                 \
	X(txbxContent) X(AlternateContent) X(Choice) X(Fallback) X(del) X(moveFrom) X(delText)      \
	X(delInstrText) X(pPrChange) X(rPrChange) X(tblPrChange) X(trPrChange) X(tcPrChange)        \
	X(sectPrChange) X(numberingChange) X(tblGridChange) X(sdtPr) X(rt) X(sectPr) X(tblGrid)     \
	X(anchor) X(wsp) X(rect) X(roundrect) X(shape) X(background) X(altChunk)
/* clang-format on */
#define TAG_ENUM(name) TAG_##name,
#define TAG_NAME(name) #name,
enum { FIRST_ = DOCX_FORMATS - 1, BODY_TAGS(TAG_ENUM) };
static const char *const names[] = {DOCX_FORMAT_TAGS(TAG_NAME) BODY_TAGS(TAG_NAME)};

/* A paragraph and the run in it. */
struct paragraph {
	bool in_ppr, in_rpr, in_run, in_text;
	struct pap pap;
	struct chp base; /* of the paragraph's style */
	struct chp run;
	struct pap own_pap; /* beside the style; laid over it at the end of w:pPr and w:rPr, as some */
	struct chp own_chp; /* writers name the style last */
	struct style style; /* of the run, made at its first text */
	bool style_known;
};

struct table {
	int number, row, cell, next_cell;
	bool shaded, cell_shaded, in_cell_props;
};

struct body {
	struct docx *x;
	const char *part;
	const struct rels *rels;
	struct rels own_rels;
	enum region region;
	int skip; /* elements open inside one that is not read */
	struct paragraph paragraphs[WRITER_BOXES_MAX + 1];
	int tables_at[WRITER_BOXES_MAX + 1]; /* tables open outside of the box */
	int boxes;
	struct table tables[TABLES_MAX];
	int ntables;
	bool chosen[ALTERNATIVES_MAX];
	int alternatives;
	struct fields fields;
	bool in_instr;
	const char *link;        /* of the hyperlink element under way */
	unsigned long link_from; /* writer_written when it began */
};

static struct paragraph *paragraph_of(struct body *b)
{
	return &b->paragraphs[b->boxes];
}

static struct place place_of(const struct body *b)
{
	const struct paragraph *p = &b->paragraphs[b->boxes];
	struct place place = {
		.region = b->boxes > 0 ? REGION_TEXTBOX : b->region, .table = -1, .row = -1, .cell = -1};

	pap_place(&p->pap, &place);
	if (b->ntables > b->tables_at[b->boxes]) {
		const struct table *t = &b->tables[b->ntables - 1];

		place.table = t->number;
		place.row = t->row < 0 ? 0 : t->row;
		place.cell = t->cell < 0 ? 0 : t->cell;
	}
	return place;
}

static bool shaded(const struct body *b)
{
	if (b->paragraphs[b->boxes].pap.shaded > 0)
		return true;
	for (int i = b->tables_at[b->boxes]; i < b->ntables; i++)
		if (b->tables[i].shaded || b->tables[i].cell_shaded)
			return true;
	return false;
}

static const struct style *style_of(struct body *b)
{
	struct paragraph *p = paragraph_of(b);

	if (!p->style_known) {
		p->style = chp_style(p->in_run ? &p->run : &p->base, shaded(b), NULL);
		p->style_known = true;
	}
	p->style.link = fields_link(&b->fields);
	if (p->style.link == NULL)
		p->style.link = b->link;
	return &p->style;
}

static void end_paragraph(struct body *b)
{
	struct place place = place_of(b);

	writer_end(&b->x->writer, &place);
}

static void begin_paragraph(struct body *b)
{
	struct paragraph *p = paragraph_of(b);

	if (!writer_empty(&b->x->writer))
		end_paragraph(b);
	*p = (struct paragraph){0};
	docx_style_paragraph(b->x->styles, (struct slice){"", 0}, &p->pap, &p->base);
}

static void begin_run(struct body *b)
{
	struct paragraph *p = paragraph_of(b);

	p->in_run = true;
	p->run = p->base;
	p->style_known = false;
}

static void add_char(struct body *b, uint32_t c)
{
	if (!fields_in_code(&b->fields))
		writer_char(&b->x->writer, c, style_of(b));
}

static void add_break(struct body *b)
{
	struct place place = place_of(b);

	if (!fields_in_code(&b->fields))
		writer_break(&b->x->writer, &place);
}

static void add_symbol(struct body *b, const struct xml_attrs *a)
{
	struct style style = *style_of(b);
	struct slice v;
	uint32_t c = 0;

	if (fields_in_code(&b->fields) || !xml_attr(a, NS_NONE, "char", &v) || v.n > 6)
		return;
	for (size_t i = 0; i < v.n; i++) {
		int digit = v.p[i] | 0x20;

		if (digit >= '0' && digit <= '9')
			c = c << 4 | (uint32_t)(digit - '0');
		else if (digit >= 'a' && digit <= 'f')
			c = c << 4 | (uint32_t)(digit - 'a' + 10);
		else
			return;
	}
	if (xml_attr(a, NS_NONE, "font", &v) && symbol_font(v.p, v.n))
		style.flags |= TEXT_SYMBOL;
	writer_char(&b->x->writer, c, &style);
}

/* The relationships of the part, looked up when the first is needed. */
static const struct rels *rels_of(struct body *b)
{
	if (b->rels == NULL) {
		b->own_rels = package_rels(&b->x->package, b->part);
		b->rels = &b->own_rels;
	}
	return b->rels;
}

/* Writes a web page that is embedded as a part of its own; other kinds of chunks are left out. */
static void add_chunk(struct body *b, const struct xml_attrs *a)
{
	struct slice id, text;
	const struct rel *rel;
	struct bytes source;

	if (b->boxes > 0 || !xml_attr(a, NS_R, "id", &id))
		return;
	rel = rels_by_id(rels_of(b), id);
	if (rel == NULL || rel->external || rel->type != REL_CHUNK ||
		package_load(&b->x->package, rel->target, CHUNK_MAX, &text) != OK)
		return;
	source = (struct bytes){(const unsigned char *)text.p, text.n};
	if (mhtml_is(source) || memchr(text.p, '<', text.n < 16 ? text.n : 16) != NULL)
		html_write(&b->x->writer, source, &b->x->tables);
}

static void begin_hyperlink(struct body *b, const struct xml_attrs *a)
{
	struct slice id;
	const struct rel *rel;

	b->link = NULL;
	b->link_from = writer_written(&b->x->writer);
	if (!xml_attr(a, NS_R, "id", &id))
		return;
	rel = rels_by_id(rels_of(b), id);
	if (rel != NULL && rel->external)
		b->link = link_clean(b->x->doc->arena, rel->target, strlen(rel->target));
}

static void end_hyperlink(struct body *b)
{
	if (!fields_in_code(&b->fields))
		link_show(&b->x->writer, b->link, b->link_from, style_of(b));
	b->link = NULL;
}

static void field_end(struct body *b)
{
	fields_end(&b->fields, &b->x->writer, style_of(b));
}

static void field_char(struct body *b, const struct xml_attrs *a)
{
	struct slice type;

	if (!xml_attr(a, NS_NONE, "fldCharType", &type))
		return;
	if (slice_is(type, "begin"))
		fields_begin(&b->fields);
	else if (slice_is(type, "separate"))
		fields_result(&b->fields, &b->x->writer);
	else if (slice_is(type, "end"))
		field_end(b);
}

static void field_simple(struct body *b, const struct xml_attrs *a)
{
	char *code = xml_attr_text(a, NS_NONE, "instr", b->x->doc->arena);

	fields_begin(&b->fields);
	if (code != NULL)
		fields_add_code(&b->fields, code, strlen(code));
	fields_result(&b->fields, &b->x->writer);
}

static void begin_table(struct body *b)
{
	if (!writer_empty(&b->x->writer))
		end_paragraph(b);
	/* libxml2's cap on depth is below this. */
	if (b->ntables < TABLES_MAX)
		b->tables[b->ntables++] = (struct table){.number = b->x->tables++, .row = -1, .cell = -1};
}

static struct table *table_of(struct body *b)
{
	return b->ntables > 0 ? &b->tables[b->ntables - 1] : NULL;
}

static void begin_row(struct table *t)
{
	t->row++;
	t->cell = -1;
	t->next_cell = 0;
}

static void begin_cell(struct table *t)
{
	t->cell = t->next_cell++;
	t->cell_shaded = false;
}

static int span_of(const struct xml_attrs *a)
{
	struct slice v;
	int n = xml_attr(a, NS_NONE, "val", &v) ? slice_int(v, 1) : 1;

	return n < 0 || n > 64 ? 1 : n;
}

/* Elements of tables. True if tag was one. */
static bool table_start(struct body *b, int tag, const struct xml_attrs *a)
{
	struct table *t = table_of(b);
	struct slice v;

	if (tag == TAG_tbl) {
		begin_table(b);
		return true;
	}
	if (t == NULL)
		return false;
	switch (tag) {
	case TAG_tr: begin_row(t); return true;
	case TAG_tc: begin_cell(t); return true;
	case TAG_tcPr: t->in_cell_props = true; return true;
	case TAG_gridBefore: t->next_cell += span_of(a); return true;
	case TAG_gridSpan: t->next_cell += span_of(a) - 1; return true;
	case TAG_tblStyle:
		/* What a table style colours is not followed; most but these two do. */
		if (xml_attr(a, NS_NONE, "val", &v))
			t->shaded = !slice_is(v, "TableGrid") && !slice_is(v, "TableNormal");
		return true;
	case DOCX_shd:
		if (!t->in_cell_props)
			return false;
		t->cell_shaded = docx_shading(a) > 0;
		return true;
	}
	return false;
}

static void begin_box(struct body *b)
{
	if (b->boxes < WRITER_BOXES_MAX - 1) {
		b->boxes++;
		b->tables_at[b->boxes] = b->ntables;
		b->paragraphs[b->boxes] = (struct paragraph){0};
	}
	writer_box_begin(&b->x->writer);
	writer_backdrop(&b->x->writer);
}

static void end_box(struct body *b)
{
	if (b->x->writer.boxes_ignored == 0 && b->boxes > 0) {
		end_paragraph(b);
		b->boxes--;
	}
	writer_box_end(&b->x->writer);
}

static void begin_choice(struct body *b)
{
	int i = b->alternatives - 1;

	if (i < 0)
		return;
	if (i >= ALTERNATIVES_MAX || b->chosen[i])
		b->skip = 1;
	else
		b->chosen[i] = true;
}

static bool is_skipped(int tag)
{
	switch (tag) {
	case TAG_del:
	case TAG_moveFrom:
	case TAG_delText:
	case TAG_delInstrText:
	case TAG_pPrChange:
	case TAG_rPrChange:
	case TAG_tblPrChange:
	case TAG_trPrChange:
	case TAG_tcPrChange:
	case TAG_sectPrChange:
	case TAG_numberingChange:
	case TAG_tblGridChange:
	case TAG_sdtPr:
	case TAG_rt:
	case TAG_sectPr:
	case TAG_tblGrid: return true;
	}
	return false;
}

/* Formatting, inside w:pPr or w:rPr. */
static void format(struct body *b, struct paragraph *p, int tag, const struct xml_attrs *a)
{
	struct slice v;

	if (p->in_rpr && p->in_ppr)
		return; /* of the paragraph mark */
	if (tag == TAG_rStyle && xml_attr(a, NS_NONE, "val", &v))
		docx_style_character(b->x->styles, v, &p->run);
	else if (tag == TAG_pStyle && xml_attr(a, NS_NONE, "val", &v))
		docx_style_paragraph(b->x->styles, v, &p->pap, &p->base);
	else if (p->in_rpr)
		docx_format_run(&p->own_chp, tag, a);
	else
		docx_format_paragraph(&p->own_pap, tag, a);
}

/* Elements inside a run. True if tag was one. */
static bool content_start(struct body *b, int tag, const struct xml_attrs *a)
{
	switch (tag) {
	case TAG_t: paragraph_of(b)->in_text = true; return true;
	case TAG_tab:
	case TAG_ptab: add_char(b, '\t'); return true;
	case TAG_br:
	case TAG_cr: add_break(b); return true;
	case TAG_noBreakHyphen: add_char(b, '-'); return true;
	case TAG_sym: add_symbol(b, a); return true;
	case TAG_fldChar: field_char(b, a); return true;
	case TAG_instrText: b->in_instr = true; return true;
	}
	return false;
}

static void word_start(struct body *b, int tag, const struct xml_attrs *a)
{
	struct paragraph *p = paragraph_of(b);

	if (is_skipped(tag)) {
		b->skip = 1;
		return;
	}
	if (tag == TAG_rPr) {
		p->in_rpr = true;
		return;
	}
	if (p->in_ppr || p->in_rpr) {
		format(b, p, tag, a);
		return;
	}
	if (content_start(b, tag, a) || table_start(b, tag, a))
		return;
	switch (tag) {
	case TAG_p: begin_paragraph(b); break;
	case TAG_pPr: p->in_ppr = true; break;
	case TAG_r: begin_run(b); break;
	case TAG_hyperlink: begin_hyperlink(b, a); break;
	case TAG_fldSimple: field_simple(b, a); break;
	case TAG_txbxContent: begin_box(b); break;
	case TAG_altChunk: add_chunk(b, a); break;
	case TAG_background: writer_backdrop(&b->x->writer); break;
	}
}

static void shape_start(struct body *b, int tag, const struct xml_attrs *a)
{
	struct slice v;

	if (tag == TAG_wsp || tag == TAG_rect || tag == TAG_roundrect || tag == TAG_shape)
		writer_backdrop(&b->x->writer);
	if (tag == TAG_anchor && xml_attr(a, NS_NONE, "behindDoc", &v) && slice_is(v, "1"))
		writer_backdrop(&b->x->writer);
}

static void on_start(void *self, enum xml_ns ns, int tag, const struct xml_attrs *a)
{
	struct body *b = self;

	if (b->x->writer.full) {
		xml_stop(a->parse);
		return;
	}
	if (b->skip > 0) {
		b->skip++;
		return;
	}
	if (tag < 0)
		return;
	if (ns == NS_W) {
		word_start(b, tag, a);
	} else if (ns == NS_MC && tag == TAG_AlternateContent) {
		if (b->alternatives < ALTERNATIVES_MAX)
			b->chosen[b->alternatives] = false;
		b->alternatives++;
	} else if (ns == NS_MC && (tag == TAG_Choice || tag == TAG_Fallback)) {
		begin_choice(b);
	} else if (ns == NS_MATH && tag == TAG_t) {
		paragraph_of(b)->in_text = true;
	} else {
		shape_start(b, tag, a);
	}
}

static void end_tcpr(struct body *b)
{
	if (table_of(b) != NULL)
		table_of(b)->in_cell_props = false;
}

static void end_table(struct body *b)
{
	if (b->ntables > b->tables_at[b->boxes])
		b->ntables--;
}

static void end_run_format(struct paragraph *p)
{
	p->in_rpr = false;
	if (p->in_ppr)
		return;
	chp_apply(&p->run, &p->own_chp);
	p->own_chp = (struct chp){0};
}

static void word_end(struct body *b, int tag)
{
	struct paragraph *p = paragraph_of(b);

	switch (tag) {
	case TAG_t: p->in_text = false; break;
	case TAG_instrText: b->in_instr = false; break;
	case TAG_rPr: end_run_format(p); break;
	case TAG_pPr:
		p->in_ppr = false;
		pap_apply(&p->pap, &p->own_pap);
		break;
	case TAG_r:
		p->in_run = false;
		p->style_known = false;
		break;
	case TAG_p: end_paragraph(b); break;
	case TAG_hyperlink: end_hyperlink(b); break;
	case TAG_fldSimple: field_end(b); break;
	case TAG_txbxContent: end_box(b); break;
	case TAG_tbl: end_table(b); break;
	case TAG_tcPr: end_tcpr(b); break;
	}
}

static void on_end(void *self, enum xml_ns ns, int tag)
{
	struct body *b = self;

	if (b->skip > 0) {
		b->skip--;
		return;
	}
	if (ns == NS_W)
		word_end(b, tag);
	else if (ns == NS_MC && tag == TAG_AlternateContent)
		b->alternatives--;
	else if (ns == NS_MATH && tag == TAG_t)
		paragraph_of(b)->in_text = false;
}

static void on_text(void *self, const char *p, size_t n)
{
	struct body *b = self;

	if (b->skip > 0)
		return;
	if (b->in_instr)
		fields_add_code(&b->fields, p, n);
	else if (paragraph_of(b)->in_text && !fields_in_code(&b->fields))
		writer_text(&b->x->writer, p, n, style_of(b));
}

enum xml_result docx_body_read(struct docx *x, const char *part, enum region region,
							   const struct rels *rels)
{
	static const struct xml_handler handler = {names, sizeof names / sizeof *names, on_start,
											   on_end, on_text};
	struct body *b = ARENA_NEW(x->doc->arena, struct body);
	enum xml_result result;

	b->x = x;
	b->part = part;
	b->rels = rels;
	b->region = region;
	b->fields.arena = x->doc->arena;
	result = package_read(&x->package, part, &handler, b);
	while (b->boxes > 0 || x->writer.depth > 0)
		end_box(b);
	end_paragraph(b);
	return result;
}

/*
 * msdoc: Word 97 to 2003 files (MS-DOC), inside the reader. Offsets in the file are FCs (bytes of
 * the WordDocument stream), positions in the text CPs (characters over all stories).
 */
#pragma once
#include "parse/word/ole.h"
#include "parse/word/props.h"
#include "parse/word/writer.h"

/* The stories, in the order in which their texts follow each other. */
enum story {
	STORY_MAIN,
	STORY_NOTES,
	STORY_HEADERS,
	STORY_MACROS,
	STORY_ANNOTATIONS,
	STORY_ENDNOTES,
	STORY_BOXES,
	STORY_HEADER_BOXES,
	STORIES
};

/* A stretch of text that lies in one piece in the file. */
struct piece {
	uint32_t cp, n, fc;
	bool wide;        /* two bytes a character */
	struct bytes prm; /* formatting of a fast save, over all else */
};

/* What applies to a stretch of characters beside struct chp. */
struct extra {
	bool deleted, special;
	unsigned symbol; /* character of a symbol, 0 none */
};

struct msdoc_para {
	struct pap pap;
	struct chp chp; /* of its style */
	bool in_table, row_end, inner_cell, inner_row_end;
	int depth; /* of tables; 0 outside */
};

struct msdoc_style {
	struct bytes papx, chpx;
	unsigned base;
	int heading;
	bool paragraph, known, resolved;
	struct pap pap;
	struct chp chp;
};

/* A stretch of the file with one formatting. */
struct msdoc_run {
	uint32_t from, to; /* FCs; equal: none read yet */
	struct bytes grpprl;
	unsigned style;
};

struct msdoc {
	struct doc *doc;
	struct ole *ole;
	struct bytes word, table;
	struct bytes data; /* p NULL until it is asked for */
	int language;
	uint32_t cps[STORIES + 1]; /* where stories begin; the last: where the text ends */
	uint16_t *text;            /* UTF-16 code units, one a CP */
	struct piece *pieces;
	uint32_t npieces, piece; /* piece: the last one found */
	struct bytes chpx_plc, papx_plc;
	struct msdoc_run chpx_run, papx_run;
	struct msdoc_style *styles;
	unsigned nstyles;
	bool *symbol_fonts;
	unsigned nfonts;
	struct writer writer;
	int tables;
};

/* The part of the table stream that pair i of the FIB's table of offsets names. */
struct bytes msdoc_table_part(const struct msdoc *m, unsigned pair);

/* msdoc_text.c: reads the piece table and decodes the text. E_RULE with a sentence if damaged. */
int msdoc_text_read(struct msdoc *m, struct bytes clx, uint32_t fc_min);
/* The piece that holds cp (below cps[STORIES]). */
const struct piece *msdoc_piece(struct msdoc *m, uint32_t cp);

/* msdoc_format.c: reads styles and fonts; what is damaged counts as unformatted. */
void msdoc_format_read(struct msdoc *m);
/* The formatting of the paragraph whose mark is at cp. */
void msdoc_paragraph(struct msdoc *m, uint32_t cp, struct msdoc_para *out);
/* The formatting of the character at cp in a paragraph; it holds up to before *end (above cp). */
void msdoc_characters(struct msdoc *m, uint32_t cp, const struct msdoc_para *para, struct chp *chp,
					  struct extra *extra, uint32_t *end);

/* msdoc_story.c: writes the text of all stories in reading order. */
void msdoc_stories(struct msdoc *m);

/*
 * rtf: the state of the RTF reader, inside the reader.
 */
#pragma once
#include "parse/word/field.h"
#include "parse/word/grid.h"
#include "parse/word/props.h"

enum {
	RTF_TABLE_MAX = 4096, /* fonts, styles, colours by their number */
	RTF_NAME_MAX = 256,   /* of a font, a style, a title */
};

enum rtf_destination {
	DEST_TEXT,
	DEST_SKIP,
	DEST_FONTS,
	DEST_COLORS,
	DEST_STYLES,
	DEST_TITLE,
	DEST_AUTHOR,
	DEST_CODE, /* of a field */
};

/* What ends with a group. */
enum rtf_closing { CLOSE_NOTHING, CLOSE_FIELD, CLOSE_HEADER, CLOSE_BOX };

struct rtf_group {
	enum rtf_destination dest;
	enum rtf_closing closing;
	enum region region;
	struct chp chp;
	struct pap pap;
	int uc;         /* characters that stand for one \u */
	int font, page; /* code page of the font */
	int style;      /* of the stylesheet's entry under way */
	int depth;      /* of tables, -1 if only \intbl says */
	bool in_table, deleted;
};

struct rtf_font {
	int page; /* 0: the document's */
	bool symbol;
};

struct rtf {
	struct doc *doc;
	const unsigned char *p, *end;
	struct writer writer;
	struct grid grid;
	struct fields fields;
	struct rtf_group groups[DOC_DEPTH_MAX];
	int ngroups; /* open, at least 1 */
	int ignored; /* groups open beyond the cap */
	struct rtf_font *fonts;
	unsigned char *headings; /* by style */
	bool *white;             /* by colour */
	int ncolors;
	unsigned rgb; /* of the colour under way */
	int page, default_font;
	int to_skip;        /* characters to pass over after \u */
	uint32_t high;      /* first half of a surrogate pair, 0 none */
	unsigned char lead; /* first byte of a two-byte character, 0 none */
	char name[RTF_NAME_MAX];
	size_t nname;
	bool star;       /* \* came before the word under way */
	int header_from; /* first line of the header under way */
};

/* The group under way. */
static inline struct rtf_group *rtf_top(struct rtf *r)
{
	return &r->groups[r->ngroups - 1];
}

/* rtf_text.c: one character, wherever the group under way wants it. */
void rtf_add_char(struct rtf *r, uint32_t c);
/* One byte in the code page of its font, or one the writer put after a \u for old readers. */
void rtf_add_byte(struct rtf *r, unsigned char byte);
/* The value of a \u; half a surrogate pair waits for the other. */
void rtf_add_unicode(struct rtf *r, int value);
/* Makes a font the one under way; in the font table, the one being described. */
void rtf_set_font(struct rtf *r, int font);
void rtf_set_charset(struct rtf *r, int charset);

/*
 * font: from the bytes of a shown string to texts and widths (ISO 32000-1, 9.6 to 9.10).
 *
 * A font is read once for each document. What it says of its glyphs comes from, in this order:
 * ToUnicode; its encoding and glyph names; and, only when a code is met that these leave open, the
 * embedded font program. Fonts live in the document's arena.
 */
#pragma once
#include "parse/pdf/cmap.h"

enum { FONTS_MAX = 400 };

struct font {
	int id;           /* object number, 0 for a direct object */
	int number;       /* for struct run */
	const char *name; /* without the tag of a subset; "" if it has none */
	unsigned flags;   /* TEXT_BOLD, TEXT_ITALIC, TEXT_SYMBOL */
	bool composite, vertical, type3;
	float ascent, descent; /* of one em; descent below zero */
	float space;           /* width of a blank, em; 0 unknown */
	float em;              /* how much larger than its nominal size it shows; 1 but for Type 3 */
	qpdf_oh dict, descriptor, descendant;
	struct cmap *to_unicode;
	bool unicode_codes; /* ToUnicode is Identity */
	bool program_read;

	/* simple fonts */
	uint32_t text[256];
	float width[256];

	/* composite fonts */
	struct cmap *encoding;
	struct table cid_text;  /* from the font program */
	struct table cid_width; /* thousandths + 1 */
	float default_width;    /* em */
};

/* One glyph as shown. */
struct glyph {
	uint32_t text; /* see encoding.h */
	float width;   /* em, along the line; in vertical fonts downwards */
	bool blank;    /* code 32 of one byte, which Tw widens */
};

/* Reads a font dictionary, or finds it among those read. NULL if it is no dictionary or at the cap.
 */
struct font *font_get(struct pdf *p, qpdf_oh dict);

/* Cuts the next glyph off the n > 0 bytes at s and returns how many bytes it took. */
size_t font_next(struct pdf *p, struct font *f, const unsigned char *s, size_t n, struct glyph *g);

/* The parts of font_get for the two kinds of font. */
void font_read_simple(struct pdf *p, struct font *f);
void font_read_composite(struct pdf *p, struct font *f);
/* Fills what the encoding left open from the font program. */
void font_simple_program(struct pdf *p, struct font *f);
void font_composite_program(struct pdf *p, struct font *f);

/* The width of a character in one of the standard fonts, or one like it, em. */
float font_standard_width(const struct font *f, uint32_t cp);

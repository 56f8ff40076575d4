/*
 * writer: from single glyphs to runs.
 *
 * Producers cut text in every way: a string a line, a string a word, a string a glyph, kerning
 * numbers for blanks. The writer joins glyphs that continue on one baseline in one style, puts
 * blanks where the gaps say so, sees letter-spaced words, composes separate accents, drops doubled
 * glyphs, and starts a new run where the gap is too wide for a word space or the link changes.
 */
#pragma once
#include "parse/pdf/font.h"
#include "parse/pdf/paint.h"

enum { LINKS_MAX = 256 };

struct link {
	struct box box;
	const char *uri;
	bool covers; /* some run */
};

/* What glyphs of one run share. */
struct style {
	struct font *font;
	float size;   /* points as displayed */
	float ux, uy; /* direction of writing as displayed, of length 1 */
	float wx, wy; /* up, of length 1 */
	uint32_t colour;
	unsigned flags; /* enum text_flag, beyond the font's own */
	struct box clip;
};

struct shown {
	uint32_t text;
	float x0, x1; /* along the line, from the run's origin */
	bool blank;   /* a blank was shown before it */
};

struct writer {
	struct pdf *pdf;
	struct page *page;
	int page_number;
	const struct paint *paint;
	struct link links[LINKS_MAX];
	int nlinks;

	struct style style;
	float ox, oy;         /* origin of the run: its first glyph */
	struct shown *glyphs; /* of the run */
	size_t n, cap;
	bool symbol;         /* the run is of private-use characters */
	bool blank;          /* a blank was shown since the last glyph */
	bool doubled;        /* drawn twice to look bold */
	int link;            /* index or -1 */
	struct shown accent; /* waiting for its letter; text 0: none */
	float accent_x, accent_y;
	uint32_t actual; /* text that stands for the glyphs to come */
	bool in_actual, actual_used;
};

/* Starts a page; links may then be filled in. */
void writer_page(struct writer *w, struct pdf *p, struct page *page, int number,
				 const struct paint *paint);
/* Sets the style of the glyphs to come. */
void writer_style(struct writer *w, const struct style *s);
/* Adds a glyph with its origin as displayed and its width along the line. */
void writer_glyph(struct writer *w, uint32_t text, float x, float y, float width);
/* Between these calls glyphs give only their places; the text stands for all of them. */
void writer_actual(struct writer *w, uint32_t text);
void writer_actual_end(struct writer *w);
/* Ends the run. */
void writer_flush(struct writer *w);
/* Adds a run that was not drawn: a field's value, the target of a link over a picture. */
void writer_extra(struct writer *w, const char *text, struct box box, unsigned flags,
				  const char *link);

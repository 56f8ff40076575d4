/*
 * encoding: what codes and glyph names mean in Unicode, as far as PDF and font formats fix it
 * (ISO 32000-1, annex D; the Adobe Glyph List; the standard strings of CFF and of 'post').
 *
 * A text is one number: a code point; or, with TEXT_POOLED set, the place of several code points in
 * the document's pool (ligatures, glyphs that stand for a sequence); 0 is no text.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pdf;

#define TEXT_POOLED UINT32_C(0x80000000)

enum encoding {
	ENCODING_STANDARD,
	ENCODING_WINANSI,
	ENCODING_MACROMAN,
	ENCODING_SYMBOL,
	ENCODING_DINGBATS,
	ENCODING_EXPERT, /* MacExpert: its letters and digits only */
};

/* The code point of a code, 0 if it has none. */
uint32_t encoding_char(enum encoding e, unsigned char code);
uint32_t encoding_pdfdoc(unsigned char code);
/* The code point of a CFF standard string, 0 from 391 on. */
uint32_t encoding_cff_string(unsigned sid);
/* The code point of a glyph in the Macintosh order of 'post', 0 from 258 on. */
uint32_t encoding_mac_glyph(unsigned glyph);

/* The text of n code points. Ligatures come apart, no-break blanks become blanks, controls nothing.
 */
uint32_t text_make(struct pdf *p, const uint32_t *cps, size_t n);
/* The text of a PDF text string (PDFDocEncoding or UTF-16), however long. */
uint32_t text_from_string(struct pdf *p, const unsigned char *s, size_t n);
/* The code points of a text: *n of them, valid until the next text_make; one is kept in *one. */
const uint32_t *text_chars(const struct pdf *p, uint32_t text, uint32_t *one, size_t *n);

/* The text of a glyph by its name of n bytes ("Aacute", "f_i", "uni20AC", "u1F600", "a.alt"), 0 if
 * unknown. dingbats: names a1 … a206 are ZapfDingbats'. */
uint32_t glyph_text(struct pdf *p, const char *name, size_t n, bool dingbats);

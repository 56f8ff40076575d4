/*
 * font_program: what embedded font programs say of their glyphs' characters. Only names, encodings
 * and cmaps are read, never outlines. Each function only fills entries that are still 0.
 */
#pragma once
#include "parse/pdf/cmap.h"

/* Type 1 (Adobe Type 1 Font Format, 2.2): the encoding in the clear-text part. */
void type1_encoding(struct pdf *p, unsigned char *data, size_t n, uint32_t text[256]);

/* CFF (Adobe technical note 5176): by code, and by glyph number. */
void cff_encoding(struct pdf *p, const unsigned char *data, size_t n, uint32_t text[256]);
void cff_glyphs(struct pdf *p, const unsigned char *data, size_t n, struct table *glyphs);

/* TrueType and OpenType: by code, and by glyph number. */
void truetype_encoding(struct pdf *p, const unsigned char *data, size_t n, uint32_t text[256]);
void truetype_glyphs(struct pdf *p, const unsigned char *data, size_t n, struct table *glyphs);
/* The CFF table of an OpenType font: its length, 0 if there is none. */
size_t opentype_cff(const unsigned char *data, size_t n, const unsigned char **cff);

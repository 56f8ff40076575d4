/*
 * docx_styles: word/styles.xml: what a style's name stands for.
 */
#pragma once
#include "parse/word/package.h"
#include "parse/word/props.h"

struct docx_styles;

/* Reads the part (NULL: none). Never fails: what cannot be read counts as unformatted. */
struct docx_styles *docx_styles_read(struct package *p, const char *part);

/* The formatting of a style by its id with all it is based on and the document's defaults; of the
 * default paragraph style for an id of no length or unknown. */
void docx_style_paragraph(struct docx_styles *s, struct slice id, struct pap *pap, struct chp *chp);
/* The same of a character style, without the defaults; nothing if unknown. */
void docx_style_character(struct docx_styles *s, struct slice id, struct chp *chp);

/* Shared with docx_body: the tags of formatting (ECMA-376 Part 1, 17.3). */
/* clang-format off */
#define DOCX_FORMAT_TAGS(X)                                                                     \
	X(b) X(i) X(u) X(vanish) X(webHidden) X(specVanish) X(color) X(shd) X(highlight) X(sz)      \
	X(rFonts) X(outlineLvl) X(ilvl) X(numId) X(ind)
/* clang-format on */
#define DOCX_ENUM(name) DOCX_##name,
enum docx_format { DOCX_FORMAT_TAGS(DOCX_ENUM) DOCX_FORMATS };

/* Applies a character formatting element; other elements change nothing. */
void docx_format_run(struct chp *c, int tag, const struct xml_attrs *a);
/* Applies a paragraph formatting element; other elements change nothing. */
void docx_format_paragraph(struct pap *p, int tag, const struct xml_attrs *a);
/* 1 if the w:shd says colour, -1 if it says none. */
int docx_shading(const struct xml_attrs *a);

/*
 * annots: what lies upon a page: links, notes written on it, form fields (ISO 32000-1, 12.5
 * and 12.7).
 */
#pragma once
#include "parse/pdf/interp.h"

enum { ANNOTS_MAX = 1000 };

/* Gives the page's links to the writer; before its content is read. */
void annots_links(struct interp *in, qpdf_oh page, const struct matrix *m);

/* Adds fields and notes, and the targets of links that lie over no text; after its content. */
void annots_draw(struct interp *in, qpdf_oh page, const struct matrix *m);

/*
 * inline: inline images (ISO 32000-1, 8.9.7) as the image XObjects that they stand for. Only those
 * who want pictures pay for it: the lexer works in place, so the source of the dictionary is copied
 * before it is read.
 */
#pragma once
#include "parse/pdf/lexer.h"
#include "parse/pdf/object.h"

enum { INLINE_DICT_MAX = 4096 };

/* What stands behind BI. */
struct inline_source {
	unsigned char text[INLINE_DICT_MAX];
	size_t n;
};

/* Notes what is to come; the lexer stands behind BI. */
void inline_begin(struct inline_source *s, const struct lexer *l);
/* Makes a stream of the dictionary and of the data, which begin behind ID and end with EI. Its keys
 * have their long names. False if there is no sound dictionary. */
bool inline_end(struct inline_source *s, struct pdf *p, const unsigned char *data,
				const unsigned char *end, qpdf_oh *out);
/* Whether the image's colour space may be a name of the resources. */
bool inline_space(struct pdf *p, qpdf_oh image, struct token *name);

/* See font_program.h. */
#include "parse/pdf/font_program.h"

void truetype_encoding(struct pdf *p, const unsigned char *data, size_t n, uint32_t text[256])
{
	(void)p, (void)data, (void)n, (void)text;
}

void truetype_glyphs(struct pdf *p, const unsigned char *data, size_t n, struct table *glyphs)
{
	(void)p, (void)data, (void)n, (void)glyphs;
}

size_t opentype_cff(const unsigned char *data, size_t n, const unsigned char **cff)
{
	(void)data, (void)n, (void)cff;
	return 0;
}

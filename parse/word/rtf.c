/* See parse/doc.h. */
#include "parse/doc.h"

int rtf_read(struct doc *d, const unsigned char *data, size_t n)
{
	(void)data, (void)n;
	return fail(d, E_RULE, "Files of this kind cannot be read.");
}

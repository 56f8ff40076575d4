/* See jbig2_read.h. Built without jbig2dec (the option jbig2): such pictures are none. */
#include "parse/ocr/jbig2_read.h"

PIX *jbig2_read(const struct bytes *data, const struct bytes *globals)
{
	(void)data, (void)globals;
	return NULL;
}

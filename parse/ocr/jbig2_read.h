/*
 * jbig2_read: JBIG2 pictures (ITU-T T.88), as PDF embeds them, by jbig2dec.
 */
#pragma once
#include <leptonica/allheaders.h>

#include "parse/pdf/filter.h"

/* The page that the segments make, as far as they are sound; globals: segments shared with other
 * pictures, or none. One bit deep, 1 is black; release it with pixDestroy. NULL if there is none,
 * or it is too large. */
PIX *jbig2_read(const struct bytes *data, const struct bytes *globals);

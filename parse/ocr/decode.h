/*
 * decode: pictures in formats of their own (JPEG, JPEG 2000, fax) to grey, by Leptonica and the
 * libraries under it.
 */
#pragma once
#include "parse/ocr/picture.h"
#include "parse/pdf/image.h"

/* Turns samples (whose data are released) to a picture. OK; E_TOO_LARGE; E_INVALID: damaged. */
int decode_samples(struct samples *s, struct picture *out);

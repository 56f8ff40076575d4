/*
 * decode: pictures in formats of their own (JPEG, JPEG 2000, JBIG2, fax) to grey, by Leptonica and
 * the libraries under it, and jbig2dec.
 */
#pragma once
#include "parse/ocr/picture.h"
#include "parse/pdf/image.h"

/* Turns samples (whose data are released) to a picture. OK; E_TOO_LARGE; E_INVALID: damaged. */
int decode_samples(struct samples *s, struct picture *out);
/* Turns n bytes of a PNG, JPEG, TIFF, BMP or GIF file to a picture. OK; E_TOO_LARGE; E_INVALID. */
int decode_file(const unsigned char *data, size_t n, struct picture *out);

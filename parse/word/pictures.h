/*
 * pictures: the pictures in word processor files that may be scanned pages. A document that holds
 * little text beside them is read like a scan.
 */
#pragma once
#include "data/sniff.h"
#include "parse/doc.h"

enum {
	WORD_PICTURES_MAX = 20,
	WORD_PICTURE_MIN = 8 * 1024,         /* bytes; what is smaller is no page */
	WORD_PICTURE_MAX = 24 * 1024 * 1024, /* bytes, unpacked */
};

/* A file of its own: PNG, JPEG, TIFF, BMP or GIF, by its first bytes. In the arena or in the data
 * that it was found in. */
struct word_picture {
	const unsigned char *p;
	size_t n;
};

struct word_pictures {
	struct word_picture items[WORD_PICTURES_MAX];
	int n;
};

/* Finds the first pictures, at most max of them, in the order of the document. None is no error. */
void word_pictures(struct doc *d, enum kind kind, const unsigned char *data, size_t n, int max,
				   struct word_pictures *out);

/*
 * ocr: reads a PDF whose pages are pictures, or a Word file that holds them. What Tesseract
 * recognises becomes runs of the page (doc.h), flagged TEXT_OCR, and from there everything goes the
 * way of any other document: layout_lines, extract_profile. Values read so are less sure: their
 * confidence is multiplied with that of the words they were read from.
 */
#pragma once
#include "data/profile.h"
#include "parse/doc.h"

enum {
	OCR_PAGES_MAX = 5, /* recognised at most */
};

/* Loads what recognition needs; outside of the jail. languages: see recognise.h, NULL for
 * English. */
void ocr_warm_up(const char *languages);
/* Reads n bytes within about so many seconds. OK; errors of document_read and extract_profile. */
int ocr_read(struct doc *d, const unsigned char *data, size_t n, int seconds,
			 struct parse_reply *reply);

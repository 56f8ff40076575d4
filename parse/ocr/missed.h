/*
 * missed: what on a page looks like a line of text and was not recognised. Recognition takes a page
 * apart by itself, and now and then it takes a line for a picture, or forgets it.
 */
#pragma once
#include "parse/ocr/page.h"
#include "parse/ocr/words.h"

enum { MISSED_MAX = 8 };

/* Finds places (points) that hold ink like that of letters and no words; the first ones from the
 * top. Returns how many. */
int missed_lines(const struct page_picture *p, const struct words *words,
				 struct box out[MISSED_MAX]);

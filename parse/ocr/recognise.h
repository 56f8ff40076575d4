/*
 * recognise: Tesseract. Its languages are loaded once, outside of the jail; without them nothing is
 * ever recognised.
 */
#pragma once
#include "base/arena.h"
#include "parse/ocr/page.h"
#include "parse/ocr/words.h"

/* Loads the first of the languages that is installed ("Latin,eng"; "deu+fra" is two at once); tells
 * on standard error if there is none. */
void recognise_warm_up(const char *languages);
/* Whether there is a language. */
bool recognise_ready(void);
/* Recognises the words of a page in reading order, or of a block of one column; those found until
 * the deadline (monotonic microseconds). */
void recognise(struct arena *a, const struct page_picture *page, bool block, int64_t deadline,
			   struct words *out);

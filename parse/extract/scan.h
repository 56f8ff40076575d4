/* scan: small questions about stretches of text that several parts of the extraction ask. */
#pragma once
#include "parse/extract/reading.h"

/* Whether a label of one of the kinds ("Tel.:", "E-mail") stands right before text[start]. */
bool label_before(const char *text, size_t start, uint32_t kinds);

/* How well n bytes of a handle or local part ("j.mueller-weiss") fit a person's name, 0 to 1. */
float handle_fits_name(const char *handle, size_t n, const char *name);

/* Whether n bytes are one of the words: is_one_of(s, n, WORDS(words)). */
bool is_one_of(const char *s, size_t n, const char *const *words, size_t count);
#define WORDS(array) (array), sizeof(array) / sizeof *(array)

/* Whether the text is in capitals throughout (two letters at least). */
bool text_is_caps(const char *s, size_t n);

/* Whether the text holds a capital letter. */
bool text_has_capital(const char *s);

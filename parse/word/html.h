/*
 * html: web pages as word processors save them, inside other readers.
 */
#pragma once
#include "parse/word/ole.h"
#include "parse/word/writer.h"

/* Writes the text of a page or web archive; its tables are numbered from *tables on. E_RULE or
 * E_TOO_LARGE with a sentence if nothing can be made of it. */
int html_write(struct writer *w, struct bytes source, int *tables);

/* True if the bytes are a MIME message (a web archive). */
bool mhtml_is(struct bytes source);
/* Finds the first HTML part of a message and decodes it into the arena; E_NOT_FOUND if it has none.
 */
int mhtml_find(struct arena *a, struct bytes source, struct bytes *html, int *page);

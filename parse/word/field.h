/*
 * field: the code of a Word field, and addresses behind text.
 */
#pragma once
#include "base/arena.h"

/* Returns the address in a field code (n bytes of UTF-8) like ` HYPERLINK "mailto:a@b.c" \o "tip"`, in
 * the arena; NULL for other fields and for places inside the document. */
const char *field_link(struct arena *a, const char *code, size_t n);
/* Returns the address cleaned (trimmed, no control characters, at most 2048 bytes), in the arena, or
 * NULL if nothing is left or it leads into the document only. */
const char *link_clean(struct arena *a, const char *p, size_t n);
/* What to show for a link without text: the address without "mailto:" or "tel:"; NULL for schemes that
 * tell a reader nothing. Points into link. */
const char *link_text(const char *link);

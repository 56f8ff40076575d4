/*
 * csv: comma-separated values (RFC 4180), safe to open in a spreadsheet: a cell that begins like a
 * formula ("=", "+", "-", "@", a tab or a carriage return) gets an apostrophe in front, as OWASP
 * advises.
 */
#pragma once
#include "base/text.h"
#include "data/schema.h"

/* Appends one cell, quoted where it must be; NULL is an empty one. OK or E_TOO_LARGE. */
int csv_cell(struct buf *out, const char *s);
/* Appends the names of the schema's fields as a line. */
int csv_head(struct buf *out, const struct schema *s);
/* Appends a value of the schema as a line. Arrays of texts become one cell with "; " between; lists
 * and objects stay empty, as do secret fields. */
int csv_line(struct buf *out, const struct schema *s, const void *value);

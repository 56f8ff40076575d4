/*
 * field: the fields of Word documents (code, then result), and addresses behind text.
 *
 * A field's code is collected and dropped; what comes between its separator and its end is text,
 * with the link of the innermost HYPERLINK around it. Fields nest; beyond a cap the inner ones
 * count as text of the outer.
 */
#pragma once
#include "base/arena.h"
#include "parse/word/writer.h"

enum { FIELDS_MAX = 32, FIELD_CODE_MAX = 4096 };

struct fields {
	struct arena *arena;
	struct {
		bool in_code;
		const char *link;
		unsigned long from; /* writer_written at the separator */
	} open[FIELDS_MAX];
	int n, ignored;
	char code[FIELD_CODE_MAX];
	size_t ncode;
};

/* The marks of a field: begin, separator, end. The end shows the address of a link without text. */
void fields_begin(struct fields *f);
void fields_result(struct fields *f, const struct writer *w);
void fields_end(struct fields *f, struct writer *w, const struct style *s);
/* True while code is read, in which nothing is text. */
bool fields_in_code(const struct fields *f);
void fields_add_code(struct fields *f, const char *p, size_t n);
/* The link that text has now, NULL if none. */
const char *fields_link(const struct fields *f);

/* Writes the address of a link if nothing was written since `from` (a picture with a link). */
void link_show(struct writer *w, const char *link, unsigned long from, const struct style *s);

/* Returns the address in a field code (n bytes of UTF-8) like ` HYPERLINK "mailto:a@b.c" \o "tip"`,
 * in the arena; NULL for other fields and for places inside the document. */
const char *field_link(struct arena *a, const char *code, size_t n);
/* Returns the address cleaned (trimmed, no control characters, at most 2048 bytes), in the arena,
 * or NULL if nothing is left or it leads into the document only. */
const char *link_clean(struct arena *a, const char *p, size_t n);
/* What to show for a link without text: the address without "mailto:" or "tel:"; NULL for schemes
 * that tell a reader nothing. Points into link. */
const char *link_text(const char *link);

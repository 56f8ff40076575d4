/* read: one document's bytes through one of the engines; every promise about its lines is looked
 * at. */
#pragma once
#include "base/text.h"
#include "parse/doc.h"
#include "parse/pdf/pdf.h"
#include "parse/word/word.h"
#include "tests/fuzz/fuzz.h"

enum { FUZZ_MEMORY = 512 * 1024 * 1024 };

static inline void check_line(const struct line *l)
{
	size_t n = strlen(l->text);

	must_hold(n > 0 && utf8_valid(l->text, n));
	for (size_t i = 0; i < l->nspans; i++)
		must_hold(l->spans[i].start <= n && l->spans[i].length <= n - l->spans[i].start);
}

/* The engine's lines, or its sentence. */
static inline void read_document(int (*engine)(struct doc *, const unsigned char *, size_t),
								 const uint8_t *data, size_t n)
{
	struct arena *a = arena_new(FUZZ_MEMORY);
	struct error error = {0};
	struct doc d = {.arena = a, .error = &error};

	if (engine(&d, data, n) != OK)
		must_hold(error.text[0] != '\0');
	else if (d.nruns > 0 && d.nlines == 0)
		must_hold(layout_lines(&d) == OK);
	for (int i = 0; i < d.nlines; i++)
		check_line(&d.lines[i]);
	must_hold(!arena_over(a));
	arena_free(a);
}

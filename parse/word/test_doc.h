/*
 * test_doc: reads bytes through one of the engines and looks at the lines. For the tests beside it.
 */
#pragma once
#include <stdlib.h>

#include "base/test.h"
#include "parse/doc.h"

struct test_doc {
	struct doc doc;
	struct error error;
	int rc;
};

static inline struct test_doc *test_read(int (*read)(struct doc *, const unsigned char *, size_t),
										 const void *data, size_t n)
{
	struct arena *a = arena_new(64 * 1024 * 1024);
	struct test_doc *t = ARENA_NEW(a, struct test_doc);

	t->doc.arena = a;
	t->doc.error = &t->error;
	t->rc = read(&t->doc, data, n);
	return t;
}

static inline void test_free(struct test_doc *t)
{
	arena_free(t->doc.arena);
}

/* The line whose text begins so; NULL if there is none. */
static inline const struct line *test_line(const struct test_doc *t, const char *start)
{
	for (int i = 0; i < t->doc.nlines; i++)
		if (strncmp(t->doc.lines[i].text, start, strlen(start)) == 0)
			return &t->doc.lines[i];
	return NULL;
}

/* All lines, joined by '/'. In the document's arena. */
static inline const char *test_text(const struct test_doc *t)
{
	const char *all = "";

	for (int i = 0; i < t->doc.nlines; i++)
		all = arena_printf(t->doc.arena, "%s%s%s", all, i > 0 ? "/" : "", t->doc.lines[i].text);
	return all;
}

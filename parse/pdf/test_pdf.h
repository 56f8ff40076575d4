/*
 * test_pdf: documents written by the tests themselves. Objects are given as text; the file around
 * them (header, cross-reference table, trailer) is made here.
 */
#pragma once
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "parse/doc.h"

enum { TEST_PDF_OBJECTS = 64 };

struct test_pdf {
	struct arena *arena;
	struct buf b;
	size_t at[TEST_PDF_OBJECTS];
	int n;
};

/* Starts a document whose object 1 is the catalog and object 2 the page tree with page 3. */
static inline void test_pdf_start(struct test_pdf *t, struct arena *a)
{
	*t = (struct test_pdf){.arena = a};
	buf_init(&t->b, a, 1 << 24);
	buf_adds(&t->b, "%PDF-1.7\n");
}

/* Adds an object; the first is number 1. */
static inline void test_pdf_object(struct test_pdf *t, const char *text)
{
	t->at[t->n++] = t->b.n;
	buf_addf(&t->b, "%d 0 obj\n%s\nendobj\n", t->n, text);
}

/* Adds a stream with these further dictionary entries. */
static inline void test_pdf_stream(struct test_pdf *t, const char *entries, const char *p)
{
	size_t n = strlen(p);

	t->at[t->n++] = t->b.n;
	buf_addf(&t->b, "%d 0 obj\n<< /Length %zu %s >>\nstream\n", t->n, n, entries);
	buf_add(&t->b, p, n);
	buf_adds(&t->b, "\nendstream\nendobj\n");
}

static inline void test_pdf_end(struct test_pdf *t)
{
	size_t xref = t->b.n;

	buf_addf(&t->b, "xref\n0 %d\n0000000000 65535 f \n", t->n + 1);
	for (int i = 0; i < t->n; i++)
		buf_addf(&t->b, "%010zu 00000 n \n", t->at[i]);
	buf_addf(&t->b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%zu\n%%%%EOF\n", t->n + 1,
			 xref);
}

/* A document of one page of 600 x 800 points: catalog 1, tree 2, page 3 with these entries, content
 * 4 (may be NULL), and objects from 5 on, ended by NULL. */
static inline void test_pdf_page(struct test_pdf *t, struct arena *a, const char *page_entries,
								 const char *content, const char *const *objects)
{
	test_pdf_start(t, a);
	test_pdf_object(t, "<< /Type /Catalog /Pages 2 0 R >>");
	test_pdf_object(t, "<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 600 800] >>");
	test_pdf_object(
		t, arena_printf(a, "<< /Type /Page /Parent 2 0 R /Contents 4 0 R %s >>", page_entries));
	test_pdf_stream(t, "", content);
	for (; objects != NULL && *objects != NULL; objects++)
		test_pdf_object(t, *objects);
	test_pdf_end(t);
}

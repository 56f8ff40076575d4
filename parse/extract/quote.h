/*
 * quote: a value of the profile with the words of the document it was read from. A value that runs
 * over several lines has one piece of evidence for each of them. Everything belongs to the
 * document's arena.
 */
#pragma once
#include "parse/extract/reading.h"

struct quote {
	const char *value; /* the words themselves, or their normal form ("2019-03") */
	double confidence; /* 0 to 1 */
	struct evidence evidence;
	bool link; /* the value is the target of a link; the evidence shows the words it lies behind */
	struct quote *more; /* the value goes on in another line; only the evidence of these counts */
};

struct quotes {
	struct quote **items;
	size_t n, cap;
};

enum { QUOTES_MAX = 200, QUOTE_LINES_MAX = 40, QUOTE_BYTES_MAX = 4000 };

/* The bytes [start, start + n) of a line. NULL if nothing but blanks is left of them. */
struct quote *quote_at(struct reading *r, int line, size_t start, size_t n, double confidence);
/* As quote_at, with a normal form in place of the words. */
struct quote *quote_as(struct reading *r, int line, size_t start, size_t n, double confidence,
					   const char *value);
/* A value found elsewhere (name, e-mail, telephone); NULL if it is none. */
struct quote *quote_value(struct reading *r, const struct value *v);
/* Appends the rest of a line, from a byte on, to the value. At the caps nothing changes. */
void quote_extend(struct reading *r, struct quote *q, int line, size_t start);
/* The same value once more, in another place of the profile; NULL for NULL. */
struct quote *quote_copy(struct reading *r, const struct quote *q, double confidence);
/* Appends; NULL and what is beyond QUOTES_MAX are ignored. */
void quotes_add(struct reading *r, struct quotes *list, struct quote *q);

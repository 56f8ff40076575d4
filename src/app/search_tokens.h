/*
 * search_tokens: text as the words of the full text index: runs of letters, digits and the signs
 * "+" and "#", small and without diacritics, as SQLite's tokenizer unicode61 makes them. For
 * PostgreSQL, whose own parser reads "C++" as "c" and keeps accents, tsvectors and tsqueries are
 * written here; and where words were found in a text is marked here for both.
 */
#pragma once
#include "app/search_words.h"
#include "base/text.h"

enum { TOKEN_MAX = 64, TOKEN_SIZE = TOKEN_MAX + 8 };

struct token {
	size_t start, end;     /* bytes of the text */
	char text[TOKEN_SIZE]; /* cut at TOKEN_MAX */
	size_t n;
};

struct tokens {
	const char *text, *at, *end;
};
struct tokens tokens_of(const char *text);
/* The next token; false at the end. */
bool tokens_next(struct tokens *t, struct token *out);

/* Appends the text's words as lexemes of a tsvector with weight 'A' to 'D', positions from
 * *position on. What exceeds the buffer is left out. text may be NULL. */
void tsvector_add(struct buf *b, const char *text, char weight, int *position);

/* The expression for a TSQUERY: scope (an expression, NULL: none) and all terms. NULL if nothing is
 * left to look for. */
const char *tsquery_of(struct arena *a, const char *scope, const struct search_terms *terms);
/* Any of the wanted words, for ranking. "" without any. */
const char *tsquery_any(struct arena *a, const struct search_terms *terms);

/* The text with the wanted terms marked (search_html), whole, or a piece of about words words
 * around the first of them. NULL if nothing is found in it. */
const char *tokens_marked(struct arena *a, const char *text, const struct search_terms *terms,
						  size_t words);

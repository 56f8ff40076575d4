/*
 * search_words: what a person types into a search field, as the terms it means, and as the engines
 * want to be asked.
 *
 * Words are all wanted; "several words" in quotes stand side by side; word* (two letters or more)
 * is the beginning of a word; -word must not occur. Anything else is plain text, so that nothing a
 * person types is an error. A word of a search is what the index makes of it: "node.js" is the two
 * words in a row.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum { SEARCH_TERMS_MAX = 32, SEARCH_EXPRESSION_MAX = 64 * 1024 };

struct search_term {
	const char *text; /* holds a letter or digit */
	bool prefix, negated;
};

struct search_terms {
	struct search_term items[SEARCH_TERMS_MAX];
	size_t n;
	bool over; /* there were more */
};

/* Splits what was typed (valid UTF-8). Strings in the arena. */
void search_parse(struct arena *a, const char *typed, struct search_terms *out);

/* The expression for SQLite's FTS5, within these columns ("{name text}") of a table that also has
 * scope ("all", and "t" with the team's number); team: 0 for all. NULL if there are no terms. */
const char *search_fts5(struct arena *a, const char *columns, const struct search_terms *terms,
						long long team);
/* The marks around what was found, as one-character strings. */
#define SEARCH_MARK_ON "\002"
#define SEARCH_MARK_OFF "\003"
/* Text with such marks as HTML: <mark> around matches, everything else escaped, white space as
 * single blanks. NULL if nothing is marked. */
const char *search_html(struct arena *a, const char *marked);

/*
 * words: what is done with the words of a page between recognition and layout.
 */
#pragma once
#include "parse/doc.h"

struct word {
	const char *text; /* UTF-8, of the arena */
	struct box box;   /* points of the upright picture */
	float baseline, size;
	float confidence; /* 0 to 1 */
	int line;         /* words of one line have the same number */
};

struct words {
	struct word *items;
	int n, cap;
};

enum { WORDS_MAX = 20000 }; /* of a page */

/* Appends a copy; beyond WORDS_MAX nothing happens. */
void words_add(struct arena *a, struct words *words, const struct word *w);
/* The size of the largest word of several letters, 0 without any. */
float words_largest(const struct words *words);
/* Moves all words right and down, and away from the lines of other readings of the page. */
void words_move(struct words *words, float x, float y);
/* Adds the words of a part of the page that was read by itself: those that are sure. */
void words_add_part(struct arena *a, struct words *words, const struct words *part);
/* Puts the words of that size or larger of a second reading in place of those of the first, if it
 * has as many letters. What lies over smaller words of the first reading is not taken. */
void words_replace(struct arena *a, struct words *words, float size, const struct words *again);
/* Makes sizes equal that differ by little only: recognition measures each line by itself. */
void words_even_sizes(struct words *words);
/* Lists whose bullets were read as letters ("e", "¢", "©") one below the other: bullets again. */
void words_mend_bullets(struct words *words);
/* Takes away what are specks: letters that are hardly a dot high. */
void words_drop_specks(struct words *words);
/* Puts words together that are pieces of one, and mends letters by the addresses of the page
 * (mend.h). */
void words_mend(struct arena *a, struct words *words);
/* Adds runs to the page: words of a line with a blank between them are one. */
void words_add_runs(struct doc *d, int page, const struct words *words);

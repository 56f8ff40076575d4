/*
 * skill_list: one paragraph of a skills section taken apart into the skills it names.
 *
 * Understands separators (commas, semicolons, bars, bullets, slashes between blanks, tabs), labels
 * before a colon or dash, brackets ("Cloud (AWS, GCP)"), levels, years, stars and percentages, and
 * phrases such as "experienced in". Points into the paragraph; allocates nothing.
 */
#pragma once
#include "data/taxonomy.h"

struct skill_item {
	size_t start, length; /* bytes of the paragraph */
	bool prose;           /* part of a sentence: only what the taxonomy knows is a skill in it */
};

enum { SKILL_ITEMS_MAX = 200, SKILL_BYTES_MAX = 80 };

/* Returns the number of items, at most max. */
size_t skill_list(const struct taxonomy *t, const char *text, size_t n, struct skill_item *out,
				  size_t max);
/* The length of "3." or "3)" at the beginning of the text, with the blank behind it; 0 if there is
 * none. */
size_t skill_number(const char *text, size_t n);
/* The length of the label left of a tab, with that: "Databases<tab>MySQL, Redis"; 0 if there is
 * none. */
size_t skill_rail_end(const char *text, size_t n);
/* Whether a rating ("8/10", "80 %", "5 years") follows other words at the text's end. */
bool ends_in_rating(const char *text, size_t n);
/* Whether the text contains a separator of lists. */
bool has_separator(const char *text, size_t n);

/* resume_match_inner: what the files behind resume_match.h share. Nobody else includes it. */
#pragma once
#include "app/resume_match.h"
#include "data/taxonomy.h"

/* Walks through the skills named in a text: calls fn for each name, whose words are the n bytes at
 * at. A word that means other things too ("Go") must begin with a capital, and counts beside
 * another skill or alone on its line; in a title (trusting) anywhere. */
typedef void (*skill_named)(void *arg, const struct taxonomy_entry *entry, bool sure,
							const char *at, size_t n);
void match_scan(struct arena *a, const char *text, bool trusting, skill_named fn, void *arg);

/* resume_keywords.c: what the description asks for. */
struct asked {
	struct keyword k;
	const struct taxonomy_entry *entry;
	bool in_title;
};
struct demand {
	struct asked items[MATCH_KEYWORDS_MAX];
	size_t n;
	struct opt_int years;
};
void match_read_demand(struct arena *a, const char *title, const char *description,
					   struct demand *out);

/* resume_places.c: fills in where each is found. */
void match_find(struct arena *a, const struct resume_subject *s, struct demand *d);

/*
 * build: a raw posting becomes a posting: clean, typed, understood.
 */
#pragma once
#include "scrape/posting.h"
#include "scrape/read.h"

/* What a search is for, made ready for comparing. */
struct wanted {
	const char *keyword, *location; /* location NULL: anywhere */
	int64_t now;                    /* microseconds */
};

/* Makes a posting. base: the page it was on. False, with a reason in *why, for what is none: it has
 * no title, or no address and no number to know it by. */
bool build_posting(struct arena *a, const struct source *s, const struct raw *r, const char *base,
				   int64_t now, struct posting *out, const char **why);
/* Whether it is what is wanted: every word of the keyword is somewhere in it, and the place, if one
 * is wanted, is its place, or it can be done from anywhere. */
bool build_matches(struct arena *a, const struct posting *p, const char *tags,
				   const struct wanted *w);

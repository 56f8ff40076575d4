/*
 * kept: the prepared statements of one connection, found by their text. Beyond DB_STATEMENTS_MAX
 * the least recently used ones go. A driver's statement begins with a struct kept.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { KEPT_BUCKETS = 256, KEPT_PLACES = 64 };

struct kept {
	char *text; /* NULL: not kept */
	uint32_t hash;
	struct kept *chain;         /* next in the bucket */
	struct kept *newer, *older; /* by last use */
};

struct kept_set {
	struct kept *buckets[KEPT_BUCKETS], *newest, *oldest;
	/* The statement whose text stood at such an address last: mostly a constant of the program, so
	 * that to compare is enough. */
	struct kept *places[KEPT_PLACES];
	int n;
};

/* The statement of this text, or NULL. */
struct kept *kept_find(struct kept_set *set, const char *text);
/* Says that it is used now. */
void kept_use(struct kept_set *set, struct kept *k);
/* Puts it into the set with a copy of text; false without memory: it is then not kept. */
bool kept_add(struct kept_set *set, struct kept *k, const char *text);
/* Takes it out and forgets the text; its memory stays the driver's. */
void kept_remove(struct kept_set *set, struct kept *k);

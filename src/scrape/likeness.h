/*
 * likeness: what tells that two postings are one job: the same address; the same company, title and
 * place, however they are written; nearly the same text under a like title.
 *
 * Each posting has keys, numbers of which like ones share at least one: that is how candidates are
 * found. Whether they are the same, likeness_same decides. Near-duplicate texts are told by MinHash
 * over runs of three words (Broder 1997), its bands being keys.
 */
#pragma once
#include "scrape/posting.h"

enum { LIKENESS_HASHES = 64, LIKENESS_BANDS = 8, LIKENESS_KEYS = LIKENESS_BANDS + 3 };
enum { LIKENESS_TEXT_SIZE = 8 + LIKENESS_HASHES * 4 + 1 };

struct likeness {
	const char *url;
	const char *company, *title, *place; /* folded: words with blanks between; place "" unknown */
	const char *rank;                    /* "senior", "ii": words that make another job */
	bool remote, has_text;
	uint32_t runs; /* of three words, in the text */
	uint16_t signature[LIKENESS_HASHES];
	int64_t keys[LIKENESS_KEYS];
	size_t n;
};

/* How a posting looks. Strings in the arena. */
void likeness_of(struct arena *a, const struct posting *p, struct likeness *out);
/* The same from what was kept of one: its text's signature as likeness_print wrote it, or NULL. */
void likeness_known(struct arena *a, const struct posting *p, const char *signature,
					struct likeness *out);
/* The signature as text; "" without a description. Returns out. */
char *likeness_print(const struct likeness *l, char out[LIKENESS_TEXT_SIZE]);

/* How much of the shorter text is in the other, 0 to 1; -1 if one of them has none. */
double likeness_text(const struct likeness *a, const struct likeness *b);
/* Whether they are one job. siblings: both stand in one listing of one source, which then means
 * them to be two unless their texts agree. */
bool likeness_same(const struct likeness *a, const struct likeness *b, bool siblings);

/* The language of a document: whose everyday words it has most of. */
#include <string.h>

#include "parse/extract/reading.h"

enum { LINES_ENOUGH = 400, LANGUAGES = 7 };

static const struct {
	const char *code;
	uint32_t bit;
} languages[LANGUAGES] = {
	{"en", LEX_STOP_EN}, {"de", LEX_STOP_DE}, {"fr", LEX_STOP_FR}, {"es", LEX_STOP_ES},
	{"it", LEX_STOP_IT}, {"pt", LEX_STOP_PT}, {"nl", LEX_STOP_NL},
};

/* A word that several languages share counts for each of them, but less. */
static void count_word(const char *s, size_t n, int points[LANGUAGES])
{
	uint32_t bits = lex_find(s, n).bits & LEX_STOP;
	int share;

	if (bits == 0)
		return;
	share = 12 / __builtin_popcount(bits);
	for (int k = 0; k < LANGUAGES; k++)
		if (bits & languages[k].bit)
			points[k] += share;
}

const char *language_of(const struct reading *r)
{
	int points[LANGUAGES] = {0}, best = 0;

	for (int i = 0; i < r->d->nlines && i < LINES_ENOUGH; i++) {
		const char *p = r->notes[i].plain;

		while (*p != '\0') {
			size_t n = lex_word(p);

			count_word(p, n, points);
			p += n;
			p += *p == ' ';
		}
	}
	for (int k = 1; k < LANGUAGES; k++)
		if (points[k] > points[best])
			best = k;
	return languages[best].code;
}

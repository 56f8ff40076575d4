/* See rtf_words.h. Found by hash: a small open table, filled at the first call. */
#include "parse/word/rtf_words.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { SLOTS = 512 };

#define NAME(name) #name,
static const char *const names[] = {RTF_WORDS(NAME)};
static unsigned char slots[SLOTS]; /* word + 1, 0 free */
static bool filled;

static size_t slot_of(const char *p, size_t n)
{
	uint32_t h = 2166136261U;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 16777619U;
	return (h ^ h >> 15) % SLOTS;
}

static void fill(void)
{
	for (unsigned char i = 0; i < RTF_COUNT; i++) {
		size_t at = slot_of(names[i], strlen(names[i]));

		while (slots[at] != 0)
			at = (at + 1) % SLOTS;
		slots[at] = (unsigned char)(i + 1);
	}
	filled = true;
}

enum rtf_word rtf_word_find(const char *p, size_t n)
{
	if (!filled)
		fill();
	for (size_t at = slot_of(p, n); slots[at] != 0; at = (at + 1) % SLOTS) {
		const char *name = names[slots[at] - 1];

		if (strlen(name) == n && memcmp(name, p, n) == 0)
			return (enum rtf_word)(slots[at] - 1);
	}
	return RTF_UNKNOWN;
}

/*
 * mend: the few mistakes of recognition that can be told for sure, in addresses. Nothing is
 * invented: a sign that looks like "@" stands for it only where an address is around it.
 */
#pragma once
#include "base/arena.h"

/* The word with "©", "®" or "(@)" in an address as "@"; the word itself if there is nothing to
 * mend. */
const char *mend_word(struct arena *a, const char *word);

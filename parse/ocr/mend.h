/*
 * mend: the few mistakes of recognition that can be told for sure, in addresses and names. Nothing
 * is invented: a sign that looks like "@" stands for it only where an address is around it, and a
 * letter is another one only where the address and the name agree on it.
 */
#pragma once
#include <stdbool.h>

#include "base/arena.h"

/* The word with "©", "®" or "(@)" in an address as "@", and without diacritics there, which no
 * address has; with "O" and "l" among the digits of a number as digits; the word itself if there is
 * nothing to mend. */
const char *mend_word(struct arena *a, const char *word);
/* Whether the word is an e-mail address as a whole. */
bool mend_is_address(const char *word);
/* What two words beside each other are together, if they are pieces of one: of an e-mail address,
 * or of a name with a hyphen. NULL if not. named: the first word, without its last sign, stands
 * elsewhere as a name. */
const char *mend_pieces(struct arena *a, const char *first, const char *second, bool named);
/* The word with its first letter, read as "l" or "1", as the "I" that the address's owner has
 * there; the word itself if the address does not say so. */
const char *mend_initial(struct arena *a, const char *word, const char *address);

/*
 * words: text as words that can be compared whatever their case, accents, plurals or hyphens.
 *
 * A word is a run of letters and digits, with the signs that make names of their own ("C++", "C#",
 * ".NET"). It is compared by a hash of its folded form: lower case, no diacritics ("é" is "e", "ß"
 * is "ss"), without the s of a plural. Nothing is allocated unless an arena is passed.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum char_class { CHAR_OTHER, CHAR_SPACE, CHAR_LETTER, CHAR_DIGIT, CHAR_MARK };

/* What ASCII characters are; most text is made of them. */
extern const unsigned char ascii_class[128];

/* The class of a character; marks are combining accents and joiners, which belong to the letter
 * before. */
enum char_class char_class_wide(uint32_t cp);
static inline enum char_class char_class(uint32_t cp)
{
	return cp < 0x80 ? (enum char_class)ascii_class[cp] : char_class_wide(cp);
}
bool char_is_upper_wide(uint32_t cp);
static inline bool char_is_upper(uint32_t cp) /* a capital letter of Latin, Greek, Cyrillic */
{
	return cp < 0x80 ? cp - 'A' < 26 : char_is_upper_wide(cp);
}
bool char_is_lower_wide(uint32_t cp);
static inline bool char_is_lower(uint32_t cp)
{
	return cp < 0x80 ? cp - 'a' < 26 : char_is_lower_wide(cp);
}
bool char_is_cjk_wide(uint32_t cp);
/* Chinese, Japanese, Korean: writing without capitals or blanks. */
static inline bool char_is_cjk(uint32_t cp)
{
	return cp >= 0x3040 && char_is_cjk_wide(cp);
}
/* Writes the character small and without diacritics to out, which has room for CHAR_FOLD_MAX bytes
 * ("ß" is "ss"). Returns its length. */
enum { CHAR_FOLD_MAX = 4 };
size_t char_fold(uint32_t cp, char *out);
/* Decodes the character at s, before end; an invalid byte counts as one U+FFFD. Returns its length.
 */
size_t char_at_wide(const char *s, const char *end, uint32_t *cp);
static inline size_t char_at(const char *s, const char *end, uint32_t *cp)
{
	if ((unsigned char)*s >= 0x80)
		return char_at_wide(s, end, cp);
	*cp = (unsigned char)*s;
	return 1;
}

enum word_flag {
	WORD_BREAK = 1 << 0,  /* a comma, bracket, bullet or the like stands before it */
	WORD_UPPER = 1 << 1,  /* begins with a capital */
	WORD_CAPS = 1 << 2,   /* two letters or more, none of them small */
	WORD_DIGITS = 1 << 3, /* holds a digit */
};

struct word {
	uint64_t hash;
	uint32_t start, end; /* bytes of the text */
	uint32_t flags;
};

/* A text of n bytes being split, word by word. */
struct splitting {
	const char *text, *at, *end;
	uint32_t hard; /* WORD_BREAK if the next word stands behind one */
};
/* Starts it. */
struct splitting words_of(const char *s, size_t n);
/* The next word; false at the end. */
bool words_next(struct splitting *sp, struct word *out);
/* Splits n bytes into at most max words. Returns their number. */
size_t words_split(const char *s, size_t n, struct word *out, size_t max);
/* The hash of a single word as words_split gives it; 0 if s is not exactly one word. */
uint64_t word_hash(const char *s);

/* Writes the text with every letter folded (no diacritics, small), and every run of anything that
 * is neither letter nor digit as one blank, to out (cap bytes, NUL-terminated). Returns its length.
 */
size_t words_plain(const char *s, size_t n, char *out, size_t cap);
/* Appends the plain form of what follows, from a blank or sign on, to the n bytes that out holds.
 * Returns the new length. */
size_t words_plain_more(char *out, size_t n, size_t cap, const char *s, size_t length);
/* As words_plain, in the arena. */
char *words_plain_dup(struct arena *a, const char *s);

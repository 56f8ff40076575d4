/*
 * text: a bounded byte buffer, UTF-8, and small string helpers.
 *
 * A buf states its maximum at birth; an append beyond it changes nothing, returns E_TOO_LARGE and
 * marks the buffer, so a chain of appends may be checked once at its end (buf_ok).
 * UTF-8 follows RFC 3629: no surrogates, no overlong forms, nothing above U+10FFFF.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

struct buf {
	char *p;  /* NUL-terminated whenever n > 0 or anything was appended */
	size_t n; /* bytes, without the NUL */
	size_t cap;
	size_t max;
	bool over;
	struct arena *arena; /* NULL: memory of its own, released by buf_done */
};

/* Starts a buffer of at most max bytes, in the arena, or on the heap if a is NULL. */
void buf_init(struct buf *b, struct arena *a, size_t max);
void buf_done(struct buf *b);
/* Empties the buffer and forgets that it was over. Keeps its memory. */
void buf_clear(struct buf *b);
/* Where n more bytes may be written, of which buf_wrote then tells how many were; NULL beyond the
 * maximum, as if they had been appended. */
char *buf_room(struct buf *b, size_t n);
static inline void buf_wrote(struct buf *b, size_t n)
{
	b->n += n;
	b->p[b->n] = '\0';
}
/* Makes room for n more bytes that will probably come, so that it need not grow for each. */
void buf_expect(struct buf *b, size_t n);
/* Each returns OK or E_TOO_LARGE. */
int buf_add(struct buf *b, const void *p, size_t n);
static inline int buf_adds(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s)); /* known to the compiler for most */
}
int buf_addc_slow(struct buf *b, char c);
static inline int buf_addc(struct buf *b, char c)
{
	if (b->n + 1 >= b->cap || b->n >= b->max)
		return buf_addc_slow(b, c);
	b->p[b->n++] = c;
	b->p[b->n] = '\0';
	return 0;
}
int buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Appends the code point as UTF-8 (U+FFFD in place of what is no character). */
int buf_add_utf8(struct buf *b, uint32_t cp);
bool buf_ok(const struct buf *b);
/* The text, "" when empty. Owned by the buffer. */
const char *buf_str(const struct buf *b);

/* Decodes one character at s (n > 0 bytes left) into *cp; returns its length in bytes, or 0 if s
 * does not start with a valid character. */
size_t utf8_decode(const char *s, size_t n, uint32_t *cp);
/* Writes the code point to out (4 bytes at most), returns its length; invalid ones become U+FFFD.
 */
size_t utf8_encode(uint32_t cp, char out[4]);
bool utf8_valid(const char *s, size_t n);
/* Characters in a valid UTF-8 string of n bytes. */
size_t utf8_length(const char *s, size_t n);
/* Copies with each invalid byte replaced by U+FFFD; NUL-terminated, in the arena. */
char *utf8_clean(struct arena *a, const char *s, size_t n);

/* Simple case folding for Latin, Greek, Cyrillic and Armenian; other characters unchanged. */
uint32_t utf8_fold(uint32_t cp);
/* Folds a whole UTF-8 string, trims it and collapses white space to single blanks: the form in
 * which names, skills and e-mail addresses are compared. In the arena. */
char *text_fold(struct arena *a, const char *s);

bool text_is_blank(const char *s);           /* NULL, empty or only white space */
bool text_has_control(const char *s);        /* any of C0, or DEL */
bool text_eq(const char *a, const char *b);  /* NULL-safe strcmp == 0 */
bool text_ieq(const char *a, const char *b); /* NULL-safe, ASCII case ignored */
bool text_starts(const char *s, const char *prefix);
bool text_ends(const char *s, const char *suffix);
bool text_iends(const char *s, const char *suffix); /* ASCII case ignored */
/* Cuts ASCII white space at both ends; the result points into s, which is changed. */
char *text_trim(char *s);
/* Parses a whole decimal number; E_INVALID if it is anything else or does not fit. */
int text_int(const char *s, int64_t *out);
/* Compares n bytes in time that depends on n alone. */
bool bytes_equal_ct(const void *a, const void *b, size_t n);
/* As above for strings: time depends on the length of b only. NULL never matches. */
bool text_equal_ct(const char *secret, const char *guess);

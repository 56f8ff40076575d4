/*
 * See words.h.
 *
 * Separators are of two strengths. Soft ones (blank, hyphen, slash, a point inside a name, an
 * apostrophe) only end a word: "node.js", "Node JS" and "node-js" are the same two words. Hard ones
 * (comma, bracket, bullet, tab, a dash between blanks) also forbid that a name of several words
 * spans them.
 */
#include "data/words.h"

#include <string.h>

#include "base/hash.h"
#include "base/text.h"

static const char latin[][2] = {
	{'a'},      {'a'},      {'a'},      {'a'},      {'a'},      {'a'},      {'a', 'e'}, {'c'},
	{'e'},      {'e'},      {'e'},      {'e'},      {'i'},      {'i'},      {'i'},      {'i'},
	{'d'},      {'n'},      {'o'},      {'o'},      {'o'},      {'o'},      {'o'},      {0},
	{'o'},      {'u'},      {'u'},      {'u'},      {'u'},      {'y'},      {'t', 'h'}, {'s', 's'},
	{'a'},      {'a'},      {'a'},      {'a'},      {'a'},      {'a'},      {'a', 'e'}, {'c'},
	{'e'},      {'e'},      {'e'},      {'e'},      {'i'},      {'i'},      {'i'},      {'i'},
	{'d'},      {'n'},      {'o'},      {'o'},      {'o'},      {'o'},      {'o'},      {0},
	{'o'},      {'u'},      {'u'},      {'u'},      {'u'},      {'y'},      {'t', 'h'}, {'y'},
	{'a'},      {'a'},      {'a'},      {'a'},      {'a'},      {'a'},      {'c'},      {'c'},
	{'c'},      {'c'},      {'c'},      {'c'},      {'c'},      {'c'},      {'d'},      {'d'},
	{'d'},      {'d'},      {'e'},      {'e'},      {'e'},      {'e'},      {'e'},      {'e'},
	{'e'},      {'e'},      {'e'},      {'e'},      {'g'},      {'g'},      {'g'},      {'g'},
	{'g'},      {'g'},      {'g'},      {'g'},      {'h'},      {'h'},      {'h'},      {'h'},
	{'i'},      {'i'},      {'i'},      {'i'},      {'i'},      {'i'},      {'i'},      {'i'},
	{'i'},      {'i'},      {'i', 'j'}, {'i', 'j'}, {'j'},      {'j'},      {'k'},      {'k'},
	{'k'},      {'l'},      {'l'},      {'l'},      {'l'},      {'l'},      {'l'},      {'l'},
	{'l'},      {'l'},      {'l'},      {'n'},      {'n'},      {'n'},      {'n'},      {'n'},
	{'n'},      {'n'},      {'n'},      {'n'},      {'o'},      {'o'},      {'o'},      {'o'},
	{'o'},      {'o'},      {'o', 'e'}, {'o', 'e'}, {'r'},      {'r'},      {'r'},      {'r'},
	{'r'},      {'r'},      {'s'},      {'s'},      {'s'},      {'s'},      {'s'},      {'s'},
	{'s'},      {'s'},      {'t'},      {'t'},      {'t'},      {'t'},      {'t'},      {'t'},
	{'u'},      {'u'},      {'u'},      {'u'},      {'u'},      {'u'},      {'u'},      {'u'},
	{'u'},      {'u'},      {'u'},      {'u'},      {'w'},      {'w'},      {'y'},      {'y'},
	{'y'},      {'z'},      {'z'},      {'z'},      {'z'},      {'z'},      {'z'},      {'s'},
	{0},        {0},        {0},        {0},        {0},        {0},        {0},        {0},
	{0},        {0},        {0},        {0},        {0},        {0},        {0},        {'e'},
	{0},        {'f'},      {'f'},      {0},        {0},        {0},        {0},        {0},
	{0},        {0},        {0},        {0},        {0},        {0},        {0},        {0},
	{'o'},      {'o'},      {0},        {0},        {0},        {0},        {0},        {0},
	{0},        {0},        {0},        {0},        {0},        {0},        {0},        {'u'},
	{'u'},      {0},        {0},        {0},        {0},        {0},        {0},        {0},
	{0},        {0},        {0},        {0},        {0},        {0},        {0},        {0},
	{0},        {0},        {0},        {0},        {'d', 'z'}, {'d', 'z'}, {'d', 'z'}, {'l', 'j'},
	{'l', 'j'}, {'l', 'j'}, {'n', 'j'}, {'n', 'j'}, {'n', 'j'}, {'a'},      {'a'},      {'i'},
	{'i'},      {'o'},      {'o'},      {'u'},      {'u'},      {'u'},      {'u'},      {'u'},
	{'u'},      {'u'},      {'u'},      {'u'},      {'u'},      {0},        {'a'},      {'a'},
	{'a'},      {'a'},      {'a', 'e'}, {'a', 'e'}, {0},        {0},        {'g'},      {'g'},
	{'k'},      {'k'},      {'o'},      {'o'},      {'o'},      {'o'},      {0},        {0},
	{'j'},      {'d', 'z'}, {'d', 'z'}, {'d', 'z'}, {'g'},      {'g'},      {0},        {0},
	{'n'},      {'n'},      {'a'},      {'a'},      {'a', 'e'}, {'a', 'e'}, {'o'},      {'o'},
	{'a'},      {'a'},      {'a'},      {'a'},      {'e'},      {'e'},      {'e'},      {'e'},
	{'i'},      {'i'},      {'i'},      {'i'},      {'o'},      {'o'},      {'o'},      {'o'},
	{'r'},      {'r'},      {'r'},      {'r'},      {'u'},      {'u'},      {'u'},      {'u'},
	{'s'},      {'s'},      {'t'},      {'t'},      {0},        {0},        {'h'},      {'h'},
	{0},        {0},        {0},        {0},        {0},        {0},        {'a'},      {'a'},
	{'e'},      {'e'},      {'o'},      {'o'},      {'o'},      {'o'},      {'o'},      {'o'},
	{'o'},      {'o'},      {'y'},      {'y'},      {0},        {0},        {0},        {0},
	{0},        {0},        {0},        {0},        {0},        {0},        {0},        {0},
	{0},        {0},        {0},        {0},        {0},        {0},        {0},        {0},
	{0},        {0},        {0},        {0},        {0},        {0},        {0},        {0},
};

static const char latin_more[][2] = {
	{'a'}, {'a'}, {'b'},      {'b'}, {'b'}, {'b'}, {'b'}, {'b'}, {'c'}, {'c'}, {'d'}, {'d'}, {'d'},
	{'d'}, {'d'}, {'d'},      {'d'}, {'d'}, {'d'}, {'d'}, {'e'}, {'e'}, {'e'}, {'e'}, {'e'}, {'e'},
	{'e'}, {'e'}, {'e'},      {'e'}, {'f'}, {'f'}, {'g'}, {'g'}, {'h'}, {'h'}, {'h'}, {'h'}, {'h'},
	{'h'}, {'h'}, {'h'},      {'h'}, {'h'}, {'i'}, {'i'}, {'i'}, {'i'}, {'k'}, {'k'}, {'k'}, {'k'},
	{'k'}, {'k'}, {'l'},      {'l'}, {'l'}, {'l'}, {'l'}, {'l'}, {'l'}, {'l'}, {'m'}, {'m'}, {'m'},
	{'m'}, {'m'}, {'m'},      {'n'}, {'n'}, {'n'}, {'n'}, {'n'}, {'n'}, {'n'}, {'n'}, {'o'}, {'o'},
	{'o'}, {'o'}, {'o'},      {'o'}, {'o'}, {'o'}, {'p'}, {'p'}, {'p'}, {'p'}, {'r'}, {'r'}, {'r'},
	{'r'}, {'r'}, {'r'},      {'r'}, {'r'}, {'s'}, {'s'}, {'s'}, {'s'}, {'s'}, {'s'}, {'s'}, {'s'},
	{'s'}, {'s'}, {'t'},      {'t'}, {'t'}, {'t'}, {'t'}, {'t'}, {'t'}, {'t'}, {'u'}, {'u'}, {'u'},
	{'u'}, {'u'}, {'u'},      {'u'}, {'u'}, {'u'}, {'u'}, {'v'}, {'v'}, {'v'}, {'v'}, {'w'}, {'w'},
	{'w'}, {'w'}, {'w'},      {'w'}, {'w'}, {'w'}, {'w'}, {'w'}, {'x'}, {'x'}, {'x'}, {'x'}, {'y'},
	{'y'}, {'z'}, {'z'},      {'z'}, {'z'}, {'z'}, {'z'}, {'h'}, {'t'}, {'w'}, {'y'}, {'a'}, {'s'},
	{0},   {0},   {'s', 's'}, {0},   {'a'}, {'a'}, {'a'}, {'a'}, {'a'}, {'a'}, {'a'}, {'a'}, {'a'},
	{'a'}, {'a'}, {'a'},      {'a'}, {'a'}, {'a'}, {'a'}, {'a'}, {'a'}, {'a'}, {'a'}, {'a'}, {'a'},
	{'a'}, {'a'}, {'e'},      {'e'}, {'e'}, {'e'}, {'e'}, {'e'}, {'e'}, {'e'}, {'e'}, {'e'}, {'e'},
	{'e'}, {'e'}, {'e'},      {'e'}, {'e'}, {'i'}, {'i'}, {'i'}, {'i'}, {'o'}, {'o'}, {'o'}, {'o'},
	{'o'}, {'o'}, {'o'},      {'o'}, {'o'}, {'o'}, {'o'}, {'o'}, {'o'}, {'o'}, {'o'}, {'o'}, {'o'},
	{'o'}, {'o'}, {'o'},      {'o'}, {'o'}, {'o'}, {'o'}, {'u'}, {'u'}, {'u'}, {'u'}, {'u'}, {'u'},
	{'u'}, {'u'}, {'u'},      {'u'}, {'u'}, {'u'}, {'u'}, {'u'}, {'y'}, {'y'}, {'y'}, {'y'}, {'y'},
	{'y'}, {'y'}, {'y'},      {0},   {0},   {0},   {0},   {0},   {0},
};

enum { WORD_FOLD_MAX = 64 };

size_t char_at_wide(const char *s, const char *end, uint32_t *cp)
{
	size_t n = utf8_decode(s, (size_t)(end - s), cp);

	if (n > 0)
		return n;
	*cp = 0xFFFD;
	return 1;
}

static bool between(uint32_t cp, uint32_t first, uint32_t last)
{
	return cp >= first && cp <= last;
}

/* Letters and digits of ASCII as they are compared; 0 for everything else. */
static const unsigned char ascii_plain[256] = {
	['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4', ['5'] = '5', ['6'] = '6',
	['7'] = '7', ['8'] = '8', ['9'] = '9', ['A'] = 'a', ['B'] = 'b', ['C'] = 'c', ['D'] = 'd',
	['E'] = 'e', ['F'] = 'f', ['G'] = 'g', ['H'] = 'h', ['I'] = 'i', ['J'] = 'j', ['K'] = 'k',
	['L'] = 'l', ['M'] = 'm', ['N'] = 'n', ['O'] = 'o', ['P'] = 'p', ['Q'] = 'q', ['R'] = 'r',
	['S'] = 's', ['T'] = 't', ['U'] = 'u', ['V'] = 'v', ['W'] = 'w', ['X'] = 'x', ['Y'] = 'y',
	['Z'] = 'z', ['a'] = 'a', ['b'] = 'b', ['c'] = 'c', ['d'] = 'd', ['e'] = 'e', ['f'] = 'f',
	['g'] = 'g', ['h'] = 'h', ['i'] = 'i', ['j'] = 'j', ['k'] = 'k', ['l'] = 'l', ['m'] = 'm',
	['n'] = 'n', ['o'] = 'o', ['p'] = 'p', ['q'] = 'q', ['r'] = 'r', ['s'] = 's', ['t'] = 't',
	['u'] = 'u', ['v'] = 'v', ['w'] = 'w', ['x'] = 'x', ['y'] = 'y', ['z'] = 'z',
};

const unsigned char ascii_class[128] = {
	['\t' ... '\r'] = CHAR_SPACE, [' '] = CHAR_SPACE,          ['0' ... '9'] = CHAR_DIGIT,
	['A' ... 'Z'] = CHAR_LETTER,  ['a' ... 'z'] = CHAR_LETTER,
};

static enum char_class latin1_class(uint32_t cp)
{
	if (cp == 0xA0)
		return CHAR_SPACE;
	if (cp == 0xAD)
		return CHAR_MARK;
	if (cp == 0xAA || cp == 0xBA || cp == 0xB5)
		return CHAR_LETTER;
	return cp >= 0xC0 && cp != 0xD7 && cp != 0xF7 ? CHAR_LETTER : CHAR_OTHER;
}

/* Punctuation, symbols, private use and pictures: everything else above Latin-1 counts as letters.
 */
static bool is_sign(uint32_t cp)
{
	return between(cp, 0x2010, 0x2BFF) || between(cp, 0x2E00, 0x2E7F) ||
		   between(cp, 0x3001, 0x3004) || between(cp, 0x3008, 0x3020) || cp == 0x30FB ||
		   between(cp, 0xE000, 0xF8FF) || between(cp, 0xFF01, 0xFF0F) ||
		   between(cp, 0xFF1A, 0xFF20) || between(cp, 0xFFF0, 0xFFFF) ||
		   between(cp, 0x1F000, 0x1FAFF) || cp >= 0xF0000;
}

enum char_class char_class_wide(uint32_t cp)
{
	if (cp < 0x100)
		return latin1_class(cp);
	if (between(cp, 0x300, 0x36F) || between(cp, 0x200B, 0x200D) || between(cp, 0xFE00, 0xFE0F) ||
		cp == 0x2060 || cp == 0xFEFF)
		return CHAR_MARK;
	if (between(cp, 0x2000, 0x200A) || cp == 0x202F || cp == 0x205F || cp == 0x3000 ||
		between(cp, 0x2028, 0x2029) || cp == 0x1680)
		return CHAR_SPACE;
	if (between(cp, 0xFF10, 0xFF19) || between(cp, 0x660, 0x669))
		return CHAR_DIGIT;
	return is_sign(cp) ? CHAR_OTHER : CHAR_LETTER;
}

bool char_is_upper_wide(uint32_t cp)
{
	return utf8_fold(cp) != cp;
}

bool char_is_lower_wide(uint32_t cp)
{
	if (cp >= 0x590 && !between(cp, 0x1E00, 0x1FFF))
		return false;
	return char_class(cp) == CHAR_LETTER && utf8_fold(cp) == cp && cp != 0xAA && cp != 0xBA;
}

bool char_is_cjk_wide(uint32_t cp)
{
	return between(cp, 0x3040, 0x30FF) || between(cp, 0x3400, 0x9FFF) ||
		   between(cp, 0xAC00, 0xD7A3) || between(cp, 0xF900, 0xFAFF) ||
		   between(cp, 0x20000, 0x3FFFF);
}

static uint32_t small_ascii(uint32_t cp)
{
	return cp - 'A' < 26 ? cp + 32 : cp;
}
/* Letters of Latin Extended-B that words are written without: "Ș" is "s". */
static const struct {
	uint16_t from;
	char to;
} other[] = {{0x1A1, 'o'}, {0x1B0, 'u'}, {0x1CE, 'a'}, {0x1D0, 'i'}, {0x1D2, 'o'},
			 {0x1D4, 'u'}, {0x219, 's'}, {0x21B, 't'}, {0x1E7, 'g'}, {0x1F5, 'g'}};

size_t char_fold(uint32_t cp, char *out)
{
	const char *two = NULL;

	if (cp < 0x80) {
		out[0] = (char)small_ascii(cp);
		return 1;
	}
	if (between(cp, 0xC0, 0xC0 + sizeof latin / sizeof *latin - 1))
		two = latin[cp - 0xC0];
	else if (between(cp, 0x1E00, 0x1E00 + sizeof latin_more / sizeof *latin_more - 1))
		two = latin_more[cp - 0x1E00];
	if (two != NULL && two[0] != '\0') {
		memcpy(out, two, 2);
		return two[1] == '\0' ? 1 : 2;
	}
	if (between(cp, 0xFF10, 0xFF19))
		return utf8_encode(cp - 0xFF10 + '0', out);
	for (size_t i = 0; cp >= 0x180 && cp < 0x24F && i < sizeof other / sizeof *other; i++)
		if (utf8_fold(cp) == other[i].from) {
			out[0] = other[i].to;
			return 1;
		}
	return utf8_encode(utf8_fold(cp), out);
}

/* Cuts the s of a plural: "apis" and "api" are one word, "analysis", "less" and "aws" stay. */
static size_t stem(const char *s, size_t n)
{
	if (n < 4 || s[n - 1] != 's' || s[n - 2] == 's' || s[n - 2] == 'u' ||
		(s[n - 2] == 'i' && n > 4))
		return n;
	return n - 1;
}

static bool word_start(const char *s, const char *end, uint32_t cp)
{
	uint32_t next = 0;
	enum char_class class = char_class(cp);

	if (class == CHAR_LETTER || class == CHAR_DIGIT)
		return true;
	if (cp != '.' || s + 1 >= end)
		return false;
	char_at(s + 1, end, &next);
	return char_class(next) == CHAR_LETTER;
}

/* Reads the word at s; returns its length in bytes. */
static size_t read_word(const char *s, const char *end, struct word *w)
{
	char folded[WORD_FOLD_MAX + 4];
	const char *p = s;
	size_t n = 0;
	unsigned letters = 0, small = 0;

	w->flags = 0;
	while (p < end) {
		uint32_t cp;
		size_t length = char_at(p, end, &cp);
		enum char_class class = char_class(cp);

		if (class == CHAR_SPACE || (class == CHAR_OTHER && p > s && cp != '+' && cp != '#'))
			break;
		if (class == CHAR_DIGIT)
			w->flags |= WORD_DIGITS;
		if (class == CHAR_LETTER) {
			if (letters++ == 0 && char_is_upper(cp))
				w->flags |= WORD_UPPER;
			small += char_is_lower(cp);
		}
		if (class != CHAR_MARK && n < WORD_FOLD_MAX && cp < 0x80)
			folded[n++] = (char)small_ascii(cp);
		else if (class != CHAR_MARK && n < WORD_FOLD_MAX)
			n += char_fold(cp, folded + n);
		p += length;
	}
	if (letters > 1 && small == 0)
		w->flags |= WORD_CAPS;
	w->hash = hash_bytes(folded, stem(folded, n));
	return (size_t)(p - s);
}

/* Whether the sign at p (not a blank) keeps two words from being read as one name. */
static bool is_hard(const char *s, const char *p, const char *end, uint32_t cp)
{
	bool after_blank = p == s || p[-1] == ' ', before_blank = p + 1 >= end || p[1] == ' ';

	switch (cp) {
	case '.':
	case '/':
	case '_': return before_blank;
	case '-': return after_blank && before_blank;
	case '\'':
	case '&':
	case 0x2019:
	case 0x2010:
	case 0x2011: return false;
	}
	return true;
}

struct splitting words_of(const char *s, size_t n)
{
	return (struct splitting){s, s, s + n, WORD_BREAK};
}

bool words_next(struct splitting *sp, struct word *out)
{
	const char *s = sp->text, *end = sp->end;

	while (sp->at < end) {
		const char *p = sp->at;
		uint32_t cp;
		size_t length = char_at(p, end, &cp);
		bool inner_point =
			cp == '.' && p > s && p[-1] != ' ' && char_class((unsigned char)p[-1]) != CHAR_OTHER;

		if (!inner_point && word_start(p, end, cp)) {
			length = read_word(p, end, out);
			out->start = (uint32_t)(p - s);
			out->end = (uint32_t)(p - s + (ptrdiff_t)length);
			out->flags |= sp->hard;
			sp->hard = 0;
			sp->at = p + length;
			return true;
		}
		sp->at = p + length;
		if (cp == '&' && p > s && p[-1] == ' ') {
			*out = (struct word){hash_bytes("and", 3), (uint32_t)(p - s), (uint32_t)(p - s + 1),
								 sp->hard};
			sp->hard = 0;
			return true;
		}
		if (cp == '\t' || cp == '\n' || (char_class(cp) == CHAR_OTHER && is_hard(s, p, end, cp)))
			sp->hard = WORD_BREAK;
	}
	return false;
}

size_t words_split(const char *s, size_t n, struct word *out, size_t max)
{
	struct splitting sp = words_of(s, n);
	size_t count = 0;

	while (count < max && words_next(&sp, &out[count]))
		count++;
	return count;
}

uint64_t word_hash(const char *s)
{
	struct word w[2];

	return words_split(s, strlen(s), w, 2) == 1 ? w[0].hash : 0;
}

size_t words_plain(const char *s, size_t n, char *out, size_t cap)
{
	const char *end = s + n;
	size_t at = 0;
	bool blank = false;

	while (s < end && at + 6 < cap) {
		unsigned char byte = (unsigned char)*s, plain = ascii_plain[byte];
		enum char_class class;
		uint32_t cp;

		if (plain != 0) {
			if (blank && at > 0)
				out[at++] = ' ';
			blank = false;
			do {
				out[at++] = (char)plain;
				s++;
			} while (s < end && at + 6 < cap && (plain = ascii_plain[(unsigned char)*s]) != 0);
			continue;
		}
		if (byte < 0x80) {
			blank = true;
			s++;
			continue;
		}
		s += char_at_wide(s, end, &cp);
		class = char_class(cp);
		if (class == CHAR_LETTER || class == CHAR_DIGIT) {
			if (blank && at > 0)
				out[at++] = ' ';
			blank = false;
			at += char_fold(cp, out + at);
		} else if (class != CHAR_MARK) {
			blank = true;
		}
	}
	if (cap > 0)
		out[at] = '\0';
	return at;
}

size_t words_plain_more(char *out, size_t n, size_t cap, const char *s, size_t length)
{
	size_t at = n > 0 ? n + 1 : 0, more;

	if (at + 1 >= cap)
		return n;
	more = words_plain(s, length, out + at, cap - at);
	if (n > 0)
		out[n] = more > 0 ? ' ' : '\0';
	return more > 0 ? at + more : n;
}

char *words_plain_dup(struct arena *a, const char *s)
{
	size_t n = strlen(s), cap = n * 2 + 8;
	char *out = arena_alloc_raw(a, cap);

	words_plain(s, n, out, cap);
	return out;
}

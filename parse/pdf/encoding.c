/*
 * See encoding.h. The two glyph lists are Adobe's files, sorted and embedded as they are; a name is
 * found by bisection over their lines.
 */
#include "parse/pdf/encoding.h"

#include <string.h>

#include "base/text.h"
#include "parse/pdf/compose.h"
#include "parse/pdf/object.h"

extern const unsigned char glyphlist[], dingbatlist[];
extern const size_t glyphlist_size, dingbatlist_size;

enum { SEQUENCE_MAX = 16, NAME_MAX_BYTES = 64, POOL_MAX = 1 << 20 };

/* The parts of the ligatures and digraphs of U+FB00 to U+FB06. */
static const char *ligature(uint32_t cp)
{
	static const char *const parts[] = {"ff", "fi", "fl", "ffi", "ffl", "st", "st"};

	return cp >= 0xFB00 && cp <= 0xFB06 ? parts[cp - 0xFB00] : NULL;
}

/* Blanks of every width are blanks; what has no shape is nothing. */
static uint32_t plain(uint32_t cp)
{
	if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp > 0x10FFFF || cp == 0xFEFF || cp == 0xFFFE ||
		cp == 0xFFFD || cp == 0xFFFF || (cp >= 0xD800 && cp < 0xE000))
		return cp == '\t' || cp == '\n' || cp == '\r' ? ' ' : 0;
	if (cp == 0xA0 || (cp >= 0x2000 && cp <= 0x200A) || cp == 0x202F || cp == 0x205F ||
		cp == 0x3000 || cp == 0x2028 || cp == 0x2029)
		return ' ';
	if ((cp >= 0x200B && cp <= 0x200F) || (cp >= 0x202A && cp <= 0x202E) ||
		(cp >= 0x2060 && cp <= 0x2069) || (cp >= 0xFE00 && cp <= 0xFE0F))
		return 0;
	return cp == 0x2010 || cp == 0x2011 ? '-' : cp;
}

static uint32_t pool_add(struct pdf *p, const uint32_t *cps, size_t n)
{
	size_t at = p->npool;

	if (at + n + 1 > POOL_MAX)
		return cps[0];
	if (at + n + 1 > p->pool_cap) {
		size_t cap = (p->pool_cap + n + 1) * 2 + 64;
		uint32_t *grown = ARENA_ARRAY(p->arena, cap, uint32_t);

		if (at > 0)
			memcpy(grown, p->pool, at * sizeof *grown);
		p->pool = grown;
		p->pool_cap = cap;
	}
	p->pool[at] = (uint32_t)n;
	memcpy(p->pool + at + 1, cps, n * sizeof *cps);
	p->npool = at + n + 1;
	return TEXT_POOLED | (uint32_t)at;
}

/* Appends what a code point stands for to the k code points of out; returns how many there are
 * then. A combining mark joins the letter before it. */
static size_t append(uint32_t *out, size_t k, size_t room, uint32_t cp)
{
	const char *parts = ligature(cp);
	uint32_t composed;

	if (parts != NULL) {
		for (; *parts != '\0' && k < room; parts++)
			out[k++] = (uint32_t)*parts;
		return k;
	}
	cp = plain(cp);
	if (cp == 0 || k == room)
		return k;
	composed = k > 0 && cp >= 0x300 && cp < 0x370 ? compose(out[k - 1], cp) : 0;
	if (composed != 0)
		out[k - 1] = composed;
	else
		out[k++] = cp;
	return k;
}

uint32_t text_make(struct pdf *p, const uint32_t *cps, size_t n)
{
	uint32_t out[SEQUENCE_MAX];
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		if (n > 1 && cps[i] == 0xAD)
			continue;
		k = append(out, k, SEQUENCE_MAX, cps[i]);
		/* One glyph may stand for a blank, or a hyphen, in each of its variants. */
		if (k > 1 && out[k - 1] == out[k - 2] && (out[k - 1] == ' ' || out[k - 1] == '-'))
			k--;
	}
	if (k == 0)
		return 0;
	return k == 1 ? out[0] : pool_add(p, out, k);
}

uint32_t text_from_string(struct pdf *p, const unsigned char *s, size_t n)
{
	const char *utf8 = text_string(p->arena, s, n);
	size_t left = strlen(utf8), room = left, k = 0;
	uint32_t *cps = ARENA_ARRAY(p->arena, room, uint32_t), cp;

	while (left > 0) {
		size_t used = utf8_decode(utf8, left, &cp);

		if (used == 0)
			break;
		k = append(cps, k, room, cp);
		utf8 += used;
		left -= used;
	}
	return k == 0 ? 0 : k == 1 ? cps[0] : pool_add(p, cps, k);
}

const uint32_t *text_chars(const struct pdf *p, uint32_t text, uint32_t *one, size_t *n)
{
	if ((text & TEXT_POOLED) != 0) {
		const uint32_t *at = p->pool + (text & ~TEXT_POOLED);

		*n = at[0];
		return at + 1;
	}
	*one = text;
	*n = text != 0;
	return one;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads exactly n hexadecimal digits. */
static bool hex(const char *s, size_t n, uint32_t *v)
{
	*v = 0;
	for (size_t i = 0; i < n; i++) {
		if (hex_digit(s[i]) < 0)
			return false;
		*v = *v << 4 | (uint32_t)hex_digit(s[i]);
	}
	return n > 0;
}

/* Compares a name, as if a semicolon ended it, with the line at s: the order in which lines are
 * sorted. */
static int compare(const char *name, size_t n, const char *s)
{
	for (size_t i = 0; i <= n; i++) {
		char c = i < n ? name[i] : ';';

		if (c != s[i])
			return (unsigned char)c < (unsigned char)s[i] ? -1 : 1;
	}
	return 0;
}

/* Looks a name up in a list of lines "name;0041 0301"; fills cps and returns how many. */
static size_t look_up(const unsigned char *list, size_t size, const char *name, size_t n,
					  uint32_t *cps)
{
	const char *text = (const char *)list;
	size_t low = 0, high = size, count = 0;

	while (low < high) {
		size_t at = low + (high - low) / 2;
		int c;

		while (at > low && text[at - 1] != '\n')
			at--;
		c = compare(name, n, text + at);
		if (c < 0) {
			high = at;
			continue;
		}
		if (c > 0) {
			const char *nl = memchr(text + at, '\n', high - at);

			low = nl == NULL ? high : (size_t)(nl - text) + 1;
			continue;
		}
		for (at += n + 1; count < 4 && hex(text + at, 4, &cps[count]); at += 5)
			if (text[at + 4] != ' ')
				return count + 1;
			else
				count++;
		return count;
	}
	return 0;
}

/* "uni" and groups of four digits, or "u" and four to six. */
static size_t by_number(const char *s, size_t n, uint32_t *cps)
{
	size_t count = 0;

	if (n >= 7 && memcmp(s, "uni", 3) == 0) {
		for (size_t i = 3; i + 4 <= n && count < 4; i += 4)
			if (!hex(s + i, 4, &cps[count++]))
				return 0;
		return count;
	}
	return n >= 5 && n <= 7 && s[0] == 'u' && hex(s + 1, n - 1, &cps[0]) ? 1 : 0;
}

static size_t component(const char *s, size_t n, bool dingbats, uint32_t *cps)
{
	size_t k = 0;

	if (n == 0 || n > NAME_MAX_BYTES)
		return 0;
	if (dingbats)
		k = look_up(dingbatlist, dingbatlist_size, s, n, cps);
	if (k == 0)
		k = look_up(glyphlist, glyphlist_size, s, n, cps);
	return k == 0 ? by_number(s, n, cps) : k;
}

uint32_t glyph_text(struct pdf *p, const char *name, size_t n, bool dingbats)
{
	const char *dot = memchr(name, '.', n);
	uint32_t cps[SEQUENCE_MAX];
	size_t count = 0, k;

	if (dot == name)
		return 0;
	if (dot != NULL)
		n = (size_t)(dot - name);
	k = component(name, n, dingbats, cps);
	if (k > 0)
		return text_make(p, cps, k);
	while (n > 0 && count + 4 <= SEQUENCE_MAX) {
		const char *bar = memchr(name, '_', n);
		size_t len = bar == NULL ? n : (size_t)(bar - name);

		k = component(name, len, dingbats, cps + count);
		if (k == 0)
			return 0;
		count += k;
		name += len + (bar != NULL);
		n -= len + (bar != NULL);
	}
	return text_make(p, cps, count);
}

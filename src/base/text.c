/*
 * See text.h. A buffer doubles until it meets its maximum; in an arena the outgrown copies die with
 * the arena, so the waste is bounded by the final size. Case folding goes by ranges instead of a
 * table: the four scripts in which résumés pair upper and lower case.
 */
#include "base/text.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"

enum { BUF_FIRST = 64, REPLACEMENT = 0xFFFD };

void buf_init(struct buf *b, struct arena *a, size_t max)
{
	*b = (struct buf){.max = max, .arena = a};
}

void buf_done(struct buf *b)
{
	if (b->arena == NULL)
		free(b->p);
	b->p = NULL;
	b->n = b->cap = 0;
}

void buf_clear(struct buf *b)
{
	b->n = 0;
	b->over = false;
	if (b->p != NULL)
		b->p[0] = '\0';
}

static void grow(struct buf *b, size_t cap)
{
	char *p;

	if (b->arena != NULL) {
		p = arena_alloc_raw(b->arena, cap);
		if (b->n > 0)
			memcpy(p, b->p, b->n);
	} else {
		p = realloc(b->p, cap);
		if (p == NULL) {
			fputs("vitae: out of memory\n", stderr);
			abort();
		}
	}
	b->p = p;
	b->cap = cap;
}

/* Makes room for more bytes and a NUL. */
static int reserve(struct buf *b, size_t more)
{
	size_t need, cap = b->cap == 0 ? BUF_FIRST : b->cap;

	if (b->n > b->max || more > b->max - b->n || b->n + more > SIZE_MAX / 4) {
		b->over = true;
		return E_TOO_LARGE;
	}
	need = b->n + more + 1;
	if (need <= b->cap)
		return OK;
	while (cap < need)
		cap *= 2;
	grow(b, cap);
	return OK;
}

char *buf_room(struct buf *b, size_t n)
{
	if (n >= b->cap || b->n >= b->cap - n || b->n > b->max || n > b->max - b->n)
		if (reserve(b, n) < 0)
			return NULL;
	return b->p + b->n;
}

void buf_expect(struct buf *b, size_t n)
{
	if (b->n <= b->max && n <= b->max - b->n && b->n + n + 1 > b->cap)
		grow(b, b->n + n + 1);
}

int buf_add(struct buf *b, const void *p, size_t n)
{
	char *at = buf_room(b, n);

	if (at == NULL)
		return E_TOO_LARGE;
	if (n > 0)
		memcpy(at, p, n);
	buf_wrote(b, n);
	return OK;
}

int buf_addc_slow(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

static int add_formatted(struct buf *b, const char *fmt, va_list ap, va_list again)
{
	int n = vsnprintf(NULL, 0, fmt, ap);

	if (n < 0)
		return E_TOO_LARGE;
	TRY(reserve(b, (size_t)n));
	vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
	b->n += (size_t)n;
	return OK;
}

int buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	int rc;

	va_start(ap, fmt);
	va_copy(again, ap);
	rc = add_formatted(b, fmt, ap, again);
	va_end(again);
	va_end(ap);
	return rc;
}

int buf_add_utf8(struct buf *b, uint32_t cp)
{
	char bytes[4];

	if (cp < 0x80)
		return buf_addc(b, (char)cp);
	return buf_add(b, bytes, utf8_encode(cp, bytes));
}

bool buf_ok(const struct buf *b)
{
	return !b->over;
}

const char *buf_str(const struct buf *b)
{
	return b->p == NULL ? "" : b->p;
}

size_t utf8_decode(const char *s, size_t n, uint32_t *cp)
{
	const unsigned char *u = (const unsigned char *)s;
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t length;
	uint32_t c;

	if (n == 0)
		return 0;
	if (u[0] < 0x80) {
		*cp = u[0];
		return 1;
	}
	if (u[0] < 0xC2 || u[0] > 0xF4)
		return 0;
	length = u[0] >= 0xF0 ? 4 : u[0] >= 0xE0 ? 3 : 2;
	if (n < length)
		return 0;
	c = u[0] & (0x7Fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((u[i] & 0xC0) != 0x80)
			return 0;
		c = c << 6 | (u[i] & 0x3Fu);
	}
	if (c < least[length] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	*cp = c;
	return length;
}

size_t utf8_encode(uint32_t cp, char out[4])
{
	if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
		cp = REPLACEMENT;
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xC0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3F));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xE0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
		out[2] = (char)(0x80 | (cp & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
	out[3] = (char)(0x80 | (cp & 0x3F));
	return 4;
}

bool utf8_valid(const char *s, size_t n)
{
	uint32_t cp;

	for (size_t i = 0; i < n;) {
		size_t length = utf8_decode(s + i, n - i, &cp);

		if (length == 0)
			return false;
		i += length;
	}
	return true;
}

size_t utf8_length(const char *s, size_t n)
{
	size_t characters = 0;

	for (size_t i = 0; i < n; i++)
		characters += ((unsigned char)s[i] & 0xC0) != 0x80;
	return characters;
}

char *utf8_clean(struct arena *a, const char *s, size_t n)
{
	size_t bad = 0, at = 0;
	uint32_t cp;
	char *out;

	for (size_t i = 0; i < n;) {
		size_t length = utf8_decode(s + i, n - i, &cp);

		bad += length == 0;
		i += length == 0 ? 1 : length;
	}
	out = arena_alloc(a, n + 2 * bad + 1);
	for (size_t i = 0; i < n;) {
		size_t length = utf8_decode(s + i, n - i, &cp);

		if (length == 0) {
			at += utf8_encode(REPLACEMENT, out + at);
			i++;
			continue;
		}
		memcpy(out + at, s + i, length);
		at += length;
		i += length;
	}
	out[at] = '\0';
	return out;
}

/* Latin Extended-A and Additional pair upper and lower case as neighbours; which one is even
 * changes. */
static uint32_t fold_latin(uint32_t cp)
{
	if (cp == 0x178)
		return 0xFF;
	if (cp == 0x130 || cp == 0x131 || cp == 0x138 || cp == 0x149 || cp == 0x17F)
		return cp == 0x130 ? 'i' : cp == 0x17F ? 's' : cp;
	if ((cp >= 0x139 && cp <= 0x148) || (cp >= 0x179 && cp <= 0x17E))
		return cp + (cp & 1);
	if (cp >= 0x1E96 && cp <= 0x1E9F)
		return cp;
	return cp | 1;
}

static uint32_t fold_greek(uint32_t cp)
{
	if (cp >= 0x391 && cp <= 0x3AB && cp != 0x3A2)
		return cp + 32;
	if (cp == 0x3C2)
		return 0x3C3;
	if (cp == 0x386)
		return 0x3AC;
	if (cp >= 0x388 && cp <= 0x38A)
		return cp + 37;
	if (cp == 0x38C)
		return 0x3CC;
	return cp == 0x38E || cp == 0x38F ? cp + 63 : cp;
}

static uint32_t fold_cyrillic(uint32_t cp)
{
	if (cp < 0x410)
		return cp + 80;
	if (cp < 0x430)
		return cp + 32;
	if ((cp >= 0x460 && cp <= 0x481) || (cp >= 0x48A && cp <= 0x4BF) || cp >= 0x4D0)
		return cp | 1;
	if (cp == 0x4C0)
		return 0x4CF;
	return cp >= 0x4C1 && cp <= 0x4CE ? cp + (cp & 1) : cp;
}

/* Latin Extended-B: Romanian, Vietnamese, Azeri, pinyin, and the pairs around them. */
static uint32_t fold_latin_extended(uint32_t cp)
{
	if (cp == 0x18F)
		return 0x259;
	if (cp == 0x1A0 || cp == 0x1AF)
		return cp + 1;
	if (cp >= 0x1CD && cp <= 0x1DC)
		return cp + (cp & 1);
	if ((cp >= 0x1DE && cp <= 0x1EF) || (cp >= 0x1F8 && cp <= 0x21F) ||
		(cp >= 0x222 && cp <= 0x233))
		return cp | 1;
	return cp;
}

uint32_t utf8_fold(uint32_t cp)
{
	if (cp < 0x80)
		return cp >= 'A' && cp <= 'Z' ? cp + 32 : cp;
	if (cp >= 0xC0 && cp <= 0xDE)
		return cp == 0xD7 ? cp : cp + 32;
	if ((cp >= 0x100 && cp <= 0x17F) || (cp >= 0x1E00 && cp <= 0x1EFF))
		return fold_latin(cp);
	if (cp >= 0x180 && cp <= 0x24F)
		return fold_latin_extended(cp);
	if (cp >= 0x386 && cp <= 0x3FF)
		return fold_greek(cp);
	if (cp >= 0x400 && cp <= 0x52F)
		return fold_cyrillic(cp);
	return cp >= 0x531 && cp <= 0x556 ? cp + 48 : cp;
}

static bool is_blank(uint32_t cp)
{
	return cp == ' ' || (cp >= '\t' && cp <= '\r') || cp == 0x85 || cp == 0xA0 || cp == 0x1680 ||
		   (cp >= 0x2000 && cp <= 0x200A) || cp == 0x2028 || cp == 0x2029 || cp == 0x202F ||
		   cp == 0x205F || cp == 0x3000;
}

char *text_fold(struct arena *a, const char *s)
{
	size_t n, at = 0;
	bool gap = false;
	char *out;

	if (s == NULL)
		return NULL;
	n = strlen(s);
	/* No folded character is longer than its own form; an invalid byte grows to three. */
	out = arena_alloc(a, n * 3 + 1);
	for (size_t i = 0; i < n;) {
		uint32_t cp = REPLACEMENT;
		size_t length = utf8_decode(s + i, n - i, &cp);

		i += length == 0 ? 1 : length;
		if (is_blank(cp)) {
			gap = at > 0;
			continue;
		}
		if (gap)
			out[at++] = ' ';
		gap = false;
		at += utf8_encode(utf8_fold(cp), out + at);
	}
	out[at] = '\0';
	return out;
}

bool text_is_blank(const char *s)
{
	size_t n = s == NULL ? 0 : strlen(s);
	uint32_t cp;

	for (size_t i = 0; i < n;) {
		size_t length = utf8_decode(s + i, n - i, &cp);

		if (length == 0 || !is_blank(cp))
			return false;
		i += length;
	}
	return true;
}

bool text_has_control(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return true;
	return false;
}

bool text_eq(const char *a, const char *b)
{
	return a != NULL && b != NULL ? strcmp(a, b) == 0 : a == b;
}

static unsigned char ascii_lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

bool text_ieq(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	while (*a != '\0' && ascii_lower(*a) == ascii_lower(*b)) {
		a++;
		b++;
	}
	return ascii_lower(*a) == ascii_lower(*b);
}

bool text_starts(const char *s, const char *prefix)
{
	if (s == NULL)
		return false;
	/* Most texts differ in their first byte: no call for each. */
	while (*prefix != '\0' && *s == *prefix) {
		s++;
		prefix++;
	}
	return *prefix == '\0';
}

bool text_ends(const char *s, const char *suffix)
{
	size_t n = s == NULL ? 0 : strlen(s), m = strlen(suffix);

	return s != NULL && n >= m && memcmp(s + n - m, suffix, m) == 0;
}

bool text_iends(const char *s, const char *suffix)
{
	size_t n = s == NULL ? 0 : strlen(s), m = strlen(suffix);

	return s != NULL && n >= m && text_ieq(s + n - m, suffix);
}

static bool is_ascii_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

char *text_trim(char *s)
{
	size_t n;

	while (is_ascii_space(*s))
		s++;
	n = strlen(s);
	while (n > 0 && is_ascii_space(s[n - 1]))
		n--;
	s[n] = '\0';
	return s;
}

int text_int(const char *s, int64_t *out)
{
	bool negative = s != NULL && *s == '-';
	int64_t v = 0;

	if (s == NULL)
		return E_INVALID;
	s += negative;
	if (*s == '\0')
		return E_INVALID;
	for (; *s != '\0'; s++) {
		int digit = *s - '0';

		if (digit < 0 || digit > 9)
			return E_INVALID;
		/* Counted downwards, since the least number has no positive twin. */
		if (__builtin_mul_overflow(v, INT64_C(10), &v) ||
			__builtin_sub_overflow(v, (int64_t)digit, &v))
			return E_INVALID;
	}
	if (!negative && v == INT64_MIN)
		return E_INVALID;
	*out = negative ? v : -v;
	return OK;
}

bool bytes_equal_ct(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;
	uint64_t differ = 0, left, right;

	for (; n >= sizeof left; n -= sizeof left, x += sizeof left, y += sizeof left) {
		memcpy(&left, x, sizeof left);
		memcpy(&right, y, sizeof right);
		differ |= left ^ right;
		__asm__ volatile("" : "+r"(differ)); /* the compiler shall not end at the first */
	}
	for (size_t i = 0; i < n; i++) {
		differ |= (uint64_t)(x[i] ^ y[i]);
		__asm__ volatile("" : "+r"(differ));
	}
	return differ == 0;
}

bool text_equal_ct(const char *secret, const char *guess)
{
	const volatile char *s = secret, *g = guess;
	unsigned differ = 0;
	size_t at = 0;

	if (secret == NULL || guess == NULL)
		return false;
	for (size_t i = 0; g[i] != '\0'; i++) {
		differ |= (unsigned)(s[at] ^ g[i]);
		at += s[at] != '\0';
	}
	differ |= (unsigned)s[at];
	return differ == 0;
}

/* See lexer.h. One table classifies bytes, so that the common path of a token is a few look-ups. */
#include "parse/pdf/lexer.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { REGULAR, SPACE, DELIMITER };

static const uint8_t class_of[256] = {
	[0] = SPACE,       ['\t'] = SPACE,    ['\n'] = SPACE,    ['\f'] = SPACE,
	['\r'] = SPACE,    [' '] = SPACE,     ['('] = DELIMITER, [')'] = DELIMITER,
	['<'] = DELIMITER, ['>'] = DELIMITER, ['['] = DELIMITER, [']'] = DELIMITER,
	['{'] = DELIMITER, ['}'] = DELIMITER, ['/'] = DELIMITER, ['%'] = DELIMITER,
};

static int hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void skip_space(struct lexer *l)
{
	unsigned char *p = l->p, *end = l->end;

	while (p < end) {
		if (class_of[*p] == SPACE) {
			p++;
		} else if (*p == '%') {
			while (p < end && *p != '\n' && *p != '\r')
				p++;
		} else {
			break;
		}
	}
	l->p = p;
}

/* Reads up to three octal digits behind a backslash. */
static unsigned char octal(struct lexer *l)
{
	unsigned v = 0;

	for (int i = 0; i < 3 && l->p < l->end && *l->p >= '0' && *l->p <= '7'; i++)
		v = v * 8 + (unsigned)(*l->p++ - '0');
	return (unsigned char)v;
}

/* Decodes what follows a backslash to *out; false where it stands for nothing (a line's end). */
static bool escape(struct lexer *l, unsigned char *out)
{
	unsigned char c = *l->p;

	if (c >= '0' && c <= '7') {
		*out = octal(l);
		return true;
	}
	l->p++;
	switch (c) {
	case 'n': *out = '\n'; return true;
	case 'r': *out = '\r'; return true;
	case 't': *out = '\t'; return true;
	case 'b': *out = '\b'; return true;
	case 'f': *out = '\f'; return true;
	case '\r':
		if (l->p < l->end && *l->p == '\n')
			l->p++;
		return false;
	case '\n': return false;
	}
	*out = c;
	return true;
}

static void literal_string(struct lexer *l, struct token *t)
{
	unsigned char *out = l->p;
	int depth = 1;

	t->kind = TOKEN_STRING;
	t->s = out;
	while (l->p < l->end) {
		unsigned char c = *l->p++;

		if (c == ')' && --depth == 0)
			break;
		if (c == '(')
			depth++;
		if (c == '\\' && (l->p == l->end || !escape(l, &c)))
			continue;
		*out++ = c;
	}
	t->n = (size_t)(out - t->s);
}

static void hex_string(struct lexer *l, struct token *t)
{
	unsigned char *out = l->p, *p = l->p, *end = l->end;
	int high = -1;

	t->kind = TOKEN_STRING;
	t->s = out;
	while (p < end && *p != '>') {
		int d = hex_digit(*p++);

		if (d < 0)
			continue;
		if (high >= 0) {
			*out++ = (unsigned char)(high << 4 | d);
			high = -1;
		} else {
			high = d;
		}
	}
	l->p = p < end ? p + 1 : p;
	if (high >= 0)
		*out++ = (unsigned char)(high << 4);
	t->n = (size_t)(out - t->s);
}

static void name(struct lexer *l, struct token *t)
{
	unsigned char *out = l->p;

	t->kind = TOKEN_NAME;
	t->s = out;
	while (l->p < l->end && class_of[*l->p] == REGULAR) {
		unsigned char c = *l->p++;

		if (c == '#' && l->end - l->p >= 2 && hex_digit(l->p[0]) >= 0 && hex_digit(l->p[1]) >= 0) {
			c = (unsigned char)(hex_digit(l->p[0]) << 4 | hex_digit(l->p[1]));
			l->p += 2;
		}
		*out++ = c;
	}
	t->n = (size_t)(out - t->s);
}

/* Reads a number as lenient viewers do: stray signs inside end it, "--5" is 5 below zero. */
static bool number(struct lexer *l, struct token *t)
{
	const unsigned char *p = l->p, *end = l->end;
	static const double units[] = {1,    1e-1, 1e-2, 1e-3, 1e-4,  1e-5,
								   1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11};
	enum { DECIMALS_MAX = sizeof units / sizeof units[0] - 1 };
	static const uint64_t WHOLE_MAX = UINT64_C(1000000000000000000); /* one more digit fits */
	bool minus = false, digits = false;
	int decimals = 0;
	uint64_t whole = 0;
	double v;

	while (p < end && (*p == '+' || *p == '-'))
		minus |= *p++ == '-';
	for (; p < end && *p >= '0' && *p <= '9'; p++) {
		if (whole < WHOLE_MAX)
			whole = whole * 10 + (uint64_t)(*p - '0');
		digits = true;
	}
	if (p < end && *p == '.') {
		for (p++; p < end && *p >= '0' && *p <= '9'; p++) {
			if (decimals == DECIMALS_MAX || whole >= WHOLE_MAX)
				continue;
			whole = whole * 10 + (uint64_t)(*p - '0');
			decimals++;
		}
		digits = true;
	}
	v = (double)whole * units[decimals];
	if (!digits)
		return false;
	while (p < end && (*p == '-' || *p == '.' || (*p >= '0' && *p <= '9')))
		p++;
	t->kind = TOKEN_NUMBER;
	t->number = minus ? -v : v;
	if (v > 1e15)
		t->number = minus ? -1e15 : 1e15;
	l->p += p - l->p;
	return true;
}

static void word(struct lexer *l, struct token *t)
{
	unsigned char *p = l->p, *end = l->end;

	t->kind = TOKEN_WORD;
	t->s = p;
	while (p < end && class_of[*p] == REGULAR)
		p++;
	l->p = p;
	t->n = (size_t)(p - t->s);
}

/* Brackets and braces; false for a byte that starts nothing and was skipped. */
static bool delimiter(struct lexer *l, struct token *t)
{
	unsigned char c = *l->p++;
	bool twice = l->p < l->end && *l->p == c;

	t->s = l->p;
	t->n = 0;
	switch (c) {
	case '(': literal_string(l, t); return true;
	case '/': name(l, t); return true;
	case '[': t->kind = TOKEN_ARRAY; return true;
	case ']': t->kind = TOKEN_ARRAY_END; return true;
	case '<':
		if (!twice) {
			hex_string(l, t);
			return true;
		}
		l->p++;
		t->kind = TOKEN_DICT;
		return true;
	case '>':
		if (!twice)
			return false;
		l->p++;
		t->kind = TOKEN_DICT_END;
		return true;
	}
	return false;
}

enum token_kind lexer_next(struct lexer *l, struct token *t)
{
	for (;;) {
		skip_space(l);
		if (l->p >= l->end) {
			t->kind = TOKEN_END;
			t->s = l->p;
			t->n = 0;
			return TOKEN_END;
		}
		if (class_of[*l->p] == DELIMITER) {
			if (delimiter(l, t))
				return t->kind;
			continue;
		}
		if (*l->p <= '9' && number(l, t))
			return t->kind;
		word(l, t);
		return t->kind;
	}
}

/* True if the bytes from p on read like operators rather than like image data. */
static bool looks_like_content(const unsigned char *p, const unsigned char *end)
{
	for (int i = 0; i < 12 && p < end; i++, p++)
		if ((*p < 0x20 && class_of[*p] != SPACE) || *p > 0x7E)
			return false;
	return true;
}

void lexer_skip_image(struct lexer *l)
{
	unsigned char *p = l->p;

	while (p + 2 <= l->end) {
		unsigned char *e = memchr(p, 'E', (size_t)(l->end - p));

		if (e == NULL || e + 2 > l->end)
			break;
		p = e + 1;
		if (e[1] != 'I' || (e > l->p && class_of[e[-1]] != SPACE))
			continue;
		if (e + 2 < l->end && class_of[e[2]] != SPACE)
			continue;
		if (looks_like_content(e + 2, l->end)) {
			l->p = e + 2;
			return;
		}
	}
	l->p = l->end;
}

/*
 * See font_program.h. The clear-text part of a Type 1 program is PostScript of a fixed form: the
 * encoding is "/Encoding StandardEncoding def" or a list of "dup 65 /A put".
 */
#include <string.h>

#include "parse/pdf/encoding.h"
#include "parse/pdf/font_program.h"
#include "parse/pdf/lexer.h"

static bool is(const struct token *t, enum token_kind kind, const char *s)
{
	return t->kind == kind && t->n == strlen(s) && memcmp(t->s, s, t->n) == 0;
}

static void read_entries(struct pdf *p, struct lexer *l, uint32_t text[256])
{
	struct token t;
	int code = -1;

	while (lexer_next(l, &t) != TOKEN_END) {
		if (is(&t, TOKEN_WORD, "def") || is(&t, TOKEN_WORD, "readonly") ||
			is(&t, TOKEN_WORD, "eexec"))
			return;
		if (t.kind == TOKEN_NUMBER)
			code = t.number >= 0 && t.number < 256 ? (int)t.number : -1;
		if (t.kind != TOKEN_NAME || code < 0)
			continue;
		if (text[code] == 0)
			text[code] = glyph_text(p, (const char *)t.s, t.n, false);
		code = -1;
	}
}

void type1_encoding(struct pdf *p, unsigned char *data, size_t n, uint32_t text[256])
{
	unsigned char *at = memmem(data, n, "/Encoding", 9);
	struct lexer l;
	struct token t;

	if (at == NULL)
		return;
	l = (struct lexer){at + 9, data + n};
	/* "StandardEncoding def", or "256 array" and what fills it; the rest is left to the caller. */
	if (lexer_next(&l, &t) == TOKEN_NUMBER)
		read_entries(p, &l, text);
}

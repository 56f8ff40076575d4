/*
 * lexer: the tokens of PDF syntax (ISO 32000-1, 7.2 to 7.3), for content streams, CMaps and printed
 * objects.
 *
 * It works in place: the text of escaped strings and names is decoded over its own source, which
 * therefore must be writable and is read only once. Nothing is allocated. Damage never stops it, it
 * skips what makes no sense.
 */
#pragma once
#include <stddef.h>

enum token_kind {
	TOKEN_END,
	TOKEN_NUMBER,
	TOKEN_NAME,   /* text without the slash */
	TOKEN_STRING, /* decoded */
	TOKEN_WORD,   /* an operator or other bare word */
	TOKEN_ARRAY,  /* [ */
	TOKEN_ARRAY_END,
	TOKEN_DICT,   /* << */
	TOKEN_DICT_END,
};

struct token {
	enum token_kind kind;
	double number;
	const unsigned char *s; /* n bytes, not NUL-terminated */
	size_t n;
};

struct lexer {
	unsigned char *p, *end;
};

/* Reads the next token into *t and returns its kind. */
enum token_kind lexer_next(struct lexer *l, struct token *t);

/* Skips the data of an inline image, from behind the word ID to behind the word EI. */
void lexer_skip_image(struct lexer *l);

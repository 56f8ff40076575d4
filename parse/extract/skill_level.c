/* See skill_level.h. */
#include "parse/extract/skill_level.h"

#include <string.h>

#include "base/text.h"
#include "data/words.h"
#include "parse/extract/lexicon.h"

enum { PLAIN_MAX = 256 };

bool digits_only(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] < '0' || s[i] > '9')
			return false;
	return n > 0;
}

bool plain_is_level(const char *plain)
{
	bool any = false;

	if (*plain == '\0')
		return true;
	if (lex_is(plain, strlen(plain), LEX_LEVEL))
		return true;
	while (*plain != '\0') {
		size_t n = lex_word(plain);

		if (!lex_is(plain, n, LEX_LEVEL) && !digits_only(plain, n) && !lex_is(plain, n, LEX_STOP))
			return false;
		any |= lex_is(plain, n, LEX_LEVEL) || digits_only(plain, n);
		plain += n;
		plain += *plain == ' ';
	}
	return any;
}

bool is_level(const char *text, size_t n)
{
	char plain[PLAIN_MAX];

	words_plain(text, n, plain, sizeof plain);
	return plain_is_level(plain);
}

/* The length of a rating at s: "8/10", "80 %", "5 years"; 0 if none ends the text there. */
size_t rating_length(const char *s, size_t n)
{
	size_t digits = 0, at;

	while (digits < n && digits < 3 && s[digits] >= '0' && s[digits] <= '9')
		digits++;
	at = digits + (digits < n && s[digits] == ' ' && digits + 1 < n && s[digits + 1] == '%');
	if (digits == 0 || at == n)
		return 0;
	if (s[at] == '%')
		return at + 1 == n ? n : 0;
	if (s[at] == '/')
		return digits_only(s + at + 1, n - at - 1) && n - at < 4 ? n : 0;
	at += s[at] == '+';
	return digits < 3 && at < n && s[at] == ' ' && is_level(s + at, n - at) ? n : 0;
}

bool plain_is_spoken(const char *plain)
{
	bool any = lex_is(plain, strlen(plain), LEX_SPOKEN);

	while (!any || *plain != '\0') {
		size_t n = lex_word(plain);

		if (*plain == '\0')
			return any;
		if (lex_is(plain, strlen(plain), LEX_SPOKEN) || plain_is_level(plain))
			return any || lex_is(plain, strlen(plain), LEX_SPOKEN);
		if (!lex_is(plain, n, LEX_SPOKEN | LEX_STOP))
			return false;
		any |= lex_is(plain, n, LEX_SPOKEN);
		plain += n;
		plain += *plain == ' ';
	}
	return any;
}

/* See field.h. */
#include "parse/word/field.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

enum { ADDRESS_MAX = 2048 };

const char *link_clean(struct arena *a, const char *p, size_t n)
{
	char *out;
	size_t k = 0;

	while (n > 0 && (unsigned char)p[0] <= ' ')
		p++, n--;
	while (n > 0 && (unsigned char)p[n - 1] <= ' ')
		n--;
	if (n == 0 || n > ADDRESS_MAX || p[0] == '#')
		return NULL;
	out = arena_alloc(a, n + 1);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)p[i] > ' ' && p[i] != 0x7F)
			out[k++] = p[i];
	out[k] = '\0';
	return utf8_valid(out, k) ? out : utf8_clean(a, out, k);
}

/* Takes the next word of the code, "quoted" or bare. False at the end. */
static bool next_word(const char **p, size_t *n, const char **word, size_t *length)
{
	const char *s = *p, *end = *p + *n;
	bool quoted;

	while (s < end && (unsigned char)*s <= ' ')
		s++;
	if (s == end)
		return false;
	quoted = *s == '"';
	s += quoted;
	*word = s;
	while (s < end && (quoted ? *s != '"' : (unsigned char)*s > ' '))
		s++;
	*length = (size_t)(s - *word);
	s += quoted && s < end;
	*p = s;
	*n = (size_t)(end - s);
	return true;
}

const char *field_link(struct arena *a, const char *code, size_t n)
{
	const char *word;
	size_t length;

	if (!next_word(&code, &n, &word, &length) || length != 9 || strncasecmp(word, "HYPERLINK", 9) != 0)
		return NULL;
	while (next_word(&code, &n, &word, &length)) {
		if (length > 0 && word[0] != '\\')
			return link_clean(a, word, length);
		/* \l, \o and \t have an argument of their own, which is no address. */
		if (length == 2 && strchr("lotLOT", word[1]) != NULL)
			next_word(&code, &n, &word, &length);
	}
	return NULL;
}

const char *link_text(const char *link)
{
	if (strncasecmp(link, "mailto:", 7) == 0)
		return link + 7;
	if (strncasecmp(link, "tel:", 4) == 0)
		return link + 4;
	if (strncasecmp(link, "http://", 7) == 0 || strncasecmp(link, "https://", 8) == 0)
		return link;
	return NULL;
}

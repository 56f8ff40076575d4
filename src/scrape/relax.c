/* See relax.h. */
#include "scrape/relax.h"

#include <ctype.h>
#include <string.h>

/* A string from its quote on: controls within it become blanks. Returns the offset behind it. */
static size_t relax_string(char *s, size_t n, size_t i)
{
	for (i++; i < n && s[i] != '"'; i++) {
		if (s[i] == '\\' && i + 1 < n)
			i++;
		if ((unsigned char)s[i] < ' ' || s[i] == 0x7f)
			s[i] = ' ';
	}
	return i < n ? i + 1 : n;
}

static size_t blank_until(char *s, size_t n, size_t i, const char *end)
{
	size_t k = strlen(end);

	for (; i < n; i++) {
		if (i + k <= n && memcmp(s + i, end, k) == 0) {
			memset(s + i, ' ', k);
			return i + k;
		}
		if (s[i] != '\n')
			s[i] = ' ';
	}
	return n;
}

static bool starts(const char *s, size_t n, const char *word)
{
	return n >= strlen(word) && memcmp(s, word, strlen(word)) == 0;
}

/* A comma with nothing but blanks before the bracket that closes. */
static void drop_comma(char *s, size_t i)
{
	while (i > 0 && isspace((unsigned char)s[i - 1]))
		i--;
	if (i > 0 && s[i - 1] == ',')
		s[i - 1] = ' ';
}

static bool wraps(const char *s, size_t n)
{
	return starts(s, n, "<!--") || starts(s, n, "-->") || starts(s, n, "<![CDATA[") ||
		   starts(s, n, "]]>");
}

char *json_relax(struct arena *a, const char *text, size_t n)
{
	char *s = arena_strndup(a, text, n);

	for (size_t i = 0; i < n;) {
		if (s[i] == '"') {
			i = relax_string(s, n, i);
		} else if (starts(s + i, n - i, "//")) {
			i = blank_until(s, n, i, "\n");
		} else if (starts(s + i, n - i, "/*")) {
			i = blank_until(s, n, i, "*/");
		} else if (wraps(s + i, n - i)) {
			size_t k = s[i] == '<' ? (s[i + 2] == '-' ? 4 : 9) : 3;

			memset(s + i, ' ', k);
			i += k;
		} else {
			if (s[i] == '}' || s[i] == ']')
				drop_comma(s, i);
			else if (s[i] == ';' || s[i] == '\0')
				s[i] = ' ';
			i++;
		}
	}
	return s;
}

/* See mend.h. */
#include "parse/ocr/mend.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

/* What is read where "@" stands. */
static const char *const signs[] = {"©", "®", "(@)", "(@", "@)", "@@"};

static bool is_part(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
		   c == '_' || c == '-' || c == '+';
}

/* Whether n bytes can stand before "@". */
static bool is_local(const char *s, size_t n)
{
	if (n == 0 || s[0] == '.' || s[n - 1] == '.')
		return false;
	for (size_t i = 0; i < n; i++)
		if (!is_part(s[i]))
			return false;
	return true;
}

/* Whether s is a domain: labels with dots between, the last one of two letters or more. */
static bool is_domain(const char *s)
{
	const char *dot = strrchr(s, '.');
	size_t n = strlen(s);

	if (dot == NULL || dot == s || strlen(dot + 1) < 2 || strstr(s, "..") != NULL)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!is_part(s[i]) || s[i] == '_' || s[i] == '+')
			return false;
	for (const char *p = dot + 1; *p != '\0'; p++)
		if ((*p >= '0' && *p <= '9') || *p == '-')
			return false;
	return true;
}

const char *mend_word(struct arena *a, const char *word)
{
	for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
		const char *at = strstr(word, signs[i]);

		if (at == NULL || !is_local(word, (size_t)(at - word)) || !is_domain(at + strlen(signs[i])))
			continue;
		return arena_printf(a, "%.*s@%s", (int)(at - word), word, at + strlen(signs[i]));
	}
	return word;
}

/*
 * Headings by their words alone: the phrases of the lexicon, with qualifiers before them ("key
 * technical skills"), joined by "and", set letter by letter, or run together because they were.
 */
#include <string.h>

#include "parse/extract/reading.h"

enum { HEADING_MAX = 64, PLAIN_MAX = 160 };

/* "s k i l l s" becomes "skills": letters set apart are one word. */
static void close_up(char *s)
{
	size_t words = 1, n = strlen(s), at = 0;

	for (size_t i = 0; i < n; i++)
		words += s[i] == ' ';
	if (words < 4 || n - (words - 1) > words * 3 / 2 + 2)
		return;
	for (size_t i = 0; i < n; i++)
		if (s[i] != ' ')
			s[at++] = s[i];
	s[at] = '\0';
}

static struct lex phrase(const char *s, size_t n)
{
	struct lex lex = lex_find(s, n);

	return lex.bits & LEX_SECTION ? lex : (struct lex){0};
}

/* As phrase, with qualifiers before it: "key technical skills". */
static struct lex qualified(const char *s, size_t n)
{
	struct lex lex = phrase(s, n);

	for (int i = 0; i < 3 && lex.bits == 0; i++) {
		size_t first = strcspn(s, " ");

		if (first >= n || !lex_is(s, first, LEX_QUALIFIER))
			break;
		s += first + 1;
		n -= first + 1;
		lex = phrase(s, n);
	}
	return lex;
}

/* Two headings in one: "skills & interests"; the first of them counts. */
static struct lex combined(const char *s, size_t n)
{
	for (size_t i = 1; i + 1 < n; i++) {
		struct lex a, b;

		if (s[i] != ' ')
			continue;
		a = qualified(s, i);
		if (a.bits == 0)
			continue;
		b = qualified(s + i + 1, n - i - 1);
		if (b.bits != 0) {
			struct lex both = (a.bits & LEX_WEAK) && !(b.bits & LEX_WEAK) ? b : a;

			both.bits |= LEX_WEAK;
			return both;
		}
	}
	return (struct lex){0};
}

/* A heading drawn letter by letter has lost its blanks: "workexperience". */
static struct lex run_together(const char *s, size_t n)
{
	char two[PLAIN_MAX + 2];

	if (memchr(s, ' ', n) != NULL || n < 8 || n > 40)
		return (struct lex){0};
	for (size_t i = 3; i + 3 < n; i++) {
		struct lex lex;

		memcpy(two, s, i);
		two[i] = ' ';
		memcpy(two + i + 1, s + i, n - i);
		lex = phrase(two, n + 1);
		if (lex.bits != 0)
			return lex;
	}
	return (struct lex){0};
}

bool section_named(const char *text, size_t n, enum section_kind *section, bool *weak)
{
	char plain[PLAIN_MAX], bare[PLAIN_MAX];
	const char *bracket = memchr(text, '(', n), *s = plain;
	struct lex lex;
	size_t length;

	if (bracket != NULL && bracket > text)
		n = (size_t)(bracket - text);
	if (n == 0 || n > HEADING_MAX * 2)
		return false;
	words_plain(text, n, plain, sizeof plain);
	close_up(plain);
	s += strspn(s, "0123456789");
	s += *s == ' ';
	length = strlen(s);
	lex = qualified(s, length);
	if (lex.bits == 0) {
		length = lex_without_and(s, length, bare, sizeof bare);
		lex = qualified(bare, length);
	}
	if (lex.bits == 0)
		lex = combined(bare, length);
	if (lex.bits == 0)
		lex = run_together(bare, length);
	if (lex.bits == 0)
		return false;
	*section = lex.section;
	*weak = (lex.bits & LEX_WEAK) != 0;
	return true;
}

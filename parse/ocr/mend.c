/* See mend.h. */
#include "parse/ocr/mend.h"

#include <string.h>

#include "base/text.h"
#include "data/words.h"

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

bool mend_is_address(const char *word)
{
	const char *at = strchr(word, '@');

	return at != NULL && strchr(at + 1, '@') == NULL && is_local(word, (size_t)(at - word)) &&
		   is_domain(at + 1);
}

/* The word with plain letters for those with diacritics. */
static const char *plain(struct arena *a, const char *word)
{
	struct buf b;
	uint32_t cp;
	char folded[CHAR_FOLD_MAX];

	buf_init(&b, a, 4096);
	for (const char *p = word; *p != '\0';) {
		const char *from = p;

		p += char_at(p, p + strlen(p), &cp);
		if (cp < 0x80)
			buf_add(&b, from, (size_t)(p - from));
		else
			buf_add(&b, folded, char_fold(cp, folded));
	}
	return buf_str(&b);
}

static const char *mend_sign(struct arena *a, const char *word)
{
	for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
		const char *at = strstr(word, signs[i]);

		if (at == NULL || !is_local(word, (size_t)(at - word)) || !is_domain(at + strlen(signs[i])))
			continue;
		return arena_printf(a, "%.*s@%s", (int)(at - word), word, at + strlen(signs[i]));
	}
	return word;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A number in which "O" or "l" stands between digits; a unit behind it ("500l") is none. */
static const char *mend_digits(struct arena *a, const char *word)
{
	size_t n = strlen(word), digits = 0;
	char *out;

	for (size_t i = 0; i < n; i++)
		digits += is_digit(word[i]);
	if (digits < 3 || digits == n || word[strspn(word, "0123456789OolI|+-()./,")] != '\0')
		return word;
	out = arena_strdup(a, word);
	for (size_t i = 0; i < n; i++) {
		bool before = i > 0 && is_digit(out[i - 1]), after = is_digit(word[i + 1]);

		if (strchr("OolI|", word[i]) == NULL)
			continue;
		if (!(before && after) && !(word[i] == 'O' && (before || after)))
			return word;
		out[i] = word[i] == 'O' || word[i] == 'o' ? '0' : '1';
	}
	return out;
}

const char *mend_word(struct arena *a, const char *word)
{
	const char *mended = mend_sign(a, word);

	if (strchr(mended, '@') == NULL)
		return mend_digits(a, mended);
	if (mend_is_address(mended))
		return mended;
	mended = plain(a, mended);
	return mend_is_address(mended) ? mended : word;
}

/* ---- pieces ---- */

static bool is_letter(unsigned char c)
{
	return (c | 0x20) >= 'a' ? (c | 0x20) <= 'z' || c >= 0x80 : false;
}

/* A word in small letters, digits and the signs of addresses. */
static bool is_small(const char *s)
{
	return s[0] != '\0' && s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789._-@+")] == '\0';
}

static const char *joined(struct arena *a, const char *first, const char *second)
{
	struct buf b;

	buf_init(&b, a, 4096);
	buf_adds(&b, first);
	buf_adds(&b, second);
	return buf_str(&b);
}

/* The pieces of an address that fell apart at a dot or another sign, or lost a dot there. */
static const char *address_of(struct arena *a, const char *first, const char *second, bool named)
{
	size_t n = strlen(first);
	char end = first[n - 1];
	const char *both = joined(a, first, second);

	if (!is_small(first) || !is_small(second) || (strchr(both, '@') == NULL))
		return NULL;
	if (strchr(first, '@') != NULL) {
		bool open = strchr("@.-", end) != NULL || strchr(".@-", second[0]) != NULL ||
					strchr(strchr(first, '@'), '.') == NULL;

		return open && mend_is_address(both) &&
					   !mend_is_address(arena_strndup(a, first, n - (end == '.')))
				   ? both
				   : NULL;
	}
	if (end == '_' || end == '-' || strchr("._-@", second[0]) != NULL || (end == '.' && named))
		return mend_is_address(both) ? both : NULL;
	if (named && n >= 3 && mend_is_address(second))
		return arena_printf(a, "%s.%s", first, second);
	return NULL;
}

/* "Haute-" and "Garonne"; "Llewellyn" and "-Jones"; "Nguyen-" and "-Perrin". */
static const char *hyphened(struct arena *a, const char *first, const char *second)
{
	size_t n = strlen(first);
	bool before = n > 1 && first[n - 1] == '-' && is_letter((unsigned char)first[n - 2]);
	bool after = second[0] == '-' && second[1] >= 'A' && second[1] <= 'Z';

	if (before && after)
		return joined(a, first, second + 1);
	if ((before && second[0] >= 'A' && second[0] <= 'Z') ||
		(after && is_letter((unsigned char)first[n - 1])))
		return joined(a, first, second);
	return NULL;
}

const char *mend_pieces(struct arena *a, const char *first, const char *second, bool named)
{
	const char *both;

	if (first[0] == '\0' || second[0] == '\0')
		return NULL;
	both = address_of(a, first, second, named);
	return both != NULL ? both : hyphened(a, first, second);
}

const char *mend_initial(struct arena *a, const char *word, const char *address)
{
	const char *at = strchr(address, '@');
	const char *rest = word + (word[0] != '\0');
	size_t n = strspn(rest, "abcdefghijklmnopqrstuvwxyz");

	if (at == NULL || (word[0] != 'l' && word[0] != '1') || n < 2 ||
		is_letter((unsigned char)rest[n]))
		return word;
	for (const char *p = address; p + n < at; p++)
		if ((p == address || strchr("._-", p[-1]) != NULL) && *p == 'i' &&
			strncmp(p + 1, rest, n) == 0 && strchr("._-@", p[1 + n]) != NULL)
			return arena_printf(a, "I%s", rest);
	return word;
}

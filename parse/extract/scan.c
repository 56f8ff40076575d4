/* See scan.h. */
#include "parse/extract/scan.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

enum { LABEL_BYTES = 40, LABEL_WORDS = 3, PLAIN_MAX = 160, NAME_WORDS = 8 };

static bool ends_in_bullet(const char *text, size_t n)
{
	return (n >= 2 && memcmp(text + n - 2, "\xC2\xB7", 2) == 0) ||
		   (n >= 3 && memcmp(text + n - 3, "\xE2\x80\xA2", 3) == 0);
}

bool label_before(const char *text, size_t start, uint32_t kinds)
{
	size_t from = start > LABEL_BYTES ? start - LABEL_BYTES : 0;
	char plain[PLAIN_MAX];
	size_t n;
	const char *p;

	/* A separator ends the label of what stood before it; the tab of a rail follows the label
	 * itself. */
	for (size_t i = start; i > from + 1; i--)
		if (strchr(",;|", text[i - 1]) != NULL || (text[i - 1] == '\t' && i < start) ||
			ends_in_bullet(text, i)) {
			from = i;
			break;
		}
	while (from < start && ((unsigned char)text[from] & 0xC0) == 0x80)
		from++;
	n = words_plain(text + from, start - from, plain, sizeof plain);
	p = plain + n;
	for (int words = 0; words < LABEL_WORDS && p > plain; words++) {
		p--;
		while (p > plain && p[-1] != ' ')
			p--;
		if (lex_is(p, strlen(p), kinds))
			return true;
	}
	return false;
}

/* Copies letters and digits only. */
static size_t letters_of(const char *plain, char *out, size_t cap)
{
	size_t at = 0;

	for (; *plain != '\0' && at + 1 < cap; plain++)
		if (*plain != ' ')
			out[at++] = *plain;
	out[at] = '\0';
	return at;
}

/* The share of the handle's letters that the words of the name account for. */
static float share(const char *handle, size_t n, const char *name)
{
	char words[PLAIN_MAX], key[PLAIN_MAX], closed[PLAIN_MAX];
	size_t letters = 0, used = 0;
	bool whole = false;

	words_plain(handle, n < 64 ? n : 64, key, sizeof key);
	letters_of(key, closed, sizeof closed);
	for (const char *p = closed; *p != '\0'; p++)
		letters += *p < '0' || *p > '9';
	words_plain(name, strlen(name), words, sizeof words);
	if (letters < 2)
		return 0;
	for (const char *w = words; *w != '\0';) {
		size_t length = lex_word(w);
		char word[PLAIN_MAX];
		char *at;

		memcpy(word, w, length);
		word[length] = '\0';
		at = length >= 3 ? strstr(closed, word) : NULL;
		if (at == NULL && length > 4) {
			word[4] = '\0';
			length = 4;
			at = strstr(closed, word);
		}
		if (at != NULL) {
			memset(at, '.', length);
			used += length;
			whole |= length >= 3;
		}
		w += lex_word(w);
		w += *w == ' ';
	}
	if (!whole)
		return 0;
	/* What remains may be initials. */
	for (const char *w = words; *w != '\0';) {
		char *at = strchr(closed, *w);

		if (at != NULL) {
			*at = '.';
			used++;
		}
		w += lex_word(w);
		w += *w == ' ';
	}
	return used >= letters ? 1.0f : (float)used / (float)letters;
}

/* How those write a letter who have no such key: "ü" is "ue", "å" is "aa"; NULL for most. */
static const char *written_as(unsigned char second)
{
	switch (second) { /* byte of U+00C0 to U+00FF */
	case 0x84:
	case 0xA4: return "ae";
	case 0x96:
	case 0xB6:
	case 0x98:
	case 0xB8: return "oe";
	case 0x9C:
	case 0xBC: return "ue";
	case 0x85:
	case 0xA5: return "aa";
	default: return NULL;
	}
}

/* Writes the name to out with such letters as two. False if it has none, or is too long. */
static bool transliterate(const char *name, char *out, size_t cap)
{
	size_t at = 0;
	bool any = false;

	for (; *name != '\0' && at + 3 < cap; name++) {
		const char *two = (unsigned char)*name == 0xC3 ? written_as((unsigned char)name[1]) : NULL;

		if (two == NULL) {
			out[at++] = *name;
			continue;
		}
		out[at++] = two[0];
		out[at++] = two[1];
		name++;
		any = true;
	}
	out[at] = '\0';
	return any && *name == '\0';
}

float handle_fits_name(const char *handle, size_t n, const char *name)
{
	char written[PLAIN_MAX];
	float fits = share(handle, n, name);

	if (fits >= 1 || strchr(name, '\xC3') == NULL || !transliterate(name, written, sizeof written))
		return fits;
	return fmaxf(fits, share(handle, n, written));
}

bool is_one_of(const char *s, size_t n, const char *const *words, size_t count)
{
	for (size_t i = 0; n > 0 && i < count; i++)
		if (words[i][0] == s[0] && strncmp(words[i], s, n) == 0 && words[i][n] == '\0')
			return true;
	return false;
}

bool text_is_caps(const char *s, size_t n)
{
	const char *end = s + n;
	int upper = 0;

	while (s < end) {
		uint32_t cp;

		s += char_at(s, end, &cp);
		if (char_is_lower(cp))
			return false;
		upper += char_is_upper(cp);
	}
	return upper > 1;
}

bool text_has_capital(const char *s)
{
	const char *end = s + strlen(s);

	while (s < end) {
		uint32_t cp;

		s += char_at(s, end, &cp);
		if (char_is_upper(cp))
			return true;
	}
	return false;
}

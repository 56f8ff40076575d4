/*
 * See reading.h. What the words of a stretch say against its being a name.
 */
#include <string.h>

#include "base/text.h"
#include "parse/extract/scan.h"

enum { PLAIN_MAX = 200 };

/* Whether every longer word of the name stands in the local part of the person's address: then no
 * word of it is a title or place, whatever else it means ("Baker Mason", baker.mason@…). */
static bool is_spelt_by_address(const struct reading *r, const char *plain)
{
	const char *email = r->email.value;
	char local[PLAIN_MAX];
	int words = 0;

	if (email == NULL)
		return false;
	words_plain(email, strcspn(email, "@"), local, sizeof local);
	for (; *plain != '\0'; plain += lex_word(plain), plain += *plain == ' ') {
		char word[PLAIN_MAX];
		size_t n = lex_word(plain);

		memcpy(word, plain, n);
		word[n] = '\0';
		if (n > 2 && strstr(local, word) == NULL)
			return false;
		words += n > 2;
	}
	return words > 1;
}

/* "Dayton, OH", "Bangor, Maine": what follows the comma is a place. */
static bool ends_in_place(const char *text)
{
	const char *comma = strchr(text, ',');
	char plain[PLAIN_MAX];
	size_t n;

	if (comma == NULL)
		return false;
	n = words_plain(comma, strlen(comma), plain, sizeof plain);
	return lex_is(plain, n, LEX_PLACE) ||
		   (n == 2 && text_is_caps(comma, strlen(comma)) && !lex_is(plain, n, LEX_SUFFIX));
}

float name_word_points(const struct reading *r, const char *text)
{
	char plain[PLAIN_MAX];
	size_t n = words_plain(text, strlen(text), plain, sizeof plain);
	int words = 1, titles, places, companies;
	const struct taxonomy_entry *skill = taxonomy_find(r->taxonomy, text);
	enum section_kind kind;
	bool weak;
	float points = 0;

	for (const char *p = plain; *p != '\0'; p++)
		words += *p == ' ';
	if (lex_is(plain, n, LEX_DOCUMENT | LEX_LABEL | LEX_SPOKEN | LEX_LEVEL) ||
		section_named(text, strlen(text), &kind, &weak))
		return -90;
	points -= ends_in_place(text) ? 45 : 0;
	titles = lex_count(plain, LEX_TITLE);
	companies = lex_count(plain, LEX_COMPANY);
	places = lex_count(plain, LEX_PLACE) + lex_is(plain, n, LEX_PLACE);
	points -= (float)titles * 16 + (float)companies * 18 + (float)places * 9;
	points -= titles == words ? 40 : 0;
	points -=
		(float)lex_count(plain, LEX_FUNCTION) * 40 + (float)lex_count(plain, LEX_DOCUMENT) * 25;
	points -= (float)lex_count(plain, LEX_QUALIFIER) * 12;
	points -= skill != NULL ? 45 : 0;
	return points < 0 && is_spelt_by_address(r, plain) ? 0 : points;
}

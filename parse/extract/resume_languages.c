/*
 * Languages and how well they are spoken: "English (Native), Irish (Fluent)", "Deutsch: C1", or a
 * language over its level, also side by side. A level is a word of the lexicon or one of the Common
 * European Framework.
 */
#include <string.h>

#include "base/text.h"
#include "parse/extract/resume_json.h"

enum { WORDS_MAX = 64, PHRASE_WORDS = 4, PLAIN_MAX = 120 };

/* Whether words [i, i + n) are a phrase of the kind. */
static bool phrase_is(const char *text, const struct word *w, size_t i, size_t n, uint32_t bits)
{
	char plain[PLAIN_MAX];

	if (w[i + n - 1].end - w[i].start > 60)
		return false;
	words_plain(text + w[i].start, w[i + n - 1].end - w[i].start, plain, sizeof plain);
	return lex_is(plain, strlen(plain), bits);
}

static size_t phrase_at(const char *text, const struct word *w, size_t i, size_t n, uint32_t bits)
{
	for (size_t k = PHRASE_WORDS; k > 0; k--)
		if (i + k <= n && phrase_is(text, w, i, k, bits))
			return k;
	return 0;
}

/* Words between two languages, or to the end of their part of the line, that hold a level. */
static struct quote *level_in(struct reading *r, int line, const struct word *w, size_t from,
							  size_t to, double sure)
{
	const char *s = r->d->lines[line].text;
	size_t first = to, last = from, end;

	for (size_t i = from; i < to;) {
		size_t k = phrase_at(s, w, i, to, LEX_LEVEL);

		if (k == 0) {
			i++;
			continue;
		}
		first = first < i ? first : i;
		last = i += k;
	}
	if (first == to || w[last - 1].end - w[first].start > 60)
		return NULL;
	for (size_t i = first + 1; i < last; i++) /* a tab ends it: another column begins there */
		if (memchr(s + w[i - 1].end, '\t', w[i].start - w[i - 1].end) != NULL) {
			last = i;
			break;
		}
	end = w[last - 1].end;
	if (s[end] == ')' && memchr(s + w[first].start, '(', end - w[first].start) != NULL)
		end++;
	return quote_at(r, line, w[first].start, end - w[first].start, sure);
}

/* The levels of a line of nothing else, one for each of the languages that still lack one, from
 * first on. */
static void levels_below(struct reading *r, int line, struct things *out, size_t first)
{
	const char *s = r->d->lines[line].text;

	for (size_t at = 0; s[at] != '\0' && first < out->n;) {
		size_t n = strcspn(s + at, "\t");
		struct word w[WORDS_MAX];
		size_t words = words_split(s + at, n, w, WORDS_MAX), k = words;

		for (size_t i = 0; i < words; i++) {
			w[i].start += (uint32_t)at;
			w[i].end += (uint32_t)at;
		}
		if (words > 0 && words <= 6) {
			struct quote *level = level_in(r, line, w, 0, k, 0.85);

			if (level != NULL && out->items[first].detail == NULL)
				out->items[first++].detail = level;
		}
		at += n;
		at += s[at] == '\t';
	}
}

/* Appends the languages of a line; their number. */
static size_t line_read(struct reading *r, int line, size_t from, struct things *out)
{
	const char *s = r->d->lines[line].text;
	struct word w[WORDS_MAX];
	size_t n = words_split(s, strlen(s), w, WORDS_MAX), found = 0, i = 0;

	while (i < n && w[i].start < from)
		i++;
	while (i < n) {
		size_t k = phrase_at(s, w, i, n, LEX_SPOKEN), next;
		struct thing t = {0};

		if (k == 0) {
			i++;
			continue;
		}
		for (next = i + k; next < n && phrase_at(s, w, next, n, LEX_SPOKEN) == 0; next++)
			;
		t.name = quote_at(r, line, w[i].start, w[i + k - 1].end - w[i].start, 0.93);
		t.detail = level_in(r, line, w, i + k, next, 0.88);
		if (t.detail == NULL && i == 1 && found == 0 && next == n)
			t.detail = level_in(r, line, w, 0, 1, 0.7); /* "Fluent English" */
		things_add(r, out, &t);
		found++;
		i = next;
	}
	return found;
}

static bool is_repeated(const struct things *out, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (text_ieq(out->items[k].name->value, out->items[i].name->value))
			return true;
	return false;
}

void languages_read(struct reading *r, struct things *out)
{
	size_t open = 0, n = 0; /* first language of the line before */
	int last = -1;

	for (int i = 0; i < r->d->nlines; i++) {
		const struct line *l = &r->d->lines[i];
		size_t before = out->n, from = r->notes[i].heading ? r->notes[i].content : 0;

		if (r->notes[i].section != SECTION_LANGUAGES || r->notes[i].loose || line_hidden(l) ||
			l->text[from] == '\0')
			continue;
		if (strlen(l->text) > 400)
			continue;
		if (line_read(r, i, from, out) > 0)
			open = before;
		else if (last >= 0 && i - last <= 2)
			levels_below(r, i, out, open);
		last = i;
	}
	for (size_t i = 0; i < out->n; i++)
		if (!is_repeated(out, i))
			out->items[n++] = out->items[i];
	out->n = n;
}

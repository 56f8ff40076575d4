/* See words.h. */
#include "parse/ocr/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "parse/ocr/mend.h"

enum { SIZE_POINTS_MAX = 400, SEVERAL = 3 };
static const char bullet[] = "\xE2\x80\xA2";
static const float blank = 0.28f,
				   blank_max = 0.9f; /* of the size: a blank; the widest gap between words */
static const float sure = 0.7f;      /* confidence of words that are read out of turn */
static const float piece_gap = 0.5f,
				   wide = 0.75f; /* between pieces of one word; a letter's width */

void words_add(struct arena *a, struct words *words, const struct word *w)
{
	if (words->n == WORDS_MAX)
		return;
	if (words->n == words->cap) {
		int cap = words->cap == 0 ? 512 : words->cap * 2;
		struct word *items = arena_array(a, (size_t)cap, sizeof *items);

		if (words->n > 0)
			memcpy(items, words->items, (size_t)words->n * sizeof *items);
		words->items = items;
		words->cap = cap;
	}
	words->items[words->n++] = *w;
}

/* ---- a second reading ---- */

float words_largest(const struct words *words)
{
	float size = 0;

	for (int i = 0; i < words->n; i++)
		if (strlen(words->items[i].text) >= SEVERAL)
			size = fmaxf(size, words->items[i].size);
	return size;
}

void words_move(struct words *words, float x, float y)
{
	for (int i = 0; i < words->n; i++) {
		struct word *w = &words->items[i];

		w->box.x0 += x;
		w->box.x1 += x;
		w->box.y0 += y;
		w->box.y1 += y;
		w->baseline += y;
		w->line = -1 - w->line;
	}
}

static int last_line(const struct words *words)
{
	int last = -1;

	for (int i = 0; i < words->n; i++)
		last = words->items[i].line > last ? words->items[i].line : last;
	return last;
}

void words_add_part(struct arena *a, struct words *words, const struct words *part)
{
	int last = last_line(words);

	for (int i = 0; i < part->n; i++) {
		struct word w = part->items[i];

		w.line = last + 1 + (w.line < 0 ? -1 - w.line : w.line);
		if (w.confidence >= sure)
			words_add(a, words, &w);
	}
}

/* Letters, or rather bytes, of the words of that size or larger. */
static size_t letters_from(const struct words *words, float size)
{
	size_t n = 0;

	for (int i = 0; i < words->n; i++)
		if (words->items[i].size >= size)
			n += strlen(words->items[i].text);
	return n;
}

static float area(struct box b)
{
	return fmaxf(b.x1 - b.x0, 0) * fmaxf(b.y1 - b.y0, 0);
}

/* Whether a good part of one of the two lies on the other. */
static bool overlap(struct box a, struct box b)
{
	struct box both = {fmaxf(a.x0, b.x0), fmaxf(a.y0, b.y0), fminf(a.x1, b.x1), fminf(a.y1, b.y1)};

	return area(both) > fminf(area(a), area(b)) * 0.3f;
}

static bool over_smaller(const struct words *words, float size, struct box b)
{
	for (int i = 0; i < words->n; i++)
		if (words->items[i].size < size && overlap(words->items[i].box, b))
			return true;
	return false;
}

void words_replace(struct arena *a, struct words *words, float size, const struct words *again)
{
	struct words out = {0};

	for (int i = 0; i < again->n; i++)
		if (again->items[i].size >= size && !over_smaller(words, size, again->items[i].box))
			words_add(a, &out, &again->items[i]);
	if (letters_from(&out, size) < letters_from(words, size))
		return;
	for (int i = 0; i < words->n; i++)
		if (words->items[i].size < size)
			words_add(a, &out, &words->items[i]);
	*words = out;
}

/* ---- sizes ---- */

/* How far sizes may be apart and mean the same. */
static int tolerance(int size)
{
	return size < 10 ? 1 : size < 30 ? size / 10 : size / 7;
}

void words_even_sizes(struct words *words)
{
	int letters[SIZE_POINTS_MAX + 1] = {0}, same[SIZE_POINTS_MAX + 1] = {0};

	for (int i = 0; i < words->n; i++) {
		struct word *w = &words->items[i];

		w->size = fminf(fmaxf(roundf(w->size), 1), SIZE_POINTS_MAX);
		letters[(int)w->size] += (int)strlen(w->text);
	}
	/* The commonest size first: it takes in those beside it. */
	for (;;) {
		int best = 0;

		for (int k = 1; k <= SIZE_POINTS_MAX; k++)
			if (same[k] == 0 && letters[k] > letters[best])
				best = k;
		if (best == 0)
			break;
		for (int k = best - tolerance(best); k <= best + tolerance(best); k++)
			if (k > 0 && k <= SIZE_POINTS_MAX && same[k] == 0)
				same[k] = best;
	}
	for (int i = 0; i < words->n; i++)
		words->items[i].size = (float)same[(int)words->items[i].size];
}

/* ---- bullets ---- */

static bool looks_like_bullet(const char *text)
{
	static const char *const signs[] = {"e", "¢", "«", "©",  "®",  "°", "o", "v", "V",
										"*", "»", "+", "¢«", "e«", "·", "¥", "¤"};

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (strcmp(text, signs[i]) == 0)
			return true;
	return false;
}

/* Whether word i is the first of its line and another follows it. */
static bool begins_line(const struct words *words, int i)
{
	const struct word *w = &words->items[i];

	return (i == 0 || w[-1].line != w->line) && i + 1 < words->n && w[1].line == w->line;
}

void words_mend_bullets(struct words *words)
{
	enum { LEAST = 2 };
	const float aside = 3; /* points that the signs of one list may stand apart */

	for (int i = 0; i < words->n; i++) {
		const struct word *w = &words->items[i];
		int signs = 0, others = 0;

		if (!begins_line(words, i) || !looks_like_bullet(w->text))
			continue;
		for (int k = 0; k < words->n; k++) {
			const struct word *v = &words->items[k];

			if (!begins_line(words, k) || fabsf(v->box.x0 - w->box.x0) > aside)
				continue;
			if (looks_like_bullet(v->text) || strcmp(v->text, bullet) == 0)
				signs++;
			else
				others++;
		}
		if (signs >= LEAST && signs > others)
			words->items[i].text = bullet;
	}
}

/* ---- specks and pieces ---- */

static bool is_speck(const struct word *w)
{
	float width = w->box.x1 - w->box.x0, height = w->box.y1 - w->box.y0;
	bool sign =
		strpbrk(w->text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == NULL;

	return height < w->size * (sign ? 0.13f : 0.25f) && width < w->size * 0.25f;
}

void words_drop_specks(struct words *words)
{
	int n = 0;

	for (int i = 0; i < words->n; i++)
		if (!is_speck(&words->items[i]))
			words->items[n++] = words->items[i];
	words->n = n;
}

/* Whether the word, without the sign at its end, stands in the page with a capital. */
static bool is_named(struct arena *a, const struct words *words, const char *word)
{
	size_t n = strlen(word);
	const char *stem = arena_strndup(a, word, n - (n > 0 && word[n - 1] == '.'));

	if (strlen(stem) < 3)
		return false;
	for (int i = 0; i < words->n; i++) {
		const char *s = words->items[i].text;

		if (*s >= 'A' && *s <= 'Z' && text_ieq(s, stem))
			return true;
	}
	return false;
}

/* Puts word i and the next one together if they are one. */
static bool join_next(struct arena *a, struct words *words, int i)
{
	struct word *w = &words->items[i], *next = w + 1;
	const char *both;

	if (next->line != w->line || next->box.x0 - w->box.x1 > w->size * piece_gap ||
		next->box.x0 < w->box.x0)
		return false;
	both = mend_pieces(a, w->text, next->text,
					   strchr(next->text, '@') != NULL && is_named(a, words, w->text));
	if (both == NULL)
		return false;
	w->text = both;
	w->box.y0 = fminf(w->box.y0, next->box.y0);
	w->box.y1 = fmaxf(w->box.y1, next->box.y1);
	w->box.x1 = fmaxf(w->box.x1, next->box.x1);
	w->confidence = fminf(w->confidence, next->confidence);
	memmove(next, next + 1, (size_t)(words->n - i - 2) * sizeof *next);
	words->n--;
	return true;
}

void words_mend(struct arena *a, struct words *words)
{
	for (int i = 0; i < words->n; i++)
		words->items[i].text = mend_word(a, words->items[i].text);
	for (int i = 0; i + 1 < words->n;)
		i += !join_next(a, words, i);
	for (int i = 0; i < words->n; i++)
		for (int k = 0; mend_is_address(words->items[i].text) && k < words->n; k++)
			words->items[k].text = mend_initial(a, words->items[k].text, words->items[i].text);
}

/* ---- runs ---- */

/* The widest gap between words of a line that is a blank. It grows with letters that are set wide
 * apart. */
static float widest_blank(const struct word *w)
{
	float advance = (w->box.x1 - w->box.x0) / (float)utf8_length(w->text, strlen(w->text));

	return advance > w->size * wide ? fmaxf(advance * 1.7f, w->size * blank_max)
									: w->size * blank_max;
}

/* Whether b goes on where a ends, with a blank between them. */
static bool goes_on(const struct word *a, const struct word *b)
{
	float gap = b->box.x0 - a->box.x1;

	return a->line == b->line && gap > -a->size * 0.3f && gap < widest_blank(a);
}

/* A run of the n words from w on. */
static void add_word_run(struct doc *d, int page, const struct word *w, int n)
{
	struct run r = {.box = w->box,
					.baseline = w->baseline,
					.size = w->size,
					.space = w->size * blank,
					.page = page,
					.font = -1,
					.order = d->nruns,
					.flags = TEXT_OCR};
	struct buf b;

	buf_init(&b, d->arena, DOC_TEXT_MAX);
	for (int i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(&b, ' ');
		buf_adds(&b, w[i].text);
		r.box.y0 = fminf(r.box.y0, w[i].box.y0);
		r.box.y1 = fmaxf(r.box.y1, w[i].box.y1);
		r.box.x1 = fmaxf(r.box.x1, w[i].box.x1);
	}
	r.text = buf_str(&b);
	doc_add_run(d, &r);
}

void words_add_runs(struct doc *d, int page, const struct words *words)
{
	for (int i = 0, n; i < words->n; i += n) {
		for (n = 1; i + n < words->n && goes_on(&words->items[i + n - 1], &words->items[i + n]);
			 n++)
			;
		add_word_run(d, page, &words->items[i], n);
	}
}

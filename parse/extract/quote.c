/* See quote.h. */
#include "parse/extract/quote.h"

#include <string.h>

#include "base/text.h"

/* Cuts blanks at both ends. */
static void trim(const char *s, size_t *start, size_t *n)
{
	while (*n > 0 && strchr(" \t", s[*start]) != NULL) {
		(*start)++;
		(*n)--;
	}
	while (*n > 0 && strchr(" \t", s[*start + *n - 1]) != NULL)
		(*n)--;
}

struct quote *quote_at(struct reading *r, int line, size_t start, size_t n, double confidence)
{
	struct quote *q;

	trim(r->d->lines[line].text, &start, &n);
	if (n > QUOTE_BYTES_MAX)
		for (n = QUOTE_BYTES_MAX;
			 n > 0 && ((unsigned char)r->d->lines[line].text[start + n] & 0xC0) == 0x80;)
			n--;
	if (n == 0)
		return NULL;
	q = ARENA_NEW(r->arena, struct quote);
	q->evidence = evidence_at(r, line, start, n);
	q->value = q->evidence.text;
	q->confidence = confidence;
	return q;
}

struct quote *quote_as(struct reading *r, int line, size_t start, size_t n, double confidence,
					   const char *value)
{
	struct quote *q = value == NULL ? NULL : quote_at(r, line, start, n, confidence);

	if (q != NULL)
		q->value = value;
	return q;
}

struct quote *quote_value(struct reading *r, const struct value *v)
{
	struct quote *q;

	if (v->value == NULL)
		return NULL;
	q = ARENA_NEW(r->arena, struct quote);
	*q = (struct quote){.value = v->value, .confidence = v->confidence, .evidence = v->evidence};
	return q;
}

void quote_extend(struct reading *r, struct quote *q, int line, size_t start)
{
	const char *text = r->d->lines[line].text;
	size_t n = strlen(text);
	struct quote **end = &q->more, *next;
	int lines = 1;

	if (start >= n || strlen(q->value) + n > QUOTE_BYTES_MAX)
		return;
	for (; *end != NULL; end = &(*end)->more)
		lines++;
	next = lines < QUOTE_LINES_MAX ? quote_at(r, line, start, n - start, q->confidence) : NULL;
	if (next == NULL)
		return;
	*end = next;
	q->value = arena_printf(r->arena, "%s %s", q->value, next->value);
}

struct quote *quote_copy(struct reading *r, const struct quote *q, double confidence)
{
	struct quote *copy;

	if (q == NULL)
		return NULL;
	copy = ARENA_NEW(r->arena, struct quote);
	*copy = *q;
	copy->confidence = confidence;
	return copy;
}

void quotes_add(struct reading *r, struct quotes *list, struct quote *q)
{
	if (q == NULL || list->n == QUOTES_MAX)
		return;
	if (list->n == list->cap) {
		size_t cap = list->cap == 0 ? 8 : list->cap * 2;
		struct quote **items = ARENA_ARRAY(r->arena, cap, struct quote *);

		if (list->n > 0)
			memcpy(items, list->items, list->n * sizeof *items);
		list->items = items;
		list->cap = cap;
	}
	list->items[list->n++] = q;
}

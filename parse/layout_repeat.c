/*
 * What needs more than one line or page to be seen: heads and feet that come again on every page,
 * page numbers, words broken at the ends of lines.
 */
#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "parse/layout.h"

enum { EDGE_LINES = 12, LOOKUPS_MAX = 200, NUMBER_MAX = 24 };

static const float EDGE = 0.14f, MARGIN = 0.08f; /* of the page's height */

/* A line at a page's edge. */
struct edge {
	struct line *line;
	bool top;
};

/* ---- heads and feet ---- */

/* Equal but for short numbers (pages; not years). */
static bool same_but_numbers(const char *a, const char *b)
{
	while (*a != '\0' && *b != '\0') {
		size_t m = strspn(a, "0123456789"), n = strspn(b, "0123456789");

		if (m > 0 && n > 0 && m < 4 && n < 4) {
			a += m;
			b += n;
			continue;
		}
		if (*a++ != *b++)
			return false;
	}
	return *a == *b;
}

static bool same_place(const struct line *a, const struct line *b)
{
	return fabsf(a->box.y0 - b->box.y0) < 4 &&
		   (fabsf(a->box.x0 - b->box.x0) < 4 || fabsf(a->box.x1 - b->box.x1) < 4) &&
		   fabsf(a->size - b->size) < 0.1f * a->size;
}

/* "3", "Page 1 of 2", "- 2 -", "Seite 1/3". */
static bool is_page_number(const char *s)
{
	static const char *const words[] = {"page", "of",     "seite",  "von", "sur", "de",
										"di",   "página", "pagina", "pag", "p"};
	size_t n = strlen(s);
	int digits = 0;

	if (n > NUMBER_MAX)
		return false;
	while (*s != '\0') {
		size_t word = strcspn(s, " \t0123456789-|/().,:"), k = 0;

		if (word == 0) {
			digits += isdigit((unsigned char)*s++) != 0;
			continue;
		}
		if (strncmp(s, "\xE2\x80\x93", 3) == 0) {
			s += 3;
			continue;
		}
		while (k < sizeof words / sizeof words[0] &&
			   (strlen(words[k]) != word || strncasecmp(s, words[k], word) != 0))
			k++;
		if (k == sizeof words / sizeof words[0])
			return false;
		s += word;
	}
	return digits > 0 && digits <= 4;
}

static bool at_edge(const struct doc *d, const struct line *l, float share, bool *top)
{
	float height = l->page < d->npages ? d->pages[l->page].height : 0;

	*top = l->box.y1 < height * share;
	return height > 0 && l->box.y1 > l->box.y0 && (*top || l->box.y0 > height * (1 - share));
}

static int find_edges(struct doc *d, struct edge *edges, int max)
{
	int n = 0, of_page = 0, page = -1;

	for (int i = 0; i < d->nlines && n < max; i++) {
		struct line *l = &d->lines[i];
		struct edge e = {l, false};

		if (l->page != page) {
			page = l->page;
			of_page = 0;
		}
		if (l->region != REGION_BODY || !at_edge(d, l, EDGE, &e.top) || of_page == EDGE_LINES * 2)
			continue;
		of_page++;
		edges[n++] = e;
	}
	return n;
}

static void drop_empty(struct doc *d)
{
	int kept = 0;

	for (int i = 0; i < d->nlines; i++)
		if (d->lines[i].text != NULL)
			d->lines[kept++] = d->lines[i];
	d->nlines = kept;
}

static void mark_numbers(struct doc *d)
{
	for (int i = 0; i < d->nlines; i++) {
		struct line *l = &d->lines[i];
		bool top;

		if (l->region == REGION_BODY && at_edge(d, l, MARGIN, &top) && is_page_number(l->text))
			l->region = top ? REGION_HEADER : REGION_FOOTER;
	}
}

void layout_repeated(struct doc *d)
{
	int max = d->npages * EDGE_LINES * 2, n;
	struct edge *edges;

	mark_numbers(d);
	if (d->npages < 2)
		return;
	edges = ARENA_ARRAY(d->arena, (size_t)max, struct edge);
	n = find_edges(d, edges, max);
	for (int i = 0; i < n; i++)
		for (int k = 0; k < i; k++) {
			struct line *a = edges[k].line, *b = edges[i].line;

			if (a->page == b->page || a->text == NULL || b->text == NULL ||
				edges[i].top != edges[k].top || !same_place(a, b) ||
				!same_but_numbers(a->text, b->text))
				continue;
			a->region = b->region = edges[i].top ? REGION_HEADER : REGION_FOOTER;
			if (strcmp(a->text, b->text) == 0)
				b->text = NULL;
			break;
		}
	drop_empty(d);
}

/* ---- words broken at the ends of lines ---- */

struct broken {
	size_t start; /* of the broken word in the first line */
	size_t stem;  /* bytes of it, without the hyphen */
	size_t rest;  /* bytes at the beginning of the next line */
	bool soft;    /* a hyphen that is there for the break alone */
};

static bool is_lower(uint32_t cp)
{
	return (cp >= 'a' && cp <= 'z') || (cp >= 0xDF && cp < 0x180 && utf8_fold(cp) == cp);
}

static bool find_broken(const struct line *a, const struct line *b, struct broken *w)
{
	static const char *const hyphens[] = {"-", "\xE2\x80\x90", "\xC2\xAD"};
	size_t n = strlen(a->text), hyphen = 0;
	uint32_t cp;

	if (a->page != b->page || a->column != b->column || a->block != b->block || b->bullet)
		return false;
	for (size_t i = 0; i < 3 && hyphen == 0; i++)
		if (text_ends(a->text, hyphens[i])) {
			hyphen = strlen(hyphens[i]);
			w->soft = i == 2;
		}
	if (hyphen == 0 || hyphen == n)
		return false;
	w->start = n;
	while (w->start > 0 && strchr(" \t", a->text[w->start - 1]) == NULL)
		w->start--;
	w->stem = n - hyphen - w->start;
	w->rest = strcspn(b->text, " \t");
	if (w->stem == 0 || utf8_decode(b->text, strlen(b->text), &cp) == 0 || !is_lower(cp))
		return false;
	for (size_t i = 0; i < w->stem; i++)
		if (strchr("@/:._0123456789", a->text[w->start + i]) != NULL)
			return false;
	return memchr(b->text, '@', w->rest) == NULL && memchr(b->text, '/', w->rest) == NULL;
}

static bool said_elsewhere(const struct doc *d, const char *word)
{
	for (int i = 0; i < d->nlines; i++)
		if (d->lines[i].text != NULL && strcasestr(d->lines[i].text, word) != NULL)
			return true;
	return false;
}

/* Whether the word is written with its hyphen anywhere: "full-stack" broken behind "full-". */
static bool keeps_hyphen(const struct doc *d, const char *stem, size_t n, const char *joined,
						 const char *whole)
{
	static const char *const firsts[] = {
		"full",   "front", "back",   "end",    "real",    "long",     "short",   "high",
		"low",    "self",  "non",    "multi",  "cross",   "object",   "test",    "data",
		"user",   "time",  "cost",   "well",   "problem", "decision", "client",  "customer",
		"server", "open",  "large",  "small",  "third",   "first",    "second",  "day",
		"on",     "off",   "e",      "co",     "in",      "up",       "hands",   "state",
		"award",  "event", "domain", "detail", "team",    "goal",     "results", "cloud",
		"hard",   "fast",  "one",    "two",    "three",   "post",     "role",    "best",
		"top",    "part",  "follow", "check",  "go",      "built",
	};

	if (memchr(stem, '-', n) != NULL)
		return true;
	if (said_elsewhere(d, joined))
		return false;
	if (said_elsewhere(d, whole))
		return true;
	for (size_t i = 0; i < sizeof firsts / sizeof firsts[0]; i++)
		if (strlen(firsts[i]) == n && strncasecmp(firsts[i], stem, n) == 0)
			return true;
	return false;
}

static void take_rest(struct line *b, size_t n)
{
	size_t kept = 0;

	n += strspn(b->text + n, " \t");
	if (b->text[n] == '\0') {
		b->text = NULL;
		return;
	}
	b->text += n;
	for (size_t i = 0; i < b->nspans; i++) {
		struct span s = b->spans[i];
		size_t end = s.start + s.length;

		if (end <= n)
			continue;
		s.start = s.start < n ? 0 : s.start - n;
		s.length = end - n - s.start;
		b->spans[kept++] = s;
	}
	b->nspans = kept;
}

static void mend(struct doc *d, struct line *a, struct line *b, const struct broken *w)
{
	const char *stem = a->text + w->start;
	int start = (int)w->start, n = (int)w->stem, rest = (int)w->rest;
	const char *joined = arena_printf(d->arena, "%.*s%.*s", n, stem, rest, b->text);
	const char *whole = arena_printf(d->arena, "%.*s-%.*s", n, stem, rest, b->text);
	const char *word = !w->soft && keeps_hyphen(d, stem, w->stem, joined, whole) ? whole : joined;
	struct span *last = &a->spans[a->nspans - 1];

	a->text = arena_printf(d->arena, "%.*s%s", start, a->text, word);
	last->length = strlen(a->text) - last->start;
	take_rest(b, w->rest);
}

void layout_hyphens(struct doc *d)
{
	int lookups = 0;

	for (int i = 0; i + 1 < d->nlines && lookups < LOOKUPS_MAX; i++) {
		struct broken w = {0};

		if (d->lines[i].text == NULL || !find_broken(&d->lines[i], &d->lines[i + 1], &w))
			continue;
		/* the hyphen may be a run, and so a span, of its own */
		if (d->lines[i].spans[d->lines[i].nspans - 1].start > w.start + w.stem)
			d->lines[i].nspans--;
		mend(d, &d->lines[i], &d->lines[i + 1], &w);
		lookups++;
	}
	drop_empty(d);
}

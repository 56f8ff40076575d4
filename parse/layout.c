/*
 * Runs -> lines in reading order (see layout.h for the steps). Pages are read one by one: what a
 * reader sees becomes lines; what was written sideways follows at the page's end, and so do the
 * targets of links that lie over pictures. Hidden text makes no lines, except where it is the text
 * layer of a scanned page.
 */
#include "parse/layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum {
	HIDDEN_WORDS = 10,   /* more of them that cannot be seen elsewhere are worth a finding */
	HIDDEN_WORD = 3,     /* characters of a word that counts */
	WORDS_MAX = 1 << 16, /* visible words remembered, a power of two */
};

static const float FAR = 1e5f; /* points; nothing is further out */

static bool is_near(float x)
{
	return isfinite(x) && fabsf(x) < FAR;
}

static bool is_sound(const struct run *r)
{
	return r->text != NULL && r->text[0] != '\0' && is_near(r->box.x0) && is_near(r->box.x1) &&
		   is_near(r->box.y0) && is_near(r->box.y1) && is_near(r->baseline) && is_near(r->size) &&
		   r->size > 0;
}

/* The target of a link over a picture, not drawn by anybody. */
static bool is_target(const struct run *r)
{
	return (r->flags & TEXT_FIELD) != 0 && (r->flags & TEXT_HIDDEN) != 0 && r->link != NULL;
}

static int runs_begin(const struct doc *d, int page)
{
	int first = d->pages[page].first_run;

	return first < 0 ? 0 : first > d->nruns ? d->nruns : first;
}

static int runs_end(const struct doc *d, int page)
{
	int first = runs_begin(d, page), n = d->pages[page].nruns;

	return n < 0 ? first : n > d->nruns - first ? d->nruns : first + n;
}

/* ---- hidden text ---- */

/* The text of a scanned page lies, unseen, under its picture. */
static void adopt_scanned(struct doc *d, int page)
{
	long hidden = 0, seen = 0;

	for (int i = runs_begin(d, page); i < runs_end(d, page); i++) {
		if (is_target(&d->runs[i]))
			continue;
		if ((d->runs[i].flags & TEXT_HIDDEN) != 0)
			hidden += layout_chars(d->runs[i].text);
		else
			seen += layout_chars(d->runs[i].text);
	}
	if (d->pages[page].image_area < 0.4f || hidden < 20 || hidden < seen * 4)
		return;
	for (int i = runs_begin(d, page); i < runs_end(d, page); i++)
		if ((d->runs[i].flags & TEXT_HIDDEN) != 0 && !is_target(&d->runs[i]))
			d->runs[i].flags = (d->runs[i].flags & ~(unsigned)TEXT_HIDDEN) | TEXT_OCR;
}

/* Hash of the word at *s, which moves behind it; 0 at the end. Short words are passed over. */
static uint64_t next_word(const char **s)
{
	for (;;) {
		uint64_t hash = 14695981039346656037u;
		size_t n;

		*s += strspn(*s, " \t.,;:()");
		n = strcspn(*s, " \t.,;:()");
		if (n == 0)
			return 0;
		for (size_t i = 0; i < n; i++)
			hash = (hash ^ ((unsigned char)(*s)[i] | 0x20u)) * 1099511628211u;
		*s += n;
		if (n >= HIDDEN_WORD)
			return hash == 0 ? 1 : hash;
	}
}

/* A set of words; full, it takes no more. */
struct words {
	uint64_t *slots;
	int n;
};

static bool words_have(struct words *w, uint64_t word, bool add)
{
	size_t at = word & (WORDS_MAX - 1);

	while (w->slots[at] != 0) {
		if (w->slots[at] == word)
			return true;
		at = (at + 1) & (WORDS_MAX - 1);
	}
	if (add && w->n < WORDS_MAX / 2) {
		w->slots[at] = word;
		w->n++;
	}
	return false;
}

static void find_hidden(struct doc *d)
{
	struct words seen = {0};
	int hidden = 0;

	for (int i = 0; i < d->nruns; i++)
		hidden += (d->runs[i].flags & TEXT_HIDDEN) != 0 && !is_target(&d->runs[i]);
	if (hidden == 0)
		return;
	seen.slots = ARENA_ARRAY(d->arena, WORDS_MAX, uint64_t);
	for (int i = 0; i < d->nruns; i++) {
		const char *s = d->runs[i].text;

		for (uint64_t w; (d->runs[i].flags & TEXT_HIDDEN) == 0 && (w = next_word(&s)) != 0;)
			words_have(&seen, w, true);
	}
	hidden = 0;
	for (int i = 0; i < d->nruns; i++) {
		const char *s = d->runs[i].text;

		if ((d->runs[i].flags & TEXT_HIDDEN) == 0 || is_target(&d->runs[i]))
			continue;
		for (uint64_t w; (w = next_word(&s)) != 0;)
			hidden += !words_have(&seen, w, true);
	}
	if (hidden >= HIDDEN_WORDS)
		doc_find(d, "hidden_text",
				 "The document holds words that its reader cannot see; they were left out");
}

/* ---- pages ---- */

/* Picks the runs that make lines; symbols only where a page has nothing else. */
static void pick(struct layout *l, bool symbols)
{
	struct doc *d = l->d;
	unsigned unwanted = TEXT_HIDDEN | TEXT_VERTICAL | (symbols ? 0u : TEXT_SYMBOL);

	l->nruns = 0;
	for (int i = runs_begin(d, l->page); i < runs_end(d, l->page); i++) {
		struct run *r = &d->runs[i];
		bool mark = strlen(r->text) <= 4 && layout_bullet(r->text) == strlen(r->text);

		if (is_sound(r) &&
			((r->flags & unwanted) == 0 || ((r->flags & unwanted) == TEXT_SYMBOL && mark)))
			l->runs[l->nruns++] = r;
	}
}

/* Text written upwards, downwards or upside down: in the order it was drawn. */
/* Whether run r goes on where run a ends, up or down the page; *blank: with a blank between. */
static bool goes_on_sideways(const struct run *a, const struct run *r, bool *blank)
{
	float em = a->size > r->size ? a->size : r->size;
	float up = a->box.y0 - r->box.y1, down = r->box.y0 - a->box.y1;
	float gap = fabsf(up) < fabsf(down) ? up : down;
	float both = fminf(a->box.x1, r->box.x1) - fmaxf(a->box.x0, r->box.x0);

	*blank = gap > 0.15f * em;
	return both > 0.6f * (r->box.x1 - r->box.x0) && gap > -0.3f * em && gap < em &&
		   a->link == r->link;
}

/* What was written sideways, line by line: most of it is drawn in one go, but for changes of font.
 */
static int add_sideways(struct layout *l)
{
	struct doc *d = l->d;
	struct run line = {.text = NULL};

	for (int i = runs_begin(d, l->page); i < runs_end(d, l->page); i++) {
		const struct run *r = &d->runs[i];
		bool blank;

		if (!is_sound(r) || (r->flags & (TEXT_HIDDEN | TEXT_VERTICAL)) != TEXT_VERTICAL)
			continue;
		if (line.text != NULL && goes_on_sideways(&line, r, &blank)) {
			line.text = arena_printf(l->arena, "%s%s%s", line.text, blank ? " " : "", r->text);
			line.box = (struct box){fminf(line.box.x0, r->box.x0), fminf(line.box.y0, r->box.y0),
									fmaxf(line.box.x1, r->box.x1), fmaxf(line.box.y1, r->box.y1)};
			continue;
		}
		if (line.text != NULL)
			TRY(layout_single(l, &line, REGION_BODY));
		line = *r;
	}
	if (line.text != NULL)
		TRY(layout_single(l, &line, REGION_BODY));
	return OK;
}

/* Targets of links over pictures. */
static int add_targets(struct layout *l)
{
	struct doc *d = l->d;

	for (int i = runs_begin(d, l->page); i < runs_end(d, l->page); i++) {
		struct run r = d->runs[i];

		if (!is_sound(&r) || !is_target(&r))
			continue;
		r.flags &= ~(unsigned)TEXT_HIDDEN;
		TRY(layout_single(l, &r, REGION_NOTE));
	}
	return OK;
}

static int read_page(struct layout *l)
{
	l->runs =
		ARENA_ARRAY(l->arena, (size_t)(runs_end(l->d, l->page) - runs_begin(l->d, l->page)) + 1,
					const struct run *);
	pick(l, false);
	if (l->nruns == 0)
		pick(l, true);
	if (l->nruns > 0) {
		layout_pieces(l);
		TRY(layout_order(l));
	}
	TRY(add_sideways(l));
	return add_targets(l);
}

int layout_lines(struct doc *d)
{
	struct layout l = {.d = d, .arena = d->arena, .block = -1};

	for (int i = 0; i < d->npages; i++)
		adopt_scanned(d, i);
	find_hidden(d);
	for (l.page = 0; l.page < d->npages; l.page++)
		if (read_page(&l) != OK) {
			doc_find(d, "cut", "The document is very long; its end was not read");
			break;
		}
	layout_labels(d);
	layout_repeated(d);
	layout_hyphens(d);
	return OK;
}

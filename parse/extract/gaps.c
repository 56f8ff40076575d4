/*
 * Gaps: the blanks of a line that are wider than blanks are.
 *
 * Badges, table cells and labels set close together come as one line with single blanks. Their runs
 * still tell them apart: each is drawn by itself, at a distance. Such blanks become tabs; the text
 * keeps its length.
 */
#include <math.h>
#include <string.h>

#include "parse/extract/reading.h"

enum { PAGE_RUNS_MAX = 5000, LINE_RUNS_MAX = 64 };

/* The visible runs of the line from left to right; 0 if there are too many or none. */
static int runs_of(const struct reading *r, const struct line *l, const struct run **out)
{
	const struct doc *d = r->d;
	int n = 0, first, count;

	if (d->pages == NULL || l->page >= d->npages || l->box.x1 <= l->box.x0)
		return 0;
	first = d->pages[l->page].first_run;
	count = d->pages[l->page].nruns;
	if (count > PAGE_RUNS_MAX || first < 0 || first + count > d->nruns)
		return 0;
	for (int i = first; i < first + count; i++) {
		const struct run *run = &d->runs[i];
		int k;

		if (run->baseline < l->box.y0 - 1 || run->baseline > l->box.y1 + 1 ||
			run->box.x0 < l->box.x0 - 1 || run->box.x1 > l->box.x1 + 1 ||
			(run->flags & (TEXT_HIDDEN | TEXT_SYMBOL | TEXT_VERTICAL)))
			continue;
		if (n == LINE_RUNS_MAX)
			return 0;
		for (k = n++; k > 0 && out[k - 1]->box.x0 > run->box.x0; k--)
			out[k] = out[k - 1];
		out[k] = run;
	}
	return n;
}

/* The widest gap behind a comma: what a line that is set to full width has between its words; 0 if
 * no run ends with one. */
static float gap_behind_comma(const struct run *const *runs, int n)
{
	float widest = 0;

	for (int i = 1; i < n; i++) {
		size_t bytes = strlen(runs[i - 1]->text);

		while (bytes > 0 && runs[i - 1]->text[bytes - 1] == ' ')
			bytes--;
		if (bytes > 0 && strchr(",;", runs[i - 1]->text[bytes - 1]) != NULL)
			widest = fmaxf(widest, runs[i]->box.x0 - runs[i - 1]->box.x1);
	}
	return widest;
}

static bool is_wide(const struct run *a, const struct run *b, float usual)
{
	float gap = b->box.x0 - a->box.x1;

	return gap > 0.45f * a->size && gap > 1.8f * fmaxf(a->space, 0.2f * a->size) &&
		   gap > 1.3f * fminf(usual, a->size);
}

const char *line_with_gaps(struct reading *r, int line)
{
	const struct run *runs[LINE_RUNS_MAX];
	const struct line *l = &r->d->lines[line];
	int n = runs_of(r, l, runs);
	char *text;
	size_t at = 0, length = strlen(l->text);
	float usual = gap_behind_comma(runs, n);

	if (n < 2 || strchr(l->text, ' ') == NULL)
		return l->text;
	text = arena_strdup(r->arena, l->text);
	for (int i = 0; i < n; i++) {
		const char *s = runs[i]->text + strspn(runs[i]->text, " ");
		size_t bytes = strlen(s), blank;

		while (bytes > 0 && s[bytes - 1] == ' ')
			bytes--;
		if (bytes == 0)
			continue;
		blank = at;
		at += strspn(text + at, " \t");
		if (bytes > length - at || memcmp(l->text + at, s, bytes) != 0)
			return l->text;
		if (i > 0 && at == blank + 1 && text[blank] == ' ' && is_wide(runs[i - 1], runs[i], usual))
			text[blank] = '\t';
		at += bytes;
	}
	return text;
}

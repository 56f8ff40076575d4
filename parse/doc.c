/* See doc.h. */
#include "parse/doc.h"

#include <string.h>

/* Doubles an arena array; the old one stays behind, at most as large as the new one. */
static void *grown(struct arena *a, const void *old, int n, int *cap, size_t size)
{
	int next = *cap == 0 ? 256 : *cap * 2;
	void *p = arena_alloc_raw(a, (size_t)next * size);

	if (n > 0)
		memcpy(p, old, (size_t)n * size);
	*cap = next;
	return p;
}

int doc_add_run(struct doc *d, const struct run *r)
{
	if (d->nruns >= DOC_RUNS_MAX)
		return E_TOO_LARGE;
	if (d->nruns == d->runs_cap)
		d->runs = grown(d->arena, d->runs, d->nruns, &d->runs_cap, sizeof *d->runs);
	d->runs[d->nruns++] = *r;
	return OK;
}

int doc_add_line(struct doc *d, const struct line *l)
{
	if (d->nlines >= DOC_LINES_MAX)
		return E_TOO_LARGE;
	if (d->nlines == d->lines_cap)
		d->lines = grown(d->arena, d->lines, d->nlines, &d->lines_cap, sizeof *d->lines);
	d->lines[d->nlines++] = *l;
	return OK;
}

void doc_find(struct doc *d, const char *kind, const char *message)
{
	for (int i = 0; i < d->nfindings; i++)
		if (strcmp(d->findings[i].kind, kind) == 0)
			return;
	if (d->nfindings == DOC_FINDINGS_MAX)
		return;
	if (d->findings == NULL)
		d->findings = ARENA_ARRAY(d->arena, DOC_FINDINGS_MAX, struct doc_finding);
	d->findings[d->nfindings++] = (struct doc_finding){kind, message};
}

void line_drop_front(char *text, size_t *n, struct span *spans, size_t *nspans, size_t k)
{
	size_t kept = 0;

	memmove(text, text + k, *n - k);
	*n -= k;
	for (size_t i = 0; i < *nspans; i++) {
		struct span s = spans[i];
		size_t end = s.start + s.length;

		if (end <= k)
			continue;
		s.start = s.start > k ? s.start - k : 0;
		s.length = end - k - s.start;
		spans[kept++] = s;
	}
	*nspans = kept;
}

bool doc_scanned(const struct doc *d)
{
	bool picture = false;
	size_t text = 0;

	for (int i = 0; i < d->npages; i++)
		picture |= d->pages[i].picture;
	for (int i = 0; i < d->nruns && text <= DOC_SCANNED_TEXT; i++)
		if ((d->runs[i].flags & TEXT_HIDDEN) == 0)
			text += strlen(d->runs[i].text);
	return d->pictures || (picture && text <= DOC_SCANNED_TEXT);
}

/*
 * The short lists: certificates, publications, awards, interests, references, groups of skills; and
 * the headline and summary of the candidate.
 */
#include <string.h>

#include "base/text.h"
#include "parse/extract/resume_json.h"
#include "parse/extract/scan.h"

enum { LABEL_MAX = 70, SUMMARY_LINES = 30, LIST_LINE_MAX = 300 };

/* ---- headline and summary ---- */

/* Whether the part of a line names a job: "Data Scientist". */
static bool is_headline(const struct reading *r, const char *s, size_t n)
{
	char plain[LABEL_MAX * 2];
	const char *name = r->name.value;

	if (n < 3 || n > LABEL_MAX || memchr(s, '@', n) != NULL || memmem(s, n, "://", 3) != NULL ||
		(name != NULL && memmem(s, n, name, strlen(name)) != NULL))
		return false;
	words_plain(s, n, plain, sizeof plain);
	return strpbrk(plain, "0123456789") == NULL && lex_count(plain, LEX_TITLE) > 0 &&
		   lex_count(plain, LEX_FUNCTION) < 3 &&
		   !lex_is(plain, strlen(plain), LEX_LABEL | LEX_DOCUMENT | LEX_SECTION | LEX_CREDENTIAL);
}

static struct quote *headline_in(struct reading *r, int i)
{
	const char *s = r->d->lines[i].text;

	const char *name = r->name.value == NULL ? NULL : strstr(s, r->name.value);

	for (size_t at = name == NULL ? 0
								  : (size_t)(name - s) + strlen(r->name.value) +
										strspn(name + strlen(r->name.value), ", ");
		 s[at] != '\0';) {
		size_t n = strcspn(s + at, "\t|"), blanks = strspn(s + at, " ");
		const char *colon = memchr(s + at, ':', n);
		size_t end = n;

		if (colon != NULL) {
			blanks = (size_t)(colon - (s + at)) + 1;
			blanks += strspn(s + at + blanks, " ");
		}
		while (end > blanks && s[at + end - 1] == ' ')
			end--;
		if (end > blanks && is_headline(r, s + at + blanks, end - blanks))
			return quote_at(r, i, at + blanks, end - blanks, 0.85);
		at += n;
		at += s[at] != '\0';
	}
	return NULL;
}

static struct quote *headline(struct reading *r)
{
	struct quote *q = NULL;
	int seen = 0;

	for (int i = r->name_line < 0 ? 0 : r->name_line; i < r->d->nlines && q == NULL && seen < 8;
		 i++) {
		const struct line *l = &r->d->lines[i];
		enum section_kind k = r->notes[i].section;

		if (line_hidden(l) || l->bullet ||
			(k != SECTION_HEAD && k != SECTION_CONTACT && i > r->name_line + 3) ||
			strlen(l->text) > LIST_LINE_MAX || r->notes[i].heading)
			continue;
		seen++;
		q = headline_in(r, i);
	}
	return q;
}

static size_t spaces_in(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += *s == ' ';
	return n;
}

/* Whether line i tells something: no address, telephone number or link beside it. */
static bool tells(const struct reading *r, int i)
{
	const struct line *l = &r->d->lines[i];
	size_t from = r->notes[i].heading ? r->notes[i].content : 0;

	return r->notes[i].section == SECTION_SUMMARY && !r->notes[i].loose && !line_hidden(l) &&
		   l->text[from] != '\0' && strchr(l->text, '@') == NULL && strstr(l->text, "://") == NULL;
}

/* The first run of lines of a summary that is no list of contact data. */
static struct quote *summary(struct reading *r)
{
	enum { WORDS_MIN = 7 };
	struct quote *q = NULL;

	for (int i = 0; i < r->d->nlines && q == NULL; i++) {
		int last = i, lines = 0;
		size_t from = r->notes[i].heading ? r->notes[i].content : 0;

		if (!tells(r, i) || spaces_in(r->d->lines[i].text + from) < WORDS_MIN - 1)
			continue;
		q = quote_at(r, i, from, strlen(r->d->lines[i].text) - from, 0.9);
		for (int k = i + 1; k < r->d->nlines && k <= last + 2 && lines < SUMMARY_LINES; k++)
			if (tells(r, k)) {
				quote_extend(r, q, k, r->notes[k].heading ? r->notes[k].content : 0);
				last = k;
				lines++;
			}
	}
	return q;
}

void basics_read(struct reading *r, struct resume *out)
{
	out->name = quote_value(r, &r->name);
	out->email = quote_value(r, &r->email);
	if (out->email != NULL) /* "Write to me" with the address behind it */
		out->email->link = strchr(out->email->evidence.text, '@') == NULL;
	out->phone = quote_value(r, &r->phone);
	out->label = headline(r);
	out->summary = summary(r);
}

/* ---- one thing a line ---- */

/* "Certified Kubernetes Administrator (CNCF, 2021)": name, who gave it, when. */
static void thing_read(struct reading *r, int i, size_t from, struct things *out)
{
	const struct line *l = &r->d->lines[i];
	struct item item = {.line = i, .from = from};
	struct entries one = {.items = &item, .nitems = 1};
	struct entry e = {.nrows = 1, .anchor = 0};
	struct date_span d;
	struct thing t = {0};
	size_t n = strlen(l->text);

	if (dates_find(l->text + from, n - from, &d, 1) > 0) {
		t.date = quote_as(r, i, from + d.from_start, d.from_end - d.from_start, 0.85,
						  date_iso(r->arena, d.from));
		item.date = d;
		item.date.start += from;
		item.date.end += from;
	}
	entry_parts(r, &one, &e);
	for (int k = 0; k < e.nparts; k++) {
		struct part *p = &e.parts[k];
		size_t end = p->end;

		if (p->used)
			continue;
		if (t.name == NULL) {
			/* Commas within the name stay: only what brackets, dashes or dates set apart is another
			 * thing. */
			for (; k + 1 < e.nparts && e.parts[k + 1].comma && e.nparts - k > 2; k++)
				end = e.parts[k + 1].end;
			t.name = quote_at(r, i, p->start, end - p->start, 0.8);
		} else if (t.detail == NULL && strlen(p->plain) <= 60) {
			t.detail = quote_at(r, i, p->start, p->end - p->start, 0.65);
		}
	}
	things_add(r, out, &t);
}

/* "On the Design of Engines, 2019": a title keeps its commas and colons; a tab, a bar or the date
 * ends it. */
static void title_read(struct reading *r, int i, size_t from, struct things *out)
{
	const char *s = r->d->lines[i].text;
	size_t n = strcspn(s + from, "\t|");
	struct date_span d;
	struct thing t = {0};

	if (dates_find(s + from, strlen(s + from), &d, 1) > 0) {
		t.date = quote_as(r, i, from + d.from_start, d.from_end - d.from_start, 0.8,
						  date_iso(r->arena, d.from));
		n = d.start > 12 && d.start < n ? d.start : n;
	}
	while (n > 0 && strchr(" ,(-\t", s[from + n - 1]) != NULL)
		n--;
	t.name = quote_at(r, i, from, n, 0.7);
	things_add(r, out, &t);
}

static bool goes_on(const struct reading *r, int i)
{
	const struct line *l = &r->d->lines[i], *above = l - 1;
	uint32_t cp;

	if (i == 0 || l->bullet || r->notes[i - 1].section != r->notes[i].section ||
		above->block != l->block)
		return false;
	char_at(l->text, l->text + strlen(l->text), &cp);
	return char_is_lower(cp) || (above->bullet && above->text[strlen(above->text) - 1] == ',');
}

/* Whether a line is about the thing above: it is not bold, or has no date, where the first line is
 * or has. */
static bool is_detail(const struct reading *r, int first, int i)
{
	const struct line *a = &r->d->lines[first], *l = &r->d->lines[i];
	struct date_span d;
	unsigned bold = a->flags & ~l->flags & TEXT_BOLD;

	if (first == i || (l->flags & ~a->flags & TEXT_BOLD))
		return false;
	return bold != 0 ||
		   (!a->bullet && (l->bullet || (dates_find(a->text, strlen(a->text), &d, 1) > 0 &&
										 dates_find(l->text, strlen(l->text), &d, 1) == 0)));
}

static void section_things(struct reading *r, enum section_kind k, struct things *out)
{
	int first = -1;

	for (int i = 0; i < r->d->nlines; i++) {
		const struct line *l = &r->d->lines[i];
		size_t from = r->notes[i].heading ? r->notes[i].content : 0;
		struct thing *above = out->n > 0 ? &out->items[out->n - 1] : NULL;

		if (r->notes[i].section != k || r->notes[i].loose || line_hidden(l) ||
			l->text[from] == '\0' || strlen(l->text) > LIST_LINE_MAX ||
			r->notes[i].plain[0] == '\0' || goes_on(r, i))
			continue;
		if (first < 0)
			first = i;
		if (above != NULL && is_detail(r, first, i)) {
			if (above->detail == NULL)
				above->detail = quote_at(r, i, from, strlen(l->text) - from, 0.6);
			continue;
		}
		if (k == SECTION_PUBLICATIONS || k == SECTION_AWARDS)
			title_read(r, i, from, out);
		else
			thing_read(r, i, from, out);
	}
}

/* Interests: every part between separators. */
static void interests_read(struct reading *r, struct things *out)
{
	for (int i = 0; i < r->d->nlines; i++) {
		const char *s = r->d->lines[i].text;
		size_t at = r->notes[i].heading ? r->notes[i].content : 0;

		if (r->notes[i].section != SECTION_INTERESTS || r->notes[i].loose ||
			line_hidden(&r->d->lines[i]) || strlen(s) > LIST_LINE_MAX)
			continue;
		while (s[at] != '\0') {
			size_t n = strcspn(s + at, ",;|\t");
			struct thing t = {.name = n > 60 ? NULL : quote_at(r, i, at, n, 0.75)};

			things_add(r, out, &t);
			at += n;
			at += s[at] != '\0';
		}
	}
}

/* References: who they are; "available upon request" names nobody. */
static void references_read(struct reading *r, struct things *out)
{
	int last = -1;

	for (int i = 0; i < r->d->nlines; i++) {
		const struct line *l = &r->d->lines[i];
		const char *plain = r->notes[i].plain;
		size_t from = r->notes[i].heading ? r->notes[i].content : 0,
			   n = strcspn(l->text + from, ",|\t(");
		struct thing t = {0};

		if (r->notes[i].section != SECTION_REFERENCES || r->notes[i].loose || line_hidden(l) ||
			l->text[from] == '\0' || strstr(plain, "request") != NULL ||
			strstr(plain, "anfrage") != NULL || strstr(plain, "demande") != NULL ||
			strstr(plain, "solicitud") != NULL)
			continue;
		if (out->n > 0 && last >= 0 && l->block == r->d->lines[last].block &&
			out->items[out->n - 1].detail != NULL) {
			quote_extend(r, out->items[out->n - 1].detail, i, from);
			continue;
		}
		if (out->n > 0 && last >= 0 && l->block == r->d->lines[last].block) {
			out->items[out->n - 1].detail = quote_at(r, i, from, strlen(l->text) - from, 0.7);
			continue;
		}
		last = i;
		if (n > 60 || strpbrk(l->text + from, "@0123456789") != NULL)
			continue;
		t.name = quote_at(r, i, from, n, 0.6);
		things_add(r, out, &t);
	}
}

/* ---- skills ---- */

/* The label before a colon in a line of the skills section; its bytes, 0 if there is none. */
static size_t group_label(const char *s, size_t from)
{
	const char *colon = strchr(s + from, ':');

	return colon == NULL || colon[1] == '\0' || colon - (s + from) > 40
			   ? 0
			   : (size_t)(colon - (s + from));
}

static struct quote *quote_skill(struct reading *r, const struct skill *s)
{
	struct quote *q = ARENA_NEW(r->arena, struct quote);

	*q = (struct quote){.value = s->name, .confidence = s->confidence, .evidence = s->evidence};
	return q;
}

/* Groups as the document has them; the rest one by one. */
static void skills_group(struct reading *r, const struct profile *p, struct things *out)
{
	const struct skill *skills = p->skills.items;
	bool *used = ARENA_ARRAY(r->arena, p->skills.n + 1, bool);
	size_t next = 0;

	for (int i = 0; i < r->d->nlines && next < p->skills.n; i++) {
		const struct line *l = &r->d->lines[i];
		size_t from = r->notes[i].heading ? r->notes[i].content : 0, n;
		struct thing t = {0};

		if (r->notes[i].section != SECTION_SKILLS || line_hidden(l) ||
			strlen(l->text) > LIST_LINE_MAX)
			continue;
		n = group_label(l->text, from);
		if (n == 0)
			continue;
		for (size_t k = next; k < p->skills.n && k < next + 40; k++)
			if (!used[k] && strstr(l->text + from + n, skills[k].name) != NULL) {
				used[k] = true;
				quotes_add(r, &t.keywords, quote_skill(r, &skills[k]));
			}
		while (next < p->skills.n && used[next])
			next++;
		if (t.keywords.n > 0)
			t.name = quote_at(r, i, from, n, 0.85);
		things_add(r, out, &t);
	}
	for (size_t k = 0; k < p->skills.n; k++)
		if (!used[k])
			things_add(r, out, &(struct thing){.name = quote_skill(r, &skills[k])});
}

void lists_read(struct reading *r, const struct profile *p, struct resume *out)
{
	section_things(r, SECTION_CERTIFICATES, &out->certificates);
	section_things(r, SECTION_PUBLICATIONS, &out->publications);
	section_things(r, SECTION_AWARDS, &out->awards);
	interests_read(r, &out->interests);
	references_read(r, &out->references);
	skills_group(r, p, &out->skills);
}

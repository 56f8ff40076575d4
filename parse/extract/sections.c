/*
 * Sections: which lines are headings, and what each line belongs to.
 *
 * Words alone do not make a heading ("Languages" may introduce programming languages, "Leadership"
 * may be a skill), style alone does not either (names and job titles are bold too). So known
 * headings are collected first with their style; a style that two different known headings share is
 * a heading style of this document, and then decides about the doubtful ones and about short lines
 * in that style whose words are unknown. Geometry guards the rest: what stands above a heading on
 * its page, or to its left, is not its content.
 */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "parse/extract/scan.h"

enum { HEADING_MAX = 64, PLAIN_MAX = 160, WORDS_MAX = 8, STYLES_MAX = 48, CANDIDATES_MAX = 4000 };
static const float SIDEBAR_LEAST = 100; /* points of it beside the main text */

struct style {
	float size;
	bool bold, italic, caps, underline, cell;
	int heading;
};

struct style_use {
	struct style style;
	uint32_t kinds; /* bit set of the sections named in it */
	int known, lines;
};

struct candidate {
	int line;
	enum section_kind section;
	struct style style;
	int tail;     /* the line its second half stands on; 0 none */
	size_t end;   /* bytes of the line that are the heading */
	bool weak;    /* needs the look of a heading */
	bool alone;   /* nothing else on the line */
	bool inlined; /* "Skills: a, b" */
	bool emphasised;
	bool accepted;
};

struct search {
	struct reading *r;
	struct candidate *candidates;
	int n;
	struct style_use styles[STYLES_MAX];
	int nstyles;
};

bool line_hidden(const struct line *l)
{
	return (l->flags & (TEXT_HIDDEN | TEXT_SYMBOL)) != 0;
}

/* ---- style ---- */

static struct style style_of(const struct line *l, size_t n)
{
	unsigned flags = l->nspans > 0 ? l->spans[0].flags : l->flags;
	float size = l->nspans > 0 ? l->spans[0].size : l->size;

	return (struct style){.size = roundf(size * 2) / 2,
						  .bold = (flags & TEXT_BOLD) != 0,
						  .italic = (flags & TEXT_ITALIC) != 0,
						  .caps = text_is_caps(l->text, n),
						  .underline = (flags & TEXT_UNDERLINE) != 0,
						  .cell = l->table >= 0 && l->cell == 0,
						  .heading = l->heading};
}

static bool same_style(const struct style *a, const struct style *b)
{
	return fabsf(a->size - b->size) < 0.6f && a->bold == b->bold && a->italic == b->italic &&
		   a->caps == b->caps && a->underline == b->underline && a->heading == b->heading &&
		   a->cell == b->cell;
}

static bool emphasised(const struct reading *r, const struct style *s)
{
	return s->heading > 0 || (s->bold && !r->mostly_bold) || s->caps || s->underline ||
		   (r->body_size > 0 && s->size > r->body_size * 1.1f);
}

static struct style_use *use_of(struct search *s, const struct style *style)
{
	for (int i = 0; i < s->nstyles; i++)
		if (same_style(&s->styles[i].style, style))
			return &s->styles[i];
	if (s->nstyles == STYLES_MAX)
		return NULL;
	s->styles[s->nstyles] = (struct style_use){.style = *style};
	return &s->styles[s->nstyles++];
}

/* A style that several known headings share. */
static bool is_heading_style(struct search *s, const struct style *style)
{
	const struct style_use *u = use_of(s, style);

	return u != NULL && (u->kinds & (u->kinds - 1)) != 0;
}

/* ---- the body's size ---- */

static void measure(struct reading *r)
{
	enum { HALVES = 120 };
	size_t weight[HALVES] = {0}, bold = 0, all = 0, most = 0;

	for (int i = 0; i < r->d->nlines; i++) {
		const struct line *l = &r->d->lines[i];
		size_t n = strlen(l->text);
		int half = (int)lroundf(fminf(fmaxf(l->size, 0) * 2, HALVES - 1));

		if (line_hidden(l))
			continue;
		weight[half] += n;
		all += n;
		bold += l->flags & TEXT_BOLD ? n : 0;
		if (l->page == 0 && !r->notes[i].loose && r->notes[i].plain[0] != '\0')
			r->largest = fmaxf(r->largest, l->size);
	}
	for (int i = 1; i < HALVES; i++)
		if (weight[i] > most) {
			most = weight[i];
			r->body_size = (float)i / 2;
		}
	r->mostly_bold = bold * 2 > all;
}

/* ---- candidates ---- */

/* How much of the line could be its heading: up to a tab, a colon, or a change of style. */
static size_t heading_part(const struct line *l, bool *alone, bool *inlined)
{
	size_t n = strlen(l->text), at = strcspn(l->text, "\t");
	const char *colon = memchr(l->text, ':', at);

	*alone = at == n;
	*inlined = false;
	if (colon != NULL && (size_t)(colon - l->text) + 1 < at) {
		*alone = false;
		*inlined = true;
		return (size_t)(colon - l->text) + 1;
	}
	return at;
}

/* "Skills  Python, SQL": the label of a rail that a gap sets off its content, which goes on, or
 * came before, further to the right. */
static size_t rail_part(struct reading *r, int i)
{
	const struct line *l = &r->d->lines[i];
	const char *text;
	float hang = l->size * 1.5f;
	bool hangs;

	if (l->table >= 0 || l->bullet || l->box.y1 <= l->box.y0)
		return 0;
	hangs = (i + 1 < r->d->nlines && l[1].page == l->page && l[1].box.x0 > l->box.x0 + hang &&
			 l[1].box.x0 < l->box.x1) ||
			(i > 0 && l[-1].page == l->page && l[-1].box.x0 > l->box.x0 + hang &&
			 l[-1].box.x0 < l->box.x1);
	if (!hangs || strchr(l->text, '\t') != NULL)
		return 0;
	text = line_with_gaps(r, i);
	return text == l->text ? 0 : strcspn(text, "\t") % strlen(text);
}

/* "SKILLS Python, SQL": the capitals a line begins with, if small letters follow. */
static size_t capitals_part(const struct line *l)
{
	size_t end = 0;

	for (;;) {
		size_t stop = end + strspn(l->text + end, " ");

		stop += strcspn(l->text + stop, " ");
		if (stop > HEADING_MAX)
			return 0;
		if (!text_is_caps(l->text + end, stop - end))
			break;
		end = stop;
		if (l->text[end] == '\0')
			return 0;
	}
	return end > 4 ? end : 0;
}

/* "Languages: English, French" in the middle of other things. */
static bool spoken_only(const char *text)
{
	char plain[PLAIN_MAX];
	size_t n = strcspn(text, ",;(|/-");

	words_plain(text, n, plain, sizeof plain);
	return lex_count(plain, LEX_SPOKEN) > 0;
}

/* A heading over two lines ("Professional Skills" / "Summary"), perhaps beside its content, is one.
 */
static bool continues_heading(const struct search *s, int i)
{
	const struct line *l = &s->r->d->lines[i], *first = l - 1;
	struct candidate *before = s->n > 0 ? &s->candidates[s->n - 1] : NULL;
	size_t a, b = strcspn(l->text, "\t");
	enum section_kind kind;
	bool weak;
	const char *both;

	if (before == NULL || before->line != i - 1 || before->inlined || first->block != l->block ||
		before->alone != (l->text[b] == '\0') || b > HEADING_MAX)
		return false;
	a = strcspn(first->text, "\t");
	both = arena_printf(s->r->arena, "%.*s %.*s", (int)a, first->text, (int)b, l->text);
	if (!section_named(both, strlen(both), &kind, &weak) || kind != before->section)
		return false;
	before->tail = i;
	before->weak = weak;
	return true;
}

/* Whether the line begins a text box of several: what stands there heads it, however it looks. */
static bool opens_box(const struct doc *d, int i)
{
	const struct line *l = &d->lines[i];

	return l->region == REGION_TEXTBOX && (i == 0 || l[-1].region != REGION_TEXTBOX) &&
		   i + 1 < d->nlines && l[1].region == REGION_TEXTBOX;
}

static void candidate_add(struct search *s, int i)
{
	const struct line *l = &s->r->d->lines[i];
	struct candidate c = {.line = i};
	size_t n;
	bool rail = false;

	if (line_hidden(l) || s->r->notes[i].loose || s->n == CANDIDATES_MAX || continues_heading(s, i))
		return;
	n = heading_part(l, &c.alone, &c.inlined);
	if (n > HEADING_MAX || !section_named(l->text, n, &c.section, &c.weak)) {
		n = capitals_part(l);
		rail = n == 0;
		n = rail ? rail_part(s->r, i) : n;
		if (n == 0 || n > HEADING_MAX || !section_named(l->text, n, &c.section, &c.weak))
			return;
		c.weak &= !rail || c.section != SECTION_LANGUAGES || !spoken_only(l->text + n);
		if (c.weak)
			return;
		c.alone = c.inlined = false;
	}
	if (c.alone && n > 1 && strchr(".,;", l->text[n - 1]) != NULL)
		return;
	c.end = n;
	c.style = style_of(l, n);
	c.emphasised = emphasised(s->r, &c.style) || (c.alone && l->text[n - 1] == ':');
	/* Several boxes may follow one another; only the first is known to begin here. */
	c.weak &= !(c.alone && opens_box(s->r->d, i));
	c.emphasised |= c.alone && !c.weak && l->region == REGION_TEXTBOX;
	s->candidates[s->n++] = c;
}

static bool starts_small(const char *text)
{
	uint32_t cp;

	char_at(text, text + strlen(text), &cp);
	return char_is_lower(cp);
}

/* Whether style a is less of a heading than style b. */
static bool is_weaker(const struct style *a, const struct style *b)
{
	if (a->size < b->size - 0.6f ||
		(b->heading > 0 && (a->heading == 0 || a->heading > b->heading)))
		return true;
	return a->size < b->size + 0.6f && ((b->caps && !a->caps) || (b->bold && !a->bold));
}

/* Kinds whose words also name groups of skills: "Languages", "Leadership", "Web". */
static bool may_name_group(enum section_kind k)
{
	return k != SECTION_EXPERIENCE && k != SECTION_EDUCATION && k != SECTION_SUMMARY &&
		   k != SECTION_REFERENCES && k != SECTION_PROJECTS && k != SECTION_SKILLS;
}

/* Headings that stand on their own words and look. */
static void accept_sure(struct search *s)
{
	const struct candidate *skills = NULL; /* the heading of the skills section that goes on */

	for (int i = 0; i < s->n; i++) {
		struct candidate *c = &s->candidates[i];
		struct style_use *u;

		if (c->weak || c->inlined || s->r->d->lines[c->line].bullet || !c->emphasised)
			continue;
		c->accepted = true;
		if (skills != NULL && may_name_group(c->section) && is_weaker(&c->style, &skills->style))
			continue;
		skills = c->section == SECTION_SKILLS ? c : NULL;
		u = use_of(s, &c->style);
		if (u != NULL && !(u->kinds & 1u << c->section)) {
			u->kinds |= 1u << c->section;
			u->known++;
		}
	}
}

static bool any_heading_style(const struct search *s)
{
	for (int i = 0; i < s->nstyles; i++)
		if (s->styles[i].known >= 2)
			return true;
	return false;
}

static bool is_core(enum section_kind k)
{
	return k == SECTION_SKILLS || k == SECTION_EXPERIENCE || k == SECTION_EDUCATION ||
		   k == SECTION_SUMMARY || k == SECTION_LANGUAGES || k == SECTION_CERTIFICATES ||
		   k == SECTION_CONTACT || k == SECTION_REFERENCES;
}

/* Whether a line without emphasis stands as close to the line before it as to the one after: one of
 * a list ("Legal Research"), not its heading. */
static bool is_item(const struct reading *r, const struct candidate *c)
{
	const struct line *l = &r->d->lines[c->line];
	float above, below;

	if (c->emphasised || c->line == 0 || c->line + 1 >= r->d->nlines || l->box.y1 <= l->box.y0)
		return false;
	above = l->box.y0 - l[-1].box.y0;
	below = l[1].box.y0 - l->box.y0;
	return l[-1].column == l->column && above > 0 && above < below * 1.15f &&
		   fabsf(l[-1].box.x0 - l->box.x0) < 2;
}

/* Decides about the doubtful ones by the look of the sure ones. */
static void accept_doubtful(struct search *s)
{
	const struct candidate *skills = NULL; /* the heading of the skills section that goes on */
	bool styled = any_heading_style(s);
	uint32_t seen = 0;

	for (int i = 0; i < s->nstyles; i++)
		if (s->styles[i].known >= 2)
			seen |= s->styles[i].kinds;
	for (int i = 0; i < s->n; i++) {
		struct candidate *c = &s->candidates[i];
		const struct line *l = &s->r->d->lines[c->line];
		bool fits = is_heading_style(s, &c->style);

		if (c->inlined)
			continue;
		if (c->accepted && styled && !fits && c->style.heading == 0)
			c->accepted = is_core(c->section) && !(seen & 1u << c->section);
		else if (!c->accepted && styled)
			c->accepted = fits;
		else if (!c->accepted)
			c->accepted = !l->bullet && !starts_small(l->text) && (!c->weak || c->emphasised) &&
						  (l->table < 0 || l->cell == 0);
		if (skills != NULL && may_name_group(c->section) &&
			(styled ? !fits && is_weaker(&c->style, &skills->style) : is_item(s->r, c)))
			c->accepted = false;
		if (c->accepted)
			skills = c->section == SECTION_SKILLS ? c : NULL;
	}
}

/* ---- short lines in a heading's style, with words unknown ---- */

static int words_in(const char *plain)
{
	int n = *plain != '\0';

	for (; *plain != '\0'; plain++)
		n += *plain == ' ';
	return n;
}

static bool stands_out(const struct reading *r, const struct style *s)
{
	return s->heading > 0 || s->caps || (r->body_size > 0 && s->size > r->body_size * 1.1f);
}

static bool could_be_heading(const struct reading *r, int i)
{
	const struct line *l = &r->d->lines[i];
	size_t n = strlen(l->text);

	return !line_hidden(l) && !r->notes[i].loose && !l->bullet && n <= HEADING_MAX && n > 2 &&
		   strchr(l->text, '\t') == NULL && strpbrk(l->text, "@0123456789,;") == NULL &&
		   words_in(r->notes[i].plain) <= 5 && r->notes[i].plain[0] != '\0';
}

static void count_styles(struct search *s)
{
	for (int i = 0; i < s->r->d->nlines; i++) {
		const struct line *l = &s->r->d->lines[i];

		if (line_hidden(l) || s->r->notes[i].loose || s->r->notes[i].plain[0] == '\0')
			continue;
		struct style style = style_of(l, strlen(l->text));
		for (int j = 0; j < s->nstyles; j++)
			if (same_style(&s->styles[j].style, &style))
				s->styles[j].lines++;
	}
}

static bool is_unknown_heading(struct search *s, int i)
{
	const struct line *l = &s->r->d->lines[i];
	const struct style_use *u;
	struct style style;

	if (!could_be_heading(s->r, i))
		return false;
	style = style_of(l, strlen(l->text));
	if (!stands_out(s->r, &style))
		return false;
	u = use_of(s, &style);
	return u != NULL && u->known >= 3 && u->lines <= u->known * 2 + 2;
}

/* ---- assignment ---- */

struct flow {
	enum section_kind section;
	int heading;              /* its line, -1 none */
	bool rail;                /* the heading stands to the left of its content */
	int tail;                 /* the heading's second line, 0 none */
	bool strict;              /* contents do not stand beside the heading, centred upon it */
	int inlined;              /* block of an inlined section, -1 none */
	enum section_kind resume; /* what goes on after it */
};

/* Whether line l cannot belong to the section headed by line h. */
static bool outside(const struct line *h, const struct line *l, bool rail, bool strict)
{
	if (rail && h->table >= 0 && l->table == h->table && l->row != h->row && l->cell == 0)
		return true;
	if (!rail && h->table >= 0 && l->table == h->table && l->row == h->row && l->cell != h->cell)
		return true; /* the column beside it */
	if (h->page != l->page || h->region != l->region || h->box.y1 <= h->box.y0 ||
		l->box.y1 <= l->box.y0)
		return false;
	if (l->box.x0 > h->box.x1) /* beside it, perhaps centred upon */
		return l->box.y1 < h->box.y0 - (strict ? 2 : 40);
	if (h->table < 0 && (l->column != h->column || l->box.y0 < h->box.y1) &&
		(l->box.x1 < h->box.x0 - 60 || (l->box.x1 < h->box.x0 - 10 && l->column < h->column)))
		return true; /* far to its left */
	if (rail && h->table < 0 && h->box.x1 > h->box.x0 && l->box.y0 > h->box.y1 &&
		fabsf(l->box.x0 - h->box.x0) < 3)
		return true;
	return l->box.y1 < h->box.y0 - 2;
}

/* Whether the heading's column holds headings only, whose contents stand in the next. */
static bool heads_rail(const struct search *s, const struct candidate *c)
{
	const struct doc *d = s->r->d;
	int next = (c->tail > c->line ? c->tail : c->line) + 1;
	struct style style;

	if (next >= d->nlines || d->lines[next].page != d->lines[c->line].page ||
		d->lines[next].column != d->lines[c->line].column)
		return true;
	style = style_of(&d->lines[next], strlen(d->lines[next].text));
	return same_style(&style, &c->style);
}

/* Whether the column of line i begins right below the heading: one of several under it. */
static bool begins_below(const struct reading *r, const struct line *h, int i)
{
	const struct line *l = &r->d->lines[i], *first = l;
	float gap;

	while (i > 0 && r->d->lines[i - 1].page == l->page && r->d->lines[i - 1].column == l->column &&
		   r->d->lines[i - 1].box.y0 < first->box.y0)
		first = &r->d->lines[--i];
	gap = first->box.y0 - h->box.y1;
	return gap > -2 && gap < h->size * 2.5f;
}

/* The heading a line stands under: the lowest one above it in its column, or else to its left. */
static enum section_kind section_above(const struct search *s, int i0)
{
	const struct line *l = &s->r->d->lines[i0];
	const struct candidate *best = NULL;
	bool best_overlaps = false;

	for (int i = 0; i < s->n; i++) {
		const struct candidate *c = &s->candidates[i];
		const struct line *h = &s->r->d->lines[c->line];
		bool overlaps = h->box.x0 < l->box.x1 && h->box.x1 > l->box.x0;

		if (l->box.x1 <= l->box.x0)
			break;
		/* A label beside its content may be centred upon it. */
		if (!c->accepted || c->inlined || h->page != l->page ||
			h->box.y0 > l->box.y0 + (overlaps ? 0 : l->size * 0.6f) || h->box.x0 > l->box.x1)
			continue;
		if (!overlaps && l->column != h->column && !heads_rail(s, c) && !begins_below(s->r, h, i0))
			continue; /* another column, not the content of a rail */
		if (best != NULL && best_overlaps && !overlaps)
			continue;
		if (best == NULL || (overlaps && !best_overlaps) ||
			h->box.y0 > s->r->d->lines[best->line].box.y0) {
			best = c;
			best_overlaps = overlaps;
		}
	}
	if (best != NULL)
		return best->section;
	return l->page == 0 ? SECTION_HEAD : SECTION_OTHER;
}

static bool is_rail(const struct reading *r, int i, const struct candidate *c)
{
	const struct line *l = &r->d->lines[i], *next = i + 1 < r->d->nlines ? l + 1 : NULL;

	if (!c->alone)
		return l->table < 0;
	return next != NULL && l->table >= 0 && next->table == l->table && next->row == l->row &&
		   next->cell > l->cell;
}

static bool takes_inlined(const struct flow *f, const struct candidate *c, const struct line *l)
{
	if (c->section == SECTION_LANGUAGES)
		return spoken_only(l->text + c->end + strspn(l->text + c->end, " "));
	if (f->section == SECTION_SKILLS)
		return !c->weak && (c->section == SECTION_INTERESTS || c->section == SECTION_REFERENCES ||
							c->section == SECTION_EDUCATION || c->section == SECTION_AWARDS);
	return !c->weak && (c->section != SECTION_CONTACT) && !starts_small(l->text);
}

/* Whether the heading follows another at once, in one column: the contents are elsewhere. */
static bool is_apart(const struct reading *r, const struct flow *f, int i)
{
	const struct line *l = &r->d->lines[i];

	return i > 0 && f->heading == i - 1 &&
		   (fabsf(l[-1].box.x0 - l->box.x0) < 5 ||
			fabsf(l[-1].box.x0 + l[-1].box.x1 - l->box.x0 - l->box.x1) < 8);
}

/* Whether the next line stands below the heading. */
static bool is_below(const struct reading *r, int i)
{
	const struct line *l = &r->d->lines[i];

	return i + 1 < r->d->nlines && l[1].page == l->page && l[1].column == l->column &&
		   l[1].box.x0 < l->box.x1 && l[1].box.x1 > l->box.x0 && l[1].box.y0 > l->box.y1 - 2;
}

static void enter(struct reading *r, struct flow *f, int i, const struct candidate *c)
{
	struct note *note = &r->notes[i];
	const struct line *l = &r->d->lines[i];

	note->heading = true;
	note->content = c->end + strspn(l->text + c->end, " \t:");
	if (c->inlined) {
		f->resume = f->inlined >= 0 ? f->resume : f->section;
		f->inlined = l->block;
	} else {
		f->inlined = -1;
		f->rail = is_rail(r, i, c);
		f->strict = c->alone && (is_apart(r, f, i) || is_below(r, c->tail > i ? c->tail : i));
		f->tail = c->tail;
	}
	f->heading = i;
	f->section = c->section;
	r->sections[c->section]++;
}

/* Whether line i goes on with the inlined section of the line before it, in another block: lines
 * set far apart are blocks of their own. */
static bool goes_on_inlined(const struct reading *r, int i)
{
	const struct line *l = &r->d->lines[i], *before = l - 1;
	size_t n = strlen(before->text);

	if (before->page != l->page || before->table != l->table || l->bullet || l->heading > 0 ||
		((l->flags ^ before->flags) & TEXT_BOLD) != 0 || fabsf(l->size - before->size) > 0.3f ||
		l->box.y1 <= l->box.y0 || l->box.y0 - before->box.y0 > before->size * 2.2f ||
		fabsf(l->box.x0 - before->box.x0) > before->size * 3)
		return false;
	return before->text[n - 1] == ',' || (n > 60 && strchr(".:;", before->text[n - 1]) == NULL);
}

static void assign(struct search *s)
{
	struct reading *r = s->r;
	struct flow f = {.section = SECTION_HEAD, .heading = -1, .inlined = -1}, main = f, outer = f;
	int next = 0, main_page = -1;
	float main_bottom = 0;

	for (int i = 0; i < r->d->nlines; i++) {
		const struct line *l = &r->d->lines[i];
		const struct candidate *c = NULL;

		while (next < s->n && s->candidates[next].line < i)
			next++;
		if (next < s->n && s->candidates[next].line == i)
			c = &s->candidates[next];
		if (r->notes[i].loose || line_hidden(l))
			continue;
		/* Behind a page's sidebar the main column goes on. */
		if (l->column == 0 && l->page == main_page + 1 && i > 0 && l[-1].page == main_page &&
			l[-1].column > 0 && main.section != SECTION_HEAD && f.heading >= 0 &&
			r->d->lines[f.heading].box.y0 < main_bottom - SIDEBAR_LEAST)
			f = main;
		/* Behind a text box, too, unless it held a heading only. */
		if (opens_box(r->d, i))
			outer = f;
		if (l->region == REGION_BODY && i > 1 && l[-1].region == REGION_TEXTBOX &&
			l[-2].region == REGION_TEXTBOX && f.heading < i - 1)
			f = outer;
		if (f.inlined >= 0 && l->block != f.inlined && c == NULL && i > 0 && goes_on_inlined(r, i))
			f.inlined = l->block;
		if (f.inlined >= 0 && l->block != f.inlined) {
			f.section = f.resume;
			f.inlined = -1;
			f.heading = -1;
		}
		if (i == f.tail && i > 0) {
			r->notes[i].heading = true;
			r->notes[i].content =
				strcspn(l->text, "\t") + strspn(l->text + strcspn(l->text, "\t"), "\t");
			r->notes[i].section = f.section;
			continue;
		}
		if (c != NULL && (c->inlined ? takes_inlined(&f, c, l) : c->accepted)) {
			enter(r, &f, i, c);
		} else if (is_unknown_heading(s, i) && i != r->name_line && f.section != SECTION_HEAD) {
			r->notes[i].heading = true;
			r->notes[i].content = strlen(l->text);
			f = (struct flow){.section = SECTION_OTHER, .heading = i, .inlined = -1};
		} else if (f.heading >= 0 && f.inlined < 0 &&
				   outside(&r->d->lines[f.heading], l, f.rail, f.strict)) {
			r->notes[i].section = section_above(s, i);
			continue;
		}
		r->notes[i].section = f.section;
		if (l->column == 0) {
			main = f;
			main_page = l->page;
			main_bottom = l->box.y1;
		}
	}
}

void sections_read(struct reading *r)
{
	struct search s = {.r = r};

	r->notes = ARENA_ARRAY(r->arena, (size_t)r->d->nlines + 1, struct note);
	for (int i = 0; i < r->d->nlines; i++) {
		enum region region = r->d->lines[i].region;

		r->notes[i].plain = words_plain_dup(r->arena, r->d->lines[i].text);
		r->notes[i].loose =
			region == REGION_HEADER || region == REGION_FOOTER || region == REGION_NOTE;
	}
	measure(r);
	s.candidates = ARENA_ARRAY(
		r->arena, (size_t)(r->d->nlines < CANDIDATES_MAX ? r->d->nlines : CANDIDATES_MAX) + 1,
		struct candidate);
	for (int i = 0; i < r->d->nlines; i++)
		candidate_add(&s, i);
	accept_sure(&s);
	accept_doubtful(&s);
	count_styles(&s);
	assign(&s);
}

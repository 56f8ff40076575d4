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
#include "parse/extract/section_search.h"

enum { HEADING_MAX = 64, PLAIN_MAX = 160, CANDIDATES_MAX = 4000 };

bool line_hidden(const struct line *l)
{
	return (l->flags & (TEXT_HIDDEN | TEXT_SYMBOL)) != 0;
}

/* ---- style ---- */

struct style style_of(const struct line *l, size_t n)
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

bool same_style(const struct style *a, const struct style *b)
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

bool spoken_only(const char *text)
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
		(before->alone ? l->text[b] != '\0' : strpbrk(l->text, ":,;(") != NULL) || b > HEADING_MAX)
		return false;
	a = strcspn(first->text, "\t");
	both = arena_printf(s->r->arena, "%.*s %.*s", (int)a, first->text, (int)b, l->text);
	if (!section_named(both, strlen(both), &kind, &weak) || kind != before->section)
		return false;
	before->tail = i;
	before->weak = weak;
	return true;
}

/* A heading over two lines whose halves are none ("AREAS OF" / "STRENGTH"). */
static bool halved_heading(struct search *s, int i, struct candidate *c)
{
	enum { HALF_MAX = 32 };
	const struct line *l = &s->r->d->lines[i], *second = l + 1;
	size_t n, m;
	struct style style, other;
	const char *both;

	if (!c->alone || i + 1 >= s->r->d->nlines || second->block != l->block ||
		second->table != l->table || second->cell != l->cell || second->bullet ||
		second->box.y0 > l->box.y1 + l->size)
		return false;
	n = strlen(l->text);
	m = strlen(second->text);
	if (n > HALF_MAX || m > HALF_MAX || strpbrk(second->text, "\t,:;") != NULL)
		return false;
	style = style_of(l, n);
	other = style_of(second, m);
	if (!emphasised(s->r, &style) || !same_style(&style, &other))
		return false;
	both = arena_printf(s->r->arena, "%s %s", l->text, second->text);
	if (!section_named(both, n + m + 1, &c->section, &c->weak) || c->weak)
		return false;
	c->tail = i + 1;
	return true;
}

bool opens_box(const struct doc *d, int i)
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
	if ((n > HEADING_MAX || !section_named(l->text, n, &c.section, &c.weak)) &&
		!halved_heading(s, i, &c)) {
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

bool starts_small(const char *text)
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

bool is_unknown_heading(struct search *s, int i)
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

/* "Page 1 of 2", "© 2026 …" in a page's margin, though it is no other page's as well. */
static bool in_margin(const struct reading *r, int i)
{
	static const char *const pages[] = {"page", "seite", "pagina", "strona",
										"sida", "side",  "sivu"};
	const struct line *l = &r->d->lines[i];
	const char *plain = r->notes[i].plain;
	size_t word = lex_word(plain);
	float height;

	if (r->d->pages == NULL || l->page >= r->d->npages || l->box.y1 <= l->box.y0)
		return false;
	height = r->d->pages[l->page].height;
	if (l->box.y1 > height * 0.08f && l->box.y0 < height * 0.86f)
		return false;
	return strstr(l->text, "\xC2\xA9") != NULL ||
		   (is_one_of(plain, word, pages, sizeof pages / sizeof *pages) && plain[word] == ' ' &&
			plain[word + 1] >= '0' && plain[word + 1] <= '9');
}

void sections_read(struct reading *r)
{
	struct search s = {.r = r};

	r->notes = ARENA_ARRAY(r->arena, (size_t)r->d->nlines + 1, struct note);
	for (int i = 0; i < r->d->nlines; i++) {
		enum region region = r->d->lines[i].region;

		r->notes[i].plain = words_plain_dup(r->arena, r->d->lines[i].text);
		r->notes[i].loose = region == REGION_HEADER || region == REGION_FOOTER ||
							region == REGION_NOTE || in_margin(r, i);
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
	section_assign(&s);
}

/*
 * See skill_lines.h.
 *
 * A list may be broken anywhere. That a line goes on is told by an open bracket or a comma at its
 * end, by the taxonomy ("Medication" / "Administration"), by lines closer to each other than items
 * are, or by a first word of the next line that would not have fitted.
 */
#include "parse/extract/skill_lines.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "parse/extract/scan.h"
#include "parse/extract/skill_level.h"
#include "parse/extract/skill_list.h"

bool in_skills(const struct reading *r, int i)
{
	return r->notes[i].section == SECTION_SKILLS && !r->notes[i].loose &&
		   !line_hidden(&r->d->lines[i]);
}

/* The rightmost edge of the lines that stand below each other with line i: of the skills, or of
 * all. */
static float right_edge(const struct reading *r, int i, bool all)
{
	const struct line *l = &r->d->lines[i];
	float edge = l->box.x1;

	for (int step = -1; step <= 1; step += 2)
		for (int k = i + step;
			 k >= 0 && k < r->d->nlines && (all || in_skills(r, k)) && k - i < 60 && i - k < 60;
			 k += step) {
			const struct line *m = &r->d->lines[k];

			if (m->page == l->page && m->column == l->column && m->cell == l->cell)
				edge = fmaxf(edge, m->box.x1);
		}
	return edge;
}

/* Whether the first word of line b would not have fitted at the end of line a. */
static bool is_full(const struct reading *r, int a, int b, bool all)
{
	const struct line *l = &r->d->lines[a], *next = &r->d->lines[b];
	size_t first = strcspn(next->text, " \t"), n = strlen(next->text);
	float width = (next->box.x1 - next->box.x0) * (float)first / (float)(n > 0 ? n : 1);

	if (l->box.x1 <= l->box.x0)
		return false;
	return l->box.x1 + width + l->size * 0.2f > right_edge(r, a, all) - 1;
}

/* Whether the text begins with the label of a group: "Tools: Git", "Tools – Git, Jira". */
static bool has_label(const char *text)
{
	static const char *const dashes[] = {" - ", " \xE2\x80\x93 ", " \xE2\x80\x94 "};
	size_t colon = strcspn(text, ":,;|");

	for (size_t i = 0; i < sizeof dashes / sizeof *dashes; i++) {
		const char *dash = strstr(text, dashes[i]);
		size_t n = strlen(dashes[i]);

		if (dash != NULL && dash < text + colon && dash - text < 40 && text[colon] == ',' &&
			strstr(dash + n, dashes[i]) == NULL)
			return true;
	}
	return text[colon] == ':' && colon < 60 && text[colon + 1] != '/';
}

/* Whether the text ends in a sign or word that something must follow. */
static bool ends_open(const char *text)
{
	static const char *const words[] = {
		"-",    "\xE2\x80\x93", "\xE2\x80\x94", "and",  "und", "et",   "y",          "e",
		"of",   "for",          "the",          "with", "de",  "du",   "des",        "del",
		"la",   "les",          "en",           "di",   "da",  "do",   "con",        "para",
		"avec", "pour",         "mit",          "von",  "van", "voor", "f\xC3\xBCr", "\xC3\xA0",
	};
	size_t n = strlen(text);
	const char *word = strrchr(text, ' ');

	if (n == 0)
		return false;
	if (strchr(",;/&(|", text[n - 1]) != NULL || text_ends(text, "\xC2\xB7") ||
		text_ends(text, "\xE2\x80\xA2"))
		return true;
	return word != NULL &&
		   is_one_of(word + 1, strlen(word + 1), words, sizeof words / sizeof *words);
}

/* "Key-Account-": a word broken at its hyphen. */
static bool is_hyphenated(const char *text)
{
	size_t n = strlen(text);

	return n > 2 && text[n - 1] == '-' && char_class((unsigned char)text[n - 2]) == CHAR_LETTER;
}

static bool bracket_open(const char *text)
{
	int open = 0;

	for (; *text != '\0'; text++)
		open += (*text == '(') - (*text == ')');
	return open > 0;
}

/* Whether the text is a known skill and nothing else besides. */
static bool surely_known(const struct reading *r, const char *s)
{
	struct word words[8];
	struct taxonomy_hit hit;
	size_t n = words_split(s, strlen(s), words, 8);

	return taxonomy_scan(r->taxonomy, words, n, &hit, 1) == 1 && hit.count == n && !hit.ambiguous;
}

/* The last item of line a and the first of line b are one skill: "Medication" / "Administration".
 */
static bool known_together(const struct reading *r, const char *a, const char *b)
{
	size_t start = strlen(a), n = strcspn(b, ",;|:");
	const char *first;
	bool listed = b[n] != '\0';

	while (start > 0 && strchr(",;|:", a[start - 1]) == NULL)
		start--;
	listed |= start > 0;
	a += start + strspn(a + start, " ");
	if (strlen(a) + n > SKILL_BYTES_MAX || *a == '\0' || n == 0)
		return false;
	first = arena_strndup(r->arena, b, n);
	return taxonomy_find(r->taxonomy, arena_printf(r->arena, "%s %s", a, first)) != NULL &&
		   (listed || !surely_known(r, a) || !surely_known(r, first));
}

/* Whether line j follows line i more closely than the items of its column follow each other. */
static bool is_tight(const struct reading *r, int i, int j)
{
	const struct line *a = &r->d->lines[i], *b = &r->d->lines[j];
	float pitch = b->box.y0 - a->box.y0;
	int tight = 0, loose = 0;

	if (a->box.y1 <= a->box.y0 || pitch <= 0 || pitch > a->size * 1.2f)
		return false;
	for (int k = i > 20 ? i - 20 : 1; k < r->d->nlines && k < i + 20; k++) {
		const struct line *m = &r->d->lines[k];
		float other = m->box.y0 - m[-1].box.y0;

		if (in_skills(r, k) && in_skills(r, k - 1) && m->page == a->page &&
			m->column == a->column && m[-1].column == a->column &&
			fabsf(m->size - a->size) < 0.3f && fabsf(m[-1].size - a->size) < 0.3f &&
			other < a->size * 2.5f) {
			tight += other < pitch * 1.1f;
			loose += other > pitch * 1.25f;
		}
	}
	return loose > tight;
}

/* Whether the text stands in cells; the wide blank behind a comma is of a line set to full width.
 */
static bool has_cells(const char *text)
{
	for (const char *tab = strchr(text, '\t'); tab != NULL; tab = strchr(tab + 1, '\t'))
		if (tab == text || strchr(",;:", tab[-1]) == NULL)
			return true;
	return false;
}

/* Words that are no skill, and at the same height to their right a list. */
static bool is_beside_list(const struct reading *r, int i)
{
	enum { AROUND = 8 };
	const struct line *l = &r->d->lines[i];

	if (l->box.x1 <= l->box.x0 || l->table >= 0 || l->bullet ||
		has_separator(l->text, strlen(l->text)) || taxonomy_find(r->taxonomy, l->text) != NULL)
		return false;
	for (int k = i > AROUND ? i - AROUND : 0; k < r->d->nlines && k < i + AROUND; k++) {
		const struct line *m = &r->d->lines[k];

		if (m->page == l->page && in_skills(r, k) && m->box.x0 > l->box.x1 + l->size * 0.4f &&
			fabsf(m->box.y0 - l->box.y0) < l->size * 0.3f && strstr(m->text, ", ") != NULL)
			return true;
	}
	return false;
}

/* Half of a rail's label over two lines: "Statistical" / "Methods". */
bool skill_rail_label(const struct reading *r, int i)
{
	const struct line *l = &r->d->lines[i];

	if (is_beside_list(r, i))
		return true;
	return i > 0 && l[-1].block == l->block && l[-1].column == l->column &&
		   !has_separator(l->text, strlen(l->text)) &&
		   taxonomy_find(r->taxonomy, l->text) == NULL && is_beside_list(r, i - 1);
}

/* Whether bars or bullets stand between the items; *outside if one begins or ends the line. */
static bool has_bar(const char *text, bool *outside)
{
	static const char *const bars[] = {"|", "\xE2\x80\xA2", "\xC2\xB7", "\xE2\x96\xAA"};

	*outside = false;
	for (size_t i = 0; i < sizeof bars / sizeof *bars; i++)
		if (strstr(text, bars[i]) != NULL) {
			*outside = text_starts(text, bars[i]) || text_ends(text, bars[i]);
			return true;
		}
	return false;
}

/* Whether the lines about line i hold a few items each, set apart by bars of which none stands at
 * a line's end: had the lines been broken where they were full, some would. */
static bool in_chunks(const struct reading *r, int i)
{
	enum { ABOUT = 8, FEW = 3 };
	int lines = 0;

	for (int k = i > ABOUT ? i - ABOUT : 0; k < r->d->nlines && k < i + ABOUT; k++) {
		bool outside;

		if (!in_skills(r, k) || !has_bar(r->d->lines[k].text, &outside))
			continue;
		if (outside)
			return false;
		lines++;
	}
	return lines >= FEW;
}

/* Whether line j goes on with what line i says. */
bool skill_goes_on(const struct reading *r, int i, int j, const char *s, const char *t)
{
	const struct line *a = &r->d->lines[i], *b = &r->d->lines[j];
	bool bars, outside;

	if (r->notes[j].heading || b->bullet || *s == '\0' || a->page != b->page ||
		a->column != b->column)
		return false;
	if (a->table != b->table || a->row != b->row || a->cell != b->cell || a->region != b->region)
		return false;
	s += skill_rail_end(s, strlen(s));
	if (has_cells(s) || has_cells(t) || has_label(t))
		return false;
	if (ends_open(s) || bracket_open(s) || is_hyphenated(s))
		return true;
	if (is_tight(r, i, j) || known_together(r, s, t))
		return true;
	if (a->block != b->block || ((a->flags ^ b->flags) & TEXT_BOLD) != 0)
		return false;
	bars = has_bar(s, &outside);
	if (bars && in_chunks(r, i))
		return false;
	return (has_separator(s, strlen(s)) || has_label(s) || a->bullet) && is_full(r, i, j, bars);
}

/* ---- headings of groups ---- */

struct look {
	float size;
	bool bold, caps;
};

static struct look look_of(const struct line *l)
{
	return (struct look){l->size, (l->flags & TEXT_BOLD) != 0,
						 text_is_caps(l->text, strlen(l->text)) && strlen(l->text) > 5};
}

bool same_look(const struct line *l, const struct line *m)
{
	struct look a = look_of(l), b = look_of(m);

	return fabsf(a.size - b.size) < 0.6f && a.bold == b.bold && a.caps == b.caps;
}

static bool stronger(struct look a, struct look b)
{
	return a.size > b.size + 0.6f || (a.bold && !b.bold);
}

/* Whether lines about line i come in so many sizes that size heads nothing: a cloud of words. */
static bool sizes_vary(const struct reading *r, int i)
{
	enum { ABOUT = 12, MANY = 4 };
	float seen[MANY];
	int n = 0;

	for (int k = i > ABOUT ? i - ABOUT : 0; k < r->d->nlines && k < i + ABOUT && n < MANY; k++) {
		int j = 0;

		if (!in_skills(r, k) || r->notes[k].heading)
			continue;
		while (j < n && fabsf(seen[j] - r->d->lines[k].size) > 0.6f)
			j++;
		if (j == n)
			seen[n++] = r->d->lines[k].size;
	}
	return n == MANY;
}

static int words_in(const char *plain)
{
	int n = *plain != '\0';

	for (; *plain != '\0'; plain++)
		n += *plain == ' ';
	return n;
}

/* A short line set in a stronger style than the line after it. */
bool skill_group(const struct reading *r, int i)
{
	const struct line *l = &r->d->lines[i];
	struct look mine = look_of(l);
	bool spelt = mine.caps && words_in(r->notes[i].plain) <= 3 && l->table < 0 &&
				 taxonomy_find(r->taxonomy, l->text) == NULL &&
				 skill_number(l->text, strlen(l->text)) == 0;

	if (has_separator(l->text, strlen(l->text)) || strlen(l->text) > 50 || l->heading > 0)
		return l->heading > 0;
	if (ends_in_rating(l->text, strlen(l->text)))
		return false;
	for (int k = i + 1; k < r->d->nlines && k < i + 3 && in_skills(r, k) && !r->notes[k].heading;
		 k++) {
		struct look other = look_of(&r->d->lines[k]);

		if (is_level(r->d->lines[k].text, strlen(r->d->lines[k].text)))
			continue;
		if (spelt && !other.caps && mine.size > other.size - 0.6f)
			return true;
		return stronger(mine, other) && ((mine.bold && !other.bold) || !sizes_vary(r, i));
	}
	return false;
}

/*
 * Skills: what the document's skills sections list, or, where it has none, what its prose names.
 *
 * A skills section is believed: whatever it lists is kept as printed, known to the taxonomy or not.
 * Its lines are first put together to paragraphs (a list may be broken anywhere), headings of
 * groups are left out. Prose is read with the taxonomy only; everyday words that are also names of
 * skills count where they are written as names and stand beside other skills.
 */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "parse/extract/scan.h"
#include "parse/extract/skill_level.h"
#include "parse/extract/skill_lines.h"
#include "parse/extract/skill_list.h"

enum {
	PARAGRAPH_MAX = 8000,
	PIECES_MAX = 64,
	LINE_WORDS_MAX = 600,
	HITS_MAX = 200,
	SEEN_SLOTS = 1024,
	RATING_MAX = 64,        /* bytes of a cell looked into for words */
	RATED_MAX = 60,         /* lists under a level */
	PROSE_BYTES = 3000,     /* of a paragraph that are read at once */
	SECTION_LINES_MAX = 300 /* of one section that are put in order */
};

/* A paragraph put together from lines; where each of them begins in it. */
struct paragraph {
	char text[PARAGRAPH_MAX];
	size_t n;
	struct {
		int line;
		size_t at, offset;
	} pieces[PIECES_MAX];
	int npieces;
};

struct collection {
	struct reading *r;
	struct skill *skills;
	size_t n;
	uint64_t seen[SEEN_SLOTS]; /* hashes of folded names */
	struct paragraph paragraph;
	const char **texts; /* of the lines, with gaps; filled when asked for */
};

/* ---- collecting ---- */

static bool is_new(struct collection *c, const char *name)
{
	uint64_t h = 0xCBF29CE484222325u;
	const char *p = name, *end = name + strlen(name);
	size_t slot;

	while (p < end) {
		uint32_t cp;

		p += char_at(p, end, &cp);
		if (cp != ' ')
			h = (h ^ utf8_fold(cp)) * 0x100000001B3u;
	}
	for (slot = (size_t)(h % SEEN_SLOTS); c->seen[slot] != 0; slot = (slot + 1) % SEEN_SLOTS)
		if (c->seen[slot] == h)
			return false;
	c->seen[slot] = h == 0 ? 1 : h;
	return true;
}

static void add(struct collection *c, const char *name, const struct taxonomy_entry *e,
				double confidence, struct evidence evidence)
{
	if (c->n == PROFILE_SKILLS_MAX || !is_new(c, name))
		return;
	c->skills[c->n++] = (struct skill){.name = name,
									   .canonical = e == NULL ? NULL : e->name,
									   .category = e == NULL ? NULL : e->category,
									   .confidence = confidence,
									   .evidence = evidence};
}

static const struct taxonomy_entry *entry_of(const struct reading *r, const char *name)
{
	const struct taxonomy_entry *e = taxonomy_find(r->taxonomy, name);
	const char *bracket = strchr(name, '(');

	if (e == NULL && bracket != NULL && bracket > name)
		e = taxonomy_find(r->taxonomy, arena_strndup(r->arena, name, (size_t)(bracket - name)));
	return e;
}

/* ---- prose ---- */

/* A word begins a sentence, where a capital says nothing. */
static bool begins_sentence(const char *text, const struct word *w)
{
	const char *p = text + w->start;

	while (p > text && (p[-1] == ' ' || p[-1] == '"'))
		p--;
	return p == text || p[-1] == '.' || p[-1] == '!' || p[-1] == '?';
}

/* "Swift Logistics": a capitalised word that is part of a longer name. */
static bool goes_on_in_capitals(const struct word *words, size_t n, size_t next)
{
	return next < n && (words[next].flags & WORD_UPPER) && !(words[next].flags & WORD_BREAK);
}

static bool has_sure_hit(const struct taxonomy_hit *hits, size_t n, size_t i, size_t reach)
{
	for (size_t k = 0; k < n; k++) {
		size_t gap = hits[k].first > hits[i].first ? hits[k].first - hits[i].first - hits[i].count
												   : hits[i].first - hits[k].first - hits[k].count;

		if (k != i && !hits[k].ambiguous && gap <= reach)
			return true;
	}
	return false;
}

struct scanned {
	const char *text;
	const struct word *words;
	size_t nwords;
	const struct taxonomy_hit *hits;
	size_t nhits;
};

/* "github.com/ada", "ada@excel.example": part of an address, no skill. */
static bool in_address(const char *text, size_t start, size_t end)
{
	if (start > 0 && strchr("/@.", text[start - 1]) != NULL)
		return true;
	return (text[end] == '.' && text[end + 1] >= 'a' && text[end + 1] <= 'z') || text[end] == '@' ||
		   (text[end] == '/' && text[end + 1] == '/');
}

static bool hit_counts(const struct scanned *s, size_t i)
{
	const struct taxonomy_hit *h = &s->hits[i];
	const struct word *w = &s->words[h->first];

	if (in_address(s->text, w->start, s->words[h->first + h->count - 1].end))
		return false;
	if (h->capitals && !(w->flags & WORD_CAPS))
		return false;
	if (!h->ambiguous)
		return true;
	if (!(w->flags & (WORD_UPPER | WORD_CAPS)))
		return false;
	if (has_sure_hit(s->hits, s->nhits, i, 1))
		return true;
	return !begins_sentence(s->text, w) && has_sure_hit(s->hits, s->nhits, i, LINE_WORDS_MAX) &&
		   !goes_on_in_capitals(s->words, s->nwords, h->first + h->count);
}

/* Where byte at of the paragraph stands in the document. */
static void locate(const struct paragraph *p, size_t at, int *line, size_t *offset)
{
	int i = 0;

	while (i + 1 < p->npieces && p->pieces[i + 1].at <= at)
		i++;
	*line = p->pieces[i].line;
	*offset = p->pieces[i].offset + (at - p->pieces[i].at);
}

/* Adds what the taxonomy knows of n bytes of a line, or, if p is not NULL, of n bytes of the
 * paragraph from at on. */
static void scan_prose(struct collection *c, const struct paragraph *p, int line, const char *text,
					   size_t n, size_t at, double confidence)
{
	struct word words[LINE_WORDS_MAX];
	struct taxonomy_hit hits[HITS_MAX];
	size_t nwords = words_split(text, n, words, LINE_WORDS_MAX);
	size_t nhits = taxonomy_scan(c->r->taxonomy, words, nwords, hits, HITS_MAX);
	struct scanned scanned = {text, words, nwords, hits, nhits};

	for (size_t i = 0; i < nhits; i++) {
		size_t start = words[hits[i].first].start,
			   end = words[hits[i].first + hits[i].count - 1].end, offset = start;

		if (!hit_counts(&scanned, i))
			continue;
		if (p != NULL)
			locate(p, at + start, &line, &offset);
		add(c, arena_strndup(c->r->arena, text + start, end - start), hits[i].entry, confidence,
			evidence_at(c->r, line, offset, end - start));
	}
}

/* ---- sections ---- */

/* Adds what the taxonomy knows of the paragraph, and empties it. */
static void scan_paragraph(struct collection *c)
{
	struct paragraph *p = &c->paragraph;
	struct word words[LINE_WORDS_MAX];
	struct taxonomy_hit hits[HITS_MAX];
	size_t nwords = words_split(p->text, p->n, words, LINE_WORDS_MAX);
	size_t nhits = taxonomy_scan(c->r->taxonomy, words, nwords, hits, HITS_MAX);
	struct scanned scanned = {p->text, words, nwords, hits, nhits};

	for (size_t i = 0; i < nhits; i++) {
		size_t start = words[hits[i].first].start,
			   end = words[hits[i].first + hits[i].count - 1].end, offset;
		int line;

		if (!hit_counts(&scanned, i))
			continue;
		locate(p, start, &line, &offset);
		add(c, arena_strndup(c->r->arena, p->text + start, end - start), hits[i].entry, 0.6,
			evidence_at(c->r, line, offset, end - start));
	}
	p->n = 0;
	p->npieces = 0;
}

static void read_paragraph(struct collection *c)
{
	struct paragraph *p = &c->paragraph;
	struct skill_item items[SKILL_ITEMS_MAX];
	size_t n = skill_list(c->r->taxonomy, p->text, p->n, items, SKILL_ITEMS_MAX);

	for (size_t i = 0; i < n; i++) {
		const struct taxonomy_entry *e;
		const char *name;
		size_t offset;
		int line;

		if (items[i].prose) {
			scan_prose(c, p, 0, p->text + items[i].start, items[i].length, items[i].start, 0.75);
			continue;
		}
		locate(p, items[i].start, &line, &offset);
		name = arena_strndup(c->r->arena, p->text + items[i].start, items[i].length);
		e = entry_of(c->r, name);
		add(c, name, e, e == NULL ? 0.8 : 0.96, evidence_at(c->r, line, offset, items[i].length));
	}
	p->n = 0;
	p->npieces = 0;
}

static void append(struct paragraph *p, int line, const char *text, size_t n, size_t offset,
				   bool blank)
{
	if (p->npieces == PIECES_MAX || p->n + n + 2 > PARAGRAPH_MAX)
		return;
	if (blank && p->n > 0)
		p->text[p->n++] = ' ';
	p->pieces[p->npieces].line = line;
	p->pieces[p->npieces].at = p->n;
	p->pieces[p->npieces++].offset = offset;
	memcpy(p->text + p->n, text, n);
	p->n += n;
}

/* Without the last cell if it shows stars or a bar. */
static const char *without_rating(struct arena *a, const char *text)
{
	const char *tab = strrchr(text, '\t');
	char plain[RATING_MAX];

	if (tab == NULL || words_plain(tab, strlen(tab) < RATING_MAX / 2 ? strlen(tab) : RATING_MAX / 2,
								   plain, sizeof plain) > 0)
		return text;
	return arena_strndup(a, text, (size_t)(tab - text));
}

/* "Tools Git, Jira", the first word bold and the others not: a tab in place of the blank behind
 * such a label. */
static const char *with_label(struct arena *a, const struct line *l, const char *text)
{
	enum { LABEL_MAX = 40 };
	size_t k = 0, end;
	char *out;

	while (k < l->nspans && (l->spans[k].flags & TEXT_BOLD) != 0)
		k++;
	if (k == 0 || k == l->nspans)
		return text;
	end = l->spans[k].start;
	end -= end > 0 && text[end - 1] == ' ';
	if (end == 0 || end > LABEL_MAX || text[end] != ' ' || memchr(text, '\t', end) != NULL ||
		memchr(text, ':', end) != NULL || has_separator(text, end) ||
		strstr(text + end, ", ") == NULL || strchr(text + end, '\t') != NULL)
		return text;
	out = arena_strdup(a, text);
	out[end] = '\t';
	return out;
}

static const char *content_of(struct collection *c, int i)
{
	if (c->texts[i] == NULL)
		c->texts[i] = with_label(c->r->arena, &c->r->d->lines[i],
								 without_rating(c->r->arena, line_with_gaps(c->r, i)));
	if (c->r->notes[i].content > strlen(c->texts[i]))
		return "";
	return c->texts[i] + c->r->notes[i].content;
}

/* The lines of the skills sections, each column of a section after the other. Returns their number.
 */
static int skill_lines(const struct reading *r, int *lines)
{
	int n = 0, start = 0;

	for (int i = 0; i < r->d->nlines; i++) {
		int k;

		if (!in_skills(r, i))
			continue;
		if (r->notes[i].heading || n == 0 || n - start > SECTION_LINES_MAX)
			start = n;
		for (k = n++; k > start && r->d->lines[lines[k - 1]].page == r->d->lines[i].page &&
					  r->d->lines[lines[k - 1]].column > r->d->lines[i].column;
			 k--)
			lines[k] = lines[k - 1];
		lines[k] = i;
	}
	return n;
}

static void read_sections(struct collection *c)
{
	struct reading *r = c->r;
	int *lines = ARENA_ARRAY(r->arena, (size_t)r->d->nlines + 1, int);
	int n = skill_lines(r, lines);

	for (int k = 0; k < n; k++) {
		int i = lines[k];
		const char *text = content_of(c, i);

		if (*text == '\0' || (!r->notes[i].heading && c->paragraph.n == 0 &&
							  (skill_group(r, i) || skill_rail_label(r, i))))
			continue;
		append(&c->paragraph, i, text, strlen(text), r->notes[i].content,
			   c->paragraph.n > 0 && c->paragraph.text[c->paragraph.n - 1] != '-');
		if (k + 1 == n ||
			!skill_goes_on(r, i, lines[k + 1], content_of(c, i), content_of(c, lines[k + 1])))
			read_paragraph(c);
	}
}

/* ---- lists without a heading ---- */

static bool may_list(const struct reading *r, int i)
{
	enum section_kind k = r->notes[i].section;

	return !r->notes[i].loose && !r->notes[i].heading && i != r->name_line &&
		   !line_hidden(&r->d->lines[i]) &&
		   (k == SECTION_HEAD || k == SECTION_CONTACT || k == SECTION_SUMMARY ||
			k == SECTION_OTHER || k == SECTION_VOLUNTEER ||
			(r->sections[SECTION_SKILLS] == 0 &&
			 (k == SECTION_CERTIFICATES || k == SECTION_INTERESTS || k == SECTION_AWARDS ||
			  k == SECTION_LANGUAGES || k == SECTION_COURSES)));
}

/* The end of the lines of one look and place that begin with line i. */
static int list_end(const struct reading *r, int i)
{
	int end = i + 1;

	while (end < r->d->nlines && may_list(r, end) && r->d->lines[end].page == r->d->lines[i].page &&
		   r->d->lines[end].column == r->d->lines[i].column &&
		   same_look(&r->d->lines[i], &r->d->lines[end]) && !plain_is_level(r->notes[end].plain))
		end++;
	return end;
}

/* Counts the items of lines [i, end) and those the taxonomy knows; items of prose count against
 * them. */
static void weigh(struct collection *c, int i, int end, int *items, int *known)
{
	for (; i < end; i++) {
		struct skill_item found[SKILL_ITEMS_MAX];
		const char *text = content_of(c, i);
		size_t n = skill_list(c->r->taxonomy, text, strlen(text), found, SKILL_ITEMS_MAX);

		for (size_t k = 0; k < n; k++) {
			*items += found[k].prose ? 3 : 1;
			*known +=
				taxonomy_find_in(c->r->taxonomy, text + found[k].start, found[k].length) != NULL;
		}
	}
}

/* A line of a level in words; a number alone may be anything. */
static bool is_rating(const struct reading *r, int i)
{
	const char *plain = r->notes[i].plain;

	return plain_is_level(plain) && lex_count(plain, LEX_LEVEL) > 0;
}

/* Names with a level below each of them ("Stock keeping" / "Expert"), three at least. Marks the
 * names. */
static void mark_rated_pairs(struct collection *c)
{
	struct reading *r = c->r;
	int pairs[RATED_MAX], n = 0, known = 0;

	for (int i = 0; i + 1 < r->d->nlines && n < RATED_MAX; i++) {
		const struct line *l = &r->d->lines[i];
		enum section_kind k = r->notes[i].section;

		if ((k != SECTION_HEAD && k != SECTION_CONTACT && k != SECTION_OTHER &&
			 k != SECTION_SUMMARY) ||
			line_hidden(l) || l[1].column != l->column || l[1].page != l->page ||
			!is_rating(r, i + 1) || is_level(l->text, strlen(l->text)) ||
			lex_count(r->notes[i].plain, LEX_SPOKEN) > 0 || strlen(l->text) > SKILL_BYTES_MAX)
			continue;
		known += taxonomy_find(r->taxonomy, l->text) != NULL;
		pairs[n++] = i;
	}
	if (n < 3 || (known == 0 && n < 5))
		return;
	for (int i = 0; i < n; i++) {
		r->notes[pairs[i]].section = SECTION_SKILLS;
		r->notes[pairs[i]].heading = false;
		r->notes[pairs[i]].content = 0;
	}
}

static void mark(struct reading *r, int i, int end)
{
	for (; i < end; i++)
		r->notes[i].section = SECTION_SKILLS;
}

/* Marks lists under a picture or a heading of their own invention: short lines, most of them known
 * skills. A level on the line before (rated) makes a list likelier. */
static void mark_lists(struct collection *c, bool rated_only)
{
	int all_items = 0, all_known = 0, rated_from[RATED_MAX], rated_to[RATED_MAX], nrated = 0;

	struct reading *r = c->r;

	for (int i = 0; i < r->d->nlines;) {
		int end, items = 0, known = 0;
		bool rated = i > 0 && is_rating(r, i - 1);

		if (!may_list(r, i) || r->notes[i].plain[0] == '\0' || plain_is_level(r->notes[i].plain)) {
			i++;
			continue;
		}
		end = list_end(r, i);
		if (!rated_only || rated)
			weigh(c, i, end, &items, &known);
		if (!rated_only && known >= 3 && known * 3 >= items * 2)
			mark(r, i, end);
		else if (rated && items > 0 && nrated < RATED_MAX) {
			all_items += items;
			all_known += known;
			rated_from[nrated] = i;
			rated_to[nrated++] = end;
		}
		i = end;
	}
	for (int k = 0; k < nrated && all_known > 1 && all_known * 4 >= all_items; k++)
		mark(r, rated_from[k], rated_to[k]);
}

/* "Languages" with none that are spoken under it: programming languages. */
static void mark_languages(struct collection *c)
{
	struct reading *r = c->r;

	for (int i = 0; i < r->d->nlines; i++) {
		int end = i + 1, items = 0, known = 0, spoken = 0;

		if (!r->notes[i].heading || r->notes[i].section != SECTION_LANGUAGES)
			continue;
		while (end < r->d->nlines && r->notes[end].section == SECTION_LANGUAGES &&
			   !r->notes[end].heading)
			end++;
		for (int k = i; k < end; k++)
			spoken += lex_count(r->notes[k].plain, LEX_SPOKEN);
		weigh(c, i + (r->notes[i].content >= strlen(r->d->lines[i].text)), end, &items, &known);
		if (spoken == 0 && known > 0 && known * 2 >= items)
			mark(r, i, end);
	}
}

static bool tells_skills(const struct reading *r, int i)
{
	switch (r->notes[i].section) {
	case SECTION_HEAD:
	case SECTION_SUMMARY:
	case SECTION_SKILLS:
	case SECTION_EXPERIENCE:
	case SECTION_PROJECTS:
	case SECTION_OTHER:
	case SECTION_VOLUNTEER: return !r->notes[i].loose && !r->notes[i].heading && i != r->name_line;
	case SECTION_EDUCATION:
	case SECTION_CONTACT:
	case SECTION_LANGUAGES:
	case SECTION_REFERENCES:
	case SECTION_INTERESTS:
	case SECTION_CERTIFICATES:
	case SECTION_PUBLICATIONS:
	case SECTION_AWARDS:
	case SECTION_COURSES:
	case SECTION_KINDS: break;
	}
	return false;
}

/* Paragraph by paragraph, so that a name broken over two lines is found. */
static void read_prose(struct collection *c)
{
	struct reading *r = c->r;
	struct paragraph *p = &c->paragraph;

	for (int i = 0; i < r->d->nlines; i++) {
		const struct line *l = &r->d->lines[i];

		if (!tells_skills(r, i) || line_hidden(l))
			continue;
		if (p->npieces > 0 && (l->block != l[-1].block || l->bullet ||
							   p->pieces[p->npieces - 1].line != i - 1 || p->n > PROSE_BYTES))
			scan_paragraph(c);
		if (strlen(l->text) > PROSE_BYTES)
			scan_prose(c, NULL, i, l->text, strlen(l->text), 0, 0.6);
		else
			append(p, i, l->text, strlen(l->text), 0, p->n > 0 && p->text[p->n - 1] != '-');
	}
	scan_paragraph(c);
}

/* "… Skills: Python, SQL. Education: …" in the middle of a line: the list between. */
static void read_inlined(struct collection *c, int line)
{
	const char *text = c->r->d->lines[line].text, *from = NULL;

	for (const char *colon = strchr(text, ':'); colon != NULL; colon = strchr(colon + 1, ':')) {
		const char *start = colon;
		enum section_kind kind = SECTION_OTHER;
		bool weak = false;

		while (start > text && colon - start < 40 && strchr(".;|\t", start[-1]) == NULL)
			start--;
		if (!section_named(start, (size_t)(colon - start), &kind, &weak))
			continue;
		if (from != NULL && start > from) {
			append(&c->paragraph, line, from, (size_t)(start - from), (size_t)(from - text), false);
			read_paragraph(c);
		}
		from = kind == SECTION_SKILLS && !weak ? colon + 1 : NULL;
	}
	if (from == NULL)
		return;
	append(&c->paragraph, line, from, strlen(from), (size_t)(from - text), false);
	read_paragraph(c);
}

void skills_read(struct reading *r, struct profile *p)
{
	struct collection *c = ARENA_NEW(r->arena, struct collection);

	c->r = r;
	c->skills = arena_alloc_raw(r->arena, PROFILE_SKILLS_MAX * sizeof *c->skills);
	c->texts = ARENA_ARRAY(r->arena, (size_t)r->d->nlines + 1, const char *);
	mark_languages(c);
	mark_lists(c, r->sections[SECTION_SKILLS] > 0);
	if (r->sections[SECTION_SKILLS] == 0)
		mark_rated_pairs(c);
	read_sections(c);
	for (int i = 0; i < r->d->nlines && c->n == 0; i++)
		if (!line_hidden(&r->d->lines[i]))
			read_inlined(c, i);
	if (c->n < 2)
		read_prose(c);
	p->skills = (struct list){c->skills, c->n};
}

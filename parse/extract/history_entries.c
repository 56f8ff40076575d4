/*
 * Entries: which lines of a section head an entry, and which tell about it.
 *
 * A line with a date set apart from the other words is an anchor. The short lines around an anchor,
 * up to the nearest line that tells something (a list item, a sentence, the rest of one, a line set
 * further in), head the entry. Where several anchors follow each other without such lines between,
 * the number of lines above the first says how many belong to each. Short lines without any date
 * form an entry of their own; whoever knows the words decides whether it is one.
 */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "parse/extract/history.h"
#include "parse/extract/scan.h"

enum { DATES_MAX = 6, HEAD_BYTES_MAX = 170, PROSE_WORDS = 10, ROWS_ABOVE = 3 };

/* ---- lines ---- */

static size_t words_in(const char *s)
{
	size_t n = 0;

	for (bool inside = false; *s != '\0'; s++) {
		bool blank = *s == ' ' || *s == '\t';

		n += !blank && !inside;
		inside = !blank;
	}
	return n;
}

static bool edge_before(const char *s, size_t from, size_t at)
{
	while (at > from && s[at - 1] == ' ')
		at--;
	return at == from || strchr("\t|,;:([-/", s[at - 1]) != NULL ||
		   (unsigned char)s[at - 1] >= 0x80;
}

static bool edge_after(const char *s, size_t at)
{
	at += strspn(s + at, " ");
	return s[at] == '\0' || strchr("\t|,;:)]-/", s[at]) != NULL || (unsigned char)s[at] >= 0x80;
}

/* The date of a line that could head an entry: a range rather than a single date. */
static bool heading_date(const struct line *l, size_t from, bool single, struct date_span *out)
{
	struct date_span dates[DATES_MAX];
	size_t length = strlen(l->text), n, best = DATES_MAX;

	if (length - from > HEAD_BYTES_MAX)
		return false;
	n = dates_find(l->text + from, length - from, dates, DATES_MAX);
	for (size_t i = 0; i < n; i++) {
		struct date_span *d = &dates[i];
		bool before, after;

		d->start += from;
		d->end += from;
		d->from_start += from;
		d->from_end += from;
		d->to_start += from;
		d->to_end += from;
		before = edge_before(l->text, from, d->start);
		after = edge_after(l->text, d->end);
		if (date_is_range(d) || d->dangling
				? !before && !after
				: !single || !after || (!before && l->text[d->end] != '\0'))
			continue;
		if (best == DATES_MAX || (date_is_range(d) && !date_is_range(&dates[best])))
			best = i;
	}
	if (best == DATES_MAX)
		return false;
	*out = dates[best];
	return true;
}

/* Whether the first word has no capital at all: "iOS" has one. */
static bool starts_small(const char *s)
{
	const char *end = s + strcspn(s, " \t");
	uint32_t cp;

	char_at(s, end, &cp);
	if (!char_is_lower(cp))
		return false;
	while (s < end) {
		s += char_at(s, end, &cp);
		if (char_is_upper(cp))
			return false;
	}
	return true;
}

/* Words that begin small: most of a sentence's, few of a name's. */
static size_t small_words(const char *s)
{
	size_t n = 0;

	while (*s != '\0') {
		size_t length = strcspn(s, " \t");

		n += length > 0 && starts_small(s);
		s += length;
		s += *s != '\0';
	}
	return n;
}

static bool is_label(const char *plain)
{
	static const char *const labels[] = {
		"highlights",
		"responsibilities",
		"key responsibilities",
		"main responsibilities",
		"duties",
		"achievements",
		"key achievements",
		"tasks",
		"aufgaben",
		"tatigkeiten",
		"verantwortlichkeiten",
		"erfolge",
		"missions",
		"realisations",
		"principales missions",
		"responsabilites",
		"taches",
		"responsabilidades",
		"funciones",
		"logros",
		"tareas",
		"accomplishments",
		"key accomplishments",
		"summary",
		"description",
		"courses",
	};

	return is_one_of(plain, strlen(plain), WORDS(labels));
}

/* "Technologies: Java, Kafka" tells about an entry; "Employer: Acme" heads one. */
static bool is_remark(const char *s)
{
	const char *colon = strchr(s, ':');

	return colon != NULL && colon[1] == ' ' && colon - s < 40 && strchr(colon, ',') != NULL &&
		   strchr(s, '\t') == NULL;
}

/* "Bluebird Tea Co.": the point is the abbreviation's. */
static bool ends_in_form(const char *s, size_t n)
{
	static const char *const forms[] = {" Co.",  " Inc.", " Ltd.",   " Corp.",  " S.A.", " Ltda.",
										" S.L.", " C.V.", " S.r.l.", " S.p.A.", " e.V.", " Bros."};

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (n > strlen(forms[i]) &&
			memcmp(s + n - strlen(forms[i]), forms[i], strlen(forms[i])) == 0)
			return true;
	return false;
}

static bool is_prose(const char *s)
{
	size_t n = strlen(s), words = words_in(s);

	if (strchr(s, '\t') != NULL || strchr(s, '|') != NULL)
		return words > PROSE_WORDS * 2;
	if (words + 2 >= PROSE_WORDS && words <= PROSE_WORDS && small_words(s) * 2 >= words)
		return true;
	return words > PROSE_WORDS || n > HEAD_BYTES_MAX || starts_small(s) ||
		   (words > 4 && (s[n - 1] == '.' || s[n - 1] == ';') && !ends_in_form(s, n)) ||
		   is_remark(s);
}

/* Whether the line goes on with what the line above tells. */
static bool continues(const struct reading *r, const struct item *above, int i)
{
	const struct line *a = &r->d->lines[above->line], *l = &r->d->lines[i];

	if (!above->body || above->label || i != above->line + 1)
		return false;
	return a->block == l->block && a->page == l->page && a->column == l->column &&
		   fabsf(a->size - l->size) < 0.6f && (a->flags & TEXT_BOLD) == (l->flags & TEXT_BOLD);
}

/* Where the words of a line begin: past the section's heading. */
static size_t words_from(const struct reading *r, int i)
{
	return r->notes[i].heading && r->notes[i].section != SECTION_OTHER ? r->notes[i].content : 0;
}

static void item_add(struct reading *r, struct entries *all, int i, bool single, bool bullets)
{
	const struct line *l = &r->d->lines[i];
	struct item item = {.line = i, .bullet = l->bullet}, *above = NULL;

	item.from = words_from(r, i);
	if (l->text[item.from] == '\0' || all->nitems == ITEMS_MAX)
		return;
	above = all->nitems > 0 ? &all->items[all->nitems - 1] : NULL;
	item.anchor = (!l->bullet || bullets) && heading_date(l, item.from, single, &item.date);
	if (!item.anchor)
		item.date = (struct date_span){0};
	item.label = is_label(r->notes[i].plain);
	item.body = item.label ||
				(!item.anchor && (l->bullet ? !bullets : is_prose(l->text + item.from))) ||
				(!item.anchor && above != NULL && continues(r, above, i));
	if (item.body && above != NULL && !above->body && !l->bullet && i == above->line + 1 &&
		starts_small(l->text) && l->block == l[-1].block && words_in(l->text) < 5 &&
		words_in(l[-1].text) < 5)
		item.body = false; /* the rest of a long name */
	all->items[all->nitems++] = item;
}

/* A range whose end stands at the beginning of the next line: "01/2020 –" over "Present", "2010"
 * over "2014". */
static void join_dates(struct reading *r, struct entries *all)
{
	for (int i = 0; i + 1 < all->nitems; i++) {
		struct item *a = &all->items[i], *b = &all->items[i + 1];
		const char *s = r->d->lines[b->line].text;
		struct date_span end;
		bool alone;

		if (!a->anchor || a->date.to.year != 0 || a->date.start != a->from ||
			(a->date.open && !a->date.dangling) ||
			!dates_end(s + b->from, strlen(s) - b->from, &end))
			continue;
		alone = s[b->from + end.to_end] == '\0';
		if (!alone && (!a->date.dangling || (b->anchor && date_is_range(&b->date))))
			continue;
		if (!end.open && end.to.year < a->date.from.year)
			continue;
		a->date.to = end.to;
		a->date.open = end.open;
		b->date = (struct date_span){.start = b->from,
									 .end = b->from + end.to_end,
									 .to = end.to,
									 .open = end.open,
									 .to_start = b->from + end.to_start,
									 .to_end = b->from + end.to_end};
		b->anchor = false;
		b->from += end.to_end;
		b->from += strspn(s + b->from, " \t");
		b->body = !alone && ((unsigned char)s[b->from] >= 0xE2 || is_prose(s + b->from));
	}
}

/* Lines that stand below a label such as "Responsibilities", or under a line that tells about the
 * entry and just as far in, if that is further than the anchor. */
static void mark_indented(struct reading *r, struct entries *all)
{
	const struct line *anchor = NULL;

	for (int i = 0; i < all->nitems; i++) {
		struct item *item = &all->items[i];
		const struct line *l = &r->d->lines[item->line], *above;

		if (item->anchor)
			anchor = l;
		if (i == 0 || item->anchor || item->body || !all->items[i - 1].body)
			continue;
		above = &r->d->lines[all->items[i - 1].line];
		if (l->flags & TEXT_BOLD & ~above->flags || strchr(l->text, '\t') != NULL)
			continue;
		if (all->items[i - 1].label) {
			item->body = (above->flags & TEXT_BOLD) != 0 || l->size < above->size;
			continue;
		}
		item->body = l->box.x1 > l->box.x0 && anchor != NULL && above->page == l->page &&
					 above->column == l->column && fabsf(l->box.x0 - above->box.x0) < 2 &&
					 fabsf(l->size - above->size) < 0.6f && fabsf(l->box.x0 - anchor->box.x0) > 4;
	}
}

/* ---- entries ---- */

static struct entry *entry_new(struct entries *all, int anchor)
{
	struct entry *e;

	if (all->n == ENTRIES_MAX)
		return NULL;
	e = &all->entries[all->n++];
	*e = (struct entry){.anchor = anchor};
	return e;
}

static void row_add(struct entry *e, int item)
{
	if (e->nrows < ROWS_MAX)
		e->rows[e->nrows++] = item;
}

/* Whether a line above an anchor stands beside it, in another column. */
static bool stands_beside(const struct reading *r, const struct entries *all, int item, int anchor)
{
	const struct line *l = &r->d->lines[all->items[item].line],
					  *a = &r->d->lines[all->items[anchor].line];

	return l->page == a->page && l->box.y1 > l->box.y0 && fabsf(l->box.y0 - a->box.y0) < l->size &&
		   (l->box.x0 > a->box.x1 || l->box.x1 < a->box.x0);
}

/* Entries of the items [from, to), none of which tells about an entry. */
static void group_read(const struct reading *r, struct entries *all, int from, int to)
{
	struct entry *e = NULL;
	int first = from, above, start;

	while (first < to && !all->items[first].anchor)
		first++;
	if (first == to) {
		e = entry_new(all, -1);
		for (int i = from; e != NULL && i < to; i++)
			row_add(e, i);
		return;
	}
	above = first - from < ROWS_ABOVE ? first - from : ROWS_ABOVE;
	start = first - above;
	for (int anchor = first; anchor < to;) {
		int next = anchor + 1, stop;

		while (next < to && !all->items[next].anchor)
			next++;
		stop = next == to ? to : next - above > anchor ? next - above : anchor + 1;
		while (next < to && stop - 1 > anchor && stands_beside(r, all, stop - 1, next))
			stop--;
		e = entry_new(all, anchor);
		for (int i = start; e != NULL && i < stop; i++)
			row_add(e, i);
		start = stop;
		anchor = next;
	}
}

static void group_all(const struct reading *r, struct entries *all)
{
	for (int i = 0; i < all->nitems;) {
		int start = i, before = all->n;

		while (i < all->nitems && !all->items[i].body)
			i++;
		if (i > start)
			group_read(r, all, start, i);
		start = i;
		while (i < all->nitems && all->items[i].body)
			i++;
		if (all->n == 0)
			continue;
		if (all->n > before || all->entries[all->n - 1].body_end == 0)
			all->entries[all->n - 1].body = start;
		all->entries[all->n - 1].body_end = i;
	}
}

static void entry_dates(struct reading *r, const struct entries *all, struct entry *e)
{
	const struct item *a = e->anchor >= 0 ? &all->items[e->anchor] : NULL;
	double sure;

	if (a == NULL)
		return;
	e->date = a->date;
	sure = date_is_range(&a->date) ? 0.95 : 0.8;
	e->start = quote_as(r, a->line, a->date.from_start, a->date.from_end - a->date.from_start, sure,
						date_iso(r->arena, a->date.from));
	if (a->date.to_end > a->date.to_start && a->date.to.year != 0 &&
		a->date.to_start >= a->date.from_end)
		e->end = quote_as(r, a->line, a->date.to_start, a->date.to_end - a->date.to_start, sure,
						  date_iso(r->arena, a->date.to));
	else if (a->date.to.year != 0 && e->anchor + 1 < all->nitems)
		e->end = quote_as(r, a[1].line, a[1].date.to_start, a[1].date.to_end - a[1].date.to_start,
						  sure - 0.1, date_iso(r->arena, a->date.to));
}

/* ---- the section's lines ---- */

/* Whether a range of dates stands in one of the next lines. */
static bool date_near(const struct reading *r, int i)
{
	enum { NEAR = 3 };
	struct date_span date;

	for (int k = i + 1; k < r->d->nlines && k <= i + NEAR; k++)
		if (heading_date(&r->d->lines[k], 0, false, &date))
			return true;
	return false;
}

/* The lines of the section in out; their number. Companies set like headings end no section. */
static int section_lines(const struct reading *r, enum section_kind section, int *out)
{
	bool carried = false, inside = false;
	int n = 0;

	for (int i = 0; i < r->d->nlines && n < ITEMS_MAX; i++) {
		const struct note *note = &r->notes[i];
		const char *text = r->d->lines[i].text;
		enum section_kind named;
		bool weak;

		if (note->loose || line_hidden(&r->d->lines[i]))
			continue;
		if (note->section != SECTION_OTHER)
			carried = false;
		else if (note->heading)
			carried = (inside || carried) && date_near(r, i) &&
					  !section_named(text, strlen(text), &named, &weak);
		inside = note->section == section;
		if (inside || carried)
			out[n++] = i;
	}
	return n;
}

/* Whether lines [from, to) are a column of dates and places beside the entries. */
static bool is_rail(const struct reading *r, const int *lines, int from, int to)
{
	const struct line *first = &r->d->lines[lines[from]];
	struct date_span date;
	bool dated = false;

	if (first->column == 0 || first->table >= 0 || to - from > 4)
		return false;
	for (int i = from; i < to; i++) {
		const struct line *l = &r->d->lines[lines[i]];

		if (strlen(l->text) > 40 || l->bullet || l->column != first->column)
			return false;
		dated |= heading_date(l, 0, true, &date);
	}
	return dated;
}

/* Puts dates that stand to the right of the entries behind the line they stand beside. */
static void place_rails(const struct reading *r, int *lines, int n)
{
	for (int i = 0; i < n; i++) {
		const struct line *l = &r->d->lines[lines[i]];
		int end = i + 1, to = -1, moved[4];

		if (l->column == 0)
			continue;
		while (end < n && r->d->lines[lines[end]].column == l->column &&
			   r->d->lines[lines[end]].block == l->block)
			end++;
		if (is_rail(r, lines, i, end))
			for (int k = i - 1; k >= 0 && to < 0; k--) {
				const struct line *beside = &r->d->lines[lines[k]];

				if (beside->page != l->page)
					break;
				if (beside->column < l->column &&
					fabsf(beside->box.y0 - l->box.y0) < l->size * 0.6f)
					to = k + 1;
			}
		if (to >= 0 && to < i) {
			memcpy(moved, lines + i, (size_t)(end - i) * sizeof *lines);
			memmove(lines + to + (end - i), lines + to, (size_t)(i - to) * sizeof *lines);
			memcpy(lines + to, moved, (size_t)(end - i) * sizeof *lines);
		}
		i = end - 1;
	}
}

struct entries entries_read(struct reading *r, enum section_kind section, bool single)
{
	struct entries all = {0};
	bool plain_anchor = false;
	struct date_span date;
	int *lines, n;

	if (r->sections[section] == 0)
		return all;
	lines = ARENA_ARRAY(r->arena, (size_t)(r->d->nlines < ITEMS_MAX ? r->d->nlines : ITEMS_MAX) + 1,
						int);
	n = section_lines(r, section, lines);
	place_rails(r, lines, n);
	for (int i = 0; i < n && !plain_anchor; i++)
		plain_anchor = !r->d->lines[lines[i]].bullet &&
					   heading_date(&r->d->lines[lines[i]], words_from(r, lines[i]), single, &date);
	all.items = ARENA_ARRAY(r->arena, (size_t)n + 1, struct item);
	for (int i = 0; i < n; i++)
		item_add(r, &all, lines[i], single, !plain_anchor);
	join_dates(r, &all);
	mark_indented(r, &all);
	all.entries = ARENA_ARRAY(
		r->arena, (size_t)(all.nitems < ENTRIES_MAX ? all.nitems : ENTRIES_MAX) + 1, struct entry);
	group_all(r, &all);
	for (int i = 0; i < all.n; i++) {
		entry_dates(r, &all, &all.entries[i]);
		entry_parts(r, &all, &all.entries[i]);
	}
	return all;
}

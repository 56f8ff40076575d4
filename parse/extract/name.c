/*
 * The candidate's name.
 *
 * Every stretch near the top that could be a name (by the form of its words alone: any culture's)
 * is a candidate; points come from evidence: the place, the size, a label, and above all agreement
 * with the e-mail address, the file's name and its metadata. Words of headings, titles, companies
 * and places take points away. The best one wins if it has enough; a document that shows no name
 * gives none.
 */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "parse/extract/scan.h"

#define WIDE_COLON "\xEF\xBC\x9A" /* of Chinese and Japanese */

enum {
	NAME_BYTES_MAX = 80,
	NAME_TOKENS_MAX = 7,
	LINES_LOOKED_AT = 90,
	PLAIN_MAX = 200,
	ENOUGH = 42, /* points */
	SURE = 80,
	NAME_FORMS_MAX = 4,
};

/* A stretch of words that has the form of a name. */
struct form {
	size_t start, end; /* bytes of the text */
	int tokens;        /* without titles, suffixes and particles */
	bool cut;          /* other words follow it without a separator */
	bool small;        /* no capitals */
	bool particle;     /* begins with "de la" or the like */
	bool open;         /* ends with it, after two words at least; asked for in pairs only */
};

struct best {
	float points;
	const char *text;
	int line;
	size_t start, length;
};

/* ---- the form of a name ---- */

static bool is_apostrophe(uint32_t cp)
{
	return cp == '\'' || cp == 0x2019 || cp == 0x2018 || cp == 0x2BC || cp == 0x60 || cp == 0xB4;
}

static bool is_quote(uint32_t cp)
{
	return cp == '"' || cp == 0x201C || cp == 0x201D || cp == 0x201E || cp == 0xAB || cp == 0xBB;
}

struct token {
	size_t start, end;
	bool letters, upper, point, comma, quoted, bad, cjk;
	int length; /* letters */
	bool asked; /* lex is known */
	struct lex lex;
};

/* Reads the token at s[at] up to a blank. */
static struct token token_at(const char *s, size_t at, size_t end)
{
	struct token t = {.start = at};
	bool first = true, elided = false;

	while (at < end && s[at] != ' ' && s[at] != '\t') {
		uint32_t cp;
		size_t n = char_at(s + at, s + end, &cp);
		enum char_class class = char_class(cp);

		if (class == CHAR_SPACE)
			break;
		if (class == CHAR_LETTER) {
			t.upper |= (first || elided) && char_is_upper(cp);
			elided = false;
			t.cjk |= char_is_cjk(cp);
			t.letters = true;
			t.length++;
			first = false;
		} else if (is_quote(cp) || cp == '(' || cp == ')') {
			t.quoted = true;
		} else if (cp == '.') {
			t.point = true;
		} else if (cp == ',' && (at + 1 == end || s[at + 1] == ' ')) {
			t.comma = true;
		} else if (is_apostrophe(cp)) {
			elided = t.length <= 2; /* "d'Aubigné" */
		} else if (cp == '-' || cp == 0x2010 || cp == 0x2011) {
			elided |= !t.upper && t.length > 0 && t.length <= 3; /* "al-Sayyid" */
		} else if (class != CHAR_MARK) {
			t.bad = true;
		}
		at += n;
	}
	t.end = at;
	return t;
}

static bool token_is(const char *s, struct token *t, uint32_t bits)
{
	char plain[PLAIN_MAX];

	if (!t->asked)
		t->lex = lex_find(plain, words_plain(s + t->start, t->end - t->start, plain, sizeof plain));
	t->asked = true;
	return (t->lex.bits & bits) != 0;
}

/* A word that can be a part of a name. */
static bool is_name_token(const char *s, struct token *t, bool small)
{
	if (!t->letters || t->bad || t->length > 20)
		return false;
	if (t->point && t->length > 4 && !token_is(s, t, LEX_HONORIFIC | LEX_SUFFIX | LEX_CREDENTIAL))
		return false;
	return t->upper || t->cjk || small || token_is(s, t, LEX_PARTICLE | LEX_HONORIFIC);
}

static size_t skip_blanks(const char *s, size_t at, size_t end)
{
	while (at < end && (s[at] == ' ' || s[at] == '\t'))
		at++;
	return at;
}

static bool has_capital(const char *s, size_t start, size_t end)
{
	while (start < end) {
		uint32_t cp;

		start += char_at(s + start, s + end, &cp);
		if (char_is_upper(cp) || char_is_cjk(cp))
			return true;
	}
	return false;
}

/* "PhD", "RN", "B.S.N.": letters after a name. "Ma" and "Do" are names, and so are words in a name
 * that is all capitals. */
static bool is_credential(const char *s, struct token *t)
{
	int capitals = 0, points = 0;

	for (size_t i = t->start; i < t->end; i++) {
		capitals += s[i] >= 'A' && s[i] <= 'Z';
		points += s[i] == '.';
	}
	return capitals >= 2 && (points >= 2 || token_is(s, t, LEX_CREDENTIAL));
}

/* Credentials after a comma ("Jane Doe, PhD, CPA") are no part of the name; "Jr." is. */
static bool only_credentials(const char *s, size_t at, size_t end)
{
	bool any = false;

	for (at = skip_blanks(s, at, end); at < end; at = skip_blanks(s, at, end)) {
		struct token t = token_at(s, at, end);

		if (!is_credential(s, &t) && !token_is(s, &t, LEX_CREDENTIAL))
			return false;
		any = true;
		at = t.end;
	}
	return any;
}

/* Reads the longest run of name words from start. False if there is none. */
static bool form_at(const char *s, size_t start, size_t end, struct form *f)
{
	size_t at = skip_blanks(s, start, end);
	bool small = !has_capital(s, at, end), comma = false, leading = false;
	int particles = 0;

	*f = (struct form){.start = at, .end = at, .small = small};
	while (at < end && f->tokens < NAME_TOKENS_MAX) {
		struct token t = token_at(s, at, end);
		bool suffix = f->tokens > 0 && token_is(s, &t, LEX_SUFFIX) && !token_is(s, &t, LEX_TITLE);

		if (!is_name_token(s, &t, small))
			break;
		if (comma && f->tokens > 0 && (suffix ? false : only_credentials(s, t.start, end)))
			break;
		if (f->tokens >= 2 && !suffix && is_credential(s, &t) &&
			!text_is_caps(s + f->start, f->end - f->start))
			break;
		f->end = t.end - (t.comma ? 1 : 0);
		leading |= f->tokens == 0 && !t.upper && !t.cjk && !small;
		particles += !t.upper && !t.cjk;
		f->tokens += !suffix && !token_is(s, &t, LEX_HONORIFIC) && (t.upper || t.cjk || small);
		f->tokens +=
			t.cjk && t.length >= 2 && t.length <= 5; /* surname and given name without a blank */
		if (t.comma && comma)
			break;
		comma |= t.comma;
		at = skip_blanks(s, t.end, end);
	}
	f->cut = skip_blanks(s, f->end, end) < end && s[f->end] != ',' &&
			 char_class((unsigned char)s[skip_blanks(s, f->end, end)]) != CHAR_OTHER;
	f->particle = leading;
	return f->tokens > 0 && f->end - f->start <= NAME_BYTES_MAX &&
		   (small || particles <= f->tokens + 1);
}

/* "Resume of Jane Doe", "Curriculum Vitae – Jane Doe", "Full name Jane Doe": skips what names the
 * document, or the name. "Name" alone may be one. */
static size_t skip_document_words(const char *s, size_t at, size_t end)
{
	enum { WORDS = 4 };
	size_t stops[WORDS], lengths[WORDS], stop = at, n = 0;
	char plain[PLAIN_MAX];
	int words = 0;

	while (words < WORDS) {
		size_t from = stop;

		stop = skip_blanks(s, stop, end);
		while (stop < end && s[stop] != ' ' && s[stop] != ':' && s[stop] != '\t' &&
			   !text_starts(s + stop, WIDE_COLON))
			stop++;
		if (stop >= end)
			break;
		n = words_plain_more(plain, n, sizeof plain, s + from, stop - from);
		if (words == 0 && n > 0 && !lex_is(plain, lex_word(plain), LEX_BEFORE_NAME))
			break;
		stops[words] = stop;
		lengths[words++] = n;
	}
	while (words-- > 0) {
		if (!lex_is(plain, lengths[words],
					words > 0 || (unsigned char)plain[0] >= 0x80 ? LEX_DOCUMENT | LEX_LABEL_NAME
																 : LEX_DOCUMENT))
			continue;
		stop = stops[words];
		while (stop < end && (text_starts(s + stop, WIDE_COLON) ||
							  strchr(" :-|\t\xE2\x80\x93\x94", s[stop]) != NULL))
			stop += (unsigned char)s[stop] == 0xEF ? strlen(WIDE_COLON) : 1;
		return stop;
	}
	return at;
}

/* ---- evidence ---- */

/* The points for agreeing with another record of the name. */
static float agreement(const char *name, const char *record, float most)
{
	return record == NULL ? 0 : most * handle_fits_name(record, strlen(record), name);
}

/* How well an e-mail address fits a name, by its local part or its domain. */
static float address_fits(const char *email, const char *name)
{
	const char *at = strchr(email, '@');

	return fmaxf(handle_fits_name(email, (size_t)(at - email), name),
				 0.8f * handle_fits_name(at + 1, strcspn(at + 1, "."), name));
}

static float metadata_points(const struct reading *r, const char *name)
{
	const struct doc *d = r->d;
	float points = 0, other = 0;

	if (r->email.value != NULL)
		points += 38 * address_fits(r->email.value, name);
	/* Nobody's for sure: the person's own may stand among the referees'. */
	for (int i = 0; i < r->naddresses && r->email.value == NULL; i++)
		other = fmaxf(other, address_fits(r->addresses[i], name));
	points += 30 * other;
	points += agreement(name, d->author, 14);
	points += agreement(name, d->title, 14);
	points += agreement(name, d->file_name, 14);
	return points;
}

/* The largest words of the first page, wherever they stand: a sidebar may come before them. */
static bool is_title_line(const struct reading *r, const struct line *l)
{
	return l->page == r->title_page && r->largest > r->body_size * 1.4f &&
		   l->size >= r->largest * 0.97f;
}

static float place_points(const struct reading *r, int i)
{
	const struct line *l = &r->d->lines[i];
	float points = 22 - fminf((float)i, 30) * 1.2f;

	if (is_title_line(r, l) && !r->notes[i].heading)
		return fmaxf(points, 10) + 15;
	if (l->page > r->title_page && !r->notes[i].loose)
		points -= 40;
	switch (r->notes[i].section) {
	case SECTION_HEAD: points += 15; break;
	case SECTION_CONTACT: points += 8; break;
	case SECTION_SUMMARY:
	case SECTION_OTHER: points -= 5; break;
	case SECTION_REFERENCES: points -= 60; break;
	case SECTION_SKILLS:
	case SECTION_EXPERIENCE:
	case SECTION_EDUCATION:
	case SECTION_LANGUAGES:
	case SECTION_INTERESTS:
	case SECTION_CERTIFICATES:
	case SECTION_PROJECTS:
	case SECTION_PUBLICATIONS:
	case SECTION_AWARDS:
	case SECTION_VOLUNTEER:
	case SECTION_COURSES:
	case SECTION_KINDS: points -= 25; break;
	}
	points -= r->notes[i].heading ? 15 : 0;
	points -= l->bullet ? 15 : 0;
	return points;
}

static float look_points(const struct reading *r, const struct line *l, size_t start)
{
	float size = l->size, points = 0;
	unsigned flags = l->flags;

	for (size_t k = 0; k < l->nspans; k++)
		if (start >= l->spans[k].start && start < l->spans[k].start + l->spans[k].length) {
			size = l->spans[k].size;
			flags = l->spans[k].flags;
		}
	if (r->largest > r->body_size * 1.15f && size >= r->largest * 0.97f)
		points += 26;
	else if (r->body_size > 0 && size > r->body_size * 1.3f)
		points += 15;
	else if (r->body_size > 0 && size > r->body_size * 1.1f)
		points += 8;
	points += flags & TEXT_BOLD ? 5 : 0;
	points += l->heading == 1 ? 10 : 0;
	return points;
}

static float form_points(const struct form *f)
{
	float points = f->tokens == 1 ? -14 : f->tokens <= 4 ? 10 : -2;

	points -= f->cut ? 14 : 0;
	points -= f->small ? 18 : 0;
	points -= f->particle ? 10 : 0;
	return points;
}

static void consider(struct reading *r, int i, const char *text, const struct form *f, float extra,
					 struct best *best)
{
	const struct line *l = &r->d->lines[i];
	float points = form_points(f) + place_points(r, i) + look_points(r, l, f->start) + extra,
		  agreed;
	const char *name;

	if (points + 70 <= best->points)
		return;
	name = text_trim(arena_strndup(r->arena, text + f->start, f->end - f->start));
	agreed = metadata_points(r, name);
	points += name_word_points(r, name) + agreed;
	if (f->tokens == 1 && agreed < 10 && extra < 20)
		points -= 30;
	if (points <= best->points)
		return;
	*best = (struct best){points, name, i, f->start, f->end - f->start};
}

/* ---- where to look ---- */

/* The end of what is said, without the sentence's point: "Hello, I'm Jane Doe." */
static size_t sentence_end(const char *s, size_t start, size_t end, bool sentence)
{
	size_t word;

	if (!sentence)
		return end;
	while (end > start && strchr(" |!", s[end - 1]) != NULL)
		end--;
	while (end > start + 1 && s[end - 1] == '.' && s[end - 2] == '.')
		end--;
	for (word = end; word > start && s[word - 1] != ' ';)
		word--;
	/* The point of "Jr." is its own. */
	return end - word > 4 && s[end - 1] == '.' ? end - 1 : end;
}

/* Whether what is left of start is a label of names ("Name:", "Nom et prénom"). */
static bool is_labelled(const struct reading *r, int i, size_t start)
{
	const struct line *l = &r->d->lines[i];
	char plain[PLAIN_MAX];
	size_t n;

	if (start > 0 && start < 40) {
		n = words_plain(l->text, start, plain, sizeof plain);
		return lex_is(plain, n, LEX_LABEL_NAME);
	}
	if (start > 0 || i == 0)
		return false;
	return lex_is(r->notes[i - 1].plain, strlen(r->notes[i - 1].plain), LEX_LABEL_NAME) &&
		   (l->table < 0 || l->row == l[-1].row);
}

/* The end of the stretch from at: a tab, a bar, a bullet, a dash between blanks, a colon. */
static size_t stretch_end(const char *s, size_t at)
{
	for (; s[at] != '\0'; at++) {
		unsigned char c = (unsigned char)s[at], next = (unsigned char)s[at + 1];

		if (c == '\t' || c == '|' || c == ':')
			break;
		if (c >= 0x80 && (text_starts(s + at, "\xE2\x80\xA2") || text_starts(s + at, "\xC2\xB7")))
			break;
		if (c == ' ' && ((next == '-' && s[at + 2] == ' ') ||
						 (next == 0xE2 && (text_starts(s + at + 1, "\xE2\x80\x93 ") ||
										   text_starts(s + at + 1, "\xE2\x80\x94 ")))))
			break;
	}
	return at;
}

/* Tries the stretch as it is, and cut before the first word of a job title. */
static void consider_stretch(struct reading *r, int i, size_t start, size_t end, struct best *best)
{
	const char *s = r->d->lines[i].text;
	size_t from = skip_document_words(s, start, end);
	struct form f;
	float extra;
	size_t at;
	int tokens = 0;

	end = sentence_end(s, from, end, from != start);
	if (!form_at(s, from, end, &f))
		return;
	extra = (is_labelled(r, i, start) || is_labelled(r, i, from) ? 45.0f : 0) +
			(from != start ? 6.0f : 0);
	consider(r, i, s, &f, extra, best);
	for (at = f.start; at < f.end; tokens++) {
		struct token t = token_at(s, at, f.end);

		if (tokens >= 2 && token_is(s, &t, LEX_TITLE | LEX_QUALIFIER | LEX_PLACE)) {
			f.end = at;
			while (f.end > f.start && s[f.end - 1] == ' ')
				f.end--;
			f.tokens = tokens;
			f.cut = true;
			/* One word alone is rather a surname: "Anna Maria Koch". */
			consider(r, i, s, &f, extra - (strchr(s + at, ' ') == NULL ? 12 : 0), best);
			return;
		}
		at = skip_blanks(s, t.end, f.end);
	}
}

/* The likelihood that two lines of one look are one name rather than a name and something else. */
static float pair_points(const struct reading *r, const struct line *a, const struct form *f,
						 const struct form *g)
{
	if (g->particle || f->open || text_ends(a->text, "-"))
		return f->open ? 16 : 12;
	return f->tokens == 1 || g->tokens == 1 || is_title_line(r, a) ? 4 : -4;
}

/* Whether all words are those of job titles: no second half of a name. */
static bool is_title(const char *plain)
{
	int words = *plain != '\0';

	for (const char *p = plain; *p != '\0'; p++)
		words += *p == ' ';
	return words > 1 && lex_count(plain, LEX_TITLE | LEX_QUALIFIER) == words;
}

/* Whether line i and the next one look alike, and are short enough for one name. */
static bool alike(const struct reading *r, int i)
{
	const struct line *a = &r->d->lines[i], *b = a + 1;

	return i + 1 < r->d->nlines && a->page == b->page && fabsf(a->size - b->size) <= 0.6f &&
		   a->heading == b->heading && !line_hidden(b) && !r->notes[i + 1].heading &&
		   !is_title(r->notes[i + 1].plain) && strlen(a->text) + strlen(b->text) <= NAME_BYTES_MAX;
}

static const char *line_break(const char *text)
{
	return text_ends(text, "-") ? "" : " ";
}

/* A long name in a narrow column: joined is what its first two lines say. */
static void consider_third(struct reading *r, int i, const char *joined, bool sentence,
						   struct best *best)
{
	const struct line *l = &r->d->lines[i];
	struct form f;
	const char *three;
	size_t last;

	if (!is_title_line(r, l) || !alike(r, i + 1) || l[1].block != l[2].block)
		return;
	last = sentence_end(l[2].text, 0, strlen(l[2].text), sentence);
	if (!form_at(l[2].text, 0, last, &f) || f.end != last || f.tokens > 2)
		return;
	three = arena_printf(r->arena, "%s%s%.*s", joined, line_break(joined), (int)last, l[2].text);
	if (form_at(three, 0, strlen(three), &f) && f.end == strlen(three))
		consider(r, i, three, &f, 8, best);
}

/* Whether the form ends in "de", "Meij-de": the name goes on. */
static bool ends_in_particle(const char *s, const struct form *f)
{
	struct token last = {.start = f->end, .end = f->end};

	while (last.start > f->start && strchr(" -", s[last.start - 1]) == NULL)
		last.start--;
	return f->tokens >= 2 && token_is(s, &last, LEX_PARTICLE);
}

/* A name over two lines of the same look. */
static void consider_pair(struct reading *r, int i, struct best *best)
{
	const struct line *a = &r->d->lines[i], *b = a + 1;
	struct form f, g, both;
	const char *joined;
	size_t from, last;
	bool plain_looks;

	if (!alike(r, i))
		return;
	from = skip_document_words(a->text, 0, strlen(a->text));
	plain_looks = a->heading != 1 && r->body_size > 0 && a->size <= r->body_size * 1.15f;
	if (plain_looks && i > 1)
		return;
	/* Set large, the second line may go on with a title: "Jean-" / "Luc Moreau — Accountant". */
	last = plain_looks ? strlen(b->text) : stretch_end(b->text, 0);
	while (last > 0 && b->text[last - 1] == ' ')
		last--;
	last = sentence_end(b->text, 0, last, from != 0);
	if (!form_at(a->text, from, strlen(a->text), &f) || !form_at(b->text, 0, last, &g))
		return;
	f.open = ends_in_particle(a->text, &f);
	if (f.end != strlen(a->text) || g.end != last || f.tokens > (f.open ? 5 : 3) || g.tokens > 3)
		return;
	if (plain_looks && (f.tokens != 1 || g.tokens != 1))
		return;
	joined = arena_printf(r->arena, "%s%s%.*s", a->text + f.start, line_break(a->text), (int)last,
						  b->text);
	if (form_at(joined, 0, strlen(joined), &both))
		consider(r, i, joined, &both, pair_points(r, a, &f, &g), best);
	consider_third(r, i, joined, from != 0, best);
}

static size_t skip_signs(const char *s, size_t at, size_t end)
{
	while (at < end) {
		uint32_t cp;
		size_t n = char_at(s + at, s + end, &cp);

		if (char_class(cp) == CHAR_LETTER || char_class(cp) == CHAR_DIGIT)
			break;
		at += n;
	}
	return at;
}

static void consider_line(struct reading *r, int i, struct best *best)
{
	const char *s = r->d->lines[i].text;
	size_t n = strlen(s), at = 0;

	for (int stretches = 0; at < n && stretches < 6; stretches++) {
		size_t end = stretch_end(s, at);
		const char *comma = memchr(s + at, ',', end - at);

		consider_stretch(r, i, at, end, best);
		if (comma != NULL)
			consider_stretch(r, i, at, (size_t)(comma - s), best);
		at = end;
		at = skip_signs(s, at, n);
	}
	consider_pair(r, i, best);
}

/* Where the largest words of all stand, if not on the first page: behind a sidebar of whole pages,
 * say. False if there are none. */
static bool turn_to_title(struct reading *r)
{
	float largest = r->largest;
	int page = 0;

	for (int i = 0; i < r->d->nlines && i < LINES_LOOKED_AT; i++) {
		const struct line *l = &r->d->lines[i];

		if (l->page > page && l->size > largest && !line_hidden(l) && !r->notes[i].loose &&
			r->notes[i].plain[0] != '\0') {
			largest = l->size;
			page = l->page;
		}
	}
	if (page == 0)
		return false;
	r->largest = largest;
	r->title_page = page;
	return true;
}

static void look_for_name(struct reading *r, struct best *best)
{
	int looked = 0;

	for (int i = 0; i < r->d->nlines && looked < LINES_LOOKED_AT; i++) {
		if (line_hidden(&r->d->lines[i]) || strlen(r->d->lines[i].text) > 2000)
			continue;
		looked++;
		consider_line(r, i, best);
	}
}

void name_read(struct reading *r)
{
	struct best best = {.points = ENOUGH, .line = -1};

	if (name_from_labels(r))
		return;
	look_for_name(r, &best);
	if (best.points < SURE && turn_to_title(r))
		look_for_name(r, &best);
	r->name_line = best.line;
	if (best.line < 0)
		return;
	r->name.value = best.text;
	r->name.confidence = best.points > 95 ? 0.98 : best.points > 70 ? 0.92 : 0.7;
	r->name.evidence = evidence_at(r, best.line, best.start, best.length);
	r->name.evidence.text = best.text;
}

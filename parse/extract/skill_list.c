/*
 * See skill_list.h.
 *
 * A paragraph is cut at strong separators first (tabs, semicolons, bars, bullets), each stretch
 * loses its label, the rest is cut at commas outside brackets, and each piece is trimmed of what is
 * not the skill. Whether a dash, "and" or a bracket divides two skills or belongs to one is decided
 * by what the taxonomy knows.
 */
#include "parse/extract/skill_list.h"

#include <string.h>

#include "base/text.h"
#include "parse/extract/lexicon.h"
#include "parse/extract/skill_level.h"

enum {
	PLAIN_MAX = 256,
	LABEL_MAX = 64,
	LABEL_WORDS_MAX = 7,
	ITEM_WORDS_MAX = 7,
	PIECES_DEPTH_MAX = 4,
	RUN_WORDS_MAX = 24
};

struct splitter {
	const struct taxonomy *t;
	const char *text;
	struct skill_item *out;
	size_t n, max;
	int depth;
	bool commas; /* the paragraph separates its items itself */
};

struct range {
	size_t start, end;
};

static void split_commas(struct splitter *s, struct range r);

/* ---- signs ---- */

static bool is_bullet(uint32_t cp)
{
	return cp == 0x2022 || cp == 0xB7 || cp == 0x25CF || cp == 0x25AA || cp == 0x25E6 ||
		   cp == 0x2023 || cp == 0x2219 || cp == 0x22C5 || cp == 0x25A0 || cp == 0x25AB ||
		   cp == 0x25BA || cp == 0x27A2 || cp == 0x2043 || cp == 0x30FB || cp == 0x2758 ||
		   cp == 0xF0B7 || cp == 0x25FC || cp == 0x25C6 || cp == 0x2756 || cp == 0x2713 ||
		   cp == 0x2714 || cp == 0xA6 || cp == 0x25B8 || cp == 0x25CB || cp == 0x2B25;
}

static bool is_strong(uint32_t cp)
{
	return cp == '\t' || cp == '\n' || cp == ';' || cp == '|' || cp == 0xFF1B ||
		   (cp >= 0x80 && is_bullet(cp));
}

/* "Python / Java": a slash between blanks. */
static bool is_slash(const char *text, size_t at, size_t end)
{
	return text[at] == '/' && at > 0 && text[at - 1] == ' ' && at + 1 < end && text[at + 1] == ' ';
}

static bool is_comma(uint32_t cp)
{
	return cp == ',' || cp == 0x3001 || cp == 0xFF0C || cp == 0x060C;
}

bool has_separator(const char *text, size_t n)
{
	const char *p = text, *end = text + n;

	while (p < end) {
		uint32_t cp;

		p += char_at(p, end, &cp);
		if (is_strong(cp) || is_comma(cp))
			return true;
	}
	return false;
}

static struct range trim(const char *text, struct range r)
{
	while (r.start < r.end) {
		uint32_t cp;
		size_t n = char_at(text + r.start, text + r.end, &cp);
		enum char_class class = char_class(cp);

		if (class == CHAR_LETTER || class == CHAR_DIGIT || cp == '(' ||
			(cp == '.' && r.start + 1 < r.end &&
			 char_class((unsigned char)text[r.start + 1]) == CHAR_LETTER))
			break;
		r.start += n;
	}
	while (r.end > r.start) {
		size_t p = r.end - 1;
		uint32_t cp;
		enum char_class class;

		while (p > r.start && ((unsigned char)text[p] & 0xC0) == 0x80)
			p--;
		char_at(text + p, text + r.end, &cp);
		class = char_class(cp);
		if (class == CHAR_LETTER || class == CHAR_DIGIT || cp == ')' || cp == '+' || cp == '#' ||
			cp == '%')
			break;
		r.end = p;
	}
	return r;
}

static size_t plain_of(const char *text, struct range r, char *out)
{
	return words_plain(text + r.start, r.end - r.start, out, PLAIN_MAX);
}

static int words_in(const char *plain)
{
	int n = *plain != '\0';

	for (; *plain != '\0'; plain++)
		n += *plain == ' ';
	return n;
}

/* Words as they are set: "check-in" is one. */
static int words_apart(const char *text, struct range r)
{
	int n = 1;

	for (size_t i = r.start; i < r.end; i++)
		n += text[i] == ' ';
	return n;
}

static bool known(const struct splitter *s, struct range r)
{
	size_t n = r.end - r.start;

	return n > 0 && n < PLAIN_MAX && taxonomy_find_in(s->t, s->text + r.start, n) != NULL;
}

static bool has_letter(const char *text, struct range r)
{
	while (r.start < r.end) {
		uint32_t cp;

		r.start += char_at(text + r.start, text + r.end, &cp);
		if (char_class(cp) == CHAR_LETTER)
			return true;
	}
	return false;
}

/* ---- levels ---- */

static bool range_is_level(const char *text, struct range r)
{
	return is_level(text + r.start, r.end - r.start);
}

/* ---- trimming a piece ---- */

/* What is left is a name rather than a noun that the phrase belongs to: "knowledge of routes". */
static bool stands_alone(const struct splitter *s, struct range r)
{
	uint32_t cp;

	r = trim(s->text, r);
	char_at(s->text + r.start, s->text + r.end, &cp);
	return r.start < r.end && (!char_is_lower(cp) || known(s, r));
}

/* Drops "experienced in" and the like. */
static struct range drop_phrase(const struct splitter *s, struct range r)
{
	size_t end = r.start, n = 0;
	struct range best = r;
	char plain[PLAIN_MAX];

	for (int words = 0; words < 6 && end < r.end; words++) {
		size_t from = end;

		end += strspn(s->text + end, " ");
		end += strcspn(s->text + end, " ");
		if (end >= r.end)
			break;
		n = words_plain_more(plain, n, sizeof plain, s->text + from, end - from);
		if (lex_is(plain, n, LEX_PROFICIENT) && stands_alone(s, (struct range){end, r.end}))
			best.start = end;
	}
	return trim(s->text, best);
}

/* Drops a rating at the end of whatever it is: "Trauma Care 8/10". */
static struct range drop_rating(const char *text, struct range r)
{
	for (size_t at = r.end; at > r.start + 1; at--)
		if (text[at - 1] == ' ' && rating_length(text + at, r.end - at) > 0)
			return trim(text, (struct range){r.start, at - 1});
	return r;
}

bool ends_in_rating(const char *text, size_t n)
{
	struct range r = trim(text, (struct range){0, n}), left = drop_rating(text, r);

	return left.end < r.end && left.start < left.end;
}

/* Drops a level at the end or the beginning where the rest is a known skill: "Advanced Excel",
 * "Python 5 years". */
static struct range drop_level_words(const struct splitter *s, struct range r)
{
	if (r.end - r.start > PLAIN_MAX || known(s, r))
		return r;
	for (size_t at = r.end; at > r.start; at--) {
		struct range left, right = {at, r.end};

		if (s->text[at - 1] != ' ')
			continue;
		left = trim(s->text, (struct range){r.start, at - 1});
		if (known(s, left) && range_is_level(s->text, right) && has_letter(s->text, right))
			return left;
	}
	for (size_t at = r.start; at < r.end; at++) {
		struct range left = {r.start, at}, right = {at + 1, r.end};

		if (s->text[at] == ' ' && known(s, right) && range_is_level(s->text, left) &&
			!digits_only(s->text + left.start, left.end - left.start))
			return right;
	}
	return r;
}

/* ---- adding ---- */

/* The number of known skills that the words name; *whole if no word is left over. */
static size_t names_in(const struct splitter *s, struct range r, bool *whole)
{
	struct word words[RUN_WORDS_MAX];
	struct taxonomy_hit hits[RUN_WORDS_MAX];
	size_t n = words_split(s->text + r.start, r.end - r.start, words, RUN_WORDS_MAX), covered = 0;
	size_t nhits = taxonomy_scan(s->t, words, n, hits, RUN_WORDS_MAX);

	for (size_t i = 0; i < nhits; i++)
		covered += hits[i].count;
	*whole = covered == n;
	return nhits;
}

/* An e-mail address or a URL. */
static bool is_address(const char *s, struct range r)
{
	bool at = false;

	for (size_t i = r.start; i < r.end; i++) {
		at = at || s[i] == '@' ||
			 (s[i] == ':' && i + 2 < r.end && s[i + 1] == '/' && s[i + 2] == '/') ||
			 (i + 4 <= r.end && strncmp(s + i, "www.", 4) == 0);
	}
	return at;
}

static void add(struct splitter *s, struct range r)
{
	char plain[PLAIN_MAX];
	int words;
	bool prose, whole;

	r = drop_level_words(s, drop_rating(s->text, trim(s->text, r)));
	if (r.end <= r.start || s->n == s->max || !has_letter(s->text, r))
		return;
	plain_of(s->text, r, plain);
	words = words_apart(s->text, r);
	if (plain_is_level(plain) || plain_is_spoken(plain) || is_address(s->text, r))
		return;
	prose =
		r.end - r.start > SKILL_BYTES_MAX || words > ITEM_WORDS_MAX ||
		(words > 4 && lex_count(plain, LEX_STOP) > 1 && !known(s, r)) ||
		(words > 3 && lex_count(plain, LEX_STOP) > 0 && !known(s, r) && names_in(s, r, &whole) > 0);
	s->out[s->n++] = (struct skill_item){r.start, r.end - r.start, prose};
}

/* ---- brackets, dashes, "and" ---- */

/* The bracket that ends the piece: its inside; start == end if there is none. */
static struct range bracket_of(const char *text, struct range r)
{
	const char *open = memchr(text + r.start, '(', r.end - r.start);
	size_t at;

	if (open == NULL || text[r.end - 1] != ')' || open == text + r.start)
		return (struct range){r.end, r.end};
	at = (size_t)(open - text);
	return (struct range){at + 1, r.end - 1};
}

/* A dash between blanks, or a colon before a level; the range's end if there is none. */
static size_t dash_in(const char *text, struct range r, size_t *length)
{
	for (size_t i = r.start + 1; i + 1 < r.end; i++) {
		static const char *const dashes[] = {" - ", " \xE2\x80\x93 ", " \xE2\x80\x94 ", ": "};

		if (text[i] != ' ' && text[i] != ':')
			continue;
		for (size_t k = 0; k < sizeof dashes / sizeof *dashes; k++) {
			*length = strlen(dashes[k]);
			if (i + *length < r.end && memcmp(text + i, dashes[k], *length) == 0)
				return i;
		}
	}
	return r.end;
}

/* The longest beginning of whole words that is a known skill; empty if none is. */
static struct range known_beginning(const struct splitter *s, struct range r)
{
	for (size_t end = r.end; end > r.start && r.end - r.start < PLAIN_MAX; end--)
		if ((end == r.end || s->text[end] == ' ') && known(s, (struct range){r.start, end}))
			return (struct range){r.start, end};
	return (struct range){r.start, r.start};
}

/* "Express Databases: MySQL" where a separator is missing: a skill, a label, a skill. */
static void split_label(struct splitter *s, struct range left, struct range right)
{
	struct range skill = known_beginning(s, left);

	if (skill.end > skill.start)
		add(s, skill);
	add(s, right);
}

/* "A – B – C": dashes that separate. */
static bool split_dashes(struct splitter *s, struct range r)
{
	size_t length = 0, at = dash_in(s->text, r, &length), next = 0;
	struct range rest = {at + length, r.end};

	if (at == r.end || s->text[at] == ':' || s->commas ||
		dash_in(s->text, rest, &next) == rest.end || range_is_level(s->text, rest))
		return false;
	for (;;) {
		at = dash_in(s->text, r, &length);
		add(s, (struct range){r.start, at});
		if (at == r.end)
			return true;
		r.start = at + length;
	}
}

static bool split_dash(struct splitter *s, struct range r)
{
	size_t length = 0, at = dash_in(s->text, r, &length);
	struct range left = {r.start, at}, right = {at + length, r.end};
	char plain[PLAIN_MAX];

	if (at == r.end)
		return false;
	if (split_dashes(s, r))
		return true;
	if (range_is_level(s->text, right)) {
		add(s, left);
		return true;
	}
	if (range_is_level(s->text, left)) {
		add(s, right);
		return true;
	}
	plain_of(s->text, right, plain);
	if (s->text[at] == ':' && words_in(plain) <= 4) {
		split_label(s, left, right);
		return true;
	}
	add(s, left);
	if (words_in(plain) <= 4 && !split_dash(s, right))
		add(s, right);
	return true;
}

static bool begins_large(const char *text, struct range r)
{
	uint32_t cp;

	char_at(text + r.start, text + r.end, &cp);
	return char_is_upper(cp);
}

/* "Python and SQL" are two skills, "backup and recovery" is one. */
static bool split_and(struct splitter *s, struct range r, bool last)
{
	static const char *const words[] = {" and ", " & ", " und ", " et ",
										" y ",   " e ", " en ",  " or "};

	if (r.end - r.start > PLAIN_MAX || known(s, r))
		return false;
	for (size_t at = r.start; at < r.end; at++) {
		if (s->text[at] != ' ')
			continue;
		for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
			size_t n = strlen(words[k]);
			struct range left = {r.start, at}, right = {at + n, r.end};

			if (at + n >= r.end || memcmp(s->text + at, words[k], n) != 0)
				continue;
			/* "Nettoyage en place": "and" is it in Dutch only. */
			if (words[k][2] == 'n' && words[k][1] == 'e' && !begins_large(s->text, right) &&
				!(known(s, left) && known(s, right)))
				continue;
			/* "Mediciones y presupuestos": what goes on small is a part of the name. */
			if (!last && begins_large(s->text, left) && !begins_large(s->text, right))
				continue;
			/* The last of a list: one of them known will do, or two words on either side. */
			if (!(known(s, left) && known(s, right)) &&
				!(last && (known(s, left) || known(s, right) ||
						   (words_apart(s->text, left) > 1 && words_apart(s->text, right) > 1))))
				continue;
			add(s, left);
			add(s, right);
			return true;
		}
	}
	return false;
}

/* Skills set side by side with nothing between them: "Excel SAP MM SAP SD". Only if all of it is
 * known, and not two words only, which name one thing together: "UV-Vis Spectroscopy". */
static bool split_run(struct splitter *s, struct range r)
{
	struct word words[RUN_WORDS_MAX];
	struct taxonomy_hit hits[RUN_WORDS_MAX];
	size_t n, nhits, covered = 0;

	if (s->commas || r.end - r.start > PLAIN_MAX || known(s, r))
		return false;
	n = words_split(s->text + r.start, r.end - r.start, words, RUN_WORDS_MAX);
	nhits = taxonomy_scan(s->t, words, n, hits, RUN_WORDS_MAX);
	for (size_t i = 0; i < nhits; i++) {
		if (hits[i].ambiguous || !(words[hits[i].first].flags & (WORD_UPPER | WORD_DIGITS)))
			return false;
		covered += hits[i].count;
	}
	if (nhits < 3 || covered != n || n == RUN_WORDS_MAX)
		return false;
	for (size_t i = 0; i < nhits; i++)
		add(s, (struct range){r.start + words[hits[i].first].start,
							  r.start + words[hits[i].first + hits[i].count - 1].end});
	return true;
}

size_t skill_number(const char *text, size_t n)
{
	size_t at = 0;

	while (at < n && at < 2 && text[at] >= '0' && text[at] <= '9')
		at++;
	if (at == 0 || at + 1 >= n || strchr(".)", text[at]) == NULL || text[at + 1] != ' ')
		return 0;
	return at + 2;
}

static void piece(struct splitter *s, struct range r, bool last)
{
	struct range inside, outside;
	size_t start;
	bool whole;

	r = trim(s->text, r);
	r.start += skill_number(s->text + r.start, r.end - r.start);
	start = r.start;
	r = drop_phrase(s, trim(s->text, r));
	last |= r.start > start; /* "experienced in A and B": a list */
	if (r.end <= r.start)
		return;
	inside = bracket_of(s->text, r);
	if (inside.start < inside.end && s->depth < PIECES_DEPTH_MAX && !known(s, r)) {
		outside = trim(s->text, (struct range){r.start, inside.start - 1});
		if (range_is_level(s->text, inside)) {
			piece(s, outside, false);
			return;
		}
		if (has_separator(s->text + inside.start, inside.end - inside.start) || known(s, inside) ||
			(names_in(s, inside, &whole) > 1 && whole)) { /* "MySQL/PostgreSQL" */
			s->depth++;
			piece(s, outside, false);
			split_commas(s, inside);
			s->depth--;
			return;
		}
	}
	if (split_dash(s, r) || split_and(s, r, last) || split_run(s, r))
		return;
	add(s, r);
}

/* Skips "and" before the last of a list. */
static size_t skip_and(const char *text, size_t start, size_t end)
{
	static const char *const words[] = {"and ", "und ", "et ", "y ", "e ", "& ", "en ", "or "};

	start += strspn(text + start, " ");
	for (size_t k = 0; k < sizeof words / sizeof *words; k++)
		if (start + strlen(words[k]) < end && text_starts(text + start, words[k]))
			return start + strlen(words[k]);
	return start;
}

/* Whether a sentence ends at the point and another begins that says what somebody knows: "… and
 * Triage. Experienced in Falconry", "… Photoshop. Others: Falconry". */
static bool ends_sentence(const struct splitter *s, size_t at, size_t end)
{
	size_t stop = at + 1, n = 0;
	char plain[PLAIN_MAX];

	if (s->text[at] != '.' || at + 2 >= end || s->text[at + 1] != ' ')
		return false;
	for (int words = 0; words < 6 && stop < end; words++) {
		size_t from = stop;

		stop += strspn(s->text + stop, " ");
		stop += strcspn(s->text + stop, " ");
		if (stop >= end)
			break;
		n = words_plain_more(plain, n, sizeof plain, s->text + from, stop - from);
		if (lex_is(plain, n, LEX_PROFICIENT) || s->text[stop - 1] == ':')
			return true;
	}
	return false;
}

/* Cuts at commas that stand outside brackets, and between sentences. */
static void split_commas(struct splitter *s, struct range r)
{
	size_t from = r.start, at = r.start;
	int open = 0;
	int many = 0;

	while (at < r.end) {
		uint32_t cp;
		size_t n = char_at(s->text + at, s->text + r.end, &cp);

		open += cp == '(';
		open -= cp == ')' && open > 0;
		if (open == 0 && ends_sentence(s, at, r.end)) {
			piece(s, (struct range){from, at}, many > 0);
			from = at + n;
			many = 0;
		} else if (open == 0 &&
				   (is_slash(s->text, at, r.end) ||
					(is_comma(cp) && !(s->text[at + n] >= '0' && s->text[at + n] <= '9')))) {
			piece(s, (struct range){from, at}, false);
			from = at + n;
			many++;
		}
		at += n;
	}
	piece(s, (struct range){many > 0 ? skip_and(s->text, from, r.end) : from, r.end}, many > 1);
}

/* Where what the label names begins: behind "Databases:"; the start if there is no label. */
static size_t label_end(const struct splitter *s, struct range r)
{
	for (size_t at = r.start; at < r.end && at - r.start < LABEL_MAX; at++) {
		struct range left = {r.start, at}, right;
		char plain[PLAIN_MAX];

		if (is_comma((unsigned char)s->text[at]))
			break;
		if (s->text[at] != ':' || (at + 1 < r.end && s->text[at + 1] == '/'))
			continue;
		right = trim(s->text, (struct range){at + 1, r.end});
		plain_of(s->text, left, plain);
		if (words_in(plain) > LABEL_WORDS_MAX)
			break;
		if (right.start < right.end && range_is_level(s->text, right))
			break; /* "Python: advanced" */
		return at + 1;
	}
	return r.start;
}

static int commas_in(const char *text, struct range r)
{
	int n = 0;

	for (size_t i = r.start; i < r.end; i++)
		n += text[i] == ',';
	return n;
}

/* "Leadership: led teams of twelve in …": the label is the skill, what follows tells of it. */
static bool is_told(const struct splitter *s, struct range label, struct range rest)
{
	char plain[PLAIN_MAX];

	if (has_separator(s->text + rest.start, rest.end - rest.start) && rest.end - rest.start < 120)
		return false;
	plain_of(s->text, rest, plain);
	if (words_in(plain) < 6 || lex_count(plain, LEX_STOP) < 2 ||
		words_apart(s->text, rest) < 5 * commas_in(s->text, rest))
		return false;
	plain_of(s->text, label, plain);
	return words_in(plain) <= 4;
}

/* A dash that sets a label off a list: "Cloud – AWS, GCP". */
static size_t dashed_label_end(const struct splitter *s, struct range r)
{
	size_t length = 0, at = dash_in(s->text, r, &length);
	char plain[PLAIN_MAX];

	if (at == r.end || has_separator(s->text + r.start, at - r.start) ||
		!has_separator(s->text + at, r.end - at) ||
		is_level(s->text + at + length, strcspn(s->text + at + length, ",;|")))
		return r.start;
	plain_of(s->text, (struct range){r.start, at}, plain);
	return words_in(plain) <= 4 ? at + length : r.start;
}

static void stretch(struct splitter *s, struct range r)
{
	size_t end, stop = r.end;

	while (stop > r.start && s->text[stop - 1] == ' ')
		stop--;
	r = trim(s->text, r);
	if (r.end <= r.start || s->text[stop - 1] == ':') /* nothing, or the heading of a group */
		return;
	end = label_end(s, r);
	if (end == r.start)
		end = dashed_label_end(s, r);
	if (end > r.start && is_told(s, (struct range){r.start, end - 1}, (struct range){end, r.end})) {
		add(s, (struct range){r.start, end - 1});
		return;
	}
	split_commas(s, (struct range){end, r.end});
}

/* What stands left of the tab is a label if it is no list and what stands right of it is one. */
size_t skill_rail_end(const char *text, size_t n)
{
	const char *tab = memchr(text, '\t', n);
	struct range right;
	size_t at;

	if (tab == NULL)
		return 0;
	at = (size_t)(tab - text);
	if (has_separator(text, at))
		return 0;
	for (size_t i = at + 1; i < n; i++)
		if (text[i] == '\t' && strchr(",;", text[i - 1]) == NULL)
			return 0;
	/* A bullet in front of the second of two items separates nothing. */
	right = trim(text, (struct range){at + 1, n});
	return has_separator(text + right.start, right.end - right.start) ? at + 1 : 0;
}

/* "Skill<tab>Years<tab>Level": the head of a table. */
static bool is_table_head(const char *text, size_t n)
{
	const char *tab = memchr(text, '\t', n);
	char plain[PLAIN_MAX];
	struct lex lex;

	if (tab == NULL || tab - text > LABEL_MAX || n - (size_t)(tab - text) > LABEL_MAX)
		return false;
	lex = lex_find(plain, words_plain(text, (size_t)(tab - text), plain, sizeof plain));
	return lex.bits & LEX_SECTION && lex.section == SECTION_SKILLS &&
		   is_level(tab, n - (size_t)(tab - text));
}

size_t skill_list(const struct taxonomy *t, const char *text, size_t n, struct skill_item *out,
				  size_t max)
{
	struct splitter s = {
		.t = t, .text = text, .out = out, .max = max, .commas = memchr(text, ',', n) != NULL};
	size_t from = skill_rail_end(text, n), at = from;
	int open = 0;

	if (is_table_head(text, n))
		return 0;
	while (at < n) {
		uint32_t cp;
		size_t length = char_at(text + at, text + n, &cp);

		open += cp == '(';
		open -= cp == ')' && open > 0;
		if (is_strong(cp) && (open == 0 || cp == '\t' || cp == '\n')) {
			stretch(&s, (struct range){from, at});
			from = at + length;
			open = 0;
		}
		at += length;
	}
	stretch(&s, (struct range){from, n});
	return s.n;
}

/*
 * The candidate's telephone number.
 *
 * A number is a run of digits with the signs people put between them. Dates, year ranges,
 * postcodes, bank and identity numbers have other shapes or other labels and are refused; what is
 * left gets points for its label, its place and its form. It is returned as printed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "parse/extract/scan.h"

enum { PHONE_DIGITS_MIN = 7, PHONE_DIGITS_MAX = 15, PHONE_GROUPS_MAX = 16, PHONE_BYTES_MAX = 60 };

struct number {
	size_t start, end;
	int digits, ngroups;
	int groups[PHONE_GROUPS_MAX]; /* lengths */
	int values[PHONE_GROUPS_MAX]; /* of groups of up to four digits */
	bool plus, bracket, dots, slashes, hyphens;
	bool state; /* two capitals stand before it: "MD 20910" */
	bool area;  /* as yet a country's and an area's code alone */
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* The length of a blank or dash (of whatever kind) at s, 0 if there is none; *dash says which. */
static size_t gap_at(const char *s, bool *dash)
{
	static const char *const dashes[] = {
		"-", "\xE2\x80\x90", "\xE2\x80\x91", "\xE2\x80\x92", "\xE2\x80\x93", "\xE2\x88\x92"};
	static const char *const blanks[] = {
		" ", "\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x89", "\xE2\x80\x82", "\xE2\x80\x88"};

	for (size_t i = 0; i < sizeof dashes / sizeof *dashes; i++)
		if (text_starts(s, dashes[i])) {
			*dash = true;
			return strlen(dashes[i]);
		}
	for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++)
		if (text_starts(s, blanks[i])) {
			*dash = false;
			return strlen(blanks[i]);
		}
	return 0;
}

static void group_add(struct number *n, int length, int value)
{
	if (n->ngroups == PHONE_GROUPS_MAX)
		return;
	n->groups[n->ngroups] = length;
	n->values[n->ngroups++] = length <= 4 ? value : -1;
}

/* The length of the signs between two groups at s, 0 if no digit follows them. */
static size_t signs_at(const char *s, struct number *n)
{
	size_t at = 0;
	int blanks = 0, dashes = 0, others = 0;
	struct number seen = *n;

	for (;;) {
		bool dash = false;
		size_t length = gap_at(s + at, &dash);

		if (length > 0) {
			at += length;
			blanks += !dash;
			dashes += dash;
			seen.hyphens |= dash;
		} else if (s[at] != '\0' && strchr("./()", s[at]) != NULL) {
			seen.dots |= s[at] == '.';
			seen.slashes |= s[at] == '/';
			seen.bracket |= s[at] == ')';
			at++;
			others++;
		} else {
			break;
		}
		if (blanks > 2 || dashes > 1 || others > 3)
			return 0;
	}
	if (dashes > 0 && blanks > 1 && others == 0 && s[0] != '-' && s[1] != '-')
		return 0; /* "2019 – 2021": a long dash between blanks separates */
	if (blanks > 1 && others == 1 && s[1] == '/' && !n->area)
		return 0; /* two numbers; but "0441 / 555 01" has its area code before the stroke */
	if (!is_digit(s[at]))
		return 0;
	*n = seen;
	return at;
}

/* "… 01 42 69007 Lyon": the postcode of what follows is no part of the number. */
static bool ends_in_postcode(const char *text, const struct number *n, int length)
{
	return n->ngroups >= 3 && length >= 4 && length <= 5 && n->digits - length >= 9 &&
		   text[n->end] == ' ' && text[n->end + 1] >= 'A' && text[n->end + 1] <= 'Z';
}

/* "MD 20910  240-555-0142": a postcode, set off from the number by more than one blank. */
static bool is_postcode_before(const struct number *n, const char *signs)
{
	return n->ngroups == 1 && n->digits == 5 && !n->plus && signs[0] == ' ' &&
		   (signs[1] == ' ' || n->state);
}

/* Reads the number that begins at text[at]. */
static struct number number_at(const char *text, size_t at)
{
	struct number n = {.start = at};

	n.plus = text[at] == '+';
	at += n.plus || text[at] == '(';
	n.plus |= text[at] == '+';
	at += text[at] == '+';
	n.state = n.start >= 3 && text[n.start - 1] == ' ' && is_capital(text[n.start - 2]) &&
			  is_capital(text[n.start - 3]) && (n.start == 3 || text[n.start - 4] == ' ');
	while (is_digit(text[at]) && at - n.start < PHONE_BYTES_MAX) {
		int length = 0, value = 0;
		size_t signs, before = n.end;

		for (; is_digit(text[at]) && length < 20; at++, length++)
			value = value * 10 % 100000 + (text[at] - '0');
		n.digits += length;
		group_add(&n, length, value);
		n.area = n.digits <= 7 && (n.plus || text[n.start + (text[n.start] == '(')] == '0');
		n.end = at;
		if (ends_in_postcode(text, &n, length)) {
			n.digits -= length;
			n.ngroups--;
			n.end = before;
			break;
		}
		signs = is_postcode_before(&n, text + at) ? 0 : signs_at(text + at, &n);
		if (signs == 0)
			break;
		at += signs;
	}
	return n;
}

/* ---- what is no telephone number ---- */

static bool is_year(const struct number *n, int i)
{
	return n->groups[i] == 4 && n->values[i] >= 1900 && n->values[i] <= 2099;
}

static bool looks_like_dates(const struct number *n)
{
	int years = 0;

	if (n->plus || n->bracket)
		return false;
	for (int i = 0; i < n->ngroups; i++) {
		if (is_year(n, i))
			years++;
		else if (n->groups[i] > 2 || n->values[i] > 31)
			return false;
	}
	return years > 0;
}

/* Social security numbers, extended postcodes, amounts. */
static bool looks_like_code(const struct number *n)
{
	if (n->plus || n->bracket)
		return false;
	if (n->ngroups == 3 && n->groups[0] == 3 && n->groups[1] == 2 && n->groups[2] == 4)
		return true;
	if (n->ngroups == 2 && n->groups[0] == 5 && n->groups[1] == 4 && n->hyphens)
		return true;
	if (!n->dots || n->slashes || n->hyphens || n->ngroups < 3 || n->groups[0] > 3 ||
		n->values[0] == 0)
		return false;
	for (int i = 1; i < n->ngroups; i++)
		if (n->groups[i] != 3)
			return false;
	return true;
}

/* Whether a number may begin at text[at]: not in the middle of a word, address or longer number. */
static bool may_begin(const char *text, size_t at)
{
	unsigned char before = at > 0 ? (unsigned char)text[at - 1] : ' ';

	if (text[at] != '+' && text[at] != '(' && !is_digit(text[at]))
		return false;
	if (text[at] == '(' && !is_digit(text[at + 1]) && text[at + 1] != '+')
		return false;
	if (text[at] == '+' && !is_digit(text[at + 1]) &&
		!(text[at + 1] == '(' && is_digit(text[at + 2])))
		return false;
	if (before >= 0xC0 || strchr("@_=#$\\&%", before) != NULL ||
		(before >= 0x80 && at > 1 && (unsigned char)text[at - 2] == 0xC3))
		return false;
	if ((before | 0x20) >= 'a' && (before | 0x20) <= 'z')
		return text[at] == '+';
	if (at > 1 && (before == '-' || before == '/' || before == '.' || before == '+'))
		return text[at - 2] == ' ';
	return !is_digit((char)before);
}

/* The word before is the beginning of a bank account number: "DE89 3704 …". */
static bool after_iban(const char *text, size_t at)
{
	return at >= 5 && text[at - 1] == ' ' && is_digit(text[at - 2]) && is_digit(text[at - 3]) &&
		   text[at - 4] >= 'A' && text[at - 4] <= 'Z' && text[at - 5] >= 'A' && text[at - 5] <= 'Z';
}

/* An extension behind the number: "ext. 12", "x12". */
static size_t extension_end(const char *text, size_t end)
{
	size_t at = end + strspn(text + end, " ,");
	size_t digits;

	if (strncasecmp(text + at, "ext", 3) == 0)
		at += 3;
	else if ((text[at] | 0x20) == 'x' && is_digit(text[at + 1]))
		at += 1;
	else
		return end;
	at += strspn(text + at, ". :");
	digits = strspn(text + at, "0123456789");
	return digits > 0 && digits < 7 ? at + digits : end;
}

/* Whether a word of the number's label, which goes back to the number before at most, is any of the
 * kinds: "Cell no:", "Tel/Fax:". */
static bool label_has(const char *text, size_t start, uint32_t kinds)
{
	enum { LABEL_MAX = 40 };
	size_t from = start;
	char plain[PHONE_BYTES_MAX];

	while (from > 0 && start - from < LABEL_MAX && !is_digit(text[from - 1]) &&
		   strchr(",;|\t", text[from - 1]) == NULL)
		from--;
	words_plain(text + from, start - from, plain, sizeof plain);
	return lex_count(plain, kinds) > 0;
}

static bool refused(const char *text, const struct number *n)
{
	return n->digits < PHONE_DIGITS_MIN || n->digits > PHONE_DIGITS_MAX || looks_like_dates(n) ||
		   looks_like_code(n) || after_iban(text, n->start) ||
		   (!n->plus && label_before(text, n->start, LEX_NUMBER) &&
			!label_before(text, n->start, LEX_LABEL_PHONE) &&
			!label_has(text, n->start, LEX_LABEL_PHONE));
}

/* ---- points ---- */

/* Whether the line stands with the person's own address, and with no other that is nearer. */
static bool beside_email(const struct reading *r, int line)
{
	int distance = abs(r->email_line - line);

	if (r->email.value == NULL || distance > 3)
		return false;
	for (int i = line - distance + 1; i < line + distance; i++)
		if (i >= 0 && i < r->d->nlines && i != r->email_line &&
			strchr(r->d->lines[i].text, '@') != NULL)
			return false;
	return true;
}

static float place_points(const struct reading *r, int line)
{
	if (r->notes[line].loose)
		return 25;
	switch (r->notes[line].section) {
	case SECTION_HEAD:
	case SECTION_CONTACT: return 30;
	case SECTION_SUMMARY:
	case SECTION_OTHER: return 10;
	case SECTION_SKILLS:
	case SECTION_LANGUAGES:
	case SECTION_INTERESTS:
	case SECTION_CERTIFICATES:
	case SECTION_AWARDS: return 0;
	case SECTION_EXPERIENCE:
	case SECTION_EDUCATION:
	case SECTION_PROJECTS:
	case SECTION_PUBLICATIONS:
	case SECTION_VOLUNTEER:
	case SECTION_COURSES: return -15;
	case SECTION_REFERENCES: return beside_email(r, line) ? 0 : -50;
	case SECTION_KINDS: break;
	}
	return 0;
}

/* The label stands on the line above, or in the cell before. */
static bool labelled_above(const struct reading *r, int line, size_t start, uint32_t kinds)
{
	const char *plain;

	if (start > 4 || line == 0)
		return false;
	plain = r->notes[line - 1].plain;
	return lex_is(plain, strlen(plain), kinds);
}

/* "LinkedIn 5550142": what a network calls the person. */
static bool is_handle(const char *text, size_t start)
{
	static const char *const networks[] = {"linkedin", "xing",         "skype", "facebook",
										   "twitter",  "instagram",    "orcid", "github",
										   "gitlab",   "researchgate", "scopus"};
	size_t from = start, n;
	char plain[PHONE_BYTES_MAX];

	while (from > 0 && start - from < PHONE_BYTES_MAX / 2 &&
		   (text[from - 1] == ' ' || text[from - 1] == ':'))
		from--;
	while (from > 0 && start - from < PHONE_BYTES_MAX / 2 && text[from - 1] != ' ')
		from--;
	n = words_plain(text + from, start - from, plain, sizeof plain);
	return is_one_of(plain, n, networks, sizeof networks / sizeof *networks);
}

static bool has_tel_link(const struct line *l, size_t start)
{
	for (size_t i = 0; i < l->nspans; i++)
		if (l->spans[i].link != NULL && strncasecmp(l->spans[i].link, "tel:", 4) == 0 &&
			start >= l->spans[i].start && start < l->spans[i].start + l->spans[i].length)
			return true;
	return false;
}

static float points_of(const struct reading *r, int line, const struct number *n)
{
	const struct line *l = &r->d->lines[line];
	float points = 20 + place_points(r, line) - (float)(line < 60 ? line : 60) * 0.2f;
	bool both = label_has(l->text, n->start, LEX_LABEL_FAX) &&
				label_has(l->text, n->start, LEX_LABEL_PHONE);
	bool labelled = both || label_before(l->text, n->start, LEX_LABEL_PHONE) ||
					labelled_above(r, line, n->start, LEX_LABEL_PHONE);

	if ((label_before(l->text, n->start, LEX_LABEL_FAX) && !both) ||
		labelled_above(r, line, n->start, LEX_LABEL_FAX))
		points -= 60;
	else if (labelled || has_tel_link(l, n->start))
		points += has_tel_link(l, n->start) ? 35 : 25;
	else if (labelled_above(r, line, n->start, LEX_NUMBER) ||
			 (!n->plus && is_handle(l->text, n->start)))
		points -= 40;
	points += n->plus || text_starts(l->text + n->start, "00") ? 12 : 0;
	points += r->email.value != NULL && r->email_line == line ? 8 : 0;
	if (beside_email(r, line))
		points += 20;
	points += n->ngroups >= 2 && n->digits >= 8 ? 5 : 0;
	points -=
		!n->plus && !labelled && (n->digits < 8 || (n->ngroups == 1 && n->digits < 9)) ? 15 : 0;
	return points;
}

/* The rest of a number that was broken at the end of line i: digits of the next line that are all
 * it says, or that a beginning too short for a number asks for. Their length in bytes, 0 if none.
 */
static size_t rest_below(const struct reading *r, int i, const struct number *n)
{
	const struct line *l = &r->d->lines[i];
	const char *next;
	struct number rest;

	if (l->text[n->end] != '\0' || i + 1 >= r->d->nlines || l[1].page != l->page ||
		l[1].block != l->block || l[1].column != l->column || l[1].cell != l->cell ||
		line_hidden(&l[1]))
		return 0;
	next = l[1].text;
	if (!is_digit(next[0]) ||
		!(n->plus || n->area || label_before(l->text, n->start, LEX_LABEL_PHONE)))
		return 0;
	rest = number_at(next, 0);
	if (n->digits + rest.digits < 9 || n->digits + rest.digits > PHONE_DIGITS_MAX ||
		looks_like_dates(&rest))
		return 0;
	if (next[rest.end] == '\0' ? rest.digits <= 4 || n->digits <= 6 : n->digits <= 6)
		return rest.end;
	return 0;
}

static void take(struct reading *r, int line, struct number *n, size_t rest, float points)
{
	const char *text = r->d->lines[line].text;

	n->end = rest > 0 ? n->end : extension_end(text, n->end);
	r->phone.value = arena_strndup(r->arena, text + n->start, n->end - n->start);
	if (rest > 0)
		r->phone.value = arena_printf(r->arena, "%s %.*s", r->phone.value, (int)rest,
									  r->d->lines[line + 1].text);
	r->phone.confidence = points > 60 ? 0.97 : points > 45 ? 0.9 : 0.65;
	r->phone.evidence = evidence_at(r, line, n->start, n->end - n->start);
}

void phone_read(struct reading *r)
{
	float best = 32;
	size_t broken = 0; /* bytes of the line that belong to a number of the line before */

	for (int i = 0; i < r->d->nlines; i++) {
		const char *text = r->d->lines[i].text;

		size_t from = broken;

		broken = 0;
		if (line_hidden(&r->d->lines[i]))
			continue;
		for (size_t at = from + strcspn(text + from, "+(0123456789"); text[at] != '\0';
			 at += strcspn(text + at, "+(0123456789")) {
			struct number n;
			float points;
			size_t rest;

			if (!may_begin(text, at)) {
				at++;
				continue;
			}
			n = number_at(text, at);
			at = n.end > at ? n.end : at + 1;
			rest = text[n.end] == '\0' ? rest_below(r, i, &n) : 0;
			if (rest == 0 && refused(text, &n))
				continue;
			broken = rest;
			points = points_of(r, i, &n);
			if (points <= best)
				continue;
			best = points;
			take(r, i, &n, rest, points);
		}
	}
}

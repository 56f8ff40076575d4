/*
 * Location: where the candidate lives, from the lines that hold the contact data.
 *
 * A stretch of such a line is an address if a label says so, if it has a postcode beside words, or
 * if it ends in a known region, country or city behind a comma. It is then taken apart at its
 * commas: the street has a number, the postcode stands beside the city, what follows the city is
 * region and country.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "parse/extract/countries.h"
#include "parse/extract/resume_json.h"
#include "parse/extract/scan.h"

enum { PIECES_MAX = 8, STRETCH_MAX = 160, LINES_MAX = 400 };

struct piece {
	int line;
	size_t start, n;
	char plain[120];
};

struct address {
	struct piece pieces[PIECES_MAX];
	int n;
};

static const char *country_of(const struct piece *p, const char *text)
{
	if (p->n == 2 && text[p->start] >= 'A' && text[p->start] <= 'Z')
		return country_known(text + p->start);
	return p->n > 40 ? NULL : country_named(p->plain);
}

static bool is_alnum_code(const char *s, size_t n)
{
	size_t digits = 0, capitals = 0;

	for (size_t i = 0; i < n; i++) {
		digits += s[i] >= '0' && s[i] <= '9';
		capitals += s[i] >= 'A' && s[i] <= 'Z';
	}
	return digits > 0 && digits + capitals == n;
}

static bool has_digits(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] < '0' || s[i] > '9')
			return false;
	return true;
}

/* A postcode of one or two words at a place: "69003", "H91 X2Y3", "SW1A 1AA", "1010-123". Its
 * bytes, or 0. */
static size_t postcode_at(const char *s, size_t n)
{
	size_t a = 0, b, digits = 0;

	while (a < n && s[a] != ' ' && s[a] != '\0')
		a++;
	for (size_t i = 0; i < a; i++) {
		digits += s[i] >= '0' && s[i] <= '9';
		if (!(s[i] == '-' && i > 0) && !(s[i] >= '0' && s[i] <= '9') &&
			!(s[i] >= 'A' && s[i] <= 'Z'))
			return 0;
	}
	b = a + 1;
	while (b < n && s[b] != ' ' && s[b] != '\0')
		b++;
	if (a >= 2 && a <= 4 && a < n && b - a - 1 >= 3 && b - a - 1 <= 4 && is_alnum_code(s, a) &&
		s[0] >= 'A' && s[0] <= 'Z' && is_alnum_code(s + a + 1, b - a - 1))
		return b;
	if (a == 3 && digits == 3 && b - a == 3 && has_digits(s + a + 1, 2))
		return b; /* "115 28" */
	if (digits >= 4 && digits <= 9 && a - digits <= 4 &&
		(digits == a || s[0] >= 'A' || memchr(s, '-', a) != NULL))
		return a;
	return 0;
}

static bool find_postcode(const char *text, const struct piece *p, size_t *start, size_t *n)
{
	for (size_t i = 0; i < p->n; i++) {
		size_t m;

		if (i > 0 && text[p->start + i - 1] != ' ')
			continue;
		m = postcode_at(text + p->start + i, p->n - i);
		if (m == 0)
			continue;
		*start = p->start + i;
		*n = m;
		return true;
	}
	return false;
}

static bool has_digit(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] >= '0' && s[i] <= '9')
			return true;
	return false;
}

/* Whether a word of three letters stands in a plain text. */
static bool has_letters(const char *plain)
{
	for (; *plain != '\0'; plain += lex_word(plain), plain += *plain == ' ')
		if (lex_word(plain) >= 3 && strcspn(plain, "0123456789") >= lex_word(plain))
			return true;
	return false;
}

static bool is_state(const char *s, size_t n)
{
	return n == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z';
}

static bool is_place(const struct piece *p)
{
	return lex_is(p->plain, strlen(p->plain), LEX_PLACE) &&
		   !lex_is(p->plain, strlen(p->plain), LEX_LABEL);
}

/* A large town, perhaps with its postcode or state: "Fremantle WA 6160", "33000 Bordeaux". */
static bool is_city(const struct piece *p)
{
	const char *s = p->plain;
	size_t n = strlen(s);

	while (n > 0 && (*s >= '0' && *s <= '9')) {
		size_t word = lex_word(s);

		s += word + (s[word] == ' ');
		n = strlen(s);
	}
	for (; n > 0; n--)
		if ((s[n] == '\0' || s[n] == ' ') && lex_is(s, n, LEX_CITY))
			return true;
	return false;
}

/* ---- taking an address apart ---- */

static struct quote *quote_bytes(struct reading *r, const struct piece *p, size_t start, size_t n,
								 double sure)
{
	return n == 0 ? NULL : quote_at(r, p->line, start, n, sure);
}

/* City and region of a piece without a postcode: "Galway", "Miami FL". */
static void city_read(struct reading *r, const struct piece *p, size_t start, size_t n, double sure,
					  struct resume *out)
{
	const char *s = r->d->lines[p->line].text;

	while (n > 0 && strchr(" -,", s[start]) != NULL) {
		start++;
		n--;
	}
	while (n > 0 && strchr(" -,", s[start + n - 1]) != NULL)
		n--;
	if (n > 3 && s[start + n - 3] == ' ' && is_state(s + start + n - 2, 2)) {
		if (out->region == NULL)
			out->region = quote_bytes(r, p, start + n - 2, 2, sure);
		n -= 3;
	}
	if (n == 0)
		return;
	if (out->region != NULL && out->country_code == NULL && is_state(s + start, n))
		out->country_code = quote_bytes(r, p, start, n, sure);
	else if (out->city == NULL && !is_state(s + start, n))
		out->city = quote_bytes(r, p, start, n, sure);
	else if (out->region == NULL)
		out->region = quote_bytes(r, p, start, n, sure - 0.05);
}

static void piece_read(struct reading *r, const struct piece *p, int index, int count, double sure,
					   struct resume *out)
{
	const char *s = r->d->lines[p->line].text, *code = country_of(p, s);
	size_t start, n;

	if (find_postcode(s, p, &start, &n) && (n < p->n || count > 1) && out->postal_code == NULL) {
		size_t before = start - p->start, after = p->start + p->n - start - n;
		size_t words = 0;

		for (size_t i = 0; i < before; i++)
			words += s[p->start + i] == ' ';
		/* Not the number of a house behind its street. */
		if (!(after == 0 && before > 0 && words > 1 && n < 5) ||
			(before > 4 && s[start - 4] == ' ' && is_state(s + start - 3, 2)) || is_city(p)) {
			out->postal_code = quote_bytes(r, p, start, n, sure);
			city_read(r, p, p->start, before, sure - 0.05, out);
			city_read(r, p, start + n, after, sure, out);
			return;
		}
	}
	if (code != NULL && out->country_code == NULL &&
		(p->n > 2 || index == 0 || (index + 1 == count && out->region != NULL))) {
		out->country_code = quote_as(r, p->line, p->start, p->n, sure, code);
		return;
	}
	if (has_digit(s + p->start, p->n)) {
		if (out->address == NULL && out->city == NULL)
			out->address = quote_bytes(r, p, p->start, p->n, sure - 0.05);
		return;
	}
	city_read(r, p, p->start, p->n, sure, out);
}

/* ---- finding it ---- */

static void pieces_add(const char *s, int line, size_t from, size_t end, struct address *a)
{
	while (from < end && a->n < PIECES_MAX) {
		size_t n = 0;
		struct piece *p = &a->pieces[a->n];

		while (from + n < end && strchr(",()", s[from + n]) == NULL)
			n++;
		*p = (struct piece){.line = line, .start = from, .n = n};
		while (p->n > 0 && strchr(" .-", s[p->start]) != NULL) {
			p->start++;
			p->n--;
		}
		while (p->n > 0 && s[p->start + p->n - 1] == ' ')
			p->n--;
		words_plain(s + p->start, p->n, p->plain, sizeof p->plain);
		if (p->plain[0] != '\0')
			a->n++;
		from += n + 1;
	}
}

/* How sure it is that the stretch is an address; 0: it is none. */
/* "26 November 1865", "Updated in March 2026" are no addresses. */
static bool has_month(const char *s, const struct address *a)
{
	struct date_span d[2];
	size_t n = dates_find(s + a->pieces[0].start, strlen(s + a->pieces[0].start), d, 2);

	for (size_t i = 0; i < n; i++)
		if (d[i].from.month != 0 || date_is_range(&d[i]))
			return true;
	return false;
}

static bool in_name(const struct reading *r, const struct piece *p)
{
	char plain[200];

	if (r->name.value == NULL)
		return false;
	words_plain(r->name.value, strlen(r->name.value), plain, sizeof plain);
	return strstr(plain, p->plain) != NULL;
}

/* A few words that could be a place: capitals, no numbers, no title, no skill. */
static bool could_be_place(const struct reading *r, const struct piece *p)
{
	const char *s = r->d->lines[p->line].text + p->start;
	uint32_t cp;
	int words = 1;

	for (const char *q = p->plain; *q != '\0'; q++)
		words += *q == ' ';
	char_at(s, s + p->n, &cp);
	return words <= 3 && (char_is_upper(cp) || char_is_cjk(cp)) && !has_digit(s, p->n) &&
		   p->n > 2 && lex_count(p->plain, LEX_TITLE | LEX_COMPANY | LEX_FUNCTION) == 0 &&
		   !lex_is(p->plain, strlen(p->plain),
				   LEX_SECTION | LEX_LABEL | LEX_SPOKEN | LEX_LEVEL | LEX_DOCUMENT) &&
		   taxonomy_find_in(r->taxonomy, s, p->n) == NULL && !in_name(r, p);
}

static bool is_contact_section(const struct reading *r, int i)
{
	return r->notes[i].section == SECTION_HEAD || r->notes[i].section == SECTION_CONTACT;
}

/* Whether the line stands with the e-mail address, and tells no job or school. */
static bool beside_contact(const struct reading *r, int i)
{
	const struct doc *d = r->d;
	enum section_kind k = r->notes[i].section;

	return k != SECTION_EXPERIENCE && k != SECTION_EDUCATION && r->email.value != NULL &&
		   abs(r->email_line - i) <= 2 && d->lines[i].column == d->lines[r->email_line].column;
}

static double is_address(const struct reading *r, const struct address *a, bool labelled,
						 bool beside)
{
	const char *s = r->d->lines[a->pieces[0].line].text;
	size_t start, n;
	bool postcode = false, place = false, city = false, words = true,
		 likely = beside && is_contact_section(r, a->pieces[0].line);
	int lettered = 0;

	for (int i = 0; i < a->n; i++) {
		const struct piece *p = &a->pieces[i];
		const char *text = r->d->lines[p->line].text;

		postcode |= find_postcode(text, p, &start, &n) && (n < p->n || a->n > 1);
		place |= is_place(p) || country_of(p, text) != NULL;
		city |= is_city(p);
		likely &= could_be_place(r, p);
		lettered += has_letters(p->plain) && text[p->start] != '+';
		words &= p->n < 60 && lex_count(p->plain, LEX_TITLE) == 0 &&
				 lex_count(p->plain, LEX_STOP_EN) < 2;
	}
	if (!words || lettered == 0 || has_month(s, a))
		return 0;
	if (labelled)
		return 0.92;
	if ((postcode && (a->n > 1 || place || city)) || (city && a->n > 1))
		return 0.88;
	if (place && a->n > 1)
		return 0.85;
	if (a->n == 2 &&
		is_state(r->d->lines[a->pieces[1].line].text + a->pieces[1].start, a->pieces[1].n) &&
		!has_digit(s + a->pieces[0].start, a->pieces[0].n))
		return 0.85;
	if (a->n == 1 && (place || city))
		return city && beside ? 0.85 : 0.75;
	return postcode ? 0.7 : likely && a->n <= 2 ? 0.6 : 0;
}

static bool is_location_label(const char *text, size_t n)
{
	static const char *const labels[] = {"address",
										 "adresse",
										 "anschrift",
										 "direccion",
										 "domicilio",
										 "indirizzo",
										 "endereco",
										 "morada",
										 "adres",
										 "location",
										 "wohnort",
										 "residence",
										 "ort",
										 "lieu",
										 "ville",
										 "ciudad",
										 "city",
										 "home address",
										 "current location",
										 "based in",
										 "localisation",
										 "ubicacion"};
	char plain[64];

	if (n == 0 || n > 40)
		return false;
	return is_one_of(plain, words_plain(text, n, plain, sizeof plain), WORDS(labels));
}

/* Whether the line before is a label of its own: a rail, a cell, a small heading. */
static bool label_above(const struct reading *r, int i)
{
	return i > 0 && is_location_label(r->d->lines[i - 1].text, strlen(r->d->lines[i - 1].text));
}

static void read_address(struct reading *r, const struct address *a, double sure,
						 struct resume *out)
{
	for (int i = 0; i < a->n; i++)
		piece_read(r, &a->pieces[i], i, a->n, sure, out);
}

/* "Postal Code & City  101233 Lagos", "Region  Lagos State": parts of an address with labels of
 * their own. */
static bool labelled_part(struct reading *r, int i, struct resume *out)
{
	const char *s = r->d->lines[i].text, *tab = strpbrk(s, "\t:");
	struct address a = {0};
	char plain[64];

	if (tab == NULL || tab - s > 40 || out->address == NULL)
		return false;
	words_plain(s, (size_t)(tab - s), plain, sizeof plain);
	if (strstr(plain, "postal") == NULL && strstr(plain, "zip") == NULL &&
		strcmp(plain, "region") != 0 && strcmp(plain, "country") != 0 &&
		strcmp(plain, "city") != 0 && strcmp(plain, "state") != 0 && strcmp(plain, "plz ort") != 0)
		return false;
	pieces_add(s, i, (size_t)(tab - s) + 1, strlen(s), &a);
	if (a.n > 0)
		read_address(r, &a, 0.9, out);
	return true;
}

/* The next line, if the address goes on there: it begins with the postcode, or the line ends in a
 * comma. */
static void go_on(struct reading *r, int i, size_t end, struct address *a)
{
	const struct line *l = &r->d->lines[i], *next = l + 1;
	size_t n = strlen(l->text);

	if (i + 1 >= r->d->nlines || end < n || next->block != l->block || strlen(next->text) > 60 ||
		strpbrk(next->text, "@|\t+/") != NULL || line_hidden(next))
		return;
	if (l->text[n - 1] == ',' ||
		(has_digit(l->text, n) &&
		 (postcode_at(next->text, strlen(next->text)) > 0 || strchr(next->text, ',') != NULL)))
		pieces_add(next->text, i + 1, 0, strlen(next->text), a);
}

/* Bytes of what divides stretches of a line at s: a tab, a bar, a bullet, a dash or stroke between
 * blanks; 0 if nothing does. */
static size_t divider_at(const char *s)
{
	static const char *const dividers[] = {
		"\t",
		"|",
		"\xE2\x80\xA2",
		"\xC2\xB7",
		" \xE2\x80\x93 ",
		" \xE2\x80\x94 ",
		" - ",
		" / ",
		"\xE2\x97\x8F",
		"\xE2\x96\xAA",
		"\xE2\x97\x86",
		"\xE2\x8B\x85",
		"   ",
		" \xE2\x80\x83",
	};

	if (strchr("\t| \xE2\xC2", *s) == NULL)
		return 0;
	for (size_t i = 0; i < sizeof dividers / sizeof *dividers; i++)
		if (text_starts(s, dividers[i]))
			return strlen(dividers[i]);
	return 0;
}

static size_t stretch_length(const char *s)
{
	size_t n = 0;

	while (s[n] != '\0' && divider_at(s + n) == 0)
		n++;
	return n;
}

/* An e-mail address, a link or a telephone number among the parts of an address. */
static bool is_contact(const char *s, size_t n)
{
	size_t digits = 0;

	for (size_t i = 0; i < n; i++)
		digits += s[i] >= '0' && s[i] <= '9';
	return digits >= 8 || memchr(s, '@', n) != NULL || memchr(s, ':', n) != NULL ||
		   memmem(s, n, "www.", 4) != NULL || memmem(s, n, ".com", 4) != NULL ||
		   (n > 1 && s[strspn(s, " ")] == '+') || memmem(s, n, "/in/", 4) != NULL;
}

/* Adds the parts of a stretch between its commas, as far as they can belong to one address. */
static void stretch_pieces(const char *s, int line, size_t from, size_t end, struct address *a)
{
	while (from < end) {
		const char *comma = memchr(s + from, ',', end - from);
		size_t n = comma == NULL ? end - from : (size_t)(comma - s) - from;

		if (!is_contact(s + from, n))
			pieces_add(s, line, from, from + n, a);
		else if (a->n > 0)
			return;
		from += n + 1;
	}
}

/* "Location Da Nang": bytes of a label at the beginning with nothing but a blank behind it. */
static size_t bare_label(const char *s, size_t n)
{
	size_t end = 0, best = 0;

	for (int words = 0; words < 2 && end < n; words++) {
		end += strcspn(s + end, " ");
		if (end >= n)
			break;
		if (is_location_label(s, end))
			best = end + 1;
		end++;
	}
	return best;
}

/* The first stretch of the line that is an address. */
static bool line_read(struct reading *r, int i, struct resume *out)
{
	const char *s = r->d->lines[i].text;
	bool labelled = label_above(r, i);

	for (size_t from = 0; s[from] != '\0';) {
		size_t n = stretch_length(s + from), bare;
		struct address a = {0};
		const char *colon = memchr(s + from, ':', n);
		double sure;

		if (is_location_label(s + from, colon != NULL ? (size_t)(colon - s) - from : n)) {
			labelled = true;
			from = colon != NULL ? (size_t)(colon - s) + 1 : from + n;
			from += strspn(s + from, "\t ");
			continue;
		}
		bare = bare_label(s + from, n);
		if (n < STRETCH_MAX)
			stretch_pieces(s, i, from + bare, from + n, &a);
		if (a.n > 0)
			go_on(r, i, from + n, &a);
		sure = a.n > 0 ? is_address(r, &a, labelled || bare > 0, beside_contact(r, i)) : 0;
		if (sure > 0) {
			read_address(r, &a, sure, out);
			return true;
		}
		from += n;
		from += divider_at(s + from);
		labelled = false;
	}
	return false;
}

void location_read(struct reading *r, struct resume *out)
{
	int lines = r->d->nlines < LINES_MAX ? r->d->nlines : LINES_MAX;
	bool found = false;

	for (int i = 0; i < lines; i++) {
		const struct line *l = &r->d->lines[i];
		enum section_kind k = r->notes[i].section;

		if (line_hidden(l) || i == r->name_line || (l->page > 0 && !r->notes[i].loose))
			continue;
		if (k != SECTION_HEAD && k != SECTION_CONTACT && !r->notes[i].loose &&
			l->region == REGION_BODY && !beside_contact(r, i))
			continue;
		if (found) {
			if (!labelled_part(r, i, out) && i > r->name_line + 40)
				break;
			continue;
		}
		found = line_read(r, i, out);
	}
}

/*
 * See dates.h. A cursor walks over the text; at the beginning of each word it tries, from the most
 * telling form to the least: a month's name with its year, a numeric date, a season with its year,
 * a year alone. What follows the date then decides whether it is a range.
 */
#include "parse/extract/dates.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "data/words.h"

enum { WORD_MAX = 24, WORDS_BEFORE_YEAR = 64, SHORT_YEAR_PIVOT = 45 };

struct cursor {
	const char *s;
	size_t n, at;
};

/* Phrases in plain form, longest first where one begins another. */
static const char *const present_words[] = {
	"present",      "presente",    "currently",   "current",    "now",           "today",
	"to date",      "date",        "ongoing",     "on going",   "till date",     "heute",
	"jetzt",        "aktuell",     "laufend",     "dato",       "aujourd hui",   "aujourdhui",
	"actuellement", "ce jour",     "en cours",    "maintenant", "la actualidad", "actualidad",
	"la fecha",     "actualmente", "actual",      "actuel",     "hoy",           "presentemente",
	"oggi",         "attuale",     "attualmente", "in corso",   "atualmente",    "atual",
	"o momento",    "hoje",        "heden",       "nu",         "p resent",
};
static const char *const since_words[] = {"since", "seit", "depuis", "desde", "sinds", "dal",
										  "from",  "von",  "ab",     "du",    "de",    "vanaf"};
static const char *const openers[] = {"since", "seit", "depuis",
									  "sinds", "ab",   "vanaf"}; /* go on without an end */
static const char *const until_words[] = {
	"to",      "until",    "till",  "through",  "thru", "bis",    "bis zum", "a",   "au",  "jusqu",
	"jusqu a", "jusqu en", "hasta", "hasta la", "al",   "fino a", "fino al", "ate", "tot",
};
static const char *const seasons[] = {
	"spring",         "summer", "autumn",    "fall",   "winter",  "fruhjahr", "fruhling",
	"sommer",         "herbst", "printemps", "ete",    "automne", "hiver",    "primavera",
	"verano",         "otono",  "invierno",  "estate", "autunno", "inverno",  "wintersemester",
	"sommersemester", "ws",     "ss",        "q1",     "q2",      "q3",       "q4",
};

static const struct {
	const char *word;
	int month;
} months[] = {
	{"jan", 1},       {"january", 1},   {"januar", 1},     {"janner", 1},    {"janvier", 1},
	{"janv", 1},      {"enero", 1},     {"ene", 1},        {"gennaio", 1},   {"gen", 1},
	{"janeiro", 1},   {"januari", 1},   {"feb", 2},        {"february", 2},  {"februar", 2},
	{"feber", 2},     {"fevrier", 2},   {"fevr", 2},       {"fev", 2},       {"febrero", 2},
	{"febbraio", 2},  {"fevereiro", 2}, {"februari", 2},   {"mar", 3},       {"march", 3},
	{"marz", 3},      {"maerz", 3},     {"mrz", 3},        {"mars", 3},      {"marzo", 3},
	{"marco", 3},     {"maart", 3},     {"mrt", 3},        {"apr", 4},       {"april", 4},
	{"avril", 4},     {"avr", 4},       {"abril", 4},      {"abr", 4},       {"aprile", 4},
	{"may", 5},       {"mai", 5},       {"mayo", 5},       {"maggio", 5},    {"mag", 5},
	{"maio", 5},      {"mei", 5},       {"jun", 6},        {"june", 6},      {"juni", 6},
	{"juin", 6},      {"junio", 6},     {"giugno", 6},     {"giu", 6},       {"junho", 6},
	{"jul", 7},       {"july", 7},      {"juli", 7},       {"juillet", 7},   {"juil", 7},
	{"julio", 7},     {"luglio", 7},    {"lug", 7},        {"julho", 7},     {"aug", 8},
	{"august", 8},    {"aout", 8},      {"agosto", 8},     {"ago", 8},       {"augustus", 8},
	{"sep", 9},       {"sept", 9},      {"september", 9},  {"septembre", 9}, {"septiembre", 9},
	{"setiembre", 9}, {"settembre", 9}, {"setembro", 9},   {"set", 9},       {"oct", 10},
	{"october", 10},  {"okt", 10},      {"oktober", 10},   {"octobre", 10},  {"octubre", 10},
	{"ottobre", 10},  {"ott", 10},      {"outubro", 10},   {"out", 10},      {"nov", 11},
	{"november", 11}, {"novembre", 11}, {"noviembre", 11}, {"novembro", 11}, {"dec", 12},
	{"december", 12}, {"dez", 12},      {"dezember", 12},  {"decembre", 12}, {"diciembre", 12},
	{"dic", 12},      {"dicembre", 12}, {"dezembro", 12},
};

/* ---- the cursor ---- */

static bool is_digit(const struct cursor *c, size_t at)
{
	return at < c->n && c->s[at] >= '0' && c->s[at] <= '9';
}

static size_t digits_at(const struct cursor *c, size_t at)
{
	size_t n = 0;

	while (is_digit(c, at + n))
		n++;
	return n;
}

static int number_at(const struct cursor *c, size_t at, size_t n)
{
	int v = 0;

	for (size_t i = 0; i < n && i < 8; i++)
		v = v * 10 + (c->s[at + i] - '0');
	return v;
}

/* The sign at a place: blanks of any kind are ' ', dashes of any kind '-', apostrophes '\''; other
 * ASCII itself. */
static char sign_at(const struct cursor *c, size_t at, size_t *length)
{
	uint32_t cp;

	*length = 0;
	if (at >= c->n)
		return '\0';
	*length = char_at(c->s + at, c->s + c->n, &cp);
	if (cp == '\t' || cp == 0xA0 || (cp >= 0x2000 && cp <= 0x200A) || cp == 0x202F)
		return ' ';
	if ((cp >= 0x2010 && cp <= 0x2015) || cp == 0x2212 || cp == '~' || cp == 0x2192 || cp == 0xAD)
		return '-';
	if (cp == 0x2019 || cp == 0x2018 || cp == '`' || cp == 0xB4)
		return '\'';
	return cp < 0x80 ? (char)cp : '\1';
}

static size_t skip_blanks(const struct cursor *c, size_t at)
{
	size_t length;

	while (sign_at(c, at, &length) == ' ')
		at += length;
	return at;
}

static size_t skip_any(const struct cursor *c, size_t at, const char *signs)
{
	for (;;) {
		size_t length;
		char sign = sign_at(c, at, &length);

		if (sign == '\0' || strchr(signs, sign) == NULL)
			return at;
		at += length;
	}
}

/* The word at a place in plain form; returns its bytes, 0 if there is none. */
static size_t word_at(const struct cursor *c, size_t at, char out[WORD_MAX])
{
	size_t end = at;

	while (end < c->n && end - at < WORD_MAX * 2) {
		uint32_t cp;
		size_t length = char_at(c->s + end, c->s + c->n, &cp);
		enum char_class class = char_class(cp);

		if (class != CHAR_LETTER && class != CHAR_MARK && !(class == CHAR_DIGIT && end > at))
			break;
		end += length;
	}
	if (end > at)
		words_plain(c->s + at, end - at, out, WORD_MAX);
	return end - at;
}

/* Bytes from a place to the end of the phrase, whose first word ends at end; 0 if it is another. */
static size_t phrase_end(const struct cursor *c, size_t end, const char *rest)
{
	while (*rest == ' ') {
		size_t want = strcspn(++rest, " "), got;
		char word[WORD_MAX];

		end = skip_any(c, end, " '");
		got = word_at(c, end, word);
		if (got == 0 || strlen(word) != want || memcmp(word, rest, want) != 0)
			return 0;
		end += got;
		rest += want;
	}
	return end;
}

/* The longest of the phrases that stands at a place; returns its bytes. */
static size_t phrase_at(const struct cursor *c, size_t at, const char *const *phrases, size_t n)
{
	char first[WORD_MAX];
	size_t length = word_at(c, at, first), plain, best = 0;

	if (length == 0)
		return 0;
	plain = strlen(first);
	for (size_t i = 0; i < n; i++) {
		size_t end;

		if (phrases[i][0] != first[0] || strncmp(phrases[i], first, plain) != 0 ||
			(phrases[i][plain] != '\0' && phrases[i][plain] != ' '))
			continue;
		end = phrase_end(c, at + length, phrases[i] + plain);
		if (end > at + best)
			best = end - at;
	}
	return best;
}

#define PHRASE_AT(c, at, table) phrase_at((c), (at), (table), sizeof(table) / sizeof *(table))

static int month_at(const struct cursor *c, size_t at, size_t *length)
{
	char word[WORD_MAX];

	*length = word_at(c, at, word);
	if (*length < 3)
		return 0;
	for (size_t i = 0; i < sizeof months / sizeof *months; i++)
		if (months[i].word[0] == word[0] && strcmp(months[i].word, word) == 0)
			return months[i].month;
	return 0;
}

/* ---- single dates: each returns the bytes it took, 0 if it is none ---- */

static bool is_year(int v)
{
	return v >= DATE_YEAR_MIN && v <= DATE_YEAR_MAX;
}

static int full_year(int two)
{
	return two <= SHORT_YEAR_PIVOT ? 2000 + two : 1900 + two;
}

/* A year of four digits, or of two behind an apostrophe; two digits alone only if bare. */
static size_t year_at(const struct cursor *c, size_t at, bool bare, int *year)
{
	size_t length, n = digits_at(c, at);

	if (n == 4 && is_year(number_at(c, at, 4))) {
		*year = number_at(c, at, 4);
		return 4;
	}
	if (n == 2 && bare) {
		*year = full_year(number_at(c, at, 2));
		return 2;
	}
	if (sign_at(c, at, &length) == '\'' && digits_at(c, at + length) == 2) {
		*year = full_year(number_at(c, at + length, 2));
		return length + 2;
	}
	return 0;
}

/* What may stand between a month and its year: "March, 2019", "marzo de 2019", "Jan-19", "Sept.
 * '20". */
static size_t between(const struct cursor *c, size_t at, bool *bare)
{
	static const char *const of[] = {"de", "del", "of", "do", "di"};
	size_t end = skip_any(c, at, " .,/"), length, word;
	char sign;

	*bare = false;
	word = PHRASE_AT(c, end, of);
	if (word > 0)
		return skip_blanks(c, end + word);
	sign = sign_at(c, end, &length);
	if (sign == '-' && end == at) {
		*bare = digits_at(c, end + length) == 2;
		return end + length;
	}
	return end;
}

/* "15" of "March 15, 2019", with its comma or ordinal; 0 if what stands there is no day. */
static size_t day_at(const struct cursor *c, size_t at, int *day)
{
	static const char *const ordinals[] = {"st", "nd", "rd", "th", "er"};
	size_t n = digits_at(c, at), end = at + n;

	if (n == 0 || n > 2 || number_at(c, at, n) < 1 || number_at(c, at, n) > 31)
		return 0;
	*day = number_at(c, at, n);
	end += PHRASE_AT(c, end, ordinals);
	return end - at;
}

/* "March 2019", "March 15, 2019"; without a year if yearless is allowed. */
static size_t named_month(const struct cursor *c, size_t at, bool yearless, struct date *d)
{
	size_t length, end, n;
	bool bare;
	int month = month_at(c, at, &length), day = 0, year = 0;

	if (month == 0)
		return 0;
	end = between(c, at + length, &bare);
	n = year_at(c, end, bare, &year);
	if (n > 0 && !is_digit(c, end + n)) {
		*d = (struct date){year, month, 0};
		return end + n - at;
	}
	n = day_at(c, end, &day);
	if (n > 0) {
		size_t y = skip_any(c, end + n, " ,");
		size_t m = y > end + n ? year_at(c, y, false, &year) : 0;

		if (m > 0) {
			*d = (struct date){year, month, day};
			return y + m - at;
		}
	}
	if (!yearless)
		return 0;
	*d = (struct date){0, month, 0};
	return length;
}

/* "15 March 2019", "1er mars 2019", "15. März 2019", "15 de marzo de 2019". */
static size_t day_first(const struct cursor *c, size_t at, struct date *d)
{
	static const char *const of[] = {"de", "of"};
	int day;
	size_t n = day_at(c, at, &day), end, word;

	if (n == 0)
		return 0;
	end = skip_any(c, at + n, " .-");
	word = PHRASE_AT(c, end, of);
	end = skip_blanks(c, end + word);
	n = named_month(c, end, false, d);
	if (n == 0 || d->day != 0)
		return 0;
	d->day = day;
	return end + n - at;
}

/* Three numbers: "2019-03-15", "15.03.2019", "03/15/2019". A day that may be a month is neither. */
static bool three_numbers(const int v[3], const size_t n[3], char sign, struct date *d)
{
	if (n[0] == 4 && is_year(v[0]) && n[1] <= 2 && n[2] <= 2 && v[1] >= 1 && v[1] <= 12 &&
		v[2] >= 1 && v[2] <= 31) {
		*d = (struct date){v[0], v[1], v[2]};
		return true;
	}
	if (n[2] != 4 || !is_year(v[2]) || n[0] > 2 || n[1] > 2 || v[0] < 1 || v[1] < 1)
		return false;
	if (v[1] <= 12 && v[0] <= 31 && (v[0] > 12 || sign == '.' || v[0] == v[1]))
		*d = (struct date){v[2], v[1], v[0]};
	else if (v[0] <= 12 && v[1] > 12 && v[1] <= 31)
		*d = (struct date){v[2], v[0], v[1]};
	else if (v[0] <= 12 && v[1] <= 12)
		*d = (struct date){v[2], 0, 0};
	else
		return false;
	return true;
}

/* Two numbers: "03/2019", "2019-03". "2011/12" and "2018-19" are no months but ranges. */
static bool two_numbers(const int v[2], const size_t n[2], char sign, struct date *d)
{
	if (n[0] <= 2 && n[1] == 4 && v[0] >= 1 && v[0] <= 12 && is_year(v[1])) {
		*d = (struct date){v[1], v[0], 0};
		return true;
	}
	if (n[0] != 4 || n[1] != 2 || !is_year(v[0]) || v[1] < 1 || v[1] > 12 ||
		(sign == '/' && v[1] == v[0] % 100 + 1))
		return false;
	*d = (struct date){v[0], v[1], 0};
	return true;
}

static size_t numeric(const struct cursor *c, size_t at, struct date *d)
{
	int v[3] = {0};
	size_t n[3] = {0}, ends[3] = {0}, count = 0, end = at;
	char sign = '\0';

	while (count < 3) {
		n[count] = digits_at(c, end);
		if (n[count] == 0 || n[count] > 4)
			break;
		v[count] = number_at(c, end, n[count]);
		end += n[count];
		ends[count++] = end;
		if (end >= c->n || strchr("./-", c->s[end]) == NULL || (sign != '\0' && c->s[end] != sign))
			break;
		sign = c->s[end++];
	}
	if (count == 3 && !is_digit(c, ends[2]) && three_numbers(v, n, sign, d))
		return ends[2] - at;
	if (count >= 2 && (count == 2 || sign == '-') && !is_digit(c, ends[1]) &&
		two_numbers(v, n, sign, d))
		return ends[1] - at;
	return 0;
}

static size_t season(const struct cursor *c, size_t at, struct date *d)
{
	static const char *const of[] = {"de", "of"};
	size_t n = PHRASE_AT(c, at, seasons), end, word;

	if (n == 0)
		return 0;
	end = skip_any(c, at + n, " ,");
	word = PHRASE_AT(c, end, of);
	end = skip_blanks(c, end + word);
	*d = (struct date){0};
	word = year_at(c, end, false, &d->year);
	return word == 0 || is_digit(c, end + word) ? 0 : end + word - at;
}

static size_t lone_year(const struct cursor *c, size_t at, struct date *d)
{
	int year = 0;
	size_t n = year_at(c, at, false, &year), length;

	if (n == 0 || is_digit(c, at + n))
		return 0;
	if (at + n < c->n && (strchr("%$+", c->s[at + n]) != NULL ||
						  (strchr(".,", c->s[at + n]) != NULL && is_digit(c, at + n + 1))))
		return 0;
	if (sign_at(c, at + n, &length) == '\1') {
		char word[WORD_MAX];

		if (word_at(c, at + n, word) > 0)
			return 0;
	}
	if (at + n < c->n && ((c->s[at + n] | 32) >= 'a' && (c->s[at + n] | 32) <= 'z'))
		return 0;
	*d = (struct date){year, 0, 0};
	return n;
}

static size_t one_date(const struct cursor *c, size_t at, bool yearless, struct date *d)
{
	size_t n = 0;

	if (is_digit(c, at)) {
		n = numeric(c, at, d);
		if (n == 0)
			n = day_first(c, at, d);
	} else if (c->s[at] != '\'' && c->s[at] != '\xE2') {
		n = named_month(c, at, yearless, d);
		if (n == 0)
			n = season(c, at, d);
	}
	return n > 0 ? n : lone_year(c, at, d);
}

/* ---- ranges ---- */

static bool before(struct date a, struct date b)
{
	return a.year != b.year ? a.year < b.year : a.month != 0 && b.month != 0 && a.month < b.month;
}

/* "20" of "2018–20" or "2018/19". */
static size_t short_end(const struct cursor *c, size_t at, struct date from, struct date *to)
{
	int v;

	if (from.year == 0 || digits_at(c, at) != 2)
		return 0;
	v = number_at(c, at, 2);
	if (v <= from.year % 100 || from.year - from.year % 100 + v > from.year + 60)
		return 0;
	*to = (struct date){from.year - from.year % 100 + v, 0, 0};
	return 2;
}

/* Past a dash or a word such as "to"; at itself if there is none. */
static size_t skip_until(const struct cursor *c, size_t at)
{
	size_t end = skip_blanks(c, at), length, n;
	char sign = sign_at(c, end, &length);

	if (sign == '-') {
		end = skip_any(c, end, "-");
		end = skip_blanks(c, end);
		n = PHRASE_AT(c, end, until_words);
		return n > 0 ? skip_any(c, end + n, " '") : end;
	}
	if (sign == '/' && (digits_at(c, end + 1) == 2 || end > at))
		return skip_blanks(c, end + 1);
	n = PHRASE_AT(c, end, until_words);
	return n > 0 && end > at ? skip_any(c, end + n, " '") : at;
}

static bool range_end(const struct cursor *c, size_t at, struct date_span *d)
{
	size_t n = PHRASE_AT(c, at, present_words);

	if (n > 0) {
		d->open = true;
	} else {
		n = one_date(c, at, false, &d->to);
		if (n == 0)
			n = short_end(c, at, d->from, &d->to);
		if (n == 0)
			return false;
	}
	d->to_start = at;
	d->to_end = d->end = at + n;
	return true;
}

static bool only_blanks(const struct cursor *c, size_t at)
{
	size_t length, end = skip_blanks(c, at);
	char sign = sign_at(c, end, &length);

	return sign == '\0' || sign == ')' || sign == ']' ||
		   (end > at && memchr(c->s + at, '\t', end - at) != NULL);
}

static void read_range(const struct cursor *c, struct date_span *d)
{
	size_t at = skip_until(c, d->from_end), length, dash;

	if (at > d->from_end && range_end(c, at, d)) {
		if (!d->open && before(d->to, d->from) && d->from.year != 0) {
			d->to = (struct date){0};
			d->to_start = d->to_end = d->end = d->from_end;
		}
		if (d->from.year == 0)
			d->from.year = d->to.year - (d->to.month != 0 && d->to.month < d->from.month);
		return;
	}
	dash = skip_blanks(c, d->from_end);
	if (d->from.year == 0 || sign_at(c, dash, &length) != '-')
		return;
	dash = skip_any(c, dash, "-");
	d->dangling = true;
	if (only_blanks(c, dash)) {
		d->open = true;
		d->end = dash;
	}
}

/* The word that begins a range, "since"; returns where the date begins. */
static size_t skip_since(const struct cursor *c, size_t at, bool *open)
{
	size_t n = PHRASE_AT(c, at, since_words), end;

	*open = n > 0 && PHRASE_AT(c, at, openers) == n;
	if (n == 0)
		return at;
	end = skip_blanks(c, at + n);
	return end > at + n ? end : at;
}

static bool span_at(const struct cursor *c, size_t at, struct date_span *d)
{
	bool opener;
	size_t from = skip_since(c, at, &opener), n;

	*d = (struct date_span){.start = at, .from_start = from};
	if (from >= c->n)
		return false;
	n = one_date(c, from, true, &d->from);
	if (n == 0)
		return false;
	d->from_end = d->to_start = d->to_end = d->end = from + n;
	read_range(c, d);
	if (d->from.year == 0)
		return false;
	if (opener && d->to.year == 0)
		d->open = true;
	return true;
}

size_t dates_find(const char *s, size_t n, struct date_span *out, size_t max)
{
	struct cursor c = {.s = s, .n = n};
	size_t found = 0, digit = 0;
	bool inside = false; /* within a word */

	while (c.at < n && found < max) {
		uint32_t cp;
		size_t length = char_at(s + c.at, s + n, &cp);
		enum char_class class = char_class(cp);
		bool starts;

		while (digit < c.at || (digit < n && !is_digit(&c, digit)))
			digit++;
		if (digit == n)
			break;
		starts = digit - c.at < WORDS_BEFORE_YEAR &&
				 (class == CHAR_LETTER || class == CHAR_DIGIT || cp == '\'' || cp == 0x2019);

		if (starts && !inside && span_at(&c, c.at, &out[found])) {
			c.at = out[found++].end;
			inside = false;
			continue;
		}
		inside = class == CHAR_LETTER || class == CHAR_DIGIT || class == CHAR_MARK || cp == '.' ||
				 cp == '/' || (cp == '-' && inside) || cp == '@' || cp == '_' || cp == '+' ||
				 cp == '$';
		c.at += length;
	}
	return found;
}

bool dates_end(const char *s, size_t n, struct date_span *out)
{
	struct cursor c = {.s = s, .n = n};
	struct date_span d = {0};
	size_t at = skip_until(&c, 0);

	if (n == 0 || !range_end(&c, at, &d) || (d.to.year == 0 && !d.open))
		return false;
	*out = d;
	return true;
}

bool date_is_range(const struct date_span *d)
{
	return d->open || d->to.year != 0;
}

/* ---- what is done with them ---- */

const char *date_iso(struct arena *a, struct date d)
{
	if (d.year == 0)
		return NULL;
	if (d.month == 0)
		return arena_printf(a, "%04d", d.year);
	if (d.day == 0)
		return arena_printf(a, "%04d-%02d", d.year, d.month);
	return arena_printf(a, "%04d-%02d-%02d", d.year, d.month, d.day);
}

struct months date_months(const struct date_span *d, struct date now)
{
	enum { MIDDLE = 6 };
	int today = now.year * 12 + now.month;
	struct months m = {.from =
						   d->from.year * 12 + (d->from.month != 0 ? d->from.month - 1 : MIDDLE)};

	if (d->open)
		m.to = today;
	else if (d->to.year != 0)
		m.to = d->to.year * 12 + (d->to.month != 0 ? d->to.month : MIDDLE);
	else
		m.to = m.from;
	if (m.to > today)
		m.to = today;
	return m;
}

static int compare_months(const void *a, const void *b)
{
	return ((const struct months *)a)->from - ((const struct months *)b)->from;
}

double date_years(struct months *stretches, size_t n)
{
	int total = 0, end = 0;

	qsort(stretches, n, sizeof *stretches, compare_months);
	for (size_t i = 0; i < n; i++) {
		int from = stretches[i].from > end ? stretches[i].from : end;

		if (stretches[i].to <= from)
			continue;
		total += stretches[i].to - from;
		end = stretches[i].to;
	}
	return total / 12.0;
}

struct date date_of(long long us)
{
	time_t seconds = (time_t)(us / 1000000);
	struct tm tm = {0};

	gmtime_r(&seconds, &tm);
	return (struct date){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday};
}

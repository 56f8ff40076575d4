/*
 * Parts of heading lines: what stands between tabs, bars, bullets, dashes, brackets, commas and
 * words such as "at". Dates are left out. Commas divide weakly: the parts remember that they belong
 * together.
 */
#include <string.h>

#include "base/text.h"
#include "parse/extract/history.h"
#include "parse/extract/scan.h"

enum { PART_BYTES_MAX = 160 };

static const char *const strong[] = {
	"\t",
	"|",
	"\xE2\x80\xA2",
	"\xC2\xB7",
	" - ",
	" \xE2\x80\x93 ",
	" \xE2\x80\x94 ",
	" \xE2\x80\x93",
	" \xE2\x80\x94",
	"\xE2\x80\x94",
	" @ ",
	" at ",
	" bei ",
	" bei der ",
	" beim ",
	" chez ",
	" presso ",
	" / ",
	"; ",
	" \xE2\x97\x8B ",
	"\xE2\x97\x8F",
	"\xE2\x96\xAA",
	": ",
};

/* Bytes of the separator at a place; 0 if there is none. */
static size_t separator_at(const char *s, size_t left)
{
	size_t best = 0;

	if (strchr("\t| ;:\xE2\xC2", *s) == NULL)
		return 0;
	for (size_t i = 0; i < sizeof strong / sizeof *strong; i++) {
		size_t n = strlen(strong[i]);

		if (n > best && n <= left && memcmp(s, strong[i], n) == 0)
			best = n;
	}
	return best;
}

static bool is_legal_form(const char *s, size_t n)
{
	static const char *const forms[] = {"inc", "ltd", "llc", "llp",     "gmbh",        "corp",
										"co",  "plc", "sa",  "sas",     "sarl",        "srl",
										"ag",  "kg",  "bv",  "nv",      "lp",          "pc",
										"s a", "s l", "sl",  "limited", "incorporated"};
	char plain[24];

	return n <= 16 && is_one_of(plain, words_plain(s, n, plain, sizeof plain), WORDS(forms));
}

static bool has_digit(const char *plain)
{
	return strpbrk(plain, "0123456789") != NULL;
}

/* "Year 4", "A320" behind a title: part of it, and neither a company nor a place. */
static bool is_rank(const struct part *p)
{
	return p->comma && p->end - p->start <= 8 && has_digit(p->plain);
}

struct cut {
	struct reading *r;
	struct entry *e;
	int line, row, index;
	bool bracket;
};

static void part_add(struct cut *c, size_t start, size_t end, bool comma)
{
	const char *s = c->r->d->lines[c->line].text;
	char plain[PART_BYTES_MAX * 2];
	struct part *p;

	while (start < end && strchr(" \t,;:|-()[]/", s[start]) != NULL)
		start++;
	while (end > start && strchr(" \t,;:|-()[]/", s[end - 1]) != NULL)
		end--;
	for (;;) {
		uint32_t cp;
		size_t n = start < end ? char_at(s + start, s + end, &cp) : 0;

		if (n == 0 || !(cp == 0x2022 || cp == 0xB7 || (cp >= 0x2010 && cp <= 0x2015) ||
						(cp >= 0x25A0 && cp <= 0x25FF) || cp == ' ' || cp == 0xA0))
			break;
		start += n;
	}
	while (end >= start + 3 && s[end - 3] == '\xE2' && s[end - 2] == '\x80' &&
		   (unsigned char)s[end - 1] <= 0x95)
		for (end -= 3; end > start && s[end - 1] == ' ';)
			end--;
	if (start >= end || c->e->nparts == PARTS_MAX || end - start > PART_BYTES_MAX)
		return;
	words_plain(s + start, end - start, plain, sizeof plain);
	if (*plain == '\0')
		return;
	p = &c->e->parts[c->e->nparts++];
	*p = (struct part){.line = c->line,
					   .start = start,
					   .end = end,
					   .row = c->row,
					   .index = c->index++,
					   .comma = comma,
					   .bracket = c->bracket,
					   .plain = arena_strdup(c->r->arena, plain)};
	p->used = part_is_noise(p, s) || is_rank(p);
	c->index -= is_rank(p);
}

/* Divides [from, end) of the line. */
static void divide(struct cut *c, size_t from, size_t end)
{
	const char *s = c->r->d->lines[c->line].text;
	size_t start = from;
	bool comma = false;

	for (size_t i = from; i < end;) {
		size_t n = separator_at(s + i, end - i);

		if (n > 0 || s[i] == '(' || s[i] == ')') {
			part_add(c, start, i, comma);
			c->bracket = s[i] == '(' || (c->bracket && s[i] != ')');
			comma = false;
			i += n > 0 ? n : 1;
			start = i;
		} else if (s[i] == ',' && i + 1 < end && s[i + 1] == ' ') {
			size_t next = i + 2 + strcspn(s + i + 2, ",|(\t");

			if (!is_legal_form(s + i + 2, (next < end ? next : end) - i - 2)) {
				part_add(c, start, i, comma);
				comma = true;
				start = i + 2;
			}
			i += 2;
		} else {
			i++;
		}
	}
	part_add(c, start, end, comma);
}

/* "Employer: Acme": the label is no part. */
static size_t past_label(const char *s, size_t from)
{
	static const char *const labels[] = {
		"company",
		"employer",
		"organisation",
		"organization",
		"position",
		"job title",
		"title",
		"role",
		"occupation",
		"location",
		"place",
		"dates",
		"date",
		"period",
		"duration",
		"degree",
		"institution",
		"school",
		"university",
		"from",
		"firma",
		"arbeitgeber",
		"position",
		"ort",
		"zeitraum",
		"abschluss",
		"hochschule",
		"entreprise",
		"employeur",
		"poste",
		"fonction",
		"lieu",
		"periode",
		"dates",
		"diplome",
		"etablissement",
		"empresa",
		"puesto",
		"cargo",
		"lugar",
		"fecha",
		"fechas",
		"periodo",
		"titulo",
		"centro",
		"occupation or position held",
		"name and address of employer",
		"client",
	};
	const char *colon = strchr(s + from, ':');
	char plain[48];

	if (colon == NULL || (size_t)(colon - s) - from > 40)
		return from;
	words_plain(s + from, (size_t)(colon - s) - from, plain, sizeof plain);
	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
		if (strcmp(plain, labels[i]) == 0)
			return (size_t)(colon - s) + 1;
	return from;
}

void entry_parts(struct reading *r, const struct entries *all, struct entry *e)
{
	int base = 0;

	e->nparts = 0;
	for (int i = 0; i < e->nrows; i++)
		if (e->rows[i] == e->anchor)
			base = i;
	for (int i = 0; i < e->nrows; i++) {
		const struct item *item = &all->items[e->rows[i]];
		struct cut c = {.r = r, .e = e, .line = item->line, .row = i - base};
		const char *s = r->d->lines[item->line].text;
		size_t end = strlen(s), from = past_label(s, item->from);

		if (item->date.end > 0 && item->date.start >= item->from) {
			divide(&c, from < item->date.start ? from : item->date.start, item->date.start);
			c.bracket = false;
			divide(&c, item->date.end, end);
		} else {
			divide(&c, from, end);
		}
	}
}

/* Words about an employment or date that are no name of anything. */
static const char *const employments[] = {
	"full time",
	"part time",
	"contract",
	"permanent",
	"temporary",
	"seasonal",
	"internship",
	"vollzeit",
	"teilzeit",
	"befristet",
	"festanstellung",
	"cdi",
	"cdd",
	"temps plein",
	"temps partiel",
	"alternance",
	"tiempo completo",
	"jornada completa",
	"media jornada",
	"indefinido",
	"current",
	"present",
	"expected",
	"graduated",
	"in progress",
	"ongoing",
	"dates",
	"from",
	"to",
	"since",
	"hons",
	"honours",
	"honors",
	"seit",
	"depuis",
	"desde",
};

bool part_is_noise(const struct part *p, const char *text)
{
	const char *s = p->plain;
	bool digits = false, words = false;

	(void)text;
	if (is_one_of(s, strlen(s), WORDS(employments)))
		return true;
	for (; *s != '\0'; s += lex_word(s), s += *s == ' ') {
		size_t n = lex_word(s);

		if (strspn(s, "0123456789") >= n)
			digits = true;
		else if (n == 1 || lex_is(s, n, LEX_MONTH) || strncmp(s, "year", 4) == 0 ||
				 strncmp(s, "month", 5) == 0 || strncmp(s, "yr", 2) == 0 ||
				 strncmp(s, "mo", n) == 0 || strncmp(s, "mos", n) == 0 ||
				 strncmp(s, "jahr", 4) == 0 || strncmp(s, "monat", 5) == 0 ||
				 strncmp(s, "mois", n) == 0 || strncmp(s, "ans", n) == 0 ||
				 strncmp(s, "ano", 3) == 0 || strncmp(s, "mes", 3) == 0)
			continue;
		else
			words = true;
	}
	return digits && !words;
}

/* "Universidad Central de": the name cannot end here. */
static bool ends_open(const struct part *p)
{
	static const char *const words[] = {"of",  "de",  "del", "des", "du",  "der",
										"fur", "and", "und", "et",  "the", "for",
										"la",  "las", "los", "di",  "da",  "y"};
	const char *last = strrchr(p->plain, ' ');

	for (size_t i = 0; last != NULL && i < sizeof words / sizeof *words; i++)
		if (strcmp(last + 1, words[i]) == 0)
			return true;
	return false;
}

struct quote *quote_parts(struct reading *r, struct entry *e, int first, int last,
						  double confidence)
{
	const struct part *a = &e->parts[first], *b = &e->parts[last];
	struct part *next = last + 1 < e->nparts ? &e->parts[last + 1] : NULL;
	struct quote *q = quote_at(r, a->line, a->start, b->end - a->start, confidence);
	const char *s;
	uint32_t cp;

	if (q == NULL || next == NULL || next->used || next->line != b->line + 1)
		return q;
	s = r->d->lines[next->line].text;
	char_at(s, s + strlen(s), &cp);
	if (next->start == 0 && s[next->end] == '\0' && (char_is_lower(cp) || ends_open(b)) &&
		r->d->lines[b->line].text[b->end] == '\0' &&
		r->d->lines[b->line].block == r->d->lines[next->line].block) {
		next->used = true;
		quote_extend(r, q, next->line, 0);
	}
	return q;
}

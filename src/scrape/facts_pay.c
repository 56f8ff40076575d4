/*
 * Pay of postings; see facts.h. Amounts are read with what stands around them: a currency before or
 * behind, a thousand's letter, a word for the period. Points and commas are taken as thousands
 * where three digits follow, else as a fraction.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/words.h"
#include "scrape/facts.h"

enum { AMOUNTS_MAX = 4, LINE_MAX = 400 };

struct amount {
	double value;
	const char *start, *end;
	const char *currency; /* NULL: none beside it */
	bool thousands;       /* said in thousands ("80k") */
};

static const struct {
	const char *sign, *code;
} currencies[] = {
	{"US$", "USD"},  {"CA$", "CAD"},  {"A$", "AUD"},  {"C$", "CAD"},  {"S$", "SGD"},
	{"R$", "BRL"},   {"NZ$", "NZD"},  {"HK$", "HKD"}, {"$", "USD"},   {"€", "EUR"},
	{"£", "GBP"},    {"¥", "JPY"},    {"₹", "INR"},   {"zł", "PLN"},  {"USD", "USD"},
	{"EUR", "EUR"},  {"GBP", "GBP"},  {"CHF", "CHF"}, {"CAD", "CAD"}, {"AUD", "AUD"},
	{"SEK", "SEK"},  {"NOK", "NOK"},  {"DKK", "DKK"}, {"PLN", "PLN"}, {"CZK", "CZK"},
	{"INR", "INR"},  {"JPY", "JPY"},  {"SGD", "SGD"}, {"BRL", "BRL"}, {"HUF", "HUF"},
	{"NZD", "NZD"},  {"ILS", "ILS"},  {"ZAR", "ZAR"}, {"AED", "AED"}, {"MXN", "MXN"},
	{"Euro", "EUR"}, {"euro", "EUR"}, {"Fr.", "CHF"}, {"RON", "RON"}, {"HKD", "HKD"},
	{"CNY", "CNY"},
};

enum { CURRENCIES = sizeof currencies / sizeof currencies[0] };

const char *fact_period(const char *s)
{
	static const struct {
		const char *period;
		const char *words[14];
	} periods[] = {
		{"hour", {"hour", "hourly", "hr", "h", "stunde", "std", "heure", "hora", "hrs", NULL}},
		{"day", {"day", "daily", "tag", "tagessatz", "jour", "pd", "dia", NULL}},
		{"week", {"week", "weekly", "woche", "semaine", "pw", NULL}},
		{"month",
		 {"month", "monthly", "monat", "monatlich", "mois", "pm", "mtl", "mes", "mo", NULL}},
		{"year",
		 {"year", "yearly", "annual", "annually", "annum", "jahr", "jahrlich", "yr", "an", "pa",
		  "p a", "lpa", NULL}},
	};
	char folded[LINE_MAX], *rest = folded, *word;

	if (s == NULL)
		return NULL;
	words_plain(s, strlen(s), folded, sizeof folded);
	if (strstr(folded, "p a") != NULL || strstr(folded, "per annum") != NULL)
		return "year";
	while ((word = strsep(&rest, " ")) != NULL)
		for (size_t i = 0; i < sizeof periods / sizeof periods[0]; i++)
			for (int k = 0; periods[i].words[k] != NULL; k++)
				if (strcmp(word, periods[i].words[k]) == 0)
					return periods[i].period;
	return NULL;
}

/* The sign or code that ends right before p. */
static const char *currency_before(const char *s, const char *p)
{
	while (p > s && (p[-1] == ' ' || (p - s >= 2 && memcmp(p - 2, "\xC2\xA0", 2) == 0)))
		p -= p[-1] == ' ' ? 1 : 2;
	for (size_t i = 0; i < CURRENCIES; i++) {
		size_t n = strlen(currencies[i].sign);

		if ((size_t)(p - s) < n || memcmp(p - n, currencies[i].sign, n) != 0)
			continue;
		if (isalpha((unsigned char)currencies[i].sign[0]) && p - n > s &&
			isalpha((unsigned char)p[-(long)n - 1]))
			continue;
		return currencies[i].code;
	}
	return NULL;
}

/* The one that begins right behind p. */
static const char *currency_after(const char *p)
{
	while (*p == ' ' || memcmp(p, "\xC2\xA0", *p == '\xC2' ? 2 : 1) == 0)
		p += *p == ' ' ? 1 : 2;
	for (size_t i = 0; i < CURRENCIES; i++) {
		size_t n = strlen(currencies[i].sign);

		if (strncmp(p, currencies[i].sign, n) == 0 && !isalpha((unsigned char)p[n]))
			return currencies[i].code;
	}
	return NULL;
}

/* Length of what may stand between the thousands at p; 0 if nothing that may. */
static size_t separator(const char *p)
{
	if (strchr(",.'", *p) != NULL && *p != '\0')
		return 1;
	if (*p == ' ')
		return 1;
	if (memcmp(p, "\xC2\xA0", *p == '\xC2' ? 2 : 1) == 0)
		return 2;
	if (strncmp(p, "\xE2\x80\x99", 3) == 0 || strncmp(p, "\xE2\x80\xAF", 3) == 0)
		return 3;
	return 0;
}

static size_t count_digits(const char *p)
{
	return strspn(p, "0123456789");
}

/* The number at p, which is a digit. */
static const char *read_number(const char *p, double *value)
{
	double v = 0, part = 0.1;
	size_t n = count_digits(p), sep;

	for (; n > 0; n--)
		v = v * 10 + (*p++ - '0');
	while ((sep = separator(p)) > 0) {
		n = count_digits(p + sep);
		if (n == 3 || (n == 2 && *p == ',' && p[3] == ',')) { /* lakhs: 12,00,000 */
			for (p += sep; n > 0; n--)
				v = v * 10 + (*p++ - '0');
			continue;
		}
		if ((*p != '.' && *p != ',') || n == 0 || n > 2)
			break;
		for (p += sep; n > 0; n--, part /= 10)
			v += part * (*p++ - '0');
		break;
	}
	*value = v;
	return p;
}

/* "k", "K", "lakh"; false for millions, which are no pay. */
static bool read_multiple(const char **p, struct amount *a)
{
	const char *s = *p;

	if ((*s == 'k' || *s == 'K') && !isalpha((unsigned char)s[1])) {
		a->value *= 1000;
		a->thousands = true;
		*p = s + 1;
	}
	s += *s == ' ';
	if (strncasecmp(s, "lpa", 3) == 0 || strncasecmp(s, "lakh", 4) == 0)
		a->value *= 100000;
	return !((*s == 'm' || *s == 'M') &&
			 (!isalpha((unsigned char)s[1]) || strncasecmp(s, "mi", 2) == 0 ||
			  strncasecmp(s, "mrd", 3) == 0 || strncasecmp(s, "mm", 2) == 0)) &&
		   !((*s == 'b' || *s == 'B') &&
			 (!isalpha((unsigned char)s[1]) || strncasecmp(s, "bi", 2) == 0 ||
			  strncasecmp(s, "bn", 2) == 0)) &&
		   *s != '%' && *s != '+';
}

static size_t read_amounts(const char *s, struct amount *out)
{
	size_t n = 0;

	for (const char *p = s; *p != '\0' && n < AMOUNTS_MAX;) {
		struct amount a = {0};

		if (!isdigit((unsigned char)*p) || (p > s && isalpha((unsigned char)p[-1]))) {
			p += isdigit((unsigned char)*p) ? count_digits(p) : 1;
			continue;
		}
		a.start = p;
		p = read_number(p, &a.value);
		a.currency = currency_before(s, a.start);
		if (!read_multiple(&p, &a))
			continue;
		a.end = p;
		if (a.currency == NULL)
			a.currency = currency_after(p);
		if (a.value > 0 && a.value < 1e9)
			out[n++] = a;
	}
	return n;
}

/* Whether what stands between two amounts makes a range of them: a dash, "to", "bis". */
static bool makes_range(const struct amount *a, const struct amount *b)
{
	char between[40];
	size_t n = (size_t)(b->start - a->end);

	if (n >= sizeof between)
		return false;
	memcpy(between, a->end, n);
	between[n] = '\0';
	return strchr(between, '-') != NULL || strstr(between, "\xE2\x80\x93") != NULL ||
		   strstr(between, "\xE2\x80\x94") != NULL || strstr(between, " to ") != NULL ||
		   strstr(between, " bis ") != NULL || strstr(between, " and ") != NULL ||
		   strstr(between, " und ") != NULL || strchr(between, '~') != NULL ||
		   strstr(between, " a ") != NULL || strstr(between, " \xC3\xA0 ") != NULL;
}

static const char *likely_period(double most)
{
	return most >= 15000 ? "year" : most <= 250 ? "hour" : NULL;
}

static void set_range(struct arena *a, const struct amount *x, const struct amount *y,
					  struct pay *out)
{
	double low = x->value, high = y != NULL ? y->value : 0;
	const char *currency = x->currency != NULL ? x->currency : y != NULL ? y->currency : NULL;

	if (y != NULL && y->thousands && !x->thousands && low < 1000)
		low *= 1000; /* "80-100k" */
	if (high > 0 && low > high)
		high = 0;
	out->min = low;
	out->max = high;
	if (currency != NULL)
		out->currency = arena_strdup(a, currency);
}

static bool says(const char *s, const char *one, const char *two)
{
	char folded[LINE_MAX];

	words_plain(s, strlen(s), folded, sizeof folded);
	return strstr(folded, one) != NULL || strstr(folded, two) != NULL;
}

void fact_pay(struct arena *a, const char *s, struct pay *out)
{
	struct amount found[AMOUNTS_MAX];
	char line[LINE_MAX];
	const char *period;
	size_t n;

	if (s == NULL || strlen(s) >= LINE_MAX)
		return;
	memcpy(line, s, strlen(s) + 1);
	n = read_amounts(line, found);
	if (n == 0)
		return;
	set_range(a, &found[0], n > 1 && makes_range(&found[0], &found[1]) ? &found[1] : NULL, out);
	if (out->max == 0 && says(line, "up to", "bis zu")) {
		out->max = out->min;
		out->min = 0;
	}
	period = fact_period(line);
	out->period = period != NULL        ? period
				  : out->period != NULL ? out->period
										: likely_period(out->max > out->min ? out->max : out->min);
}

/* A line of text that is plainly about pay: amounts with a currency, in a range or for a period. */
static bool pay_line(struct arena *a, const char *line, struct pay *out)
{
	struct amount found[AMOUNTS_MAX];
	size_t n = read_amounts(line, found);

	for (size_t i = 0; i < n; i++) {
		const struct amount *next =
			i + 1 < n && makes_range(&found[i], &found[i + 1]) ? &found[i + 1] : NULL;
		const struct amount *last = next != NULL ? next : &found[i];
		char behind[32];
		const char *period;

		snprintf(behind, sizeof behind, "%.24s", last->end);
		period = strpbrk(behind, "/") != NULL || strstr(behind, "per ") != NULL ||
						 strstr(behind, " a ") != NULL || strstr(behind, "pro ") != NULL ||
						 strstr(behind, "p.a.") != NULL || strstr(behind, "annual") != NULL
					 ? fact_period(behind)
					 : NULL;
		if (found[i].currency == NULL && last->currency == NULL)
			continue;
		if (period == NULL && (next == NULL || last->value < 10000))
			continue;
		set_range(a, &found[i], next, out);
		out->period = period != NULL ? period : "year";
		return true;
	}
	return false;
}

void fact_pay_in_text(struct arena *a, const char *text, struct pay *out)
{
	while (text != NULL && *text != '\0') {
		size_t n = strcspn(text, "\n");
		size_t k = n < LINE_MAX ? n : LINE_MAX - 1;

		if (memchr(text, '0', n) != NULL || memchr(text, 'k', n) != NULL ||
			memchr(text, '5', n) != NULL)
			if (pay_line(a, arena_strndup(a, text, k), out))
				return;
		text += text[n] == '\0' ? n : n + 1;
	}
}

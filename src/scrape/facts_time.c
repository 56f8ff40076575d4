/* Times of postings; see facts.h. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "data/words.h"
#include "scrape/facts.h"

enum { YEAR_MIN = 1990, TOKENS = 12, TEXT_MAX = 120 };

#define DAY (INT64_C(86400) * CLOCK_SECOND)

struct date {
	int year, month, day, hour, minute, second, offset; /* minutes east */
};

/* Days since 1970-01-01 in the Gregorian calendar. */
static int64_t days_of(int y, int m, int d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = y / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static int64_t time_of(const struct date *d)
{
	static const int lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (d->year < YEAR_MIN || d->year > 9999 || d->month < 1 || d->month > 12 || d->day < 1 ||
		d->day > lengths[d->month - 1] || d->hour > 24 || d->minute > 59 || d->second > 60)
		return 0;
	return days_of(d->year, d->month, d->day) * DAY +
		   ((d->hour * 60 + d->minute - d->offset) * INT64_C(60) + d->second) * CLOCK_SECOND;
}

/* Reads up to max digits; their number is *n. */
static int digits(const char **s, int max, int *n)
{
	int v = 0;

	for (*n = 0; *n < max && isdigit((unsigned char)**s); ++*n)
		v = v * 10 + (*(*s)++ - '0');
	return v;
}

/* "Z", "+01:00", "-0500", " GMT", " EST". Unknown words are UTC. */
static int zone(const char *s)
{
	static const struct {
		const char *name;
		int minutes;
	} names[] = {{"est", -300}, {"edt", -240}, {"cst", -360}, {"cdt", -300}, {"mst", -420},
				 {"mdt", -360}, {"pst", -480}, {"pdt", -420}, {"cet", 60},   {"cest", 120}};
	int n, hours, minutes, sign;

	while (*s == ' ')
		s++;
	if (*s == '+' || *s == '-') {
		sign = *s++ == '-' ? -1 : 1;
		hours = digits(&s, 2, &n);
		s += *s == ':';
		minutes = digits(&s, 2, &n);
		return hours > 14 || minutes > 59 ? 0 : sign * (hours * 60 + minutes);
	}
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		size_t k = strlen(names[i].name);

		if (strncasecmp(s, names[i].name, k) == 0 && !isalpha((unsigned char)s[k]))
			return names[i].minutes;
	}
	return 0;
}

/* "15:04", "15:04:05.999+01:00" behind a date. */
static void clock_part(const char *s, struct date *d)
{
	int n;

	while (*s == ' ' || *s == 'T' || *s == 't' || *s == ',')
		s++;
	if (!isdigit((unsigned char)*s) || strchr(s, ':') == NULL)
		return;
	d->hour = digits(&s, 2, &n);
	if (*s++ != ':')
		return;
	d->minute = digits(&s, 2, &n);
	if (*s == ':') {
		s++;
		d->second = digits(&s, 2, &n);
	}
	if (*s == '.' || *s == ',')
		for (s++; isdigit((unsigned char)*s);)
			s++;
	d->offset = zone(s);
}

static int64_t iso(const char *s)
{
	struct date d = {.day = 1};
	int n;

	d.year = digits(&s, 4, &n);
	if (n != 4 || (*s != '-' && *s != '/' && *s != '.' && !isdigit((unsigned char)*s)))
		return 0;
	s += !isdigit((unsigned char)*s);
	d.month = digits(&s, 2, &n);
	s += *s == '-' || *s == '/' || *s == '.';
	d.day = digits(&s, 2, &n);
	if (n == 0)
		return 0;
	clock_part(s, &d);
	return time_of(&d);
}

/* "02.01.2025", "1/2/25" */
static int64_t numeric(const char *s, bool day_first)
{
	struct date d = {0};
	int n, a = digits(&s, 2, &n), b;
	char sign = *s;

	if (n == 0 || (sign != '.' && sign != '/' && sign != '-'))
		return 0;
	s++;
	b = digits(&s, 2, &n);
	if (n == 0 || *s++ != sign)
		return 0;
	d.year = digits(&s, 4, &n);
	if (n == 2)
		d.year += 2000;
	day_first = sign == '.' || a > 12 || (day_first && b <= 12);
	d.day = day_first ? a : b;
	d.month = day_first ? b : a;
	clock_part(s, &d);
	return time_of(&d);
}

static int month_of(const char *word)
{
	static const char *const months[12][8] = {
		{"jan", "januar", "january", "janvier", "janv", "enero", "janner", NULL},
		{"feb", "februar", "february", "fevrier", "fevr", "febrero", NULL},
		{"mar", "marz", "march", "mars", "marzo", "mrz", NULL},
		{"apr", "april", "avril", "avr", "abril", NULL},
		{"may", "mai", "mayo", NULL},
		{"jun", "june", "juni", "juin", "junio", NULL},
		{"jul", "july", "juli", "juillet", "juil", "julio", NULL},
		{"aug", "august", "aout", "agosto", NULL},
		{"sep", "sept", "september", "septembre", "septiembre", NULL},
		{"oct", "october", "oktober", "okt", "octobre", "octubre", NULL},
		{"nov", "november", "novembre", "noviembre", NULL},
		{"dec", "december", "dezember", "dez", "decembre", "diciembre", NULL}};

	for (int m = 0; m < 12; m++)
		for (int i = 0; months[m][i] != NULL; i++)
			if (strcmp(word, months[m][i]) == 0)
				return m + 1;
	return 0;
}

struct tokens {
	char text[TEXT_MAX];
	const char *items[TOKENS];
	int n;
};

static void split(const char *s, struct tokens *t)
{
	char *rest = t->text, *word;

	words_plain(s, strlen(s), t->text, sizeof t->text);
	t->n = 0;
	while (t->n < TOKENS && (word = strsep(&rest, " ")) != NULL)
		if (*word != '\0')
			t->items[t->n++] = word;
}

/* The number that a word begins with ("2nd"); 0 if it does not. */
static int leading(const char *word)
{
	int n;

	return digits(&word, 4, &n);
}

/* "Mon, 02 Jan 2006 15:04:05 -0700", "January 2, 2025", "2. Januar 2025" */
static int64_t named(const char *s, const struct tokens *t)
{
	struct date d = {0};
	const char *colon = strchr(s, ':');

	for (int i = 0; i < t->n && d.month == 0; i++) {
		d.month = month_of(t->items[i]);
		if (d.month == 0)
			continue;
		if (i > 0 && isdigit((unsigned char)t->items[i - 1][0]) && i + 1 < t->n) {
			d.day = leading(t->items[i - 1]);
			d.year = leading(t->items[i + 1]);
		} else if (i + 2 < t->n) {
			d.day = leading(t->items[i + 1]);
			d.year = leading(t->items[i + 2]);
		}
	}
	if (d.month == 0)
		return 0;
	if (d.year >= 0 && d.year < 100)
		d.year += 2000;
	if (colon != NULL) {
		while (colon > s && isdigit((unsigned char)colon[-1]))
			colon--;
		clock_part(colon, &d);
	}
	return time_of(&d);
}

static int64_t unit_of(const char *word)
{
	static const struct {
		const char *words[12];
		int64_t length;
	} units[] = {
		{{"minute", "minutes", "min", "mins", "minuten", "m", NULL}, 60 * CLOCK_SECOND},
		{{"hour", "hours", "hr", "hrs", "h", "stunde", "stunden", "std", "heure", "heures", NULL},
		 3600 * CLOCK_SECOND},
		{{"day", "days", "d", "tag", "tage", "tagen", "jour", "jours", "dia", "dias", NULL}, DAY},
		{{"week", "weeks", "w", "wk", "woche", "wochen", "semaine", "semaines", NULL}, 7 * DAY},
		{{"month", "months", "mo", "monat", "monate", "monaten", "mois", "mes", NULL}, 30 * DAY},
		{{"year", "years", "jahr", "jahre", "jahren", "an", "ans", NULL}, 365 * DAY},
	};

	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		for (int k = 0; units[i].words[k] != NULL; k++)
			if (strcmp(word, units[i].words[k]) == 0)
				return units[i].length;
	return 0;
}

/* "3 days ago", "30+ days ago", "vor 2 Wochen", "1d", "today", "just posted" */
static int64_t relative(const struct tokens *t, int64_t now)
{
	static const char *const today[] = {"today", "heute",   "now",    "just",     "new", "neu",
										"hoy",   "aujourd", "gerade", "recently", NULL};
	static const char *const yesterday[] = {"yesterday", "gestern", "hier", "ayer", NULL};

	for (int i = 0; i < t->n; i++) {
		char *end;
		long n = strtol(t->items[i], &end, 10);
		const char *unit = *end != '\0' ? end : i + 1 < t->n ? t->items[i + 1] : "";

		if (strcmp(t->items[i], "a") == 0 || strcmp(t->items[i], "an") == 0 ||
			strcmp(t->items[i], "einem") == 0 || strcmp(t->items[i], "einer") == 0)
			n = 1, unit = i + 1 < t->n ? t->items[i + 1] : "";
		else if (end == t->items[i])
			continue;
		if (n >= 0 && n < 1000 && unit_of(unit) > 0)
			return now - n * unit_of(unit);
	}
	for (int i = 0; i < t->n; i++) {
		for (int k = 0; today[k] != NULL; k++)
			if (strcmp(t->items[i], today[k]) == 0)
				return now;
		for (int k = 0; yesterday[k] != NULL; k++)
			if (strcmp(t->items[i], yesterday[k]) == 0)
				return now - DAY;
	}
	return 0;
}

/* Seconds, milliseconds or microseconds since 1970. */
static int64_t epoch(const char *s)
{
	char *end;
	double v = strtod(s, &end);

	while (isspace((unsigned char)*end))
		end++;
	if (*end != '\0' || v < 6e8)
		return 0;
	return (int64_t)(v < 1e11 ? v * 1e6 : v < 1e14 ? v * 1e3 : v < 1e17 ? v : 0);
}

int64_t fact_time(const char *s, int64_t now, bool day_first)
{
	struct tokens t;
	int64_t at = 0;

	if (s == NULL)
		return 0;
	while (isspace((unsigned char)*s))
		s++;
	if (*s == '\0' || strlen(s) >= TEXT_MAX)
		return 0;
	split(s, &t);
	if (strspn(s, "0123456789.") == strlen(s) && strlen(s) >= 9 && strchr(s, '.') == NULL)
		at = epoch(s);
	at = at == 0 ? iso(s) : at;
	at = at == 0 ? numeric(s, day_first) : at;
	at = at == 0 ? named(s, &t) : at;
	at = at == 0 ? relative(&t, now) : at;
	at = at == 0 ? epoch(s) : at;
	return at > days_of(YEAR_MIN, 1, 1) * DAY && at < now + 3653 * DAY ? at : 0;
}

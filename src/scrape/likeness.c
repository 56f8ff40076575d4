/* See likeness.h. */
#include "scrape/likeness.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/words.h"

enum { WORDS_MAX = 8192, TOKENS_MAX = 40, ROWS = 4, SHINGLE = 3 };

/* ---- names ---- */

struct tokens {
	const char *items[TOKENS_MAX];
	size_t n;
};

static bool among(const char *word, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(word, *list) == 0)
			return true;
	return false;
}

static bool holds(const struct tokens *t, const char *word)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->items[i], word) == 0)
			return true;
	return false;
}

/* The words of a name, folded; none twice. */
static void split(struct arena *a, const char *s, struct tokens *out)
{
	char *rest = words_plain_dup(a, s == NULL ? "" : s), *word;

	out->n = 0;
	while ((word = strsep(&rest, " ")) != NULL)
		if (*word != '\0' && out->n < TOKENS_MAX && !holds(out, word))
			out->items[out->n++] = word;
}

static const char *join(struct arena *a, const struct tokens *t)
{
	struct buf b;

	buf_init(&b, a, 4096);
	for (size_t i = 0; i < t->n; i++) {
		buf_adds(&b, i == 0 ? "" : " ");
		buf_adds(&b, t->items[i]);
	}
	return buf_str(&b);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *company_of(struct arena *a, const char *company)
{
	static const char *const legal[] = {
		"gmbh",        "ag",           "inc",   "llc",     "ltd",     "limited",  "corp",
		"corporation", "co",           "kg",    "mbh",     "ug",      "se",       "sa",
		"sas",         "sarl",         "bv",    "nv",      "plc",     "oy",       "oyj",
		"ab",          "as",           "aps",   "srl",     "spa",     "pty",      "pvt",
		"kgaa",        "ohg",          "ev",    "company", "the",     "and",      "und",
		"sl",          "llp",          "lp",    "s",       "l",       "b",        "v",
		"e",           "incorporated", "group", "gruppe",  "holding", "holdings", NULL};
	struct tokens all, kept = {.n = 0};

	split(a, company, &all);
	for (size_t i = 0; i < all.n; i++)
		if (!among(all.items[i], legal) && strlen(all.items[i]) > 1)
			kept.items[kept.n++] = all.items[i];
	return join(a, kept.n > 0 ? &kept : &all);
}

/* Cities that are called otherwise elsewhere. */
static const char *city_name(const char *folded)
{
	static const char *const names[][2] = {
		{"munchen", "munich"},      {"koln", "cologne"},
		{"wien", "vienna"},         {"nurnberg", "nuremberg"},
		{"hannover", "hanover"},    {"milano", "milan"},
		{"roma", "rome"},           {"praha", "prague"},
		{"warszawa", "warsaw"},     {"bruxelles", "brussels"},
		{"brussel", "brussels"},    {"kobenhavn", "copenhagen"},
		{"lisboa", "lisbon"},       {"geneve", "geneva"},
		{"genf", "geneva"},         {"new york city", "new york"},
		{"nyc", "new york"},        {"sf", "san francisco"},
		{"goteborg", "gothenburg"}, {"firenze", "florence"},
		{"den haag", "the hague"}};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(folded, names[i][0]) == 0)
			return names[i][1];
	return folded;
}

static const char *const nowhere[] = {
	"remote",   "anywhere",    "worldwide", "global", "hybrid", "homeoffice", "home",      "office",
	"onsite",   "on",          "site",      "or",     "in",     "fully",      "first",     "based",
	"flexible", "distributed", "work",      "from",   "only",   "multiple",   "locations", NULL};

/* The city: what stands before the first comma, bracket, slash or dash, without words that name no
 * place. */
static const char *place_of(struct arena *a, const char *location)
{
	struct tokens all, kept = {.n = 0};
	const char *s = location == NULL ? "" : location;

	while (*s != '\0') {
		size_t n = strcspn(s, ",(;|/");

		split(a, arena_strndup(a, s, n), &all);
		for (size_t i = 0; i < all.n; i++)
			if (!among(all.items[i], nowhere) && strspn(all.items[i], "0123456789") == 0)
				kept.items[kept.n++] = all.items[i];
		if (kept.n > 0 || s[n] == '\0')
			break;
		s += n + 1;
	}
	return city_name(join(a, &kept));
}

static const char *full_word(const char *word)
{
	static const char *const short_words[][2] = {{"sr", "senior"},
												 {"jr", "junior"},
												 {"eng", "engineer"},
												 {"dev", "developer"},
												 {"mgr", "manager"},
												 {"swe", "software"},
												 {"sw", "software"},
												 {"assoc", "associate"},
												 {"admin", "administrator"},
												 {"back", "backend"},
												 {"front", "frontend"},
												 {"1", "i"},
												 {"2", "ii"},
												 {"3", "iii"}};

	for (size_t i = 0; i < sizeof short_words / sizeof short_words[0]; i++)
		if (strcmp(word, short_words[i][0]) == 0)
			return short_words[i][1];
	return word;
}

/* Title without what boards add to it: a mark of gender, the place, the company, a number. */
static void title_of(struct arena *a, const struct posting *p, struct likeness *out)
{
	static const char *const noise[] = {
		"m",   "w",    "f",      "d",      "x",      "mwd", "all", "genders", "gender", "of",
		"the", "and",  "und",    "for",    "fur",    "at",  "a",   "an",      "e",      "h",
		"job", "jobs", "hiring", "urgent", "wanted", "gn",  "div", "end",     "to",     "with",
		"new", "now",  "apply",  "time",   "full",   "we",  "re",  "is",      NULL};
	static const char *const ranks[] = {
		"senior",     "junior",  "lead",        "principal", "staff",      "intern",
		"internship", "head",    "director",    "chief",     "trainee",    "graduate",
		"vp",         "i",       "ii",          "iii",       "iv",         "v",
		"associate",  "student", "werkstudent", "praktikum", "ausbildung", NULL};
	struct tokens all, place, company, kept = {.n = 0}, rank = {.n = 0};

	split(a, p->title, &all);
	split(a, p->location, &place);
	split(a, out->company, &company);
	for (size_t i = 0; i < all.n; i++) {
		const char *word = full_word(all.items[i]);

		if (among(word, ranks)) {
			rank.items[rank.n++] = word;
			continue;
		}
		if (among(word, noise) || among(word, nowhere) || holds(&place, all.items[i]) ||
			holds(&company, all.items[i]) || strcmp(city_name(word), out->place) == 0 ||
			strspn(word, "0123456789") == strlen(word) || holds(&kept, word))
			continue;
		kept.items[kept.n++] = word;
	}
	qsort(kept.items, kept.n, sizeof kept.items[0], compare);
	qsort(rank.items, rank.n, sizeof rank.items[0], compare);
	out->title = join(a, kept.n > 0 ? &kept : &all);
	out->rank = join(a, &rank);
}

/* ---- texts ---- */

static uint64_t mix(uint64_t x)
{
	x ^= x >> 33;
	x *= UINT64_C(0xff51afd7ed558ccd);
	x ^= x >> 33;
	x *= UINT64_C(0xc4ceb9fe1a85ec53);
	return x ^ x >> 33;
}

static void sign(struct arena *a, const char *text, struct likeness *out)
{
	size_t most = text == NULL ? 1 : strlen(text) / 2 + 1;
	struct word *words = ARENA_ARRAY(a, most < WORDS_MAX ? most : WORDS_MAX, struct word);
	size_t n = text == NULL
				   ? 0
				   : words_split(text, strlen(text), words, most < WORDS_MAX ? most : WORDS_MAX);
	uint64_t least[LIKENESS_HASHES];

	out->has_text = n >= 20;
	if (!out->has_text)
		return;
	out->runs = (uint32_t)(n - SHINGLE + 1);
	memset(least, 0xff, sizeof least);
	for (size_t i = 0; i + SHINGLE <= n; i++) {
		uint64_t h = 0;

		for (size_t k = 0; k < SHINGLE; k++)
			h = mix(h * 31 + words[i + k].hash);
		for (size_t k = 0; k < LIKENESS_HASHES; k++) {
			uint64_t v = (h ^ (k * UINT64_C(0x9e3779b97f4a7c15))) * UINT64_C(0xd6e8feb86659fd93);

			v ^= v >> 32;
			if (v < least[k])
				least[k] = v;
		}
	}
	for (size_t k = 0; k < LIKENESS_HASHES; k++)
		out->signature[k] = (uint16_t)mix(least[k]);
}

char *likeness_print(const struct likeness *l, char out[LIKENESS_TEXT_SIZE])
{
	out[0] = '\0';
	if (l->has_text)
		snprintf(out, 9, "%08x", l->runs);
	for (size_t k = 0; l->has_text && k < LIKENESS_HASHES; k++)
		snprintf(out + 8 + 4 * k, 5, "%04x", l->signature[k]);
	return out;
}

static void read_signature(struct arena *a, const char *s, struct likeness *out)
{
	out->has_text = s != NULL && strlen(s) == LIKENESS_TEXT_SIZE - 1;
	if (!out->has_text)
		return;
	out->runs = (uint32_t)strtoul(arena_strndup(a, s, 8), NULL, 16);
	for (size_t k = 0; k < LIKENESS_HASHES; k++)
		out->signature[k] = (uint16_t)strtoul(arena_strndup(a, s + 8 + 4 * k, 4), NULL, 16);
}

double likeness_text(const struct likeness *a, const struct likeness *b)
{
	double index, least, share;
	int same = 0;

	if (!a->has_text || !b->has_text)
		return -1;
	for (size_t k = 0; k < LIKENESS_HASHES; k++)
		same += a->signature[k] == b->signature[k];
	/* Jaccard's index, and from it and the sizes the share of the smaller set. */
	index = (double)same / LIKENESS_HASHES;
	least = a->runs < b->runs ? a->runs : b->runs;
	share = index / (1 + index) * ((double)a->runs + (double)b->runs) / least;
	return share < 1 ? share : 1;
}

/* ---- keys ---- */

static int64_t hash_of(const char *kind, const char *one, const char *two, const char *three)
{
	const char *parts[] = {kind, one, two, three};
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < 4; i++) {
		for (const char *s = parts[i]; *s != '\0'; s++)
			h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
		h = mix(h + i);
	}
	return (int64_t)h;
}

static void add_keys(struct arena *a, struct likeness *l)
{
	const char *title = arena_printf(a, "%s/%s", l->title, l->rank);

	if (!text_is_blank(l->url))
		l->keys[l->n++] = hash_of("url", l->url, "", "");
	if (*l->company != '\0')
		l->keys[l->n++] = hash_of("name", l->company, title, "");
	l->keys[l->n++] = hash_of("place", title, l->place, "");
	for (size_t i = 0; l->has_text && i < LIKENESS_BANDS; i++) {
		uint64_t h = i + 1;

		for (size_t k = 0; k < ROWS; k++)
			h = mix(h * 65599 + l->signature[i * ROWS + k]);
		l->keys[l->n++] = (int64_t)h;
	}
}

static void name(struct arena *a, const struct posting *p, struct likeness *out)
{
	*out = (struct likeness){.url = p->url, .remote = p->remote};
	out->company = company_of(a, p->company);
	out->place = place_of(a, p->location);
	title_of(a, p, out);
}

void likeness_of(struct arena *a, const struct posting *p, struct likeness *out)
{
	name(a, p, out);
	sign(a, p->text, out);
	add_keys(a, out);
}

void likeness_known(struct arena *a, const struct posting *p, const char *signature,
					struct likeness *out)
{
	name(a, p, out);
	read_signature(a, signature, out);
	add_keys(a, out);
}

/* ---- the decision ---- */

/* Words in common among all words of both, which are sorted or not. */
static double common(const char *a, const char *b)
{
	size_t both = 0, n = 0, m = 0;
	const char *next;

	for (const char *s = a; *s != '\0'; s = next) {
		size_t k = strcspn(s, " ");

		n++;
		next = s[k] == '\0' ? s + k : s + k + 1;
		for (const char *t = b; *t != '\0';) {
			size_t q = strcspn(t, " ");

			if (q == k && memcmp(s, t, k) == 0)
				both++;
			t += t[q] == '\0' ? q : q + 1;
		}
	}
	for (const char *t = b; *t != '\0'; m++) {
		size_t q = strcspn(t, " ");

		t += t[q] == '\0' ? q : q + 1;
	}
	return n + m == both ? 0 : (double)both / (double)(n + m - both);
}

enum agreement { DIFFERENT, UNKNOWN, EQUAL };

static enum agreement places(const struct likeness *a, const struct likeness *b)
{
	if (*a->place == '\0' || *b->place == '\0')
		return *a->place == *b->place ? (a->remote == b->remote ? EQUAL : UNKNOWN) : UNKNOWN;
	if (strcmp(a->place, b->place) == 0)
		return EQUAL;
	return common(a->place, b->place) >= 0.5 ? EQUAL : DIFFERENT;
}

static enum agreement companies(const struct likeness *a, const struct likeness *b)
{
	if (*a->company == '\0' || *b->company == '\0')
		return UNKNOWN;
	if (strcmp(a->company, b->company) == 0)
		return EQUAL;
	return common(a->company, b->company) >= 0.5 ? EQUAL : DIFFERENT;
}

bool likeness_same(const struct likeness *a, const struct likeness *b, bool siblings)
{
	enum agreement place = places(a, b), company = companies(a, b);
	bool title = strcmp(a->title, b->title) == 0, rank = strcmp(a->rank, b->rank) == 0;
	double text = likeness_text(a, b), like = title ? 1 : common(a->title, b->title);

	if (!rank || like < 0.3)
		return false;
	if (!text_is_blank(a->url) && text_eq(a->url, b->url))
		return true;
	if (place == DIFFERENT)
		return false;
	if (siblings)
		return title && place == EQUAL && text >= 0.8;
	if (company == EQUAL && title && (text < 0 ? place == EQUAL : text >= 0.3))
		return place == EQUAL || text >= 0.5;
	if (company != DIFFERENT)
		return like >= 0.6 && text >= 0.7;
	return title && place == EQUAL && text >= 0.75;
}

double pay_year(const struct pay *p)
{
	static const struct {
		const char *period;
		double times;
	} years[] = {{"hour", 2080}, {"day", 260}, {"week", 52}, {"month", 12}, {"year", 1}};
	double most = p->max > p->min ? p->max : p->min;

	for (size_t i = 0; p->period != NULL && i < sizeof years / sizeof years[0]; i++)
		if (strcmp(p->period, years[i].period) == 0)
			return most * years[i].times;
	return most;
}

/*
 * What the description of a vacancy asks for. A skill is wanted ("required") unless its line, or
 * the heading above it, says that it is nice to have. Lines are what counts: descriptions are
 * lists.
 */
#include <string.h>

#include "app/resume_match_inner.h"

enum { WORDS_MAX = 40000, NEAR = 8, HEADING_WORDS = 7, YEARS_MOST = 40 };

/* ---- skills in a text ---- */

/* No line and no sentence ends between the two. */
static bool same_sentence(const char *text, const struct word *a, const struct word *b)
{
	const struct word *first = a->start < b->start ? a : b, *second = first == a ? b : a;

	for (const char *p = text + first->end; p < text + second->start; p++)
		if (*p == '\n' || (strchr(".!?", *p) != NULL && p[1] == ' '))
			return false;
	return true;
}

static bool vouches(const char *text, const struct word *words, const struct taxonomy_hit *h,
					const struct taxonomy_hit *other)
{
	return !other->ambiguous && same_sentence(text, &words[h->first], &words[other->first]);
}

/* Another skill whose name means nothing else stands near, in the same sentence. */
static bool in_company(const char *text, const struct word *words, const struct taxonomy_hit *hits,
					   size_t n, size_t i)
{
	for (size_t j = i; j > 0 && hits[i].first - hits[j - 1].first <= NEAR; j--)
		if (vouches(text, words, &hits[i], &hits[j - 1]))
			return true;
	for (size_t j = i + 1; j < n && hits[j].first - hits[i].first <= NEAR; j++)
		if (vouches(text, words, &hits[i], &hits[j]))
			return true;
	return false;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

void match_scan(struct arena *a, const char *text, bool trusting, skill_named fn, void *arg)
{
	size_t length = strlen(text), most = least(length / 2 + 1, WORDS_MAX);
	struct word *words = ARENA_ARRAY(a, most, struct word);
	size_t n = words_split(text, length, words, most), nhits;
	struct taxonomy_hit *hits = ARENA_ARRAY(a, n, struct taxonomy_hit);

	nhits = taxonomy_scan(taxonomy_builtin(), words, n, hits, n);
	for (size_t i = 0; i < nhits; i++) {
		const struct word *first = &words[hits[i].first];
		const struct word *last = &words[hits[i].first + hits[i].count - 1];
		bool alone = trusting || hits[i].count == n;

		if (hits[i].capitals && (first->flags & WORD_CAPS) == 0)
			continue;
		if (hits[i].ambiguous && ((first->flags & WORD_UPPER) == 0 ||
								  !(alone || in_company(text, words, hits, nhits, i))))
			continue;
		fn(arg, hits[i].entry, !hits[i].ambiguous, text + first->start, last->end - first->start);
	}
}

/* ---- what is asked for ---- */

/* Folded. */
static const char *const wishes[] = {
	"nice to have",  "nice to haves", "preferred",     "bonus",    "a plus",       "desirable",
	"desired",       "ideally",       "would be good", "optional", "good to have", "von vorteil",
	"wunschenswert", "idealerweise",  "gerne auch",    "un plus",  "souhaite",     "souhaitee",
	"deseable",      "valorable",     "se valora",     "gradito",  "desejavel",
};

static bool is_wish(const char *plain)
{
	for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++) {
		const char *at = strstr(plain, wishes[i]);
		size_t n = strlen(wishes[i]);

		if (at != NULL && (at == plain || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
			return true;
	}
	return false;
}

/* "Nice to have:" and the like: few words, and no bullet before them. */
static bool is_heading(const char *line, const char *plain)
{
	size_t words = 0, n = strlen(line);

	if (*line == '-' || *line == '*' || strncmp(line, "•", 3) == 0)
		return false;
	for (const char *p = plain; *p != '\0'; p++)
		words += *p != ' ' && (p == plain || p[-1] == ' ');
	if (words == 0 || words > HEADING_WORDS)
		return false;
	return line[n - 1] == ':' || (line[n - 1] != '.' && line[n - 1] != ',' && words <= 4);
}

struct reader {
	struct arena *arena;
	struct demand *out;
	bool wish, heading_wish, title;
};

static void ask(void *arg, const struct taxonomy_entry *entry, bool sure, const char *at, size_t n)
{
	struct reader *r = arg;
	struct demand *d = r->out;
	struct asked *item = NULL;
	bool required = !r->wish && !r->heading_wish;

	(void)sure;
	for (size_t i = 0; i < d->n && item == NULL; i++)
		if (d->items[i].entry == entry)
			item = &d->items[i];
	if (item == NULL) {
		if (d->n == MATCH_KEYWORDS_MAX)
			return;
		item = &d->items[d->n++];
		*item = (struct asked){.entry = entry, .in_title = r->title};
		item->k = (struct keyword){.keyword = entry->name,
								   .as = arena_strndup(r->arena, at, n),
								   .category = entry->category};
	}
	item->k.required |= required;
	item->k.times++;
}

/* "5+ years", "at least three" is left to people: the largest number before a word for years. */
static void read_years(struct demand *d, const char *plain)
{
	static const char *const units[] = {"years", "year", "yrs", "jahre", "ans", "anos", "anni"};

	for (const char *p = plain; *p != '\0'; p++) {
		size_t n = strspn(p, "0123456789");
		const char *rest = p + n + (p[n] == ' ');
		int64_t years = n == 1 ? p[0] - '0' : n == 2 ? (p[0] - '0') * 10 + p[1] - '0' : 0;

		if (years == 0 || years > YEARS_MOST || (p > plain && p[-1] != ' '))
			continue;
		for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
			size_t m = strlen(units[i]);

			if (strncmp(rest, units[i], m) == 0 && (rest[m] == ' ' || rest[m] == '\0') &&
				(!d->years.set || d->years.v < years))
				d->years = (struct opt_int){.set = true, .v = years};
		}
	}
}

static void read_line(struct reader *r, char *line)
{
	const char *trimmed = text_trim(line);
	char *plain = words_plain_dup(r->arena, trimmed);

	if (*trimmed == '\0')
		return;
	r->wish = is_wish(plain);
	if (is_heading(trimmed, plain)) {
		r->heading_wish = r->wish;
		r->wish = false;
	}
	if (!r->wish && !r->heading_wish)
		read_years(r->out, plain);
	match_scan(r->arena, trimmed, false, ask, r);
}

void match_read_demand(struct arena *a, const char *title, const char *description,
					   struct demand *out)
{
	struct reader r = {.arena = a, .out = out};
	char *rest = arena_strdup(a, description), *line;

	*out = (struct demand){.n = 0};
	if (title != NULL) {
		r.title = true;
		match_scan(a, title, true, ask, &r);
		r.title = false;
	}
	while ((line = strsep(&rest, "\n")) != NULL)
		read_line(&r, line);
}

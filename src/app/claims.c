/*
 * See claims.h. The sources become three sets: words, numbers and skills. Then the text is walked
 * once for each kind of claim. A name is a run of capitalized words of which one is no word of the
 * sources; the first word of a sentence is capitalized anyway, and counts only as part of a longer
 * name.
 */
#include "app/claims.h"

#include <stdlib.h>
#include <string.h>

#include "data/taxonomy.h"
#include "data/words.h"

enum { WORDS_MAX = 40000, HITS_MAX = 4000, NUMBERS_MAX = 4000, NAME_WORDS_MAX = 8 };

struct check {
	struct arena *arena;
	const char *text;
	struct word *words;
	size_t nwords;
	uint64_t *known; /* hashes of the sources' words, in order */
	size_t nknown;
	double *numbers; /* of the sources, in order */
	size_t nnumbers;
	const struct taxonomy_entry **skills; /* of the sources, in order */
	size_t nskills;
	struct taxonomy_hit *hits; /* in the text */
	size_t nhits;
	bool *skilled; /* for each word of the text: it belongs to the name of a skill */
	struct strings *out;
};

/* ---- sets ---- */

static int compare_hashes(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static int compare_numbers(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static bool is_known(const struct check *k, uint64_t hash)
{
	return bsearch(&hash, k->known, k->nknown, sizeof hash, compare_hashes) != NULL;
}

static bool in_list(uint64_t hash, const char *const *list)
{
	for (; *list != NULL; list++)
		if (word_hash(*list) == hash)
			return true;
	return false;
}

static void add_claim(struct check *k, const char *p, size_t n)
{
	const char *claim;

	while (n > 0 && strchr(" \n\t,.;:", p[n - 1]) != NULL)
		n--;
	claim = arena_strndup(k->arena, p, n);
	for (size_t i = 0; i < k->out->n; i++)
		if (text_ieq(k->out->items[i], claim))
			return;
	if (n > 0 && k->out->n < CLAIMS_MAX)
		k->out->items[k->out->n++] = claim;
}

/* ---- numbers ---- */

/* "two" to "twenty", the tens, "hundred" …: as numbers. 0: none ("one" says nothing). */
static double number_word(uint64_t hash)
{
	static const char *const small[] = {"two",       "three",    "four",     "five",    "six",
										"seven",     "eight",    "nine",     "ten",     "eleven",
										"twelve",    "thirteen", "fourteen", "fifteen", "sixteen",
										"seventeen", "eighteen", "nineteen", "twenty"};
	static const char *const tens[] = {"thirty",  "forty",  "fifty", "sixty",
									   "seventy", "eighty", "ninety"};

	for (size_t i = 0; i < sizeof small / sizeof small[0]; i++)
		if (hash == word_hash(small[i]))
			return (double)(i + 2);
	for (size_t i = 0; i < sizeof tens / sizeof tens[0]; i++)
		if (hash == word_hash(tens[i]))
			return (double)(10 * (i + 3));
	if (hash == word_hash("hundred"))
		return 100;
	if (hash == word_hash("thousand"))
		return 1000;
	return hash == word_hash("million") ? 1e6 : 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads the number at s: "12,000", "3.5", "40k", "1.2M". Returns its bytes. */
static size_t read_number(const char *s, double *out)
{
	double v = 0, unit = 1;
	size_t i = 0;

	for (;; i++) {
		if (is_digit(s[i]))
			v = 10 * v + (s[i] - '0');
		else if (!(s[i] == ',' && is_digit(s[i + 1]) && is_digit(s[i + 2]) && is_digit(s[i + 3]) &&
				   !is_digit(s[i + 4])))
			break;
	}
	if (s[i] == '.' && is_digit(s[i + 1]))
		for (i++; is_digit(s[i]); i++)
			v += (s[i] - '0') * (unit /= 10);
	if ((s[i] == 'k' || s[i] == 'K') && !is_digit(s[i + 1]))
		v *= 1000, i++;
	else if (s[i] == 'M' && (s[i + 1] < 'a' || s[i + 1] > 'z'))
		v *= 1e6, i++;
	*out = v;
	return i;
}

/* Calls number(k, value, start, bytes) for each number written in digits. */
static void each_number(struct check *k, const char *s,
						void (*number)(struct check *, double, const char *, size_t))
{
	for (const char *p = s; *p != '\0';) {
		double v;
		size_t n;

		if (!is_digit(*p)) {
			p++;
			continue;
		}
		n = read_number(p, &v);
		number(k, v, p, n);
		p += n;
	}
}

static void keep_number(struct check *k, double v, const char *p, size_t n)
{
	(void)p, (void)n;
	if (k->nnumbers < NUMBERS_MAX)
		k->numbers[k->nnumbers++] = v;
}

static bool has_number(const struct check *k, double v)
{
	return bsearch(&v, k->numbers, k->nnumbers, sizeof v, compare_numbers) != NULL;
}

static void check_number(struct check *k, double v, const char *p, size_t n)
{
	const char *start = p;

	if (has_number(k, v))
		return;
	while (start > k->text && (unsigned char)start[-1] > ' ' && strchr("(,;\"", start[-1]) == NULL)
		start--;
	n += (size_t)(p - start);
	while (start[n] != '\0' && (unsigned char)start[n] > ' ' && strchr("),;\"", start[n]) == NULL)
		n++;
	add_claim(k, start, n);
}

/* ---- the sources ---- */

static void add_source(struct check *k, const char *s)
{
	size_t n = strlen(s), split, hits;
	struct word *words = ARENA_ARRAY(k->arena, WORDS_MAX, struct word);
	struct taxonomy_hit *found = ARENA_ARRAY(k->arena, HITS_MAX, struct taxonomy_hit);

	split = words_split(s, n, words, WORDS_MAX);
	hits = taxonomy_scan(taxonomy_builtin(), words, split, found, HITS_MAX);
	for (size_t i = 0; i < split && k->nknown < WORDS_MAX; i++) {
		double v = number_word(words[i].hash);

		k->known[k->nknown++] = words[i].hash;
		if (v > 0)
			keep_number(k, v, NULL, 0);
	}
	for (size_t i = 0; i < hits && k->nskills < HITS_MAX; i++)
		k->skills[k->nskills++] = found[i].entry;
	each_number(k, s, keep_number);
}

/* ---- the text ---- */

static const char *const letter_words[] = {
	"I",           "dear",     "hiring",      "manager",   "team",       "committee",  "recruiter",
	"sir",         "madam",    "mr",          "mrs",       "ms",         "dr",         "sincerely",
	"yours",       "truly",    "regards",     "best",      "kind",       "warm",       "faithfully",
	"thank",       "you",      "human",       "resources", "hr",         "subject",    "re",
	"cover",       "letter",   "application", "resume",    "cv",         "january",    "february",
	"march",       "april",    "may",         "june",      "july",       "august",     "september",
	"october",     "november", "december",    "monday",    "tuesday",    "wednesday",  "thursday",
	"friday",      "saturday", "sunday",      "english",   "the",        "a",          "an",
	"my",          "we",       "our",         "your",      "it",         "this",       "that",
	"with",        "as",       "at",          "in",        "on",         "for",        "and",
	"please",      "hello",    "hi",          "greetings", "recruiting", "department", "talent",
	"acquisition", "position", "role",        "if",        "when",       "while",      NULL};

static bool begins_sentence(const struct check *k, const struct word *w)
{
	const char *p = k->text + w->start;

	while (p > k->text && strchr(" \t\"'(*", p[-1]) != NULL)
		p--;
	return p == k->text || strchr(".!?:;\n-", p[-1]) != NULL ||
		   ((unsigned char)p[-1] >= 0x80 && p - k->text >= 3); /* a bullet or a dash */
}

static bool is_capital(const struct word *w)
{
	return (w->flags & WORD_UPPER) != 0;
}

/* The words of a name that begins at i; "of", "&" and the like may stand between. */
static size_t name_length(const struct check *k, size_t i)
{
	static const char *const between[] = {"of", "and", "de", "for", "the", "und", "van", NULL};
	size_t n = 1;

	while (i + n < k->nwords && n < NAME_WORDS_MAX) {
		const struct word *w = &k->words[i + n];
		size_t gap = w->start - k->words[i + n - 1].end;

		if ((w->flags & WORD_BREAK) != 0 || gap > 3 ||
			memchr(k->text + k->words[i + n - 1].end, '\n', gap) != NULL || begins_sentence(k, w))
			break;
		if (is_capital(w))
			n++;
		else if (in_list(w->hash, between) && i + n + 1 < k->nwords &&
				 is_capital(&k->words[i + n + 1]) && (k->words[i + n + 1].flags & WORD_BREAK) == 0)
			n += 2;
		else
			break;
	}
	return n;
}

static bool is_news(const struct check *k, const struct word *w)
{
	return is_capital(w) && !k->skilled[w - k->words] && (w->flags & WORD_DIGITS) == 0 &&
		   w->end - w->start > 1 && !is_known(k, w->hash) && !in_list(w->hash, letter_words);
}

/* "Led", "Improved", "Managing": how bullets begin, not names. */
static bool is_verb_like(const struct check *k, const struct word *w)
{
	static const char *const verbs[] = {"led",  "built", "ran",   "made",  "wrote",  "won",
										"grew", "cut",   "drove", "set",   "taught", "oversaw",
										"held", "kept",  "took",  "spoke", "sold",   NULL};
	size_t n = w->end - w->start;
	const char *end = k->text + w->end;

	return in_list(w->hash, verbs) || (n > 4 && memcmp(end - 2, "ed", 2) == 0) ||
		   (n > 5 && memcmp(end - 3, "ing", 3) == 0) || (n > 4 && memcmp(end - 2, "ly", 2) == 0);
}

/* In German every noun is capitalized: there, capitals say nothing. */
static bool capitals_tell(const struct check *k)
{
	size_t capitals = 0;

	for (size_t i = 0; i < k->nwords; i++)
		capitals += is_capital(&k->words[i]) && !begins_sentence(k, &k->words[i]);
	return k->nwords < 40 || capitals * 4 < k->nwords;
}

static void check_names(struct check *k)
{
	bool tell = capitals_tell(k);

	for (size_t i = 0, n; i < k->nwords; i += n) {
		size_t first = i, last;
		bool news = false, alone;

		n = 1;
		if (!is_capital(&k->words[i]))
			continue;
		n = name_length(k, i);
		alone = begins_sentence(k, &k->words[i]);
		if (alone && (n == 1 || is_verb_like(k, &k->words[i]) ||
					  in_list(k->words[i].hash, letter_words) || !is_news(k, &k->words[i])))
			first++;
		last = i + n;
		while (first < last && in_list(k->words[first].hash, letter_words))
			first++;
		while (last > first && in_list(k->words[last - 1].hash, letter_words))
			last--;
		for (size_t w = first; w < last; w++)
			news = news || is_news(k, &k->words[w]);
		if (news && (tell || last - first > 1))
			add_claim(k, k->text + k->words[first].start,
					  k->words[last - 1].end - k->words[first].start);
	}
}

static int compare_pointers(const void *a, const void *b)
{
	uintptr_t x = (uintptr_t)(*(const void *const *)a), y = (uintptr_t)(*(const void *const *)b);

	return x < y ? -1 : x > y;
}

static bool words_known(const struct check *k, const struct taxonomy_hit *h)
{
	for (size_t i = h->first; i < h->first + h->count; i++)
		if (!is_known(k, k->words[i].hash) && !in_list(k->words[i].hash, letter_words))
			return false;
	return true;
}

static void find_skills(struct check *k)
{
	k->hits = ARENA_ARRAY(k->arena, HITS_MAX, struct taxonomy_hit);
	k->skilled = ARENA_ARRAY(k->arena, WORDS_MAX, bool);
	k->nhits = taxonomy_scan(taxonomy_builtin(), k->words, k->nwords, k->hits, HITS_MAX);
	for (size_t i = 0; i < k->nhits; i++)
		for (size_t w = 0; !k->hits[i].ambiguous && w < k->hits[i].count; w++)
			k->skilled[k->hits[i].first + w] = true;
}

static void check_skills(struct check *k)
{
	for (size_t i = 0; i < k->nhits; i++) {
		const struct taxonomy_hit *h = &k->hits[i];
		const struct word *first = &k->words[h->first], *last = first + h->count - 1;

		if (h->ambiguous || text_eq(h->entry->category, "Soft Skills") || words_known(k, h) ||
			(h->capitals && (first->flags & WORD_CAPS) == 0))
			continue;
		if (bsearch(&h->entry, k->skills, k->nskills, sizeof h->entry, compare_pointers) != NULL)
			continue;
		add_claim(k, k->text + first->start, last->end - first->start);
	}
}

static const char *const title_heads[] = {
	"engineer",    "developer",     "manager",    "director",   "analyst",   "designer",
	"consultant",  "architect",     "scientist",  "specialist", "officer",   "president",
	"coordinator", "administrator", "accountant", "nurse",      "teacher",   "lawyer",
	"chef",        "supervisor",    "programmer", "researcher", "professor", "technician",
	"executive",   "CEO",           "CTO",        "CFO",        "founder",   "partner",
	"foreman",     "surgeon",       "physician",  NULL};
static const char *const title_ranks[] = {
	"senior", "lead",      "principal", "chief",  "head",      "junior", "staff",
	"vice",   "executive", "managing",  "deputy", "assistant", NULL};

/* "senior engineer" where the sources know no engineer, or an engineer that is not senior. */
static void check_titles(struct check *k)
{
	for (size_t i = 0; i < k->nwords; i++) {
		size_t first = i;
		bool news;

		if (!in_list(k->words[i].hash, title_heads) ||
			(i > 0 && k->words[i - 1].hash == word_hash("hiring")))
			continue;
		news = !is_known(k, k->words[i].hash);
		while (first > 0 && i - first < 2 && (k->words[first].flags & WORD_BREAK) == 0 &&
			   (in_list(k->words[first - 1].hash, title_ranks) ||
				(is_capital(&k->words[first - 1]) && is_capital(&k->words[i])))) {
			first--;
			news = news || (in_list(k->words[first].hash, title_ranks) &&
							!is_known(k, k->words[first].hash));
		}
		if (news)
			add_claim(k, k->text + k->words[first].start, k->words[i].end - k->words[first].start);
	}
}

static void check_number_words(struct check *k)
{
	for (size_t i = 0; i < k->nwords; i++) {
		double v = number_word(k->words[i].hash);

		if (v > 2 && !has_number(k, v))
			add_claim(k, k->text + k->words[i].start, k->words[i].end - k->words[i].start);
	}
}

void claims_unsupported(struct arena *a, const char *text, const char *const *sources, size_t n,
						struct strings *out)
{
	struct check k = {
		.arena = a,
		.text = text,
		.words = ARENA_ARRAY(a, WORDS_MAX, struct word),
		.known = ARENA_ARRAY(a, WORDS_MAX, uint64_t),
		.numbers = ARENA_ARRAY(a, NUMBERS_MAX, double),
		.skills = ARENA_ARRAY(a, HITS_MAX, const struct taxonomy_entry *),
		.out = out,
	};

	*out = (struct strings){ARENA_ARRAY(a, CLAIMS_MAX, const char *), 0};
	for (size_t i = 0; i < n; i++)
		if (sources[i] != NULL)
			add_source(&k, sources[i]);
	qsort(k.known, k.nknown, sizeof k.known[0], compare_hashes);
	qsort(k.numbers, k.nnumbers, sizeof k.numbers[0], compare_numbers);
	qsort(k.skills, k.nskills, sizeof k.skills[0], compare_pointers);
	k.nwords = words_split(text, strlen(text), k.words, WORDS_MAX);
	find_skills(&k);
	check_names(&k);
	check_titles(&k);
	check_skills(&k);
	each_number(&k, text, check_number);
	check_number_words(&k);
}

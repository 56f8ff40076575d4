/* See facts.h. Times are in facts_time.c, pay in facts_pay.c. */
#include "scrape/facts.h"

#include <string.h>

#include "data/taxonomy.h"

enum { WORDS_MAX = 10000, HITS_MAX = 1000 };

/* Whether folded text holds the words, between blanks or its ends. */
static bool holds(const char *folded, const char *words)
{
	size_t n = strlen(words);

	for (const char *s = folded; (s = strstr(s, words)) != NULL; s++)
		if ((s == folded || s[-1] == ' ') && (s[n] == '\0' || s[n] == ' '))
			return true;
	return false;
}

static bool holds_one(const char *folded, const char *const *list)
{
	for (; *list != NULL; list++)
		if (holds(folded, *list))
			return true;
	return false;
}

const char *fact_type(const char *s)
{
	static const struct {
		const char *type;
		const char *const words[14];
	} types[] = {
		{"internship",
		 {"intern", "internship", "praktikum", "praktikant", "stage", "trainee", "working student",
		  "werkstudent", "apprenticeship", "ausbildung", "becario", NULL}},
		{"part_time",
		 {"part time", "parttime", "teilzeit", "temps partiel", "minijob", "deeltijd",
		  "medio tiempo", "part_time", NULL}},
		{"contract",
		 {"contract", "contractor", "freelance", "freelancer", "b2b", "per diem", "perdiem",
		  "freiberuflich", "self employed", "consultant", NULL}},
		{"temporary",
		 {"temporary", "temp", "seasonal", "befristet", "cdd", "fixed term", "interim",
		  "zeitarbeit", NULL}},
		{"volunteer", {"volunteer", "ehrenamt", "benevole", "voluntary", NULL}},
		{"full_time",
		 {"full time", "fulltime", "vollzeit", "festanstellung", "permanent", "temps plein", "cdi",
		  "unbefristet", "regular", "voltijd", "tiempo completo", "employee", NULL}},
		{"other", {"other", "sonstige", NULL}},
	};
	char folded[200];

	if (s == NULL)
		return NULL;
	words_plain(s, strlen(s), folded, sizeof folded);
	/* "FullTime full-time full_time": one of them is split by words_plain as the list has it */
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (holds_one(folded, types[i].words))
			return types[i].type;
	return NULL;
}

bool fact_remote(const char *s)
{
	static const char *const yes[] = {"remote",     "telecommute", "anywhere",    "worldwide",
									  "homeoffice", "home office", "home based",  "work from home",
									  "wfh",        "distributed", "teletravail", "remoto",
									  "telearbeit", "telework",    NULL};
	static const char *const no[] = {"non remote",  "not remote",     "no remote",
									 "onsite only", "remote sensing", NULL};
	char folded[1000];

	if (s == NULL)
		return false;
	words_plain(s, strlen(s), folded, sizeof folded);
	return holds_one(folded, yes) && !holds_one(folded, no);
}

bool fact_remote_in_text(const char *text)
{
	static const char *const plain[] = {
		"fully remote",       "100 remote",      "remote first",
		"work from anywhere", "remote only",     "fully distributed",
		"100 home office",    "remote position", NULL};
	static const char *const no[] = {"not fully remote", "not a fully remote", "not remote only",
									 "not a remote position", NULL};
	char folded[POSTING_TEXT_MAX];

	if (text == NULL)
		return false;
	words_plain(text, strlen(text), folded, sizeof folded);
	return holds_one(folded, plain) && !holds_one(folded, no);
}

/* A name that means other things too counts where it stands as a name: with a capital, in a list.
 */
static bool counts(const struct taxonomy_hit *h, const struct word *words, size_t n)
{
	const struct word *first = &words[h->first];
	size_t next = h->first + h->count;
	bool listed =
		(first->flags & WORD_BREAK) != 0 && (next >= n || (words[next].flags & WORD_BREAK) != 0);

	if (h->capitals && (first->flags & WORD_CAPS) == 0)
		return false;
	return !h->ambiguous || ((first->flags & WORD_UPPER) != 0 && listed);
}

static void add_skills(struct arena *a, const char *s, struct strings *out)
{
	size_t most = strlen(s) / 2 + 1 < WORDS_MAX ? strlen(s) / 2 + 1 : WORDS_MAX;
	struct word *words = ARENA_ARRAY(a, most, struct word);
	struct taxonomy_hit *hits = ARENA_ARRAY(a, HITS_MAX, struct taxonomy_hit);
	size_t n = words_split(s, strlen(s), words, most);
	size_t found = taxonomy_scan(taxonomy_builtin(), words, n, hits, HITS_MAX);

	for (size_t i = 0; i < found && out->n < POSTING_SKILLS_MAX; i++) {
		bool known = false;

		for (size_t k = 0; k < out->n; k++)
			known |= out->items[k] == hits[i].entry->name;
		if (!known && counts(&hits[i], words, n))
			out->items[out->n++] = hits[i].entry->name;
	}
}

struct strings fact_skills(struct arena *a, const char *title, const char *text)
{
	struct strings out = {ARENA_ARRAY(a, POSTING_SKILLS_MAX, const char *), 0};

	if (title != NULL)
		add_skills(a, title, &out);
	if (text != NULL)
		add_skills(a, text, &out);
	return out;
}

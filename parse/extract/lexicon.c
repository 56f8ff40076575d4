/* See lexicon.h. One hash table from phrase to kinds, filled at the first question. */
#include "parse/extract/lexicon.h"

#include <pthread.h>
#include <string.h>

#include "base/hash.h"

enum { SLOTS = 16384, SEEN_BITS = 65536, PHRASE_MAX = 120 };

struct entry {
	uint64_t hash; /* 0: free */
	struct lex lex;
};

extern const unsigned char lexicon_tsv[];
extern const size_t lexicon_tsv_size;

static struct entry entries[SLOTS];
/* One bit for each of the hashes' remainders: most questions are answered by it, in the first
 * cache.
 */
static uint64_t seen[SEEN_BITS / 64];
static size_t longest; /* bytes of the longest phrase */

static const struct {
	const char *name;
	uint32_t bits;
} kinds[] = {
	{"qualifier", LEX_QUALIFIER},
	{"document", LEX_DOCUMENT},
	{"title", LEX_TITLE},
	{"company", LEX_COMPANY},
	{"place", LEX_PLACE},
	{"city", LEX_CITY},
	{"particle", LEX_PARTICLE},
	{"suffix", LEX_SUFFIX},
	{"credential", LEX_CREDENTIAL},
	{"honorific", LEX_HONORIFIC},
	{"label name", LEX_LABEL_NAME},
	{"label email", LEX_LABEL_EMAIL},
	{"label phone", LEX_LABEL_PHONE},
	{"label fax", LEX_LABEL_FAX},
	{"label other", LEX_LABEL_OTHER},
	{"number label", LEX_NUMBER},
	{"month", LEX_MONTH},
	{"level", LEX_LEVEL},
	{"spoken", LEX_SPOKEN},
	{"proficient", LEX_PROFICIENT},
	{"function", LEX_FUNCTION},
	{"stop en", LEX_STOP_EN},
	{"stop de", LEX_STOP_DE},
	{"stop fr", LEX_STOP_FR},
	{"stop es", LEX_STOP_ES},
	{"stop it", LEX_STOP_IT},
	{"stop pt", LEX_STOP_PT},
	{"stop nl", LEX_STOP_NL},
};

static const char *const sections[SECTION_KINDS] = {
	[SECTION_SUMMARY] = "summary",
	[SECTION_SKILLS] = "skills",
	[SECTION_EXPERIENCE] = "experience",
	[SECTION_EDUCATION] = "education",
	[SECTION_CONTACT] = "contact",
	[SECTION_LANGUAGES] = "languages",
	[SECTION_REFERENCES] = "references",
	[SECTION_INTERESTS] = "interests",
	[SECTION_CERTIFICATES] = "certificates",
	[SECTION_PROJECTS] = "projects",
	[SECTION_PUBLICATIONS] = "publications",
	[SECTION_AWARDS] = "awards",
	[SECTION_VOLUNTEER] = "volunteer",
	[SECTION_COURSES] = "courses",
	[SECTION_OTHER] = "other",
};

static struct entry *slot_of(uint64_t hash)
{
	size_t i = (size_t)hash % SLOTS;

	while (entries[i].hash != 0 && entries[i].hash != hash)
		i = (i + 1) % SLOTS;
	return &entries[i];
}

static uint64_t seen_bit(uint64_t hash)
{
	return UINT64_C(1) << (hash & 63);
}

static uint64_t *seen_word(uint64_t hash)
{
	return &seen[(hash >> 6) % (SEEN_BITS / 64)];
}

static bool names(const char *s, size_t n, const char *name)
{
	return name != NULL && strlen(name) == n && memcmp(s, name, n) == 0;
}

static struct lex kind_of(const char *s, size_t n)
{
	const char *blank = memchr(s, ' ', n);
	size_t first = blank == NULL ? n : (size_t)(blank - s);

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (names(s, n, kinds[i].name))
			return (struct lex){kinds[i].bits, SECTION_HEAD};
	if (blank == NULL)
		return (struct lex){0};
	for (int i = 0; i < SECTION_KINDS; i++) {
		if (!names(blank + 1, n - first - 1, sections[i]))
			continue;
		return (struct lex){names(s, first, "weak") ? LEX_SECTION | LEX_WEAK : LEX_SECTION,
							(enum section_kind)i};
	}
	return (struct lex){0};
}

/* The first section that claims a phrase keeps it; other kinds add up. */
static void phrase_add(const char *s, size_t n, struct lex kind)
{
	uint64_t hash = hash_bytes(s, n);
	struct entry *e = slot_of(hash);

	e->hash = hash;
	*seen_word(hash) |= seen_bit(hash);
	longest = n > longest ? n : longest;
	if (e->lex.bits & kind.bits & LEX_SECTION)
		return;
	e->lex.bits |= kind.bits;
	if (kind.bits & LEX_SECTION)
		e->lex.section = kind.section;
}

size_t lex_without_and(const char *plain, size_t n, char *out, size_t cap)
{
	static const char *const and[] = {"and", "und", "et", "y", "e",  "en",
									  "i",   "och", "og", "n", "the"};
	const char *end = plain + n;
	size_t at = 0;

	while (plain < end) {
		size_t length = 0;
		bool drop = false;

		while (plain + length < end && plain[length] != ' ')
			length++;
		for (size_t i = 0; i < sizeof and / sizeof *and; i++)
			drop |= names(plain, length, and[i]);
		if (!drop && at + length + 2 <= cap) {
			if (at > 0)
				out[at++] = ' ';
			memcpy(out + at, plain, length);
			at += length;
		}
		plain += length;
		plain += plain < end;
	}
	out[at] = '\0';
	return at;
}

static void row_add(const char *s, const char *end)
{
	const char *tab = memchr(s, '\t', (size_t)(end - s));
	struct lex kind;

	if (*s == '#' || tab == NULL)
		return;
	kind = kind_of(s, (size_t)(tab - s));
	for (s = tab + 1; s < end;) {
		const char *bar = memchr(s, '|', (size_t)(end - s));
		const char *stop = bar == NULL ? end : bar;

		if (stop > s)
			phrase_add(s, (size_t)(stop - s), kind);
		if (stop > s && (kind.bits & (LEX_DOCUMENT | LEX_LABEL_NAME)))
			phrase_add(s, lex_word(s) < (size_t)(stop - s) ? lex_word(s) : (size_t)(stop - s),
					   (struct lex){LEX_BEFORE_NAME, SECTION_HEAD});
		if (stop > s && (kind.bits & LEX_SECTION)) {
			char bare[PHRASE_MAX];
			size_t n = lex_without_and(s, (size_t)(stop - s), bare, sizeof bare);

			if (n > 0 && n != (size_t)(stop - s))
				phrase_add(bare, n, kind);
		}
		s = stop + 1;
	}
}

static void load(void)
{
	const char *s = (const char *)lexicon_tsv, *end = s + lexicon_tsv_size;

	while (s < end) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));
		const char *stop = nl == NULL ? end : nl;

		row_add(s, stop);
		s = stop + 1;
	}
}

struct lex lex_find(const char *plain, size_t n)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	uint64_t hash;

	pthread_once(&once, load);
	if (n == 0 || n > longest)
		return (struct lex){0};
	hash = hash_bytes(plain, n);
	return *seen_word(hash) & seen_bit(hash) ? slot_of(hash)->lex : (struct lex){0};
}

bool lex_is(const char *plain, size_t n, uint32_t bits)
{
	return (lex_find(plain, n).bits & bits) != 0;
}

size_t lex_word(const char *plain)
{
	return (size_t)(strchrnul(plain, ' ') - plain);
}

int lex_count(const char *plain, uint32_t bits)
{
	int count = 0;

	while (*plain != '\0') {
		size_t n = lex_word(plain);

		count += lex_is(plain, n, bits);
		plain += n;
		plain += *plain == ' ';
	}
	return count;
}

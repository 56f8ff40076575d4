/*
 * See refine.h. Names and skills are looked for by words, whatever their case and accents; phone
 * numbers by digits, whatever stands between; addresses as they are. What is kept of a skill is the
 * document's own wording.
 */
#include "app/refine.h"

#include <string.h>
#include <strings.h>

#include "app/claims.h"
#include "data/email.h"
#include "data/taxonomy.h"
#include "data/words.h"

enum { DOC_WORDS_MAX = 40000, VALUE_WORDS_MAX = 60, HITS_MAX = 4000, PHONE_DIGITS_MIN = 6 };

#define SURE 0.9      /* the parser's value stays */
#define AGREED 0.97   /* both found it */
#define MODEL_OWN 0.8 /* the model alone */
#define DOUBTFUL 0.5  /* a skill of the parser's that the model did not find either goes */
#define NEEDED 0.7

static const struct field refined_fields[] = {
	FIELD(struct refined, name, F_NULL, .max = 200, .doc = "Name", .example = "\"Ada Lovelace\""),
	FIELD(struct refined, email, F_NULL, .max = 300, .doc = "Address",
		  .example = "\"ada@example.com\""),
	FIELD(struct refined, phone, F_NULL, .max = 100, .doc = "Phone",
		  .example = "\"+44 20 7946 0958\""),
	FIELD(struct refined, domain_knowledge, F_NULL, .max = 1000, .doc = "What the person does",
		  .example = "\"Backend development\""),
	FIELD(struct refined, skills, F_NULL, .max = PROFILE_SKILLS_MAX, .doc = "Skills",
		  .example = "[\"Python\"]"),
};
const struct schema refined_schema = SCHEMA("Refined", struct refined, refined_fields);

const char refined_form[] =
	"{\"type\":\"object\",\"properties\":{\"name\":{\"type\":[\"string\",\"null\"]},\"email\":{"
	"\"type\":[\"string\",\"null\"]},\"phone\":{\"type\":[\"string\",\"null\"]},\"skills\":{"
	"\"type\":\"array\",\"items\":{\"type\":\"string\"}},\"domain_knowledge\":{\"type\":["
	"\"string\",\"null\"]}},\"required\":[\"name\",\"email\",\"phone\",\"skills\","
	"\"domain_knowledge\"],\"additionalProperties\":false}";

struct doc {
	struct arena *arena;
	const char *text;
	struct word *words;
	size_t n;
	struct taxonomy_hit *hits;
	size_t nhits;
};

/* ---- what stands in the document ---- */

/* The document's own wording of the words of value; NULL if they do not stand there in a row. */
static const char *find_words(const struct doc *d, const char *value)
{
	struct word want[VALUE_WORDS_MAX];
	size_t n = words_split(value, strlen(value), want, VALUE_WORDS_MAX);

	for (size_t i = 0; n > 0 && i + n <= d->n; i++) {
		size_t k = 0;

		while (k < n && d->words[i + k].hash == want[k].hash)
			k++;
		if (k == n)
			return arena_strndup(d->arena, d->text + d->words[i].start,
								 d->words[i + n - 1].end - d->words[i].start);
	}
	return NULL;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The bytes of the number that begins at p and has the digits of value; 0: it has others. */
static size_t same_number(const char *p, const char *value)
{
	const char *start = p;

	for (; *value != '\0'; value++) {
		if (!is_digit(*value))
			continue;
		while (*p != '\0' && !is_digit(*p) && (strchr(" ()-./+\t", *p) != NULL || *p < 0))
			p++;
		if (*p++ != *value)
			return 0;
	}
	return is_digit(*p) ? 0 : (size_t)(p - start);
}

static const char *find_phone(const struct doc *d, const char *value)
{
	size_t digits = 0;

	for (const char *p = value; *p != '\0'; p++)
		digits += is_digit(*p);
	if (digits < PHONE_DIGITS_MIN)
		return NULL;
	for (const char *p = d->text; *p != '\0'; p++) {
		size_t n;

		if ((!is_digit(*p) && *p != '+' && *p != '(') || (p > d->text && is_digit(p[-1])))
			continue;
		n = same_number(p, value);
		if (n > 0)
			return arena_strndup(d->arena, p, n);
	}
	return NULL;
}

static const char *find_email(const struct doc *d, const char *value)
{
	size_t n = strlen(value);

	if (!email_valid(value))
		return NULL;
	for (const char *p = d->text; *p != '\0'; p++)
		if (strncasecmp(p, value, n) == 0)
			return arena_strndup(d->arena, p, n);
	return NULL;
}

/* A skill under any of its names. */
static const char *find_skill(const struct doc *d, const char *value)
{
	const char *wording = find_words(d, value);
	const struct taxonomy_entry *entry = taxonomy_find(taxonomy_builtin(), value);

	if (wording != NULL || entry == NULL)
		return wording;
	for (size_t i = 0; i < d->nhits; i++) {
		const struct taxonomy_hit *h = &d->hits[i];

		if (h->entry == entry)
			return arena_strndup(d->arena, d->text + d->words[h->first].start,
								 d->words[h->first + h->count - 1].end - d->words[h->first].start);
	}
	return NULL;
}

/* ---- laying one over the other ---- */

static bool merge_value(const struct doc *d, const char *said, struct value *v,
						const char *(*find)(const struct doc *, const char *),
						bool (*same)(const char *, const char *))
{
	const char *wording;

	if (text_is_blank(said))
		return true;
	wording = find(d, said);
	if (wording == NULL)
		return false;
	if (v->value != NULL && same(v->value, said)) {
		v->confidence = v->confidence > AGREED ? v->confidence : AGREED;
		return true;
	}
	if (v->value == NULL || v->confidence < SURE)
		*v = (struct value){.value = said, .confidence = MODEL_OWN, .evidence = {.text = wording}};
	return true;
}

static bool same_words(const char *a, const char *b)
{
	struct word x[VALUE_WORDS_MAX], y[VALUE_WORDS_MAX];
	size_t n = words_split(a, strlen(a), x, VALUE_WORDS_MAX);

	if (words_split(b, strlen(b), y, VALUE_WORDS_MAX) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (x[i].hash != y[i].hash)
			return false;
	return true;
}

static bool same_phone(const char *a, const char *b)
{
	for (;; a++, b++) {
		while (*a != '\0' && !is_digit(*a))
			a++;
		while (*b != '\0' && !is_digit(*b))
			b++;
		if (*a != *b || *a == '\0')
			return *a == *b;
	}
}

/* A sentence is nobody's wording; it must claim nothing that the document does not say. */
static bool merge_domain(const struct doc *d, const char *said, struct value *v)
{
	struct strings claims;

	if (text_is_blank(said))
		return true;
	claims_unsupported(d->arena, said, &d->text, 1, &claims);
	if (claims.n > 0)
		return false;
	if (v->value == NULL || v->confidence < SURE)
		*v = (struct value){.value = said, .confidence = NEEDED};
	return true;
}

static struct skill *skill_at(const struct list *skills, const char *name)
{
	struct skill *s = skills->items;
	const struct taxonomy_entry *entry = taxonomy_find(taxonomy_builtin(), name);

	for (size_t i = 0; i < skills->n; i++)
		if (same_words(s[i].name, name) ||
			(entry != NULL && s[i].canonical != NULL && text_eq(s[i].canonical, entry->name)))
			return &s[i];
	return NULL;
}

static void add_skill(struct list *skills, const char *wording)
{
	const struct taxonomy_entry *entry = taxonomy_find(taxonomy_builtin(), wording);
	struct skill *s = skills->items;

	if (skills->n < PROFILE_SKILLS_MAX)
		s[skills->n++] = (struct skill){
			.name = wording,
			.canonical = entry != NULL ? entry->name : NULL,
			.category = entry != NULL ? entry->category : NULL,
			.confidence = MODEL_OWN,
			.evidence = {.text = wording},
		};
}

static bool is_among(const struct strings *list, const struct skill *s)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct taxonomy_entry *entry = taxonomy_find(taxonomy_builtin(), list->items[i]);

		if (same_words(s->name, list->items[i]) ||
			(entry != NULL && s->canonical != NULL && text_eq(s->canonical, entry->name)))
			return true;
	}
	return false;
}

static int merge_skills(const struct doc *d, const struct strings *said, struct profile *p)
{
	const struct skill *own = p->skills.items;
	struct list all = {ARENA_ARRAY(d->arena, PROFILE_SKILLS_MAX, struct skill), 0};
	int dropped = 0;

	if (said->n == 0)
		return 0;
	for (size_t i = 0; i < p->skills.n && i < PROFILE_SKILLS_MAX; i++)
		if (own[i].confidence >= DOUBTFUL || is_among(said, &own[i]))
			((struct skill *)all.items)[all.n++] = own[i];
	for (size_t i = 0; i < said->n; i++) {
		const char *wording = find_skill(d, said->items[i]);
		struct skill *known;

		if (wording == NULL || text_is_blank(wording)) {
			dropped++;
			continue;
		}
		known = skill_at(&all, wording);
		if (known == NULL)
			add_skill(&all, wording);
		else if (known->confidence < AGREED)
			known->confidence = AGREED;
	}
	p->skills = all;
	return dropped;
}

bool refine_needed(const struct profile *p)
{
	return p->resume_probability >= 0.3 &&
		   (p->name.value == NULL || p->name.confidence < NEEDED || p->email.value == NULL ||
			p->email.confidence < NEEDED || p->skills.n == 0);
}

int refine_merge(struct arena *a, const struct refined *r, struct profile *p)
{
	struct doc d = {.arena = a, .text = p->text != NULL ? p->text : ""};
	int dropped = 0;

	d.words = ARENA_ARRAY(a, DOC_WORDS_MAX, struct word);
	d.hits = ARENA_ARRAY(a, HITS_MAX, struct taxonomy_hit);
	d.n = words_split(d.text, strlen(d.text), d.words, DOC_WORDS_MAX);
	d.nhits = taxonomy_scan(taxonomy_builtin(), d.words, d.n, d.hits, HITS_MAX);
	dropped += !merge_value(&d, r->name, &p->name, find_words, same_words);
	dropped += !merge_value(&d, r->email, &p->email, find_email, text_ieq);
	dropped += !merge_value(&d, r->phone, &p->phone, find_phone, same_phone);
	dropped += !merge_domain(&d, r->domain_knowledge, &p->domain_knowledge);
	return dropped + merge_skills(&d, &r->skills, p);
}

void refine_note(struct arena *a, struct profile *p, const char *kind, const char *message)
{
	struct finding *all = ARENA_ARRAY(a, p->findings.n + 1, struct finding);

	if (p->findings.n > 0)
		memcpy(all, p->findings.items, p->findings.n * sizeof *all);
	all[p->findings.n] = (struct finding){kind, message};
	p->findings = (struct list){all, p->findings.n + 1};
}

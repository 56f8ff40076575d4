/*
 * See resume_match.h. A required skill counts twice as much as one that is nice to have. The
 * description is read in resume_keywords.c, the places in the résumé in resume_places.c.
 */
#include "app/resume_match.h"

#include <math.h>
#include <string.h>

#include "app/resume_match_inner.h"
#include "data/words.h"

enum { NAMED_MAX = 8, ADVICE_MAX = 12, REQUIRED_WEIGHT = 2, WISH_WEIGHT = 1 };

static const struct field found_fields[] = {
	FIELD(struct found, section, 0,
		  .doc = "Part of profile.resume: basics, work, skills, …; text: elsewhere in the document",
		  .example = "\"work\""),
	FIELD(struct found, pointer, F_NULL, .doc = "Where in profile.resume: a JSON Pointer",
		  .example = "\"/work/0/summary\""),
	FIELD(struct found, as, 0, .doc = "The name used there", .example = "\"k8s\""),
	FIELD(struct found, text, 0, .doc = "The words around it",
		  .example = "\"Moved forty services to k8s\""),
	FIELD(struct found, page, F_NULL, .doc = "Page, from 1", .example = "1"),
};
static const struct schema found_schema = SCHEMA("KeywordPlace", struct found, found_fields);

static const struct field keyword_fields[] = {
	FIELD(struct keyword, keyword, 0, .doc = "The skill's canonical name",
		  .example = "\"Kubernetes\""),
	FIELD(struct keyword, as, 0, .doc = "As the description names it", .example = "\"K8s\""),
	FIELD(struct keyword, category, 0, .doc = "Its field", .example = "\"DevOps\""),
	FIELD(struct keyword, required, 0, .doc = "false: only nice to have", .example = "true"),
	FIELD(struct keyword, times, 0, .doc = "How often the description names it", .example = "2"),
	FIELD(struct keyword, found, 0, .of = &found_schema, .max = MATCH_PLACES_MAX,
		  .doc = "Where the résumé has it", .example = "[]"),
};
static const struct schema keyword_schema = SCHEMA("Keyword", struct keyword, keyword_fields);

static const struct field advice_fields[] = {
	FIELD(struct match_advice, section, 0, .doc = "Part of the résumé", .example = "\"skills\""),
	FIELD(struct match_advice, message, 0, .doc = "What to do",
		  .example = "\"Name these if you know them: Kubernetes\""),
};
static const struct schema advice_schema =
	SCHEMA("MatchAdvice", struct match_advice, advice_fields);

static const struct field match_fields[] = {
	FIELD(struct resume_match, score, F_NULL,
		  .doc = "0 to 100; null if the description names no known skill", .example = "72"),
	FIELD(struct resume_match, job_title, F_NULL, .doc = "The vacancy's title",
		  .example = "\"Backend Engineer\""),
	FIELD(struct resume_match, matched, 0, .of = &keyword_schema,
		  .doc = "What it asks for and the résumé has", .example = "[]"),
	FIELD(struct resume_match, missing, 0, .of = &keyword_schema,
		  .doc = "What it asks for and the résumé lacks", .example = "[]"),
	FIELD(struct resume_match, years_required, F_NULL, .doc = "Years of experience it asks for",
		  .example = "5"),
	FIELD(struct resume_match, years_found, F_NULL,
		  .doc = "Years of experience the résumé tells of; null: unknown", .example = "9"),
	FIELD(struct resume_match, advice, 0, .of = &advice_schema, .doc = "What to do, by section",
		  .example = "[]"),
};
const struct schema resume_match_schema = SCHEMA("ResumeMatch", struct resume_match, match_fields);

/* ---- advice ---- */

struct advisor {
	struct arena *arena;
	const struct resume_subject *s;
	struct resume_match *out;
};

static void advise(struct advisor *v, const char *section, const char *message)
{
	struct match_advice *list = v->out->advice.items;

	if (v->out->advice.n < ADVICE_MAX)
		list[v->out->advice.n++] = (struct match_advice){section, message};
}

/* The names of those keywords that pick says yes to, the first NAMED_MAX; NULL if there is none. */
static const char *names(struct advisor *v, const struct list *keywords,
						 bool (*pick)(const struct keyword *k))
{
	const struct keyword *k = keywords->items;
	struct buf b;
	int n = 0;

	buf_init(&b, v->arena, 4096);
	for (size_t i = 0; i < keywords->n && n < NAMED_MAX; i++)
		if (pick(&k[i]))
			buf_addf(&b, "%s%s", n++ > 0 ? ", " : "", k[i].keyword);
	return n > 0 ? buf_str(&b) : NULL;
}

static bool is_required(const struct keyword *k)
{
	return k->required;
}

static bool is_wished(const struct keyword *k)
{
	return !k->required;
}

static bool stands_in(const struct keyword *k, const char *section)
{
	const struct found *f = k->found.items;

	for (size_t i = 0; i < k->found.n; i++)
		if (text_eq(f[i].section, section))
			return true;
	return false;
}

static bool only_listed(const struct keyword *k)
{
	return !stands_in(k, "work") && !stands_in(k, "projects") && !stands_in(k, "volunteer");
}

static bool not_listed(const struct keyword *k)
{
	return !stands_in(k, "skills");
}

/* They call it differently: programs that compare words alone would not see it. */
static bool other_name(const struct keyword *k)
{
	const struct found *f = k->found.items;

	for (size_t i = 0; i < k->found.n; i++)
		if (text_ieq(f[i].as, k->as))
			return false;
	return true;
}

/* What the applicant is called anywhere, folded. */
static const char *own_titles(struct advisor *v)
{
	const struct json_value *work = json_get(v->s->resume, "work");
	const char *label = json_string(json_get(json_get(v->s->resume, "basics"), "label"));
	struct buf b;

	buf_init(&b, v->arena, 64 * 1024);
	buf_addf(&b, "%s ", label != NULL ? label : "");
	for (size_t i = 0; i < json_size(work); i++) {
		const char *position = json_string(json_get(json_at(work, i), "position"));

		buf_addf(&b, "%s ", position != NULL ? position : "");
	}
	return words_plain_dup(v->arena, buf_str(&b));
}

static bool is_rank(const char *word)
{
	static const char *const ranks[] = {"senior", "junior", "lead", "principal", "staff", "intern"};

	for (size_t i = 0; i < sizeof ranks / sizeof ranks[0]; i++)
		if (strcmp(word, ranks[i]) == 0)
			return true;
	return false;
}

/* Whether half of the title's words, ranks aside, stand in what the applicant is called. */
static bool has_title(struct advisor *v)
{
	const char *own = own_titles(v);
	char *rest = words_plain_dup(v->arena, v->out->job_title), *word;
	int all = 0, had = 0;

	while ((word = strsep(&rest, " ")) != NULL) {
		if (strlen(word) < 2 || is_rank(word))
			continue;
		all++;
		had += strstr(own, word) != NULL;
	}
	return 2 * had >= all;
}

static void advise_on_words(struct advisor *v)
{
	const char *lacking = names(v, &v->out->missing, is_required);
	const char *wished = names(v, &v->out->missing, is_wished);
	const char *unlisted = names(v, &v->out->matched, not_listed);
	const char *renamed = names(v, &v->out->matched, other_name);

	if (lacking != NULL)
		advise(v, "skills",
			   arena_printf(v->arena, "Asked for and not found: %s. Name those you have", lacking));
	if (wished != NULL)
		advise(v, "skills", arena_printf(v->arena, "Nice to have and not found: %s", wished));
	if (unlisted != NULL)
		advise(v, "skills",
			   arena_printf(v->arena, "Put these into your list of skills too: %s", unlisted));
	if (renamed != NULL)
		advise(v, "skills",
			   arena_printf(v->arena, "Write these as the description does as well: %s", renamed));
}

static void advise_on_work(struct advisor *v)
{
	const char *untold = names(v, &v->out->matched, only_listed);
	const struct resume_match *m = v->out;

	if (untold != NULL)
		advise(v, "experience",
			   arena_printf(v->arena, "Say where you used these, and to what end: %s", untold));
	if (m->years_required.set && !isnan(m->years_found) &&
		m->years_found < (double)m->years_required.v)
		advise(v, "experience",
			   arena_printf(v->arena,
							"It asks for %lld years of experience, and your dates tell of %.1f; "
							"see that no job lacks its dates",
							(long long)m->years_required.v, m->years_found));
	if (json_size(json_get(v->s->resume, "work")) == 0)
		advise(v, "experience",
			   "No job was recognised; use the heading Experience, and give each "
			   "job its dates");
}

static void advise_on_summary(struct advisor *v)
{
	const char *summary = json_string(json_get(json_get(v->s->resume, "basics"), "summary"));
	const char *best = names(v, &v->out->matched, is_required);

	if (v->out->job_title != NULL && !has_title(v))
		advise(v, "summary",
			   arena_printf(v->arena,
							"Say under your name what you are, in the words of the "
							"vacancy: %s",
							v->out->job_title));
	if (summary == NULL && best != NULL)
		advise(v, "summary",
			   arena_printf(v->arena, "Add a summary that begins with what counts here: %s", best));
}

/* ---- the whole ---- */

static bool comes_first(const struct asked *a, const struct asked *b)
{
	if (a->in_title != b->in_title)
		return a->in_title;
	if (a->k.required != b->k.required)
		return a->k.required;
	return a->k.times > b->k.times;
}

/* By insertion: what is equal stays in the description's order. */
static void sort(struct demand *d)
{
	for (size_t i = 1; i < d->n; i++) {
		struct asked item = d->items[i];
		size_t at = i;

		for (; at > 0 && comes_first(&item, &d->items[at - 1]); at--)
			d->items[at] = d->items[at - 1];
		d->items[at] = item;
	}
}

static void divide(struct arena *a, const struct demand *d, struct resume_match *m)
{
	struct keyword *matched = ARENA_ARRAY(a, d->n + 1, struct keyword);
	struct keyword *missing = ARENA_ARRAY(a, d->n + 1, struct keyword);
	int64_t all = 0, have = 0;

	m->matched.items = matched;
	m->missing.items = missing;
	for (size_t i = 0; i < d->n; i++) {
		const struct keyword *k = &d->items[i].k;
		int weight = k->required ? REQUIRED_WEIGHT : WISH_WEIGHT;

		all += weight;
		if (k->found.n > 0) {
			have += weight;
			matched[m->matched.n++] = *k;
		} else {
			missing[m->missing.n++] = *k;
		}
	}
	if (all > 0)
		m->score = (struct opt_int){.set = true, .v = (100 * have + all / 2) / all};
}

void resume_match(struct arena *a, const struct resume_subject *s, const char *title,
				  const char *description, struct resume_match *out)
{
	struct demand *d = ARENA_NEW(a, struct demand);
	struct resume_match m = {.job_title = text_is_blank(title) ? NULL : title};
	const struct json_value *years = json_get(json_get(s->resume, "meta"), "experienceYears");
	struct advisor v = {a, s, &m};

	match_read_demand(a, m.job_title, description, d);
	match_find(a, s, d);
	sort(d);
	divide(a, d, &m);
	m.years_required = d->years;
	m.years_found = years == NULL ? (double)NAN : json_real(years);
	m.advice.items = ARENA_ARRAY(a, ADVICE_MAX, struct match_advice);
	if (m.score.set) {
		advise_on_words(&v);
		advise_on_work(&v);
		advise_on_summary(&v);
	} else {
		advise(&v, "skills",
			   "The description names no skill that is known here; compare it by "
			   "eye");
	}
	*out = m;
}

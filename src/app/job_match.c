/*
 * See job_match.h. A job fits by the share of the skills it asks for that the résumé has (seven
 * tenths), and by the words of its title that the résumé's text knows. Jobs that name few skills
 * tell little, so that their share counts for less.
 */
#include "app/job_match.h"

#include <stdlib.h>
#include <string.h>

#include "app/job_rows.h"
#include "app/resumes.h"
#include "data/taxonomy.h"
#include "data/words.h"

enum { RESUME_WORDS_MAX = 40000, TITLE_WORDS_MAX = 40, SKILLS_FIT = 70, TITLE_FIT = 30 };

struct fitting {
	int64_t id, fit, order;
};

struct matcher {
	struct arena *arena;
	const char **skills; /* the résumé's, folded and sorted */
	size_t nskills;
	uint64_t *words; /* hashes of its text, sorted */
	size_t nwords;
	struct fitting *found;
	size_t n;
};

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int compare_hash(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The best first; of equal ones, the newer. */
static int compare_fit(const void *a, const void *b)
{
	const struct fitting *x = a, *y = b;

	if (x->fit != y->fit)
		return x->fit > y->fit ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void know_resume(struct matcher *m, const struct profile *p)
{
	const struct skill *s = p->skills.items;
	struct word *words = ARENA_ARRAY(m->arena, RESUME_WORDS_MAX, struct word);
	size_t n = words_split(p->text, strlen(p->text), words, RESUME_WORDS_MAX);

	m->skills = ARENA_ARRAY(m->arena, p->skills.n + 1, const char *);
	for (size_t i = 0; i < p->skills.n; i++) {
		const char *name = s[i].canonical != NULL ? s[i].canonical : s[i].name;
		const struct taxonomy_entry *known = taxonomy_find(taxonomy_builtin(), name);

		m->skills[m->nskills++] = text_fold(m->arena, known != NULL ? known->name : name);
	}
	qsort(m->skills, m->nskills, sizeof m->skills[0], compare_text);
	m->words = ARENA_ARRAY(m->arena, n + 1, uint64_t);
	for (size_t i = 0; i < n; i++)
		m->words[i] = words[i].hash;
	m->nwords = n;
	qsort(m->words, n, sizeof m->words[0], compare_hash);
}

static double skills_share(const struct matcher *m, struct arena *scratch, const char *skills)
{
	const struct json_value *v;
	size_t n, having = 0;

	if (skills == NULL || json_parse(scratch, skills, strlen(skills), &v, NULL) != OK)
		return 0;
	n = json_size(v);
	for (size_t i = 0; i < n; i++) {
		const char *name = json_string(json_at(v, i));
		const char *folded = name == NULL ? "" : text_fold(scratch, name);

		having +=
			bsearch(&folded, m->skills, m->nskills, sizeof m->skills[0], compare_text) != NULL;
	}
	return (double)having / (double)(n + 1);
}

static double title_share(const struct matcher *m, const char *title)
{
	struct word words[TITLE_WORDS_MAX];
	size_t n = words_split(title, strlen(title), words, TITLE_WORDS_MAX), having = 0;

	for (size_t i = 0; i < n; i++)
		having +=
			bsearch(&words[i].hash, m->words, m->nwords, sizeof m->words[0], compare_hash) != NULL;
	return n == 0 ? 0 : (double)having / (double)n;
}

static int weigh(void *arg, const struct job *j)
{
	struct matcher *m = arg;
	struct arena *scratch = arena_new(256 * 1024);
	double fit = SKILLS_FIT * skills_share(m, scratch, j->skills.text) +
				 TITLE_FIT * title_share(m, j->title);

	arena_free(scratch);
	m->found[m->n] = (struct fitting){j->id, (int64_t)(fit + 0.5), (int64_t)m->n};
	m->n++;
	return OK;
}

int job_match_page(struct ctx *c, struct query *q, int64_t resume_id, int64_t skip, int64_t limit)
{
	struct matcher m = {.arena = c->arena};
	struct profile p;
	int64_t *ids = ARENA_ARRAY(c->arena, (size_t)limit, int64_t);
	struct job *jobs;
	struct list *out = c->out;
	size_t n = 0;

	TRY(resumes_profile(c, resume_id, &p));
	know_resume(&m, &p);
	m.found = ARENA_ARRAY(c->arena, COUNT_CAP + 1, struct fitting);
	TRY(job_each(c, q, weigh, &m));
	qsort(m.found, m.n, sizeof m.found[0], compare_fit);
	for (size_t i = (size_t)skip; i < m.n && n < (size_t)limit; i++)
		ids[n++] = m.found[i].id;
	TRY(job_list(c, ids, n, out));
	jobs = out->items;
	for (size_t i = 0; i < out->n; i++)
		for (size_t k = (size_t)skip; k < m.n; k++)
			if (m.found[k].id == jobs[i].id) {
				jobs[i].fit = (struct opt_int){.set = true, .v = m.found[k].fit};
				break;
			}
	c->total = (int64_t)m.n;
	return OK;
}

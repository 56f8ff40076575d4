/* See job_words.h. */
#include "app/job_words.h"

#include "app/search_tokens.h"

enum { TSVECTOR_TEXT_MAX = 1024 * 1024 };

struct engine {
	const char *set, *remove, *condition;
};

static const struct engine sqlite = {
	.set = "INSERT INTO job_words (rowid, scope, title, company, location, skills, description) "
		   "VALUES ($1, 'all t' || $2, $3, $4, $5, $6, $7)",
	.remove = "DELETE FROM job_words WHERE rowid = $1",
	.condition = "jobs.id IN (SELECT rowid FROM job_words WHERE job_words MATCH ?)",
};

static const struct engine postgresql = {
	.set = "INSERT INTO job_words (job_id, document) VALUES ($1, CAST($2 AS TSVECTOR))",
	.remove = "DELETE FROM job_words WHERE job_id = $1",
	.condition = "jobs.id IN (SELECT job_id FROM job_words WHERE document @@ "
				 "CAST(? AS TSQUERY))",
};

static const struct engine *engine(struct ctx *c)
{
	return text_eq(db_engine(c->db), "sqlite") ? &sqlite : &postgresql;
}

int job_words_remove(struct ctx *c, int64_t job_id)
{
	return db_exec(c->db, NULL, engine(c)->remove, P(job_id));
}

/* As a tsvector. */
static const char *document_of(struct arena *a, const struct job_text *t)
{
	const char *const texts[] = {t->title, t->company, t->location, t->skills, t->description};
	struct buf b;
	int position = 0;

	buf_init(&b, a, TSVECTOR_TEXT_MAX);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		tsvector_add(&b, texts[i], 'D', &position);
	return buf_str(&b);
}

int job_words_set(struct ctx *c, int64_t job_id, int64_t team_id, const struct job_text *t)
{
	TRY(job_words_remove(c, job_id));
	if (engine(c) == &postgresql)
		return db_exec(c->db, NULL, postgresql.set, P(job_id), P(document_of(c->arena, t)));
	return db_exec(c->db, NULL, engine(c)->set, P(job_id), P(team_id), P(t->title), P(t->company),
				   P(t->location), P(t->skills), P(t->description));
}

int job_words_expression(struct ctx *c, const char *typed, int64_t team, const char **expression)
{
	struct search_terms terms;

	search_parse(c->arena, typed, &terms);
	if (terms.over)
		return ctx_fault(
			c, "query", "q",
			arena_printf(c->arena, "A search should have at most %d words", SEARCH_TERMS_MAX),
			"too_long");
	*expression =
		engine(c) == &sqlite
			? search_fts5(c->arena, "{title company location skills description}", &terms, team)
			: tsquery_of(c->arena, NULL, &terms);
	return OK;
}

const char *job_words_condition(struct ctx *c)
{
	return engine(c)->condition;
}

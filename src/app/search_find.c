/* See search_find.h. */
#include "app/search_find.h"

#include <stdlib.h>
#include <string.h>

#include "app/search_blocks.h"
#include "app/search_sample.h"
#include "app/search_tokens.h"

enum { IDS_TEXT_MAX = 128 * 1024, NEAR = 2 /* blocks */ };

struct hit {
	int64_t id, among;
	double score;
};
static const struct field hit_fields[] = {
	FIELD(struct hit, id, 0, .doc = "What was found", .example = "1"),
	FIELD(struct hit, among, 0, .doc = "Among how many in all, 0: not counted", .example = "0"),
	FIELD(struct hit, score, 0, .doc = "Much is good", .example = "1.5"),
};
static const struct schema hit_schema = SCHEMA("Hit", struct hit, hit_fields);

static bool is_sqlite(struct ctx *c)
{
	return text_eq(db_engine(c->db), "sqlite");
}

/* ---- ids as a parameter ---- */

const char *find_ids_condition(struct ctx *c)
{
	return is_sqlite(c) ? "IN (SELECT value FROM json_each($1))" : "= ANY (CAST($1 AS BIGINT[]))";
}

const char *find_ids_text(struct ctx *c, const int64_t *ids, size_t n)
{
	struct buf b;

	buf_init(&b, c->arena, IDS_TEXT_MAX);
	buf_addc(&b, is_sqlite(c) ? '[' : '{');
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%lld", i == 0 ? "" : ",", (long long)ids[i]);
	buf_addc(&b, is_sqlite(c) ? ']' : '}');
	return buf_str(&b);
}

/* ---- expressions ---- */

static bool wants_something(const struct search_terms *terms)
{
	for (size_t i = 0; i < terms->n; i++)
		if (!terms->items[i].negated)
			return true;
	return false;
}

static const char *whole(struct ctx *c, const struct search *s)
{
	const char *scope = arena_printf(c->arena, "'%s'", blocks_scope(c->arena, s->team));

	if (is_sqlite(c))
		return search_fts5(c->arena, s->table->sqlite_columns, &s->terms, s->team);
	return tsquery_of(c->arena, s->team == 0 && wants_something(&s->terms) ? NULL : scope,
					  &s->terms);
}

/* ---- SQL ---- */

/* PostgreSQL might else walk by id and read every document on its way. */
#define BY_SORTING "hits.id + 0 DESC"

/* "(SELECT id … ) AS hits WHERE …", the expression being parameter number match. */
static const char *hits_where(struct ctx *c, const struct search *s, const struct query *q,
							  int match, const char *score)
{
	const struct find_table *t = s->table;

	return arena_printf(
		c->arena, "(SELECT %s.rowid AS id, %s AS score FROM %s WHERE %s MATCH $%d) AS hits %s",
		t->name, score, t->name, t->name, match, buf_str(&q->where));
}

/* The same on PostgreSQL, the rows being those that an expression finds. */
static const char *rows_where(struct ctx *c, const struct search *s, const struct query *q,
							  const char *expression)
{
	const struct find_table *t = s->table;

	return arena_printf(c->arena,
						"(SELECT %s AS id, team_id, fields, document FROM %s) AS hits %s "
						"hits.document @@ %s",
						t->postgresql_id, t->name,
						q->where.n > 0 ? arena_printf(c->arena, "%s AND", buf_str(&q->where))
									   : "WHERE",
						expression);
}

static const char *rows_matching(struct ctx *c, const struct search *s, const struct query *q,
								 int match)
{
	return rows_where(c, s, q, arena_printf(c->arena, "CAST($%d AS TSQUERY)", match));
}

/* A table of blocks, each a row with its lexeme, and what the terms find in the block. LATERAL
 * makes it a loop in the order of the blocks, which ends when there is enough: the order of what is
 * found rests on that. */
struct by_block {
	struct query q;
	const char *blocks, *rows;
};

static void by_block(struct ctx *c, const struct search *s, const struct query *filters,
					 const char *blocks, struct by_block *out)
{
	int terms_at, blocks_at;

	out->q = *filters;
	terms_at = query_param(&out->q, P(tsquery_of(c->arena, NULL, &s->terms)));
	blocks_at = query_param(&out->q, P(blocks));
	out->blocks = arena_printf(
		c->arena, "unnest(CAST($%d AS TEXT[])) WITH ORDINALITY AS blocks (block, n)", blocks_at);
	out->rows =
		rows_where(c, s, &out->q,
				   arena_printf(c->arena, "(CAST(blocks.block AS TSQUERY) && CAST($%d AS TSQUERY))",
								terms_at));
}

static int list_hits(struct ctx *c, const struct query *q, int64_t max, const char *sql,
					 struct list *out)
{
	if (!buf_ok(&q->where))
		return fail(c, E_RULE, "Too many filters in one request; use fewer");
	return db_list_params(c->db, c->arena, &hit_schema, (size_t)max, out, sql,
						  (struct params){q->params + 1, q->n});
}

static const char *postgresql_score(struct ctx *c, const struct search *s, struct query *q)
{
	return arena_printf(c->arena, s->table->postgresql_score,
						query_param(q, P(tsquery_any(c->arena, &s->terms))));
}

/* The FIND_RANKED newest hits with their scores. PostgreSQL has then collected every hit, and tells
 * how many. */
static int scored_hits(struct ctx *c, const struct search *s, const struct query *filters,
					   struct list *out)
{
	struct query q = *filters;
	int at = query_param(&q, P(whole(c, s)));
	const char *sql;

	if (is_sqlite(c))
		sql = arena_printf(c->arena,
						   "SELECT hits.id, hits.score, 0 AS among FROM %s ORDER BY hits.id DESC "
						   "LIMIT %d",
						   hits_where(c, s, &q, at, s->table->sqlite_score), FIND_RANKED);
	else
		sql = arena_printf(c->arena,
						   "SELECT found.id, found.among, %s AS score FROM (SELECT hits.id, "
						   "hits.fields, count(*) OVER () AS among FROM %s ORDER BY " BY_SORTING
						   " LIMIT %d) AS found",
						   postgresql_score(c, s, &q), rows_matching(c, s, &q, at), FIND_RANKED);
	return list_hits(c, &q, FIND_RANKED, sql, out);
}

/* The newest hits in blocks, up to max, with their scores. */
static int scored_in_blocks(struct ctx *c, const struct search *s, const struct query *filters,
							const char *blocks, int64_t max, struct list *out)
{
	struct by_block in;
	const char *score;
	int max_at;

	by_block(c, s, filters, blocks, &in);
	score = postgresql_score(c, s, &in.q);
	max_at = query_param(&in.q, P(max));
	return list_hits(
		c, &in.q, max,
		arena_printf(c->arena,
					 "SELECT found.id, 0 AS among, %s AS score FROM (SELECT hits.id, hits.fields "
					 "FROM %s, LATERAL (SELECT hits.id, hits.fields FROM %s ORDER BY " BY_SORTING
					 ") AS hits LIMIT $%d) AS found",
					 score, in.blocks, in.rows, max_at),
		out);
}

/* Up to limit hits from the newest down, after skip, without scores: in blocks, or NULL: in all. */
static int more_hits(struct ctx *c, const struct search *s, const struct query *filters,
					 const char *blocks, int64_t skip, int64_t limit, struct list *out)
{
	struct by_block in = {.q = *filters};
	const char *from, *order = is_sqlite(c) ? "hits.id DESC" : BY_SORTING;
	int limit_at, skip_at;

	if (blocks != NULL) {
		by_block(c, s, filters, blocks, &in);
		from = arena_printf(c->arena, "%s, LATERAL (SELECT hits.id FROM %s ORDER BY %s) AS hits",
							in.blocks, in.rows, order);
	} else {
		int at = query_param(&in.q, P(whole(c, s)));

		from = arena_printf(c->arena, "%s ORDER BY %s",
							is_sqlite(c) ? hits_where(c, s, &in.q, at, "0")
										 : rows_matching(c, s, &in.q, at),
							order);
	}
	limit_at = query_param(&in.q, P(limit));
	skip_at = query_param(&in.q, P(skip));
	return list_hits(c, &in.q, limit,
					 arena_printf(c->arena,
								  "SELECT hits.id, 0 AS score FROM %s LIMIT $%d OFFSET $%d", from,
								  limit_at, skip_at),
					 out);
}

/* How many hits there are, up to max. PostgreSQL counts those without filters in the index alone
 * where all see the rows, but only if no column is asked for. */
static int count_hits(struct ctx *c, const struct search *s, const struct query *filters,
					  int64_t max, int64_t *out)
{
	struct query q = *filters;
	int at = query_param(&q, P(whole(c, s))), max_at = query_param(&q, P(max));
	const char *rows;

	if (is_sqlite(c))
		rows = arena_printf(c->arena, "SELECT 1 FROM %s", hits_where(c, s, &q, at, "0"));
	else
		rows = arena_printf(c->arena, "SELECT FROM %s", rows_matching(c, s, &q, at));
	return db_int_params(
		c->db, out,
		arena_printf(c->arena, "SELECT count(*) FROM (%s LIMIT $%d) AS counted", rows, max_at),
		(struct params){q.params + 1, q.n});
}

/* How many hits there are in blocks, up to max. */
static int count_in_blocks(struct ctx *c, const struct search *s, const struct query *filters,
						   const char *blocks, int64_t max, int64_t *out)
{
	struct by_block in;
	int max_at;

	by_block(c, s, filters, blocks, &in);
	max_at = query_param(&in.q, P(max));
	return db_int_params(
		c->db, out,
		arena_printf(c->arena,
					 "SELECT count(*) FROM (SELECT FROM %s, LATERAL (SELECT FROM %s) AS hits LIMIT "
					 "$%d) AS counted",
					 in.blocks, in.rows, max_at),
		(struct params){in.q.params + 1, in.q.n});
}

/* How many hits there are in each of n blocks. */
static int count_by_block(struct ctx *c, const struct search *s, const struct query *filters,
						  const char *blocks, size_t n, int64_t *hits)
{
	const struct hit *counted;
	struct by_block in;
	struct list rows;

	by_block(c, s, filters, blocks, &in);
	TRY(list_hits(c, &in.q, (int64_t)n,
				  arena_printf(c->arena,
							   "SELECT blocks.n AS id, (SELECT count(*) FROM %s) AS among, 0 AS "
							   "score FROM %s ORDER BY blocks.n",
							   in.rows, in.blocks),
				  &rows));
	counted = rows.items;
	for (size_t i = 0; i < n; i++)
		hits[i] = counted[i].among;
	return OK;
}

/* ---- how to ask ---- */

/* PostgreSQL: about how many hits there are, old ones as well, of all teams and without filters. */
static int estimate_all(struct ctx *c, const struct search *s, int64_t newest, int64_t *out)
{
	enum { SOME = 6 };
	const int64_t count = newest / BLOCKS_SMALLEST + 1;
	int64_t blocks[SOME], hits[SOME], begin, n;
	struct search of_all = *s;
	struct query none;

	of_all.team = 0;
	query_init(&none, c->arena);
	if (count < SAMPLE_BLOCKS_MAX) {
		TRY(count_in_blocks(c, &of_all, &none, blocks_down(c->arena, 0, newest, 0, NEAR, &begin),
							NEAR * BLOCKS_SMALLEST, &n));
		*out = n * newest / (newest - begin);
		return OK;
	}
	sample_draw(count, SOME, blocks);
	TRY(count_by_block(c, &of_all, &none, blocks_smallest(c->arena, 0, blocks, SOME), SOME, hits));
	n = 0;
	for (size_t i = 0; i < SOME; i++)
		n += hits[i];
	*out = n * count / SOME;
	return OK;
}

/* In a team's scope every hit of a rare word is looked up in the long list of the team's rows; the
 * other way round, by the row's own team, costs less. */
static void prefer_rows(struct ctx *c, struct search *s, struct query *filters)
{
	if (s->team == 0 || !wants_something(&s->terms))
		return;
	query_and(filters,
			  is_sqlite(c) ? arena_printf(c->arena,
										  "EXISTS (SELECT 1 FROM %s AS mine WHERE mine.id = "
										  "hits.id AND mine.team_id = ?)",
										  s->table->of)
						   : "hits.team_id = ?",
			  P(s->team));
	s->team = 0;
}

/* How rare a word is SQLite tells by the first hits. */
static int prefer_rows_if_rare(struct ctx *c, struct search *s, struct query *filters)
{
	enum { RARE_ENOUGH = 2000 };
	struct search of_all = *s;
	struct query none;
	int64_t n;

	if (s->team == 0 || !wants_something(&s->terms))
		return OK;
	of_all.team = 0;
	query_init(&none, c->arena);
	TRY(count_hits(c, &of_all, &none, RARE_ENOUGH + 1, &n));
	if (n <= RARE_ENOUGH)
		prefer_rows(c, s, filters);
	return OK;
}

/* PostgreSQL: a common word's hits are many to ask for a filter that few rows fulfil; then these
 * are asked for the word. all: about as many have the word. */
static int prefer_few(struct ctx *c, const struct search *s, struct query *filters, int64_t all,
					  bool *preferred)
{
	enum { FEW = 4000, TIMES = 8 }; /* a row costs as much as so many hits */
	const int64_t most = all / TIMES < FEW ? all / TIMES : FEW;
	const int64_t *ids;
	size_t n;

	if (s->few == NULL)
		return OK;
	TRY(s->few(c, s->few_of, most, &ids, &n));
	if ((int64_t)n > most)
		return OK;
	query_and(filters, "hits.id = ANY (CAST(? AS BIGINT[]))", P(find_ids_text(c, ids, n)));
	*preferred = true;
	return OK;
}

/* PostgreSQL: its planner knows neither how long the documents are nor, before it sees the words,
 * how many hits there will be; the one good way is always the same: by the index of words, then
 * each hit by its number. So it plans once for all words. Holds until the end of the request's
 * transaction. The newest id is asked along. */
static int prefer_index(struct ctx *c, const struct search *s, int64_t *newest)
{
	return db_int(c->db, newest,
				  arena_printf(c->arena,
							   "SELECT (SELECT max(%s) FROM %s), "
							   "set_config('enable_seqscan', 'off', TRUE), "
							   "set_config('enable_hashjoin', 'off', TRUE), "
							   "set_config('enable_mergejoin', 'off', TRUE), "
							   "set_config('plan_cache_mode', 'force_generic_plan', TRUE)",
							   s->table->postgresql_id, s->table->name));
}

/* ---- what is found ---- */

static int by_score(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;

	if (x->score != y->score)
		return x->score < y->score ? 1 : -1;
	return x->id < y->id ? 1 : x->id > y->id ? -1 : 0;
}

/* The newest from block to block; each: how many there may be in each of the smallest. *near has
 * those above the id begin. *found: there are no more to be ranked. */
static int walk(struct ctx *c, const struct search *s, const struct query *filters, int64_t newest,
				int64_t begin, double each, struct list *near, bool *found)
{
	const int level = blocks_level(each);
	const size_t kept = level == 0 ? near->n : 0; /* larger blocks do not end at begin */
	const char *blocks =
		blocks_down(c->arena, s->team, level == 0 ? begin - 1 : newest, level, BLOCKS_MAX, &begin);
	struct hit *hits = ARENA_ARRAY(c->arena, FIND_RANKED, struct hit);
	struct list more;

	TRY(scored_in_blocks(c, s, filters, blocks, FIND_RANKED - (int64_t)kept, &more));
	if (kept > 0)
		memcpy(hits, near->items, kept * sizeof *hits);
	if (more.n > 0)
		memcpy(hits + kept, more.items, more.n * sizeof *hits);
	*near = (struct list){hits, kept + more.n};
	*found = near->n == FIND_RANKED || begin == 0;
	return OK;
}

/* Whether hits are better found in all, and counted by the way: they are hardly more than are
 * wanted, or few and far between, so that each block of a walk goes through all of them. */
static bool is_sparse(double each, double in_all)
{
	enum { SPARSE = 2500, NEIGHBOURS = 10 };

	return each * in_all < 2 * FIND_RANKED || (each * in_all < SPARSE && each < NEIGHBOURS);
}

/* Those of PostgreSQL. *found: they are in *out; else the whole has them. */
static int newest_in_blocks(struct ctx *c, struct search *s, struct query *filters, int64_t newest,
							struct list *out, bool *found)
{
	enum { RARE = 5000 };
	const double in_all = (double)newest / BLOCKS_SMALLEST;
	int64_t begin, all;
	const char *blocks = blocks_down(c->arena, s->team, newest, 0, NEAR, &begin);
	bool few = false;
	double each;

	TRY(scored_in_blocks(c, s, filters, blocks, FIND_RANKED, out));
	*found = out->n == FIND_RANKED || begin == 0;
	if (*found)
		return OK;
	each = (double)out->n / (double)(newest - begin) * BLOCKS_SMALLEST;
	if (!is_sparse(each, in_all))
		return walk(c, s, filters, newest, begin, each, out, found);
	TRY(estimate_all(c, s, newest, &all));
	if (all < RARE) {
		prefer_rows(c, s, filters);
		return OK;
	}
	TRY(prefer_few(c, s, filters, all, &few));
	return few ? OK : walk(c, s, filters, newest, begin, (double)all / in_all, out, found);
}

/* The newest hits, not yet in order; in *s and *filters how the whole is best asked. */
static int newest_hits(struct ctx *c, struct search *s, struct query *filters, int64_t newest,
					   struct list *out)
{
	bool found = false;

	if (is_sqlite(c))
		TRY(prefer_rows_if_rare(c, s, filters));
	else
		TRY(newest_in_blocks(c, s, filters, newest, out, &found));
	return found ? OK : scored_hits(c, s, filters, out);
}

/* How many hits the FIND_RANKED newest, which were found in blocks, let expect in each of the
 * smallest. 0: they were not found in blocks. */
static double in_block(const struct list *hits, int64_t newest)
{
	const struct hit *h = hits->items;
	int64_t oldest = newest;

	if (hits->n < FIND_RANKED || h[0].among > 0)
		return 0;
	for (size_t i = 0; i < hits->n; i++)
		oldest = h[i].id < oldest ? h[i].id : oldest;
	return (double)FIND_RANKED / (double)(newest - oldest + 1) * BLOCKS_SMALLEST;
}

/* Blocks for all hits; NULL: they would be too many. */
static const char *all_blocks(struct ctx *c, const struct search *s, int64_t newest, double each)
{
	int64_t begin;
	const char *blocks =
		blocks_down(c->arena, s->team, newest, blocks_level(each), BLOCKS_MAX, &begin);

	return begin == 0 ? blocks : NULL;
}

/* Whether more than COUNT_CAP are found, if far less than counting can tell; each: in_block. */
static int seem_many(struct ctx *c, const struct search *s, const struct query *filters,
					 int64_t newest, double each, bool *out)
{
	const int64_t count = newest / BLOCKS_SMALLEST + 1;
	const size_t n = sample_size(each * (double)count / COUNT_CAP);
	int64_t blocks[SAMPLE_BLOCKS_MAX], hits[SAMPLE_BLOCKS_MAX];

	*out = false;
	if (n == 0 || count < SAMPLE_BLOCKS_MAX || (double)n * each > COUNT_CAP / 2.0)
		return OK;
	sample_draw(count, n, blocks);
	TRY(count_by_block(c, s, filters, blocks_smallest(c->arena, s->team, blocks, n), n, hits));
	*out = sample_tells_more(hits, n, count, COUNT_CAP);
	return OK;
}

/* As many as there are, up to one more than is ever told; each: in_block. */
static int count_all(struct ctx *c, const struct search *s, const struct query *filters,
					 int64_t newest, double each, int64_t *out)
{
	const char *blocks;
	bool many;

	if (is_sqlite(c) || each * (double)newest / BLOCKS_SMALLEST <= COUNT_CAP)
		return count_hits(c, s, filters, COUNT_CAP + 1, out);
	TRY(seem_many(c, s, filters, newest, each, &many));
	if (many) {
		*out = COUNT_CAP + 1;
		return OK;
	}
	blocks = all_blocks(c, s, newest, each);
	return blocks != NULL ? count_in_blocks(c, s, filters, blocks, COUNT_CAP + 1, out)
						  : count_hits(c, s, filters, COUNT_CAP + 1, out);
}

static int total(struct ctx *c, const struct search *s, const struct query *filters, int64_t newest,
				 const struct list *hits, int64_t *out)
{
	const struct hit *first = hits->items;
	const char *match = whole(c, s);

	if (first->among > 0) {
		*out = first->among <= COUNT_CAP ? first->among : COUNT_CAP + 1;
		return OK;
	}
	if (query_known_total(c, buf_str(&filters->where), filters, match, out))
		return OK;
	TRY(count_all(c, s, filters, newest, in_block(hits, newest), out));
	query_note_total(c, buf_str(&filters->where), filters, match, *out);
	return OK;
}

static void take(const struct list *hits, int64_t skip, int64_t limit, int64_t *ids, size_t *n)
{
	const struct hit *h = hits->items;

	for (int64_t i = skip; i < (int64_t)hits->n && i < skip + limit; i++)
		ids[(*n)++] = h[i].id;
}

static int page(struct ctx *c, struct search *s, struct query *filters, int64_t newest,
				int64_t skip, int64_t limit, int64_t *found, size_t *n)
{
	const char *blocks = NULL;
	struct list hits, more;
	int64_t from, all_of_them;

	TRY(newest_hits(c, s, filters, newest, &hits));
	all_of_them = (int64_t)hits.n;
	if (hits.n == FIND_RANKED)
		TRY(total(c, s, filters, newest, &hits, &all_of_them));
	if (hits.n > 0)
		qsort(hits.items, hits.n, sizeof(struct hit), by_score);
	take(&hits, skip, limit, found, n);
	from = skip > FIND_RANKED ? skip : FIND_RANKED;
	if (all_of_them > FIND_RANKED && skip + limit > FIND_RANKED) {
		if (!is_sqlite(c) && in_block(&hits, newest) > 0)
			blocks = all_blocks(c, s, newest, in_block(&hits, newest));
		TRY(more_hits(c, s, filters, blocks, from, skip + limit - from, &more));
		take(&more, 0, limit, found, n);
	}
	c->total = all_of_them;
	return OK;
}

int find_page(struct ctx *c, const struct search *search, const struct query *q, int64_t skip,
			  int64_t limit, const int64_t **ids, size_t *n)
{
	int64_t *found = ARENA_ARRAY(c->arena, (size_t)limit, int64_t), newest = 0;
	struct search s = *search;
	struct query filters = *q;

	*n = 0;
	*ids = found;
	if (skip > INT64_MAX - limit)
		skip = INT64_MAX - limit;
	if (!is_sqlite(c))
		TRY(prefer_index(c, &s, &newest));
	return page(c, &s, &filters, newest, skip, limit, found, n);
}

/* See search_find.h. */
#include "app/search_find.h"

#include <stdlib.h>
#include <string.h>

#include "app/search_tokens.h"

/* Blocks hold 2 to the power of these ids. */
static const int levels[] = {10, 12, 14, 16, 18};
enum {
	LEVELS = sizeof levels / sizeof levels[0],
	BLOCKS_MAX = 8, /* asked at once, of one size */
	SAMPLE = 1 << 10,
	IDS_TEXT_MAX = 16 * 1024
};

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

/* ---- scopes ---- */

static const char *scope_name(struct arena *a, int64_t team)
{
	return team == 0 ? "/all" : arena_printf(a, "/%lld", (long long)team);
}

static void add_scope_of(struct buf *b, const char *scope, int64_t id)
{
	buf_addf(b, "'%s' ", scope);
	for (int i = 0; i < LEVELS; i++)
		buf_addf(b, "'%s/%d/%lld' ", scope, levels[i], (long long)(id >> levels[i]));
}

void find_add_scope(struct buf *b, int64_t id, int64_t team)
{
	add_scope_of(b, scope_name(b->arena, 0), id);
	add_scope_of(b, scope_name(b->arena, team), id);
}

static bool wants_something(const struct search_terms *terms)
{
	for (size_t i = 0; i < terms->n; i++)
		if (!terms->items[i].negated)
			return true;
	return false;
}

static const char *whole(struct ctx *c, const struct search *s)
{
	const char *scope = arena_printf(c->arena, "'%s'", scope_name(c->arena, s->team));

	if (is_sqlite(c))
		return search_fts5(c->arena, s->table->sqlite_columns, &s->terms, s->team);
	return tsquery_of(c->arena, s->team == 0 && wants_something(&s->terms) ? NULL : scope,
					  &s->terms);
}

/* The expression for the blocks from the id from on; NULL: they would be too many, or all. *begin:
 * the first id of them. */
static const char *of_newest(struct ctx *c, const struct search *s, int64_t from, int64_t newest,
							 int64_t *begin)
{
	const char *scope = scope_name(c->arena, s->team);
	int level = 0;
	struct buf b;

	while (level < LEVELS && (newest >> levels[level]) - (from >> levels[level]) >= BLOCKS_MAX)
		level++;
	if (is_sqlite(c) || from <= 0 || level == LEVELS || from >> levels[level] == 0)
		return NULL;
	*begin = from >> levels[level] << levels[level];
	buf_init(&b, c->arena, SEARCH_EXPRESSION_MAX);
	for (int64_t block = newest >> levels[level]; block >= from >> levels[level]; block--)
		buf_addf(&b, "%s'%s/%d/%lld'", b.n == 0 ? "(" : " | ", scope, levels[level],
				 (long long)block);
	buf_addc(&b, ')');
	return tsquery_of(c->arena, buf_str(&b), &s->terms);
}

/* The id from which on there should be as many hits as wanted and some more, if n were found among
 * the newest ids. */
static int64_t from_for(int64_t newest, int64_t wanted, int64_t n, int64_t ids)
{
	return n == 0 ? 0 : newest - (ids / n + 1) * (wanted + wanted / 4);
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

/* The same on PostgreSQL. */
static const char *rows_where(struct ctx *c, const struct search *s, const struct query *q,
							  int match)
{
	const struct find_table *t = s->table;

	return arena_printf(
		c->arena,
		"(SELECT %s AS id, team_id, fields, document FROM %s) AS hits %s "
		"hits.document @@ CAST($%d AS TSQUERY)",
		t->postgresql_id, t->name,
		q->where.n > 0 ? arena_printf(c->arena, "%s AND", buf_str(&q->where)) : "WHERE", match);
}

/* The FIND_RANKED newest hits with their scores, of the whole expression if match is NULL;
 * PostgreSQL has then collected every hit anyway, and tells how many. */
static int scored_hits(struct ctx *c, const struct search *s, const struct query *filters,
					   const char *match, struct list *out)
{
	const struct find_table *t = s->table;
	bool all = match == NULL;
	struct query q = *filters;
	int at = query_param(&q, P(all ? whole(c, s) : match));
	const char *sql;

	if (!buf_ok(&q.where))
		return fail(c, E_RULE, "Too many filters in one request; use fewer");
	if (is_sqlite(c))
		sql = arena_printf(c->arena,
						   "SELECT hits.id, hits.score, 0 AS among FROM %s ORDER BY hits.id DESC "
						   "LIMIT %d",
						   hits_where(c, s, &q, at, t->sqlite_score), FIND_RANKED);
	else
		sql = arena_printf(
			c->arena,
			"SELECT found.id, found.among, %s AS score FROM (SELECT hits.id, hits.fields, %s AS "
			"among FROM %s ORDER BY " BY_SORTING " LIMIT %d) AS found",
			arena_printf(c->arena, t->postgresql_score,
						 query_param(&q, P(tsquery_any(c->arena, &s->terms)))),
			all ? "count(*) OVER ()" : "0", rows_where(c, s, &q, at), FIND_RANKED);
	return db_list_params(c->db, c->arena, &hit_schema, FIND_RANKED, out, sql,
						  (struct params){q.params + 1, q.n});
}

/* Up to limit hits from the newest down, after skip, without scores. */
static int more_hits(struct ctx *c, const struct search *s, const struct query *filters,
					 int64_t skip, int64_t limit, struct list *out)
{
	struct query q = *filters;
	int at = query_param(&q, P(whole(c, s))), limit_at = query_param(&q, P(limit)),
		skip_at = query_param(&q, P(skip));
	const char *sql;

	sql = arena_printf(c->arena,
					   "SELECT hits.id, 0 AS score FROM %s ORDER BY %s LIMIT $%d OFFSET $%d",
					   is_sqlite(c) ? hits_where(c, s, &q, at, "0") : rows_where(c, s, &q, at),
					   is_sqlite(c) ? "hits.id DESC" : BY_SORTING, limit_at, skip_at);
	return db_list_params(c->db, c->arena, &hit_schema, (size_t)limit, out, sql,
						  (struct params){q.params + 1, q.n});
}

/* How many hits there are, up to max. PostgreSQL counts those without filters in the index alone
 * where all see the rows, but only if no column is asked for. */
static int count_hits(struct ctx *c, const struct search *s, const struct query *filters,
					  const char *match, int64_t max, int64_t *out)
{
	struct query q = *filters;
	int at = query_param(&q, P(match)), max_at = query_param(&q, P(max));
	const char *rows;

	if (is_sqlite(c))
		rows = arena_printf(c->arena, "SELECT 1 FROM %s", hits_where(c, s, &q, at, "0"));
	else
		rows = arena_printf(c->arena, "SELECT FROM %s", rows_where(c, s, &q, at));
	return db_int_params(
		c->db, out,
		arena_printf(c->arena, "SELECT count(*) FROM (%s LIMIT $%d) AS counted", rows, max_at),
		(struct params){q.params + 1, q.n});
}

/* ---- how to ask ---- */

/* In a team's scope every hit of a rare word is looked up in the long list of the team's rows; the
 * other way round, by the row's own team, costs less. How rare it is SQLite tells by the first
 * hits, PostgreSQL by those among the newest ids. */
static int prefer_rows(struct ctx *c, struct search *s, struct query *filters, int64_t newest)
{
	enum { RARE = 2000, RARE_AMONG = 10000 };
	struct search of_all = *s;
	struct query none;
	const char *match;
	int64_t n, begin = 0, most = RARE;

	if (s->team == 0 || !wants_something(&s->terms))
		return OK;
	of_all.team = 0;
	query_init(&none, c->arena);
	match = of_newest(c, &of_all, newest - SAMPLE, newest, &begin);
	if (match != NULL)
		most = RARE_AMONG / (newest / (newest - begin) + 1);
	TRY(count_hits(c, &of_all, &none, match != NULL ? match : whole(c, &of_all), most + 1, &n));
	if (n > most)
		return OK;
	query_and(filters,
			  is_sqlite(c) ? arena_printf(c->arena,
										  "EXISTS (SELECT 1 FROM %s AS mine WHERE mine.id = "
										  "hits.id AND mine.team_id = ?)",
										  s->table->of)
						   : "hits.team_id = ?",
			  P(s->team));
	s->team = 0;
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

/* The newest hits, not yet in order; in *s and *filters how the whole is best asked. */
static int newest_hits(struct ctx *c, struct search *s, struct query *filters, int64_t newest,
					   struct list *out)
{
	int64_t begin = 0, n;
	const char *match = of_newest(c, s, newest - SAMPLE, newest, &begin);

	if (match != NULL) {
		TRY(count_hits(c, s, filters, match, FIND_RANKED, &n));
		if (n < FIND_RANKED)
			match =
				of_newest(c, s, from_for(newest, FIND_RANKED, n, newest - begin), newest, &begin);
	}
	if (match != NULL) {
		TRY(scored_hits(c, s, filters, match, out));
		if (out->n == FIND_RANKED)
			return OK;
	}
	TRY(prefer_rows(c, s, filters, newest));
	return scored_hits(c, s, filters, NULL, out);
}

/* How far the hits reach from the newest id down. */
static int64_t reach_of(const struct list *hits, int64_t newest)
{
	const struct hit *h = hits->items;
	int64_t oldest = newest;

	for (size_t i = 0; i < hits->n; i++)
		oldest = h[i].id < oldest ? h[i].id : oldest;
	return newest - oldest + 1;
}

/* As many as there are, up to one more than is ever told. The newest FIND_RANKED reach so far. */
static int count_all(struct ctx *c, const struct search *s, const struct query *filters,
					 int64_t newest, int64_t reach, int64_t *out)
{
	int64_t begin;
	const char *match =
		of_newest(c, s, from_for(newest, COUNT_CAP, FIND_RANKED, reach), newest, &begin);

	if (match != NULL) {
		TRY(count_hits(c, s, filters, match, COUNT_CAP + 1, out));
		if (*out > COUNT_CAP)
			return OK;
	}
	return count_hits(c, s, filters, whole(c, s), COUNT_CAP + 1, out);
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
	TRY(count_all(c, s, filters, newest, reach_of(hits, newest), out));
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
		TRY(more_hits(c, s, filters, from, skip + limit - from, &more));
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
	if (!is_sqlite(c))
		TRY(prefer_index(c, &s, &newest));
	return page(c, &s, &filters, newest, skip, limit, found, n);
}

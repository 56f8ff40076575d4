/*
 * query: a SELECT whose conditions depend on the request, and the page of it that was asked for.
 * Conditions are constant text with one "?" for their value; values are always parameters.
 */
#pragma once
#include "core/ctx.h"

enum { QUERY_PARAMS_MAX = 40, QUERY_TEXT_MAX = 16384 };

struct query {
	struct arena *arena;
	struct buf where;                          /* "", or "WHERE … AND …" */
	struct param params[QUERY_PARAMS_MAX + 1]; /* from 1, as their numbers */
	size_t n;
	int64_t version; /* 0, or a number that changes whenever the rows asked for do */
};

/* The parameters of every list: rows to skip and rows to return; type: a struct with int64_t skip
 * and limit. A list that has no others takes struct page. */
#define QUERY_PAGE(type)                                                         \
	FIELD(type, skip, F_QUERY, .min = 0, .doc = "Rows to skip", .example = "0"), \
		FIELD(type, limit, F_QUERY, .min = 1, .max = 500, .preset = "100",       \
			  .doc = "Rows to return", .example = "100")

struct page {
	int64_t skip, limit;
};
extern const struct schema page_schema;

/* The end of a SELECT in EXISTS (…) that is to be asked for each row that the other conditions
 * find. PostgreSQL might else begin with what fulfils it, and ask the rest of the query for each of
 * those. */
#define QUERY_EACH " LIMIT 1 OFFSET 0"

void query_init(struct query *q, struct arena *a);
/* Adds a condition; each "?" in it stands for the same value p. More than QUERY_PARAMS_MAX: ignored
 * and the query fails with E_RULE. */
void query_and(struct query *q, const char *condition, struct param p);
/* Adds a condition without a value. */
void query_and_plain(struct query *q, const char *condition);
/* Reserves a parameter and returns its number, for conditions built elsewhere. */
int query_param(struct query *q, struct param p);

/* Runs "SELECT columns FROM from <conditions> ORDER BY order LIMIT limit OFFSET skip" into the list
 * *c->out and sets c->total (counted up to COUNT_CAP + 1). */
int query_page(struct ctx *c, struct query *q, const struct schema *s, const char *columns,
			   const char *from, const char *order, int64_t skip, int64_t limit);

/* Counts the rows of a SELECT that uses all of q's parameters, up to COUNT_CAP + 1. */
int query_count(struct ctx *c, const struct query *q, const char *select, int64_t *out);
/* A page of n rows that is not full tells the total by itself: sets c->total. False: it is full, or
 * lies behind the last row. */
bool query_total_of_page(struct ctx *c, int64_t skip, int64_t limit, size_t n);

/* Totals are remembered for a minute, so that nobody pays for the same counting with each page:
 * that there are more rows than COUNT_CAP whatever happens meanwhile, any other total as long as
 * q's version stays. text, the parameters of q and also (may be NULL) tell what was counted;
 * query_page and query_count do so by themselves. */
bool query_known_total(struct ctx *c, const char *text, const struct query *q, const char *also,
					   int64_t *out);
void query_note_total(struct ctx *c, const char *text, const struct query *q, const char *also,
					  int64_t total);

/* The LIKE pattern (ESCAPE '\') for a part of a text: folded, between percent signs. In the arena.
 */
const char *query_like(struct arena *a, const char *part);

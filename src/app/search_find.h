/*
 * search_find: the ids of the rows that a search of words finds, the best first, in bounded time
 * however common the words are.
 *
 * The FIND_RANKED newest that were found are ranked, by the fields where the words stand, not by
 * how often or how rare they are, which would mean to count them through the whole index; what is
 * found beyond them follows from new to old. So the order is exact as long as no more than
 * FIND_RANKED are found.
 *
 * The total is exact up to COUNT_CAP. That it is beyond may have been so a minute ago; and on
 * PostgreSQL, where the newest hits let expect far more, a sample may tell it in place of counting
 * (search_sample.h): wrong for less than one word in SAMPLE_ODDS that has no more.
 *
 * SQLite's FTS5 walks from the newest row down and stops when enough are found. PostgreSQL asks for
 * one block of ids after the other (search_blocks.h), from the newest down and in one statement,
 * until it has enough. How large the blocks should be the newest two tell; that a word is so rare
 * that all of its rows may be asked at once, some others as well.
 */
#pragma once
#include "app/query.h"
#include "app/search_words.h"

enum { FIND_RANKED = 500 };

/* An index of words beside the table whose id its rows bear. */
struct find_table {
	const char *name;
	const char *sqlite_columns; /* those of words: "{name text}" */
	const char *sqlite_score;
	const char *postgresql_id;    /* the column; SQLite's is rowid. PostgreSQL's rows also have the
								   * columns team_id, fields, document */
	const char *postgresql_score; /* of found.fields; "%d": the words' parameter */
	const char *of;               /* the table of what is found; it has a team_id */
};

struct search {
	const struct find_table *table;
	struct search_terms terms;
	int64_t team; /* 0: all */
	/* With filters: the ids of some rows among which are all that fulfil them, if they are not more
	 * than max; else *n is more. In the arena. NULL: that cannot be told. */
	int (*few)(struct ctx *c, const void *of, int64_t max, const int64_t **ids, size_t *n);
	const void *few_of;
};

/* The ids of the page (skip, limit) into *ids (in the arena) and *n, those alone that fulfil the
 * filters of q (conditions on hits.id); c->total is set. */
int find_page(struct ctx *c, const struct search *search, const struct query *q, int64_t skip,
			  int64_t limit, const int64_t **ids, size_t *n);

/* "IN (…)" or the like, for ids as parameter number 1 (find_ids_text), in the engine's SQL. */
const char *find_ids_condition(struct ctx *c);
const char *find_ids_text(struct ctx *c, const int64_t *ids, size_t n);

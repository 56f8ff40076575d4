/*
 * sqlite_score: a ranking function for FTS5 that looks at one row alone. bm25 counts each word's
 * rows through the whole index before the first score, which takes as long as the word is common.
 */
#pragma once
#include <sqlite3.h>

/* Registers field_score(table, weight, …): the sum, over the words and phrases of the search, of
 * the weight of the best column where it stands (columns in order; those without a weight: 0).
 * Returns SQLite's result code. */
int sqlite_score_register(sqlite3 *db);

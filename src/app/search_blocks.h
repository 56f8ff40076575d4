/*
 * search_blocks: blocks of ids as lexemes of PostgreSQL's full text index.
 *
 * GIN cannot be walked from the newest row down: it collects all rows of a word before the first is
 * seen. So each tsvector holds the numbers of the blocks of ids that its row lies in, as lexemes
 * that no word can be ("/all/12/61": those of all teams from 61 << 12 on; "/7/12/61": those of team
 * 7), and a search asks for one block after the other.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum {
	BLOCKS_LEVELS = 5,         /* sizes of blocks, each four times the one before */
	BLOCKS_SMALLEST = 1 << 10, /* ids */
	BLOCKS_MAX = 1000          /* asked in a row */
};

/* Appends a row's scopes (all, the team) and blocks to the tsvector being written. */
void blocks_add(struct buf *b, int64_t id, int64_t team);

/* The lexeme of all rows of the team (0: of all teams). In the arena. */
const char *blocks_scope(struct arena *a, int64_t team);

/* Up to max blocks from the newest id down, beginning with those of a level, soon larger ones: so
 * few that all may be asked in a row. *begin is the lowest id in them. As the text of an array of
 * lexemes, in the arena. */
const char *blocks_down(struct arena *a, int64_t team, int64_t newest, int level, size_t max,
						int64_t *begin);

/* The level whose blocks hold some dozens of what the smallest hold so many of. */
int blocks_level(double in_smallest);

/* Some of the smallest blocks, by their numbers (id / BLOCKS_SMALLEST), as such an array. */
const char *blocks_smallest(struct arena *a, int64_t team, const int64_t *blocks, size_t n);

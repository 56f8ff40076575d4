/*
 * search_sample: whether a search finds more rows than a number, told from a few blocks of ids in
 * place of counting.
 *
 * The ids are cut into as many equal ranges as blocks are to be looked at, and of each range one
 * block is drawn at random. How many hits lie in it is played as a bet against "there are no more
 * than that number": a stake wins what the block holds beyond its fair share and loses what it
 * lacks. If there are no more, such a stake does not grow on average, however the hits are strewn,
 * so that it becomes SAMPLE_ODDS times itself with a chance of less than one in SAMPLE_ODDS
 * (Ville's inequality). Only then is it said that there are more. Hits that lie in heaps leave some
 * blocks empty, which costs the stake; they are to be counted.
 *
 * The draw is made once in the life of the process, so that searches look at the same blocks, whose
 * rows are then in memory.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SAMPLE_BLOCKS_MAX = 48, SAMPLE_ODDS = 1000000 };

/* How many blocks should tell, if there seem to be so many times as many hits as the number: a part
 * of SAMPLE_BLOCKS_MAX. 0: too close to it. */
size_t sample_size(double times);

/* The n blocks drawn of those from 0 to count - 1, ascending, one of each range; the newest count %
 * SAMPLE_BLOCKS_MAX lie in none. n: a part of SAMPLE_BLOCKS_MAX; count: at least SAMPLE_BLOCKS_MAX.
 */
void sample_draw(int64_t count, size_t n, int64_t *blocks);
/* The same with other luck: SAMPLE_BLOCKS_MAX random numbers. */
void sample_draw_by(const uint64_t *random, int64_t count, size_t n, int64_t *blocks);

/* Whether more than so many hits lie in count blocks, if there are hits[0] to hits[n - 1] in those
 * drawn. */
bool sample_tells_more(const int64_t *hits, size_t n, int64_t count, int64_t than);

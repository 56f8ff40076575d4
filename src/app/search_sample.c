/*
 * See search_sample.h. There are SAMPLE_BLOCKS_MAX small ranges with a block drawn of each; who
 * wants fewer joins some of them and takes the block of one.
 */
#include "app/search_sample.h"

#include <pthread.h>

#include "base/rand.h"

/* What of the stake is put on each block; of several strategies each gets an equal part. The bold
 * one wins soon where hits are even, the other bears an empty block. */
static const double bets[] = {0.5, 0.9};
enum { BETS = sizeof bets / sizeof bets[0] };

static pthread_once_t drawn = PTHREAD_ONCE_INIT;
static uint64_t luck[SAMPLE_BLOCKS_MAX];

size_t sample_size(double times)
{
	/* What seems to be may be a third more than what is. */
	const double growth = 1 - bets[BETS - 1] + bets[BETS - 1] * times * 0.75;
	double stake = 1.0 / BETS;

	for (size_t n = 1; growth > 1 && n <= SAMPLE_BLOCKS_MAX; n++) {
		stake *= growth;
		if (stake >= SAMPLE_ODDS && SAMPLE_BLOCKS_MAX % n == 0)
			return n;
	}
	return 0;
}

void sample_draw_by(const uint64_t *random, int64_t count, size_t n, int64_t *blocks)
{
	const uint64_t small = (uint64_t)count / SAMPLE_BLOCKS_MAX, joined = SAMPLE_BLOCKS_MAX / n;

	for (size_t i = 0; i < n; i++) {
		uint64_t range = i * joined + (random[i] >> 48) % joined;

		blocks[i] = (int64_t)(range * small + (random[range] & UINT64_C(0xFFFFFFFFFFFF)) % small);
	}
}

static void draw_once(void)
{
	rand_bytes(luck, sizeof luck);
}

void sample_draw(int64_t count, size_t n, int64_t *blocks)
{
	pthread_once(&drawn, draw_once);
	sample_draw_by(luck, count, n, blocks);
}

bool sample_tells_more(const int64_t *hits, size_t n, int64_t count, int64_t than)
{
	/* A block's fair share of what may lie in the ranges. */
	const double share = (double)than / (double)(count / SAMPLE_BLOCKS_MAX * SAMPLE_BLOCKS_MAX);
	double stake = 0;

	for (size_t i = 0; i < BETS; i++) {
		double part = 1.0 / BETS;

		for (size_t j = 0; j < n; j++)
			part *= 1 - bets[i] + bets[i] * (double)hits[j] / share;
		stake += part;
	}
	return stake >= SAMPLE_ODDS;
}

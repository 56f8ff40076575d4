#include "app/search_sample.h"

#include "base/test.h"

enum { COUNT = 1000, THAN = 10000 };

static bool tells(size_t n, const int64_t *hits)
{
	return sample_tells_more(hits, n, COUNT, THAN);
}

/* n blocks with so many hits each, the first few with none. */
static bool even(size_t n, int64_t hits, size_t empty)
{
	int64_t blocks[SAMPLE_BLOCKS_MAX];

	for (size_t i = 0; i < n; i++)
		blocks[i] = i < empty ? 0 : hits;
	return tells(n, blocks);
}

TEST(even_hits_tell_soon)
{
	CHECK(even(10, 50, 0));
	CHECK(even(16, 50, 1));
	CHECK(even(SAMPLE_BLOCKS_MAX, 15, 0));
	CHECK(even(4, 1024, 0));
}

TEST(what_is_about_the_number_or_less_is_never_more)
{
	for (size_t n = 1; n <= SAMPLE_BLOCKS_MAX; n++) {
		CHECK(!even(n, 0, 0));
		CHECK(!even(n, 10, 0));
		CHECK(!even(n, 12, 0));
	}
}

TEST(heaps_are_no_proof)
{
	const int64_t one[16] = {1024}, two[16] = {1024, 1024}, half[16] = {30, 0, 30, 0, 30, 0, 30, 0};

	CHECK(!tells(16, one));
	CHECK(!tells(16, two));
	CHECK(!tells(16, half));
	CHECK(!even(11, 50, 6));
}

static void shuffle(uint64_t *random)
{
	static uint64_t state = 1; /* xorshift64: the same numbers at each run */

	for (size_t i = 0; i < SAMPLE_BLOCKS_MAX; i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		random[i] = state;
	}
}

/* Hits in some of the blocks, as many in each, THAN in all: how many of so many samples say that
 * there are more. */
static size_t wrong(size_t with_hits, size_t n, size_t samples)
{
	uint64_t random[SAMPLE_BLOCKS_MAX];
	int64_t blocks[SAMPLE_BLOCKS_MAX], hits[SAMPLE_BLOCKS_MAX];
	size_t told = 0;

	for (size_t i = 0; i < samples; i++) {
		shuffle(random);
		sample_draw_by(random, COUNT, n, blocks);
		for (size_t j = 0; j < n; j++)
			hits[j] = blocks[j] * 7 % COUNT < (int64_t)with_hits ? THAN / (int64_t)with_hits : 0;
		told += tells(n, hits);
	}
	return told;
}

TEST(samples_are_seldom_wrong)
{
	size_t told = 0;

	for (size_t with_hits = 10; with_hits <= COUNT; with_hits = with_hits * 5 / 4)
		for (size_t n = 3; n <= SAMPLE_BLOCKS_MAX; n *= 2)
			told += wrong(with_hits, n, 1000);
	CHECK_INT(told, 0);
}

TEST(each_range_gives_one_block)
{
	static const size_t sizes[] = {3, 4, 6, 8, 12, 16, 24, 48};
	int64_t blocks[SAMPLE_BLOCKS_MAX];
	uint64_t random[SAMPLE_BLOCKS_MAX];
	bool seen[COUNT] = {false};
	size_t n_seen = 0;

	for (int i = 0; i < 8000; i++) {
		size_t n = sizes[i % 8];
		int64_t range = 960 / (int64_t)n;

		shuffle(random);
		sample_draw_by(random, COUNT, n, blocks);
		for (int64_t j = 0; j < (int64_t)n; j++) {
			CHECK(blocks[j] >= j * range && blocks[j] < (j + 1) * range);
			n_seen += !seen[blocks[j]];
			seen[blocks[j]] = true;
		}
	}
	CHECK_INT(n_seen, 960);
}

TEST(the_draw_of_a_process_stays)
{
	int64_t once[SAMPLE_BLOCKS_MAX], again[SAMPLE_BLOCKS_MAX];

	sample_draw(COUNT, 16, once);
	sample_draw(COUNT, 16, again);
	for (size_t i = 0; i < 16; i++)
		CHECK_INT(once[i], again[i]);
	sample_draw(SAMPLE_BLOCKS_MAX, SAMPLE_BLOCKS_MAX, once);
	for (size_t i = 0; i < SAMPLE_BLOCKS_MAX; i++)
		CHECK_INT(once[i], i);
}

TEST(as_many_blocks_as_needed)
{
	CHECK_INT(sample_size(0), 0);
	CHECK_INT(sample_size(1), 0);
	CHECK_INT(sample_size(1.5), 0);
	for (double times = 3; times < 200; times *= 1.5) {
		size_t n = sample_size(times);

		CHECK(n > 0 && SAMPLE_BLOCKS_MAX % n == 0);
		CHECK(even(n, (int64_t)(times * 0.8 * THAN / COUNT) + 1, 0));
	}
	CHECK(sample_size(100) < sample_size(10) && sample_size(10) < sample_size(3));
}

TEST_MAIN()

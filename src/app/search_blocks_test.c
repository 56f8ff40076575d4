#include "app/search_blocks.h"

#include <stdlib.h>

#include "base/test.h"

static struct arena *arena;

/* Reads "'/7/10/3'," and gives its first id and the one behind its last; NULL at the end. */
static const char *read_block(const char *text, int64_t *from, int64_t *to)
{
	char *end;
	long level, block;

	if (*text != '\'')
		return NULL;
	CHECK(text[1] == '/');
	level = strtol(strchr(text + 2, '/') + 1, &end, 10);
	CHECK(*end == '/');
	block = strtol(end + 1, &end, 10);
	CHECK(*end == '\'');
	*from = (int64_t)block << level;
	*to = (int64_t)(block + 1) << level;
	return end[1] == ',' ? end + 2 : end + 1;
}

/* Follows blocks that come one after the other, without a gap, from the id before *to on. */
static int follow(const char *array, int64_t *to)
{
	int64_t from, end;
	int n = 0;

	CHECK(*array == '{');
	for (const char *at = array + 1; (at = read_block(at, &from, &end)) != NULL; n++) {
		CHECK(n == 0 && *to == -1 ? true : end == *to);
		*to = from;
	}
	return n;
}

TEST(blocks_follow_each_other_down_to_the_first_id)
{
	static const int64_t newest[] = {0,     1,     1023,   1024,    4095,     4096,     8191,
									 16383, 16384, 100000, 1000000, 12345678, 250000000};

	for (size_t i = 0; i < sizeof newest / sizeof newest[0]; i++)
		for (int level = 0; level < BLOCKS_LEVELS; level++) {
			int64_t to = -1, begin = -1;
			int n;

			arena = arena_new(1 << 20);
			n = follow(blocks_down(arena, 0, newest[i], level, BLOCKS_MAX, &begin), &to);
			CHECK(n >= 1 && n <= 8 * BLOCKS_LEVELS + (newest[i] >> 18));
			CHECK_INT(to, 0);
			CHECK_INT(begin, 0);
			arena_free(arena);
		}
}

TEST(as_many_blocks_as_wanted)
{
	int64_t to = -1, begin = -1;
	const char *text;

	arena = arena_new(1 << 20);
	CHECK_STR(blocks_down(arena, 0, 5000, 0, 2, &begin), "{'/all/10/4','/all/10/3'}");
	CHECK_INT(begin, 3072);
	CHECK_STR(blocks_down(arena, 7, 20000, 0, 10, &begin),
			  "{'/7/10/19','/7/10/18','/7/10/17','/7/10/16','/7/10/15','/7/10/14','/7/10/13',"
			  "'/7/10/12','/7/12/2','/7/12/1'}");
	CHECK_INT(begin, 4096);
	text = blocks_down(arena, INT64_MAX, INT64_C(1) << 62, 0, BLOCKS_MAX, &begin);
	CHECK_INT(follow(text, &to), BLOCKS_MAX);
	CHECK(begin > 0);
	CHECK_INT(to, begin);
	arena_free(arena);
}

TEST(rare_words_are_asked_for_by_large_blocks)
{
	CHECK_INT(blocks_level(1000), 0);
	CHECK_INT(blocks_level(40), 0);
	CHECK_INT(blocks_level(39), 1);
	CHECK_INT(blocks_level(1), 3);
	CHECK_INT(blocks_level(0), BLOCKS_LEVELS - 1);
}

TEST(a_row_lies_in_the_blocks_of_all_and_of_its_team)
{
	static const int64_t some[] = {0, 61};
	struct buf b;

	arena = arena_new(1 << 20);
	buf_init(&b, arena, 1000);
	blocks_add(&b, 300000, 7);
	CHECK_STR(buf_str(&b), "'/all' '/all/10/292' '/all/12/73' '/all/14/18' '/all/16/4' '/all/18/1' "
						   "'/7' '/7/10/292' '/7/12/73' '/7/14/18' '/7/16/4' '/7/18/1' ");
	CHECK_STR(blocks_smallest(arena, 7, some, 2), "{'/7/10/0','/7/10/61'}");
	arena_free(arena);
}

TEST_MAIN()

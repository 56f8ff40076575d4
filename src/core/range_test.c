#include "core/range.h"

#include "base/test.h"

static void check(const char *value, int64_t size, enum range_kind kind, int64_t first,
				  int64_t last)
{
	struct byte_range r = {-1, -1};

	CHECK_INT(range_parse(value, size, &r), kind);
	CHECK_INT(r.first, first);
	CHECK_INT(r.last, last);
}

TEST(one_range)
{
	check("bytes=0-0", 10, RANGE_ONE, 0, 0);
	check("bytes=2-5", 10, RANGE_ONE, 2, 5);
	check("Bytes= 2- ", 10, RANGE_ONE, 2, 9);
	check("bytes=2-100", 10, RANGE_ONE, 2, 9);
	check("bytes=-3", 10, RANGE_ONE, 7, 9);
	check("bytes=-30", 10, RANGE_ONE, 0, 9);
	check("bytes=9-99999999999999999999999", 10, RANGE_ONE, 9, 9);
}

TEST(beyond_the_file)
{
	check("bytes=10-", 10, RANGE_BEYOND, -1, -1);
	check("bytes=99999999999999999999999-", 10, RANGE_BEYOND, -1, -1);
	check("bytes=-0", 10, RANGE_BEYOND, -1, -1);
	check("bytes=-5", 0, RANGE_BEYOND, -1, -1);
	check("bytes=0-", 0, RANGE_BEYOND, -1, -1);
}

TEST(what_is_ignored)
{
	static const char *const values[] = {"",          "bytes",      "bytes=",    "bytes=-",
										 "bytes=5-2", "bytes=a-b",  "lines=0-5", "bytes=0-1,3-4",
										 "bytes=1",   "bytes=1-2x", "bytes=--5", "bytes=+1-2"};

	for (unsigned i = 0; i < sizeof values / sizeof values[0]; i++)
		check(values[i], 10, RANGE_NONE, -1, -1);
}

TEST_MAIN()

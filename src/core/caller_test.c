#include "core/caller.h"

#include "base/test.h"

static struct arena *arena;

static const char *name(int64_t user, const char *address)
{
	arena = arena_free(arena);
	arena = arena_new(4096);
	return caller_name(arena, user, address);
}

TEST(a_user_counts_wherever_they_are)
{
	CHECK_STR(name(17, "192.0.2.1"), "u:17");
}

TEST(an_address_counts_by_itself)
{
	CHECK_STR(name(0, "192.0.2.1"), "a:192.0.2.1");
	CHECK_STR(name(0, "::ffff:192.0.2.1"), "a:192.0.2.1");
}

TEST(an_ipv6_network_counts_as_one)
{
	CHECK_STR(name(0, "2001:db8:1:2:3:4:5:6"), "a:2001:db8:1:2::");
	CHECK_STR(name(0, "2001:db8:1:2:ffff::"), "a:2001:db8:1:2::");
	CHECK_STR(name(0, "2001:db8:1:3::1"), "a:2001:db8:1:3::");
}

TEST_MAIN()

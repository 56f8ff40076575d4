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

static const char *behind(const char *peer, const char *list)
{
	static const char *proxies[] = {"10.0.0.1", "10.0.0.2"};
	static const struct config config = {.trusted_proxies = {proxies, 2}, .trust_proxy = true};

	arena = arena_free(arena);
	arena = arena_new(4096);
	return caller_forwarded(arena, &config, peer, list);
}

TEST(only_a_trusted_proxy_is_believed)
{
	static const struct config nobody = {.trust_proxy = false};

	CHECK_STR(behind("10.0.0.1", "192.0.2.9"), "192.0.2.9");
	CHECK_STR(behind("10.0.0.3", "192.0.2.9"), "10.0.0.3");
	CHECK_STR(caller_forwarded(arena, &nobody, "10.0.0.1", "192.0.2.9"), "10.0.0.1");
	CHECK_STR(behind("10.0.0.1", NULL), "10.0.0.1");
}

TEST(what_the_client_wrote_itself_is_not)
{
	CHECK_STR(behind("10.0.0.1", "1.1.1.1, 192.0.2.9"), "192.0.2.9");
	CHECK_STR(behind("10.0.0.1", "1.1.1.1, 192.0.2.9 , 10.0.0.2"), "192.0.2.9");
	CHECK_STR(behind("10.0.0.1", "10.0.0.2"), "10.0.0.2");
	CHECK_STR(behind("10.0.0.1", "1.1.1.1, nonsense"), "10.0.0.1");
	CHECK_STR(behind("10.0.0.1", ""), "10.0.0.1");
}

TEST_MAIN()

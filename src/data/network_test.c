#include "data/network.h"

#include "base/test.h"

static bool public(const char *s)
{
	struct in6_addr a;

	CHECK(address_read(s, &a));
	return address_public(&a);
}

static bool has(const char *network, const char *address)
{
	struct network n;
	struct in6_addr a;

	CHECK(network_read(network, &n) && address_read(address, &a));
	return network_has(&n, &a);
}

TEST(public_addresses)
{
	static const char *const yes[] = {"1.1.1.1",        "8.8.8.8",          "172.15.255.255",
									  "172.32.0.0",     "100.128.0.1",      "223.255.255.255",
									  "11.0.0.0",       "2606:4700::1111",  "2a00:1450::1",
									  "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"};
	static const char *const no[] = {"0.0.0.0",
									 "10.1.2.3",
									 "100.64.0.1",
									 "127.0.0.1",
									 "127.255.255.255",
									 "169.254.169.254",
									 "172.16.0.1",
									 "172.31.255.255",
									 "192.0.0.1",
									 "192.168.1.1",
									 "198.18.0.1",
									 "224.0.0.1",
									 "255.255.255.255",
									 "::",
									 "::1",
									 "::127.0.0.1",
									 "fe80::1",
									 "fc00::1",
									 "fd12::1",
									 "ff02::1",
									 "::ffff:127.0.0.1",
									 "::ffff:10.0.0.1",
									 "64:ff9b::7f00:1",
									 "2002:7f00:1::",
									 "2001::1",
									 "2001:db8::1",
									 "fec0::1",
									 "64:ff9b:1::1",
									 "2002:a00:1::"};

	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
		CHECK(public(yes[i]));
	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
		CHECK(!public(no[i]));
}

TEST(networks)
{
	struct network n;

	CHECK(has("10.0.0.0/8", "10.255.0.1") && !has("10.0.0.0/8", "11.0.0.0"));
	CHECK(has("192.168.4.0/22", "192.168.7.255") && !has("192.168.4.0/22", "192.168.8.0"));
	CHECK(has("127.0.0.1", "127.0.0.1") && !has("127.0.0.1", "127.0.0.2"));
	CHECK(has("fd00::/8", "fdff::1") && !has("fd00::/8", "fe00::1"));
	CHECK(has("0.0.0.0/0", "1.2.3.4") && !has("0.0.0.0/0", "::1") && has("::/0", "1.2.3.4"));
	CHECK(!network_read("10.0.0.0/33", &n) && !network_read("::/129", &n));
	CHECK(!network_read("10.0.0.0/", &n) && !network_read("10.0.0.0/-1", &n));
	CHECK(!network_read("10.0.0", &n) && !network_read("", &n) && !network_read("host/8", &n));
}

TEST(host_names)
{
	CHECK(host_name_valid("hooks.example.com") && host_name_valid("my_host") &&
		  host_name_valid("xn--bcher-kva"));
	CHECK(!host_name_valid("") && !host_name_valid("a b") && !host_name_valid("http://x") &&
		  !host_name_valid("*"));
}

TEST_MAIN()

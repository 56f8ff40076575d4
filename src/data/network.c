/* See network.h. The list below is all that makes an address special; IPv4 networks stand in it in
 * their mapped form. */
#include "data/network.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

enum { V4_BITS = 96, ALL_BITS = 128, HOST_NAME_MAX_BYTES = 253, ADDRESS_SIZE = 64 };

bool address_read(const char *s, struct in6_addr *out)
{
	struct in_addr v4;

	if (inet_pton(AF_INET6, s, out) == 1)
		return true;
	if (inet_pton(AF_INET, s, &v4) != 1)
		return false;
	memset(out, 0, sizeof *out);
	out->s6_addr[10] = out->s6_addr[11] = 0xFF;
	memcpy(out->s6_addr + 12, &v4, sizeof v4);
	return true;
}

bool network_read(const char *s, struct network *out)
{
	size_t n = strcspn(s, "/");
	char address[ADDRESS_SIZE];
	int64_t bits, most;

	if (n >= sizeof address)
		return false;
	memcpy(address, s, n);
	address[n] = '\0';
	if (!address_read(address, &out->base))
		return false;
	most = strchr(address, ':') != NULL ? ALL_BITS : ALL_BITS - V4_BITS;
	bits = most;
	if (s[n] == '/' && (text_int(s + n + 1, &bits) != OK || bits < 0 || bits > most))
		return false;
	out->bits = (int)(bits + ALL_BITS - most);
	return true;
}

bool network_has(const struct network *n, const struct in6_addr *address)
{
	size_t whole = (size_t)n->bits / 8;
	unsigned rest = (unsigned)n->bits % 8, mask = 0xFFu << (8 - rest) & 0xFFu;

	if (memcmp(&n->base, address, whole) != 0)
		return false;
	return rest == 0 || ((n->base.s6_addr[whole] ^ address->s6_addr[whole]) & mask) == 0;
}

static bool is_in(const char *const *list, size_t n, const struct in6_addr *address)
{
	for (size_t i = 0; i < n; i++) {
		struct network net;

		if (network_read(list[i], &net) && network_has(&net, address))
			return true;
	}
	return false;
}

static bool is_special(const struct in6_addr *address)
{
	static const char *const special[] = {
		"0.0.0.0/8",     "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
		"172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24", "192.168.0.0/16",
		"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",
		"2001::/23",     "2001:db8::/32",   "3fff::/20",
	};

	return is_in(special, sizeof special / sizeof special[0], address);
}

/* The IPv4 address that begins at byte at, mapped. */
static struct in6_addr wrapped(const struct in6_addr *address, size_t at)
{
	struct in6_addr out = {0};

	out.s6_addr[10] = out.s6_addr[11] = 0xFF;
	memcpy(out.s6_addr + 12, address->s6_addr + at, 4);
	return out;
}

bool address_public(const struct in6_addr *address)
{
	static const char *const mapped[] = {"::ffff:0:0/96"}, *const six_to_four[] = {"2002::/16"};
	static const char *const nat64[] = {"64:ff9b::/96"}, *const unicast[] = {"2000::/3"};
	struct in6_addr inner;

	if (is_in(mapped, 1, address))
		return !is_special(address);
	if (is_in(six_to_four, 1, address) || is_in(nat64, 1, address)) {
		inner = wrapped(address, address->s6_addr[0] == 0x20 ? 2 : 12);
		return !is_special(&inner);
	}
	return is_in(unicast, 1, address) && !is_special(address);
}

bool host_name_valid(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n <= HOST_NAME_MAX_BYTES &&
		   strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == n;
}

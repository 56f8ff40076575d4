/*
 * network: Internet addresses as numbers. An IPv4 address is kept as IPv6 writes it
 * (::ffff:192.0.2.1), so that both forms compare.
 */
#pragma once
#include <netinet/in.h>
#include <stdbool.h>

struct network {
	struct in6_addr base;
	int bits; /* of the prefix, 0 to 128 */
};

/* Reads a numeric address, "192.0.2.1" or "2001:db8::1". False if it is none. */
bool address_read(const char *s, struct in6_addr *out);
/* Reads "192.168.0.0/16", "fd00::/8" or a single address. False if it is none. */
bool network_read(const char *s, struct network *out);
bool network_has(const struct network *n, const struct in6_addr *address);
/* Whether the address belongs to the public Internet: not to this host, a private, shared, link's
 * own, reserved, documentation or multicast network (IANA's special-purpose registries, RFC 6890),
 * nor to one of those wrapped in an IPv6 form (mapped, 6to4, NAT64). */
bool address_public(const struct in6_addr *address);
/* Whether s can be a host's name: letters, digits, hyphens, underscores and dots, 253 at most. */
bool host_name_valid(const char *s);

/* See caller.h. */
#include "core/caller.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "base/text.h"

static bool is_address(const char *s)
{
	struct in6_addr a;

	return inet_pton(AF_INET, s, &a) == 1 || inet_pton(AF_INET6, s, &a) == 1;
}

const char *caller_address(const struct http_exchange *x, bool trust_proxy)
{
	const char *list = trust_proxy ? http_header(x, "X-Forwarded-For") : NULL;
	const char *comma;
	char *last;

	if (list == NULL)
		return x->peer;
	comma = strrchr(list, ',');
	last = text_trim(arena_strdup(x->arena, comma == NULL ? list : comma + 1));
	return is_address(last) ? last : x->peer;
}

const char *caller_name(struct arena *a, int64_t user_id, const char *address)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr ip;

	if (user_id > 0)
		return arena_printf(a, "u:%" PRId64, user_id);
	if (inet_pton(AF_INET6, address, &ip) != 1)
		return arena_printf(a, "a:%s", address);
	if (IN6_IS_ADDR_V4MAPPED(&ip)) {
		inet_ntop(AF_INET, &ip.s6_addr[12], text, sizeof text);
		return arena_printf(a, "a:%s", text);
	}
	for (int i = 8; i < 16; i++)
		ip.s6_addr[i] = 0;
	inet_ntop(AF_INET6, &ip, text, sizeof text);
	return arena_printf(a, "a:%s", text);
}

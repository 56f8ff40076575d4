/* See caller.h. */
#include "core/caller.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "data/json.h"

static bool is_address(const char *s)
{
	struct in6_addr a;

	return inet_pton(AF_INET, s, &a) == 1 || inet_pton(AF_INET6, s, &a) == 1;
}

const char *caller_forwarded(struct arena *a, const struct config *config, const char *peer,
							 const char *list)
{
	char *rest, *entry, *comma;

	if (list == NULL || !config->trust_proxy)
		return peer;
	rest = arena_strdup(a, list);
	while (rest != NULL && config_trusts(config, peer)) {
		comma = strrchr(rest, ',');
		entry = text_trim(comma == NULL ? rest : comma + 1);
		if (!is_address(entry))
			return peer;
		peer = entry;
		if (comma == NULL)
			break;
		*comma = '\0';
	}
	return peer;
}

const char *caller_address(const struct http_exchange *x, const struct config *config)
{
	if (!config->trust_proxy)
		return x->peer;
	return caller_forwarded(x->arena, config, x->peer, http_header_list(x, "X-Forwarded-For"));
}

/* What the nearest proxy wrote stands last. */
static const char *last_entry(struct arena *a, const char *list)
{
	const char *comma = list == NULL ? NULL : strrchr(list, ',');

	return comma == NULL ? list : text_trim(arena_strdup(a, comma + 1));
}

bool caller_secure(const struct http_exchange *x, const struct config *config)
{
	if (x->tls)
		return true;
	return config->trust_proxy && config_trusts(config, x->peer) &&
		   text_ieq(last_entry(x->arena, http_header_list(x, "X-Forwarded-Proto")), "https");
}

const char *caller_name(struct arena *a, int64_t user_id, const char *address)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr ip;

	if (user_id > 0) {
		struct buf b;

		buf_init(&b, a, 24);
		buf_adds(&b, "u:");
		json_print_int(&b, user_id);
		return buf_str(&b);
	}
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

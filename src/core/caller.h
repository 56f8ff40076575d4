/* caller: whose request it is before any account was looked at: the peer's address, also behind a trusted proxy, and
 * the name under which the rate limit counts. Part of the dispatcher. */
#pragma once
#include <stdint.h>

#include "io/http.h"

/* The address of the client; with trust_proxy the last entry of X-Forwarded-For, if it is an address. In the exchange's
 * arena or borrowed from it. */
const char *caller_address(const struct http_exchange *x, bool trust_proxy);
/* "u:17" with a user (id > 0), else "a:192.0.2.1"; an IPv6 address counts by its /64 network, which one subscriber
 * owns as a whole. In the arena. */
const char *caller_name(struct arena *a, int64_t user_id, const char *address);

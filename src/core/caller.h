/* caller: whose request it is before any account was looked at: the peer's address, also behind a
 * trusted proxy, and the name under which the rate limit counts. Part of the dispatcher. */
#pragma once
#include <stdint.h>

#include "data/config.h"
#include "io/http.h"

/* The address of the client: the peer's, or, if the peer is a trusted proxy, the last entry of
 * X-Forwarded-For that is no trusted proxy itself. In the exchange's arena or borrowed from it. */
const char *caller_address(const struct http_exchange *x, const struct config *config);
/* The same from the peer's address and the header's value (may be NULL). */
const char *caller_forwarded(struct arena *a, const struct config *config, const char *peer,
							 const char *list);
/* Whether the client's side is encrypted: by our TLS, or by that of a trusted proxy
 * (X-Forwarded-Proto). */
bool caller_secure(const struct http_exchange *x, const struct config *config);
/* "u:17" with a user (id > 0), else "a:192.0.2.1"; an IPv6 address counts by its /64 network, which
 * one subscriber owns as a whole. In the arena. */
const char *caller_name(struct arena *a, int64_t user_id, const char *address);

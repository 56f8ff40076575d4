/*
 * password: bcrypt ($2b$). Both functions burn CPU for as long as the cost says: call them from
 * ROUTE_CRYPT handlers or the command line only. bcrypt reads 72 bytes; longer passwords go through
 * SHA-256 first, so that every character counts.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum { PASSWORD_HASH_SIZE = 128 };

/* Hashes with a fresh salt. cost: 4 to 16. E_INTERNAL if the library refuses. */
int password_hash(struct error *error, const char *password, int64_t cost,
				  char out[PASSWORD_HASH_SIZE]);

/* True if password belongs to hash. hash NULL (no such user): does the same work at cost and says
 * false. */
bool password_matches(const char *password, const char *hash, int64_t cost);

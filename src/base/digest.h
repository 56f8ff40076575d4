/* digest: SHA-256 (FIPS 180-4) by nettle, as it arrives or at once. */
#pragma once
#include <nettle/sha2.h>
#include <stddef.h>

enum { DIGEST_SIZE = SHA256_DIGEST_SIZE, DIGEST_HEX = 2 * DIGEST_SIZE + 1 };

struct digest {
	struct sha256_ctx state;
};

void digest_init(struct digest *d);
void digest_add(struct digest *d, const void *p, size_t n);
/* Writes the digest of what was added as small hexadecimal digits and a NUL; d must be started
 * anew. */
void digest_hex(struct digest *d, char out[DIGEST_HEX]);
/* The same as bytes. */
void digest_bytes(struct digest *d, unsigned char out[DIGEST_SIZE]);

/* See digest.h. */
#include "base/digest.h"

void digest_init(struct digest *d)
{
	sha256_init(&d->state);
}

void digest_add(struct digest *d, const void *p, size_t n)
{
	sha256_update(&d->state, n, p);
}

void digest_bytes(struct digest *d, unsigned char out[DIGEST_SIZE])
{
	sha256_digest(&d->state, DIGEST_SIZE, out);
}

void digest_hex(struct digest *d, char out[DIGEST_HEX])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[DIGEST_SIZE];

	digest_bytes(d, bytes);
	for (size_t i = 0; i < DIGEST_SIZE; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * DIGEST_SIZE] = '\0';
}

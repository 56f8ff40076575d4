/*
 * hash: a quick hash of bytes for tables in memory. Not kept anywhere: it may change with the
 * machine's byte order and from version to version; and whoever wants to can make two texts share
 * one.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The last bytes, fewer than eight, as one number that is different for different ones. */
static inline uint64_t hash_rest(const char *s, size_t n)
{
	const unsigned char *b = (const unsigned char *)s;
	uint32_t first, last;

	if (n < 4)
		return n == 0 ? 0 : b[0] | (uint64_t)b[n / 2] << 8 | (uint64_t)b[n - 1] << 16;
	memcpy(&first, s, 4);
	memcpy(&last, s + n - 4, 4);
	return first | (uint64_t)last << 32;
}

/* Never 0, so that tables may mark with it what is free. Texts of one length up to eight bytes have
 * hashes of their own. */
static inline uint64_t hash_bytes(const char *s, size_t n)
{
	const uint64_t odd = 0x9E3779B97F4A7C15u;
	uint64_t h = (n + 1) * 0xD6E8FEB86659FD93u, w;

	for (; n >= 8; s += 8, n -= 8) {
		memcpy(&w, s, 8);
		h = (h ^ w) * odd;
		h ^= h >> 32;
	}
	h = (h ^ hash_rest(s, n)) * odd;
	h ^= h >> 32;
	return h == 0 ? 1 : h;
}

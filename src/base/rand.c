/* See rand.h. */
#include "base/rand.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/types.h>

void rand_bytes(void *p, size_t n)
{
	unsigned char *at = p;

	while (n > 0) {
		ssize_t got = getrandom(at, n, 0);

		if (got < 0) {
			if (errno == EINTR)
				continue;
			fputs("vitae: the kernel gives no random bytes\n", stderr);
			abort();
		}
		at += got;
		n -= (size_t)got;
	}
}

/* The bytes stand in the upper half and are spread from the front, which never overtakes them. */
static void spread(char *out, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		unsigned char byte = (unsigned char)out[n + i];

		out[2 * i] = digits[byte >> 4];
		out[2 * i + 1] = digits[byte & 15];
	}
	out[2 * n] = '\0';
}

void rand_hex(char *out, size_t n)
{
	rand_bytes(out + n, n);
	spread(out, n);
}

void rand_name(char *out, size_t n)
{
	static _Thread_local unsigned char fetched[512];
	static _Thread_local size_t left;

	if (left < n) {
		rand_bytes(fetched, sizeof fetched);
		left = sizeof fetched;
	}
	left -= n;
	memcpy(out + n, fetched + left, n);
	spread(out, n);
}

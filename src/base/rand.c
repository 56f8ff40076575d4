/* See rand.h. */
#include "base/rand.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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

void rand_hex(char *out, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	/* The bytes stand in the upper half and are spread from the front, which never overtakes them.
	 */
	rand_bytes(out + n, n);
	for (size_t i = 0; i < n; i++) {
		unsigned char byte = (unsigned char)out[n + i];

		out[2 * i] = digits[byte >> 4];
		out[2 * i + 1] = digits[byte & 15];
	}
	out[2 * n] = '\0';
}

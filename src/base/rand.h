/* rand: unpredictable bytes from the kernel (getrandom), for tokens, keys and file prefixes. */
#pragma once
#include <stddef.h>

/* Fills p with n random bytes; aborts if the kernel gives none. */
void rand_bytes(void *p, size_t n);
/* Writes 2 * n hexadecimal digits and a NUL to out. */
void rand_hex(char *out, size_t n);
/* The same for what must only differ (requests): of bytes that the thread has fetched beforehand,
 * so that the kernel is asked seldom. For no secret; n at most 64. */
void rand_name(char *out, size_t n);

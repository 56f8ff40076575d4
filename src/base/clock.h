/*
 * clock: the time, and ISO 8601.
 *
 * Wall times are microseconds since 1970-01-01T00:00:00Z in an int64_t; struct when marks a field
 * of that kind, so that the tables print it as ISO 8601 (RFC 3339, UTC, "Z"). Deadlines use
 * clock_monotonic.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct when {
	int64_t us; /* 0: no time, printed as null */
};

enum { CLOCK_ISO_SIZE = 32 };
#define CLOCK_SECOND INT64_C(1000000)

int64_t clock_now(void);       /* microseconds since the epoch */
int64_t clock_monotonic(void); /* microseconds, only differences mean anything */
/* Writes "2025-11-28T10:00:00Z", or with six digits of fraction where there is one. Returns out. */
char *clock_iso(int64_t us, char out[CLOCK_ISO_SIZE]);
/* Reads the same, also with an offset in place of Z; E_INVALID otherwise. */
int clock_parse(const char *s, int64_t *us);

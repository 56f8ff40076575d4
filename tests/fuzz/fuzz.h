/*
 * fuzz: what the fuzz targets share. Each target is one file with LLVMFuzzerTestOneInput. Under
 * clang with -Dfuzz=true it becomes a libFuzzer program; in every build it is linked with
 * standalone.c, which replays the corpus kept beside it as a unit test.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"

/* Reads the input; returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Takes numbers off the front of an input; zeros when it has ended. */
struct feed {
	const uint8_t *p;
	size_t n;
};

static inline unsigned feed_byte(struct feed *f)
{
	if (f->n == 0)
		return 0;
	f->n--;
	return *f->p++;
}

static inline unsigned feed_short(struct feed *f)
{
	unsigned high = feed_byte(f);

	return high << 8 | feed_byte(f);
}

/* Ends the program if the claim does not hold: the fuzzer keeps the input. */
static inline void must_hold(bool claim)
{
	if (!claim)
		abort();
}

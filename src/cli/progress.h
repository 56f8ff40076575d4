/*
 * progress: a bar on standard error while a command goes through many files. Draws only on a
 * terminal, and at most ten times a second. Belongs to its caller; not for several threads at once.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool shown;          /* standard error is a terminal */
	bool drawn;          /* the bar stands on the last line */
	int64_t done, total; /* total -1: unknown */
	int64_t started, last;
};

void progress_start(struct progress *p, int64_t total);
/* One more is done. */
void progress_step(struct progress *p);
/* Takes the bar off, so that a line can be printed; the next step draws it again. */
void progress_clear(struct progress *p);

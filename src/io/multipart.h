/*
 * multipart: splits a multipart/form-data body (RFC 7578, RFC 2046) as it streams by.
 *
 * Nothing is buffered but a part's header lines. The splitter lives in the arena it was made in.
 * Bounds: MULTIPART_PARTS parts, MULTIPART_LINES header lines a part, MULTIPART_LINE bytes a line.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum {
	MULTIPART_PARTS = 256,
	MULTIPART_LINES = 32,
	MULTIPART_LINE = 4096,
	MULTIPART_BOUNDARY = 200
};

/* Strings are valid UTF-8, in the arena. */
struct multipart_part {
	const char *name;
	const char *filename;     /* NULL: a field; "" where a browser's file input was left empty */
	const char *content_type; /* NULL if absent */
};

/* Takes a piece of a part, in order; n 0 with last=true ends each part once. Negative ends the
 * splitting. */
typedef int multipart_fn(void *arg, const struct multipart_part *part, const char *p, size_t n,
						 bool last);

struct multipart;

/* The boundary in a Content-Type value. E_INVALID if it is not multipart/form-data or has none that
 * RFC 2046 allows (longer ones are taken, up to MULTIPART_BOUNDARY bytes). */
int multipart_boundary(struct arena *a, const char *content_type, const char **out);

struct multipart *multipart_new(struct arena *a, const char *boundary, multipart_fn *fn, void *arg);
/* OK, E_INVALID (malformed), E_TOO_LARGE (a bound), or what the function returned; the first error
 * stays. */
int multipart_feed(struct multipart *m, const char *p, size_t n);
/* E_INVALID unless the closing boundary was seen. */
int multipart_end(struct multipart *m);

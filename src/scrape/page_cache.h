/*
 * page_cache: pages that came with an ETag or a date, so that they can be asked for by it. Of the
 * process, bounded; the least recently used goes first. Thread-safe.
 */
#pragma once
#include <stdbool.h>

#include "base/arena.h"

struct cached {
	const char *etag, *modified; /* NULL: none */
	const char *type;            /* Content-Type; NULL: none */
	const char *body;
	size_t size;
};

/* What is kept of an address, copied to the arena. False: nothing. */
bool page_cache_find(struct arena *a, const char *url, struct cached *out);
/* Keeps a page in place of what was; larger ones than a quarter of max are not. max: of all. */
void page_cache_put(const char *url, const struct cached *page, size_t max);

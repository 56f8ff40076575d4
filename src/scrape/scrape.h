/*
 * scrape: asks sources for postings, several at a time, each as its kind wants it, until a
 * deadline. Knows no database: what is found is handed back, with how it went in words.
 */
#pragma once
#include "scrape/posting.h"
#include "scrape/source.h"

struct scrape_options {
	const char *agent;   /* User-Agent */
	const char *browser; /* program of headless Chromium; NULL: none */
	int64_t pause_ms;    /* between two requests to a server, unless a source says otherwise */
	int64_t timeout_ms;  /* of the whole */
	bool explain;        /* keep the raw postings (struct scrape_result.raws) */
};

enum scrape_status {
	SCRAPE_OK,
	SCRAPE_EMPTY,   /* it answered, but has nothing that is wanted */
	SCRAPE_PARTIAL, /* not all of it: see the reason */
	SCRAPE_FAILED,
};

struct raw;

struct scrape_result {
	const struct source *source;
	enum scrape_status status;
	const char *reason; /* a sentence; NULL with SCRAPE_OK */
	struct posting *items;
	size_t n;
	size_t listed; /* postings that it showed, wanted or not */
	int64_t took_ms;
	const char **marks; /* of all that it showed, sorted, if that was all there is; else NULL */
	size_t nmarks;
	const struct raw **raws; /* of each item, with explain */
};

struct scrape_wanted {
	const char *keyword, *location; /* location NULL: anywhere */
	int64_t limit;                  /* postings of each source */
};

enum { SCRAPE_THREADS = 6, SCRAPE_ARENA = 96 * 1024 * 1024 };

/* Asks n sources. results: n of them, in the sources' order; what they hold hangs on a. */
void scrape_run(struct arena *a, const struct source *const *sources, size_t n,
				const struct scrape_wanted *wanted, const struct scrape_options *o,
				struct scrape_result *results);
const char *scrape_status_name(enum scrape_status s); /* "ok", "empty", "partial", "failed" */

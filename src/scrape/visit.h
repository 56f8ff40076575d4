/*
 * visit: a page of somebody else's server, asked for politely. One request at a time to each
 * origin, in order of arrival, with a pause between; what its robots.txt forbids is not asked; who
 * answers 429 or 503 is left alone for as long as it says. What has an ETag or a date is asked for
 * by it the next time. Redirects are followed by the same rules, to public addresses only (see
 * io/fetch.h). All of this is of the process; any thread may visit.
 */
#pragma once
#include "base/error.h"
#include "io/fetch.h"

enum {
	VISIT_REDIRECTS_MAX = 5,
	VISIT_BODY_MAX = 12 * 1024 * 1024,
	VISIT_ORIGINS_MAX = 1000,           /* remembered at once */
	VISIT_CACHE_MAX = 48 * 1024 * 1024, /* bytes of pages kept for asking again */
};

/* How visits of one scrape are made. */
struct manners {
	const char *agent; /* User-Agent */
	int64_t pause_ms;  /* between two requests to an origin */
	int64_t deadline;  /* clock_monotonic: everything is over by then */
};

struct visit {
	const char *method; /* NULL: GET */
	const char *url;
	const char *accept, *content_type; /* headers; NULL: none */
	const char *body;                  /* NULL: none */
	size_t size;
	int64_t pause_ms;  /* -1: manners' */
	bool no_redirects; /* the reply may be a redirect */
	bool any_status;   /* a reply of any status is OK */
};

/* Makes the visit. OK: *out is the reply, its status 200 to 299 unless any_status. E_DENIED: by
 * robots.txt, or the address is not allowed; E_TIMEOUT: not before the deadline; E_UPSTREAM: the
 * server said no (*out tells the status); others as fetch. Sentences are for people. */
int visit(struct arena *a, struct error *error, const struct manners *m, const struct visit *v,
		  struct fetch_reply *out);

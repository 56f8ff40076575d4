/*
 * render: a page as it is after its scripts ran, in a headless Chromium that is started with the
 * first page, reused for the next ones, and ended when there were none for a while.
 *
 * The browser itself reaches no network. Each request of a page is made here, by the same rules as
 * every other visit (public addresses, robots.txt, one at a time), and its reply is handed to the
 * browser; pictures, fonts and films are not asked for. Every page has cookies and storage of its
 * own, which end with it.
 */
#pragma once
#include "base/error.h"
#include "scrape/visit.h"

enum {
	RENDER_REQUESTS_MAX = 150,           /* of one page */
	RENDER_BYTES_MAX = 32 * 1024 * 1024, /* of one page */
	RENDER_HTML_MAX = 12 * 1024 * 1024,
	RENDER_IDLE_SECONDS = 60,
};

struct render_request {
	const char *program; /* see proc/browser.h */
	const char *url;
	const char *wait_for; /* CSS selector; NULL: until nothing more is asked for */
	int64_t scroll;       /* times to the end of the page */
};

struct rendered {
	const char *html, *url;
	const char *note; /* what was missing (wait_for never came); NULL: nothing */
};

/* Renders one page; others wait for their turn. Errors as of visit, and E_UNAVAILABLE: there is no
 * browser to be had. */
int render(struct arena *a, struct error *error, const struct manners *m,
		   const struct render_request *r, struct rendered *out);
/* Ends the browser, if there is one. The end of the process does it too. */
void render_stop(void);

/*
 * read: a page becomes raw postings: for each field the text that stands there, or why nothing
 * does. What a page holds is a stranger's: sizes, counts and depths are bounded, entities of its
 * own are not taken, nothing is loaded from anywhere.
 */
#pragma once
#include "scrape/source.h"

enum { READ_ITEMS_MAX = 5000, READ_VALUE_MAX = 400000, READ_LINKS_MAX = 500 };

struct page {
	const char *text; /* UTF-8, NUL-terminated */
	size_t size;
	const char *url; /* where it came from */
};

struct raw {
	const char *value[SOURCE_PARTS]; /* NULL: empty */
	const char *why[SOURCE_PARTS];   /* why it is */
	const char *detail;              /* address of its own page, as it stands there */
};

struct raws {
	struct raw *items;
	size_t n, max;
	const char *note; /* what was wrong with parts of the page; NULL: nothing */
};

/* The postings of a page. E_UPSTREAM with a sentence if the page is not what it should be. */
int read_page(struct arena *a, struct error *error, const struct source *s, const struct page *p,
			  struct raws *out);
/* Adds to *raw what the posting's own page says. */
int read_detail(struct arena *a, struct error *error, const struct source *s, const struct page *p,
				struct raw *raw);
/* What an XPath over an HTML page gives, as texts, none twice; at most READ_LINKS_MAX. */
int read_links(struct arena *a, struct error *error, const struct page *p, const char *xpath,
			   struct strings *out);

/* ---- for the readers ---- */

int read_json(struct arena *a, struct error *error, const struct source *s, const struct page *p,
			  struct raws *out);
int read_json_detail(struct arena *a, struct error *error, const struct source *s,
					 const struct page *p, struct raw *raw);
int read_feed(struct arena *a, struct error *error, const struct source *s, const struct page *p,
			  struct raws *out);
int read_html(struct arena *a, struct error *error, const struct source *s, const struct page *p,
			  struct raws *out);
int read_html_detail(struct arena *a, struct error *error, const struct source *s,
					 const struct page *p, struct raw *raw);
int read_jsonld(struct arena *a, struct error *error, const struct page *p, struct raws *out);

/* A new raw posting in the list; NULL when it is full. */
struct raw *raws_add(struct arena *a, struct raws *list);
/* Puts what an expression gave: value, or the reason why it is empty. */
void raw_put(struct raw *r, enum source_part part, const char *value, const char *why);

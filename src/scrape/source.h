/*
 * source: where jobs are looked for, as data: a file that the operator edits (JOB_SOURCES), or the
 * built-in one (data/job_sources.jsonc, whose head describes every key). It is JSON with comments.
 *
 * A kind is how a page is read (JSON by pointers, a feed, JSON-LD, HTML by XPath), or the name of a
 * public job board, which presets the rest.
 */
#pragma once
#include "base/error.h"
#include "data/schema.h"

enum source_reader { READ_JSON, READ_FEED, READ_JSONLD, READ_HTML };

/* What is read of a posting. */
enum source_part {
	PART_ID,
	PART_TITLE,
	PART_COMPANY,
	PART_LOCATION,
	PART_REMOTE,
	PART_TYPE,
	PART_SALARY,
	PART_SALARY_MIN,
	PART_SALARY_MAX,
	PART_SALARY_CURRENCY,
	PART_SALARY_PERIOD,
	PART_DESCRIPTION,
	PART_URL,
	PART_APPLY_EMAIL,
	PART_POSTED_AT,
	PART_EXPIRES_AT,
	PART_TAGS,
	SOURCE_PARTS
};
extern const char *const source_part_names[SOURCE_PARTS];

/* How each is read: a pointer, an XPath, an element's name; NULL: not at all. */
struct source_map {
	const char *id, *title, *company, *location, *remote, *type, *salary, *salary_min, *salary_max,
		*salary_currency, *salary_period, *description, *url, *apply_email, *posted_at, *expires_at,
		*tags;
};
const char *source_map_get(const struct source_map *m, enum source_part f);

struct source {
	const char *name; /* "remotive", "greenhouse:acme" */
	const char *kind;
	enum source_reader reader;
	bool enabled;
	const char *url;     /* template: {keyword} {location} {page} {offset} {limit} {board} */
	const char *board;   /* NULL: none */
	const char *company; /* of postings that name none */
	const char *items;   /* where the postings are: a pointer, an XPath */
	struct source_map fields;
	const char *detail; /* where the address of a posting's own page is; NULL: not looked at */
	enum source_reader detail_reader;
	struct source_map detail_fields;
	const char *title_form; /* "{company}: {title}": how titles are composed; NULL: plain */
	bool filter;            /* keyword and place are compared here */
	bool complete;          /* a whole listing is all there is: what it lacks is gone */
	int64_t pages, page_start, page_size, pause_ms; /* pause_ms 0: JOB_PAUSE_MS */
	bool browser;                                   /* the page is rendered */
	const char *wait_for;                           /* a CSS selector; NULL: until it is quiet */
	int64_t scroll;                                 /* times to the end of the page */
	const char *currency;                           /* of amounts without one */
	bool day_first;                                 /* "01/02/2025" is in February */
};

struct sources {
	struct source *items;
	size_t n;
};

enum { SOURCES_MAX = 500, SOURCE_FILE_MAX = 1024 * 1024 };

/* Reads the file at path, NULL: the built-in one. Boards become sources of their own. E_RULE with
 * a sentence that names the place. */
int sources_load(struct arena *a, struct error *error, const char *path, struct sources *out);
/* The same from a text; name is what errors call it. */
int sources_parse(struct arena *a, struct error *error, const char *name, const char *text,
				  size_t n, struct sources *out);
/* The source of that name; NULL if there is none. */
const struct source *sources_find(const struct sources *s, const char *name);
/* The built-in file's text. */
const char *sources_builtin(size_t *n);

struct source_query {
	const char *keyword, *location; /* location NULL: anywhere */
	int64_t page, limit;            /* page from 0 */
};
/* The address to ask. In the arena. */
const char *source_url(struct arena *a, const struct source *s, const struct source_query *q);
/* Whether the template names this variable ("keyword"). */
bool source_uses(const struct source *s, const char *variable);

/*
 * history: sections that tell one thing after another with dates (jobs, studies, projects), taken
 * apart into entries: the lines that head an entry with their dates, and the lines below that tell
 * about it. Belongs to the document's arena.
 */
#pragma once
#include "parse/extract/dates.h"
#include "parse/extract/quote.h"

enum { PARTS_MAX = 16, ROWS_MAX = 6, ENTRIES_MAX = 80, ITEMS_MAX = 3000 };

/* How much the words speak for a position, a company, a place: 0 not at all, 3 surely. */
struct marks {
	int title, company, place;
};

/* A stretch of a heading line between separators: a title, a company, a place … */
struct part {
	int line;
	size_t start, end;
	const char *plain;
	int row; /* of the entry's heading lines, counted from the one with the date: -1 stands above it
			  */
	int index;    /* in its row */
	bool comma;   /* only a comma stands between it and the part before */
	bool bracket; /* stands in brackets */
	bool used;
	struct marks marks; /* of jobs only */
};

/* A line of the section with what it is. */
struct item {
	int line;
	size_t from;           /* byte at which its words begin */
	struct date_span date; /* date.end 0: none */
	bool anchor;           /* has a date that heads an entry */
	bool body;             /* tells about the entry above */
	bool bullet;
	bool label; /* "Responsibilities:": no words of its own */
};

struct entry {
	int rows[ROWS_MAX]; /* items that head it, in order; negative: none */
	int nrows;
	int anchor;         /* the item with the date, -1 if there is none */
	int body, body_end; /* items below it */
	struct part parts[PARTS_MAX];
	int nparts;
	struct date_span date; /* date.end 0: none */
	struct quote *start, *end;
};

struct entries {
	struct item *items;
	int nitems;
	struct entry *entries;
	int n;
};

/* Reads all lines of a section into entries; single: a date alone heads an entry too, not only a
 * range. */
struct entries entries_read(struct reading *r, enum section_kind section, bool single);
/* Takes the heading lines apart into parts. */
void entry_parts(struct reading *r, const struct entries *all, struct entry *e);
/* Parts [first, last] of one row; and the line below with them, where it is the rest of a long name
 * ("École Supérieure" over "d'Informatique"). */
struct quote *quote_parts(struct reading *r, struct entry *e, int first, int last,
						  double confidence);
/* Whether the part is a duration, a kind of employment or the like: no name of anything. */
bool part_is_noise(const struct part *p, const char *text);

/* What was done in a job, project or office. */
struct job {
	struct quote *name, *position, *location, *url, *start, *end, *summary;
	struct quotes highlights;
	struct date_span date;
};

/* Reads jobs (or volunteer work, by the same means) into *out; their number. */
size_t history_read(struct reading *r, enum section_kind section, struct job **out);
/* Reads projects: names rather than companies. */
size_t projects_read(struct reading *r, struct job **out);
/* The paragraphs below the entry: highlights, and a summary where they are no list. */
void entry_body(struct reading *r, const struct entries *all, const struct entry *e,
				struct job *job);
/* Years of work, overlapping jobs counted once; negative if no job has dates. */
double history_years(struct reading *r, const struct job *jobs, size_t n, struct date now);

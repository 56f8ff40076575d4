/*
 * reading: what the parts of the extraction share about one document: its lines with their plain
 * forms, the sections they belong to, and what has been found so far. Lives in the document's
 * arena.
 */
#pragma once
#include "data/profile.h"
#include "data/taxonomy.h"
#include "parse/doc.h"
#include "parse/extract/lexicon.h"

/* What is known of doc->lines[i]. */
struct note {
	const char *plain; /* words_plain of the text */
	enum section_kind section;
	bool heading; /* the line, or its beginning, is the section's heading */
	bool loose;   /* header, footer or note of a page: stands outside the flow */
	int number;   /* which line of the profile's text it is, from 1; 0: none */
	bool no_mail; /* was looked through for e-mail addresses and holds nothing like one */
	size_t
		content; /* byte at which the content begins, past a heading; the text's length if none */
};

enum { ADDRESSES_MAX = 8 };

struct reading {
	struct doc *d;
	struct arena *arena;
	const struct taxonomy *taxonomy;
	struct note *notes; /* d->nlines of them */
	float body_size;    /* the size most of the text has; 0 unknown */
	float largest;      /* the largest size of visible words on the title page */
	int title_page;     /* the page the name is looked for on, from 0 */
	bool mostly_bold;
	int sections[SECTION_KINDS]; /* headings of each kind */
	const char *language;        /* ISO 639-1 */
	struct value name, email, phone;
	int name_line, email_line;            /* -1: none */
	const char *addresses[ADDRESSES_MAX]; /* e-mail addresses of whomever, in document order */
	int naddresses;
	struct value position; /* of the latest job; once the resume is read */
	double years;          /* of work; negative: unknown */
};

/* Fills the notes' plain forms, sizes and sections. */
void sections_read(struct reading *r);
/* Looks behind the referees for the person's own contact data, under a line set off from all that
 * they have; for documents that show none elsewhere. False if there are none. */
bool section_head_last(struct reading *r);
/* The section a heading's words name; false if they name none. weak: only if it looks like a
 * heading. */
bool section_named(const char *text, size_t n, enum section_kind *section, bool *weak);

/* ISO 639-1 code of the language most of the words are of; "en" when in doubt. */
const char *language_of(const struct reading *r);

/* Each finds its value; value NULL if there is none. */
void email_read(struct reading *r);
void phone_read(struct reading *r);
void name_read(struct reading *r);
/* Points, negative, for words of headings, titles, companies and places in what might be a name. */
float name_word_points(const struct reading *r, const char *text);
/* The name that stands in two labelled fields; false if there are not both. */
bool name_from_labels(struct reading *r);
/* Appends the skills (struct skill) to p->skills. */
void skills_read(struct reading *r, struct profile *p);
/* A sentence on the person's field; needs name, skills and language. */
struct value domain_read(struct reading *r, const struct profile *p);

/* Where bytes [start, start + n) of line i stand; the text is copied. */
struct evidence evidence_at(struct reading *r, int line, size_t start, size_t n);
/* The line's text with tabs in place of blanks that are wider than blanks are; of the same length.
 */
const char *line_with_gaps(struct reading *r, int line);
/* Whether the reader of the page cannot see the line. */
bool line_hidden(const struct line *l);

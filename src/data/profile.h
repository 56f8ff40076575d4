/*
 * profile: what a parser found in a document. The parser prints it, the server binds it like any
 * stranger's JSON; both by profile_schema. Each value says how sure it is and where it was read.
 */
#pragma once
#include "data/schema.h"

/* Where a value was read: page from 1, box in points from the page's top left (zeros where the
 * format has no pages), the line of the profile's text from 1 (0: not in it), and the words
 * themselves. */
struct evidence {
	int64_t page;
	double x0, y0, x1, y1;
	const char *text;
	int64_t line;
};

struct value {
	const char *value; /* NULL: not found */
	double confidence; /* 0 to 1 */
	struct evidence evidence;
};

struct skill {
	const char *name;      /* as the document names it */
	const char *canonical; /* the taxonomy's name, NULL if it lacks it */
	const char *category;  /* the taxonomy's category, NULL likewise */
	double confidence;
	struct evidence evidence;
};

struct finding {
	const char *kind;    /* scanned, hidden_text, password, image, not_resume, cut, … */
	const char *message; /* a sentence for a recruiter */
};

struct profile {
	struct value name, email, phone, domain_knowledge;
	struct list skills;   /* of struct skill, document order, no duplicates */
	struct list findings; /* of struct finding */
	const char *language; /* ISO 639-1, "en" */
	double resume_probability;
	int64_t pages;
	struct json resume; /* JSON Resume (jsonresume.org) with the same evidence; NULL if none */
	const char *text;   /* the document's text in reading order, bounded; for search */
	const char *lines;  /* what each line of it is, a letter for each (enum line_letter) */
};

/* A heading, an item of a list, the cell of a table, or neither. */
enum line_letter { LINE_HEADING = 'h', LINE_ITEM = 'i', LINE_CELL = 'c', LINE_TEXT = 't' };

enum { PROFILE_SKILLS_MAX = 300, PROFILE_TEXT_MAX = 200000, PROFILE_JSON_MAX = 2 * 1024 * 1024 };

extern const struct schema profile_schema, evidence_schema, finding_schema;

/* What a parser answers: either an error (a sentence for a recruiter) or a profile. */
struct parse_reply {
	const char *error;
	bool scanned; /* the text is in pictures of the pages, which this parser does not read */
	struct profile profile;
};
extern const struct schema parse_reply_schema;

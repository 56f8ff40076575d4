/*
 * resume_match: a résumé held against the description of a vacancy: which of the skills that it
 * asks for are there, by whatever name, and where; which are not; and what to do about it. The
 * taxonomy of skills decides what is a skill and what is the same one.
 */
#pragma once
#include "app/resume_check.h"

enum { MATCH_TEXT_MAX = 50000, MATCH_KEYWORDS_MAX = 200, MATCH_PLACES_MAX = 10 };

struct found {
	const char *section; /* basics, work, education, skills, … of the profile's resume; text */
	const char *pointer; /* JSON Pointer into it; NULL: in the document's text only */
	const char *as;      /* the name used there */
	const char *text;    /* the words around it */
	struct opt_int page;
};

struct keyword {
	const char *keyword;  /* canonical name */
	const char *as;       /* the description's name for it */
	const char *category; /* of the taxonomy */
	bool required;        /* false: nice to have */
	int64_t times;        /* in the description */
	struct list found;    /* of struct found, at most MATCH_PLACES_MAX; empty: missing */
};

struct match_advice {
	const char *section, *message;
};

struct resume_match {
	struct opt_int score;         /* 0 to 100; not set if the description names no skill */
	const char *job_title;        /* NULL: none given */
	struct list matched, missing; /* of struct keyword, the required ones first */
	struct opt_int years_required;
	double years_found; /* not a number: unknown */
	struct list advice; /* of struct match_advice */
};
extern const struct schema resume_match_schema;

/* title may be NULL; description is read up to MATCH_TEXT_MAX bytes. */
void resume_match(struct arena *a, const struct resume_subject *s, const char *title,
				  const char *description, struct resume_match *out);

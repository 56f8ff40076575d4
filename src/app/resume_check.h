/*
 * resume_check: how good a résumé is, section by section, with the reason for each point that it
 * lacks, so that its author knows what to do. Works on what was read of it; no database, no
 * language model. Everything is in the arena.
 */
#pragma once
#include "data/json.h"
#include "data/profile.h"

struct remark {
	const char *severity; /* "problem", "advice" or "good" */
	const char *code;     /* "weak_verb"; always the same for the same thing */
	const char *message;
	const char *pointer; /* JSON Pointer (RFC 6901) into the profile's resume; NULL: no one place */
	const char *text;    /* the words meant, NULL likewise */
	struct opt_int page;
};

struct section_score {
	const char *section; /* contact, summary, experience, education, skills, dates, length,
						  * readability */
	int64_t score, max;
	struct list remarks; /* of struct remark, in the order of the document */
};

struct resume_score {
	int64_t score; /* 0 to 100, the sum of the sections */
	const char *summary;
	struct list sections; /* of struct section_score */
};
extern const struct schema remark_schema, section_score_schema;

/* What there is to judge. */
struct resume_subject {
	const struct profile *profile;   /* text never NULL */
	const struct json_value *resume; /* profile->resume, parsed; NULL: none */
	bool scanned;                    /* the pages are pictures */
	const char *error_message;       /* why nothing could be read; NULL: it could */
	int64_t now;                     /* microseconds */
};

/* Parses what belongs to the subject. The profile is borrowed. */
void resume_subject_init(struct arena *a, const struct profile *p, struct resume_subject *out);
void resume_check(struct arena *a, const struct resume_subject *s, struct resume_score *out);

/* The page on which the value at this pointer, or one below it, was read; not set if unknown. */
struct opt_int resume_page_of(const struct json_value *resume, const char *pointer);

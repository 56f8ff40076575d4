/*
 * resume_json: the profile as a JSON Resume document (jsonresume.org, schema 1.0.0).
 *
 * "meta" holds what that schema has no place for: experienceYears (overlapping jobs counted once),
 * and evidence, a list of {pointer, confidence, page, box, text} for the values, where pointer is a
 * JSON Pointer (RFC 6901) to the value. A value that runs over several lines has one row for each;
 * link is true where the value is the target of a link that the words of the text stand for.
 */
#pragma once
#include "parse/extract/history.h"

/* One thing of a short list: a language, a certificate, a profile … */
struct thing {
	struct quote *name, *detail, *date, *url;
	struct quotes keywords;
};

struct study {
	struct quote *institution, *url, *area, *study_type, *start, *end, *score;
	struct quotes courses;
};

struct things {
	struct thing *items;
	size_t n, cap;
};

struct resume {
	struct quote *name, *label, *email, *phone, *url, *summary;
	struct quote *address, *postal_code, *city, *country_code, *region;
	struct things profiles, certificates, languages, publications, awards, interests, references,
		skills;
	struct job *work, *volunteer, *projects;
	size_t nwork, nvolunteer, nprojects;
	struct study *education;
	size_t neducation;
	double years; /* negative: unknown */
};

enum { THINGS_MAX = 120 };

/* Appends a copy; ignored without a name or at THINGS_MAX. */
void things_add(struct reading *r, struct things *list, const struct thing *t);

/* Each reads its part of the document. */
size_t education_read(struct reading *r, struct study **out);
void links_read(struct reading *r, struct resume *out);
void location_read(struct reading *r, struct resume *out);
void languages_read(struct reading *r, struct things *out);
void lists_read(struct reading *r, const struct profile *p, struct resume *out);
void basics_read(struct reading *r, struct resume *out);

/* Reads it all and prints it, at most PROFILE_JSON_MAX bytes; .text NULL if it does not fit. now:
 * the day up to which a job that goes on counts. *dated: the number of jobs and studies with dates.
 */
struct json resume_json(struct reading *r, const struct profile *p, struct date now, size_t *dated);

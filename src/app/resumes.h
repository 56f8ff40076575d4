/*
 * resumes: the applicants' own documents. They belong to the user, not the team: nobody else sees
 * them. Each user who has any has exactly one default. What other resources may ask.
 */
#pragma once
#include "core/route.h"
#include "data/profile.h"

/* A row, and what the API shows of it. */
struct resume {
	int64_t id;
	const char *filename, *file_path; /* relative to DATA_DIR: files_read */
	int64_t file_size;
	const char *title, *notes; /* notes may be NULL */
	bool is_default;
	struct when created_at, updated_at;
};
extern const struct schema resume_schema;

/* The actor's résumé with this id. E_NOT_FOUND with a sentence, also if it is somebody else's. */
int resumes_get(struct ctx *c, int64_t id, struct resume *out);
/* The actor's default résumé. E_NOT_FOUND with a sentence if there is none. */
int resumes_default(struct ctx *c, struct resume *out);
/* What is written in the actor's résumé: the profile, with the document's text in out->text (never
 * NULL; "" for pictures without text). It is read in the background right after the upload:
 * E_CONFLICT as long as that has not happened; E_RULE with a sentence if it cannot be read;
 * E_NOT_FOUND. */
int resumes_profile(struct ctx *c, int64_t id, struct profile *out);

/* Number of all users' résumés; and deletes them all, in the current transaction, their files left
 * to the caller. *removed: how many. */
int resumes_count_all(struct ctx *c, int64_t *out);
int resumes_delete_all(struct ctx *c, int64_t *removed);

extern const struct feature resumes_feature, resume_reading_feature, resume_analysis_feature;

/*
 * candidates: people whose résumés a team has uploaded. What other resources may ask and do.
 */
#pragma once
#include "core/ctx.h"

/* A row, and what the API shows of it. */
struct candidate {
	int64_t id;
	const char *filename, *file_path;
	int64_t file_size;
	const char *status, *name, *email, *phone;
	struct json skills; /* JSON array of strings */
	const char *domain_knowledge;
	int64_t uploaded_by;
	const char *error_message;
	struct when created_at, updated_at, processed_at;
	struct list highlights; /* of struct highlight; what a search found */
};
/* The second one with the highlights. */
extern const struct schema candidate_schema, candidate_found_schema;

/* Hands the candidates that one user uploaded to another. In the current transaction. */
int candidates_reassign(struct ctx *c, int64_t from_user, int64_t to_user);
/* Deletes all candidates that the user uploaded, files too. In the current transaction. */
int candidates_delete_of(struct ctx *c, int64_t user_id);

/* Number of all candidates, of whatever team. */
int candidates_count_all(struct ctx *c, int64_t *out);
/* Deletes all candidates of all teams in the current transaction; their files are left to the
 * caller. *removed: how many. */
int candidates_delete_all(struct ctx *c, int64_t *removed);

/* Stores an upload as a candidate of the actor's team, or finds the one with the same bytes. E_RULE
 * with a sentence if the file is none that can be read. In the current transaction. */
int candidates_add(struct ctx *c, const struct upload *u, int64_t *id, bool *duplicate,
				   const char **status);

/* The parse task, src/app/parsing.c. One that runs already is done once more after its end. */
int parsing_queue(struct ctx *c, int64_t candidate_id);
/* The same, after all files that were just uploaded. */
int parsing_queue_last(struct ctx *c, int64_t candidate_id);
/* For one that may have lost its task: nothing if it has one. */
int parsing_rescue(struct ctx *c, int64_t candidate_id);
/* Takes a candidate's task back, unless it runs already. */
int parsing_cancel(struct ctx *c, int64_t candidate_id);
extern const struct feature parsing_feature;
/* Sums of the team's candidates (0: of all) by status and time since then: calls row with each
 * struct tally (series.h). */
int candidates_tally(struct ctx *c, int64_t team, int64_t since,
					 int (*row)(void *arg, const void *tally), void *arg);
/* When the first one came, 0 without one. */
int candidates_first(struct ctx *c, int64_t team, int64_t *out);
/* How long the newest 1000, at most max, that were read took from the upload on: struct tally, n in
 * microseconds. */
int candidates_reading_times(struct ctx *c, int64_t team, size_t max, struct list *out);

extern const struct feature candidates_feature, candidate_edit_feature, candidate_reparse_feature;

/* For parsing.c: the row whatever the team; E_NOT_FOUND. */
int candidates_row(struct ctx *c, int64_t id, struct candidate *out, int64_t *team_id);
/* Notes that parsing began. */
int candidates_processing(struct ctx *c, int64_t id);
/* Stores what a parser found. */
struct profile;
int candidates_completed(struct ctx *c, int64_t id, int64_t team_id, const struct profile *p);
/* Stores why the file could not be read; sentence is for a recruiter. What an earlier reading found
 * stays. */
int candidates_failed(struct ctx *c, int64_t id, const char *sentence);
/* Queues every candidate that is neither completed nor failed and has no task: what a lost task
 * left behind. */
int candidates_rescue(struct ctx *c);
/* True if a candidate's file lies at this path (or the database cannot tell). */
bool candidates_has_file(struct ctx *c, const char *path);

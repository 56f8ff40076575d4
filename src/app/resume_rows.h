/*
 * resume_rows: the tables resumes and resume_profiles, for the endpoints on them (resumes.c) and
 * the tasks that read the files (resume_reading.c). Other resources use resumes.h.
 */
#pragma once
#include "app/resumes.h"

enum { RESUMES_MAX = 100, RESUME_TITLE_MAX = 200, RESUME_NOTES_MAX = 5000 };

/* A page of the actor's into the list *c->out, newest first. */
int resume_page(struct ctx *c, int64_t skip, int64_t limit);
/* Adds a row for the actor's upload that lies at path; the first one is the default. E_RULE if the
 * actor has RESUMES_MAX. */
int resume_insert(struct ctx *c, const struct upload *u, const char *path, const char *title,
				  const char *notes, bool is_default, int64_t *id);
/* Writes title, notes and default (true: the others' mark goes). */
int resume_update(struct ctx *c, const struct resume *r);
/* Deletes the row and, after the commit, the file. Of the default the newest other one becomes it.
 */
int resume_delete(struct ctx *c, const struct resume *r);
/* All of a user. */
int resume_delete_of(struct ctx *c, int64_t user_id);
/* The SHA-256 of the file. */
int resume_hash(struct ctx *c, int64_t id, const char **out);

/* What reading the file gave. */
struct resume_reading {
	bool read;                 /* anything at all yet */
	bool scanned;              /* the pages are pictures */
	const char *error_message; /* why the file cannot be read */
	struct profile profile;    /* zero with an error_message */
};
/* Whatever the user. *out is zero if the file has not been read. */
int resume_reading(struct ctx *c, int64_t id, struct resume_reading *out);
int resume_store_reading(struct ctx *c, int64_t id, const struct resume_reading *r);

/* The row whatever the user, for tasks. E_NOT_FOUND. */
int resume_row(struct ctx *c, int64_t id, struct resume *out);
/* Up to limit résumés that have not been read (ids, in struct resume). */
int resume_unread(struct ctx *c, int64_t limit, struct list *out);

/* struct feature's .export_user, .files and .has_file. */
int resume_export(struct ctx *c, int64_t user_id, struct export *x);
int resume_files(struct db *db, int (*file)(void *arg, const char *path), void *arg);
bool resume_has_file(struct ctx *c, const char *path);

/* resume_reading.c: adds the task that reads the file. */
int resume_queue(struct ctx *c, int64_t id);
/* Reads the file now, by c->worker, and stores what is found as the task would. Not inside a
 * transaction. */
int resume_read_now(struct ctx *c, int64_t id, struct resume_reading *out);

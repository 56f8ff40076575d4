/*
 * candidate_rows: the tables candidates and candidate_profiles, for the endpoints on them
 * (candidates.c, candidate_edit.c, candidate_reparse.c, candidate_search.c). Other resources use
 * candidates.h.
 *
 * A candidate's values are what the parser found with what people corrected put in its place; both
 * are stored apart, and whenever either changes, the row, the index of skills and the index of
 * words follow in the same transaction.
 */
#pragma once
#include "app/candidates.h"
#include "app/corrections.h"
#include "app/query.h"
#include "app/search_find.h"
#include "core/route.h"

/* The team whose candidates the actor sees; 0: all. */
int64_t candidate_team(struct ctx *c);
/* The row, if the actor sees it; otherwise E_NOT_FOUND with a sentence. */
int candidate_find(struct ctx *c, int64_t id, struct candidate *out);
/* The newest one with this e-mail address. E_NOT_FOUND with a sentence. */
int candidate_by_email(struct ctx *c, const char *email, struct candidate *out);

struct candidate_known {
	int64_t id;
	const char *status;
};
/* The candidate of the actor's team with these bytes. E_NOT_FOUND. */
int candidate_known(struct ctx *c, const char *sha256, struct candidate_known *out);
/* Adds the row for an upload that lies at path. */
int candidate_insert(struct ctx *c, const struct upload *u, const char *path, int64_t *id);
/* Deletes the row, all that hangs on it, and (after the commit) the file. */
int candidate_delete(struct ctx *c, const struct candidate *k);
/* The SHA-256 of the file. */
int candidate_hash(struct ctx *c, int64_t id, const char **out);

/* What is known of a candidate, from both sources. */
struct candidate_word {
	int64_t team_id;
	bool read;              /* a parser has read the file */
	struct profile profile; /* what it found; zero unless read */
	struct corrections corrections;
};
/* Whatever the team. E_NOT_FOUND. */
int candidate_word(struct ctx *c, int64_t id, struct candidate_word *out);
/* Stores other corrections, and what follows from them. */
int candidate_correct(struct ctx *c, int64_t id, const struct candidate_word *w);

/* A number that every change of candidates, their skills or words changes: for query.version. */
int candidates_version(struct ctx *c, int64_t *out);

/* The page of the candidates that a search of words finds, the best first, into the list *c->out,
 * each with its highlights; filters: conditions on hits.id. c->total is set. */
int candidate_search(struct ctx *c, const struct query *filters, const struct search *words,
					 int64_t skip, int64_t limit);
/* Adds the condition that the candidate whose number is the column id has this status; asked of the
 * small index of those not completed. tail: as skills_having takes it. */
void candidates_with_status(struct ctx *c, struct query *q, const char *id, const char *status,
							const char *tail);
/* The numbers of the newest with this status, up to max (in the arena; of a team, or 0: of all). */
int candidates_of_status(struct ctx *c, int64_t team, const char *status, int64_t max,
						 const int64_t **ids, size_t *n);
/* The candidates with these ids (n > 0), newest first. */
int candidates_newest(struct ctx *c, const int64_t *ids, size_t n, struct list *out);

/* Notes that the file is read anew; the values stay until then. */
int candidate_reread(struct ctx *c, int64_t id);
/* Number of candidates of the team (0: of all) and the largest id. */
int candidate_count(struct ctx *c, int64_t team, int64_t *n, int64_t *last_id);
/* Up to limit candidates (struct candidate_known) of the team (0: of all) with a smaller id, from
 * there down. */
int candidate_before(struct ctx *c, int64_t team, int64_t id, int64_t limit, struct list *out);

/* For the export of a user's data: what they uploaded. */
int candidate_export(struct ctx *c, int64_t user_id, struct export *x);
/* For backups: calls file(arg, path) for every stored file. */
int candidate_files(struct db *db, int (*file)(void *arg, const char *path), void *arg);

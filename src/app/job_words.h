/*
 * job_words: the index of words over jobs: title, company, place, skills, description. Owns
 * job_words, whose SQL is the engine's own, as in candidate_search.h.
 */
#pragma once
#include "core/ctx.h"

struct job_text {
	const char *title, *company, *location, *skills, *description; /* NULL allowed but title */
};

/* Indexes a job in place of what was known of it. */
int job_words_set(struct ctx *c, int64_t job_id, int64_t team_id, const struct job_text *t);
int job_words_remove(struct ctx *c, int64_t job_id);
/* What was typed as the engine's expression; NULL: nothing to look for. E_INVALID (a fault of the
 * query's q) if it is too long. */
int job_words_expression(struct ctx *c, const char *typed, int64_t team, const char **expression);
/* The condition on jobs.id, with one "?" for the expression. */
const char *job_words_condition(struct ctx *c);

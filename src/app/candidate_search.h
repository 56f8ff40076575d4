/*
 * candidate_search: the index of words over everything known of candidates: name, e-mail address,
 * phone, skills, domain knowledge, and the text of the document. Owns candidate_words. The engines'
 * full text is the one thing they share no SQL for, so both texts stand in candidate_search.c, side
 * by side.
 */
#pragma once
#include "app/query.h"
#include "core/ctx.h"
#include "data/profile.h"

/* Indexes a candidate's values in place of the earlier ones. text: of the document; NULL keeps the
 * known one. */
int search_set(struct ctx *c, int64_t candidate_id, int64_t team_id, const struct profile *p,
			   const char *text);
int search_remove(struct ctx *c, int64_t candidate_id);
int search_remove_all(struct ctx *c);

/* What was typed as the engine's expression, for candidates of the team (0: of all). NULL in
 * *expression: nothing to look for. E_INVALID (a fault of the query's q) if it is too long. */
int search_expression(struct ctx *c, const char *typed, int64_t team, const char **expression);

/* How the engine names what a ranked SELECT needs: the table, its candidate's id, a score (small is
 * good), and the condition, where the expression is parameter number n. In the arena. */
struct search_sql {
	const char *table, *id, *score, *condition;
};
struct search_sql search_sql(struct ctx *c, int n);

/* Where the words were found in one candidate: at most one piece of each field, as HTML with
 * <mark>. */
struct highlight {
	const char *field, *text;
};
extern const struct schema highlight_schema;
/* For n candidates at once: out[i] gets the struct highlights of ids[i]. */
int search_highlights(struct ctx *c, const char *expression, const int64_t *ids, size_t n,
					  struct list *out);

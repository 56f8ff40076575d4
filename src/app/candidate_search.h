/*
 * candidate_search: the index of words over everything known of candidates: name, e-mail address,
 * phone, skills, domain knowledge, and the text of the document. Owns candidate_words, and with
 * PostgreSQL candidate_texts. The engines' full text is the one thing they share no SQL for.
 */
#pragma once
#include "app/query.h"
#include "app/search_find.h"
#include "core/ctx.h"
#include "data/profile.h"

/* Indexes a candidate's values in place of the earlier ones. text: of the document; NULL keeps the
 * known one. */
int search_set(struct ctx *c, int64_t candidate_id, int64_t team_id, const struct profile *p,
			   const char *text);
/* The document's text, as it was indexed; *text stays as it is if nothing was. */
int search_text(struct ctx *c, int64_t candidate_id, const char **text);
int search_remove(struct ctx *c, int64_t candidate_id);
int search_remove_all(struct ctx *c);

/* What was typed, for candidates of the team (0: of all), to be asked by find_page. No terms in
 * *out: nothing to look for. E_INVALID (a fault of the query's q) if it is too long. */
int search_prepare(struct ctx *c, const char *typed, int64_t team, struct search *out);

/* Where the words were found in one candidate: at most one piece of each field, as HTML with
 * <mark>. */
struct highlight {
	const char *field, *text;
};
extern const struct schema highlight_schema;
/* For n candidates at once: out[i] gets the struct highlights of ids[i]. */
int search_highlights(struct ctx *c, const struct search *s, const int64_t *ids, size_t n,
					  struct list *out);

/* Fills the index of one database with what another one's holds, each at its engine's own means, in
 * the current transaction of to; team_of tells the team of a candidate there. */
int search_transfer(struct ctx *from, struct ctx *to,
					int (*team_of)(struct ctx *to, int64_t candidate_id, int64_t *team_id));
/* The SELECT that tells all that the index knows of candidates, for comparing databases. */
const char *search_texts_select(struct ctx *c);

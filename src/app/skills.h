/*
 * skills: which candidate has which skill, under every name the skill goes by. Owns skills,
 * skill_names and candidate_skills. A query word matches the name printed in the document, the
 * taxonomy's canonical name, or an alias.
 */
#pragma once
#include "app/query.h"
#include "core/ctx.h"
#include "data/profile.h"

struct skill_share {
	const char *skill;
	int64_t count;
};
extern const struct schema skill_share_schema;
/* The skills that most of the newest candidates of the team have (0: of all teams), the most
 * frequent first; looked at are the last SKILLS_TOP_OF numbers of candidates. */
int skills_top(struct ctx *c, int64_t team, size_t max, struct list *out);
enum { SKILLS_TOP_OF = 10000 };

/* Replaces the candidate's skills by these (of struct skill). In the current transaction. */
int skills_set(struct ctx *c, int64_t candidate_id, int64_t team_id, const struct list *skills);

/* The skills that some words name. */
enum { SKILLS_WANTED_MAX = 32 };
struct skills_wanted {
	bool any;     /* any of them is enough; else all are wanted */
	bool unknown; /* a word names none */
	size_t words, n;
	int64_t ids[SKILLS_WANTED_MAX];
};
/* words: separated by commas; what is blank is no word. E_RULE: more than SKILLS_WANTED_MAX. */
int skills_wanted(struct ctx *c, const char *words, bool any, struct skills_wanted *out);

/* The skills with a name that has this part, any of them. *few: they are not too many for a list;
 * else *out is of no use, and skills_condition is. */
int skills_with_part(struct ctx *c, const char *part, struct skills_wanted *out, bool *few);
/* The condition on candidates.id for those who have a skill with this part in a name, its values
 * added to q's parameters. In the arena. */
int skills_condition(struct ctx *c, struct query *q, const char *part, const char **sql);
/* Adds the condition that the candidate whose number is the column id has what is wanted; tail:
 * QUERY_EACH for rows that other conditions find, else "". */
void skills_having(struct ctx *c, struct query *q, const struct skills_wanted *w, const char *id,
				   const char *tail);

/* The numbers of some candidates among whom are all who have what is wanted, if they are no more
 * than max; else *n is more (*ids in the arena; of a team, or 0: of all). */
int skills_few(struct ctx *c, const struct skills_wanted *wanted, int64_t team, int64_t max,
			   const int64_t **ids, size_t *n);
/* The numbers of the candidates who have what is wanted, newest first, from skip on, up to limit
 * (*ids in the arena; of a team, or 0: of all). filters: more conditions, on has.candidate_id, or
 * none; at most two parameters. Sets c->total. */
int skills_page(struct ctx *c, const struct skills_wanted *wanted, int64_t team,
				const struct query *filters, int64_t skip, int64_t limit, int64_t **ids, size_t *n);

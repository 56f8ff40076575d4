/*
 * flag: features that can be switched off. Each has a variable FEATURE_… (on by default), which an
 * administrator's decision overrides until it is taken back. A route that names its flag answers
 * 403 while the feature is off. Decisions stand in the database, owned here; every instance looks
 * again after FLAG_FRESH, so that one taken on any of them holds on all within a second.
 */
#pragma once
#include "core/ctx.h"

enum flag_id { FLAG_AI_RESUME, FLAG_AI_COVER_LETTER, FLAG_JOB_SCRAPING, FLAG_COUNT };

#define FLAG_FRESH (CLOCK_SECOND / 2)

struct flag {
	const char *name; /* "FEATURE_AI_RESUME", the variable's name */
	const char *doc;  /* what is off without it */
};
extern const struct flag flag_table[FLAG_COUNT];

struct flags; /* what is known of the decisions; one for the process */
struct flags *flags_new(void);
void flags_free(struct flags *f); /* NULL allowed */

struct flag_state {
	bool enabled;
	bool overridden; /* by an administrator; else the variable says so */
	struct when updated_at;
};

/* Whether the feature of that name (case ignored) is on. E_NOT_FOUND: there is no such flag. */
int flag_enabled(struct ctx *c, const char *name, bool *on);
/* All flags as they stand in the database now, by flag_id. */
int flag_states(struct ctx *c, struct flag_state out[FLAG_COUNT]);
/* Whether there is a flag of that name, case ignored. */
bool flag_known(const char *name);
/* The number of the flag of that name, case ignored. E_NOT_FOUND with a sentence. */
int flag_find(struct ctx *c, const char *name, enum flag_id *out);
/* Overrides the variable, in the current write transaction. */
int flag_set(struct ctx *c, enum flag_id id, bool enabled);
/* Lets the variable hold again, in the current write transaction. */
int flag_reset(struct ctx *c, enum flag_id id);

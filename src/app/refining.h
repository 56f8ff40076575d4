/*
 * refining: a language model looks over what the parser read (PARSER=openai or auto), before the
 * candidate is completed. A model that fails or is late changes nothing; the profile then says so.
 * Owns candidate_refinements.
 */
#pragma once
#include "core/route.h"
#include "data/profile.h"

/* Whether a model shall look at this profile. */
bool refining_wanted(struct ctx *c, const struct profile *p);
/* Hands the candidate over, in the current transaction; it is completed by this module then. */
int refining_queue(struct ctx *c, int64_t candidate_id, const struct profile *p);

extern const struct feature refining_feature;

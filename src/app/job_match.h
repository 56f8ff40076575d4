/* job_match: which jobs fit a résumé. */
#pragma once
#include "app/query.h"

/* A page of the jobs that fulfil the query's conditions, those that fit the actor's résumé best
 * first, each with its fit. Of more than COUNT_CAP the newest are compared. E_NOT_FOUND,
 * E_CONFLICT (it is not read yet), E_RULE: as resumes_profile. */
int job_match_page(struct ctx *c, struct query *q, int64_t resume_id, int64_t skip, int64_t limit);

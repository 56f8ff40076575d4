/* findings: what a recruiter should know of the document itself, and how probable it is that it is
 * a résumé. */
#pragma once
#include "parse/extract/reading.h"

/* Notes two people, pictures, hidden words. Needs name and e-mail. */
void findings_read(struct reading *r);
/* 0 to 0.99, from sections, contact data and the number of jobs and studies with dates. */
double resume_probability(const struct reading *r, size_t dated);

/*
 * claims: what a generated text says of a person that nothing we know of them says: employers and
 * other names, titles, skills, numbers and dates. By words, numbers and the taxonomy; no model
 * judges the model.
 */
#pragma once
#include "base/arena.h"
#include "data/schema.h"

enum { CLAIMS_MAX = 50 };

/* Lists in *out, each as text writes it and once, what is not in any of the n sources (NULLs are
 * passed over). Everyday words, soft skills and the forms of a letter ("Dear Hiring Manager") are
 * no claims. In the arena. */
void claims_unsupported(struct arena *a, const char *text, const char *const *sources, size_t n,
						struct strings *out);

/*
 * corrections: what people said of a candidate, which outlives every reading of the file. Kept as
 * JSON beside what the parser found, never mixed with it, so that either can change without the
 * other.
 */
#pragma once
#include "core/ctx.h"
#include "data/profile.h"

/* A field that is set holds a person's word; a null one means: there is none. */
struct corrections {
	struct opt_str name, email, phone;
	struct strings skills; /* items NULL: not set */
	struct opt_str domain_knowledge;
};
extern const struct schema corrections_schema;

/* Reads a stored column (text NULL: none). Strings in c->arena. */
int corrections_read(struct ctx *c, struct json column, struct corrections *out);
/* The column to store; text NULL if nothing is corrected. */
int corrections_print(struct ctx *c, const struct corrections *k, struct json *out);
/* Puts the corrections in place of what was read, with confidence 1. Skills keep where they were
 * read. */
void corrections_apply(struct ctx *c, const struct corrections *k, struct profile *p);

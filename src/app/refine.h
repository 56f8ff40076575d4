/*
 * refine: what a language model read from a document, laid over what the parser read. Of the
 * model's values only those count that are found in the document's text; where both differ, the
 * parser's stays if it was sure.
 */
#pragma once
#include "data/profile.h"

/* A model's answer; NULL: it found none. */
struct refined {
	const char *name, *email, *phone, *domain_knowledge;
	struct strings skills;
};
extern const struct schema refined_schema;

/* The JSON Schema of such an answer. */
extern const char refined_form[];

/* Whether the parser's own reading leaves something to ask for: no sure name, e-mail address or
 * skill in what seems to be a résumé. */
bool refine_needed(const struct profile *p);
/* Lays r over *p, whose text is the document's. Returns how many of the model's values were
 * dropped. What is new is in the arena. */
int refine_merge(struct arena *a, const struct refined *r, struct profile *p);
/* Adds a finding to *p. */
void refine_note(struct arena *a, struct profile *p, const char *kind, const char *message);

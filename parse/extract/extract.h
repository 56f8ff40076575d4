/*
 * extract: from the lines of a document to a profile. Reads doc->lines (and file name and metadata
 * as evidence), never invents: each value is found in the text, or is the taxonomy's name for words
 * that are.
 */
#pragma once
#include "data/profile.h"
#include "parse/doc.h"

/* Fills *p; its memory is d->arena's. OK, or E_RULE with a sentence when the document holds no
 * text. */
int extract_profile(struct doc *d, struct profile *p);

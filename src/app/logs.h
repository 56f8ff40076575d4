/*
 * logs: the events of the log as rows. Owns the table logs; core/journal.h writes them in batches.
 */
#pragma once
#include "core/journal.h"
#include "core/route.h"

/* For the core: stores a batch. */
int logs_write(struct ctx *c, struct journal_entry *const *entries, size_t n);

extern const struct feature logs_feature;

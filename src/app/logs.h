/*
 * logs: the events of the log as rows. Owns the table logs; core/journal.h writes them in batches.
 */
#pragma once
#include "core/journal.h"
#include "core/route.h"

/* For the core: stores a batch. */
int logs_write(struct ctx *c, struct journal_entry *const *entries, size_t n);

/* Removes what is older than LOG_DAYS, or beyond the newest LOG_ROWS, in batches of transactions of
 * their own. */
int logs_expire(struct ctx *c, int64_t *removed);

extern const struct feature logs_feature;

/*
 * removals: stored files that must go when a transaction commits. The path is written down in the
 * transaction itself, so that a crash between commit and removal forgets no file, and a rollback
 * keeps it.
 */
#pragma once
#include "core/ctx.h"

/* Dooms the file at this path (relative to DATA_DIR), in the current transaction; it is removed
 * right after the commit, from an object store by a task. */
int removals_add(struct ctx *c, const char *path);

/* With an object store: remembers that the file at this path is gone though a row still names it.
 * In the current transaction. */
int removals_missing(struct ctx *c, const char *path);
/* Whether the file of a row is there. An object store is not asked, but what is remembered of it.
 */
bool removals_there(struct ctx *c, const char *path);

/* A file just placed at this path goes again if the transaction is rolled back. */
int removals_undo(struct ctx *c, const char *path);

extern const struct feature removals_feature;

/*
 * removals: stored files that must go when a transaction commits. The path is written down in the
 * transaction itself, so that a crash between commit and removal forgets no file, and a rollback
 * keeps it.
 */
#pragma once
#include "core/ctx.h"

/* Dooms the file at this path (relative to DATA_DIR), in the current transaction; it is removed
 * right after the commit. */
int removals_add(struct ctx *c, const char *path);

/* A file just placed at this path goes again if the transaction is rolled back. */
int removals_undo(struct ctx *c, const char *path);

extern const struct feature removals_feature;

/*
 * candidate_reparse: reading the files of a whole team anew, in the background. Owns
 * candidate_reparses and candidate_rereads.
 */
#pragma once
#include "core/ctx.h"

/* Notes that a candidate's file has been read, or cannot be; in the transaction that stores what
 * was found. */
int reparse_done(struct ctx *c, int64_t candidate_id);

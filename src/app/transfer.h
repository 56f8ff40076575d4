/*
 * transfer: a whole database copied into another one, of whichever engines: table by table, each in
 * a transaction, from one snapshot. A table that both hold alike is passed over, so that a transfer
 * which was interrupted goes on where it stopped; in the end every table is compared by its number
 * of rows and a checksum.
 */
#pragma once
#include "store/db.h"

struct transfer {
	struct error *error;
	struct db *from, *to; /* both at this program's version */
	void (*table)(void *arg, const char *name, int64_t rows, bool copied); /* may be NULL */
	void *arg;
};

/* Copies everything. The caller sees to it that nobody writes to `to`, and that it may be replaced.
 * E_RULE with a sentence where the two differ in the end. */
int transfer_all(const struct transfer *t);
/* Whether somebody uses this database: it has users. */
int transfer_used(struct db *db, bool *used);

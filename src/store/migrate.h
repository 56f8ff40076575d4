/*
 * migrate: brings the database to this program's version.
 *
 * migrations/NNNN_name.sql are embedded in number order and append-only. Tokens stand for what the engines
 * spell differently: {{id}} (primary key that is never reused), {{json}}, {{blob}}; a section between lines
 * "-- only: sqlite" / "-- only: postgresql" and "-- end" is for that engine alone (full text).
 */
#pragma once
#include "store/db.h"

/* Applies what is missing, each migration in its own write transaction, safely against a second process
 * doing the same. E_RULE if the database is newer than this program, or a migration already applied
 * has been changed (its checksum differs). *applied (may be NULL) counts those applied now. */
int migrate(struct db *db, int *applied);

/* searchables: for the cleanup of test data. */
#pragma once
#include "app/market.h"

/* Removes the searchables that are marked as test data (of one session; NULL: of all), and what
 * hangs on them. In the current transaction. */
int searchables_remove_tests(struct ctx *c, const char *session, struct market_counts *n);

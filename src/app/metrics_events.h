/* metrics_events: for the cleanup of test data. */
#pragma once
#include "app/market.h"

/* Removes the metrics that are marked as test data (of one session; NULL: of all). In the current
 * transaction. */
int metrics_events_remove_tests(struct ctx *c, const char *session, struct market_counts *n);

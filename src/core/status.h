/* status: what a route may answer, for the OpenAPI document and the route table. */
#pragma once
#include "core/route.h"

enum { ROUTE_STATUSES_MAX = 32, STATUS_KNOWN = 24 };

/* The phrase of RFC 9110, "" for an unknown status. */
const char *status_reason(int status);
/* The number of a status among those known, STATUS_KNOWN for all others; and the status of a number
 * (0 for that). */
int status_index(int status);
int status_at(int i);
/* The failures a route can answer: those that follow from its row and those it lists, rising,
 * without repetition. Returns their number. */
size_t status_of_route(const struct route *r, short out[ROUTE_STATUSES_MAX]);

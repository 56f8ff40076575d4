/* paging: the headers of list replies: X-Total-Count and Link (RFC 8288). Part of the dispatcher.
 */
#pragma once
#include "core/request.h"

/* Adds X-Total-Count (capped at COUNT_CAP) and Link to the response of a ROUTE_LIST request. */
void paging_headers(struct request *r);
/* Appends s percent-encoded (RFC 3986): all but unreserved characters and those in also. */
void paging_encode(struct buf *b, const char *s, const char *also);

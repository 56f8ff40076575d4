/*
 * dispatch: the phases of a request: match, identify, rate, role, body, bind, handler, reply. The
 * only place that maps errors to statuses, and that logs failures.
 */
#pragma once
#include "core/core.h"

struct dispatch;

/* For a server of so many event loops. Each gets a connection of its own for ROUTE_BOUNDED
 * (route.h), unless the engine is PostgreSQL. E_RULE if the database cannot be opened. */
int dispatch_new(struct core *core, int loops, struct error *error, struct dispatch **out);
void dispatch_free(struct dispatch *d);
/* The hooks for http_start; their arg is the dispatch. */
struct http_hooks dispatch_hooks(struct dispatch *d);
/* The HTTP status of an error code on a route (422, 400, …). */
int dispatch_status(enum err code);

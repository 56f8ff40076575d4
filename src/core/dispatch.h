/*
 * dispatch: the phases of a request: match, identify, rate, role, body, bind, handler, reply. The
 * only place that maps errors to statuses, and that logs failures.
 */
#pragma once
#include "core/core.h"

struct dispatch;

struct dispatch *dispatch_new(struct core *core);
void dispatch_free(struct dispatch *d);
/* The hooks for http_start; their arg is the dispatch. */
struct http_hooks dispatch_hooks(struct dispatch *d);
/* The HTTP status of an error code on a route (422, 400, …). */
int dispatch_status(enum err code);

/*
 * audit: who did what, when and from where: logins, uploads, changes of roles, deletions, exports,
 * cleanups. Rows are only ever added; each carries a SHA-256 over itself and its predecessor's, so
 * that a row changed, removed or slipped in later is found (`vitae audit verify`).
 */
#pragma once
#include "core/route.h"

enum { AUDIT_TEXT_MAX = 1000 }; /* bytes of target and detail; longer ones are cut */

/* Adds an event of c's actor (or of nobody), in the current write transaction: it stands or falls
 * with what it tells of. action: "user.delete"; result: "ok", "refused" or "failed"; target (what
 * it was done to: "user 7") and detail may be NULL; no secret may stand in them. Call it late in
 * the transaction: others who add events wait for its end. */
int audit_add(struct ctx *c, const char *action, const char *target, const char *result,
			  const char *detail);
/* The same in a transaction of its own, after the current one has ended, whatever became of it: for
 * what is refused. What cannot be written is told in the log. */
void audit_always(struct ctx *c, const char *action, const char *target, const char *result,
				  const char *detail);

/* Tells how a request to a route with an action ended (core/route.h): "ok" in the transaction,
 * "refused" or "failed" after it, with the sentence of the refusal. Target and detail are what the
 * handler left in c, or the path's first value. */
int audit_route(struct ctx *c, const char *action, int code);

struct audit_check {
	int64_t events;
	int64_t broken_id; /* the first event that does not fit, 0: the chain is whole */
	const char *why;   /* in the arena, NULL: whole */
};
/* Goes through all events in order, in a snapshot; memory does not grow with their number. */
int audit_verify(struct ctx *c, struct audit_check *out);

extern const struct feature audit_feature;

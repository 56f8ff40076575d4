/*
 * event: something that happened and that others want to hear of: the team's open WebSockets and
 * event streams, webhooks, Telegram. Emitted inside the transaction in which it happens; told after
 * its commit only.
 *
 * Emit before adding the task that goes on from there: what is registered first is told first.
 */
#pragma once
#include "core/ctx.h"

enum { EVENT_DATA_MAX = 16 * 1024 };

struct event {
	const char *type;            /* a name of event_types */
	int64_t team_id;             /* whom it concerns; 0: the administrators */
	int64_t user_id;             /* only this member of the team; 0: the whole team */
	const struct schema *schema; /* of data: ids and what a notification shows, not whole rows */
	const void *data;
};

/* Every type that there is, and those of them that webhooks may ask for (NULL-terminated); what the
 * documentation says follows. */
struct event_type {
	const char *name, *doc;
};
extern const struct event_type event_types[];
extern const size_t event_types_count;
extern const char *const event_webhook_types[];
bool event_has_webhooks(const char *type);

/* Tells the features' .event hooks now, inside the current transaction, and everyone who listens
 * after its commit. E_INTERNAL: an unknown type, or data beyond EVENT_DATA_MAX as JSON. */
int event_emit(struct ctx *c, const struct event *e);

/* The topic under which the bus carries events: {"type", "team_id", "user_id", "data"}. */
extern const char event_topic[];

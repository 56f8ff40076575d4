/* webhook_rows: the tables of webhooks and their deliveries, for webhooks.c (the endpoints) and
 * webhook_send.c (the sending). */
#pragma once
#include "core/ctx.h"

enum { WEBHOOKS_MAX = 20, WEBHOOK_URL_MAX = 2000, WEBHOOK_LOG_MAX = 1000, WEBHOOK_LOG_DAYS = 30 };

struct webhook {
	int64_t id, team_id;
	const char *url;
	struct strings events;
	const char *description;
	bool is_active;
	const char *disabled_reason;
	int64_t failures; /* in a row */
	int64_t created_by;
	struct when created_at, updated_at, last_delivery_at;
	const char *secret; /* of the second schema only */
};
extern const struct schema webhook_schema, webhook_created_schema;

struct delivery {
	int64_t id, webhook_id;
	const char *message_id, *type, *state;
	int64_t attempts;
	struct opt_int status, duration_ms;
	const char *error_message;
	struct when created_at, attempted_at, next_attempt_at, delivered_at;
	const char *response, *payload; /* of the second schema only */
};
extern const struct schema delivery_schema, delivery_detail_schema;

/* ---- webhooks ---- */

/* One that the actor may see. E_NOT_FOUND with a sentence. */
int webhook_find(struct ctx *c, int64_t id, struct webhook *out);
/* A page of a team's (0: all), newest first, into the list *c->out. */
int webhook_page(struct ctx *c, int64_t team_id, int64_t skip, int64_t limit);
int webhook_count(struct ctx *c, int64_t team_id, int64_t *out);
int webhook_insert(struct ctx *c, const struct webhook *w, const char *secret, int64_t *id);
/* Stores url, events, description and is_active; one that becomes active has never failed. */
int webhook_update(struct ctx *c, const struct webhook *w);
int webhook_delete(struct ctx *c, int64_t id);
/* The old secret signs beside the new one until overlap_until. */
int webhook_set_secret(struct ctx *c, int64_t id, const char *secret, int64_t overlap_until);
/* Switches it off. */
int webhook_give_up(struct ctx *c, int64_t id, const char *reason);
/* The active ones of the team (0: of all teams) that want an event, as a list of struct wanting. */
struct wanting {
	int64_t id, failures;
	struct strings events;
};
int webhook_wanting(struct ctx *c, const char *type, int64_t team_id, struct list *out);

/* ---- deliveries ---- */

int delivery_insert(struct ctx *c, int64_t webhook_id, const char *message_id, const char *type,
					const char *payload, int64_t *id);
int delivery_waiting(struct ctx *c, int64_t webhook_id, int64_t *out);
/* A page of a webhook's, newest first, into the list *c->out. state: NULL, all. */
int delivery_page(struct ctx *c, int64_t webhook_id, const char *state, int64_t skip,
				  int64_t limit);
/* E_NOT_FOUND with a sentence. */
int delivery_find(struct ctx *c, int64_t webhook_id, int64_t id, struct delivery *out);
/* Makes it wait again, from its first attempt. */
int delivery_again(struct ctx *c, int64_t id);

/* What an attempt needs. */
struct sending {
	int64_t delivery_id, webhook_id, attempts, hold_until, failures;
	const char *message_id, *type, *payload, *url, *secret, *previous_secret;
	int64_t previous_until;
	bool is_active;
	const char *state;
};
/* E_NOT_FOUND: the webhook was deleted meanwhile. */
int delivery_load(struct ctx *c, int64_t id, struct sending *out);

/* What became of an attempt. */
struct attempt {
	const struct sending *s;
	int status; /* 0: no answer */
	int64_t duration_ms;
	const char *error_message, *response;
	int64_t next_at;    /* 0: no more */
	int64_t hold_until; /* 0: none */
	bool delivered;
	const char *disable; /* why the webhook is switched off; NULL: it stays */
};
/* Notes it. *disabled: that the webhook was switched off now, for a.disable, or because nothing has
 * succeeded since before the delivery was first tried. */
int delivery_end(struct ctx *c, const struct attempt *a, bool *disabled);
/* Deletes ended deliveries that are old, or beyond the newest WEBHOOK_LOG_MAX of their webhook. */
int delivery_prune(struct ctx *c);

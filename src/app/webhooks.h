/*
 * webhooks: events sent to other programs over HTTP, in the form of Standard Webhooks 1.0. A
 * delivery is a row of the transaction in which the event happened, so none is lost, and none is
 * sent of what did not happen; a receiver may get one twice, with the same webhook-id.
 */
#pragma once
#include "core/ctx.h"

/* "whsec_" and 24 random bytes in base64. In the arena. */
const char *webhook_new_secret(struct arena *a);
/* The webhook-signature header: "v1," and the HMAC-SHA256 of "id.timestamp.body" in base64. In the
 * arena; NULL if the secret is none. */
const char *webhook_sign(struct arena *a, const char *secret, const char *id, int64_t timestamp,
						 const char *body);

/* Queues a delivery to one webhook; data: the event's, as JSON. In the current transaction. */
int webhook_queue(struct ctx *c, int64_t webhook_id, const char *type, const char *data);
/* Queues a delivery anew. */
int webhook_resend(struct ctx *c, int64_t delivery_id);

extern const struct feature webhooks_feature, webhook_send_feature;

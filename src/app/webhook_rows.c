/* See webhook_rows.h. */
#include "app/webhook_rows.h"

#include <string.h>

#include "app/query.h"
#include "app/teams.h"
#include "core/event.h"
#include "core/route.h"

enum { WANTING_MAX = 1000 };

/* ---- schemas ---- */

#define WEBHOOK_FIELDS                                                                             \
	FIELD(struct webhook, id, 0, .doc = "Number of the webhook", .example = "1"),                  \
		FIELD(struct webhook, team_id, 0, .doc = "Team whose events it hears of", .example = "1"), \
		FIELD(struct webhook, url, 0, .doc = "Where events are sent",                              \
			  .example = "\"https://example.com/hooks\""),                                         \
		FIELD(struct webhook, events, 0, .doc = "Types of the events",                             \
			  .example = "[\"candidate.completed\"]"),                                             \
		FIELD(struct webhook, description, F_NULL, .doc = "What it is for",                        \
			  .example = "\"Applicant tracking\""),                                                \
		FIELD(struct webhook, is_active, 0, .doc = "Whether events are sent", .example = "true"),  \
		FIELD(struct webhook, disabled_reason, F_NULL,                                             \
			  .doc = "Why it was switched off by the server", .example = "null"),                  \
		FIELD(struct webhook, failures, 0, .doc = "Failed attempts in a row", .example = "0"),     \
		FIELD(struct webhook, created_by, 0, .doc = "User who made it", .example = "2"),           \
		FIELD(struct webhook, created_at, 0, .doc = "When it was made",                            \
			  .example = "\"2025-11-28T10:00:00Z\""),                                              \
		FIELD(struct webhook, updated_at, 0, .doc = "When it last changed",                        \
			  .example = "\"2025-11-28T10:00:00Z\""),                                              \
		FIELD(struct webhook, last_delivery_at, F_NULL, .doc = "When a delivery last succeeded",   \
			  .example = "null")
static const struct field webhook_fields[] = {WEBHOOK_FIELDS};
const struct schema webhook_schema = SCHEMA("Webhook", struct webhook, webhook_fields);
static const struct field created_fields[] = {
	WEBHOOK_FIELDS,
	FIELD(struct webhook, secret, 0, .doc = "What signatures are made with, told this once",
		  .example = "\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\""),
};
const struct schema webhook_created_schema =
	SCHEMA("WebhookCreated", struct webhook, created_fields);

static const char *const states[] = {"waiting", "delivered", "failed", NULL};
#define DELIVERY_FIELDS                                                                     \
	FIELD(struct delivery, id, 0, .doc = "Number of the delivery", .example = "1"),         \
		FIELD(struct delivery, webhook_id, 0, .doc = "Webhook", .example = "1"),            \
		FIELD(struct delivery, message_id, 0,                                               \
			  .doc = "The webhook-id header, the same at each attempt",                     \
			  .example = "\"msg_3f9a\""),                                                   \
		FIELD(struct delivery, type, 0, .doc = "Type of the event",                         \
			  .example = "\"candidate.completed\""),                                        \
		FIELD(struct delivery, state, 0, .choices = states, .doc = "What became of it",     \
			  .example = "\"delivered\""),                                                  \
		FIELD(struct delivery, attempts, 0, .doc = "Attempts so far", .example = "1"),      \
		FIELD(struct delivery, status, F_NULL, .doc = "Status of the last answer",          \
			  .example = "200"),                                                            \
		FIELD(struct delivery, duration_ms, F_NULL, .doc = "Time of the last attempt",      \
			  .example = "84"),                                                             \
		FIELD(struct delivery, error_message, F_NULL, .doc = "Why the last attempt failed", \
			  .example = "null"),                                                           \
		FIELD(struct delivery, created_at, 0, .doc = "When the event happened",             \
			  .example = "\"2025-11-28T10:00:00Z\""),                                       \
		FIELD(struct delivery, attempted_at, F_NULL, .doc = "When it was last tried",       \
			  .example = "\"2025-11-28T10:00:01Z\""),                                       \
		FIELD(struct delivery, next_attempt_at, F_NULL, .doc = "When it is tried again",    \
			  .example = "null"),                                                           \
		FIELD(struct delivery, delivered_at, F_NULL, .doc = "When it succeeded",            \
			  .example = "\"2025-11-28T10:00:01Z\"")
static const struct field delivery_fields[] = {DELIVERY_FIELDS};
const struct schema delivery_schema = SCHEMA("WebhookDelivery", struct delivery, delivery_fields);
static const struct field detail_fields[] = {
	DELIVERY_FIELDS,
	FIELD(struct delivery, response, F_NULL, .doc = "How the last answer began",
		  .example = "\"ok\""),
	FIELD(struct delivery, payload, 0, .doc = "What is sent, as text",
		  .example = "\"{\\\"type\\\": \\\"candidate.completed\\\"}\""),
};
const struct schema delivery_detail_schema =
	SCHEMA("WebhookDeliveryDetail", struct delivery, detail_fields);

static const struct field sending_fields[] = {
	FIELD(struct sending, delivery_id, 0, .doc = "Delivery", .example = "1"),
	FIELD(struct sending, webhook_id, 0, .doc = "Webhook", .example = "1"),
	FIELD(struct sending, attempts, 0, .doc = "Attempts", .example = "0"),
	FIELD(struct sending, hold_until, 0, .doc = "Not before", .example = "0"),
	FIELD(struct sending, failures, 0, .doc = "Failures in a row", .example = "0"),
	FIELD(struct sending, message_id, 0, .doc = "Message", .example = "\"msg_1\""),
	FIELD(struct sending, type, 0, .doc = "Type", .example = "\"mail.sent\""),
	FIELD(struct sending, payload, 0, .doc = "Body", .example = "\"{}\""),
	FIELD(struct sending, url, 0, .doc = "Address", .example = "\"https://example.com\""),
	FIELD(struct sending, secret, F_SECRET, .doc = "Secret", .example = "\"whsec_a\""),
	FIELD(struct sending, previous_secret, F_SECRET | F_NULL, .doc = "The one before",
		  .example = "\"whsec_a\""),
	FIELD(struct sending, previous_until, 0, .doc = "How long that signs", .example = "0"),
	FIELD(struct sending, is_active, 0, .doc = "On", .example = "true"),
	FIELD(struct sending, state, 0, .doc = "State", .example = "\"waiting\""),
};
static const struct schema sending_schema =
	SCHEMA("WebhookSending", struct sending, sending_fields);

static const struct field wanting_fields[] = {
	FIELD(struct wanting, id, 0, .doc = "Number", .example = "1"),
	FIELD(struct wanting, failures, 0, .doc = "Failures in a row", .example = "0"),
	FIELD(struct wanting, events, 0, .doc = "Types", .example = "[\"mail.sent\"]"),
};
static const struct schema wanting_schema =
	SCHEMA("WebhookWanting", struct wanting, wanting_fields);

/* ---- webhooks ---- */

static int64_t scope(struct ctx *c)
{
	return c->actor->role >= ROLE_ADMIN ? 0 : c->actor->team_id;
}

int webhook_find(struct ctx *c, int64_t id, struct webhook *out)
{
	int rc =
		db_one(c->db, c->arena, &webhook_schema, out,
			   "SELECT * FROM webhooks WHERE id = $1 AND (CAST($2 AS BIGINT) = 0 OR team_id = $2)",
			   P(id), P(scope(c)));

	return rc == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "Webhook not found") : rc;
}

int webhook_page(struct ctx *c, int64_t team_id, int64_t skip, int64_t limit)
{
	struct query q;

	query_init(&q, c->arena);
	if (team_id != 0)
		query_and(&q, "team_id = ?", P(team_id));
	return query_page(c, &q, &webhook_schema, "*", "webhooks", "id DESC", skip, limit);
}

int webhook_count(struct ctx *c, int64_t team_id, int64_t *out)
{
	return db_int(c->db, out, "SELECT count(*) FROM webhooks WHERE team_id = $1", P(team_id));
}

static struct json names_json(struct ctx *c, const struct strings *names)
{
	struct buf b;

	buf_init(&b, c->arena, 4096);
	buf_addc(&b, '[');
	for (size_t i = 0; i < names->n; i++) {
		if (i > 0)
			buf_addc(&b, ',');
		json_print_string(&b, names->items[i]);
	}
	buf_addc(&b, ']');
	return (struct json){buf_str(&b)};
}

int webhook_insert(struct ctx *c, const struct webhook *w, const char *secret, int64_t *id)
{
	return db_int(c->db, id,
				  "INSERT INTO webhooks (team_id, created_by, url, events, description, secret, "
				  "created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING id",
				  P(w->team_id), P(c->actor->user_id), P(w->url), P(names_json(c, &w->events)),
				  P(w->description), P(secret), P(c->now));
}

int webhook_update(struct ctx *c, const struct webhook *w)
{
	return db_exec(
		c->db, NULL,
		"UPDATE webhooks SET url = $2, events = $3, description = $4, "
		"disabled_reason = CASE WHEN CAST($5 AS INTEGER) = 1 THEN NULL ELSE disabled_reason END, "
		"failures = CASE WHEN CAST($5 AS INTEGER) = 1 AND is_active = 0 THEN 0 ELSE failures END, "
		"failing_since = CASE WHEN CAST($5 AS INTEGER) = 1 AND is_active = 0 THEN NULL ELSE "
		"failing_since END, "
		"hold_until = CASE WHEN CAST($5 AS INTEGER) = 1 AND is_active = 0 THEN 0 ELSE hold_until "
		"END, "
		"is_active = CAST($5 AS INTEGER), updated_at = $6 WHERE id = $1",
		P(w->id), P(w->url), P(names_json(c, &w->events)), P(w->description), P(w->is_active),
		P(c->now));
}

int webhook_delete(struct ctx *c, int64_t id)
{
	return db_exec(c->db, NULL, "DELETE FROM webhooks WHERE id = $1", P(id));
}

int webhook_set_secret(struct ctx *c, int64_t id, const char *secret, int64_t overlap_until)
{
	return db_exec(c->db, NULL,
				   "UPDATE webhooks SET previous_secret = secret, secret = $2, "
				   "previous_until = $3, updated_at = $4 WHERE id = $1",
				   P(id), P(secret), P(overlap_until), P(c->now));
}

static bool wants(const struct wanting *r, const char *type)
{
	for (size_t i = 0; i < r->events.n; i++)
		if (text_eq(r->events.items[i], type))
			return true;
	return false;
}

int webhook_wanting(struct ctx *c, const char *type, int64_t team_id, struct list *out)
{
	struct list rows;
	struct wanting *r;
	size_t n = 0;

	TRY(db_list(
		c->db, c->arena, &wanting_schema, WANTING_MAX, &rows,
		"SELECT id, failures, events FROM webhooks WHERE is_active = 1 AND (CAST($1 AS BIGINT) = 0 "
		"OR team_id = $1) ORDER BY id LIMIT 1000",
		P(team_id)));
	r = rows.items;
	for (size_t i = 0; i < rows.n; i++)
		if (wants(&r[i], type))
			r[n++] = r[i];
	*out = (struct list){r, n};
	return OK;
}

/* ---- deliveries ---- */

int delivery_insert(struct ctx *c, int64_t webhook_id, const char *message_id, const char *type,
					const char *payload, int64_t *id)
{
	return db_int(c->db, id,
				  "INSERT INTO webhook_deliveries (webhook_id, message_id, type, payload, state, "
				  "created_at, next_attempt_at) VALUES ($1, $2, $3, $4, 'waiting', $5, $5) "
				  "RETURNING id",
				  P(webhook_id), P(message_id), P(type), P(payload), P(c->now));
}

int delivery_waiting(struct ctx *c, int64_t webhook_id, int64_t *out)
{
	return db_int(c->db, out,
				  "SELECT count(*) FROM webhook_deliveries WHERE webhook_id = $1 AND state = "
				  "'waiting'",
				  P(webhook_id));
}

int webhook_give_up(struct ctx *c, int64_t id, const char *reason)
{
	return db_exec(c->db, NULL,
				   "UPDATE webhooks SET is_active = 0, disabled_reason = $2, updated_at = $3 "
				   "WHERE id = $1",
				   P(id), P(reason), P(c->now));
}

int delivery_page(struct ctx *c, int64_t webhook_id, const char *state, int64_t skip, int64_t limit)
{
	struct query q;

	query_init(&q, c->arena);
	query_and(&q, "webhook_id = ?", P(webhook_id));
	if (state != NULL)
		query_and(&q, "state = ?", P(state));
	return query_page(c, &q, &delivery_schema, "*", "webhook_deliveries", "id DESC", skip, limit);
}

int delivery_find(struct ctx *c, int64_t webhook_id, int64_t id, struct delivery *out)
{
	int rc = db_one(c->db, c->arena, &delivery_detail_schema, out,
					"SELECT * FROM webhook_deliveries WHERE id = $1 AND webhook_id = $2", P(id),
					P(webhook_id));

	return rc == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "Delivery not found") : rc;
}

int delivery_again(struct ctx *c, int64_t id)
{
	return db_exec(c->db, NULL,
				   "UPDATE webhook_deliveries SET state = 'waiting', attempts = 0, "
				   "first_attempted_at = NULL, next_attempt_at = $2 WHERE id = $1",
				   P(id), P(c->now));
}

int delivery_load(struct ctx *c, int64_t id, struct sending *out)
{
	return db_one(c->db, c->arena, &sending_schema, out,
				  "SELECT webhook_deliveries.id AS delivery_id, webhook_id, attempts, message_id, "
				  "type, payload, state, url, secret, previous_secret, previous_until, is_active, "
				  "hold_until, failures FROM webhook_deliveries JOIN webhooks ON webhooks.id = "
				  "webhook_deliveries.webhook_id WHERE webhook_deliveries.id = $1",
				  P(id));
}

static int note_success(struct ctx *c, const struct attempt *a)
{
	return db_exec(c->db, NULL,
				   "UPDATE webhooks SET failures = 0, failing_since = NULL, hold_until = 0, "
				   "last_delivery_at = $2 WHERE id = $1",
				   P(a->s->webhook_id), P(c->now));
}

static int note_failure(struct ctx *c, const struct attempt *a)
{
	return db_exec(c->db, NULL,
				   "UPDATE webhooks SET failures = failures + 1, failing_since = "
				   "COALESCE(failing_since, $2), hold_until = $3 WHERE id = $1",
				   P(a->s->webhook_id), P(c->now), P(a->hold_until));
}

static int switch_off(struct ctx *c, const struct attempt *a, bool *disabled)
{
	int64_t changes;

	TRY(db_exec(
		c->db, &changes,
		"UPDATE webhooks SET is_active = 0, disabled_reason = $2, updated_at = $3 WHERE id = $1 "
		"AND is_active = 1 AND (CAST($4 AS INTEGER) = 1 OR failing_since <= (SELECT "
		"COALESCE(min(first_attempted_at), $3) FROM webhook_deliveries WHERE id = $5))",
		P(a->s->webhook_id), P(a->disable ? a->disable : a->error_message), P(c->now),
		P(a->disable != NULL), P(a->s->delivery_id)));
	*disabled = changes > 0;
	return OK;
}

int delivery_end(struct ctx *c, const struct attempt *a, bool *disabled)
{
	const char *state = a->delivered ? "delivered" : a->next_at != 0 ? "waiting" : "failed";

	*disabled = false;
	TRY(a->delivered ? note_success(c, a) : note_failure(c, a));
	if (a->disable != NULL || (!a->delivered && a->next_at == 0))
		TRY(switch_off(c, a, disabled));
	return db_exec(
		c->db, NULL,
		"UPDATE webhook_deliveries SET state = $2, attempts = attempts + 1, status = $3, "
		"duration_ms = $4, error_message = $5, response = $6, attempted_at = $7, "
		"first_attempted_at = COALESCE(first_attempted_at, $7), next_attempt_at = $8, delivered_at "
		"= $9 WHERE id = $1",
		P(a->s->delivery_id), P(state), P(((struct opt_int){true, a->status == 0, a->status})),
		P(a->duration_ms), P(a->error_message), P(a->response), P(c->now),
		P(((struct when){a->next_at})), P(((struct when){a->delivered ? c->now : 0})));
}

int delivery_prune(struct ctx *c)
{
	TRY(db_exec(c->db, NULL,
				"DELETE FROM webhook_deliveries WHERE state <> 'waiting' AND created_at < $1",
				P(c->now - WEBHOOK_LOG_DAYS * INT64_C(86400) * CLOCK_SECOND)));
	return db_exec(
		c->db, NULL,
		"DELETE FROM webhook_deliveries WHERE state <> 'waiting' AND id IN (SELECT id FROM (SELECT "
		"id, row_number() OVER (PARTITION BY webhook_id ORDER BY id DESC) AS place FROM "
		"webhook_deliveries) AS ranked WHERE place > CAST($1 AS BIGINT))",
		P(WEBHOOK_LOG_MAX));
}

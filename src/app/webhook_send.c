/*
 * See webhooks.h: what becomes of an event. A delivery is tried at once and then ever more rarely,
 * for three days; who answers 410, or has let everything fail for as long as a delivery is tried,
 * is switched off. A receiver that does not answer at all keeps a thread for its deadline, so after
 * such a failure its other deliveries are held back for a while, and are not counted as tried.
 */
#include <nettle/base64.h>
#include <nettle/hmac.h>
#include <string.h>

#include "app/webhook_rows.h"
#include "app/webhooks.h"
#include "base/log.h"
#include "base/rand.h"
#include "core/core.h"
#include "core/event.h"
#include "core/metrics.h"
#include "io/fetch.h"

enum {
	SECRET_BYTES = 24,
	SECRET_MAX = 64,
	TIMEOUT_MS = 15 * 1000,
	ANSWER_MAX = 64 * 1024, /* read */
	ANSWER_KEPT = 1024,     /* characters in the log */
	HOLD_MAX = 300,         /* seconds */
	WAITING_MAX = 10000,
};

static const char secret_prefix[] = "whsec_";

/* ---- signing ---- */

static const char *base64(struct arena *a, const void *p, size_t n)
{
	char *out = arena_alloc(a, BASE64_ENCODE_RAW_LENGTH(n) + 1);

	base64_encode_raw(out, n, p);
	return out;
}

const char *webhook_new_secret(struct arena *a)
{
	unsigned char bytes[SECRET_BYTES];

	rand_bytes(bytes, sizeof bytes);
	return arena_printf(a, "%s%s", secret_prefix, base64(a, bytes, sizeof bytes));
}

const char *webhook_sign(struct arena *a, const char *secret, const char *id, int64_t timestamp,
						 const char *body)
{
	const char *text = arena_printf(a, "%s.%lld.", id, (long long)timestamp);
	uint8_t key[BASE64_DECODE_LENGTH(SECRET_MAX)], digest[SHA256_DIGEST_SIZE];
	struct base64_decode_ctx decoder;
	struct hmac_sha256_ctx hmac;
	size_t n = sizeof key;

	if (!text_starts(secret, secret_prefix) || strlen(secret) > SECRET_MAX)
		return NULL;
	secret += strlen(secret_prefix);
	base64_decode_init(&decoder);
	if (!base64_decode_update(&decoder, &n, key, strlen(secret), secret) ||
		!base64_decode_final(&decoder))
		return NULL;
	hmac_sha256_set_key(&hmac, n, key);
	hmac_sha256_update(&hmac, strlen(text), (const uint8_t *)text);
	hmac_sha256_update(&hmac, strlen(body), (const uint8_t *)body);
	hmac_sha256_digest(&hmac, sizeof digest, digest);
	explicit_bzero(key, sizeof key);
	return arena_printf(a, "v1,%s", base64(a, digest, sizeof digest));
}

/* While a secret is being exchanged, both sign. */
static const char *signatures(struct ctx *c, const struct sending *s, int64_t timestamp)
{
	const char *now = webhook_sign(c->arena, s->secret, s->message_id, timestamp, s->payload);

	if (s->previous_secret == NULL || s->previous_until <= c->now)
		return now;
	return arena_printf(
		c->arena, "%s %s", now,
		webhook_sign(c->arena, s->previous_secret, s->message_id, timestamp, s->payload));
}

/* ---- one attempt ---- */

/* Seconds until the next attempt after so many failed ones; negative: there is none. */
static int64_t pause_after(const struct ctx *c, int64_t failed)
{
	static const int64_t factors[] = {1, 60, 360, 1440, 3600, 7200, 10080, 14400, 17280};

	if (failed > (int64_t)(sizeof factors / sizeof factors[0]))
		return -1;
	return c->config->webhook_retry_seconds * factors[failed - 1];
}

/* A tenth more or less, so that what failed together does not come back together. */
static int64_t spread(int64_t us)
{
	uint32_t r;

	rand_bytes(&r, sizeof r);
	return us - us / 10 + (int64_t)(r % 1000) * (us / 5000);
}

static int64_t hold_after(const struct ctx *c, int64_t failures)
{
	int64_t s = c->config->webhook_retry_seconds << (failures < 8 ? failures : 8);

	return c->now + (s < HOLD_MAX ? s : HOLD_MAX) * CLOCK_SECOND;
}

static int post(struct ctx *c, const struct sending *s, struct fetch_reply *reply)
{
	const int64_t timestamp = clock_now() / CLOCK_SECOND;
	struct pair headers[] = {
		{"Content-Type", "application/json"},
		{"User-Agent", "vitae/" VITAE_VERSION},
		{"webhook-id", s->message_id},
		{"webhook-timestamp", arena_printf(c->arena, "%lld", (long long)timestamp)},
		{"webhook-signature", signatures(c, s, timestamp)},
	};

	return fetch(c->arena, c->error,
				 &(struct fetch_request){.method = "POST",
										 .url = s->url,
										 .headers = {headers, sizeof headers / sizeof headers[0]},
										 .body = s->payload,
										 .size = strlen(s->payload),
										 .timeout_ms = TIMEOUT_MS,
										 .max_body = ANSWER_MAX},
				 reply);
}

static const char *beginning(struct ctx *c, const struct fetch_reply *r)
{
	size_t n = r->size < ANSWER_KEPT ? r->size : ANSWER_KEPT;

	return n == 0 ? NULL : utf8_clean(c->arena, r->body, n);
}

static void judge(struct ctx *c, int rc, const struct fetch_reply *reply, struct attempt *a)
{
	int64_t pause;

	/* an answer that is too long is an answer */
	a->delivered = rc == OK && reply->status >= 200 && reply->status < 300;
	if (rc == OK) {
		a->status = reply->status;
		a->response = beginning(c, reply);
	}
	if (a->delivered)
		return;
	a->error_message = rc == OK ? arena_printf(c->arena, "The receiver answered %d", a->status)
								: arena_strdup(c->arena, c->error->text);
	if (a->status == 410) {
		a->disable = "The receiver answered 410 Gone";
		return;
	}
	pause = pause_after(c, a->s->attempts + 1);
	if (pause >= 0)
		a->next_at = c->now + spread(pause * CLOCK_SECOND) + 1;
	if (a->next_at != 0 && reply->retry_after > 0 && reply->retry_after <= 86400 &&
		a->next_at < c->now + reply->retry_after * CLOCK_SECOND)
		a->next_at = c->now + reply->retry_after * CLOCK_SECOND;
	if (rc == E_TIMEOUT || rc == E_UPSTREAM)
		a->hold_until = hold_after(c, a->s->failures);
}

static int end_tx(struct ctx *c, void *arg)
{
	const struct attempt *a = arg;
	bool disabled;

	TRY(delivery_end(c, a, &disabled));
	if (disabled)
		log_warning("webhook %lld is switched off: %s", (long long)a->s->webhook_id,
					a->disable ? a->disable : a->error_message);
	return OK;
}

struct send_args {
	int64_t delivery_id;
};
static const struct field send_fields[] = {
	FIELD(struct send_args, delivery_id, F_REQUIRED, .min = 1, .doc = "Delivery", .example = "1"),
};
static const struct schema send_schema = SCHEMA("WebhookSendArgs", struct send_args, send_fields);

static int try_delivery(struct ctx *c, struct sending *s)
{
	struct fetch_reply reply = {0};
	struct attempt a = {.s = s};
	int64_t begun = clock_monotonic();
	int rc = post(c, s, &reply);

	if (rc == E_UNAVAILABLE)
		return rc;
	c->now = clock_now();
	a.duration_ms = (clock_monotonic() - begun) / 1000;
	judge(c, rc, &reply, &a);
	metrics_count(a.delivered ? COUNTER_WEBHOOKS_DELIVERED : COUNTER_WEBHOOKS_FAILED, 1);
	TRY(tx(c, end_tx, &a));
	c->again_at = a.next_at;
	return OK;
}

/* What was switched off meanwhile stays in the log as failed. */
static int drop(struct ctx *c, const struct sending *s)
{
	struct attempt a = {.s = s, .error_message = "The webhook is switched off"};

	return tx(c, end_tx, &a);
}

static int send_one(struct ctx *c)
{
	const struct send_args *in = c->in;
	struct sending s;
	int rc = delivery_load(c, in->delivery_id, &s);

	if (rc == E_NOT_FOUND || (rc == OK && !text_eq(s.state, "waiting")))
		return OK;
	TRY(rc);
	if (!s.is_active)
		return drop(c, &s);
	if (s.hold_until > c->now) {
		c->again_at = s.hold_until;
		return OK;
	}
	return try_delivery(c, &s);
}

/* ---- from an event to deliveries ---- */

enum { TASKS = 2 };
static const struct task_kind tasks[TASKS];

/* Without a key: the task of a delivery that has just ended may still be there when it is sent
 * again, and would stand in for the new one. */
static int queue(struct ctx *c, int64_t delivery_id)
{
	const struct send_args args = {delivery_id};

	return task_add(c, &tasks[0], &args, NULL, 0);
}

int webhook_queue(struct ctx *c, int64_t webhook_id, const char *type, const char *data)
{
	char random[33], when[CLOCK_ISO_SIZE];
	int64_t id;

	rand_hex(random, 16);
	TRY(delivery_insert(c, webhook_id, arena_printf(c->arena, "msg_%s", random), type,
						arena_printf(c->arena, "{\"type\":\"%s\",\"timestamp\":\"%s\",\"data\":%s}",
									 type, clock_iso(c->now, when), data),
						&id));
	return queue(c, id);
}

int webhook_resend(struct ctx *c, int64_t delivery_id)
{
	TRY(delivery_again(c, delivery_id));
	return queue(c, delivery_id);
}

/* A receiver that is away for long must not fill the database. */
static int queue_bounded(struct ctx *c, const struct wanting *w, const char *type, const char *json)
{
	int64_t waiting = 0;

	if (w->failures > 0)
		TRY(delivery_waiting(c, w->id, &waiting));
	if (waiting < WAITING_MAX)
		return webhook_queue(c, w->id, type, json);
	log_warning("webhook %lld is switched off: too much waits for it", (long long)w->id);
	return webhook_give_up(c, w->id, "Too many deliveries wait for the receiver");
}

static int on_event(struct ctx *c, const struct event *e, const char *json)
{
	const struct wanting *w;
	struct list list;

	if (!event_has_webhooks(e->type))
		return OK;
	TRY(webhook_wanting(c, e->type, e->team_id, &list));
	w = list.items;
	for (size_t i = 0; i < list.n; i++)
		TRY(queue_bounded(c, &w[i], e->type, json));
	return OK;
}

/* ---- maintenance ---- */

static int prune_tx(struct ctx *c, void *arg)
{
	(void)arg;
	return delivery_prune(c);
}

static int prune(struct ctx *c)
{
	return tx(c, prune_tx, NULL);
}

static const struct task_kind tasks[TASKS] = {
	{.name = "webhook.send",
	 .args = &send_schema,
	 .pool = TASK_NETWORK,
	 .attempts = 1000,
	 .run = send_one},
	{.name = "webhooks.prune", .pool = TASK_BACKGROUND, .attempts = 3, .run = prune},
};
static const struct maintenance jobs[] = {
	{.name = "webhooks.prune", .task = &tasks[1], .interval = 3600},
};

const struct feature webhook_send_feature = {.name = "webhook_send",
											 .tasks = tasks,
											 .ntasks = TASKS,
											 .jobs = jobs,
											 .njobs = 1,
											 .event = on_event};

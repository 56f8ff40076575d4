/* See webhooks.h: the endpoints. Who manages a team manages its webhooks; what concerns the whole
 * server (security.alert) is an administrator's. */
#include "app/webhooks.h"

#include "app/app.h"
#include "app/query.h"
#include "app/teams.h"
#include "app/webhook_rows.h"
#include "core/core.h"
#include "core/event.h"
#include "core/route.h"
#include "io/fetch.h"

enum { OVERLAP_HOURS = 24, DESCRIPTION_MAX = 200, EVENTS_MAX = 5 };

/* ---- schemas ---- */

#define EVENTS_DOC "Types of the events to send; security.alert is for administrators"
#define URL_DOC "Where to send events: http or https, on the public Internet"

struct create_in {
	int64_t team_id;
	const char *url;
	struct strings events;
	const char *description;
};
static const struct field create_fields[] = {
	FIELD(struct create_in, url, F_REQUIRED, .min = 1, .max = WEBHOOK_URL_MAX, .doc = URL_DOC,
		  .example = "\"https://example.com/hooks\""),
	FIELD(struct create_in, events, F_REQUIRED, .min = 1, .max = EVENTS_MAX,
		  .choices = event_webhook_types, .doc = EVENTS_DOC,
		  .example = "[\"candidate.completed\"]"),
	FIELD(struct create_in, description, F_NULL, .max = DESCRIPTION_MAX, .doc = "What it is for",
		  .example = "\"Applicant tracking\""),
	FIELD(struct create_in, team_id, F_NULL, .min = 0,
		  .doc = "Team; left out or 0: one's own. An administrator may name any", .example = "0"),
};
static const struct schema create_schema = SCHEMA("WebhookCreate", struct create_in, create_fields);

struct edit_in {
	int64_t webhook_id;
	const char *url;
	struct strings events;
	struct opt_str description;
	struct opt_bool is_active;
};
static const struct field edit_fields[] = {
	FIELD(struct edit_in, webhook_id, F_PATH, .min = 1, .doc = "Webhook ID", .example = "1"),
	FIELD(struct edit_in, url, F_NULL, .min = 1, .max = WEBHOOK_URL_MAX, .doc = URL_DOC,
		  .example = "\"https://example.com/hooks\""),
	FIELD(struct edit_in, events, F_NULL, .min = 1, .max = EVENTS_MAX,
		  .choices = event_webhook_types, .doc = EVENTS_DOC,
		  .example = "[\"candidate.completed\"]"),
	FIELD(struct edit_in, description, F_NULL, .max = DESCRIPTION_MAX, .doc = "What it is for",
		  .example = "\"Applicant tracking\""),
	FIELD(struct edit_in, is_active, 0,
		  .doc = "Whether events are sent; true switches it on again after failures",
		  .example = "true"),
};
static const struct schema edit_schema = SCHEMA("WebhookEdit", struct edit_in, edit_fields);

struct list_in {
	int64_t skip, limit, team_id;
};
static const struct field list_fields[] = {
	QUERY_PAGE(struct list_in),
	FIELD(struct list_in, team_id, F_QUERY, .min = 0,
		  .doc = "Only this team's; an administrator sees all without it", .example = "0"),
};
static const struct schema list_schema = SCHEMA("WebhookList", struct list_in, list_fields);

struct id_in {
	int64_t webhook_id, delivery_id;
};
static const struct field id_fields[] = {
	FIELD(struct id_in, webhook_id, F_PATH, .min = 1, .doc = "Webhook ID", .example = "1"),
};
static const struct schema id_schema = SCHEMA("WebhookId", struct id_in, id_fields);
static const struct field delivery_id_fields[] = {
	FIELD(struct id_in, webhook_id, F_PATH, .min = 1, .doc = "Webhook ID", .example = "1"),
	FIELD(struct id_in, delivery_id, F_PATH, .min = 1, .doc = "Delivery ID", .example = "1"),
};
static const struct schema delivery_id_schema =
	SCHEMA("WebhookDeliveryId", struct id_in, delivery_id_fields);

struct log_in {
	int64_t webhook_id, skip, limit;
	const char *state;
};
static const char *const states[] = {"waiting", "delivered", "failed", NULL};
static const struct field log_fields[] = {
	FIELD(struct log_in, webhook_id, F_PATH, .min = 1, .doc = "Webhook ID", .example = "1"),
	QUERY_PAGE(struct log_in),
	FIELD(struct log_in, state, F_QUERY, .choices = states, .doc = "Only this state",
		  .example = "\"failed\""),
};
static const struct schema log_schema = SCHEMA("WebhookLog", struct log_in, log_fields);

struct test_data {
	const char *message;
};
static const struct field test_fields[] = {
	FIELD(struct test_data, message, 0, .doc = "What this is", .example = "\"…\""),
};
static const struct schema test_schema = SCHEMA("WebhookTest", struct test_data, test_fields);

/* ---- rules ---- */

static int check_url(struct ctx *c, const char *url)
{
	int rc = fetch_check(c->arena, c->error, url);

	if (rc == E_RULE || rc == E_DENIED)
		return ctx_fault(c, "body", "url", arena_strdup(c->arena, c->error->text), "value_error");
	return rc;
}

static int check_events(struct ctx *c, const struct strings *events)
{
	for (size_t i = 0; i < events->n; i++)
		if (text_eq(events->items[i], "security.alert") && c->actor->role < ROLE_ADMIN &&
			!c->actor->superuser)
			return fail(c, E_DENIED,
						"security.alert concerns the whole server, and is for "
						"administrators");
	return OK;
}

/* ---- handlers ---- */

static int create(struct ctx *c)
{
	const struct create_in *in = c->in;
	struct webhook w = {.url = in->url, .events = in->events, .description = in->description};
	const char *secret = webhook_new_secret(c->arena);
	struct webhook *out = c->out;
	int64_t id, n;

	TRY(team_of(c, in->team_id, &w.team_id));
	TRY(check_url(c, in->url));
	TRY(check_events(c, &in->events));
	TRY(webhook_count(c, w.team_id, &n));
	if (n >= WEBHOOKS_MAX)
		return fail(c, E_RULE, "The team has %d webhooks, which is the most there can be",
					WEBHOOKS_MAX);
	TRY(webhook_insert(c, &w, secret, &id));
	TRY(webhook_find(c, id, out));
	out->secret = secret;
	return ctx_header(c, "Location",
					  arena_printf(c->arena, "/api/v1/webhooks/%lld", (long long)id));
}

static int list(struct ctx *c)
{
	const struct list_in *in = c->in;
	int64_t team;

	TRY(team_scope(c, in->team_id, &team));
	return webhook_page(c, team, in->skip, in->limit);
}

static int get(struct ctx *c)
{
	const struct id_in *in = c->in;

	return webhook_find(c, in->webhook_id, c->out);
}

static int edit(struct ctx *c)
{
	const struct edit_in *in = c->in;
	struct webhook w;

	TRY(webhook_find(c, in->webhook_id, &w));
	if (in->url != NULL)
		TRY(check_url(c, in->url));
	TRY(check_events(c, &in->events));
	w.url = in->url != NULL ? in->url : w.url;
	w.events = in->events.items != NULL ? in->events : w.events;
	if (in->description.set)
		w.description = in->description.v;
	if (in->is_active.set)
		w.is_active = in->is_active.v;
	TRY(webhook_update(c, &w));
	return webhook_find(c, w.id, c->out);
}

static int remove_webhook(struct ctx *c)
{
	const struct id_in *in = c->in;
	struct webhook w;

	TRY(webhook_find(c, in->webhook_id, &w));
	return webhook_delete(c, w.id);
}

static int new_secret(struct ctx *c)
{
	const struct id_in *in = c->in;
	const char *secret = webhook_new_secret(c->arena);
	struct webhook *out = c->out, w;

	TRY(webhook_find(c, in->webhook_id, &w));
	TRY(webhook_set_secret(c, w.id, secret, c->now + OVERLAP_HOURS * INT64_C(3600) * CLOCK_SECOND));
	TRY(webhook_find(c, w.id, out));
	out->secret = secret;
	return OK;
}

static int test(struct ctx *c)
{
	const struct id_in *in = c->in;
	const struct test_data data = {"This is a test"};
	struct webhook w;
	struct buf b;

	TRY(webhook_find(c, in->webhook_id, &w));
	if (!w.is_active)
		return fail(c, E_CONFLICT, "The webhook is switched off");
	buf_init(&b, c->arena, 1024);
	TRY(schema_print(&test_schema, &data, &b));
	TRY(webhook_queue(c, w.id, "webhook.test", buf_str(&b)));
	return webhook_find(c, w.id, c->out);
}

static int deliveries(struct ctx *c)
{
	const struct log_in *in = c->in;
	struct webhook w;

	TRY(webhook_find(c, in->webhook_id, &w));
	return delivery_page(c, w.id, in->state, in->skip, in->limit);
}

static int delivery(struct ctx *c)
{
	const struct id_in *in = c->in;
	struct webhook w;

	TRY(webhook_find(c, in->webhook_id, &w));
	return delivery_find(c, w.id, in->delivery_id, c->out);
}

static int resend(struct ctx *c)
{
	const struct id_in *in = c->in;
	struct webhook w;
	struct delivery d;

	TRY(webhook_find(c, in->webhook_id, &w));
	TRY(delivery_find(c, w.id, in->delivery_id, &d));
	if (text_eq(d.state, "waiting"))
		return fail(c, E_CONFLICT, "The delivery waits for its next attempt already");
	if (!w.is_active)
		return fail(c, E_CONFLICT, "The webhook is switched off");
	TRY(webhook_resend(c, d.id));
	return delivery_find(c, w.id, d.id, c->out);
}

/* ---- tables ---- */

static const short not_found[] = {404, 0}, conflict[] = {404, 409, 0}, created[] = {400, 404, 0};

static const char create_doc[] =
	"Have events sent to a program\n"
	"Each event is a POST of `{\"type\", \"timestamp\", \"data\"}`, signed by Standard Webhooks: "
	"`webhook-id`, `webhook-timestamp` and `webhook-signature`, which is `v1,` and the HMAC-SHA256 "
	"in base64 of id, timestamp and body, joined by dots, with the secret behind `whsec_` decoded "
	"from base64. Any status from 200 to 299 within 15 seconds takes it; else it is sent again, up "
	"to nine times over three days. An event may arrive twice (the id is the same), or in another "
	"order. A receiver that answers 410, or lets everything fail for three days, is switched off.";

static const struct route routes[] = {
	{"POST", "/api/v1/webhooks", create, &create_schema, &webhook_created_schema,
	 .role = ROLE_HR_MANAGER, .body = BODY_JSON, .status = 201, .audit = "webhook.create",
	 .tag = "webhooks", .doc = create_doc, .errors = created},
	{"GET", "/api/v1/webhooks", list, &list_schema, &webhook_schema, .role = ROLE_HR_MANAGER,
	 .status = 200, .flags = ROUTE_LIST, .tag = "webhooks", .doc = "Webhooks, newest first",
	 .errors = not_found},
	{"GET", "/api/v1/webhooks/{webhook_id}", get, &id_schema, &webhook_schema,
	 .role = ROLE_HR_MANAGER, .status = 200, .tag = "webhooks", .doc = "One webhook",
	 .errors = not_found},
	{"PATCH", "/api/v1/webhooks/{webhook_id}", edit, &edit_schema, &webhook_schema,
	 .role = ROLE_HR_MANAGER, .body = BODY_JSON, .status = 200, .flags = ROUTE_IF_MATCH,
	 .audit = "webhook.change", .tag = "webhooks",
	 .doc = "Change a webhook, or switch it off or on", .errors = not_found},
	{"DELETE", "/api/v1/webhooks/{webhook_id}", remove_webhook, &id_schema, NULL,
	 .role = ROLE_HR_MANAGER, .status = 204, .audit = "webhook.delete", .tag = "webhooks",
	 .doc = "Delete a webhook and its log", .errors = not_found},
	{"POST", "/api/v1/webhooks/{webhook_id}/secret", new_secret, &id_schema,
	 &webhook_created_schema, .role = ROLE_HR_MANAGER, .status = 200, .audit = "webhook.secret",
	 .tag = "webhooks", .doc = "Make a new secret\nFor 24 hours the old one signs beside it.",
	 .errors = not_found},
	{"POST", "/api/v1/webhooks/{webhook_id}/test", test, &id_schema, &webhook_schema,
	 .role = ROLE_HR_MANAGER, .status = 202, .tag = "webhooks", .doc = "Send a webhook.test event",
	 .errors = conflict},
	{"GET", "/api/v1/webhooks/{webhook_id}/deliveries", deliveries, &log_schema, &delivery_schema,
	 .role = ROLE_HR_MANAGER, .status = 200, .flags = ROUTE_LIST, .tag = "webhooks",
	 .doc = "What was sent, newest first\nThe newest 1000 of 30 days.", .errors = not_found},
	{"GET", "/api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}", delivery, &delivery_id_schema,
	 &delivery_detail_schema, .role = ROLE_HR_MANAGER, .status = 200, .tag = "webhooks",
	 .doc = "One delivery, with its body and the answer", .errors = not_found},
	{"POST", "/api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/resend", resend,
	 &delivery_id_schema, &delivery_detail_schema, .role = ROLE_HR_MANAGER, .status = 202,
	 .tag = "webhooks", .doc = "Send a delivery again", .errors = conflict},
};

const struct feature webhooks_feature = {
	.name = "webhooks", .routes = routes, .nroutes = sizeof routes / sizeof routes[0]};

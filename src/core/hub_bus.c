/*
 * What the hub says and hears by the bus. Two topics: events, as event_emit publishes them, and
 * "hub": messages between clients, and who has come. A text may arrive on any thread, so it is
 * copied and posted to the hub's own; what waits there is bounded, and beyond the bound it is lost,
 * which the log says.
 *
 * Client ids are unique across servers by a second look: a server tells which client came; one that
 * has the same client of the same user ends it if it is the older, one that has another user's
 * answers that the id is taken, and the newcomer is ended.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "core/event.h"
#include "core/hub_private.h"
#include "core/metrics.h"
#include "data/json.h"

static const char hub_topic[] = "hub", access_topic[] = "access";

enum { WAITING_MAX = 16 * 1024 * 1024, BURST = 100, PER_SECOND = 20, NAME_SIZE = 33 };

/* ---- messages of clients ---- */

struct message {
	const char *type;
	struct json data;
	const char *to;
};
static const char *const message_types[] = {"message", NULL};
static const struct field message_fields[] = {
	FIELD(struct message, type, F_REQUIRED, .choices = message_types, .doc = "Always \"message\"",
		  .example = "\"message\""),
	FIELD(struct message, data, F_NULL, .max = HUB_MESSAGE_MAX, .doc = "Anything",
		  .example = "{\"text\": \"Hello\"}"),
	FIELD(struct message, to, F_NULL, .min = 1, .max = HUB_CLIENT_ID_MAX,
		  .doc = "Client id of the receiver, of the same team; null or left out: everyone else "
				 "in the team",
		  .example = "\"desk-2\""),
};
const struct schema hub_message_schema =
	SCHEMA("ClientMessage", struct message, message_fields, .doc = "What a client sends");

struct delivery {
	const char *type, *from;
	struct json data;
};
static const struct field delivery_fields[] = {
	FIELD(struct delivery, type, 0,
		  .doc = "\"message\", the type of an event (\"candidate.completed\"), or \"error\"",
		  .example = "\"message\""),
	FIELD(struct delivery, from, F_OMIT, .doc = "Client id of the sender, of messages only",
		  .example = "\"desk-1\""),
	FIELD(struct delivery, data, F_NULL, .doc = "What was sent, or what the event is about",
		  .example = "{\"text\": \"Hello\"}"),
};
const struct schema hub_delivery_schema =
	SCHEMA("ServerMessage", struct delivery, delivery_fields, .doc = "What a client receives");

/* What travels on the topic "hub": kind "message", "open" or "taken". */
struct carried {
	const char *kind, *instance;
	int64_t team_id, user_id, opened;
	const char *client_id, *to;
	struct json data;
};
static const struct field carried_fields[] = {
	FIELD(struct carried, kind, F_REQUIRED, .doc = "Kind", .example = "\"open\""),
	FIELD(struct carried, instance, F_REQUIRED, .doc = "Server", .example = "\"a\""),
	FIELD(struct carried, team_id, F_REQUIRED, .doc = "Team", .example = "1"),
	FIELD(struct carried, user_id, F_REQUIRED, .doc = "User", .example = "1"),
	FIELD(struct carried, opened, 0, .doc = "When", .example = "1"),
	FIELD(struct carried, client_id, F_REQUIRED, .doc = "Client", .example = "\"a\""),
	FIELD(struct carried, to, F_NULL, .doc = "Receiver", .example = "null"),
	FIELD(struct carried, data, F_NULL, .max = BUS_TEXT_MAX, .doc = "Data", .example = "null"),
};
static const struct schema carried_schema = SCHEMA("HubMessage", struct carried, carried_fields);

static int carry(struct hub *h, const struct carried *c)
{
	struct buf b;

	buf_init(&b, h->arena, BUS_TEXT_MAX);
	if (schema_print(&carried_schema, c, &b) != OK)
		return E_TOO_LARGE;
	return bus_send(h->core, hub_topic, buf_str(&b));
}

static void tell_error(struct hub *h, struct listener *l, const char *detail)
{
	struct buf b;

	buf_init(&b, h->arena, HUB_MESSAGE_MAX);
	buf_adds(&b, "{\"type\":\"error\",\"detail\":");
	json_print_string(&b, detail);
	buf_addc(&b, '}');
	hub_tell(l, buf_str(&b), b.n);
}

/* The faults in the form of a 422. */
static void tell_faults(struct hub *h, struct listener *l, const struct faults *f)
{
	struct buf detail, b;

	buf_init(&detail, h->arena, HUB_MESSAGE_MAX);
	faults_print(f, &detail);
	buf_init(&b, h->arena, HUB_MESSAGE_MAX);
	buf_addf(&b, "{\"type\":\"error\",%s", buf_str(&detail) + 1);
	hub_tell(l, buf_str(&b), b.n);
}

/* A bucket of BURST messages that fills by PER_SECOND. */
static bool may_send(struct listener *l)
{
	int64_t now = clock_monotonic() / 1000;

	l->allowance += (now - l->counted) * PER_SECOND;
	if (l->counted == 0 || l->allowance > BURST * 1000)
		l->allowance = BURST * 1000;
	l->counted = now;
	if (l->allowance < 1000)
		return false;
	l->allowance -= 1000;
	return true;
}

static bool read_message(struct hub *h, struct listener *l, const char *text, size_t n,
						 struct message *m)
{
	struct faults *faults = ARENA_NEW(h->arena, struct faults);
	const struct json_value *v;
	const char *why;

	if (json_parse(h->arena, text, n, &v, &why) != OK) {
		tell_error(h, l, arena_printf(h->arena, "The message is not valid JSON: %s", why));
		return false;
	}
	if (schema_bind_json(&hub_message_schema, v, h->arena, m, faults) == OK &&
		json_get(v, "data") == NULL)
		faults_add(faults, "body", "data", "Field required", "missing");
	if (faults->n > 0)
		tell_faults(h, l, faults);
	return faults->n == 0;
}

void hub_receive(struct hub *h, struct listener *l, const char *text, size_t n)
{
	struct carried c = {.kind = "message", .instance = h->name};
	struct message m;

	if (!may_send(l)) {
		tell_error(h, l, "Too many messages: at most 20 a second");
		return;
	}
	metrics_count(COUNTER_CLIENT_MESSAGES, 1);
	if (!read_message(h, l, text, n, &m))
		return;
	c.team_id = l->client.actor.team_id;
	c.user_id = l->client.actor.user_id;
	c.client_id = l->client.client_id;
	c.to = m.to;
	c.data = m.data;
	if (carry(h, &c) != OK)
		tell_error(h, l, "The message cannot be delivered now; try again in a moment");
}

void hub_announce(struct hub *h, const struct listener *l)
{
	const struct carried c = {.kind = "open",
							  .instance = h->name,
							  .team_id = l->client.actor.team_id,
							  .user_id = l->client.actor.user_id,
							  .opened = l->opened,
							  .client_id = l->client.client_id};

	if (carry(h, &c) != OK)
		log_warning("other servers do not know of a new WebSocket: the bus is full");
	arena_reset(h->arena);
}

/* ---- what arrives, on the hub's thread ---- */

static void deliver_message(struct hub *h, const struct carried *c)
{
	const struct delivery d = {"message", c->client_id, c->data};
	struct buf b;

	buf_init(&b, h->arena, BUS_TEXT_MAX);
	if (schema_print(&hub_delivery_schema, &d, &b) != OK)
		return;
	for (struct listener *l = *hub_bucket(h, c->team_id), *next; l != NULL; l = next) {
		next = l->next;
		if (l->client.actor.team_id != c->team_id)
			continue;
		if (c->to == NULL ? !text_eq(l->client.client_id, c->client_id)
						  : text_eq(l->client.client_id, c->to))
			hub_tell(l, b.p, b.n);
	}
}

/* Of two connections with one client id the newer stays. */
static bool is_newer(const struct hub *h, const struct carried *c, const struct listener *l)
{
	if (c->opened != l->opened)
		return c->opened > l->opened;
	return strcmp(c->instance, h->name) > 0;
}

static void client_came(struct hub *h, const struct carried *c)
{
	struct listener *l = hub_find(h, c->team_id, c->client_id);
	struct carried answer = *c;

	if (l == NULL || text_eq(c->instance, h->name))
		return;
	if (l->client.actor.user_id == c->user_id) {
		if (is_newer(h, c, l))
			hub_end(h, l, HUB_REPLACED, "Replaced by a newer connection");
		return;
	}
	answer.kind = "taken";
	carry(h, &answer);
}

/* Another server had the id before. */
static void client_refused(struct hub *h, const struct carried *c)
{
	struct listener *l = hub_find(h, c->team_id, c->client_id);

	if (l != NULL && text_eq(c->instance, h->name) && l->opened == c->opened)
		hub_end(h, l, HUB_TAKEN, "The client id is in use by another member");
}

static bool read_json(struct hub *h, const struct schema *s, const char *text, void *out)
{
	struct faults *faults = ARENA_NEW(h->arena, struct faults);
	const struct json_value *v;

	if (json_parse(h->arena, text, strlen(text), &v, NULL) == OK &&
		schema_bind_json(s, v, h->arena, out, faults) == OK)
		return true;
	log_error("what came by the bus is not what the hub knows: is another version running?");
	return false;
}

static void on_hub_text(struct hub *h, const char *text)
{
	struct carried c;

	if (!read_json(h, &carried_schema, text, &c))
		return;
	if (text_eq(c.kind, "message"))
		deliver_message(h, &c);
	else if (text_eq(c.kind, "open"))
		client_came(h, &c);
	else if (text_eq(c.kind, "taken"))
		client_refused(h, &c);
}

struct told {
	const char *type;
	int64_t team_id, user_id;
	struct json data;
};
static const struct field told_fields[] = {
	FIELD(struct told, type, F_REQUIRED, .doc = "Type", .example = "\"mail.sent\""),
	FIELD(struct told, team_id, 0, .doc = "Team", .example = "1"),
	FIELD(struct told, user_id, 0, .doc = "User", .example = "0"),
	FIELD(struct told, data, F_NULL, .max = BUS_TEXT_MAX, .doc = "Data", .example = "null"),
};
static const struct schema told_schema = SCHEMA("HubEvent", struct told, told_fields);

static bool concerns(const struct told *e, const struct listener *l)
{
	const struct actor *a = &l->client.actor;

	if (e->team_id == 0)
		return l->admin;
	return a->team_id == e->team_id && (e->user_id == 0 || e->user_id == a->user_id);
}

static void tell_bucket(struct listener *first, const struct told *e, const struct buf *b)
{
	for (struct listener *l = first, *next; l != NULL; l = next) {
		next = l->next;
		if (concerns(e, l))
			hub_tell(l, b->p, b->n);
	}
}

static void on_event_text(struct hub *h, const char *text)
{
	struct told e;
	struct delivery d;
	struct buf b;

	if (!read_json(h, &told_schema, text, &e))
		return;
	d = (struct delivery){.type = e.type, .data = e.data};
	buf_init(&b, h->arena, BUS_TEXT_MAX);
	if (schema_print(&hub_delivery_schema, &d, &b) != OK)
		return;
	if (e.team_id != 0) {
		tell_bucket(*hub_bucket(h, e.team_id), &e, &b);
		return;
	}
	for (size_t i = 0; i < HUB_BUCKETS; i++)
		tell_bucket(h->buckets[i], &e, &b);
}

static void on_access_text(struct hub *h, const char *text)
{
	int64_t user_id;

	if (text_int(text, &user_id) == OK)
		hub_check(h, user_id);
}

/* ---- from whatever thread the bus has ---- */

struct arrived {
	void (*fn)(struct hub *h, const char *text);
	size_t n;
	char text[];
};

static void work_off(void *hub, void *arg)
{
	struct hub *h = hub;
	struct arrived *a = arg;

	a->fn(h, a->text);
	arena_reset(h->arena);
	atomic_fetch_sub(&h->waiting, a->n);
	free(a);
}

static void arrive(struct hub *h, const char *text, void (*fn)(struct hub *h, const char *text))
{
	size_t n = strlen(text) + 1;
	struct arrived *a;

	if (atomic_load(&h->waiting) + n > WAITING_MAX) {
		long long now = clock_now() / CLOCK_SECOND;

		if (atomic_exchange(&h->warned, now) != now)
			log_error("overloaded: WebSockets and event streams miss what happens");
		return;
	}
	atomic_fetch_add(&h->waiting, n);
	a = malloc(sizeof *a + n);
	if (a == NULL)
		abort();
	a->fn = fn;
	a->n = n;
	memcpy(a->text, text, n);
	ws_post(h->sockets, work_off, a);
}

static void on_hub_topic(void *arg, const char *text)
{
	arrive(arg, text, on_hub_text);
}

static void on_event_topic(void *arg, const char *text)
{
	arrive(arg, text, on_event_text);
}

static void on_access_topic(void *arg, const char *text)
{
	arrive(arg, text, on_access_text);
}

int hub_subscribe(struct hub *h)
{
	if (bus_subscribe(h->core, hub_topic, on_hub_topic, h) != OK ||
		bus_subscribe(h->core, event_topic, on_event_topic, h) != OK ||
		bus_subscribe(h->core, access_topic, on_access_topic, h) != OK)
		return fail(&(struct { struct error *error; }){&h->core->error}, E_LIMIT,
					"too many subscribers of the bus");
	return OK;
}

int hub_recheck(struct ctx *c, int64_t user_id)
{
	return bus_publish(c, access_topic, arena_printf(c->arena, "%" PRId64, user_id));
}

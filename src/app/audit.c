/*
 * See audit.h. The newest hash stands in audit_head; changing that row first is the lock under
 * which the chain grows, on both engines, and its count tells a tail that was cut off.
 */
#include "app/audit.h"

#include <string.h>

#include "app/export.h"
#include "app/query.h"
#include "base/digest.h"
#include "base/log.h"
#include "core/core.h"

enum { SEPARATOR = 0x1F };

/* ---- schemas ---- */

struct event_row {
	int64_t id;
	struct when created_at;
	const char *action, *result, *target, *detail;
	struct opt_int user_id;
	const char *username;
	struct opt_int team_id;
	const char *address, *user_agent, *request_id, *hash;
};
static const struct field event_fields[] = {
	FIELD(struct event_row, id, 0, .doc = "Number", .example = "1"),
	FIELD(struct event_row, created_at, 0, .doc = "When", .example = "\"2026-01-02T03:04:05Z\""),
	FIELD(struct event_row, action, 0, .doc = "What was done", .example = "\"auth.login\""),
	FIELD(struct event_row, result, 0, .doc = "ok, refused or failed", .example = "\"ok\""),
	FIELD(struct event_row, target, F_NULL, .doc = "To what", .example = "\"user 7\""),
	FIELD(struct event_row, detail, F_NULL, .doc = "More about it", .example = "null"),
	FIELD(struct event_row, user_id, F_NULL, .doc = "By whom; null: nobody known", .example = "1"),
	FIELD(struct event_row, username, F_NULL, .doc = "That user's name then",
		  .example = "\"admin\""),
	FIELD(struct event_row, team_id, F_NULL, .doc = "That user's team then", .example = "1"),
	FIELD(struct event_row, address, F_NULL, .doc = "From where", .example = "\"192.0.2.1\""),
	FIELD(struct event_row, user_agent, F_NULL, .doc = "The client's User-Agent",
		  .example = "\"curl/7.88.1\""),
	FIELD(struct event_row, request_id, F_NULL, .doc = "X-Request-ID of the request",
		  .example = "\"4f2a\""),
	FIELD(struct event_row, hash, 0, .doc = "SHA-256 over this event and the hash before it",
		  .example = "\"9f86d081\""),
};
static const struct schema event_schema = SCHEMA("AuditEvent", struct event_row, event_fields);

struct list_in {
	int64_t skip, limit;
	const char *action, *result, *q;
	struct opt_int user_id;
	struct when since, until;
};
static const struct field list_fields[] = {
	QUERY_PAGE(struct list_in),
	FIELD(struct list_in, action, F_QUERY, .max = 100, .doc = "Only this action",
		  .example = "\"auth.login\""),
	FIELD(struct list_in, result, F_QUERY, .max = 20, .doc = "Only this result",
		  .example = "\"refused\""),
	FIELD(struct list_in, user_id, F_QUERY, .min = 1, .doc = "Only of this user", .example = "1"),
	FIELD(struct list_in, since, F_QUERY, .doc = "From this time on",
		  .example = "\"2026-01-02T03:04:05Z\""),
	FIELD(struct list_in, until, F_QUERY, .doc = "Before this time",
		  .example = "\"2026-01-03T03:04:05Z\""),
	FIELD(struct list_in, q, F_QUERY, .max = 200, .doc = "Part of target, detail or user name",
		  .example = "\"user 7\""),
};
static const struct schema list_schema = SCHEMA("AuditList", struct list_in, list_fields);

/* ---- the chain ---- */

static void hash_text(struct digest *d, const char *s)
{
	const char end = SEPARATOR;

	if (s != NULL)
		digest_add(d, s, strlen(s));
	digest_add(d, &end, 1);
}

static void hash_int(struct digest *d, int64_t v)
{
	char text[32];

	snprintf(text, sizeof text, "%lld", (long long)v);
	hash_text(d, text);
}

/* No text of an event holds the separator (made_plain), so that no two events hash alike. */
static void hash_event(const struct event_row *e, const char *previous, char out[DIGEST_HEX])
{
	struct digest d;

	digest_init(&d);
	hash_text(&d, previous);
	hash_int(&d, e->created_at.us);
	hash_text(&d, e->action);
	hash_text(&d, e->result);
	hash_text(&d, e->target);
	hash_text(&d, e->detail);
	hash_int(&d, e->user_id.v);
	hash_text(&d, e->username);
	hash_int(&d, e->team_id.v);
	hash_text(&d, e->address);
	hash_text(&d, e->user_agent);
	hash_text(&d, e->request_id);
	digest_hex(&d, out);
}

/* Cut at a character, control characters blanked; NULL stays. */
static const char *made_plain(struct arena *a, const char *s)
{
	char *copy;
	size_t n;

	if (s == NULL)
		return NULL;
	n = strnlen(s, AUDIT_TEXT_MAX);
	while (n > 0 && s[n] != '\0' && ((unsigned char)s[n] & 0xC0) == 0x80)
		n--;
	copy = utf8_clean(a, s, n);
	for (char *p = copy; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7F)
			*p = ' ';
	return copy;
}

static struct event_row *event_of(struct ctx *c, const char *action, const char *target,
								  const char *result, const char *detail)
{
	struct event_row *e = ARENA_NEW(c->arena, struct event_row);

	*e = (struct event_row){
		.created_at = {c->now},
		.action = action,
		.result = result,
		.target = made_plain(c->arena, target),
		.detail = made_plain(c->arena, detail),
		.address = made_plain(c->arena, c->peer),
		.user_agent = made_plain(c->arena, c->user_agent),
		.request_id = made_plain(c->arena, c->request_id),
	};
	if (c->actor == NULL)
		return e;
	e->user_id = (struct opt_int){.set = true, .v = c->actor->user_id};
	e->team_id = (struct opt_int){.set = true, .v = c->actor->team_id};
	e->username = made_plain(c->arena, c->actor->username);
	return e;
}

static int insert(struct ctx *c, void *arg)
{
	const struct event_row *e = arg;
	const char *previous;
	char hash[DIGEST_HEX];

	TRY(db_text(c->db, c->arena, &previous,
				"UPDATE audit_head SET events = events + 1 WHERE id = 1 RETURNING hash"));
	hash_event(e, previous, hash);
	TRY(db_exec(c->db, NULL,
				"INSERT INTO audit_events (created_at, action, result, target, detail, user_id, "
				"username, team_id, address, user_agent, request_id, hash) "
				"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
				P(e->created_at), P(e->action), P(e->result), P(e->target), P(e->detail),
				P(e->user_id), P(e->username), P(e->team_id), P(e->address), P(e->user_agent),
				P(e->request_id), P((const char *)hash)));
	return db_exec(c->db, NULL, "UPDATE audit_head SET hash = $1 WHERE id = 1",
				   P((const char *)hash));
}

int audit_add(struct ctx *c, const char *action, const char *target, const char *result,
			  const char *detail)
{
	return insert(c, event_of(c, action, target, result, detail));
}

struct late {
	struct ctx *request;
	struct event_row *event;
};

static void insert_late(struct core *core, void *arg)
{
	const struct late *l = arg;
	struct error error = {0}, *kept = l->request->db->error;
	struct ctx c;

	core_ctx(core, l->request->arena, &error, l->request->db, &c);
	if (tx(&c, insert, l->event) != OK)
		log_error("the audit trail lacks %s (%s) of %s: %s", l->event->action, l->event->result,
				  l->event->address != NULL ? l->event->address : "nobody", error.text);
	l->request->db->error = kept;
}

void audit_always(struct ctx *c, const char *action, const char *target, const char *result,
				  const char *detail)
{
	struct late *l = ARENA_NEW(c->arena, struct late);

	*l = (struct late){c, event_of(c, action, target, result, detail)};
	if (!c->db->in_tx) {
		insert_late(c->core, l);
		return;
	}
	after_commit(c, insert_late, l);
	after_rollback(c, insert_late, l);
}

int audit_route(struct ctx *c, const char *action, int code)
{
	const char *detail = c->audit_detail;

	if (code == OK && c->db->in_tx && c->db->write_tx)
		return audit_add(c, action, c->audit_target, "ok", detail);
	if (code != OK && detail == NULL)
		detail = c->error->text;
	audit_always(c, action, c->audit_target,
				 code == OK                                    ? "ok"
				 : code == E_INTERNAL || code == E_UNAVAILABLE ? "failed"
															   : "refused",
				 code == E_INTERNAL ? NULL : detail);
	return OK;
}

/* ---- looking back ---- */

struct walk {
	struct arena *arena;
	struct audit_check check;
	char previous[DIGEST_HEX];
};

static int check_event(void *arg, const void *value)
{
	const struct event_row *e = value;
	struct walk *w = arg;
	char hash[DIGEST_HEX];

	w->check.events++;
	hash_event(e, w->previous, hash);
	if (w->check.broken_id == 0 && !text_eq(hash, e->hash)) {
		w->check.broken_id = e->id;
		w->check.why = arena_printf(w->arena,
									"event %lld is not what was written, or the one before it "
									"is missing",
									(long long)e->id);
	}
	snprintf(w->previous, sizeof w->previous, "%s", e->hash);
	return OK;
}

int audit_verify(struct ctx *c, struct audit_check *out)
{
	struct walk w = {.arena = c->arena};
	const char *head;
	int64_t events;

	TRY(db_each(c->db, &event_schema, check_event, &w, "SELECT * FROM audit_events ORDER BY id"));
	TRY(db_text(c->db, c->arena, &head, "SELECT hash FROM audit_head WHERE id = 1"));
	TRY(db_int(c->db, &events, "SELECT events FROM audit_head WHERE id = 1"));
	if (w.check.why == NULL && (events != w.check.events || !text_eq(head, w.previous)))
		w.check.why = arena_printf(c->arena, "%lld events were written, %lld are there",
								   (long long)events, (long long)w.check.events);
	*out = w.check;
	return OK;
}

/* ---- handlers ---- */

static int list_events(struct ctx *c)
{
	const struct list_in *in = c->in;
	struct query q;

	query_init(&q, c->arena);
	if (in->action != NULL)
		query_and(&q, "action = ?", P(in->action));
	if (in->result != NULL)
		query_and(&q, "result = ?", P(in->result));
	if (in->user_id.set)
		query_and(&q, "user_id = ?", P(in->user_id));
	if (in->since.us != 0)
		query_and(&q, "created_at >= ?", P(in->since));
	if (in->until.us != 0)
		query_and(&q, "created_at < ?", P(in->until));
	if (in->q != NULL)
		query_and(&q,
				  "lower(coalesce(target, '') || ' ' || coalesce(detail, '') || ' ' || "
				  "coalesce(username, '')) LIKE ? ESCAPE '\\'",
				  P(query_like(c->arena, in->q)));
	return query_page(c, &q, &event_schema, "*", "audit_events", "id DESC", in->skip, in->limit);
}

/* What the user did, and what was done to the user: a login that is refused is nobody's. */
static int export_user(struct ctx *c, int64_t user_id, struct export *x)
{
	return export_rows(x, "audit_events", &event_schema,
					   "SELECT * FROM audit_events WHERE user_id = $1 OR target = $2 ORDER BY id",
					   P(user_id), P(arena_printf(c->arena, "user %lld", (long long)user_id)));
}

static const struct route routes[] = {
	{"GET", "/api/v1/audit", list_events, &list_schema, &event_schema, .role = ROLE_ADMIN,
	 .status = 200, .flags = ROUTE_LIST, .tag = "logs", .doc = "The audit trail, newest first"},
};

const struct feature audit_feature = {
	.name = "audit",
	.routes = routes,
	.nroutes = sizeof routes / sizeof routes[0],
	.export_user = export_user,
};

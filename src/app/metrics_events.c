/*
 * metrics_events: numbers that clients report, with tags and metadata. (The server's own numbers
 * are at /metrics.) Owns the table metrics. A user sees their own, an administrator all.
 */
#include "app/metrics_events.h"

#include "app/export.h"
#include "app/query.h"
#include "app/test_mark.h"

enum { JSON_MAX = 16 * 1024 };

/* ---- schemas ---- */

struct metric {
	int64_t id;
	struct opt_int user_id;
	const char *name;
	double value;
	struct json tags, metadata;
	struct when created_at;
};
static const struct field metric_fields[] = {
	FIELD(struct metric, id, 0, .doc = "Number of the metric", .example = "1"),
	FIELD(struct metric, name, 0, .doc = "What was measured", .example = "\"page.load\""),
	FIELD(struct metric, value, 0, .doc = "The number", .example = "0.25"),
	FIELD(struct metric, tags, F_NULL, .doc = "What it is sorted by",
		  .example = "{\"page\": \"search\"}"),
	FIELD(struct metric, metadata, F_NULL, .doc = "What else is known of it", .example = "{}"),
	FIELD(struct metric, user_id, F_NULL, .doc = "Who reported it", .example = "2"),
	FIELD(struct metric, created_at, 0, .doc = "When it was measured",
		  .example = "\"2025-11-28T10:00:00Z\""),
};
static const struct schema metric_schema = SCHEMA("Metric", struct metric, metric_fields);

static const struct field create_fields[] = {
	FIELD(struct metric, name, F_REQUIRED, .min = 1, .max = 200, .doc = "What was measured",
		  .example = "\"page.load\""),
	FIELD(struct metric, value, 0, .preset = "1", .doc = "The number; 1 counts an event",
		  .example = "0.25"),
	FIELD(struct metric, tags, F_NULL, .max = JSON_MAX, .doc = "An object: what it is sorted by",
		  .example = "{\"page\": \"search\"}"),
	FIELD(struct metric, metadata, F_NULL, .max = JSON_MAX,
		  .doc = "An object: what else is known of it", .example = "{}"),
	FIELD(struct metric, created_at, F_NULL, .doc = "When it was measured; now if left out",
		  .example = "\"2025-11-28T10:00:00Z\""),
};
static const struct schema create_schema = SCHEMA("MetricCreate", struct metric, create_fields);

struct list_in {
	int64_t skip, limit;
	const char *name;
};
static const struct field list_fields[] = {
	FIELD(struct list_in, name, F_QUERY, .max = 200, .doc = "Only this name",
		  .example = "\"page.load\""),
	QUERY_PAGE(struct list_in),
};
static const struct schema list_schema = SCHEMA("MetricList", struct list_in, list_fields);

/* ---- handlers ---- */

static int find(struct ctx *c, int64_t id, struct metric *out)
{
	int rc = db_one(c->db, c->arena, &metric_schema, out,
					"SELECT * FROM metrics WHERE id = $1 AND (CAST($2 AS BIGINT) = 0 OR "
					"user_id = $2)",
					P(id), P(market_user(c)));

	return rc == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "Metric not found") : rc;
}

static int create(struct ctx *c)
{
	const struct metric *in = c->in;
	struct test_mark mark = test_mark_parse(c->arena, in->tags.text);
	int64_t id;

	TRY(market_check_object(c, "tags", in->tags));
	TRY(market_check_object(c, "metadata", in->metadata));
	if (mark.marker == NULL)
		mark = test_mark_parse(c->arena, in->metadata.text);
	TRY(db_int(c->db, &id,
			   "INSERT INTO metrics (user_id, name, value, tags, metadata, test_marker, "
			   "test_session_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
			   P(c->actor->user_id), P(in->name), P(in->value), P(in->tags), P(in->metadata),
			   P(mark.marker), P(mark.session),
			   P(in->created_at.us != 0 ? in->created_at.us : c->now)));
	TRY(market_location(c, "/api/v1/metrics-events/", id));
	return find(c, id, c->out);
}

static int list(struct ctx *c)
{
	const struct list_in *in = c->in;
	struct query q;

	query_init(&q, c->arena);
	if (market_user(c) != 0)
		query_and(&q, "user_id = ?", P(market_user(c)));
	if (in->name != NULL)
		query_and(&q, "name = ?", P(in->name));
	return query_page(c, &q, &metric_schema, "*", "metrics", "id DESC", in->skip, in->limit);
}

static int get(struct ctx *c)
{
	const struct market_id *in = c->in;

	return find(c, in->id, c->out);
}

static int delete_metric(struct ctx *c)
{
	const struct market_id *in = c->in;
	struct metric m;

	TRY(find(c, in->id, &m));
	return db_exec(c->db, NULL, "DELETE FROM metrics WHERE id = $1", P(m.id));
}

int metrics_events_remove(struct ctx *c, int64_t user_id, struct market_counts *n)
{
	int64_t removed;

	TRY(db_exec(c->db, &removed, "DELETE FROM metrics WHERE user_id = $1", P(user_id)));
	n->metrics += removed;
	return OK;
}

int metrics_events_remove_tests(struct ctx *c, const char *session, struct market_counts *n)
{
	int64_t removed;

	if (session == NULL)
		TRY(db_exec(c->db, &removed,
					"DELETE FROM metrics WHERE test_marker = 'integration_test_data'"));
	else
		TRY(db_exec(c->db, &removed,
					"DELETE FROM metrics WHERE test_marker = 'integration_test_data' "
					"AND test_session_id = $1",
					P(session)));
	n->metrics += removed;
	return OK;
}

static int export_user(struct ctx *c, int64_t user_id, struct export *x)
{
	(void)c;
	return export_rows(x, "metrics", &metric_schema,
					   "SELECT * FROM metrics WHERE user_id = $1 ORDER BY id", P(user_id));
}

/* ---- tables ---- */

static const struct route routes[] = {
	{"POST", "/api/v1/metrics-events/", create, &create_schema, &metric_schema, .role = ROLE_VIEWER,
	 .body = BODY_JSON, .status = 201, .tag = "market", .doc = "Report a number"},
	{"GET", "/api/v1/metrics-events/", list, &list_schema, &metric_schema, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_LIST, .tag = "market",
	 .doc = "The numbers one reported, newest first"},
	{"GET", "/api/v1/metrics-events/{id}", get, &market_id_schema, &metric_schema,
	 .role = ROLE_VIEWER, .status = 200, .tag = "market", .doc = "One number"},
	{"DELETE", "/api/v1/metrics-events/{id}", delete_metric, &market_id_schema, NULL,
	 .role = ROLE_VIEWER, .status = 204, .tag = "market", .doc = "Delete one's own number"},
};

const struct feature metrics_events_feature = {
	.name = "metrics_events",
	.routes = routes,
	.nroutes = sizeof routes / sizeof routes[0],
	.export_user = export_user,
};

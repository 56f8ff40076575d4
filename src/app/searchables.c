/*
 * searchables: what users offer. Of its payloads everybody who is signed in sees "public"; the rest
 * is for its owner and administrators.
 */
#include "app/searchables.h"

#include <string.h>

#include "app/export.h"
#include "app/query.h"
#include "app/test_mark.h"

enum { PAYLOADS_MAX = 256 * 1024, BATCH = 500 };

/* ---- schemas ---- */

struct searchable {
	int64_t id, user_id;
	struct json payloads;
	struct when created_at, updated_at;
};
static const struct field searchable_fields[] = {
	FIELD(struct searchable, id, 0, .doc = "Number of the searchable", .example = "1"),
	FIELD(struct searchable, user_id, 0, .doc = "Who offers it", .example = "2"),
	FIELD(struct searchable, payloads, 0,
		  .doc = "public: what everybody sees; private: what its owner sees",
		  .example = "{\"public\": {\"title\": \"Guitar lessons\"}}"),
	FIELD(struct searchable, created_at, 0, .doc = "When it was made",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct searchable, updated_at, 0, .doc = "When it last changed",
		  .example = "\"2025-11-28T10:00:00Z\""),
};
static const struct schema searchable_schema =
	SCHEMA("Searchable", struct searchable, searchable_fields);

struct create_in {
	struct json payloads;
};
static const struct field create_fields[] = {
	FIELD(struct create_in, payloads, F_REQUIRED, .max = PAYLOADS_MAX,
		  .doc = "An object with an object public, and maybe an object private",
		  .example =
			  "{\"public\": {\"title\": \"Guitar lessons\"}, \"private\": {\"note\": \"\"}}"),
};
static const struct schema create_schema =
	SCHEMA("SearchableCreate", struct create_in, create_fields);

struct list_in {
	int64_t skip, limit;
	bool mine;
};
static const struct field list_fields[] = {
	QUERY_PAGE(struct list_in),
	FIELD(struct list_in, mine, F_QUERY, .doc = "Only one's own", .example = "true"),
};
static const struct schema list_schema = SCHEMA("SearchableList", struct list_in, list_fields);

static const struct field row_fields[] = {
	FIELD(struct market_id, id, 0, .doc = "Number", .example = "1"),
};
static const struct schema row_schema = SCHEMA("SearchableRow", struct market_id, row_fields);

/* ---- rules ---- */

static int check_payloads(struct ctx *c, struct json payloads, struct test_mark *mark)
{
	const struct json_value *v = NULL, *part;

	TRY(market_check_object(c, "payloads", payloads));
	if (json_parse(c->arena, payloads.text, strlen(payloads.text), &v, NULL) != OK)
		return fail(c, E_INTERNAL, "payloads that were bound cannot be parsed");
	part = json_get(v, "public");
	if (part == NULL)
		return ctx_fault(c, "body", "payloads.public", "Field required", "missing");
	if (json_kind(part) != JSON_OBJECT)
		return ctx_fault(c, "body", "payloads.public", "Input should be a valid dictionary",
						 "dict_type");
	*mark = test_mark_of(json_get(part, "test_metadata"));
	part = json_get(v, "private");
	if (part != NULL && json_kind(part) != JSON_OBJECT && json_kind(part) != JSON_NULL)
		return ctx_fault(c, "body", "payloads.private", "Input should be a valid dictionary",
						 "dict_type");
	return OK;
}

/* Leaves of the payloads what the actor may see. */
static int mask(struct ctx *c, struct searchable *s)
{
	const struct json_value *v;

	if (market_user(c) == 0 || s->user_id == c->actor->user_id)
		return OK;
	if (json_parse(c->arena, s->payloads.text, strlen(s->payloads.text), &v, NULL) != OK)
		return fail(c, E_INTERNAL, "the payloads of searchable %lld cannot be parsed",
					(long long)s->id);
	s->payloads.text =
		arena_printf(c->arena, "{\"public\":%s}", json_text(c->arena, json_get(v, "public")));
	return OK;
}

static int find(struct ctx *c, int64_t id, int64_t user_id, struct searchable *out)
{
	int rc = db_one(
		c->db, c->arena, &searchable_schema, out,
		"SELECT * FROM searchables WHERE id = $1 AND (CAST($2 AS BIGINT) = 0 OR user_id = $2)",
		P(id), P(user_id));

	return rc == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "Searchable not found") : rc;
}

int searchable_owner(struct ctx *c, int64_t searchable_id, int64_t *user_id)
{
	struct searchable s;

	TRY(find(c, searchable_id, 0, &s));
	*user_id = s.user_id;
	return OK;
}

/* ---- removing ---- */

int searchable_remove(struct ctx *c, int64_t searchable_id, struct market_counts *n)
{
	TRY(invoices_remove(c, MARKET_SEARCHABLE, searchable_id, n));
	TRY(payments_remove(c, MARKET_SEARCHABLE, searchable_id, n));
	TRY(ratings_remove(c, MARKET_SEARCHABLE, searchable_id, n));
	TRY(market_files_remove(c, MARKET_SEARCHABLE, searchable_id, n));
	TRY(db_exec(c->db, NULL, "DELETE FROM searchables WHERE id = $1", P(searchable_id)));
	n->searchables++;
	return OK;
}

/* Removes the rows that sql selects, BATCH at a time. */
static int remove_batches(struct ctx *c, const char *sql, struct params p, struct market_counts *n)
{
	struct list rows;

	do {
		const struct market_id *s;

		TRY(db_list_params(c->db, c->arena, &row_schema, BATCH, &rows, sql, p));
		s = rows.items;
		for (size_t i = 0; i < rows.n; i++)
			TRY(market_scratch(c, searchable_remove, s[i].id, n));
	} while (rows.n == BATCH);
	return OK;
}

int searchables_remove(struct ctx *c, int64_t user_id, struct market_counts *n)
{
	return remove_batches(c, "SELECT id FROM searchables WHERE user_id = $1 ORDER BY id LIMIT 500",
						  PARAMS(P(user_id)), n);
}

int searchables_remove_tests(struct ctx *c, const char *session, struct market_counts *n)
{
	if (session == NULL)
		return remove_batches(c,
							  "SELECT id FROM searchables WHERE test_marker = "
							  "'integration_test_data' LIMIT 500",
							  PARAMS(), n);
	return remove_batches(c,
						  "SELECT id FROM searchables WHERE test_marker = 'integration_test_data' "
						  "AND test_session_id = $1 LIMIT 500",
						  PARAMS(P(session)), n);
}

/* ---- handlers ---- */

static int create(struct ctx *c)
{
	const struct create_in *in = c->in;
	struct test_mark mark;
	int64_t id;

	TRY(check_payloads(c, in->payloads, &mark));
	TRY(db_int(c->db, &id,
			   "INSERT INTO searchables (user_id, payloads, test_marker, test_session_id, "
			   "created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5) RETURNING id",
			   P(c->actor->user_id), P(in->payloads), P(mark.marker), P(mark.session), P(c->now)));
	TRY(market_location(c, "/api/v1/searchables/", id));
	return find(c, id, 0, c->out);
}

static int list(struct ctx *c)
{
	const struct list_in *in = c->in;
	struct list *out = c->out;
	struct query q;

	query_init(&q, c->arena);
	if (in->mine)
		query_and(&q, "user_id = ?", P(c->actor->user_id));
	TRY(query_page(c, &q, &searchable_schema, "*", "searchables", "id DESC", in->skip, in->limit));
	for (size_t i = 0; i < out->n; i++)
		TRY(mask(c, &((struct searchable *)out->items)[i]));
	return OK;
}

static int get(struct ctx *c)
{
	const struct market_id *in = c->in;

	TRY(find(c, in->id, 0, c->out));
	return mask(c, c->out);
}

static int delete_searchable(struct ctx *c)
{
	const struct market_id *in = c->in;
	struct market_counts n = {0};
	struct searchable s;
	bool sold;

	TRY(find(c, in->id, market_user(c), &s));
	TRY(invoice_paid_by(c, s.id, 0, &sold));
	if (sold)
		return fail(c, E_CONFLICT, "This searchable was sold; it stays with its invoices");
	return searchable_remove(c, s.id, &n);
}

static int export_user(struct ctx *c, int64_t user_id, struct export *x)
{
	(void)c;
	return export_rows(x, "searchables", &searchable_schema,
					   "SELECT * FROM searchables WHERE user_id = $1 ORDER BY id", P(user_id));
}

/* ---- tables ---- */

static const short conflict[] = {409, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/searchables/", create, &create_schema, &searchable_schema,
	 .role = ROLE_VIEWER, .body = BODY_JSON, .status = 201, .tag = "market",
	 .doc = "Offer something"},
	{"GET", "/api/v1/searchables/", list, &list_schema, &searchable_schema, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_LIST, .tag = "market",
	 .doc = "What is offered, newest first\nOf what others offer the public payload only."},
	{"GET", "/api/v1/searchables/{id}", get, &market_id_schema, &searchable_schema,
	 .role = ROLE_VIEWER, .status = 200, .tag = "market", .doc = "One searchable"},
	{"DELETE", "/api/v1/searchables/{id}", delete_searchable, &market_id_schema, NULL,
	 .role = ROLE_VIEWER, .status = 204, .tag = "market",
	 .doc = "Take back what one offers\nWith its open invoices, ratings, files and media.",
	 .errors = conflict},
};

const struct feature searchables_feature = {
	.name = "searchables",
	.routes = routes,
	.nroutes = sizeof routes / sizeof routes[0],
	.export_user = export_user,
};

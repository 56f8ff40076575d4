/*
 * test_cleanup: removes what integration tests have made, and nothing else.
 *
 * Test data is found by its marks: test_metadata of users, payloads.public.test_metadata of
 * searchables, tags or metadata of metrics; what belongs to such users and searchables goes with
 * them. All of it is one write transaction: a failure leaves everything as it was, and the reply
 * tells where it happened. Files go after the commit. The rows are taken in batches, so that memory
 * does not grow with their number; readers are answered from their snapshots meanwhile.
 */
#include "app/test_cleanup.h"

#include <inttypes.h>
#include <string.h>

#include "app/audit.h"
#include "app/market.h"
#include "app/metrics_events.h"
#include "app/searchables.h"
#include "app/sessions.h"
#include "app/users.h"
#include "base/log.h"
#include "core/core.h"

enum { SESSION_MAX = 200 };

/* ---- schemas ---- */

struct cleanup_in {
	struct opt_str test_session_id;
};
static const struct field in_fields[] = {
	FIELD(struct cleanup_in, test_session_id, F_NULL, .min = 1, .max = SESSION_MAX,
		  .doc = "Only what this test session made; left out: what any made",
		  .example = "\"test_session_1640995200_abc12345\""),
};
static const struct schema in_schema = SCHEMA("TestCleanup", struct cleanup_in, in_fields);

static const struct field count_fields[] = {
	FIELD(struct market_counts, users, 0, .doc = "Rows deleted", .example = "25"),
	FIELD(struct market_counts, searchables, 0, .doc = "Rows deleted", .example = "12"),
	FIELD(struct market_counts, invoices, 0, .doc = "Rows deleted", .example = "35"),
	FIELD(struct market_counts, files, 0, .doc = "Rows deleted", .example = "8"),
	FIELD(struct market_counts, ratings, 0, .doc = "Rows deleted", .example = "6"),
	FIELD(struct market_counts, withdrawals, 0, .doc = "Rows deleted", .example = "3"),
	FIELD(struct market_counts, metrics, 0, .doc = "Rows deleted", .example = "150"),
	FIELD(struct market_counts, profiles, 0, .doc = "Rows deleted", .example = "20"),
	FIELD(struct market_counts, sessions, 0, .doc = "Rows deleted", .example = "30"),
	FIELD(struct market_counts, balances, 0, .doc = "Rows deleted", .example = "10"),
	FIELD(struct market_counts, payments, 0, .doc = "Rows deleted", .example = "30"),
	FIELD(struct market_counts, invoice_notes, 0, .doc = "Rows deleted", .example = "5"),
	FIELD(struct market_counts, media, 0, .doc = "Rows deleted", .example = "4"),
};
static const struct schema count_schema =
	SCHEMA("TestCleanupCounts", struct market_counts, count_fields);

struct cleanup_out {
	bool success;
	const char *message;
	struct market_counts deleted_counts;
	const char *test_session_id;
};
static const struct field out_fields[] = {
	FIELD(struct cleanup_out, success, 0, .doc = "True", .example = "true"),
	FIELD(struct cleanup_out, message, 0, .doc = "The same in a sentence",
		  .example = "\"Test data cleanup completed\""),
	FIELD_OBJECT(struct cleanup_out, deleted_counts, 0, &count_schema,
				 .doc = "How many rows of each table were deleted", .example = "{}"),
	FIELD(struct cleanup_out, test_session_id, F_OMIT, .doc = "The session, if one was named",
		  .example = "\"test_session_1640995200_abc12345\""),
};
static const struct schema out_schema = SCHEMA("TestCleanedUp", struct cleanup_out, out_fields);

struct cleanup_failure {
	bool success;
	const char *error, *failed_at;
	struct market_counts rolled_back;
	const char *test_session_id;
};
static const struct field failure_fields[] = {
	FIELD(struct cleanup_failure, success, 0, .doc = "False", .example = "false"),
	FIELD(struct cleanup_failure, error, 0, .doc = "What went wrong",
		  .example = "\"Test data cleanup failed …\""),
	FIELD(struct cleanup_failure, failed_at, 0, .doc = "Where", .example = "\"users\""),
	FIELD_OBJECT(struct cleanup_failure, rolled_back, 0, &count_schema,
				 .doc = "What had been deleted until then, and is there again", .example = "{}"),
	FIELD(struct cleanup_failure, test_session_id, F_OMIT, .doc = "The session, if one was named",
		  .example = "null"),
};
static const struct schema failure_schema =
	SCHEMA("TestCleanupFailed", struct cleanup_failure, failure_fields);

/* ---- rules ---- */

struct cleanup {
	const char *session; /* NULL: all */
	const char *step;
	struct market_counts n;
};

static int forget_user(struct ctx *c, int64_t id, struct market_counts *n)
{
	TRY(market_forget_user(c, id, n));
	TRY(sessions_delete_of(c, id, &n->sessions));
	TRY(users_delete(c, id));
	n->users++;
	return OK;
}

static int remove_users(struct ctx *c, struct cleanup *k)
{
	struct list rows;

	do {
		const struct account *u;

		TRY(users_tests(c, k->session, &rows));
		u = rows.items;
		for (size_t i = 0; i < rows.n; i++)
			TRY(market_scratch(c, forget_user, u[i].id, &k->n));
	} while (rows.n > 0);
	return OK;
}

static const char *target(struct ctx *c, const struct cleanup *k)
{
	return k->session == NULL ? "all test data"
							  : arena_printf(c->arena, "test session %s", k->session);
}

static const char *summary(struct ctx *c, const struct cleanup *k)
{
	struct buf b;

	buf_init(&b, c->arena, 2000);
	schema_print(&count_schema, &k->n, &b);
	return buf_str(&b);
}

static int remove_tests(struct ctx *c, void *arg)
{
	struct cleanup *k = arg;

	k->step = "searchables";
	TRY(searchables_remove_tests(c, k->session, &k->n));
	k->step = "users";
	TRY(remove_users(c, k));
	k->step = "metrics";
	TRY(metrics_events_remove_tests(c, k->session, &k->n));
	k->step = "audit";
	TRY(audit_add(c, "cleanup.tests", target(c, k), "ok", summary(c, k)));
	k->step = "commit";
	return OK;
}

/* ---- handlers ---- */

static const char *production_only(const struct config *config)
{
	return config->debug ? NULL : "This operation is only allowed in development mode";
}

/* Tells what failed, and that nothing of it stays. */
static int answer_failure(struct ctx *c, const struct cleanup *k, int code)
{
	const char *why = code == E_INTERNAL ? "the database failed; the server's log tells why"
										 : arena_strdup(c->arena, c->error->text);
	const struct cleanup_failure out = {
		.error = arena_printf(
			c->arena, "Test data cleanup failed at %s and was rolled back whole: %s", k->step, why),
		.failed_at = k->step,
		.rolled_back = k->n,
		.test_session_id = k->session,
	};
	struct buf b;

	log_error("test cleanup of %s failed at %s and was rolled back: %s (request %s)", target(c, k),
			  k->step, c->error->text, c->request_id);
	audit_always(c, "cleanup.tests", target(c, k), "failed", out.error);
	buf_init(&b, c->arena, 8192);
	TRY(schema_print(&failure_schema, &out, &b));
	ctx_body(c, buf_str(&b), b.n, "application/json");
	c->status = code == E_UNAVAILABLE ? 503 : 500;
	return OK;
}

static int test_cleanup(struct ctx *c)
{
	const struct cleanup_in *in = c->in;
	struct cleanup_out *out = c->out;
	struct cleanup k = {
		.session = in->test_session_id.v, .step = "begin", .n = {.take_back = true}};
	int rc;

	log_warning("test cleanup of %s started by %s (request %s)", target(c, &k), c->peer,
				c->request_id);
	rc = tx(c, remove_tests, &k);
	if (rc < 0)
		return answer_failure(c, &k, rc);
	log_warning("test cleanup of %s completed: %s (request %s)", target(c, &k), summary(c, &k),
				c->request_id);
	out->success = true;
	out->message = "Test data cleanup completed";
	out->deleted_counts = k.n;
	out->test_session_id = k.session;
	return OK;
}

/* ---- tables ---- */

static const short statuses[] = {403, 500, 503, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/test-cleanup", test_cleanup, &in_schema, &out_schema, .rate = RATE_STRICT,
	 .body = BODY_JSON, .status = 200, .flags = ROUTE_SLOW | ROUTE_PLAIN_ERRORS,
	 .shut = production_only, .tag = "cleanup",
	 .doc = "Delete test data, in development only\nUsers, searchables and metrics that are marked "
			"as test data, and all that belongs to them, in one transaction.",
	 .errors = statuses},
};

const struct feature test_cleanup_feature = {
	.name = "test_cleanup", .routes = routes, .nroutes = sizeof routes / sizeof routes[0]};

/*
 * balances: the money that a user holds, one row for each currency. A payment adds to the seller's,
 * a withdrawal takes from it. The row is never below zero: the condition stands in the statement
 * that takes, so two at once cannot both pass.
 */
#include "app/export.h"
#include "app/market.h"
#include "app/query.h"

/* ---- schemas ---- */

struct balance {
	int64_t id, user_id;
	const char *currency;
	int64_t amount;
	struct when created_at, updated_at;
};
static const struct field balance_fields[] = {
	FIELD(struct balance, id, 0, .doc = "Number of the balance", .example = "1"),
	FIELD(struct balance, user_id, 0, .doc = "Whose it is", .example = "2"),
	FIELD(struct balance, currency, 0, .doc = "ISO 4217", .example = "\"EUR\""),
	FIELD(struct balance, amount, 0, .doc = "Minor units (cents)", .example = "12500"),
	FIELD(struct balance, created_at, 0, .doc = "When it was opened",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct balance, updated_at, 0, .doc = "When it last changed",
		  .example = "\"2025-11-28T10:00:00Z\""),
};
static const struct schema balance_schema = SCHEMA("Balance", struct balance, balance_fields);

static const struct field open_fields[] = {
	FIELD(struct balance, currency, F_REQUIRED, .min = 3, .max = 3, .doc = "ISO 4217",
		  .example = "\"EUR\""),
};
static const struct schema open_schema = SCHEMA("BalanceOpen", struct balance, open_fields);

/* ---- rules ---- */

int balance_credit(struct ctx *c, int64_t user_id, const char *currency, int64_t amount)
{
	return db_exec(
		c->db, NULL,
		"INSERT INTO balances (user_id, currency, amount, created_at, updated_at) "
		"VALUES ($1, $2, $3, $4, $4) ON CONFLICT (user_id, currency) DO UPDATE "
		"SET amount = balances.amount + excluded.amount, updated_at = excluded.updated_at",
		P(user_id), P(currency), P(amount), P(c->now));
}

int balance_debit(struct ctx *c, int64_t user_id, const char *currency, int64_t amount)
{
	int64_t changed;

	TRY(db_exec(c->db, &changed,
				"UPDATE balances SET amount = amount - $3, updated_at = $4 "
				"WHERE user_id = $1 AND currency = $2 AND amount >= $3",
				P(user_id), P(currency), P(amount), P(c->now)));
	return changed > 0 ? OK : fail(c, E_RULE, "The balance in %s holds less than this", currency);
}

int balance_adjust(struct ctx *c, int64_t user_id, const char *currency, int64_t by)
{
	return db_exec(c->db, NULL,
				   "UPDATE balances SET amount = CASE WHEN amount + $3 < 0 THEN 0 ELSE "
				   "amount + $3 END, updated_at = $4 WHERE user_id = $1 AND currency = $2",
				   P(user_id), P(currency), P(by), P(c->now));
}

/* ---- handlers ---- */

static int find(struct ctx *c, int64_t id, struct balance *out)
{
	int rc =
		db_one(c->db, c->arena, &balance_schema, out,
			   "SELECT * FROM balances WHERE id = $1 AND (CAST($2 AS BIGINT) = 0 OR user_id = $2)",
			   P(id), P(market_user(c)));

	return rc == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "Balance not found") : rc;
}

static int open_balance(struct ctx *c)
{
	const struct balance *in = c->in;
	int64_t id;
	int rc;

	TRY(market_check_currency(c, in->currency));
	rc = db_int(c->db, &id,
				"INSERT INTO balances (user_id, currency, amount, created_at, updated_at) "
				"VALUES ($1, $2, 0, $3, $3) RETURNING id",
				P(c->actor->user_id), P(in->currency), P(c->now));
	if (rc == E_CONFLICT && db_conflict(c->db, "balances.user_id"))
		return fail(c, E_CONFLICT, "You have a balance in %s already", in->currency);
	TRY(rc);
	TRY(market_location(c, "/api/v1/balances/", id));
	return find(c, id, c->out);
}

static int list(struct ctx *c)
{
	const struct market_list *in = c->in;
	struct query q;

	query_init(&q, c->arena);
	if (market_user(c) != 0)
		query_and(&q, "user_id = ?", P(market_user(c)));
	return query_page(c, &q, &balance_schema, "*", "balances", "id DESC", in->skip, in->limit);
}

static int get(struct ctx *c)
{
	const struct market_id *in = c->in;

	return find(c, in->id, c->out);
}

static int close_balance(struct ctx *c)
{
	const struct market_id *in = c->in;
	struct balance b;
	int64_t removed;

	TRY(find(c, in->id, &b));
	TRY(db_exec(c->db, &removed, "DELETE FROM balances WHERE id = $1 AND amount = 0", P(b.id)));
	return removed > 0 ? OK : fail(c, E_CONFLICT, "The balance is not empty; withdraw it first");
}

int balances_remove(struct ctx *c, int64_t user_id, struct market_counts *n)
{
	int64_t removed;

	TRY(db_exec(c->db, &removed, "DELETE FROM balances WHERE user_id = $1", P(user_id)));
	n->balances += removed;
	return OK;
}

static int export_user(struct ctx *c, int64_t user_id, struct export *x)
{
	(void)c;
	return export_rows(x, "balances", &balance_schema,
					   "SELECT * FROM balances WHERE user_id = $1 ORDER BY id", P(user_id));
}

/* ---- tables ---- */

static const short conflict[] = {409, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/balances/", open_balance, &open_schema, &balance_schema, .role = ROLE_VIEWER,
	 .body = BODY_JSON, .status = 201, .tag = "market", .doc = "Open a balance in a currency",
	 .errors = conflict},
	{"GET", "/api/v1/balances/", list, &market_list_schema, &balance_schema, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_LIST, .tag = "market", .doc = "One's own balances"},
	{"GET", "/api/v1/balances/{id}", get, &market_id_schema, &balance_schema, .role = ROLE_VIEWER,
	 .status = 200, .tag = "market", .doc = "One balance"},
	{"DELETE", "/api/v1/balances/{id}", close_balance, &market_id_schema, NULL, .role = ROLE_VIEWER,
	 .status = 204, .tag = "market", .doc = "Close an empty balance", .errors = conflict},
};

const struct feature balances_feature = {
	.name = "balances",
	.routes = routes,
	.nroutes = sizeof routes / sizeof routes[0],
	.export_user = export_user,
};

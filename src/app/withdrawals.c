/*
 * withdrawals: a user asks for money from a balance. The amount leaves the balance with the
 * request, so that it is not asked for twice; an administrator completes or rejects it, its owner
 * may take it back while it is pending. What is rejected or taken back returns to the balance.
 */
#include "app/export.h"
#include "app/market.h"
#include "app/query.h"

enum { BATCH = 500 };

/* ---- schemas ---- */

static const char *const statuses[] = {"pending", "completed", "rejected", NULL};
static const char *const moves[] = {"completed", "rejected", NULL};

struct withdrawal {
	int64_t id, user_id;
	struct opt_int invoice_id;
	int64_t amount;
	const char *currency, *status;
	struct when created_at, updated_at;
};
static const struct field withdrawal_fields[] = {
	FIELD(struct withdrawal, id, 0, .doc = "Number of the withdrawal", .example = "1"),
	FIELD(struct withdrawal, user_id, 0, .doc = "Who asks", .example = "2"),
	FIELD(struct withdrawal, invoice_id, F_NULL, .doc = "Invoice that the money is from",
		  .example = "1"),
	FIELD(struct withdrawal, amount, 0, .doc = "Minor units (cents)", .example = "2500"),
	FIELD(struct withdrawal, currency, 0, .doc = "ISO 4217", .example = "\"EUR\""),
	FIELD(struct withdrawal, status, 0, .choices = statuses, .doc = "State",
		  .example = "\"pending\""),
	FIELD(struct withdrawal, created_at, 0, .doc = "When it was asked for",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct withdrawal, updated_at, 0, .doc = "When it last changed",
		  .example = "\"2025-11-28T10:00:00Z\""),
};
static const struct schema withdrawal_schema =
	SCHEMA("Withdrawal", struct withdrawal, withdrawal_fields);

static const struct field create_fields[] = {
	FIELD(struct withdrawal, amount, F_REQUIRED, .min = 1, .max = MARKET_MONEY_MAX,
		  .doc = "Minor units (cents)", .example = "2500"),
	FIELD(struct withdrawal, currency, F_REQUIRED, .min = 3, .max = 3, .doc = "ISO 4217",
		  .example = "\"EUR\""),
	FIELD(struct withdrawal, invoice_id, F_NULL, .min = 1, .doc = "Invoice that the money is from",
		  .example = "1"),
};
static const struct schema create_schema =
	SCHEMA("WithdrawalCreate", struct withdrawal, create_fields);

struct move_in {
	int64_t id;
	const char *status;
};
static const struct field move_fields[] = {
	FIELD(struct move_in, id, F_PATH, .min = 1, .doc = "Withdrawal ID", .example = "1"),
	FIELD(struct move_in, status, F_REQUIRED, .choices = moves, .doc = "New state",
		  .example = "\"completed\""),
};
static const struct schema move_schema = SCHEMA("WithdrawalMove", struct move_in, move_fields);

/* ---- rules ---- */

static int find(struct ctx *c, int64_t id, struct withdrawal *out)
{
	int rc = db_one(
		c->db, c->arena, &withdrawal_schema, out,
		"SELECT * FROM withdrawals WHERE id = $1 AND (CAST($2 AS BIGINT) = 0 OR user_id = $2)",
		P(id), P(market_user(c)));

	return rc == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "Withdrawal not found") : rc;
}

int withdrawals_remove(struct ctx *c, enum market_owner owner, int64_t id, struct market_counts *n)
{
	const char *sql = owner == MARKET_USER
						  ? "SELECT * FROM withdrawals WHERE user_id = $1 LIMIT 500"
						  : "SELECT * FROM withdrawals WHERE invoice_id = $1 LIMIT 500";
	struct list rows;

	do {
		const struct withdrawal *w;

		TRY(db_list(c->db, c->arena, &withdrawal_schema, BATCH, &rows, sql, P(id)));
		w = rows.items;
		for (size_t i = 0; i < rows.n; i++) {
			if (n->take_back && !text_eq(w[i].status, "rejected"))
				TRY(balance_adjust(c, w[i].user_id, w[i].currency, w[i].amount));
			TRY(db_exec(c->db, NULL, "DELETE FROM withdrawals WHERE id = $1", P(w[i].id)));
			n->withdrawals++;
		}
	} while (rows.n == BATCH);
	return OK;
}

/* ---- handlers ---- */

static int create(struct ctx *c)
{
	const struct withdrawal *in = c->in;
	struct invoice i;
	int64_t id;

	TRY(market_check_currency(c, in->currency));
	if (in->invoice_id.set && !in->invoice_id.null)
		TRY(invoice_find(c, in->invoice_id.v, &i));
	TRY(balance_debit(c, c->actor->user_id, in->currency, in->amount));
	TRY(db_int(c->db, &id,
			   "INSERT INTO withdrawals (user_id, invoice_id, amount, currency, status, "
			   "created_at, updated_at) VALUES ($1, $2, $3, $4, 'pending', $5, $5) RETURNING id",
			   P(c->actor->user_id), P(in->invoice_id), P(in->amount), P(in->currency), P(c->now)));
	TRY(market_location(c, "/api/v1/withdrawals/", id));
	return find(c, id, c->out);
}

static int list(struct ctx *c)
{
	const struct market_list *in = c->in;
	struct query q;

	query_init(&q, c->arena);
	if (market_user(c) != 0)
		query_and(&q, "user_id = ?", P(market_user(c)));
	return query_page(c, &q, &withdrawal_schema, "*", "withdrawals", "id DESC", in->skip,
					  in->limit);
}

static int get(struct ctx *c)
{
	const struct market_id *in = c->in;

	return find(c, in->id, c->out);
}

static int move(struct ctx *c)
{
	const struct move_in *in = c->in;
	struct withdrawal w;
	int64_t changed;

	TRY(find(c, in->id, &w));
	TRY(db_exec(c->db, &changed,
				"UPDATE withdrawals SET status = $2, updated_at = $3 WHERE id = $1 AND "
				"status = 'pending'",
				P(w.id), P(in->status), P(c->now)));
	if (changed == 0)
		return fail(c, E_CONFLICT, "This withdrawal is %s already", w.status);
	if (text_eq(in->status, "rejected"))
		TRY(balance_credit(c, w.user_id, w.currency, w.amount));
	return find(c, w.id, c->out);
}

static int take_back(struct ctx *c)
{
	const struct market_id *in = c->in;
	struct withdrawal w;
	int64_t removed;

	TRY(find(c, in->id, &w));
	TRY(db_exec(c->db, &removed, "DELETE FROM withdrawals WHERE id = $1 AND status = 'pending'",
				P(w.id)));
	if (removed == 0)
		return fail(c, E_CONFLICT, "This withdrawal is %s already", w.status);
	return balance_credit(c, w.user_id, w.currency, w.amount);
}

static int export_user(struct ctx *c, int64_t user_id, struct export *x)
{
	(void)c;
	return export_rows(x, "withdrawals", &withdrawal_schema,
					   "SELECT * FROM withdrawals WHERE user_id = $1 ORDER BY id", P(user_id));
}

/* ---- tables ---- */

static const short refused[] = {400, 404, 0}, conflict[] = {409, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/withdrawals/", create, &create_schema, &withdrawal_schema,
	 .role = ROLE_VIEWER, .body = BODY_JSON, .status = 201, .audit = "withdrawal.create",
	 .tag = "market", .doc = "Ask for money from one's balance", .errors = refused},
	{"GET", "/api/v1/withdrawals/", list, &market_list_schema, &withdrawal_schema,
	 .role = ROLE_VIEWER, .status = 200, .flags = ROUTE_LIST, .tag = "market",
	 .doc = "One's own withdrawals, newest first"},
	{"GET", "/api/v1/withdrawals/{id}", get, &market_id_schema, &withdrawal_schema,
	 .role = ROLE_VIEWER, .status = 200, .tag = "market", .doc = "One withdrawal"},
	{"PATCH", "/api/v1/withdrawals/{id}", move, &move_schema, &withdrawal_schema,
	 .role = ROLE_ADMIN, .body = BODY_JSON, .status = 200, .audit = "withdrawal.update",
	 .tag = "market", .doc = "Complete or reject a pending withdrawal", .errors = conflict},
	{"DELETE", "/api/v1/withdrawals/{id}", take_back, &market_id_schema, NULL, .role = ROLE_VIEWER,
	 .status = 204, .tag = "market", .doc = "Take a pending withdrawal back", .errors = conflict},
};

const struct feature withdrawals_feature = {
	.name = "withdrawals",
	.routes = routes,
	.nroutes = sizeof routes / sizeof routes[0],
	.export_user = export_user,
};

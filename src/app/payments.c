/*
 * payments: an invoice is paid once, whole, by who buys; the money goes to the seller's balance in
 * the same transaction. Deleting a payment is a refund: the money is taken from the seller's
 * balance again, if it is still there, and the invoice becomes refunded.
 */
#include "app/export.h"
#include "app/market.h"
#include "app/query.h"

enum { BATCH = 500 };

/* ---- schemas ---- */

static const char *const statuses[] = {"completed", NULL};

struct payment {
	int64_t id, invoice_id, searchable_id, user_id, seller_id, amount;
	const char *currency, *status;
	struct when created_at;
};
static const struct field payment_fields[] = {
	FIELD(struct payment, id, 0, .doc = "Number of the payment", .example = "1"),
	FIELD(struct payment, invoice_id, 0, .doc = "What is paid", .example = "1"),
	FIELD(struct payment, searchable_id, 0, .doc = "What was bought", .example = "1"),
	FIELD(struct payment, user_id, 0, .doc = "Who pays", .example = "2"),
	FIELD(struct payment, seller_id, 0, .doc = "Who gets it", .example = "3"),
	FIELD(struct payment, amount, 0, .doc = "Minor units (cents)", .example = "2500"),
	FIELD(struct payment, currency, 0, .doc = "ISO 4217", .example = "\"EUR\""),
	FIELD(struct payment, status, 0, .choices = statuses, .doc = "State",
		  .example = "\"completed\""),
	FIELD(struct payment, created_at, 0, .doc = "When it was paid",
		  .example = "\"2025-11-28T10:05:00Z\""),
};
static const struct schema payment_schema = SCHEMA("Payment", struct payment, payment_fields);

struct pay_in {
	int64_t invoice_id;
	struct opt_int amount;
	const char *currency;
};
static const struct field pay_fields[] = {
	FIELD(struct pay_in, invoice_id, F_REQUIRED, .min = 1, .doc = "What is paid", .example = "1"),
	FIELD(struct pay_in, amount, F_NULL, .min = 1, .max = MARKET_MONEY_MAX,
		  .doc = "If given, must be the invoice's", .example = "2500"),
	FIELD(struct pay_in, currency, F_NULL, .min = 3, .max = 3,
		  .doc = "If given, must be the invoice's", .example = "\"EUR\""),
};
static const struct schema pay_schema = SCHEMA("PaymentCreate", struct pay_in, pay_fields);

/* ---- rules ---- */

static int find(struct ctx *c, int64_t id, struct payment *out)
{
	int rc = db_one(c->db, c->arena, &payment_schema, out,
					"SELECT * FROM payments WHERE id = $1 AND (CAST($2 AS BIGINT) = 0 OR "
					"user_id = $2 OR seller_id = $2)",
					P(id), P(market_user(c)));

	return rc == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "Payment not found") : rc;
}

static const char *select_of(enum market_owner owner)
{
	switch (owner) {
	case MARKET_USER:
		return "SELECT * FROM payments WHERE user_id = $1 OR seller_id = $1 LIMIT 500";
	case MARKET_SEARCHABLE: return "SELECT * FROM payments WHERE searchable_id = $1 LIMIT 500";
	case MARKET_INVOICE: return "SELECT * FROM payments WHERE invoice_id = $1 LIMIT 500";
	}
	return "";
}

int payments_remove(struct ctx *c, enum market_owner owner, int64_t id, struct market_counts *n)
{
	struct list rows;

	do {
		const struct payment *p;

		TRY(db_list(c->db, c->arena, &payment_schema, BATCH, &rows, select_of(owner), P(id)));
		p = rows.items;
		for (size_t i = 0; i < rows.n; i++) {
			if (n->take_back)
				TRY(balance_adjust(c, p[i].seller_id, p[i].currency, -p[i].amount));
			TRY(db_exec(c->db, NULL, "DELETE FROM payments WHERE id = $1", P(p[i].id)));
			n->payments++;
		}
	} while (rows.n == BATCH);
	return OK;
}

/* ---- handlers ---- */

static int pay(struct ctx *c)
{
	const struct pay_in *in = c->in;
	struct invoice i;
	int64_t id;

	TRY(invoice_find(c, in->invoice_id, &i));
	if (i.user_id != c->actor->user_id)
		return fail(c, E_RULE, "Only who buys pays the invoice");
	if ((in->amount.set && !in->amount.null && in->amount.v != i.amount) ||
		(in->currency != NULL && !text_eq(in->currency, i.currency)))
		return fail(c, E_RULE, "The invoice is over %lld %s; it is paid whole", (long long)i.amount,
					i.currency);
	TRY(invoice_move(c, i.id, "pending", "paid"));
	TRY(balance_credit(c, i.seller_id, i.currency, i.amount));
	TRY(db_int(c->db, &id,
			   "INSERT INTO payments (invoice_id, searchable_id, user_id, seller_id, amount, "
			   "currency, status, created_at) VALUES ($1, $2, $3, $4, $5, $6, 'completed', $7) "
			   "RETURNING id",
			   P(i.id), P(i.searchable_id), P(i.user_id), P(i.seller_id), P(i.amount),
			   P(i.currency), P(c->now)));
	TRY(market_location(c, "/api/v1/payments/", id));
	return find(c, id, c->out);
}

static int list(struct ctx *c)
{
	const struct market_list *in = c->in;
	struct query q;

	market_deals(c, in, &q);
	return query_page(c, &q, &payment_schema, "*", "payments", "id DESC", in->skip, in->limit);
}

static int get(struct ctx *c)
{
	const struct market_id *in = c->in;

	return find(c, in->id, c->out);
}

static int refund(struct ctx *c)
{
	const struct market_id *in = c->in;
	struct payment p;
	int rc;

	TRY(find(c, in->id, &p));
	rc = balance_debit(c, p.seller_id, p.currency, p.amount);
	if (rc == E_RULE)
		return fail(c, E_CONFLICT, "The seller has withdrawn the money already");
	TRY(rc);
	TRY(invoice_move(c, p.invoice_id, "paid", "refunded"));
	return db_exec(c->db, NULL, "DELETE FROM payments WHERE id = $1", P(p.id));
}

static int export_user(struct ctx *c, int64_t user_id, struct export *x)
{
	(void)c;
	return export_rows(x, "payments", &payment_schema,
					   "SELECT * FROM payments WHERE user_id = $1 OR seller_id = $1 ORDER BY id",
					   P(user_id));
}

/* ---- tables ---- */

static const short refused[] = {400, 404, 409, 0}, conflict[] = {409, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/payments/", pay, &pay_schema, &payment_schema, .role = ROLE_VIEWER,
	 .body = BODY_JSON, .status = 201, .audit = "payment.create", .tag = "market",
	 .doc = "Pay an invoice", .errors = refused},
	{"GET", "/api/v1/payments/", list, &market_list_of_schema, &payment_schema, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_LIST, .tag = "market",
	 .doc = "What one paid or was paid, newest first"},
	{"GET", "/api/v1/payments/{id}", get, &market_id_schema, &payment_schema, .role = ROLE_VIEWER,
	 .status = 200, .tag = "market", .doc = "One payment"},
	{"DELETE", "/api/v1/payments/{id}", refund, &market_id_schema, NULL, .role = ROLE_VIEWER,
	 .status = 204, .audit = "payment.refund", .tag = "market",
	 .doc = "Refund a payment\nBy who paid or was paid, while the money is in the seller's "
			"balance.",
	 .errors = conflict},
};

const struct feature payments_feature = {
	.name = "payments",
	.routes = routes,
	.nroutes = sizeof routes / sizeof routes[0],
	.export_user = export_user,
};

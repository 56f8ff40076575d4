/*
 * market: what the resources of the marketplace share. Each owns its tables alone: searchables
 * (what is offered), invoices with notes, payments, ratings, files and media, withdrawals,
 * user_profiles, balances. Money is an integer in the currency's minor units (ISO 4217).
 *
 * Every signed-in user may offer, buy, pay and rate; things are seen by whom they concern, and by
 * administrators; to others they are not found. States only move forward.
 */
#pragma once
#include "app/query.h"
#include "core/route.h"

enum { MARKET_AMOUNT_MAX = 1000000000 };
#define MARKET_MONEY_MAX (INT64_C(1000) * MARKET_AMOUNT_MAX)

/* Input of GET and DELETE on /…/{id}. */
struct market_id {
	int64_t id;
};
extern const struct schema market_id_schema;

/* Input of lists; searchable_id narrows where rows belong to one. */
struct market_list {
	int64_t skip, limit;
	struct opt_int searchable_id;
};
extern const struct schema market_list_schema, market_list_of_schema; /* without, with it */

/* The user whose rows the actor sees; 0: everybody's (an administrator). */
int64_t market_user(struct ctx *c);
/* Starts a query over what has a payer and a seller (columns user_id, seller_id, searchable_id):
 * only the actor's on either side, and only of the searchable asked for. */
void market_deals(struct ctx *c, const struct market_list *in, struct query *q);
/* Sets the Location header to path and id. */
int market_location(struct ctx *c, const char *path, int64_t id);
/* Faults the body's field unless currency is three capital letters. */
int market_check_currency(struct ctx *c, const char *currency);
/* Faults the body's field unless the text is a JSON object (or NULL). */
int market_check_object(struct ctx *c, const char *field, struct json value);

/* What removing something took along. */
struct market_counts {
	int64_t users, searchables, invoices, files, ratings, withdrawals, metrics;
	int64_t profiles, sessions, balances, payments, invoice_notes, media;
	/* Set by the caller: what test payments and withdrawals did to balances that stay is undone, as
	 * far as the money is still there. */
	bool take_back;
};

/* What rows are removed by: all that belongs to the user, the searchable, or the invoice. */
enum market_owner { MARKET_USER, MARKET_SEARCHABLE, MARKET_INVOICE };

/* Each removes the rows that belong to the owner with this id, and what hangs on them, files by
 * removals_add; counts them. In the current transaction. What is not listed for an owner has no
 * such rows. */
int profiles_remove(struct ctx *c, int64_t user_id, struct market_counts *n);
int balances_remove(struct ctx *c, int64_t user_id, struct market_counts *n);
int searchables_remove(struct ctx *c, int64_t user_id, struct market_counts *n);
int searchable_remove(struct ctx *c, int64_t searchable_id, struct market_counts *n);
int invoices_remove(struct ctx *c, enum market_owner owner, int64_t id, struct market_counts *n);
int payments_remove(struct ctx *c, enum market_owner owner, int64_t id, struct market_counts *n);
int ratings_remove(struct ctx *c, enum market_owner owner, int64_t id, struct market_counts *n);
int market_files_remove(struct ctx *c, enum market_owner owner, int64_t id,
						struct market_counts *n);
int withdrawals_remove(struct ctx *c, enum market_owner owner, int64_t id, struct market_counts *n);
int metrics_events_remove(struct ctx *c, int64_t user_id, struct market_counts *n);

/* Calls fn with memory of its own, which is given back afterwards: for sets of any size. */
int market_scratch(struct ctx *c, int (*fn)(struct ctx *c, int64_t id, struct market_counts *n),
				   int64_t id, struct market_counts *n);

/* Everything of the user in the marketplace, in the order that foreign keys want. */
int market_forget_user(struct ctx *c, int64_t user_id, struct market_counts *n);

/* Adds to a balance, which is opened if it is not there. */
int balance_credit(struct ctx *c, int64_t user_id, const char *currency, int64_t amount);
/* Takes from a balance: E_RULE with a sentence if it holds less. Exact under concurrency. */
int balance_debit(struct ctx *c, int64_t user_id, const char *currency, int64_t amount);

/* Changes a balance that is there, never below zero. */
int balance_adjust(struct ctx *c, int64_t user_id, const char *currency, int64_t by);

/* The owner of a searchable. E_NOT_FOUND with a sentence. */
int searchable_owner(struct ctx *c, int64_t searchable_id, int64_t *user_id);

struct invoice {
	int64_t id, searchable_id, user_id, seller_id, amount;
	const char *currency, *title, *status;
	struct when created_at, updated_at, paid_at;
};
/* An invoice that the actor buys or sells by. E_NOT_FOUND. */
int invoice_find(struct ctx *c, int64_t id, struct invoice *out);
/* Moves an invoice from one state to another: E_CONFLICT with a sentence if it is in another one
 * (by now). */
int invoice_move(struct ctx *c, int64_t id, const char *from, const char *to);
/* Whether the user has paid for the searchable. */
int invoice_paid_by(struct ctx *c, int64_t searchable_id, int64_t user_id, bool *out);

extern const struct feature market_feature, profiles_feature, balances_feature, searchables_feature,
	invoices_feature, payments_feature, ratings_feature, market_files_feature, withdrawals_feature,
	metrics_events_feature;

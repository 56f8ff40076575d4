/* See market.h. */
#include "app/market.h"
#include "app/query.h"

#include <inttypes.h>
#include <string.h>

enum { SCRATCH_MAX = 16 * 1024 * 1024 };

/* ---- schemas ---- */

static const struct field id_fields[] = {
	FIELD(struct market_id, id, F_PATH, .min = 1, .doc = "Its number", .example = "1"),
};
const struct schema market_id_schema = SCHEMA("MarketId", struct market_id, id_fields);

static const struct field list_fields[] = {
	QUERY_PAGE(struct market_list),
	FIELD(struct market_list, searchable_id, F_QUERY, .min = 1, .doc = "Only of this searchable",
		  .example = "1"),
};
const struct schema market_list_schema = {
	.name = "MarketList", .size = sizeof(struct market_list), .fields = list_fields, .n = 2};
const struct schema market_list_of_schema = SCHEMA("MarketListOf", struct market_list, list_fields);

/* ---- rules ---- */

int64_t market_user(struct ctx *c)
{
	return c->actor->role >= ROLE_ADMIN ? 0 : c->actor->user_id;
}

void market_deals(struct ctx *c, const struct market_list *in, struct query *q)
{
	query_init(q, c->arena);
	if (market_user(c) != 0)
		query_and(q, "(user_id = ? OR seller_id = ?)", P(market_user(c)));
	if (in->searchable_id.set)
		query_and(q, "searchable_id = ?", P(in->searchable_id));
}

int market_location(struct ctx *c, const char *path, int64_t id)
{
	return ctx_header(c, "Location", arena_printf(c->arena, "%s%" PRId64, path, id));
}

int market_check_currency(struct ctx *c, const char *currency)
{
	if (strspn(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3 && currency[3] == '\0')
		return OK;
	return ctx_fault(c, "body", "currency",
					 "String should be three capital letters, such as EUR (ISO 4217)",
					 "string_pattern_mismatch");
}

int market_check_object(struct ctx *c, const char *field, struct json value)
{
	if (value.text == NULL || value.text[0] == '{')
		return OK;
	return ctx_fault(c, "body", field, "Input should be a valid dictionary", "dict_type");
}

static void free_arena(void *arena)
{
	arena_free(arena);
}

int market_scratch(struct ctx *c, int (*fn)(struct ctx *c, int64_t id, struct market_counts *n),
				   int64_t id, struct market_counts *n)
{
	struct arena *own = c->arena, *scratch = arena_new(SCRATCH_MAX);
	struct after *before = c->after;
	struct db_hook **hooks = c->db->last_hook;
	int rc;

	c->arena = scratch;
	rc = fn(c, id, n);
	c->arena = own;
	if (rc == OK && arena_over(scratch))
		rc = fail(c, E_INTERNAL, "a removal took more memory than it may");
	/* What waits for the commit lies in this memory. */
	if (c->after != before || c->db->last_hook != hooks)
		arena_defer(own, free_arena, scratch);
	else
		arena_free(scratch);
	return rc;
}

int market_forget_user(struct ctx *c, int64_t user_id, struct market_counts *n)
{
	TRY(searchables_remove(c, user_id, n));
	TRY(invoices_remove(c, MARKET_USER, user_id, n));
	TRY(payments_remove(c, MARKET_USER, user_id, n));
	TRY(ratings_remove(c, MARKET_USER, user_id, n));
	TRY(market_files_remove(c, MARKET_USER, user_id, n));
	TRY(withdrawals_remove(c, MARKET_USER, user_id, n));
	TRY(balances_remove(c, user_id, n));
	TRY(metrics_events_remove(c, user_id, n));
	return profiles_remove(c, user_id, n);
}

static int forget_user(struct ctx *c, int64_t user_id)
{
	struct market_counts n = {0};

	return market_forget_user(c, user_id, &n);
}

const struct feature market_feature = {.name = "market", .forget_user = forget_user};

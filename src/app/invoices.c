/*
 * invoices: what a user owes for a searchable, and notes on it. Who buys makes the invoice; buyer
 * and seller see it. It goes from pending to paid or cancelled, from paid to refunded, never back:
 * the old state is a condition of the statement that moves it, so of two at once one fails.
 */
#include "app/export.h"
#include "app/market.h"
#include "app/query.h"

enum { BATCH = 500 };

/* ---- schemas ---- */

static const char *const statuses[] = {"pending", "paid", "cancelled", "refunded", NULL};
static const char *const moves[] = {"cancelled", NULL};

static const struct field invoice_fields[] = {
	FIELD(struct invoice, id, 0, .doc = "Number of the invoice", .example = "1"),
	FIELD(struct invoice, searchable_id, 0, .doc = "What is bought", .example = "1"),
	FIELD(struct invoice, user_id, 0, .doc = "Who buys", .example = "2"),
	FIELD(struct invoice, seller_id, 0, .doc = "Who sells", .example = "3"),
	FIELD(struct invoice, amount, 0, .doc = "Minor units (cents)", .example = "2500"),
	FIELD(struct invoice, currency, 0, .doc = "ISO 4217", .example = "\"EUR\""),
	FIELD(struct invoice, title, F_NULL, .doc = "What it is for", .example = "\"One lesson\""),
	FIELD(struct invoice, status, 0, .choices = statuses, .doc = "State", .example = "\"pending\""),
	FIELD(struct invoice, created_at, 0, .doc = "When it was made",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct invoice, updated_at, 0, .doc = "When it last changed",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct invoice, paid_at, F_NULL, .doc = "When it was paid",
		  .example = "\"2025-11-28T10:05:00Z\""),
};
static const struct schema invoice_schema = SCHEMA("Invoice", struct invoice, invoice_fields);

static const struct field create_fields[] = {
	FIELD(struct invoice, searchable_id, F_REQUIRED, .min = 1, .doc = "What is bought",
		  .example = "1"),
	FIELD(struct invoice, amount, F_REQUIRED, .min = 1, .max = MARKET_MONEY_MAX,
		  .doc = "Minor units (cents)", .example = "2500"),
	FIELD(struct invoice, currency, F_REQUIRED, .min = 3, .max = 3, .doc = "ISO 4217",
		  .example = "\"EUR\""),
	FIELD(struct invoice, title, F_NULL, .max = 200, .doc = "What it is for",
		  .example = "\"One lesson\""),
};
static const struct schema create_schema = SCHEMA("InvoiceCreate", struct invoice, create_fields);

struct move_in {
	int64_t id;
	const char *status;
};
static const struct field move_fields[] = {
	FIELD(struct move_in, id, F_PATH, .min = 1, .doc = "Invoice ID", .example = "1"),
	FIELD(struct move_in, status, F_REQUIRED, .choices = moves,
		  .doc = "New state; paying is POST /payments", .example = "\"cancelled\""),
};
static const struct schema move_schema = SCHEMA("InvoiceMove", struct move_in, move_fields);

struct note {
	int64_t id, invoice_id, user_id;
	const char *text;
	struct when created_at;
};
static const struct field note_fields[] = {
	FIELD(struct note, id, 0, .doc = "Number of the note", .example = "1"),
	FIELD(struct note, invoice_id, 0, .doc = "Its invoice", .example = "1"),
	FIELD(struct note, user_id, 0, .doc = "Who wrote it", .example = "2"),
	FIELD(struct note, text, 0, .doc = "The note", .example = "\"Please until Friday\""),
	FIELD(struct note, created_at, 0, .doc = "When it was written",
		  .example = "\"2025-11-28T10:00:00Z\""),
};
static const struct schema note_schema = SCHEMA("InvoiceNote", struct note, note_fields);

struct note_in {
	int64_t id, note_id, skip, limit;
	const char *text;
};
#define INVOICE_ID FIELD(struct note_in, id, F_PATH, .min = 1, .doc = "Invoice ID", .example = "1")
#define NOTE_ID FIELD(struct note_in, note_id, F_PATH, .min = 1, .doc = "Note ID", .example = "1")
static const struct field note_create_fields[] = {
	INVOICE_ID,
	FIELD(struct note_in, text, F_REQUIRED, .min = 1, .max = 5000, .doc = "The note",
		  .example = "\"Please until Friday\""),
};
static const struct schema note_create_schema =
	SCHEMA("InvoiceNoteCreate", struct note_in, note_create_fields);
static const struct field note_list_fields[] = {
	INVOICE_ID,
	QUERY_PAGE(struct note_in),
};
static const struct schema note_list_schema =
	SCHEMA("InvoiceNoteList", struct note_in, note_list_fields);
static const struct field note_id_fields[] = {INVOICE_ID, NOTE_ID};
static const struct schema note_id_schema = SCHEMA("InvoiceNoteId", struct note_in, note_id_fields);

static const struct field row_fields[] = {
	FIELD(struct market_id, id, 0, .doc = "Number", .example = "1"),
};
static const struct schema row_schema = SCHEMA("InvoiceRow", struct market_id, row_fields);

/* ---- rules ---- */

int invoice_find(struct ctx *c, int64_t id, struct invoice *out)
{
	int rc = db_one(c->db, c->arena, &invoice_schema, out,
					"SELECT * FROM invoices WHERE id = $1 AND (CAST($2 AS BIGINT) = 0 OR "
					"user_id = $2 OR seller_id = $2)",
					P(id), P(market_user(c)));

	return rc == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "Invoice not found") : rc;
}

int invoice_move(struct ctx *c, int64_t id, const char *from, const char *to)
{
	int64_t changed;

	TRY(db_exec(c->db, &changed,
				"UPDATE invoices SET status = $3, updated_at = $4, paid_at = CASE WHEN "
				"CAST($3 AS TEXT) = 'paid' THEN $4 ELSE paid_at END WHERE id = $1 AND status = $2",
				P(id), P(from), P(to), P(c->now)));
	return changed > 0 ? OK
					   : fail(c, E_CONFLICT, "This invoice is not %s any more; it cannot become %s",
							  from, to);
}

int invoice_paid_by(struct ctx *c, int64_t searchable_id, int64_t user_id, bool *out)
{
	int64_t id;
	int rc = db_int(c->db, &id,
					"SELECT id FROM invoices WHERE searchable_id = $1 AND (CAST($2 AS BIGINT) = 0 "
					"OR user_id = $2) AND status = 'paid' LIMIT 1",
					P(searchable_id), P(user_id));

	if (rc != E_NOT_FOUND)
		TRY(rc);
	*out = rc == OK;
	return OK;
}

/* ---- removing ---- */

static int remove_notes(struct ctx *c, const char *sql, int64_t id, struct market_counts *n)
{
	int64_t removed;

	TRY(db_exec(c->db, &removed, sql, P(id)));
	n->invoice_notes += removed;
	return OK;
}

static int remove_one(struct ctx *c, int64_t id, struct market_counts *n)
{
	TRY(withdrawals_remove(c, MARKET_INVOICE, id, n));
	TRY(payments_remove(c, MARKET_INVOICE, id, n));
	TRY(remove_notes(c, "DELETE FROM invoice_notes WHERE invoice_id = $1", id, n));
	TRY(db_exec(c->db, NULL, "DELETE FROM invoices WHERE id = $1", P(id)));
	n->invoices++;
	return OK;
}

int invoices_remove(struct ctx *c, enum market_owner owner, int64_t id, struct market_counts *n)
{
	const char *sql = owner == MARKET_USER
						  ? "SELECT id FROM invoices WHERE user_id = $1 OR seller_id = $1 LIMIT 500"
						  : "SELECT id FROM invoices WHERE searchable_id = $1 LIMIT 500";
	struct list rows;

	do {
		const struct market_id *r;

		TRY(db_list(c->db, c->arena, &row_schema, BATCH, &rows, sql, P(id)));
		r = rows.items;
		for (size_t i = 0; i < rows.n; i++)
			TRY(remove_one(c, r[i].id, n));
	} while (rows.n == BATCH);
	return owner == MARKET_USER
			   ? remove_notes(c, "DELETE FROM invoice_notes WHERE user_id = $1", id, n)
			   : OK;
}

/* ---- handlers ---- */

static int create(struct ctx *c)
{
	const struct invoice *in = c->in;
	int64_t id, seller;

	TRY(market_check_currency(c, in->currency));
	TRY(searchable_owner(c, in->searchable_id, &seller));
	TRY(db_int(c->db, &id,
			   "INSERT INTO invoices (searchable_id, user_id, seller_id, amount, currency, title, "
			   "status, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7, $7) "
			   "RETURNING id",
			   P(in->searchable_id), P(c->actor->user_id), P(seller), P(in->amount),
			   P(in->currency), P(in->title), P(c->now)));
	TRY(market_location(c, "/api/v1/invoices/", id));
	return invoice_find(c, id, c->out);
}

static int list(struct ctx *c)
{
	const struct market_list *in = c->in;
	struct query q;

	market_deals(c, in, &q);
	return query_page(c, &q, &invoice_schema, "*", "invoices", "id DESC", in->skip, in->limit);
}

static int get(struct ctx *c)
{
	const struct market_id *in = c->in;

	return invoice_find(c, in->id, c->out);
}

static int move(struct ctx *c)
{
	const struct move_in *in = c->in;
	struct invoice i;

	TRY(invoice_find(c, in->id, &i));
	TRY(invoice_move(c, i.id, "pending", in->status));
	return invoice_find(c, i.id, c->out);
}

static int delete_invoice(struct ctx *c)
{
	const struct market_id *in = c->in;
	struct market_counts n = {0};
	struct invoice i;

	TRY(invoice_find(c, in->id, &i));
	if (market_user(c) != 0 && i.user_id != c->actor->user_id)
		return fail(c, E_DENIED, "Only who made the invoice deletes it");
	if (!text_eq(i.status, "pending") && !text_eq(i.status, "cancelled"))
		return fail(c, E_CONFLICT, "An invoice that was paid stays");
	return remove_one(c, i.id, &n);
}

/* ---- notes ---- */

static int find_note(struct ctx *c, int64_t invoice_id, int64_t id, struct note *out)
{
	int rc = db_one(c->db, c->arena, &note_schema, out,
					"SELECT * FROM invoice_notes WHERE id = $1 AND invoice_id = $2", P(id),
					P(invoice_id));

	return rc == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "Note not found") : rc;
}

static int add_note(struct ctx *c)
{
	const struct note_in *in = c->in;
	struct invoice i;
	int64_t id;

	TRY(invoice_find(c, in->id, &i));
	TRY(db_int(c->db, &id,
			   "INSERT INTO invoice_notes (invoice_id, user_id, text, created_at) "
			   "VALUES ($1, $2, $3, $4) RETURNING id",
			   P(i.id), P(c->actor->user_id), P(in->text), P(c->now)));
	return find_note(c, i.id, id, c->out);
}

static int list_notes(struct ctx *c)
{
	const struct note_in *in = c->in;
	struct invoice i;
	struct query q;

	TRY(invoice_find(c, in->id, &i));
	query_init(&q, c->arena);
	query_and(&q, "invoice_id = ?", P(i.id));
	return query_page(c, &q, &note_schema, "*", "invoice_notes", "id", in->skip, in->limit);
}

static int get_note(struct ctx *c)
{
	const struct note_in *in = c->in;
	struct invoice i;

	TRY(invoice_find(c, in->id, &i));
	return find_note(c, i.id, in->note_id, c->out);
}

static int delete_note(struct ctx *c)
{
	const struct note_in *in = c->in;
	struct invoice i;
	struct note note;

	TRY(invoice_find(c, in->id, &i));
	TRY(find_note(c, i.id, in->note_id, &note));
	if (market_user(c) != 0 && note.user_id != c->actor->user_id)
		return fail(c, E_DENIED, "Only who wrote the note deletes it");
	return db_exec(c->db, NULL, "DELETE FROM invoice_notes WHERE id = $1", P(note.id));
}

static int export_user(struct ctx *c, int64_t user_id, struct export *x)
{
	(void)c;
	TRY(export_rows(x, "invoices", &invoice_schema,
					"SELECT * FROM invoices WHERE user_id = $1 OR seller_id = $1 ORDER BY id",
					P(user_id)));
	return export_rows(x, "invoice_notes", &note_schema,
					   "SELECT * FROM invoice_notes WHERE user_id = $1 ORDER BY id", P(user_id));
}

/* ---- tables ---- */

static const short not_found[] = {404, 0}, conflict[] = {409, 0}, denied[] = {403, 0},
				   conflict_denied[] = {403, 409, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/invoices/", create, &create_schema, &invoice_schema, .role = ROLE_VIEWER,
	 .body = BODY_JSON, .status = 201, .tag = "market", .doc = "Order a searchable",
	 .errors = not_found},
	{"GET", "/api/v1/invoices/", list, &market_list_of_schema, &invoice_schema, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_LIST, .tag = "market",
	 .doc = "The invoices one buys or sells by, newest first"},
	{"GET", "/api/v1/invoices/{id}", get, &market_id_schema, &invoice_schema, .role = ROLE_VIEWER,
	 .status = 200, .tag = "market", .doc = "One invoice"},
	{"PATCH", "/api/v1/invoices/{id}", move, &move_schema, &invoice_schema, .role = ROLE_VIEWER,
	 .body = BODY_JSON, .status = 200, .tag = "market", .doc = "Cancel a pending invoice",
	 .errors = conflict},
	{"DELETE", "/api/v1/invoices/{id}", delete_invoice, &market_id_schema, NULL,
	 .role = ROLE_VIEWER, .status = 204, .tag = "market",
	 .doc = "Delete an invoice that was not paid", .errors = conflict_denied},
	{"POST", "/api/v1/invoices/{id}/notes", add_note, &note_create_schema, &note_schema,
	 .role = ROLE_VIEWER, .body = BODY_JSON, .status = 201, .tag = "market",
	 .doc = "Write a note on an invoice"},
	{"GET", "/api/v1/invoices/{id}/notes", list_notes, &note_list_schema, &note_schema,
	 .role = ROLE_VIEWER, .status = 200, .flags = ROUTE_LIST, .tag = "market",
	 .doc = "The notes on an invoice, oldest first"},
	{"GET", "/api/v1/invoices/{id}/notes/{note_id}", get_note, &note_id_schema, &note_schema,
	 .role = ROLE_VIEWER, .status = 200, .tag = "market", .doc = "One note"},
	{"DELETE", "/api/v1/invoices/{id}/notes/{note_id}", delete_note, &note_id_schema, NULL,
	 .role = ROLE_VIEWER, .status = 204, .tag = "market", .doc = "Delete one's own note",
	 .errors = denied},
};

const struct feature invoices_feature = {
	.name = "invoices",
	.routes = routes,
	.nroutes = sizeof routes / sizeof routes[0],
	.export_user = export_user,
};

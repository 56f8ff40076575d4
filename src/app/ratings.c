/* ratings: what users think of a searchable, from 1 to 5, one each; seen by everybody who is signed
 * in. Owns the table ratings. */
#include "app/export.h"
#include "app/market.h"
#include "app/query.h"

/* ---- schemas ---- */

struct rating {
	int64_t id, searchable_id, user_id, score;
	const char *comment;
	struct when created_at;
};
static const struct field rating_fields[] = {
	FIELD(struct rating, id, 0, .doc = "Number of the rating", .example = "1"),
	FIELD(struct rating, searchable_id, 0, .doc = "What is rated", .example = "1"),
	FIELD(struct rating, user_id, 0, .doc = "Who rated", .example = "2"),
	FIELD(struct rating, score, 0, .doc = "From 1, bad, to 5, good", .example = "5"),
	FIELD(struct rating, comment, F_NULL, .doc = "Why", .example = "\"Patient\""),
	FIELD(struct rating, created_at, 0, .doc = "When it was given",
		  .example = "\"2025-11-28T10:00:00Z\""),
};
static const struct schema rating_schema = SCHEMA("Rating", struct rating, rating_fields);

static const struct field create_fields[] = {
	FIELD(struct rating, searchable_id, F_REQUIRED, .min = 1, .doc = "What is rated",
		  .example = "1"),
	FIELD(struct rating, score, F_REQUIRED, .min = 1, .max = 5, .doc = "From 1, bad, to 5, good",
		  .example = "5"),
	FIELD(struct rating, comment, F_NULL, .max = 5000, .doc = "Why", .example = "\"Patient\""),
};
static const struct schema create_schema = SCHEMA("RatingCreate", struct rating, create_fields);

/* ---- handlers ---- */

static int find(struct ctx *c, int64_t id, int64_t user_id, struct rating *out)
{
	int rc =
		db_one(c->db, c->arena, &rating_schema, out,
			   "SELECT * FROM ratings WHERE id = $1 AND (CAST($2 AS BIGINT) = 0 OR user_id = $2)",
			   P(id), P(user_id));

	return rc == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "Rating not found") : rc;
}

static int create(struct ctx *c)
{
	const struct rating *in = c->in;
	int64_t id, owner;
	int rc;

	TRY(searchable_owner(c, in->searchable_id, &owner));
	rc =
		db_int(c->db, &id,
			   "INSERT INTO ratings (searchable_id, user_id, score, comment, created_at) "
			   "VALUES ($1, $2, $3, $4, $5) RETURNING id",
			   P(in->searchable_id), P(c->actor->user_id), P(in->score), P(in->comment), P(c->now));
	if (rc == E_CONFLICT && db_conflict(c->db, "ratings.searchable_id"))
		return fail(c, E_CONFLICT, "You have rated this already");
	TRY(rc);
	TRY(market_location(c, "/api/v1/ratings/", id));
	return find(c, id, 0, c->out);
}

static int list(struct ctx *c)
{
	const struct market_list *in = c->in;
	struct query q;

	query_init(&q, c->arena);
	if (in->searchable_id.set)
		query_and(&q, "searchable_id = ?", P(in->searchable_id));
	return query_page(c, &q, &rating_schema, "*", "ratings", "id DESC", in->skip, in->limit);
}

static int get(struct ctx *c)
{
	const struct market_id *in = c->in;

	return find(c, in->id, 0, c->out);
}

static int delete_rating(struct ctx *c)
{
	const struct market_id *in = c->in;
	struct rating r;

	TRY(find(c, in->id, market_user(c), &r));
	return db_exec(c->db, NULL, "DELETE FROM ratings WHERE id = $1", P(r.id));
}

int ratings_remove(struct ctx *c, enum market_owner owner, int64_t id, struct market_counts *n)
{
	int64_t removed;

	TRY(db_exec(c->db, &removed,
				owner == MARKET_USER ? "DELETE FROM ratings WHERE user_id = $1"
									 : "DELETE FROM ratings WHERE searchable_id = $1",
				P(id)));
	n->ratings += removed;
	return OK;
}

static int export_user(struct ctx *c, int64_t user_id, struct export *x)
{
	(void)c;
	return export_rows(x, "ratings", &rating_schema,
					   "SELECT * FROM ratings WHERE user_id = $1 ORDER BY id", P(user_id));
}

/* ---- tables ---- */

static const short refused[] = {404, 409, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/ratings/", create, &create_schema, &rating_schema, .role = ROLE_VIEWER,
	 .body = BODY_JSON, .status = 201, .tag = "market", .doc = "Rate a searchable, once",
	 .errors = refused},
	{"GET", "/api/v1/ratings/", list, &market_list_of_schema, &rating_schema, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_LIST, .tag = "market", .doc = "Ratings, newest first"},
	{"GET", "/api/v1/ratings/{id}", get, &market_id_schema, &rating_schema, .role = ROLE_VIEWER,
	 .status = 200, .tag = "market", .doc = "One rating"},
	{"DELETE", "/api/v1/ratings/{id}", delete_rating, &market_id_schema, NULL, .role = ROLE_VIEWER,
	 .status = 204, .tag = "market", .doc = "Delete one's own rating"},
};

const struct feature ratings_feature = {
	.name = "ratings",
	.routes = routes,
	.nroutes = sizeof routes / sizeof routes[0],
	.export_user = export_user,
};

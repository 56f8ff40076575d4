/* profiles: what a user tells about themselves in the marketplace; one for each user, seen by
 * everybody who is signed in. Owns the table user_profiles. */
#include "app/export.h"
#include "app/market.h"
#include "app/query.h"

/* ---- schemas ---- */

struct user_profile {
	int64_t id, user_id;
	const char *display_name, *headline, *location, *about;
	struct when created_at, updated_at;
};
#define TEXT_FIELDS(T)                                                                           \
	FIELD(T, headline, F_NULL, .max = 200, .doc = "A line under the name",                       \
		  .example = "\"Backend engineer\""),                                                    \
		FIELD(T, location, F_NULL, .max = 200, .doc = "Where they are", .example = "\"Leeds\""), \
		FIELD(T, about, F_NULL, .max = 5000, .doc = "What they tell of themselves",              \
			  .example = "\"Twelve years of services\"")
static const struct field profile_fields[] = {
	FIELD(struct user_profile, id, 0, .doc = "Number of the profile", .example = "1"),
	FIELD(struct user_profile, user_id, 0, .doc = "Whose it is", .example = "2"),
	FIELD(struct user_profile, display_name, 0, .doc = "Name shown to others",
		  .example = "\"Ada L.\""),
	TEXT_FIELDS(struct user_profile),
	FIELD(struct user_profile, created_at, 0, .doc = "When it was made",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct user_profile, updated_at, 0, .doc = "When it last changed",
		  .example = "\"2025-11-28T10:00:00Z\""),
};
static const struct schema profile_schema =
	SCHEMA("UserProfile", struct user_profile, profile_fields);

static const struct field create_fields[] = {
	FIELD(struct user_profile, display_name, F_REQUIRED, .min = 1, .max = 100,
		  .doc = "Name shown to others", .example = "\"Ada L.\""),
	TEXT_FIELDS(struct user_profile),
};
static const struct schema create_schema =
	SCHEMA("UserProfileCreate", struct user_profile, create_fields);

/* ---- handlers ---- */

static int find(struct ctx *c, int64_t id, int64_t user_id, struct user_profile *out)
{
	int rc = db_one(
		c->db, c->arena, &profile_schema, out,
		"SELECT * FROM user_profiles WHERE id = $1 AND (CAST($2 AS BIGINT) = 0 OR user_id = $2)",
		P(id), P(user_id));

	return rc == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "Profile not found") : rc;
}

static int create(struct ctx *c)
{
	const struct user_profile *in = c->in;
	int64_t id;
	int rc = db_int(c->db, &id,
					"INSERT INTO user_profiles (user_id, display_name, headline, location, about, "
					"created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING id",
					P(c->actor->user_id), P(in->display_name), P(in->headline), P(in->location),
					P(in->about), P(c->now));

	if (rc == E_CONFLICT && db_conflict(c->db, "user_profiles.user_id"))
		return fail(c, E_CONFLICT, "You have a profile already");
	TRY(rc);
	TRY(market_location(c, "/api/v1/profiles/", id));
	return find(c, id, 0, c->out);
}

static int list(struct ctx *c)
{
	const struct market_list *in = c->in;
	struct query q;

	query_init(&q, c->arena);
	return query_page(c, &q, &profile_schema, "*", "user_profiles", "id DESC", in->skip, in->limit);
}

static int get(struct ctx *c)
{
	const struct market_id *in = c->in;

	return find(c, in->id, 0, c->out);
}

static int delete_profile(struct ctx *c)
{
	const struct market_id *in = c->in;
	struct user_profile p;

	TRY(find(c, in->id, market_user(c), &p));
	return db_exec(c->db, NULL, "DELETE FROM user_profiles WHERE id = $1", P(p.id));
}

int profiles_remove(struct ctx *c, int64_t user_id, struct market_counts *n)
{
	int64_t removed;

	TRY(db_exec(c->db, &removed, "DELETE FROM user_profiles WHERE user_id = $1", P(user_id)));
	n->profiles += removed;
	return OK;
}

static int export_user(struct ctx *c, int64_t user_id, struct export *x)
{
	(void)c;
	return export_rows(x, "profile", &profile_schema,
					   "SELECT * FROM user_profiles WHERE user_id = $1 ORDER BY id", P(user_id));
}

/* ---- tables ---- */

static const short conflict[] = {409, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/profiles/", create, &create_schema, &profile_schema, .role = ROLE_VIEWER,
	 .body = BODY_JSON, .status = 201, .tag = "market", .doc = "Make one's own profile",
	 .errors = conflict},
	{"GET", "/api/v1/profiles/", list, &market_list_schema, &profile_schema, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_LIST, .tag = "market", .doc = "All profiles, newest first"},
	{"GET", "/api/v1/profiles/{id}", get, &market_id_schema, &profile_schema, .role = ROLE_VIEWER,
	 .status = 200, .tag = "market", .doc = "One profile"},
	{"DELETE", "/api/v1/profiles/{id}", delete_profile, &market_id_schema, NULL,
	 .role = ROLE_VIEWER, .status = 204, .tag = "market", .doc = "Delete one's own profile"},
};

const struct feature profiles_feature = {
	.name = "profiles",
	.routes = routes,
	.nroutes = sizeof routes / sizeof routes[0],
	.export_user = export_user,
};

/*
 * See keys.h. Of a key only the hash is stored; its text is told once. When it was last used is
 * written at most once a minute, after the request, which may be one that only reads.
 */
#include "app/keys.h"

#include <string.h>

#include "app/export.h"
#include "app/query.h"
#include "app/users.h"
#include "base/log.h"
#include "core/core.h"

enum { KEYS_MAX = 50, USE_SECONDS = 60 };

/* ---- schemas ---- */

struct key {
	int64_t id;
	const char *name, *prefix, *role;
	struct when created_at, expires_at, last_used_at;
	const char *key;
};
#define KEY_FIELDS                                                                                 \
	FIELD(struct key, id, 0, .doc = "Number of the key", .example = "1"),                          \
		FIELD(struct key, name, 0, .doc = "What it is for", .example = "\"nightly import\""),      \
		FIELD(struct key, prefix, 0, .doc = "How the key begins", .example = "\"vk_1_1_3fa94c\""), \
		FIELD(struct key, role, 0, .choices = role_choices, .doc = "Its rights, at most",          \
			  .example = "\"recruiter\""),                                                         \
		FIELD(struct key, created_at, 0, .doc = "When it was made",                                \
			  .example = "\"2025-11-28T10:00:00Z\""),                                              \
		FIELD(struct key, expires_at, F_NULL, .doc = "When it ends; null: never",                  \
			  .example = "null"),                                                                  \
		FIELD(struct key, last_used_at, F_NULL, .doc = "When it was last used, to the minute",     \
			  .example = "null")
static const struct field key_fields[] = {KEY_FIELDS};
static const struct schema key_schema = SCHEMA("ApiKey", struct key, key_fields);
static const struct field made_fields[] = {
	KEY_FIELDS,
	FIELD(struct key, key, 0, .doc = "The key itself, told this once",
		  .example = "\"vk_1_1_3fa94c…\""),
};
static const struct schema made_schema = SCHEMA("ApiKeyCreated", struct key, made_fields);

struct create_in {
	const char *name, *role;
	struct when expires_at;
};
static const struct field create_fields[] = {
	FIELD(struct create_in, name, F_REQUIRED | F_WORDS | F_LINE, .min = 1, .max = 100,
		  .doc = "What it is for", .example = "\"nightly import\""),
	FIELD(struct create_in, role, F_NULL, .choices = role_choices,
		  .doc = "Its rights, at most one's own; left out: one's own", .example = "\"viewer\""),
	FIELD(struct create_in, expires_at, F_NULL, .doc = "When it ends; left out: never",
		  .example = "\"2100-01-01T00:00:00Z\""),
};
static const struct schema create_schema = SCHEMA("ApiKeyCreate", struct create_in, create_fields);

struct id_in {
	int64_t key_id;
};
static const struct field id_fields[] = {
	FIELD(struct id_in, key_id, F_PATH, .min = 1, .doc = "Key ID", .example = "1"),
};
static const struct schema id_schema = SCHEMA("ApiKeyId", struct id_in, id_fields);

struct stored {
	const char *key_hash, *role;
	int64_t expires_at, last_used_at;
};
static const struct field stored_fields[] = {
	FIELD(struct stored, key_hash, F_SECRET, .doc = "Hash", .example = "\"3f\""),
	FIELD(struct stored, role, 0, .doc = "Role", .example = "\"viewer\""),
	FIELD(struct stored, expires_at, 0, .doc = "When it ends, 0: never", .example = "0"),
	FIELD(struct stored, last_used_at, 0, .doc = "When it was last used, 0: never", .example = "0"),
};
static const struct schema stored_schema = SCHEMA("ApiKeyStored", struct stored, stored_fields);

/* ---- using one ---- */

static int write_use(struct ctx *c, void *key_id)
{
	return db_exec(c->db, NULL, "UPDATE api_keys SET last_used_at = $2 WHERE id = $1",
				   P(*(int64_t *)key_id), P(c->now));
}

static void used(struct core *core, void *arg)
{
	const struct ctx *request = arg;
	struct error *kept = request->db->error, error = {0};
	int64_t id = request->actor->key_id;
	struct ctx c;

	core_ctx(core, request->arena, &error, request->db, &c);
	if (tx(&c, write_use, &id) != OK)
		log_warning("the use of API key %lld is not noted: %s", (long long)id, error.text);
	request->db->error = kept;
}

static int refuse(struct db *db)
{
	return fail(db, E_AUTH, "Could not validate credentials");
}

int keys_actor(struct db *db, struct arena *a, const struct claims *claims, struct actor *out)
{
	int64_t now = clock_now();
	struct stored k;
	enum role most;
	int rc = db_one(db, a, &stored_schema, &k,
					"SELECT key_hash, role, expires_at, last_used_at FROM api_keys "
					"WHERE id = $1 AND user_id = $2",
					P(claims->key_id), P(claims->user_id));

	if (rc == E_NOT_FOUND)
		return refuse(db);
	TRY(rc);
	if (!text_equal_ct(k.key_hash, claims->key_hash) || (k.expires_at != 0 && k.expires_at <= now))
		return refuse(db);
	TRY(users_actor(db, a, claims->user_id, out));
	most = role_parse(k.role);
	out->role = out->role < most ? out->role : most;
	out->superuser = false;
	out->key_id = claims->key_id;
	out->used = now - k.last_used_at >= USE_SECONDS * CLOCK_SECOND ? used : NULL;
	return OK;
}

/* ---- handlers ---- */

static int check(struct ctx *c, const struct create_in *in, enum role role)
{
	int64_t n;

	if (in->expires_at.us != 0 && in->expires_at.us <= c->now)
		return ctx_fault(c, "body", "expires_at", "The time should be in the future",
						 "value_error");
	if (role > c->actor->role)
		return fail(c, E_DENIED, "A key cannot have more rights than its owner");
	TRY(db_int(c->db, &n, "SELECT count(*) FROM api_keys WHERE user_id = $1",
			   P(c->actor->user_id)));
	if (n >= KEYS_MAX)
		return fail(c, E_RULE, "You have %d keys, which is the most there can be; revoke one",
					KEYS_MAX);
	return OK;
}

static int create(struct ctx *c)
{
	const struct create_in *in = c->in;
	enum role own = c->actor->superuser ? ROLE_ADMIN : c->actor->role;
	enum role role = in->role != NULL ? role_parse(in->role) : own;
	char text[ACCESS_KEY_SIZE], hash[65];
	struct key *out = c->out;
	size_t shown;
	int64_t id;

	TRY(check(c, in, role));
	TRY(db_int(c->db, &id,
			   "INSERT INTO api_keys (user_id, name, prefix, key_hash, role, created_at, "
			   "expires_at) VALUES ($1, $2, '', '', $3, $4, $5) RETURNING id",
			   P(c->actor->user_id), P(in->name), P(role_name(role)), P(c->now),
			   P(in->expires_at)));
	access_make_key(c->core->access, c->actor->user_id, id, text, &shown, hash);
	TRY(db_exec(c->db, NULL, "UPDATE api_keys SET prefix = $2, key_hash = $3 WHERE id = $1", P(id),
				P(arena_strndup(c->arena, text, shown)), P((const char *)hash)));
	TRY(db_one(c->db, c->arena, &key_schema, out, "SELECT * FROM api_keys WHERE id = $1", P(id)));
	out->key = arena_strdup(c->arena, text);
	explicit_bzero(text, sizeof text);
	return ctx_header(c, "Location",
					  arena_printf(c->arena, "/api/v1/auth/keys/%lld", (long long)id));
}

static int list(struct ctx *c)
{
	const struct page *in = c->in;
	struct query q;

	query_init(&q, c->arena);
	query_and(&q, "user_id = ?", P(c->actor->user_id));
	return query_page(c, &q, &key_schema, "*", "api_keys", "id DESC", in->skip, in->limit);
}

static int revoke(struct ctx *c)
{
	const struct id_in *in = c->in;
	int64_t changes;

	TRY(db_exec(c->db, &changes, "DELETE FROM api_keys WHERE id = $1 AND user_id = $2",
				P(in->key_id), P(c->actor->user_id)));
	return changes == 0 ? fail(c, E_NOT_FOUND, "Key not found") : hub_recheck(c, c->actor->user_id);
}

static int export_user(struct ctx *c, int64_t user_id, struct export *x)
{
	(void)c;
	return export_rows(x, "api_keys", &key_schema,
					   "SELECT * FROM api_keys WHERE user_id = $1 ORDER BY id", P(user_id));
}

/* ---- tables ---- */

static const short not_found[] = {404, 0}, bad[] = {400, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/auth/keys", create, &create_schema, &made_schema, .role = ROLE_VIEWER,
	 .body = BODY_JSON, .status = 201, .flags = ROUTE_PERSON, .audit = "key.create", .tag = "auth",
	 .doc = "Make an API key\nIt goes with requests as Authorization: Bearer, or as X-API-Key.",
	 .errors = bad},
	{"GET", "/api/v1/auth/keys", list, &page_schema, &key_schema, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_LIST | ROUTE_PERSON, .tag = "auth",
	 .doc = "One's API keys, newest first"},
	{"DELETE", "/api/v1/auth/keys/{key_id}", revoke, &id_schema, NULL, .role = ROLE_VIEWER,
	 .status = 204, .flags = ROUTE_PERSON, .audit = "key.revoke", .tag = "auth",
	 .doc = "Revoke an API key", .errors = not_found},
};

const struct feature keys_feature = {
	.name = "keys",
	.routes = routes,
	.nroutes = sizeof routes / sizeof routes[0],
	.export_user = export_user,
};

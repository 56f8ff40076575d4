/*
 * invitations: how a candidate without an account comes to an interview. The secret ("vi_" and 64
 * letters) is told once, when the invitation is made; kept is its SHA-256. It opens the routes for
 * invited candidates, and there the one interview only.
 */
#include "app/invitations.h"

#include <string.h>

#include "app/interviews.h"
#include "app/query.h"
#include "base/digest.h"
#include "base/rand.h"

enum { SECRET_BYTES = 32, DAYS_MAX = 365 };

/* ---- schemas ---- */

struct invitation {
	int64_t id, interview_id;
	const char *name, *email, *token;
	struct opt_int created_by;
	struct when created_at, expires_at, revoked_at;
};
static const struct field invitation_fields[] = {
	FIELD(struct invitation, id, 0, .doc = "Number of the invitation", .example = "1"),
	FIELD(struct invitation, interview_id, 0, .doc = "What it invites to", .example = "1"),
	FIELD(struct invitation, name, F_NULL, .doc = "Who is invited", .example = "\"Ada Lovelace\""),
	FIELD(struct invitation, email, F_NULL, .doc = "Their address",
		  .example = "\"ada@example.com\""),
	FIELD(struct invitation, token, F_OMIT,
		  .doc = "The secret, told only now: the candidate sends it as Bearer token",
		  .example = "\"vi_…\""),
	FIELD(struct invitation, created_by, F_NULL, .doc = "User who invited", .example = "1"),
	FIELD(struct invitation, created_at, 0, .doc = "When it was made",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct invitation, expires_at, 0, .doc = "When it ends",
		  .example = "\"2025-12-12T10:00:00Z\""),
	FIELD(struct invitation, revoked_at, F_NULL, .doc = "When it was taken back",
		  .example = "null"),
};
static const struct schema invitation_schema =
	SCHEMA("Invitation", struct invitation, invitation_fields);

struct invite_in {
	int64_t interview_id, expires_in_days;
	const char *name, *email;
};
static const struct field invite_fields[] = {
	FIELD(struct invite_in, interview_id, F_PATH, .min = 1, .doc = "Interview ID", .example = "1"),
	FIELD(struct invite_in, name, F_NULL, .min = 1, .max = 200, .doc = "Who is invited",
		  .example = "\"Ada Lovelace\""),
	FIELD(struct invite_in, email, F_NULL | F_EMAIL, .max = 254, .doc = "Their address",
		  .example = "\"ada@example.com\""),
	FIELD(struct invite_in, expires_in_days, F_NULL, .min = 1, .max = DAYS_MAX, .preset = "14",
		  .doc = "How long it is good", .example = "14"),
};
static const struct schema invite_schema =
	SCHEMA("InvitationCreate", struct invite_in, invite_fields);

struct list_in {
	int64_t interview_id, skip, limit;
};
static const struct field list_fields[] = {
	FIELD(struct list_in, interview_id, F_PATH, .min = 1, .doc = "Interview ID", .example = "1"),
	QUERY_PAGE(struct list_in),
};
static const struct schema list_schema = SCHEMA("InvitationList", struct list_in, list_fields);

struct id_in {
	int64_t interview_id, invitation_id;
};
static const struct field id_fields[] = {
	FIELD(struct id_in, interview_id, F_PATH, .min = 1, .doc = "Interview ID", .example = "1"),
	FIELD(struct id_in, invitation_id, F_PATH, .min = 1, .doc = "Invitation ID", .example = "1"),
};
static const struct schema id_schema = SCHEMA("InvitationId", struct id_in, id_fields);

/* ---- rules ---- */

static void hash_secret(const char *secret, char out[DIGEST_HEX])
{
	struct digest d;

	digest_init(&d);
	digest_add(&d, secret, strlen(secret));
	digest_hex(&d, out);
}

/* A hash that can be looked up says nothing about the secret by how long the look takes. */
int invitation_actor(struct db *db, struct arena *a, const char *secret, int64_t now,
					 struct actor *out)
{
	char hash[DIGEST_HEX];
	struct invitation i;
	int64_t team_id;
	int rc;

	hash_secret(secret, hash);
	rc = db_one(db, a, &invitation_schema, &i,
				"SELECT * FROM interview_invitations WHERE secret_hash = $1 AND expires_at > $2 "
				"AND revoked_at IS NULL",
				P((const char *)hash), P(now));
	if (rc == E_NOT_FOUND)
		return fail(db, E_AUTH, "Could not validate credentials");
	TRY(rc);
	TRY(interview_team_of(db, i.interview_id, &team_id));
	*out = (struct actor){.team_id = team_id,
						  .invitation_id = i.id,
						  .interview_id = i.interview_id,
						  .role = ROLE_VIEWER,
						  .username = i.name == NULL ? "invited candidate" : i.name};
	return OK;
}

/* ---- handlers ---- */

static int find(struct ctx *c, int64_t interview_id, int64_t id, struct invitation *out)
{
	int rc = db_one(c->db, c->arena, &invitation_schema, out,
					"SELECT * FROM interview_invitations WHERE id = $1 AND interview_id = $2",
					P(id), P(interview_id));

	return rc == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "Invitation not found") : rc;
}

static int invite(struct ctx *c)
{
	const struct invite_in *in = c->in;
	char digits[2 * SECRET_BYTES + 1], hash[DIGEST_HEX];
	struct invitation *out = c->out;
	const char *secret;
	int64_t id;

	TRY(interview_check(c, in->interview_id));
	rand_hex(digits, SECRET_BYTES);
	secret = arena_printf(c->arena, ACCESS_INVITATION "%s", digits);
	hash_secret(secret, hash);
	TRY(db_int(c->db, &id,
			   "INSERT INTO interview_invitations (interview_id, name, email, secret_hash, "
			   "created_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7) "
			   "RETURNING id",
			   P(in->interview_id), P(in->name), P(in->email), P((const char *)hash),
			   P(c->actor->user_id), P(c->now),
			   P(c->now + in->expires_in_days * 24 * 3600 * CLOCK_SECOND)));
	TRY(find(c, in->interview_id, id, out));
	out->token = secret;
	return OK;
}

static int list(struct ctx *c)
{
	const struct list_in *in = c->in;
	struct query q;

	TRY(interview_check(c, in->interview_id));
	query_init(&q, c->arena);
	query_and(&q, "interview_id = ?", P(in->interview_id));
	return query_page(c, &q, &invitation_schema, "*", "interview_invitations", "id DESC", in->skip,
					  in->limit);
}

/* The row stays, with the answers that came by it. */
static int revoke(struct ctx *c)
{
	const struct id_in *in = c->in;
	struct invitation i;

	TRY(interview_check(c, in->interview_id));
	TRY(find(c, in->interview_id, in->invitation_id, &i));
	return db_exec(c->db, NULL,
				   "UPDATE interview_invitations SET revoked_at = COALESCE(revoked_at, $2) "
				   "WHERE id = $1",
				   P(i.id), P(c->now));
}

/* What an invited candidate is asked. */
static int invited(struct ctx *c)
{
	if (c->actor->invitation_id == 0)
		return fail(c, E_NOT_FOUND, "Only an invitation leads here; see /api/v1/interviews");
	return interview_get(c, c->actor->interview_id, c->out);
}

/* ---- tables ---- */

static const short not_found[] = {404, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/interviews/{interview_id}/invitations", invite, &invite_schema,
	 &invitation_schema, .role = ROLE_RECRUITER, .body = BODY_JSON, .status = 201,
	 .audit = "invitation.create", .tag = "interviews",
	 .doc = "Invite a candidate\nThe reply holds the secret that the candidate sends as Bearer "
			"token; it is not shown again."},
	{"GET", "/api/v1/interviews/{interview_id}/invitations", list, &list_schema, &invitation_schema,
	 .role = ROLE_RECRUITER, .status = 200, .flags = ROUTE_LIST, .tag = "interviews",
	 .doc = "Who was invited, newest first"},
	{"DELETE", "/api/v1/interviews/{interview_id}/invitations/{invitation_id}", revoke, &id_schema,
	 NULL, .role = ROLE_RECRUITER, .status = 204, .audit = "invitation.revoke", .tag = "interviews",
	 .doc = "Take an invitation back; what was answered by it stays"},
	{"GET", "/api/v1/interviews/invited", invited, NULL, &interview_schema, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_INVITED, .tag = "interviews",
	 .doc = "The interview that the invitation in the Authorization header is for",
	 .errors = not_found},
};

const struct feature invitations_feature = {
	.name = "invitations", .routes = routes, .nroutes = sizeof routes / sizeof routes[0]};

/*
 * See candidate_rows.h. The functions of candidates.h that other resources call stand here too,
 * since they are about the same tables.
 */
#include "app/candidate_rows.h"

#include <string.h>

#include "app/candidate_search.h"
#include "app/export.h"
#include "app/removals.h"
#include "app/series.h"
#include "app/skills.h"
#include "core/core.h"
#include "core/event.h"
#include "data/profile.h"

int64_t candidate_team(struct ctx *c)
{
	return c->actor->role >= ROLE_ADMIN ? 0 : c->actor->team_id;
}

int candidate_find(struct ctx *c, int64_t id, struct candidate *out)
{
	int rc = db_one(
		c->db, c->arena, &candidate_schema, out,
		"SELECT * FROM candidates WHERE id = $1 AND (CAST($2 AS BIGINT) = 0 OR team_id = $2)",
		P(id), P(candidate_team(c)));

	return rc == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "Candidate not found") : rc;
}

int candidate_by_email(struct ctx *c, const char *email, struct candidate *out)
{
	int rc = db_one(c->db, c->arena, &candidate_schema, out,
					"SELECT * FROM candidates WHERE email_folded = $1 AND (CAST($2 AS BIGINT) = 0 "
					"OR team_id = $2) "
					"ORDER BY id DESC LIMIT 1",
					P(text_fold(c->arena, email)), P(candidate_team(c)));

	return rc == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "Candidate not found for this email") : rc;
}

static const struct field known_fields[] = {
	FIELD(struct candidate_known, id, 0, .doc = "Number", .example = "1"),
	FIELD(struct candidate_known, status, 0, .doc = "Status", .example = "\"completed\""),
};
static const struct schema known_schema =
	SCHEMA("CandidateKnown", struct candidate_known, known_fields);

int candidate_known(struct ctx *c, const char *sha256, struct candidate_known *out)
{
	return db_one(c->db, c->arena, &known_schema, out,
				  "SELECT id, status FROM candidates WHERE team_id = $1 AND content_hash = $2",
				  P(c->actor->team_id), P(sha256));
}

/* ---- that something changed ---- */

/* Within the transaction that changes it, so that who reads sees both or neither. */
static int changed(struct ctx *c)
{
	return db_exec(c->db, NULL, "UPDATE candidate_changes SET n = n + 1 WHERE id = 1");
}

int candidates_version(struct ctx *c, int64_t *out)
{
	return db_int(c->db, out, "SELECT n FROM candidate_changes WHERE id = 1");
}

/* ---- what others hear of ---- */

struct told {
	int64_t id, team_id;
	const char *filename, *status, *name, *error_message;
	int64_t uploaded_by;
	struct when updated_at;
};
static const struct field told_fields[] = {
	FIELD(struct told, id, 0, .doc = "Number of the candidate", .example = "1"),
	FIELD(struct told, filename, 0, .doc = "Name of the uploaded file", .example = "\"ada.pdf\""),
	FIELD(struct told, status, 0, .doc = "How far reading has come", .example = "\"completed\""),
	FIELD(struct told, name, F_NULL, .doc = "Name, as the document has it",
		  .example = "\"Ada Lovelace\""),
	FIELD(struct told, error_message, F_NULL, .doc = "Why the file could not be read",
		  .example = "null"),
	FIELD(struct told, uploaded_by, 0, .doc = "User who uploaded the file", .example = "2"),
	FIELD(struct told, updated_at, 0, .doc = "When it last changed",
		  .example = "\"2025-11-28T10:00:01Z\""),
	FIELD(struct told, team_id, 0, .doc = "Team", .example = "1"),
};
static const struct schema told_schema = SCHEMA("CandidateEvent", struct told, told_fields);

/* One that was deleted meanwhile is no news. */
static int tell(struct ctx *c, const char *type, int64_t id)
{
	struct told t;
	struct event e = {.type = type, .schema = &told_schema, .data = &t};
	int rc;

	TRY(changed(c));
	rc = db_one(c->db, c->arena, &told_schema, &t, "SELECT * FROM candidates WHERE id = $1", P(id));
	if (rc == E_NOT_FOUND)
		return OK;
	TRY(rc);
	e.team_id = t.team_id;
	return event_emit(c, &e);
}

int candidate_insert(struct ctx *c, const struct upload *u, const char *path, int64_t *id)
{
	TRY(db_int(
		c->db, id,
		"INSERT INTO candidates (team_id, uploaded_by, filename, file_path, file_size, "
		"content_hash, "
		"status, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, 'uploaded', $7, $7) "
		"RETURNING id",
		P(c->actor->team_id), P(c->actor->user_id), P(u->filename), P(path), P(u->size),
		P((const char *)u->sha256), P(c->now)));
	return tell(c, "candidate.uploaded", *id);
}

int candidate_delete(struct ctx *c, const struct candidate *k)
{
	TRY(tell(c, "candidate.deleted", k->id));
	TRY(removals_add(c, k->file_path));
	TRY(parsing_cancel(c, k->id));
	TRY(search_remove(c, k->id));
	return db_exec(c->db, NULL, "DELETE FROM candidates WHERE id = $1", P(k->id));
}

int candidate_hash(struct ctx *c, int64_t id, const char **out)
{
	return db_text(c->db, c->arena, out, "SELECT content_hash FROM candidates WHERE id = $1",
				   P(id));
}

/* ---- values: read, corrected, stored ---- */

struct word_row {
	int64_t team_id;
	struct json corrections, profile;
};
static const struct field word_fields[] = {
	FIELD(struct word_row, team_id, 0, .doc = "Team", .example = "1"),
	FIELD(struct word_row, corrections, F_NULL, .doc = "Corrections", .example = "null"),
	FIELD(struct word_row, profile, F_NULL, .doc = "Profile", .example = "null"),
};
static const struct schema word_schema = SCHEMA("CandidateWord", struct word_row, word_fields);

int candidate_word(struct ctx *c, int64_t id, struct candidate_word *out)
{
	const struct json_value *v;
	struct candidate_word w = {0};
	struct word_row row;

	TRY(db_one(c->db, c->arena, &word_schema, &row,
			   "SELECT candidates.team_id, candidates.corrections, candidate_profiles.profile FROM "
			   "candidates "
			   "LEFT JOIN candidate_profiles ON candidate_profiles.candidate_id = candidates.id "
			   "WHERE candidates.id = $1",
			   P(id)));
	w.team_id = row.team_id;
	w.read = row.profile.text != NULL;
	if (w.read &&
		(json_parse(c->arena, row.profile.text, strlen(row.profile.text), &v, NULL) != OK ||
		 schema_bind_json(&profile_schema, v, c->arena, &w.profile, c->faults) != OK))
		return fail(c, E_INTERNAL, "the stored profile of candidate %lld does not fit its schema",
					(long long)id);
	TRY(corrections_read(c, row.corrections, &w.corrections));
	*out = w;
	return OK;
}

/* The names of the skills as a JSON array. */
static int skill_names(struct ctx *c, const struct list *skills, struct json *out)
{
	const struct skill *s = skills->items;
	struct buf b;

	buf_init(&b, c->arena, PROFILE_JSON_MAX);
	buf_addc(&b, '[');
	for (size_t i = 0; i < skills->n; i++) {
		if (i > 0)
			buf_addc(&b, ',');
		json_print_string(&b, s[i].name);
	}
	buf_addc(&b, ']');
	if (!buf_ok(&b))
		return fail(c, E_INTERNAL, "the skills of a candidate exceed %d bytes", PROFILE_JSON_MAX);
	out->text = buf_str(&b);
	return OK;
}

/* Stores the values that follow from both sources. text: the document's, NULL for the one known. */
static int store_values(struct ctx *c, int64_t id, const struct candidate_word *w, const char *text)
{
	struct profile p = w->profile;
	struct json skills = {0};

	corrections_apply(c, &w->corrections, &p);
	if (w->read || w->corrections.skills.items != NULL)
		TRY(skill_names(c, &p.skills, &skills));
	TRY(db_exec(
		c->db, NULL,
		"UPDATE candidates SET name = $2, email = $3, email_folded = $4, phone = $5, skills = $6, "
		"domain_knowledge = $7, updated_at = $8 WHERE id = $1",
		P(id), P(p.name.value), P(p.email.value),
		P(p.email.value ? text_fold(c->arena, p.email.value) : NULL), P(p.phone.value), P(skills),
		P(p.domain_knowledge.value), P(c->now)));
	TRY(skills_set(c, id, w->team_id, &p.skills));
	TRY(changed(c));
	return search_set(c, id, w->team_id, &p, text);
}

int candidate_correct(struct ctx *c, int64_t id, const struct candidate_word *w)
{
	struct json column;

	TRY(corrections_print(c, &w->corrections, &column));
	TRY(db_exec(c->db, NULL, "UPDATE candidates SET corrections = $2 WHERE id = $1", P(id),
				P(column)));
	TRY(store_values(c, id, w, NULL));
	return tell(c, "candidate.updated", id);
}

static int store_profile(struct ctx *c, int64_t id, const struct profile *p)
{
	struct profile without_text = *p;
	struct buf b;

	without_text.text = NULL;
	buf_init(&b, c->arena, PROFILE_JSON_MAX);
	if (schema_print(&profile_schema, &without_text, &b) != OK)
		return fail(c, E_INTERNAL, "the profile of candidate %lld exceeds %d bytes", (long long)id,
					PROFILE_JSON_MAX);
	return db_exec(c->db, NULL,
				   "INSERT INTO candidate_profiles (candidate_id, profile) VALUES ($1, $2) "
				   "ON CONFLICT (candidate_id) DO UPDATE SET profile = excluded.profile",
				   P(id), P(buf_str(&b)));
}

/* ---- how far reading has come ---- */

int candidates_processing(struct ctx *c, int64_t id)
{
	int64_t changes;

	TRY(db_exec(c->db, &changes,
				"UPDATE candidates SET status = 'processing', updated_at = $2 "
				"WHERE id = $1 AND status = 'uploaded'",
				P(id), P(c->now)));
	return changes > 0 ? tell(c, "candidate.processing", id) : OK;
}

int candidate_reread(struct ctx *c, int64_t id)
{
	TRY(db_exec(c->db, NULL,
				"UPDATE candidates SET status = 'processing', updated_at = $2 WHERE id = $1", P(id),
				P(c->now)));
	return tell(c, "candidate.processing", id);
}

int candidates_completed(struct ctx *c, int64_t id, int64_t team_id, const struct profile *p)
{
	struct candidate_word w = {.team_id = team_id, .read = true, .profile = *p};
	const char *column;
	int rc = db_text(
		c->db, c->arena, &column,
		"UPDATE candidates SET status = 'completed', error_message = NULL, processed_at = $2 "
		"WHERE id = $1 RETURNING corrections",
		P(id), P(c->now));

	if (rc == E_NOT_FOUND)
		return OK; /* deleted meanwhile */
	TRY(rc);
	TRY(corrections_read(c, (struct json){column}, &w.corrections));
	TRY(store_values(c, id, &w, p->text ? p->text : ""));
	TRY(store_profile(c, id, p));
	return tell(c, "candidate.completed", id);
}

int candidates_failed(struct ctx *c, int64_t id, const char *sentence)
{
	/* What an earlier reading found stays good when a later one fails. */
	TRY(db_exec(
		c->db, NULL,
		"UPDATE candidates SET status = CASE WHEN EXISTS (SELECT 1 FROM candidate_profiles WHERE "
		"candidate_id = $1) THEN 'completed' ELSE 'failed' END, error_message = $2, updated_at = "
		"$3, "
		"processed_at = $3 WHERE id = $1",
		P(id), P(sentence), P(c->now)));
	return tell(c, "candidate.failed", id);
}

int candidates_rescue(struct ctx *c)
{
	struct list rows;
	const struct candidate_known *k;

	TRY(db_list(c->db, c->arena, &known_schema, SCHEMA_LIST_MAX, &rows,
				"SELECT id, status FROM candidates WHERE status IN ('uploaded', 'processing') "
				"ORDER BY id LIMIT 1000"));
	k = rows.items;
	for (size_t i = 0; i < rows.n; i++)
		TRY(parsing_rescue(c, k[i].id));
	return OK;
}

/* ---- sets of them ---- */

int candidates_row(struct ctx *c, int64_t id, struct candidate *out, int64_t *team_id)
{
	TRY(db_one(c->db, c->arena, &candidate_schema, out, "SELECT * FROM candidates WHERE id = $1",
			   P(id)));
	return db_int(c->db, team_id, "SELECT team_id FROM candidates WHERE id = $1", P(id));
}

int candidates_reassign(struct ctx *c, int64_t from_user, int64_t to_user)
{
	return db_exec(c->db, NULL,
				   "UPDATE candidates SET uploaded_by = $2, updated_at = $3 WHERE uploaded_by = $1",
				   P(from_user), P(to_user), P(c->now));
}

int candidates_delete_of(struct ctx *c, int64_t user_id)
{
	enum { BATCH = 200 };
	struct list rows;

	do {
		const struct candidate *k;

		TRY(db_list(
			c->db, c->arena, &candidate_schema, BATCH, &rows,
			"SELECT id, file_path FROM candidates WHERE uploaded_by = $1 ORDER BY id LIMIT 200",
			P(user_id)));
		k = rows.items;
		for (size_t i = 0; i < rows.n; i++)
			TRY(candidate_delete(c, &k[i]));
	} while (rows.n == BATCH);
	return OK;
}

int candidates_count_all(struct ctx *c, int64_t *out)
{
	return db_int(c->db, out, "SELECT count(*) FROM candidates");
}

int candidates_delete_all(struct ctx *c, int64_t *removed)
{
	TRY(search_remove_all(c));
	TRY(changed(c));
	return db_exec(c->db, removed, "DELETE FROM candidates");
}

/* ---- sums ---- */

int candidates_tally(struct ctx *c, int64_t team, int64_t since,
					 int (*row)(void *arg, const void *tally), void *arg)
{
	return tally_each(c, team, since, "team_id",
					  "SELECT status AS what, " TALLY_AT(
						  "created_at") " AS at, count(*) AS n "
										"FROM candidates WHERE created_at >= $1 AND %s "
										"GROUP BY status, " TALLY_AT("created_at"),
					  row, arg);
}

int candidates_first(struct ctx *c, int64_t team, int64_t *out)
{
	return db_int_params(c->db, out,
						 tally_sql(c, team, "team_id",
								   "SELECT min(created_at) FROM candidates "
								   "WHERE created_at >= $1 AND %s"),
						 PARAMS(P(0), P(team)));
}

int candidates_reading_times(struct ctx *c, int64_t team, size_t max, struct list *out)
{
	return db_list_params(c->db, c->arena, &tally_schema, max, out,
						  tally_sql(c, team, "team_id",
									"SELECT processed_at - created_at AS n FROM candidates WHERE "
									"status = 'completed' AND processed_at IS NOT NULL "
									"AND id > $1 AND %s ORDER BY id DESC LIMIT 1000"),
						  PARAMS(P(0), P(team)));
}

int candidate_count(struct ctx *c, int64_t team, int64_t *n, int64_t *last_id)
{
	static const char *const all[] = {"SELECT count(*) FROM candidates",
									  "SELECT max(id) FROM candidates"};
	static const char *const one[] = {"SELECT count(*) FROM candidates WHERE team_id = $1",
									  "SELECT max(id) FROM candidates WHERE team_id = $1"};

	if (team == 0) {
		TRY(db_int(c->db, n, all[0]));
		return db_int(c->db, last_id, all[1]);
	}
	TRY(db_int(c->db, n, one[0], P(team)));
	return db_int(c->db, last_id, one[1], P(team));
}

int candidate_before(struct ctx *c, int64_t team, int64_t id, int64_t limit, struct list *out)
{
	if (team == 0)
		return db_list(c->db, c->arena, &known_schema, (size_t)limit, out,
					   "SELECT id, status FROM candidates WHERE id < $1 ORDER BY id DESC LIMIT $2",
					   P(id), P(limit));
	return db_list(c->db, c->arena, &known_schema, (size_t)limit, out,
				   "SELECT id, status FROM candidates WHERE team_id = $1 AND id < $2 ORDER BY id "
				   "DESC LIMIT $3",
				   P(team), P(id), P(limit));
}

static int add_highlights(struct ctx *c, const struct search *words, const int64_t *ids,
						  const struct list *candidates)
{
	struct candidate *k = candidates->items;
	struct list *found = ARENA_ARRAY(c->arena, candidates->n, struct list);

	TRY(search_highlights(c, words, ids, candidates->n, found));
	for (size_t i = 0; i < candidates->n; i++)
		k[i].highlights = found[i];
	return OK;
}

/* The candidates in the order of their ids. */
static struct list in_order(struct arena *a, const struct list *rows, int64_t *ids, size_t n)
{
	struct candidate *out = ARENA_ARRAY(a, n, struct candidate);
	const struct candidate *k = rows->items;
	size_t at = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < rows->n; j++)
			if (k[j].id == ids[i]) {
				ids[at] = ids[i];
				out[at++] = k[j];
				break;
			}
	return (struct list){out, at};
}

int candidate_search(struct ctx *c, const struct query *filters, const struct search *words,
					 int64_t skip, int64_t limit)
{
	struct list rows, *out = c->out;
	const int64_t *found;
	int64_t *ids;
	size_t n;

	TRY(find_page(c, words, filters, skip, limit, &found, &n));
	TRY(db_list(
		c->db, c->arena, &candidate_found_schema, n, &rows,
		arena_printf(c->arena, "SELECT * FROM candidates WHERE id %s", find_ids_condition(c)),
		P(find_ids_text(c, found, n))));
	ids = arena_memdup(c->arena, found, n * sizeof *ids);
	*out = in_order(c->arena, &rows, ids, n);
	return add_highlights(c, words, ids, out);
}

void candidates_with_status(struct ctx *c, struct query *q, const char *id, const char *status,
							const char *tail)
{
	static const char incomplete[] =
		"EXISTS (SELECT 1 FROM candidates AS k WHERE CAST(k.id AS BIGINT) = %s AND "
		"k.status <> 'completed'%s%s)";

	if (text_eq(status, "completed"))
		query_and_plain(
			q, arena_printf(c->arena, "NOT %s", arena_printf(c->arena, incomplete, id, "", tail)));
	else
		query_and(q, arena_printf(c->arena, incomplete, id, " AND k.status = ?", tail), P(status));
}

int candidates_of_status(struct ctx *c, int64_t team, const char *status, int64_t max,
						 const int64_t **ids, size_t *n)
{
	static const char of_all[] = "SELECT id, status FROM candidates WHERE status = $1 ORDER BY id "
								 "DESC LIMIT $2",
					  of_team[] = "SELECT id, status FROM candidates WHERE status = $1 AND "
								  "team_id = $3 ORDER BY id DESC LIMIT $2";
	const struct candidate_known *k;
	struct list rows;
	int64_t *some;

	if (team == 0)
		TRY(db_list(c->db, c->arena, &known_schema, (size_t)max, &rows, of_all, P(status), P(max)));
	else
		TRY(db_list(c->db, c->arena, &known_schema, (size_t)max, &rows, of_team, P(status), P(max),
					P(team)));
	k = rows.items;
	some = ARENA_ARRAY(c->arena, rows.n, int64_t);
	for (size_t i = 0; i < rows.n; i++)
		some[i] = k[i].id;
	*ids = some;
	*n = rows.n;
	return OK;
}

int candidates_newest(struct ctx *c, const int64_t *ids, size_t n, struct list *out)
{
	return db_list(c->db, c->arena, &candidate_schema, n, out,
				   arena_printf(c->arena, "SELECT * FROM candidates WHERE id %s ORDER BY id DESC",
								find_ids_condition(c)),
				   P(find_ids_text(c, ids, n)));
}

/* ---- files ---- */

bool candidates_has_file(struct ctx *c, const char *path)
{
	int64_t id;

	return db_int(c->db, &id, "SELECT id FROM candidates WHERE file_path = $1", P(path)) !=
		   E_NOT_FOUND;
}

static const struct field exported_fields[] = {
	FIELD(struct candidate, id, 0, .doc = "Number", .example = "1"),
	FIELD(struct candidate, filename, 0, .doc = "Name of the file", .example = "\"ada.pdf\""),
	FIELD(struct candidate, file_size, 0, .doc = "Bytes", .example = "48211"),
	FIELD(struct candidate, created_at, 0, .doc = "When it was uploaded",
		  .example = "\"2025-11-28T10:00:00Z\""),
};
static const struct schema exported_schema =
	SCHEMA("CandidateExport", struct candidate, exported_fields);

/* The documents are other people's; that the user uploaded them is the user's. */
int candidate_export(struct ctx *c, int64_t user_id, struct export *x)
{
	(void)c;
	return export_rows(x, "uploaded_candidates", &exported_schema,
					   "SELECT id, filename, file_size, created_at FROM candidates "
					   "WHERE uploaded_by = $1 ORDER BY id",
					   P(user_id));
}

int candidate_files(struct db *db, int (*file)(void *arg, const char *path), void *arg)
{
	return db_each_text(db, file, arg, "SELECT file_path FROM candidates ORDER BY id");
}

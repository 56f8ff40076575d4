/*
 * See resume_rows.h. A partial unique index allows one default for each user; whoever sets another
 * takes the mark from the first in the same transaction.
 */
#include "app/resume_rows.h"

#include <string.h>

#include "app/export.h"
#include "app/query.h"
#include "app/removals.h"
#include "app/users.h"

static const struct field resume_fields[] = {
	FIELD(struct resume, id, 0, .doc = "Number of the résumé", .example = "1"),
	FIELD(struct resume, filename, 0, .doc = "Name of the uploaded file", .example = "\"ada.pdf\""),
	FIELD(struct resume, file_path, 0, .doc = "Where the file lies, below DATA_DIR",
		  .example = "\"uploads/team_1/resumes/1f2e_ada.pdf\""),
	FIELD(struct resume, file_size, 0, .doc = "Bytes", .example = "48211"),
	FIELD(struct resume, title, 0, .doc = "Title; at first the file's name without its ending",
		  .example = "\"ada\""),
	FIELD(struct resume, notes, F_NULL, .doc = "One's own notes", .example = "null"),
	FIELD(struct resume, is_default, 0, .doc = "Whether it is the one that is sent",
		  .example = "true"),
	FIELD(struct resume, created_at, 0, .doc = "When it was uploaded",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct resume, updated_at, 0, .doc = "When title, notes or default last changed",
		  .example = "\"2025-11-28T10:00:00Z\""),
};
const struct schema resume_schema =
	SCHEMA("Resume", struct resume, resume_fields, .doc = "One of the user's own résumés");

/* ---- rows ---- */

int resume_row(struct ctx *c, int64_t id, struct resume *out)
{
	return db_one(c->db, c->arena, &resume_schema, out, "SELECT * FROM resumes WHERE id = $1",
				  P(id));
}

static int not_found(struct ctx *c)
{
	return fail(c, E_NOT_FOUND, "Resume not found");
}

int resumes_get(struct ctx *c, int64_t id, struct resume *out)
{
	int rc =
		db_one(c->db, c->arena, &resume_schema, out,
			   "SELECT * FROM resumes WHERE id = $1 AND user_id = $2", P(id), P(c->actor->user_id));

	return rc == E_NOT_FOUND ? not_found(c) : rc;
}

int resumes_default(struct ctx *c, struct resume *out)
{
	int rc =
		db_one(c->db, c->arena, &resume_schema, out,
			   "SELECT * FROM resumes WHERE user_id = $1 AND is_default = 1", P(c->actor->user_id));

	return rc == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "You have no resume; upload one first") : rc;
}

int resume_page(struct ctx *c, int64_t skip, int64_t limit)
{
	struct query q;

	query_init(&q, c->arena);
	query_and(&q, "user_id = ?", P(c->actor->user_id));
	return query_page(c, &q, &resume_schema, "*", "resumes", "id DESC", skip, limit);
}

static int clear_default(struct ctx *c, int64_t user_id)
{
	return db_exec(c->db, NULL,
				   "UPDATE resumes SET is_default = 0, updated_at = $2 WHERE user_id = $1 "
				   "AND is_default = 1",
				   P(user_id), P(c->now));
}

int resume_insert(struct ctx *c, const struct upload *u, const char *path, const char *title,
				  const char *notes, bool is_default, int64_t *id)
{
	int64_t user = c->actor->user_id, n;

	TRY(users_lock(c, user));
	TRY(db_int(c->db, &n, "SELECT count(*) FROM resumes WHERE user_id = $1", P(user)));
	if (n >= RESUMES_MAX)
		return fail(c, E_RULE, "You have %d resumes, which is the most there can be; delete one",
					RESUMES_MAX);
	if (is_default)
		TRY(clear_default(c, user));
	return db_int(
		c->db, id,
		"INSERT INTO resumes (user_id, team_id, filename, file_path, file_size, content_hash, "
		"title, notes, is_default, created_at, updated_at) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) RETURNING id",
		P(user), P(c->actor->team_id), P(u->filename), P(path), P(u->size),
		P((const char *)u->sha256), P(title), P(notes), P(is_default || n == 0), P(c->now));
}

int resume_update(struct ctx *c, const struct resume *r)
{
	TRY(users_lock(c, c->actor->user_id));
	if (r->is_default)
		TRY(db_exec(c->db, NULL,
					"UPDATE resumes SET is_default = 0, updated_at = $3 WHERE user_id = $1 "
					"AND is_default = 1 AND id <> $2",
					P(c->actor->user_id), P(r->id), P(c->now)));
	return db_exec(c->db, NULL,
				   "UPDATE resumes SET title = $2, notes = $3, is_default = $4, updated_at = $5 "
				   "WHERE id = $1",
				   P(r->id), P(r->title), P(r->notes), P(r->is_default), P(c->now));
}

int resume_delete(struct ctx *c, const struct resume *r)
{
	int64_t user = c->actor->user_id, was_default;
	int rc;

	TRY(users_lock(c, user));
	rc = db_int(c->db, &was_default, "DELETE FROM resumes WHERE id = $1 RETURNING is_default",
				P(r->id));
	if (rc == E_NOT_FOUND)
		return not_found(c);
	TRY(rc);
	TRY(removals_add(c, r->file_path));
	if (was_default == 0)
		return OK;
	return db_exec(c->db, NULL,
				   "UPDATE resumes SET is_default = 1, updated_at = $2 WHERE id = "
				   "(SELECT max(id) FROM resumes WHERE user_id = $1)",
				   P(user), P(c->now));
}

int resume_delete_of(struct ctx *c, int64_t user_id)
{
	struct list rows;
	const struct resume *r;

	TRY(db_list(c->db, c->arena, &resume_schema, RESUMES_MAX, &rows,
				"DELETE FROM resumes WHERE user_id = $1 RETURNING *", P(user_id)));
	r = rows.items;
	for (size_t i = 0; i < rows.n; i++)
		TRY(removals_add(c, r[i].file_path));
	return OK;
}

int resumes_count_all(struct ctx *c, int64_t *out)
{
	return db_int(c->db, out, "SELECT count(*) FROM resumes");
}

int resumes_delete_all(struct ctx *c, int64_t *removed)
{
	return db_exec(c->db, removed, "DELETE FROM resumes");
}

int resume_hash(struct ctx *c, int64_t id, const char **out)
{
	return db_text(c->db, c->arena, out, "SELECT content_hash FROM resumes WHERE id = $1", P(id));
}

/* ---- what was read ---- */

struct reading_row {
	struct json profile;
	const char *text, *error_message;
	bool scanned;
};
static const struct field reading_fields[] = {
	FIELD(struct reading_row, profile, F_NULL, .doc = "Profile", .example = "null"),
	FIELD(struct reading_row, text, F_NULL, .doc = "Text", .example = "null"),
	FIELD(struct reading_row, error_message, F_NULL, .doc = "Why there is none", .example = "null"),
	FIELD(struct reading_row, scanned, 0, .doc = "Pages are pictures", .example = "false"),
};
static const struct schema reading_schema =
	SCHEMA("ResumeReading", struct reading_row, reading_fields);

int resume_reading(struct ctx *c, int64_t id, struct resume_reading *out)
{
	struct resume_reading r = {.read = true};
	const struct json_value *v;
	struct reading_row row;
	int rc = db_one(c->db, c->arena, &reading_schema, &row,
					"SELECT profile, text, error_message, scanned FROM resume_profiles "
					"WHERE resume_id = $1",
					P(id));

	if (rc == E_NOT_FOUND) {
		*out = (struct resume_reading){0};
		return OK;
	}
	TRY(rc);
	r.scanned = row.scanned;
	r.error_message = row.error_message;
	if (row.profile.text != NULL &&
		(json_parse(c->arena, row.profile.text, strlen(row.profile.text), &v, NULL) != OK ||
		 schema_bind_json(&profile_schema, v, c->arena, &r.profile, c->faults) != OK))
		return fail(c, E_INTERNAL, "the stored profile of résumé %lld does not fit its schema",
					(long long)id);
	r.profile.text = row.text != NULL ? row.text : "";
	*out = r;
	return OK;
}

/* The profile without its text as JSON; NULL for one that could not be read. */
static int profile_json(struct ctx *c, const struct resume_reading *r, const char **out)
{
	struct profile without_text = r->profile;
	struct buf b;

	*out = NULL;
	if (r->error_message != NULL)
		return OK;
	without_text.text = NULL;
	buf_init(&b, c->arena, PROFILE_JSON_MAX);
	if (schema_print(&profile_schema, &without_text, &b) != OK)
		return fail(c, E_INTERNAL, "the profile of a résumé exceeds %d bytes", PROFILE_JSON_MAX);
	*out = buf_str(&b);
	return OK;
}

int resume_store_reading(struct ctx *c, int64_t id, const struct resume_reading *r)
{
	struct resume ignored;
	const char *json;
	int rc = resume_row(c, id, &ignored);

	if (rc == E_NOT_FOUND)
		return OK; /* deleted meanwhile */
	TRY(rc);
	TRY(profile_json(c, r, &json));
	return db_exec(
		c->db, NULL,
		"INSERT INTO resume_profiles (resume_id, profile, text, scanned, error_message, read_at) "
		"VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (resume_id) DO UPDATE SET "
		"profile = excluded.profile, text = excluded.text, scanned = excluded.scanned, "
		"error_message = excluded.error_message, read_at = excluded.read_at",
		P(id), P((struct json){json}), P(r->profile.text), P(r->scanned), P(r->error_message),
		P(c->now));
}

int resumes_profile(struct ctx *c, int64_t id, struct profile *out)
{
	struct resume_reading r;
	struct resume own;

	TRY(resumes_get(c, id, &own));
	TRY(resume_reading(c, own.id, &r));
	if (!r.read)
		return fail(c, E_CONFLICT, "The resume is still being read; try again in a moment");
	if (r.error_message != NULL)
		return fail(c, E_RULE, "%s", r.error_message);
	*out = r.profile;
	return OK;
}

int resume_unread(struct ctx *c, int64_t limit, struct list *out)
{
	return db_list(c->db, c->arena, &resume_schema, (size_t)limit, out,
				   "SELECT resumes.id FROM resumes LEFT JOIN resume_profiles "
				   "ON resume_profiles.resume_id = resumes.id "
				   "WHERE resume_profiles.resume_id IS NULL ORDER BY resumes.id LIMIT $1",
				   P(limit));
}

/* ---- files ---- */

struct exported {
	int64_t resume_id;
	struct json profile;
	const char *text, *error_message;
	struct when read_at;
};
static const struct field exported_fields[] = {
	FIELD(struct exported, resume_id, 0, .doc = "Résumé", .example = "1"),
	FIELD(struct exported, profile, F_NULL, .doc = "What was read of it", .example = "null"),
	FIELD(struct exported, text, F_NULL, .doc = "Its text", .example = "null"),
	FIELD(struct exported, error_message, F_NULL, .doc = "Why it could not be read",
		  .example = "null"),
	FIELD(struct exported, read_at, 0, .doc = "When it was read",
		  .example = "\"2025-11-28T10:00:00Z\""),
};
static const struct schema exported_schema =
	SCHEMA("ResumeExport", struct exported, exported_fields);

int resume_export(struct ctx *c, int64_t user_id, struct export *x)
{
	(void)c;
	TRY(export_rows(x, "resumes", &resume_schema,
					"SELECT * FROM resumes WHERE user_id = $1 ORDER BY id", P(user_id)));
	TRY(export_rows(x, "resume_profiles", &exported_schema,
					"SELECT resume_profiles.* FROM resume_profiles "
					"JOIN resumes ON resumes.id = resume_profiles.resume_id "
					"WHERE resumes.user_id = $1 ORDER BY resume_profiles.resume_id",
					P(user_id)));
	return export_files(x, "resumes",
						"SELECT id, filename AS name, file_path AS path FROM resumes "
						"WHERE user_id = $1 ORDER BY id",
						P(user_id));
}

bool resume_has_file(struct ctx *c, const char *path)
{
	int64_t id;

	return db_int(c->db, &id, "SELECT id FROM resumes WHERE file_path = $1", P(path)) !=
		   E_NOT_FOUND;
}

int resume_files(struct db *db, int (*file)(void *arg, const char *path), void *arg)
{
	return db_each_text(db, file, arg, "SELECT file_path FROM resumes ORDER BY id");
}

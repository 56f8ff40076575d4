/*
 * candidates: the endpoints on them and their rows.
 *
 * A candidate is born by an upload: file and row together, and the task that reads the file in the same transaction.
 * Who is not an administrator sees their own team's only; another team's candidate is not found.
 */
#include "app/candidates.h"

#include <string.h>

#include "app/query.h"
#include "app/removals.h"
#include "app/skills.h"
#include "core/core.h"
#include "core/route.h"
#include "data/profile.h"
#include "data/sniff.h"

/* ---- schemas ---- */

static const char *const statuses[] = {"uploaded", "processing", "completed", "failed", NULL};

static const struct field candidate_fields[] = {
	FIELD(struct candidate, id, 0, .doc = "Number of the candidate", .example = "1"),
	FIELD(struct candidate, filename, 0, .doc = "Name of the uploaded file", .example = "\"ada.pdf\""),
	FIELD(struct candidate, file_path, 0, .doc = "Where it lies below DATA_DIR",
	      .example = "\"uploads/3f9a_ada.pdf\""),
	FIELD(struct candidate, file_size, 0, .doc = "Bytes", .example = "245678"),
	FIELD(struct candidate, status, 0, .choices = statuses, .doc = "How far reading has come",
	      .example = "\"completed\""),
	FIELD(struct candidate, name, F_NULL, .doc = "Name, as the document has it", .example = "\"Ada Lovelace\""),
	FIELD(struct candidate, email, F_NULL, .doc = "E-mail address", .example = "\"ada@example.com\""),
	FIELD(struct candidate, phone, F_NULL, .doc = "Telephone number, as the document has it",
	      .example = "\"+44 20 7946 0000\""),
	FIELD(struct candidate, skills, F_NULL | F_STRINGS, .doc = "Skills, as the document names them",
	      .example = "[\"Python\", \"Docker\"]"),
	FIELD(struct candidate, domain_knowledge, F_NULL, .doc = "What the person does, in a sentence",
	      .example = "\"Backend development with a focus on payment systems\""),
	FIELD(struct candidate, uploaded_by, 0, .doc = "User who uploaded the file", .example = "2"),
	FIELD(struct candidate, error_message, F_NULL, .doc = "Why the file could not be read",
	      .example = "\"The PDF is protected by a password\""),
	FIELD(struct candidate, created_at, 0, .doc = "When it was uploaded",
	      .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct candidate, updated_at, 0, .doc = "When it last changed",
	      .example = "\"2025-11-28T10:00:01Z\""),
	FIELD(struct candidate, processed_at, F_NULL, .doc = "When reading ended",
	      .example = "\"2025-11-28T10:00:01Z\""),
};
const struct schema candidate_schema = SCHEMA("Candidate", struct candidate, candidate_fields);

struct upload_in {
	struct upload file;
};
static const struct field upload_in_fields[] = {
	FIELD(struct upload_in, file, F_REQUIRED, .doc = "The résumé: PDF, DOC or DOCX", .example = "null"),
};
static const struct schema upload_in_schema = SCHEMA("CandidateUpload", struct upload_in, upload_in_fields);

struct upload_out {
	const char *message, *filename, *status;
	int64_t id;
	bool duplicate;
};
static const struct field upload_out_fields[] = {
	FIELD(struct upload_out, message, 0, .doc = "What happened", .example = "\"…\""),
	FIELD(struct upload_out, filename, 0, .doc = "Name of the file", .example = "\"ada.pdf\""),
	FIELD(struct upload_out, status, 0, .choices = statuses, .doc = "How far reading has come",
	      .example = "\"processing\""),
	FIELD(struct upload_out, id, 0, .doc = "The candidate's number", .example = "1"),
	FIELD(struct upload_out, duplicate, 0, .doc = "True if the team had these very bytes already",
	      .example = "false"),
};
static const struct schema upload_out_schema = SCHEMA("CandidateUploaded", struct upload_out, upload_out_fields);

struct list_in {
	int64_t skip, limit;
	const char *status_filter, *skills, *skills_match;
};
static const char *const matches[] = {"all", "any", NULL};
static const struct field list_fields[] = {
	FIELD(struct list_in, skip, F_QUERY, .min = 0, .doc = "Rows to skip", .example = "0"),
	FIELD(struct list_in, limit, F_QUERY, .min = 1, .max = 500, .preset = "100", .doc = "Rows to return",
	      .example = "100"),
	FIELD(struct list_in, status_filter, F_QUERY, .choices = statuses, .doc = "Only this status",
	      .example = "\"completed\""),
	FIELD(struct list_in, skills, F_QUERY, .max = 1000, .doc = "Skills, separated by commas; whole names or aliases",
	      .example = "\"Python,Docker\""),
	FIELD(struct list_in, skills_match, F_QUERY, .choices = matches, .preset = "all",
	      .doc = "Whether all of the skills are wanted, or any", .example = "\"all\""),
};
static const struct schema list_schema = SCHEMA("CandidateList", struct list_in, list_fields);

struct skill_in {
	int64_t skip, limit;
	const char *skill;
};
static const struct field skill_fields[] = {
	FIELD(struct skill_in, skill, F_QUERY | F_REQUIRED, .min = 1, .max = 200, .doc = "A skill, or a part of its name",
	      .example = "\"Python\""),
	FIELD(struct skill_in, skip, F_QUERY, .min = 0, .doc = "Rows to skip", .example = "0"),
	FIELD(struct skill_in, limit, F_QUERY, .min = 1, .max = 500, .preset = "100", .doc = "Rows to return",
	      .example = "100"),
};
static const struct schema skill_schema = SCHEMA("CandidateBySkill", struct skill_in, skill_fields);

struct email_in {
	const char *email;
};
static const struct field email_fields[] = {
	FIELD(struct email_in, email, F_QUERY | F_REQUIRED, .min = 1, .max = 254, .doc = "E-mail address, whole",
	      .example = "\"ada@example.com\""),
};
static const struct schema email_schema = SCHEMA("CandidateByEmail", struct email_in, email_fields);

struct id_in {
	int64_t candidate_id;
};
static const struct field id_fields[] = {
	FIELD(struct id_in, candidate_id, F_PATH, .min = 1, .doc = "Candidate ID", .example = "1"),
};
static const struct schema id_schema = SCHEMA("CandidateId", struct id_in, id_fields);

/* ---- rules ---- */

/* The team whose candidates the actor sees; 0: all. */
static int64_t visible_team(struct ctx *c)
{
	return c->actor->role >= ROLE_ADMIN ? 0 : c->actor->team_id;
}

static int find(struct ctx *c, int64_t id, struct candidate *out)
{
	int rc = db_one(c->db, c->arena, &candidate_schema, out,
	                "SELECT * FROM candidates WHERE id = $1 AND (CAST($2 AS BIGINT) = 0 OR team_id = $2)", P(id),
	                P(visible_team(c)));

	return rc == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "Candidate not found") : rc;
}

static int check_file(struct ctx *c, const struct upload *u)
{
	unsigned char head[SNIFF_HEAD];
	int64_t n;

	if (!text_iends(u->filename, ".pdf") && !text_iends(u->filename, ".doc") &&
	    !text_iends(u->filename, ".docx"))
		return fail(c, E_RULE, "Only PDF, DOC and DOCX files can be uploaded");
	if (u->size == 0)
		return fail(c, E_RULE, "The file is empty");
	n = files_head(u->path, head, sizeof head);
	if (n < 0)
		return fail(c, E_INTERNAL, "cannot read the spooled file %s", u->path);
	if (sniff(head, (size_t)n) == KIND_UNKNOWN)
		return fail(c, E_RULE, "The file's content is not that of a PDF, DOC or DOCX document");
	return OK;
}

struct known {
	int64_t id;
	const char *status;
};
static const struct field known_fields[] = {
	FIELD(struct known, id, 0, .doc = "Number", .example = "1"),
	FIELD(struct known, status, 0, .doc = "Status", .example = "\"completed\""),
};
static const struct schema known_schema = SCHEMA("CandidateKnown", struct known, known_fields);

static int insert(struct ctx *c, const struct upload *u, int64_t *id)
{
	const char *path;

	TRY(files_place(c->files, c->arena, c->error, u, "uploads", &path));
	TRY(removals_undo(c, path));
	return db_int(c->db, id,
	              "INSERT INTO candidates (team_id, uploaded_by, filename, file_path, file_size, content_hash, "
	              "status, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, 'uploaded', $7, $7) "
	              "RETURNING id",
	              P(c->actor->team_id), P(c->actor->user_id), P(u->filename), P(path), P(u->size),
	              P((const char *)u->sha256), P(c->now));
}

int candidates_add(struct ctx *c, const struct upload *u, int64_t *id, bool *duplicate, const char **status)
{
	struct known known;
	int rc;

	TRY(check_file(c, u));
	rc = db_one(c->db, c->arena, &known_schema, &known,
	            "SELECT id, status FROM candidates WHERE team_id = $1 AND content_hash = $2",
	            P(c->actor->team_id), P((const char *)u->sha256));
	if (rc == OK) {
		*id = known.id;
		*duplicate = true;
		*status = known.status;
		return OK;
	}
	if (rc != E_NOT_FOUND)
		return rc;
	TRY(insert(c, u, id));
	TRY(parsing_queue(c, *id));
	*duplicate = false;
	*status = "processing";
	return OK;
}

/* ---- handlers ---- */

static int upload(struct ctx *c)
{
	const struct upload_in *in = c->in;
	struct upload_out *out = c->out;

	TRY(candidates_add(c, &in->file, &out->id, &out->duplicate, &out->status));
	out->message = "Candidate resume uploaded successfully and is being processed";
	out->filename = in->file.filename;
	return ctx_header(c, "Location", arena_printf(c->arena, "/api/v1/candidates/%lld", (long long)out->id));
}

/* Adds one condition for all the skills of the list: joined by AND, or by OR. */
static int add_skills(struct ctx *c, struct query *q, const char *skills, bool any)
{
	char *rest = arena_strdup(c->arena, skills), *word;
	struct buf b;
	size_t n = 0;

	buf_init(&b, c->arena, QUERY_TEXT_MAX);
	while ((word = strsep(&rest, ",")) != NULL) {
		const char *sql, *parameter;

		if (text_is_blank(word))
			continue;
		TRY(skills_condition(c, word, false, (int)q->n + 1, &sql, &parameter));
		query_param(q, P(parameter));
		buf_addf(&b, "%s%s", n++ == 0 ? "(" : any ? " OR " : " AND ", sql);
	}
	if (n > 0) {
		buf_addc(&b, ')');
		query_and_plain(q, buf_str(&b));
	}
	return OK;
}

static void add_team(struct ctx *c, struct query *q)
{
	int64_t team = visible_team(c);

	if (team != 0)
		query_and(q, "candidates.team_id = ?", P(team));
}

static int list(struct ctx *c)
{
	const struct list_in *in = c->in;
	struct query q;

	query_init(&q, c->arena);
	add_team(c, &q);
	if (in->status_filter != NULL)
		query_and(&q, "candidates.status = ?", P(in->status_filter));
	if (!text_is_blank(in->skills))
		TRY(add_skills(c, &q, in->skills, text_eq(in->skills_match, "any")));
	return query_page(c, &q, &candidate_schema, "candidates.*", "candidates", "candidates.id DESC", in->skip,
	                  in->limit);
}

static int by_skill(struct ctx *c)
{
	const struct skill_in *in = c->in;
	const char *sql, *parameter;
	struct query q;

	if (text_is_blank(in->skill))
		return ctx_fault(c, "query", "skill", "String should not be blank", "value_error");
	query_init(&q, c->arena);
	add_team(c, &q);
	query_and(&q, "candidates.status = ?", P("completed"));
	TRY(skills_condition(c, in->skill, true, (int)q.n + 1, &sql, &parameter));
	query_param(&q, P(parameter));
	query_and_plain(&q, sql);
	return query_page(c, &q, &candidate_schema, "candidates.*", "candidates", "candidates.id DESC", in->skip,
	                  in->limit);
}

static int by_email(struct ctx *c)
{
	const struct email_in *in = c->in;
	int rc = db_one(c->db, c->arena, &candidate_schema, c->out,
	                "SELECT * FROM candidates WHERE email_folded = $1 AND (CAST($2 AS BIGINT) = 0 OR team_id = $2) "
	                "ORDER BY id DESC LIMIT 1",
	                P(text_fold(c->arena, in->email)), P(visible_team(c)));

	return rc == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "Candidate not found for this email") : rc;
}

static int get(struct ctx *c)
{
	const struct id_in *in = c->in;

	return find(c, in->candidate_id, c->out);
}

static int delete_row(struct ctx *c, const struct candidate *k)
{
	TRY(removals_add(c, k->file_path));
	TRY(parsing_cancel(c, k->id));
	return db_exec(c->db, NULL, "DELETE FROM candidates WHERE id = $1", P(k->id));
}

static int delete(struct ctx *c)
{
	const struct id_in *in = c->in;
	struct candidate k;

	TRY(find(c, in->candidate_id, &k));
	return delete_row(c, &k);
}

/* ---- for other resources ---- */

int candidates_reassign(struct ctx *c, int64_t from_user, int64_t to_user)
{
	return db_exec(c->db, NULL, "UPDATE candidates SET uploaded_by = $2, updated_at = $3 WHERE uploaded_by = $1",
	               P(from_user), P(to_user), P(c->now));
}

int candidates_delete_of(struct ctx *c, int64_t user_id)
{
	enum { BATCH = 200 };
	struct list rows;

	do {
		const struct candidate *k;

		TRY(db_list(c->db, c->arena, &candidate_schema, BATCH, &rows,
		            "SELECT id, file_path FROM candidates WHERE uploaded_by = $1 ORDER BY id LIMIT 200",
		            P(user_id)));
		k = rows.items;
		for (size_t i = 0; i < rows.n; i++)
			TRY(delete_row(c, &k[i]));
	} while (rows.n == BATCH);
	return OK;
}

int candidates_row(struct ctx *c, int64_t id, struct candidate *out, int64_t *team_id)
{
	TRY(db_one(c->db, c->arena, &candidate_schema, out, "SELECT * FROM candidates WHERE id = $1", P(id)));
	return db_int(c->db, team_id, "SELECT team_id FROM candidates WHERE id = $1", P(id));
}

int candidates_processing(struct ctx *c, int64_t id)
{
	return db_exec(c->db, NULL,
	               "UPDATE candidates SET status = 'processing', updated_at = $2 "
	               "WHERE id = $1 AND status = 'uploaded'",
	               P(id), P(c->now));
}

/* The names of the skills as a JSON array. */
static int skill_names(struct ctx *c, const struct profile *p, struct json *out)
{
	const struct skill *s = p->skills.items;
	struct buf b;

	buf_init(&b, c->arena, PROFILE_JSON_MAX);
	buf_addc(&b, '[');
	for (size_t i = 0; i < p->skills.n; i++) {
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
	               "INSERT INTO candidate_profiles (candidate_id, profile, text) VALUES ($1, $2, $3) "
	               "ON CONFLICT (candidate_id) DO UPDATE SET profile = excluded.profile, text = excluded.text",
	               P(id), P(buf_str(&b)), P(p->text ? p->text : ""));
}

int candidates_completed(struct ctx *c, int64_t id, int64_t team_id, const struct profile *p)
{
	struct json skills;
	int64_t changed;

	TRY(skill_names(c, p, &skills));
	TRY(db_exec(c->db, &changed,
	            "UPDATE candidates SET status = 'completed', name = $2, email = $3, email_folded = $4, "
	            "phone = $5, skills = $6, domain_knowledge = $7, error_message = NULL, updated_at = $8, "
	            "processed_at = $8 WHERE id = $1",
	            P(id), P(p->name.value), P(p->email.value),
	            P(p->email.value ? text_fold(c->arena, p->email.value) : NULL), P(p->phone.value), P(skills),
	            P(p->domain_knowledge.value), P(c->now)));
	if (changed == 0)
		return OK; /* deleted meanwhile */
	TRY(skills_set(c, id, team_id, &p->skills));
	return store_profile(c, id, p);
}

int candidates_failed(struct ctx *c, int64_t id, const char *sentence)
{
	return db_exec(c->db, NULL,
	               "UPDATE candidates SET status = 'failed', error_message = $2, updated_at = $3, "
	               "processed_at = $3 WHERE id = $1",
	               P(id), P(sentence), P(c->now));
}

int candidates_rescue(struct ctx *c)
{
	struct list rows;
	const struct known *k;

	TRY(db_list(c->db, c->arena, &known_schema, SCHEMA_LIST_MAX, &rows,
	            "SELECT id, status FROM candidates WHERE status IN ('uploaded', 'processing') "
	            "ORDER BY id LIMIT 1000"));
	k = rows.items;
	for (size_t i = 0; i < rows.n; i++)
		TRY(parsing_queue(c, k[i].id));
	return OK;
}

bool candidates_has_file(struct ctx *c, const char *path)
{
	int64_t id;

	return db_int(c->db, &id, "SELECT id FROM candidates WHERE file_path = $1", P(path)) != E_NOT_FOUND;
}

struct stored {
	const char *file_path;
};
static const struct field stored_fields[] = {
	FIELD(struct stored, file_path, 0, .doc = "Where the file lies", .example = "\"uploads/1f_cv.pdf\""),
};
static const struct schema stored_schema = SCHEMA("CandidateFile", struct stored, stored_fields);

struct file_visit {
	int (*file)(void *arg, const char *path);
	void *arg;
};

static int visit_file(void *arg, const void *value)
{
	const struct file_visit *v = arg;
	const struct stored *s = value;

	return v->file(v->arg, s->file_path);
}

static int stored_files(struct db *db, int (*file)(void *arg, const char *path), void *arg)
{
	struct file_visit v = {file, arg};

	return db_each(db, &stored_schema, visit_file, &v, "SELECT file_path FROM candidates ORDER BY id");
}

/* ---- tables ---- */

static const short not_found[] = {404, 0}, bad[] = {400, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/candidates/upload", upload, &upload_in_schema, &upload_out_schema,
	 .role = ROLE_RECRUITER, .body = BODY_FILE, .status = 202, .tag = "candidates",
	 .doc = "Upload a résumé", .errors = bad},
	{"GET", "/api/v1/candidates/", list, &list_schema, &candidate_schema, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_LIST, .tag = "candidates", .doc = "List candidates, newest first"},
	{"GET", "/api/v1/candidates/search/by-skill", by_skill, &skill_schema, &candidate_schema,
	 .role = ROLE_VIEWER, .status = 200, .flags = ROUTE_LIST, .tag = "candidates",
	 .doc = "Candidates with a skill, by a part of its name"},
	{"GET", "/api/v1/candidates/search/by-email", by_email, &email_schema, &candidate_schema,
	 .role = ROLE_VIEWER, .status = 200, .tag = "candidates",
	 .doc = "The newest candidate with this e-mail address", .errors = not_found},
	{"GET", "/api/v1/candidates/{candidate_id}", get, &id_schema, &candidate_schema, .role = ROLE_VIEWER,
	 .status = 200, .tag = "candidates", .doc = "One candidate", .errors = not_found},
	{"DELETE", "/api/v1/candidates/{candidate_id}", delete, &id_schema, NULL, .role = ROLE_RECRUITER,
	 .status = 204, .tag = "candidates", .doc = "Delete a candidate and the file", .errors = not_found},
};

const struct feature candidates_feature = {
	.name = "candidates", .routes = routes, .nroutes = sizeof routes / sizeof routes[0],
	.files = stored_files};

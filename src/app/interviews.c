/*
 * interviews: what a team asks candidates to answer by video. Recruiters write them; a closed one
 * takes no more answers. An interview that is deleted takes its questions, invitations and answers
 * with it, and the videos that were sent for it.
 */
#include "app/interviews.h"

#include "app/query.h"
#include "app/teams.h"
#include "app/videos.h"
#include "core/core.h"

enum { QUESTIONS_MAX = 100 };

/* ---- schemas ---- */

static const char *const statuses[] = {"open", "closed", NULL};

static const struct field question_fields[] = {
	FIELD(struct question, id, 0, .doc = "Number of the question", .example = "1"),
	FIELD(struct question, interview_id, 0, .doc = "Its interview", .example = "1"),
	FIELD(struct question, position, 0, .doc = "Its place among the others", .example = "1"),
	FIELD(struct question, text, 0, .doc = "What is asked",
		  .example = "\"What was your hardest bug?\""),
	FIELD(struct question, time_limit_seconds, F_NULL, .doc = "How long an answer should be",
		  .example = "120"),
	FIELD(struct question, created_at, 0, .doc = "When it was written",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct question, updated_at, 0, .doc = "When it last changed",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct question, status, F_SECRET, .doc = "Status of the interview",
		  .example = "\"open\""),
};
static const struct schema question_schema = SCHEMA("Question", struct question, question_fields);

static const struct field interview_fields[] = {
	FIELD(struct interview, id, 0, .doc = "Number of the interview", .example = "1"),
	FIELD(struct interview, title, 0, .doc = "Title", .example = "\"Backend engineer\""),
	FIELD(struct interview, description, F_NULL, .doc = "What candidates are told first",
		  .example = "\"Three short questions\""),
	FIELD(struct interview, status, 0, .choices = statuses, .doc = "Whether it takes answers",
		  .example = "\"open\""),
	FIELD(struct interview, team_id, 0, .doc = "Team that asks", .example = "1"),
	FIELD(struct interview, created_by, F_NULL, .doc = "User who wrote it", .example = "1"),
	FIELD(struct interview, created_at, 0, .doc = "When it was written",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct interview, updated_at, 0, .doc = "When it last changed",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct interview, questions, F_OMIT, .of = &question_schema,
		  .doc = "Its questions in their order; not in a list of interviews", .example = "[]"),
};
const struct schema interview_schema = SCHEMA("Interview", struct interview, interview_fields);

struct question_new {
	const char *text;
	struct opt_int time_limit_seconds;
};
#define QUESTION_FIELDS(T)                                                    \
	FIELD(T, text, F_REQUIRED, .min = 1, .max = 2000, .doc = "What is asked", \
		  .example = "\"What was your hardest bug?\""),                       \
		FIELD(T, time_limit_seconds, F_NULL, .min = 1, .max = 86400,          \
			  .doc = "How long an answer should be; players may stop there", .example = "120")
static const struct field question_new_fields[] = {QUESTION_FIELDS(struct question_new)};
static const struct schema question_new_schema =
	SCHEMA("QuestionNew", struct question_new, question_new_fields);

struct create_in {
	const char *title, *description;
	struct opt_int team_id;
	struct list questions;
};
static const struct field create_fields[] = {
	FIELD(struct create_in, title, F_REQUIRED, .min = 1, .max = 200, .doc = "Title",
		  .example = "\"Backend engineer\""),
	FIELD(struct create_in, description, F_NULL, .max = 5000,
		  .doc = "What candidates are told first", .example = "\"Three short questions\""),
	FIELD(struct create_in, team_id, F_NULL, .min = 1,
		  .doc = "Team, for administrators; else one's own", .example = "1"),
	FIELD(struct create_in, questions, F_NULL, .max = QUESTIONS_MAX, .of = &question_new_schema,
		  .doc = "Its questions in their order", .example = "[{\"text\": \"Why here?\"}]"),
};
static const struct schema create_schema =
	SCHEMA("InterviewCreate", struct create_in, create_fields);

struct update_in {
	int64_t interview_id;
	const char *title, *status;
	struct opt_str description;
};
static const struct field update_fields[] = {
	FIELD(struct update_in, interview_id, F_PATH, .min = 1, .doc = "Interview ID", .example = "1"),
	FIELD(struct update_in, title, F_NULL, .min = 1, .max = 200, .doc = "New title",
		  .example = "\"Backend engineer\""),
	FIELD(struct update_in, description, F_NULL, .max = 5000,
		  .doc = "New description; null removes it", .example = "\"Three short questions\""),
	FIELD(struct update_in, status, F_NULL, .choices = statuses,
		  .doc = "closed: takes no more answers", .example = "\"closed\""),
};
static const struct schema update_schema =
	SCHEMA("InterviewUpdate", struct update_in, update_fields);

struct id_in {
	int64_t interview_id;
};
static const struct field id_fields[] = {
	FIELD(struct id_in, interview_id, F_PATH, .min = 1, .doc = "Interview ID", .example = "1"),
};
static const struct schema id_schema = SCHEMA("InterviewId", struct id_in, id_fields);

struct list_in {
	int64_t skip, limit;
	const char *status;
};
static const struct field list_fields[] = {
	FIELD(struct list_in, status, F_QUERY, .choices = statuses, .doc = "Only this status",
		  .example = "\"open\""),
	QUERY_PAGE(struct list_in),
};
static const struct schema list_schema = SCHEMA("InterviewList", struct list_in, list_fields);

struct question_in {
	int64_t interview_id, question_id;
	const char *text;
	struct opt_int time_limit_seconds, position;
};
#define POSITION_FIELD                                                    \
	FIELD(struct question_in, position, F_NULL, .min = 1, .max = 1000000, \
		  .doc = "Its place; equal ones stand by their number", .example = "1")
#define INTERVIEW_ID_FIELD \
	FIELD(struct question_in, interview_id, F_PATH, .min = 1, .doc = "Interview ID", .example = "1")
#define QUESTION_ID_FIELD \
	FIELD(struct question_in, question_id, F_PATH, .min = 1, .doc = "Question ID", .example = "1")
static const struct field question_add_fields[] = {
	INTERVIEW_ID_FIELD, QUESTION_FIELDS(struct question_in), POSITION_FIELD};
static const struct schema question_add_schema =
	SCHEMA("QuestionCreate", struct question_in, question_add_fields);
static const struct field question_update_fields[] = {
	INTERVIEW_ID_FIELD,
	QUESTION_ID_FIELD,
	FIELD(struct question_in, text, F_NULL, .min = 1, .max = 2000, .doc = "New wording",
		  .example = "\"What was your hardest bug?\""),
	FIELD(struct question_in, time_limit_seconds, F_NULL, .min = 1, .max = 86400,
		  .doc = "New limit; null removes it", .example = "120"),
	POSITION_FIELD,
};
static const struct schema question_update_schema =
	SCHEMA("QuestionUpdate", struct question_in, question_update_fields);
static const struct field question_id_fields[] = {INTERVIEW_ID_FIELD, QUESTION_ID_FIELD};
static const struct schema question_id_schema =
	SCHEMA("QuestionId", struct question_in, question_id_fields);

/* ---- queries ---- */

int64_t interview_team(struct ctx *c)
{
	return c->actor->role >= ROLE_ADMIN ? 0 : c->actor->team_id;
}

static int find(struct ctx *c, int64_t id, struct interview *out)
{
	int rc = db_one(
		c->db, c->arena, &interview_schema, out,
		"SELECT * FROM interviews WHERE id = $1 AND (CAST($2 AS BIGINT) = 0 OR team_id = $2)",
		P(id), P(interview_team(c)));

	return rc == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "Interview not found") : rc;
}

int interview_check(struct ctx *c, int64_t interview_id)
{
	struct interview i;

	return find(c, interview_id, &i);
}

int interview_team_of(struct db *db, int64_t interview_id, int64_t *team_id)
{
	return db_int(db, team_id, "SELECT team_id FROM interviews WHERE id = $1", P(interview_id));
}

int interview_get(struct ctx *c, int64_t interview_id, struct interview *out)
{
	TRY(find(c, interview_id, out));
	TRY(db_list(c->db, c->arena, &question_schema, QUESTIONS_MAX, &out->questions,
				"SELECT * FROM interview_questions WHERE interview_id = $1 "
				"ORDER BY position, id LIMIT 100",
				P(interview_id)));
	if (out->questions.items == NULL)
		out->questions.items = ARENA_NEW(c->arena, struct question); /* none, but told */
	return OK;
}

static int find_question(struct ctx *c, int64_t interview_id, int64_t id, struct question *out)
{
	int rc = db_one(c->db, c->arena, &question_schema, out,
					"SELECT * FROM interview_questions WHERE id = $1 AND interview_id = $2", P(id),
					P(interview_id));

	return rc == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "Question not found") : rc;
}

static int insert_question(struct ctx *c, int64_t interview_id, int64_t position, const char *text,
						   struct opt_int seconds, int64_t *id)
{
	return db_int(c->db, id,
				  "INSERT INTO interview_questions (interview_id, position, text, "
				  "time_limit_seconds, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5) "
				  "RETURNING id",
				  P(interview_id), P(position), P(text), P(seconds), P(c->now));
}

static int touch(struct ctx *c, int64_t interview_id)
{
	return db_exec(c->db, NULL, "UPDATE interviews SET updated_at = $2 WHERE id = $1",
				   P(interview_id), P(c->now));
}

int interview_answerable(struct ctx *c, int64_t question_id, struct question *out)
{
	int rc = db_one(c->db, c->arena, &question_schema, out,
					"SELECT interview_questions.*, interviews.status FROM interview_questions "
					"JOIN interviews ON interviews.id = interview_questions.interview_id "
					"WHERE interview_questions.id = $1 AND (CAST($2 AS BIGINT) = 0 OR "
					"interviews.team_id = $2) AND (CAST($3 AS BIGINT) = 0 OR interviews.id = $3)",
					P(question_id), P(interview_team(c)), P(c->actor->interview_id));

	if (rc == E_NOT_FOUND)
		return fail(c, E_NOT_FOUND, "Question not found");
	TRY(rc);
	if (text_eq(out->status, "closed"))
		return fail(c, E_RULE, "This interview is closed and takes no more answers");
	return OK;
}

/* ---- handlers ---- */

static int create(struct ctx *c)
{
	const struct create_in *in = c->in;
	const struct question_new *q = in->questions.items;
	int64_t team, id, question_id;

	TRY(team_of(c, in->team_id.null ? 0 : in->team_id.v, &team));
	TRY(db_int(c->db, &id,
			   "INSERT INTO interviews (team_id, title, description, status, created_by, "
			   "created_at, updated_at) VALUES ($1, $2, $3, 'open', $4, $5, $5) RETURNING id",
			   P(team), P(in->title), P(in->description), P(c->actor->user_id), P(c->now)));
	for (size_t i = 0; i < in->questions.n; i++)
		TRY(insert_question(c, id, (int64_t)i + 1, q[i].text, q[i].time_limit_seconds,
							&question_id));
	TRY(ctx_header(c, "Location",
				   arena_printf(c->arena, "/api/v1/interviews/%lld", (long long)id)));
	return interview_get(c, id, c->out);
}

static int list(struct ctx *c)
{
	const struct list_in *in = c->in;
	struct query q;

	query_init(&q, c->arena);
	if (interview_team(c) != 0)
		query_and(&q, "team_id = ?", P(interview_team(c)));
	if (in->status != NULL)
		query_and(&q, "status = ?", P(in->status));
	return query_page(c, &q, &interview_schema, "*", "interviews", "id DESC", in->skip, in->limit);
}

static int get(struct ctx *c)
{
	const struct id_in *in = c->in;

	return interview_get(c, in->interview_id, c->out);
}

static int update(struct ctx *c)
{
	const struct update_in *in = c->in;
	struct interview i;

	TRY(find(c, in->interview_id, &i));
	TRY(db_exec(c->db, NULL,
				"UPDATE interviews SET title = $2, description = $3, status = $4, updated_at = $5 "
				"WHERE id = $1",
				P(i.id), P(in->title != NULL ? in->title : i.title),
				P(in->description.set ? in->description.v : i.description),
				P(in->status != NULL ? in->status : i.status), P(c->now)));
	return interview_get(c, i.id, c->out);
}

static int delete_interview(struct ctx *c)
{
	const struct id_in *in = c->in;

	TRY(interview_check(c, in->interview_id));
	TRY(videos_delete_of_interview(c, in->interview_id));
	return db_exec(c->db, NULL, "DELETE FROM interviews WHERE id = $1", P(in->interview_id));
}

static int add_question(struct ctx *c)
{
	const struct question_in *in = c->in;
	int64_t n, last, id;

	TRY(interview_check(c, in->interview_id));
	TRY(db_int(c->db, &n, "SELECT count(*) FROM interview_questions WHERE interview_id = $1",
			   P(in->interview_id)));
	if (n >= QUESTIONS_MAX)
		return fail(c, E_RULE, "An interview has at most %d questions", QUESTIONS_MAX);
	TRY(db_int(c->db, &last,
			   "SELECT max(position) FROM interview_questions WHERE interview_id = $1",
			   P(in->interview_id)));
	TRY(insert_question(c, in->interview_id,
						in->position.set && !in->position.null ? in->position.v : last + 1,
						in->text, in->time_limit_seconds, &id));
	TRY(touch(c, in->interview_id));
	return find_question(c, in->interview_id, id, c->out);
}

static int update_question(struct ctx *c)
{
	const struct question_in *in = c->in;
	struct question q;

	TRY(interview_check(c, in->interview_id));
	TRY(find_question(c, in->interview_id, in->question_id, &q));
	TRY(db_exec(c->db, NULL,
				"UPDATE interview_questions SET text = $2, time_limit_seconds = $3, position = $4, "
				"updated_at = $5 WHERE id = $1",
				P(q.id), P(in->text != NULL ? in->text : q.text),
				P(in->time_limit_seconds.set ? in->time_limit_seconds : q.time_limit_seconds),
				P(in->position.set && !in->position.null ? in->position.v : q.position),
				P(c->now)));
	TRY(touch(c, in->interview_id));
	return find_question(c, in->interview_id, q.id, c->out);
}

static int delete_question(struct ctx *c)
{
	const struct question_in *in = c->in;
	struct question q;

	TRY(interview_check(c, in->interview_id));
	TRY(find_question(c, in->interview_id, in->question_id, &q));
	TRY(db_exec(c->db, NULL, "DELETE FROM interview_questions WHERE id = $1", P(q.id)));
	return touch(c, in->interview_id);
}

/* ---- tables ---- */

static const short not_found[] = {404, 0}, bad_not_found[] = {400, 404, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/interviews/", create, &create_schema, &interview_schema,
	 .role = ROLE_RECRUITER, .body = BODY_JSON, .status = 201, .tag = "interviews",
	 .doc = "Write an interview", .errors = not_found},
	{"GET", "/api/v1/interviews/", list, &list_schema, &interview_schema, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_LIST, .tag = "interviews",
	 .doc = "The team's interviews, newest first"},
	{"GET", "/api/v1/interviews/{interview_id}", get, &id_schema, &interview_schema,
	 .role = ROLE_VIEWER, .status = 200, .tag = "interviews",
	 .doc = "One interview with its questions"},
	{"PATCH", "/api/v1/interviews/{interview_id}", update, &update_schema, &interview_schema,
	 .role = ROLE_RECRUITER, .body = BODY_JSON, .status = 200, .tag = "interviews",
	 .doc = "Change an interview, or close it"},
	{"DELETE", "/api/v1/interviews/{interview_id}", delete_interview, &id_schema, NULL,
	 .role = ROLE_RECRUITER, .status = 204, .audit = "interview.delete", .tag = "interviews",
	 .doc = "Delete an interview\nWith its questions, invitations and answers, and the videos that "
			"were sent for it."},
	{"POST", "/api/v1/interviews/{interview_id}/questions", add_question, &question_add_schema,
	 &question_schema, .role = ROLE_RECRUITER, .body = BODY_JSON, .status = 201,
	 .tag = "interviews", .doc = "Add a question", .errors = bad_not_found},
	{"PATCH", "/api/v1/interviews/{interview_id}/questions/{question_id}", update_question,
	 &question_update_schema, &question_schema, .role = ROLE_RECRUITER, .body = BODY_JSON,
	 .status = 200, .tag = "interviews", .doc = "Change a question"},
	{"DELETE", "/api/v1/interviews/{interview_id}/questions/{question_id}", delete_question,
	 &question_id_schema, NULL, .role = ROLE_RECRUITER, .status = 204, .tag = "interviews",
	 .doc = "Delete a question with its answers; the videos stay"},
};

const struct feature interviews_feature = {
	.name = "interviews", .routes = routes, .nroutes = sizeof routes / sizeof routes[0]};

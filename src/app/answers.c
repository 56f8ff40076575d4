/*
 * answers: submitting a video as the answer to a question, and listing what came in. The video
 * comes with the request, or was uploaded before by the same person. Every answer is kept; the
 * newest stands first.
 */
#include "app/answers.h"

#include <string.h>

#include "app/export.h"
#include "app/interviews.h"
#include "app/query.h"
#include "app/videos.h"
#include "core/core.h"

/* ---- schemas ---- */

struct answer {
	int64_t id, interview_id, question_id, video_id;
	const char *filename, *file_path;
	int64_t file_size;
	const char *content_type;
	struct when created_at;
	struct opt_int user_id, invitation_id;
	struct opt_int duration_ms;
	bool available;
};
static const struct field answer_fields[] = {
	FIELD(struct answer, id, 0, .doc = "Number of the answer", .example = "1"),
	FIELD(struct answer, question_id, 0, .doc = "What it answers", .example = "1"),
	FIELD(struct answer, video_id, 0, .doc = "Its video", .example = "1"),
	FIELD(struct answer, filename, F_NULL, .doc = "Name of the uploaded file",
		  .example = "\"answer.mp4\""),
	FIELD(struct answer, file_path, F_NULL, .doc = "Where it lies below DATA_DIR",
		  .example = "\"media/interview_videos/3f9a_answer.mp4\""),
	FIELD(struct answer, file_size, 0, .doc = "Bytes", .example = "10485760"),
	FIELD(struct answer, content_type, F_NULL, .doc = "Media type, by the content",
		  .example = "\"video/mp4\""),
	FIELD(struct answer, created_at, 0, .doc = "When it was given",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct answer, interview_id, 0, .doc = "Interview of the question", .example = "1"),
	FIELD(struct answer, user_id, F_NULL, .doc = "User who answered", .example = "2"),
	FIELD(struct answer, invitation_id, F_NULL, .doc = "Or the invitation by which it came",
		  .example = "null"),
	FIELD(struct answer, duration_ms, F_NULL, .doc = "Length in milliseconds, once it is known",
		  .example = "61500"),
	FIELD(struct answer, available, 0, .doc = "Whether the file is still there", .example = "true"),
};
static const struct schema answer_schema = SCHEMA("Answer", struct answer, answer_fields);

struct submit_in {
	int64_t question_id;
	struct upload file;
	struct opt_int video_id;
};
static const struct field submit_fields[] = {
	FIELD(struct submit_in, question_id, F_REQUIRED, .min = 1, .doc = "Question that is answered",
		  .example = "1"),
	FIELD(struct submit_in, file, 0, .doc = "The video: MP4, AVI, MOV, MKV, WebM, M4V, 3GP or FLV",
		  .example = "null"),
	FIELD(struct submit_in, video_id, F_NULL, .min = 1,
		  .doc = "In place of a file: a video that the same person uploaded", .example = "1"),
};
static const struct schema submit_schema = SCHEMA("AnswerSubmit", struct submit_in, submit_fields);

struct list_in {
	int64_t interview_id, skip, limit;
	struct opt_int question_id;
};
static const struct field list_fields[] = {
	FIELD(struct list_in, interview_id, F_PATH, .min = 1, .doc = "Interview ID", .example = "1"),
	FIELD(struct list_in, question_id, F_QUERY, .min = 1, .doc = "Only answers to this question",
		  .example = "1"),
	QUERY_PAGE(struct list_in),
};
static const struct schema list_schema = SCHEMA("AnswerList", struct list_in, list_fields);

/* ---- rules ---- */

static void show_video(struct answer *a, const struct video *v)
{
	a->filename = v->filename;
	a->file_path = v->file_path;
	a->file_size = v->file_size;
	a->content_type = v->content_type;
	a->duration_ms = v->duration_ms;
	a->available = v->available;
}

struct submitting {
	const struct submit_in *in;
	const char *type; /* of the file that came with the request */
};

static int find_video(struct ctx *c, const struct submitting *s, const struct question *q,
					  struct video *out)
{
	if (s->in->file.filename != NULL)
		return video_add(c, &s->in->file, s->type, VIDEO_ANSWERS, q, out);
	TRY(video_own(c, s->in->video_id.v, out));
	video_look(c, out);
	return out->available ? OK
						  : fail(c, E_GONE,
								 "The file of this video is no longer on the server; upload it "
								 "again");
}

static int submit_tx(struct ctx *c, void *arg)
{
	const struct submitting *s = arg;
	struct question q;
	struct video v;
	int64_t id;

	TRY(interview_answerable(c, s->in->question_id, &q));
	TRY(find_video(c, s, &q, &v));
	TRY(db_int(c->db, &id,
			   "INSERT INTO interview_answers (interview_id, question_id, video_id, user_id, "
			   "invitation_id, created_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
			   P(q.interview_id), P(q.id), P(v.id), param_id(c->actor->user_id),
			   param_id(c->actor->invitation_id), P(c->now)));
	TRY(db_one(c->db, c->arena, &answer_schema, c->out,
			   "SELECT * FROM interview_answers WHERE id = $1", P(id)));
	show_video(c->out, &v);
	return OK;
}

/* ---- handlers ---- */

static int submit(struct ctx *c)
{
	struct submitting s = {.in = c->in};
	const struct upload *file = &s.in->file;
	bool by_id = s.in->video_id.set && !s.in->video_id.null;

	if ((file->filename != NULL) == by_id)
		return ctx_fault(c, "body", "file",
						 by_id ? "Send either a file or a video_id, not both"
							   : "Field required: send a file, or a video_id",
						 by_id ? "value_error" : "missing");
	if (file->filename != NULL) {
		TRY(video_check(c, file->filename, file->path, file->size, &s.type));
		TRY(files_sync(c->files, c->error, file));
	}
	return tx(c, submit_tx, &s);
}

static int send_page(struct ctx *c, struct query *q, int64_t skip, int64_t limit)
{
	struct list *out = c->out;

	TRY(query_page(c, q, &answer_schema, "*", "interview_answers", "id DESC", skip, limit));
	for (size_t i = 0; i < out->n; i++) {
		struct answer *a = &((struct answer *)out->items)[i];
		struct video v;

		TRY(video_row(c, a->video_id, &v));
		video_look(c, &v);
		show_video(a, &v);
	}
	return OK;
}

static int list(struct ctx *c)
{
	const struct list_in *in = c->in;
	struct query q;

	TRY(interview_check(c, in->interview_id));
	query_init(&q, c->arena);
	query_and(&q, "interview_id = ?", P(in->interview_id));
	if (in->question_id.set)
		query_and(&q, "question_id = ?", P(in->question_id));
	return send_page(c, &q, in->skip, in->limit);
}

/* What the invited candidate has answered so far. */
static int list_own(struct ctx *c)
{
	const struct page *in = c->in;
	struct query q;

	if (c->actor->invitation_id == 0)
		return fail(c, E_NOT_FOUND, "Only an invitation leads here; see /api/v1/interviews");
	query_init(&q, c->arena);
	query_and(&q, "invitation_id = ?", P(c->actor->invitation_id));
	return send_page(c, &q, in->skip, in->limit);
}

static int export_user(struct ctx *c, int64_t user_id, struct export *x)
{
	(void)c;
	return export_rows(x, "interview_answers", &answer_schema,
					   "SELECT * FROM interview_answers WHERE user_id = $1 ORDER BY id",
					   P(user_id));
}

/* ---- tables ---- */

static const short statuses[] = {400, 404, 410, 0}, not_found[] = {404, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/submit-interview-answer/", submit, &submit_schema, &answer_schema,
	 .role = ROLE_VIEWER, .body = BODY_FILE_OR_JSON, .status = 201,
	 .flags = ROUTE_SLOW | ROUTE_VIDEO | ROUTE_INVITED, .audit = "interview.answer",
	 .tag = "interviews",
	 .doc = "Answer a question by video\nBy any signed-in user, or by a candidate with an "
			"invitation; with a file, or with the video_id of one's own upload.",
	 .errors = statuses},
	{"GET", "/api/v1/interviews/{interview_id}/answers", list, &list_schema, &answer_schema,
	 .role = ROLE_VIEWER, .status = 200, .flags = ROUTE_LIST, .tag = "interviews",
	 .doc = "What was answered, newest first", .errors = not_found},
	{"GET", "/api/v1/interviews/invited/answers", list_own, &page_schema, &answer_schema,
	 .role = ROLE_VIEWER, .status = 200, .flags = ROUTE_LIST | ROUTE_INVITED, .tag = "interviews",
	 .doc = "What was answered by the invitation in the Authorization header, newest first",
	 .errors = not_found},
};

const struct feature answers_feature = {
	.name = "answers",
	.routes = routes,
	.nroutes = sizeof routes / sizeof routes[0],
	.export_user = export_user,
};

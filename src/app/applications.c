/*
 * applications: what a user does about a job: notes, a status, applying for it, and how it went on.
 * All of it is the user's own; colleagues see the job, not that.
 *
 * Applying by mail queues the letter and notes the application in one transaction; either both are
 * there or neither. Who has applied cannot apply again.
 */
#include <string.h>

#include "app/attachment.h"
#include "app/job_rows.h"
#include "app/outbox.h"
#include "app/query.h"
#include "app/resumes.h"
#include "app/users.h"
#include "core/event.h"
#include "core/route.h"

enum { NOTES_MAX = 10000, LETTER_MAX = 20000 };

/* ---- schemas ---- */

struct edit_in {
	int64_t job_id;
	struct opt_str status, notes;
};
static const struct field edit_fields[] = {
	FIELD(struct edit_in, job_id, F_PATH, .min = 1, .doc = "Job ID", .example = "1"),
	FIELD(struct edit_in, status, F_NULL, .choices = job_statuses,
		  .doc = "How far you are; null: it is no concern of yours", .example = "\"saved\""),
	FIELD(struct edit_in, notes, F_NULL, .max = NOTES_MAX, .doc = "Your notes; null: none",
		  .example = "\"Ask Grace about them\""),
};
static const struct schema edit_schema = SCHEMA("JobUpdate", struct edit_in, edit_fields);

static const char *const methods[] = {"email", "elsewhere", NULL};

struct apply_in {
	int64_t job_id;
	struct opt_int resume_id;
	const char *cover_letter, *method, *recipient, *subject, *notes;
};
static const struct field apply_fields[] = {
	FIELD(struct apply_in, job_id, F_PATH, .min = 1, .doc = "Job ID", .example = "1"),
	FIELD(struct apply_in, resume_id, F_NULL, .min = 1,
		  .doc = "One of your résumés; without it, for a mail, the default one", .example = "1"),
	FIELD(struct apply_in, cover_letter, F_NULL, .max = LETTER_MAX, .doc = "Cover letter",
		  .example = "\"Dear Grace, …\""),
	FIELD(struct apply_in, method, F_NULL, .choices = methods,
		  .doc =
			  "email: send it from here; elsewhere: only note that you have applied. Without it, "
			  "email if there is a recipient",
		  .example = "\"elsewhere\""),
	FIELD(struct apply_in, recipient, F_NULL | F_EMAIL, .max = 254,
		  .doc = "Where to send it; without it, the address that the posting tells",
		  .example = "\"jobs@acme.example\""),
	FIELD(struct apply_in, subject, F_NULL | F_LINE, .min = 1, .max = MAIL_SUBJECT_MAX,
		  .doc = "Subject of the mail", .example = "\"Application: Backend Engineer\""),
	FIELD(struct apply_in, notes, F_NULL, .max = NOTES_MAX, .doc = "Your notes",
		  .example = "\"Found by Ada\""),
};
static const struct schema apply_schema = SCHEMA("JobApply", struct apply_in, apply_fields);

struct applied_in {
	int64_t skip, limit;
	const char *status;
};
static const struct field applied_fields[] = {
	QUERY_PAGE(struct applied_in),
	FIELD(struct applied_in, status, F_QUERY, .choices = job_statuses, .doc = "Only this status",
		  .example = "\"interviewing\""),
};
static const struct schema applied_schema =
	SCHEMA("JobApplicationList", struct applied_in, applied_fields);

struct id_in {
	int64_t job_id;
};
static const struct field id_fields[] = {
	FIELD(struct id_in, job_id, F_PATH, .min = 1, .doc = "Job ID", .example = "1"),
};
static const struct schema id_schema = SCHEMA("JobApplicationOf", struct id_in, id_fields);

struct updated {
	int64_t id, job_id;
	const char *title, *company, *status;
};
static const struct field updated_fields[] = {
	FIELD(struct updated, id, 0, .doc = "Application", .example = "1"),
	FIELD(struct updated, job_id, 0, .doc = "Job", .example = "1"),
	FIELD(struct updated, title, 0, .doc = "Title of the job", .example = "\"Engineer\""),
	FIELD(struct updated, company, F_NULL, .doc = "Who hires", .example = "\"Acme\""),
	FIELD(struct updated, status, F_NULL, .doc = "Status", .example = "\"applied\""),
};
static const struct schema updated_schema =
	SCHEMA("ApplicationUpdated", struct updated, updated_fields);

/* ---- rules ---- */

/* What the actor has to do with the job so far: nothing, for a job seen for the first time. */
static int current(struct ctx *c, const struct job *j, struct application *out)
{
	int rc = application_find(c, j->id, out);

	if (rc != E_NOT_FOUND)
		return rc;
	*out = (struct application){.job_id = j->id,
								.title = j->title,
								.company = j->company,
								.location = j->location,
								.url = j->url};
	return OK;
}

static bool is_applied(const char *status)
{
	return status != NULL && strcmp(status, "saved") != 0;
}

/* Stores the application; a change of its status is a step of its history, and an event. */
static int store(struct ctx *c, struct application *a, const char *before, const char *note)
{
	struct updated told;

	TRY(application_save(c, a, &a->id));
	if (text_eq(before, a->status))
		return OK;
	TRY(application_step_add(c, a->id, before, a->status, note));
	told = (struct updated){a->id, a->job_id, a->title, a->company, a->status};
	return event_emit(c, &(struct event){.type = "application.updated",
										 .team_id = c->actor->team_id,
										 .user_id = c->actor->user_id,
										 .schema = &updated_schema,
										 .data = &told});
}

/* A mail that went out is not taken back by forgetting it. */
static int change_status(struct ctx *c, struct application *a, const char *status)
{
	if (!is_applied(status) && text_eq(a->method, "email"))
		return fail(c, E_RULE,
					"You have applied for this job by mail; set the status to withdrawn instead");
	a->status = status;
	if (!is_applied(status)) {
		a->applied_at = (struct when){0};
		a->method = NULL;
	} else if (a->applied_at.us == 0) {
		a->applied_at.us = c->now;
		a->method = "elsewhere";
	}
	return OK;
}

/* ---- handlers ---- */

static int edit(struct ctx *c)
{
	const struct edit_in *in = c->in;
	struct application a;
	const char *before;
	struct job j;

	TRY(job_find(c, in->job_id, &j));
	TRY(current(c, &j, &a));
	before = a.status;
	if (in->status.set && !text_eq(in->status.v, a.status))
		TRY(change_status(c, &a, in->status.v));
	if (in->notes.set)
		a.notes = text_is_blank(in->notes.v) ? NULL : in->notes.v;
	if (in->status.set || in->notes.set)
		TRY(store(c, &a, before, NULL));
	return job_find(c, in->job_id, c->out);
}

struct letter {
	struct application a;
	struct mail mail;
	struct upload file;
	const char *note;
	bool by_mail;
};

static int check_letter(struct ctx *c, const struct apply_in *in)
{
	if (text_is_blank(in->cover_letter))
		return ctx_fault(c, "body", "cover_letter", "Field required for an application by mail",
						 "missing");
	return OK;
}

/* Makes the mail of an application ready, its attachment copied. */
static int write_letter(struct ctx *c, const struct apply_in *in, const struct job *j,
						const char *recipient, struct letter *l)
{
	struct resume r;
	struct user u;

	TRY(check_letter(c, in));
	TRY(outbox_ready(c));
	TRY(users_get(c, c->actor->user_id, &u));
	if (!in->resume_id.set || in->resume_id.null) {
		TRY(resumes_default(c, &r));
		l->a.resume_id = (struct opt_int){.set = true, .v = r.id};
	}
	l->mail = (struct mail){
		.user_id = u.id,
		.team_id = u.team_id,
		.kind = "hr",
		.to = recipient,
		.from_name = users_shown_name(&u),
		.reply_to = u.email,
		.subject = in->subject != NULL ? in->subject
									   : arena_printf(c->arena, "Application: %.200s", j->title),
		.text = in->cover_letter,
		.file = &l->file,
	};
	l->a.recipient = recipient;
	l->note = arena_printf(c->arena, "By mail to %s", recipient);
	return attachment_resume(c, l->a.resume_id.v, &l->file, &l->mail.file_type);
}

static int check_first(struct ctx *c, const struct application *a)
{
	char at[CLOCK_ISO_SIZE];

	if (a->applied_at.us == 0)
		return OK;
	return fail(c, E_CONFLICT, "You have already applied for this job, on %.10s",
				clock_iso(a->applied_at.us, at));
}

static int apply_tx(struct ctx *c, void *arg)
{
	const struct apply_in *in = c->in;
	struct letter *l = arg;
	struct application now, *out = c->out;
	int rc = application_find(c, l->a.job_id, &now);

	if (rc != OK && rc != E_NOT_FOUND)
		return rc;
	if (rc == OK) {
		TRY(check_first(c, &now));
		l->a.notes = in->notes != NULL ? in->notes : now.notes;
	}
	if (l->by_mail) {
		TRY(outbox_add(c, &l->mail, &l->a.email_id.v));
		l->a.email_id.set = true;
	}
	TRY(store(c, &l->a, rc == OK ? now.status : NULL, l->note));
	TRY(application_find(c, l->a.job_id, out));
	return application_history(c, out);
}

static int apply(struct ctx *c)
{
	const struct apply_in *in = c->in;
	struct letter l = {.note = "Elsewhere"};
	const char *recipient = in->recipient;
	struct resume r;
	struct job j;

	TRY(job_find(c, in->job_id, &j));
	TRY(current(c, &j, &l.a));
	TRY(check_first(c, &l.a));
	if (in->resume_id.set && !in->resume_id.null)
		TRY(resumes_get(c, in->resume_id.v, &r));
	l.by_mail = text_eq(in->method, "email") || (in->method == NULL && recipient != NULL);
	if (l.by_mail && recipient == NULL)
		TRY(job_apply_email(c, j.id, &recipient));
	l.a.resume_id = in->resume_id;
	l.a.cover_letter = in->cover_letter;
	l.a.notes = in->notes != NULL ? in->notes : l.a.notes;
	l.a.status = "applied";
	l.a.method = l.by_mail ? "email" : "elsewhere";
	l.a.applied_at.us = c->now;
	if (l.by_mail)
		TRY(write_letter(c, in, &j, recipient, &l));
	return tx(c, apply_tx, &l);
}

static int applied(struct ctx *c)
{
	const struct applied_in *in = c->in;
	struct list *list = c->out;
	struct application *a;

	TRY(application_page(c, in->status, in->skip, in->limit));
	a = list->items;
	for (size_t i = 0; i < list->n; i++)
		TRY(application_history(c, &a[i]));
	return OK;
}

static int get(struct ctx *c)
{
	const struct id_in *in = c->in;
	struct application *out = c->out;
	struct job j;
	int rc;

	TRY(job_find(c, in->job_id, &j));
	rc = application_find(c, in->job_id, out);
	if (rc == E_NOT_FOUND)
		return fail(c, E_NOT_FOUND, "You have done nothing about this job yet");
	TRY(rc);
	return application_history(c, out);
}

/* ---- tables ---- */

static const short not_found[] = {404, 0}, not_found_bad[] = {400, 404, 0},
				   applying[] = {400, 404, 409, 410, 429, 503, 0};

static const struct route routes[] = {
	{"GET", "/api/v1/jobs/applied", applied, &applied_schema, &application_schema,
	 .role = ROLE_VIEWER, .status = 200, .flags = ROUTE_LIST, .tag = "jobs",
	 .doc = "The jobs you applied for, newest first"},
	{"PATCH", "/api/v1/jobs/{job_id}", edit, &edit_schema, &job_schema, .role = ROLE_VIEWER,
	 .body = BODY_JSON, .status = 200, .flags = ROUTE_IF_MATCH, .tag = "jobs",
	 .doc = "Set your own status and notes of a job\nsaved, applied, interviewing, offered, "
			"rejected, withdrawn; each change is kept in the application's history.",
	 .errors = not_found_bad},
	{"POST", "/api/v1/jobs/{job_id}/apply", apply, &apply_schema, &application_schema,
	 .role = ROLE_VIEWER, .body = BODY_JSON, .status = 201, .flags = ROUTE_SLOW, .tag = "jobs",
	 .doc = "Apply for a job, by mail or elsewhere\nBy mail, the letter and the résumé go to the "
			"outbox. A second time is refused.",
	 .errors = applying},
	{"GET", "/api/v1/jobs/{job_id}/application", get, &id_schema, &application_schema,
	 .role = ROLE_VIEWER, .status = 200, .tag = "jobs",
	 .doc = "What you did about a job, with its history", .errors = not_found},
};

const struct feature applications_feature = {
	.name = "applications", .routes = routes, .nroutes = sizeof routes / sizeof routes[0]};

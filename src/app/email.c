/*
 * email: the letters of an applicant: to HR with the résumé attached, and the follow-up some days
 * later. Both are written into the outbox, which sends them.
 */
#include <string.h>

#include "app/attachment.h"
#include "app/outbox.h"
#include "app/outbox_rows.h"
#include "app/users.h"

enum { KEY_MAX = 255 };

/* ---- schemas ---- */

struct letter_in {
	const char *recipient, *subject, *body;
	struct upload resume;
	struct opt_int resume_id, mail_id;
	const char *recipient_name, *body_html;
};

#define LETTER_SUBJECT(flags)                                              \
	FIELD(struct letter_in, subject, (flags) | F_WORDS | F_LINE, .min = 1, \
		  .max = MAIL_SUBJECT_MAX, .doc = "Subject", .example = "\"Application: C developer\"")
#define LETTER_BODY                                                                     \
	FIELD(struct letter_in, body, F_REQUIRED | F_WORDS, .min = 1, .max = MAIL_BODY_MAX, \
		  .doc = "Text", .example = "\"Dear Ms Hopper, …\"")
#define LETTER_MORE                                                                \
	FIELD(struct letter_in, recipient_name, F_NULL | F_LINE, .max = MAIL_NAME_MAX, \
		  .doc = "Name of the recipient", .example = "\"Grace Hopper\""),          \
		FIELD(struct letter_in, body_html, F_NULL, .max = MAIL_HTML_MAX,           \
			  .doc = "The same text as HTML, for readers that show it",            \
			  .example = "\"<p>Dear …\"")

static const struct field hr_fields[] = {
	FIELD(struct letter_in, recipient, F_REQUIRED | F_EMAIL, .doc = "Address of HR",
		  .example = "\"hr@example.com\""),
	LETTER_SUBJECT(F_REQUIRED),
	LETTER_BODY,
	FIELD(struct letter_in, resume, 0, .doc = "The résumé: PDF, DOC or DOCX, at most 10 MB"),
	FIELD(struct letter_in, resume_id, F_NULL, .min = 1,
		  .doc = "One of the résumés uploaded before, instead of a file", .example = "1"),
	LETTER_MORE,
};
static const struct schema hr_schema = SCHEMA("HrEmailRequest", struct letter_in, hr_fields);

static const struct field follow_up_fields[] = {
	FIELD(struct letter_in, recipient, F_NULL | F_EMAIL,
		  .doc = "Address; left out: that of the message followed up",
		  .example = "\"hr@example.com\""),
	LETTER_SUBJECT(F_NULL),
	LETTER_BODY,
	FIELD(struct letter_in, mail_id, F_NULL, .min = 1,
		  .doc = "The message of the outbox that this one follows up", .example = "987654321"),
	LETTER_MORE,
};
static const struct schema follow_up_schema =
	SCHEMA("FollowUpEmailRequest", struct letter_in, follow_up_fields);

struct queued {
	const char *message;
	int64_t id;
	const char *state;
};
static const struct field queued_fields[] = {
	FIELD(struct queued, message, 0, .doc = "What was done",
		  .example = "\"Email to hr@example.com queued\""),
	FIELD(struct queued, id, 0, .doc = "Number of the message in the outbox", .example = "1"),
	FIELD(struct queued, state, 0, .choices = mail_states, .doc = "Its state",
		  .example = "\"queued\""),
};
static const struct schema queued_schema = SCHEMA("EmailQueued", struct queued, queued_fields);

/* ---- rules ---- */

static int check_key(struct ctx *c)
{
	size_t n = c->idempotency_key != NULL ? strlen(c->idempotency_key) : 1;

	if (n < 1 || n > KEY_MAX ||
		(c->idempotency_key != NULL && text_has_control(c->idempotency_key)))
		return fail(c, E_RULE, "An Idempotency-Key has 1 to %d characters", KEY_MAX);
	return OK;
}

/* Whose mail it is, and who it seems to come from. */
static int begin_mail(struct ctx *c, const struct letter_in *in, struct mail *m)
{
	struct user u;

	TRY(check_key(c));
	TRY(outbox_ready(c));
	TRY(users_get(c, c->actor->user_id, &u));
	*m = (struct mail){
		.user_id = u.id,
		.team_id = u.team_id,
		.to = in->recipient,
		.to_name = in->recipient_name,
		.from_name = users_shown_name(&u),
		.reply_to = u.email,
		.subject = in->subject,
		.text = in->body,
		.html = in->body_html,
		.key = c->idempotency_key,
	};
	return OK;
}

/* ---- handlers ---- */

static int add_tx(struct ctx *c, void *arg)
{
	struct mail *m = arg;
	struct queued *out = c->out;
	struct mail_row row;

	TRY(outbox_add(c, m, &out->id));
	TRY(mail_own(c, out->id, &row));
	out->state = row.state;
	out->message = arena_printf(c->arena, "Email to %s queued", row.recipient);
	return ctx_header(c, "Location",
					  arena_printf(c->arena, "/api/v1/email/outbox/%lld", (long long)out->id));
}

static int send_hr(struct ctx *c)
{
	const struct letter_in *in = c->in;
	struct upload copy = in->resume;
	struct mail m;

	if (in->resume.filename == NULL && (!in->resume_id.set || in->resume_id.null))
		return ctx_fault(c, "body", "resume", "Field required", "missing");
	TRY(begin_mail(c, in, &m));
	if (in->resume.filename == NULL) {
		TRY(attachment_resume(c, in->resume_id.v, &copy, &m.file_type));
	} else {
		TRY(attachment_type(c, &copy, &m.file_type));
		TRY(files_sync(c->files, c->error, &copy));
	}
	m.kind = "hr";
	m.file = &copy;
	return tx(c, add_tx, &m);
}

static int follow_up(struct ctx *c)
{
	const struct letter_in *in = c->in;
	struct mail_row before = {0};
	struct mail m;
	bool linked = in->mail_id.set && !in->mail_id.null;

	if (!linked && in->recipient == NULL)
		ctx_fault(c, "body", "recipient", "Field required", "missing");
	if (!linked && in->subject == NULL)
		ctx_fault(c, "body", "subject", "Field required", "missing");
	if (c->faults->n > 0)
		return E_INVALID;
	TRY(begin_mail(c, in, &m));
	m.kind = "follow_up";
	if (!linked)
		return add_tx(c, &m);
	TRY(mail_own(c, in->mail_id.v, &before));
	if (!text_eq(before.state, "sent") && !text_eq(before.state, "maybe_sent"))
		return fail(c, E_RULE, "The message to follow up is %s: it was not sent", before.state);
	m.follow_up_of = before.id;
	m.to = m.to != NULL ? m.to : before.recipient;
	m.to_name = m.to_name != NULL ? m.to_name : before.recipient_name;
	if (m.subject == NULL)
		m.subject = text_starts(before.subject, "Re: ")
						? before.subject
						: arena_printf(c->arena, "Re: %s", before.subject);
	return add_tx(c, &m);
}

/* ---- tables ---- */

static const short hr_errors[] = {400, 404, 409, 410, 503, 0},
				   follow_up_errors[] = {400, 404, 409, 503, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/email/send/hr", send_hr, &hr_schema, &queued_schema, .role = ROLE_VIEWER,
	 .body = BODY_FILE, .status = 200, .flags = ROUTE_SLOW, .audit = "mail.send", .tag = "email",
	 .doc = "Send an application to HR, with the résumé attached\nThe header Idempotency-Key makes "
			"it safe to ask again: the same message is queued once.",
	 .errors = hr_errors},
	{"POST", "/api/v1/email/send/follow-up", follow_up, &follow_up_schema, &queued_schema,
	 .role = ROLE_VIEWER, .body = BODY_JSON, .status = 200, .audit = "mail.send", .tag = "email",
	 .doc = "Send a follow-up\nWith mail_id it answers in the thread of that message, to the same "
			"address. The header Idempotency-Key makes it safe to ask again.",
	 .errors = follow_up_errors},
};

const struct feature email_feature = {
	.name = "email", .routes = routes, .nroutes = sizeof routes / sizeof routes[0]};

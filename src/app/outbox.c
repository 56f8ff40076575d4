/*
 * See outbox.h. The task of a message goes through three short transactions: the attempt begins,
 * the message is about to be handed over (from inside the talk with the server, right before its
 * first byte), and what became of it. A crash before the second leaves a message that was not sent,
 * one after it a message that may have been.
 */
#include "app/outbox.h"

#include <string.h>
#include <unistd.h>

#include "app/message.h"
#include "app/outbox_rows.h"
#include "app/query.h"
#include "app/removals.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/rand.h"
#include "core/core.h"
#include "core/event.h"
#include "data/email.h"
#include "io/smtp.h"

enum { ATTEMPTS = 12, BACKOFF_MAX_SECONDS = 3600, UNCONFIGURED_SECONDS = 60, PACE_BURST = 5 };

/* ---- schemas ---- */

struct mail_in {
	int64_t mail_id;
	int64_t skip, limit;
	const char *state;
};
static const struct field id_fields[] = {
	FIELD(struct mail_in, mail_id, F_PATH, .min = 1, .doc = "Message ID", .example = "1"),
};
static const struct schema id_schema = SCHEMA("MailId", struct mail_in, id_fields);
static const struct field list_fields[] = {
	QUERY_PAGE(struct mail_in),
	FIELD(struct mail_in, state, F_QUERY | F_NULL, .choices = mail_states,
		  .doc = "Only messages in this state", .example = "\"queued\""),
};
static const struct schema list_schema = SCHEMA("MailList", struct mail_in, list_fields);

struct mail_args {
	int64_t mail_id;
};
static const struct field args_fields[] = {
	FIELD(struct mail_args, mail_id, F_REQUIRED, .min = 1, .doc = "Message", .example = "1"),
};
static const struct schema args_schema = SCHEMA("MailArgs", struct mail_args, args_fields);

struct mail_told {
	int64_t id;
	const char *state, *recipient, *subject, *error_message;
};
static const struct field told_fields[] = {
	FIELD(struct mail_told, id, 0, .doc = "Message", .example = "1"),
	FIELD(struct mail_told, state, 0, .choices = mail_states, .doc = "What became of it",
		  .example = "\"sent\""),
	FIELD(struct mail_told, recipient, 0, .doc = "Address", .example = "\"hr@example.com\""),
	FIELD(struct mail_told, subject, 0, .doc = "Subject", .example = "\"Application\""),
	FIELD(struct mail_told, error_message, F_NULL, .doc = "Why not", .example = "null"),
};
static const struct schema told_schema = SCHEMA("MailEvent", struct mail_told, told_fields);

/* ---- rules ---- */

static const char *sender(const struct config *config)
{
	if (config->smtp_from != NULL)
		return config->smtp_from;
	return email_valid(config->smtp_username) ? config->smtp_username : NULL;
}

int outbox_ready(struct ctx *c)
{
	if (c->config->smtp_host == NULL)
		return fail(c, E_UNAVAILABLE, "Mail is not set up: the operator must set SMTP_HOST");
	if (sender(c->config) == NULL)
		return fail(c, E_UNAVAILABLE, "Mail is not set up: the operator must set SMTP_FROM");
	if (c->config->smtp_username != NULL && c->config->smtp_password == NULL)
		return fail(c, E_UNAVAILABLE, "Mail is not set up: the operator must set SMTP_PASSWORD");
	return OK;
}

/* Of everything that makes a message this one and no other. */
static const char *content_hash(struct ctx *c, const struct mail *m)
{
	const char *parts[] = {m->kind,
						   m->to,
						   m->to_name,
						   m->subject,
						   m->text,
						   m->html,
						   m->file != NULL ? m->file->sha256 : NULL,
						   m->file != NULL ? m->file->filename : NULL};
	char *hex = arena_alloc(c->arena, DIGEST_HEX);
	struct digest d;

	digest_init(&d);
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		digest_add(&d, parts[i] != NULL ? parts[i] : "",
				   parts[i] != NULL ? strlen(parts[i]) + 1 : 1);
	digest_add(&d, &m->follow_up_of, sizeof m->follow_up_of);
	digest_hex(&d, hex);
	return hex;
}

static int was_sent(struct ctx *c, const struct mail *m, const char *hash, int64_t *id)
{
	const char *before;

	if (m->key == NULL)
		return E_NOT_FOUND;
	TRY(mail_by_key(c, m->user_id, m->key, id, &before));
	if (!text_eq(before, hash))
		return fail(c, E_CONFLICT, "This Idempotency-Key was used for another message");
	return OK;
}

static int queue(struct ctx *c, int64_t id, int64_t when);

int outbox_add(struct ctx *c, const struct mail *m, int64_t *id)
{
	const char *hash = content_hash(c, m), *path = NULL, *domain;
	int rc = was_sent(c, m, hash, id);
	char random[33];
	int64_t waiting;

	if (rc != E_NOT_FOUND)
		return rc;
	TRY(outbox_ready(c));
	TRY(mail_waiting(c, m->user_id, &waiting));
	if (waiting >= MAIL_WAITING_MAX)
		return fail(c, E_LIMIT, "%d of your messages wait to be sent; let some of them go first",
					MAIL_WAITING_MAX);
	if (m->file != NULL) {
		TRY(files_place(c->files, c->arena, c->error, m->file,
						arena_printf(c->arena, "uploads/team_%lld/mail", (long long)m->team_id),
						&path));
		TRY(removals_undo(c, path));
	}
	rand_hex(random, 16);
	domain = strrchr(sender(c->config), '@') + 1;
	TRY(mail_insert(c, m, arena_printf(c->arena, "<%s@%s>", random, domain), path, hash, id));
	return queue(c, *id, 0);
}

static int tell(struct ctx *c, const struct mail_row *m, const struct mail_end *e)
{
	const struct mail_told told = {m->id, e->state, m->recipient, m->subject, e->error_message};
	bool sent = text_eq(e->state, "sent");

	if (!sent && !text_eq(e->state, "failed") && !text_eq(e->state, "maybe_sent"))
		return OK;
	return event_emit(c, &(struct event){.type = sent ? "mail.sent" : "mail.failed",
										 .team_id = m->team_id,
										 .user_id = m->user_id,
										 .schema = &told_schema,
										 .data = &told});
}

/* ---- the task ---- */

enum next { NEXT_SEND, NEXT_LATER, NEXT_NOTHING };

struct delivery {
	struct ctx *c;
	struct mail_row mail;
	int64_t attempt;
	enum next next;
	struct mail_end end;
};

/* Waits for its place if there is a pace. */
static int keep_pace(struct delivery *d)
{
	const struct rate_limit *rate = &d->c->config->smtp_rate;
	int64_t interval, at = d->mail.slot_at.us;

	if (rate->count == 0)
		return OK;
	interval = rate->seconds * CLOCK_SECOND / rate->count;
	if (at == 0) {
		TRY(mail_slot(d->c, interval, rate->count < PACE_BURST ? rate->count : PACE_BURST, &at));
		TRY(mail_set_slot(d->c, d->mail.id, at));
	}
	if (at > d->c->now) {
		d->next = NEXT_LATER;
		d->c->again_at = at;
	}
	return OK;
}

static int end_tx(struct ctx *c, void *arg)
{
	struct delivery *d = arg;
	bool done;

	c->now = clock_now();
	if (text_eq(d->end.state, "sent"))
		d->end.sent_at = c->now;
	TRY(mail_end(c, d->mail.id, d->attempt, &d->end, &done));
	return done ? tell(c, &d->mail, &d->end) : OK;
}

/* An earlier attempt that came to no end: the server, or this one's power, went away. */
static int judge_unfinished(struct delivery *d)
{
	if (d->mail.handed_at.us == 0)
		return OK;
	d->next = NEXT_NOTHING;
	d->attempt = d->mail.attempts;
	d->end = (struct mail_end){.state = "maybe_sent",
							   .error_message =
								   "The server was stopped while the message was handed over"};
	return end_tx(d->c, d);
}

static int begin_tx(struct ctx *c, void *arg)
{
	struct delivery *d = arg;
	int rc = mail_row(c, d->mail.id, &d->mail);

	d->next = NEXT_NOTHING;
	if (rc == E_NOT_FOUND)
		return OK;
	TRY(rc);
	if (!text_eq(d->mail.state, "queued") && !text_eq(d->mail.state, "sending"))
		return OK;
	d->next = NEXT_SEND;
	if (text_eq(d->mail.state, "sending"))
		TRY(judge_unfinished(d));
	if (d->next == NEXT_SEND)
		TRY(keep_pace(d));
	return d->next == NEXT_SEND ? mail_begin(c, d->mail.id, &d->attempt) : OK;
}

static int hand_tx(struct ctx *c, void *arg)
{
	const struct delivery *d = arg;

	c->now = clock_now();
	return mail_hand(c, d->mail.id, d->attempt);
}

static int handing_over(void *arg)
{
	struct delivery *d = arg;

	return tx(d->c, hand_tx, d);
}

static void close_fd(void *arg)
{
	close(*(int *)arg);
}

static int open_file(struct delivery *d, struct smtp_file *out)
{
	struct ctx *c = d->c;
	int *fd = ARENA_NEW(c->arena, int);

	TRY(files_read(c->files, c->error, d->mail.attachment_path, fd, &out->size));
	arena_defer(c->arena, close_fd, fd);
	out->fd = *fd;
	out->name = d->mail.attachment_name;
	out->type = d->mail.attachment_type;
	return OK;
}

static int64_t backoff(const struct config *config, int64_t attempts)
{
	int64_t s = config->smtp_retry << (attempts - 1 < 16 ? attempts - 1 : 16);

	return (s < BACKOFF_MAX_SECONDS ? s : BACKOFF_MAX_SECONDS) * CLOCK_SECOND;
}

static void judge(struct delivery *d, const struct smtp_result *r)
{
	int64_t tried = d->attempt - d->mail.first_attempt;

	d->end.error_message = r->outcome == SMTP_SENT ? NULL : r->said;
	d->end.server_reply = r->outcome == SMTP_SENT || r->outcome == SMTP_REFUSED ? r->said : NULL;
	switch (r->outcome) {
	case SMTP_SENT: d->end.state = "sent"; return;
	case SMTP_MAYBE: d->end.state = "maybe_sent"; return;
	case SMTP_REFUSED: d->end.state = "failed"; return;
	case SMTP_LATER: break;
	}
	d->end.state = tried < ATTEMPTS ? "queued" : "failed";
	if (tried < ATTEMPTS) {
		d->end.next_attempt_at = clock_now() + backoff(d->c->config, tried);
		d->c->again_at = d->end.next_attempt_at;
	}
}

static struct smtp_server server_of(const struct config *config)
{
	return (struct smtp_server){
		.host = config->smtp_host,
		.port = (int)config->smtp_port,
		.tls = config->smtp_tls,
		.username = config->smtp_username,
		.password = config->smtp_password,
		.timeout_ms = config->smtp_timeout * 1000,
	};
}

static int hand_over(struct delivery *d)
{
	struct ctx *c = d->c;
	const struct mail_row *m = &d->mail;
	struct smtp_server server = server_of(c->config);
	struct smtp_file file = {0};
	struct smtp_mail mail = {
		.from = sender(c->config),
		.from_name = m->sender_name,
		.to = m->recipient,
		.to_name = m->recipient_name,
		.reply_to = m->reply_to,
		.subject = m->subject,
		.text = m->body,
		.html = m->body_html,
		.message_id = m->message_id,
		.in_reply_to = m->in_reply_to,
		.references = m->reference_ids,
		.date = m->created_at.us,
	};
	struct smtp_result result;

	if (m->attachment_path != NULL) {
		int rc = open_file(d, &file);

		if (rc == E_NOT_FOUND) {
			d->end = (struct mail_end){
				.state = "failed", .error_message = "The attached file is no longer on the server"};
			return OK;
		}
		TRY(rc);
		mail.file = &file;
	}
	TRY(smtp_send(c->arena, c->error, &server, &mail, handing_over, d, &result));
	judge(d, &result);
	return OK;
}

static int send_mail(struct ctx *c)
{
	const struct mail_args *in = c->in;
	struct delivery d = {.c = c, .mail = {.id = in->mail_id}};
	int rc;

	if (outbox_ready(c) != OK) {
		c->again_at = c->now + UNCONFIGURED_SECONDS * CLOCK_SECOND;
		return OK;
	}
	TRY(tx(c, begin_tx, &d));
	if (d.next != NEXT_SEND)
		return OK;
	rc = hand_over(&d);
	if (rc == E_CONFLICT)
		return OK; /* cancelled, or somebody else's, right before it would have gone */
	TRY(rc);
	TRY(tx(c, end_tx, &d));
	if (!text_eq(d.end.state, "sent"))
		log_warning("mail %lld is %s: %s", (long long)d.mail.id, d.end.state, d.end.error_message);
	return OK;
}

static const struct task_kind tasks[] = {
	{.name = "mail.send",
	 .args = &args_schema,
	 .pool = TASK_NETWORK,
	 .attempts = 1000, /* of failures of this server's own, which are no fault of the message */
	 .run = send_mail},
};

static int queue(struct ctx *c, int64_t id, int64_t when)
{
	struct mail_args args = {id};

	return task_add_again(c, &tasks[0], &args, arena_printf(c->arena, "%lld", (long long)id), when);
}

/* ---- handlers ---- */

static int list(struct ctx *c)
{
	const struct mail_in *in = c->in;

	return mail_page(c, in->state, in->skip, in->limit);
}

static int get(struct ctx *c)
{
	const struct mail_in *in = c->in;

	return mail_detail(c, in->mail_id, c->out);
}

static bool is_one_of(const char *state, const char *a, const char *b, const char *d)
{
	return text_eq(state, a) || text_eq(state, b) || text_eq(state, d);
}

static int cancel(struct ctx *c)
{
	const struct mail_in *in = c->in;
	struct mail_row m;
	bool done;

	TRY(mail_own(c, in->mail_id, &m));
	if (!is_one_of(m.state, "queued", "sending", NULL) || m.handed_at.us != 0)
		return fail(c, E_CONFLICT, "The message is %s and can no longer be cancelled",
					m.handed_at.us != 0 ? "being handed over" : m.state);
	TRY(mail_end(c, m.id, 0, &(struct mail_end){.state = "cancelled"}, &done));
	TRY(task_cancel(c, &tasks[0], arena_printf(c->arena, "%lld", (long long)m.id)));
	return mail_detail(c, m.id, c->out);
}

static int resend(struct ctx *c)
{
	const struct mail_in *in = c->in;
	struct mail_row m;

	TRY(mail_own(c, in->mail_id, &m));
	if (!is_one_of(m.state, "failed", "maybe_sent", "cancelled"))
		return fail(c, E_CONFLICT,
					"The message is %s; only one that failed, was cancelled or may "
					"not have arrived can be sent again",
					m.state);
	TRY(outbox_ready(c));
	TRY(mail_requeue(c, m.id));
	TRY(queue(c, m.id, 0));
	return mail_detail(c, m.id, c->out);
}

static int delete (struct ctx *c)
{
	const struct mail_in *in = c->in;
	struct mail_row m;

	TRY(mail_own(c, in->mail_id, &m));
	if (is_one_of(m.state, "queued", "sending", NULL))
		return fail(c, E_CONFLICT, "The message is on its way; cancel it first");
	return mail_delete(c, &m);
}

static int test(struct ctx *c)
{
	struct smtp_server server;

	TRY(outbox_ready(c));
	server = server_of(c->config);
	TRY(smtp_try(c->arena, c->error, &server));
	TRY(ctx_header(c, "Cache-Control", "no-store"));
	return message(c, server.username != NULL ? "The mail server answers and takes the login"
											  : "The mail server answers");
}

/* ---- tables ---- */

static const short not_found[] = {404, 0}, not_now[] = {404, 409, 0},
				   resend_errors[] = {404, 409, 503, 0}, upstream[] = {502, 503, 504, 0};

static const struct route routes[] = {
	{"GET", "/api/v1/email/test", test, NULL, &message_schema, .role = ROLE_VIEWER, .status = 200,
	 .flags = ROUTE_SLOW, .tag = "email",
	 .doc = "Try the mail server\nConnects, secures the connection and logs in; sends nothing.",
	 .errors = upstream},
	{"GET", "/api/v1/email/outbox", list, &list_schema, &mail_schema, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_LIST, .tag = "email", .doc = "One's own mail, newest first"},
	{"GET", "/api/v1/email/outbox/{mail_id}", get, &id_schema, &mail_detail_schema,
	 .role = ROLE_VIEWER, .status = 200, .tag = "email", .doc = "One message and its history",
	 .errors = not_found},
	{"POST", "/api/v1/email/outbox/{mail_id}/cancel", cancel, &id_schema, &mail_detail_schema,
	 .role = ROLE_VIEWER, .status = 200, .tag = "email",
	 .doc = "Take back a message that is still queued", .errors = not_now},
	{"POST", "/api/v1/email/outbox/{mail_id}/resend", resend, &id_schema, &mail_detail_schema,
	 .role = ROLE_VIEWER, .status = 200, .tag = "email",
	 .doc = "Send a message again\nOne that failed, was cancelled, or may not have arrived; it may "
			"then arrive twice, under the same Message-ID.",
	 .errors = resend_errors},
	{"DELETE", "/api/v1/email/outbox/{mail_id}", delete, &id_schema, NULL, .role = ROLE_VIEWER,
	 .status = 204, .tag = "email", .doc = "Delete a message that is not on its way",
	 .errors = not_now},
};

const struct feature outbox_feature = {.name = "outbox",
									   .routes = routes,
									   .nroutes = sizeof routes / sizeof routes[0],
									   .tasks = tasks,
									   .ntasks = 1,
									   .files = mail_files,
									   .has_file = mail_has_file,
									   .metrics = mail_metrics,
									   .export_user = mail_export,
									   .forget_user = mail_forget_user};

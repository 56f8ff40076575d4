/*
 * See outbox_rows.h. Whoever works on a message names its attempt, which the row counts: of two
 * that think a message is theirs, one finds the number changed.
 */
#include "app/outbox_rows.h"

#include "app/export.h"
#include "app/query.h"
#include "app/removals.h"
#include "app/series.h"
#include "core/metrics.h"

const char *const mail_kinds[] = {"hr", "follow_up", "digest", NULL};
const char *const mail_states[] = {"queued",    "sending",    "sent", "failed",
								   "cancelled", "maybe_sent", NULL};

struct mail_step {
	const char *state, *note;
	struct when at;
};
static const struct field step_fields[] = {
	FIELD(struct mail_step, state, 0, .choices = mail_states, .doc = "What it became",
		  .example = "\"sent\""),
	FIELD(struct mail_step, note, F_NULL, .doc = "Why, in the mail server's words where it spoke",
		  .example = "\"250 2.0.0 Ok: queued\""),
	FIELD(struct mail_step, at, 0, .doc = "When", .example = "\"2025-11-28T10:00:00Z\""),
};
static const struct schema step_schema = SCHEMA("MailStep", struct mail_step, step_fields);

#define MAIL_FIELDS                                                                                \
	FIELD(struct mail_row, id, 0, .doc = "Number of the message", .example = "1"),                 \
		FIELD(struct mail_row, state, 0, .choices = mail_states,                                   \
			  .doc = "queued, sending, sent (the mail server took it), failed (given up), "        \
					 "cancelled, or maybe_sent (the connection ended before the server's answer)", \
			  .example = "\"sent\""),                                                              \
		FIELD(struct mail_row, kind, 0, .choices = mail_kinds, .doc = "What it is",                \
			  .example = "\"hr\""),                                                                \
		FIELD(struct mail_row, recipient, 0, .doc = "Address", .example = "\"hr@example.com\""),   \
		FIELD(struct mail_row, recipient_name, F_NULL, .doc = "Name",                              \
			  .example = "\"Grace Hopper\""),                                                      \
		FIELD(struct mail_row, subject, 0, .doc = "Subject", .example = "\"Application\""),        \
		FIELD(struct mail_row, body, 0, .doc = "Text", .example = "\"Dear Ms Hopper, …\""),        \
		FIELD(struct mail_row, body_html, F_NULL, .doc = "The same as HTML", .example = "null"),   \
		FIELD(struct mail_row, attachment_name, F_NULL, .doc = "Name of the attached file",        \
			  .example = "\"ada.pdf\""),                                                           \
		FIELD(struct mail_row, attachment_size, 0, .doc = "Its bytes; 0: none",                    \
			  .example = "48211"),                                                                 \
		FIELD(struct mail_row, follow_up_of, F_NULL, .doc = "The message that it follows up",      \
			  .example = "null"),                                                                  \
		FIELD(struct mail_row, message_id, 0, .doc = "Its Message-ID",                             \
			  .example = "\"<1f2e@example.com>\""),                                                \
		FIELD(struct mail_row, attempts, 0, .doc = "Attempts so far", .example = "1"),             \
		FIELD(struct mail_row, next_attempt_at, F_NULL, .doc = "When the next one is due",         \
			  .example = "null"),                                                                  \
		FIELD(struct mail_row, error_message, F_NULL, .doc = "Why it was not sent (yet)",          \
			  .example = "null"),                                                                  \
		FIELD(struct mail_row, server_reply, F_NULL, .doc = "The mail server's last words",        \
			  .example = "\"250 2.0.0 Ok: queued\""),                                              \
		FIELD(struct mail_row, created_at, 0, .doc = "When it was written",                        \
			  .example = "\"2025-11-28T10:00:00Z\""),                                              \
		FIELD(struct mail_row, updated_at, 0, .doc = "When its state last changed",                \
			  .example = "\"2025-11-28T10:00:00Z\""),                                              \
		FIELD(struct mail_row, sent_at, F_NULL, .doc = "When the mail server took it",             \
			  .example = "\"2025-11-28T10:00:00Z\"")

static const struct field mail_fields[] = {MAIL_FIELDS};
const struct schema mail_schema =
	SCHEMA("Mail", struct mail_row, mail_fields, .doc = "A message on its way");
static const struct field detail_fields[] = {
	MAIL_FIELDS,
	FIELD(struct mail_row, history, 0, .of = &step_schema, .doc = "What happened to it, in order",
		  .example = "[]"),
};
const struct schema mail_detail_schema = SCHEMA("MailDetail", struct mail_row, detail_fields);

/* What only the sending task reads. */
static const struct field row_fields[] = {
	MAIL_FIELDS,
	FIELD(struct mail_row, user_id, 0, .doc = "Whose it is", .example = "1"),
	FIELD(struct mail_row, team_id, 0, .doc = "Their team", .example = "1"),
	FIELD(struct mail_row, sender_name, F_NULL, .doc = "Name of the sender", .example = "null"),
	FIELD(struct mail_row, reply_to, F_NULL, .doc = "Where answers go", .example = "null"),
	FIELD(struct mail_row, attachment_type, F_NULL, .doc = "Media type", .example = "null"),
	FIELD(struct mail_row, attachment_path, F_NULL, .doc = "Where the file lies",
		  .example = "null"),
	FIELD(struct mail_row, in_reply_to, F_NULL, .doc = "Message-ID", .example = "null"),
	FIELD(struct mail_row, reference_ids, F_NULL, .doc = "Message-IDs", .example = "null"),
	FIELD(struct mail_row, first_attempt, 0, .doc = "Attempts before it was queued anew",
		  .example = "0"),
	FIELD(struct mail_row, slot_at, F_NULL, .doc = "Its place in the pace", .example = "null"),
	FIELD(struct mail_row, handed_at, F_NULL, .doc = "When it began to be handed over",
		  .example = "null"),
};
static const struct schema row_schema = SCHEMA("MailRow", struct mail_row, row_fields);

/* ---- reading ---- */

enum { STEPS_MAX = 500, USER_FILES_MAX = 100000 };

int mail_row(struct ctx *c, int64_t id, struct mail_row *out)
{
	return db_one(c->db, c->arena, &row_schema, out, "SELECT * FROM outbox WHERE id = $1", P(id));
}

int mail_own(struct ctx *c, int64_t id, struct mail_row *out)
{
	int rc =
		db_one(c->db, c->arena, &row_schema, out,
			   "SELECT * FROM outbox WHERE id = $1 AND user_id = $2", P(id), P(c->actor->user_id));

	return rc == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "Mail not found") : rc;
}

int mail_detail(struct ctx *c, int64_t id, struct mail_row *out)
{
	TRY(mail_own(c, id, out));
	return db_list(c->db, c->arena, &step_schema, STEPS_MAX, &out->history,
				   "SELECT state, note, at FROM outbox_steps WHERE mail_id = $1 ORDER BY id "
				   "LIMIT 500",
				   P(id));
}

int mail_page(struct ctx *c, const char *state, int64_t skip, int64_t limit)
{
	struct query q;

	query_init(&q, c->arena);
	query_and(&q, "user_id = ?", P(c->actor->user_id));
	if (state != NULL)
		query_and(&q, "state = ?", P(state));
	return query_page(c, &q, &mail_schema, "*", "outbox", "id DESC", skip, limit);
}

int mail_waiting(struct ctx *c, int64_t user_id, int64_t *out)
{
	return db_int(c->db, out,
				  "SELECT count(*) FROM outbox WHERE user_id = $1 AND state IN ('queued', "
				  "'sending')",
				  P(user_id));
}

struct keyed {
	int64_t id;
	const char *content_hash;
};
static const struct field keyed_fields[] = {
	FIELD(struct keyed, id, 0, .doc = "Number of the message", .example = "1"),
	FIELD(struct keyed, content_hash, 0, .doc = "SHA-256 of what was sent", .example = "\"1f\""),
};
static const struct schema keyed_schema = SCHEMA("MailKey", struct keyed, keyed_fields);

int mail_by_key(struct ctx *c, int64_t user_id, const char *key, int64_t *id, const char **hash)
{
	struct keyed k;

	TRY(db_one(c->db, c->arena, &keyed_schema, &k,
			   "SELECT id, content_hash FROM outbox WHERE user_id = $1 AND idempotency_key = $2",
			   P(user_id), P(key)));
	*id = k.id;
	*hash = k.content_hash;
	return OK;
}

/* ---- writing ---- */

int mail_step(struct ctx *c, int64_t id, const char *state, const char *note)
{
	return db_exec(c->db, NULL,
				   "INSERT INTO outbox_steps (mail_id, state, note, at) VALUES ($1, $2, $3, $4)",
				   P(id), P(state), P(note), P(c->now));
}

int mail_insert(struct ctx *c, const struct mail *m, const char *message_id, const char *path,
				const char *hash, int64_t *id)
{
	const struct opt_int follow = {m->follow_up_of > 0, m->follow_up_of == 0, m->follow_up_of};
	struct mail_row before = {0};
	const char *refs = NULL;

	if (m->follow_up_of > 0) {
		TRY(mail_row(c, m->follow_up_of, &before));
		refs = before.reference_ids == NULL
				   ? before.message_id
				   : arena_printf(c->arena, "%s %s", before.reference_ids, before.message_id);
	}
	TRY(db_int(c->db, id,
			   "INSERT INTO outbox (user_id, team_id, kind, state, recipient, recipient_name, "
			   "sender_name, reply_to, subject, body, body_html, attachment_name, "
			   "attachment_type, attachment_path, attachment_size, message_id, in_reply_to, "
			   "reference_ids, follow_up_of, idempotency_key, content_hash, created_at, "
			   "updated_at) VALUES ($1, $2, $3, 'queued', $4, $5, $6, $7, $8, $9, $10, $11, $12, "
			   "$13, $14, $15, $16, $17, $18, $19, $20, $21, $21) RETURNING id",
			   P(m->user_id), P(m->team_id), P(m->kind), P(m->to), P(m->to_name), P(m->from_name),
			   P(m->reply_to), P(m->subject), P(m->text), P(m->html),
			   P(m->file != NULL ? m->file->filename : NULL), P(m->file_type), P(path),
			   P(m->file != NULL ? m->file->size : 0), P(message_id), P(before.message_id), P(refs),
			   P(follow), P(m->key), P(hash), P(c->now)));
	return mail_step(c, *id, "queued", NULL);
}

int mail_begin(struct ctx *c, int64_t id, int64_t *attempt)
{
	TRY(db_int(c->db, attempt,
			   "UPDATE outbox SET state = 'sending', attempts = attempts + 1, slot_at = 0, "
			   "next_attempt_at = NULL, updated_at = $2 WHERE id = $1 RETURNING attempts",
			   P(id), P(c->now)));
	return mail_step(c, id, "sending", NULL);
}

int mail_hand(struct ctx *c, int64_t id, int64_t attempt)
{
	int64_t n;

	TRY(db_exec(c->db, &n,
				"UPDATE outbox SET handed_at = $3 WHERE id = $1 AND attempts = $2 AND "
				"state = 'sending' AND handed_at IS NULL",
				P(id), P(attempt), P(c->now)));
	return n == 1 ? OK : fail(c, E_CONFLICT, "The message was taken back");
}

int mail_end(struct ctx *c, int64_t id, int64_t attempt, const struct mail_end *e, bool *done)
{
	int64_t n;

	TRY(db_exec(c->db, &n,
				"UPDATE outbox SET state = $3, error_message = $4, server_reply = $5, "
				"next_attempt_at = $6, sent_at = $7, handed_at = NULL, updated_at = $8 "
				"WHERE id = $1 AND ($2 = 0 OR (attempts = $2 AND state = 'sending'))",
				P(id), P(attempt), P(e->state), P(e->error_message), P(e->server_reply),
				P((struct when){e->next_attempt_at}), P((struct when){e->sent_at}), P(c->now)));
	*done = n == 1;
	return *done ? mail_step(c, id, e->state,
							 e->error_message != NULL ? e->error_message : e->server_reply)
				 : OK;
}

int mail_requeue(struct ctx *c, int64_t id)
{
	TRY(db_exec(c->db, NULL,
				"UPDATE outbox SET state = 'queued', first_attempt = attempts, handed_at = NULL, "
				"error_message = NULL, server_reply = NULL, next_attempt_at = NULL, slot_at = 0, "
				"updated_at = $2 WHERE id = $1",
				P(id), P(c->now)));
	return mail_step(c, id, "queued", "asked for again");
}

int mail_delete(struct ctx *c, const struct mail_row *m)
{
	if (m->attachment_path != NULL)
		TRY(removals_add(c, m->attachment_path));
	return db_exec(c->db, NULL, "DELETE FROM outbox WHERE id = $1", P(m->id));
}

/* The virtual scheduling of the generic cell rate algorithm (ITU-T I.371). */
int mail_slot(struct ctx *c, int64_t interval, int64_t burst, int64_t *at)
{
	int64_t next;

	TRY(db_int(c->db, &next,
			   "INSERT INTO outbox_pace (id, theoretical_at) VALUES (1, $3) "
			   "ON CONFLICT (id) DO UPDATE SET theoretical_at = "
			   "CASE WHEN outbox_pace.theoretical_at > $1 THEN outbox_pace.theoretical_at "
			   "ELSE $1 END + $2 RETURNING theoretical_at",
			   P(c->now), P(interval), P(c->now + interval)));
	*at = next - burst * interval;
	return OK;
}

int mail_set_slot(struct ctx *c, int64_t id, int64_t at)
{
	return db_exec(c->db, NULL,
				   "UPDATE outbox SET slot_at = $2, next_attempt_at = $2 WHERE id = $1", P(id),
				   P(at));
}

/* ---- files ---- */

bool mail_has_file(struct ctx *c, const char *path)
{
	int64_t id;

	return db_int(c->db, &id, "SELECT id FROM outbox WHERE attachment_path = $1", P(path)) !=
		   E_NOT_FOUND;
}

int mail_files(struct db *db, int (*file)(void *arg, const char *path), void *arg)
{
	return db_each_text(db, file, arg, "SELECT attachment_path FROM outbox ORDER BY id");
}

int mail_export(struct ctx *c, int64_t user_id, struct export *x)
{
	(void)c;
	TRY(export_rows(x, "mails", &mail_schema, "SELECT * FROM outbox WHERE user_id = $1 ORDER BY id",
					P(user_id)));
	return export_files(x, "mails",
						"SELECT id, attachment_name AS name, attachment_path AS path FROM outbox "
						"WHERE user_id = $1 AND attachment_path IS NOT NULL ORDER BY id",
						P(user_id));
}

int mail_forget_user(struct ctx *c, int64_t user_id)
{
	struct list rows;
	const struct mail_row *m;

	TRY(db_list(c->db, c->arena, &row_schema, USER_FILES_MAX, &rows,
				"SELECT attachment_path FROM outbox WHERE user_id = $1 AND attachment_path IS NOT "
				"NULL",
				P(user_id)));
	m = rows.items;
	for (size_t i = 0; i < rows.n; i++)
		TRY(removals_add(c, m[i].attachment_path));
	return db_exec(c->db, NULL, "DELETE FROM outbox WHERE user_id = $1", P(user_id));
}

/* ---- monitoring ---- */

struct state_count {
	const char *state;
	int64_t n;
};
static const struct field state_fields[] = {
	FIELD(struct state_count, state, 0, .doc = "State", .example = "\"queued\""),
	FIELD(struct state_count, n, 0, .doc = "Messages", .example = "1"),
};
static const struct schema state_schema = SCHEMA("MailStates", struct state_count, state_fields);

int mail_metrics(struct ctx *c, struct metrics_page *p)
{
	const struct state_count *s;
	struct list list;

	TRY(db_list(c->db, c->arena, &state_schema, 10, &list,
				"SELECT state, count(*) AS n FROM outbox WHERE state IN ('queued', 'sending') "
				"GROUP BY state ORDER BY state"));
	s = list.items;
	metrics_family(p, "vitae_outbox_messages", "gauge", "Mails that are not sent yet, by state");
	for (size_t i = 0; i < list.n; i++)
		metrics_sample(p, (struct pair[]){{"state", s[i].state}}, 1, (double)s[i].n);
	return OK;
}

static const struct field unanswered_fields[] = {
	FIELD(struct mail_unanswered, id, 0, .doc = "Message", .example = "1"),
	FIELD(struct mail_unanswered, recipient, 0, .doc = "Address", .example = "\"hr@acme.example\""),
	FIELD(struct mail_unanswered, recipient_name, F_NULL, .doc = "Name", .example = "null"),
	FIELD(struct mail_unanswered, subject, 0, .doc = "Subject", .example = "\"Application\""),
};
static const struct schema unanswered_schema =
	SCHEMA("MailUnanswered", struct mail_unanswered, unanswered_fields);

int outbox_unanswered(struct ctx *c, int64_t user_id, int64_t since, int64_t before, size_t max,
					  struct list *out)
{
	return db_list(c->db, c->arena, &unanswered_schema, max, out,
				   "SELECT id, recipient, recipient_name, subject FROM outbox AS m "
				   "WHERE user_id = $1 AND kind = 'hr' AND state = 'sent' AND sent_at >= $2 "
				   "AND sent_at < $3 AND NOT EXISTS (SELECT 1 FROM outbox AS f "
				   "WHERE f.user_id = $1 AND f.follow_up_of = m.id) ORDER BY id LIMIT $4",
				   P(user_id), P(since), P(before), P((int64_t)max));
}

int outbox_tally(struct ctx *c, int64_t team, int (*row)(void *arg, const void *tally), void *arg)
{
	return tally_each(c, team, 0, "team_id",
					  "SELECT state AS what, 0 AS at, count(*) AS n FROM outbox "
					  "WHERE created_at >= $1 AND %s GROUP BY state ORDER BY state",
					  row, arg);
}

/* outbox_rows: the tables of the outbox. For outbox.c and email.c; others use outbox.h. */
#pragma once
#include "app/outbox.h"

struct mail_row {
	int64_t id, user_id, team_id;
	const char *state, *kind, *recipient, *recipient_name, *sender_name, *reply_to;
	const char *subject, *body, *body_html;
	const char *attachment_name, *attachment_type, *attachment_path;
	int64_t attachment_size;
	const char *message_id, *in_reply_to, *reference_ids;
	struct opt_int follow_up_of;
	int64_t attempts;      /* of all */
	int64_t first_attempt; /* attempts there had been when it was last queued by a person */
	struct when slot_at, next_attempt_at, handed_at, created_at, updated_at, sent_at;
	const char *error_message, *server_reply;
	struct list history; /* of struct mail_step, in the second schema only */
};
extern const struct schema mail_schema, mail_detail_schema;

/* Any user's message. E_NOT_FOUND without a sentence. */
int mail_row(struct ctx *c, int64_t id, struct mail_row *out);
/* The actor's own. E_NOT_FOUND with a sentence. */
int mail_own(struct ctx *c, int64_t id, struct mail_row *out);
/* The same with its history. */
int mail_detail(struct ctx *c, int64_t id, struct mail_row *out);
/* A page of the actor's own, newest first, into the list *c->out. state: NULL, all. */
int mail_page(struct ctx *c, const char *state, int64_t skip, int64_t limit);
int mail_delete(struct ctx *c, const struct mail_row *m);
/* Unfinished messages of a user. */
int mail_waiting(struct ctx *c, int64_t user_id, int64_t *out);

int mail_insert(struct ctx *c, const struct mail *m, const char *message_id, const char *path,
				const char *hash, int64_t *id);
/* The user's message with this Idempotency-Key, and the hash of its content. E_NOT_FOUND. */
int mail_by_key(struct ctx *c, int64_t user_id, const char *key, int64_t *id, const char **hash);

/* Notes a step of its history. */
int mail_step(struct ctx *c, int64_t id, const char *state, const char *note);
/* From now on this attempt (a number) is under way. */
int mail_begin(struct ctx *c, int64_t id, int64_t *attempt);
/* The message is about to be handed over. E_CONFLICT: it is this attempt's no longer. */
int mail_hand(struct ctx *c, int64_t id, int64_t attempt);

/* How a state ends; what is NULL or 0 is stored so. */
struct mail_end {
	const char *state, *error_message, *server_reply;
	int64_t next_attempt_at, sent_at;
};
/* Ends attempt (0: whatever it is). *done is false if the message is this attempt's no longer. */
int mail_end(struct ctx *c, int64_t id, int64_t attempt, const struct mail_end *e, bool *done);
/* Queues it anew, by a person's word. */
int mail_requeue(struct ctx *c, int64_t id);

/* Reserves the next place at a pace of one message in interval (microseconds), burst of them at
 * once; *at is when it may go, which may have been. */
int mail_slot(struct ctx *c, int64_t interval, int64_t burst, int64_t *at);
int mail_set_slot(struct ctx *c, int64_t id, int64_t at);

/* For monitoring. */
struct metrics_page;
int mail_metrics(struct ctx *c, struct metrics_page *p);

int mail_files(struct db *db, int (*file)(void *arg, const char *path), void *arg);
bool mail_has_file(struct ctx *c, const char *path);
int mail_forget_user(struct ctx *c, int64_t user_id);
/* Adds the user's messages and what is attached to them to the export of their data. */
int mail_export(struct ctx *c, int64_t user_id, struct export *x);

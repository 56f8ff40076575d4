/*
 * outbox: mail on its way. A message is a row, written in the transaction of whoever sends it; a
 * task hands it to the mail server, tries again as long as that makes sense, and notes each step. A
 * message is handed over at most once: when nobody can know whether it arrived it is "maybe_sent",
 * and only its sender may have it sent again.
 */
#pragma once
#include "core/route.h"

enum {
	MAIL_SUBJECT_MAX = 300,
	MAIL_NAME_MAX = 100,
	MAIL_BODY_MAX = 50000,
	MAIL_HTML_MAX = 100000,
	MAIL_WAITING_MAX = 2000 /* unfinished messages of one user */
};

extern const char *const mail_kinds[];  /* hr, follow_up, digest, NULL */
extern const char *const mail_states[]; /* queued, sending, sent, failed, cancelled, maybe_sent */

/* One message to be sent. Addresses must be valid (email_valid), subject and names free of control
 * characters. */
struct mail {
	int64_t user_id, team_id; /* whose it is */
	const char *kind;         /* of mail_kinds */
	const char *to, *to_name; /* name: NULL, none */
	const char *from_name;    /* shown beside SMTP_FROM; NULL: none */
	const char *reply_to;     /* NULL: none */
	const char *subject, *text;
	const char *html;          /* NULL: none */
	const struct upload *file; /* spooled, synced; NULL: none. It becomes the outbox's own */
	const char *file_type;     /* its media type */
	int64_t follow_up_of;      /* id of the message that this one follows up; 0: none */
	const char *key;           /* Idempotency-Key; NULL: none */
};

/* E_UNAVAILABLE with a sentence that names the variable, if mail cannot be sent as things are
 * configured. */
int outbox_ready(struct ctx *c);
/* Queues one message, in the current transaction. With a key that the user has used for the same
 * content *id is that message, and nothing is queued; for another content E_CONFLICT. E_LIMIT: too
 * much waits already. */
int outbox_add(struct ctx *c, const struct mail *m, int64_t *id);

/* A message that the user sent to HR and that was not followed up yet. */
struct mail_unanswered {
	int64_t id;
	const char *recipient, *recipient_name, *subject;
};
/* Those that the mail server took between since and before (microseconds), the oldest first. */
int outbox_unanswered(struct ctx *c, int64_t user_id, int64_t since, int64_t before, size_t max,
					  struct list *out);
/* Messages of a team (0: of all teams) by state: calls row with struct tally (series.h). */
int outbox_tally(struct ctx *c, int64_t team, int (*row)(void *arg, const void *tally), void *arg);

extern const struct feature outbox_feature, email_feature;

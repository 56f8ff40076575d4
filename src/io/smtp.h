/*
 * smtp: one message handed to a mail server (RFC 5321), on libcurl, with MIME (RFC 2045 to 2049).
 *
 * A message is handed over when the server has said yes to all of it. Before the first byte of it
 * goes out, handing_over() is called, so that the caller can write down that from now on the
 * message may have arrived, whatever happens; a connection that dies between there and the server's
 * answer leaves SMTP_MAYBE.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "data/config.h"

enum { SMTP_TIMEOUT_MS = 60000, SMTP_SAID_MAX = 500 };

struct smtp_server {
	const char *host;
	int port; /* 0: 25, 587 or 465, by tls */
	enum smtp_security tls;
	const char *username, *password; /* NULL: no authentication */
	int64_t timeout_ms;              /* 0: SMTP_TIMEOUT_MS */
};

struct smtp_file {
	const char *name, *type; /* "cv.pdf", "application/pdf" */
	int fd;                  /* read from its beginning; stays the caller's */
	int64_t size;
};

/* Addresses are ASCII and have been checked (email_valid). */
struct smtp_mail {
	const char *from, *from_name; /* name: may be NULL */
	const char *to, *to_name;
	const char *reply_to; /* NULL: none */
	const char *subject, *text;
	const char *html;                                  /* NULL: none; else the same as text */
	const char *message_id, *in_reply_to, *references; /* with their <>; NULL: none */
	int64_t date;                                      /* microseconds */
	const struct smtp_file *file;                      /* NULL: none */
};

enum smtp_outcome {
	SMTP_SENT,
	SMTP_LATER,   /* not handed over, and the fault may pass: no connection, or 4xx */
	SMTP_REFUSED, /* not handed over, and again would be the same: 5xx */
	SMTP_MAYBE,   /* the connection ended before the server's answer */
};

struct smtp_result {
	enum smtp_outcome outcome;
	bool refused_login;
	const char *said; /* the server's last words, or what went wrong; for people */
};

/* Hands over the message. OK: *out tells what became of it. An error: handing_over() failed (its
 * code), or E_UNAVAILABLE, this server is stopping; then nothing was sent. No sentence contains the
 * password. */
int smtp_send(struct arena *a, struct error *error, const struct smtp_server *s,
			  const struct smtp_mail *m, int (*handing_over)(void *arg), void *arg,
			  struct smtp_result *out);

/* Connects, secures, authenticates and says good-bye. OK; E_TIMEOUT, E_UPSTREAM with a sentence
 * that names the variable to look at. */
int smtp_try(struct arena *a, struct error *error, const struct smtp_server *s);

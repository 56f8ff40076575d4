/*
 * postgres_link: one connection to a PostgreSQL server, that is lost and found again.
 *
 * A lost connection is E_UNAVAILABLE for what ran on it; the next use outside a transaction
 * connects anew. While the server cannot be reached, all connections of the process share one
 * pause, doubled with each failure up to PAUSE_MAX_MS, in which a use fails at once instead of
 * waiting for a time-out of its own. No wait for an answer is without end: the server's
 * statement_timeout, and some seconds more here, for a server that stalls.
 */
#pragma once
#include <libpq-fe.h>

#include "store/db.h"
#include "store/kept.h"

enum { LINK_XID_SIZE = 24 };

struct link {
	PGconn *conn;
	const char **keywords, **values; /* of the URL with our defaults; end with NULL */
	PQconninfoOption *options;       /* owns what they point to */
	char *settings;                  /* the value of "options" */
	struct kept_set statements;
	unsigned serial;         /* numbers statements and walks */
	unsigned generation;     /* counts connections: what was prepared on an earlier one is gone */
	int64_t wait_ms;         /* for an answer; 0: as long as it takes */
	unsigned listening;      /* the generation that listens */
	char xid[LINK_XID_SIZE]; /* of the write transaction, "" without */
};

/* Reads the URL and connects. E_RULE with a sentence for the operator. On failure nothing is left.
 */
int link_open(struct db *db, const char *url, struct link **out);
void link_close(struct link *l);

/* Sees to it that there is a connection, anew if it was lost; inside a transaction a lost one is
 * E_UNAVAILABLE. */
int link_ready(struct db *db, struct link *l);
/* Connects again without regard to the pause; false if that fails. */
bool link_again(struct link *l);

/* The answer to what was just sent (sent: what PQsend… returned), the last of several or the first
 * failure; owned by the caller. Errors are told in *db->error. */
int link_answer(struct db *db, struct link *l, int sent, PGresult **out);
/* Runs one or more statements without parameters. */
int link_run(struct db *db, struct link *l, const char *sql);

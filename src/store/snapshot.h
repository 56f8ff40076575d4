/*
 * snapshot: a reading transaction of SQLite's that stays open from one request to the next, as long
 * as it sees all that was committed.
 *
 * Beginning and ending one costs several system calls (the locks of the write-ahead log). Whether
 * anything was committed meanwhile, by whichever process, the header of the log's index tells: 48
 * bytes in shared memory that each commit changes (sqlite.org/walformat.html, 2.1). One that is
 * left open keeps the log from beginning anew, so it is kept only while the log is short or all
 * of it is in the database, and must be ended by another thread when its own has nothing to do
 * (snapshot_rest).
 *
 * One for each connection. All but snapshot_rest is called by the connection's own thread.
 */
#pragma once
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { SNAPSHOT_WORDS = 6 };

struct snapshot {
	sqlite3 *handle;
	pthread_mutex_t lock; /* held from snapshot_resume to snapshot_keep or snapshot_ended */
	bool kept;
	uint64_t number;                 /* of the transaction that is open or was last */
	const _Atomic uint64_t *index;   /* of the write-ahead log; NULL: there is none */
	uint64_t header[SNAPSHOT_WORDS]; /* as it was before the transaction began */
};

/* For an open connection in WAL mode, which must outlive it. */
void snapshot_init(struct snapshot *s, sqlite3 *handle);
/* Ends what is kept. Nothing for one that is all zero. */
void snapshot_done(struct snapshot *s);

/* A transaction for reading is wanted. True: the one that was kept goes on. False: none is open,
 * the caller begins one. Either way snapshot_keep or snapshot_ended must follow. */
bool snapshot_resume(struct snapshot *s);
/* The transaction is over and may stay open: true if it does. Else the caller ends it, and
 * snapshot_ended must follow. */
bool snapshot_keep(struct snapshot *s);
/* The transaction was ended, or could not be begun. */
void snapshot_ended(struct snapshot *s);

/* Ends what is kept: before a statement outside of transactions. */
void snapshot_leave(struct snapshot *s);
/* The same, by any thread; nothing while the connection is in a transaction. */
void snapshot_rest(struct snapshot *s);

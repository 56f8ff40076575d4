/*
 * db: one connection to the database, whatever the engine.
 *
 * A struct db is used by one thread at a time, mostly by one alone. Its SQL is one text for both
 * engines: numbered parameters $1…$n, RETURNING, ON CONFLICT; times are integers (microseconds),
 * JSON is text. The few statements that must differ stand in the engine's own driver file.
 * Statements are prepared once for each SQL text and kept (DB_STATEMENTS_MAX).
 *
 *	TRY(db_one(db, a, &user_schema, &user, "SELECT * FROM users WHERE id = $1", P(id)));
 *	TRY(db_exec(db, NULL, "UPDATE users SET email = $2 WHERE id = $1", P(id), P(email)));
 *
 * Every function returns OK or an error set in *db->error: E_NOT_FOUND (no row), E_CONFLICT (a
 * unique or foreign key; db_conflict tells which), E_UNAVAILABLE (busy or gone), E_RULE (more
 * than the arena may hold), E_INTERNAL.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "data/schema.h"

enum { DB_STATEMENTS_MAX = 128 };

enum param_type { PARAM_NULL, PARAM_INT, PARAM_REAL, PARAM_TEXT };
struct param {
	enum param_type type;
	int64_t i;
	double r;
	const char *s; /* borrowed until the statement is done */
};

struct param param_int(int64_t v);
struct param param_bool(bool v);
struct param param_real(double v);
struct param param_text(const char *v); /* NULL is NULL */
struct param param_id(int64_t v);       /* 0 is NULL */
struct param param_when(struct when v); /* 0 is NULL */
struct param param_json(struct json v);
struct param param_opt_int(struct opt_int v);
struct param param_opt_str(struct opt_str v);
#define P_NULL ((struct param){.type = PARAM_NULL})
#define P(x) \
	_Generic((x), int: param_int, int64_t: param_int, bool: param_bool, double: param_real,      \
		const char *: param_text, char *: param_text, struct when: param_when,                   \
		struct json: param_json, struct opt_int: param_opt_int, struct opt_str: param_opt_str)(x)

/* What is to be done once a transaction is committed; see db_on_commit. */
struct db_hook {
	void (*fn)(void *arg);
	void *arg;
	struct db_hook *next; /* db_on_commit's own */
};

struct db_driver;
struct db {
	struct error *error; /* where failures are told; the caller points it at its own */
	const struct db_driver *driver;
	void *conn; /* the driver's */
	bool hasty; /* by db_open_hasty */
	bool in_tx, write_tx;
	bool broken;   /* a statement of the open transaction has failed: it can only be rolled back */
	bool in_doubt; /* after a db_commit that failed: it may have been stored all the same */
	struct db_hook *hooks, **last_hook; /* of the open transaction */
	char conflict[128]; /* after E_CONFLICT: "users.email", an expression index's name, or "" for a
						 * foreign key */
};

/* Opens a connection: "sqlite:PATH" or "sqlite://PATH" (a file, made with 0600 if missing;
 * ":memory:" is a database of its own), or "postgresql://…" with libpq's parameters. E_RULE, with a
 * sentence for the operator, if the URL cannot be used. *out is owned by the caller (db_close). */
int db_open(const char *url, struct error *error, struct db **out);
/* The same for a thread that may never wait: the connection only reads (what writes is E_INTERNAL),
 * and where another one would wait for a lock, it tells E_UNAVAILABLE at once. E_RULE for an engine
 * whose every statement waits (PostgreSQL). A transaction sees all that was committed before it,
 * but may hold back, until the next one or db_rest, what the write-ahead log could let go. */
int db_open_hasty(const char *url, struct error *error, struct db **out);
/* Of a hasty connection: lets go what its last transaction left open, unless it is in one now. The
 * one function that any thread may call; wanted about once a second. */
void db_rest(struct db *db);
/* Of a hasty connection in a transaction: the number of what it sees. What was read under the same
 * number is what would be read now. 0: nothing is known. */
uint64_t db_snapshot(struct db *db);
void db_close(struct db *db);               /* NULL allowed */
const char *db_engine(const struct db *db); /* "sqlite" or "postgresql" */

/* For the macros: params[0] is unused, n counts the real ones. */
struct params {
	const struct param *items;
	size_t n;
};
#define PARAMS(...)                                                                              \
	((struct params){(const struct param[]){{0}, ##__VA_ARGS__} + 1,                             \
					 sizeof((const struct param[]){{0}, ##__VA_ARGS__}) / sizeof(struct param) - \
						 1})

/* Every statement must use each of its parameters $1…$n and no other. A statement that writes is
 * refused (E_INTERNAL) inside a transaction begun for reading; outside any transaction it is one
 * by itself. */

/* Runs a statement without rows of interest; *changes (may be NULL) gets the number of rows
 * changed. */
int db_exec_params(struct db *db, int64_t *changes, const char *sql, struct params p);
#define db_exec(db, changes, sql, ...) db_exec_params((db), (changes), (sql), PARAMS(__VA_ARGS__))

/* The first row into *out (zeroed first) by s: a column fills the field of its name, columns
 * without a field are ignored, NULL leaves the field's neutral value. E_NOT_FOUND without a row.
 * Strings go to the arena. */
int db_one_params(struct db *db, struct arena *a, const struct schema *s, void *out,
				  const char *sql, struct params p);
#define db_one(db, a, s, out, sql, ...) \
	db_one_params((db), (a), (s), (out), (sql), PARAMS(__VA_ARGS__))

/* All rows, at most max; *out gets an arena array of s->size elements. */
int db_list_params(struct db *db, struct arena *a, const struct schema *s, size_t max,
				   struct list *out, const char *sql, struct params p);
#define db_list(db, a, s, max, out, sql, ...) \
	db_list_params((db), (a), (s), (max), (out), (sql), PARAMS(__VA_ARGS__))

/* The first column of the first row. E_NOT_FOUND without a row; NULL reads as 0, or a NULL text. */
int db_int_params(struct db *db, int64_t *out, const char *sql, struct params p);
#define db_int(db, out, sql, ...) db_int_params((db), (out), (sql), PARAMS(__VA_ARGS__))
int db_text_params(struct db *db, struct arena *a, const char **out, const char *sql,
				   struct params p);
#define db_text(db, a, out, sql, ...) db_text_params((db), (a), (out), (sql), PARAMS(__VA_ARGS__))

/* Calls row(arg, value) for each row, value filled as in db_one in scratch memory that lives
 * until the next row: for sets of any size. A negative return of row ends the walk and is
 * returned. */
int db_each_params(struct db *db, const struct schema *s, int (*row)(void *arg, const void *value),
				   void *arg, const char *sql, struct params p);
#define db_each(db, s, row, arg, sql, ...) \
	db_each_params((db), (s), (row), (arg), (sql), PARAMS(__VA_ARGS__))

/* Calls text(arg, value) for the first column of each row that is not NULL, value in scratch memory
 * as in db_each. A negative return of text ends the walk and is returned. */
int db_each_text(struct db *db, int (*text)(void *arg, const char *value), void *arg,
				 const char *sql);

/* Runs several statements given as one text, without parameters (migrations). */
int db_script(struct db *db, const char *sql);

/* Transactions, which do not nest. db_begin(write): a snapshot for reading, or the write lock taken
 * at once, so that writers come one after the other and what was read stays true until the commit
 * (SQLite: behind one queue of this process; PostgreSQL: an advisory lock of all instances; both
 * first come first served, E_UNAVAILABLE after ten seconds). A db_commit that fails has rolled
 * back, unless db->in_doubt says that nobody knows. A statement that fails (E_NOT_FOUND and a full
 * arena are no failures) breaks its transaction: PostgreSQL runs nothing more in it, so neither
 * engine is asked, and only db_rollback is left. What may conflict and go on says ON CONFLICT. */
int db_begin(struct db *db, bool write);
int db_commit(struct db *db);
void db_rollback(struct db *db); /* nothing if none is open */

/* Calls h->fn(h->arg) when the open transaction is committed, in the order of these calls and,
 * with SQLite, before another connection of the process may write: so what several tell comes in
 * the order of their commits. fn must be quick and leave the database alone. h is borrowed until
 * the transaction ends; a rollback forgets it. */
void db_on_commit(struct db *db, struct db_hook *h);

/* After E_CONFLICT: true if the constraint was on that "table.column" (first column of its
 * index). */
bool db_conflict(const struct db *db, const char *column);

/* Waits for what other connections say on a channel (PostgreSQL's NOTIFY), for wake_fd to become
 * readable, or timeout_ms; then heard has been called for each text, in the order of their commits.
 * Listening begins with the first call and is lost with a connection: what is said meanwhile is
 * not heard. Outside transactions. E_RULE: the engine has none (SQLite); E_UNAVAILABLE: not
 * connected. */
struct db_wait {
	const char *channel; /* an identifier */
	int wake_fd, timeout_ms;
	void (*heard)(void *arg, const char *text);
	void *arg;
};
int db_wait(struct db *db, const struct db_wait *w);

/* From now on this connection's statements and transactions take what time they need (copying a
 * whole database). */
int db_unhurried(struct db *db);

/* From now on this connection's commits do not wait for the disk (SQLite; PostgreSQL is left as it
 * is set up): for work that is simply done again. The end of the process undoes none; a loss of
 * power may undo the last ones, always whole and in order, and none before another connection's
 * commit. */
int db_repeatable(struct db *db);

/* Writes a consistent copy of the whole database to path, a file not there before (E_RULE), made
 * with 0600, while others use the database (SQLite's backup API). Not inside a write transaction.
 * */
int db_backup(struct db *db, const char *path);

/* Test aid: makes the n-th statement of the process from now on fail with E_INTERNAL (0: off).
 * Beginning and committing count as statements. */
void db_fail_at(int64_t n);

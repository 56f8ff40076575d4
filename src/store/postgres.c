/*
 * See driver.h: PostgreSQL 13 or newer by libpq.
 *
 * Values travel as text. Integers are declared BIGINT and reals DOUBLE PRECISION, so that the
 * server's guess from the statement ("$1 = 0" would be a 32-bit INTEGER) does not narrow them;
 * texts and NULLs are left to its inference, which makes JSONB of a text where the column is JSONB.
 * A statement is kept by its text and these types.
 *
 * A write transaction holds one advisory lock of the whole database: writers of all instances come
 * one after the other, as in SQLite, so that a handler may look and then write. Statements outside
 * transactions do not queue for it; the task queue lives by those. Reading transactions are
 * snapshots (REPEATABLE READ).
 *
 * When the connection is lost while a COMMIT is under way, the server is asked on a new one what
 * became of the transaction; only if it cannot be asked in time, db->in_doubt says so.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/driver.h"
#include "store/postgres_link.h"

enum { PARAMS_MAX = 256, NUMBER_SIZE = 32, FETCH_ROWS = 500, DOUBT_SECONDS = 5 };
enum { OID_INT8 = 20, OID_FLOAT8 = 701 }; /* of the catalogue, fixed */

struct statement {
	struct kept kept; /* first */
	unsigned generation;
	char name[16];
};

struct cursor {
	PGresult *rows;
	int at, n; /* the row it stands on, -1 before the first */
	int64_t changes;
	unsigned generation;
	char walk[16]; /* the server's cursor, "" without */
};

/* ---- parameters ---- */

struct values {
	int n;
	const char *texts[PARAMS_MAX];
	char numbers[PARAMS_MAX][NUMBER_SIZE];
	Oid types[PARAMS_MAX];
};

static int set_values(struct db *db, struct params p, struct values *v)
{
	if (p.n > PARAMS_MAX)
		return fail(db, E_INTERNAL, "%zu parameters are too many", p.n);
	v->n = (int)p.n;
	for (size_t i = 0; i < p.n; i++) {
		const struct param *one = &p.items[i];

		v->texts[i] = one->type == PARAM_NULL ? NULL : v->numbers[i];
		v->types[i] = 0;
		switch (one->type) {
		case PARAM_NULL: break;
		case PARAM_INT:
			snprintf(v->numbers[i], NUMBER_SIZE, "%lld", (long long)one->i);
			v->types[i] = OID_INT8;
			break;
		case PARAM_REAL:
			snprintf(v->numbers[i], NUMBER_SIZE, "%.17g", one->r);
			v->types[i] = OID_FLOAT8;
			break;
		case PARAM_TEXT: v->texts[i] = one->s; break;
		}
	}
	return OK;
}

/* ---- statements ---- */

static void forget(struct link *l, struct statement *s)
{
	kept_remove(&l->statements, &s->kept);
	free(s);
}

/* Forgets statements until one more has room; those of this connection at the server as well. */
static int make_room(struct db *db, struct link *l)
{
	while (l->statements.n >= DB_STATEMENTS_MAX) {
		struct statement *s = (struct statement *)l->statements.oldest;
		char sql[32];
		bool there = s->generation == l->generation;

		snprintf(sql, sizeof sql, "DEALLOCATE %s", s->name);
		forget(l, s);
		if (there)
			TRY(link_run(db, l, sql));
	}
	return OK;
}

/* The text under which a statement is kept: its parameters' types come first. */
static char *key_of(const char *sql, const struct values *v)
{
	size_t n = strlen(sql);
	char *key = malloc((size_t)v->n + n + 2);

	if (key == NULL)
		return NULL;
	for (int i = 0; i < v->n; i++)
		key[i] = v->types[i] == OID_INT8 ? 'i' : v->types[i] == OID_FLOAT8 ? 'r' : 't';
	key[v->n] = ' ';
	memcpy(key + v->n + 1, sql, n + 1);
	return key;
}

static int prepare(struct db *db, struct link *l, const char *sql, const struct values *v,
				   const char *key, struct statement **out)
{
	struct statement *s;
	PGresult *r = NULL;
	char name[sizeof s->name];

	TRY(make_room(db, l));
	snprintf(name, sizeof name, "s%u", ++l->serial);
	TRY(link_answer(db, l, PQsendPrepare(l->conn, name, sql, v->n, v->types), &r));
	PQclear(r);
	s = calloc(1, sizeof *s);
	if (s == NULL || !kept_add(&l->statements, &s->kept, key)) {
		free(s);
		return fail(db, E_UNAVAILABLE, "There is no memory for a statement");
	}
	memcpy(s->name, name, sizeof name);
	s->generation = l->generation;
	*out = s;
	return OK;
}

static void free_text(char **text)
{
	free(*text);
}

static int statement_for(struct db *db, struct link *l, const char *sql, const struct values *v,
						 struct statement **out)
{
	CLEANUP(free_text) char *key = key_of(sql, v);
	struct statement *s;

	if (key == NULL)
		return fail(db, E_UNAVAILABLE, "There is no memory for a statement");
	s = (struct statement *)kept_find(&l->statements, key);
	if (s != NULL && s->generation != l->generation) {
		forget(l, s);
		s = NULL;
	}
	if (s == NULL)
		return prepare(db, l, sql, v, key, out);
	kept_use(&l->statements, &s->kept);
	*out = s;
	return OK;
}

/* A failed statement is prepared anew next time: a migration may have changed its columns. */
static int run_statement(struct db *db, struct link *l, const char *sql, const struct values *v,
						 PGresult **out)
{
	struct statement *s = NULL;
	int rc;

	TRY(statement_for(db, l, sql, v, &s));
	rc = link_answer(db, l, PQsendQueryPrepared(l->conn, s->name, v->n, v->texts, NULL, NULL, 0),
					 out);
	if (rc == E_UNAVAILABLE)
		forget(l, s);
	return rc;
}

static struct cursor *cursor_new(PGresult *rows)
{
	struct cursor *c = calloc(1, sizeof *c);
	const char *changed = PQcmdTuples(rows);

	if (c == NULL)
		abort();
	c->rows = rows;
	c->n = PQntuples(rows);
	c->at = -1;
	if (strncmp(PQcmdStatus(rows), "SELECT", 6) != 0)
		c->changes = strtoll(changed, NULL, 10);
	return c;
}

static int cursor_query(struct db *db, const char *sql, struct params p, struct cursor **out)
{
	struct link *l = db->conn;
	struct values v;
	PGresult *rows = NULL;

	TRY(set_values(db, p, &v));
	TRY(link_ready(db, l));
	TRY(run_statement(db, l, sql, &v, &rows));
	*out = cursor_new(rows);
	return OK;
}

/* The next rows of a walk in place of those read. */
static int fetch(struct db *db, struct cursor *c)
{
	struct link *l = db->conn;
	PGresult *rows = NULL;
	char sql[64];

	if (l->conn == NULL || l->generation != c->generation)
		return fail(db, E_UNAVAILABLE, "The connection to the database was lost; try again");
	snprintf(sql, sizeof sql, "FETCH FORWARD %d FROM %s", FETCH_ROWS, c->walk);
	TRY(link_answer(db, l, PQsendQuery(l->conn, sql), &rows));
	PQclear(c->rows);
	c->rows = rows;
	c->n = PQntuples(rows);
	c->at = -1;
	return OK;
}

/* A SELECT of any size goes through a cursor of the server, outside a transaction one that holds
 * its rows; anything else runs as it is. */
static int cursor_walk(struct db *db, const char *sql, struct params p, struct cursor **out)
{
	struct link *l = db->conn;
	struct values v;
	PGresult *r = NULL;
	struct cursor *c;
	char *text = NULL, name[16];
	int rc;

	if (strncasecmp(sql, "SELECT", 6) != 0)
		return cursor_query(db, sql, p, out);
	TRY(set_values(db, p, &v));
	TRY(link_ready(db, l));
	snprintf(name, sizeof name, "w%u", ++l->serial);
	if (asprintf(&text, "DECLARE %s NO SCROLL CURSOR%s FOR %s", name, db->in_tx ? "" : " WITH HOLD",
				 sql) < 0)
		return fail(db, E_UNAVAILABLE, "There is no memory for a statement");
	rc = link_answer(db, l, PQsendQueryParams(l->conn, text, v.n, v.types, v.texts, NULL, NULL, 0),
					 &r);
	free(text);
	TRY(rc);
	c = cursor_new(r);
	c->generation = l->generation;
	memcpy(c->walk, name, sizeof name);
	*out = c;
	return OK;
}

static int cursor_step(struct db *db, struct cursor *c)
{
	if (++c->at < c->n)
		return 1;
	if (c->walk[0] == '\0')
		return 0;
	TRY(fetch(db, c));
	return ++c->at < c->n;
}

static int cursor_finish(struct db *db, struct cursor *c)
{
	struct link *l = db->conn;
	int rc = OK;

	if (c->walk[0] != '\0' && l->conn != NULL && l->generation == c->generation &&
		PQtransactionStatus(l->conn) != PQTRANS_INERROR) {
		char sql[32];

		snprintf(sql, sizeof sql, "CLOSE %s", c->walk);
		rc = link_run(db, l, sql);
	}
	PQclear(c->rows);
	free(c);
	return rc;
}

static int64_t cursor_changes(struct db *db, struct cursor *c)
{
	(void)db;
	return c->changes;
}

static int cursor_columns(struct cursor *c)
{
	return PQnfields(c->rows);
}

static const char *cursor_column_name(struct cursor *c, int i)
{
	const char *name = PQfname(c->rows, i);

	return name != NULL ? name : "";
}

static bool cursor_column_null(struct cursor *c, int i)
{
	return PQgetisnull(c->rows, c->at, i) == 1;
}

/* A comparison's result is BOOLEAN: "t" or "f". */
static int64_t cursor_column_int(struct cursor *c, int i)
{
	const char *text = PQgetvalue(c->rows, c->at, i);

	return text[0] == 't' ? 1 : strtoll(text, NULL, 10);
}

static double cursor_column_real(struct cursor *c, int i)
{
	return strtod(PQgetvalue(c->rows, c->at, i), NULL);
}

static const char *cursor_column_text(struct cursor *c, int i, size_t *n)
{
	*n = (size_t)PQgetlength(c->rows, c->at, i);
	return PQgetisnull(c->rows, c->at, i) ? NULL : PQgetvalue(c->rows, c->at, i);
}

/* ---- transactions ---- */

#define STRING_(x) #x
#define STRING(x) STRING_(x)
#define WRITERS 7681 /* the advisory lock that writers wait for */

static void undo(struct db *db, struct link *l)
{
	struct error told = *db->error;

	l->xid[0] = '\0';
	if (l->conn != NULL && PQtransactionStatus(l->conn) != PQTRANS_IDLE &&
		link_run(db, l, "ROLLBACK") < 0) {
		log_warning("a rollback failed, the connection is given up: %s", db->error->text);
		PQfinish(l->conn);
		l->conn = NULL;
	}
	*db->error = told;
}

static int pg_begin(struct db *db, bool write)
{
	static const char writing[] =
		"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; "
		"SELECT pg_advisory_xact_lock(" STRING(WRITERS) "); "
														"SELECT pg_current_xact_id()";
	struct link *l = db->conn;
	PGresult *r = NULL;
	int rc;

	db->in_doubt = false;
	TRY(link_ready(db, l));
	if (!write)
		return link_run(db, l, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
	rc = link_answer(db, l, PQsendQuery(l->conn, writing), &r);
	if (rc < 0) {
		undo(db, l);
		return rc;
	}
	snprintf(l->xid, sizeof l->xid, "%s", PQgetvalue(r, 0, 0));
	PQclear(r);
	return OK;
}

/* What became of a transaction, asked on a new connection. False: nobody can say yet. */
static bool fate(struct link *l, const char *xid, bool *committed)
{
	PGresult *r;
	const char *said;
	bool known;

	if (!link_again(l))
		return false;
	r = PQexecParams(l->conn, "SELECT pg_xact_status(CAST($1 AS xid8))", 1, NULL, &xid, NULL, NULL,
					 0);
	said = PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1 ? PQgetvalue(r, 0, 0) : "";
	*committed = strcmp(said, "committed") == 0;
	known = *committed || strcmp(said, "aborted") == 0;
	PQclear(r);
	return known;
}

static int find_out(struct db *db, struct link *l)
{
	int64_t until = clock_monotonic() + DOUBT_SECONDS * CLOCK_SECOND;
	char xid[LINK_XID_SIZE];
	bool committed = false;

	memcpy(xid, l->xid, sizeof xid);
	do {
		static const struct timespec rest = {.tv_nsec = 200 * 1000000};

		if (fate(l, xid, &committed))
			return committed ? OK
							 : fail(db, E_UNAVAILABLE,
									"The connection to the database was lost; try again");
		nanosleep(&rest, NULL);
	} while (clock_monotonic() < until);
	db->in_doubt = true;
	return fail(db, E_UNAVAILABLE,
				"The connection to the database was lost while this was stored; look whether it "
				"was before you try again");
}

static int pg_commit(struct db *db)
{
	struct link *l = db->conn;
	PGresult *r = NULL;
	bool done;
	int rc;

	TRY(link_ready(db, l));
	rc = link_answer(db, l, PQsendQuery(l->conn, "COMMIT"), &r);
	if (rc == E_UNAVAILABLE && l->conn == NULL && l->xid[0] != '\0')
		return find_out(db, l);
	TRY(rc);
	done = strcmp(PQcmdStatus(r), "COMMIT") == 0;
	PQclear(r);
	if (!done)
		return fail(db, E_INTERNAL, "a transaction was to be committed after a failure in it");
	l->xid[0] = '\0';
	return OK;
}

static void pg_rollback(struct db *db)
{
	undo(db, db->conn);
}

/* Migrations may take as long as they need. */
static int pg_script(struct db *db, const char *sql)
{
	struct link *l = db->conn;
	int64_t wait_ms;
	int rc;

	if (db->in_tx && !db->write_tx)
		return fail(db, E_INTERNAL, "a script needs a transaction for writing, or none");
	TRY(link_ready(db, l));
	TRY(link_run(db, l,
				 db->in_tx ? "SET LOCAL statement_timeout = 0" : "SET statement_timeout = 0"));
	wait_ms = l->wait_ms;
	l->wait_ms = 0;
	rc = link_run(db, l, sql);
	l->wait_ms = wait_ms;
	if (!db->in_tx && l->conn != NULL)
		TRY(link_run(db, l, "RESET statement_timeout"));
	return rc;
}

static int pg_unhurried(struct db *db)
{
	struct link *l = db->conn;

	TRY(link_ready(db, l));
	TRY(link_run(db, l, "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0"));
	l->wait_ms = 0;
	return OK;
}

/* ---- what others say ---- */

static int listen_on(struct db *db, struct link *l, const char *channel)
{
	char sql[128];

	if (l->listening == l->generation)
		return OK;
	snprintf(sql, sizeof sql, "LISTEN %s", channel);
	TRY(link_run(db, l, sql));
	l->listening = l->generation;
	return OK;
}

/* True if there was something. */
static bool hear(struct link *l, const struct db_wait *w)
{
	PGnotify *n;
	bool any = false;

	while ((n = PQnotifies(l->conn)) != NULL) {
		any = true;
		w->heard(w->arg, n->extra);
		PQfreemem(n);
	}
	return any;
}

static int pg_wait(struct db *db, const struct db_wait *w)
{
	struct link *l = db->conn;
	struct pollfd fds[2];

	TRY(link_ready(db, l));
	TRY(listen_on(db, l, w->channel));
	if (hear(l, w))
		return OK;
	fds[0] = (struct pollfd){.fd = PQsocket(l->conn), .events = POLLIN};
	fds[1] = (struct pollfd){.fd = w->wake_fd, .events = POLLIN};
	(void)poll(fds, 2, w->timeout_ms); /* whatever ends it, the connection tells more */
	TRY(link_ready(db, l));
	if (l->listening == l->generation)
		(void)hear(l, w);
	return OK;
}

/* ---- connections ---- */

static void pg_close(struct db *db)
{
	struct link *l = db->conn;

	while (l->statements.newest != NULL)
		forget(l, (struct statement *)l->statements.newest);
	link_close(l);
	db->conn = NULL;
}

static int pg_open(struct db *db, const char *url)
{
	struct link *l = NULL;

	TRY(link_open(db, url, &l));
	db->conn = l;
	return OK;
}

static int pg_backup(struct db *db, const char *path)
{
	return fail(db, E_RULE, "%s: a PostgreSQL database is copied with vitae copy or pg_dump", path);
}

const struct db_driver postgres_driver = {
	.name = "postgresql",
	.open = pg_open,
	.close = pg_close,
	.query = cursor_query,
	.walk = cursor_walk,
	.step = cursor_step,
	.changes = cursor_changes,
	.finish = cursor_finish,
	.columns = cursor_columns,
	.column_name = cursor_column_name,
	.column_null = cursor_column_null,
	.column_int = cursor_column_int,
	.column_real = cursor_column_real,
	.column_text = cursor_column_text,
	.begin = pg_begin,
	.commit = pg_commit,
	.rollback = pg_rollback,
	.script = pg_script,
	.unhurried = pg_unhurried,
	.wait = pg_wait,
	.backup = pg_backup,
};

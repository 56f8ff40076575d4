/*
 * See driver.h: SQLite 3.40 or newer, in WAL mode.
 *
 * A connection belongs to one thread, so SQLite's own mutexes are off (NOMUTEX). Statements stay
 * prepared in a hash table by their text; beyond DB_STATEMENTS_MAX the least recently used goes. A
 * cursor is such a prepared statement while it runs; one whose text runs already (a query within
 * db_each's callback) gets a second one that is not kept.
 *
 * $1…$n are found by name once, when a statement is prepared: SQLite numbers named parameters by
 * first appearance. Writers of this process wait in a queue (writers.h) before they ask SQLite for
 * its lock, also for single statements outside transactions; the busy timeout is for other
 * processes alone.
 *
 * SQLite may end a transaction by itself (disk full, I/O error); what follows must then not run
 * outside of it, so every statement checks that the transaction it belongs to is still there.
 *
 * The schema is not trusted and the connection defensive: a database file that somebody brings (a
 * restored backup) can neither run functions from its triggers and views nor have its inner tables
 * bent. Hence FTS5 tables are written by statements, not by triggers, which SQLite 3.40 refuses
 * then.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "store/driver.h"
#include "store/kept.h"
#include "store/snapshot.h"
#include "store/sqlite_score.h"
#include "store/sqlite_setup.h"
#include "store/writers.h"

enum { WAIT_MS = 10000, BACKUP_PAGES = 1024 };

struct cursor {
	struct kept kept; /* first */
	sqlite3_stmt *stmt;
	bool running, holds_turn, told; /* told: step has reported its error */
	struct row_columns columns;
	int prepared; /* how often SQLite had prepared it again when they were kept */
	int nparams;
	int position[]; /* of $1 and so on, as SQLite counts */
};

struct sqlite {
	sqlite3 *handle;
	struct writers *writers;
	int turns; /* how often this connection has entered the queue */
	struct kept_set statements;
	sqlite3_stmt *begin_read, *begin_write, *commit, *rollback;
	struct snapshot snapshot; /* of a hasty connection */
};

/* ---- errors ---- */

/* "UNIQUE constraint failed: users.team_id, users.email" gives "users.team_id";
 * "…: index 'users_folded'" gives "users_folded". */
static void note_conflict(struct db *db, const char *message)
{
	const char *at = strstr(message, "failed: ");
	size_t n;

	db->conflict[0] = '\0';
	if (at == NULL)
		return;
	at += strlen("failed: ");
	if (strncmp(at, "index '", 7) == 0)
		at += 7;
	n = strcspn(at, ",'");
	snprintf(db->conflict, sizeof db->conflict, "%.*s", (int)n, at);
}

static int tell_constraint(struct db *db, int extended, const char *message)
{
	switch (extended) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
		note_conflict(db, message);
		return fail(db, E_CONFLICT, "This exists already");
	case SQLITE_CONSTRAINT_FOREIGNKEY:
		db->conflict[0] = '\0';
		return fail(db, E_CONFLICT, "This refers to something missing, or is still referred to");
	default: return fail(db, E_INTERNAL, "SQLite: %s", message);
	}
}

/* What another try, one that waits, may not meet. */
static bool is_passing(int rc)
{
	return (rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED ||
		   (rc & 0xff) == SQLITE_PROTOCOL;
}

/* Sets the error for SQLite's result code. What a caller may not see goes to the log. */
static int tell(struct db *db, sqlite3 *handle, int rc)
{
	const char *message = handle != NULL ? sqlite3_errmsg(handle) : sqlite3_errstr(rc);

	if (db->hasty && is_passing(rc))
		return fail(db, E_UNAVAILABLE, "The database is busy; try again");
	switch (rc & 0xff) {
	case SQLITE_CONSTRAINT: return tell_constraint(db, rc, message);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		log_warning("SQLite: %s (%d)", message, rc);
		return fail(db, E_UNAVAILABLE, "The database is busy; try again");
	case SQLITE_FULL:
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_PROTOCOL:
	case SQLITE_NOMEM:
		log_error("SQLite: %s (%d)", message, rc);
		return fail(db, E_UNAVAILABLE, "The database cannot be used just now; try again later");
	default: return fail(db, E_INTERNAL, "SQLite: %s (%d)", message, rc);
	}
}

/* ---- the turn to write ---- */

static int take_turn(struct db *db)
{
	struct sqlite *s = db->conn;

	if (db->hasty)
		return fail(db, E_INTERNAL, "this writes on a connection that only reads");
	if (s->turns == 0 && !writers_enter(s->writers, WAIT_MS * INT64_C(1000)))
		return fail(db, E_UNAVAILABLE, "The database is busy; try again");
	s->turns++;
	return OK;
}

static void end_turn(struct sqlite *s)
{
	if (--s->turns == 0)
		writers_leave(s->writers);
}

/* ---- statements ---- */

static void cursor_free(struct cursor *c)
{
	sqlite3_finalize(c->stmt);
	free(c->columns.fields);
	free(c);
}

static void forget(struct sqlite *s, struct cursor *c)
{
	kept_remove(&s->statements, &c->kept);
	cursor_free(c);
}

static void make_room(struct sqlite *s)
{
	struct kept *k = s->statements.oldest;

	while (s->statements.n >= DB_STATEMENTS_MAX && k != NULL) {
		struct kept *newer = k->newer;
		struct cursor *c = (struct cursor *)k;

		if (!c->running)
			forget(s, c);
		k = newer;
	}
}

static void finalize(sqlite3_stmt **stmt)
{
	sqlite3_finalize(*stmt);
	*stmt = NULL;
}

static bool only_blanks(const char *s)
{
	while (isspace((unsigned char)*s))
		s++;
	return *s == '\0';
}

static int prepare(struct db *db, const char *sql, struct cursor **out)
{
	struct sqlite *s = db->conn;
	CLEANUP(finalize) sqlite3_stmt *stmt = NULL;
	const char *tail = "";
	struct cursor *c;
	int n, rc;

	rc = sqlite3_prepare_v3(s->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, &tail);
	if (rc != SQLITE_OK)
		return tell(db, s->handle, rc);
	if (stmt == NULL || !only_blanks(tail))
		return fail(db, E_INTERNAL, "not one statement: %.100s", sql);
	n = sqlite3_bind_parameter_count(stmt);
	c = calloc(1, sizeof *c + (size_t)n * sizeof c->position[0]);
	if (c == NULL)
		return fail(db, E_UNAVAILABLE, "There is no memory for a statement");
	for (int i = 0; i < n; i++) {
		char name[16];

		snprintf(name, sizeof name, "$%d", i + 1);
		c->position[i] = sqlite3_bind_parameter_index(stmt, name);
		if (c->position[i] == 0) {
			free(c);
			return fail(db, E_INTERNAL, "parameters are not $1 to $%d: %.100s", n, sql);
		}
	}
	c->nparams = n;
	c->stmt = stmt;
	stmt = NULL;
	*out = c;
	return OK;
}

/* A statement ready to bind: the one kept, or a new one, which is then kept. */
static int cursor_for(struct db *db, const char *sql, struct cursor **out)
{
	struct sqlite *s = db->conn;
	struct cursor *c = (struct cursor *)kept_find(&s->statements, sql);

	if (c != NULL && !c->running) {
		kept_use(&s->statements, &c->kept);
		*out = c;
		return OK;
	}
	TRY(prepare(db, sql, out));
	if (c == NULL) {
		make_room(s);
		(void)kept_add(&s->statements, &(*out)->kept, sql); /* without memory: prepared once more */
	}
	return OK;
}

static int bind_one(sqlite3_stmt *stmt, int at, const struct param *p)
{
	switch (p->type) {
	case PARAM_NULL: return sqlite3_bind_null(stmt, at);
	case PARAM_INT: return sqlite3_bind_int64(stmt, at, p->i);
	case PARAM_REAL: return sqlite3_bind_double(stmt, at, p->r);
	case PARAM_TEXT: return sqlite3_bind_text(stmt, at, p->s, -1, SQLITE_STATIC);
	}
	return SQLITE_MISUSE;
}

/* May this statement run now? Takes the turn if it writes by itself. */
static int admit(struct db *db, struct cursor *c)
{
	struct sqlite *s = db->conn;
	bool reads = sqlite3_stmt_readonly(c->stmt) != 0;

	if (db->in_tx && sqlite3_get_autocommit(s->handle))
		return fail(db, E_UNAVAILABLE, "The transaction was undone; try again");
	if (reads || db->write_tx)
		return OK;
	if (db->in_tx)
		return fail(db, E_INTERNAL, "this writes in a transaction for reading: %.100s",
					sqlite3_sql(c->stmt));
	TRY(take_turn(db));
	c->holds_turn = true;
	return OK;
}

static int cursor_finish(struct db *db, struct cursor *c)
{
	struct sqlite *s = db->conn;
	int rc = sqlite3_reset(c->stmt), told = OK;

	if (rc != SQLITE_OK && !c->told)
		told = tell(db, s->handle, rc);
	sqlite3_clear_bindings(c->stmt);
	if (c->holds_turn)
		end_turn(s);
	c->holds_turn = c->running = c->told = false;
	if (c->kept.text == NULL)
		cursor_free(c);
	return told;
}

static int start(struct db *db, struct cursor *c, struct params p)
{
	struct sqlite *s = db->conn;

	if ((size_t)c->nparams != p.n)
		return fail(db, E_INTERNAL, "%zu parameters given for %d: %.100s", p.n, c->nparams,
					sqlite3_sql(c->stmt));
	for (int i = 0; i < c->nparams; i++) {
		int rc = bind_one(c->stmt, c->position[i], &p.items[i]);

		if (rc != SQLITE_OK)
			return tell(db, s->handle, rc);
	}
	return admit(db, c);
}

static int cursor_query(struct db *db, const char *sql, struct params p, struct cursor **out)
{
	struct cursor *c = NULL;
	int rc;

	if (db->hasty && !db->in_tx)
		snapshot_leave(&((struct sqlite *)db->conn)->snapshot);
	TRY(cursor_for(db, sql, &c));
	c->running = true;
	rc = start(db, c, p);
	if (rc < 0) {
		c->told = true;
		(void)cursor_finish(db, c);
		return rc;
	}
	*out = c;
	return OK;
}

static int cursor_step(struct db *db, struct cursor *c)
{
	int rc = sqlite3_step(c->stmt);

	if (rc == SQLITE_ROW)
		return 1;
	if (rc == SQLITE_DONE)
		return 0;
	c->told = true;
	return tell(db, ((struct sqlite *)db->conn)->handle, rc);
}

static int64_t cursor_changes(struct db *db, struct cursor *c)
{
	if (sqlite3_stmt_readonly(c->stmt))
		return 0;
	return sqlite3_changes64(((struct sqlite *)db->conn)->handle);
}

/* A changed table makes SQLite prepare the statement again. */
static struct row_columns *cursor_kept_columns(struct cursor *c)
{
	int prepared = sqlite3_stmt_status(c->stmt, SQLITE_STMTSTATUS_REPREPARE, 0);

	if (prepared != c->prepared)
		c->columns.schema = NULL;
	c->prepared = prepared;
	return &c->columns;
}

static int cursor_columns(struct cursor *c)
{
	return sqlite3_column_count(c->stmt);
}

static const char *cursor_column_name(struct cursor *c, int i)
{
	const char *name = sqlite3_column_name(c->stmt, i);

	return name != NULL ? name : "";
}

static bool cursor_column_null(struct cursor *c, int i)
{
	return sqlite3_column_type(c->stmt, i) == SQLITE_NULL;
}

static int64_t cursor_column_int(struct cursor *c, int i)
{
	return sqlite3_column_int64(c->stmt, i);
}

static double cursor_column_real(struct cursor *c, int i)
{
	return sqlite3_column_double(c->stmt, i);
}

static const char *cursor_column_text(struct cursor *c, int i, size_t *n)
{
	const char *text = (const char *)sqlite3_column_text(c->stmt, i);

	*n = text != NULL ? (size_t)sqlite3_column_bytes(c->stmt, i) : 0;
	return text;
}

/* ---- transactions ---- */

static int run_plain(struct db *db, sqlite3_stmt **stmt, const char *sql)
{
	struct sqlite *s = db->conn;
	int rc = SQLITE_OK;

	if (*stmt == NULL)
		rc = sqlite3_prepare_v3(s->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL);
	if (rc == SQLITE_OK) {
		rc = sqlite3_step(*stmt);
		sqlite3_reset(*stmt);
	}
	return rc == SQLITE_DONE ? OK : tell(db, s->handle, rc);
}

static int begin_hastily(struct db *db)
{
	struct sqlite *s = db->conn;
	int rc;

	if (snapshot_resume(&s->snapshot))
		return OK;
	rc = run_plain(db, &s->begin_read, "BEGIN DEFERRED");
	if (rc < 0)
		snapshot_ended(&s->snapshot);
	return rc;
}

static int sqlite_begin(struct db *db, bool write)
{
	struct sqlite *s = db->conn;
	int rc;

	if (!write && db->hasty)
		return begin_hastily(db);
	if (!write)
		return run_plain(db, &s->begin_read, "BEGIN DEFERRED");
	TRY(take_turn(db));
	rc = run_plain(db, &s->begin_write, "BEGIN IMMEDIATE");
	if (rc < 0)
		end_turn(s);
	return rc;
}

static int sqlite_commit(struct db *db)
{
	struct sqlite *s = db->conn;

	if (sqlite3_get_autocommit(s->handle))
		return fail(db, E_UNAVAILABLE, "The transaction was undone; try again");
	if (db->hasty && snapshot_keep(&s->snapshot))
		return OK;
	TRY(run_plain(db, &s->commit, "COMMIT"));
	db_committed(db);
	if (db->hasty)
		snapshot_ended(&s->snapshot);
	if (db->write_tx)
		end_turn(s);
	return OK;
}

static void sqlite_rollback(struct db *db)
{
	struct sqlite *s = db->conn;
	struct error told = *db->error;

	if (!sqlite3_get_autocommit(s->handle) && run_plain(db, &s->rollback, "ROLLBACK") < 0)
		log_error("a rollback failed: %s", db->error->text);
	*db->error = told;
	if (db->hasty)
		snapshot_ended(&s->snapshot);
	if (db->write_tx)
		end_turn(s);
}

static uint64_t sqlite_snapshot(struct db *db)
{
	struct sqlite *s = db->conn;

	return s->snapshot.number;
}

static void sqlite_rest(struct db *db)
{
	struct sqlite *s = db->conn;

	snapshot_rest(&s->snapshot);
}

static int sqlite_script(struct db *db, const char *sql)
{
	struct sqlite *s = db->conn;
	int rc;

	if (db->in_tx && (!db->write_tx || sqlite3_get_autocommit(s->handle)))
		return fail(db, E_INTERNAL, "a script needs a transaction for writing, or none");
	TRY(take_turn(db));
	rc = sqlite3_exec(s->handle, sql, NULL, NULL, NULL);
	rc = rc == SQLITE_OK ? OK : tell(db, s->handle, rc);
	end_turn(s);
	return rc;
}

/* ---- connections ---- */

/* Opening is done by one thread at a time: closing a descriptor of a database file drops the locks
 * that other connections of this process hold on it, and a first switch to WAL does not wait for
 * others. */
static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;

static void unlock(pthread_mutex_t **m)
{
	pthread_mutex_unlock(*m);
}

/* Makes the file if it is missing, readable by its owner only; SQLite gives its companions the same
 * mode. */
static int make_file(struct db *db, const char *path, bool *made)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 && errno != EEXIST)
		return fail(db, E_RULE, "The database %s cannot be made: %m", path);
	if (fd >= 0)
		close(fd);
	*made = fd >= 0;
	return OK;
}

static void sqlite_close(struct db *db)
{
	struct sqlite *s = db->conn;

	snapshot_done(&s->snapshot);
	while (s->statements.newest != NULL)
		forget(s, (struct cursor *)s->statements.newest);
	sqlite3_finalize(s->begin_read);
	sqlite3_finalize(s->begin_write);
	sqlite3_finalize(s->commit);
	sqlite3_finalize(s->rollback);
	if (sqlite3_close(s->handle) != SQLITE_OK)
		log_error("SQLite: a statement runs still: %s", sqlite3_errmsg(s->handle));
	writers_unref(s->writers);
	free(s);
	db->conn = NULL;
}

/* Fills *s; what it has opened on failure is left to sqlite_close. */
static int connect_file(struct db *db, struct sqlite *s, const char *path)
{
	int flags =
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	char *real = NULL;
	bool made;
	int rc;

	if (strcmp(path, ":memory:") != 0) {
		TRY(make_file(db, path, &made));
		real = realpath(path, NULL);
		if (real == NULL)
			return fail(db, E_RULE, "The database %s cannot be opened: %m", path);
	}
	s->writers = writers_ref(real);
	free(real);
	if (s->writers == NULL)
		return fail(db, E_UNAVAILABLE, "There is no memory for a database connection");
	rc = sqlite3_open_v2(path, &s->handle, flags, db->hasty ? SQLITE_VFS_HASTY : NULL);
	if (rc == SQLITE_OK)
		rc = sqlite_settle(s->handle, db->hasty ? 0 : WAIT_MS);
	if (rc == SQLITE_OK)
		rc = sqlite_score_register(s->handle);
	if (rc != SQLITE_OK)
		return fail(db, E_RULE, "The database %s cannot be opened: %s", path,
					s->handle != NULL ? sqlite3_errmsg(s->handle) : sqlite3_errstr(rc));
	if (db->hasty)
		snapshot_init(&s->snapshot, s->handle);
	return OK;
}

static int sqlite_open(struct db *db, const char *path)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	CLEANUP(unlock) pthread_mutex_t *held = &opening;
	struct sqlite *s;
	int rc;

	pthread_once(&once, sqlite_configure);
	pthread_mutex_lock(held);
	if (path[0] == '\0')
		return fail(db, E_RULE, "A database URL names a file: sqlite:PATH");
	s = calloc(1, sizeof *s);
	if (s == NULL)
		return fail(db, E_UNAVAILABLE, "There is no memory for a database connection");
	db->conn = s;
	rc = connect_file(db, s, path);
	if (rc < 0)
		sqlite_close(db);
	return rc;
}

/* The write-ahead log is then synced with the next commit of any other connection, and before its
 * pages go to the database: what is lost is lost from its end. */
static int sqlite_repeatable(struct db *db)
{
	return sqlite_script(db, "PRAGMA synchronous = NORMAL");
}

/* ---- backup ---- */

static int copy_pages(struct db *db, sqlite3 *to)
{
	struct sqlite *s = db->conn;
	sqlite3_backup *b;
	int rc;

	rc = sqlite3_exec(to, "PRAGMA journal_mode = OFF; PRAGMA synchronous = FULL", NULL, NULL, NULL);
	b = rc == SQLITE_OK ? sqlite3_backup_init(to, "main", s->handle, "main") : NULL;
	if (b == NULL)
		return tell(db, to, sqlite3_extended_errcode(to));
	do {
		rc = sqlite3_backup_step(b, BACKUP_PAGES);
	} while (rc == SQLITE_OK);
	rc = sqlite3_backup_finish(b);
	return rc == SQLITE_OK ? OK : tell(db, to, rc);
}

static int copy_to(struct db *db, const char *path)
{
	sqlite3 *to = NULL;
	int rc = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, NULL);

	rc = rc == SQLITE_OK ? copy_pages(db, to) : tell(db, to, rc);
	sqlite3_close(to);
	if (rc < 0)
		unlink(path);
	return rc;
}

/* Reads from one snapshot, so that writers neither wait nor make the copy begin anew. */
static int sqlite_backup(struct db *db, const char *path)
{
	struct sqlite *s = db->conn;
	bool own = !db->in_tx, made;
	int rc;

	if (db->write_tx || db->hasty)
		return fail(db, E_INTERNAL, "a backup in a hurry, or within a write transaction");
	TRY(make_file(db, path, &made));
	if (!made)
		return fail(db, E_RULE, "%s is there already", path);
	if (own)
		TRY(run_plain(db, &s->begin_read, "BEGIN DEFERRED"));
	rc = sqlite3_exec(s->handle, "SELECT 1 FROM sqlite_schema", NULL, NULL, NULL);
	rc = rc == SQLITE_OK ? copy_to(db, path) : tell(db, s->handle, rc);
	if (own)
		sqlite_rollback(db);
	return rc;
}

const struct db_driver sqlite_driver = {
	.name = "sqlite",
	.open = sqlite_open,
	.close = sqlite_close,
	.query = cursor_query,
	.walk = cursor_query,
	.step = cursor_step,
	.changes = cursor_changes,
	.finish = cursor_finish,
	.kept_columns = cursor_kept_columns,
	.columns = cursor_columns,
	.column_name = cursor_column_name,
	.column_null = cursor_column_null,
	.column_int = cursor_column_int,
	.column_real = cursor_column_real,
	.column_text = cursor_column_text,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.rest = sqlite_rest,
	.snapshot = sqlite_snapshot,
	.script = sqlite_script,
	.repeatable = sqlite_repeatable,
	.backup = sqlite_backup,
};

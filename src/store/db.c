/*
 * See db.h: the part that is the same for every engine. A run is a statement under way; whatever
 * ends the function, the statement goes back to the driver. Results are handed out only after the
 * statement has ended well, because with RETURNING a foreign key may fail after the row was seen.
 */
#include "store/db.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "store/driver.h"
#include "store/row.h"

enum { EACH_SCRATCH_MAX = 16 * 1024 * 1024, LIST_FIRST = 16 };

static _Atomic int64_t failing_statement;

void db_fail_at(int64_t n)
{
	atomic_store(&failing_statement, n);
}

static int injected_failure(struct db *db)
{
	if (atomic_load_explicit(&failing_statement, memory_order_relaxed) <= 0)
		return OK;
	if (atomic_fetch_sub(&failing_statement, 1) == 1)
		return fail(db, E_INTERNAL, "this statement fails for a test");
	return OK;
}

static bool starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* "sqlite:PATH"; with two slashes as other URLs have them, of which they are no part. */
static const char *sqlite_path(const char *url)
{
	const char *path = url + strlen("sqlite:");

	return starts(path, "//") ? path + 2 : path;
}

static int open_as(const char *url, bool hasty, struct error *error, struct db **out)
{
	struct db *db, told = {.error = error};

	bool postgres = starts(url, "postgresql:") || starts(url, "postgres:");

	if (!postgres && !starts(url, "sqlite:"))
		return fail(&told, E_RULE, "A database URL begins with sqlite: or postgresql://");
	if (postgres && hasty)
		return fail(&told, E_RULE, "PostgreSQL is not asked without waiting");
	db = calloc(1, sizeof *db);
	if (db == NULL)
		return fail(&told, E_UNAVAILABLE, "There is no memory for a database connection");
	db->error = error;
	db->hasty = hasty;
	db->driver = postgres ? &postgres_driver : &sqlite_driver;
	if (db->driver->open(db, postgres ? url : sqlite_path(url)) < 0) {
		free(db);
		return error->code;
	}
	*out = db;
	return OK;
}

int db_open(const char *url, struct error *error, struct db **out)
{
	return open_as(url, false, error, out);
}

int db_open_hasty(const char *url, struct error *error, struct db **out)
{
	return open_as(url, true, error, out);
}

void db_close(struct db *db)
{
	if (db == NULL)
		return;
	db_rollback(db);
	db->driver->close(db);
	free(db);
}

const char *db_engine(const struct db *db)
{
	return db->driver->name;
}

struct run {
	struct db *db;
	struct cursor *cursor;
};

/* A failed statement breaks the transaction it belongs to. */
static int told(struct db *db, int rc)
{
	if (rc < 0 && db->in_tx)
		db->broken = true;
	return rc;
}

static int may_run(struct db *db)
{
	if (db->broken)
		return fail(db, E_INTERNAL, "a statement in a transaction that has failed already");
	return told(db, injected_failure(db));
}

static int run_start(struct run *r, struct db *db, const char *sql, struct params p)
{
	TRY(may_run(db));
	TRY(told(db, db->driver->query(db, sql, p, &r->cursor)));
	r->db = db;
	return OK;
}

static int run_step(struct run *r)
{
	return told(r->db, r->db->driver->step(r->db, r->cursor));
}

static int run_first_row(struct run *r)
{
	int rc = run_step(r);

	return rc == 0 ? fail(r->db, E_NOT_FOUND, "Not found") : rc;
}

static int run_finish(struct run *r)
{
	struct cursor *c = r->cursor;

	r->cursor = NULL;
	return told(r->db, r->db->driver->finish(r->db, c));
}

/* For early returns, whose error must not be covered by another. */
static void run_abandon(struct run *r)
{
	struct error told;

	if (r->cursor == NULL)
		return;
	told = *r->db->error;
	(void)run_finish(r);
	*r->db->error = told;
}

int db_exec_params(struct db *db, int64_t *changes, const char *sql, struct params p)
{
	CLEANUP(run_abandon) struct run r = {NULL, NULL};
	int64_t n;
	int rc;

	TRY(run_start(&r, db, sql, p));
	while ((rc = run_step(&r)) > 0)
		;
	TRY(rc);
	n = db->driver->changes(db, r.cursor);
	TRY(run_finish(&r));
	if (changes != NULL)
		*changes = n;
	return OK;
}

int db_one_params(struct db *db, struct arena *a, const struct schema *s, void *out,
				  const char *sql, struct params p)
{
	CLEANUP(run_abandon) struct run r = {NULL, NULL};
	CLEANUP(row_reader_done) struct row_reader reader = {.scratch = NULL};
	void *row;

	TRY(run_start(&r, db, sql, p));
	TRY(run_first_row(&r));
	TRY(row_reader_init(&reader, db, r.cursor, s));
	row = arena_alloc(a, s->size);
	TRY(row_read(&reader, a, row));
	TRY(run_finish(&r));
	memcpy(out, row, s->size);
	return OK;
}

/* Doubles the array; what it leaves behind stays in the arena, less than the array itself. */
static char *grown(struct arena *a, char *items, size_t n, size_t *room, size_t max, size_t size)
{
	char *larger;

	*room = *room == 0 ? LIST_FIRST : *room * 2;
	if (*room > max)
		*room = max;
	larger = arena_array(a, *room, size);
	if (n > 0)
		memcpy(larger, items, n * size);
	return larger;
}

int db_list_params(struct db *db, struct arena *a, const struct schema *s, size_t max,
				   struct list *out, const char *sql, struct params p)
{
	CLEANUP(run_abandon) struct run r = {NULL, NULL};
	CLEANUP(row_reader_done) struct row_reader reader = {.scratch = NULL};
	size_t n = 0, room = 0;
	char *items = NULL;
	int rc = 0;

	TRY(run_start(&r, db, sql, p));
	while (n < max && (rc = run_step(&r)) > 0) {
		if (n == room)
			items = grown(a, items, n, &room, max, s->size);
		if (n == 0)
			TRY(row_reader_init(&reader, db, r.cursor, s));
		TRY(row_read(&reader, a, items + n * s->size));
		n++;
	}
	TRY(rc);
	TRY(run_finish(&r));
	*out = (struct list){.items = items, .n = n};
	return OK;
}

int db_int_params(struct db *db, int64_t *out, const char *sql, struct params p)
{
	CLEANUP(run_abandon) struct run r = {NULL, NULL};
	int64_t v = 0;

	TRY(run_start(&r, db, sql, p));
	TRY(run_first_row(&r));
	if (!db->driver->column_null(r.cursor, 0))
		v = db->driver->column_int(r.cursor, 0);
	TRY(run_finish(&r));
	*out = v;
	return OK;
}

int db_text_params(struct db *db, struct arena *a, const char **out, const char *sql,
				   struct params p)
{
	CLEANUP(run_abandon) struct run r = {NULL, NULL};
	const char *text = NULL;
	size_t n = 0;

	TRY(run_start(&r, db, sql, p));
	TRY(run_first_row(&r));
	if (!db->driver->column_null(r.cursor, 0)) {
		text = db->driver->column_text(r.cursor, 0, &n);
		text = arena_strndup(a, text, n);
	}
	if (arena_over(a))
		return fail(db, E_RULE, "The answer is too large; ask for less at once");
	TRY(run_finish(&r));
	*out = text;
	return OK;
}

static void arena_done(struct arena **a)
{
	*a = arena_free(*a);
}

/* Calls row(r, a, arg) for each row, with a empty. A negative return ends it and is returned. */
static int walk(struct db *db, const char *sql, struct params p,
				int (*row)(struct run *r, struct arena *a, void *arg), void *arg)
{
	CLEANUP(run_abandon) struct run r = {NULL, NULL};
	CLEANUP(arena_done) struct arena *a = arena_new(EACH_SCRATCH_MAX);
	int rc;

	TRY(may_run(db));
	TRY(told(db, db->driver->walk(db, sql, p, &r.cursor)));
	r.db = db;
	while ((rc = run_step(&r)) > 0) {
		arena_reset(a);
		TRY(row(&r, a, arg));
	}
	TRY(rc);
	return run_finish(&r);
}

struct value_walk {
	const struct schema *schema;
	struct row_reader *reader;
	int (*row)(void *arg, const void *value);
	void *arg;
};

static int walk_value(struct run *r, struct arena *a, void *arg)
{
	const struct value_walk *w = arg;
	void *value = arena_alloc(a, w->schema->size);

	if (w->reader->cursor == NULL)
		TRY(row_reader_init(w->reader, r->db, r->cursor, w->schema));
	TRY(row_read(w->reader, a, value));
	return w->row(w->arg, value);
}

int db_each_params(struct db *db, const struct schema *s, int (*row)(void *arg, const void *value),
				   void *arg, const char *sql, struct params p)
{
	CLEANUP(row_reader_done) struct row_reader reader = {.scratch = NULL};
	struct value_walk w = {s, &reader, row, arg};

	return walk(db, sql, p, walk_value, &w);
}

struct text_walk {
	int (*text)(void *arg, const char *value);
	void *arg;
};

static int walk_text(struct run *r, struct arena *a, void *arg)
{
	const struct text_walk *w = arg;
	const struct db_driver *driver = r->db->driver;
	const char *value;
	size_t n = 0;

	if (driver->column_null(r->cursor, 0))
		return OK;
	value = driver->column_text(r->cursor, 0, &n);
	value = arena_strndup(a, value, n);
	if (arena_over(a))
		return fail(r->db, E_RULE, "A text of a row is too large");
	return w->text(w->arg, value);
}

int db_each_text(struct db *db, int (*text)(void *arg, const char *value), void *arg,
				 const char *sql)
{
	struct text_walk w = {text, arg};

	return walk(db, sql, PARAMS(), walk_text, &w);
}

int db_script(struct db *db, const char *sql)
{
	TRY(may_run(db));
	return told(db, db->driver->script(db, sql));
}

int db_begin(struct db *db, bool write)
{
	if (db->in_tx)
		return fail(db, E_INTERNAL, "a transaction is open already");
	TRY(injected_failure(db));
	TRY(db->driver->begin(db, write));
	db->hooks = NULL;
	db->last_hook = &db->hooks;
	db->in_tx = true;
	db->write_tx = write;
	db->broken = false;
	return OK;
}

void db_on_commit(struct db *db, struct db_hook *h)
{
	h->next = NULL;
	*db->last_hook = h;
	db->last_hook = &h->next;
}

void db_committed(struct db *db)
{
	struct db_hook *h = db->hooks;

	db->hooks = NULL;
	for (; h != NULL; h = h->next)
		h->fn(h->arg);
}

int db_commit(struct db *db)
{
	int rc;

	if (!db->in_tx)
		return fail(db, E_INTERNAL, "no transaction is open");
	rc = may_run(db);
	if (rc == OK)
		rc = db->driver->commit(db);
	if (rc < 0) {
		db_rollback(db);
		return rc;
	}
	db_committed(db);
	db->in_tx = db->write_tx = db->broken = false;
	return OK;
}

void db_rollback(struct db *db)
{
	if (!db->in_tx)
		return;
	db->driver->rollback(db);
	db->in_tx = db->write_tx = db->broken = false;
}

void db_rest(struct db *db)
{
	if (db->hasty && db->driver->rest != NULL)
		db->driver->rest(db);
}

uint64_t db_snapshot(struct db *db)
{
	return db->hasty && db->in_tx && db->driver->snapshot != NULL ? db->driver->snapshot(db) : 0;
}

bool db_conflict(const struct db *db, const char *column)
{
	return strcmp(db->conflict, column) == 0;
}

int db_wait(struct db *db, const struct db_wait *w)
{
	if (db->driver->wait == NULL || db->in_tx)
		return fail(db, E_RULE, "nothing can be heard of other processes here");
	return db->driver->wait(db, w);
}

int db_unhurried(struct db *db)
{
	return db->driver->unhurried != NULL ? db->driver->unhurried(db) : OK;
}

int db_repeatable(struct db *db)
{
	return db->driver->repeatable != NULL ? db->driver->repeatable(db) : OK;
}

int db_backup(struct db *db, const char *path)
{
	TRY(injected_failure(db));
	return db->driver->backup(db, path);
}

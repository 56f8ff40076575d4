#include "core/ctx.h"

#include "base/test.h"

struct env {
	struct arena *a;
	struct error error;
	struct faults faults;
	struct db *db;
	struct ctx c;
};

static char order[64];

static void note(struct core *core, void *arg)
{
	(void)core;
	strncpy(order + strlen(order), arg, sizeof order - strlen(order) - 1);
}

static struct env *begin(void)
{
	static struct env e;

	db_close(e.db);
	arena_free(e.a);
	memset(&e, 0, sizeof e);
	memset(order, 0, sizeof order);
	e.a = arena_new(1 << 20);
	CHECK_INT(db_open("sqlite::memory:", &e.error, &e.db), OK);
	e.db->error = &e.error;
	CHECK_INT(db_script(e.db, "CREATE TABLE t (id INTEGER PRIMARY KEY)"), OK);
	e.c = (struct ctx){.arena = e.a, .error = &e.error, .faults = &e.faults, .db = e.db};
	return &e;
}

static int64_t rows(struct env *e)
{
	int64_t n = -1;

	CHECK_INT(db_int(e->db, &n, "SELECT count(*) FROM t"), OK);
	return n;
}

/* Inserts a row, registers work for either end, and returns *arg. */
static int insert(struct ctx *c, void *arg)
{
	TRY(db_exec(c->db, NULL, "INSERT INTO t DEFAULT VALUES"));
	after_commit(c, note, "c1 ");
	after_rollback(c, note, "r1 ");
	after_commit(c, note, "c2 ");
	after_rollback(c, note, "r2 ");
	return *(int *)arg;
}

TEST(tx_commits_then_runs_the_work)
{
	struct env *e = begin();
	int rc = OK;

	CHECK_INT(tx(&e->c, insert, &rc), OK);
	CHECK_INT(rows(e), 1);
	CHECK_STR(order, "c1 c2 ");
	CHECK(!e->db->in_tx);
}

TEST(an_error_rolls_back_and_undoes_in_reverse)
{
	struct env *e = begin();
	int rc = E_RULE;

	CHECK_INT(tx(&e->c, insert, &rc), E_RULE);
	CHECK_INT(rows(e), 0);
	CHECK_STR(order, "r2 r1 ");
	CHECK(!e->db->in_tx);
}

static int nested(struct ctx *c, void *arg)
{
	int ok = OK;

	TRY(tx(c, insert, &ok));
	return insert(c, arg);
}

TEST(tx_inside_tx_joins_it)
{
	struct env *e = begin();
	int rc = E_CONFLICT;

	CHECK_INT(tx(&e->c, nested, &rc), E_CONFLICT);
	CHECK_INT(rows(e), 0);
	CHECK_STR(order, "r2 r1 r2 r1 ");
}

TEST(tx_does_not_write_inside_a_reader)
{
	struct env *e = begin();
	int rc = OK;

	CHECK_INT(db_begin(e->db, false), OK);
	CHECK_INT(tx(&e->c, insert, &rc), E_INTERNAL);
	db_rollback(e->db);
	CHECK_INT(rows(e), 0);
}

static void again(struct core *core, void *arg)
{
	struct ctx *c = arg;
	int rc = OK;

	(void)core;
	CHECK_INT(tx(c, insert, &rc), OK);
}

TEST(after_work_may_open_a_transaction)
{
	struct env *e = begin();

	after_commit(&e->c, again, &e->c);
	ctx_after(&e->c, true);
	CHECK_INT(rows(e), 1);
	CHECK_STR(order, "c1 c2 ");
	ctx_after(&e->c, true); /* nothing is left */
	CHECK_INT(rows(e), 1);
}

TEST(headers_are_kept_and_guarded)
{
	struct env *e = begin();
	char value[] = "/a/1";

	CHECK_INT(ctx_header(&e->c, "Location", value), OK);
	value[1] = 'x';
	CHECK_STR(e->c.headers.items[0].value, "/a/1");
	CHECK_INT(ctx_header(&e->c, "Location", "a\r\nSet-Cookie: b"), E_INTERNAL);
	CHECK_INT(e->c.headers.n, 1);
	for (int i = 1; i < CTX_HEADERS_MAX; i++)
		CHECK_INT(ctx_header(&e->c, "X", "y"), OK);
	CHECK_INT(ctx_header(&e->c, "X", "y"), E_INTERNAL);
}

TEST(roles_have_names)
{
	CHECK_INT(role_parse("viewer"), ROLE_VIEWER);
	CHECK_INT(role_parse("hr_manager"), ROLE_HR_MANAGER);
	CHECK_INT(role_parse("admin"), ROLE_ADMIN);
	CHECK_INT(role_parse("superuser"), ROLE_PUBLIC);
	CHECK_INT(role_parse(NULL), ROLE_PUBLIC);
	for (int i = 0; role_choices[i] != NULL; i++)
		CHECK_STR(role_name(role_parse(role_choices[i])), role_choices[i]);
}

TEST(faults_are_told)
{
	struct env *e = begin();

	CHECK_INT(ctx_fault(&e->c, "body", "email", "Taken", "value_error"), E_INVALID);
	CHECK_INT(e->faults.n, 1);
	CHECK_STR(e->faults.items[0].name, "email");
}

TEST_MAIN()

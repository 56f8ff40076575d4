/* Transactions, writers that wait for each other, backups. */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "store/db_fixture.h"

TEST(a_conflict_may_come_with_the_commit)
{
	struct db *db = with_people();

	CHECK_INT(db_script(db, "CREATE TABLE later (team_id BIGINT REFERENCES teams (id) "
							"DEFERRABLE INITIALLY DEFERRED)"),
			  OK);
	CHECK_INT(db_begin(db, true), OK);
	CHECK_INT(db_exec(db, NULL, "INSERT INTO later VALUES (5)"), OK);
	CHECK_INT(db_commit(db), E_CONFLICT);
	CHECK(!db->in_tx && !db->write_tx);
	CHECK_INT(count(db, "SELECT count(*) FROM later"), 0);
	CHECK_INT(db_exec(db, NULL, "INSERT INTO later VALUES (5)"), E_CONFLICT);
	CHECK_INT(db_begin(db, true), OK);
	CHECK_INT(db_exec(db, NULL, "INSERT INTO later VALUES (5)"), OK);
	CHECK_INT(db_exec(db, NULL, "INSERT INTO teams VALUES (5, 'e')"), OK);
	CHECK_INT(db_commit(db), OK);
	CHECK_INT(count(db, "SELECT count(*) FROM later"), 1);
	db_close(db);
}

TEST(transactions_commit_or_leave_no_trace)
{
	struct db *db = with_people();

	CHECK_INT(db_commit(db), E_INTERNAL);
	db_rollback(db);
	CHECK_INT(db_begin(db, true), OK);
	CHECK(db->in_tx && db->write_tx);
	CHECK_INT(db_begin(db, true), E_INTERNAL);
	CHECK_INT(db_exec(db, NULL, "INSERT INTO teams (name) VALUES ('a')"), OK);
	db_rollback(db);
	CHECK(!db->in_tx && !db->write_tx);
	CHECK_INT(count(db, "SELECT count(*) FROM teams"), 0);
	CHECK_INT(db_begin(db, true), OK);
	CHECK_INT(db_exec(db, NULL, "INSERT INTO teams (name) VALUES ('a')"), OK);
	CHECK_INT(db_exec(db, NULL, "INSERT INTO teams (name) VALUES ('b')"), OK);
	CHECK_INT(db_commit(db), OK);
	CHECK_INT(count(db, "SELECT count(*) FROM teams"), 2);
	CHECK_INT(db_begin(db, true), OK);
	CHECK_INT(db_exec(db, NULL, "DELETE FROM teams"), OK);
	db_close(db);
}

TEST(a_failure_breaks_the_transaction)
{
	struct db *db = with_people();
	int64_t n;

	CHECK_INT(db_exec(db, NULL, "INSERT INTO teams (name) VALUES ('a')"), OK);
	CHECK_INT(db_begin(db, true), OK);
	CHECK_INT(db_int(db, &n, "SELECT id FROM teams WHERE name = 'z'"), E_NOT_FOUND);
	CHECK_INT(db_exec(db, NULL, "INSERT INTO teams (name) VALUES ('b')"), OK);
	CHECK_INT(db_exec(db, NULL, "INSERT INTO teams (name) VALUES ('a')"), E_CONFLICT);
	CHECK_INT(db_int(db, &n, "SELECT 1"), E_INTERNAL);
	CHECK_INT(db_commit(db), E_INTERNAL);
	CHECK(!db->in_tx);
	CHECK_INT(count(db, "SELECT count(*) FROM teams"), 1);
	CHECK_INT(db_begin(db, true), OK);
	CHECK_INT(db_commit(db), OK);
	db_close(db);
}

TEST(reading_transactions_refuse_writes)
{
	struct db *db = with_people();

	CHECK_INT(db_begin(db, false), OK);
	CHECK_INT(db_exec(db, NULL, "INSERT INTO teams (name) VALUES ('a')"), E_INTERNAL);
	db_rollback(db);
	CHECK_INT(db_begin(db, false), OK);
	CHECK_INT(db_script(db, "DELETE FROM teams"), E_INTERNAL);
	db_rollback(db);
	CHECK_INT(count(db, "SELECT count(*) FROM teams"), 0);
	CHECK_INT(db_exec(db, NULL, "INSERT INTO teams (name) VALUES ('a')"), OK);
	db_close(db);
}

TEST(readers_keep_their_snapshot)
{
	struct db *one = with_people_in("snapshot.db"), *two = opened("snapshot.db");

	CHECK_INT(db_begin(one, false), OK);
	CHECK_INT(count(one, "SELECT count(*) FROM teams"), 0);
	CHECK_INT(db_begin(two, true), OK);
	CHECK_INT(db_exec(two, NULL, "INSERT INTO teams (name) VALUES ('a')"), OK);
	CHECK_INT(count(one, "SELECT count(*) FROM teams"), 0);
	CHECK_INT(db_commit(two), OK);
	CHECK_INT(count(one, "SELECT count(*) FROM teams"), 0);
	CHECK_INT(db_commit(one), OK);
	CHECK_INT(count(one, "SELECT count(*) FROM teams"), 1);
	db_close(one);
	db_close(two);
}

TEST(a_full_disk_undoes_the_transaction)
{
	struct db *db = with_people_in("full.db");
	int rc = OK;

	CHECK_INT(db_exec(db, NULL, "INSERT INTO teams (name) VALUES ('kept')"), OK);
	CHECK_INT(count(db, "PRAGMA max_page_count = 40"), 40);
	CHECK_INT(db_begin(db, true), OK);
	for (int i = 0; rc == OK && i < 1000; i++)
		rc = db_exec(db, NULL, "INSERT INTO people (stray) VALUES (hex(randomblob(2000)))");
	CHECK_INT(rc, E_UNAVAILABLE);
	db_rollback(db);
	CHECK_INT(count(db, "SELECT count(*) FROM teams"), 1);
	CHECK_INT(db_exec(db, NULL, "UPDATE teams SET name = 'still'"), OK);
	db_close(db);
}

static int two_teams(struct db *db)
{
	TRY(db_begin(db, true));
	TRY(db_exec(db, NULL, "INSERT INTO teams (name) VALUES ('a')"));
	TRY(db_exec(db, NULL, "INSERT INTO teams (name) VALUES ('b')"));
	return db_commit(db);
}

TEST(nothing_runs_after_a_lost_transaction)
{
	struct db *db = with_people();

	CHECK_INT(db_exec(db, NULL, "INSERT INTO teams (name) VALUES ('a')"), OK);
	CHECK_INT(db_begin(db, true), OK);
	CHECK_INT(db_exec(db, NULL, "INSERT OR ROLLBACK INTO teams (name) VALUES ('a')"), E_CONFLICT);
	CHECK_INT(db_exec(db, NULL, "INSERT INTO teams (name) VALUES ('b')"), E_INTERNAL);
	CHECK_INT(db_script(db, "INSERT INTO teams (name) VALUES ('b')"), E_INTERNAL);
	CHECK_INT(db_commit(db), E_INTERNAL);
	CHECK(!db->in_tx);
	CHECK_INT(count(db, "SELECT count(*) FROM teams"), 1);
	CHECK_INT(two_teams(db), E_CONFLICT);
	db_rollback(db);
	CHECK_INT(count(db, "SELECT count(*) FROM teams"), 1);
	db_close(db);
}

TEST(injected_failures_leave_no_half_work)
{
	struct db *db = with_people();

	for (int n = 1; n <= 4; n++) {
		db_fail_at(n);
		CHECK_INT(two_teams(db), E_INTERNAL);
		db_rollback(db);
		CHECK_INT(count(db, "SELECT count(*) FROM teams"), 0);
	}
	db_fail_at(5);
	CHECK_INT(two_teams(db), OK);
	db_fail_at(0);
	CHECK_INT(count(db, "SELECT count(*) FROM teams"), 2);
	db_fail_at(1);
	CHECK_INT(db_script(db, "DELETE FROM teams"), E_INTERNAL);
	CHECK_INT(count(db, "SELECT count(*) FROM teams"), 2);
	db_close(db);
}

enum { ROUNDS = 150 };
static _Atomic int trouble;

/* Reads, then writes what it read plus one: loses updates unless writers wait for each other. */
static int count_up(struct db *db, int i)
{
	int64_t n;

	TRY(db_begin(db, true));
	TRY(db_int(db, &n, "SELECT n FROM counter"));
	TRY(db_exec(db, NULL, "UPDATE counter SET n = $1", P(n + 1)));
	if (i % 10 == 0) {
		db_rollback(db);
		return OK;
	}
	TRY(db_commit(db));
	return db_exec(db, NULL, "INSERT INTO log (i) VALUES ($1)", P(i));
}

static void *write_much(void *arg)
{
	struct error mine = {.code = OK};
	struct db *db = NULL;

	if (db_open(arg, &mine, &db) < 0) {
		atomic_fetch_add(&trouble, 1);
		return NULL;
	}
	for (int i = 0; i < ROUNDS; i++) {
		if (count_up(db, i) < 0) {
			db_rollback(db);
			atomic_fetch_add(&trouble, 1);
		}
	}
	db_close(db);
	return NULL;
}

TEST(writers_of_several_connections_queue)
{
	enum { THREADS = 4 };
	struct db *db = opened("queue.db");
	pthread_t threads[THREADS];
	char url[600];

	snprintf(url, sizeof url, "sqlite:%s", scratch_path("queue.db"));
	CHECK_INT(db_script(db, "CREATE TABLE counter (n BIGINT); INSERT INTO counter VALUES (0);"
							"CREATE TABLE log (i BIGINT)"),
			  OK);
	for (int i = 0; i < THREADS; i++)
		CHECK_INT(pthread_create(&threads[i], NULL, write_much, url), 0);
	for (int i = 0; i < 200; i++)
		CHECK(count(db, "SELECT n FROM counter") >= 0);
	for (int i = 0; i < THREADS; i++)
		CHECK_INT(pthread_join(threads[i], NULL), 0);
	CHECK_INT(trouble, 0);
	CHECK_INT(count(db, "SELECT n FROM counter"), THREADS * ROUNDS * 9 / 10);
	CHECK_INT(count(db, "SELECT count(*) FROM log"), THREADS * ROUNDS * 9 / 10);
	db_close(db);
}

TEST(writers_of_several_processes_wait)
{
	struct db *db = opened("processes.db");
	int status = -1;
	char url[600];
	pid_t child;

	snprintf(url, sizeof url, "sqlite:%s", scratch_path("processes.db"));
	CHECK_INT(db_script(db, "CREATE TABLE counter (n BIGINT); INSERT INTO counter VALUES (0);"
							"CREATE TABLE log (i BIGINT)"),
			  OK);
	db_close(db); /* a connection must not cross a fork */
	trouble = 0;
	child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		write_much(url);
		_exit(trouble != 0);
	}
	write_much(url);
	CHECK_INT(waitpid(child, &status, 0), child);
	CHECK_INT(status, 0);
	CHECK_INT(trouble, 0);
	db = opened("processes.db");
	CHECK_INT(count(db, "SELECT n FROM counter"), 2 * ROUNDS * 9 / 10);
	db_close(db);
}

TEST(backup_is_a_snapshot)
{
	struct db *db = with_people_in("whole.db"), *other = opened("whole.db"), *copy;
	struct arena *a = arena_new(1000);
	const char *verdict;
	struct stat st;

	CHECK_INT(db_exec(db, NULL,
					  "INSERT INTO people (stray) WITH RECURSIVE s (i) AS (SELECT 1 UNION ALL "
					  "SELECT i + 1 FROM s WHERE i < 3000) SELECT hex(randomblob(1000)) FROM s"),
			  OK);
	CHECK_INT(db_begin(other, true), OK);
	CHECK_INT(db_exec(other, NULL, "INSERT INTO teams (name) VALUES ('not committed')"), OK);
	CHECK_INT(db_backup(other, scratch_path("never.db")), E_INTERNAL);
	CHECK_INT(db_backup(db, scratch_path("copy.db")), OK);
	CHECK_INT(db_commit(other), OK);
	CHECK_INT(db_backup(db, scratch_path("copy.db")), E_RULE);
	CHECK_INT(stat(scratch_path("copy.db"), &st), 0);
	CHECK_INT(st.st_mode & 0777, 0600);
	CHECK_INT(count(db, "SELECT count(*) FROM teams"), 1);
	copy = opened("copy.db");
	CHECK_INT(count(copy, "SELECT count(*) FROM people"), 3000);
	CHECK_INT(count(copy, "SELECT count(*) FROM teams"), 0);
	CHECK_INT(db_text(copy, a, &verdict, "PRAGMA integrity_check"), OK);
	CHECK_STR(verdict, "ok");
	db_close(copy);
	db_close(other);
	db_close(db);
	arena_free(a);
}

TEST_MAIN()

/* Connections that wait for nothing (db_open_hasty). */
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#include "store/db_fixture.h"

static struct db *hasty_beside(const char *name)
{
	struct db *hasty = NULL;
	char url[600];

	snprintf(url, sizeof url, "sqlite:%s", scratch_path(name));
	CHECK_INT(db_open_hasty(url, &error, &hasty), OK);
	return hasty;
}

TEST(a_hasty_connection_only_reads)
{
	struct db *db = with_people_in("hasty.db"), *hasty = hasty_beside("hasty.db");
	CHECK_INT(db_begin(db, true), OK);
	CHECK_INT(db_exec(db, NULL, "INSERT INTO teams (name) VALUES ('a')"), OK);
	CHECK_INT(count(hasty, "SELECT count(*) FROM teams"), 0);
	CHECK_INT(db_commit(db), OK);
	CHECK_INT(db_begin(hasty, false), OK);
	CHECK_INT(count(hasty, "SELECT count(*) FROM teams"), 1);
	CHECK_INT(db_exec(hasty, NULL, "DELETE FROM teams"), E_INTERNAL);
	db_rollback(hasty);
	CHECK_INT(db_exec(hasty, NULL, "DELETE FROM teams"), E_INTERNAL);
	CHECK_INT(db_begin(hasty, true), E_INTERNAL);
	CHECK_INT(db_script(hasty, "DELETE FROM teams"), E_INTERNAL);
	CHECK_INT(count(hasty, "SELECT count(*) FROM teams"), 1);
	db_close(hasty);
	db_close(db);
	CHECK_INT(db_open_hasty("postgresql://nowhere/x", &error, &hasty), E_RULE);
}

static int64_t teams_seen(struct db *hasty)
{
	int64_t n;

	CHECK_INT(db_begin(hasty, false), OK);
	n = count(hasty, "SELECT count(*) FROM teams");
	CHECK_INT(db_commit(hasty), OK);
	return n;
}

static void add_teams(struct db *db, int n)
{
	for (int i = 0; i < n; i++)
		CHECK_INT(db_exec(db, NULL, "INSERT INTO teams (name) VALUES (NULL)"), OK);
}

/* As another process: adds a team, by a connection of its own. */
static void add_from_elsewhere(const char *name)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		execlp("sqlite3", "sqlite3", scratch_path(name), "INSERT INTO teams (name) VALUES (NULL)",
			   (char *)NULL);
		_exit(127);
	}
	CHECK_INT(waitpid(child, &status, 0), child);
	CHECK_INT(status, 0);
}

TEST(a_hasty_connection_sees_each_commit_at_once)
{
	struct db *db = with_people_in("newest.db"), *hasty = hasty_beside("newest.db");

	for (int i = 0; i < 50; i++) {
		CHECK_INT(teams_seen(hasty), i);
		CHECK_INT(teams_seen(hasty), i);
		add_teams(db, 1);
	}
	CHECK_INT(teams_seen(hasty), 50);
	add_from_elsewhere("newest.db");
	CHECK_INT(teams_seen(hasty), 51);
	CHECK_INT(count(hasty, "SELECT count(*) FROM teams"), 51);
	add_teams(db, 1);
	CHECK_INT(count(hasty, "SELECT count(*) FROM teams"), 52); /* outside of transactions too */
	CHECK_INT(db_begin(hasty, false), OK);
	CHECK_INT(count(hasty, "SELECT count(*) FROM teams"), 52);
	add_teams(db, 1);
	CHECK_INT(count(hasty, "SELECT count(*) FROM teams"), 52); /* it is one snapshot still */
	db_rollback(hasty);
	CHECK_INT(teams_seen(hasty), 53);
	CHECK_INT(db_script(db, "ALTER TABLE teams ADD COLUMN motto TEXT"), OK);
	CHECK_INT(teams_seen(hasty), 53);
	db_close(hasty);
	db_close(db);
}

static int64_t log_size(const char *name)
{
	char path[600];
	struct stat st;

	snprintf(path, sizeof path, "%s-wal", scratch_path(name));
	CHECK_INT(stat(path, &st), 0);
	return st.st_size;
}

/* The write-ahead log goes into the database while a hasty connection reads between the writes, and
 * once db_rest has been called where it has nothing to do. */
TEST(a_hasty_connection_lets_the_log_begin_anew)
{
	struct db *db = with_people_in("log.db"), *hasty = hasty_beside("log.db");
	int64_t most = 0;

	for (int i = 0; i < 5000; i++) {
		add_teams(db, 1);
		CHECK_INT(teams_seen(hasty), i + 1);
		most = log_size("log.db") > most ? log_size("log.db") : most;
	}
	CHECK(most < 8 << 20); /* 1000 pages of 4 KB, and what one commit may add */
	db_rest(hasty);
	CHECK_INT(db_script(db, "PRAGMA wal_checkpoint(TRUNCATE)"), OK);
	CHECK_INT(log_size("log.db"), 0);
	CHECK_INT(teams_seen(hasty), 5000);
	db_close(hasty);
	db_close(db);
}

/* Holds the locks of all readers of the write-ahead log, as another process does for a moment when
 * it begins the log anew; tells by a byte, then ends after `us` microseconds, or waits to be killed
 * (0), or for the test's own end. */
static void hold_readers(const char *path, int told, useconds_t us)
{
	struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 123, .l_len = 5};
	int fd = open(path, O_RDWR | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (fd < 0 || fcntl(fd, F_SETLKW, &all) < 0 || write(told, "x", 1) != 1)
		_exit(1);
	if (us > 0) {
		usleep(us);
		_exit(0);
	}
	for (;;)
		pause();
}

TEST(a_hasty_connection_does_not_wait)
{
	struct db *db = with_people_in("locked.db"), *hasty = hasty_beside("locked.db");
	char byte;
	int told[2], status;
	int64_t n = 0, begun;
	pid_t child;

	CHECK_INT(count(hasty, "SELECT count(*) FROM teams"), 0);
	CHECK_INT(pipe2(told, O_CLOEXEC), 0);
	child = fork();
	if (child == 0)
		hold_readers(scratch_path("locked.db-shm"), told[1], 0);
	CHECK_INT(read(told[0], &byte, 1), 1);
	begun = clock_monotonic();
	CHECK_INT(db_int(hasty, &n, "SELECT count(*) FROM teams"), E_UNAVAILABLE);
	CHECK(clock_monotonic() - begun < 5 * CLOCK_SECOND); /* others wait for ten seconds */
	kill(child, SIGKILL);
	CHECK_INT(waitpid(child, &status, 0), child);
	CHECK_INT(count(hasty, "SELECT count(*) FROM teams"), 0);
	close(told[0]);
	close(told[1]);
	db_close(hasty);
	db_close(db);
}

/* No request hangs on it, and a server that does not come up because of it is worse. */
TEST(the_opening_of_a_hasty_connection_waits)
{
	struct db *db = with_people_in("late.db"), *hasty;
	char byte;
	int told[2], status;
	pid_t child;

	CHECK_INT(pipe2(told, O_CLOEXEC), 0);
	child = fork();
	if (child == 0)
		hold_readers(scratch_path("late.db-shm"), told[1], 100000);
	CHECK_INT(read(told[0], &byte, 1), 1);
	hasty = hasty_beside("late.db");
	CHECK_INT(count(hasty, "SELECT count(*) FROM teams"), 0);
	CHECK_INT(waitpid(child, &status, 0), child);
	close(told[0]);
	close(told[1]);
	db_close(hasty);
	db_close(db);
}

TEST_MAIN()

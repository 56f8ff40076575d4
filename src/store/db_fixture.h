/* db_fixture: what the database's unit tests share. */
#pragma once
#include "base/test.h"
#include "store/db.h"
#include "store/scratch_dir.h"

static struct error error;

/* A connection to a file in the scratch folder, or to ":memory:". */
static inline struct db *opened(const char *name)
{
	char url[600];
	struct db *db = NULL;

	snprintf(url, sizeof url, "sqlite:%s",
			 strcmp(name, ":memory:") == 0 ? name : scratch_path(name));
	CHECK_INT(db_open(url, &error, &db), OK);
	return db;
}

static inline int64_t count(struct db *db, const char *sql)
{
	int64_t n = -1;

	CHECK_INT(db_int(db, &n, sql), OK);
	return n;
}

/* A new database with the tables teams and people. */
static inline struct db *with_people_in(const char *name)
{
	struct db *db = opened(name);

	CHECK_INT(
		db_script(db, "CREATE TABLE teams (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE);"
					  "CREATE TABLE people (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT,"
					  " score REAL, active INTEGER, born BIGINT, rank BIGINT, hidden INTEGER,"
					  " title TEXT, skills TEXT, notes TEXT, best TEXT, extra TEXT, stray TEXT,"
					  " team_id BIGINT REFERENCES teams (id));"
					  "CREATE UNIQUE INDEX people_title ON people (team_id, title);"
					  "CREATE UNIQUE INDEX people_lower ON people (lower(name));"),
		OK);
	return db;
}

static inline struct db *with_people(void)
{
	return with_people_in(":memory:");
}

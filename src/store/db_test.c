#include "store/db.h"

#include <sys/stat.h>

#include "store/db_fixture.h"

struct note {
	const char *kind;
	int64_t page;
};
static const struct field note_fields[] = {
	FIELD(struct note, kind, F_REQUIRED, .doc = "Kind", .example = "\"a\""),
	FIELD(struct note, page, 0, .doc = "Page", .example = "1"),
};
static const struct schema note_schema = SCHEMA("Note", struct note, note_fields);

struct person {
	int64_t id;
	const char *name;
	double score;
	bool active;
	struct when born;
	struct opt_int rank;
	struct opt_bool hidden;
	struct opt_str title;
	struct strings skills;
	struct list notes;
	struct note best;
	struct json extra;
};
static const struct field person_fields[] = {
	FIELD(struct person, id, 0, .doc = "", .example = "1"),
	FIELD(struct person, name, F_NULL, .doc = "", .example = "\"a\""),
	FIELD(struct person, score, 0, .doc = "", .example = "1"),
	FIELD(struct person, active, 0, .doc = "", .example = "true"),
	FIELD(struct person, born, F_NULL, .doc = "", .example = "null"),
	FIELD(struct person, rank, 0, .doc = "", .example = "1"),
	FIELD(struct person, hidden, 0, .doc = "", .example = "true"),
	FIELD(struct person, title, 0, .doc = "", .example = "\"a\""),
	FIELD(struct person, skills, 0, .doc = "", .example = "[]"),
	FIELD(struct person, notes, 0, .of = &note_schema, .doc = "", .example = "[]"),
	FIELD_OBJECT(struct person, best, F_NULL, &note_schema, .doc = "", .example = "{}"),
	FIELD(struct person, extra, F_NULL, .doc = "", .example = "{}"),
};
static const struct schema person_schema = SCHEMA("Person", struct person, person_fields);

static int open_error(const char *url)
{
	struct db *db = NULL;
	int rc = db_open(url, &error, &db);

	CHECK(db == NULL);
	return rc;
}

TEST(open_names_what_is_wrong)
{
	CHECK_INT(open_error("postgresql://127.0.0.1:1/x"), E_RULE);
	CHECK(strncmp(error.text, "The database cannot be reached: ", 32) == 0);
	CHECK_INT(open_error("postgresql://host/x?colour=red"), E_RULE);
	CHECK(strstr(error.text, "postgresql://user:password@host:port/database") != NULL);
	CHECK_INT(open_error(""), E_RULE);
	CHECK_INT(open_error("mysql://x"), E_RULE);
	CHECK_INT(open_error("sqlite:"), E_RULE);
	CHECK_INT(open_error("sqlite:/no/such/folder/x.db"), E_RULE);
	CHECK(strstr(error.text, "/no/such/folder/x.db") != NULL);
}

TEST(open_refuses_what_is_no_database)
{
	FILE *f = fopen(scratch_path("junk.db"), "w");
	char url[600];

	for (int i = 0; i < 1000; i++)
		fputs("no database at all\n", f);
	fclose(f);
	snprintf(url, sizeof url, "sqlite:%s", scratch_path("junk.db"));
	CHECK_INT(open_error(url), E_RULE);
	CHECK(strstr(error.text, "junk.db") != NULL);
}

TEST(file_is_private_and_settings_hold)
{
	struct db *db = opened("private.db");
	struct arena *a = arena_new(1000);
	const char *mode;
	struct stat st;

	CHECK_INT(db_exec(db, NULL, "CREATE TABLE t (x BIGINT)"), OK);
	CHECK_INT(stat(scratch_path("private.db"), &st), 0);
	CHECK_INT(st.st_mode & 0777, 0600);
	CHECK_INT(stat(scratch_path("private.db-wal"), &st), 0);
	CHECK_INT(st.st_mode & 0777, 0600);
	CHECK_STR(db_engine(db), "sqlite");
	CHECK_INT(db_text(db, a, &mode, "PRAGMA journal_mode"), OK);
	CHECK_STR(mode, "wal");
	CHECK_INT(count(db, "PRAGMA synchronous"), 2);
	CHECK_INT(db_repeatable(db), OK);
	CHECK_INT(count(db, "PRAGMA synchronous"), 1);
	CHECK_INT(count(db, "PRAGMA foreign_keys"), 1);
	CHECK_INT(count(db, "PRAGMA trusted_schema"), 0);
	CHECK_INT(db_exec(db, NULL, "ATTACH ':memory:' AS other"), E_INTERNAL);
	CHECK_INT(db_exec(db, NULL, "SELECT \"no column\""), E_INTERNAL);
	db_close(db);
	arena_free(a);
}

static void insert_full(struct db *db)
{
	struct when born = {INT64_C(1700000000123456)};
	struct json extra = {"{\"k\": [1, null]}"};

	CHECK_INT(
		db_exec(
			db, NULL,
			"INSERT INTO people (name, score, active, born, rank, hidden, title, skills, notes, "
			"best, extra, stray) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'x')",
			P("Zo\xc3\xab"), P(0.5), P(true), P(born), P((int64_t)7), P((int)1), P("Dr"),
			P("[\"C\", \"C++\" , \"Go\"]"),
			P("[{\"kind\": \"a\", \"page\": 2}, {\"kind\": \"b\"}]"),
			P("{\"kind\": \"best\", \"page\": 9}"), P(extra)),
		OK);
}

TEST(one_fills_fields_by_name)
{
	struct db *db = with_people();
	struct arena *a = arena_new(100000);
	struct person p;
	const struct note *notes;

	insert_full(db);
	CHECK_INT(db_one(db, a, &person_schema, &p, "SELECT stray, * FROM people WHERE name = $1",
					 P("Zo\xc3\xab")),
			  OK);
	CHECK_INT(p.id, 1);
	CHECK_STR(p.name, "Zo\xc3\xab");
	CHECK(p.score == 0.5);
	CHECK(p.active);
	CHECK_INT(p.born.us, INT64_C(1700000000123456));
	CHECK(p.rank.set && !p.rank.null && p.rank.v == 7);
	CHECK(p.hidden.set && !p.hidden.null && p.hidden.v);
	CHECK(p.title.set);
	CHECK_STR(p.title.v, "Dr");
	CHECK_INT(p.skills.n, 3);
	CHECK_STR(p.skills.items[0], "C");
	CHECK_STR(p.skills.items[1], "C++");
	CHECK_STR(p.skills.items[2], "Go");
	CHECK_INT(p.notes.n, 2);
	notes = p.notes.items;
	CHECK_STR(notes[0].kind, "a");
	CHECK_INT(notes[0].page, 2);
	CHECK_STR(notes[1].kind, "b");
	CHECK_STR(p.best.kind, "best");
	CHECK_INT(p.best.page, 9);
	CHECK_STR(p.extra.text, "{\"k\": [1, null]}");
	db_close(db);
	arena_free(a);
}

TEST(null_leaves_the_neutral_value)
{
	struct db *db = with_people();
	struct arena *a = arena_new(100000);
	struct person p, zero = {0};

	memset(&p, 0xaa, sizeof p);
	memset(&zero, 0, sizeof zero);
	CHECK_INT(db_exec(db, NULL, "INSERT INTO people (id) VALUES (0)"), OK);
	CHECK_INT(db_one(db, a, &person_schema, &p, "SELECT * FROM people"), OK);
	CHECK(memcmp(&p, &zero, sizeof p) == 0);
	db_close(db);
	arena_free(a);
}

static const char *skills_of(struct db *db, struct arena *a, const char *json, struct person *p)
{
	int rc = db_one(db, a, &person_schema, p, "SELECT $1 AS skills", P(json));

	return rc < 0 ? error_name(rc) : p->skills.n > 0 ? p->skills.items[p->skills.n - 1] : "";
}

TEST(strings_are_json)
{
	struct db *db = with_people();
	struct arena *a = arena_new(1000000);
	struct person p = {0};

	CHECK_STR(skills_of(db, a, "[]", &p), "");
	CHECK_STR(skills_of(db, a, "null", &p), "");
	CHECK_STR(skills_of(db, a, " [ \"\" ] ", &p), "");
	CHECK_INT(p.skills.n, 1);
	CHECK_STR(skills_of(db, a, "[\"a\\\"b\", \"\\u00eb\"]", &p), "\xc3\xab");
	CHECK_STR(p.skills.items[0], "a\"b");
	CHECK_STR(skills_of(db, a, "[\"a,]\", \"b[\"]", &p), "b[");
	CHECK_STR(skills_of(db, a, "[\"a\",]", &p), "E_INTERNAL");
	CHECK_STR(skills_of(db, a, "[\"a\" \"b\"]", &p), "E_INTERNAL");
	CHECK_STR(skills_of(db, a, "[\"a\"", &p), "E_INTERNAL");
	CHECK_STR(skills_of(db, a, "[\"a\"] x", &p), "E_INTERNAL");
	CHECK_STR(skills_of(db, a, "[1]", &p), "E_INTERNAL");
	CHECK_STR(skills_of(db, a, "{\"a\": 1}", &p), "E_INTERNAL");
	CHECK_STR(skills_of(db, a, "", &p), "E_INTERNAL");
	CHECK_INT(db_one(db, a, &person_schema, &p, "SELECT '[{\"page\": 1}]' AS notes"), E_INTERNAL);
	CHECK(strstr(error.text, "notes") != NULL);
	CHECK_INT(db_one(db, a, &person_schema, &p, "SELECT '[1]' AS notes"), E_INTERNAL);
	CHECK_INT(db_one(db, a, &person_schema, &p, "SELECT '{' AS best"), E_INTERNAL);
	db_close(db);
	arena_free(a);
}

TEST(without_a_row_nothing_is_written)
{
	struct db *db = with_people();
	struct arena *a = arena_new(100000);
	struct person p = {.id = 42};
	const char *text = "as before";
	int64_t n = 42;

	CHECK_INT(db_one(db, a, &person_schema, &p, "SELECT * FROM people"), E_NOT_FOUND);
	CHECK_INT(error.code, E_NOT_FOUND);
	CHECK_INT(p.id, 42);
	CHECK_INT(db_int(db, &n, "SELECT id FROM people"), E_NOT_FOUND);
	CHECK_INT(n, 42);
	CHECK_INT(db_text(db, a, &text, "SELECT name FROM people"), E_NOT_FOUND);
	CHECK_STR(text, "as before");
	CHECK_INT(db_int(db, &n, "SELECT NULL"), OK);
	CHECK_INT(n, 0);
	CHECK_INT(db_text(db, a, &text, "SELECT NULL"), OK);
	CHECK_STR(text, NULL);
	db_close(db);
	arena_free(a);
}

static const char sequence[] = "WITH RECURSIVE s (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM s "
							   "WHERE id < $1) SELECT id, 'n' || id AS name FROM s ORDER BY id";

TEST(list_takes_at_most_max)
{
	struct db *db = with_people();
	struct arena *a = arena_new(1000000);
	struct list list = {0};
	const struct person *p;

	CHECK_INT(db_list(db, a, &person_schema, 500, &list, sequence, P(100)), OK);
	CHECK_INT(list.n, 100);
	p = list.items;
	CHECK_INT(p[0].id, 1);
	CHECK_STR(p[99].name, "n100");
	CHECK_INT(db_list(db, a, &person_schema, 7, &list, sequence, P(100)), OK);
	CHECK_INT(list.n, 7);
	CHECK_INT(db_list(db, a, &person_schema, 0, &list, sequence, P(100)), OK);
	CHECK_INT(list.n, 0);
	CHECK_INT(db_list(db, a, &person_schema, 10, &list, "SELECT * FROM people"), OK);
	CHECK_INT(list.n, 0);
	db_close(db);
	arena_free(a);
}

TEST(a_full_arena_is_a_limit)
{
	struct db *db = with_people();
	struct arena *a = arena_new(20000);
	struct list list = {0};
	const char *text = NULL;
	struct person p;

	CHECK_INT(db_list(db, a, &person_schema, 10000, &list, sequence, P(10000)), E_RULE);
	CHECK_INT(list.n, 0);
	CHECK(arena_used(a) < 60000);
	arena_reset(a);
	CHECK_INT(db_text(db, a, &text, "SELECT hex(zeroblob(20000))"), E_RULE);
	arena_reset(a);
	CHECK_INT(db_one(db, a, &person_schema, &p, "SELECT hex(zeroblob(20000)) AS name"), E_RULE);
	arena_reset(a);
	CHECK_INT(db_one(db, a, &person_schema, &p, "SELECT 'x' AS name"), OK);
	db_close(db);
	arena_free(a);
}

struct walk {
	struct db *db;
	int64_t sum, until;
};

static int add_up(void *arg, const void *value)
{
	const struct person *p = value;
	struct walk *w = arg;
	int64_t twice;

	if (p->id == w->until)
		return error_set(&error, E_RULE, "", 0, "", "enough");
	TRY(db_int(w->db, &twice, "SELECT $1 * 2", P(p->id)));
	w->sum += twice;
	return OK;
}

static int walk_again(void *arg, const void *value)
{
	struct walk *w = arg;

	(void)value;
	return db_each(w->db, &person_schema, add_up, w, sequence, P(3));
}

TEST(each_walks_rows_and_nests)
{
	struct db *db = with_people();
	struct walk w = {.db = db};

	CHECK_INT(db_each(db, &person_schema, add_up, &w, sequence, P(20000)), OK);
	CHECK_INT(w.sum, INT64_C(20000) * 20001);
	w = (struct walk){.db = db, .until = 5};
	CHECK_INT(db_each(db, &person_schema, add_up, &w, sequence, P(100)), E_RULE);
	CHECK_STR(error.text, "enough");
	CHECK_INT(w.sum, 20);
	w = (struct walk){.db = db};
	CHECK_INT(db_each(db, &person_schema, walk_again, &w, sequence, P(3)), OK);
	CHECK_INT(w.sum, 36);
	db_close(db);
}

static int note_text(void *arg, const char *value)
{
	struct buf *noted = arg;

	if (strcmp(value, "stop") == 0)
		return error_set(&error, E_RULE, "", 0, "", "enough");
	buf_adds(noted, value);
	return OK;
}

TEST(each_text_is_that_of_the_first_column)
{
	struct db *db = with_people();
	struct arena *a = arena_new(60000);
	struct buf noted;

	buf_init(&noted, a, 100);
	CHECK_INT(db_each_text(db, note_text, &noted,
						   "SELECT 'a', 'b' UNION ALL SELECT NULL, 'c' UNION ALL SELECT 'd', 'e'"),
			  OK);
	CHECK_STR(buf_str(&noted), "ad");
	CHECK_INT(db_each_text(db, note_text, &noted,
						   "SELECT 'f' UNION ALL SELECT 'stop' UNION ALL SELECT 'g'"),
			  E_RULE);
	CHECK_STR(error.text, "enough");
	CHECK_STR(buf_str(&noted), "adf");
	CHECK_INT(db_each_text(db, note_text, &noted, "SELECT hex(zeroblob(9000000))"), E_RULE);
	db_close(db);
	arena_free(a);
}

TEST(parameters_go_by_their_number)
{
	struct db *db = with_people();
	int64_t n = 0;

	CHECK_INT(db_int(db, &n, "SELECT $2 * 100 + $1 * 10 + $3 + $1 * 0", P(1), P(2), P(3)), OK);
	CHECK_INT(n, 213);
	CHECK_INT(db_int(db, &n, "SELECT $11 - $2 + $1 * $3 * $4 * $5 * $6 * $7 * $8 * $9 * $10", P(0),
					 P(2), P(3), P(4), P(5), P(6), P(7), P(8), P(9), P(10), P(11)),
			  OK);
	CHECK_INT(n, 9);
	CHECK_INT(db_int(db, &n, "SELECT $1", P(1), P(2)), E_INTERNAL);
	CHECK_INT(db_int(db, &n, "SELECT $1 + $2", P(1)), E_INTERNAL);
	CHECK_INT(db_int(db, &n, "SELECT $2", P(1)), E_INTERNAL);
	CHECK_INT(db_int(db, &n, "SELECT ?", P(1)), E_INTERNAL);
	CHECK_INT(db_int(db, &n, "SELECT :name", P(1)), E_INTERNAL);
	CHECK_INT(db_int(db, &n, "SELECT 1; SELECT 2"), E_INTERNAL);
	CHECK_INT(db_int(db, &n, ""), E_INTERNAL);
	CHECK_INT(db_int(db, &n, "SELEC 1"), E_INTERNAL);
	CHECK(strstr(error.text, "syntax error") != NULL);
	CHECK_INT(db_int(db, &n, "SELECT 5; \n"), OK);
	CHECK_INT(n, 5);
	db_close(db);
}

static int patch(struct db *db, struct opt_str title, struct opt_int rank)
{
	return db_exec(db, NULL,
				   "UPDATE people SET title = CASE WHEN $2 THEN $3 ELSE title END, "
				   "rank = CASE WHEN $4 THEN $5 ELSE rank END WHERE id = $1",
				   P(1), P(title.set), P(title), P(rank.set), P(rank));
}

TEST(optional_parameters_patch)
{
	struct db *db = with_people();
	struct arena *a = arena_new(100000);
	struct person p;

	insert_full(db);
	CHECK_INT(patch(db, (struct opt_str){0}, (struct opt_int){0}), OK);
	CHECK_INT(db_one(db, a, &person_schema, &p, "SELECT title, rank FROM people"), OK);
	CHECK_STR(p.title.v, "Dr");
	CHECK_INT(p.rank.v, 7);
	CHECK_INT(patch(db, (struct opt_str){.set = true, .v = "Prof"},
					(struct opt_int){.set = true, .null = true, .v = 3}),
			  OK);
	CHECK_INT(db_one(db, a, &person_schema, &p, "SELECT title, rank FROM people"), OK);
	CHECK_STR(p.title.v, "Prof");
	CHECK(!p.rank.set);
	CHECK_INT(patch(db, (struct opt_str){.set = true}, (struct opt_int){.set = true, .v = -3}), OK);
	CHECK_INT(db_one(db, a, &person_schema, &p, "SELECT title, rank FROM people"), OK);
	CHECK(!p.title.set && p.title.v == NULL);
	CHECK_INT(p.rank.v, -3);
	db_close(db);
	arena_free(a);
}

TEST(parameters_that_are_null)
{
	struct db *db = with_people();
	struct when never = {0};
	struct json none = {NULL};
	int64_t n = 0;

	CHECK_INT(
		db_int(
			db, &n,
			"SELECT ($1 IS NULL) + ($2 IS NULL) + ($3 IS NULL) + ($4 IS NULL) + ($5 IS NOT NULL)",
			P_NULL, P((const char *)NULL), P(never), P(none), P("")),
		OK);
	CHECK_INT(n, 5);
	db_close(db);
}

TEST(changes_are_counted)
{
	struct db *db = with_people();
	int64_t n = -1;

	CHECK_INT(db_exec(db, &n, "INSERT INTO teams (name) VALUES ('a'), ('b'), ('c')"), OK);
	CHECK_INT(n, 3);
	CHECK_INT(db_exec(db, &n, "UPDATE teams SET name = name || 'x' WHERE name > $1", P("a")), OK);
	CHECK_INT(n, 2);
	CHECK_INT(db_exec(db, &n, "DELETE FROM teams WHERE id = 77"), OK);
	CHECK_INT(n, 0);
	CHECK_INT(
		db_exec(db, &n, "INSERT INTO teams (name) VALUES ('a') ON CONFLICT (name) DO NOTHING"), OK);
	CHECK_INT(n, 0);
	CHECK_INT(db_exec(db, &n, "SELECT 1"), OK);
	CHECK_INT(n, 0);
	CHECK_INT(db_int(db, &n, "INSERT INTO teams (name) VALUES ('d') RETURNING id"), OK);
	CHECK_INT(n, count(db, "SELECT max(id) FROM teams"));
	db_close(db);
}

TEST(conflicts_name_their_column)
{
	struct db *db = with_people();
	int64_t id = 0;

	CHECK_INT(db_script(db,
						"INSERT INTO teams VALUES (1, 'a');"
						"INSERT INTO people (id, name, title, team_id) VALUES (1, 'Ann', 't', 1)"),
			  OK);
	CHECK_INT(db_exec(db, NULL, "INSERT INTO teams (name) VALUES ('a')"), E_CONFLICT);
	CHECK(db_conflict(db, "teams.name"));
	CHECK(!db_conflict(db, "teams.id"));
	CHECK_INT(db_exec(db, NULL, "INSERT INTO teams (id) VALUES (1)"), E_CONFLICT);
	CHECK(db_conflict(db, "teams.id"));
	CHECK_INT(db_exec(db, NULL, "INSERT INTO people (title, team_id) VALUES ('t', 1)"), E_CONFLICT);
	CHECK(db_conflict(db, "people.team_id"));
	CHECK_INT(db_exec(db, NULL, "INSERT INTO people (name) VALUES ('ANN')"), E_CONFLICT);
	CHECK(db_conflict(db, "people_lower"));
	CHECK_INT(db_exec(db, NULL, "INSERT INTO people (team_id) VALUES (9)"), E_CONFLICT);
	CHECK(db_conflict(db, ""));
	CHECK_INT(db_exec(db, NULL, "DELETE FROM teams"), E_CONFLICT);
	CHECK_INT(db_int(db, &id, "INSERT INTO people (team_id) VALUES (9) RETURNING id"), E_CONFLICT);
	CHECK_INT(id, 0);
	CHECK_INT(count(db, "SELECT count(*) FROM people"), 1);
	CHECK_INT(db_script(db, "CREATE TABLE strict (x BIGINT NOT NULL CHECK (x > 0))"), OK);
	CHECK_INT(db_exec(db, NULL, "INSERT INTO strict VALUES (NULL)"), E_INTERNAL);
	CHECK_INT(db_exec(db, NULL, "INSERT INTO strict VALUES (0)"), E_INTERNAL);
	db_close(db);
}

static int add_team(void *arg, const void *value)
{
	struct walk *w = arg;
	const struct person *p = value;

	return db_exec(w->db, NULL, "INSERT INTO teams (name) VALUES ($1)", P(p->name));
}

TEST(writes_within_a_writing_walk)
{
	struct db *db = with_people();
	struct walk w = {.db = db};

	CHECK_INT(db_each(db, &person_schema, add_team, &w,
					  "INSERT INTO people (name) VALUES ('a'), ('b') RETURNING name"),
			  OK);
	CHECK_INT(count(db, "SELECT count(*) FROM teams"), 2);
	CHECK_INT(db_begin(db, true), OK);
	CHECK_INT(db_commit(db), OK);
	db_close(db);
}

TEST(many_statements_and_changed_tables)
{
	struct db *db = with_people();
	struct arena *a = arena_new(1000000);
	struct person p;
	char sql[64];

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < DB_STATEMENTS_MAX * 2; i++) {
			snprintf(sql, sizeof sql, "SELECT %d + $1", i);
			int64_t n = -1;
			CHECK_INT(db_int(db, &n, sql, P(round)), OK);
			CHECK_INT(n, i + round);
		}
	}
	CHECK_INT(db_script(db, "CREATE TABLE grows (id BIGINT); INSERT INTO grows VALUES (1)"), OK);
	CHECK_INT(db_one(db, a, &person_schema, &p, "SELECT * FROM grows"), OK);
	CHECK_STR(p.name, NULL);
	CHECK_INT(db_script(db, "DROP TABLE grows; CREATE TABLE grows (name TEXT, id BIGINT);"
							"INSERT INTO grows VALUES ('new', 2)"),
			  OK);
	CHECK_INT(db_one(db, a, &person_schema, &p, "SELECT * FROM grows"), OK);
	CHECK_INT(p.id, 2);
	CHECK_STR(p.name, "new");
	db_close(db);
	arena_free(a);
}

TEST(scripts_stop_at_a_fault)
{
	struct db *db = with_people();

	CHECK_INT(db_begin(db, true), OK);
	CHECK_INT(
		db_script(db, "INSERT INTO teams (name) VALUES ('a'); INSERT INTO nowhere VALUES (1)"),
		E_INTERNAL);
	CHECK(strstr(error.text, "nowhere") != NULL);
	db_rollback(db);
	CHECK_INT(count(db, "SELECT count(*) FROM teams"), 0);
	db_close(db);
}

TEST(full_text_is_there)
{
	struct db *db = with_people();

	CHECK_INT(db_script(db, "CREATE VIRTUAL TABLE search USING fts5 (body)"), OK);
	CHECK_INT(
		db_exec(db, NULL, "INSERT INTO search (rowid, body) VALUES ($1, $2)", P(7), P("red blue")),
		OK);
	CHECK_INT(count(db, "SELECT rowid FROM search WHERE search MATCH 'blue'"), 7);
	CHECK_INT(db_exec(db, NULL, "DELETE FROM search_content"), E_INTERNAL);
	db_close(db);
}

TEST_MAIN()

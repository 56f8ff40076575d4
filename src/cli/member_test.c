/* Tests of member.h. */
#include "cli/member.h"

#include "base/test.h"

TEST(paths_of_a_backup)
{
	CHECK(member_path_ok("vitae.db"));
	CHECK(member_path_ok("secret_key"));
	CHECK(member_path_ok("uploads/1f_cv.pdf"));
	CHECK(member_path_ok("uploads/team_1/resumes/1f_Müller ..pdf"));
	CHECK(member_path_ok("media/videos/a.mp4"));
}

TEST(paths_that_lead_elsewhere)
{
	static const char *const bad[] = {
		"",
		"/",
		"..",
		"/etc/passwd",
		"../vitae.db",
		"uploads",
		"uploads/",
		"uploads//a",
		"uploads/./a",
		"uploads/../vitae.db",
		"uploads/a/..",
		"media/../../x",
		"vitae.db/",
		"vitae.db-wal",
		"instance",
		"manifest.json",
		"./vitae.db",
		"/uploads/a",
		"uploadsx/a",
	};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		CHECK(!member_path_ok(bad[i]));
	CHECK(!member_path_ok(NULL));
}

TEST(a_component_too_long)
{
	char path[600] = "uploads/";

	memset(path + 8, 'a', 255);
	CHECK(member_path_ok(path));
	path[8 + 255] = 'a';
	CHECK(!member_path_ok(path));
}

static const char *const hex = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

TEST(a_manifest_comes_back)
{
	struct arena *a = arena_new(1024 * 1024);
	FILE *f = tmpfile();
	struct member m;

	CHECK(member_begin(f));
	CHECK(member_put(f, &(struct member){"uploads/\"ü\\\n", 7, hex}, true));
	CHECK(member_put(f, &(struct member){"vitae.db", 0, hex}, false));
	CHECK(member_end(f));
	rewind(f);
	CHECK_INT(member_next(f, a, &m), OK);
	CHECK_STR(m.path, "uploads/\"ü\\\n");
	CHECK_INT(m.size, 7);
	CHECK_STR(m.sha256, hex);
	CHECK_INT(member_next(f, a, &m), OK);
	CHECK_STR(m.path, "vitae.db");
	CHECK_INT(member_next(f, a, &m), E_NOT_FOUND);
	fclose(f);
	arena_free(a);
}

TEST(a_manifest_without_members)
{
	struct arena *a = arena_new(1024 * 1024);
	FILE *f = tmpfile();
	struct member m;

	CHECK(member_begin(f));
	CHECK(member_end(f));
	rewind(f);
	CHECK_INT(member_next(f, a, &m), E_NOT_FOUND);
	fclose(f);
	arena_free(a);
}

static int first_of(const char *text)
{
	struct arena *a = arena_new(1024 * 1024);
	FILE *f = tmpfile();
	struct member m;
	int rc;

	fputs(text, f);
	rewind(f);
	rc = member_next(f, a, &m);
	fclose(f);
	arena_free(a);
	return rc;
}

TEST(no_manifest)
{
	CHECK_INT(first_of(""), E_INVALID);
	CHECK_INT(first_of("hello\n"), E_INVALID);
	CHECK_INT(first_of("{\"format\":2,\"files\":[\n]}\n"), E_INVALID);
	CHECK_INT(first_of("{\"format\":1,\"files\":[\n"), E_INVALID);
	CHECK_INT(first_of("{\"format\":1,\"files\":[\n,\n]}\n"), E_INVALID);
	CHECK_INT(first_of("{\"format\":1,\"files\":[\n{\"path\":\"vitae.db\"}\n]}\n"), E_INVALID);
	CHECK_INT(
		first_of("{\"format\":1,\"files\":[\n{\"path\":\"vitae.db\",\"size\":1,\"sha256\":\"ab"),
		E_INVALID);
}

TEST_MAIN()

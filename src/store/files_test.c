#include "store/files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/test.h"
#include "store/scratch_dir.h"

enum { BIG = 1 << 20 };

static struct error error;

static struct files *fresh(const char *name)
{
	struct files *f = NULL;

	CHECK_INT(files_new(scratch_path(name), &error, &f), OK);
	return f;
}

static bool exists(const char *dir, const char *relative)
{
	char path[1024];

	snprintf(path, sizeof path, "%s/%s", dir, relative);
	return access(path, F_OK) == 0;
}

static unsigned mode_of(const char *path)
{
	struct stat st;

	CHECK_INT(lstat(path, &st), 0);
	return st.st_mode & 0777;
}

/* Spools text under name. */
static struct upload spooled(struct files *f, struct arena *a, const char *name, const char *text)
{
	struct upload u = {.filename = name};
	struct spool *s = NULL;

	CHECK_INT(files_open(f, a, &error, &s), OK);
	CHECK_INT(files_write(s, text, strlen(text), BIG), OK);
	CHECK_INT(files_close(s, &u), OK);
	return u;
}

static const char *stored(struct files *f, struct arena *a, const char *name, const char *text,
						  const char *folder)
{
	struct upload u = spooled(f, a, name, text);
	const char *relative = NULL;

	CHECK_INT(files_place(f, a, &error, &u, folder, &relative), OK);
	return relative;
}

TEST(new_makes_private_folders)
{
	struct files *f = fresh("deep/er/data");

	CHECK_STR(files_dir(f), scratch_path("deep/er/data"));
	CHECK_INT(mode_of(scratch_path("deep/er/data")), 0700);
	CHECK_INT(mode_of(scratch_path("deep/er/data/spool")), 0700);
	CHECK_INT(mode_of(scratch_path("deep/er/data/uploads")), 0700);
	CHECK_INT(mode_of(scratch_path("deep/er/data/media")), 0700);
	files_free(f);
	f = fresh("deep/er/data");
	files_free(f);
	files_free(NULL);
}

TEST(new_says_which_folder_it_cannot_make)
{
	struct files *f = NULL;
	FILE *plain = fopen(scratch_path("plain"), "w");

	fclose(plain);
	CHECK_INT(files_new(scratch_path("plain"), &error, &f), E_RULE);
	CHECK(strstr(error.text, "plain") != NULL);
	CHECK_INT(files_new(scratch_path("plain/below"), &error, &f), E_RULE);
	CHECK_INT(mkdir(scratch_path("linked"), 0700), 0);
	CHECK_INT(symlink("/tmp", scratch_path("linked/uploads")), 0);
	CHECK_INT(files_new(scratch_path("linked"), &error, &f), E_RULE);
	CHECK(strstr(error.text, "uploads") != NULL);
	CHECK_INT(files_new("", &error, &f), E_RULE);
	CHECK(f == NULL);
}

TEST(spool_hashes_and_counts)
{
	struct files *f = fresh("spool-hash");
	struct arena *a = arena_new(100000);
	struct upload u = spooled(f, a, "x", "abc"), none = spooled(f, a, "x", "");
	struct spool *s = NULL;
	char head[8];

	CHECK_INT(u.size, 3);
	CHECK_STR(u.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	CHECK_INT(mode_of(u.path), 0600);
	CHECK_STR(u.filename, "x");
	CHECK_INT(none.size, 0);
	CHECK_STR(none.sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	CHECK_INT(files_head(u.path, head, sizeof head), 3);
	CHECK(memcmp(head, "abc", 3) == 0);
	CHECK_INT(files_head(u.path, head, 2), 2);
	CHECK_INT(files_head(none.path, head, sizeof head), 0);
	CHECK_INT(files_head("/no/such/file", head, sizeof head), E_NOT_FOUND);
	CHECK_INT(files_head(scratch_path("spool-hash"), head, sizeof head), E_INTERNAL);
	CHECK_INT(files_open(f, a, &error, &s), OK);
	CHECK_INT(files_write(s, "a", 1, BIG), OK);
	CHECK_INT(files_write(s, "", 0, BIG), OK);
	CHECK_INT(files_write(s, "bc", 2, BIG), OK);
	CHECK_INT(files_close(s, &none), OK);
	CHECK_STR(none.sha256, u.sha256);
	CHECK_INT(files_write(s, "d", 1, BIG), E_INTERNAL);
	CHECK_INT(files_close(s, &none), E_INTERNAL);
	CHECK_INT(files_sync(f, &error, &u), OK);
	arena_free(a);
	files_free(f);
}

TEST(the_size_cap_is_inclusive)
{
	enum { CAP = 10 * 1024 * 1024, PART = 64 * 1024 };
	static const char part[PART];
	struct files *f = fresh("cap");
	struct arena *a = arena_new(100000);
	struct spool *s = NULL;
	struct upload u = {0};

	CHECK_INT(files_open(f, a, &error, &s), OK);
	for (int i = 0; i < CAP / PART; i++)
		CHECK_INT(files_write(s, part, PART, CAP), OK);
	CHECK_INT(files_close(s, &u), OK);
	CHECK_INT(u.size, CAP);
	CHECK_INT(files_open(f, a, &error, &s), OK);
	for (int i = 0; i < CAP / PART; i++)
		CHECK_INT(files_write(s, part, PART, CAP), OK);
	CHECK_INT(files_write(s, part, 1, CAP), E_TOO_LARGE);
	CHECK_STR(error.text, "The file is larger than 10 MB");
	CHECK_INT(files_write(s, part, 0, CAP), E_INTERNAL);
	CHECK_INT(files_close(s, &u), E_INTERNAL);
	CHECK_INT(files_open(f, a, &error, &s), OK);
	CHECK_INT(files_write(s, part, 6, 5), E_TOO_LARGE);
	CHECK_STR(error.text, "The file is larger than 5 bytes");
	CHECK_INT(files_open(f, a, &error, &s), OK);
	CHECK_INT(files_write(s, part, SIZE_MAX, INT64_MAX), E_TOO_LARGE);
	arena_free(a);
	files_free(f);
}

TEST(the_spool_ends_with_the_arena)
{
	struct files *f = fresh("ends");
	struct arena *a = arena_new(100000);
	struct upload u = spooled(f, a, "x", "abc");
	struct spool *s = NULL;

	CHECK_INT(files_open(f, a, &error, &s), OK);
	CHECK_INT(files_write(s, "half", 4, BIG), OK);
	CHECK(access(u.path, F_OK) == 0);
	CHECK_INT(rmdir(scratch_path("ends/spool")), -1);
	arena_free(a);
	CHECK_INT(rmdir(scratch_path("ends/spool")), 0);
	files_free(f);
}

TEST(place_and_read_and_remove)
{
	struct files *f = fresh("place");
	struct arena *a = arena_new(100000);
	const char *one = stored(f, a, "../../e\tvil.pdf", "abc", "uploads/team_3/resumes");
	const char *two = stored(f, a, NULL, "def", "uploads/team_3/resumes");
	char text[4] = "";
	int64_t size = 0;
	int fd = -1;

	CHECK(text_starts(one, "uploads/team_3/resumes/"));
	CHECK(text_ends(one, "_e_vil.pdf"));
	CHECK(text_ends(two, "_file"));
	arena_free(a);
	CHECK_INT(mode_of(scratch_path("place/uploads/team_3/resumes")), 0700);
	CHECK_INT(rmdir(scratch_path("place/spool")), 0);
	a = arena_new(100000);
	CHECK_INT(mkdir(scratch_path("place/spool"), 0700), 0);
	files_free(f);
	f = fresh("place");
	one = stored(f, a, "a.pdf", "abc", "media/videos");
	CHECK_INT(files_read(f, &error, one, &fd, &size), OK);
	CHECK_INT(size, 3);
	CHECK_INT(read(fd, text, 3), 3);
	CHECK_STR(text, "abc");
	close(fd);
	CHECK_INT(files_remove(f, &error, one), OK);
	CHECK(!exists(files_dir(f), one));
	CHECK_INT(files_remove(f, &error, one), OK);
	CHECK_INT(files_read(f, &error, one, &fd, &size), E_NOT_FOUND);
	CHECK_INT(files_read(f, &error, "uploads/no/such", &fd, &size), E_NOT_FOUND);
	CHECK_INT(files_remove(f, &error, "uploads/no/such"), OK);
	arena_free(a);
	files_free(f);
}

TEST(only_spooled_files_are_placed)
{
	struct files *f = fresh("only");
	struct arena *a = arena_new(100000);
	struct upload u = spooled(f, a, "x", "abc"), wrong = {.filename = "x"};
	const char *relative = "as before";
	char path[1024];

	CHECK_INT(files_place(f, a, &error, &wrong, "uploads", &relative), E_INTERNAL);
	wrong.path = "/etc/passwd";
	CHECK_INT(files_place(f, a, &error, &wrong, "uploads", &relative), E_INTERNAL);
	snprintf(path, sizeof path, "%s/spool/../uploads", files_dir(f));
	wrong.path = path;
	CHECK_INT(files_place(f, a, &error, &wrong, "uploads", &relative), E_INTERNAL);
	CHECK_INT(files_place(f, a, &error, &u, "..", &relative), E_RULE);
	CHECK_INT(files_place(f, a, &error, &u, "elsewhere", &relative), E_RULE);
	CHECK_INT(files_place(f, a, &error, &u, "uploads/", &relative), E_RULE);
	CHECK_STR(relative, "as before");
	CHECK_INT(files_place(f, a, &error, &u, "uploads", &relative), OK);
	CHECK_INT(files_place(f, a, &error, &u, "uploads", &relative), E_UNAVAILABLE);
	arena_free(a);
	files_free(f);
}

TEST(paths_never_leave)
{
	static const char *const outside[] = {
		"",
		"/",
		"/etc/passwd",
		"uploads",
		"media/",
		"vitae.db",
		"../x",
		"uploads/../vitae.db",
		"uploads/..",
		"uploads/.",
		"uploads//x",
		"./uploads/x",
		"spool/x",
		"uploadsx/a",
		"uploads/link/passwd",
		"uploads/to",
		"uploads/plain/x",
		"upload/x",
		"uploads/a/../../vitae.db",
	};
	struct files *f = fresh("leave");
	char path[1024];
	int64_t size = 0;
	int fd = -1;

	fclose(fopen(scratch_path("leave/vitae.db"), "w"));
	fclose(fopen(scratch_path("leave/uploads/plain"), "w"));
	CHECK_INT(symlink("/etc", scratch_path("leave/uploads/link")), 0);
	CHECK_INT(symlink("../vitae.db", scratch_path("leave/uploads/to")), 0);
	CHECK_INT(mkfifo(scratch_path("leave/uploads/fifo"), 0600), 0);
	CHECK_INT(mkdir(scratch_path("leave/uploads/dir"), 0700), 0);
	for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
		CHECK_INT(files_read(f, &error, outside[i], &fd, &size), E_RULE);
		if (strcmp(outside[i], "uploads/to") != 0)
			CHECK_INT(files_remove(f, &error, outside[i]), E_RULE);
	}
	CHECK_INT(files_read(f, &error, "uploads/fifo", &fd, &size), E_RULE);
	CHECK_INT(files_read(f, &error, "uploads/dir", &fd, &size), E_RULE);
	CHECK_INT(files_remove(f, &error, "uploads/dir"), E_RULE);
	memset(path, 'a', 400);
	memcpy(path, "uploads/", 8);
	path[400] = '\0';
	CHECK_INT(files_read(f, &error, path, &fd, &size), E_RULE);
	CHECK_INT(files_remove(f, &error, "uploads/to"), OK);
	CHECK(exists(files_dir(f), "vitae.db"));
	CHECK(exists("/etc", "passwd"));
	CHECK_INT(fd, -1);
	files_free(f);
}

static void age(const char *dir, const char *relative)
{
	struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	char path[1024];

	snprintf(path, sizeof path, "%s/%s", dir, relative);
	CHECK_INT(utimensat(AT_FDCWD, path, old, AT_SYMLINK_NOFOLLOW), 0);
}

static bool keep_named(void *arg, const char *relative)
{
	return strcmp(relative, arg) == 0;
}

static bool keep_none(void *arg, const char *relative)
{
	(*(int *)arg)++;
	return !text_starts(relative, "uploads/");
}

TEST(sweep_removes_what_nobody_keeps)
{
	/* The kernel sets the time of a rename, so "older than" is tried with ages before and after
	 * now. */
	const int64_t hour = 3600 * CLOCK_SECOND, future = -hour;
	struct files *f = fresh("sweep");
	struct arena *a = arena_new(100000);
	const char *kept = stored(f, a, "a.pdf", "abc", "uploads/team_1/resumes");
	const char *orphan = stored(f, a, "b.pdf", "abc", "uploads/team_2");
	const char *media = stored(f, a, "c.mp4", "abc", "media");
	struct upload u = spooled(f, a, "x", "abc");
	int asked = 0;

	CHECK_INT(symlink("/etc/passwd", scratch_path("sweep/uploads/link")), 0);
	age(files_dir(f), orphan);
	CHECK_INT(files_sweep(f, hour, "uploads", keep_none, &asked), 0);
	CHECK_INT(asked, 0);
	CHECK_INT(files_sweep(f, hour, NULL, NULL, NULL), 0);
	CHECK_INT(files_sweep(f, future, NULL, NULL, NULL), 1);
	CHECK(access(u.path, F_OK) != 0);
	CHECK(exists(files_dir(f), orphan));
	CHECK_INT(files_sweep(f, future, "uploads", keep_named, (void *)(uintptr_t)kept), 1);
	CHECK(exists(files_dir(f), kept));
	CHECK(!exists(files_dir(f), orphan));
	CHECK(exists(files_dir(f), media));
	CHECK_INT(files_sweep(f, future, "uploads/none", keep_none, &asked), 0);
	CHECK_INT(files_sweep(f, future, "..", keep_none, &asked), E_RULE);
	CHECK_INT(files_sweep(f, future, "uploads", keep_none, &asked), 1);
	CHECK_INT(asked, 1);
	CHECK(exists(files_dir(f), "uploads/link"));
	arena_free(a);
	files_free(f);
}

static const char *base(const char *sent)
{
	static struct arena *a;

	arena_free(a);
	a = arena_new(100000);
	return files_base_name(a, sent);
}

TEST(base_names_of_hostile_names)
{
	CHECK_STR(base("resume.pdf"), "resume.pdf");
	CHECK_STR(base("Lebenslauf J\xc3\xbcrgen (2).PDF"), "Lebenslauf J\xc3\xbcrgen (2).PDF");
	CHECK_STR(base("../../etc/passwd"), "passwd");
	CHECK_STR(base("C:\\Users\\me\\cv.doc"), "cv.doc");
	CHECK_STR(base("a/b\\c/d.pdf"), "d.pdf");
	CHECK_STR(base("a\x01"
				   "b\n\r\t.p\x7f"
				   "df"),
			  "a_b___.p_df");
	CHECK_STR(base("c1\xc2\x85"
				   "x\xc2\x9f"),
			  "c1_x_");
	CHECK_STR(base("a\xe2\x80\xae"
				   "fdp.exe"),
			  "a_fdp.exe");
	CHECK_STR(base("a\xe2\x80\xa8"
				   "b\xd8\x9c"
				   "c\xe2\x81\xa6"),
			  "a_b_c_");
	CHECK_STR(base("bad\xff\xfe.pdf"), "bad\xef\xbf\xbd\xef\xbf\xbd.pdf");
	CHECK_STR(base("over\xc0\xaf"
				   "long"),
			  "over\xef\xbf\xbd\xef\xbf\xbdlong");
	CHECK_STR(base(""), "file");
	CHECK_STR(base(NULL), "file");
	CHECK_STR(base("."), "file");
	CHECK_STR(base(".."), "file");
	CHECK_STR(base("dir/.."), "file");
	CHECK_STR(base("dir/"), "file");
	CHECK_STR(base("   "), "file");
	CHECK_STR(base(".pdf"), ".pdf");
	CHECK_STR(base("..."), "...");
	CHECK_STR(base("%2e%2e%2fx"), "%2e%2e%2fx");
}

/* n times part, then end. */
static const char *repeated(const char *part, int n, const char *end)
{
	static char name[20000];
	size_t at = 0;

	for (int i = 0; i < n; i++)
		at += (size_t)snprintf(name + at, sizeof name - at, "%s", part);
	snprintf(name + at, sizeof name - at, "%s", end);
	return name;
}

TEST(long_base_names_keep_their_extension)
{
	const char *s;

	CHECK_INT(strlen(base(repeated("a", 200, ""))), 200);
	CHECK_STR(base(repeated("a", 196, ".pdf")), repeated("a", 196, ".pdf"));
	CHECK_STR(base(repeated("a", 500, ".docx")), repeated("a", 195, ".docx"));
	CHECK_STR(base(repeated("\xc3\xbc", 300, ".pdf")), repeated("\xc3\xbc", 98, ".pdf"));
	CHECK_STR(base(repeated("\xe2\x82\xac", 300, ".pdf")), repeated("\xe2\x82\xac", 65, ".pdf"));
	s = base(repeated("\xff", 10000, ".pdf"));
	CHECK(strlen(s) <= 200 && utf8_valid(s, strlen(s)));
	s = base(repeated("x.", 5000, "thisisnoextensionatall"));
	CHECK_INT(strlen(s), 200);
	s = base(repeated("\xf0\x9f\x98\x80", 200, ""));
	CHECK_INT(strlen(s), 200);
}

TEST_MAIN()

/* Stored files in an object store: when it is asked, and what is left when it fails. */
#include <unistd.h>

#include "base/test.h"
#include "store/files.h"
#include "store/scratch_dir.h"

enum { BIG = 1 << 20, OBJECTS_MAX = 8 };

/* A store in memory. */
static struct {
	char paths[OBJECTS_MAX][200];
	char data[OBJECTS_MAX][100];
	char parts[2][5]; /* of the one object that comes in parts */
	bool away;
	int puts, aborts;
} far;

static struct error error;
static struct arena *mem;
static struct files *files;

static int at(const char *path)
{
	for (int i = 0; i < OBJECTS_MAX; i++)
		if (strcmp(far.paths[i], path) == 0)
			return i;
	return -1;
}

static int count(void)
{
	int n = 0;

	for (int i = 0; i < OBJECTS_MAX; i++)
		n += far.paths[i][0] != '\0';
	return n;
}

static int put(void *arg, struct error *e, const char *path, const struct files_piece *p)
{
	int i = at("");

	(void)arg, (void)e;
	if (far.away)
		return E_UNAVAILABLE;
	CHECK(i >= 0 && pread(p->fd, far.data[i], (size_t)p->size, p->at) == p->size);
	snprintf(far.paths[i], sizeof far.paths[i], "%s", path);
	far.puts++;
	return OK;
}

static int begin(void *arg, struct arena *a, struct error *e, const char *path, const char **id)
{
	(void)arg, (void)e;
	*id = arena_strdup(a, path);
	return OK;
}

static int put_part(void *arg, struct arena *a, struct error *e, const struct files_parts *p,
					int64_t number, const struct files_piece *piece, const char **tag)
{
	char *part = far.parts[number - 1];

	(void)arg, (void)e;
	CHECK_STR(p->id, p->path);
	CHECK(pread(piece->fd, part, (size_t)piece->size, piece->at) == piece->size);
	*tag = arena_strdup(a, part);
	return OK;
}

static int end(void *arg, struct error *e, const struct files_parts *p,
			   const struct files_part *parts, size_t n, int64_t size)
{
	int i = at("");

	(void)arg, (void)e;
	CHECK(n == 2 && i >= 0);
	for (size_t k = 0; k < n; k++)
		CHECK_STR(parts[k].tag, far.parts[k]);
	snprintf(far.data[i], sizeof far.data[i], "%s%s", far.parts[0], far.parts[1]);
	snprintf(far.paths[i], sizeof far.paths[i], "%s", p->path);
	CHECK_INT(strlen(far.data[i]), size);
	return OK;
}

static int abort_parts(void *arg, struct error *e, const struct files_parts *p)
{
	(void)arg, (void)e, (void)p;
	far.aborts++;
	return OK;
}

static int get(void *arg, struct error *e, const char *path, int64_t offset, int64_t length,
			   int (*sink)(void *arg, const void *p, size_t n), void *sink_arg)
{
	int i = at(path);

	(void)arg, (void)e;
	if (i < 0)
		return E_NOT_FOUND;
	length = length < 0 ? (int64_t)strlen(far.data[i]) - offset : length;
	return sink(sink_arg, far.data[i] + offset, (size_t)length);
}

static int size_of(void *arg, struct error *e, const char *path, int64_t *out)
{
	int i = at(path);

	(void)arg, (void)e;
	if (i < 0)
		return E_NOT_FOUND;
	*out = (int64_t)strlen(far.data[i]);
	return OK;
}

static int remove_object(void *arg, struct error *e, const char *path)
{
	int i = at(path);

	(void)arg, (void)e;
	if (far.away)
		return E_UNAVAILABLE;
	if (i >= 0)
		far.paths[i][0] = '\0';
	return OK;
}

static int list(void *arg, struct error *e, const char *prefix,
				int (*each)(void *arg, const struct files_object *o), void *each_arg)
{
	(void)arg, (void)e;
	for (int i = 0; i < OBJECTS_MAX; i++) {
		struct files_object o = {.path = far.paths[i], .modified = 5};

		if (far.paths[i][0] != '\0' && strncmp(far.paths[i], prefix, strlen(prefix)) == 0)
			TRY(each(each_arg, &o));
	}
	return OK;
}

static const struct files_remote remote = {.part = 4,
										   .put = put,
										   .begin = begin,
										   .put_part = put_part,
										   .end = end,
										   .abort = abort_parts,
										   .get = get,
										   .size = size_of,
										   .remove = remove_object,
										   .list = list};

static void start(const char *name)
{
	memset(&far, 0, sizeof far);
	mem = arena_new(BIG);
	CHECK_INT(files_new(scratch_path(name), &error, &files), OK);
	files_use_remote(files, &remote);
	CHECK(files_is_remote(files));
}

static void stop(void)
{
	mem = arena_free(mem);
	files_free(files);
}

static struct upload spooled(struct arena *a, const char *text)
{
	struct upload u = {.filename = "a.pdf"};
	struct spool *s = NULL;

	CHECK_INT(files_open(files, a, &error, &s), OK);
	CHECK_INT(files_write(s, text, strlen(text), BIG), OK);
	CHECK_INT(files_close(s, &u), OK);
	return u;
}

TEST(a_file_is_put_between_two_transactions)
{
	const char *path = NULL;
	struct upload u;
	char text[10] = "";
	int64_t size;
	int fd;

	start("two");
	u = spooled(mem, "abc");
	CHECK_INT(files_place(files, mem, &error, &u, "uploads", &path), E_UNAVAILABLE);
	CHECK(path == NULL && far.puts == 0 && files_put_wanted(files, mem));
	CHECK_INT(files_put_all(files, mem, &error), OK);
	CHECK(!files_put_wanted(files, mem));
	CHECK_INT(files_place(files, mem, &error, &u, "uploads", &path), OK);
	files_put_end(files, mem);
	CHECK_INT(far.puts, 1);
	CHECK(at(path) >= 0 && text_starts(path, "uploads/") && text_ends(path, "_a.pdf"));
	CHECK_INT(files_read(files, &error, path, &fd, &size), OK);
	CHECK_INT(size, 3);
	CHECK(read(fd, text, 3) == 3);
	CHECK_STR(text, "abc");
	close(fd);
	CHECK(files_exists(files, path));
	CHECK_INT(files_remove(files, &error, path), OK);
	CHECK_INT(count(), 0);
	CHECK_INT(files_read(files, &error, path, &fd, &size), E_NOT_FOUND);
	CHECK_INT(files_remove(files, &error, "uploads/../vitae.db"), E_RULE);
	stop();
}

TEST(what_finds_no_place_is_removed)
{
	const char *path = NULL;
	struct upload u;

	start("none");
	u = spooled(mem, "abc");
	CHECK_INT(files_place(files, mem, &error, &u, "uploads", &path), E_UNAVAILABLE);
	CHECK_INT(files_put_all(files, mem, &error), OK);
	CHECK_INT(count(), 1);
	files_put_end(files, mem);
	CHECK_INT(count(), 0);
	stop();
}

TEST(a_place_that_was_rolled_back_is_put_again)
{
	const char *first = NULL, *second = NULL;
	struct upload u;

	start("again");
	u = spooled(mem, "abc");
	CHECK_INT(files_place(files, mem, &error, &u, "uploads", &first), E_UNAVAILABLE);
	CHECK_INT(files_put_all(files, mem, &error), OK);
	CHECK_INT(files_place(files, mem, &error, &u, "uploads", &first), OK);
	CHECK_INT(files_remove(files, &error, first), OK); /* as removals_undo does */
	CHECK(files_put_wanted(files, mem));
	CHECK_INT(files_place(files, mem, &error, &u, "uploads", &second), E_UNAVAILABLE);
	CHECK_INT(files_put_all(files, mem, &error), OK);
	CHECK_INT(files_place(files, mem, &error, &u, "uploads", &second), OK);
	files_put_end(files, mem);
	CHECK(strcmp(first, second) != 0 && count() == 1 && at(second) >= 0);
	stop();
}

TEST(a_store_that_is_away_leaves_nothing_wanted)
{
	const char *path = NULL;
	struct upload u;

	start("away");
	u = spooled(mem, "abc");
	far.away = true;
	CHECK_INT(files_place(files, mem, &error, &u, "uploads", &path), E_UNAVAILABLE);
	CHECK_INT(files_put_all(files, mem, &error), E_UNAVAILABLE);
	CHECK(!files_put_wanted(files, mem));
	files_put_end(files, mem);
	far.away = false;
	CHECK_INT(files_place(files, mem, &error, &u, "uploads", &path), E_UNAVAILABLE);
	CHECK_INT(files_put_all(files, mem, &error), OK);
	CHECK_INT(files_place(files, mem, &error, &u, "uploads", &path), OK);
	stop();
}

TEST(each_request_has_its_own)
{
	struct arena *other;
	const char *path = NULL;
	struct upload u;

	start("own");
	other = arena_new(BIG);
	u = spooled(other, "abc");
	CHECK_INT(files_place(files, other, &error, &u, "uploads", &path), E_UNAVAILABLE);
	CHECK(files_put_wanted(files, other) && !files_put_wanted(files, mem));
	CHECK_INT(files_put_all(files, mem, &error), OK);
	CHECK_INT(far.puts, 0);
	other = arena_free(other); /* and forgets what it wanted */
	CHECK_INT(files_put_all(files, other, &error), OK);
	CHECK_INT(far.puts, 0);
	stop();
}

static int open_text(const char *text)
{
	int fd = -1;

	CHECK_INT(files_temporary(files, &error, &fd), OK);
	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	return fd;
}

TEST(partial_files_are_no_objects)
{
	const char *partial = NULL, *id;
	struct files_parts p = {"media/partial/a", "1"};
	int64_t size;
	int fd;

	start("partial");
	CHECK_INT(files_make_partial(files, mem, &error, "media/partial", &partial), OK);
	CHECK(!files_elsewhere(files, partial) && files_elsewhere(files, "media/videos/a"));
	CHECK_INT(files_append(files, &error, partial, &fd, &size), OK);
	CHECK_INT(files_put_piece(files, &error, partial, &(struct files_piece){fd, 0, 0}), E_RULE);
	CHECK_INT(files_parts_begin(files, mem, &error, partial, &id), E_RULE);
	CHECK_INT(files_parts_begin(files, mem, &error, "media/../a", &id), E_RULE);
	CHECK_INT(files_parts_end(files, &error, &p, NULL, 0, 0), E_RULE);
	CHECK_INT(files_parts_abort(files, &error, &p), E_RULE);
	CHECK_INT(count(), 0);
	close(fd);
	stop();
}

TEST(an_object_comes_in_parts)
{
	struct files_parts p = {.path = "media/videos/a.mp4"};
	struct files_part parts[2] = {{.number = 1}, {.number = 2}};
	char head[10] = "";
	size_t n = 0;
	int fd;

	start("parts");
	fd = open_text("-abcdefg");
	CHECK_INT(files_part_size(files), 4);
	CHECK_INT(files_parts_begin(files, mem, &error, p.path, &p.id), OK);
	for (int i = 0; i < 2; i++)
		CHECK_INT(files_parts_put(files, mem, &error, &p, parts[i].number,
								  &(struct files_piece){fd, 1 + 4 * i, 4 - i}, &parts[i].tag),
				  OK);
	CHECK(at(p.path) < 0);
	CHECK_INT(files_parts_end(files, &error, &p, parts, 2, 7), OK);
	CHECK_STR(far.data[at(p.path)], "abcdefg");
	CHECK_INT(files_get_head(files, &error, p.path, 7, head, 3, &n), OK);
	CHECK_STR(head, "abc");
	CHECK_INT(files_get_head(files, &error, p.path, 7, head, sizeof head, &n), OK);
	CHECK_INT((int64_t)n, 7);
	CHECK_INT(files_put_piece(files, &error, "media/tails/b", &(struct files_piece){fd, 3, 2}), OK);
	CHECK_STR(far.data[at("media/tails/b")], "cd");
	CHECK_INT(files_parts_abort(files, &error, &p), OK);
	CHECK_INT(far.aborts, 1);
	close(fd);
	stop();
}

static bool keep_b(void *arg, const char *relative)
{
	(void)arg;
	return strstr(relative, "_b") != NULL;
}

TEST(the_sweep_asks_for_each)
{
	char text[] = "x";
	FILE *f = tmpfile();

	start("sweep");
	fwrite(text, 1, 1, f);
	fflush(f);
	CHECK_INT(files_put(files, &error, "uploads/1_a", fileno(f), 1), OK);
	CHECK_INT(files_put(files, &error, "uploads/1_b", fileno(f), 1), OK);
	CHECK_INT(files_put(files, &error, "media/1_c", fileno(f), 1), OK);
	CHECK_INT(files_sweep(files, CLOCK_SECOND, "uploads", keep_b, NULL), 1);
	CHECK(at("uploads/1_a") < 0 && at("uploads/1_b") >= 0 && at("media/1_c") >= 0);
	/* A second older than they are. */
	CHECK_INT(files_sweep(files, clock_now() + CLOCK_SECOND, "uploads", NULL, NULL), 0);
	fclose(f);
	stop();
}

TEST_MAIN()

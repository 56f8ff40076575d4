/*
 * See serve.h. All memory of a document is one arena; when that is full, the reading is left by
 * longjmp and the next document finds everything as it was.
 */
#include "parse/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/json.h"
#include "data/taxonomy.h"
#include "proc/frame.h"
#include "proc/sandbox.h"

enum { SOCKET = 3, TRIM_ABOVE = 32 * 1024 * 1024 };
enum { KEPT = 16 * 1024 * 1024, KEPT_BLOCK = 4 * 1024 * 1024 };

struct job {
	const struct service *service;
	struct arena *arena;
	struct error error;
	const char *file_name;
	unsigned char *data;
	size_t size;
	int seconds;
};

static jmp_buf over_limit;

#if defined(__SANITIZE_ADDRESS__)
/* The sanitizer's shadow needs terabytes of address space, and its leak check a process of its own.
 */
enum { LIMIT_MEMORY = 0 };
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
#else
enum { LIMIT_MEMORY = 1 };
#endif

static void on_arena_limit(void *arg)
{
	(void)arg;
	longjmp(over_limit, 1);
}

/* Reads the whole file behind fd into the arena. */
static int read_document(struct job *j, int fd)
{
	struct stat st;
	size_t got = 0;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return fail(&(struct { struct error *error; }){&j->error}, E_RULE,
					"The file cannot be read");
	if (st.st_size > DOC_FILE_MAX)
		return fail(&(struct { struct error *error; }){&j->error}, E_TOO_LARGE,
					"The file is too large to be read");
	j->data = arena_alloc_raw(j->arena, (size_t)st.st_size + 1);
	while (got < (size_t)st.st_size) {
		ssize_t n = pread(fd, j->data + got, (size_t)st.st_size - got, (off_t)got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	j->size = got;
	return OK;
}

static int read_reply(struct job *j, int fd, struct parse_reply *reply)
{
	struct doc d = {.arena = j->arena, .error = &j->error, .file_name = j->file_name};

	TRY(read_document(j, fd));
	return j->service->read(&d, j->data, j->size, j->seconds, reply);
}

/* Fills the reply; an error becomes its sentence. */
static void answer(struct job *j, int fd, struct parse_reply *reply)
{
	if (setjmp(over_limit) != 0) {
		*reply = (struct parse_reply){.error = "The document is too large or too complicated to be "
											   "read; save it anew as a smaller PDF"};
		return;
	}
	if (read_reply(j, fd, reply) == OK)
		return;
	reply->profile = (struct profile){0};
	reply->error = j->error.text[0] != '\0' ? j->error.text : "The document cannot be read";
}

static int send_reply(const struct parse_reply *reply)
{
	struct arena *a = arena_new(FRAME_MAX);
	struct buf b;
	int rc;

	buf_init(&b, a, FRAME_MAX);
	rc = schema_print(&parse_reply_schema, reply, &b);
	if (rc == OK)
		rc = frame_send(SOCKET, FRAME_REPLY, b.p, b.n, -1, 0);
	arena_free(a);
	return rc;
}

static const char *requested_name(struct arena *a, const char *p, size_t n)
{
	const struct json_value *v;

	return json_parse(a, p, n, &v, NULL) == OK ? json_string(json_get(v, "file_name")) : NULL;
}

/* One document. Negative: the server is gone. */
static int serve_one(const struct service *s, struct arena *a, int seconds)
{
	struct parse_reply *reply = ARENA_NEW(a, struct parse_reply);
	struct job *j = ARENA_NEW(a, struct job);
	enum frame_type type;
	char *p;
	size_t n;
	int fd = -1, rc;

	TRY(frame_receive(SOCKET, a, &type, &p, &n, &fd, 0));
	if (type != FRAME_PARSE || fd < 0)
		return E_INVALID;
	j->service = s;
	j->arena = a;
	j->file_name = requested_name(a, p, n);
	j->seconds = seconds;
	alarm((unsigned)seconds + 1);
	answer(j, fd, reply);
	rc = send_reply(reply);
	alarm(0);
	close(fd);
	return rc;
}

static void serve_all(const struct service *s, size_t memory, int seconds)
{
	int rc = OK;

	while (rc == OK) {
		struct arena *a = arena_new(memory);
		size_t used;

		arena_on_limit(a, on_arena_limit, NULL);
		if (setjmp(over_limit) == 0)
			rc = serve_one(s, a, seconds);
		else
			rc = E_TOO_LARGE;
		used = arena_used(a);
		arena_free(a);
		if (used > TRIM_ABOVE)
			malloc_trim(0);
	}
}

static int hello(int landlock)
{
	char text[32];
	int n = snprintf(text, sizeof text, "{\"landlock\":%d}", landlock);

	return frame_send(SOCKET, FRAME_HELLO, text, (size_t)n, -1, 0);
}

/* The argument, or NULL where it is missing or empty. */
static const char *argument(int argc, char **argv, int i)
{
	return i < argc && argv[i][0] != '\0' ? argv[i] : NULL;
}

int serve(const struct service *s, int argc, char **argv)
{
	const char *skills = argument(argc, argv, 3);
	int64_t memory, seconds;
	struct error error = {0};
	struct sandbox_limits limits;
	int landlock = 0, out;

	if (argc < 3 || text_int(argv[1], &memory) != OK || text_int(argv[2], &seconds) != OK ||
		fcntl(SOCKET, F_GETFD) < 0) {
		fprintf(stderr, "%s is started by vitae; it is not a program to run by hand\n", s->name);
		return 2;
	}
	if (skills != NULL && taxonomy_add_file(taxonomy_builtin(), skills, &error) != OK) {
		fprintf(stderr, "%s: %s\n", s->name, error.text);
		return 2;
	}
	taxonomy_builtin();
	/* What one document gave back serves the next, instead of being mapped and cleared anew. */
	mallopt(M_TRIM_THRESHOLD, KEPT);
	mallopt(M_MMAP_THRESHOLD, KEPT_BLOCK);
	/* What is warmed up may take standard error for itself. */
	out = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 2);
	s->warm_up(argument(argc, argv, 4));
	limits = (struct sandbox_limits){.memory = LIMIT_MEMORY ? memory : 0};
	if (sandbox_enter(&limits, &error, &landlock) != OK) {
		dprintf(out, "%s: %s\n", s->name, error.text);
		return 2;
	}
	if (hello(landlock) == OK)
		serve_all(s, (size_t)memory / 2, (int)seconds);
	return 0;
}

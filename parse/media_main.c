/*
 * vitae-media: tells length, size and a still picture of videos, one at a time, inside the parsers'
 * jail.
 *
 *	vitae-media MEMORY-BYTES SECONDS    (descriptor 3: the server's socket)
 *
 * A program of its own, because what it links is large, and because nothing decodes a stranger's
 * video in the server.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "parse/media/media.h"
#include "proc/frame.h"
#include "proc/sandbox.h"

enum { SOCKET = 3, ARENA_MAX = 16 * 1024 * 1024 };

#if defined(__SANITIZE_ADDRESS__)
/* As in parse/serve.c. */
enum { LIMIT_MEMORY = 0 };
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
#else
enum { LIMIT_MEMORY = 1 };
#endif

static int answer(struct arena *a, const struct media_reply *reply)
{
	struct buf b;

	buf_init(&b, a, FRAME_MAX);
	TRY(schema_print(&media_reply_schema, reply, &b));
	return frame_send(SOCKET, FRAME_REPLY, b.p, b.n, -1, 0);
}

/* One video. Negative: the server is gone. */
static int serve_one(struct arena *a, int seconds)
{
	struct media_reply reply = {.error = NULL};
	enum frame_type type;
	char *p;
	size_t n;
	int fd = -1, rc;

	TRY(frame_receive(SOCKET, a, &type, &p, &n, &fd, 0));
	if (type != FRAME_PARSE || fd < 0)
		return E_INVALID;
	alarm((unsigned)seconds + 1);
	media_read(a, fd, &reply);
	rc = answer(a, &reply);
	alarm(0);
	close(fd);
	return rc;
}

static void serve_all(int seconds)
{
	int rc = OK;

	while (rc == OK) {
		struct arena *a = arena_new(ARENA_MAX);

		rc = serve_one(a, seconds);
		arena_free(a);
	}
}

int main(int argc, char **argv)
{
	struct error error = {0};
	int64_t memory, seconds;
	int landlock = 0, n;
	char hello[32];

	if (argc < 3 || text_int(argv[1], &memory) != OK || text_int(argv[2], &seconds) != OK ||
		fcntl(SOCKET, F_GETFD) < 0) {
		fputs("vitae-media is started by vitae; it is not a program to run by hand\n", stderr);
		return 2;
	}
	media_warm_up();
	if (sandbox_enter(&(struct sandbox_limits){.memory = LIMIT_MEMORY ? memory : 0}, &error,
					  &landlock) != OK) {
		fprintf(stderr, "vitae-media: %s\n", error.text);
		return 2;
	}
	n = snprintf(hello, sizeof hello, "{\"landlock\":%d}", landlock);
	if (frame_send(SOCKET, FRAME_HELLO, hello, (size_t)n, -1, 0) == OK)
		serve_all((int)seconds);
	return 0;
}

/*
 * malice: a parser that misbehaves, for the tests of worker and sandbox. Started as vitae-parser
 * is; the third argument says what it does. Those that try to break out enter the real jail first,
 * and answer with what they could do.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"
#include "proc/frame.h"
#include "proc/sandbox.h"

enum { SOCKET = 3 };

static pid_t server; /* asked for before the jail is entered: it forbids the question */

#if defined(__SANITIZE_ADDRESS__)
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0:handle_segv=0"; /* who dies of a signal shall be seen to */
}
#endif

static void reply(const char *text)
{
	frame_send(SOCKET, FRAME_REPLY, text, strlen(text), -1, 0);
}

static void answer(const char *sentence)
{
	char text[256];

	snprintf(text, sizeof text, "{\"error\": \"%s\"}", sentence);
	reply(text);
}

static bool can_open(void)
{
	int fd = open("/etc/passwd", O_RDONLY);

	return fd >= 0;
}

static bool can_write(void)
{
	return open("/tmp/vitae-malice", O_WRONLY | O_CREAT, 0600) >= 0;
}

static bool can_connect(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool can_exec(void)
{
	char *argv[] = {(char[]){"true"}, NULL}, *none[] = {NULL};

	execve("/bin/true", argv, none);
	return false;
}

static bool can_fork(void)
{
	return fork() >= 0;
}

static bool can_kill(void)
{
	return kill(server, 0) == 0;
}

/* The way that abort() takes to its own thread. */
static bool can_kill_thread(void)
{
	return syscall(SYS_tgkill, server, server, 0) == 0;
}

static bool can_trace(void)
{
	return ptrace(PTRACE_ATTACH, server, NULL, NULL) == 0;
}

/* More than the limit of the address space. */
static bool can_take_memory(void)
{
	return mmap(NULL, (size_t)2 << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
				0) != MAP_FAILED;
}

static const struct {
	const char *name;
	bool (*attempt)(void);
} crimes[] = {
	{"open", can_open},   {"write", can_write},        {"connect", can_connect},
	{"exec", can_exec},   {"fork", can_fork},          {"kill", can_kill},
	{"trace", can_trace}, {"memory", can_take_memory}, {"tgkill", can_kill_thread},
};

static void commit_crime(const char *mode)
{
	for (size_t i = 0; i < sizeof crimes / sizeof crimes[0]; i++)
		if (strcmp(crimes[i].name, mode) == 0)
			answer(crimes[i].attempt() ? "it worked" : "refused");
}

/* Sleeps for good, by a call that the jail allows. */
static void stall(void)
{
	for (;;)
		poll(NULL, 0, -1);
}

static void huge_frame(void)
{
	unsigned char head[5] = {0xff, 0xff, 0xff, 0x7f, FRAME_REPLY};

	if (write(SOCKET, head, sizeof head) != (ssize_t)sizeof head)
		_exit(9);
	stall();
}

static void misbehave(const char *mode, struct arena *a)
{
	enum frame_type type;
	char *p;
	size_t n;
	int fd = -1;

	if (frame_receive(SOCKET, a, &type, &p, &n, &fd, 0) != OK)
		_exit(0);
	if (strcmp(mode, "exit") == 0)
		_exit(7);
	if (strcmp(mode, "die") == 0)
		raise(SIGSEGV);
	if (strcmp(mode, "stall") == 0)
		stall();
	if (strcmp(mode, "garbage") == 0)
		reply("not JSON at all");
	if (strcmp(mode, "wrong") == 0)
		reply("{\"profile\": {\"name\": 17, \"skills\": \"none\"}}");
	if (strcmp(mode, "huge") == 0)
		huge_frame();
	commit_crime(mode);
}

int main(int argc, char **argv)
{
	struct error error = {0};
	struct sandbox_limits limits = {.memory = (int64_t)512 << 20};
	const char *mode = argc > 3 ? argv[3] : "exit";
	int landlock;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	limits.memory = 0;
#endif
	if (strcmp(mode, "silent") == 0)
		return 3;
	server = getppid();
	if (sandbox_enter(&limits, &error, &landlock) != OK)
		return 4;
	frame_send(SOCKET, FRAME_HELLO, "{}", 2, -1, 0);
	for (;;) {
		struct arena *a = arena_new(1 << 20);

		misbehave(mode, a);
		arena_free(a);
	}
}

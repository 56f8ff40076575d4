/*
 * See worker.h. The parser is a program of its own, spawned with a socketpair on descriptor 3, an
 * empty environment and nothing else open. It says hello from inside its jail; only then it gets a
 * document. One that was found dead before it got the document is replaced without blame.
 */
#include "proc/worker.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "data/json.h"
#include "proc/frame.h"

enum { HELLO_SECONDS = 20, SMALL = 64 * 1024 };

struct worker {
	struct worker_options options;
	char program[4096], skills_file[4096], languages[256];
	_Atomic int pid;
	int sock;
	int parsed;   /* documents since the process started */
	int64_t used; /* when the last one ended, monotonic */
};

struct failable {
	struct error *error;
};

const char *worker_find_program(struct arena *a, const char *name)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	static const char *const places[] = {"", "../libexec/vitae/"};
	char *slash;

	if (n <= 0)
		return NULL;
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (slash == NULL)
		return NULL;
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		char *path = arena_printf(a, "%.*s/%s%s", (int)(slash - self), self, places[i], name);

		if (access(path, X_OK) == 0)
			return path;
	}
	return NULL;
}

int worker_new(const struct worker_options *o, struct error *error, struct worker **out)
{
	struct failable f = {error};
	struct worker *w;

	if (o->program == NULL || strlen(o->program) >= sizeof w->program)
		return fail(&f, E_RULE, "The program vitae-parser was not found beside vitae");
	if (o->skills_file != NULL && strlen(o->skills_file) >= sizeof w->skills_file)
		return fail(&f, E_RULE, "SKILLS_FILE is too long a path");
	if (o->languages != NULL && strlen(o->languages) >= sizeof w->languages)
		return fail(&f, E_RULE, "OCR_LANGUAGES is too long");
	w = calloc(1, sizeof *w);
	if (w == NULL)
		abort();
	w->options = *o;
	w->sock = -1;
	memcpy(w->program, o->program, strlen(o->program) + 1);
	if (o->skills_file != NULL)
		memcpy(w->skills_file, o->skills_file, strlen(o->skills_file) + 1);
	if (o->languages != NULL)
		memcpy(w->languages, o->languages, strlen(o->languages) + 1);
	*out = w;
	return OK;
}

int worker_pid(const struct worker *w)
{
	return atomic_load(&w->pid);
}

/* Ends the process and tells how it ended, as waitpid does. */
static int reap(struct worker *w)
{
	int status = 0, pid = atomic_load(&w->pid);

	if (w->sock >= 0)
		close(w->sock);
	w->sock = -1;
	w->parsed = 0;
	if (pid <= 0)
		return 0;
	atomic_store(&w->pid, 0);
	kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		;
	return status;
}

void worker_free(struct worker *w)
{
	if (w == NULL)
		return;
	reap(w);
	free(w);
}

static int spawn(struct worker *w, int child_sock)
{
	char memory[32], seconds[32];
	bool ocr = w->languages[0] != '\0', skills = w->skills_file[0] != '\0';
	char *argv[] = {w->program,
					memory,
					seconds,
					skills || ocr ? w->skills_file : NULL,
					ocr ? w->languages : NULL,
					NULL};
	/* The jail has no threads: OpenMP, which Tesseract links, must not try. A document is some ten
	 * thousand small allocations, all given back at its end: with room for them the next one finds
	 * each at once. */
	char *environment[] = {(char[]){"LC_ALL=C.UTF-8"}, (char[]){"OMP_THREAD_LIMIT=1"},
						   (char[]){"GLIBC_TUNABLES=glibc.malloc.tcache_count=4000"}, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, defaults;
	pid_t pid;
	int rc;

	snprintf(memory, sizeof memory, "%lld", (long long)w->options.memory);
	snprintf(seconds, sizeof seconds, "%d", w->options.timeout);
	sigemptyset(&none);
	sigfillset(&defaults);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, child_sock, 3);
	posix_spawn_file_actions_addclosefrom_np(&actions, 4);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &defaults);
	/* A group of its own: Ctrl-C at the server's terminal is not for the document under way. */
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
										POSIX_SPAWN_SETPGROUP);
	rc = posix_spawn(&pid, w->program, &actions, &attr, argv, environment);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	if (rc == 0)
		atomic_store(&w->pid, pid);
	return rc;
}

static int receive_hello(struct worker *w)
{
	struct arena *a = arena_new(SMALL);
	enum frame_type type;
	char *p;
	size_t n;
	int rc = frame_receive(w->sock, a, &type, &p, &n, NULL,
						   clock_monotonic() + HELLO_SECONDS * CLOCK_SECOND);

	if (rc == OK && type != FRAME_HELLO)
		rc = E_INVALID;
	if (rc == OK && strstr(p, "\"landlock\":0") != NULL)
		log_debug("this kernel has no Landlock; the parser's jail is seccomp alone");
	arena_free(a);
	return rc;
}

static int start(struct worker *w, struct error *error)
{
	struct failable f = {error};
	int pair[2], rc;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return fail(&f, E_UNAVAILABLE, "No socket for a parser can be had");
	w->sock = pair[0];
	rc = spawn(w, pair[1]);
	close(pair[1]);
	if (rc != 0) {
		reap(w);
		return fail(&f, E_UNAVAILABLE, "The parser %s cannot be started: %s", w->program,
					strerror(rc));
	}
	if (receive_hello(w) != OK) {
		reap(w);
		return fail(&f, E_UNAVAILABLE, "The parser %s did not come up; run it by hand to see why",
					w->program);
	}
	return OK;
}

/* True if the process is there and its socket open. */
static bool alive(const struct worker *w)
{
	struct pollfd p = {.fd = w->sock, .events = POLLIN};

	return w->sock >= 0 && poll(&p, 1, 0) == 0;
}

int worker_warm(struct worker *w, struct error *error)
{
	if (alive(w) && (w->options.recycle == 0 || w->parsed < w->options.recycle))
		return OK;
	reap(w);
	return start(w, error);
}

static int blame(struct worker *w, struct error *error, int rc)
{
	struct failable f = {error};
	int status;

	if (rc == E_TIMEOUT) {
		reap(w);
		return fail(&f, E_TIMEOUT, "the parser took longer than %d s", w->options.timeout);
	}
	status = reap(w);
	if (WIFSIGNALED(status))
		return fail(&f, E_UPSTREAM, "the parser was ended by signal %d", WTERMSIG(status));
	return fail(&f, E_UPSTREAM, "the parser ended with status %d", WEXITSTATUS(status));
}

static int bind_reply(struct arena *a, const char *p, size_t n, const struct schema *s, void *reply)
{
	const struct json_value *v;
	struct faults faults = {.n = 0};

	TRY(json_parse(a, p, n, &v, NULL));
	return schema_bind_json(s, v, a, reply, &faults);
}

static int exchange(struct worker *w, struct arena *a, int fd, const char *file_name,
					const struct schema *s, void *reply)
{
	int64_t deadline = clock_monotonic() + w->options.timeout * CLOCK_SECOND;
	enum frame_type type;
	struct buf request;
	char *p;
	size_t n;

	buf_init(&request, a, SMALL);
	buf_adds(&request, "{\"file_name\":");
	json_print_string(&request, file_name);
	buf_addc(&request, '}');
	TRY(frame_send(w->sock, FRAME_PARSE, request.p, request.n, fd, deadline));
	TRY(frame_receive(w->sock, a, &type, &p, &n, NULL, deadline));
	if (type != FRAME_REPLY)
		return E_INVALID;
	return bind_reply(a, p, n, s, reply);
}

int worker_parse(struct worker *w, struct arena *a, struct error *error, int fd,
				 const char *file_name, struct parse_reply *reply)
{
	return worker_ask(w, a, error, fd, file_name, &parse_reply_schema, reply);
}

int worker_ask(struct worker *w, struct arena *a, struct error *error, int fd,
			   const char *file_name, const struct schema *s, void *reply)
{
	int rc;

	TRY(worker_warm(w, error));
	rc = exchange(w, a, fd, file_name, s, reply);
	if (rc != OK)
		return blame(w, error, rc);
	w->parsed++;
	w->used = clock_monotonic();
	return OK;
}

void worker_rest(struct worker *w, int seconds)
{
	if (worker_pid(w) > 0 && clock_monotonic() - w->used >= seconds * CLOCK_SECOND)
		reap(w);
}

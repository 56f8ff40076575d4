/* See program.h. The end of the pipe that is its standard error is what is waited for; the child
 * leads a group of its own, so that the deadline takes its children too. */
#include "proc/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

struct failable {
	struct error *error;
};

static int start(const char *const *argv, int complaints, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none;
	int rc;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&files, complaints, STDERR_FILENO);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigmask(&attr, &none);
	rc = posix_spawn(pid, argv[0], &files, &attr, (char *const *)(uintptr_t)argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return rc;
}

/* Reads to the end, keeping what fits. False when the time is over. */
static bool hear(int fd, int64_t deadline, char *said, size_t *n)
{
	char piece[512];

	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int64_t left = (deadline - clock_monotonic()) / 1000;
		ssize_t got;

		if (left <= 0)
			return false;
		if (poll(&p, 1, left < 1000 ? (int)left : 1000) <= 0)
			continue;
		got = read(fd, piece, sizeof piece);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return true;
		for (ssize_t i = 0; i < got && *n < PROGRAM_SAID_MAX - 1; i++)
			said[(*n)++] = piece[i];
	}
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int program_run(const char *const *argv, int seconds, char *said, struct error *error)
{
	struct failable f = {error};
	char own[PROGRAM_SAID_MAX];
	int ends[2], rc, status;
	int64_t deadline = clock_monotonic() + seconds * CLOCK_SECOND;
	size_t n = 0;
	pid_t pid;
	bool in_time;

	said = said != NULL ? said : own;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return fail(&f, E_UPSTREAM, "%s cannot be started: %s", argv[0], strerrordesc_np(errno));
	rc = start(argv, ends[1], &pid);
	close(ends[1]);
	if (rc != 0) {
		close(ends[0]);
		return fail(&f, E_UPSTREAM, "%s cannot be started: %s", argv[0], strerrordesc_np(rc));
	}
	in_time = hear(ends[0], deadline, said, &n);
	said[n] = '\0';
	close(ends[0]);
	if (!in_time)
		kill(-pid, SIGKILL);
	status = wait_for(pid);
	if (!in_time)
		return fail(&f, E_TIMEOUT, "%s took more than %d seconds", argv[0], seconds);
	return status == 0 ? OK : fail(&f, E_UPSTREAM, "%s ended with %d", argv[0], status);
}

/*
 * See browser.h. A keeper thread starts the process and waits for the time to end it: the kernel
 * ends a child together with the thread that made it (PR_SET_PDEATHSIG), and threads that ask for
 * pages come and go.
 */
#include "proc/browser.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

enum { PATH_SIZE = 1000, READ_SIZE = 64 * 1024, ARGUMENTS_MAX = 40, DEPTH_MAX = 16 };

#define PROFILE_PREFIX "vitae-browser-"

struct browser {
	char program[PATH_SIZE], profile[PATH_SIZE];
	int idle_seconds;
	int to, from;  /* pipes */
	struct buf in; /* bytes that came and were not taken */
	size_t taken;
	pthread_t keeper;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool started, stop, ended; /* under lock */
	int64_t used;
	pid_t pid;
};

struct failable {
	struct error *error;
};

/* ---- the profile ---- */

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path) == 0 || errno == ENOENT ? 0 : -1;
}

static void remove_profile(const char *path)
{
	nftw(path, remove_entry, DEPTH_MAX, FTW_DEPTH | FTW_PHYS);
}

static const char *temporary(void)
{
	const char *dir = getenv("TMPDIR");

	/* The browser makes sockets below it, whose paths have a narrow bound. */
	return dir != NULL && *dir == '/' && strlen(dir) < 40 ? dir : "/tmp";
}

/* Whether it is a profile of ours whose process lives no more. */
static bool is_left(const char *path, const char *name)
{
	int64_t pid;
	struct stat st;

	return text_starts(name, PROFILE_PREFIX) &&
		   text_int(name + strlen(PROFILE_PREFIX), &pid) == OK && pid > 0 &&
		   kill((pid_t)pid, 0) != 0 && errno == ESRCH && lstat(path, &st) == 0 &&
		   S_ISDIR(st.st_mode) && st.st_uid == geteuid();
}

/* Profiles of processes that were killed. */
static void remove_left(void)
{
	DIR *dir = opendir(temporary());
	const struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		char path[PATH_SIZE];

		snprintf(path, sizeof path, "%s/%.200s", temporary(), entry->d_name);
		if (is_left(path, entry->d_name))
			remove_profile(path);
	}
	if (dir != NULL)
		closedir(dir);
}

/* ---- the process ---- */

static const char *const switches[] = {
	"--headless",
	"--remote-debugging-pipe",
	"--no-first-run",
	"--no-default-browser-check",
	"--disable-gpu",
	"--disable-quic",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
	"--disable-extensions",
	"--disable-default-apps",
	"--disable-breakpad",
	"--disable-crash-reporter",
	"--mute-audio",
	"--disable-dev-shm-usage",
	"--disable-site-isolation-trials",
	"--hide-scrollbars",
	"--metrics-recording-only",
	"--password-store=basic",
	"--use-mock-keychain",
	"--disable-features=Translate,OptimizationHints,MediaRouter,IsolateOrigins,site-per-process",
	"--host-resolver-rules=MAP * ~NOTFOUND",
	"--proxy-server=http://127.0.0.1:9",
	"--proxy-bypass-list=<-loopback>",
	"--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
	"--js-flags=--max-old-space-size=256",
	"--window-size=1280,2000"};

/* In the child, between fork and exec: only what is safe there. to and from are the browser's ends,
 * above 4. */
static void become(struct browser *b, int from_us, int to_us, char *const *argv, char *const *env)
{
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0 ||
		dup2(from_us, 3) < 0 || dup2(to_us, 4) < 0)
		_exit(127);
	close_range(5, ~0U, 0);
	execve(b->program, argv, env);
	_exit(127);
}

/* A pipe whose ends are above 9, out of the way of the child's 3 and 4. */
static bool high_pipe(int out[2])
{
	int low[2];

	if (pipe2(low, O_CLOEXEC) != 0)
		return false;
	for (int i = 0; i < 2; i++) {
		out[i] = fcntl(low[i], F_DUPFD_CLOEXEC, 10);
		close(low[i]);
	}
	if (out[0] >= 0 && out[1] >= 0)
		return true;
	close(out[0]);
	close(out[1]);
	return false;
}

static pid_t spawn(struct browser *b, int from_us, int to_us)
{
	char *argv[ARGUMENTS_MAX], data_dir[PATH_SIZE + 32], home[PATH_SIZE + 8], tmp[PATH_SIZE + 8];
	char path[] = "PATH=/usr/local/bin:/usr/bin:/bin", lang[] = "LANG=C.UTF-8";
	char *env[] = {path, lang, home, tmp, NULL};
	static char no_sandbox[] = "--no-sandbox";
	size_t n = 0;
	pid_t pid;

	snprintf(data_dir, sizeof data_dir, "--user-data-dir=%s", b->profile);
	snprintf(home, sizeof home, "HOME=%s", b->profile);
	snprintf(tmp, sizeof tmp, "TMPDIR=%s", b->profile);
	argv[n++] = b->program;
	for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++)
		argv[n++] = (char *)(uintptr_t)switches[i];
	/* Its sandbox refuses to work for root. */
	if (geteuid() == 0)
		argv[n++] = no_sandbox;
	argv[n++] = data_dir;
	argv[n] = NULL;
	pid = fork();
	if (pid == 0)
		become(b, from_us, to_us, argv, env);
	return pid;
}

/* Waits until it is to end: told so, idle, or by itself. */
static void keep(struct browser *b)
{
	struct timespec until;
	int status;

	pthread_mutex_lock(&b->lock);
	while (!b->stop) {
		int64_t idle = b->used + b->idle_seconds * CLOCK_SECOND;

		if (clock_monotonic() >= idle || waitpid(b->pid, &status, WNOHANG) == b->pid)
			break;
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec += 1;
		pthread_cond_timedwait(&b->changed, &b->lock, &until);
	}
	b->ended = true;
	pthread_mutex_unlock(&b->lock);
}

static void *keeper_main(void *arg)
{
	struct browser *b = arg;
	int down[2] = {-1, -1}, up[2] = {-1, -1};
	pid_t pid = -1;

	if (high_pipe(down) && high_pipe(up))
		pid = spawn(b, down[0], up[1]);
	close(down[0]);
	close(up[1]);
	pthread_mutex_lock(&b->lock);
	b->to = down[1];
	b->from = up[0];
	b->pid = pid;
	b->started = true;
	b->used = clock_monotonic();
	pthread_cond_broadcast(&b->changed);
	pthread_mutex_unlock(&b->lock);
	if (pid > 0) {
		keep(b);
		kill(-pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	remove_profile(b->profile);
	return NULL;
}

int browser_new(const struct browser_options *o, struct error *error, struct browser **out)
{
	struct failable f = {error};
	struct browser *b;
	pthread_condattr_t attr;

	if (strlen(o->program) >= PATH_SIZE)
		return fail(&f, E_UNAVAILABLE, "the path of the browser is too long");
	if (access(o->program, X_OK) != 0)
		return fail(&f, E_UNAVAILABLE, "the browser %s cannot be started: %s", o->program,
					strerror(errno));
	b = calloc(1, sizeof *b);
	if (b == NULL)
		abort();
	memcpy(b->program, o->program, strlen(o->program) + 1);
	snprintf(b->profile, sizeof b->profile, "%s/" PROFILE_PREFIX "%ld", temporary(),
			 (long)getpid());
	b->idle_seconds = o->idle_seconds;
	b->to = b->from = -1;
	buf_init(&b->in, NULL, BROWSER_MESSAGE_MAX + READ_SIZE);
	remove_left();
	remove_profile(b->profile);
	if (mkdir(b->profile, 0700) != 0) {
		int rc = fail(&f, E_UNAVAILABLE, "the browser's profile %s cannot be made: %s", b->profile,
					  strerror(errno));

		free(b);
		return rc;
	}
	pthread_mutex_init(&b->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&b->changed, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_create(&b->keeper, NULL, keeper_main, b) != 0)
		abort();
	pthread_mutex_lock(&b->lock);
	while (!b->started)
		pthread_cond_wait(&b->changed, &b->lock);
	pthread_mutex_unlock(&b->lock);
	if (b->pid <= 0) {
		browser_free(b);
		return fail(&f, E_UNAVAILABLE, "no process for the browser can be started");
	}
	fcntl(b->to, F_SETFL, O_NONBLOCK);
	fcntl(b->from, F_SETFL, O_NONBLOCK);
	log_debug("browser started, process %d", (int)b->pid);
	*out = b;
	return OK;
}

void browser_free(struct browser *b)
{
	if (b == NULL)
		return;
	pthread_mutex_lock(&b->lock);
	b->stop = true;
	pthread_cond_broadcast(&b->changed);
	pthread_mutex_unlock(&b->lock);
	pthread_join(b->keeper, NULL);
	if (b->to >= 0)
		close(b->to);
	if (b->from >= 0)
		close(b->from);
	buf_done(&b->in);
	pthread_cond_destroy(&b->changed);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

bool browser_alive(struct browser *b)
{
	bool alive;

	pthread_mutex_lock(&b->lock);
	alive = !b->ended;
	pthread_mutex_unlock(&b->lock);
	return alive;
}

/* ---- messages ---- */

static void touch(struct browser *b)
{
	pthread_mutex_lock(&b->lock);
	b->used = clock_monotonic();
	pthread_mutex_unlock(&b->lock);
}

static int gone(struct failable *f)
{
	return fail(f, E_UPSTREAM, "the browser ended while it rendered the page");
}

/* Takes in what is there. */
static int read_some(struct browser *b, struct failable *f)
{
	char piece[READ_SIZE];
	ssize_t n = read(b->from, piece, sizeof piece);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return OK;
	if (n <= 0)
		return gone(f);
	if (b->taken > 0 && b->taken == b->in.n) {
		buf_clear(&b->in);
		b->taken = 0;
	} else if (b->taken > BROWSER_MESSAGE_MAX / 4) {
		memmove(b->in.p, b->in.p + b->taken, b->in.n - b->taken);
		b->in.n -= b->taken;
		b->taken = 0;
	}
	if (buf_add(&b->in, piece, (size_t)n) != OK)
		return fail(f, E_UPSTREAM, "the browser says more at once than is taken from it");
	return OK;
}

/* Waits for either pipe. E_TIMEOUT at the deadline. */
static int wait_for(struct browser *b, struct failable *f, bool writing, int64_t deadline,
					bool *writable)
{
	struct pollfd p[2] = {{.fd = b->from, .events = POLLIN},
						  {.fd = writing ? b->to : -1, .events = POLLOUT}};
	int64_t left = deadline - clock_monotonic();

	if (left <= 0)
		return fail(f, E_TIMEOUT, "the browser did not finish in time");
	if (poll(p, 2, (int)(left / 1000 + 1)) < 0 && errno != EINTR)
		return fail(f, E_INTERNAL, "the browser cannot be waited for: %s", strerror(errno));
	if ((p[1].revents & (POLLERR | POLLHUP)) != 0)
		return gone(f);
	*writable = (p[1].revents & POLLOUT) != 0;
	return (p[0].revents & (POLLIN | POLLHUP)) != 0 ? read_some(b, f) : OK;
}

int browser_send(struct browser *b, struct error *error, const char *message, int64_t deadline)
{
	struct failable f = {error};
	size_t left = strlen(message) + 1;

	touch(b);
	while (left > 0) {
		bool writable = false;
		ssize_t n;

		TRY(wait_for(b, &f, true, deadline, &writable));
		if (!writable)
			continue;
		n = write(b->to, message, left);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return gone(&f);
		if (n > 0) {
			message += n;
			left -= (size_t)n;
		}
	}
	return OK;
}

int browser_receive(struct browser *b, struct arena *a, struct error *error, int64_t deadline,
					const char **out, size_t *size)
{
	struct failable f = {error};
	size_t looked = b->taken;

	touch(b);
	for (;;) {
		size_t had = b->in.n - b->taken;
		char *end = b->in.n > looked ? memchr(b->in.p + looked, '\0', b->in.n - looked) : NULL;
		bool writable;

		if (end != NULL) {
			*size = (size_t)(end - (b->in.p + b->taken));
			*out = arena_strndup(a, b->in.p + b->taken, *size);
			b->taken += *size + 1;
			return OK;
		}
		TRY(wait_for(b, &f, false, deadline, &writable));
		looked = b->taken + had;
	}
}

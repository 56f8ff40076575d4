/*
 * See sandbox.h. The seccomp filter is an allow-list: what is not on it kills the process, except
 * for openat and the like, which libraries try now and then and which merely fail (EACCES). Threads
 * cannot be made either.
 */
#include "proc/sandbox.h"

#include <errno.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static const int allowed[] = {
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(readv),
	SCMP_SYS(writev),
	SCMP_SYS(pread64),
	SCMP_SYS(lseek),
	SCMP_SYS(close),
	SCMP_SYS(fstat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendmsg),
	SCMP_SYS(recvfrom),
	SCMP_SYS(sendto),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(mmap),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(mprotect),
	SCMP_SYS(brk),
	SCMP_SYS(futex),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(getrandom),
	SCMP_SYS(sched_yield),
	SCMP_SYS(getrusage),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_getres),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(sysinfo),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(rseq),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(alarm),
	SCMP_SYS(setitimer),
};

/* Looked for by libraries; told "not permitted" instead of dying. */
static const int refused[] = {
	SCMP_SYS(open),      SCMP_SYS(openat),     SCMP_SYS(openat2), SCMP_SYS(access),
	SCMP_SYS(faccessat), SCMP_SYS(stat),       SCMP_SYS(lstat),   SCMP_SYS(statx),
	SCMP_SYS(readlink),  SCMP_SYS(readlinkat), SCMP_SYS(getcwd),  SCMP_SYS(ioctl),
	SCMP_SYS(fcntl),     SCMP_SYS(prlimit64),
};

static int limit(struct error *error, int what, int64_t value)
{
	struct rlimit l = {.rlim_cur = (rlim_t)value, .rlim_max = (rlim_t)value};

	if (setrlimit((__rlimit_resource_t)what, &l) != 0)
		return fail(&(struct { struct error *error; }){error}, E_RULE, "setrlimit: %s",
					strerror(errno));
	return OK;
}

static int set_limits(const struct sandbox_limits *l, struct error *error)
{
	TRY(limit(error, RLIMIT_CORE, 0));
	TRY(limit(error, RLIMIT_FSIZE, 0));
	TRY(limit(error, RLIMIT_NPROC, 0));
	if (l->memory > 0)
		TRY(limit(error, RLIMIT_AS, l->memory));
	if (l->cpu_seconds > 0)
		TRY(limit(error, RLIMIT_CPU, l->cpu_seconds));
	return OK;
}

/* Landlock with every file right handled and no path allowed. Returns 1 if it holds, 0 if the
 * kernel has none. */
static int landlock(void)
{
	struct landlock_ruleset_attr attr = {
		.handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
							 LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
							 LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
							 LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
							 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
							 LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
							 LANDLOCK_ACCESS_FS_MAKE_SYM,
	};
	long fd = syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
	int ok;

	if (fd < 0)
		return 0;
	ok = syscall(SYS_landlock_restrict_self, (int)fd, 0) == 0;
	close((int)fd);
	return ok;
}

static int fill_filter(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp itself = {
		.arg = 0, .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)getpid(), .datum_b = 0};

	for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0) != 0)
			return -1;
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), refused[i], 0) != 0)
			return -1;
	/* abort() signals its own thread this way; the server runs as the same user. */
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, itself);
}

static int enter_seccomp(struct error *error)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int ok = filter != NULL && fill_filter(filter) == 0 && seccomp_load(filter) == 0;

	if (filter != NULL)
		seccomp_release(filter);
	if (!ok)
		return fail(&(struct { struct error *error; }){error}, E_RULE,
					"This kernel gives no seccomp filter; documents are not read without one");
	return OK;
}

/* A killed server cannot end its parsers; one that waits for something else than its socket would
 * stay for good. */
static int end_with_parent(struct error *error)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
		return fail(&(struct { struct error *error; }){error}, E_RULE, "parent death signal: %s",
					strerror(errno));
	return OK;
}

int sandbox_enter(const struct sandbox_limits *l, struct error *error, int *landlocked)
{
	TRY(end_with_parent(error));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return fail(&(struct { struct error *error; }){error}, E_RULE, "no_new_privs: %s",
					strerror(errno));
	TRY(set_limits(l, error));
	*landlocked = landlock();
	return enter_seccomp(error);
}

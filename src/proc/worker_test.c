/* A worker meets parsers of every bad kind: it tells death from lateness, survives both, and is
 * ready again. */
#include "proc/worker.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"

static struct error error;

static struct worker *worker_of(const char *mode)
{
	struct worker_options o = {
		.program = MALICE, .skills_file = mode, .timeout = 30, .memory = 1 << 28};
	struct worker *w;

	if (strcmp(mode, "stall") == 0)
		o.timeout = 1;
	CHECK_INT(worker_new(&o, &error, &w), OK);
	return w;
}

/* Gives the parser a document; returns the code, and the reply's error in *said. */
static int parse(struct worker *w, struct arena *a, const char **said)
{
	struct parse_reply reply = {0};
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), rc;

	CHECK(fd >= 0);
	rc = worker_parse(w, a, &error, fd, "ada.pdf", &reply);
	close(fd);
	if (said != NULL)
		*said = reply.error;
	return rc;
}

static void expect(const char *mode, int code)
{
	struct arena *a = arena_new(1 << 24);
	struct worker *w = worker_of(mode);

	CHECK_INT(parse(w, a, NULL), code);
	CHECK_INT(worker_pid(w), 0);
	CHECK_INT(parse(w, a, NULL), code);
	worker_free(w);
	arena_free(a);
}

TEST(a_good_parser_answers_and_stays)
{
	struct arena *a = arena_new(1 << 24);
	struct worker *fine = worker_of("open");
	const char *said;
	int pid;

	CHECK_INT(parse(fine, a, &said), OK);
	pid = worker_pid(fine);
	CHECK(pid > 0);
	CHECK_INT(parse(fine, a, &said), OK);
	CHECK_INT(worker_pid(fine), pid);
	worker_free(fine);
	CHECK(kill(pid, 0) != 0);
	arena_free(a);
}

TEST(a_parser_found_dead_is_replaced_without_blame)
{
	struct arena *a = arena_new(1 << 24);
	struct worker *w = worker_of("open");
	const char *said;

	CHECK_INT(parse(w, a, &said), OK);
	kill(worker_pid(w), SIGKILL);
	while (kill(worker_pid(w), 0) == 0 && worker_pid(w) > 0) {
		siginfo_t info;

		if (waitid(P_PID, (id_t)worker_pid(w), &info, WEXITED | WNOWAIT) == 0)
			break;
	}
	CHECK_INT(parse(w, a, &said), OK);
	worker_free(w);
	arena_free(a);
}

TEST(death_is_an_attempt)
{
	expect("exit", E_UPSTREAM);
	expect("die", E_UPSTREAM);
	CHECK(strstr(error.text, "signal") != NULL);
}

TEST(lateness_is_an_attempt)
{
	expect("stall", E_TIMEOUT);
}

TEST(nonsense_is_an_attempt)
{
	expect("garbage", E_UPSTREAM);
	expect("wrong", E_UPSTREAM);
	expect("huge", E_UPSTREAM);
}

TEST(a_parser_that_does_not_come_up_is_nobodys_fault)
{
	expect("silent", E_UNAVAILABLE);
}

/* What the jail refuses ends the parser or fails; in no case it works. */
static void expect_jailed(const char *crime)
{
	struct arena *a = arena_new(1 << 24);
	struct worker *w = worker_of(crime);
	const char *said = NULL;
	int rc = parse(w, a, &said);

	if (rc == OK)
		CHECK_STR(said, "refused");
	else
		CHECK_INT(rc, E_UPSTREAM);
	worker_free(w);
	arena_free(a);
}

TEST(the_jail_holds)
{
	static const char *const crimes[] = {"open", "write", "connect", "exec",
										 "fork", "kill",  "trace",   "tgkill"};

	for (size_t i = 0; i < sizeof crimes / sizeof crimes[0]; i++)
		expect_jailed(crimes[i]);
	CHECK(access("/tmp/vitae-malice", F_OK) != 0);
}

TEST(memory_has_an_end)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	TEST_SKIP("sanitizers need the address space");
#else
	expect_jailed("memory");
#endif
}

TEST(a_missing_program_is_told)
{
	struct worker_options o = {.program = "/nonexistent/parser", .timeout = 1};
	struct arena *a = arena_new(1 << 24);
	struct worker *w;

	CHECK_INT(worker_new(&o, &error, &w), OK);
	CHECK_INT(parse(w, a, NULL), E_UNAVAILABLE);
	CHECK(strstr(error.text, "/nonexistent/parser") != NULL);
	worker_free(w);
	o.program = NULL;
	CHECK_INT(worker_new(&o, &error, &w), E_RULE);
	arena_free(a);
}

TEST_MAIN()

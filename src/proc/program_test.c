#include "proc/program.h"

#include <string.h>

#include "base/test.h"

static struct error error;
static char said[PROGRAM_SAID_MAX];

TEST(a_program_runs_to_its_end)
{
	CHECK_INT(program_run((const char *const[]){"/bin/true", NULL}, 20, said, &error), OK);
	CHECK_STR(said, "");
}

TEST(what_it_complains_of_is_told)
{
	const char *const argv[] = {"/bin/sh", "-c", "echo out; echo sorry >&2; exit 3", NULL};

	CHECK_INT(program_run(argv, 20, said, &error), E_UPSTREAM);
	CHECK_STR(said, "sorry\n");
	CHECK(strstr(error.text, "ended with 3") != NULL);
}

TEST(long_complaints_are_cut)
{
	const char *const argv[] = {"/bin/sh", "-c", "yes | head -c 100000 >&2", NULL};

	CHECK_INT(program_run(argv, 20, said, &error), OK);
	CHECK_INT(strlen(said), PROGRAM_SAID_MAX - 1);
}

TEST(one_that_is_not_there)
{
	CHECK_INT(program_run((const char *const[]){"/no/such/program", NULL}, 20, NULL, &error),
			  E_UPSTREAM);
}

TEST(one_that_does_not_end_is_killed_with_its_children)
{
	const char *const argv[] = {"/bin/sh", "-c", "sleep 600 & sleep 600", NULL};

	CHECK_INT(program_run(argv, 1, NULL, &error), E_TIMEOUT);
}

TEST_MAIN()

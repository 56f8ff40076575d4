#include "base/error.h"

#include "base/test.h"

struct thing {
	struct error *error;
};

static int refuse(struct thing *t, int n)
{
	return fail(t, E_RULE, "%d is too many", n);
}

static int forward(struct thing *t, int *reached)
{
	TRY(refuse(t, 3));
	*reached = 1;
	return OK;
}

TEST(error_carries_code_sentence_and_place)
{
	struct error e = {0};
	struct thing t = {&e};
	int reached = 0;

	CHECK_INT(forward(&t, &reached), E_RULE);
	CHECK_INT(reached, 0);
	CHECK_INT(e.code, E_RULE);
	CHECK_STR(e.text, "3 is too many");
	CHECK_STR(e.func, "refuse");
	CHECK(strstr(e.file, "error_test.c") != NULL);
	CHECK(e.line > 0);
}

TEST(error_cuts_at_a_character)
{
	struct error e = {0};
	struct thing t = {&e};
	char text[600];

	for (size_t i = 0; i + 1 < sizeof text; i += 2)
		memcpy(text + i, "é", 2);
	text[598] = '\0';
	CHECK_INT(fail(&t, E_LIMIT, "%s", text), E_LIMIT);
	CHECK_INT(strlen(e.text), 510);
	CHECK(memcmp(e.text + 508, "é", 3) == 0);
}

TEST(error_names)
{
	CHECK_STR(error_name(OK), "OK");
	CHECK_STR(error_name(E_INVALID), "E_INVALID");
	CHECK_STR(error_name(E_INTERNAL), "E_INTERNAL");
	for (int code = E_INTERNAL; code <= OK; code++)
		CHECK(strcmp(error_name((enum err)code), "E_UNKNOWN") != 0);
}

static int released;

static void release(int *p)
{
	released += *p;
}

TEST(error_cleanup_runs_at_scope_end)
{
	released = 0;
	{
		CLEANUP(release) int held = 5;

		CHECK_INT(released, 0);
		held++;
	}
	CHECK_INT(released, 6);
}

TEST_MAIN()

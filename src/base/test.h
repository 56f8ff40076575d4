/*
 * test: unit tests beside their source.
 *
 *	TEST(arena_grows) { CHECK(arena_used(a) == 16); CHECK_STR(s, "x"); }
 *	TEST_MAIN()
 *
 * Each TEST registers itself; TEST_MAIN runs them all (or those whose name contains argv[1]) and
 *prints one line for each and "N passed, N failed, N skipped". A failed CHECK ends its test, not
 *the program.
 */
#pragma once
#include <inttypes.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct test {
	const char *name;
	void (*run)(void);
	struct test *next;
};

static struct test *test_list_, **test_tail_ = &test_list_;
static jmp_buf test_jump_;
enum { TEST_FAILED_ = 1, TEST_SKIPPED_ = 2 };

#define TEST(id)                                                      \
	static void test_##id(void);                                      \
	__attribute__((constructor)) static void test_register_##id(void) \
	{                                                                 \
		static struct test t = {#id, test_##id, NULL};                \
		*test_tail_ = &t;                                             \
		test_tail_ = &t.next;                                         \
	}                                                                 \
	static void test_##id(void)

#define TEST_SKIP(why)                      \
	do {                                    \
		printf("    skipped: %s\n", (why)); \
		longjmp(test_jump_, TEST_SKIPPED_); \
	} while (0)

#define CHECK(cond)                                                         \
	do {                                                                    \
		if (!(cond)) {                                                      \
			printf("    %s:%d: not true: %s\n", __FILE__, __LINE__, #cond); \
			longjmp(test_jump_, TEST_FAILED_);                              \
		}                                                                   \
	} while (0)

#define CHECK_INT(got, want)                                                                    \
	do {                                                                                        \
		int64_t got_ = (int64_t)(got), want_ = (int64_t)(want);                                 \
		if (got_ != want_) {                                                                    \
			printf("    %s:%d: %s is %" PRId64 ", not %" PRId64 "\n", __FILE__, __LINE__, #got, \
				   got_, want_);                                                                \
			longjmp(test_jump_, TEST_FAILED_);                                                  \
		}                                                                                       \
	} while (0)

#define CHECK_STR(got, want)                                                          \
	do {                                                                              \
		const char *got_ = (got), *want_ = (want);                                    \
		if (got_ != want_ && (!got_ || !want_ || strcmp(got_, want_) != 0)) {         \
			printf("    %s:%d: %s is \"%s\", not \"%s\"\n", __FILE__, __LINE__, #got, \
				   got_ ? got_ : "(null)", want_ ? want_ : "(null)");                 \
			longjmp(test_jump_, TEST_FAILED_);                                        \
		}                                                                             \
	} while (0)

/* Apart from the loop, whose counters a longjmp would leave undefined. */
__attribute__((noinline)) static int test_run_(struct test *t)
{
	int outcome = setjmp(test_jump_);

	if (outcome == 0)
		t->run();
	return outcome;
}

static inline int test_main_(const char *only)
{
	int passed = 0, failed = 0, skipped = 0;

	for (struct test *t = test_list_; t != NULL; t = t->next) {
		int outcome;

		if (only != NULL && strstr(t->name, only) == NULL)
			continue;
		outcome = test_run_(t);
		passed += outcome == 0;
		failed += outcome == TEST_FAILED_;
		skipped += outcome == TEST_SKIPPED_;
		printf("%s %s\n",
			   outcome == 0              ? "ok  "
			   : outcome == TEST_FAILED_ ? "FAIL"
										 : "skip",
			   t->name);
	}
	printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
	return failed > 0;
}

#define TEST_MAIN()                                   \
	int main(int argc, char **argv)                   \
	{                                                 \
		return test_main_(argc > 1 ? argv[1] : NULL); \
	}

#include "base/arena.h"

#include "base/test.h"

TEST(arena_memory_is_zeroed_and_aligned)
{
	struct arena *a = arena_new(1 << 20);

	for (size_t n = 0; n < 300; n++) {
		unsigned char *p = arena_alloc(a, n);

		CHECK(((uintptr_t)p & 15) == 0);
		for (size_t i = 0; i < n; i++)
			CHECK(p[i] == 0);
		memset(p, 0xAA, n);
	}
	arena_free(a);
}

TEST(arena_zeroes_again_after_reset)
{
	struct arena *a = arena_new(1 << 20);

	memset(arena_alloc(a, 1000), 0xFF, 1000);
	arena_reset(a);
	CHECK_INT(arena_used(a), 0);
	for (int i = 0; i < 1000; i++)
		CHECK(((unsigned char *)arena_alloc(a, 1))[0] == 0);
	arena_free(a);
}

TEST(arena_serves_large_and_many)
{
	struct arena *a = arena_new(64 << 20);
	char *big = arena_alloc(a, 3 << 20);

	big[(3 << 20) - 1] = 'x';
	for (int i = 0; i < 10000; i++)
		CHECK(arena_printf(a, "%d", i)[0] != '\0');
	CHECK(big[(3 << 20) - 1] == 'x');
	arena_reset(a);
	CHECK(arena_free(a) == NULL);
	CHECK(arena_free(NULL) == NULL);
}

TEST(arena_strings)
{
	struct arena *a = arena_new(1 << 16);

	CHECK_STR(arena_strdup(a, "Ada"), "Ada");
	CHECK(arena_strdup(a, NULL) == NULL);
	CHECK_STR(arena_strndup(a, "Ada Lovelace", 3), "Ada");
	CHECK_STR(arena_strndup(a, "Ada", 99), "Ada");
	CHECK_STR(arena_printf(a, "%s-%d", "x", 7), "x-7");
	CHECK(memcmp(arena_memdup(a, "a\0b", 3), "a\0b", 3) == 0);
	arena_free(a);
}

static char order[8];

static void note(void *arg)
{
	size_t n = strlen(order);

	order[n] = *(char *)arg;
	order[n + 1] = '\0';
}

TEST(arena_defers_in_reverse)
{
	struct arena *a = arena_new(1 << 16);
	char names[] = "123";

	order[0] = '\0';
	for (int i = 0; i < 3; i++)
		arena_defer(a, note, names + i);
	arena_reset(a);
	CHECK_STR(order, "321");
	arena_defer(a, note, names);
	arena_free(a);
	CHECK_STR(order, "3211");
}

TEST(arena_over_is_soft)
{
	struct arena *a = arena_new(100);

	arena_alloc(a, 90);
	CHECK(!arena_over(a));
	CHECK(arena_alloc(a, 90) != NULL);
	CHECK(arena_over(a));
	arena_reset(a);
	CHECK(!arena_over(a));
	arena_free(a);
}

static jmp_buf limit;

static void stop(void *arg)
{
	(void)arg;
	longjmp(limit, 1);
}

TEST(arena_limit_can_be_hard)
{
	struct arena *volatile a = arena_new(100);
	volatile bool served = false;

	arena_on_limit(a, stop, NULL);
	arena_alloc(a, 90);
	if (setjmp(limit) == 0) {
		arena_alloc(a, 90);
		served = true;
	}
	CHECK(!served);
	CHECK(!arena_over(a));
	arena_free(a);
}

TEST_MAIN()

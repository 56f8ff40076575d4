#include "core/rate.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/test.h"

static struct rate_route own[] = {
	{"GET", "/own/", {2, 60}}, {"GET", "/off", {0, 0}}, {"GET", "/never", {1, 60}}};
static const struct config config = {
	.rate_limit = {3, 60}, .rate_limit_strict = {2, 10}, .rate_limit_routes = {own, 3}};
static const struct route plain = {.method = "GET", .path = "/plain"},
						  other = {.method = "GET", .path = "/other"},
						  login = {.method = "POST", .path = "/login", .rate = RATE_STRICT},
						  refresh = {.method = "POST", .path = "/refresh", .rate = RATE_STRICT},
						  named = {.method = "GET", .path = "/own"},
						  off = {.method = "GET", .path = "/off"},
						  never = {.method = "GET", .path = "/never", .rate = RATE_NONE};

static const int64_t start = 1000 * CLOCK_SECOND;
static struct rate *rate;

static void begin(void)
{
	rate_free(rate);
	rate = rate_new(&config);
}

static struct rate_result check(const struct route *route, const char *caller, int64_t seconds)
{
	struct rate_result r;

	rate_check(rate, route, caller, start + seconds * CLOCK_SECOND, &r);
	return r;
}

TEST(of_all_requests_in_a_window_the_limit_passes)
{
	begin();
	for (int i = 0; i < 10; i++) {
		struct rate_result r = check(&plain, "u:1", i);

		CHECK(r.limited_route);
		CHECK_INT(r.refused, i >= 3);
		CHECK_INT(r.limit, 3);
		CHECK_INT(r.remaining, i >= 3 ? 0 : 2 - i);
		CHECK_INT(r.reset, 1060);
		CHECK_INT(r.retry_after, i >= 3 ? 60 - i : 0);
	}
}

TEST(a_new_window_begins_with_its_first_request)
{
	begin();
	for (int i = 0; i < 4; i++)
		check(&plain, "u:1", 0);
	CHECK(check(&plain, "u:1", 59).refused);
	CHECK(!check(&plain, "u:1", 60).refused);
	CHECK_INT(check(&plain, "u:1", 61).reset, 1120);
}

TEST(retry_after_is_never_zero)
{
	struct rate_result r;

	begin();
	for (int i = 0; i < 3; i++)
		check(&plain, "u:1", 0);
	rate_check(rate, &plain, "u:1", start + 60 * CLOCK_SECOND - 1, &r);
	CHECK(r.refused);
	CHECK_INT(r.retry_after, 1);
}

TEST(callers_do_not_disturb_each_other)
{
	begin();
	for (int i = 0; i < 4; i++)
		check(&plain, "u:1", 0);
	CHECK(check(&plain, "u:1", 0).refused);
	CHECK(!check(&plain, "u:11", 0).refused);
	CHECK(!check(&plain, "a:192.0.2.1", 0).refused);
}

TEST(plain_routes_share_a_window_and_strict_ones_do_not)
{
	begin();
	for (int i = 0; i < 3; i++)
		check(&plain, "u:1", 0);
	CHECK(check(&other, "u:1", 0).refused);
	CHECK(!check(&login, "u:1", 0).refused);
	CHECK(!check(&login, "u:1", 0).refused);
	CHECK(check(&login, "u:1", 0).refused);
	CHECK(!check(&refresh, "u:1", 0).refused);
	CHECK_INT(check(&refresh, "u:1", 0).reset, 1010);
}

TEST(routes_may_have_limits_of_their_own)
{
	begin();
	CHECK_INT(check(&named, "u:1", 0).limit, 2);
	CHECK_INT(check(&named, "u:1", 0).remaining, 0);
	CHECK(check(&named, "u:1", 0).refused);
	CHECK_INT(check(&plain, "u:1", 0).remaining, 2);
	for (int i = 0; i < 100; i++)
		CHECK(!check(&off, "u:1", 0).limited_route);
	CHECK(!check(&never, "u:1", 0).limited_route);
}

TEST(zero_turns_a_class_off)
{
	static const struct config none;
	struct rate_result r;

	rate_free(rate);
	rate = rate_new(&none);
	for (int i = 0; i < 1000; i++) {
		rate_check(rate, i % 2 == 0 ? &plain : &login, "u:1", start, &r);
		CHECK(!r.limited_route && !r.refused);
	}
}

/* More callers than there are windows: nobody is refused wrongly, nothing grows. */
TEST(strangers_cannot_fill_it)
{
	char caller[32];

	begin();
	for (int i = 0; i < 200000; i++) {
		snprintf(caller, sizeof caller, "a:%d", i);
		CHECK(!check(&plain, caller, 0).refused);
	}
}

static atomic_int passed;

static void *many(void *arg)
{
	(void)arg;
	for (int i = 0; i < 1000; i++)
		if (!check(&login, "u:1", 0).refused)
			atomic_fetch_add(&passed, 1);
	return NULL;
}

TEST(the_count_is_exact_among_threads)
{
	pthread_t t[4];

	begin();
	atomic_store(&passed, 0);
	for (int i = 0; i < 4; i++)
		CHECK_INT(pthread_create(&t[i], NULL, many, NULL), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	CHECK_INT(atomic_load(&passed), 2);
	rate_free(rate);
	rate = NULL;
}

static char told[64 * 1024];

static void note(void *arg, const char *text)
{
	(void)arg;
	snprintf(told + strlen(told), sizeof told - strlen(told), "%s", text);
}

TEST(servers_tell_each_other)
{
	struct rate *another = rate_new(&config);
	struct rate_result r;
	static const char mark;

	begin();
	told[0] = '\0';
	rate_tell(rate, "one", start, note, NULL);
	CHECK_STR(told, "");
	for (int i = 0; i < 2; i++)
		check(&login, "a:10.0.0.1", 0);
	rate_count(rate, &mark, "a:10.0.0.1 b", (struct rate_limit){2, 10}, start, &r);
	rate_tell(rate, "one", start, note, NULL);
	CHECK(strncmp(told, "one\n", 4) == 0);
	rate_hear(another, "one", told, start);
	rate_check(another, &login, "a:10.0.0.1", start, &r);
	CHECK(!r.refused);
	rate_free(another);
	another = rate_new(&config);
	rate_hear(another, "two", told, start);
	rate_hear(another, "two", "one\nnonsense\n12 x\n", start);
	rate_check(another, &login, "a:10.0.0.1", start, &r);
	CHECK(r.refused);
	CHECK_INT(r.reset, 1010);
	rate_check(another, &refresh, "a:10.0.0.1", start, &r);
	CHECK(!r.refused);
	rate_count(another, &mark, "a:10.0.0.1 b", (struct rate_limit){2, 10}, start, &r);
	CHECK(!r.refused);
	CHECK_INT(r.remaining, 0);
	/* what was told is not told again, nor told back */
	told[0] = '\0';
	rate_tell(rate, "one", start, note, NULL);
	CHECK_STR(told, "");
	rate_tell(another, "two", start, note, NULL);
	rate_hear(rate, "one", told, start);
	rate_check(rate, &login, "a:10.0.0.1", start + 10 * CLOCK_SECOND, &r);
	CHECK_INT(r.remaining, 1);
	rate_free(another);
}

TEST(much_is_told_in_texts_of_bounded_size)
{
	struct rate *another = rate_new(&config);
	struct rate_result r;
	char caller[32];

	begin();
	told[0] = '\0';
	for (int i = 0; i < 1000; i++) {
		snprintf(caller, sizeof caller, "u:%d", i);
		for (int k = 0; k < 3; k++)
			check(&login, caller, 0);
	}
	rate_tell(rate, "one", start, note, NULL);
	for (const char *at = told; (at = strstr(at, "one\n")) != NULL; at++) {
		const char *end = strstr(at + 1, "one\n");
		char text[10000];
		size_t n = end != NULL ? (size_t)(end - at) : strlen(at);

		CHECK(n < 7900);
		snprintf(text, sizeof text, "%.*s", (int)n, at);
		rate_hear(another, "two", text, start);
	}
	for (int i = 0; i < 1000; i++) {
		snprintf(caller, sizeof caller, "u:%d", i);
		rate_check(another, &login, caller, start, &r);
		CHECK(r.refused);
	}
	rate_free(another);
}

TEST(events_of_ones_own)
{
	static const char mine, yours;
	const struct rate_limit two = {2, 10};
	struct rate_result r;

	begin();
	for (int i = 0; i < 2; i++) {
		rate_count(rate, &mine, "somebody", two, 0, &r);
		CHECK(!r.refused && r.remaining == 1 - i);
	}
	rate_count(rate, &mine, "somebody", two, 4 * CLOCK_SECOND, &r);
	CHECK(r.refused && r.retry_after == 6);
	rate_count(rate, &yours, "somebody", two, 0, &r);
	CHECK(!r.refused);
	/* two were harmless: one more may come */
	rate_uncount(rate, &mine, "somebody", 5 * CLOCK_SECOND);
	rate_uncount(rate, &mine, "somebody", 5 * CLOCK_SECOND);
	rate_count(rate, &mine, "somebody", two, 5 * CLOCK_SECOND, &r);
	CHECK(!r.refused && r.remaining == 0);
	/* nothing to take back from: nobody known, a window that is over, one with nothing in it */
	rate_uncount(rate, &mine, "nobody", 0);
	rate_uncount(rate, &mine, "somebody", 10 * CLOCK_SECOND);
	for (int i = 0; i < 9; i++)
		rate_uncount(rate, &yours, "somebody", 0);
	for (int i = 0; i < 2; i++)
		rate_count(rate, &yours, "somebody", two, 0, &r);
	CHECK(!r.refused && r.remaining == 0);
	rate_count(rate, &mine, "somebody", (struct rate_limit){0, 10}, 0, &r);
	CHECK(!r.limited_route && !r.refused);
	rate_free(rate);
	rate = NULL;
}

TEST_MAIN()

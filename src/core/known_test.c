/* What is known of an account, and when it is known no more. */
#include "core/known.h"

#include "base/test.h"

static const struct claims ada = {.user_id = 7, .session_id = 3, .type = TOKEN_ACCESS};
static const int64_t now = 100 * CLOCK_SECOND;

static bool is_known(const struct known *k, uint64_t snapshot, struct claims claims, int64_t at)
{
	struct arena *a = arena_new(4096);
	struct actor actor = {0};
	bool found = known_find(k, snapshot, &claims, at, a, &actor);

	if (found) {
		CHECK_INT(actor.user_id, 7);
		CHECK_INT(actor.role, ROLE_ADMIN);
		CHECK_STR(actor.username, "ada");
	}
	arena_free(a);
	return found;
}

static void note(struct known *k, uint64_t snapshot, struct claims claims)
{
	char name[] = "ada";
	struct actor actor = {.user_id = claims.user_id, .role = ROLE_ADMIN, .username = name};

	known_note(k, snapshot, &claims, now, &actor);
	name[0] = 'x'; /* it was the caller's */
}

TEST(an_account_is_known_as_long_as_nothing_changes)
{
	struct known *k = known_new();

	CHECK(!is_known(k, 5, ada, now));
	note(k, 5, ada);
	CHECK(is_known(k, 5, ada, now));
	CHECK(is_known(k, 5, ada, now + CLOCK_SECOND - 1));
	CHECK(!is_known(k, 6, ada, now));
	CHECK(!is_known(k, 0, ada, now));
	CHECK(!is_known(k, 5, ada, now + CLOCK_SECOND));
	CHECK(!is_known(k, 5, ada, now - 1)); /* a clock that was set back */
	known_free(k);
}

TEST(sessions_are_told_apart)
{
	struct known *k = known_new();
	struct claims other = ada, same_place = ada;

	note(k, 5, ada);
	other.user_id = 8;
	CHECK(!is_known(k, 5, other, now));
	same_place.session_id = ada.session_id + 64 * 3;
	CHECK(!is_known(k, 5, same_place, now));
	note(k, 5, same_place);
	CHECK(!is_known(k, 5, ada, now));
	CHECK(is_known(k, 5, same_place, now));
	known_free(k);
}

TEST(some_are_never_known)
{
	struct known *k = known_new();
	struct claims key = ada;
	char name[400];
	struct actor actor = {.user_id = 7, .username = name};

	key.type = TOKEN_KEY;
	note(k, 5, key);
	CHECK(!is_known(k, 5, key, now));
	note(k, 0, ada);
	CHECK(!is_known(k, 0, ada, now));
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	known_note(k, 5, &ada, now, &actor);
	CHECK(!is_known(k, 5, ada, now));
	known_free(k);
}

TEST_MAIN()

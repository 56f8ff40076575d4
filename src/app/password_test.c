/* bcrypt: what matches and what does not, however long. */
#include "app/password.h"

#include "base/test.h"
#include "base/text.h"

static struct error error;

TEST(a_password_matches_its_own_hash_only)
{
	char hash[PASSWORD_HASH_SIZE], again[PASSWORD_HASH_SIZE];

	CHECK_INT(password_hash(&error, "correct horse", 4, hash), OK);
	CHECK(text_starts(hash, "$2b$04$"));
	CHECK(password_matches("correct horse", hash, 4));
	CHECK(!password_matches("correct horsf", hash, 4));
	CHECK(!password_matches("", hash, 4));
	CHECK(!password_matches("correct horse", NULL, 4));
	CHECK(!password_matches("correct horse", "nonsense", 4));
	CHECK_INT(password_hash(&error, "correct horse", 4, again), OK);
	CHECK(strcmp(hash, again) != 0);
}

TEST(every_character_of_a_long_password_counts)
{
	char hash[PASSWORD_HASH_SIZE], one[101], other[101];

	memset(one, 'a', 100);
	one[100] = '\0';
	memcpy(other, one, sizeof one);
	other[99] = 'b';
	CHECK_INT(password_hash(&error, one, 4, hash), OK);
	CHECK(password_matches(one, hash, 4));
	CHECK(!password_matches(other, hash, 4));
}

TEST(an_impossible_cost_is_refused)
{
	char hash[PASSWORD_HASH_SIZE];

	CHECK_INT(password_hash(&error, "correct horse", 99, hash), E_INTERNAL);
}

TEST_MAIN()

#include "parse/ocr/mend.h"

#include "base/test.h"

static void expect(const char *word, const char *mended)
{
	struct arena *a = arena_new(1 << 16);

	CHECK_STR(mend_word(a, word), mended);
	arena_free(a);
}

TEST(a_sign_that_looks_like_at_is_at_in_an_address)
{
	expect("ada©example.com", "ada@example.com");
	expect("ada.lovelace®mail.example.org", "ada.lovelace@mail.example.org");
	expect("ada(@)example.com", "ada@example.com");
}

TEST(elsewhere_it_stays)
{
	expect("ada@example.com", "ada@example.com");
	expect("©2024", "©2024");
	expect("Acme®", "Acme®");
	expect("Acme®1.5", "Acme®1.5");
	expect("Windows®Server", "Windows®Server");
	expect("©example.com", "©example.com");
	expect("a©b..com", "a©b..com");
}

TEST_MAIN()

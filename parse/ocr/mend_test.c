#include "parse/ocr/mend.h"

#include "base/test.h"
#include "parse/ocr/words.h"

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

static void line(struct arena *a, struct words *words, float x, int n, const char *first)
{
	struct word w = {first, {x, 0, x + 4, 8}, 8, 10, 1, n};

	words_add(a, words, &w);
	w = (struct word){"Heraldry", {x + 10, 0, x + 60, 8}, 8, 10, 1, n};
	words_add(a, words, &w);
}

TEST(bullets_that_were_read_as_letters)
{
	struct arena *a = arena_new(1 << 16);
	struct words list = {0}, prose = {0};

	line(a, &list, 72, 0, "e");
	line(a, &list, 73, 1, "¢");
	line(a, &list, 54, 2, "e");
	words_mend_bullets(&list);
	CHECK_STR(list.items[0].text, "•");
	CHECK_STR(list.items[2].text, "•");
	CHECK_STR(list.items[4].text, "e"); /* stands alone */
	line(a, &prose, 72, 0, "pane");
	line(a, &prose, 72, 1, "e");
	line(a, &prose, 72, 2, "vino");
	words_mend_bullets(&prose);
	CHECK_STR(prose.items[2].text, "e");
	arena_free(a);
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

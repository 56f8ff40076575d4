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

TEST(addresses_have_no_diacritics)
{
	expect("mg.dalėssandro@èsempio.it", "mg.dalessandro@esempio.it");
	expect("Zoë", "Zoë");
	expect("zoë@", "zoë@");
}

TEST(letters_among_digits_are_digits)
{
	expect("2O19", "2019");
	expect("555O", "5550");
	expect("O142", "0142");
	expect("(7O2)", "(7O2)"); /* two digits are too few */
	expect("+44-2O7-946l234", "+44-207-9461234");
	expect("500l", "500l");
	expect("100o", "100o");
	expect("B2B", "B2B");
	expect("365", "365");
}

static void expect_both(const char *first, const char *second, bool named, const char *both)
{
	struct arena *a = arena_new(1 << 16);

	CHECK_STR(mend_pieces(a, first, second, named), both);
	arena_free(a);
}

TEST(pieces_of_an_address)
{
	expect_both("ngozi.", "oe@example.ng", true, "ngozi.oe@example.ng");
	expect_both("noor", "malik@example.pk", true, "noor.malik@example.pk");
	expect_both("jo_", "doe@example.com", false, "jo_doe@example.com");
	expect_both("ada@example.", "com", false, "ada@example.com");
	expect_both("ada@example", ".com", false, "ada@example.com");
	expect_both("ada", "@example.com", false, "ada@example.com");
	expect_both("ada@exam", "ple.com", false, "ada@example.com");
	expect_both("mail.", "ada@example.com", false, NULL);
	expect_both("Mail", "ada@example.com", true, NULL);
	expect_both("ada@example.com.", "the", false, NULL);
	expect_both("ada@example.com", "or", false, NULL);
}

TEST(pieces_of_a_name_with_a_hyphen)
{
	expect_both("Haute-", "Garonne", false, "Haute-Garonne");
	expect_both("Llewellyn", "-Jones", false, "Llewellyn-Jones");
	expect_both("Nguyen-", "-Perrin", false, "Nguyen-Perrin");
	expect_both("Vertriebs-", "und", false, NULL);
	expect_both("2019", "-Present", false, NULL);
	expect_both("-", "Jones", false, NULL);
}

static void expect_initial(const char *word, const char *address, const char *want)
{
	struct arena *a = arena_new(1 << 16);

	CHECK_STR(mend_initial(a, word, address), want);
	arena_free(a);
}

TEST(a_first_letter_that_the_address_knows)
{
	expect_initial("loana-Cristina", "ioana.vaduva@example.ro", "Ioana-Cristina");
	expect_initial("1ngrid", "berg.ingrid@example.no", "Ingrid");
	expect_initial("laura", "laura.i@example.com", "laura");
	expect_initial("ln", "in@example.com", "ln");
	expect_initial("lan", "ian@example.com", "Ian");
	expect_initial("lan", "brian@example.com", "lan");
}

TEST(specks_are_no_words)
{
	struct arena *a = arena_new(1 << 16);
	struct words words = {0};
	struct word speck = {"l", {10, 10, 11, 11}, 11, 10, 1, 0},
				dash = {"-", {20, 10, 24, 11}, 11, 10, 1, 0},
				letter = {"l", {30, 4, 31, 11}, 11, 10, 1, 0};

	words_add(a, &words, &speck);
	words_add(a, &words, &dash);
	words_add(a, &words, &letter);
	words_drop_specks(&words);
	CHECK_INT(words.n, 2);
	CHECK_STR(words.items[0].text, "-");
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

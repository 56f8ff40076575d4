#include "parse/pdf/lexer.h"

#include "base/test.h"

static unsigned char text[512];

static struct lexer over(const char *s)
{
	size_t n = strlen(s);

	memcpy(text, s, n + 1);
	return (struct lexer){text, text + n};
}

static void check_text(struct lexer *l, enum token_kind kind, const char *want)
{
	struct token t;

	CHECK_INT(lexer_next(l, &t), kind);
	CHECK_INT(t.n, strlen(want));
	CHECK(memcmp(t.s, want, t.n) == 0);
}

static void check_number(struct lexer *l, double want)
{
	struct token t;

	CHECK_INT(lexer_next(l, &t), TOKEN_NUMBER);
	CHECK(t.number - want < 1e-9 && want - t.number < 1e-9);
}

static void check_kind(struct lexer *l, enum token_kind kind)
{
	struct token t;

	CHECK_INT(lexer_next(l, &t), kind);
}

TEST(numbers_as_viewers_read_them)
{
	struct lexer l = over("12 -3.5 .25 -.5 4. --7 1.2.3 +8 12-3 99999999999999999999");

	check_number(&l, 12);
	check_number(&l, -3.5);
	check_number(&l, .25);
	check_number(&l, -.5);
	check_number(&l, 4);
	check_number(&l, -7);
	check_number(&l, 1.2);
	check_number(&l, 8);
	check_number(&l, 12);
	check_number(&l, 1e15);
	check_kind(&l, TOKEN_END);
}

TEST(strings)
{
	struct lexer l = over("(a(b)c) (\\101\\n\\)\\\\x) (ab\\\ncd) <48 6 9 7> (open");

	check_text(&l, TOKEN_STRING, "a(b)c");
	check_text(&l, TOKEN_STRING, "A\n)\\x");
	check_text(&l, TOKEN_STRING, "abcd");
	check_text(&l, TOKEN_STRING, "Hip");
	check_text(&l, TOKEN_STRING, "open");
	check_kind(&l, TOKEN_END);
}

TEST(names_words_and_brackets)
{
	struct lexer l = over("/F#31 Tf[/A(x)]TJ<</B/C>>BDC % (comment)\n/ T* ' } ) q");

	check_text(&l, TOKEN_NAME, "F1");
	check_text(&l, TOKEN_WORD, "Tf");
	check_kind(&l, TOKEN_ARRAY);
	check_text(&l, TOKEN_NAME, "A");
	check_text(&l, TOKEN_STRING, "x");
	check_kind(&l, TOKEN_ARRAY_END);
	check_text(&l, TOKEN_WORD, "TJ");
	check_kind(&l, TOKEN_DICT);
	check_text(&l, TOKEN_NAME, "B");
	check_text(&l, TOKEN_NAME, "C");
	check_kind(&l, TOKEN_DICT_END);
	check_text(&l, TOKEN_WORD, "BDC");
	check_text(&l, TOKEN_NAME, "");
	check_text(&l, TOKEN_WORD, "T*");
	check_text(&l, TOKEN_WORD, "'");
	check_text(&l, TOKEN_WORD, "q");
	check_kind(&l, TOKEN_END);
}

TEST(inline_image_data_is_passed_over)
{
	struct lexer l = over("ID \x01\x02 EI \x03\x04 EIx\nEI Q (t) Tj");
	struct token t;

	lexer_next(&l, &t);
	lexer_skip_image(&l);
	check_text(&l, TOKEN_WORD, "Q");
	check_text(&l, TOKEN_STRING, "t");
}

TEST(an_image_without_end_takes_the_rest)
{
	struct lexer l = over("ID abc");

	lexer_skip_image(&l);
	check_kind(&l, TOKEN_END);
}

TEST_MAIN()

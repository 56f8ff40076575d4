#include "data/words.h"

#include "base/test.h"

static const char *plain(const char *s)
{
	static char out[256];

	words_plain(s, strlen(s), out, sizeof out);
	return out;
}

TEST(words_plain_folds)
{
	CHECK_STR(plain("  Élodie LEFÈVRE-Martin, "), "elodie lefevre martin");
	CHECK_STR(plain("Weiß Øvergård Łukasz Nguyễn"), "weiss overgard lukasz nguyen");
	CHECK_STR(plain("e\xCC\x81t\xC3\xA9"), "ete");
	CHECK_STR(plain("• Skills:"), "skills");
	CHECK_STR(plain("Ольга"), "ольга");
	CHECK_STR(plain(""), "");
}

TEST(words_split_marks)
{
	struct word w[16];
	const char *s = "AWS, C++ and Node.js (.NET) end. R&D";
	size_t n = words_split(s, strlen(s), w, 16);

	CHECK_INT(n, 9);
	CHECK(w[0].flags & WORD_CAPS);
	CHECK(w[1].flags & WORD_BREAK);
	CHECK(w[1].hash == word_hash("c++"));
	CHECK(!(w[4].flags & WORD_BREAK));
	CHECK(w[5].hash == word_hash(".net"));
	CHECK(w[6].flags & WORD_BREAK);
	CHECK(w[7].flags & WORD_BREAK);
	CHECK(!(w[8].flags & WORD_BREAK));
}

TEST(words_split_plurals)
{
	CHECK(word_hash("apis") == word_hash("API"));
	CHECK(word_hash("analysis") != word_hash("analysi"));
	CHECK_INT(word_hash("two words"), 0);
}

TEST(words_survive_bad_bytes)
{
	struct word w[4];

	CHECK_INT(words_split("a\xFF\xC3", 3, w, 4), 1);
	CHECK_INT(words_split("\xE2\x82", 2, w, 4), 0);
}

TEST(words_char_classes)
{
	CHECK_INT(char_class('a'), CHAR_LETTER);
	CHECK_INT(char_class(0xA0), CHAR_SPACE);
	CHECK_INT(char_class(0x2022), CHAR_OTHER);
	CHECK_INT(char_class(0x1F600), CHAR_OTHER);
	CHECK_INT(char_class(0x5F20), CHAR_LETTER);
	CHECK(char_is_upper(0xC9) && char_is_lower(0xE9) && !char_is_lower(0x5F20));
	CHECK(char_is_cjk(0xAC00) && !char_is_cjk('a'));
}

TEST(plain_forms_grow)
{
	char plain[32];
	size_t n = words_plain_more(plain, 0, sizeof plain, "Caf\xC3\xA9", 5);

	n = words_plain_more(plain, n, sizeof plain, " - ", 3);
	CHECK_INT(n, 4);
	n = words_plain_more(plain, n, sizeof plain, " au Lait", 8);
	CHECK_STR(plain, "cafe au lait");
	CHECK_INT(n, 12);
	CHECK_INT(words_plain_more(plain, 31, sizeof plain, "x", 1), 31);
}

TEST_MAIN()

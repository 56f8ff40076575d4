#include "parse/word/codepage.h"

#include "base/test.h"
#include "base/text.h"

static const char *decode(int page, const char *in)
{
	static char out[256];
	size_t n = 0, left = strlen(in);

	while (left > 0) {
		uint32_t c;
		size_t taken = codepage_decode(page, (const unsigned char *)in, left, &c);

		n += utf8_encode(c, out + n);
		in += taken;
		left -= taken;
	}
	out[n] = '\0';
	return out;
}

TEST(single_bytes)
{
	CHECK_STR(decode(1252, "caf\xE9 \x80"), "café €");
	CHECK_STR(decode(1251, "\xCF\xF0\xE8"), "При");
	CHECK_STR(decode(1250, "\xA3\xF3"
						   "d\x9F"),
			  "Łódź");
	CHECK_STR(decode(10000, "\x8E"), "é");
	CHECK_STR(decode(874, "\xA1"), "ก");
}

TEST(unknown_pages_are_latin)
{
	CHECK_INT(codepage_known(4711), 1252);
	CHECK_STR(decode(4711, "\xE9"), "é");
}

TEST(two_bytes)
{
	codepage_warm_up();
	if (!codepage_multibyte(932))
		TEST_SKIP("no Japanese tables here");
	CHECK_STR(decode(932, "\x93\xFA\x96\x7B"), "日本");
	CHECK_STR(decode(936, "\xD6\xD0"), "中");
	CHECK_STR(decode(949, "\xC7\xD1"), "한");
	CHECK_STR(decode(950, "\xA4\xA4"), "中");
}

TEST(broken_bytes_are_replaced)
{
	codepage_warm_up();
	CHECK_STR(decode(CODEPAGE_UTF8, "a\xFF"
									"b"),
			  "a\xEF\xBF\xBD"
			  "b");
	CHECK_STR(decode(1252, "\x81"), "\xEF\xBF\xBD");
	CHECK_STR(decode(932, "\x93"), "\xEF\xBF\xBD");
}

TEST(names)
{
	CHECK_INT(codepage_of_name("UTF-8", 5), CODEPAGE_UTF8);
	CHECK_INT(codepage_of_name("windows-1251", 12), 1251);
	CHECK_INT(codepage_of_name("cp1253", 6), 1253);
	CHECK_INT(codepage_of_name("ISO-8859-1", 10), 1252);
	CHECK_INT(codepage_of_name("windows-99999999", 16), 0);
	CHECK_INT(codepage_of_name("klingon", 7), 0);
}

TEST_MAIN()

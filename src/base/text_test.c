#include "base/text.h"

#include "base/error.h"
#include "base/rand.h"
#include "base/test.h"

static struct arena *mem(void)
{
	static struct arena *a;

	a = arena_free(a);
	return a = arena_new(1 << 20);
}

static void buffer_round(struct arena *a)
{
	struct buf b;

	buf_init(&b, a, 1000);
	CHECK_STR(buf_str(&b), "");
	CHECK_INT(buf_adds(&b, "x"), OK);
	CHECK_INT(buf_addf(&b, "=%d;", 42), OK);
	CHECK_INT(buf_addc(&b, '!'), OK);
	CHECK_INT(buf_add_utf8(&b, 0x20AC), OK);
	CHECK_INT(buf_add(&b, NULL, 0), OK);
	CHECK_STR(buf_str(&b), "x=42;!€");
	for (int i = 0; i < 200; i++)
		CHECK_INT(buf_adds(&b, "abc"), OK);
	CHECK_INT(b.n, 609);
	CHECK(buf_ok(&b));
	buf_done(&b);
}

TEST(buf_grows_in_both_kinds_of_memory)
{
	buffer_round(NULL);
	buffer_round(mem());
}

TEST(buf_refuses_beyond_its_maximum_and_says_so)
{
	struct buf b;

	buf_init(&b, NULL, 5);
	CHECK_INT(buf_adds(&b, "12345"), OK);
	CHECK_INT(buf_addc(&b, '6'), E_TOO_LARGE);
	CHECK_INT(buf_addf(&b, "%d", 6), E_TOO_LARGE);
	CHECK_STR(buf_str(&b), "12345");
	CHECK(!buf_ok(&b));
	CHECK_INT(buf_add(&b, "", SIZE_MAX), E_TOO_LARGE);
	buf_clear(&b);
	CHECK(buf_ok(&b));
	CHECK_STR(buf_str(&b), "");
	CHECK_INT(buf_adds(&b, "ab"), OK);
	CHECK_STR(buf_str(&b), "ab");
	buf_done(&b);
}

TEST(utf8_round_trip)
{
	static const uint32_t points[] = {1,      0x7F,   0x80,   0x7FF,   0x800,
									  0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF};

	for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
		char s[4];
		uint32_t cp = 0;
		size_t n = utf8_encode(points[i], s);

		CHECK_INT(utf8_decode(s, n, &cp), n);
		CHECK_INT(cp, points[i]);
		CHECK_INT(n > 1 ? utf8_decode(s, n - 1, &cp) : 0, 0);
	}
}

TEST(utf8_refuses_what_the_rfc_refuses)
{
	static const char *const bad[] = {
		"\x80",
		"\xC0\x80",
		"\xC1\xBF",
		"\xE0\x80\x80",
		"\xED\xA0\x80",
		"\xF0\x80\x80\x80",
		"\xF4\x90\x80\x80",
		"\xF5\x80\x80\x80",
		"\xFF",
		"\xC3(",
		"\xE2\x82",
		"a\xE2",
	};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		CHECK(!utf8_valid(bad[i], strlen(bad[i])));
	CHECK(utf8_valid("", 0));
	CHECK(utf8_valid("aé€😀", strlen("aé€😀")));
	CHECK_INT(utf8_length("aé€😀", strlen("aé€😀")), 4);
}

TEST(utf8_clean_replaces_bad_bytes)
{
	struct arena *a = mem();
	struct buf b;

	CHECK_STR(utf8_clean(a,
						 "a\xFF"
						 "b\xE2\x82",
						 5),
			  "a\uFFFDb\uFFFD\uFFFD");
	CHECK_STR(utf8_clean(a, "é", 2), "é");
	buf_init(&b, a, 10);
	buf_add_utf8(&b, 0xD800);
	CHECK_STR(buf_str(&b), "\uFFFD");
}

TEST(fold_pairs_cases)
{
	struct arena *a = mem();

	CHECK_STR(text_fold(a, "ÀÉÎÖÜÞ × ß"), "àéîöüþ × ß");
	CHECK_STR(text_fold(a, "ŁŻŚĆŽŸ"), "łżśćžÿ");
	CHECK_STR(text_fold(a, "łżśćžÿ"), "łżśćžÿ");
	CHECK_STR(text_fold(a, "ΆΛΦΑΣ ς Ώ"), "άλφασ σ ώ");
	CHECK_STR(text_fold(a, "ЖЁЯҐ жёяґ"), "жёяґ жёяґ");
	CHECK_STR(text_fold(a, "ԱՖ աֆ"), "աֆ աֆ");
	CHECK_STR(text_fold(a, "ẞ Ạ"), "ẞ ạ");
	CHECK_STR(text_fold(a, "日本 C++"), "日本 c++");
}

TEST(fold_is_idempotent)
{
	for (uint32_t cp = 1; cp < 0x2000; cp++)
		CHECK_INT(utf8_fold(utf8_fold(cp)), utf8_fold(cp));
}

TEST(fold_trims_and_collapses)
{
	struct arena *a = mem();

	CHECK_STR(text_fold(a, "  Ada\t\n\u00A0 \u2003Lovelace\u3000"), "ada lovelace");
	CHECK_STR(text_fold(a, " \t "), "");
	CHECK(text_fold(a, NULL) == NULL);
	CHECK_STR(text_fold(a, "a\xFF"), "a\uFFFD");
}

TEST(text_comparisons)
{
	CHECK(text_is_blank(NULL) && text_is_blank(" \t\u00A0") && !text_is_blank(" x"));
	CHECK(text_eq(NULL, NULL) && !text_eq(NULL, "") && text_eq("a", "a") && !text_eq("a", "A"));
	CHECK(text_ieq("aZ", "Az") && !text_ieq("a", "ab") && !text_ieq("[", "{") &&
		  !text_ieq(NULL, "a"));
	CHECK(text_starts("Bearer x", "Bearer ") && !text_starts("B", "Bearer") &&
		  !text_starts(NULL, ""));
	CHECK(text_ends("cv.pdf", ".pdf") && !text_ends("cv.PDF", ".pdf") && !text_ends("f", ".pdf"));
	CHECK(text_iends("cv.PDF", ".pdf") && !text_iends("pdf", ".pdf"));
}

TEST(text_trims_in_place)
{
	char s[] = " \t a b \r\n", blank[] = "  ";

	CHECK_STR(text_trim(s), "a b");
	CHECK_STR(text_trim(blank), "");
}

TEST(text_int_is_strict)
{
	static const char *const bad[] = {"",
									  "-",
									  "+1",
									  " 1",
									  "1 ",
									  "1.0",
									  "0x1",
									  "1e3",
									  "--1",
									  "9223372036854775808",
									  "-9223372036854775809",
									  "１"};
	int64_t v = 77;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		CHECK_INT(text_int(bad[i], &v), E_INVALID);
	CHECK_INT(text_int(NULL, &v), E_INVALID);
	CHECK_INT(v, 77);
	CHECK(text_int("9223372036854775807", &v) == OK && v == INT64_MAX);
	CHECK(text_int("-9223372036854775808", &v) == OK && v == INT64_MIN);
	CHECK(text_int("007", &v) == OK && v == 7);
}

TEST(constant_time_comparison)
{
	CHECK(text_equal_ct("secret", "secret"));
	CHECK(!text_equal_ct("secret", "secre") && !text_equal_ct("secret", "secrets"));
	CHECK(!text_equal_ct("secret", "Secret") && !text_equal_ct("secret", ""));
	CHECK(!text_equal_ct("", "x") && !text_equal_ct(NULL, "x") && !text_equal_ct("x", NULL));
	CHECK(bytes_equal_ct("a\0b", "a\0b", 3) && !bytes_equal_ct("a\0b", "a\0c", 3));
}

TEST(rand_differs_and_is_hexadecimal)
{
	char a[33], b[33];

	rand_hex(a, 16);
	rand_hex(b, 16);
	CHECK_INT(strlen(a), 32);
	CHECK_INT(strspn(a, "0123456789abcdef"), 32);
	CHECK(strcmp(a, b) != 0);
}

TEST_MAIN()

#include "data/json.h"

#include "base/error.h"
#include "base/test.h"

static struct arena *arena(void)
{
	static struct arena *a;

	a = arena_free(a);
	return a = arena_new(64 << 20);
}

static const char *why;

static const struct json_value *parse_n(const char *text, size_t n)
{
	const struct json_value *v = NULL;

	why = NULL;
	return json_parse(arena(), text, n, &v, &why) == OK ? v : NULL;
}

static const struct json_value *parse(const char *text)
{
	return parse_n(text, strlen(text));
}

static const char *round_trip(const char *text)
{
	static struct arena *a;
	const struct json_value *v = NULL;

	a = arena_free(a);
	a = arena_new(1 << 20);
	return json_parse(a, text, strlen(text), &v, NULL) == OK ? json_text(a, v) : "(refused)";
}

TEST(json_reads_every_kind)
{
	const struct json_value *v =
		parse("{\"n\": null, \"b\": true, \"i\": -5, \"r\": 1.5, \"s\": \"é\", \"a\": [1, 2]}");

	CHECK_INT(json_kind(v), JSON_OBJECT);
	CHECK_INT(json_size(v), 6);
	CHECK_INT(json_kind(json_get(v, "n")), JSON_NULL);
	CHECK(json_bool(json_get(v, "b")));
	CHECK_INT(json_int(json_get(v, "i")), -5);
	CHECK(json_real(json_get(v, "r")) > 1.4 && json_real(json_get(v, "i")) < -4.9);
	CHECK_STR(json_string(json_get(v, "s")), "é");
	CHECK_INT(json_size(json_get(v, "a")), 2);
	CHECK_INT(json_int(json_at(json_get(v, "a"), 1)), 2);
	CHECK_INT(json_kind(parse("\"text\"")), JSON_STRING);
	CHECK_INT(json_kind(parse("false")), JSON_BOOL);
}

TEST(json_is_neutral_about_other_kinds)
{
	const struct json_value *v = parse("[1]");

	CHECK(json_get(v, "x") == NULL && json_at(v, 1) == NULL && json_string(v) == NULL);
	CHECK(json_int(v) == 0 && !json_bool(v) && json_size(NULL) == 0);
	CHECK(json_get(NULL, "x") == NULL && json_at(NULL, 0) == NULL && json_string(NULL) == NULL);
	CHECK_INT(json_kind(NULL), JSON_NULL);
}

TEST(json_refuses)
{
	static const char *const bad[] = {
		"",
		" ",
		"{",
		"[1,]",
		"{\"a\":1,}",
		"{a:1}",
		"{\"a\":1} x",
		"1 2",
		"nul",
		"01",
		"\"\n\"",
		"{\"a\":1,\"a\":2}",
		"\"\\u0000\"",
		"{\"\\u0000\":1}",
		"\"\xFF\"",
		"\"\xED\xA0\x80\"",
		"\"\\ud800\"",
		"1e999",
		"'a'",
		"NaN",
		"/**/1",
		"\xEF\xBB\xBF{}",
	};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		CHECK(parse(bad[i]) == NULL);
		CHECK(why != NULL && strstr(why, " at byte ") != NULL);
	}
	CHECK(parse_n("\"a\0b\"", 5) == NULL);
}

TEST(json_takes_integers_beyond_64_bits_as_reals)
{
	const struct json_value *v = parse("[99999999999999999999, 7]");

	CHECK_INT(json_kind(json_at(v, 0)), JSON_REAL);
	CHECK(json_real(json_at(v, 0)) > 9e19);
	CHECK(json_real(json_at(v, 1)) > 6.9 && json_real(json_at(v, 1)) < 7.1);
	CHECK_INT(json_kind(parse("9223372036854775807")), JSON_INT);
}

TEST(json_depth_is_capped)
{
	char text[2 * JSON_DEPTH_MAX + 3];

	memset(text, '[', JSON_DEPTH_MAX);
	memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
	CHECK(parse_n(text, 2 * (size_t)JSON_DEPTH_MAX) != NULL);
	memset(text, '[', JSON_DEPTH_MAX + 1);
	memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
	CHECK(parse_n(text, 2 * (size_t)JSON_DEPTH_MAX + 2) == NULL);
	CHECK_STR(why, "nested too deeply at byte 64");
}

TEST(json_brackets_in_strings_are_not_depth)
{
	char text[300];

	memset(text, '[', sizeof text);
	memcpy(text, "\"\\\"\\\\", 5);
	text[sizeof text - 1] = '"';
	CHECK_INT(json_kind(parse_n(text, sizeof text)), JSON_STRING);
}

TEST(json_number_of_values_is_capped)
{
	static char text[2 * JSON_VALUES_MAX + 8];
	size_t n = 0;

	text[n++] = '[';
	for (int i = 0; i < JSON_VALUES_MAX; i++) {
		text[n++] = '1';
		text[n++] = ',';
	}
	text[n - 1] = ']';
	CHECK(parse_n(text, n) == NULL);
	CHECK(strstr(why, "too many values") != NULL);
}

TEST(json_prints_what_it_read)
{
	CHECK_STR(round_trip("{ \"b\" : [ 1, -2.5, null, true, false, {}, [] ], \"a\" : \"x\" }"),
			  "{\"b\":[1,-2.5,null,true,false,{},[]],\"a\":\"x\"}");
	CHECK_STR(round_trip("\"\\u00e9\\n\\u0001\\\"\\\\/\""), "\"é\\n\\u0001\\\"\\\\/\"");
	CHECK_STR(round_trip("[0.1, 1.0, 72.1, 1e20, 1e-7, 0.30000000000000004]"),
			  "[0.1,1.0,72.1,1e+20,1e-07,0.30000000000000004]");
	CHECK_STR(round_trip("-9223372036854775808"), "-9223372036854775808");
	CHECK_STR(round_trip("9223372036854775807"), "9223372036854775807");
	CHECK_STR(json_text(arena(), NULL), "null");
}

TEST(json_print_string_is_always_valid)
{
	struct buf b;

	buf_init(&b, arena(), 1000);
	json_print_string(&b, "a\xFF\"\t\x7F\xE2\x82");
	CHECK_STR(buf_str(&b), "\"a\uFFFD\\\"\\t\x7F\uFFFD\uFFFD\"");
	buf_clear(&b);
	json_print_string(&b, NULL);
	json_print_real(&b, 0.0 / (double)(int)(b.n == 9999));
	CHECK_STR(buf_str(&b), "nullnull");
	buf_init(&b, arena(), 3);
	CHECK_INT(json_print_string(&b, "abc"), E_TOO_LARGE);
}

/* Every byte at every place of a word and of what is left behind the last one. */
TEST(json_print_string_looks_at_each_byte)
{
	static const char special[] = "\b\f\n\r\t\"\\";

	for (int c = 1; c < 256; c++)
		for (int at = 0; at < 19; at++) {
			char text[] = "abcdefghijklmnopqrs", wanted[64], escape[8];
			bool plain = c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
			struct buf b;

			text[at] = (char)c;
			snprintf(escape, sizeof escape, plain ? "%c" : "\\u%04x", c);
			if (c >= 0x80)
				snprintf(escape, sizeof escape, "\xEF\xBF\xBD");
			if (strchr(special, c) != NULL)
				snprintf(escape, sizeof escape, "\\%c", "bfnrt\"\\"[strchr(special, c) - special]);
			snprintf(wanted, sizeof wanted, "\"%.*s%s%s\"", at, text, escape, text + at + 1);
			buf_init(&b, arena(), 100);
			CHECK_INT(json_print_string(&b, text), OK);
			if (strcmp(buf_str(&b), wanted) != 0)
				CHECK_STR(buf_str(&b), wanted);
		}
}

static const char *real(double v)
{
	struct buf b;

	buf_init(&b, arena(), 100);
	json_print_real(&b, v);
	return buf_str(&b);
}

TEST(reals_are_short_and_read_back_the_same)
{
	char text[40];

	CHECK_STR(real(0), "0.0");
	CHECK_STR(real(-0.0), "-0.0");
	CHECK_STR(real(60), "60.0");
	CHECK_STR(real(0.98), "0.98");
	CHECK_STR(real(-12.5), "-12.5");
	CHECK_STR(real(0.001), "0.001");
	CHECK_STR(real(-0.07), "-0.07");
	CHECK_STR(real(999999999.999), "999999999.999");
	CHECK_STR(real(0.1 + 0.2), "0.30000000000000004");
	CHECK_STR(real(0.0005), "0.0005");
	CHECK_STR(real(1e22), "1e+22");
	for (int i = -3000; i <= 3000; i++) {
		snprintf(text, sizeof text, "%.15g%s", i / 1000.0, i % 1000 == 0 ? ".0" : "");
		CHECK_STR(real(i / 1000.0), text);
	}
}

TEST_MAIN()

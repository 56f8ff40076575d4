#include "data/csv.h"

#include "base/test.h"

struct sample {
	int64_t id;
	const char *text;
	struct opt_int maybe;
	struct when at;
	struct strings list;
	const char *secret;
};
static const struct field fields[] = {
	FIELD(struct sample, id, 0, .doc = "Number", .example = "1"),
	FIELD(struct sample, text, F_NULL, .doc = "Text", .example = "\"a\""),
	FIELD(struct sample, maybe, F_NULL, .doc = "Perhaps", .example = "1"),
	FIELD(struct sample, at, F_NULL, .doc = "When", .example = "\"2026-01-02T03:04:05Z\""),
	FIELD(struct sample, list, F_NULL, .doc = "Texts", .example = "[\"a\"]"),
	FIELD(struct sample, secret, F_SECRET | F_NULL, .doc = "Secret", .example = "\"a\""),
};
static const struct schema schema = SCHEMA("Sample", struct sample, fields);

static const char *cell(const char *s)
{
	static char text[128];
	struct buf b;

	buf_init(&b, NULL, sizeof text - 1);
	CHECK_INT(csv_cell(&b, s), 0);
	snprintf(text, sizeof text, "%s", buf_str(&b));
	buf_done(&b);
	return text;
}

TEST(a_cell_is_quoted_where_it_must_be)
{
	CHECK_STR(cell("plain"), "plain");
	CHECK_STR(cell(NULL), "");
	CHECK_STR(cell("a,b"), "\"a,b\"");
	CHECK_STR(cell("a \"b\""), "\"a \"\"b\"\"\"");
	CHECK_STR(cell("two\nlines"), "\"two\nlines\"");
}

TEST(no_cell_is_a_formula)
{
	CHECK_STR(cell("=1+1"), "'=1+1");
	CHECK_STR(cell("@SUM(A1)"), "'@SUM(A1)");
	CHECK_STR(cell("+49 30 1234"), "'+49 30 1234");
	CHECK_STR(cell("-2+3"), "'-2+3");
	CHECK_STR(cell("-12.5"), "-12.5");
	CHECK_STR(cell("\t=1"), "\"'\t=1\"");
	CHECK_STR(cell("=HYPERLINK(\"http://x\",\"y\")"),
			  "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
}

TEST(a_line_holds_each_field)
{
	static const char *texts[] = {"=a", "b"};
	struct sample v = {7, "x", {0}, {1000000}, {texts, 2}, "hidden"};
	struct buf b;

	buf_init(&b, NULL, 4096);
	CHECK_INT(csv_head(&b, &schema), 0);
	CHECK_INT(csv_line(&b, &schema, &v), 0);
	CHECK_STR(buf_str(&b), "id,text,maybe,at,list,secret\r\n"
						   "7,x,,1970-01-01T00:00:01Z,\"'=a; b\",\r\n");
	buf_done(&b);
}

TEST_MAIN()

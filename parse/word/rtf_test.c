#include "parse/word/test_doc.h"

static struct test_doc *read_rtf(const char *body)
{
	static char text[8192];
	int n = snprintf(
		text, sizeof text,
		"{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0 Arial;}{\\f1\\fcharset2 Wingdings;}"
		"{\\f2\\fcharset204 Arial Cyr;}{\\f3\\fcharset128 MS Mincho;}}"
		"{\\colortbl;\\red0\\green0\\blue0;\\red255\\green255\\blue255;}"
		"{\\stylesheet{\\s0 Normal;}{\\s1 heading 1;}}%s}",
		body);

	return test_read(rtf_read, text, (size_t)n);
}

static void check_text(const char *body, const char *want)
{
	struct test_doc *t = read_rtf(body);

	CHECK_INT(t->rc, OK);
	CHECK_STR(test_text(t), want);
	test_free(t);
}

TEST(characters)
{
	check_text("J\\'e9r\\'f4me \\{x\\}\\~y\\par", "Jérôme {x} y");
	check_text("a\\emdash b\\endash c \\lquote d\\rquote\\par", "a—b–c ‘d’");
	check_text("e\\_mail so\\-lution\\par", "e-mail solution");
	check_text("one\\line two\\tab three\\par", "one/two\tthree");
}

TEST(unicode_and_its_plain_form)
{
	check_text("D\\u246\\'f6e\\par", "Döe");
	check_text("{\\uc2 D\\u246\\'c3\\'b6e}\\par", "Döe");
	check_text("{\\uc0 D\\u246 e}\\par", "Döe");
	check_text("\\u8226\\bullet x\\u233\\par y\\par", "xé/y");
	check_text("x\\u-10179?\\u-8640?\\par", "x🙀");
	check_text("x\\u-10179?y\\par", "xy");
}

TEST(code_pages_of_fonts)
{
	check_text("{\\f2\\'cf\\'f0\\'e8} \\'e9\\par", "При é");
	check_text("{\\f3\\'93\\'fa\\'96\\'7b}\\par", "日本");
	check_text("{\\f3\\'93\\'fa\\'96{}x}\\par", "日x");
}

TEST(destinations_are_skipped)
{
	check_text("a{\\*\\unknown b{c}}{\\pict\\bin3 }}}ff}{\\*\\bkmkstart z}d\\par", "ad");
	check_text("a{\\nonshppict{\\pict ff}}{\\annotation note}b\\par", "ab");
}

TEST(metadata)
{
	struct test_doc *t = read_rtf("{\\info{\\title My \\'e9t\\'e9}{\\author Ann}}x\\par");

	CHECK_STR(t->doc.title, "My été");
	CHECK_STR(t->doc.author, "Ann");
	CHECK_STR(test_text(t), "x");
	test_free(t);
}

TEST(styles_and_lists)
{
	struct test_doc *t = read_rtf("\\pard\\s1\\b\\fs32 Skills\\par"
								  "\\pard\\plain{\\listtext\\f1\\'b7\\tab}\\ls1\\ilvl1 Python\\par"
								  "\\pard end\\par");

	CHECK_INT(test_line(t, "Skills")->heading, 1);
	CHECK_INT(test_line(t, "Skills")->flags, TEXT_BOLD);
	CHECK(test_line(t, "Skills")->size > 15.9f);
	CHECK(test_line(t, "Python")->bullet);
	CHECK_INT(test_line(t, "Python")->indent, 1);
	CHECK(!test_line(t, "end")->bullet);
	test_free(t);
}

TEST(links)
{
	struct test_doc *t = read_rtf("Mail {\\field{\\*\\fldinst{HYPERLINK \"mailto:a@b.c\"}}"
								  "{\\fldrslt{\\ul me}}} {\\field{\\*\\fldinst{HYPERLINK "
								  "\"tel:+1\"}}{\\fldrslt{\\pict ff}}} page "
								  "{\\field{\\*\\fldinst PAGE}{\\fldrslt 3}}\\par");
	const struct line *l = test_line(t, "Mail");

	CHECK_STR(l->text, "Mail me +1 page 3");
	CHECK_STR(l->spans[1].link, "mailto:a@b.c");
	test_free(t);
}

TEST(tables)
{
	struct test_doc *t = read_rtf("\\trowd\\pard\\intbl A\\cell B1\\par B2\\cell\\row"
								  "\\trowd\\pard\\intbl C\\cell\\pard\\intbl\\itap2 in\\nestcell"
								  "{\\*\\nesttableprops\\nestrow}\\pard\\intbl D\\cell\\row"
								  "\\pard after\\par");

	CHECK_STR(test_text(t), "A/B1/B2/C/in/D/after");
	CHECK_INT(test_line(t, "A")->cell, 0);
	CHECK_INT(test_line(t, "B2")->cell, 1);
	CHECK_INT(test_line(t, "C")->row, 1);
	CHECK_INT(test_line(t, "in")->table, 1);
	CHECK_INT(test_line(t, "D")->table, 0);
	CHECK_INT(test_line(t, "D")->cell, 1);
	CHECK_INT(test_line(t, "after")->table, -1);
	test_free(t);
}

TEST(headers_boxes_and_notes)
{
	struct test_doc *t = read_rtf("{\\footer Foot\\par}{\\header Head\\par}{\\headerf Head\\par}"
								  "Body{\\footnote Note}"
								  "{\\shp{\\*\\shpinst{\\sp{\\sn a}{\\sv b}}{\\shptxt Box\\par}}"
								  "{\\shprslt Box}} on\\par");

	CHECK_STR(test_text(t), "Head/Body on/Note/Box/Foot");
	CHECK_INT(test_line(t, "Head")->region, REGION_HEADER);
	CHECK_INT(test_line(t, "Note")->region, REGION_NOTE);
	CHECK_INT(test_line(t, "Box")->region, REGION_TEXTBOX);
	CHECK_INT(test_line(t, "Foot")->region, REGION_FOOTER);
	test_free(t);
}

TEST(hidden_and_deleted)
{
	struct test_doc *t = read_rtf("{\\v secret}\\par{\\cf2 white}\\par{\\deleted gone}kept\\par");

	CHECK_STR(test_text(t), "secret/white/kept");
	CHECK_INT(test_line(t, "secret")->flags, TEXT_HIDDEN);
	CHECK_INT(test_line(t, "white")->flags, TEXT_HIDDEN);
	CHECK_INT(test_line(t, "kept")->flags, 0);
	test_free(t);
}

TEST(damage)
{
	static const char *const broken[] = {"}}}}x\\par",
										 "{{{{x\\par",
										 "\\'",
										 "\\'4",
										 "\\",
										 "\\bin99999999 x",
										 "\\u",
										 "\\u99999999999 x",
										 "\\f-5\\s-9\\cf-1\\ilvl-3 x\\par",
										 "{\\fonttbl{\\f99999 X;}}\\f99999 x"};

	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		struct test_doc *t = read_rtf(broken[i]);

		CHECK_INT(t->rc, OK);
		test_free(t);
	}
}

TEST(deep_groups)
{
	enum { DEPTH = 100000 };
	struct test_doc *t;
	char *text = malloc(DEPTH + 32);
	int n = snprintf(text, 32, "{\\rtf1 top\\par");

	memset(text + n, '{', DEPTH);
	t = test_read(rtf_read, text, (size_t)n + DEPTH);
	CHECK_INT(t->rc, OK);
	CHECK_STR(test_text(t), "top");
	CHECK_INT(t->doc.nfindings, 1);
	test_free(t);
	free(text);
}

TEST(not_rtf)
{
	struct test_doc *t = test_read(rtf_read, "{\\x}", 4);

	CHECK_INT(t->rc, E_RULE);
	test_free(t);
}

TEST_MAIN()

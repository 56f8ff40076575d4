#include "parse/word/test_doc.h"

static struct test_doc *read_html(const char *text)
{
	return test_read(html_read, text, strlen(text));
}

static void check_text(const char *html, const char *want)
{
	struct test_doc *t = read_html(html);

	CHECK_INT(t->rc, OK);
	CHECK_STR(test_text(t), want);
	test_free(t);
}

TEST(blocks_and_blanks)
{
	check_text("<html><body><p>Ada\n      <b>Love</b>lace</p><div>x<br>y</div>z</body></html>",
			   "Ada Lovelace/x/y/z");
	check_text("<p>a &amp; b &eacute;&nbsp;&lt;", "a & b é <");
	check_text("<pre>a\nb</pre>", "a/b");
}

TEST(what_is_no_text)
{
	check_text("<head><title>T</title><style>p{}</style></head><script>x='</p>'</script><p>ok"
			   "<!--[if gte mso 9]><xml>no</xml><![endif]--><object>no</object>",
			   "ok");
}

TEST(structure)
{
	struct test_doc *t = read_html("<h2>Skills</h2><ul><li>Python<ul><li>NumPy</ul></ul>"
								   "<table><tr><td>A<td>B</tr><tr><td>C</table><p>end");

	CHECK_STR(test_text(t), "Skills/Python/NumPy/A/B/C/end");
	CHECK_INT(test_line(t, "Skills")->heading, 2);
	CHECK(test_line(t, "Python")->bullet);
	CHECK_INT(test_line(t, "NumPy")->indent, 1);
	CHECK_INT(test_line(t, "B")->cell, 1);
	CHECK_INT(test_line(t, "C")->row, 1);
	CHECK_INT(test_line(t, "C")->cell, 0);
	CHECK_INT(test_line(t, "end")->table, -1);
	test_free(t);
}

TEST(word_lists)
{
	struct test_doc *t =
		read_html("<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><![if !supportLists]>"
				  "<span style='mso-list:Ignore'>o&nbsp;</span><![endif]>Python</p>");

	CHECK_STR(test_text(t), "Python");
	CHECK(test_line(t, "Python")->bullet);
	test_free(t);
}

TEST(links)
{
	struct test_doc *t = read_html("<a href='mailto:a@b.c'>me</a> "
								   "<a href=\"https://x.org?a=1&amp;b=2\"><img src=x></a>");
	const struct line *l = test_line(t, "me");

	CHECK_STR(l->text, "me https://x.org?a=1&b=2");
	CHECK_STR(l->spans[0].link, "mailto:a@b.c");
	test_free(t);
}

TEST(hidden)
{
	struct test_doc *t =
		read_html("<p style='display:none'>a1</p><p style='font-size:1px'>a2</p>"
				  "<p><font color=#FFFFFF>a3</font></p><p hidden>a4</p>"
				  "<div style='background:#036'><p style='color:white'>b</p></div>");

	CHECK_INT(t->doc.nlines, 5);
	for (int i = 0; i < 4; i++)
		CHECK_INT(t->doc.lines[i].flags, TEXT_HIDDEN);
	CHECK_INT(t->doc.lines[4].flags, 0);
	test_free(t);
}

TEST(character_sets)
{
	check_text("<meta charset=windows-1251><p>\xCF\xF0\xE8", "При");
	check_text("<meta http-equiv=Content-Type content='text/html; charset=utf-8'><p>\xC3\xA9", "é");
	check_text("<p>caf\xE9", "café");
	check_text("<p>caf\xC3\xA9", "café");
	check_text("\xEF\xBB\xBF<p>\xC3\xA9", "é");
}

TEST(sixteen_bits)
{
	static const char text[] = "\xFF\xFE<\0p\0>\0\xE9\0=\xD8\0\xDE";
	struct test_doc *t = test_read(html_read, text, sizeof text - 1);

	CHECK_STR(test_text(t), "é😀");
	test_free(t);
}

static const char archive[] =
	"From: <Saved by a browser>\r\nMIME-Version: 1.0\r\n"
	"Content-Type: multipart/related;\r\n\tboundary=\"--=_B\"\r\n\r\nSee\r\n\r\n"
	"----=_B\r\nContent-Transfer-Encoding: %s\r\n"
	"Content-Type: text/html; charset=\"utf-8\"\r\n\r\n%s\r\n"
	"----=_B\r\nContent-Type: image/png\r\n\r\nxx\r\n----=_B--\r\n";

TEST(web_archives)
{
	char text[1024];

	snprintf(text, sizeof text, archive, "quoted-printable", "<p>caf=C3=A9 so=\r\nft</p>");
	check_text(text, "café soft");
	snprintf(text, sizeof text, archive, "base64", "PHA+Y2Fmw6k8L3A+");
	check_text(text, "café");
}

TEST(an_archive_without_a_page)
{
	struct test_doc *t = read_html("MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nhello");

	CHECK_INT(t->rc, E_RULE);
	test_free(t);
}

TEST(deep_elements)
{
	enum { DEPTH = 20000 };
	struct test_doc *t;
	char *text = malloc(DEPTH * 5 + 8);

	for (int i = 0; i < DEPTH; i++)
		memcpy(text + i * 5, "<div>", 5);
	memcpy(text + DEPTH * 5, "end", 4);
	t = read_html(text);
	CHECK_INT(t->rc, OK);
	test_free(t);
	free(text);
}

TEST_MAIN()

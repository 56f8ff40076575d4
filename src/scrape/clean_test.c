#include "scrape/clean.h"

#include "base/test.h"
#include "base/text.h"

static struct arena *arena;

static struct clean cleaned(const char *s)
{
	struct clean out;

	if (arena == NULL)
		arena = arena_new(64 << 20);
	clean_html(arena, s, "https://acme.example/jobs/1", 2000, 1000, &out);
	return out;
}

TEST(running_text_stays)
{
	struct clean c = cleaned("<div class=x><h2>Role</h2><p>Build &amp; run <b>it</b>.<br>Now"
							 "</p><ul><li>Go<li>SQL</ul></div>");

	CHECK_STR(c.html, "<h2>Role</h2><p>Build &amp; run <b>it</b>.<br>Now</p><ul><li>Go</li><li>SQL"
					  "</li></ul>");
	CHECK_STR(c.text, "Role\n\nBuild & run it.\nNow\n\n• Go\n• SQL");
}

TEST(scripts_go)
{
	const char *const hostile[] = {
		"<script>alert(1)</script>",
		"<style>p{}</style>",
		"<iframe src=//evil></iframe>",
		"<svg onload=alert(1)><p>svg</p></svg>",
		"<object data=x></object><embed src=x>",
		"<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
		"<form><input value=secret></form>",
		"<math><mtext></p><style><img src onerror=alert(1)></style></mtext></math>",
		"<template><b>t</b></template>",
	};

	for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
		struct clean c = cleaned(arena_printf(arena, "<p>kept</p>%s", hostile[i]));

		CHECK(c.html != NULL && strstr(c.html, "<p>kept</p>") != NULL);
		CHECK(strstr(c.html, "alert") == NULL && strstr(c.html, "evil") == NULL);
		CHECK(strstr(c.html, "on") == NULL && strstr(c.html, "secret") == NULL);
	}
}

TEST(attributes_go_and_addresses_are_looked_at)
{
	struct clean c = cleaned("<p onclick=alert(1) style=x:y id=a>t</p>"
							 "<a href='javascript:alert(1)'>j</a>"
							 "<a href=' JaVa\tscript:alert(1)'>j</a>"
							 "<a href='data:text/html,x'>d</a>"
							 "<a href='/apply?x=1&y=\"><script>' onmouseover=x>a</a>"
							 "<a href='mailto:jobs@acme.example?subject=Hi'>m</a>");

	CHECK(strstr(c.html, "javascript") == NULL && strstr(c.html, "onclick") == NULL);
	CHECK(strstr(c.html, "cript:") == NULL && strstr(c.html, "data:") == NULL);
	CHECK(strstr(c.html, "<script") == NULL && strstr(c.html, "style") == NULL);
	CHECK(strstr(c.html, "<a href=\"https://acme.example/apply?x=1&amp;y=%22%3E%3Cscript%3E\" "
						 "rel=\"nofollow noopener noreferrer\">a</a>") != NULL);
	CHECK(strstr(c.html, "<a href=\"mailto:jobs@acme.example\"") != NULL);
	CHECK_STR(c.email, "jobs@acme.example");
}

TEST(html_written_as_text)
{
	struct clean c =
		cleaned("&lt;p&gt;Hello &amp;amp; welcome&lt;/p&gt;&lt;script&gt;x&lt;/script&gt;");

	CHECK_STR(c.html, "<p>Hello &amp; welcome</p>");
	CHECK_STR(c.text, "Hello & welcome");
}

TEST(plain_text)
{
	struct clean c = cleaned("One < two & three\nnext\n\nnew paragraph 5 < 6");

	CHECK(strstr(c.text, "next") != NULL && strstr(c.text, "\n\nnew paragraph 5 < 6") != NULL);
	c = cleaned("a < b and c > d");
	CHECK_STR(c.html, "<p>a &lt; b and c &gt; d</p>");
	CHECK_STR(c.text, "a < b and c > d");
}

TEST(long_ones_are_cut)
{
	struct buf b;
	struct clean c;

	buf_init(&b, arena, 1 << 20);
	for (int i = 0; i < 5000; i++)
		buf_adds(&b, "<p>ä&amp;</p>");
	c = cleaned(buf_str(&b));
	CHECK(strlen(c.text) <= 1000 && utf8_valid(c.text, strlen(c.text)));
	CHECK(c.html != NULL && strlen(c.html) < 2200 && utf8_valid(c.html, strlen(c.html)));
	CHECK(text_ends(c.html, "</p>"));
}

TEST(deep_ones_end)
{
	struct buf b;

	buf_init(&b, arena, 1 << 22);
	for (int i = 0; i < 100000; i++)
		buf_adds(&b, "<b><div>");
	buf_adds(&b, "deep");
	cleaned(buf_str(&b));
	CHECK(cleaned("").text == NULL && cleaned(NULL).html == NULL && cleaned(" <br> ").text == NULL);
}

TEST(lines)
{
	CHECK_STR(clean_line(arena, "  <b>Senior</b>\n Engineer &amp; more&nbsp;", 100),
			  "Senior Engineer & more");
	CHECK_STR(clean_line(arena, "äöüß", 2), "äö");
	CHECK_STR(clean_line(arena, "C < D", 100), "C < D");
	CHECK(clean_line(arena, " \n", 10) == NULL && clean_line(arena, "<br>", 10) == NULL);
}

TEST_MAIN()

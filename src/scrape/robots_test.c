#include "scrape/robots.h"

#include "base/test.h"

static struct arena *a;

static bool may(const char *text, const char *path)
{
	if (a == NULL)
		a = arena_new(16 << 20);
	return robots_allows(robots_parse(a, text, strlen(text), "vitae"), path);
}

TEST(groups)
{
	const char *text =
		"User-agent: *\nDisallow: /\n\nuser-agent: other\nUser-Agent: Vitae/2.0 # us\n"
		"Disallow: /private\nCrawl-delay: 2.5\n";

	CHECK(may(text, "/jobs") && !may(text, "/private/x"));
	CHECK(robots_delay(robots_parse(a, text, strlen(text), "vitae")) == 2.5);
	CHECK(!may("User-agent: *\nDisallow: /jobs", "/jobs?q=x"));
	CHECK(may("User-agent: vitae-other\nDisallow: /", "/"));
	CHECK(may("", "/") && may("garbage\n:\n::::\nDisallow", "/"));
	CHECK(may("User-agent: *\nDisallow:", "/x"));
	CHECK(may("Disallow: /", "/x"));
}

TEST(the_longest_rule_decides)
{
	const char *text =
		"User-agent: *\nDisallow: /jobs\nAllow: /jobs/public\nDisallow: /jobs/public/no\n"
		"Allow: /same\nDisallow: /same\n";

	CHECK(!may(text, "/jobs") && may(text, "/jobs/public/1") && !may(text, "/jobs/public/no"));
	CHECK(may(text, "/same") && may(text, "/robots.txt"));
}

TEST(stars_ends_and_escapes)
{
	const char *text =
		"User-agent: *\r\nDisallow: /*.pdf$\r\nDisallow: /*/apply\r\nDisallow: /%7Ejoe/\r\n"
		"Disallow: /a%2fb\r\n";

	CHECK(!may(text, "/x/cv.pdf") && may(text, "/x/cv.pdf?a"));
	CHECK(!may(text, "/jobs/1/apply") && may(text, "/apply"));
	CHECK(!may(text, "/~joe/x") && !may(text, "/%7ejoe/"));
	CHECK(!may(text, "/a%2Fb") && may(text, "/a/b"));
}

TEST(hostile_patterns_end)
{
	char text[4096] = "User-agent: *\nDisallow: ", path[2048];

	size_t n = strlen(text);

	for (int i = 0; i < 400; i++, n += 2)
		memcpy(text + n, "*a", 3);
	memset(path, 'a', sizeof path - 1);
	path[0] = '/';
	path[sizeof path - 1] = '\0';
	may(text, path);
	memcpy(text + n, "b", 2);
	CHECK(may(text, path));
}

TEST_MAIN()

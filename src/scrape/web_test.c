#include "scrape/web.h"

#include "base/test.h"

static struct arena *a;

__attribute__((constructor)) static void make_arena(void)
{
	a = arena_new(16 << 20);
}

TEST(references_become_addresses)
{
	const char *base = "https://acme.example/jobs/list?page=2#x";

	CHECK_STR(web_url(a, base, "42"), "https://acme.example/jobs/42");
	CHECK_STR(web_url(a, base, "/a b?q=ü"), "https://acme.example/a%20b?q=%C3%BC");
	CHECK_STR(web_url(a, base, "//other.example/x"), "https://other.example/x");
	CHECK_STR(web_url(a, base, " https://x.example/y\n"), "https://x.example/y");
	CHECK(web_url(a, base, "javascript:alert(1)") == NULL);
	CHECK(web_url(a, base, "ftp://x.example/") == NULL);
	CHECK(web_url(a, NULL, "/only/path") == NULL && web_url(a, base, "") == NULL);
	CHECK(web_url(a, base, NULL) == NULL);
}

TEST(trackers_go)
{
	CHECK_STR(
		web_clean_url(a, NULL, "HTTPS://Acme.Example:443/Jobs/1?utm_source=x&id=7&gclid=y#top"),
		"https://acme.example/Jobs/1?id=7");
	CHECK_STR(web_clean_url(a, NULL, "http://acme.example:8080?gh_jid=5&gh_src=abc"),
			  "http://acme.example:8080/?gh_jid=5");
	CHECK_STR(web_clean_url(a, NULL, "https://acme.example/#/jobs/1"),
			  "https://acme.example/#/jobs/1");
	CHECK_STR(web_clean_url(a, NULL, "https://acme.example/j?ref=a&source=b"),
			  "https://acme.example/j");
	CHECK(web_clean_url(a, NULL, "https:///nohost") == NULL);
}

TEST(parts)
{
	CHECK_STR(web_origin(a, "http://Acme.example/x"), "http://acme.example");
	CHECK_STR(web_origin(a, "https://acme.example:8443/x"), "https://acme.example:8443");
	CHECK_STR(web_path("https://acme.example"), "/");
	CHECK_STR(web_path("https://acme.example/a?b"), "/a?b");
	CHECK_STR(web_escape(a, "C++ & ü"), "C%2B%2B%20%26%20%C3%BC");
}

static const char *utf8(const char *p, size_t n, const char *type)
{
	const char *out;
	size_t size;

	web_to_utf8(a, p, n, type, &out, &size);
	CHECK_INT(size, strlen(out));
	return out;
}

TEST(charsets)
{
	CHECK_STR(utf8("M\xFCnchen", 7, "text/html; charset=ISO-8859-1"), "München");
	CHECK_STR(utf8("M\xFCnchen", 7, "text/html"), "München");
	CHECK_STR(utf8("M\xFCnchen", 7, "text/html; charset=utf-8"), "München");
	CHECK_STR(utf8("München", 8, NULL), "München");
	CHECK_STR(utf8("\xEF\xBB\xBFx", 4, "text/html; charset=iso-8859-1"), "x");
	CHECK_STR(utf8("\xFF\xFEx\0y\0", 6, NULL), "xy");
	CHECK_STR(utf8("<?xml version=\"1.0\" encoding=\"ISO-8859-15\"?><a>\xA4</a>", 52, NULL),
			  "<?xml version=\"1.0\" encoding=\"ISO-8859-15\"?><a>€</a>");
	CHECK_STR(utf8("<meta charset=koi8-r>\xC1", 22, NULL), "<meta charset=koi8-r>а");
	CHECK_STR(utf8("x\xFF", 2, "text/html; charset=no-such"), "xÿ");
	CHECK_STR(utf8("", 0, NULL), "");
}

TEST_MAIN()

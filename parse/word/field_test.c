#include "parse/word/field.h"

#include "base/test.h"

static const char *link_in(struct arena *a, const char *code)
{
	return field_link(a, code, strlen(code));
}

TEST(links_in_codes)
{
	struct arena *a = arena_new(1 << 16);

	CHECK_STR(link_in(a, " HYPERLINK \"mailto:a@b.c\" "), "mailto:a@b.c");
	CHECK_STR(link_in(a, "hyperlink http://x.org/y"), "http://x.org/y");
	CHECK_STR(link_in(a, "HYPERLINK \\o \"a tip\" \"http://x.org\""), "http://x.org");
	CHECK_STR(link_in(a, "HYPERLINK \"http://x.org\" \\l \"part\""), "http://x.org");
	arena_free(a);
}

TEST(other_codes)
{
	struct arena *a = arena_new(1 << 16);

	CHECK(link_in(a, "PAGE") == NULL);
	CHECK(link_in(a, "") == NULL);
	CHECK(link_in(a, "HYPERLINK") == NULL);
	CHECK(link_in(a, "HYPERLINK \\l \"bookmark\"") == NULL);
	CHECK(link_in(a, "HYPERLINK \"#top\"") == NULL);
	CHECK(link_in(a, "HYPERLINKS \"http://x.org\"") == NULL);
	arena_free(a);
}

TEST(text_of_links)
{
	CHECK_STR(link_text("mailto:a@b.c"), "a@b.c");
	CHECK_STR(link_text("tel:+1"), "+1");
	CHECK_STR(link_text("https://x.org"), "https://x.org");
	CHECK(link_text("javascript:alert(1)") == NULL);
}

TEST(fields_nest_beyond_the_cap)
{
	struct arena *a = arena_new(1 << 20);
	struct fields *f = ARENA_NEW(a, struct fields);
	struct error error = {0};
	struct doc d = {.arena = a, .error = &error};
	struct writer *w = ARENA_NEW(a, struct writer);
	struct style s = {0};

	f->arena = a;
	writer_init(w, &d);
	for (int i = 0; i < 2 * FIELDS_MAX; i++)
		fields_begin(f);
	CHECK(fields_in_code(f));
	for (int i = 0; i < 2 * FIELDS_MAX; i++)
		fields_end(f, w, &s);
	CHECK(!fields_in_code(f));
	fields_end(f, w, &s);
	arena_free(a);
}

TEST_MAIN()

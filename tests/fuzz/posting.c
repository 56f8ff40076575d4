/* A page of jobs, by each reader, and what is made of its postings: clean, bounded, never a script.
 */
#include "base/text.h"
#include "scrape/build.h"
#include "scrape/read.h"
#include "scrape/source_presets.h"
#include "scrape/web.h"
#include "tests/fuzz/fuzz.h"

enum { POSTING_MEMORY = 512 * 1024 * 1024, BUILT_MAX = 50 };

static const struct source sources[] = {
	{.name = "json",
	 .reader = READ_JSON,
	 .items = "/jobs",
	 .detail = "/url",
	 .fields = {.id = "/id | /ids/*/x",
				.title = "/title",
				.company = "{/company}, {/group/~1name}",
				.description = "{/text}{/parts/*/text}",
				.location = "/place",
				.url = "/url",
				.salary = "/pay",
				.posted_at = "/date"}},
	{.name = "feed", .reader = READ_FEED, .title_form = "{company}: {title}", .detail = "link"},
	{.name = "ld", .reader = READ_JSONLD},
	{.name = "html",
	 .reader = READ_HTML,
	 .items = "//li",
	 .fields = {.title = ".//h3",
				.url = ".//a/@href",
				.description = ".//div",
				.salary = "string(.//i)",
				.posted_at = ".//time/@datetime"}},
};
enum { SOURCES = sizeof sources / sizeof sources[0] };

static void check_text(const char *s, size_t max)
{
	must_hold(s == NULL || (strlen(s) <= max && utf8_valid(s, strlen(s))));
}

static void check_posting(const struct posting *p)
{
	must_hold(p->title != NULL && p->mark != NULL);
	check_text(p->title, 4 * POSTING_TITLE_MAX);
	check_text(p->company, POSTING_TEXT_MAX);
	check_text(p->location, POSTING_TEXT_MAX);
	check_text(p->text, POSTING_TEXT_MAX);
	check_text(p->html, 6 * POSTING_HTML_MAX + 4096);
	check_text(p->url, POSTING_URL_MAX);
	must_hold(p->url == NULL || text_starts(p->url, "http"));
	must_hold(p->html == NULL ||
			  (strstr(p->html, "<script") == NULL && strstr(p->html, "<iframe") == NULL));
	must_hold(p->pay.min >= 0 && p->pay.max >= 0 && pay_year(&p->pay) < 1e14);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct feed f = {data, n};
	const struct source *s = &sources[feed_byte(&f) % SOURCES];
	struct arena *a = arena_new(POSTING_MEMORY);
	struct error error = {0};
	struct page page = {.url = "https://acme.example/jobs"};
	struct raws raws;

	web_to_utf8(a, (const char *)f.p, f.n, NULL, &page.text, &page.size);
	if (read_page(a, &error, s, &page, &raws) != OK)
		must_hold(error.text[0] != '\0');
	for (size_t i = 0; i < raws.n && i < BUILT_MAX; i++) {
		struct wanted w = {"engineer", "berlin", 0};
		struct posting p;
		const char *why = NULL;

		if (!build_posting(a, s, &raws.items[i], page.url, INT64_C(1764324000000000), &p, &why)) {
			must_hold(why != NULL);
			continue;
		}
		check_posting(&p);
		build_matches(a, &p, raws.items[i].value[PART_TAGS], &w);
	}
	arena_free(a);
	return 0;
}

/* What the public boards' documented replies, feeds and pages become. */
#include "scrape/read.h"

#include "base/test.h"
#include "scrape/build.h"
#include "scrape/source_presets.h"

enum { MOST = 20 };
static const int64_t now = INT64_C(1764324000000000);

static struct arena *a;
static struct error error;
static struct raws raws;
static struct posting jobs[MOST];

/* Reads text by the source (JSON of one entry); the postings go to jobs. Returns their number, or
 * the error. */
static int read_as(const char *entry, const char *text)
{
	const char *file = NULL, *why;
	struct sources s;
	struct page p = {text, strlen(text), "https://acme.example/list"};
	int n = 0, rc;

	if (a == NULL)
		a = arena_new(256 << 20);
	file = arena_printf(a, "{\"sources\": [%s]}", entry);
	rc = sources_parse(a, &error, "test", file, strlen(file), &s);
	if (rc != OK)
		return rc;
	rc = read_page(a, &error, &s.items[0], &p, &raws);
	for (size_t i = 0; rc == OK && i < raws.n && n < MOST; i++)
		n += build_posting(a, &s.items[0], &raws.items[i], p.url, now, &jobs[n], &why);
	return rc == OK ? n : rc;
}

static const char *time_text(int64_t us)
{
	static char out[CLOCK_ISO_SIZE];

	return us == 0 ? "none" : clock_iso(us, out);
}

TEST(greenhouse)
{
	CHECK_INT(
		read_as("{\"name\":\"g\",\"kind\":\"greenhouse\",\"boards\":[\"acme\"]}",
				"{\"jobs\":[{\"id\":127817,\"internal_job_id\":144381,\"title\":\"Vault Designer\","
				"\"updated_at\":\"2016-01-14T10:55:28-05:00\",\"requisition_id\":\"50\","
				"\"location\":{\"name\":\"NYC\"},\"company_name\":\"Acme Vaults\","
				"\"absolute_url\":\"https://boards.greenhouse.io/vaulttec/jobs/127817?gh_src=x\","
				"\"content\":\"&lt;p&gt;Design &amp;amp; build vaults with Python.&lt;/p&gt;\","
				"\"departments\":[{\"id\":1,\"name\":\"Design\"}],\"offices\":[]}],"
				"\"meta\":{\"total\":1}}"),
		1);
	CHECK_STR(jobs[0].source, "g:acme");
	CHECK_STR(jobs[0].mark, "127817");
	CHECK_STR(jobs[0].title, "Vault Designer");
	CHECK_STR(jobs[0].company, "Acme Vaults");
	CHECK_STR(jobs[0].location, "NYC");
	CHECK_STR(jobs[0].url, "https://boards.greenhouse.io/vaulttec/jobs/127817");
	CHECK_STR(jobs[0].html, "<p>Design &amp; build vaults with Python.</p>");
	CHECK_STR(time_text(jobs[0].posted_at), "2016-01-14T15:55:28Z");
	CHECK(jobs[0].skills.n > 0 && strcmp(jobs[0].skills.items[0], "Python") == 0);
}

TEST(lever)
{
	CHECK_INT(
		read_as("{\"name\":\"l\",\"kind\":\"lever\",\"boards\":[\"acme\"],\"company\":\"Acme\"}",
				"[{\"id\":\"5ac2\",\"text\":\"Engineer\",\"hostedUrl\":\"https://jobs.lever.co/"
				"acme/5ac2\","
				"\"categories\":{\"commitment\":\"Full-time\",\"location\":\"Oakland\",\"team\":"
				"\"Core\","
				"\"allLocations\":[\"Oakland\",\"Berlin\"]},\"createdAt\":1735787045000,"
				"\"description\":\"<div>Hello</div>\",\"lists\":[{\"text\":\"You\",\"content\":"
				"\"<li>Go</li><li>SQL</li>\"}],\"additional\":\"<p>Bye</p>\","
				"\"workplaceType\":\"remote\",\"salaryRange\":{\"currency\":\"USD\",\"interval\":"
				"\"per-year-salary\",\"min\":100000,\"max\":120000.5}}]"),
		1);
	CHECK_STR(jobs[0].company, "Acme");
	CHECK_STR(jobs[0].location, "Oakland, Berlin");
	CHECK_STR(jobs[0].type, "full_time");
	CHECK(jobs[0].remote && jobs[0].pay.min == 100000 && jobs[0].pay.max == 120000.5);
	CHECK_STR(jobs[0].pay.currency, "USD");
	CHECK_STR(jobs[0].pay.period, "year");
	CHECK_STR(jobs[0].text, "Hello\n• Go\n• SQL\n\nBye");
	CHECK_STR(time_text(jobs[0].posted_at), "2025-01-02T03:04:05Z");
}

TEST(ashby)
{
	CHECK_INT(
		read_as("{\"name\":\"a\",\"kind\":\"ashby\",\"boards\":[\"acme\"]}",
				"{\"apiVersion\":\"1\",\"jobs\":[{\"title\":\"Product Manager\",\"location\":"
				"\"Houston, TX\",\"department\":\"Product\",\"team\":\"Growth\",\"isRemote\":true,"
				"\"descriptionHtml\":\"<p>Join us</p>\",\"publishedAt\":"
				"\"2021-04-30T16:21:55.393+00:00\",\"employmentType\":\"FullTime\","
				"\"jobUrl\":\"https://jobs.ashbyhq.com/acme/1\",\"compensation\":"
				"{\"scrapeableCompensationSalarySummary\":\"$81K - $87K\"}}]}"),
		1);
	CHECK_STR(jobs[0].mark, "https://jobs.ashbyhq.com/acme/1");
	CHECK(jobs[0].remote && jobs[0].pay.min == 81000 && jobs[0].pay.max == 87000);
	CHECK_STR(jobs[0].type, "full_time");
}

TEST(workable)
{
	CHECK_INT(
		read_as(
			"{\"name\":\"w\",\"kind\":\"workable\",\"boards\":[\"acme\"]}",
			"{\"name\":\"Acme\",\"jobs\":[{\"title\":\"Cook\",\"shortcode\":\"AB12\","
			"\"employment_type\":\"Part-time\",\"telecommuting\":false,\"department\":\"Kitchen\","
			"\"url\":\"https://apply.workable.com/j/AB12\",\"published_on\":\"2025-02-03\","
			"\"country\":\"Greece\",\"city\":\"Athens\",\"state\":\"\",\"description\":"
			"\"<p>Cook</p>\"}]}"),
		1);
	CHECK_STR(jobs[0].location, "Athens, Greece");
	CHECK_STR(jobs[0].type, "part_time");
	CHECK(!jobs[0].remote);
}

TEST(smartrecruiters_and_its_details)
{
	const struct source *s = source_preset("smartrecruiters");
	const char *detail = "{\"jobAd\":{\"sections\":{\"jobDescription\":{\"title\":\"x\",\"text\":"
						 "\"<p>Do it</p>\"},\"qualifications\":{\"text\":\"<p>Know it</p>\"}}},"
						 "\"postingUrl\":\"https://jobs.smartrecruiters.com/acme/7\"}";
	struct page p = {detail, strlen(detail), "https://api.smartrecruiters.com/7"};
	const char *why;

	CHECK_INT(
		read_as(
			"{\"name\":\"s\",\"kind\":\"smartrecruiters\",\"boards\":[\"acme\"]}",
			"{\"offset\":0,\"limit\":100,\"totalFound\":1,\"content\":[{\"id\":\"7\",\"name\":"
			"\"Analyst\",\"company\":{\"identifier\":\"acme\",\"name\":\"Acme\"},"
			"\"releasedDate\":\"2025-01-02T00:00:00.000Z\",\"location\":{\"city\":\"Berlin\","
			"\"country\":\"de\",\"remote\":false},\"typeOfEmployment\":{\"label\":\"Full-time\"},"
			"\"ref\":\"https://api.smartrecruiters.com/v1/companies/acme/postings/7\"}]}"),
		1);
	CHECK_STR(raws.items[0].detail, "https://api.smartrecruiters.com/v1/companies/acme/postings/7");
	CHECK_STR(jobs[0].location, "Berlin, de");
	CHECK(jobs[0].text == NULL);
	CHECK_INT(read_detail(a, &error, s, &p, &raws.items[0]), OK);
	CHECK(build_posting(a, s, &raws.items[0], p.url, now, &jobs[0], &why));
	CHECK_STR(jobs[0].text, "Do it\n\nKnow it");
	CHECK_STR(jobs[0].url, "https://jobs.smartrecruiters.com/acme/7");
	CHECK_STR(jobs[0].title, "Analyst");
}

TEST(boards_of_remote_jobs)
{
	CHECK_INT(
		read_as("{\"name\":\"r\",\"kind\":\"remotive\"}",
				"{\"0-legal-notice\":\"x\",\"job-count\":1,\"jobs\":[{\"id\":123,\"url\":"
				"\"https://remotive.com/remote-jobs/123\",\"title\":\"Lead Developer\","
				"\"company_name\":\"Remotive\",\"tags\":[\"python\",\"back end\"],\"job_type\":"
				"\"full_time\",\"publication_date\":\"2020-02-15T10:23:26\","
				"\"candidate_required_location\":\"Worldwide\",\"salary\":\"$40,000 - $50,000\","
				"\"description\":\"The full HTML job description here\"}]}"),
		1);
	CHECK(jobs[0].remote && jobs[0].pay.max == 50000);
	CHECK_STR(raws.items[0].value[PART_TAGS], "python, back end");
	CHECK_INT(
		read_as(
			"{\"name\":\"ro\",\"kind\":\"remoteok\"}",
			"[{\"last_updated\":1,\"legal\":\"API Terms\"},{\"slug\":\"x\",\"id\":\"9\",\"epoch\":"
			"1735787045,\"date\":\"2025-01-02T03:04:05+00:00\",\"company\":\"Acme\",\"position\":"
			"\"Dev\",\"tags\":[\"go\"],\"description\":\"<p>x</p>\",\"location\":\"\","
			"\"salary_min\":60000,\"salary_max\":90000,\"url\":\"https://remoteok.com/9\"}]"),
		1);
	CHECK(jobs[0].remote && jobs[0].pay.min == 60000 && jobs[0].location == NULL);
	CHECK_INT(
		read_as(
			"{\"name\":\"an\",\"kind\":\"arbeitnow\"}",
			"{\"data\":[{\"slug\":\"dev-1\",\"company_name\":\"Acme "
			"GmbH\",\"title\":\"Entwickler\","
			"\"description\":\"<p>x</p>\",\"remote\":false,\"url\":\"https://www.arbeitnow.com/x\","
			"\"tags\":[],\"job_types\":[\"berufserfahren\",\"Vollzeit\"],\"location\":\"Berlin\","
			"\"created_at\":1735787045}],\"links\":{},\"meta\":{}}"),
		1);
	CHECK_STR(jobs[0].type, "full_time");
	CHECK(!jobs[0].remote);
}

TEST(rss_and_atom)
{
	CHECK_INT(
		read_as(
			"{\"name\":\"f\",\"kind\":\"rss\",\"url\":\"https://x.example/\",\"title_form\":"
			"\"{company}: {title}\",\"fields\":{\"location\":\"region\"}}",
			"<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/"
			"modules/content/\"><channel><title>Jobs</title><item><title>Acme &amp; Co: Cook: "
			"Nights</title><link>https://x.example/1?utm_source=rss</link><guid>g1</guid>"
			"<region>Anywhere</region><pubDate>Thu, 02 Jan 2025 03:04:05 +0000</pubDate>"
			"<category>a</category><category>b</category><description>short</description>"
			"<content:encoded><![CDATA[<p>long <script>x</script></p>]]></content:encoded>"
			"</item></channel></rss>"),
		1);
	CHECK_STR(jobs[0].title, "Cook: Nights");
	CHECK_STR(jobs[0].company, "Acme & Co");
	CHECK_STR(jobs[0].url, "https://x.example/1");
	CHECK_STR(jobs[0].html, "<p>long </p>");
	CHECK_STR(raws.items[0].value[PART_TAGS], "a, b");
	CHECK(jobs[0].remote);
	CHECK_INT(
		read_as(
			"{\"name\":\"f\",\"kind\":\"atom\",\"url\":\"https://x.example/\"}",
			"<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><title>Dev</title><id>u:1</id>"
			"<link rel=\"edit\" href=\"/e\"/><link href=\"/jobs/1\"/><updated>2025-01-02T00:00:00Z"
			"</updated><content type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Hi"
			"</p></div></content></entry></feed>"),
		1);
	CHECK_STR(jobs[0].url, "https://acme.example/jobs/1");
	CHECK_STR(jobs[0].text, "Hi");
}

TEST(feeds_that_are_none)
{
	const char *source = "{\"name\":\"f\",\"kind\":\"rss\",\"url\":\"https://x.example/\"}";

	CHECK_INT(read_as(source, "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><rss><channel><item><title>&a;"
							  "</title></item></channel></rss>"),
			  E_UPSTREAM);
	CHECK_INT(read_as(source, "<html><body>Not here</body></html>"), E_UPSTREAM);
	CHECK_INT(read_as(source, "plain"), E_UPSTREAM);
	CHECK_INT(read_as(source, "<rss><channel><item><title>cut off"), 1);
}

static const char jsonld[] =
	"<html><head><script "
	"type=\"application/ld+json\">{\"@context\":\"https://schema.org\",\"@graph\":["
	"{\"@type\":\"WebPage\"},{\"@type\":[\"JobPosting\"],\"title\":\"Nurse\","
	"\"hiringOrganization\":"
	"{\"@type\":\"Organization\",\"name\":\"Clinic\"},\"jobLocation\":[{\"@type\":\"Place\","
	"\"address\":"
	"{\"addressLocality\":\"Bonn\",\"addressCountry\":{\"name\":\"DE\"}}},{\"address\":"
	"\"K\xC3\xB6ln\"}],"
	"\"employmentType\":[\"FULL_TIME\",\"PART_TIME\"],\"baseSalary\":{\"@type\":\"MonetaryAmount\","
	"\"currency\":\"eur\",\"value\":{\"minValue\":20,\"maxValue\":25.5,\"unitText\":\"HOUR\"}},"
	"\"datePosted\":\"2025-01-02\",\"validThrough\":\"2026-01-02T00:00\",\"identifier\":{\"value\":"
	"42},"
	"\"description\":\"<p>Care\nfor people</p>\",\"url\":\"/jobs/42\",}]}</script></head></html>";

TEST(json_ld)
{
	CHECK_INT(
		read_as("{\"name\":\"j\",\"kind\":\"jsonld\",\"url\":\"https://acme.example/\"}", jsonld),
		1);
	CHECK_STR(jobs[0].title, "Nurse");
	CHECK_STR(jobs[0].company, "Clinic");
	CHECK_STR(jobs[0].location, "Bonn, DE / Köln");
	CHECK_STR(jobs[0].mark, "42");
	CHECK_STR(jobs[0].pay.currency, "EUR");
	CHECK_STR(jobs[0].pay.period, "hour");
	CHECK(jobs[0].pay.min == 20 && jobs[0].pay.max == 25.5);
	CHECK_STR(jobs[0].text, "Care for people");
	CHECK_STR(jobs[0].url, "https://acme.example/jobs/42");
	CHECK_STR(time_text(jobs[0].expires_at), "2026-01-02T00:00:00Z");
}

TEST(json_ld_that_is_broken)
{
	const char *source = "{\"name\":\"j\",\"kind\":\"jsonld\",\"url\":\"https://acme.example/\"}";

	CHECK_INT(
		read_as(source, "<script type='application/ld+json'>{\"@type\":\"JobPosting\",</script>"),
		E_UPSTREAM);
	CHECK(strstr(error.text, "block 1 of the page is broken") != NULL);
	CHECK_INT(read_as(source, "<script type='application/ld+json'>{oops</script>"
							  "<script type='application/ld+json'>\n//<![CDATA[\n{\"@type\":"
							  "\"JobPosting\",\"title\":\"A\",\"url\":\"/a\"}\n//]]>\n</script>"),
			  1);
	CHECK(raws.note != NULL && strstr(raws.note, "block 1") != NULL);
	CHECK_INT(read_as(source, "<p>No jobs</p>"), 0);
}

TEST(html_by_xpath)
{
	CHECK_INT(
		read_as(
			"{\"name\":\"h\",\"kind\":\"html\",\"url\":\"https://acme.example/\",\"items\":"
			"\"//li[@class='job']\",\"detail\":\".//a/@href\",\"fields\":{\"title\":\".//h3\","
			"\"url\":\".//a/@href\",\"description\":\".//div\",\"company\":\"=Acme\",\"salary\":"
			"\".//*[@class='pay']\",\"location\":\"normalize-space(.//i)\",\"type\":\"((\"}}",
			"<ul><li class=job><h3>Cook <b>II</b></h3><a href='../j/1'>more</a><div><p>Cook</p>"
			"</div><i> Rom </i><span class=pay>30 \xE2\x82\xAC/h</span><li class=x><h3>no</h3>"
			"</li></ul>"),
		1);
	CHECK_STR(jobs[0].title, "Cook II");
	CHECK_STR(jobs[0].url, "https://acme.example/j/1");
	CHECK_STR(jobs[0].html, "<p>Cook</p>");
	CHECK_STR(jobs[0].company, "Acme");
	CHECK_STR(jobs[0].location, "Rom");
	CHECK(jobs[0].pay.min == 30);
	CHECK_STR(raws.items[0].detail, "../j/1");
	CHECK(strstr(raws.items[0].why[PART_TYPE], "is no XPath") != NULL);
	CHECK(strstr(raws.items[0].why[PART_POSTED_AT], "does not say where") != NULL);
}

TEST(links_of_a_page)
{
	const char *text = "<a href='/j/1'>1</a><a href='/j/2'>2</a><a href='/j/1'>again</a><a>x</a>";
	struct page p = {text, strlen(text), "https://acme.example/"};
	struct strings links;

	CHECK_INT(read_links(a, &error, &p, "//a/@href", &links), OK);
	CHECK(links.n == 2 && strcmp(links.items[1], "/j/2") == 0);
	CHECK_INT(read_links(a, &error, &p, "][", &links), E_UPSTREAM);
}

TEST(json_that_is_not_what_it_should_be)
{
	const char *source =
		"{\"name\":\"j\",\"kind\":\"json\",\"url\":\"https://acme.example/\",\"items\":"
		"\"/a/0/b\",\"fields\":{\"title\":\"/t | /u/~1x\",\"id\":\"/list/*/id\"}}";

	CHECK_INT(read_as(source, "<html>"), E_UPSTREAM);
	CHECK_INT(read_as(source, "{\"a\":[]}"), E_UPSTREAM);
	CHECK(strstr(error.text, "no array at \"/a/0/b\"") != NULL);
	CHECK_INT(
		read_as(source,
				"{\"a\":[{\"b\":[1,null,{\"t\":\" \",\"u\":{\"/x\":\"T\"},\"list\":[{\"id\":1},"
				"{\"id\":2}]},{}]}]}"),
		1);
	CHECK_STR(jobs[0].title, "T");
	CHECK_STR(jobs[0].mark, "1, 2");
	CHECK_INT(raws.n, 2);
	CHECK_STR(raws.items[1].why[PART_TITLE], "nothing at /t | /u/~1x");
}

TEST(source_files)
{
	static const struct {
		const char *text, *sentence;
	} bad[] = {
		{"{", "line 1"},
		{"{\"sources\": 1}", "needs an array"},
		{"{\"sources\": [{\"name\": \"a\",\n\"kind\": \"html\" \"x\": 1}]}", "line 2"},
		{"{\"sources\": [{\"kind\": \"html\"}]}", "source number 1: name: Field required"},
		{"{\"sources\": [{\"name\":\"a\",\"kind\":\"xls\"}]}", "unknown kind \"xls\""},
		{"{\"sources\": [{\"name\":\"a\",\"kind\":\"rss\"}]}", "needs a url"},
		{"{\"sources\": [{\"name\":\"a\",\"kind\":\"rss\",\"ulr\":\"x\"}]}", "unknown key \"ulr\""},
		{"{\"sources\": [{\"name\":\"a\",\"kind\":\"rss\",\"url\":\"ftp://x\"}]}", "http://"},
		{"{\"sources\": [{\"name\":\"a\",\"kind\":\"rss\",\"url\":\"https://x/{what}\"}]}",
		 "{what}"},
		{"{\"sources\": [{\"name\":\"a\",\"kind\":\"lever\"}]}", "boards"},
		{"{\"sources\": [{\"name\":\"a\",\"kind\":\"json\",\"url\":\"https://x/\"}]}", "items"},
		{"{\"sources\": "
		 "[{\"name\":\"a\",\"kind\":\"remotive\"},{\"name\":\"a\",\"kind\":\"remotive\"}]}",
		 "two sources"},
		{"{\"sources\": [{\"name\":\"a\",\"kind\":\"remotive\",\"complete\":true}]}", "complete"},
	};
	struct sources s;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		CHECK_INT(sources_parse(a, &error, "f", bad[i].text, strlen(bad[i].text), &s), E_RULE);
		if (strstr(error.text, bad[i].sentence) == NULL)
			printf("    %s\n", error.text);
		CHECK(strstr(error.text, bad[i].sentence) != NULL);
	}
	CHECK_INT(sources_load(a, &error, "/no/such/file", &s), E_RULE);
	CHECK_INT(sources_load(a, &error, NULL, &s), OK);
	CHECK(s.n > 8 && sources_find(&s, "remotive")->enabled);
}

TEST(addresses_of_sources)
{
	struct source_query q = {"C++ dev", "Köln", 2, 50};
	struct source s = {.url =
						   "https://x.example/{board}?q={keyword}&l={location}&p={page}&o={offset}"
						   "&n={limit}",
					   .board = "a/b",
					   .page_start = 1,
					   .page_size = 20};

	CHECK_STR(source_url(a, &s, &q),
			  "https://x.example/a%2Fb?q=C%2B%2B%20dev&l=K%C3%B6ln&p=3&o=40&n=50");
}

TEST(what_is_wanted)
{
	struct posting p = {
		.title = "Python Developers", .location = "Berlin, Germany", .text = "Django and Docker"};
	struct wanted w = {"python developer", NULL, 0};

	CHECK(build_matches(a, &p, NULL, &w));
	w.keyword = "docker";
	CHECK(build_matches(a, &p, NULL, &w));
	w.keyword = "java";
	CHECK(!build_matches(a, &p, NULL, &w) && build_matches(a, &p, "java", &w));
	w = (struct wanted){"python", "Berlin, DE", 0};
	CHECK(build_matches(a, &p, NULL, &w));
	w.location = "Munich";
	CHECK(!build_matches(a, &p, NULL, &w));
	p = (struct posting){.title = "Python", .location = "Worldwide", .remote = true};
	CHECK(build_matches(a, &p, NULL, &w));
	p.location = "Remote, USA";
	CHECK(!build_matches(a, &p, NULL, &w));
}

TEST_MAIN()

#include "app/resume_check.h"

#include <string.h>

#include "base/test.h"

static struct arena *arena;
static struct profile profile;
static struct resume_score score;
static struct skill skills[60];

/* Everything that one could wish, with the given parts in place. */
static const char whole[] =
	"{\"basics\":{\"name\":\"Ada Byron\",\"summary\":\"Engineer who has built engines for ten "
	"years "
	"and leads small teams.\",\"location\":{\"city\":\"London\"},\"profiles\":[{\"url\":\"x\"}]},"
	"\"work\":[%s],\"education\":[{\"institution\":\"University\",\"endDate\":\"2008\"}],"
	"\"skills\":[{\"name\":\"C\"}],\"meta\":{\"experienceYears\":9,\"evidence\":["
	"{\"pointer\":\"/work/0/summary\",\"page\":2}]}}";
static const char good_work[] =
	"{\"name\":\"New\",\"startDate\":\"2019-03\",\"summary\":\"Cut the cost by 40%\"},"
	"{\"name\":\"Old\",\"startDate\":\"2015-01\",\"endDate\":\"2019-02\",\"highlights\":"
	"[\"Led a team of 12\",\"Built the engine\"]}";

static void judge_json(const char *json)
{
	struct resume_subject s;
	char *text;

	arena_free(arena);
	arena = arena_new(1 << 24);
	text = arena_alloc(arena, 2000);
	for (int i = 0; i < 300; i++)
		memcpy(text + 5 * i, "word ", 5);
	for (size_t i = 0; i < 60; i++)
		skills[i] = (struct skill){.name = "C", .canonical = "C"};
	if (profile.skills.items == NULL)
		profile = (struct profile){.name.value = "Ada Byron",
								   .email.value = "ada@example.com",
								   .phone.value = "+44 20 7946 0958",
								   .skills = {skills, 12},
								   .pages = 2};
	profile.text = text;
	profile.resume.text = json;
	resume_subject_init(arena, &profile, &s);
	s.now = INT64_C(1764115200) * CLOCK_SECOND; /* November 2025 */
	resume_check(arena, &s, &score);
}

static void judge(const char *work)
{
	static char json[20000];

	snprintf(json, sizeof json, whole, work);
	judge_json(json);
}

static void anew(void)
{
	memset(&profile, 0, sizeof profile);
}

static const struct section_score *section(const char *name)
{
	const struct section_score *s = score.sections.items;

	for (size_t i = 0; i < score.sections.n; i++)
		if (strcmp(s[i].section, name) == 0)
			return &s[i];
	CHECK(false);
	return s;
}

/* The remark with this code; NULL. */
static const struct remark *remark(const char *name, const char *code)
{
	const struct section_score *s = section(name);
	const struct remark *r = s->remarks.items;

	for (size_t i = 0; i < s->remarks.n; i++)
		if (strcmp(r[i].code, code) == 0)
			return &r[i];
	return NULL;
}

static int lost(const char *name)
{
	return (int)(section(name)->max - section(name)->score);
}

TEST(a_good_one_loses_nothing)
{
	int64_t most = 0;
	const struct section_score *s;

	anew();
	judge(good_work);
	CHECK_INT(score.score, 100);
	CHECK_STR(score.summary, "Strong: 100 of 100.");
	s = score.sections.items;
	CHECK_INT(score.sections.n, 8);
	for (size_t i = 0; i < 8; i++) {
		most += s[i].max;
		for (size_t k = 0; k < s[i].remarks.n; k++)
			CHECK_STR(((const struct remark *)s[i].remarks.items)[k].severity, "good");
	}
	CHECK_INT(most, 100);
}

TEST(contact)
{
	anew();
	judge(good_work);
	profile.email.value = NULL;
	profile.phone.value = NULL;
	judge(good_work);
	CHECK_INT(lost("contact"), 7);
	CHECK(remark("contact", "missing_email") != NULL && remark("contact", "missing_phone") != NULL);
	CHECK_INT(score.score, 93);
	CHECK_STR(score.summary, "Strong: 93 of 100. Start here: Add an e-mail address.");
}

TEST(duties_instead_of_deeds)
{
	anew();
	judge(
		"{\"name\":\"A\",\"startDate\":\"2019\",\"summary\":\"• Responsible for 12 machines\\n"
		"Verantwortlich für 3 Maschinen\\nResponsibly built 4 machines\\nHelpedesk of 5 people\"}");
	CHECK(remark("experience", "weak_verb") != NULL);
	CHECK_STR(remark("experience", "weak_verb")->text, "• Responsible for 12 machines");
	CHECK_STR(remark("experience", "weak_verb")->pointer, "/work/0/summary");
	CHECK(remark("experience", "weak_verb")->page.set);
	CHECK_INT(remark("experience", "weak_verb")->page.v, 2);
	CHECK_INT(lost("experience"), 8); /* two of four */
}

TEST(results_without_a_measure)
{
	anew();
	judge("{\"name\":\"A\",\"startDate\":\"2019\",\"summary\":\"Built engines since 2019\\n"
		  "Led the team\"}");
	CHECK(remark("experience", "no_numbers") != NULL);
	CHECK_INT(lost("experience"), 8);
	judge("{\"name\":\"A\",\"startDate\":\"2019\",\"summary\":\"Built engines\\nLed the team\\n"
		  "Halved the cost\\nWrote it\\nSold it\"}");
	CHECK(remark("experience", "few_numbers") != NULL);
	CHECK_INT(lost("experience"), 4);
}

TEST(jobs_without_words)
{
	anew();
	judge("{\"name\":\"A\",\"startDate\":\"2019\",\"summary\":\"Sold 5\"},"
		  "{\"position\":\"Clerk\",\"startDate\":\"2016\",\"endDate\":\"2019\",\"summary\":\" \"}");
	CHECK_STR(remark("experience", "job_without_text")->text, "Clerk");
	CHECK_INT(lost("experience"), 5);
	judge("");
	CHECK_INT(section("experience")->score, 0);
	CHECK(remark("experience", "missing_experience") != NULL);
	CHECK_INT(section("dates")->score, 0);
}

#define JOB(name, start, end) \
	"{\"name\":\"" name "\",\"startDate\":\"" start "\",\"endDate\":\"" end "\"}"

TEST(dates)
{
	static const struct {
		const char *work, *code;
		int lost;
	} cases[] = {
		{JOB("A", "2015-01", "2017-06") "," JOB("B", "2018-02", "2020-01"), "gap", 2},
		{JOB("B", "2018-02", "2020-01") "," JOB("A", "2015-01", "2017-06"), "gap", 2},
		{JOB("A", "2015-01", "2017-06") "," JOB("B", "2018-01", "2020-01"), NULL, 0},
		{JOB("A", "2015", "2017") "," JOB("B", "2018", "2020"), NULL, 0},
		{JOB("A", "2015", "2017") "," JOB("B", "2019", "2020"), "gap", 2},
		{JOB("A", "2015", "2017") "," JOB("B", "2017", "2020"), NULL, 0},
		{JOB("A", "2015", "2018") "," JOB("B", "2016", "2020"), "overlap", 1},
		{JOB("A", "2015-01", "2017-06") "," JOB("B", "2017-01", "2020-01"), "overlap", 1},
		{JOB("A", "2015-01", "2017-06") "," JOB("B", "2017-04", "2020-01"), NULL, 0},
		{JOB("A", "2010", "2020") "," JOB("B", "2011", "2011") "," JOB("C", "2020", "2021"), NULL,
		 0},
		{JOB("A", "2019-05", "2018-05"), "end_before_start", 4},
		{JOB("A", "2031", "2032"), "future_date", 3},
		{"{\"name\":\"A\",\"endDate\":\"2018\"}", "missing_dates", 3},
		{JOB("A", "soon", "later"), "missing_dates", 3},
		{JOB("A", "2015-13", "2016-00"), "missing_dates", 3},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		anew();
		judge(cases[i].work);
		if (lost("dates") != cases[i].lost)
			printf("    %s\n", cases[i].work);
		CHECK_INT(lost("dates"), cases[i].lost);
		CHECK(cases[i].code == NULL || remark("dates", cases[i].code) != NULL);
	}
}

TEST(gaps_are_told_in_months)
{
	anew();
	judge(JOB("Acme", "2015-01", "2017-06") "," JOB("Bolt", "2018-02", "2020-01"));
	CHECK(strstr(remark("dates", "gap")->message, "Between Acme and Bolt at least 7 months") !=
		  NULL);
	CHECK_STR(remark("dates", "gap")->pointer, "/work/1");
}

TEST(the_document)
{
	struct finding findings[] = {{"hidden_text", "…"}, {"unheard_of", "…"}};

	anew();
	judge(good_work);
	profile.pages = 5;
	profile.skills.n = 3;
	profile.findings = (struct list){findings, 2};
	judge(good_work);
	CHECK(remark("length", "too_long") != NULL);
	CHECK_INT(lost("length"), 3);
	CHECK_INT(lost("skills"), 6);
	CHECK_INT(lost("readability"), 4);
	profile.skills.n = 55;
	judge(good_work);
	CHECK(remark("skills", "many_skills") != NULL);
}

TEST(nothing_was_read)
{
	struct resume_subject s;

	anew();
	judge(good_work);
	resume_subject_init(arena, &profile, &s);
	s.error_message = "The document is protected by a password";
	resume_check(arena, &s, &score);
	CHECK_INT(score.score, 0);
	CHECK_STR(remark("readability", "unreadable")->message, s.error_message);
	CHECK_INT(score.sections.n, 8);
	profile.text = "  ";
	s.error_message = NULL;
	s.scanned = true;
	resume_check(arena, &s, &score);
	CHECK_INT(score.score, 0);
	CHECK(remark("readability", "scanned") != NULL);
	arena_free(arena);
	arena = NULL;
}

TEST_MAIN()

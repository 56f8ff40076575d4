#include "app/resume_match.h"

#include <stdlib.h>
#include <string.h>

#include <stdlib.h>

#include "base/test.h"

static const char resume[] =
	"{\"basics\":{\"label\":\"Backend Engineer\",\"summary\":\"Ten years of Python.\"},"
	"\"work\":[{\"position\":\"Engineer\",\"startDate\":\"2015\",\"summary\":\"Moved forty "
	"services "
	"to k8s\\nWrote the billing in Python and Golang\"}],"
	"\"skills\":[{\"name\":\"Databases\",\"keywords\":[\"Postgres\",\"Redis\"]},{\"name\":"
	"\"Excel\"}],"
	"\"certificates\":[{\"name\":\"AWS Certified Solutions Architect\"}],"
	"\"references\":[{\"name\":\"Somebody who knows Rust\"}],"
	"\"meta\":{\"experienceYears\":4.5,\"evidence\":[{\"pointer\":\"/work/0/"
	"summary\",\"page\":1}]}}";

static struct arena *arena;
static struct resume_match match;

static void hold(const char *title, const char *description)
{
	static struct profile p;
	struct resume_subject s;

	arena_free(arena);
	arena = arena_new(1 << 26);
	p = (struct profile){.resume.text = resume, .text = "Ada\nKnows about Terraform too\n"};
	resume_subject_init(arena, &p, &s);
	resume_match(arena, &s, title, description, &match);
}

static const struct keyword *in(const struct list *list, const char *name)
{
	const struct keyword *k = list->items;

	for (size_t i = 0; i < list->n; i++)
		if (strcmp(k[i].keyword, name) == 0)
			return &k[i];
	return NULL;
}

static const struct found *place(const char *name, size_t i)
{
	const struct keyword *k = in(&match.matched, name);

	CHECK(k != NULL && i < k->found.n);
	return (const struct found *)k->found.items + i;
}

static bool advised(const char *section, const char *words)
{
	const struct match_advice *a = match.advice.items;

	for (size_t i = 0; i < match.advice.n; i++)
		if (strcmp(a[i].section, section) == 0 && strstr(a[i].message, words) != NULL)
			return true;
	return false;
}

TEST(by_whatever_name)
{
	hold("Backend Engineer", "We use Kubernetes and PostgreSQL.\nYou know Go, Python and Rust.");
	CHECK_STR(place("Kubernetes", 0)->as, "k8s");
	CHECK_STR(place("Kubernetes", 0)->section, "work");
	CHECK_STR(place("Kubernetes", 0)->pointer, "/work/0/summary");
	CHECK_STR(place("Kubernetes", 0)->text, "Moved forty services to k8s");
	CHECK_INT(place("Kubernetes", 0)->page.v, 1);
	CHECK_STR(place("PostgreSQL", 0)->pointer, "/skills/0/keywords/0");
	CHECK_STR(place("Go", 0)->as, "Golang");
	CHECK_INT(in(&match.matched, "Python")->found.n, 2);
	/* what a reference knows is not the applicant's */
	CHECK(in(&match.missing, "Rust") != NULL);
	CHECK_STR(place("Back-End Development", 0)->pointer, "/basics/label");
	CHECK_INT(match.score.v, 83);
	CHECK(advised("skills", "Asked for and not found: Rust"));
	CHECK(advised("skills", "Write these as the description does as well: Kubernetes"));
	CHECK(advised("experience", "PostgreSQL"));
}

TEST(elsewhere_in_the_text)
{
	hold(NULL, "Terraform");
	CHECK_STR(place("Terraform", 0)->section, "text");
	CHECK(place("Terraform", 0)->pointer == NULL);
	CHECK_STR(place("Terraform", 0)->text, "Knows about Terraform too");
	CHECK(match.job_title == NULL);
}

TEST(wishes_count_less)
{
	hold(NULL, "Requirements:\n- Python\n- Kafka\nNice to have:\n- Redis\n- Rust\nRequirements\n- "
			   "Docker is a plus\n- Jenkins\n");
	CHECK(in(&match.matched, "Python")->required && !in(&match.matched, "Redis")->required);
	CHECK(!in(&match.missing, "Rust")->required && !in(&match.missing, "Docker")->required);
	CHECK(in(&match.missing, "Jenkins")->required);
	CHECK_INT(match.score.v, 33); /* 3 of 9 */
	CHECK_STR(((const struct keyword *)match.missing.items)[match.missing.n - 1].keyword, "Docker");
	CHECK(advised("skills", "Nice to have and not found: Rust, Docker"));
}

TEST(words_that_mean_other_things)
{
	hold(NULL, "You go to the market and excel at it. Access to the gym. We rust never.");
	CHECK_INT(match.matched.n + match.missing.n, 0);
	CHECK(!match.score.set);
	CHECK(advised("skills", "names no skill"));
	hold(NULL, "- Excel\n- Go, Python");
	CHECK(in(&match.matched, "Go") != NULL);
	CHECK_INT(match.matched.n, 3);
	hold("Go Developer", "Nothing more");
	CHECK(in(&match.matched, "Go") != NULL);
}

TEST(years)
{
	hold(NULL,
		 "5+ years of Python, at least 3 years with Redis\nNice to have: 20 years of patience");
	CHECK(match.years_required.set && match.years_required.v == 5);
	CHECK(match.years_found > 4.4 && match.years_found < 4.6);
	CHECK(advised("experience", "asks for 5 years"));
	hold(NULL, "Python since 2015 or 100 years");
	CHECK(!match.years_required.set);
	hold(NULL, "Mindestens 4 Jahre Python");
	CHECK(match.years_required.v == 4 && !advised("experience", "years of experience"));
}

TEST(title)
{
	hold("Data Scientist", "Python");
	CHECK(advised("summary", "Data Scientist"));
	hold("Senior Backend Developer", "Python");
	CHECK(!advised("summary", "Senior"));
}

TEST(bounds)
{
	char *long_text = malloc(200000);
	size_t n = 0;

	while (n < 199000)
		n += (size_t)snprintf(long_text + n, 200000 - n, "Python and Redis, ");
	hold(NULL, long_text);
	CHECK_INT(match.matched.n, 2);
	hold("", "");
	CHECK(!match.score.set && match.job_title == NULL);
	hold(NULL, "\xff\xfe Python \xe2\x82");
	CHECK_INT(match.matched.n, 1);
	free(long_text);
	arena_free(arena);
	arena = NULL;
}

TEST_MAIN()

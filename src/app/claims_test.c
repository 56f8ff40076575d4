#include "app/claims.h"

#include "base/test.h"

static const char resume[] =
	"Ada Lovelace\nBackend Engineer\nada@example.org\n\nExperience\n"
	"Senior Backend Engineer, Northwind Freight, 2019 - 2024\n"
	"Built the booking service; cut the time of a booking by 40% for 12,000 customers.\n"
	"Backend Engineer, Harbour Systems, March 2015 - 2019. Six people.\n"
	"Skills\nPython, PostgreSQL, Docker, k8s\n";
static const char request[] = "Data Engineer\nContoso\nWe look for Python and SQL.";

/* The claims, joined by "|". */
static const char *claims(const char *text)
{
	static char joined[2000];
	const char *sources[] = {resume, NULL, request};
	struct arena *a = arena_new(16 << 20);
	struct strings out;

	joined[0] = '\0';
	claims_unsupported(a, text, sources, 3, &out);
	for (size_t i = 0; i < out.n; i++)
		snprintf(joined + strlen(joined), sizeof joined - strlen(joined), "%s%s", i > 0 ? "|" : "",
				 out.items[i]);
	arena_free(a);
	return joined;
}

TEST(what_is_there_is_supported)
{
	CHECK_STR(claims("Dear Hiring Manager,\n\nI am writing to apply for the Data Engineer position "
					 "at Contoso. As a Senior Backend Engineer at Northwind Freight I built the "
					 "booking service and cut the time of a booking by 40% for 12000 customers. "
					 "At Harbour Systems I led 6 people from March 2015 to 2019. Having used "
					 "Python, PostgreSQL and Kubernetes daily, I bring strong communication.\n\n"
					 "Kind regards,\nAda Lovelace"),
			  "");
	CHECK_STR(claims(""), "");
}

TEST(invented_employers)
{
	CHECK_STR(claims("At Initech I built the booking service."), "Initech");
	CHECK_STR(claims("I joined Globex Corporation of Springfield."),
			  "Globex Corporation of Springfield");
	CHECK_STR(claims("Initech Systems taught me a lot."), "Initech Systems");
	CHECK_STR(claims("- Led Initech to success\n- Improved Contoso"), "Initech");
}

TEST(invented_titles)
{
	CHECK_STR(claims("I worked as a chief engineer."), "chief engineer");
	CHECK_STR(claims("I am an accountant and a senior engineer."), "accountant");
}

TEST(invented_skills)
{
	CHECK_STR(claims("I know Python, Terraform and kubernetes."), "Terraform");
	CHECK_STR(claims("I wrote machine learning pipelines."), "machine learning");
}

TEST(invented_numbers_and_dates)
{
	CHECK_STR(claims("I cut costs by 55% in 2021."), "55%|2021");
	CHECK_STR(claims("I served 12k customers and 1,000,000 users."), "1,000,000");
	CHECK_STR(claims("I led seven people, six of them new."), "seven");
}

TEST_MAIN()

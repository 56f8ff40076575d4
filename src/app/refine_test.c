#include "app/refine.h"

#include "base/test.h"

static struct arena *mem;
static struct profile profile;
static struct skill skills[3];

static void start(void)
{
	mem = arena_free(mem);
	mem = arena_new(64 << 20);
	skills[0] = (struct skill){.name = "Python", .canonical = "Python", .confidence = 0.9};
	skills[1] = (struct skill){.name = "Team", .confidence = 0.3};
	skills[2] = (struct skill){.name = "k8s", .canonical = "Kubernetes", .confidence = 0.8};
	profile = (struct profile){
		.name = {.value = "Curriculum Vitae", .confidence = 0.4},
		.email = {.value = "ada@example.org", .confidence = 0.95},
		.skills = {skills, 3},
		.resume_probability = 0.9,
		.text = "Curriculum Vitae\nADA  LOVELACE\nada@example.org, referee: bob@example.org\n"
				"Tel. +44 (0)20 7946-0958\nSkills: Python, k8s, Bookbinding, team\n",
	};
}

static const char *names(void)
{
	static char joined[500];
	const struct skill *s = profile.skills.items;

	joined[0] = '\0';
	for (size_t i = 0; i < profile.skills.n; i++)
		snprintf(joined + strlen(joined), sizeof joined - strlen(joined), "%s%s", i > 0 ? "," : "",
				 s[i].name);
	return joined;
}

TEST(what_is_in_the_document_counts)
{
	const char *said[] = {"Kubernetes", "bookbinding", "Rust"};
	struct refined r = {.name = "Ada Lovelace", .phone = "+44 020 79460958", .skills = {said, 3}};

	start();
	CHECK_INT(refine_merge(mem, &r, &profile), 1);
	CHECK_STR(profile.name.value, "Ada Lovelace");
	CHECK_STR(profile.name.evidence.text, "ADA  LOVELACE");
	CHECK(profile.name.confidence > 0.7 && profile.name.confidence < 0.9);
	CHECK_STR(profile.phone.value, "+44 020 79460958");
	CHECK_STR(profile.phone.evidence.text, "+44 (0)20 7946-0958");
	CHECK_STR(names(), "Python,k8s,Bookbinding");
	CHECK(skills[2].confidence < 0.9);
	CHECK(((struct skill *)profile.skills.items)[1].confidence > 0.9);
}

TEST(what_is_not_is_dropped)
{
	const char *said[] = {"Terraform"};
	struct refined r = {.name = "Grace Hopper",
						.email = "grace@example.org",
						.phone = "+44 20 7946 0959",
						.domain_knowledge = "Leads 40 people at Initech.",
						.skills = {said, 1}};

	start();
	CHECK_INT(refine_merge(mem, &r, &profile), 5);
	CHECK_STR(profile.name.value, "Curriculum Vitae");
	CHECK_STR(profile.email.value, "ada@example.org");
	CHECK(profile.phone.value == NULL && profile.domain_knowledge.value == NULL);
	CHECK_STR(names(), "Python,k8s");
}

TEST(a_sure_value_stays)
{
	struct refined r = {.email = "bob@example.org"};

	start();
	CHECK_INT(refine_merge(mem, &r, &profile), 0);
	CHECK_STR(profile.email.value, "ada@example.org");
	CHECK_STR(names(), "Python,Team,k8s");
	profile.email.confidence = 0.5;
	CHECK_INT(refine_merge(mem, &r, &profile), 0);
	CHECK_STR(profile.email.value, "bob@example.org");
}

TEST(asks_where_it_is_unsure)
{
	start();
	CHECK(refine_needed(&profile));
	profile.name.confidence = 0.95;
	CHECK(!refine_needed(&profile));
	profile.email.value = NULL;
	CHECK(refine_needed(&profile));
	profile.resume_probability = 0.1;
	CHECK(!refine_needed(&profile));
}

TEST(notes)
{
	start();
	refine_note(mem, &profile, "model", "one");
	refine_note(mem, &profile, "model", "two");
	CHECK_INT(profile.findings.n, 2);
	CHECK_STR(((struct finding *)profile.findings.items)[1].message, "two");
}

TEST_MAIN()

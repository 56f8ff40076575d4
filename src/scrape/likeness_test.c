#include "scrape/likeness.h"

#include "base/test.h"

static const char text[] =
	"We are looking for a backend engineer who builds and runs the services behind our payment "
	"platform in Go and PostgreSQL. You work with product people every day, review code, keep the "
	"systems observable and share the on-call duty of the team. Five years of experience help.";

static const char other_text[] =
	"Our sales team in the north grows and needs somebody who likes to visit customers, listens "
	"to what they need and brings the right offers together with the people of our back office. "
	"A driving licence and good knowledge of the hotel business are a must for this position.";

static struct arena *arena;

static struct likeness of(const char *title, const char *company, const char *location,
						  const char *description)
{
	struct posting p = {
		.title = title, .company = company, .location = location, .text = description};
	struct likeness l;

	if (arena == NULL)
		arena = arena_new(64 << 20);
	likeness_of(arena, &p, &l);
	return l;
}

static bool share_key(const struct likeness *a, const struct likeness *b)
{
	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < b->n; k++)
			if (a->keys[i] == b->keys[k])
				return true;
	return false;
}

static bool same(struct likeness a, struct likeness b)
{
	return share_key(&a, &b) && likeness_same(&a, &b, false) && likeness_same(&b, &a, false);
}

TEST(names_are_one_however_written)
{
	struct likeness a =
		of("Senior Backend Engineer (m/w/d)", "Acme GmbH", "München, Germany", NULL);

	CHECK(same(a, of("Sr. Backend Engineer", "ACME", "Munich", NULL)));
	CHECK(same(a, of("Backend Engineer, Senior - Munich", "Acme", "Munich, Bavaria", NULL)));
	CHECK(!same(a, of("Backend Engineer", "Acme", "Munich", NULL)));
	CHECK(!same(a, of("Senior Backend Engineer", "Acme", "Berlin", NULL)));
	CHECK(!same(a, of("Senior Backend Engineer", "Bolt", "Munich", NULL)));
	CHECK(!same(a, of("Senior Frontend Engineer", "Acme", "Munich", NULL)));
}

TEST(texts_that_are_nearly_one)
{
	const char *edited = arena_printf(arena, "About the role: %s Apply now!", text);
	struct likeness a = of("Backend Engineer", "Acme", "Berlin", text);

	CHECK(likeness_text(&a, &a) > 0.99);
	CHECK(same(a, of("Backend Engineer Payments", "Acme Payments", "Berlin", edited)));
	CHECK(same(a, of("Backend Engineer", "Hidden Recruiters", "Berlin", text)));
	CHECK(!same(a, of("Backend Engineer", "Hidden Recruiters", "Berlin", other_text)));
	CHECK(!same(a, of("Backend Engineer", "Acme", "Berlin", other_text)));
	CHECK(!same(a, of("Data Analyst", "Acme", "Berlin", text)));
}

TEST(two_openings_of_one_listing_stay_two)
{
	struct likeness a = of("Backend Engineer", "Acme", "Berlin", text);
	struct likeness b = of("Backend Engineer", "Acme", "Berlin", other_text);

	CHECK(!likeness_same(&a, &b, true));
	CHECK(likeness_same(&a, &a, true));
	b = of("Backend Engineer", "Acme", "Berlin", NULL);
	CHECK(!likeness_same(&a, &b, true));
}

TEST(the_same_address)
{
	struct likeness a = of("Backend Engineer", "Acme", "Berlin", text);
	struct likeness b = of("Backend Engineer - great team", NULL, NULL, NULL);

	a.url = b.url = "https://acme.example/jobs/1";
	CHECK(likeness_same(&a, &b, false));
	b.title = "cook";
	CHECK(!likeness_same(&a, &b, false));
}

TEST(signatures_survive_storage)
{
	char printed[LIKENESS_TEXT_SIZE];
	struct likeness a = of("Backend Engineer", "Acme", "Berlin", text), b;
	struct posting p = {.title = "Backend Engineer", .company = "Acme", .location = "Berlin"};

	likeness_known(arena, &p, likeness_print(&a, printed), &b);
	CHECK(b.has_text && likeness_text(&a, &b) == 1.0);
	CHECK(memcmp(a.keys, b.keys, sizeof a.keys) == 0);
	likeness_known(arena, &p, "short", &b);
	CHECK(!b.has_text && likeness_text(&a, &b) < 0);
}

TEST(pay_compares_by_the_year)
{
	CHECK(pay_year(&(struct pay){.min = 50, .period = "hour"}) == 104000);
	CHECK(pay_year(&(struct pay){.min = 4000, .max = 5000, .period = "month"}) == 60000);
	CHECK(pay_year(&(struct pay){.max = 70000}) == 70000);
	CHECK(pay_year(&(struct pay){0}) == 0);
}

TEST_MAIN()

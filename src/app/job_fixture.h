/*
 * job_fixture: made-up postings whose truth is known: which of them are one job. Companies repeat
 * themselves (the same paragraph about them in each posting, the same role in several cities, the
 * senior and the junior one side by side), boards rewrite what they copy. The same seed gives the
 * same postings.
 */
#pragma once
#include <string.h>

#include "scrape/posting.h"

struct fixture {
	struct posting *items;
	int *truth; /* of each, the number of its job */
	size_t n, jobs;
};

struct fixture_maker {
	struct arena *a;
	uint64_t state;
};

static inline unsigned fixture_any(struct fixture_maker *m, unsigned below)
{
	m->state ^= m->state << 13;
	m->state ^= m->state >> 7;
	m->state ^= m->state << 17;
	return (unsigned)((m->state >> 11) % below);
}

#define FIXTURE_PICK(m, list) ((list)[fixture_any((m), sizeof(list) / sizeof((list)[0]))])

static const char *const fixture_syllables[] = {"nor", "vel", "tri", "ma",  "lu",  "ken", "so",
												"bra", "qui", "des", "fal", "gor", "hin", "jas",
												"pel", "ron", "sta", "ty",  "und", "wex"};
static const char *const fixture_suffixes[] = {"GmbH", "AG",   "Inc.", "Ltd",
											   "LLC",  "B.V.", "S.A.", ""};
static const char *const fixture_roles[] = {"Backend Engineer",
											"Frontend Engineer",
											"Data Engineer",
											"Data Scientist",
											"Product Manager",
											"Account Executive",
											"Sales Manager",
											"UX Designer",
											"DevOps Engineer",
											"QA Engineer",
											"Support Specialist",
											"Office Manager",
											"Financial Analyst",
											"HR Business Partner",
											"Site Reliability Engineer",
											"Security Engineer",
											"Marketing Manager",
											"Content Writer",
											"Nurse",
											"Project Manager",
											"Mechanical Engineer",
											"Electrician",
											"Warehouse Worker",
											"Customer Success Manager",
											"Machine Learning Engineer",
											"Android Developer",
											"iOS Developer",
											"Business Analyst",
											"Solutions Architect",
											"Technical Writer"};
static const char *const fixture_teams[] = {
	"", "", "", "Payments", "Platform", "Logistics", "Growth", "Insights", "Mobility", "Billing"};
static const char *const fixture_ranks[] = {"", "", "", "Senior ", "Junior ", "Lead "};
static const char *const fixture_cities[][3] = {
	{"Berlin", "Berlin, Germany", "10115 Berlin"},
	{"München", "Munich, Germany", "Munich"},
	{"Hamburg", "Hamburg, DE", "Hamburg, Germany"},
	{"London", "London, UK", "London, England, United Kingdom"},
	{"Paris", "Paris, France", "Paris, Île-de-France"},
	{"Amsterdam", "Amsterdam, NL", "Amsterdam, Netherlands"},
	{"Wien", "Vienna, Austria", "Vienna"},
	{"New York", "New York, NY", "New York City"},
	{"Austin", "Austin, TX", "Austin, Texas, United States"},
	{"Toronto", "Toronto, ON", "Toronto, Canada"},
	{"Zürich", "Zurich, Switzerland", "Zürich, CH"},
	{"Madrid", "Madrid, Spain", "Madrid, ES"}};
static const char *const fixture_verbs[] = {
	"build",    "run",  "improve", "plan",    "review",    "measure", "design",  "document",
	"automate", "lead", "test",    "support", "negotiate", "teach",   "simplify"};
static const char *const fixture_things[] = {
	"services",   "reports",   "campaigns",    "dashboards",  "interfaces", "contracts",
	"processes",  "pipelines", "machines",     "releases",    "budgets",    "customers' projects",
	"prototypes", "shifts",    "integrations", "experiments", "guidelines", "deliveries",
	"audits",     "incidents"};
static const char *const fixture_ways[] = {"with a small team",
										   "across three countries",
										   "from the first idea to daily use",
										   "together with our partners",
										   "in short cycles",
										   "under real load",
										   "for internal users",
										   "with care for detail",
										   "on your own responsibility",
										   "for thousands of people",
										   "in a regulated market",
										   "with modern tools",
										   "at any hour",
										   "in two languages"};
static const char *const fixture_skills[] = {
	"Python",    "Java",  "Kubernetes", "SQL",    "Excel", "Figma", "Salesforce", "React",
	"Terraform", "Kafka", "SAP",        "Docker", "Scala", "Rust",  "Tableau",    "Jira"};

static inline const char *fixture_sentence(struct fixture_maker *m)
{
	return arena_printf(m->a, "You %s %s and %s %s %s.", FIXTURE_PICK(m, fixture_verbs),
						FIXTURE_PICK(m, fixture_things), FIXTURE_PICK(m, fixture_verbs),
						FIXTURE_PICK(m, fixture_things), FIXTURE_PICK(m, fixture_ways));
}

static inline const char *fixture_sentences(struct fixture_maker *m, unsigned n)
{
	struct buf b;

	buf_init(&b, m->a, 16384);
	while (n-- > 0)
		buf_addf(&b, "%s%s", b.n > 0 ? " " : "", fixture_sentence(m));
	return buf_str(&b);
}

static inline const char *fixture_name(struct fixture_maker *m)
{
	return arena_printf(m->a, "%c%s%s%s", 'A' + (int)fixture_any(m, 26),
						FIXTURE_PICK(m, fixture_syllables), FIXTURE_PICK(m, fixture_syllables),
						FIXTURE_PICK(m, fixture_syllables));
}

struct fixture_company {
	const char *name, *suffix, *about;
};

/* A job at its company's own board. */
static inline struct posting fixture_job(struct fixture_maker *m, const struct fixture_company *c,
										 size_t number)
{
	const char *team = FIXTURE_PICK(m, fixture_teams);
	struct posting p = {.source = "careers"};

	p.title = arena_printf(m->a, "%s%s%s%s", FIXTURE_PICK(m, fixture_ranks),
						   FIXTURE_PICK(m, fixture_roles), *team != '\0' ? ", " : "", team);
	p.company = arena_printf(m->a, "%s%s%s", c->name, *c->suffix != '\0' ? " " : "", c->suffix);
	p.location = FIXTURE_PICK(m, fixture_cities)[0];
	p.text =
		arena_printf(m->a, "%s\n\n%s\n\nYou know %s, %s and %s.", c->about,
					 fixture_sentences(m, 8 + fixture_any(m, 8)), FIXTURE_PICK(m, fixture_skills),
					 FIXTURE_PICK(m, fixture_skills), FIXTURE_PICK(m, fixture_skills));
	p.url = arena_printf(m->a, "https://careers.%s.example/%zu", c->name, number);
	p.mark = p.url;
	return p;
}

/* Another job that looks like this one: another city, or rank, or a second opening. */
static inline struct posting fixture_near(struct fixture_maker *m, const struct posting *of,
										  size_t number)
{
	struct posting p = *of;

	switch (fixture_any(m, 3)) {
	case 0:
		do
			p.location = FIXTURE_PICK(m, fixture_cities)[0];
		while (strcmp(p.location, of->location) == 0);
		break;
	case 1:
		p.title = strncmp(p.title, "Senior ", 7) == 0 ? p.title + 7
													  : arena_printf(m->a, "Senior %s", p.title);
		break;
	default:
		p.text = arena_printf(m->a, "%.*s\n\n%s", (int)strcspn(p.text, "\n"), p.text,
							  fixture_sentences(m, 10));
	}
	p.url = p.mark = arena_printf(m->a, "%s-%zu", of->url, number);
	return p;
}

/* ---- disguises ---- */

static inline const char *fixture_retitle(struct fixture_maker *m, const char *title,
										  const char *city)
{
	switch (fixture_any(m, 6)) {
	case 0: return arena_printf(m->a, "%s (m/w/d)", title);
	case 1: return arena_printf(m->a, "%s - %s", title, city);
	case 2: return arena_printf(m->a, "URGENT: %s", title);
	case 3:
		if (strncmp(title, "Senior ", 7) == 0)
			return arena_printf(m->a, "Sr. %s", title + 7);
		if (strncmp(title, "Junior ", 7) == 0)
			return arena_printf(m->a, "Jr. %s", title + 7);
		return arena_printf(m->a, "%s (f/m/x)", title);
	default: return title;
	}
}

static inline const char *fixture_recompany(struct fixture_maker *m,
											const struct fixture_company *c)
{
	switch (fixture_any(m, 8)) {
	case 0: return NULL;
	case 1: return "Bright Recruiting Partners";
	case 2: return arena_printf(m->a, "%s Group", c->name);
	case 3: return arena_printf(m->a, "%s %s", c->name, FIXTURE_PICK(m, fixture_suffixes));
	default: return c->name;
	}
}

/* Leaves sentences out, one in so many; 0: none. */
static inline const char *fixture_drop(struct fixture_maker *m, const char *text, unsigned one_in)
{
	struct buf b;

	buf_init(&b, m->a, 32768);
	while (*text != '\0') {
		size_t n = strcspn(text, ".");

		n += text[n] == '.';
		if (one_in == 0 || fixture_any(m, one_in) > 0)
			buf_add(&b, text, n);
		text += n;
	}
	return buf_str(&b);
}

static inline const char *fixture_retext(struct fixture_maker *m, const char *text)
{
	switch (fixture_any(m, 8)) {
	case 0: return NULL;
	case 1: return arena_strndup(m->a, text, strlen(text) * 2 / 5); /* a teaser */
	case 2: return fixture_drop(m, text, 8);
	case 3:
		return arena_printf(m->a, "Our client is looking for you! %s Apply today.",
							fixture_drop(m, text, 12));
	case 4:
		return arena_printf(m->a,
							"%s\n\nEqual opportunities for everybody. Posted by JobBoard, "
							"your partner for a better working life since 2004.",
							text);
	default: return text;
	}
}

/* The same job as a board shows it. */
static inline struct posting fixture_copy(struct fixture_maker *m, const struct posting *of,
										  const struct fixture_company *c, size_t number)
{
	static const char *const boards[] = {"alpha", "beta", "gamma", "delta"};
	struct posting p = *of;
	size_t city = 0;

	while (strcmp(fixture_cities[city][0], of->location) != 0)
		city++;
	p.source = FIXTURE_PICK(m, boards);
	p.title = fixture_retitle(m, of->title, of->location);
	p.company = fixture_recompany(m, c);
	p.location = fixture_cities[city][fixture_any(m, 3)];
	p.text = fixture_retext(m, of->text);
	/* One in six leads to the company's own page. */
	p.url = fixture_any(m, 6) == 0
				? of->url
				: arena_printf(m->a, "https://%s.example/jobs/%zu", p.source, number);
	p.mark = arena_printf(m->a, "%zu", number);
	return p;
}

/* Two jobs that nobody could tell apart get different texts. */
static inline void fixture_tell_apart(struct fixture_maker *m, struct fixture *f, size_t i,
									  const size_t *origin)
{
	struct posting *p = &f->items[i];

	for (size_t k = 0; k < f->jobs; k++) {
		const struct posting *other = &f->items[origin[k]];

		if (strcmp(p->company, other->company) == 0 && strcmp(p->title, other->title) == 0 &&
			strcmp(p->location, other->location) == 0 && strcmp(p->text, other->text) == 0)
			p->text = arena_printf(m->a, "%.*s\n\n%s", (int)strcspn(p->text, "\n"), p->text,
								   fixture_sentences(m, 10));
	}
}

/* n postings, of which share_of_copies in a hundred are copies of earlier ones; all in the arena.
 */
static inline struct fixture fixture_make(struct arena *a, size_t n, unsigned share_of_copies,
										  uint64_t seed)
{
	enum { COMPANIES = 400 };
	struct fixture_maker m = {a, seed};
	struct fixture f = {ARENA_ARRAY(a, n, struct posting), ARENA_ARRAY(a, n, int), n, 0};
	struct fixture_company *companies = ARENA_ARRAY(a, COMPANIES, struct fixture_company);
	size_t *origin = ARENA_ARRAY(a, n, size_t), *company = ARENA_ARRAY(a, n, size_t);

	for (size_t i = 0; i < COMPANIES; i++)
		companies[i] = (struct fixture_company){
			fixture_name(&m), FIXTURE_PICK(&m, fixture_suffixes), fixture_sentences(&m, 4)};
	for (size_t i = 0; i < n; i++) {
		unsigned dice = fixture_any(&m, 100);
		size_t job = f.jobs > 0 ? fixture_any(&m, (unsigned)f.jobs) : 0;

		if (i > 50 && dice < share_of_copies) {
			f.items[i] = fixture_copy(&m, &f.items[origin[job]], &companies[company[job]], i);
			f.truth[i] = (int)job;
			continue;
		}
		if (i > 50 && dice < share_of_copies + 15) {
			f.items[i] = fixture_near(&m, &f.items[origin[job]], i);
			company[f.jobs] = company[job];
		} else {
			company[f.jobs] = fixture_any(&m, COMPANIES);
			f.items[i] = fixture_job(&m, &companies[company[f.jobs]], i);
		}
		fixture_tell_apart(&m, &f, i, origin);
		origin[f.jobs] = i;
		f.truth[i] = (int)f.jobs++;
	}
	return f;
}

/* ---- how well they were told apart ---- */

struct fixture_score {
	double precision, recall; /* of pairs of postings that were taken for one job */
};

/* found: of each posting, the id of the job it became (1 to most). */
static inline struct fixture_score fixture_judge(struct arena *a, const struct fixture *f,
												 const int64_t *found, size_t most)
{
	size_t *by_found = ARENA_ARRAY(a, most + 1, size_t),
		   *by_truth = ARENA_ARRAY(a, f->jobs, size_t);
	double taken = 0, real = 0, right = 0;

	for (size_t i = 0; i < f->n; i++) {
		taken += (double)by_found[found[i]]++;
		real += (double)by_truth[f->truth[i]]++;
		for (size_t k = 0; k < i; k++)
			right += found[i] == found[k] && f->truth[i] == f->truth[k];
	}
	return (struct fixture_score){taken > 0 ? right / taken : 1, real > 0 ? right / real : 1};
}

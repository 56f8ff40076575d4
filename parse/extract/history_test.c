#include "data/json.h"
#include "parse/extract/test_doc.h"

/* The value at a path of keys and indices, "work.0.name"; NULL if it is absent. */
static const char *at(const struct profile *p, const char *path)
{
	const struct json_value *v;
	const char *why;

	CHECK(p->resume.text != NULL);
	CHECK_INT(json_parse(made_arena, p->resume.text, strlen(p->resume.text), &v, &why), OK);
	for (const char *s = path; *s != '\0' && v != NULL;) {
		size_t n = strcspn(s, ".");
		char *key = arena_strndup(made_arena, s, n);
		int64_t i;

		v = text_int(key, &i) == OK ? json_at(v, (size_t)i) : json_get(v, key);
		s += n;
		s += *s == '.';
	}
	return json_kind(v) == JSON_STRING ? json_string(v)
		   : v == NULL                 ? NULL
									   : json_text(made_arena, v);
}

static struct profile *resume(const char *body)
{
	static char text[4000];

	snprintf(text, sizeof text, "# Ada Byron\nData Engineer\nada@example.org\n%s", body);
	return read_made(made(text));
}

TEST(history_reads_title_and_company_on_one_line)
{
	struct profile *p = resume(
		"## Experience\nData Engineer, Acme Ltd\tMar 2015 – Feb 2019\nLeeds\n* Built engines\n"
		"Analyst, Kola Logistics\t2012 – 2015\nYork\n* Counted crates\n");

	CHECK_STR(at(p, "work.0.position"), "Data Engineer");
	CHECK_STR(at(p, "work.0.name"), "Acme Ltd");
	CHECK_STR(at(p, "work.0.location"), "Leeds");
	CHECK_STR(at(p, "work.0.startDate"), "2015-03");
	CHECK_STR(at(p, "work.0.endDate"), "2019-02");
	CHECK_STR(at(p, "work.0.highlights.0"), "Built engines");
	CHECK_STR(at(p, "work.1.name"), "Kola Logistics");
	CHECK_STR(at(p, "work.1.startDate"), "2012");
}

TEST(history_reads_company_over_title)
{
	struct profile *p =
		resume("## Experience\nLough Systems\tDublin\nSenior Engineer\tMar 2019 – now\n* Moved\n"
			   "Claddagh\tGalway\nSystems Administrator\tJun 2014 – Feb 2019\n* Kept servers\n");

	CHECK_STR(at(p, "work.0.name"), "Lough Systems");
	CHECK_STR(at(p, "work.0.position"), "Senior Engineer");
	CHECK_STR(at(p, "work.0.location"), "Dublin");
	CHECK_STR(at(p, "work.0.endDate"), NULL);
	CHECK_STR(at(p, "work.1.name"), "Claddagh");
	CHECK_STR(at(p, "work.1.position"), "Systems Administrator");
}

TEST(history_reads_dates_first)
{
	struct profile *p =
		resume("## Berufserfahrung\n2018 – heute — Entwicklungsingenieur, Havel AG\n* CAD\n"
			   "2015 – 2018 — Techniker, Spree GmbH\n* Wartung\n");

	CHECK_STR(at(p, "work.0.position"), "Entwicklungsingenieur");
	CHECK_STR(at(p, "work.0.name"), "Havel AG");
	CHECK_STR(at(p, "work.1.name"), "Spree GmbH");
	CHECK_STR(at(p, "work.1.endDate"), "2018");
}

TEST(history_reads_positions_of_one_company)
{
	struct profile *p = resume("## Experience\nAcme Inc\nLead Engineer\t2019 – Present\n* "
							   "Led\nEngineer\t2015 – 2019\n* Built\n");

	CHECK_STR(at(p, "work.0.name"), "Acme Inc");
	CHECK_STR(at(p, "work.0.position"), "Lead Engineer");
	CHECK_STR(at(p, "work.1.name"), "Acme Inc");
	CHECK_STR(at(p, "work.1.position"), "Engineer");
	CHECK_STR(at(p, "work.1.startDate"), "2015");
}

TEST(history_counts_years_once)
{
	struct profile *p = resume("## Experience\nEngineer, Acme Ltd\tJan 2010 – Dec 2012\n* Built\n"
							   "Teacher, Some School\tJan 2012 – Dec 2013\n* Taught\n");

	CHECK_STR(at(p, "meta.experienceYears"), "4");
}

TEST(education_tells_degree_subject_and_school)
{
	struct profile *p = resume(
		"## Education\nBachelor of Science in Computer Science\nRim University, 2010 – 2014\n"
		"MSc, Statistics, University of York (2015-2017)\nGPA: 3.8/4.0\n");

	CHECK_STR(at(p, "education.0.studyType"), "Bachelor of Science");
	CHECK_STR(at(p, "education.0.area"), "Computer Science");
	CHECK_STR(at(p, "education.0.institution"), "Rim University");
	CHECK_STR(at(p, "education.0.startDate"), "2010");
}

TEST(languages_have_levels)
{
	struct profile *p = resume(
		"## Skills\nC\n## Languages\nEnglish (Native), Irish – B2\nDeutsch: Muttersprache\n");

	CHECK_STR(at(p, "languages.0.language"), "English");
	CHECK_STR(at(p, "languages.0.fluency"), "Native");
	CHECK_STR(at(p, "languages.1.fluency"), "B2");
	CHECK_STR(at(p, "languages.2.fluency"), "Muttersprache");
}

TEST(links_lose_what_follows_people)
{
	struct profile *p = resume("https://www.linkedin.com/in/ada-byron/?trk=x&utm_source=y | "
							   "github.com/adab | https://ada.example\n"
							   "## Skills\nPython\n");

	CHECK_STR(at(p, "basics.profiles.0.network"), "LinkedIn");
	CHECK_STR(at(p, "basics.profiles.0.username"), "ada-byron");
	CHECK_STR(at(p, "basics.profiles.0.url"), "https://www.linkedin.com/in/ada-byron");
	CHECK_STR(at(p, "basics.profiles.1.url"), "https://github.com/adab");
	CHECK_STR(at(p, "basics.url"), "https://ada.example");
}

TEST(location_is_taken_apart)
{
	struct profile *p =
		resume("12 Quay Street, H91 X2Y3 Galway, Connacht | +353 20 915 0142\n## Skills\nPython\n");

	CHECK_STR(at(p, "basics.location.address"), "12 Quay Street");
	CHECK_STR(at(p, "basics.location.postalCode"), "H91 X2Y3");
	CHECK_STR(at(p, "basics.location.city"), "Galway");
	CHECK_STR(at(p, "basics.location.region"), "Connacht");
	p = resume("Boston, MA, US\n## Skills\nPython\n");
	CHECK_STR(at(p, "basics.location.city"), "Boston");
	CHECK_STR(at(p, "basics.location.region"), "MA");
	CHECK_STR(at(p, "basics.location.countryCode"), "US");
	p = resume("Lindenallee 3, 10115 Berlin\n## Kenntnisse\nSAP\n");
	CHECK_STR(at(p, "basics.location.postalCode"), "10115");
	CHECK_STR(at(p, "basics.location.city"), "Berlin");
}

TEST(certificates_have_issuer_and_date)
{
	struct profile *p =
		resume("## Certifications\nCertified Kubernetes Administrator (CNCF, 2021)\n");

	CHECK_STR(at(p, "certificates.0.name"), "Certified Kubernetes Administrator");
	CHECK_STR(at(p, "certificates.0.issuer"), "CNCF");
	CHECK_STR(at(p, "certificates.0.date"), "2021");
}

TEST(findings_tell_of_two_people)
{
	struct profile *p = read_made(made(
		"# Ada Byron\nada.byron@example.org\n## Experience\nEngineer, Acme\t2015 – 2019\n"
		"# Grace Hopper\ngrace.hopper@example.org\n## Experience\nAdmiral, Navy\t1950 – 1986\n"));

	CHECK_INT(p->findings.n, 1);
	CHECK_STR(((struct finding *)p->findings.items)[0].kind, "two_people");
}

TEST(nothing_is_read_from_nothing)
{
	struct profile *p = read_made(made("Minutes\nThe roof will be repaired in 2019.\n"));

	CHECK_STR(at(p, "work"), "[]");
	CHECK_STR(at(p, "education"), "[]");
	CHECK_STR(at(p, "meta.evidence"), "[]");
}

TEST_MAIN()

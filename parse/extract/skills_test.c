#include "parse/extract/skill_list.h"
#include "parse/extract/test_doc.h"

static const char *skills(const char *text)
{
	return skills_of(read_made(made(text)));
}

/* The items of one paragraph, joined by bars. */
static const char *list(const char *text)
{
	struct skill_item items[SKILL_ITEMS_MAX];
	size_t n = skill_list(taxonomy_builtin(), text, strlen(text), items, SKILL_ITEMS_MAX);
	static char out[2000];
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(out + at, sizeof out - at, "%s%s%.*s", i > 0 ? "|" : "",
							   items[i].prose ? "~" : "", (int)items[i].length,
							   text + items[i].start);
	return out;
}

TEST(list_separators)
{
	CHECK_STR(list("Python, Java; C++ | Go • Rust · SQL"), "Python|Java|C++|Go|Rust|SQL");
	CHECK_STR(list("HTML/CSS, CI/CD, A/B Testing"), "HTML/CSS|CI/CD|A/B Testing");
	CHECK_STR(list("Python / Java / SQL"), "Python|Java|SQL");
	CHECK_STR(list("Python, Java and SQL."), "Python|Java|SQL");
	CHECK_STR(list("Backup and Recovery, Python & SQL"), "Backup and Recovery|Python|SQL");
	CHECK_STR(list("AWS\tAzure\tDocker"), "AWS|Azure|Docker");
	CHECK_STR(list("Horse whispering, falconry"), "Horse whispering|falconry");
}

TEST(list_labels)
{
	CHECK_STR(list("Programming Languages: Python, R"), "Python|R");
	CHECK_STR(list("Cloud (Advanced): AWS, GCP"), "AWS|GCP");
	CHECK_STR(list("Cloud – AWS, GCP"), "AWS|GCP");
	CHECK_STR(list("Python: Advanced"), "Python");
	CHECK_STR(list("Databases:"), "");
	CHECK_STR(list("Languages: Python; Tools: Git, Jira"), "Python|Git|Jira");
}

TEST(list_brackets)
{
	CHECK_STR(list("Cloud (AWS, GCP), Python (Django)"), "Cloud|AWS|GCP|Python|Django");
	CHECK_STR(list("Excel (advanced), Word (5 years)"), "Excel|Word");
	CHECK_STR(list("Customer care (retail floor)"), "Customer care (retail floor)");
}

TEST(list_levels)
{
	CHECK_STR(list("Python – Expert, Java - 5 years"), "Python|Java");
	CHECK_STR(list("Python ★★★★☆"), "Python");
	CHECK_STR(list("Excel 80%"), "Excel");
	CHECK_STR(list("Horse whispering 8/10; Falconry 40 %; Jousting 12 years"),
			  "Horse whispering|Falconry|Jousting");
	CHECK_STR(list("UV-Vis Spectroscopy; 1099 Reporting"), "UV-Vis Spectroscopy|1099 Reporting");
	CHECK_STR(list("Falconry, Jousting, Python & Horse whispering"),
			  "Falconry|Jousting|Python|Horse whispering");
	CHECK_STR(list("Proficient in Excel and Word"), "Excel|Word");
	CHECK_STR(list("Advanced"), "");
	CHECK_STR(list("sehr gute Kenntnisse in SAP, MS Office (gut)"), "SAP|MS Office");
	CHECK_STR(list("Fluent in Spanish and English; Python"), "Python");
	CHECK_STR(list("English (native), Python, Français : courant"), "Python");
}

TEST(list_head_of_table)
{
	CHECK_STR(list("Skill\tYears\tLevel"), "");
	CHECK_STR(list("Kenntnis\tJahre\tNiveau"), "");
	CHECK_STR(list("Falconry\t12\tExpert"), "Falconry");
}

TEST(list_sentences)
{
	CHECK_STR(list("Led a team of twelve people who built the first engine in the whole county"),
			  "~Led a team of twelve people who built the first engine in the whole county");
	CHECK_STR(list("Leadership: led a team of twelve people in the county and built an engine"),
			  "Leadership");
}

TEST(sections_of_skills)
{
	CHECK_STR(skills("# Ada Byron\n## Skills\nPython, Java\n## Experience\nBuilt engines in Rust"),
			  "Python|Java");
	CHECK_STR(skills("# Ada Byron\nSkills: Python, Java\nExperience: Acme"), "Python|Java");
	CHECK_STR(skills("# Ada Byron\n## Technical Skills\nLanguages: Python, C\nTools: Git\n## "
					 "Languages\nEnglish, Welsh"),
			  "Python|C|Git");
	CHECK_STR(skills("# Ada Byron\n## KENNTNISSE\n* Buchhaltung\n* DATEV\n## SPRACHEN\nDeutsch"),
			  "Buchhaltung|DATEV");
	CHECK_STR(skills("# Ada Byron\n## S K I L L S\nPython, Java\n## E D U C A T I O N\nBSc"),
			  "Python|Java");
	CHECK_STR(
		skills(
			"# Ada\n## Key Skills & Competencies\nFirst aid\nTriage\n## Work History\nWard nurse"),
		"First aid|Triage");
}

/* Two columns of cells below a heading, read one after the other. */
TEST(list_in_columns)
{
	struct doc *d = made("# Ada Byron\n## Skills\nFalconry\nJousting\n## Experience\nEngine "
						 "builder, Acme\nHeraldry\nTriage");

	for (int i = 6; i < 8; i++) {
		d->lines[i].column = 1;
		d->lines[i].box = d->lines[i - 4].box;
		d->lines[i].box.x0 += 200;
		d->lines[i].box.x1 += 200;
	}
	CHECK_STR(skills_of(read_made(d)), "Falconry|Jousting|Heraldry|Triage");
}

/* What stands in a box is headed by its first line; what follows the box is not in it. */
TEST(list_in_a_text_box)
{
	struct doc *d = made("# Ada Byron\n## Experience\nEngine builder, Acme\nExpertise\nFalconry\n"
						 "Jousting\nEngine mender, Bolt\n## Education\nHome");

	for (int i = 3; i < 6; i++)
		d->lines[i].region = REGION_TEXTBOX;
	CHECK_STR(skills_of(read_made(d)), "Falconry|Jousting");
}

TEST(and_in_another_language)
{
	CHECK_STR(skills("# Ada Byron\n## Compétences\nPython, Nettoyage en place"),
			  "Python|Nettoyage en place");
	CHECK_STR(skills("# Ada Byron\n## Vaardigheden\nRust, Python en Java"), "Rust|Python|Java");
}

TEST(headings_joined_by_signs)
{
	CHECK_STR(skills("# Ada Byron\nSkills & Abilities\nFalconry, Heraldry\nWork History\nAcme"),
			  "Falconry|Heraldry");
	CHECK_STR(skills("# Ada Byron\n## What I'm good at\nFalconry, Heraldry\n## Jobs\nAcme"),
			  "Falconry|Heraldry");
}

TEST(programming_languages_are_no_languages)
{
	CHECK_STR(skills("# Ada Byron\n## Languages\nPython, Rust\n## Experience\nAcme"),
			  "Python|Rust");
	CHECK_STR(
		skills("# Ada Byron\n## Skills\nPython\n## Languages\nEnglish, Welsh\n## Education\nBSc"),
		"Python");
}

TEST(lists_under_a_level)
{
	CHECK_STR(
		skills("# Ada Byron\n## About\nLondon\nAdvanced\nPython\nfalconry\nMaster\nRust\nKotlin\n"
			   "## Experience\nAcme"),
		"Python|falconry|Rust|Kotlin");
}

TEST(prose_where_there_is_no_list)
{
	CHECK_STR(
		skills("# Ada Byron\n## Experience\nBuilt services in Go and Kubernetes with PostgreSQL.\n"
			   "Let the team go to San Jose and had no access to excel."),
		"Go|Kubernetes|PostgreSQL");
}

TEST(skills_have_evidence_and_canonical_names)
{
	struct profile *p = read_made(made("# Ada Byron\n## Skills\nk8s, falconry"));
	const struct skill *s = p->skills.items;

	CHECK_INT(p->skills.n, 2);
	CHECK_STR(s[0].name, "k8s");
	CHECK_STR(s[0].canonical, "Kubernetes");
	CHECK_STR(s[0].evidence.text, "k8s");
	CHECK_INT(s[0].evidence.page, 1);
	CHECK_STR(s[1].canonical, NULL);
	CHECK(s[0].confidence > s[1].confidence);
}

TEST(ratings_are_no_headings)
{
	CHECK_STR(skills("# Ada Byron\n## Skills\nLOOMS 89%\nFalconry 94%\nWMS 4/5\nJousting 3/5"),
			  "LOOMS|Falconry|WMS|Jousting");
}

/* The second bullet of a line is no separator that would make a label of the first item. */
TEST(two_items_with_bullets)
{
	CHECK_STR(list("Falconry\t○ Heraldry"), "Falconry|Heraldry");
	CHECK_STR(list("Databases\tMySQL, Redis"), "MySQL|Redis");
}

TEST(cloud_of_words)
{
	static const float sizes[] = {14, 15, 10, 8, 9, 11};
	struct doc *d = made("# Ada Byron\n## Skills\nFalconry\nJousting\nHeraldry\nTriage\nBrewing\n"
						 "Rhetoric\n## Experience\nEngine builder, Acme and others");

	for (int i = 0; i < 6; i++)
		d->lines[2 + i].size = sizes[i];
	CHECK_STR(skills_of(read_made(d)), "Falconry|Jousting|Heraldry|Triage|Brewing|Rhetoric");
}

TEST(item_over_two_lines)
{
	CHECK_STR(skills("# Ada Byron\n## Skills\nFalconry, Keeping of\nHawks, Jousting"),
			  "Falconry|Keeping of Hawks|Jousting");
	CHECK_STR(skills("# Ada Byron\n## Compétences\nSage, Élevage de\nfaucons, Joute"),
			  "Sage|Élevage de faucons|Joute");
}

TEST(heading_over_two_lines)
{
	struct doc *d = made("# Ada Byron\n## Experience\nEngine builder\n## AREAS OF\n## STRENGTH\n"
						 "Falconry\nJousting");

	d->lines[4].block = d->lines[3].block;
	CHECK_STR(skills_of(read_made(d)), "Falconry|Jousting");
}

/* "Horse" / "Matters", beside "Jousting, Falconry" / "and Farriery". */
TEST(label_over_two_lines)
{
	struct doc *d = made("# Ada Byron\n## Skills\nHorse\nMatters\nJousting, Falconry,\nFarriery");

	for (int i = 4; i < 6; i++) {
		d->lines[i].box = d->lines[i - 2].box;
		d->lines[i].box.x0 += 120;
		d->lines[i].box.x1 += 200;
	}
	d->lines[3].block = d->lines[2].block;
	CHECK_STR(skills_of(read_made(d)), "Jousting|Falconry|Farriery");
}

TEST(list_numbers)
{
	CHECK_STR(list("1. Falconry"), "Falconry");
	CHECK_STR(list("12) Jousting"), "Jousting");
	CHECK_STR(list("3D Printing; 1099 Reporting"), "3D Printing|1099 Reporting");
	CHECK_STR(skills("# Ada Byron\n## Skills\n1. LOOMS\n2. Falconry"), "LOOMS|Falconry");
}

TEST(list_of_dashes)
{
	CHECK_STR(list("Falconry – Heraldry – Horse whispering – Jousting"),
			  "Falconry|Heraldry|Horse whispering|Jousting");
	CHECK_STR(list("Python - Expert"), "Python");
}

TEST(list_in_sentences_of_knowledge)
{
	CHECK_STR(list("Skilled in Horse Whispering and Court Etiquette. Experienced with Falconry, "
				   "Royal Jousting and Horse Breeding. Skilled in Heraldry."),
			  "Horse Whispering|Court Etiquette|Falconry|Royal Jousting|Horse Breeding|Heraldry");
	CHECK_STR(list("Maîtrise de Python. Bonnes connaissances de Fauconnerie, Joute et Héraldique "
				   "ancienne"),
			  "Python|Fauconnerie|Joute et Héraldique ancienne");
}

/* A label of a rail before the first line; the second goes on with it. */
TEST(rail_over_two_lines)
{
	struct doc *d = made("# Ada Byron\n## Skills\nHorses\tJousting, Falconry, Horse\nWhispering\n"
						 "Courts\tHeraldry, Rhetoric");

	d->lines[3].block = d->lines[2].block;
	d->lines[3].box.x0 += 60;
	d->lines[3].box.x1 += 60;
	d->lines[2].box.x1 = 300;
	CHECK_STR(skills_of(read_made(d)), "Jousting|Falconry|Horse Whispering|Heraldry|Rhetoric");
}

TEST(groups_with_dashes_are_lines)
{
	struct doc *d = made("# Ada Byron\n## Skills\nHorses – Jousting, Falconry\nCourts – Heraldry, "
						 "Rhetoric");

	d->lines[3].block = d->lines[2].block;
	CHECK_STR(skills_of(read_made(d)), "Jousting|Falconry|Heraldry|Rhetoric");
}

TEST(and_within_a_name)
{
	CHECK_STR(list("Python y SQL"), "Python|SQL");
	CHECK_STR(list("Redacción y edición"), "Redacción y edición");
	CHECK_STR(
		skills("# Ada Byron\n## Habilidades\n* Seguridad y salud\n* Mediciones y presupuestos"),
		"Seguridad y salud|Mediciones y presupuestos");
}

/* A few items on each line, and no bar at a line's end: the longest line is not full. */
TEST(list_in_chunks)
{
	struct doc *d = made("# Ada Byron\n## Skills\nFalconry | Royal Jousting | Courtly Heraldry\n"
						 "Triage | Horse Whispering | Brewing\nRhetoric | Grammar | Astronomy\n"
						 "Farriery");

	for (int i = 3; i < 6; i++)
		d->lines[i].block = d->lines[2].block;
	CHECK_STR(skills_of(read_made(d)),
			  "Falconry|Royal Jousting|Courtly Heraldry|Triage|Horse Whispering|Brewing|Rhetoric|"
			  "Grammar|Astronomy|Farriery");
}

/* "Key" / "Talents" in a rail, the list beside it. */
TEST(rail_heading_over_two_lines)
{
	struct doc *d = made("# Ada Byron\n## Experience\nEngine builder\n## Skills\tFalconry\n"
						 "## Summary\nJousting");

	d->lines[4].block = d->lines[3].block;
	CHECK_STR(skills_of(read_made(d)), "Falconry|Jousting");
}

TEST(list_of_labelled_stretches)
{
	CHECK_STR(list("Riding (MySQL/PostgreSQL)"), "Riding|MySQL/PostgreSQL");
	CHECK_STR(list("Bureautique : Word, Excel - Fauconnerie : Joute, Sage"),
			  "Word|Excel|Joute|Sage");
	CHECK_STR(list("Informática: Excel, Photoshop. Otros: Cetrería"), "Excel|Photoshop|Cetrería");
}

/* "Tools Git, Jira", the label in bold. */
TEST(label_in_bold)
{
	struct doc *d =
		made("# Ada Byron\n## Skills\nCourts Heraldry, Rhetoric\nHorses Jousting, Farriery");
	static struct span spans[2][2];

	for (int i = 0; i < 2; i++) {
		spans[i][0] = (struct span){.length = 7, .size = 10, .flags = TEXT_BOLD};
		spans[i][1] = (struct span){.start = 7, .length = 18, .size = 10};
		d->lines[2 + i].spans = spans[i];
		d->lines[2 + i].nspans = 2;
	}
	CHECK_STR(skills_of(read_made(d)), "Heraldry|Rhetoric|Jousting|Farriery");
}

TEST_MAIN()

#include <stdlib.h>

#include "parse/extract/test_doc.h"

static const char resume[] =
	"# Ada Byron\nSenior Data Engineer\nada.byron@example.org | +44 20 7946 0000\n## Summary\n"
	"Engineer with ten years of experience in the design of engines.\n## Experience\nData "
	"Engineer, Acme Ltd\n"
	"2015 - 2019\n* Built pipelines in Python and Airflow\n## Education\nBSc Mathematics, Some "
	"University\n"
	"## Skills\nPython, SQL, Airflow\n## References\nOn request";

TEST(extract_reads_a_resume)
{
	struct profile *p = read_made(made(resume));

	CHECK_STR(p->name.value, "Ada Byron");
	CHECK_STR(p->email.value, "ada.byron@example.org");
	CHECK_STR(p->phone.value, "+44 20 7946 0000");
	CHECK_STR(skills_of(p), "Python|SQL|Airflow");
	CHECK_STR(p->language, "en");
	CHECK(p->resume_probability > 0.9);
	CHECK_INT(p->pages, 1);
	CHECK(strstr(p->domain_knowledge.value, "Senior Data Engineer") != NULL);
	CHECK(p->name.confidence > 0.8 && p->name.evidence.x1 > p->name.evidence.x0);
	CHECK(text_starts(p->text, "Ada Byron\nSenior"));
	CHECK_INT(p->findings.n, 0);
	CHECK(text_starts(p->resume.text, "{\"basics\":{\"name\":\"Ada Byron\""));
}

TEST(extract_fails_without_text)
{
	struct profile p;

	CHECK_INT(extract_profile(made(""), &p), E_RULE);
	CHECK(strstr(made_error.text, "No text") != NULL);
	CHECK_INT(extract_profile(made("•••\n—"), &p), E_RULE);
}

TEST(extract_invents_nothing)
{
	struct profile *p = read_made(
		made("Minutes of the meeting\nThe roof will be repaired in spring.\nNobody objected."));

	CHECK_STR(p->name.value, NULL);
	CHECK_STR(p->email.value, NULL);
	CHECK_STR(p->phone.value, NULL);
	CHECK_STR(p->domain_knowledge.value, NULL);
	CHECK_INT(p->skills.n, 0);
	CHECK(p->resume_probability < 0.5);
	CHECK_STR(((struct finding *)p->findings.items)[0].kind, "not_resume");
}

TEST(extract_tells_languages)
{
	CHECK_STR(read_made(made("Ich habe mit dem Team an der Entwicklung von Anlagen gearbeitet und "
							 "war für die Montage zuständig"))
				  ->language,
			  "de");
	CHECK_STR(read_made(made("J'ai travaillé avec une équipe sur la conception des machines pour "
							 "les clients dans la région"))
				  ->language,
			  "fr");
	CHECK_STR(read_made(made("He trabajado con un equipo en el diseño de las máquinas para los "
							 "clientes de la región"))
				  ->language,
			  "es");
	CHECK_STR(read_made(made("Ho lavorato con il gruppo alla progettazione delle macchine per i "
							 "clienti della regione"))
				  ->language,
			  "it");
	CHECK_STR(read_made(made("Ik heb met het team aan het ontwerp van de machines voor de klanten "
							 "in de regio gewerkt"))
				  ->language,
			  "nl");
}

TEST(extract_does_not_see_hidden_text)
{
	struct doc *d = made("# Ada Byron\nada@example.org\n## Skills\nPython\nCOBOL");

	d->lines[4].flags |= TEXT_HIDDEN;
	CHECK_STR(skills_of(read_made(d)), "Python");
	CHECK(strstr(read_made(d)->text, "COBOL") == NULL);
}

/* Long and repetitive input must not take long: a megabyte of each must come back. */
TEST(extract_is_linear)
{
	static const char *const parts[] = {"a@",      "1 2 3-", "(((",      "Aa ", "x, ",
										"at dot ", "- : ",   "Skills: ", "+1 ("};

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		size_t n = strlen(parts[i]), total = 1 << 20;
		char *text = malloc(total + 1);
		struct profile p;

		for (size_t k = 0; k < total; k++)
			text[k] = parts[i][k % n];
		text[total] = '\0';
		CHECK(extract_profile(made(text), &p) <= OK);
		free(text);
	}
}

TEST_MAIN()

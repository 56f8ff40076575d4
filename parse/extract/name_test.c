#include "parse/extract/test_doc.h"

static const char *name(const char *text)
{
	return read_made(made(text))->name.value;
}

TEST(name_at_the_top)
{
	CHECK_STR(name("# Ada Byron\nMathematician\nada@example.org\n## Experience\nEngine builder"),
			  "Ada Byron");
	CHECK_STR(name("# Curriculum Vitae\n# Ada Byron\nada@example.org"), "Ada Byron");
	CHECK_STR(name("# RESUME\nAda Byron\nada@example.org"), "Ada Byron");
	CHECK_STR(name("# Software Engineer\nAda Byron\nada.byron@example.org"), "Ada Byron");
	CHECK_STR(name("# Ada Byron, Analyst\nada@example.org"), "Ada Byron");
	CHECK_STR(name("Ada Byron | Data Analyst | London\n+44 20 7946 0000"), "Ada Byron");
	CHECK_STR(name("Ada Byron\tada@example.org"), "Ada Byron");
	CHECK_STR(name("Resume of Ada Byron\n12 Some Street\nada@example.org"), "Ada Byron");
}

TEST(name_after_a_greeting)
{
	CHECK_STR(name("# Hello, I'm Ada Byron.\nMathematician\nada@example.org"), "Ada Byron");
	CHECK_STR(name("# Hi, I am Ada\n# Byron.\nMathematician\nada@example.org"), "Ada Byron");
}

TEST(name_over_three_lines)
{
	struct doc *d = made("# María José\n# Núñez\n# Ibáñez\nAnalyst\nmj@example.org\n## "
						 "Experience\nAcme and many other places where there was much to do\n"
						 "Analyses of all kinds, year after year, for the Ministry");

	for (int i = 0; i < 3; i++)
		d->lines[i].block = 0;
	CHECK_STR(read_made(d)->name.value, "María José Núñez Ibáñez");
}

TEST(name_labelled)
{
	CHECK_STR(name("# Lebenslauf\nName: Ada Byron\nGeburtsdatum: 10.12.1985\nada@example.org"),
			  "Ada Byron");
	CHECK_STR(name("# CV\nNom et prénom\tByron Ada\nada@example.org"), "Byron Ada");
	CHECK_STR(name("Name\nAda Byron\nEmail\nada@example.org"), "Ada Byron");
}

TEST(name_of_every_culture)
{
	static const char *const names[] = {
		"Siobhán O’Neill",
		"Jean-Luc d'Aubigné",
		"Ludwig van den Berg",
		"María José de la Fuente y Ortiz",
		"Nguyễn Thị Minh Khai",
		"Mohammed bin Rashid Al-Farsi",
		"Þórunn Björnsdóttir",
		"Łukasz Żółtowski",
		"J. R. R. Whitfield",
		"Sun-hee Park",
		"王小明",
		"山田 太郎",
		"Иван Петров",
		"Ελένη Παπαδοπούλου",
		"Dr. Ada Byron",
		"Henry James Whitmore III",
		"Martin Ashby Jr.",
		"ADA BYRON",
		"Venkata Satya Narayana Murthy",
		"Robert “Bob” Ashby",
		"İbrahim Çelik",
		"Mary-Ann McDonald",
		"N'Golo Diarra",
		"Madonna Ciccone",
		"Ng Wai",
		"Abu Bakr al-Sayyid",
		"Ștefan Dumitrașcu",
		"Anna Maria Koch",
		"Mary Ann Butler",
		"Baker Smith",
		"Paris Hartley",
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char text[300];

		snprintf(
			text, sizeof text,
			"# %s\nhello@example.org | +1 212 555 0143\n## Experience\nDoing things, Acme Ltd\n"
			"2015 - 2019\n## Education\nBSc Physics",
			names[i]);
		CHECK_STR(name(text), names[i]);
	}
}

TEST(name_without_what_follows)
{
	CHECK_STR(name("# Ada Byron 🎉\nada@example.org"), "Ada Byron");
	CHECK_STR(name("# Ada Byron, PhD, CPA\nada@example.org"), "Ada Byron");
	CHECK_STR(name("# Ada Byron MBA\nada@example.org"), "Ada Byron");
	CHECK_STR(name("# Ada Byron (she/her)\nada@example.org"), "Ada Byron");
	CHECK_STR(name("# Ada Byron - Senior Engineer\nada@example.org"), "Ada Byron");
	CHECK_STR(name("# Ada Byron Senior Software Engineer\nada@example.org"), "Ada Byron");
}

TEST(name_with_letters_around_it)
{
	CHECK_STR(name("# Ada Byron, R.N., B.S.N.\nada@example.org"), "Ada Byron");
	CHECK_STR(name("# Ada Byron BSc (Hons) ABCDE\nada@example.org"), "Ada Byron");
	CHECK_STR(name("# Dr. med. Ada Byron\nada@example.org"), "Dr. med. Ada Byron");
	CHECK_STR(name("# Ada Ma\nada.ma@example.org"), "Ada Ma");
	CHECK_STR(name("# BYRON, Ada\nada.byron@example.org"), "BYRON, Ada");
}

TEST(name_over_two_plain_lines)
{
	CHECK_STR(name("Ada\nByron\nEngine builder\nadabyron@example.org\nSKILLS\nEngines"),
			  "Ada Byron");
}

TEST(name_over_two_lines)
{
	CHECK_STR(name("# Ada\n# Byron\nMathematician\nada.byron@example.org"), "Ada Byron");
	CHECK_STR(
		name("# ADA MARIA\n# BYRON\n## EXPERIENCE\nWorked on the design of engines for years"),
		"ADA MARIA BYRON");
	CHECK_STR(name("# Ada Byron\n# Data Analyst\nada.byron@example.org"), "Ada Byron");
}

TEST(name_beside_its_label)
{
	CHECK_STR(name("Nombre y apellidos Juana de la Cruz\nTeléfono 55 5555 0142\nMéxico"),
			  "Juana de la Cruz");
	CHECK_STR(name("个人简历\n姓名：王小明\n电话：138 5550 0142\n技能\nJava、SQL"), "王小明");
	CHECK_STR(name("履歴書\n氏名 山田 太郎\n電話 090-5550-0142"), "山田 太郎");
	CHECK_STR(name("سيرة ذاتية\nالاسم: محمد عبد الله\nالهاتف: +966 55 555 0142"), "محمد عبد الله");
	CHECK_STR(name("# Nombre Nwosu\nnombre.nwosu@example.org"), "Nombre Nwosu");
}

TEST(name_is_not_invented)
{
	CHECK_STR(name("# Invoice\nPlease pay 12 dollars within ten days.\nThank you for your order."),
			  NULL);
	CHECK_STR(
		name("# Professional Experience\nAcme Ltd\n2015 - 2019\n## Education\nSome University"),
		NULL);
	CHECK_STR(name("the quick brown fox jumps over the lazy dog"), NULL);
}

/* The second line of a large name goes on with a title, or with what a particle asks for. */
TEST(name_over_two_lines_that_go_on)
{
	CHECK_STR(name("# Jean-\n# Baptiste Moreau — Web Developer\nada@example.org\n## Experience\n"
				   "Acme and many other places where there was much to do, year after year"),
			  "Jean-Baptiste Moreau");
	CHECK_STR(name("# MARIA EDUARDA GONÇALVES DOS\n# ANJOS\nada@example.org\n## Experience\n"
				   "Acme and many other places where there was much to do, year after year"),
			  "MARIA EDUARDA GONÇALVES DOS ANJOS");
}

/* Words of titles, if the address says that they are the name; a place is none. */
TEST(name_of_common_words)
{
	CHECK_STR(name("# Baker Mason\nDayton, OH\nbaker.mason@example.org\n## Experience\nAcme"),
			  "Baker Mason");
	CHECK_STR(name("# Curriculum Vitae\nElectrician · Bangor, Maine\n# Overview\nWires houses"),
			  NULL);
	CHECK_STR(name("# Siti Nurhaliza binti Ahmad\nPilot\nsiti.nurhaliza@example.org"),
			  "Siti Nurhaliza binti Ahmad");
}

TEST(name_in_two_fields)
{
	CHECK_STR(name("# Lebenslauf\n## Persönliche Daten\nVorname: Ada\nNachname: Byron\n"
				   "E-Mail: a.b@example.org"),
			  "Ada Byron");
	CHECK_STR(name("# CV\nSurname\tByron\nFirst name\tAda\na.b@example.org"), "Ada Byron");
	CHECK_STR(name("# CV\nFirst name(s) / Surname(s)\tAda Byron\na.b@example.org"), "Ada Byron");
}

TEST(name_in_two_fields_comes_first)
{
	CHECK_STR(name("# CURRICULUM VITAE\nNom\tByron\nPrénom\tAda de La\nada.byron@example.org"),
			  "Ada de La Byron");
}

TEST(name_broken_behind_a_particle)
{
	CHECK_STR(
		name("# FEMKE VAN DER MEIJ-DE\n# WIT\nfemke@example.org\n## Experience\nAcme and many "
			 "other places where there was much to do, year after year"),
		"FEMKE VAN DER MEIJ-DE WIT");
}

/* A page without sizes still has headings of the first degree. */
TEST(name_over_two_headings)
{
	struct doc *d = made("Luis Fernando\nByron Ávila\nlfbyron@example.org\n## Experience\nAcme");

	for (int i = 0; i < 2; i++)
		d->lines[i].heading = 1;
	CHECK_STR(read_made(d)->name.value, "Luis Fernando Byron Ávila");
}

TEST_MAIN()

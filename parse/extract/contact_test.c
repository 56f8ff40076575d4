#include "parse/extract/test_doc.h"

static const char *email(const char *text)
{
	return read_made(made(text))->email.value;
}

static const char *phone(const char *text)
{
	return read_made(made(text))->phone.value;
}

TEST(email_forms)
{
	CHECK_STR(email("Ada Byron\nada.byron+jobs@mail.example.org | +44 20 7946 0000"),
			  "ada.byron+jobs@mail.example.org");
	CHECK_STR(email("E-mail:ada_b@example.org."), "ada_b@example.org");
	CHECK_STR(email("<o'neil@example.ie>,"), "o'neil@example.ie");
	CHECK_STR(email("mailto:x@example.museum?subject=hi"), "x@example.museum");
	CHECK_STR(email("ada@example.comLinkedIn: ada"), "ada@example.com");
	CHECK_STR(email("no address @ all, price @ 12.50"), NULL);
	CHECK_STR(email("logo@2x.png"), NULL);
	CHECK_STR(email("a@b"), NULL);
	CHECK_STR(email("@handle and user@localhost"), NULL);
}

TEST(email_written_out)
{
	CHECK_STR(email("ada.byron [at] example [dot] org"), "ada.byron@example.org");
	CHECK_STR(email("ada.byron(arobase)example(point)org"), "ada.byron@example.org");
	CHECK_STR(email("ada.byron arroba example.org"), "ada.byron@example.org");
	CHECK_STR(email("ada.byron(a)example.org"), "ada.byron@example.org");
	CHECK_STR(email("ada(at)example.org"), "ada@example.org");
	CHECK_STR(email("ada byron at example dot org"), "byron@example.org");
	CHECK_STR(email("ada.byron @ example.org"), "ada.byron@example.org");
	CHECK_STR(email("Worked at example.org from 2010"), NULL);
}

TEST(email_over_two_lines)
{
	CHECK_STR(email("ada.byron@\nexample.org"), "ada.byron@example.org");
	CHECK_STR(email("ada.byron@long-\nname.example.org\n"), "ada.byron@long-name.example.org");
	CHECK_STR(email("ada-\nbyron@example.org"), "ada-byron@example.org");
	CHECK_STR(email("ada.byron@example.\norg"), "ada.byron@example.org");
}

TEST(email_is_not_the_end_of_a_sentence)
{
	CHECK_STR(email("# Ada Byron, B.S.N.\nada@example.org"), "ada@example.org");
	CHECK_STR(email("I live in london.\nada@example.org"), "ada@example.org");
}

TEST(email_own_not_the_referees)
{
	CHECK_STR(email("# Ada Byron\n## Experience\nEngine builder, Somerset Works\n## "
					"References\nCharles Babbage, "
					"charles@example.org\n## Contact\nada@example.net"),
			  "ada@example.net");
	CHECK_STR(email("# Ada Byron\ninfo@example.com\nbyron.ada@example.org"),
			  "byron.ada@example.org");
}

TEST(contact_behind_the_referees)
{
	const struct profile *p =
		read_made(made("# Ada Byron\n## Experience\nEngine builder\n## References\nCharles "
					   "Babbage\n+44 113 496 0555\ncharles@example.org\nSomerset\n+44 20 7946 "
					   "0018\nada.byron@example.net"));

	CHECK_STR(p->email.value, "ada.byron@example.net");
	CHECK_STR(p->phone.value, "+44 20 7946 0018");
}

TEST(email_said_with_at)
{
	CHECK_STR(email("# Ada Byron\nada.byron at example.org, London"), "ada.byron@example.org");
	CHECK_STR(email("# Ada Byron\n## Experience\nlead.engineer at example.org"), NULL);
}

TEST(email_links)
{
	struct doc *d = made("# Ada Byron\nE-mail me");
	struct span span = {.start = 0, .length = 9, .link = "mailto:ada@example.org?subject=x"};

	d->lines[1].spans = &span;
	d->lines[1].nspans = 1;
	CHECK_STR(read_made(d)->email.value, "ada@example.org");
}

TEST(phone_over_two_lines)
{
	struct doc *d = made("# Ada Byron\nLondon, +33 (0)4\n67 55 01 42, ada@example.org");

	d->lines[2].block = d->lines[1].block;
	CHECK_STR(read_made(d)->phone.value, "+33 (0)4 67 55 01 42");
	d = made("# Ada Byron\nPhone: +33 6 55 50 01\n42");
	d->lines[2].block = d->lines[1].block;
	CHECK_STR(read_made(d)->phone.value, "+33 6 55 50 01 42");
}

TEST(phone_forms)
{
	CHECK_STR(phone("Mobil 0441 / 555 01 42"), "0441 / 555 01 42");
	CHECK_STR(phone("+49 (0)174 / 555 01 42"), "+49 (0)174 / 555 01 42");
	CHECK_STR(phone("020 7946 0018 / 020 7946 0999"), "020 7946 0018");
	CHECK_STR(phone("Ada Byron, +44 (0)20 7946 0000, London"), "+44 (0)20 7946 0000");
	CHECK_STR(phone("(212) 555-0143"), "(212) 555-0143");
	CHECK_STR(phone("Tel.: 030/1234567"), "030/1234567");
	CHECK_STR(phone("Mobil 0171 1234567"), "0171 1234567");
	CHECK_STR(phone("Tél : 06.12.34.56.78"), "06.12.34.56.78");
	CHECK_STR(phone("+49-89-1234-567 | ada@example.org"), "+49-89-1234-567");
	CHECK_STR(phone("0049 89 1234567"), "0049 89 1234567");
	CHECK_STR(phone("Phone: 555.010.0199 ext. 12"), "555.010.0199 ext. 12");
	CHECK_STR(phone("+1 (555) 010\xE2\x80\x91"
					"0199"),
			  "+1 (555) 010\xE2\x80\x91"
			  "0199");
	CHECK_STR(phone("M +61 412 345 678"), "+61 412 345 678");
	CHECK_STR(phone("(+34) 600 123 456"), "(+34) 600 123 456");
}

TEST(phone_refuses_other_numbers)
{
	CHECK_STR(phone("2015 - 2019"), NULL);
	CHECK_STR(phone("Jan 2015 – 2019 2020"), NULL);
	CHECK_STR(phone("01.02.2015 - 03.04.2019"), NULL);
	CHECK_STR(phone("03/2015 – 06/2019"), NULL);
	CHECK_STR(phone("(2015-2019)"), NULL);
	CHECK_STR(phone("1985-12-24"), NULL);
	CHECK_STR(phone("IBAN DE89 3704 0044 0532 0130 00"), NULL);
	CHECK_STR(phone("SSN 123-45-6789"), NULL);
	CHECK_STR(phone("Springfield, 62704-1234"), NULL);
	CHECK_STR(phone("Registration No. 12345678"), NULL);
	CHECK_STR(phone("linkedin.com/in/ada-12345678"), NULL);
	CHECK_STR(phone("saved 1.200.000 euros"), NULL);
	CHECK_STR(phone("ISBN 978-3-16-148410-0"), NULL);
}

TEST(phone_chooses)
{
	CHECK_STR(phone("Fax: +49 30 1111111\nTel: +49 30 2222222"), "+49 30 2222222");
	CHECK_STR(phone("# Ada Byron\n## References\nC. Babbage, +44 20 7946 0001\n## Contact\n+44 20 "
					"7946 0002"),
			  "+44 20 7946 0002");
	CHECK_STR(phone("Phone\n555 0101 22"), "555 0101 22");
	CHECK_STR(phone("+1 212 555 0143 / +1 212 555 0199"), "+1 212 555 0143");
}

/* Those without the key write "ü" as "ue". */
TEST(address_without_umlauts)
{
	CHECK_STR(read_made(made("# Jürgen Müßig\n## Referenzen\nOtto Vogel, o.vogel@firma.example\n"
							 "Elke Rau\nj.muessig@example.org"))
				  ->email.value,
			  "j.muessig@example.org");
}

/* Whatever comes before it, the largest words of all begin the head. */
TEST(referees_before_the_name)
{
	struct profile *p = read_made(
		made("## References\nOtto Vogel, o.vogel@firma.example, +49 511 555099\n# Ada Byron\n"
			 "countess@example.org, +44 20 7946 0000\n## Experience\nAcme, builder of engines"));

	CHECK_STR(p->email.value, "countess@example.org");
	CHECK_STR(p->phone.value, "+44 20 7946 0000");
}

/* The person's own data stand behind the referees, under a line set off from all of theirs. */
TEST(contact_behind_referees)
{
	struct profile *p =
		read_made(made("## Experience\nAcme, builder of engines\n## References\nOtto Vogel "
					   "(o.vogel@firma.example)\nElke Rau (e.rau@firma.example)\n# Ada Byron\n"
					   "London\nTel +44 20 7946 0000\nE-mail a.byron@example.org"));

	CHECK_STR(p->name.value, "Ada Byron");
	CHECK_STR(p->email.value, "a.byron@example.org");
	CHECK_STR(p->phone.value, "+44 20 7946 0000");
	p = read_made(made("## Experience\nAcme, builder of engines\n## References\nOtto Vogel\n"
					   "o.vogel@firma.example\nElke Rau\ne.rau@firma.example"));
	CHECK_STR(p->name.value, NULL);
	CHECK_STR(p->email.value, NULL);
}

TEST(phone_that_is_a_fax_as_well)
{
	CHECK_STR(phone("Tel/Fax: +44 20 7946 0000"), "+44 20 7946 0000");
	CHECK_STR(phone("Phone & Fax 020 7946 0000"), "020 7946 0000");
	CHECK_STR(phone("Tel: 020 7946 0001 Fax: 020 7946 0002"), "020 7946 0001");
	CHECK_STR(phone("Cell no: 082 555 0142"), "082 555 0142");
	CHECK_STR(phone("Olu Adebayo\nLinkedIn 5550142777"), NULL);
	CHECK_STR(phone("Tel 5550142 Fax 5550199"), "5550142");
}

TEST_MAIN()

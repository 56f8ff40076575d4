/*
 * Findings about the document as a whole: whether it is a résumé, one of two people, one that is
 * mostly pictures.
 */
#include "parse/extract/findings.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "parse/extract/scan.h"

enum { NEAR = 6, ADDRESS_MAX = 80, MAIN_MAX = 400 };

static bool is_local(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		   strchr("._+-", c) != NULL;
}

/* A line set like a name, near line i, that the local part fits and that is not the candidate. */
static bool other_name_near(const struct reading *r, int i, const char *local, size_t n)
{
	int from = i > NEAR ? i - NEAR : 0, to = i + NEAR < r->d->nlines ? i + NEAR : r->d->nlines - 1;

	for (int k = from; k <= to; k++) {
		const struct line *l = &r->d->lines[k];

		if (k == r->name_line || line_hidden(l) || l->page != r->d->lines[i].page ||
			strlen(l->text) > 60 || strpbrk(l->text, "@0123456789:") != NULL ||
			l->size < r->body_size * 1.25f || l->size < r->largest * 0.8f)
			continue;
		if (handle_fits_name(local, n, l->text) > 0.9f && r->name.value != NULL &&
			handle_fits_name(local, n, r->name.value) < 0.5f && !text_ieq(l->text, r->name.value))
			return true;
	}
	return false;
}

/* A second name in large letters beside an e-mail address that fits it. */
static bool two_people(const struct reading *r)
{
	for (int i = 0; i < r->d->nlines && r->name.value != NULL && r->email.value != NULL; i++) {
		const char *s = r->d->lines[i].text, *at = strchr(s, '@');
		size_t n = 0;

		if (at == NULL || line_hidden(&r->d->lines[i]) || r->notes[i].section == SECTION_REFERENCES)
			continue;
		while (n < ADDRESS_MAX && at - n > s && is_local(at[-1 - (ptrdiff_t)n]))
			n++;
		if (n < 3 || strncasecmp(at - n, r->email.value, n + 1) == 0)
			continue;
		if (other_name_near(r, i, at - n, n))
			return true;
	}
	return false;
}

static void find_pictures(struct reading *r)
{
	const struct doc *d = r->d;
	double area = 0;
	size_t text = 0;

	for (int i = 0; i < d->npages; i++)
		area += (double)d->pages[i].image_area;
	for (int i = 0; i < d->nlines && text < MAIN_MAX; i++)
		text += line_hidden(&d->lines[i]) ? 0 : strlen(d->lines[i].text);
	if (d->npages > 0 && area / d->npages > 0.6 && text < MAIN_MAX)
		doc_find(r->d, "image",
				 "Most of the document is a picture; what stands in it may be missing.");
}

static void find_hidden(struct reading *r)
{
	for (int i = 0; i < r->d->nlines; i++)
		if ((r->d->lines[i].flags & TEXT_HIDDEN) && r->notes[i].plain[0] != '\0') {
			doc_find(r->d, "hidden_text",
					 "The document holds words that its reader cannot see; they were left out");
			return;
		}
}

/* Headings and salutations of papers, letters and bills, which stand in no résumé. */
static int foreign_lines(const struct reading *r)
{
	static const char *const words[] = {
		"abstract",
		"methods",
		"results",
		"discussion",
		"conclusion",
		"conclusions",
		"acknowledgements",
		"keywords",
		"dear hiring manager",
		"dear sir or madam",
		"to whom it may concern",
		"madame monsieur",
		"sehr geehrte damen und herren",
		"invoice",
		"rechnung",
		"facture",
		"factura",
		"devis",
		"requirements",
		"what we offer",
		"your responsibilities",
		"ihre aufgaben",
		"wir bieten",
		"terms and conditions",
		"table of contents",
		"inhaltsverzeichnis",
	};
	int n = 0;

	for (int i = 0; i < r->d->nlines && n < 4; i++) {
		const char *plain = r->notes[i].plain + strspn(r->notes[i].plain, "0123456789 ");

		n += is_one_of(plain, strlen(plain), WORDS(words));
	}
	return n;
}

/* Odds add up as they would for independent signs; a document without any is most likely none. */
double resume_probability(const struct reading *r, size_t dated)
{
	const int *s = r->sections;
	int more = (s[SECTION_SUMMARY] > 0) + (s[SECTION_LANGUAGES] > 0) + (s[SECTION_PROJECTS] > 0) +
			   (s[SECTION_CERTIFICATES] > 0) + (s[SECTION_INTERESTS] > 0) +
			   (s[SECTION_REFERENCES] > 0);
	double odds = -3.2;

	odds += r->email.value != NULL ? 1.4 : 0;
	odds += r->phone.value != NULL ? 1.0 : 0;
	odds += r->name.value != NULL ? 0.6 : -0.5;
	odds += s[SECTION_EXPERIENCE] > 0 ? 2.0 : 0;
	odds += s[SECTION_EDUCATION] > 0 ? 1.8 : 0;
	odds += s[SECTION_SKILLS] > 0 ? 1.2 : 0;
	odds += 0.5 * (more < 3 ? more : 3);
	odds += dated > 0 ? 1.0 : 0;
	odds -= 1.2 * foreign_lines(r);
	return fmin(0.99, round(100 / (1 + exp(-odds))) / 100);
}

void findings_read(struct reading *r)
{
	if (two_people(r))
		doc_find(r->d, "two_people",
				 "The document seems to be about two people; only the first one was read.");
	find_pictures(r);
	find_hidden(r);
}

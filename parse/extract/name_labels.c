/*
 * See reading.h. A name given in two fields: "Vorname: Ada", "Nachname: Byron".
 */
#include <string.h>

#include "base/text.h"
#include "parse/extract/scan.h"

enum { LABEL_MAX = 40, NAME_MAX_BYTES = 60, PLAIN_MAX = 160, LINES = 40 };

static const char *const given[] = {
	"first name", "first names", "given name", "given names", "forename", "forenames", "vorname",
	"vornamen",   "prenom",      "prenoms",    "nombre",      "nombres",  "nome",      "voornaam",
	"voornamen",  "imie",        "fornavn",    "fornamn",     "etunimi"};
static const char *const family[] = {"last name", "surname",   "surnames",     "family name",
									 "nachname",  "zuname",    "familienname", "nom de famille",
									 "apellido",  "apellidos", "cognome",      "sobrenome",
									 "apelido",   "nom",       "achternaam",   "nazwisko",
									 "etternavn", "efternamn", "efternavn",    "sukunimi"};

struct named {
	int line;
	size_t start, length;
};

static bool is_value(const char *s, size_t n)
{
	return n > 0 && n <= NAME_MAX_BYTES && memchr(s, '@', n) == NULL && memchr(s, ':', n) == NULL &&
		   memchr(s, '\t', n) == NULL && strcspn(s, "0123456789,") >= n;
}

static bool is_label(const char *text, size_t n, const char *const *labels, size_t count)
{
	char plain[PLAIN_MAX];

	return is_one_of(plain, words_plain(text, n, plain, sizeof plain), labels, count);
}

/* What a label of the list on line i names: behind its colon or tab, or in the next cell. */
static bool field_at(const struct reading *r, int i, const char *const *labels, size_t count,
					 struct named *f)
{
	const struct line *l = &r->d->lines[i];
	const char *plain = r->notes[i].plain;
	size_t n = strcspn(l->text, ":\t"), at = n + strspn(l->text + n, ": \t"), words = 0;

	/* The label's words are the first of the line's. */
	while (words < count && !(text_starts(plain, labels[words]) &&
							  strchr(" ", plain[strlen(labels[words])]) != NULL))
		words++;
	if (n > LABEL_MAX || words == count || !is_label(l->text, n, labels, count))
		return false;
	if (l->text[at] != '\0') {
		*f = (struct named){i, at, strlen(l->text + at)};
		return is_value(l->text + at, f->length);
	}
	if (i + 1 >= r->d->nlines || l[1].table < 0 || l[1].table != l->table || l[1].row != l->row)
		return false;
	*f = (struct named){i + 1, 0, strlen(l[1].text)};
	return is_value(l[1].text, f->length);
}

bool name_from_labels(struct reading *r)
{
	struct named first = {.line = -1}, last = {.line = -1}, found;

	for (int i = 0; i < r->d->nlines && i < LINES; i++) {
		enum section_kind k = r->notes[i].section;

		if (line_hidden(&r->d->lines[i]) || (k != SECTION_HEAD && k != SECTION_CONTACT))
			continue;
		if (first.line < 0 && field_at(r, i, given, sizeof given / sizeof *given, &found))
			first = found;
		else if (last.line < 0 && field_at(r, i, family, sizeof family / sizeof *family, &found))
			last = found;
	}
	if (first.line < 0 || last.line < 0)
		return false;
	r->name.value =
		text_trim(arena_printf(r->arena, "%s %s", r->d->lines[first.line].text + first.start,
							   r->d->lines[last.line].text + last.start));
	r->name.confidence = 0.9;
	r->name_line = first.line;
	r->name.evidence = evidence_at(r, first.line, first.start, first.length);
	return true;
}

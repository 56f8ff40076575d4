/*
 * See extract.h.
 *
 * Order matters: sections first (everything else asks where a line stands), then e-mail and
 * telephone, which say much about the name, then the name, then the e-mail again, now that the name
 * can tell the person's own address from a referee's.
 */
#include "parse/extract/extract.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "parse/extract/findings.h"
#include "parse/extract/resume_json.h"

static const char no_text[] =
	"No text could be read from this file. It may be a scan or an image; a version with "
	"selectable text can be read.";

struct evidence evidence_at(struct reading *r, int line, size_t start, size_t n)
{
	const struct line *l = &r->d->lines[line];
	size_t length = strlen(l->text);
	struct evidence e = {.page = l->page + 1, .line = r->notes[line].number};
	float width = l->box.x1 - l->box.x0;

	if (start > length)
		start = length;
	if (n > length - start)
		n = length - start;
	e.text = arena_strndup(r->arena, l->text + start, n);
	if (length == 0 || width <= 0)
		return e;
	e.x0 = roundf(l->box.x0 + width * (float)start / (float)length);
	e.x1 = roundf(l->box.x0 + width * (float)(start + n) / (float)length);
	e.y0 = roundf(l->box.y0);
	e.y1 = roundf(l->box.y1);
	return e;
}

/* The lines joined, cut at a character at PROFILE_TEXT_MAX bytes. */
static const char *text_of(struct reading *r)
{
	const struct doc *d = r->d;
	struct buf b;

	buf_init(&b, r->arena, PROFILE_TEXT_MAX);
	for (int i = 0; i < d->nlines; i++) {
		size_t n = strlen(d->lines[i].text);

		if (line_hidden(&d->lines[i]))
			continue;
		if (b.n + n + 1 > PROFILE_TEXT_MAX) {
			size_t left = PROFILE_TEXT_MAX - b.n;

			while (left > 0 && ((unsigned char)d->lines[i].text[left] & 0xC0) == 0x80)
				left--;
			buf_add(&b, d->lines[i].text, left);
			break;
		}
		buf_add(&b, d->lines[i].text, n);
		buf_addc(&b, '\n');
	}
	return buf_str(&b);
}

static enum line_letter letter_of(const struct line *l, const struct note *n)
{
	if (l->heading > 0 || (n->heading && n->content >= strlen(l->text)))
		return LINE_HEADING;
	if (l->bullet)
		return LINE_ITEM;
	return l->table >= 0 ? LINE_CELL : LINE_TEXT;
}

/* Numbers the lines that are shown, and says what each of them is. */
static const char *lines_of(struct reading *r)
{
	char *letters = arena_alloc(r->arena, (size_t)r->d->nlines + 1);
	int n = 0;

	for (int i = 0; i < r->d->nlines; i++) {
		const struct line *l = &r->d->lines[i];

		if (line_hidden(l))
			continue;
		letters[n++] = (char)letter_of(l, &r->notes[i]);
		r->notes[i].number = n;
	}
	letters[n] = '\0';
	return letters;
}

static bool has_words(const struct reading *r)
{
	for (int i = 0; i < r->d->nlines; i++)
		if (!line_hidden(&r->d->lines[i]) && r->notes[i].plain[0] != '\0')
			return true;
	return false;
}

static struct list findings_of(struct reading *r)
{
	const struct doc *d = r->d;
	struct finding *f = ARENA_ARRAY(r->arena, (size_t)d->nfindings + 1, struct finding);

	for (int i = 0; i < d->nfindings; i++)
		f[i] = (struct finding){d->findings[i].kind, d->findings[i].message};
	return (struct list){f, (size_t)d->nfindings};
}

static int64_t pages_of(const struct doc *d)
{
	int pages = d->npages;

	for (int i = 0; i < d->nlines; i++)
		pages = d->lines[i].page + 1 > pages ? d->lines[i].page + 1 : pages;
	return pages;
}

/* The address tells of the name, and the name of the address. */
static void read_contact(struct reading *r)
{
	int line;

	email_read(r);
	phone_read(r);
	name_read(r);
	if (r->name.value == NULL)
		return;
	line = r->email_line;
	email_read(r);
	if (r->email_line != line)
		phone_read(r);
}

int extract_profile(struct doc *d, struct profile *p)
{
	struct reading r = {.d = d,
						.arena = d->arena,
						.taxonomy = taxonomy_builtin(),
						.name_line = -1,
						.email_line = -1};
	struct profile out = {0};
	size_t dated = 0;

	sections_read(&r);
	if (!has_words(&r))
		return fail(d, E_RULE, "%s", no_text);
	out.lines = lines_of(&r);
	r.language = language_of(&r);
	read_contact(&r);
	if (r.name.value == NULL && r.email.value == NULL && section_head_last(&r))
		read_contact(&r);
	skills_read(&r, &out);
	out.resume = resume_json(&r, &out, date_of(clock_now()), &dated);
	out.resume_probability = resume_probability(&r, dated);
	findings_read(&r);
	if (out.resume_probability < 0.5)
		doc_find(d, "not_resume", "This document does not look like a résumé.");
	out.name = r.name;
	out.email = r.email;
	out.phone = r.phone;
	out.language = r.language;
	out.domain_knowledge = domain_read(&r, &out);
	out.findings = findings_of(&r);
	out.pages = pages_of(d);
	out.text = text_of(&r);
	*p = out;
	return OK;
}

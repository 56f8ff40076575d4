/*
 * The candidate's e-mail address.
 *
 * Addresses are looked for around every "@" (written out, too: "name [at] domain [dot] org"), in
 * mail links, and across line ends. Each gets points for where it stands, what is written before it
 * and whether it fits the name; a referee's or a company's address loses them. The best one wins.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "parse/extract/reading.h"
#include "parse/extract/scan.h"

enum {
	EMAIL_MAX = 254,
	EMAIL_LOCAL_MAX = 64,
	REWRITTEN_MAX = 2000,
	SIGNS_MAX = 40 /* "@" of one line that are looked at */
};

struct email {
	char text[EMAIL_MAX + 1];
	int line;
	size_t start, length; /* bytes of the line */
	bool link;
};

struct email_best {
	struct email email;
	float points;
};

static bool is_local(uint32_t cp)
{
	enum char_class class = char_class(cp);

	return class == CHAR_LETTER || class == CHAR_DIGIT ||
		   (cp < 0x80 && cp != 0 && strchr("._%+-'", (int)cp) != NULL);
}

static bool is_domain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
		   c == '-' || (unsigned char)c >= 0xC0 ||
		   ((unsigned char)c >= 0x80 && (unsigned char)c < 0xC0);
}

/* Where the local part that ends at `at` begins. */
static size_t local_start(const char *s, size_t at)
{
	size_t start = at;

	while (start > 0 && at - start < EMAIL_LOCAL_MAX) {
		size_t p = start - 1;
		uint32_t cp;

		while (p > 0 && ((unsigned char)s[p] & 0xC0) == 0x80)
			p--;
		char_at(s + p, s + start, &cp);
		if (!is_local(cp))
			break;
		start = p;
	}
	while (start < at && strchr(".-'%+", s[start]) != NULL)
		start++;
	return start;
}

/* Words run together with the address: "x@example.comLinkedIn" ends before the capital. */
static size_t glued_end(const char *s, size_t start, size_t end)
{
	size_t label = end;

	while (label > start && s[label - 1] != '.')
		label--;
	for (size_t i = label + 2; i < end; i++)
		if (s[i] >= 'A' && s[i] <= 'Z' && s[i - 1] >= 'a' && s[i - 1] <= 'z')
			return i;
	return end;
}

static size_t domain_end(const char *s, size_t start)
{
	size_t end = start;

	while (is_domain(s[end]) && end - start < EMAIL_MAX)
		end++;
	while (end > start && (s[end - 1] == '.' || s[end - 1] == '-'))
		end--;
	return glued_end(s, start, end);
}

static bool is_file_type(const char *s)
{
	static const char *const types[] = {"png", "jpg", "jpeg", "gif", "svg",
										"pdf", "doc", "docx", "webp"};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (text_ieq(s, types[i]))
			return true;
	return false;
}

static bool is_domain_name(const char *s)
{
	const char *label = s, *last = s;
	int labels = 0;

	for (const char *p = s;; p++) {
		if (*p != '.' && *p != '\0')
			continue;
		if (p == label || p - label > 63 || *label == '-' || p[-1] == '-')
			return false;
		labels++;
		last = label;
		label = p + 1;
		if (*p == '\0')
			break;
	}
	if (labels < 2 || strlen(last) < 2 || strlen(last) > 24 || is_file_type(last))
		return false;
	for (const char *p = last; *p != '\0'; p++)
		if (*p >= '0' && *p <= '9')
			return false;
	return true;
}

static bool email_valid(const char *s)
{
	const char *at = strchr(s, '@');

	return at != NULL && at > s && at[-1] != '.' && strstr(s, "..") == NULL &&
		   strchr(at + 1, '@') == NULL && is_domain_name(at + 1);
}

/* Takes the address around s[at]; false if it is none. */
static bool email_around(const char *s, size_t at, struct email *e)
{
	size_t start = local_start(s, at), end = domain_end(s, at + 1);

	if (end - start > EMAIL_MAX || start == at || end == at + 1)
		return false;
	memcpy(e->text, s + start, end - start);
	e->text[end - start] = '\0';
	e->start = start;
	e->length = end - start;
	return email_valid(e->text);
}

/* ---- points ---- */

static bool is_office(const char *email)
{
	static const char *const names[] = {"info@",    "office@",     "hr@",      "jobs@",
										"support@", "sales@",      "noreply@", "no-reply@",
										"careers@", "admissions@", "admin@",   "recruiting@"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (text_starts(email, names[i]))
			return true;
	return false;
}

static float section_points(const struct reading *r, int line)
{
	if (r->notes[line].loose)
		return 25;
	switch (r->notes[line].section) {
	case SECTION_HEAD:
	case SECTION_CONTACT: return 30;
	case SECTION_SUMMARY:
	case SECTION_OTHER:
	case SECTION_SKILLS:
	case SECTION_LANGUAGES:
	case SECTION_INTERESTS:
	case SECTION_CERTIFICATES:
	case SECTION_AWARDS: return 10;
	case SECTION_EXPERIENCE:
	case SECTION_EDUCATION:
	case SECTION_PROJECTS:
	case SECTION_PUBLICATIONS:
	case SECTION_VOLUNTEER:
	case SECTION_COURSES: return 0;
	case SECTION_REFERENCES: return -40;
	case SECTION_KINDS: break;
	}
	return 0;
}

static void consider(struct reading *r, const struct email *e, struct email_best *best)
{
	const char *text = r->d->lines[e->line].text;
	float fits =
		r->name.value == NULL ? 0 : handle_fits_name(e->text, strcspn(e->text, "@"), r->name.value);
	float points = 50 - (float)(e->line < 60 ? e->line : 60) * 0.3f;

	/* Contact data may follow the referees, without a heading of their own. */
	points += fits > 0.7f ? fmaxf(section_points(r, e->line), 0) : section_points(r, e->line);
	if (r->name.value == NULL && r->naddresses < ADDRESSES_MAX)
		r->addresses[r->naddresses++] = arena_strdup(r->arena, e->text);
	points += e->link ? 3 : 0;
	points += label_before(text, e->start, LEX_LABEL_EMAIL) ? 8 : 0;
	points -= is_office(e->text) ? 15 : 0;
	points += 20 * fits;
	if (best->points < points)
		*best = (struct email_best){*e, points};
}

/* ---- where to look ---- */

/* Joins the end of line i and the beginning of the next one, if an address is broken there. */
static bool email_across(struct reading *r, int i, size_t at, struct email *e)
{
	const char *s = r->d->lines[i].text, *next;
	size_t end = domain_end(s, at + 1), n = strlen(s), m;
	char *both;

	if (s[n - 1] == '.' || s[n - 1] == '-' || n == at + 1)
		end = n;
	if (end != n || i + 1 >= r->d->nlines || r->d->lines[i + 1].page != r->d->lines[i].page)
		return false;
	next = r->d->lines[i + 1].text;
	m = strcspn(next, " \t");
	if (m > 60 || strchr(next, '@') != NULL)
		return false;
	both = arena_printf(r->arena, "%.*s%.*s", (int)(n > 400 ? 0 : n), s, (int)m, next);
	return n <= 400 && email_around(both, at, e) && e->start + e->length > n;
}

/* "com" in a narrow column: "x@example.co" and "m" below it. */
static bool ends_early(const struct reading *r, int i, const struct email *e)
{
	const struct line *l = &r->d->lines[i];
	const char *dot = strrchr(e->text, '.');
	const char *next = i + 1 < r->d->nlines ? l[1].text : "";
	char tld[16];

	if (l->text[e->start + e->length] != '\0' || strlen(next) > 3 || dot == NULL)
		return false;
	snprintf(tld, sizeof tld, "%s%s", dot + 1, next);
	return text_eq(tld, "com") || text_eq(tld, "org") || text_eq(tld, "net") ||
		   text_eq(tld, "example");
}

/* The first part of an address whose line was broken at a hyphen or point. */
static void take_line_before(struct reading *r, struct email *e)
{
	const struct line *l = &r->d->lines[e->line];
	const char *before;
	size_t n, start;
	char joined[EMAIL_MAX * 2];

	if (e->start != 0 || e->line == 0 || l[-1].page != l->page)
		return;
	before = l[-1].text;
	n = strlen(before);
	if (strchr(before, '@') != NULL || strchr(".-_+", before[n - 1]) == NULL)
		return;
	start = n - 1;
	while (start > 0 && before[start - 1] != ' ' && before[start - 1] != '\t' &&
		   before[start - 1] != ':')
		start--;
	/* Prose ends with a point, too: the part must be small letters, and alone or behind a label. */
	if (text_has_capital(before + start) ||
		(start > 0 && !label_before(before, start, LEX_LABEL_EMAIL)))
		return;
	if (n - start + strlen(e->text) > EMAIL_MAX || n - start < 3)
		return;
	snprintf(joined, sizeof joined, "%s%s", before + start, e->text);
	if (email_valid(joined) && local_start(joined, strcspn(joined, "@")) == 0)
		memcpy(e->text, joined, strlen(joined) + 1);
}

/* "[at]" or the like. */
static bool in_brackets(const char *s)
{
	for (const char *p = strpbrk(s, "[({<"); p != NULL; p = strpbrk(p + 1, "[({<"))
		if ((p[1] | 0x20) == 'a' &&
			((p[2] | 0x20) == 't' || text_starts(p + 2, "rroba") || text_starts(p + 2, "robase")))
			return true;
	return false;
}

/* Whether an address said with the word "at" can be one: "jane.doe at example.org", where contact
 * data stand; not "analyst at booking.com". */
static bool is_bare_at(const struct reading *r, int i, const struct email *e)
{
	size_t n = strcspn(e->text, "@");

	if (r->notes[i].section != SECTION_HEAD && r->notes[i].section != SECTION_CONTACT &&
		!r->notes[i].loose)
		return false;
	if (r->name.value != NULL && handle_fits_name(e->text, n, r->name.value) > 0.7f)
		return true;
	return strcspn(e->text, "._-0123456789") < n && !text_has_capital(e->text);
}

/* Whether an address might be hidden behind words or blanks. */
static bool written_out(const char *s)
{
	if (strchr(s, '@') != NULL)
		return true;
	for (const char *p = strchr(s, ' '); p != NULL; p = strchr(p + 1, ' '))
		if (((p[1] | 0x20) == 'd' && strncasecmp(p, " dot ", 5) == 0) || text_starts(p, " at ") ||
			text_starts(p, " arroba "))
			return true;
	return in_brackets(s) || strstr(s, "(a)") != NULL || strstr(s, "[a]") != NULL;
}

/* Replaces "[at]", "(dot)", " at " … by the signs, and drops blanks around "@". NULL if there are
 * none. */
static const char *rewritten(struct arena *a, const char *s)
{
	static const struct {
		const char *from;
		char to;
	} words[] = {
		{" [at] ", '@'},   {" (at) ", '@'},   {" {at} ", '@'},    {" <at> ", '@'},
		{"[at]", '@'},     {"(at)", '@'},     {"{at}", '@'},      {"<at>", '@'},
		{"[@]", '@'},      {"(@)", '@'},      {" @ ", '@'},       {"@ ", '@'},
		{" @", '@'},       {" at ", '@'},     {" [dot] ", '.'},   {" (dot) ", '.'},
		{"[dot]", '.'},    {"(dot)", '.'},    {" dot ", '.'},     {"[punkt]", '.'},
		{"(punkt)", '.'},  {"[.]", '.'},      {" . ", '.'},       {" arroba ", '@'},
		{"(arroba)", '@'}, {"[arroba]", '@'}, {"(arobase)", '@'}, {"[arobase]", '@'},
		{"(a)", '@'},      {"[a]", '@'},      {"(punto)", '.'},   {"[punto]", '.'},
		{"(point)", '.'},  {"[point]", '.'},
	};
	size_t n = strlen(s), at = 0;
	bool changed = false;
	char *out;

	if (n > REWRITTEN_MAX || !written_out(s))
		return NULL;
	out = arena_alloc(a, n + 1);
	for (size_t i = 0; i < n;) {
		size_t w = strchr(" [({<@", s[i]) != NULL ? 0 : sizeof words / sizeof *words, length = 0;

		for (; w < sizeof words / sizeof *words; w++) {
			length = strlen(words[w].from);
			if (strncasecmp(s + i, words[w].from, length) == 0)
				break;
		}
		if (w < sizeof words / sizeof *words) {
			out[at++] = words[w].to;
			i += length;
			changed = true;
		} else {
			out[at++] = s[i++];
		}
	}
	return changed ? out : NULL;
}

static bool look_in_rewritten(struct reading *r, int i, struct email_best *best)
{
	const char *original = r->d->lines[i].text, *s = rewritten(r->arena, original);
	struct email e = {.line = i};
	int signs = 0;

	for (const char *at = s == NULL ? NULL : strchr(s, '@'); at != NULL && signs < SIGNS_MAX;
		 at = strchr(at + 1, '@')) {
		signs++;
		if (!email_around(s, (size_t)(at - s), &e) || strstr(original, e.text) != NULL)
			continue;
		/* "at" is a word: without signs of writing out, what it joins must not be prose. */
		if (strchr(original, '@') == NULL && strstr(original, " dot ") == NULL &&
			!in_brackets(original) && !is_bare_at(r, i, &e))
			continue;
		e.start = 0;
		e.length = strlen(original);
		consider(r, &e, best);
	}
	return s != NULL;
}

static bool look_in_links(struct reading *r, int i, struct email_best *best)
{
	const struct line *l = &r->d->lines[i];
	bool any = false;

	for (size_t k = 0; k < l->nspans; k++) {
		const char *link = l->spans[k].link;
		struct email e = {.line = i, .link = true};
		size_t n;

		if (link == NULL || strncasecmp(link, "mailto:", 7) != 0)
			continue;
		any = true;
		link += 7;
		n = strcspn(link, "?");
		if (n == 0 || n > EMAIL_MAX)
			continue;
		memcpy(e.text, link, n);
		e.text[n] = '\0';
		if (!email_valid(e.text) || strchr(e.text, ' ') != NULL || strchr(e.text, '%') != NULL)
			continue;
		e.start = l->spans[k].start;
		e.length = l->spans[k].length;
		consider(r, &e, best);
	}
	return any;
}

static bool look_in_text(struct reading *r, int i, struct email_best *best)
{
	const char *s = r->d->lines[i].text;
	int signs = 0;

	for (const char *at = strchr(s, '@'); at != NULL && signs < SIGNS_MAX;
		 at = strchr(at + 1, '@'), signs++) {
		struct email e = {.line = i}, whole;

		if (email_around(s, (size_t)(at - s), &e)) {
			whole = e;
			take_line_before(r, &e);
			if (ends_early(r, i, &whole) && email_across(r, i, (size_t)(at - s), &whole))
				e = whole;
			consider(r, &e, best);
		} else if (email_across(r, i, (size_t)(at - s), &e)) {
			e.line = i;
			e.length = strlen(s) - e.start;
			consider(r, &e, best);
		}
	}
	return signs > 0;
}

/* The ways an address may be written; each tells whether the line holds anything of its kind. */
static bool (*const ways[])(struct reading *, int,
							struct email_best *) = {look_in_text, look_in_links, look_in_rewritten};

void email_read(struct reading *r)
{
	struct email_best best = {.points = 0};

	for (int i = 0; i < r->d->nlines; i++) {
		bool any = false;

		if (line_hidden(&r->d->lines[i]) || r->notes[i].no_mail)
			continue;
		for (size_t k = 0; k < sizeof ways / sizeof *ways; k++)
			any |= ways[k](r, i, &best);
		r->notes[i].no_mail = !any;
	}
	if (best.points < 40)
		return;
	r->email_line = best.email.line;
	r->email.value = arena_strdup(r->arena, best.email.text);
	r->email.confidence = best.points >= 75 ? 0.98 : best.points >= 60 ? 0.9 : 0.7;
	r->email.evidence = evidence_at(r, best.email.line, best.email.start, best.email.length);
}

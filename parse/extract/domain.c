/*
 * Domain knowledge: one sentence on what the person does, made of what the document says: the
 * headline or the latest job title, the fields most of the skills belong to, and the skills that
 * stand for them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "parse/extract/scan.h"

enum {
	TITLE_MAX = 70,
	SHORT_MAX = 40, /* bytes of a skill that the taxonomy does not know */
	FIELDS_MAX = 3,
	NAMED_MAX = 5,
	CATEGORIES_MAX = 40
};

struct area {
	const char *category;
	int skills;
	bool used;
};

struct areas {
	struct area items[CATEGORIES_MAX];
	int n;
};

/* ---- the title ---- */

static bool has_mark(const char *s)
{
	return strpbrk(s, "@0123456789") != NULL || strstr(s, "://") != NULL ||
		   strstr(s, "www.") != NULL;
}

/* Where the next stretch of a line ends: at a separator, a dash between blanks, "at", or what
 * follows a title. */
static size_t stretch_of(const char *p)
{
	static const char *const ends[] = {
		" - ",   " \xE2\x80\x93 ", " \xE2\x80\x94 ", "\xE2\x80\xA2", "\xC2\xB7", " at ",
		" bei ", " chez ",         " en ",           " with ",       " mit ",    " avec ",
		" con ", " com ",          " met ",          " who ",        ". ",
	};

	for (size_t n = 0;; n++) {
		if (p[n] == '\0' || strchr("\t|,;(:", p[n]) != NULL)
			return n;
		for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
			if (p[n] == ends[i][0] && text_starts(p + n, ends[i]))
				return n;
	}
}

/* Whether a stretch of a line names a job. */
static bool is_title(const struct reading *r, const char *s)
{
	const char *plain = words_plain_dup(r->arena, s);
	const char *name = r->name.value;

	return *plain != '\0' && strlen(s) <= TITLE_MAX && !has_mark(s) && !text_ends(s, ".") &&
		   (name == NULL || strstr(s, name) == NULL) && lex_count(plain, LEX_TITLE) > 0 &&
		   lex_count(plain, LEX_COMPANY) == 0 && lex_count(plain, LEX_FUNCTION) < 2 &&
		   !lex_is(plain, strlen(plain), LEX_LABEL | LEX_DOCUMENT | LEX_SECTION);
}

/* The stretch that names a job: "Jane Doe | Backend Engineer | Oslo". */
static const char *title_in(struct reading *r, const char *line)
{
	for (const char *p = line; *p != '\0';) {
		size_t n = stretch_of(p);
		size_t signs = 0;
		char *s;

		while (signs < n && ((unsigned char)p[signs] >= 0x80
								 ? (unsigned char)p[signs] == 0xE2 || (unsigned char)p[signs] < 0xC0
								 : strchr(" -*|", p[signs]) != NULL))
			signs++;
		s = text_trim(arena_strndup(r->arena, p + signs, n - signs));

		if (is_title(r, s))
			return s;
		p += n;
		p += *p != '\0';
		while ((unsigned char)*p >= 0x80 && (unsigned char)*p < 0xC0)
			p++;
	}
	return NULL;
}

static const char *title_from(struct reading *r, enum section_kind section, int lines, int *at)
{
	for (int i = 0; i < r->d->nlines && lines > 0; i++) {
		const struct line *l = &r->d->lines[i];
		const char *title;

		if (r->notes[i].section != section || line_hidden(l) || r->notes[i].heading || l->bullet)
			continue;
		lines--;
		title = strlen(l->text) > 600 ? NULL : title_in(r, l->text);
		if (title != NULL) {
			*at = i;
			return title;
		}
	}
	return NULL;
}

/* ---- fields and skills ---- */

static int compare_fields(const void *a, const void *b)
{
	return ((const struct area *)b)->skills - ((const struct area *)a)->skills;
}

static void count_fields(const struct profile *p, struct areas *f)
{
	const struct skill *skills = p->skills.items;

	for (size_t i = 0; i < p->skills.n; i++) {
		int k = 0;

		if (skills[i].category == NULL)
			continue;
		while (k < f->n && !text_eq(f->items[k].category, skills[i].category))
			k++;
		if (k == CATEGORIES_MAX)
			continue;
		if (k == f->n)
			f->items[f->n++] = (struct area){.category = skills[i].category};
		f->items[k].skills++;
	}
	qsort(f->items, (size_t)f->n, sizeof f->items[0], compare_fields);
}

/* "Web Development" within a sentence: "web development"; "DevOps" stays. */
static const char *small(struct arena *a, const char *category)
{
	char *s = arena_strdup(a, category);

	for (char *p = s; *p != '\0'; p += strcspn(p, " "), p += *p == ' ')
		if (p[0] >= 'A' && p[0] <= 'Z' &&
			p[strcspn(p + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ ") + 1] <= ' ')
			p[0] = (char)(p[0] + 32);
	return s;
}

static void add_item(struct buf *b, const char *item, int i, int n, const char *and)
{
	if (i > 0)
		buf_adds(b, i + 1 == n ? and : ", ");
	buf_adds(b, item);
}

/* Up to NAMED_MAX skills, those of the largest fields first. */
static int pick_skills(const struct profile *p, const struct areas *f,
					   const char *picked[NAMED_MAX])
{
	const struct skill *skills = p->skills.items;
	int n = 0;

	for (int k = 0; k < f->n && k < FIELDS_MAX && n < NAMED_MAX; k++) {
		int taken = 0;

		for (size_t i = 0; i < p->skills.n && n < NAMED_MAX && taken < (k == 0 ? 3 : 1); i++)
			if (text_eq(skills[i].category, f->items[k].category)) {
				picked[n++] = skills[i].name;
				taken++;
			}
	}
	for (size_t i = 0; i < p->skills.n && n < 3; i++)
		if (skills[i].category == NULL && strlen(skills[i].name) <= SHORT_MAX)
			picked[n++] = skills[i].name;
	return n;
}

/* The few words the sentence needs, by language. */
static const struct phrases {
	const char *language, *with, *years, *and, *alone;
} phrases[] = {
	{"en", "with experience in", "with %d years of experience in", " and ", "Experience in"},
	{"de", "mit Erfahrung in", "mit %d Jahren Erfahrung in", " und ", "Erfahrung in"},
	{"fr", "avec une expérience en", "avec %d ans d'expérience en", " et ", "Expérience en"},
	{"es", "con experiencia en", "con %d años de experiencia en", " y ", "Experiencia en"},
	{"it", "con esperienza in", "con %d anni di esperienza in", " e ", "Esperienza in"},
	{"pt", "com experiência em", "com %d anos de experiência em", " e ", "Experiência em"},
	{"nl", "met ervaring in", "met %d jaar ervaring in", " en ", "Ervaring in"},
};

static const struct phrases *phrases_of(const char *language)
{
	for (size_t i = 1; i < sizeof phrases / sizeof *phrases; i++)
		if (text_eq(phrases[i].language, language))
			return &phrases[i];
	return &phrases[0];
}

/* Fields that say nothing of what somebody does. */
static bool is_general(const char *category)
{
	return text_eq(category, "Soft Skills") || text_eq(category, "Office & Administration") ||
		   text_eq(category, "Programming Languages");
}

/* Adds up to two fields in words, "cloud and DevOps"; returns their number. */
static int add_fields(struct reading *r, struct buf *b, const struct areas *f)
{
	const char *named[2];
	int n = 0;

	for (int k = 0; k < f->n && n < 2; k++) {
		const char *category = f->items[k].category;

		if (is_general(category) || (n > 0 && f->items[k].skills < 2) ||
			(n > 0 && (strchr(category, '&') != NULL || strchr(named[0], '&') != NULL)))
			continue;
		named[n++] = small(r->arena, category);
	}
	for (int i = 0; i < n; i++) {
		const char *sign = strstr(named[i], " & ");

		if (sign != NULL)
			named[i] =
				arena_printf(r->arena, "%.*s and %s", (int)(sign - named[i]), named[i], sign + 3);
		add_item(b, named[i], i, n, " and ");
	}
	return n;
}

/* A title set in capitals as one writes it: "PROJECT MANAGER" is "Project Manager"; abbreviations
 * of up to three letters stay. In other languages only the first word has a capital. */
static const char *spell(struct reading *r, const char *title)
{
	size_t n = strlen(title), word = 0;
	bool english = text_eq(r->language, "en") || text_eq(r->language, "de"), first = true;
	struct buf b;

	if (!text_is_caps(title, n) || n < 6)
		return title;
	buf_init(&b, r->arena, n * 2 + 1);
	for (size_t i = 0; i < n; first = false) {
		word = strcspn(title + i, " -/");
		for (size_t k = 0; k < word;) {
			uint32_t cp;
			size_t length = char_at(title + i + k, title + n, &cp);
			bool keep = word <= 3 || (k == 0 && (english || first));

			buf_add_utf8(&b, keep ? cp : utf8_fold(cp));
			k += length;
		}
		i += word;
		if (i < n)
			buf_addc(&b, title[i++]);
	}
	return buf_str(&b);
}

static const char *sentence(struct reading *r, const char *title, const struct profile *p)
{
	const struct phrases *words = phrases_of(r->language);
	const char *picked[NAMED_MAX];
	struct areas f = {0};
	struct buf b;
	int n, years = r->years >= 2 && r->years < 60 ? (int)r->years : 0;

	count_fields(p, &f);
	n = pick_skills(p, &f, picked);
	buf_init(&b, r->arena, 2000);
	if (title == NULL)
		buf_adds(&b, words->alone);
	else
		buf_adds(&b, spell(r, title));
	if (title != NULL && n > 0) {
		buf_addc(&b, ' ');
		buf_adds(&b, years == 0 ? words->with : arena_printf(r->arena, words->years, years));
	}
	if (n > 0)
		buf_addc(&b, ' ');
	/* The names of the fields are English. */
	if (words == &phrases[0] && n > 0 && add_fields(r, &b, &f) > 0)
		buf_adds(&b, ", including ");
	for (int i = 0; i < n; i++)
		add_item(&b, picked[i], i, n, words->and);
	buf_adds(&b, ".");
	return buf_str(&b);
}

struct value domain_read(struct reading *r, const struct profile *p)
{
	struct value v = {0};
	const char *title;
	int at = -1;

	title = title_from(r, SECTION_HEAD, 12, &at);
	if (title == NULL && r->position.value != NULL && strlen(r->position.value) <= TITLE_MAX &&
		r->position.confidence >= 0.6 && !text_ends(r->position.value, ".")) {
		title = r->position.value;
		v.evidence = r->position.evidence;
	}
	if (title == NULL)
		title = title_from(r, SECTION_EXPERIENCE, 8, &at);
	if (title == NULL)
		title = title_from(r, SECTION_SUMMARY, 1, &at);
	if (title == NULL && p->skills.n == 0)
		return v;
	v.value = sentence(r, title, p);
	v.confidence = title != NULL ? 0.7 : 0.5;
	if (at >= 0)
		v.evidence = evidence_at(r, at, 0, strlen(r->d->lines[at].text));
	else if (title == NULL)
		v.evidence = ((const struct skill *)p->skills.items)[0].evidence;
	return v;
}

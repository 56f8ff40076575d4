/*
 * Jobs: which part of an entry's heading is the position, which the company, which the place.
 *
 * Words decide first (job titles, legal forms, places). One document keeps to one order, so the
 * places at which the words were clear then decide for the entries whose words say nothing. What is
 * left falls to what is missing, with little confidence.
 */
#include "parse/extract/history.h"
#include "parse/extract/scan.h"

#include <string.h>

#include "base/text.h"

enum { SLOTS = 64, ROLES = 3, JOBS_MAX = ENTRIES_MAX };
enum role { ROLE_POSITION, ROLE_NAME, ROLE_PLACE };

struct reader {
	struct reading *r;
	struct entries all;
	int votes[ROLES][SLOTS];
	struct job *jobs;
	size_t njobs;
};

/* ---- words ---- */

/* German compounds end in what they are: "Konstruktionsingenieur". */
static bool ends_as_title(const char *word, size_t n)
{
	static const char *const ends[] = {
		"ingenieur",    "ingenieurin", "entwickler",   "entwicklerin",    "leiter",
		"leiterin",     "leitung",     "berater",      "beraterin",       "techniker",
		"technikerin",  "mechaniker",  "mechanikerin", "manager",         "managerin",
		"pfleger",      "pflegerin",   "lehrer",       "lehrerin",        "arzt",
		"arztin",       "assistent",   "assistentin",  "referent",        "referentin",
		"architekt",    "architektin", "analyst",      "analystin",       "verkaufer",
		"verkauferin",  "kaufmann",    "kauffrau",     "fuhrer",          "fuhrerin",
		"schwester",    "meister",     "meisterin",    "fachkraft",       "fachfrau",
		"fachmann",     "student",     "studentin",    "praktikant",      "praktikantin",
		"trainer",      "trainerin",   "koch",         "kochin",          "planer",
		"planerin",     "forscher",    "forscherin",   "wissenschaftler", "wissenschaftlerin",
		"helfer",       "helferin",    "gestalter",    "gestalterin",     "bearbeiter",
		"bearbeiterin", "engineer",    "developer",    "prufer",          "pruferin",
		"anwalt",       "anwaltin",    "therapeut",    "therapeutin",     "padagoge",
		"padagogin",
	};

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		size_t length = strlen(ends[i]);

		if (n >= length && n <= length + 24 && memcmp(word + n - length, ends[i], length) == 0)
			return true;
	}
	return false;
}

static bool is_chief(const char *word, size_t n)
{
	static const char *const chiefs[] = {"ceo",  "cto", "cfo", "coo", "cio", "cmo", "cpo",
										 "ciso", "vp",  "svp", "evp", "avp", "pm",  "hr"};

	return is_one_of(word, n, WORDS(chiefs));
}

static bool is_legal(const char *word, size_t n)
{
	static const char *const forms[] = {
		"gmbh", "inc", "ltd", "llc", "llp",     "ag",          "corp",         "plc",     "sarl",
		"srl",  "sas", "bv",  "kg",  "limited", "corporation", "incorporated", "company", "spa"};

	return is_one_of(word, n, WORDS(forms));
}

/* What stands for a company where there is none. */
static bool is_own_master(const char *plain)
{
	static const char *const words[] = {
		"self employed",
		"selbststandig",
		"selbstandig",
		"freiberuflich",
		"independant",
		"independante",
		"a mon compte",
		"travailleur independant",
		"autonomo",
		"autonoma",
		"por cuenta propia",
		"libero professionista",
		"libera professionista",
		"zelfstandig",
		"zzp",
		"freelance",
	};

	return is_one_of(plain, strlen(plain), WORDS(words));
}

/* "FL", "NY" behind a comma. */
static bool is_code(const struct reading *r, const struct part *p)
{
	const char *s = r->d->lines[p->line].text + p->start;

	return p->end - p->start == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z';
}

static struct marks marks_of(const struct reading *r, const struct part *p)
{
	struct marks m = {0};
	const char *w = p->plain;
	int words = 0, places = 0;
	bool legal = false;

	for (; *w != '\0'; w += *w == ' ') {
		size_t n = lex_word(w);
		uint32_t bits = lex_find(w, n).bits;
		bool last = w[n] == '\0', title = bits & LEX_TITLE || ends_as_title(w, n) || is_chief(w, n);

		legal |= is_legal(w, n);
		if (title && m.title < 2)
			m.title = last || words == 0 ? 2 : 1;
		if (bits & LEX_COMPANY && m.company < 2 && (last || n > 2))
			m.company = last ? 2 : 1;
		places += (bits & LEX_PLACE) != 0;
		words++;
		w += n;
	}
	if (words > 10)
		return (struct marks){0};
	if (legal || is_own_master(p->plain))
		return (struct marks){.company = 3};
	if (m.title == 2)
		m.company = 0;
	if (m.company >= m.title && m.company > 0)
		m.title = 0;
	if (m.title == 0 && m.company == 0 &&
		(lex_is(p->plain, strlen(p->plain), LEX_PLACE | LEX_CITY) || (p->comma && is_code(r, p))))
		m.place = 2;
	else if (m.title == 0 && m.company == 0 && places > 0 && places * 2 >= words)
		m.place = 1;
	return m;
}

/* ---- places in the heading ---- */

static int slot_of(const struct part *p)
{
	int slot = (p->row + 3) * 8 + (p->index < 7 ? p->index : 7);

	return slot < 0 || slot >= SLOTS ? 0 : slot;
}

static int part_by_votes(const struct reader *x, const struct entry *e, enum role role)
{
	int best = -1, votes = 0;

	for (int i = 0; i < e->nparts; i++) {
		int v = x->votes[role][slot_of(&e->parts[i])];
		struct marks m = e->parts[i].marks;

		if (role == ROLE_NAME    ? m.place == 2 || (m.title == 2 && m.company == 0)
			: role == ROLE_PLACE ? m.title == 2 || m.company > 1
								 : m.company == 3)
			continue;
		if (!e->parts[i].used && v > votes) {
			best = i;
			votes = v;
		}
	}
	return best;
}

static int part_by_mark(const struct entry *e, enum role role)
{
	int best = -1, most = 0;

	for (int i = 0; i < e->nparts; i++) {
		struct marks m = e->parts[i].used ? (struct marks){0} : e->parts[i].marks;
		int mark = role == ROLE_POSITION ? m.title : role == ROLE_NAME ? m.company : m.place;

		if (mark > most) {
			best = i;
			most = mark;
		}
	}
	return best;
}

static void mark_parts(struct reader *x)
{
	for (int i = 0; i < x->all.n; i++) {
		struct entry *e = &x->all.entries[i];

		for (int k = 0; k < e->nparts; k++)
			e->parts[k].marks = marks_of(x->r, &e->parts[k]);
	}
}

static void count_votes(struct reader *x)
{
	for (int i = 0; i < x->all.n; i++) {
		const struct entry *e = &x->all.entries[i];

		if (e->anchor < 0)
			continue;
		for (enum role role = ROLE_POSITION; role <= ROLE_PLACE; role++) {
			int part = part_by_mark(e, role);

			if (part >= 0)
				x->votes[role][slot_of(&e->parts[part])]++;
		}
	}
}

/* ---- one entry ---- */

static bool is_rest(const struct part *p)
{
	return !p->used && strlen(p->plain) <= 80 && p->marks.place < 2;
}

/* Whether the part could name anything: of its longer words at most half begin small. */
static bool names_something(const struct reading *r, const struct part *p)
{
	const char *s = r->d->lines[p->line].text + p->start, *end = s + p->end - p->start;
	int small = 0, words = 0;

	while (s < end) {
		const char *blank = memchr(s, ' ', (size_t)(end - s));
		size_t n = blank == NULL ? (size_t)(end - s) : (size_t)(blank - s);
		uint32_t cp;

		char_at(s, end, &cp);
		if (n > 3) {
			words++;
			small += char_is_lower(cp);
		}
		s += n < (size_t)(end - s) ? n + 1 : n;
	}
	return small * 2 <= words;
}

static int part_left_where(const struct reading *r, const struct entry *e, int near, bool named)
{
	for (int i = near + 1; near >= 0 && i < e->nparts; i++)
		if (is_rest(&e->parts[i]) && e->parts[i].row == e->parts[near].row &&
			!e->parts[i].bracket && (!named || names_something(r, &e->parts[i])))
			return i;
	for (int i = 0; i < e->nparts; i++)
		if (is_rest(&e->parts[i]) && !e->parts[i].bracket &&
			(!named || names_something(r, &e->parts[i])))
			return i;
	return -1;
}

/* The first part left, in the row of part near (-1: none) if there is any; one that could be a name
 * before others. */
static int part_left(const struct reading *r, const struct entry *e, int near)
{
	int part = part_left_where(r, e, near, true);

	return part >= 0 ? part : part_left_where(r, e, near, false);
}

/* Takes the part, and the parts up to last behind commas with it. */
static struct quote *take(struct reader *x, struct entry *e, int first, int last, double confidence)
{
	for (int i = first; i <= last; i++)
		e->parts[i].used = true;
	return quote_parts(x->r, e, first, last, confidence);
}

/* "VP, Product Management" over the company's line is one title. */
static int title_end(const struct entry *e, int first, int name)
{
	int last = first;

	if (name < 0 || e->parts[name].row == e->parts[first].row)
		return first;
	while (last + 1 < e->nparts && e->parts[last + 1].comma &&
		   e->parts[last + 1].row == e->parts[first].row && !e->parts[last + 1].used &&
		   e->parts[last + 1].marks.place == 0)
		last++;
	return last;
}

/* Few words that begin with capitals, but for short ones: "Frankfurt am Main". */
static bool could_be_place(const struct reading *r, const struct part *p)
{
	const char *s = r->d->lines[p->line].text + p->start, *end = s + p->end - p->start;
	int words = 0;

	if (strpbrk(p->plain, "0123456789") != NULL || strlen(p->plain) > 40)
		return false;
	while (s < end) {
		size_t n = strcspn(s, " ");
		uint32_t cp;

		char_at(s, end, &cp);
		if (++words > 4 || (char_is_lower(cp) && (n > 4 || words == 1)))
			return false;
		s += n < (size_t)(end - s) ? n + 1 : n;
	}
	return true;
}

/* A place with its region and country: "Abuja, Nigeria", "Boston, MA, US". */
static void place_take(struct reader *x, struct entry *e, struct job *job)
{
	int first = part_by_mark(e, ROLE_PLACE), last;
	double sure = 0.85;

	if (first < 0) {
		first = part_by_votes(x, e, ROLE_PLACE);
		sure = 0.75;
	}
	for (int i = 0; first < 0 && i < e->nparts; i++) {
		const struct part *p = &e->parts[i];

		sure = 0.6;
		if (is_rest(p) && could_be_place(x->r, p) && p->marks.title == 0 && p->marks.company == 0)
			first = i;
	}
	if (first < 0)
		return;
	for (last = first;
		 last + 1 < e->nparts && e->parts[last + 1].comma && is_rest(&e->parts[last + 1]);)
		last++;
	while (first > 0 && e->parts[first].comma && is_rest(&e->parts[first - 1]))
		first--;
	job->location = take(x, e, first, last, sure);
}

static bool is_url(const struct reading *r, const struct part *p)
{
	const char *s = r->d->lines[p->line].text + p->start;
	size_t n = p->end - p->start;

	return (n > 4 && memcmp(s, "www.", 4) == 0) || (n > 8 && memcmp(s, "http", 4) == 0) ||
		   memchr(s, '@', n) != NULL || (n > 2 && memcmp(s, "//", 2) == 0);
}

static void job_read(struct reader *x, struct entry *e, struct job *job)
{
	int title, name;
	double sure_title = 0.9, sure_name = 0.85;

	for (int i = 0; i < e->nparts; i++)
		e->parts[i].used |= is_url(x->r, &e->parts[i]);
	title = part_by_mark(e, ROLE_POSITION);
	name = part_by_mark(e, ROLE_NAME);
	if (title < 0 && x->votes[ROLE_POSITION][0] >= 0) {
		title = part_by_votes(x, e, ROLE_POSITION);
		title = title == name ? -1 : title;
		sure_title = 0.7;
	}
	if (title >= 0)
		e->parts[title].used = true;
	if (name < 0) {
		name = part_by_votes(x, e, ROLE_NAME);
		sure_name = 0.8;
	}
	if (name < 0) {
		name = part_left(x->r, e, title);
		sure_name = title >= 0 ? 0.75 : 0.5;
	}
	if (name >= 0 && e->parts[name].marks.place == 2 && title >= 0)
		name = -1;
	if (name >= 0)
		job->name = take(x, e, name, name, sure_name);
	if (title < 0 && name >= 0 && e->anchor >= 0) {
		title = part_left(x->r, e, -1);
		sure_title = 0.45;
		if (title >= 0 && e->parts[title].marks.place > 0)
			title = -1;
	}
	if (title >= 0)
		job->position = take(x, e, title, title_end(e, title, name), sure_title);
	place_take(x, e, job);
	job->start = e->start;
	job->end = e->end;
	job->date = e->date;
	if (job->end == NULL && e->anchor >= 0 && !date_is_range(&e->date))
		job->end = quote_copy(x->r, job->start, 0.6);
}

/* ---- the text below ---- */

/* Where the words of a line below begin: past a bullet drawn as a sign. */
static size_t past_sign(const char *s, size_t from, bool *sign)
{
	*sign = false;
	for (;;) {
		uint32_t cp;
		size_t n = char_at(s + from, s + strlen(s), &cp);

		if (n == 0 ||
			!(cp == ' ' || cp == '\t' || cp == '*' || cp == '-' || cp == 0xB7 || cp == 0x2022 ||
			  cp == 0x2023 || cp == 0x2043 || cp == 0x2013 || cp == 0x2014 ||
			  (cp >= 0x25A0 && cp <= 0x25FF) || cp == 0x27A2 || (cp >= 0xE000 && cp <= 0xF8FF)))
			return from;
		*sign |= cp != ' ' && cp != '\t';
		from += n;
	}
}

static bool ends_sentence(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && strchr(".;!", s[n - 1]) != NULL;
}

void entry_body(struct reading *r, const struct entries *all, const struct entry *e,
				struct job *job)
{
	struct quote *now = NULL;
	int last = -1;
	bool list = false;

	for (int i = e->body; i < e->body_end; i++) {
		const struct item *item = &all->items[i];
		const struct line *l = &r->d->lines[item->line];
		bool sign, starts, small;
		size_t from = past_sign(l->text, item->from, &sign);
		uint32_t cp;

		if (item->label || l->text[from] == '\0')
			continue;
		char_at(l->text + from, l->text + strlen(l->text), &cp);
		small = char_is_lower(cp);
		starts = item->bullet || sign || now == NULL ||
				 (!small &&
				  (ends_sentence(r->d->lines[last].text) || r->d->lines[last].block != l->block));
		last = item->line;
		if (!starts) {
			quote_extend(r, now, item->line, from);
			continue;
		}
		now = quote_at(r, item->line, from, strlen(l->text) - from, 0.85);
		if (job->summary == NULL && job->highlights.n == 0 && !item->bullet && !sign) {
			job->summary = now;
			continue;
		}
		list |= item->bullet || sign;
		quotes_add(r, &job->highlights, now);
	}
	/* Several paragraphs without bullets were a list whose bullets are drawn. */
	if (!list && job->highlights.n > 0 && job->summary != NULL) {
		struct quotes points = {0};

		quotes_add(r, &points, job->summary);
		for (size_t i = 0; i < job->highlights.n; i++)
			quotes_add(r, &points, job->highlights.items[i]);
		job->highlights = points;
		job->summary = NULL;
	}
}

/* ---- all of them ---- */

static bool same_company_goes_on(const struct job *above, const struct job *job)
{
	return job->name == NULL && job->position != NULL && above->name != NULL;
}

/* Entries without a date: the heading of a company with several positions, a job without dates, or
 * no entry. */
static bool is_wanted(const struct reader *x, const struct entry *e, const struct job *job)
{
	const struct line *l = &x->r->d->lines[x->all.items[e->rows[0]].line];

	if (e->anchor >= 0)
		return job->name != NULL || job->position != NULL;
	if (job->name == NULL || e->nrows > 3)
		return false;
	return job->position != NULL ? job->position->confidence > 0.8
								 : job->name->confidence > 0.8 && (l->flags & TEXT_BOLD);
}

/* What heads no job tells about the one above. */
static void fold(struct entry *above, const struct entry *e)
{
	if (above->body_end == 0)
		above->body = e->rows[0];
	above->body_end = e->body_end > 0 ? e->body_end : e->rows[e->nrows - 1] + 1;
}

/* heads[i]: the entry that jobs[i] was read from. */
static void add(struct reader *x, struct entry *e, struct entry **heads)
{
	struct job job = {0}, *above = x->njobs > 0 ? &x->jobs[x->njobs - 1] : NULL;

	job_read(x, e, &job);
	if (!is_wanted(x, e, &job)) {
		if (above != NULL && e->anchor < 0)
			fold(heads[x->njobs - 1], e);
		return;
	}
	if (e->anchor >= 0 && above != NULL && same_company_goes_on(above, &job)) {
		bool heading = above->position == NULL;

		job.name = quote_copy(x->r, above->name,
							  above->name->confidence < 0.75 ? above->name->confidence : 0.75);
		if (job.location == NULL)
			job.location = quote_copy(x->r, above->location, 0.6);
		if (heading) {
			*above = job;
			heads[x->njobs - 1] = e;
			return;
		}
	}
	heads[x->njobs] = e;
	x->jobs[x->njobs++] = job;
}

size_t history_read(struct reading *r, enum section_kind section, struct job **out)
{
	struct reader x = {.r = r, .all = entries_read(r, section, true)};
	struct entry **heads;

	if (x.all.n == 0)
		return 0;
	x.jobs = ARENA_ARRAY(r->arena, (size_t)x.all.n, struct job);
	heads = ARENA_ARRAY(r->arena, (size_t)x.all.n, struct entry *);
	mark_parts(&x);
	count_votes(&x);
	for (int i = 0; i < x.all.n; i++)
		add(&x, &x.all.entries[i], heads);
	for (size_t i = 0; i < x.njobs; i++)
		entry_body(r, &x.all, heads[i], &x.jobs[i]);
	*out = x.jobs;
	return x.njobs;
}

size_t projects_read(struct reading *r, struct job **out)
{
	struct reader x = {.r = r, .all = entries_read(r, SECTION_PROJECTS, true)};

	if (x.all.n == 0)
		return 0;
	x.jobs = ARENA_ARRAY(r->arena, (size_t)x.all.n, struct job);
	for (int i = 0; i < x.all.n; i++) {
		struct entry *e = &x.all.entries[i];
		struct job *job = &x.jobs[x.njobs];
		int name = part_left(r, e, -1);

		*job = (struct job){.start = e->start, .end = e->end, .date = e->date};
		if (name < 0)
			continue;
		job->name = take(&x, e, name, name, e->anchor >= 0 ? 0.8 : 0.65);
		entry_body(r, &x.all, e, job);
		x.njobs++;
	}
	*out = x.jobs;
	return x.njobs;
}

double history_years(struct reading *r, const struct job *jobs, size_t n, struct date now)
{
	struct months *stretches = ARENA_ARRAY(r->arena, n + 1, struct months);
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		if (jobs[i].date.end > 0 && date_is_range(&jobs[i].date))
			stretches[count++] = date_months(&jobs[i].date, now);
	return count == 0 ? -1 : date_years(stretches, count);
}

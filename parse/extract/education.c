/*
 * Education: the same entries as jobs, whose parts are a degree, its subject and the place of
 * study.
 *
 * A degree is told by its words ("BSc", "Master of Science", "Diplôme d'ingénieur"); what follows
 * it in the same part, behind "in" or the next comma is the subject; schools are told by theirs,
 * else by elimination.
 */
#include <string.h>

#include "base/text.h"
#include "parse/extract/resume_json.h"

struct degree {
	const char *words;
	bool whole;
}; /* whole: only if nothing else stands in the part */

/* In plain form, longest first where one begins another. */
static const struct degree degrees[] = {
	{"bachelor of science", false},
	{"bachelor of arts", false},
	{"bachelor of engineering", false},
	{"bachelor of technology", false},
	{"bachelor of education", false},
	{"bachelor of laws", false},
	{"bachelor of commerce", false},
	{"bachelor of fine arts", false},
	{"bachelor of business administration", false},
	{"bachelor of applied science", false},
	{"master of science", false},
	{"master of arts", false},
	{"master of engineering", false},
	{"master of business administration", false},
	{"master of laws", false},
	{"master of education", false},
	{"master of technology", false},
	{"master of fine arts", false},
	{"master of public health", false},
	{"master of research", false},
	{"doctor of philosophy", false},
	{"doctor of medicine", false},
	{"associate of science", false},
	{"associate of arts", false},
	{"associate of applied science", false},
	{"associate degree", false},
	{"associate s degree", false},
	{"associates degree", false},
	{"bachelor s degree", false},
	{"bachelors degree", false},
	{"bachelor degree", false},
	{"master s degree", false},
	{"masters degree", false},
	{"master degree", false},
	{"bachelor s", false},
	{"master s", false},
	{"bachelors", false},
	{"masters", false},
	{"bachelor", false},
	{"master", false},
	{"doctorate", false},
	{"doctorat", false},
	{"doctorado", false},
	{"doktorat", false},
	{"promotion", true},
	{"postgraduate diploma", false},
	{"postgraduate certificate", false},
	{"graduate diploma", false},
	{"graduate certificate", false},
	{"higher national diploma", false},
	{"national diploma", false},
	{"advanced diploma", false},
	{"high school diploma", false},
	{"foundation degree", false},
	{"diploma", false},
	{"diploma of", false},
	{"diplome d ingenieur", false},
	{"diplome d etat", false},
	{"diplome", false},
	{"diplom ingenieur", false},
	{"diplom ingenieurin", false},
	{"diplom", false},
	{"dipl ing", false},
	{"magister", false},
	{"staatsexamen", false},
	{"abitur", false},
	{"fachabitur", false},
	{"matura", false},
	{"mittlere reife", false},
	{"licence professionnelle", false},
	{"licence", false},
	{"license", true},
	{"licenciatura", false},
	{"licenciado", false},
	{"licenciada", false},
	{"grado", false},
	{"graduado", false},
	{"graduada", false},
	{"maestria", false},
	{"mastere", false},
	{"maitrise", false},
	{"bachillerato", false},
	{"tecnico superior", false},
	{"ciclo formativo", false},
	{"baccalaureat", false},
	{"bac", false},
	{"brevet de technicien superieur", false},
	{"laurea magistrale", false},
	{"laurea triennale", false},
	{"laurea", false},
	{"dottorato", false},
	{"bacharelado", false},
	{"mestrado", false},
	{"doutorado", false},
	{"ausbildung", false},
	{"berufsausbildung", false},
	{"certificate", true},
	{"ged", true},
	{"a levels", false},
	{"gcse", false},
	{"gcses", false},
	{"b sc", false},
	{"bsc hons", false},
	{"bsc honours", false},
	{"ba hons", false},
	{"bsc", false},
	{"b s", false},
	{"bs", false},
	{"b a", false},
	{"ba", false},
	{"m sc", false},
	{"msc", false},
	{"m s", false},
	{"ms", false},
	{"m a", false},
	{"ma", false},
	{"mba", false},
	{"executive mba", false},
	{"phd", false},
	{"ph d", false},
	{"bsn", false},
	{"msn", false},
	{"beng", false},
	{"b eng", false},
	{"meng", false},
	{"m eng", false},
	{"btech", false},
	{"b tech", false},
	{"mtech", false},
	{"m tech", false},
	{"be", false},
	{"b e", false},
	{"me", true},
	{"bcom", false},
	{"b com", false},
	{"mcom", false},
	{"bba", false},
	{"bca", false},
	{"mca", false},
	{"bfa", false},
	{"mfa", false},
	{"bed", false},
	{"b ed", false},
	{"m ed", false},
	{"mphil", false},
	{"dphil", false},
	{"llb", false},
	{"llm", false},
	{"jd", false},
	{"j d", false},
	{"md", false},
	{"m d", false},
	{"mbbs", false},
	{"dds", false},
	{"pharmd", false},
	{"mph", false},
	{"mpa", false},
	{"mres", false},
	{"dut", false},
	{"but", true},
	{"bts", false},
	{"hnd", false},
	{"hnc", false},
	{"aas", false},
	{"associate", false},
	{"ssc", false},
	{"hsc", false},
	{"pgce", false},
	{"pgdip", false},
	{"drs", false},
	{"ing", true},
	{"aos", false},
	{"as", false},
	{"a s", false},
	{"aa", false},
	{"a a", false},
	{"bcomp", false},
	{"bconst", false},
	{"barch", false},
	{"march", false},
	{"bsw", false},
	{"msw", false},
	{"bstat", false},
	{"mstat", false},
	{"macc", false},
	{"bdes", false},
	{"mdes", false},
	{"bmus", false},
	{"mmus", false},
	{"bvsc", false},
	{"dvm", false},
	{"dnp", false},
	{"dpt", false},
	{"edd", false},
	{"dba", false},
	{"dr rer nat", false},
	{"dr ing", false},
	{"dr phil", false},
	{"dr med", false},
	{"technical certificate", false},
	{"trade certificate", false},
	{"apprenticeship", false},
	{"ingenieria", false},
	{"ingeniero", false},
	{"ingeniera", false},
	{"ingenieur", true},
	{"hbo", false},
	{"mbo", false},
	{"nvq", false},
	{"cap", false},
	{"bep", false},
	{"dcg", false},
	{"dscg", false},
	{"fp", false},
	{"realschulabschluss", false},
	{"hauptschulabschluss", false},
	{"fachhochschulreife", false},
	{"lehrabschluss", false},
	{"lehre", false},
	{"tecnico", false},
	{"formacion profesional", false},
	{"diploma di", false},
	{"master 2", false},
	{"master 1", false},
	{"licence pro", false},
	{"graduacao", false},
	{"engenharia", false},
	{"vwo", false},
};

/* Plain words of the longest degree the part begins with; 0 if none. */
static size_t degree_words(const char *plain)
{
	size_t best = 0;

	for (size_t i = 0; i < sizeof degrees / sizeof *degrees; i++) {
		size_t n;

		if (degrees[i].words[0] != plain[0])
			continue;
		n = strlen(degrees[i].words);
		if (n > best && strncmp(plain, degrees[i].words, n) == 0 &&
			(plain[n] == '\0' || (plain[n] == ' ' && !degrees[i].whole)))
			best = n;
	}
	return best;
}

/* Bytes of the text that the first n bytes of its plain form came from. */
static size_t bytes_of(const char *s, size_t length, size_t n)
{
	char plain[400];

	for (size_t i = 1; i <= length; i++) {
		if (i < length && ((unsigned char)s[i] & 0xC0) == 0x80)
			continue;
		if (words_plain(s, i, plain, sizeof plain) >= n && strlen(plain) >= n &&
			(i == length || strchr(" .,;:-/('", s[i]) != NULL))
			return i;
	}
	return length;
}

static int school_mark(const char *plain)
{
	static const char *const begins[] = {
		"universi", "univ",    "polytech", "politec",    "hochschul", "fachhochschul", "akademi",
		"academ",   "college", "colleg",   "school",     "institut",  "istitut",       "ecole",
		"lycee",    "escuela", "colegio",  "facult",     "facultad",  "liceo",         "iut",
		"eth",      "mit",     "gymnasi",  "conservato", "campus",    "iit",           "nit",
		"ies",      "cfa",     "bootcamp", "seminary"};
	static const char *const ends[] = {"schule", "universitat", "gymnasium",
									   "kolleg", "akademie",    "university"};
	int mark = 0;

	for (const char *w = plain; *w != '\0'; w += lex_word(w), w += *w == ' ') {
		size_t n = lex_word(w);

		for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
			size_t m;

			if (begins[i][0] != w[0])
				continue;
			m = strlen(begins[i]);
			if (m <= n && memcmp(w, begins[i], m) == 0 &&
				(m > 4 || m == n || strcmp(begins[i], "univ") == 0))
				mark = 2;
		}
		for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
			if (n > strlen(ends[i]) &&
				memcmp(w + n - strlen(ends[i]), ends[i], strlen(ends[i])) == 0)
				mark = 2;
		if (mark == 0 && lex_is(w, n, LEX_COMPANY))
			mark = 1;
	}
	return mark;
}

/* ---- one entry ---- */

static struct quote *quote_part(struct reading *r, struct entry *e, int i, double sure)
{
	e->parts[i].used = true;
	return quote_parts(r, e, i, i, sure);
}

static int find_school(const struct entry *e)
{
	int best = -1, most = 0;

	for (int i = 0; i < e->nparts; i++) {
		int mark = e->parts[i].used || degree_words(e->parts[i].plain) > 0
					   ? 0
					   : school_mark(e->parts[i].plain);

		if (mark > most) {
			best = i;
			most = mark;
		}
	}
	return best;
}

/* "in", "of", "en" and signs between a degree and its subject. */
static size_t past_of(const char *s, size_t at, size_t end)
{
	static const char *const of[] = {"in ", "of ", "en ", "de ", "der ",         "des ",
									 "im ", "em ", "di ", "d'",  "d\xE2\x80\x99"};
	size_t start;

	do {
		start = at;
		while (at < end && strchr(" .,;:-/()\t", s[at]) != NULL)
			at++;
		for (size_t i = 0; i < sizeof of / sizeof *of; i++)
			if (end - at > strlen(of[i]) && memcmp(s + at, of[i], strlen(of[i])) == 0) {
				at += strlen(of[i]);
				break;
			}
	} while (at != start && at < end);
	return at;
}

/* A field is short and names no place or number. */
static bool could_be_area(const struct part *p)
{
	return !p->used && school_mark(p->plain) < 2 && strlen(p->plain) < 70 &&
		   strpbrk(p->plain, "0123456789") == NULL &&
		   !lex_is(p->plain, strlen(p->plain), LEX_PLACE);
}

/* "Automotive Technology Certificate": a degree told by its last word. */
static bool ends_as_degree(const char *plain)
{
	static const char *const ends[] = {" certificate",  " diploma",      " apprenticeship",
									   " degree",       " abschluss",    "schulabschluss",
									   "gesellenbrief", " meisterbrief", " zertifikat"};
	size_t n = strlen(plain);

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (n > strlen(ends[i]) && strcmp(plain + n - strlen(ends[i]), ends[i]) == 0)
			return true;
	return false;
}

static void degree_read(struct reading *r, struct entry *e, struct study *study)
{
	for (int i = 0; i < e->nparts && study->study_type == NULL; i++) {
		struct part *p = &e->parts[i];
		const char *s = r->d->lines[p->line].text;
		size_t n = p->used ? 0 : degree_words(p->plain), end, area;
		int next = i + 1;

		if (n == 0 && !p->used && ends_as_degree(p->plain))
			n = strlen(p->plain);
		if (n == 0)
			continue;
		while (next < e->nparts && e->parts[next].used && e->parts[next].bracket)
			next++; /* "BSc (Hons) Nursing" */
		end = p->start + bytes_of(s + p->start, p->end - p->start, n);
		if (s[end] == '.' && end < p->end)
			end++;
		study->study_type = quote_at(r, p->line, p->start, end - p->start, 0.92);
		p->used = true;
		area = past_of(s, end, p->end);
		if (area + 3 < p->end && school_mark(p->plain) < 2)
			study->area = quote_at(r, p->line, area, p->end - area, 0.85);
		else if (next < e->nparts && e->parts[next].row == p->row && could_be_area(&e->parts[next]))
			study->area = quote_part(r, e, next, 0.85);
		else if (i > 0 && (e->parts[i - 1].row == p->row || e->parts[i - 1].row == p->row - 1) &&
				 could_be_area(&e->parts[i - 1]))
			study->area = quote_part(r, e, i - 1, 0.75);
		for (int k = 1; k < e->nparts && study->area == NULL; k++)
			if (e->parts[k].comma && e->parts[k].row == e->parts[k - 1].row &&
				could_be_area(&e->parts[k]) && e->parts[k - 1].used &&
				school_mark(e->parts[k - 1].plain) == 2 && e->parts[k].row == p->row)
				study->area = quote_part(r, e, k, 0.75);
		for (int k = i + 1; k < e->nparts && study->area == NULL; k++)
			if (e->parts[k].row == p->row + 1 && !e->parts[k].comma &&
				could_be_area(&e->parts[k]) && study->institution != NULL)
				study->area = quote_part(r, e, k, 0.7);
	}
}

/* "GPA: 3.8/4.0", "Note: 1,3", "First Class Honours". */
static struct quote *score_in(struct reading *r, int line, size_t from)
{
	static const char *const words[] = {"GPA",
										"CGPA",
										"Note",
										"Abschlussnote",
										"Grade",
										"Mention",
										"First Class",
										"summa cum laude",
										"magna cum laude",
										"cum laude",
										"Nota media",
										"Upper Second",
										"2:1"};
	static const char *const hints[] = {"gpa",   "note", "grade", "mention", "class",
										"laude", "nota", "upper", "2 1"};
	const char *s = r->d->lines[line].text + from;
	bool hinted = false;

	for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
		hinted |= strstr(r->notes[line].plain, hints[i]) != NULL;
	if (!hinted)
		return NULL;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		const char *at = strcasestr(s, words[i]);
		size_t n = strlen(words[i]), end;

		if (at == NULL || (at > s && at[-1] != ' ' && at[-1] != '(' && at[-1] != '\t') ||
			(at[n] >= 'a' && at[n] <= 'z'))
			continue;
		end = n + strspn(at + n, " :");
		if (i < 6 && strcspn(at + end, " \t,;()|") > 0) {
			size_t value = strcspn(at + end, " \t;()|");

			while (value > 0 && strchr(",.", at[end + value - 1]) != NULL)
				value--;
			if (i != 5 && strpbrk(at + end, "0123456789") != at + end)
				continue;
			return quote_at(r, line, from + (size_t)(at - s) + end, value, 0.9);
		}
		if (i < 6)
			continue;
		return quote_at(r, line, from + (size_t)(at - s), n, 0.8);
	}
	return NULL;
}

/* "Relevant coursework: Algebra, Logic": each subject. */
static void courses_read(struct reading *r, int line, size_t from, struct study *study)
{
	const char *s = r->d->lines[line].text, *colon = strchr(s + from, ':');
	char plain[64];

	if (colon == NULL || colon - (s + from) > 40)
		return;
	words_plain(s + from, (size_t)(colon - (s + from)), plain, sizeof plain);
	if (strstr(plain, "course") == NULL && strstr(plain, "module") == NULL &&
		strstr(plain, "schwerpunkt") == NULL && strstr(plain, "asignatura") == NULL &&
		strstr(plain, "cours") == NULL)
		return;
	for (size_t at = (size_t)(colon - s) + 1; s[at] != '\0';) {
		size_t n = strcspn(s + at, ",;|\t");

		quotes_add(r, &study->courses, quote_at(r, line, at, n, 0.8));
		at += n;
		at += s[at] != '\0';
	}
}

static void rest_read(struct reading *r, const struct entries *all, struct entry *e,
					  struct study *study)
{
	for (int i = 0; i < e->nrows; i++)
		if (study->score == NULL)
			study->score = score_in(r, all->items[e->rows[i]].line, all->items[e->rows[i]].from);
	for (int i = e->body; i < e->body_end; i++) {
		const struct item *item = &all->items[i];

		if (study->score == NULL)
			study->score = score_in(r, item->line, item->from);
		courses_read(r, item->line, item->from, study);
	}
}

static bool study_read(struct reading *r, const struct entries *all, struct entry *e,
					   struct study *study)
{
	int school;

	*study = (struct study){.start = e->start, .end = e->end};
	school = find_school(e);
	if (school >= 0)
		study->institution = quote_part(r, e, school, 0.92);
	degree_read(r, e, study);
	for (int i = 0; i < e->nparts && study->institution == NULL && study->study_type != NULL; i++)
		if (!e->parts[i].used && !e->parts[i].bracket && e->parts[i].row >= -1 &&
			e->parts[i].row <= 1 &&
			!lex_is(e->parts[i].plain, strlen(e->parts[i].plain), LEX_PLACE) &&
			(strlen(e->parts[i].plain) > 3 && strpbrk(e->parts[i].plain, "0123456789") == NULL))
			study->institution = quote_part(r, e, i, 0.65);
	for (int i = 0; i < e->nparts && study->area == NULL && study->institution != NULL &&
					study->study_type == NULL;
		 i++)
		if (could_be_area(&e->parts[i]) && !e->parts[i].bracket &&
			school_mark(e->parts[i].plain) == 0)
			study->area = quote_part(r, e, i, 0.6);
	if (e->anchor >= 0 && !date_is_range(&e->date)) {
		study->end = study->start; /* a date alone is that of the degree */
		study->start = NULL;
	}
	rest_read(r, all, e, study);
	return study->institution != NULL || study->study_type != NULL;
}

/* Lines without dates: each degree, and each school behind a school, begins another study. */
static void split_undated(struct reading *r, struct entries *all)
{
	int n = all->n;

	for (int i = 0; i < n && all->n < ENTRIES_MAX; i++) {
		struct entry *e = &all->entries[i], *more;
		int degrees_seen = 0, schools = 0, row = 0;

		if (e->anchor >= 0)
			continue;
		for (int k = 0; k < e->nparts; k++) {
			bool degree = degree_words(e->parts[k].plain) > 0,
				 school = school_mark(e->parts[k].plain) == 2;

			if (e->parts[k].row > 0 && ((degree && degrees_seen > 0) || (school && schools > 0))) {
				row = e->parts[k].row;
				break;
			}
			degrees_seen += degree;
			schools += school && !degree;
		}
		if (row == 0 || row >= e->nrows)
			continue;
		if (all->n > n || i + 1 < all->n)
			continue; /* only the last entry may be divided in place */
		more = &all->entries[all->n++];
		*more = *e;
		more->nrows = e->nrows - row;
		memmove(more->rows, e->rows + row, (size_t)more->nrows * sizeof *more->rows);
		e->nrows = row;
		e->body_end = e->body;
		entry_parts(r, all, e);
		entry_parts(r, all, more);
		n = all->n;
	}
}

size_t education_read(struct reading *r, struct study **out)
{
	struct entries all = entries_read(r, SECTION_EDUCATION, true);
	size_t n = 0;

	if (all.n == 0)
		return 0;
	split_undated(r, &all);
	*out = ARENA_ARRAY(r->arena, (size_t)all.n, struct study);
	for (int i = 0; i < all.n; i++)
		if (study_read(r, &all, &all.entries[i], &(*out)[n])) {
			/* Several degrees below one school. */
			if ((*out)[n].institution == NULL && n > 0)
				(*out)[n].institution = quote_copy(r, (*out)[n - 1].institution, 0.55);
			n++;
		}
	return n;
}

/*
 * See resume_check.h. Every section starts with its full number of points and loses some for each
 * thing that is missing or weak, within a bound for each kind of thing, so that one habit does not
 * cost everything. The dates are looked at in resume_dates.c, the sentences in resume_words.c.
 */
#include "app/resume_check.h"

#include <stdarg.h>
#include <string.h>

#include "app/resume_check_inner.h"
#include "data/words.h"

#define PAGE_FIELD FIELD(struct remark, page, F_NULL, .doc = "Its page, from 1", .example = "1")
static const struct field remark_fields[] = {
	FIELD(struct remark, severity, 0, .doc = "problem, advice or good", .example = "\"problem\""),
	FIELD(struct remark, code, 0, .doc = "What it is about, for programs",
		  .example = "\"weak_verb\""),
	FIELD(struct remark, message, 0, .doc = "What it is about, and what to do",
		  .example = "\"Begin with what you did: led, ran, owned\""),
	FIELD(struct remark, pointer, F_NULL, .doc = "Where in profile.resume: a JSON Pointer",
		  .example = "\"/work/0/summary\""),
	FIELD(struct remark, text, F_NULL, .doc = "The words meant",
		  .example = "\"Responsible for billing\""),
	PAGE_FIELD,
};
const struct schema remark_schema = SCHEMA("ResumeRemark", struct remark, remark_fields);

static const struct field section_fields[] = {
	FIELD(struct section_score, section, 0, .doc = "Part of the résumé",
		  .example = "\"experience\""),
	FIELD(struct section_score, score, 0, .doc = "Points it has", .example = "24"),
	FIELD(struct section_score, max, 0, .doc = "Points it could have", .example = "30"),
	FIELD(struct section_score, remarks, 0, .of = &remark_schema, .doc = "Why", .example = "[]"),
};
const struct schema section_score_schema =
	SCHEMA("ResumeSection", struct section_score, section_fields);

enum { SECTIONS = 8, WORDS_FEW = 150, WORDS_MANY = 1100, SKILLS_FEW = 5, SKILLS_MANY = 45 };
enum { SUMMARY_FEW = 40, SUMMARY_MANY = 700, SENIOR_YEARS = 10, WORDS_MAX = 5000 };

/* ---- remarks ---- */

void check_begin(struct check *k, const char *section, int max)
{
	struct section_score *sections = k->sections.items;

	k->section = &sections[k->sections.n++];
	*k->section = (struct section_score){.section = section, .score = max, .max = max};
	k->section->remarks.items = ARENA_ARRAY(k->arena, CHECK_REMARKS_MAX, struct remark);
}

void check_take(struct check *k, int points)
{
	k->section->score -= points < k->section->score ? points : k->section->score;
}

void check_remark(struct check *k, const char *severity, const char *code, const char *pointer,
				  const char *text, const char *message, ...)
{
	struct remark *r = k->section->remarks.items;
	va_list ap;

	if (k->section->remarks.n == CHECK_REMARKS_MAX)
		return;
	r += k->section->remarks.n++;
	va_start(ap, message);
	*r = (struct remark){
		.severity = severity,
		.code = code,
		.message = arena_vprintf(k->arena, message, ap),
		.pointer = pointer,
		.text = text,
		.page = pointer != NULL ? resume_page_of(k->s->resume, pointer) : (struct opt_int){0},
	};
	va_end(ap);
}

struct opt_int resume_page_of(const struct json_value *resume, const char *pointer)
{
	const struct json_value *rows = json_get(json_get(resume, "meta"), "evidence");
	size_t n = strlen(pointer);

	for (size_t i = 0; i < json_size(rows); i++) {
		const char *at = json_string(json_get(json_at(rows, i), "pointer"));

		if (at != NULL && strncmp(at, pointer, n) == 0 && (at[n] == '\0' || at[n] == '/'))
			return (struct opt_int){.set = true, .v = json_int(json_get(json_at(rows, i), "page"))};
	}
	return (struct opt_int){0};
}

static const char *basics(const struct check *k, const char *name)
{
	return json_string(json_get(json_get(k->s->resume, "basics"), name));
}

static size_t count(const struct check *k, const char *list)
{
	return json_size(json_get(k->s->resume, list));
}

/* ---- the sections ---- */

static bool has_place(const struct check *k)
{
	const struct json_value *place = json_get(json_get(k->s->resume, "basics"), "location");

	return json_get(place, "city") != NULL || json_get(place, "region") != NULL ||
		   json_get(place, "countryCode") != NULL || json_get(place, "address") != NULL;
}

static bool has_link(const struct check *k)
{
	return basics(k, "url") != NULL ||
		   json_size(json_get(json_get(k->s->resume, "basics"), "profiles")) > 0;
}

static void miss(struct check *k, int points, const char *severity, const char *code,
				 const char *message)
{
	check_take(k, points);
	check_remark(k, severity, code, NULL, NULL, "%s", message);
}

static void check_contact(struct check *k)
{
	const struct profile *p = k->s->profile;

	check_begin(k, "contact", 15);
	if (p->name.value == NULL)
		miss(k, 5, "problem", "missing_name", "Put your name at the top, on a line of its own");
	if (p->email.value == NULL)
		miss(k, 5, "problem", "missing_email", "Add an e-mail address");
	if (p->phone.value == NULL)
		miss(k, 2, "problem", "missing_phone", "Add a telephone number with its country code");
	if (!has_place(k))
		miss(k, 2, "advice", "missing_location", "Say where you are: city and country will do");
	if (!has_link(k))
		miss(k, 1, "advice", "missing_link",
			 "Add a link that shows more of you: a professional profile, a portfolio, code");
	if (k->section->score == k->section->max)
		check_remark(k, "good", "contact_complete", NULL, NULL, "You can be reached");
}

static void check_summary(struct check *k)
{
	const char *text = basics(k, "summary");
	size_t n = text == NULL ? 0 : utf8_length(text, strlen(text));

	check_begin(k, "summary", 5);
	if (n == 0)
		miss(k, 4, "advice", "missing_summary",
			 "Begin with two or three sentences: who you are, what you do best, what you look for");
	else if (n < SUMMARY_FEW)
		miss(k, 2, "advice", "short_summary", "Say a little more in the summary");
	else if (n > SUMMARY_MANY)
		miss(k, 2, "advice", "long_summary", "Shorten the summary to three or four lines");
	else
		check_remark(k, "good", "summary_present", "/basics/summary", NULL,
					 "The summary has a good length");
}

static void check_education(struct check *k)
{
	const struct json_value *list = json_get(k->s->resume, "education");
	size_t undated = 0;

	check_begin(k, "education", 10);
	if (json_size(list) == 0) {
		miss(k, 10, "problem", "missing_education",
			 "Add your education: school or university, what you studied, until when");
		return;
	}
	for (size_t i = 0; i < json_size(list); i++)
		if (json_get(json_at(list, i), "endDate") == NULL &&
			json_get(json_at(list, i), "startDate") == NULL) {
			undated++;
			check_remark(
				k, "advice", "education_without_date", arena_printf(k->arena, "/education/%zu", i),
				json_string(json_get(json_at(list, i), "institution")), "Say when you finished it");
		}
	check_take(k, undated > 2 ? 4 : 2 * (int)undated);
	if (undated == 0)
		check_remark(k, "good", "education_present", "/education", NULL,
					 "Education is there, with its dates");
}

static void check_skills(struct check *k)
{
	size_t n = k->s->profile->skills.n;

	check_begin(k, "skills", 15);
	if (n == 0)
		miss(k, 15, "problem", "missing_skills",
			 "Add a list of skills, by the names that job descriptions use");
	else if (n < SKILLS_FEW)
		miss(k, 3 * (SKILLS_FEW - (int)n), "problem", "few_skills",
			 "Name more of what you can do: methods, tools, languages");
	else if (n > SKILLS_MANY)
		miss(k, 3, "advice", "many_skills",
			 "So many skills hide the ones that count: keep those you would be asked about");
	else
		check_remark(k, "good", "skills_present", NULL, NULL, "%zu skills are recognised", n);
	if (n > 0 && count(k, "skills") == 0)
		miss(k, 3, "advice", "no_skill_section",
			 "Collect your skills under a heading of their own, where they are looked for");
}

static size_t count_words(struct check *k)
{
	struct word *words = ARENA_ARRAY(k->arena, WORDS_MAX, struct word);
	const char *text = k->s->profile->text;

	return words_split(text, strlen(text), words, WORDS_MAX);
}

static void check_length(struct check *k)
{
	int64_t pages = k->s->profile->pages, most;
	double years = json_real(json_get(json_get(k->s->resume, "meta"), "experienceYears"));
	size_t words = count_words(k);

	check_begin(k, "length", 5);
	most = years >= SENIOR_YEARS ? 3 : 2;
	if (pages > most) {
		check_take(k, 3);
		check_remark(k, "advice", "too_long", NULL, NULL,
					 "%lld pages are many; %lld are enough for your experience", (long long)pages,
					 (long long)most);
	}
	if (words < WORDS_FEW) {
		check_take(k, 4);
		check_remark(k, "problem", "too_short", NULL, NULL,
					 "There are only %zu words; say more of what you have done", words);
	} else if (words > WORDS_MANY && pages <= most) {
		check_take(k, 1);
		check_remark(k, "advice", "dense", NULL, NULL,
					 "%zu words are much to read; keep what matters for the job", words);
	}
	if (k->section->score == k->section->max)
		check_remark(k, "good", "length", NULL, NULL, "The length is right");
}

/* What stands in the way of programs that read résumés; most employers use one. */
static void check_readability(struct check *k)
{
	static const struct {
		const char *kind, *message;
		int points;
	} known[] = {
		{"image", "Most of it is a picture, which programs cannot read; write it as text", 6},
		{"hidden_text", "It holds words that cannot be seen; programs take that for a trick", 4},
		{"damaged", "The file is damaged; export it anew", 4},
		{"cut", "The file is so large that programs read only its beginning", 3},
		{"two_people", "It looks as if it were about two people", 4},
		{"not_resume",
		 "Programs may not take it for a résumé: use the usual headings, such as "
		 "Experience, Education, Skills",
		 4},
	};
	const struct finding *f = k->s->profile->findings.items;

	check_begin(k, "readability", 10);
	if (k->s->scanned)
		miss(k, 10, "problem", "scanned",
			 "The pages are pictures, for example a scan: most programs read nothing of it. Export "
			 "it as a PDF with text");
	for (size_t i = 0; i < k->s->profile->findings.n; i++)
		for (size_t j = 0; j < sizeof known / sizeof known[0]; j++)
			if (text_eq(f[i].kind, known[j].kind))
				miss(k, known[j].points, "problem", known[j].kind, known[j].message);
	if (k->section->score == k->section->max)
		check_remark(k, "good", "readable", NULL, NULL, "Programs can read it");
}

/* ---- the whole ---- */

/* Nothing was read: all that there is to say is why. */
static void check_unreadable(struct check *k)
{
	static const struct {
		const char *name;
		int max;
	} others[] = {{"contact", 15}, {"summary", 5}, {"experience", 30}, {"education", 10},
				  {"skills", 15},  {"dates", 10},  {"length", 5}};

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		check_begin(k, others[i].name, others[i].max);
		check_take(k, others[i].max);
	}
	check_begin(k, "readability", 10);
	check_take(k, 10);
	check_remark(k, "problem", k->s->scanned ? "scanned" : "unreadable", NULL, NULL, "%s",
				 k->s->error_message != NULL
					 ? k->s->error_message
					 : "The pages are pictures, for example a scan: most programs read nothing of "
					   "it. Export it as a PDF with text");
}

/* The first problem of the section that lacks most. */
static const char *first_thing(const struct check *k)
{
	const struct section_score *s = k->sections.items, *worst = NULL;

	for (size_t i = 0; i < k->sections.n; i++)
		if (worst == NULL || s[i].max - s[i].score > worst->max - worst->score)
			worst = &s[i];
	for (size_t i = 0; worst != NULL && i < worst->remarks.n; i++) {
		const struct remark *r = (const struct remark *)worst->remarks.items + i;

		if (!text_eq(r->severity, "good"))
			return r->message;
	}
	return NULL;
}

static const char *summarise(const struct check *k, int64_t score)
{
	const char *word = score >= 85   ? "Strong"
					   : score >= 70 ? "Good"
					   : score >= 50 ? "Fair"
									 : "Weak";
	const char *first = first_thing(k);

	if (first == NULL)
		return arena_printf(k->arena, "%s: %lld of 100.", word, (long long)score);
	return arena_printf(k->arena, "%s: %lld of 100. Start here: %s.", word, (long long)score,
						first);
}

void resume_subject_init(struct arena *a, const struct profile *p, struct resume_subject *out)
{
	*out = (struct resume_subject){.profile = p};
	if (p->resume.text != NULL)
		json_parse(a, p->resume.text, strlen(p->resume.text), &out->resume, NULL);
}

void resume_check(struct arena *a, const struct resume_subject *s, struct resume_score *out)
{
	struct check k = {.arena = a, .s = s};
	const struct section_score *sections;
	int64_t score = 0;

	k.sections.items = ARENA_ARRAY(a, SECTIONS, struct section_score);
	if (s->error_message != NULL || text_is_blank(s->profile->text)) {
		check_unreadable(&k);
	} else {
		check_contact(&k);
		check_summary(&k);
		check_experience(&k);
		check_education(&k);
		check_skills(&k);
		check_dates(&k);
		check_length(&k);
		check_readability(&k);
	}
	sections = k.sections.items;
	for (size_t i = 0; i < k.sections.n; i++)
		score += sections[i].score;
	*out = (struct resume_score){score, summarise(&k, score), k.sections};
}

/*
 * How a résumé tells of its work: sentences that begin with a duty instead of a deed, and results
 * without a measure. The openings are compared as folded words, in the languages that most résumés
 * are written in.
 */
#include <string.h>

#include "app/resume_check_inner.h"
#include "data/words.h"

enum { STATEMENT_MAX = 4000, QUOTE_MAX = 160, WEAK_TOLD = 12 };

/* Folded (words_plain): no accents, small letters. */
static const char *const weak_openings[] = {
	"responsible for",  "responsibilities include",
	"duties include",   "in charge of",
	"tasked with",      "worked on",
	"worked with",      "working on",
	"helped",           "helping",
	"assisted",         "assisting",
	"participated in",  "involved in",
	"was involved",     "looked after",
	"contributed to",   "dealt with",
	"handled",          "verantwortlich fur",
	"zustandig fur",    "mitarbeit",
	"mithilfe",         "unterstutzung",
	"tatigkeit",        "responsable de",
	"charge de",        "chargee de",
	"participation a",  "aide a",
	"encargado de",     "encargada de",
	"participacion en", "responsabile di",
	"responsavel por",
};

/* Words that measure without a digit. */
static const char *const measures[] = {
	"half",     "halved",   "double",     "doubled",  "twice",    "triple",    "tripled",
	"dozen",    "dozens",   "hundred",    "hundreds", "thousand", "thousands", "million",
	"millions", "billion",  "verdoppelt", "halbiert", "hundert",  "tausend",   "millionen",
	"moitie",   "double",   "millions",   "mitad",    "millones", "miles",     "percent",
	"prozent",  "pourcent", "porciento",
};

static bool begins_weakly(const char *plain)
{
	plain += *plain == ' ';
	for (size_t i = 0; i < sizeof weak_openings / sizeof weak_openings[0]; i++) {
		size_t n = strlen(weak_openings[i]);

		if (strncmp(plain, weak_openings[i], n) == 0 && (plain[n] == ' ' || plain[n] == '\0'))
			return true;
	}
	return false;
}

/* Four digits that are most likely a year measure nothing. */
static bool is_year(const char *digits, size_t n)
{
	return n == 4 && (strncmp(digits, "19", 2) == 0 || strncmp(digits, "20", 2) == 0);
}

static bool has_number(const char *s)
{
	while (*s != '\0') {
		size_t n = strspn(s, "0123456789");

		if (n > 0 && (!is_year(s, n) || s[n] == '%'))
			return true;
		s += n > 0 ? n : 1;
	}
	return false;
}

static bool is_measured(const char *statement, const char *plain)
{
	if (has_number(statement))
		return true;
	for (size_t i = 0; i < sizeof measures / sizeof measures[0]; i++) {
		const char *at = strstr(plain, measures[i]);
		size_t n = strlen(measures[i]);

		if (at != NULL && (at == plain || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
			return true;
	}
	return false;
}

struct telling {
	int jobs, told; /* told: with any statement */
	int statements, weak, measured;
};

static const char *quote(struct check *k, const char *s, size_t n)
{
	size_t end = n;

	if (n <= QUOTE_MAX)
		return arena_strndup(k->arena, s, n);
	for (end = QUOTE_MAX; end > 0 && ((unsigned char)s[end] & 0xC0) == 0x80; end--)
		;
	return arena_printf(k->arena, "%.*s…", (int)end, s);
}

static void judge(struct check *k, struct telling *t, const char *pointer, const char *s, size_t n)
{
	char *statement, *plain;

	if (n > STATEMENT_MAX)
		n = STATEMENT_MAX;
	statement = arena_strndup(k->arena, s, n);
	if (text_is_blank(statement))
		return;
	plain = words_plain_dup(k->arena, statement);
	t->statements++;
	t->measured += is_measured(statement, plain);
	if (!begins_weakly(plain))
		return;
	if (t->weak++ < WEAK_TOLD)
		check_remark(k, "problem", "weak_verb", pointer, quote(k, statement, n),
					 "It tells a duty, not what you did; begin with a verb of doing and end with "
					 "the result");
}

/* Each line of a text is a statement. */
static void judge_lines(struct check *k, struct telling *t, const char *pointer, const char *text)
{
	while (text != NULL && *text != '\0') {
		size_t n = strcspn(text, "\n");

		judge(k, t, pointer, text, n);
		text += n + (text[n] == '\n');
	}
}

static void judge_job(struct check *k, struct telling *t, size_t i, const struct json_value *job)
{
	const struct json_value *highlights = json_get(job, "highlights");
	int before = t->statements;
	const char *name = json_string(json_get(job, "name"));

	t->jobs++;
	judge_lines(k, t, arena_printf(k->arena, "/work/%zu/summary", i),
				json_string(json_get(job, "summary")));
	for (size_t j = 0; j < json_size(highlights); j++)
		judge_lines(k, t, arena_printf(k->arena, "/work/%zu/highlights/%zu", i, j),
					json_string(json_at(highlights, j)));
	if (t->statements > before) {
		t->told++;
		return;
	}
	check_remark(k, "problem", "job_without_text", arena_printf(k->arena, "/work/%zu", i),
				 name ? name : json_string(json_get(job, "position")),
				 "Say what you did there: two to five lines, each with a result");
}

static void weigh(struct check *k, const struct telling *t)
{
	check_take(k, 10 * (t->jobs - t->told) / t->jobs);
	if (t->statements == 0)
		return;
	check_take(k, 2 * t->weak >= t->statements ? 8 : 16 * t->weak / t->statements);
	if (t->measured == 0) {
		check_take(k, 8);
		check_remark(k, "problem", "no_numbers", NULL, NULL,
					 "No result is measured: how many, how much, how fast, for whom");
	} else if (5 * t->measured < 2 * t->statements) {
		check_take(k, 8 - 20 * t->measured / t->statements);
		check_remark(k, "advice", "few_numbers", NULL, NULL,
					 "%d of %d statements have a number; measure more of your results", t->measured,
					 t->statements);
	} else {
		check_remark(k, "good", "numbers", NULL, NULL, "%d of %d statements have a number",
					 t->measured, t->statements);
	}
	if (t->weak == 0)
		check_remark(k, "good", "strong_verbs", NULL, NULL, "The sentences begin with deeds");
}

void check_experience(struct check *k)
{
	const struct json_value *work = json_get(k->s->resume, "work");
	struct telling t = {0};

	check_begin(k, "experience", 30);
	for (size_t i = 0; i < json_size(work); i++)
		judge_job(k, &t, i, json_at(work, i));
	if (t.jobs > 0) {
		weigh(k, &t);
		return;
	}
	check_take(k, 30);
	check_remark(k, "problem", "missing_experience", NULL, NULL,
				 "Add what you have worked on: where, as what, from when to when, with which "
				 "results; projects and internships count");
}

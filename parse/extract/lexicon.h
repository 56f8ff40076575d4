/*
 * lexicon: the words by which a résumé is understood: headings, job titles, labels, months,
 * languages … (lexicon.tsv). Built in, read once, immutable. Phrases are asked for in the form
 * words_plain gives.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum section_kind {
	SECTION_HEAD, /* what stands before the first heading */
	SECTION_SUMMARY,
	SECTION_SKILLS,
	SECTION_EXPERIENCE,
	SECTION_EDUCATION,
	SECTION_CONTACT,
	SECTION_LANGUAGES,
	SECTION_REFERENCES,
	SECTION_INTERESTS,
	SECTION_CERTIFICATES,
	SECTION_PROJECTS,
	SECTION_PUBLICATIONS,
	SECTION_AWARDS,
	SECTION_VOLUNTEER,
	SECTION_COURSES,
	SECTION_OTHER,
	SECTION_KINDS,
};

enum lex_bit {
	LEX_SECTION = 1 << 0,
	LEX_WEAK = 1 << 1,      /* a heading only if it looks like one */
	LEX_QUALIFIER = 1 << 2, /* may stand before a heading's words: "technical" skills */
	LEX_DOCUMENT = 1 << 3,  /* "curriculum vitae" */
	LEX_TITLE = 1 << 4,     /* a word of job titles */
	LEX_COMPANY = 1 << 5,   /* a word of companies' and schools' names */
	LEX_PLACE = 1 << 6,
	LEX_PARTICLE = 1 << 7,   /* "van", "de la", "al" */
	LEX_SUFFIX = 1 << 8,     /* "jr", "iii" */
	LEX_CREDENTIAL = 1 << 9, /* "phd", "cpa" */
	LEX_HONORIFIC = 1 << 10,
	LEX_LABEL_NAME = 1 << 11,
	LEX_LABEL_EMAIL = 1 << 12,
	LEX_LABEL_PHONE = 1 << 13,
	LEX_LABEL_FAX = 1 << 14,
	LEX_LABEL_OTHER = 1 << 15,
	LEX_NUMBER = 1 << 16, /* labels of numbers that are no telephone numbers */
	LEX_MONTH = 1 << 17,
	LEX_LEVEL = 1 << 18,
	LEX_SPOKEN = 1 << 19,     /* a spoken language */
	LEX_PROFICIENT = 1 << 20, /* "experienced with": what follows is a skill */
	LEX_FUNCTION = 1 << 21,   /* a word that stands in no name */
	LEX_STOP_EN = 1 << 22,
	LEX_STOP_DE = 1 << 23,
	LEX_STOP_FR = 1 << 24,
	LEX_STOP_ES = 1 << 25,
	LEX_STOP_IT = 1 << 26,
	LEX_STOP_PT = 1 << 27,
	LEX_STOP_NL = 1 << 28,
	LEX_CITY = 1 << 29,        /* a large town, by itself enough for where somebody lives */
	LEX_BEFORE_NAME = 1 << 30, /* the first word of a LEX_DOCUMENT or LEX_LABEL_NAME */
	LEX_STOP = LEX_STOP_EN | LEX_STOP_DE | LEX_STOP_FR | LEX_STOP_ES | LEX_STOP_IT | LEX_STOP_PT |
			   LEX_STOP_NL,
	LEX_LABEL =
		LEX_LABEL_NAME | LEX_LABEL_EMAIL | LEX_LABEL_PHONE | LEX_LABEL_FAX | LEX_LABEL_OTHER,
};

struct lex {
	uint32_t bits;
	enum section_kind section; /* with LEX_SECTION */
};

/* What the phrase of n bytes (in plain form) is; bits 0 if unknown. */
struct lex lex_find(const char *plain, size_t n);
/* Whether it is any of the bits. */
bool lex_is(const char *plain, size_t n, uint32_t bits);
/* Number of the text's single words that are any of the bits. */
int lex_count(const char *plain, uint32_t bits);
/* Copies n bytes of a plain text without conjunctions ("and", "und", "y" …) to out (cap bytes,
 * NUL-terminated; cut there). Returns its length. Headings are known in this form, too. */
size_t lex_without_and(const char *plain, size_t n, char *out, size_t cap);
/* The length of the first word of a plain text. */
size_t lex_word(const char *plain);

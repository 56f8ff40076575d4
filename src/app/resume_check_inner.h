/* resume_check_inner: what the files behind resume_check.h share. Nobody else includes it. */
#pragma once
#include "app/resume_check.h"
#include "data/json.h"

enum { CHECK_REMARKS_MAX = 100 };

struct check {
	struct arena *arena;
	const struct resume_subject *s;
	struct list sections;          /* of struct section_score */
	struct section_score *section; /* the one under way */
};

/* Starts a section with its full number of points. */
void check_begin(struct check *k, const char *section, int max);
/* Takes points from the section under way, down to none. */
void check_take(struct check *k, int points);
/* Adds a remark to it; beyond CHECK_REMARKS_MAX it is left out. */
void check_remark(struct check *k, const char *severity, const char *code, const char *pointer,
				  const char *text, const char *message, ...) __attribute__((format(printf, 6, 7)));

/* resume_words.c: how the work is told. */
void check_experience(struct check *k);
/* resume_dates.c: when it was. */
void check_dates(struct check *k);

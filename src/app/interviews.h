/*
 * interviews: questions that are answered by video. Owns the tables interviews and
 * interview_questions. Who is not an administrator sees those of their own team.
 */
#pragma once
#include "core/route.h"

/* The team whose interviews and videos the actor sees; 0: all (an administrator). */
int64_t interview_team(struct ctx *c);

struct question {
	int64_t id, interview_id, position;
	const char *text;
	struct opt_int time_limit_seconds;
	struct when created_at, updated_at;
	const char *status; /* of the interview; not printed */
};

/* The question, if the actor may answer it: of the own team, or of the interview that an invited
 * candidate is invited to. E_NOT_FOUND; E_RULE if the interview is closed. */
int interview_answerable(struct ctx *c, int64_t question_id, struct question *out);

/* Fails with E_NOT_FOUND unless the actor's team has the interview. */
int interview_check(struct ctx *c, int64_t interview_id);
/* The team of an interview, whoever asks. E_NOT_FOUND. */
int interview_team_of(struct db *db, int64_t interview_id, int64_t *team_id);

struct interview {
	int64_t id, team_id;
	const char *title, *description, *status;
	struct opt_int created_by;
	struct when created_at, updated_at;
	struct list questions; /* of struct question; without items: left out */
};
extern const struct schema interview_schema;
/* The whole interview, questions in their order. E_NOT_FOUND. */
int interview_get(struct ctx *c, int64_t interview_id, struct interview *out);

extern const struct feature interviews_feature;

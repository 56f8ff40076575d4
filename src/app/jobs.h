/*
 * jobs: vacancies gathered from other people's pages, for the resources beside them. A job belongs
 * to a team; what a user thinks of it and does about it (status, notes, application) is their own.
 */
#pragma once
#include "core/ctx.h"
#include "core/task.h"

/* Title and clean text of a job that the actor may see (their team's; an administrator any).
 * *description is "" where the job has none. Strings in c->arena. E_NOT_FOUND with a sentence. */
int jobs_text(struct ctx *c, int64_t id, const char **title, const char **description);

/* What a scrape is asked for, also the arguments of its task. */
struct jobs_scrape_args {
	int64_t team_id;      /* whose jobs they become */
	int64_t user_id;      /* who asked; 0: a schedule */
	const char *keyword;  /* not blank */
	const char *location; /* NULL: anywhere */
	int64_t limit;        /* jobs in all, 1 to 500 */
};
extern const struct schema jobs_scrape_args_schema;

/* Asks every enabled source, blocking up to JOB_TIMEOUT seconds, and keeps what is found in
 * transactions of its own; *found and *fresh (either may be NULL) count postings and jobs that
 * were unknown. *summary is a sentence for people. Not inside a transaction. E_UNAVAILABLE: no
 * source is enabled, or JOB_SOURCES cannot be read. */
int jobs_scrape(struct ctx *c, const struct jobs_scrape_args *args, int64_t *found, int64_t *fresh,
				const char **summary);
/* Queues the same as a background task, in the current transaction; a like one that still waits is
 * not queued twice. */
int jobs_scrape_queue(struct ctx *c, const struct jobs_scrape_args *args);

/* A job in a few words, for messages. */
struct job_brief {
	int64_t id;
	const char *title, *company, *location, *url; /* all but title may be NULL */
};
/* The open jobs of a team that were first seen after since (microseconds), newest first, at most
 * limit: struct job_brief. */
int jobs_first_seen(struct ctx *c, int64_t team_id, int64_t since, int64_t limit, struct list *out);

/* Sums of a team (0: of all teams), for statistics: each calls row with struct tally (series.h). */

/* Known jobs by source, the most first. */
int jobs_tally(struct ctx *c, int64_t team, int (*row)(void *arg, const void *tally), void *arg);
/* Applications by status. */
int applications_states(struct ctx *c, int64_t team, int (*row)(void *arg, const void *tally),
						void *arg);
/* Applications sent since then, by the job's source and time. */
int applications_sent(struct ctx *c, int64_t team, int64_t since,
					  int (*row)(void *arg, const void *tally), void *arg);
/* Of those: what they came to (interviewing, offered, rejected, withdrawn), at the time when they
 * were sent; one that was interviewed and rejected counts in both. */
int applications_reached(struct ctx *c, int64_t team, int64_t since,
						 int (*row)(void *arg, const void *tally), void *arg);
/* Of those: the number that were answered at all. */
int applications_answered(struct ctx *c, int64_t team, int64_t since, int64_t *out);
/* Whether the application that was sent by this mail still waits for an answer; true too for a mail
 * that belongs to none. */
int applications_waiting(struct ctx *c, int64_t email_id, bool *out);
/* When the first one was sent, 0 without one. */
int applications_first(struct ctx *c, int64_t team, int64_t *out);

extern const struct feature jobs_feature, job_scrape_feature, job_check_feature,
	applications_feature;

/*
 * job_merge: which job a posting is. The same job from several boards is one job with several
 * postings. Owns job_postings and job_keys.
 */
#pragma once
#include "app/job_rows.h"
#include "scrape/posting.h"

/* Where a job was seen. */
struct job_seen {
	const char *source, *url;
	struct when posted_at, last_seen_at, closed_at;
};
extern const struct schema job_seen_schema;

/* All of a job's, oldest first: struct job_seen. */
int job_seen_at(struct ctx *c, int64_t job_id, struct list *out);
/* The condition on jobs.id for those seen at a source, with one "?" for its name. */
extern const char *const job_seen_condition;

struct merged {
	int64_t job_id;
	bool fresh;    /* a job that was unknown */
	bool reposted; /* a known one, posted again */
};
/* Keeps a posting, in the current transaction: of a job that is known, or a new one. run: when the
 * listing began that shows it (microseconds); postings of one run are different jobs unless all of
 * them agrees. */
int job_merge(struct ctx *c, int64_t team_id, const struct posting *p, int64_t run,
			  struct merged *out);

/* Notes that a source shows these postings and no others (marks: sorted by strcmp). Jobs that no
 * source shows any more are closed. *closed: how many. In the current transaction. */
int job_merge_listed(struct ctx *c, int64_t team_id, const char *source, const char *const *marks,
					 size_t n, int64_t *closed);

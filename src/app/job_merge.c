/*
 * See job_merge.h. A posting is looked for by what its source calls it; then by its keys, each of
 * whose jobs is compared with it. A known job keeps what it has; a later posting only adds what was
 * missing, except that its first source may change its text.
 */
#include "app/job_merge.h"

#include <stdlib.h>
#include <string.h>

#include "app/job_words.h"
#include "scrape/likeness.h"

enum { CANDIDATES_MAX = 60, SEEN_MAX = 100, LISTED_MAX = 50000, REPOST_DAYS = 14 };

#define DAY (INT64_C(86400) * CLOCK_SECOND)

/* ---- schemas ---- */

static const struct field seen_fields[] = {
	FIELD(struct job_seen, source, 0, .doc = "Name of the source", .example = "\"remotive\""),
	FIELD(struct job_seen, url, F_NULL, .doc = "Its page there",
		  .example = "\"https://remotive.com/remote-jobs/1\""),
	FIELD(struct job_seen, posted_at, F_NULL, .doc = "When it was posted there",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct job_seen, last_seen_at, 0, .doc = "When it was last seen there",
		  .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct job_seen, closed_at, F_NULL, .doc = "Since when it is gone there",
		  .example = "null"),
};
const struct schema job_seen_schema = SCHEMA("JobSeen", struct job_seen, seen_fields);

struct posting_row {
	int64_t id, job_id;
	const char *source, *mark;
	struct when posted_at, first_seen_at, last_seen_at, closed_at;
};
static const struct field row_fields[] = {
	FIELD(struct posting_row, id, 0, .doc = "Number", .example = "1"),
	FIELD(struct posting_row, job_id, 0, .doc = "Job", .example = "1"),
	FIELD(struct posting_row, source, 0, .doc = "Source", .example = "\"remotive\""),
	FIELD(struct posting_row, mark, 0, .doc = "Its name there", .example = "\"1\""),
	FIELD(struct posting_row, posted_at, F_NULL, .doc = "Posted", .example = "null"),
	FIELD(struct posting_row, first_seen_at, 0, .doc = "First seen", .example = "null"),
	FIELD(struct posting_row, last_seen_at, 0, .doc = "Last seen", .example = "null"),
	FIELD(struct posting_row, closed_at, F_NULL, .doc = "Gone since", .example = "null"),
};
static const struct schema row_schema = SCHEMA("JobPosting", struct posting_row, row_fields);

struct id_row {
	int64_t job_id;
};
static const struct field id_fields[] = {
	FIELD(struct id_row, job_id, 0, .doc = "Job", .example = "1"),
};
static const struct schema id_schema = SCHEMA("JobKey", struct id_row, id_fields);

/* ---- queries ---- */

const char *const job_seen_condition =
	"EXISTS (SELECT 1 FROM job_postings AS seen WHERE seen.job_id = jobs.id AND seen.source = ?)";

int job_seen_at(struct ctx *c, int64_t job_id, struct list *out)
{
	return db_list(c->db, c->arena, &job_seen_schema, SEEN_MAX, out,
				   "SELECT source, url, posted_at, last_seen_at, closed_at FROM job_postings "
				   "WHERE job_id = $1 ORDER BY id LIMIT 100",
				   P(job_id));
}

static int posting_find(struct ctx *c, int64_t team_id, const struct posting *p,
						struct posting_row *out)
{
	return db_one(c->db, c->arena, &row_schema, out,
				  "SELECT * FROM job_postings WHERE team_id = $1 AND source = $2 AND mark = $3",
				  P(team_id), P(p->source), P(p->mark));
}

static int posting_add(struct ctx *c, int64_t team_id, int64_t job_id, const struct posting *p)
{
	return db_exec(c->db, NULL,
				   "INSERT INTO job_postings (job_id, team_id, source, mark, url, posted_at, "
				   "first_seen_at, last_seen_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
				   P(job_id), P(team_id), P(p->source), P(p->mark), P(p->url),
				   P((struct when){p->posted_at}), P(c->now));
}

static int posting_touch(struct ctx *c, int64_t id)
{
	return db_exec(c->db, NULL,
				   "UPDATE job_postings SET last_seen_at = $2, closed_at = NULL WHERE id = $1",
				   P(id), P(c->now));
}

static int keys_set(struct ctx *c, int64_t team_id, int64_t job_id, const struct likeness *l)
{
	for (size_t i = 0; i < l->n; i++)
		TRY(db_exec(c->db, NULL,
					"INSERT INTO job_keys (team_id, hash, job_id) VALUES ($1, $2, $3) "
					"ON CONFLICT (team_id, hash, job_id) DO NOTHING",
					P(team_id), P(l->keys[i]), P(job_id)));
	return OK;
}

/* Jobs that share a key with it. A posting has at least one key; the places of the others are
 * filled with the first. */
static int candidates(struct ctx *c, int64_t team_id, const struct likeness *l, struct list *out)
{
	int64_t k[LIKENESS_KEYS];

	for (size_t i = 0; i < LIKENESS_KEYS; i++)
		k[i] = l->keys[i < l->n ? i : 0];
	return db_list(c->db, c->arena, &id_schema, CANDIDATES_MAX, out,
				   "SELECT DISTINCT job_id FROM job_keys WHERE team_id = $1 AND hash IN "
				   "($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ORDER BY job_id DESC LIMIT 60",
				   P(team_id), P(k[0]), P(k[1]), P(k[2]), P(k[3]), P(k[4]), P(k[5]), P(k[6]),
				   P(k[7]), P(k[8]), P(k[9]), P(k[10]));
}
_Static_assert(LIKENESS_KEYS == 11, "the statement names eleven keys");

/* ---- rules ---- */

/* Whether the job has a posting at this source that stands in the same listing; and the newest
 * earlier one there. */
struct siblings {
	bool in_run, any_open;
	int64_t newest; /* when it was posted, or first seen */
};

static int siblings_of(struct ctx *c, int64_t job_id, const struct posting *p, int64_t run,
					   struct siblings *out)
{
	const struct posting_row *r;
	struct list rows;

	*out = (struct siblings){0};
	TRY(db_list(c->db, c->arena, &row_schema, SEEN_MAX, &rows,
				"SELECT * FROM job_postings WHERE job_id = $1 AND source = $2 ORDER BY id DESC "
				"LIMIT 100",
				P(job_id), P(p->source)));
	r = rows.items;
	for (size_t i = 0; i < rows.n; i++) {
		int64_t at = r[i].posted_at.us != 0 ? r[i].posted_at.us : r[i].first_seen_at.us;

		out->in_run |= r[i].last_seen_at.us >= run;
		out->any_open |= r[i].closed_at.us == 0;
		out->newest = at > out->newest ? at : out->newest;
	}
	return OK;
}

/* A job that the posting may be, compared with it. */
struct rival {
	struct job_core job;
	struct siblings siblings;
	double alike; /* their texts; those without one lie between what differs and what agrees */
	bool same;
};

static int compare_job(struct ctx *c, int64_t id, const struct posting *p, const struct likeness *l,
					   int64_t run, struct rival *out)
{
	struct posting known;
	struct likeness theirs;

	TRY(job_core_find(c, id, &out->job));
	known = (struct posting){.title = out->job.title,
							 .company = out->job.company,
							 .location = out->job.location,
							 .url = out->job.url,
							 .remote = out->job.remote};
	likeness_known(c->arena, &known, out->job.signature, &theirs);
	/* Siblings are asked for more, never for less. */
	out->same = likeness_same(l, &theirs, false);
	if (!out->same)
		return OK;
	TRY(siblings_of(c, id, p, run, &out->siblings));
	out->same = likeness_same(l, &theirs, out->siblings.in_run);
	out->alike = likeness_text(l, &theirs);
	out->alike = out->alike < 0 ? 0.5 : out->alike;
	return OK;
}

/* The job that the posting is: of several, the one whose text is most alike. E_NOT_FOUND: none yet.
 */
static int find_job(struct ctx *c, int64_t team_id, const struct posting *p,
					const struct likeness *l, int64_t run, struct rival *best)
{
	const struct id_row *ids;
	struct list found;

	TRY(candidates(c, team_id, l, &found));
	ids = found.items;
	*best = (struct rival){.same = false};
	for (size_t i = 0; i < found.n; i++) {
		struct rival r;

		TRY(compare_job(c, ids[i].job_id, p, l, run, &r));
		if (r.same && (!best->same || r.alike > best->alike))
			*best = r;
	}
	return best->same ? OK : E_NOT_FOUND;
}

static int index_words(struct ctx *c, int64_t team_id, int64_t job_id, const struct posting *p)
{
	struct buf skills;
	struct job_text t;

	buf_init(&skills, c->arena, 16 * 1024);
	for (size_t i = 0; i < p->skills.n; i++) {
		buf_adds(&skills, i > 0 ? ", " : "");
		buf_adds(&skills, p->skills.items[i]);
	}
	t = (struct job_text){p->title, p->company, p->location, buf_str(&skills), p->text};
	return job_words_set(c, job_id, team_id, &t);
}

static int add_job(struct ctx *c, int64_t team_id, const struct posting *p,
				   const struct likeness *l, struct merged *out)
{
	char signature[LIKENESS_TEXT_SIZE];

	TRY(job_insert(c, team_id, p, likeness_print(l, signature), &out->job_id));
	TRY(posting_add(c, team_id, out->job_id, p));
	TRY(keys_set(c, team_id, out->job_id, l));
	out->fresh = true;
	return index_words(c, team_id, out->job_id, p);
}

/* A job is posted again when its source has a new posting for it after the earlier one went, or
 * long after it came. */
static bool is_repost(const struct siblings *s, const struct posting *p, int64_t now)
{
	int64_t at = p->posted_at != 0 ? p->posted_at : now;

	return s->newest != 0 && !s->in_run && (!s->any_open || at - s->newest >= REPOST_DAYS * DAY);
}

/* The text of its first source changed, or a later one has what the job lacks. */
static int update_job(struct ctx *c, int64_t team_id, const struct job_core *job,
					  const struct posting *p, const struct likeness *l, bool reposted)
{
	char signature[LIKENESS_TEXT_SIZE];
	bool leads = strcmp(job->source, p->source) == 0 || text_is_blank(job->signature);
	bool changed;

	likeness_print(l, signature);
	changed = leads && l->has_text && !text_eq(signature, job->signature);
	TRY(job_update(c, job->id, p, changed, signature, reposted));
	TRY(keys_set(c, team_id, job->id, l));
	return changed ? index_words(c, team_id, job->id, p) : OK;
}

/* What the source has shown before. */
static int see_again(struct ctx *c, int64_t team_id, const struct posting_row *row,
					 const struct posting *p, const struct likeness *l, struct merged *out)
{
	struct job_core job;

	*out = (struct merged){.job_id = row->job_id, .reposted = row->closed_at.us != 0};
	TRY(posting_touch(c, row->id));
	TRY(job_core_find(c, row->job_id, &job));
	return update_job(c, team_id, &job, p, l, out->reposted);
}

int job_merge(struct ctx *c, int64_t team_id, const struct posting *p, int64_t run,
			  struct merged *out)
{
	struct posting_row row;
	struct likeness l;
	struct rival known;
	int rc = posting_find(c, team_id, p, &row);

	likeness_of(c->arena, p, &l);
	if (rc == OK)
		return see_again(c, team_id, &row, p, &l, out);
	if (rc != E_NOT_FOUND)
		return rc;
	*out = (struct merged){0};
	rc = find_job(c, team_id, p, &l, run, &known);
	if (rc == E_NOT_FOUND)
		return add_job(c, team_id, p, &l, out);
	TRY(rc);
	out->job_id = known.job.id;
	out->reposted = is_repost(&known.siblings, p, c->now);
	TRY(posting_add(c, team_id, known.job.id, p));
	return update_job(c, team_id, &known.job, p, &l, out->reposted);
}

/* ---- what is gone ---- */

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int close_posting(struct ctx *c, const struct posting_row *r, int64_t *closed)
{
	int64_t open;

	TRY(db_exec(c->db, NULL, "UPDATE job_postings SET closed_at = $2 WHERE id = $1", P(r->id),
				P(c->now)));
	TRY(db_int(c->db, &open,
			   "SELECT count(*) FROM job_postings WHERE job_id = $1 AND closed_at IS NULL",
			   P(r->job_id)));
	if (open > 0)
		return OK;
	++*closed;
	return job_close(c, r->job_id);
}

int job_merge_listed(struct ctx *c, int64_t team_id, const char *source, const char *const *marks,
					 size_t n, int64_t *closed)
{
	const struct posting_row *r;
	struct list rows;

	*closed = 0;
	TRY(db_list(c->db, c->arena, &row_schema, LISTED_MAX, &rows,
				"SELECT * FROM job_postings WHERE team_id = $1 AND source = $2 AND closed_at IS "
				"NULL ORDER BY id LIMIT 50000",
				P(team_id), P(source)));
	r = rows.items;
	for (size_t i = 0; i < rows.n; i++) {
		if (bsearch(&r[i].mark, marks, n, sizeof marks[0], compare) == NULL)
			TRY(close_posting(c, &r[i], closed));
		else
			TRY(posting_touch(c, r[i].id));
	}
	return OK;
}

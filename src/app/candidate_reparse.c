/*
 * See candidate_reparse.h.
 *
 * A run walks from the newest candidate to the oldest and queues a batch of files at a time. When
 * most of a batch has been read, whoever finished the last file wakes the step that queues the next
 * one; a job looks after runs that nobody woke (their last candidates were deleted). So the queue
 * stays short, no transaction is long, and all that there is to remember are rows, which outlive a
 * restart. Until its file has been read a candidate keeps its values and its status.
 */
#include "app/candidate_reparse.h"

#include "app/candidate_rows.h"
#include "core/core.h"
#include "core/route.h"

enum { BATCH = 200, LOW = 100, RUNS_MAX = 1000, JOB_SECONDS = 60 };

struct run {
	int64_t id, team_id, reached_id, total, seen;
	bool all_queued;
	struct when finished_at;
};
static const struct field run_fields[] = {
	FIELD(struct run, id, 0, .doc = "Number", .example = "1"),
	FIELD(struct run, team_id, 0, .doc = "Team, 0: all", .example = "1"),
	FIELD(struct run, reached_id, 0, .doc = "Queued down to here", .example = "1"),
	FIELD(struct run, total, 0, .doc = "Candidates at the start", .example = "1"),
	FIELD(struct run, seen, 0, .doc = "Candidates queued so far", .example = "1"),
	FIELD(struct run, all_queued, 0, .doc = "Nothing more to queue", .example = "false"),
	FIELD(struct run, finished_at, F_NULL, .doc = "When it ended", .example = "null"),
};
static const struct schema run_schema = SCHEMA("Reparse", struct run, run_fields);

struct started {
	const char *message;
	int64_t queued;
};
static const struct field started_fields[] = {
	FIELD(struct started, message, 0, .doc = "What happens now", .example = "\"…\""),
	FIELD(struct started, queued, 0, .doc = "Candidates whose files are read anew",
		  .example = "1200"),
};
static const struct schema started_schema =
	SCHEMA("ReparseStarted", struct started, started_fields);

struct progress {
	int64_t total, done;
	bool running;
};
static const struct field progress_fields[] = {
	FIELD(struct progress, total, 0, .doc = "Candidates of the last run", .example = "1200"),
	FIELD(struct progress, done, 0, .doc = "Those whose files have been read", .example = "800"),
	FIELD(struct progress, running, 0, .doc = "Whether there are more", .example = "true"),
};
static const struct schema progress_schema =
	SCHEMA("ReparseProgress", struct progress, progress_fields);

static int count_waiting(struct ctx *c, int64_t run_id, int64_t *out)
{
	return db_int(c->db, out, "SELECT count(*) FROM candidate_rereads WHERE reparse_id = $1",
				  P(run_id));
}

/* ---- the steps of a run ---- */

/* Candidates deleted meanwhile were not seen, and count no more. */
static int finish(struct ctx *c, int64_t run_id)
{
	return db_exec(c->db, NULL,
				   "UPDATE candidate_reparses SET finished_at = $2, total = seen WHERE id = $1",
				   P(run_id), P(c->now));
}

static int queue_one(struct ctx *c, const struct run *r, const struct candidate_known *k)
{
	int64_t added;

	if (!text_eq(k->status, "completed") && !text_eq(k->status, "failed"))
		return OK; /* waits for its first reading, or another */
	TRY(db_exec(c->db, &added,
				"INSERT INTO candidate_rereads (candidate_id, reparse_id) VALUES ($1, $2) "
				"ON CONFLICT (candidate_id) DO NOTHING",
				P(k->id), P(r->id)));
	return added == 0 ? OK : parsing_queue_last(c, k->id);
}

static int queue_batch(struct ctx *c, struct run *r)
{
	const struct candidate_known *k;
	struct list rows;

	TRY(candidate_before(c, r->team_id, r->reached_id, BATCH, &rows));
	k = rows.items;
	for (size_t i = 0; i < rows.n; i++)
		TRY(queue_one(c, r, &k[i]));
	r->seen += (int64_t)rows.n;
	r->reached_id = rows.n > 0 ? k[rows.n - 1].id : r->reached_id;
	r->all_queued = rows.n < BATCH;
	return db_exec(
		c->db, NULL,
		"UPDATE candidate_reparses SET reached_id = $2, seen = $3, all_queued = $4 WHERE id = $1",
		P(r->id), P(r->reached_id), P(r->seen), P(r->all_queued));
}

static int step(struct ctx *c, struct run *r)
{
	int64_t waiting;

	TRY(count_waiting(c, r->id, &waiting));
	if (!r->all_queued && waiting < LOW) {
		TRY(queue_batch(c, r));
		TRY(count_waiting(c, r->id, &waiting));
	}
	if (!r->all_queued || waiting > 0)
		return OK;
	return finish(c, r->id);
}

static int step_tx(struct ctx *c, void *arg)
{
	struct list runs;
	struct run *r;

	(void)arg;
	TRY(db_list(
		c->db, c->arena, &run_schema, RUNS_MAX, &runs,
		"SELECT * FROM candidate_reparses WHERE finished_at IS NULL ORDER BY id LIMIT 1000"));
	r = runs.items;
	for (size_t i = 0; i < runs.n; i++)
		TRY(step(c, &r[i]));
	return OK;
}

static int run_step(struct ctx *c)
{
	return tx(c, step_tx, NULL);
}

static const struct task_kind tasks[] = {
	{.name = "candidates.reparse", .pool = TASK_BACKGROUND, .attempts = 1000, .run = run_step},
};

static int wake(struct ctx *c)
{
	return task_add_again(c, &tasks[0], NULL, "step", 0);
}

int reparse_done(struct ctx *c, int64_t candidate_id)
{
	int64_t run_id, waiting, all_queued;
	int rc = db_int(c->db, &run_id,
					"DELETE FROM candidate_rereads WHERE candidate_id = $1 RETURNING reparse_id",
					P(candidate_id));

	if (rc == E_NOT_FOUND)
		return OK;
	TRY(rc);
	TRY(count_waiting(c, run_id, &waiting));
	if (waiting >= LOW)
		return OK;
	TRY(db_int(c->db, &all_queued, "SELECT all_queued FROM candidate_reparses WHERE id = $1",
			   P(run_id)));
	if (all_queued == 0)
		return wake(c);
	return waiting == 0 ? finish(c, run_id) : OK;
}

/* ---- handlers ---- */

/* The last run of what the actor sees. E_NOT_FOUND. */
static int find_run(struct ctx *c, struct run *out)
{
	return db_one(c->db, c->arena, &run_schema, out,
				  "SELECT * FROM candidate_reparses WHERE team_id = $1", P(candidate_team(c)));
}

static int start(struct ctx *c)
{
	struct started *out = c->out;
	int64_t team = candidate_team(c), last_id;
	struct run r;
	int rc = find_run(c, &r);

	if (rc != E_NOT_FOUND)
		TRY(rc);
	if (rc == OK && r.finished_at.us == 0)
		return fail(c, E_CONFLICT, "The files are being read anew already");
	TRY(candidate_count(c, team, &out->queued, &last_id));
	TRY(db_exec(c->db, NULL,
				"INSERT INTO candidate_reparses (team_id, reached_id, total, created_at) VALUES "
				"($1, $2, $3, $4) "
				"ON CONFLICT (team_id) DO UPDATE SET reached_id = excluded.reached_id, total = "
				"excluded.total, "
				"created_at = excluded.created_at, seen = 0, all_queued = 0, finished_at = NULL",
				P(team), P(last_id + 1), P(out->queued), P(c->now)));
	out->message = "All resumes are being read again in the background";
	return wake(c);
}

static int progress(struct ctx *c)
{
	struct progress *out = c->out;
	struct run r;
	int64_t waiting;
	int rc = find_run(c, &r);

	if (rc == E_NOT_FOUND)
		return OK;
	TRY(rc);
	TRY(count_waiting(c, r.id, &waiting));
	*out = (struct progress){
		.total = r.total, .done = r.seen - waiting, .running = r.finished_at.us == 0};
	return OK;
}

/* ---- tables ---- */

static const struct maintenance jobs[] = {
	{.name = "candidates.reparse", .task = &tasks[0], .interval = JOB_SECONDS},
};

static const short conflict[] = {409, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/candidates/reparse", start, NULL, &started_schema, .role = ROLE_HR_MANAGER,
	 .status = 202, .tag = "candidates",
	 .doc = "Read all files anew, in the background\nThose of one's team; an administrator's call "
			"covers all teams. "
			"Candidates keep their values and status until their file has been read.",
	 .errors = conflict},
	{"GET", "/api/v1/candidates/reparse", progress, NULL, &progress_schema, .role = ROLE_HR_MANAGER,
	 .status = 200, .tag = "candidates", .doc = "How far the last reading of all files has come"},
};

const struct feature candidate_reparse_feature = {.name = "candidate_reparse",
												  .routes = routes,
												  .nroutes = sizeof routes / sizeof routes[0],
												  .tasks = tasks,
												  .ntasks = 1,
												  .jobs = jobs,
												  .njobs = 1};

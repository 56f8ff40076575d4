/*
 * parsing: the task that turns an uploaded file into a candidate. A parser that dies or is late
 * counts as an attempt; after the second the candidate is failed with a sentence. The end of the
 * server in between counts as nothing: the task is still there at the next start. Scans take
 * seconds; they go to a second task, whose thread has vitae-ocr for its parser. Where a language
 * model is to look over what was read, refining.c completes the candidate.
 */
#include "app/candidate_reparse.h"
#include "app/candidates.h"
#include "app/reading.h"
#include "app/refining.h"
#include "base/log.h"
#include "core/core.h"
#include "proc/worker.h"

/* AT_ONCE: due before any time that the clock gives, so that an upload does not wait behind files
 * read anew. */
enum { ATTEMPTS = 2, AT_ONCE = 1 };

struct parse_args {
	int64_t candidate_id;
};
static const struct field parse_fields[] = {
	FIELD(struct parse_args, candidate_id, F_REQUIRED, .min = 1, .doc = "Candidate",
		  .example = "1"),
};
static const struct schema parse_schema = SCHEMA("ParseArgs", struct parse_args, parse_fields);

static const char *key(struct ctx *c, int64_t id)
{
	return arena_printf(c->arena, "%lld", (long long)id);
}

struct outcome {
	int64_t id, team_id;
	const char *sentence; /* NULL: profile */
	const struct profile *profile;
};

static int begin_tx(struct ctx *c, void *arg)
{
	const struct outcome *o = arg;

	return candidates_processing(c, o->id);
}

static int store_tx(struct ctx *c, void *arg)
{
	const struct outcome *o = arg;

	c->now = clock_now();
	if (o->sentence != NULL)
		TRY(candidates_failed(c, o->id, o->sentence));
	else if (refining_wanted(c, o->profile))
		return refining_queue(c, o->id, o->profile);
	else
		TRY(candidates_completed(c, o->id, o->team_id, o->profile));
	return reparse_done(c, o->id);
}

/* Has the candidate's file read by the thread's parser. E_NOT_FOUND: the candidate was deleted
 * meanwhile. */
static int read_file(struct ctx *c, struct outcome *o, struct parse_reply *reply)
{
	struct candidate k;

	TRY(candidates_row(c, o->id, &k, &o->team_id));
	TRY(tx(c, begin_tx, o));
	TRY(reading_file(c, k.file_path, k.filename, reply));
	o->sentence = reply->error;
	o->profile = &reply->profile;
	return OK;
}

static int queue_recognition(struct ctx *c, int64_t candidate_id);

static int hand_over_tx(struct ctx *c, void *arg)
{
	const struct outcome *o = arg;

	return queue_recognition(c, o->id);
}

/* A document whose text is in pictures is handed over, so that the next one need not wait for it.
 */
static int parse(struct ctx *c)
{
	const struct parse_args *in = c->in;
	struct outcome o = {.id = in->candidate_id};
	struct parse_reply *reply = ARENA_NEW(c->arena, struct parse_reply);
	int rc = read_file(c, &o, reply);

	if (rc == E_NOT_FOUND)
		return OK;
	TRY(rc);
	if (reply->scanned && c->core->ocr_program != NULL)
		return tx(c, hand_over_tx, &o);
	return tx(c, store_tx, &o);
}

/* A parser that does not come up is not waited for: it may never do, where its libraries are
 * missing. */
static int recognise(struct ctx *c)
{
	const struct parse_args *in = c->in;
	struct outcome o = {.id = in->candidate_id};
	struct parse_reply *reply = ARENA_NEW(c->arena, struct parse_reply);
	int rc = read_file(c, &o, reply);

	if (rc == E_NOT_FOUND)
		return OK;
	if (rc == E_UNAVAILABLE && worker_pid(c->worker) == 0)
		return fail(c, E_UPSTREAM, "%s", arena_strdup(c->arena, c->error->text));
	TRY(rc);
	return tx(c, store_tx, &o);
}

static int gave_up(struct ctx *c)
{
	const struct parse_args *in = c->in;
	struct outcome o = {.id = in->candidate_id, .sentence = reading_sentence(c->error->code)};

	log_warning("candidate %lld failed: %s", (long long)o.id, c->error->text);
	return tx(c, store_tx, &o);
}

static int gave_up_recognising(struct ctx *c)
{
	const struct parse_args *in = c->in;
	struct outcome o = {.id = in->candidate_id, .sentence = reading_scan_sentence};

	log_warning("candidate %lld failed: %s", (long long)o.id, c->error->text);
	return tx(c, store_tx, &o);
}

static int rescue_tx(struct ctx *c, void *arg)
{
	(void)arg;
	return candidates_rescue(c);
}

static int rescue(struct ctx *c)
{
	return tx(c, rescue_tx, NULL);
}

static const struct task_kind tasks[] = {
	{.name = "candidate.parse",
	 .args = &parse_schema,
	 .pool = TASK_PARSE,
	 .attempts = ATTEMPTS,
	 .run = parse,
	 .gave_up = gave_up},
	{.name = "candidates.rescue", .pool = TASK_BACKGROUND, .attempts = 3, .run = rescue},
	{.name = "candidate.recognise",
	 .args = &parse_schema,
	 .pool = TASK_OCR,
	 .attempts = ATTEMPTS,
	 .run = recognise,
	 .gave_up = gave_up_recognising},
};

/* how: task_add or task_add_again. */
static int add(struct ctx *c,
			   int (*how)(struct ctx *c, const struct task_kind *kind, const void *args,
						  const char *unique_key, int64_t run_after),
			   const struct task_kind *kind, int64_t candidate_id, int64_t run_after)
{
	struct parse_args args = {candidate_id};

	return how(c, kind, &args, key(c, candidate_id), run_after);
}

static int queue_recognition(struct ctx *c, int64_t candidate_id)
{
	return add(c, task_add_again, &tasks[2], candidate_id, 0);
}

int parsing_queue(struct ctx *c, int64_t candidate_id)
{
	return add(c, task_add_again, &tasks[0], candidate_id, AT_ONCE);
}

int parsing_queue_last(struct ctx *c, int64_t candidate_id)
{
	return add(c, task_add_again, &tasks[0], candidate_id, 0);
}

int parsing_rescue(struct ctx *c, int64_t candidate_id)
{
	return add(c, task_add, &tasks[0], candidate_id, AT_ONCE);
}

int parsing_cancel(struct ctx *c, int64_t candidate_id)
{
	TRY(task_cancel(c, &tasks[0], key(c, candidate_id)));
	return task_cancel(c, &tasks[2], key(c, candidate_id));
}

static const struct maintenance jobs[] = {
	{.name = "candidates.rescue", .task = &tasks[1], .interval = 300},
};

const struct feature parsing_feature = {
	.name = "parsing", .tasks = tasks, .ntasks = 3, .jobs = jobs, .njobs = 1};

/*
 * resume_reading: the tasks that read an applicant's résumé, right after its upload. What is found
 * is stored for the analysis and for whoever writes letters from it. A document that is a picture
 * is known as such at once; what its pages say follows when it has been recognised.
 */
#include "app/reading.h"
#include "app/resume_rows.h"
#include "base/log.h"
#include "core/core.h"
#include "proc/worker.h"

/* AT_ONCE: due before any time that the clock gives: somebody waits for it. */
enum { ATTEMPTS = 2, AT_ONCE = 1, RESCUE_MAX = 500, RESCUE_SECONDS = 300 };

struct read_args {
	int64_t resume_id;
};
static const struct field read_fields[] = {
	FIELD(struct read_args, resume_id, F_REQUIRED, .min = 1, .doc = "Résumé", .example = "1"),
};
static const struct schema read_schema = SCHEMA("ResumeReadArgs", struct read_args, read_fields);

struct outcome {
	int64_t id;
	struct resume_reading reading;
	bool recognise; /* hand it on to the task that knows pictures */
};

static int queue_recognition(struct ctx *c, int64_t id);

static int store_tx(struct ctx *c, void *arg)
{
	const struct outcome *o = arg;

	c->now = clock_now();
	TRY(resume_store_reading(c, o->id, &o->reading));
	return o->recognise ? queue_recognition(c, o->id) : OK;
}

static int read_resume(struct ctx *c, struct outcome *o)
{
	struct parse_reply *reply = ARENA_NEW(c->arena, struct parse_reply);
	struct resume r;

	TRY(resume_row(c, o->id, &r));
	TRY(reading_file(c, r.file_path, r.filename, reply));
	o->reading.read = true;
	o->reading.error_message = reply->error;
	o->reading.profile = reply->profile;
	o->reading.scanned |= reply->scanned;
	return OK;
}

/* A document of pictures goes on to the task that knows them. That it is one is for the analysis to
 * say. */
static void hand_over(struct ctx *c, struct outcome *o)
{
	if (!o->reading.scanned)
		return;
	o->recognise = c->core->ocr_program != NULL;
	o->reading.error_message = NULL;
}

static int read_text(struct ctx *c)
{
	const struct read_args *in = c->in;
	struct outcome o = {.id = in->resume_id};
	int rc = read_resume(c, &o);

	if (rc == E_NOT_FOUND)
		return OK;
	TRY(rc);
	hand_over(c, &o);
	return tx(c, store_tx, &o);
}

static int read_pictures(struct ctx *c)
{
	const struct read_args *in = c->in;
	struct outcome o = {.id = in->resume_id, .reading = {.scanned = true}};
	int rc = read_resume(c, &o);

	if (rc == E_NOT_FOUND)
		return OK;
	if (rc == E_UNAVAILABLE && worker_pid(c->worker) == 0)
		return fail(c, E_UPSTREAM, "%s", arena_strdup(c->arena, c->error->text));
	TRY(rc);
	if (o.reading.error_message != NULL)
		return OK; /* what is stored says already that it is a picture */
	return tx(c, store_tx, &o);
}

int resume_read_now(struct ctx *c, int64_t id, struct resume_reading *out)
{
	struct outcome o = {.id = id};
	int rc;

	if (c->worker == NULL)
		return fail(c, E_UNAVAILABLE, "There is no parser to read the document");
	rc = read_resume(c, &o);
	if (rc == E_UPSTREAM || rc == E_TIMEOUT)
		o.reading = (struct resume_reading){.read = true, .error_message = reading_sentence(rc)};
	else
		TRY(rc);
	hand_over(c, &o);
	TRY(tx(c, store_tx, &o));
	*out = o.reading;
	if (out->profile.text == NULL)
		out->profile.text = "";
	return OK;
}

static int gave_up(struct ctx *c)
{
	const struct read_args *in = c->in;
	struct outcome o = {
		.id = in->resume_id,
		.reading = {.read = true, .error_message = reading_sentence(c->error->code)},
	};

	log_warning("résumé %lld cannot be read: %s", (long long)o.id, c->error->text);
	return tx(c, store_tx, &o);
}

static int rescue_tx(struct ctx *c, void *arg)
{
	struct list unread;
	const struct resume *r;

	(void)arg;
	TRY(resume_unread(c, RESCUE_MAX, &unread));
	r = unread.items;
	for (size_t i = 0; i < unread.n; i++)
		TRY(resume_queue(c, r[i].id));
	return OK;
}

/* Queues what a lost task left unread. */
static int rescue(struct ctx *c)
{
	return tx(c, rescue_tx, NULL);
}

static const struct task_kind tasks[] = {
	{.name = "resume.read",
	 .args = &read_schema,
	 .pool = TASK_PARSE,
	 .attempts = ATTEMPTS,
	 .run = read_text,
	 .gave_up = gave_up},
	{.name = "resume.recognise",
	 .args = &read_schema,
	 .pool = TASK_OCR,
	 .attempts = ATTEMPTS,
	 .run = read_pictures},
	{.name = "resumes.rescue", .pool = TASK_BACKGROUND, .attempts = 3, .run = rescue},
};

static int add(struct ctx *c, const struct task_kind *kind, int64_t id)
{
	struct read_args args = {id};

	return task_add(c, kind, &args, arena_printf(c->arena, "%lld", (long long)id), AT_ONCE);
}

static int queue_recognition(struct ctx *c, int64_t id)
{
	return add(c, &tasks[1], id);
}

int resume_queue(struct ctx *c, int64_t id)
{
	return add(c, &tasks[0], id);
}

static const struct maintenance jobs[] = {
	{.name = "resumes.rescue", .task = &tasks[2], .interval = RESCUE_SECONDS},
};

const struct feature resume_reading_feature = {
	.name = "resume_reading", .tasks = tasks, .ntasks = 3, .jobs = jobs, .njobs = 1};

/* See digest.h. The mail goes to the address of whoever scheduled it and to no other, so that
 * nobody can have others written to every day. */
#include "app/digest.h"

#include <string.h>

#include "app/jobs.h"
#include "app/outbox.h"
#include "app/telegram.h"
#include "app/users.h"
#include "core/core.h"
#include "core/scheduler.h"

enum { JOBS_MAX = 100, LOOKED_AT = 500, TEXT_MAX = 40000 };
#define DAY (24 * 3600 * CLOCK_SECOND)

static const char *const ways[] = {"email", "telegram", NULL};

struct digest_args {
	const char *by, *keyword;
	int64_t limit;
};
static const struct field args_fields[] = {
	FIELD(struct digest_args, by, F_NULL, .choices = ways, .preset = "email",
		  .doc = "email, or telegram (administrators only)", .example = "\"email\""),
	FIELD(struct digest_args, keyword, F_NULL, .max = 100,
		  .doc = "Only jobs with these words in title, company or place", .example = "\"python\""),
	FIELD(struct digest_args, limit, 0, .min = 1, .max = JOBS_MAX, .preset = "20",
		  .doc = "Jobs told at most", .example = "20"),
};
static const struct schema args_schema = SCHEMA("DigestArgs", struct digest_args, args_fields);

static int check(struct ctx *c)
{
	const struct digest_args *in = c->in;

	if (text_eq(in->by, "telegram") && c->actor->role < ROLE_ADMIN)
		return fail(c, E_DENIED, "Only an administrator may have Telegram told");
	return text_eq(in->by, "telegram") ? telegram_ready(c) : outbox_ready(c);
}

static bool fits(struct arena *a, const struct job_brief *j, const char *keyword)
{
	const char *all;

	if (text_is_blank(keyword))
		return true;
	all = arena_printf(a, "%s %s %s", j->title, j->company != NULL ? j->company : "",
					   j->location != NULL ? j->location : "");
	return strstr(text_fold(a, all), text_fold(a, keyword)) != NULL;
}

/* What is told, and of how many jobs. */
struct digest {
	struct buf text;
	int64_t told, user_id, team_id;
	bool telegram;
};

static void add_job(struct digest *d, const struct job_brief *j)
{
	buf_addf(&d->text, "%s%s%s%s%s\n", j->title, j->company != NULL ? " – " : "",
			 j->company != NULL ? j->company : "", j->location != NULL ? ", " : "",
			 j->location != NULL ? j->location : "");
	if (j->url != NULL)
		buf_addf(&d->text, "%s\n", j->url);
	buf_addc(&d->text, '\n');
}

static int collect(struct ctx *c, const struct schedule_run *run, struct digest *d)
{
	const struct digest_args *in = c->in;
	const struct job_brief *jobs;
	struct list found;

	TRY(jobs_first_seen(c, run->team_id, run->since != 0 ? run->since : c->now - DAY, LOOKED_AT,
						&found));
	jobs = found.items;
	buf_init(&d->text, c->arena, TEXT_MAX);
	for (size_t i = 0; i < found.n && d->told < in->limit; i++) {
		if (!fits(c->arena, &jobs[i], in->keyword) || d->text.n > TEXT_MAX / 2)
			continue;
		add_job(d, &jobs[i]);
		d->told++;
	}
	return OK;
}

static int tell_tx(struct ctx *c, void *arg)
{
	const struct digest *d = arg;
	const char *subject =
		arena_printf(c->arena, "%lld new job%s", (long long)d->told, d->told == 1 ? "" : "s");
	struct user u;
	int64_t id;

	if (d->telegram)
		return telegram_tell(c, arena_printf(c->arena, "%s\n%s", subject, buf_str(&d->text)));
	TRY(users_get(c, d->user_id, &u));
	return outbox_add(c,
					  &(struct mail){.user_id = u.id,
									 .team_id = u.team_id,
									 .kind = "digest",
									 .to = u.email,
									 .to_name = u.full_name,
									 .subject = subject,
									 .text = buf_str(&d->text)},
					  &id);
}

static int tell(struct ctx *c, const struct schedule_run *run, const char **result)
{
	const struct digest_args *in = c->in;
	struct digest d = {
		.user_id = run->user_id, .team_id = run->team_id, .telegram = text_eq(in->by, "telegram")};

	TRY(collect(c, run, &d));
	if (d.told == 0) {
		*result = "No new jobs";
		return OK;
	}
	TRY(d.telegram ? telegram_ready(c) : outbox_ready(c));
	TRY(tx(c, tell_tx, &d));
	*result = arena_printf(c->arena, "Told of %lld new jobs by %s", (long long)d.told, in->by);
	return OK;
}

static const struct schedule_kind schedules[] = {
	{.name = "digest",
	 .doc = "Tells of new jobs; args: by (email or telegram), keyword, limit",
	 .args = &args_schema,
	 .role = ROLE_VIEWER,
	 .check = check,
	 .run = tell},
};

const struct feature digest_feature = {.name = "digest", .schedules = schedules, .nschedules = 1};

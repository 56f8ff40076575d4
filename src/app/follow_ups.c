/* See follow_ups.h. Each mail is followed up once, and not when its application has moved on. What
 * is older than KEPT_DAYS is let rest. */
#include "app/follow_ups.h"

#include <string.h>

#include "app/jobs.h"
#include "app/outbox.h"
#include "app/users.h"
#include "core/core.h"
#include "core/scheduler.h"

enum { AT_ONCE = 20, KEPT_DAYS = 90 };
#define DAY (24 * 3600 * CLOCK_SECOND)

struct follow_args {
	int64_t after_days;
	const char *body;
};
static const struct field args_fields[] = {
	FIELD(struct follow_args, after_days, 0, .min = 1, .max = 60, .preset = "7",
		  .doc = "Days without an answer", .example = "7"),
	FIELD(struct follow_args, body, F_REQUIRED, .min = 1, .max = MAIL_BODY_MAX,
		  .doc = "Text of the follow-up; {name} stands for who was written to",
		  .example = "\"Dear {name},\\n\\nmay I ask how things stand?\""),
};
static const struct schema args_schema = SCHEMA("FollowUpArgs", struct follow_args, args_fields);

static int check(struct ctx *c)
{
	return outbox_ready(c);
}

/* The body with the name, or what stands in for it. */
static const char *fill(struct arena *a, const char *body, const char *name)
{
	static const char mark[] = "{name}";
	struct buf b;

	buf_init(&b, a, MAIL_BODY_MAX);
	for (const char *at; (at = strstr(body, mark)) != NULL; body = at + sizeof mark - 1) {
		buf_add(&b, body, (size_t)(at - body));
		buf_adds(&b, text_is_blank(name) ? "Sir or Madam" : name);
	}
	buf_adds(&b, body);
	return buf_str(&b);
}

struct work {
	const struct follow_args *args;
	int64_t user_id, sent;
};

static int follow(struct ctx *c, const struct user *u, const struct mail_unanswered *m,
				  const char *body)
{
	int64_t id;

	return outbox_add(
		c,
		&(struct mail){.user_id = u->id,
					   .team_id = u->team_id,
					   .kind = "follow_up",
					   .to = m->recipient,
					   .to_name = m->recipient_name,
					   .from_name = users_shown_name(u),
					   .reply_to = u->email,
					   .subject = text_starts(m->subject, "Re: ")
									  ? m->subject
									  : arena_printf(c->arena, "Re: %.290s", m->subject),
					   .text = fill(c->arena, body, m->recipient_name),
					   .follow_up_of = m->id},
		&id);
}

static int follow_tx(struct ctx *c, void *arg)
{
	struct work *w = arg;
	const struct mail_unanswered *m;
	struct user u;
	struct list found;
	bool waiting;

	TRY(users_get(c, w->user_id, &u));
	TRY(outbox_unanswered(c, u.id, c->now - KEPT_DAYS * DAY, c->now - w->args->after_days * DAY,
						  AT_ONCE, &found));
	m = found.items;
	for (size_t i = 0; i < found.n; i++) {
		TRY(applications_waiting(c, m[i].id, &waiting));
		if (!waiting)
			continue;
		TRY(follow(c, &u, &m[i], w->args->body));
		w->sent++;
	}
	return OK;
}

static int follow_up(struct ctx *c, const struct schedule_run *run, const char **result)
{
	struct work w = {.args = c->in, .user_id = run->user_id};

	TRY(outbox_ready(c));
	TRY(tx(c, follow_tx, &w));
	*result = arena_printf(c->arena, "%lld follow-up mails queued", (long long)w.sent);
	return OK;
}

static const struct schedule_kind schedules[] = {
	{.name = "follow_up",
	 .doc = "Follows up one's mail to HR that nobody answered; args: body, after_days (7)",
	 .args = &args_schema,
	 .role = ROLE_VIEWER,
	 .check = check,
	 .run = follow_up},
};

const struct feature follow_ups_feature = {
	.name = "follow_ups", .schedules = schedules, .nschedules = 1};

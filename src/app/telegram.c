/*
 * See telegram.h. An event becomes a note in its own transaction; a task sends what notes there
 * are, as many in one message as fit, so that a thousand uploads do not make a thousand messages. A
 * note that cannot be told within a day is dropped. The token is part of the address that is
 * called: no sentence here repeats an address.
 */
#include "app/telegram.h"

#include <stdatomic.h>
#include <string.h>

#include "app/message.h"
#include "base/log.h"
#include "core/core.h"
#include "core/event.h"
#include "data/json.h"
#include "io/fetch.h"

enum {
	NOTE_MAX = 1000,    /* bytes of one note */
	MESSAGE_MAX = 4000, /* characters; Telegram takes 4096 */
	NOTES_AT_ONCE = 40,
	NOTES_WAITING = 2000,
	CLAIM_SECONDS = 120,
	RETRY_SECONDS = 60,
	WAIT_MAX_SECONDS = 3600,
	TIMEOUT_MS = 30000
};
#define NOTE_LIFE (24 * 3600 * CLOCK_SECOND)

struct note {
	int64_t id;
	const char *text;
};
static const struct field note_fields[] = {
	FIELD(struct note, id, 0, .doc = "Number", .example = "1"),
	FIELD(struct note, text, 0, .doc = "What is told", .example = "\"Mail sent\""),
};
static const struct schema note_schema = SCHEMA("TelegramNote", struct note, note_fields);

/* ---- Telegram's Bot API ---- */

int telegram_ready(struct ctx *c)
{
	if (c->config->telegram_bot_token == NULL)
		return fail(c, E_UNAVAILABLE,
					"Telegram is not set up: the operator must set TELEGRAM_BOT_TOKEN");
	if (c->config->telegram_chat_id == NULL)
		return fail(c, E_UNAVAILABLE,
					"Telegram is not set up: the operator must set TELEGRAM_CHAT_ID");
	return OK;
}

/* Its own words for people, unless they repeat the token. */
static const char *description(struct ctx *c, const struct json_value *v)
{
	const char *text = json_string(json_get(v, "description"));

	if (text == NULL || strlen(text) > 200 || text_has_control(text) ||
		strstr(text, c->config->telegram_bot_token) != NULL)
		return "no reason given";
	return text;
}

/* *wait (seconds) is what it asks for, 0 if it says nothing. */
static int judge(struct ctx *c, const struct fetch_reply *reply, int64_t *wait)
{
	const struct json_value *v = NULL;

	if (json_parse(c->arena, reply->body, reply->size, &v, NULL) != OK)
		v = NULL;
	if (reply->status == 200 && json_bool(json_get(v, "ok")))
		return OK;
	*wait = json_int(json_get(json_get(v, "parameters"), "retry_after"));
	if (*wait <= 0)
		*wait = reply->retry_after;
	switch (reply->status) {
	case 429:
		return fail(c, E_UNAVAILABLE, "Telegram takes no more messages for %lld seconds",
					(long long)*wait);
	case 401:
	case 404:
		return fail(
			c, E_UPSTREAM,
			"Telegram does not know this bot: the operator must look at TELEGRAM_BOT_TOKEN");
	case 400:
	case 403:
		return fail(c, E_UPSTREAM,
					"Telegram refuses the chat (%s): the operator must look at TELEGRAM_CHAT_ID",
					description(c, v));
	}
	return fail(c, E_UPSTREAM, "Telegram answered %d: look at TELEGRAM_API_URL", reply->status);
}

static int send_text(struct ctx *c, const char *text, int64_t *wait)
{
	const struct config *config = c->config;
	struct pair type = {"Content-Type", "application/json"};
	struct fetch_reply reply;
	struct buf body;

	*wait = 0;
	buf_init(&body, c->arena, 64 * 1024);
	buf_adds(&body, "{\"chat_id\":");
	json_print_string(&body, config->telegram_chat_id);
	buf_adds(&body, ",\"disable_web_page_preview\":true,\"text\":");
	json_print_string(&body, text);
	buf_addc(&body, '}');
	TRY(fetch(c->arena, c->error,
			  &(struct fetch_request){.method = "POST",
									  .url = arena_printf(c->arena, "%s/bot%s/sendMessage",
														  config->telegram_api_url,
														  config->telegram_bot_token),
									  .headers = {&type, 1},
									  .body = buf_str(&body),
									  .size = body.n,
									  .timeout_ms = TIMEOUT_MS,
									  .trusted = true},
			  &reply));
	return judge(c, &reply, wait);
}

/* ---- what is told ---- */

static const char *said(const struct json_value *v, const char *name, const char *otherwise)
{
	const char *text = json_string(json_get(v, name));

	return text_is_blank(text) ? otherwise : text;
}

/* NULL: nothing to tell. */
static const char *sentence(struct arena *a, const char *type, const struct json_value *v)
{
	if (strcmp(type, "mail.sent") == 0)
		return arena_printf(a, "Mail sent to %s: %s", said(v, "recipient", "?"),
							said(v, "subject", "?"));
	if (strcmp(type, "mail.failed") == 0)
		return arena_printf(a, "Mail to %s %s: %s (%s)", said(v, "recipient", "?"),
							text_eq(said(v, "state", ""), "maybe_sent") ? "may not have arrived"
																		: "was not sent",
							said(v, "subject", "?"), said(v, "error_message", "no reason given"));
	if (strcmp(type, "candidate.uploaded") == 0)
		return arena_printf(a, "Upload finished: %s", said(v, "filename", "?"));
	if (strcmp(type, "video.uploaded") == 0)
		return arena_printf(a, "Video uploaded: %s", said(v, "filename", "?"));
	if (strcmp(type, "scheduler.run") == 0)
		return arena_printf(a, "Scheduled job %s: %s", said(v, "kind", "?"),
							said(v, "status", "done"));
	if (strcmp(type, "security.alert") == 0)
		return arena_printf(a, "Security: %s (from %s)", said(v, "message", "?"),
							said(v, "address", "?"));
	return NULL;
}

static int queue(struct ctx *c);

int telegram_tell(struct ctx *c, const char *text)
{
	int64_t waiting;

	TRY(db_int(c->db, &waiting, "SELECT count(*) FROM telegram_notes"));
	if (waiting >= NOTES_WAITING) {
		log_warning("Telegram is not told one thing more: %d others wait", NOTES_WAITING);
		return OK;
	}
	text = utf8_clean(c->arena, text, strnlen(text, NOTE_MAX));
	TRY(db_exec(c->db, NULL, "INSERT INTO telegram_notes (text, created_at) VALUES ($1, $2)",
				P(text), P(c->now)));
	return queue(c);
}

static int on_event(struct ctx *c, const struct event *e, const char *json)
{
	const struct json_value *v = NULL;
	const char *text;

	if (c->config->telegram_bot_token == NULL || c->config->telegram_chat_id == NULL)
		return OK;
	if (json_parse(c->arena, json, strlen(json), &v, NULL) != OK)
		return fail(c, E_INTERNAL, "the data of an event %s is no JSON", e->type);
	text = sentence(c->arena, e->type, v);
	return text == NULL ? OK : telegram_tell(c, text);
}

/* ---- the task ---- */

/* Telegram asked for silence until then; for messages of all kinds, so for this process. */
static _Atomic int64_t quiet_until;

struct batch {
	struct list notes;
	size_t taken; /* of them, in the message */
	int64_t wait; /* seconds before the next try */
};

static int claim_tx(struct ctx *c, void *arg)
{
	struct batch *b = arg;

	TRY(db_exec(c->db, NULL, "DELETE FROM telegram_notes WHERE created_at < $1",
				P(c->now - NOTE_LIFE)));
	TRY(db_list(
		c->db, c->arena, &note_schema, NOTES_AT_ONCE, &b->notes,
		"SELECT id, text FROM telegram_notes WHERE claimed_until <= $1 ORDER BY id LIMIT 40",
		P(c->now)));
	for (size_t i = 0; i < b->notes.n; i++)
		TRY(db_exec(c->db, NULL, "UPDATE telegram_notes SET claimed_until = $2 WHERE id = $1",
					P(((const struct note *)b->notes.items)[i].id),
					P(c->now + CLAIM_SECONDS * CLOCK_SECOND)));
	return OK;
}

/* What was told goes; the rest waits. */
static int settle_tx(struct ctx *c, void *arg)
{
	const struct batch *b = arg;
	const struct note *notes = b->notes.items;
	int64_t until = b->wait > 0 ? clock_now() + b->wait * CLOCK_SECOND : 0;

	for (size_t i = 0; i < b->notes.n; i++) {
		if (b->wait == 0 && i < b->taken)
			TRY(db_exec(c->db, NULL, "DELETE FROM telegram_notes WHERE id = $1", P(notes[i].id)));
		else
			TRY(db_exec(c->db, NULL, "UPDATE telegram_notes SET claimed_until = $2 WHERE id = $1",
						P(notes[i].id), P(until)));
	}
	return OK;
}

static const char *join(struct ctx *c, struct batch *b)
{
	const struct note *notes = b->notes.items;
	struct buf text;

	buf_init(&text, c->arena, MESSAGE_MAX);
	for (b->taken = 0; b->taken < b->notes.n; b->taken++) {
		if (text.n + strlen(notes[b->taken].text) + 1 > MESSAGE_MAX)
			break;
		buf_addf(&text, "%s%s", b->taken > 0 ? "\n" : "", notes[b->taken].text);
	}
	return buf_str(&text);
}

static int send_notes(struct ctx *c)
{
	struct batch b = {0};
	int rc;

	if (telegram_ready(c) != OK)
		return OK; /* the settings were taken away; the notes are dropped after a day */
	if (atomic_load(&quiet_until) > c->now) {
		c->again_at = atomic_load(&quiet_until);
		return OK;
	}
	TRY(tx(c, claim_tx, &b));
	if (b.notes.n == 0)
		return OK;
	rc = send_text(c, join(c, &b), &b.wait);
	if (rc != OK) {
		bool asked = b.wait > 0;

		b.wait = asked ? b.wait : RETRY_SECONDS;
		b.wait = b.wait < WAIT_MAX_SECONDS ? b.wait : WAIT_MAX_SECONDS;
		if (asked)
			atomic_store(&quiet_until, clock_now() + b.wait * CLOCK_SECOND);
		log_warning("Telegram was not told, again in %lld s: %s", (long long)b.wait,
					c->error->text);
	}
	TRY(tx(c, settle_tx, &b));
	if (rc != OK)
		c->again_at = clock_now() + b.wait * CLOCK_SECOND;
	else if (b.taken < b.notes.n || b.notes.n == NOTES_AT_ONCE)
		c->again_at = clock_now();
	return OK;
}

static const struct task_kind tasks[] = {
	{.name = "telegram.send", .pool = TASK_NETWORK, .attempts = 10, .run = send_notes},
};

/* One for each note: it cannot slip between the last look of a task and its end. */
static int queue(struct ctx *c)
{
	return task_add(c, &tasks[0], NULL, NULL, 0);
}

/* ---- handlers ---- */

static int test(struct ctx *c)
{
	int64_t wait;
	int rc;

	TRY(telegram_ready(c));
	rc = send_text(
		c, arena_printf(c->arena, "vitae: a test message, asked for by %s", c->actor->username),
		&wait);
	if (rc == E_UNAVAILABLE && wait > 0)
		TRY(ctx_header(c, "Retry-After", arena_printf(c->arena, "%lld", (long long)wait)));
	TRY(rc);
	return message(c, "Telegram took the test message");
}

/* ---- tables ---- */

static const short upstream[] = {502, 503, 504, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/telegram/test", test, NULL, &message_schema, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_SLOW, .tag = "telegram",
	 .doc = "Send a test message to the operator's Telegram chat", .errors = upstream},
};

static const struct maintenance jobs[] = {
	{.name = "telegram.send", .task = &tasks[0], .interval = 300},
};

const struct feature telegram_feature = {.name = "telegram",
										 .routes = routes,
										 .nroutes = sizeof routes / sizeof routes[0],
										 .tasks = tasks,
										 .ntasks = 1,
										 .jobs = jobs,
										 .njobs = 1,
										 .event = on_event};

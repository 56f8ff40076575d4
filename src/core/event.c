/* See event.h. */
#include "core/event.h"

#include <inttypes.h>
#include <string.h>

#include "core/bus.h"
#include "core/core.h"
#include "core/metrics.h"

const char event_topic[] = "event";

const struct event_type event_types[] = {
	{"candidate.uploaded", "A résumé came in"},
	{"candidate.processing", "Reading the file began"},
	{"candidate.completed", "The file was read"},
	{"candidate.failed", "The file could not be read"},
	{"candidate.updated", "A person corrected what was read"},
	{"candidate.deleted", "A candidate was deleted"},
	{"application.updated", "An application's state changed"},
	{"mail.sent", "A mail was handed to the mail server"},
	{"mail.failed", "A mail was given up"},
	{"scheduler.run", "A scheduled job ran"},
	{"job.new", "A vacancy was found that was not known"},
	{"security.alert", "Something that an administrator should look at"},
	{"video.uploaded", "A video came in"},
};
const size_t event_types_count = sizeof event_types / sizeof event_types[0];

const char *const event_webhook_types[] = {"candidate.completed", "candidate.failed",
										   "application.updated", "mail.sent",
										   "security.alert",      NULL};

bool event_has_webhooks(const char *type)
{
	for (size_t i = 0; event_webhook_types[i] != NULL; i++)
		if (strcmp(event_webhook_types[i], type) == 0)
			return true;
	return false;
}

static bool is_known(const char *type)
{
	for (size_t i = 0; i < event_types_count; i++)
		if (strcmp(event_types[i].name, type) == 0)
			return true;
	return false;
}

static int call_hooks(struct ctx *c, const struct event *e, const char *json)
{
	for (size_t i = 0; i < c->core->nfeatures; i++)
		if (c->core->features[i]->event != NULL)
			TRY(c->core->features[i]->event(c, e, json));
	return OK;
}

int event_emit(struct ctx *c, const struct event *e)
{
	const char *json;
	struct buf b;

	if (!is_known(e->type))
		return fail(c, E_INTERNAL, "there is no event type %s", e->type);
	buf_init(&b, c->arena, EVENT_DATA_MAX);
	if (schema_print(e->schema, e->data, &b) != OK)
		return fail(c, E_INTERNAL, "the data of an event %s exceeds %d bytes", e->type,
					EVENT_DATA_MAX);
	json = buf_str(&b);
	metrics_count(COUNTER_EVENTS, 1);
	TRY(call_hooks(c, e, json));
	return bus_publish(c, event_topic,
					   arena_printf(c->arena,
									"{\"type\":\"%s\",\"team_id\":%" PRId64 ",\"user_id\":%" PRId64
									",\"data\":%s}",
									e->type, e->team_id, e->user_id, json));
}

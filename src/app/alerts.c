/* See alerts.h. What was told lately is remembered in this process, in a table in which new ones
 * take the place of the oldest. */
#include "app/alerts.h"

#include <pthread.h>
#include <string.h>

#include "base/log.h"
#include "core/core.h"
#include "core/event.h"

enum { RECENT = 256, QUIET_SECONDS = 60, PLACE_MAX = 80 };

struct alert {
	const char *kind, *message, *address;
	struct opt_int user_id;
	struct when at;
};
static const struct field alert_fields[] = {
	FIELD(struct alert, kind, 0, .doc = "\"cleanup.refused\", \"token.reused\" or \"login.storm\"",
		  .example = "\"login.storm\""),
	FIELD(struct alert, message, 0, .doc = "What happened", .example = "\"Too many …\""),
	FIELD(struct alert, address, F_NULL, .doc = "From where", .example = "\"192.0.2.1\""),
	FIELD(struct alert, user_id, F_NULL, .doc = "User whom it is about", .example = "2"),
	FIELD(struct alert, at, 0, .doc = "When", .example = "\"2025-11-28T10:00:00Z\""),
};
static const struct schema alert_schema = SCHEMA("SecurityAlert", struct alert, alert_fields);

static struct {
	pthread_mutex_t lock;
	struct told {
		char place[PLACE_MAX];
		int64_t at; /* monotonic microseconds */
	} told[RECENT];
} recent = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Whether the same was told within the last minute; else it counts as told now. */
static bool is_known(const char *kind, const char *address, int64_t user_id)
{
	struct told *oldest = &recent.told[0], *found = NULL;
	int64_t now = clock_monotonic();
	char place[PLACE_MAX];
	bool known;

	snprintf(place, sizeof place, "%s %lld %s", kind, (long long)user_id,
			 address == NULL ? "" : address);
	pthread_mutex_lock(&recent.lock);
	for (size_t i = 0; i < RECENT; i++) {
		struct told *t = &recent.told[i];

		if (strcmp(t->place, place) == 0)
			found = t;
		oldest = t->at < oldest->at ? t : oldest;
	}
	known = found != NULL && now - found->at < QUIET_SECONDS * CLOCK_SECOND;
	if (!known) {
		found = found != NULL ? found : oldest;
		memcpy(found->place, place, sizeof place);
		found->at = now;
	}
	pthread_mutex_unlock(&recent.lock);
	return known;
}

struct raised {
	struct ctx *request;
	struct alert alert;
	bool done;
};

static int tell_tx(struct ctx *c, void *arg)
{
	return event_emit(c, &(struct event){.type = "security.alert",
										 .schema = &alert_schema,
										 .data = &((const struct raised *)arg)->alert});
}

/* The request's own error stays what it was. */
static void tell(struct core *core, void *arg)
{
	struct raised *r = arg;
	struct error *kept = r->request->db->error, error = {0};
	struct ctx c;

	if (r->done)
		return;
	r->done = true;
	core_ctx(core, r->request->arena, &error, r->request->db, &c);
	if (tx(&c, tell_tx, r) != OK)
		log_error("a security alert cannot be told: %s", error.text);
	r->request->db->error = kept;
}

void alert_raise(struct ctx *c, const char *kind, int64_t user_id, const char *detail)
{
	struct raised *r;

	if (is_known(kind, c->peer, user_id))
		return;
	r = ARENA_NEW(c->arena, struct raised);
	*r = (struct raised){.request = c,
						 .alert = {arena_strdup(c->arena, kind), arena_strdup(c->arena, detail),
								   c->peer, (struct opt_int){true, user_id == 0, user_id},
								   (struct when){c->now}}};
	after_commit(c, tell, r);
	after_rollback(c, tell, r);
}

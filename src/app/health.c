/* health: whether this instance works, for load balancers and people. Never limited, never logged
 * in. */
#include "app/app.h"
#include "app/schedules.h"
#include "core/core.h"
#include "core/route.h"

struct scheduler_health {
	bool running;
	int64_t jobs;
};
static const struct field scheduler_fields[] = {
	FIELD(struct scheduler_health, running, 0, .doc = "Whether scheduled jobs are looked after",
		  .example = "true"),
	FIELD(struct scheduler_health, jobs, 0, .doc = "Number of scheduled jobs", .example = "4"),
};
static const struct schema scheduler_schema =
	SCHEMA("SchedulerHealth", struct scheduler_health, scheduler_fields);

struct health {
	const char *status, *environment, *version;
	struct scheduler_health scheduler;
};
static const struct field health_fields[] = {
	FIELD(struct health, status, 0, .doc = "\"healthy\"", .example = "\"healthy\""),
	FIELD(struct health, environment, 0,
		  .doc = "\"development\" with DEBUG=True, else \"production\"",
		  .example = "\"production\""),
	FIELD(struct health, version, 0, .doc = "Version of the program", .example = "\"1.0.0\""),
	FIELD_OBJECT(struct health, scheduler, 0, &scheduler_schema, .doc = "The scheduler",
				 .example = "{\"running\": true, \"jobs\": 4}"),
};
static const struct schema health_schema = SCHEMA("Health", struct health, health_fields);

static int health(struct ctx *c)
{
	struct health *out = c->out;

	struct list built_in;

	if (scheduler_list(c, &built_in) != OK || schedules_count(c, &out->scheduler.jobs) != OK)
		return fail(c, E_UNAVAILABLE, "The database does not answer");
	out->scheduler.jobs += (int64_t)built_in.n;
	out->status = "healthy";
	out->environment = c->config->debug ? "development" : "production";
	out->version = VITAE_VERSION;
	out->scheduler.running = c->core->scheduler != NULL && scheduler_running(c->core->scheduler);
	return OK;
}

static const struct route routes[] = {
	{"GET", "/health", health, NULL, &health_schema, .role = ROLE_PUBLIC, .rate = RATE_NONE,
	 .status = 200, .tag = "operation", .doc = "Whether this instance works"},
};

const struct feature health_feature = {.name = "health", .routes = routes, .nroutes = 1};

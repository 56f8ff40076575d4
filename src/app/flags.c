/*
 * flags: what is switched on, for everybody to read (so that a page can hide what would be refused)
 * and for administrators to decide. Owns no table: core/flag.c does. */
#include "app/flags.h"

#include "core/flag.h"

/* ---- schemas ---- */

struct flags_out {
	bool on[FLAG_COUNT];
};
#define FLAG_FIELD(id, variable)                                                          \
	{                                                                                     \
		.name = (variable), .type = T_BOOL, .offset = offsetof(struct flags_out, on[id]), \
		.doc = "Whether " variable " is on", .example = "true"                            \
	}
static const struct field flags_fields[] = {
	FLAG_FIELD(FLAG_AI_RESUME, "FEATURE_AI_RESUME"),
	FLAG_FIELD(FLAG_AI_COVER_LETTER, "FEATURE_AI_COVER_LETTER"),
	FLAG_FIELD(FLAG_JOB_SCRAPING, "FEATURE_JOB_SCRAPING"),
};
static const struct schema flags_schema =
	SCHEMA("FeatureFlags", struct flags_out, flags_fields, .doc = "Variables and their state");

#define NAME_FIELD(T)                                                       \
	FIELD(T, feature_name, F_PATH, .max = 64, .doc = "The variable's name", \
		  .example = "\"FEATURE_AI_RESUME\"")

struct flag_in {
	const char *feature_name;
};
static const struct field flag_in_fields[] = {NAME_FIELD(struct flag_in)};
static const struct schema flag_in_schema = SCHEMA("FeatureName", struct flag_in, flag_in_fields);

struct set_in {
	const char *feature_name;
	bool enabled;
};
static const struct field set_in_fields[] = {
	NAME_FIELD(struct set_in),
	FIELD(struct set_in, enabled, F_REQUIRED, .doc = "On or off, whatever the variable says",
		  .example = "false"),
};
static const struct schema set_in_schema = SCHEMA("FeatureUpdate", struct set_in, set_in_fields);

struct status_out {
	const char *feature;
	bool enabled, overridden;
	struct when updated_at;
};
static const struct field status_fields[] = {
	FIELD(struct status_out, feature, 0, .doc = "The variable's name",
		  .example = "\"FEATURE_AI_RESUME\""),
	FIELD(struct status_out, enabled, 0, .doc = "Whether it is on", .example = "true"),
	FIELD(struct status_out, overridden, 0,
		  .doc = "Whether an administrator decided so; else the variable does", .example = "false"),
	FIELD(struct status_out, updated_at, F_NULL, .doc = "When that was decided", .example = "null"),
};
static const struct schema status_schema =
	SCHEMA("FeatureStatus", struct status_out, status_fields);

/* ---- rules ---- */

static int tell(struct ctx *c, enum flag_id id)
{
	struct flag_state states[FLAG_COUNT];
	struct status_out *out = c->out;

	TRY(flag_states(c, states));
	*out = (struct status_out){flag_table[id].name, states[id].enabled, states[id].overridden,
							   states[id].updated_at};
	return OK;
}

/* ---- handlers ---- */

static int list_flags(struct ctx *c)
{
	struct flag_state states[FLAG_COUNT];
	struct flags_out *out = c->out;

	TRY(flag_states(c, states));
	for (int i = 0; i < FLAG_COUNT; i++)
		out->on[i] = states[i].enabled;
	return OK;
}

static int get_flag(struct ctx *c)
{
	const struct flag_in *in = c->in;
	enum flag_id id;

	TRY(flag_find(c, in->feature_name, &id));
	return tell(c, id);
}

static int set_flag(struct ctx *c)
{
	const struct set_in *in = c->in;
	enum flag_id id;

	TRY(flag_find(c, in->feature_name, &id));
	TRY(flag_set(c, id, in->enabled));
	c->audit_detail = in->enabled ? "on" : "off";
	return tell(c, id);
}

static int reset_flag(struct ctx *c)
{
	const struct flag_in *in = c->in;
	enum flag_id id;

	TRY(flag_find(c, in->feature_name, &id));
	return flag_reset(c, id);
}

static const struct route routes[] = {
	{"GET", "/api/v1/features", list_flags, NULL, &flags_schema, .role = ROLE_PUBLIC, .status = 200,
	 .tag = "features", .doc = "All feature flags"},
	{"GET", "/api/v1/features/{feature_name}", get_flag, &flag_in_schema, &status_schema,
	 .role = ROLE_PUBLIC, .status = 200, .tag = "features", .doc = "One feature flag"},
	{"PUT", "/api/v1/features/{feature_name}", set_flag, &set_in_schema, &status_schema,
	 .role = ROLE_ADMIN, .body = BODY_JSON, .status = 200, .audit = "feature.set",
	 .tag = "features", .doc = "Switch a feature on or off, whatever its variable says"},
	{"DELETE", "/api/v1/features/{feature_name}", reset_flag, &flag_in_schema, NULL,
	 .role = ROLE_ADMIN, .status = 204, .audit = "feature.reset", .tag = "features",
	 .doc = "Let the feature's variable decide again"},
};

const struct feature flags_feature = {
	.name = "flags", .routes = routes, .nroutes = sizeof routes / sizeof routes[0]};

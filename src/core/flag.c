/*
 * See flag.h. The decisions are read with the connection at hand, at most once each FLAG_FRESH for
 * the whole process: no notification can be lost, and a request pays a comparison.
 */
#include "core/flag.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/core.h"

const struct flag flag_table[FLAG_COUNT] = {
	[FLAG_AI_RESUME] = {"FEATURE_AI_RESUME", "Bullets for a résumé, written by a model"},
	[FLAG_AI_COVER_LETTER] = {"FEATURE_AI_COVER_LETTER", "Cover letters, written by a model"},
	[FLAG_JOB_SCRAPING] = {"FEATURE_JOB_SCRAPING", "Collecting jobs from boards"},
};

struct flags {
	pthread_mutex_t lock;
	int64_t looked; /* monotonic microseconds, 0: never */
	bool on[FLAG_COUNT];
};

struct flag_row {
	const char *name;
	bool enabled;
	struct when updated_at;
};
static const struct field row_fields[] = {
	FIELD(struct flag_row, name, 0, .doc = "Name", .example = "\"FEATURE_AI_RESUME\""),
	FIELD(struct flag_row, enabled, 0, .doc = "Decision", .example = "true"),
	FIELD(struct flag_row, updated_at, 0, .doc = "When", .example = "\"2026-01-02T03:04:05Z\""),
};
static const struct schema row_schema = SCHEMA("FlagRow", struct flag_row, row_fields);

struct flags *flags_new(void)
{
	struct flags *f = calloc(1, sizeof *f);

	if (f == NULL)
		abort();
	pthread_mutex_init(&f->lock, NULL);
	return f;
}

void flags_free(struct flags *f)
{
	if (f == NULL)
		return;
	pthread_mutex_destroy(&f->lock);
	free(f);
}

static int find(const char *name)
{
	for (int i = 0; i < FLAG_COUNT; i++)
		if (name != NULL && strcasecmp(flag_table[i].name, name) == 0)
			return i;
	return FLAG_COUNT;
}

bool flag_known(const char *name)
{
	return find(name) < FLAG_COUNT;
}

int flag_find(struct ctx *c, const char *name, enum flag_id *out)
{
	int i = find(name);

	if (i == FLAG_COUNT)
		return fail(c, E_NOT_FOUND, "Feature not found");
	*out = (enum flag_id)i;
	return OK;
}

static bool from_config(const struct config *config, enum flag_id id)
{
	switch (id) {
	case FLAG_AI_RESUME: return config->feature_ai_resume;
	case FLAG_AI_COVER_LETTER: return config->feature_ai_cover_letter;
	case FLAG_JOB_SCRAPING: return config->feature_job_scraping;
	case FLAG_COUNT: break;
	}
	return false;
}

int flag_states(struct ctx *c, struct flag_state out[FLAG_COUNT])
{
	struct flag_state states[FLAG_COUNT] = {0};
	struct list rows;
	const struct flag_row *row;

	TRY(db_list(c->db, c->arena, &row_schema, FLAG_COUNT, &rows,
				"SELECT name, enabled, updated_at FROM feature_flags ORDER BY name"));
	for (int i = 0; i < FLAG_COUNT; i++)
		states[i].enabled = from_config(c->config, (enum flag_id)i);
	row = rows.items;
	for (size_t k = 0; k < rows.n; k++) {
		int i = find(row[k].name);

		if (i < FLAG_COUNT)
			states[i] = (struct flag_state){row[k].enabled, true, row[k].updated_at};
	}
	memcpy(out, states, sizeof states);
	return OK;
}

/* Reads the decisions if they were not read lately. */
static int refresh(struct ctx *c, struct flags *f, bool on[FLAG_COUNT])
{
	struct flag_state states[FLAG_COUNT];
	int64_t now = clock_monotonic();
	bool fresh;

	pthread_mutex_lock(&f->lock);
	fresh = f->looked != 0 && now - f->looked < FLAG_FRESH;
	memcpy(on, f->on, sizeof f->on);
	pthread_mutex_unlock(&f->lock);
	if (fresh)
		return OK;
	TRY(flag_states(c, states));
	pthread_mutex_lock(&f->lock);
	for (int i = 0; i < FLAG_COUNT; i++)
		on[i] = f->on[i] = states[i].enabled;
	f->looked = now;
	pthread_mutex_unlock(&f->lock);
	return OK;
}

int flag_enabled(struct ctx *c, const char *name, bool *on)
{
	bool all[FLAG_COUNT];
	enum flag_id id;

	TRY(flag_find(c, name, &id));
	TRY(refresh(c, c->core->flags, all));
	*on = all[id];
	return OK;
}

/* This instance looks again at once. */
static void forget(struct core *core, void *arg)
{
	struct flags *f = core->flags;

	(void)arg;
	pthread_mutex_lock(&f->lock);
	f->looked = 0;
	pthread_mutex_unlock(&f->lock);
}

int flag_set(struct ctx *c, enum flag_id id, bool enabled)
{
	struct param by = c->actor != NULL ? P(c->actor->user_id) : P_NULL;

	TRY(db_exec(c->db, NULL,
				"INSERT INTO feature_flags (name, enabled, updated_by, updated_at) "
				"VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO UPDATE SET "
				"enabled = excluded.enabled, updated_by = excluded.updated_by, "
				"updated_at = excluded.updated_at",
				P(flag_table[id].name), P(enabled), by, P(c->now)));
	after_commit(c, forget, NULL);
	return OK;
}

int flag_reset(struct ctx *c, enum flag_id id)
{
	TRY(db_exec(c->db, NULL, "DELETE FROM feature_flags WHERE name = $1", P(flag_table[id].name)));
	after_commit(c, forget, NULL);
	return OK;
}

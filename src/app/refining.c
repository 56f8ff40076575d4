/* See refining.h. The text goes to the model as data; what comes back is laid over the parser's own
 * reading by refine.c. */
#include "app/refining.h"

#include <string.h>

#include "app/candidate_reparse.h"
#include "app/candidates.h"
#include "app/model.h"
#include "app/refine.h"
#include "base/log.h"
#include "core/task.h"

enum { ATTEMPTS = 3, TEXT_MAX = 60000, DATA_MAX = 512 * 1024 };

static const char task[] =
	"You read a resume, the text of which is in the data, and name the person, their e-mail "
	"address, their phone number, their skills and, in one sentence, what they do "
	"(domain_knowledge). Copy every value exactly as the text writes it; null, or no item, for "
	"what "
	"it does not contain. Of several people take the one whose resume it is, not referees. "
	"domain_knowledge uses only facts of the text.";

struct refine_args {
	int64_t candidate_id;
};
static const struct field args_fields[] = {
	FIELD(struct refine_args, candidate_id, F_REQUIRED, .min = 1, .doc = "Candidate",
		  .example = "1"),
};
static const struct schema args_schema = SCHEMA("RefineArgs", struct refine_args, args_fields);

bool refining_wanted(struct ctx *c, const struct profile *p)
{
	if (c->config->parser == PARSER_BUILTIN || text_is_blank(p->text) ||
		(c->config->openai_api_key == NULL && c->config->openai_base_url == NULL))
		return false;
	return c->config->parser == PARSER_OPENAI || refine_needed(p);
}

/* ---- the task ---- */

struct refining {
	int64_t id, team_id;
	struct profile profile;
};

static int load(struct ctx *c, struct refining *r)
{
	const struct json_value *v;
	const char *json;
	struct candidate k;

	TRY(candidates_row(c, r->id, &k, &r->team_id));
	TRY(db_text(c->db, c->arena, &json,
				"SELECT profile FROM candidate_refinements WHERE candidate_id = $1", P(r->id)));
	if (json_parse(c->arena, json, strlen(json), &v, NULL) != OK ||
		schema_bind_json(&profile_schema, v, c->arena, &r->profile, c->faults) != OK)
		return fail(c, E_INTERNAL, "the profile of candidate %lld does not fit its schema",
					(long long)r->id);
	return OK;
}

static int store_tx(struct ctx *c, void *arg)
{
	const struct refining *r = arg;

	c->now = clock_now();
	TRY(db_exec(c->db, NULL, "DELETE FROM candidate_refinements WHERE candidate_id = $1",
				P(r->id)));
	TRY(candidates_completed(c, r->id, r->team_id, &r->profile));
	return reparse_done(c, r->id);
}

static int ask(struct ctx *c, struct refining *r)
{
	size_t n = strlen(r->profile.text);
	struct model_request request = {.task = task, .name = "resume", .schema = refined_form};
	struct model_reply reply;
	struct refined refined;
	struct buf data;
	int dropped;

	buf_init(&data, c->arena, DATA_MAX);
	buf_adds(&data, "{\"document\":");
	json_print_string(&data, utf8_clean(c->arena, r->profile.text, n < TEXT_MAX ? n : TEXT_MAX));
	buf_addc(&data, '}');
	request.data = buf_str(&data);
	TRY(model_ask(c, &request, &reply));
	if (schema_bind_json(&refined_schema, reply.value, c->arena, &refined,
						 ARENA_NEW(c->arena, struct faults)) != OK)
		return fail(c, E_UPSTREAM, "The language model's answer does not have the form asked for");
	dropped = refine_merge(c->arena, &refined, &r->profile);
	refine_note(
		c->arena, &r->profile, "model",
		dropped == 0
			? arena_printf(c->arena, "Looked over by the language model %.100s", reply.model)
			: arena_printf(c->arena,
						   "Looked over by the language model %.100s; %d of its values are "
						   "not in the document and were dropped",
						   reply.model, dropped));
	return OK;
}

/* Somebody's turn is waited for; everything else that goes wrong leaves the parser's own reading.
 */
static int refine(struct ctx *c)
{
	const struct refine_args *in = c->in;
	struct refining r = {.id = in->candidate_id};
	int rc = load(c, &r);

	if (rc == E_NOT_FOUND)
		return OK; /* deleted, or read anew meanwhile */
	TRY(rc);
	rc = model_ready(c) == OK ? ask(c, &r) : E_UPSTREAM;
	if (rc == E_UNAVAILABLE || rc == E_INTERNAL)
		return rc;
	if (rc != OK) {
		log_warning("candidate %lld stays as the parser read it: %s", (long long)r.id,
					c->error->text);
		refine_note(c->arena, &r.profile, "model_failed",
					arena_printf(c->arena,
								 "The language model could not help, so this is what the built-in "
								 "reader found. %s",
								 c->error->text));
	}
	return tx(c, store_tx, &r);
}

static int gave_up(struct ctx *c)
{
	const struct refine_args *in = c->in;
	struct refining r = {.id = in->candidate_id};
	int rc = load(c, &r);

	return rc == OK ? tx(c, store_tx, &r) : rc == E_NOT_FOUND ? OK : rc;
}

static const struct task_kind tasks[] = {
	{.name = "candidate.refine",
	 .args = &args_schema,
	 .pool = TASK_NETWORK,
	 .attempts = ATTEMPTS,
	 .run = refine,
	 .gave_up = gave_up},
};

int refining_queue(struct ctx *c, int64_t candidate_id, const struct profile *p)
{
	struct refine_args args = {candidate_id};
	struct candidate k;
	int64_t team;
	struct buf b;
	int rc = candidates_row(c, candidate_id, &k, &team);

	if (rc == E_NOT_FOUND)
		return OK;
	TRY(rc);
	buf_init(&b, c->arena, PROFILE_JSON_MAX);
	if (schema_print(&profile_schema, p, &b) != OK)
		return fail(c, E_INTERNAL, "the profile of candidate %lld exceeds %d bytes",
					(long long)candidate_id, PROFILE_JSON_MAX);
	TRY(db_exec(c->db, NULL,
				"INSERT INTO candidate_refinements (candidate_id, profile, created_at) "
				"VALUES ($1, $2, $3) ON CONFLICT (candidate_id) DO UPDATE SET "
				"profile = excluded.profile",
				P(candidate_id), P((struct json){buf_str(&b)}), P(c->now)));
	return task_add_again(c, &tasks[0], &args,
						  arena_printf(c->arena, "%lld", (long long)candidate_id), 0);
}

const struct feature refining_feature = {.name = "refining", .tasks = tasks, .ntasks = 1};

/*
 * model: a language model behind any server that speaks OpenAI's chat completions API. What it is
 * given as data is marked as such; what it answers is JSON of a given schema, bound like any
 * stranger's. Calls block for seconds: only from slow routes and network tasks, outside of
 * transactions.
 */
#pragma once
#include "core/ctx.h"

struct model_usage {
	int64_t prompt_tokens, completion_tokens, total_tokens;
};
extern const struct schema model_usage_schema;

struct model_request {
	const char *task;  /* the instructions: ours */
	const char *data;  /* JSON text: what they are about, strangers' words among it */
	const char *again; /* what to do better than in `before`, an earlier answer; NULL: first time */
	const char *before; /* text of the earlier answer */
	const char *name;   /* of the schema: "cover_letter" */
	const char *schema; /* JSON Schema of the answer, strict: all properties required */
	bool words; /* an answer in plain words will do: the reply then has text, but no value */
	int64_t timeout_ms; /* of all tries together; 0: OPENAI_TIMEOUT */
	/* Called with each piece of the answer's text as it comes, and once with p NULL when it begins
	 * anew because the first try was cut short. A negative return ends the request. NULL: no
	 * streaming. */
	int (*piece)(void *arg, const char *p, size_t n);
	void *arg;
};

struct model_reply {
	const char *text;               /* the answer, JSON (or words, if they will do) */
	const struct json_value *value; /* the same, parsed: an object; NULL: words */
	const char *model;              /* who answered */
	struct model_usage usage;
};

/* E_UNAVAILABLE with a sentence that names the variables, if no model is configured. */
int model_ready(struct ctx *c);
/* Asks; tries again on 429 and 5xx as the provider says. E_UNAVAILABLE: not configured, or
 * OPENAI_CONCURRENCY requests are under way; E_TIMEOUT; E_UPSTREAM: refused, failed, or no answer
 * of that schema. Sentences say what to do and contain no key. */
int model_ask(struct ctx *c, const struct model_request *r, struct model_reply *out);

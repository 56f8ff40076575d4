/* message: the reply {"message": "…"} of what has nothing else to say. */
#pragma once
#include "core/ctx.h"

struct message {
	const char *message;
};
extern const struct schema message_schema;

/* Answers with this sentence, in c->arena or static. */
int message(struct ctx *c, const char *sentence);

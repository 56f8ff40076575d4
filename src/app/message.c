/* See message.h. */
#include "app/message.h"

static const struct field message_fields[] = {
	FIELD(struct message, message, 0, .doc = "What was done",
		  .example = "\"Resume deleted successfully\""),
};
const struct schema message_schema = SCHEMA("Message", struct message, message_fields);

int message(struct ctx *c, const char *sentence)
{
	*(struct message *)c->out = (struct message){sentence};
	return OK;
}

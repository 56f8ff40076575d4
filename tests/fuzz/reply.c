/* JSON and its binding: a parser's reply, as the server takes it from a process it does not trust.
 */
#include "data/json.h"
#include "data/profile.h"
#include "tests/fuzz/fuzz.h"

enum { REPLY_MEMORY = 64 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new(REPLY_MEMORY);
	struct parse_reply *reply = ARENA_NEW(a, struct parse_reply);
	struct faults faults = {.n = 0};
	const struct json_value *v;
	struct buf b;

	buf_init(&b, a, REPLY_MEMORY);
	if (json_parse(a, (const char *)data, n, &v, NULL) == OK) {
		const char *text = json_text(a, v);

		must_hold(json_parse(a, text, strlen(text), &v, NULL) == OK);
		if (schema_bind_json(&parse_reply_schema, v, a, reply, &faults) == OK)
			must_hold(schema_print(&parse_reply_schema, reply, &b) == OK);
		else
			must_hold(faults.n > 0 && faults_print(&faults, &b) == OK);
	}
	arena_free(a);
	return 0;
}

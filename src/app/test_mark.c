/* See test_mark.h. */
#include "app/test_mark.h"

#include <string.h>

#include "base/error.h"

struct test_mark test_mark_of(const struct json_value *v)
{
	if (json_kind(v) != JSON_OBJECT ||
		!text_eq(json_string(json_get(v, "test_marker")), TEST_MARKER))
		return (struct test_mark){NULL, NULL};
	return (struct test_mark){TEST_MARKER, json_string(json_get(v, "test_session_id"))};
}

struct test_mark test_mark_parse(struct arena *a, const char *text)
{
	const struct json_value *v = NULL;

	if (text == NULL || json_parse(a, text, strlen(text), &v, NULL) != OK)
		return (struct test_mark){NULL, NULL};
	return test_mark_of(v);
}

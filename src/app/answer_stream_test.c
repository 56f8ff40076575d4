#include "app/answer_stream.h"

#include "base/error.h"
#include "base/test.h"
#include "base/text.h"

static struct buf told;

static int tell(void *arg, const char *key, int index, const char *p, size_t n)
{
	static char last[100];
	char now[100];

	(void)arg;
	snprintf(now, sizeof now, "%s%d", key, index);
	if (told.n == 0 || strcmp(last, now) != 0)
		buf_addf(&told, "|%s=", now);
	snprintf(last, sizeof last, "%s", now);
	return buf_add(&told, p, n);
}

/* What is told of the text, fed in pieces of step bytes. */
static const char *fed(const char *text, size_t step)
{
	struct answer_stream s;
	size_t n = strlen(text);

	buf_done(&told);
	buf_init(&told, NULL, 10000);
	answer_begin(&s, tell, NULL);
	for (size_t i = 0; i < n; i += step)
		CHECK_INT(answer_feed(&s, text + i, n - i < step ? n - i : step), OK);
	return buf_str(&told);
}

TEST(pieces)
{
	static const char text[] = "{ \"subject\": \"A \\\"b\\\"\\n\\u00e9\\ud83d\\ude00\", \"n\": 3, "
							   "\"bullets\":[\"one\", \"two, [x]: {\"], \"body\":\"z\"}";

	for (size_t step = 1; step < sizeof text; step++)
		CHECK_STR(fed(text, step),
				  "|subject0=A \"b\"\né😀|bullets0=one|bullets1=two, [x]: {|body0=z");
}

TEST(anything_may_come)
{
	static const char *const odd[] = {
		"", "\"", "}}}]]]{", "{\"a\":\"\\u12", "[[[[[", "\\", "{\"a\":\"\\ud800x\"}"};

	for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
		fed(odd[i], 1);
	CHECK_STR(fed("{\"a\":{\"b\":{\"c\":\"deep\"}}}", 3), "");
	CHECK_STR(fed("```json\n{\"a\":\"x\"}\n```", 2), "|a0=x");
}

TEST_MAIN()

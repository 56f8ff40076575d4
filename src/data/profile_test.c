#include "data/profile.h"

#include "base/error.h"
#include "base/test.h"

static struct arena *mem;
static struct faults faults;

static const struct json_value *json(const char *text)
{
	const struct json_value *v = NULL;

	mem = arena_free(mem);
	mem = arena_new(64 << 20);
	CHECK_INT(json_parse(mem, text, strlen(text), &v, NULL), OK);
	return v;
}

static int bind(const char *text, struct parse_reply *reply)
{
	const struct json_value *v = json(text);

	return schema_bind_json(&parse_reply_schema, v, mem, reply, &faults);
}

TEST(profile_tables_are_sound)
{
	struct buf out;

	buf_init(&out, NULL, 10000);
	schema_check(&parse_reply_schema, &out);
	CHECK_STR(buf_str(&out), "");
	buf_done(&out);
}

TEST(profile_error_alone_is_a_reply)
{
	struct parse_reply reply;

	CHECK_INT(bind("{\"error\": \"It is locked.\"}", &reply), OK);
	CHECK_STR(reply.error, "It is locked.");
	CHECK(reply.profile.name.value == NULL);
}

TEST(profile_survives_print_and_bind)
{
	struct skill skills[] = {{"golang", "Go", "language", 0.9, {1, 10, 20.5, 30, 40, "golang", 2}},
							 {"Fortran", NULL, NULL, 0.4, {0}}};
	struct finding findings[] = {{"scanned", "The pages are images."}};
	struct parse_reply reply = {
		.profile = {.name = {"Ada", 0.97, {1, 72, 54.5, 180.2, 68.5, "Ada", 1}},
					.skills = {skills, 2},
					.findings = {findings, 1},
					.language = "en",
					.resume_probability = 1,
					.pages = 2,
					.resume = {"{\"basics\":{}}"},
					.text = "Ada\ngolang",
					.lines = "ht"}};
	struct parse_reply back;
	struct buf out, again;
	const struct json_value *v = NULL;

	json("{}");
	buf_init(&out, mem, 1 << 20);
	buf_init(&again, mem, 1 << 20);
	CHECK_INT(schema_print(&parse_reply_schema, &reply, &out), OK);
	CHECK_INT(json_parse(mem, out.p, out.n, &v, NULL), OK);
	CHECK_INT(schema_bind_json(&parse_reply_schema, v, mem, &back, &faults), OK);
	schema_print(&parse_reply_schema, &back, &again);
	CHECK_STR(buf_str(&again), buf_str(&out));
	CHECK_STR(((struct skill *)back.profile.skills.items)[0].canonical, "Go");
}

TEST(profile_refuses_what_no_parser_says)
{
	struct parse_reply reply;

	CHECK_INT(bind("{\"profile\": {\"pages\": -1, \"name\": {\"confidence\": 2}, \"skills\": "
				   "[{\"name\": \"\"}], \"text\": 5}}",
				   &reply),
			  E_INVALID);
	CHECK_INT(faults.n, 4);
}

TEST_MAIN()

#include "base/error.h"
#include "base/test.h"
#include "data/schema.h"

struct part {
	const char *name;
	int64_t rank;
};

static const struct field part_fields[] = {
	FIELD(struct part, name, F_REQUIRED, .min = 1, .max = 5, .doc = "Name", .example = "\"Go\""),
	FIELD(struct part, rank, 0, .preset = "7", .doc = "Rank"),
};
static const struct schema part_schema = SCHEMA("Part", struct part, part_fields);

static const char *const roles[] = {"admin", "hr_manager", "recruiter", "viewer", NULL};

struct all {
	int64_t id, page, count;
	const char *filter;
	double ratio, offset;
	bool active;
	const char *name, *role, *email;
	struct when since;
	struct opt_int age;
	struct opt_bool hidden;
	struct opt_str nick, fixed;
	struct strings tags;
	struct list parts;
	struct part first;
	struct json extra;
};

static const struct field all_fields[] = {
	FIELD(struct all, id, F_PATH, .min = 1, .doc = "d"),
	FIELD(struct all, page, F_QUERY, .min = 1, .max = 500, .preset = "100", .doc = "d"),
	FIELD(struct all, filter, F_QUERY, .max = 3, .doc = "d"),
	FIELD(struct all, count, 0, .max = 10, .doc = "d"),
	FIELD(struct all, ratio, 0, .min = 0, .max = 1, .preset = "0.5", .doc = "d"),
	FIELD(struct all, offset, 0, .doc = "d"),
	FIELD(struct all, active, 0, .preset = "True", .doc = "d"),
	FIELD(struct all, name, F_REQUIRED, .min = 3, .max = 6, .doc = "d"),
	FIELD(struct all, role, F_NULL, .choices = roles, .preset = "viewer", .doc = "d"),
	FIELD(struct all, email, F_EMAIL, .doc = "d"),
	FIELD(struct all, since, 0, .preset = "2025-01-01T00:00:00Z", .doc = "d"),
	FIELD(struct all, age, F_NULL, .min = 1, .max = 120, .doc = "d"),
	FIELD(struct all, hidden, F_NULL, .doc = "d"),
	FIELD(struct all, nick, F_NULL | F_WORDS | F_LINE, .min = 1, .max = 4, .doc = "d"),
	FIELD(struct all, fixed, 0, .doc = "d"),
	FIELD(struct all, tags, 0, .min = 1, .max = 3, .choices = roles, .doc = "d"),
	FIELD(struct all, parts, 0, .of = &part_schema, .max = 2, .doc = "d"),
	FIELD_OBJECT(struct all, first, 0, &part_schema, .doc = "d"),
	FIELD(struct all, extra, 0, .max = 40, .doc = "d"),
};
static const struct schema all_schema = SCHEMA("All", struct all, all_fields);

static struct arena *mem;
static struct all got;
static struct faults faults;

static struct arena *fresh(void)
{
	mem = arena_free(mem);
	mem = arena_new(1 << 24);
	memset(&faults, 0xAA, sizeof faults);
	memset(&got, 0xAA, sizeof got);
	return mem;
}

static const struct json_value *json(const char *text)
{
	const struct json_value *v = NULL;

	CHECK_INT(json_parse(mem, text, strlen(text), &v, NULL), OK);
	return v;
}

static const char *printed(void)
{
	struct buf b;

	buf_init(&b, mem, 1 << 16);
	CHECK_INT(faults_print(&faults, &b), OK);
	json(buf_str(&b));
	return buf_str(&b);
}

static int bind_body(const char *body)
{
	static struct pair path[] = {{"id", "1"}};
	struct input in = {.path = {path, 1}};

	fresh();
	in.body = body == NULL ? NULL : json(body);
	return schema_bind(&all_schema, &in, mem, &got, &faults);
}

/* The message and type of the one fault that the member makes beside a good name. */
static const char *fault_of(const char *member)
{
	char body[4000];

	snprintf(body, sizeof body, "{\"name\": \"Ada\", %s}", member);
	if (bind_body(body) == OK)
		return "none";
	if (faults.n != 1)
		return printed();
	return arena_printf(mem, "%s: %s: %s", faults.items[0].name, faults.items[0].type,
						faults.items[0].msg);
}

static const char *fault_of_query(const char *name, const char *value)
{
	struct pair path[] = {{"id", "1"}}, query[] = {{name, value}};
	struct input in = {.path = {path, 1}, .query = {query, 1}};

	fresh();
	in.body = json("{\"name\": \"Ada\"}");
	if (schema_bind(&all_schema, &in, mem, &got, &faults) == OK)
		return "none";
	return arena_printf(mem, "%s.%s: %s", faults.items[0].where, faults.items[0].name,
						faults.items[0].type);
}

TEST(bind_fills_every_type)
{
	CHECK_INT(
		bind_body("{\"count\": 3, \"ratio\": 0.25, \"offset\": -4, \"active\": false, \"name\": "
				  "\"Ada\", \"role\": \"admin\", \"email\": \"ada@example.com\", \"since\": "
				  "\"1970-01-01T00:00:01Z\", \"age\": 36, \"hidden\": true, \"nick\": \"A\", "
				  "\"tags\": [\"admin\", \"viewer\"], \"parts\": [{\"name\": \"C\"}, {\"name\": "
				  "\"Go\", \"rank\": 2}], \"first\": {\"name\": \"D\", \"rank\": 0}, \"extra\": "
				  "{\"a\": [1, null]}, \"unknown\": 1}"),
		OK);
	CHECK(got.id == 1 && got.page == 100 && got.count == 3 && !got.active && got.filter == NULL);
	CHECK(got.ratio < 0.26 && got.ratio > 0.24 && got.offset < -3.9);
	CHECK_STR(got.name, "Ada");
	CHECK_STR(got.role, "admin");
	CHECK_STR(got.email, "ada@example.com");
	CHECK_INT(got.since.us, CLOCK_SECOND);
	CHECK(got.age.set && !got.age.null && got.age.v == 36);
	CHECK(got.hidden.set && got.hidden.v);
	CHECK(got.nick.set && !got.fixed.set);
	CHECK_INT(got.tags.n, 2);
	CHECK_STR(got.tags.items[1], "viewer");
	CHECK_INT(got.parts.n, 2);
	CHECK_STR(((struct part *)got.parts.items)[1].name, "Go");
	CHECK_INT(((struct part *)got.parts.items)[0].rank, 7);
	CHECK_STR(got.first.name, "D");
	CHECK_STR(got.extra.text, "{\"a\":[1,null]}");
}

TEST(bind_presets_what_is_absent)
{
	CHECK_INT(bind_body("{\"name\": \"Ada\", \"role\": null}"), OK);
	CHECK(got.page == 100 && got.active && got.count == 0 && got.ratio > 0.4);
	CHECK_STR(got.role, "viewer");
	CHECK_INT(got.since.us, INT64_C(1735689600000000));
	CHECK(!got.age.set && !got.hidden.set && !got.nick.set);
	CHECK(got.tags.n == 0 && got.parts.n == 0 && got.email == NULL && got.extra.text == NULL);
}

TEST(bind_tells_null_from_absent)
{
	CHECK_INT(bind_body("{\"name\": \"Ada\", \"age\": null, \"hidden\": null, \"nick\": null}"),
			  OK);
	CHECK(got.age.set && got.age.null && got.hidden.set && got.hidden.null);
	CHECK(got.nick.set && got.nick.v == NULL);
	CHECK_STR(fault_of("\"fixed\": null"), "fixed: string_type: Input should be a valid string");
	CHECK_STR(fault_of("\"count\": null"), "count: int_type: Input should be a valid integer");
	CHECK_INT(bind_body("{\"name\": null}"), E_INVALID);
	CHECK_STR(faults.items[0].type, "string_type");
}

TEST(bind_words_faults_of_numbers)
{
	CHECK_STR(fault_of("\"count\": \"3\""), "count: int_type: Input should be a valid integer");
	CHECK_STR(fault_of("\"count\": true"), "count: int_type: Input should be a valid integer");
	CHECK_STR(
		fault_of("\"count\": 1.5"),
		"count: int_from_float: Input should be a valid integer, got a number with a fractional "
		"part");
	CHECK_STR(fault_of("\"count\": 1e300"), "count: int_parsing_size: Input should be a valid "
											"integer, got one beyond the maximum size");
	CHECK_STR(fault_of("\"count\": -99999999999999999999"),
			  "count: int_parsing_size: Input should be a valid integer, got one beyond the "
			  "maximum size");
	CHECK_STR(fault_of("\"count\": 2.0"), "none");
	CHECK_INT(got.count, 2);
	CHECK_STR(fault_of("\"count\": -1"),
			  "count: greater_than_equal: Input should be greater than or equal to 0");
	CHECK_STR(fault_of("\"count\": 11"),
			  "count: less_than_equal: Input should be less than or equal to 10");
	CHECK_STR(fault_of("\"age\": 0"),
			  "age: greater_than_equal: Input should be greater than or equal to 1");
	CHECK_STR(fault_of("\"ratio\": 1.01"),
			  "ratio: less_than_equal: Input should be less than or equal to 1");
	CHECK_STR(fault_of("\"ratio\": -0.1"),
			  "ratio: greater_than_equal: Input should be greater than or equal to 0");
	CHECK_STR(fault_of("\"ratio\": \"1\""), "ratio: float_type: Input should be a valid number");
	CHECK_STR(fault_of("\"active\": 1"), "active: bool_type: Input should be a valid boolean");
	CHECK_STR(fault_of("\"hidden\": \"true\""),
			  "hidden: bool_type: Input should be a valid boolean");
}

TEST(bind_words_faults_of_strings)
{
	CHECK_STR(fault_of("\"nick\": 1"), "nick: string_type: Input should be a valid string");
	CHECK_STR(fault_of("\"nick\": \"\""),
			  "nick: string_too_short: String should have at least 1 character");
	CHECK_STR(fault_of("\"nick\": \"éééé\""), "none");
	CHECK_STR(fault_of("\"nick\": \"ééééé\""),
			  "nick: string_too_long: String should have at most 4 characters");
	CHECK_STR(fault_of("\"nick\": \" \\t\""), "nick: value_error: String should not be blank");
	CHECK_STR(fault_of("\"nick\": \"a\\nb\""),
			  "nick: value_error: String should not have control characters");
	CHECK_STR(
		fault_of("\"role\": \"root\""),
		"role: literal_error: Input should be 'admin', 'hr_manager', 'recruiter' or 'viewer'");
	CHECK_STR(fault_of("\"email\": \"ada@localhost\""),
			  "email: value_error: value is not a valid email address");
	CHECK_STR(fault_of("\"since\": \"yesterday\""),
			  "since: datetime_parsing: Input should be a valid datetime");
	CHECK_STR(fault_of("\"since\": 5"), "since: datetime_type: Input should be a valid datetime");
}

TEST(bind_words_faults_of_lists_and_objects)
{
	CHECK_STR(fault_of("\"tags\": \"admin\""), "tags: list_type: Input should be a valid list");
	CHECK_STR(fault_of("\"tags\": []"),
			  "tags: too_short: List should have at least 1 item after validation, not 0");
	CHECK_STR(fault_of("\"tags\": [1, 2, 3, 4]"),
			  "tags: too_long: List should have at most 3 items after validation, not 4");
	CHECK_STR(fault_of("\"tags\": [\"admin\", 5]"),
			  "tags.1: string_type: Input should be a valid string");
	CHECK_STR(
		fault_of("\"tags\": [\"root\"]"),
		"tags.0: literal_error: Input should be 'admin', 'hr_manager', 'recruiter' or 'viewer'");
	CHECK_STR(fault_of("\"parts\": {}"), "parts: list_type: Input should be a valid list");
	CHECK_STR(
		fault_of("\"parts\": [{\"name\": \"C\"}, 3]"),
		"parts.1: model_attributes_type: Input should be a valid dictionary or object to extract "
		"fields from");
	CHECK_STR(fault_of("\"parts\": [{\"name\": \"C\"}, {}]"),
			  "parts.1.name: missing: Field required");
	CHECK_STR(
		fault_of("\"first\": []"),
		"first: model_attributes_type: Input should be a valid dictionary or object to extract "
		"fields from");
	CHECK_STR(fault_of("\"first\": {\"name\": \"123456\"}"),
			  "first.name: string_too_long: String should have at most 5 characters");
	CHECK_STR(fault_of("\"extra\": \"0123456789012345678901234567890123456789\""),
			  "extra: too_long: Value should have at most 40 bytes");
}

TEST(bind_lists_every_fault)
{
	struct pair path[] = {{"id", "x"}}, query[] = {{"page", "0"}, {"filter", "abcd"}};
	struct input in = {.path = {path, 1}, .query = {query, 2}};

	fresh();
	in.body = json("{\"count\": 11, \"parts\": [{\"rank\": \"a\"}]}");
	CHECK_INT(schema_bind(&all_schema, &in, mem, &got, &faults), E_INVALID);
	CHECK_STR(
		printed(),
		"{\"detail\":[{\"loc\":[\"path\",\"id\"],\"msg\":\"Input should be a valid integer, unable "
		"to "
		"parse string as an integer\",\"type\":\"int_parsing\"},"
		"{\"loc\":[\"query\",\"page\"],\"msg\":\"Input should be greater than or equal to 1\","
		"\"type\":\"greater_than_equal\"},"
		"{\"loc\":[\"query\",\"filter\"],\"msg\":\"String should have at most 3 characters\","
		"\"type\":\"string_too_long\"},"
		"{\"loc\":[\"body\",\"count\"],\"msg\":\"Input should be less than or equal to 10\","
		"\"type\":\"less_than_equal\"},"
		"{\"loc\":[\"body\",\"name\"],\"msg\":\"Field required\",\"type\":\"missing\"},"
		"{\"loc\":[\"body\",\"parts\",0,\"name\"],\"msg\":\"Field required\",\"type\":\"missing\"},"
		"{\"loc\":[\"body\",\"parts\",0,\"rank\"],\"msg\":\"Input should be a valid integer\","
		"\"type\":\"int_type\"}]}");
}

TEST(bind_stops_counting_at_the_maximum)
{
	struct holder {
		struct strings list;
	};
	static const struct field fields[] = {FIELD(struct holder, list, 0, .doc = "d")};
	static const struct schema schema = SCHEMA("Holder", struct holder, fields);
	struct holder h;
	struct buf b;

	fresh();
	buf_init(&b, mem, 10000);
	buf_adds(&b, "{\"list\":[0");
	for (int i = 0; i < 500; i++)
		buf_adds(&b, ",0");
	buf_adds(&b, "]}");
	CHECK_INT(schema_bind_json(&schema, json(buf_str(&b)), mem, &h, &faults), E_INVALID);
	CHECK_INT(faults.n, SCHEMA_FAULTS_MAX);
}

TEST(bind_of_a_missing_body_lists_required_fields)
{
	CHECK_INT(bind_body(NULL), E_INVALID);
	CHECK_STR(printed(),
			  "{\"detail\":[{\"loc\":[\"body\",\"name\"],\"msg\":\"Field required\",\"type\":"
			  "\"missing\"}]}");
	CHECK_INT(bind_body("null"), E_INVALID);
	CHECK_STR(faults.items[0].type, "missing");
}

TEST(bind_of_an_unusable_body_is_one_fault)
{
	struct pair path[] = {{"id", "0"}};
	struct input in = {.path = {path, 1}, .body_fault = "json_invalid"};

	fresh();
	CHECK_INT(schema_bind(&all_schema, &in, mem, &got, &faults), E_INVALID);
	CHECK_INT(faults.n, 2);
	CHECK_STR(printed(),
			  "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"JSON decode error\",\"type\":"
			  "\"json_invalid\"},{\"loc\":[\"path\",\"id\"],\"msg\":\"Input should be greater "
			  "than or equal to 1\",\"type\":\"greater_than_equal\"}]}");
	in.body_fault = "content_type";
	schema_bind(&all_schema, &in, mem, &got, &faults);
	CHECK_STR(faults.items[0].type, "model_attributes_type");
	CHECK(strstr(faults.items[0].msg, "application/json") != NULL);
	CHECK_INT(bind_body("[1]"), E_INVALID);
	CHECK(faults.n == 1 && faults.items[0].name == NULL);
	CHECK_STR(faults.items[0].type, "model_attributes_type");
}

TEST(bind_reads_query_text)
{
	CHECK_STR(fault_of_query("page", "7"), "none");
	CHECK_INT(got.page, 7);
	CHECK_STR(fault_of_query("page", ""), "query.page: int_parsing");
	CHECK_STR(fault_of_query("page", NULL), "query.page: int_parsing");
	CHECK_STR(fault_of_query("page", " 7"), "query.page: int_parsing");
	CHECK_STR(fault_of_query("page", "7.0"), "query.page: int_parsing");
	CHECK_STR(fault_of_query("page", "99999999999999999999"), "query.page: int_parsing");
	CHECK_STR(fault_of_query("page", "501"), "query.page: less_than_equal");
	CHECK_STR(fault_of_query("filter", ""), "none");
	CHECK_STR(got.filter, "");
	CHECK_STR(fault_of_query("filter", "a\xFF"), "query.filter: string_unicode");
	CHECK_STR(fault_of_query("other", "x"), "none");
}

TEST(bind_takes_the_last_of_repeated_names)
{
	struct pair path[] = {{"id", "1"}}, query[] = {{"page", "5"}, {"page", "6"}};
	struct input in = {.path = {path, 1}, .query = {query, 2}};

	fresh();
	in.body = json("{\"name\": \"Ada\"}");
	CHECK_INT(schema_bind(&all_schema, &in, mem, &got, &faults), OK);
	CHECK_INT(got.page, 6);
}

static int bind_form(struct pair *form, size_t n)
{
	struct pair path[] = {{"id", "1"}};
	struct input in = {.path = {path, 1}, .form = {form, n}};

	fresh();
	return schema_bind(&all_schema, &in, mem, &got, &faults);
}

TEST(bind_reads_forms)
{
	struct pair form[] = {
		{"name", "Ada"},    {"count", "9"},
		{"ratio", "1e-1"},  {"active", "Off"},
		{"hidden", "YES"},  {"tags", "admin"},
		{"tags", "viewer"}, {"parts", "[{\"name\": \"C\"}]"},
		{"age", "3"},       {"first", "{\"name\": \"D\"}"},
		{"extra", "{}"},    {"since", "1970-01-01T00:00:01Z"},
	};

	CHECK_INT(bind_form(form, sizeof form / sizeof form[0]), OK);
	CHECK(got.count == 9 && !got.active && got.hidden.v && got.ratio < 0.11 && got.age.v == 3);
	CHECK_INT(got.tags.n, 2);
	CHECK_STR(got.tags.items[1], "viewer");
	CHECK_INT(got.parts.n, 1);
	CHECK_STR(got.first.name, "D");
	CHECK_STR(got.extra.text, "{}");
	CHECK_INT(got.since.us, CLOCK_SECOND);
}

TEST(bind_words_faults_of_text)
{
	struct pair form[] = {{"name", "Ada"}, {"count", "0x1"}, {"ratio", "inf"}, {"active", "maybe"},
						  {"parts", "[{"}, {"tags", "root"}, {"offset", "1 "}};
	static const char *const want[] = {"int_parsing",  "float_parsing", "float_parsing",
									   "bool_parsing", "literal_error", "json_invalid"};

	CHECK_INT(bind_form(form, sizeof form / sizeof form[0]), E_INVALID);
	CHECK_INT(faults.n, sizeof want / sizeof want[0]);
	for (size_t i = 0; i < faults.n; i++)
		CHECK_STR(faults.items[i].type, want[i]);
	CHECK_STR(faults.items[4].name, "tags.0");
}

struct file_in {
	struct upload file;
	const char *note;
};

static const struct field file_fields[] = {
	FIELD(struct file_in, file, F_REQUIRED, .doc = "File"),
	FIELD(struct file_in, note, 0, .doc = "Note"),
};
static const struct schema file_schema = SCHEMA("FileIn", struct file_in, file_fields);

TEST(bind_takes_uploads)
{
	struct upload up = {.filename = "cv.pdf", .path = "/tmp/x", .size = 5};
	struct pair form[] = {{"note", "hi"}, {"file", "text"}};
	struct input in = {.upload = &up, .upload_name = "file", .form = {form, 1}};
	struct file_in file;

	fresh();
	CHECK_INT(schema_bind(&file_schema, &in, mem, &file, &faults), OK);
	CHECK_STR(file.file.filename, "cv.pdf");
	CHECK_STR(file.note, "hi");
	in.upload_name = "other";
	CHECK_INT(schema_bind(&file_schema, &in, mem, &file, &faults), E_INVALID);
	CHECK_STR(faults.items[0].type, "missing");
	in.form.n = 2;
	CHECK_INT(schema_bind(&file_schema, &in, mem, &file, &faults), E_INVALID);
	CHECK_STR(faults.items[0].type, "value_error");
	in = (struct input){.upload = &(struct upload){0}, .upload_name = "file"};
	CHECK_INT(schema_bind(&file_schema, &in, mem, &file, &faults), E_INVALID);
	CHECK_STR(faults.items[0].type, "missing");
	in = (struct input){.body_fault = "content_type"};
	CHECK_INT(schema_bind(&file_schema, &in, mem, &file, &faults), E_INVALID);
	CHECK(strstr(faults.items[0].msg, "multipart/form-data") != NULL);
}

TEST(bind_json_takes_all_from_the_object)
{
	fresh();
	CHECK_INT(schema_bind_json(&all_schema, json("{\"id\": 3, \"page\": 4, \"name\": \"Ada\"}"),
							   mem, &got, &faults),
			  OK);
	CHECK(got.id == 3 && got.page == 4);
	CHECK_INT(schema_bind_json(&all_schema, json("7"), mem, &got, &faults), E_INVALID);
	CHECK_INT(schema_bind_json(&all_schema, NULL, mem, &got, &faults), E_INVALID);
	CHECK_INT(faults.n, 1);
}

TEST(faults_full_are_ignored)
{
	fresh();
	faults.n = 0;
	for (int i = 0; i < SCHEMA_FAULTS_MAX + 10; i++)
		CHECK_INT(faults_add(&faults, "body", "a\"b", "m", "t"), E_INVALID);
	CHECK_INT(faults.n, SCHEMA_FAULTS_MAX);
}

TEST(bind_tells_a_null_array_of_strings_from_an_absent_one)
{
	struct tagged {
		struct strings tags;
	} out;
	const struct field fields[] = {FIELD(struct tagged, tags, F_NULL, .doc = "d")};
	const struct schema s = SCHEMA("Tagged", struct tagged, fields);

	fresh();
	CHECK(schema_bind_json(&s, json("{}"), mem, &out, &faults) == OK && out.tags.items == NULL);
	CHECK(schema_bind_json(&s, json("{\"tags\":null}"), mem, &out, &faults) == OK);
	CHECK(out.tags.items != NULL && out.tags.n == 0);
	mem = arena_free(mem);
}

TEST_MAIN()

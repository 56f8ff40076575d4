#include "data/schema.h"

#include "base/error.h"
#include "base/test.h"

struct part {
	const char *name;
};

static const struct field part_fields[] = {
	FIELD(struct part, name, F_REQUIRED, .min = 1, .max = 5, .doc = "Name \"of\" it",
		  .example = "\"Go\""),
};
static const struct schema part_schema = SCHEMA("Part", struct part, part_fields, .doc = "A part");

static const char *const roles[] = {"admin", "viewer", NULL};

struct thing {
	int64_t id, count;
	double ratio;
	bool active;
	const char *name, *role, *secret, *email;
	struct when at;
	struct opt_int age;
	struct opt_bool hidden;
	struct opt_str nick, gone;
	struct strings tags;
	struct list parts;
	struct part first;
	struct json extra;
	struct upload file;
};

static const struct field thing_fields[] = {
	FIELD(struct thing, id, F_PATH, .min = 1, .doc = "d", .example = "7"),
	FIELD(struct thing, count, F_QUERY, .min = 1, .max = 500, .preset = "100", .doc = "d",
		  .example = "5"),
	FIELD(struct thing, ratio, 0, .min = 0, .max = 1, .preset = "0.5", .doc = "d",
		  .example = "0.7"),
	FIELD(struct thing, active, 0, .preset = "True", .doc = "d", .example = "true"),
	FIELD(struct thing, name, F_REQUIRED | F_NULL, .min = 3, .max = 6, .doc = "d",
		  .example = "\"Ada\""),
	FIELD(struct thing, role, F_NULL, .choices = roles, .preset = "viewer", .doc = "d"),
	FIELD(struct thing, secret, F_SECRET, .doc = "d", .example = "\"s3cret\""),
	FIELD(struct thing, email, F_EMAIL | F_OMIT, .doc = "d", .example = "\"a@example.com\""),
	FIELD(struct thing, at, F_NULL, .doc = "d", .example = "\"2025-11-28T10:00:00Z\""),
	FIELD(struct thing, age, F_NULL, .min = 1, .max = 120, .doc = "d", .example = "36"),
	FIELD(struct thing, hidden, F_OMIT, .doc = "d", .example = "false"),
	FIELD(struct thing, nick, F_NULL, .max = 4, .doc = "d", .example = "null"),
	FIELD(struct thing, gone, F_OMIT | F_NULL, .doc = "d"),
	FIELD(struct thing, tags, 0, .max = 3, .choices = roles, .doc = "d", .example = "[\"admin\"]"),
	FIELD(struct thing, parts, 0, .of = &part_schema, .max = 2, .doc = "d",
		  .example = "[{\"name\": \"C\"}]"),
	FIELD_OBJECT(struct thing, first, 0, &part_schema, .doc = "d", .example = "{\"name\": \"C\"}"),
	FIELD(struct thing, extra, F_NULL, .doc = "d", .example = "{\"any\": [1]}"),
	FIELD(struct thing, file, F_OMIT, .doc = "d"),
};
static const struct schema thing_schema =
	SCHEMA("Thing", struct thing, thing_fields, .doc = "A thing");

static struct arena *mem;
static struct buf out;

static struct buf *fresh(void)
{
	mem = arena_free(mem);
	mem = arena_new(1 << 24);
	buf_init(&out, mem, 1 << 16);
	return &out;
}

static const struct json_value *parsed(void)
{
	const struct json_value *v = NULL;

	CHECK(buf_ok(&out));
	CHECK_INT(json_parse(mem, buf_str(&out), out.n, &v, NULL), OK);
	return v;
}

static const struct json_value *under(const struct json_value *v, const char *a, const char *b)
{
	return json_get(json_get(v, a), b);
}

TEST(print_absent_values)
{
	static const struct thing empty;

	CHECK_INT(schema_print(&thing_schema, &empty, fresh()), OK);
	CHECK_STR(buf_str(&out),
			  "{\"id\":0,\"count\":0,\"ratio\":0.0,\"active\":false,\"name\":null,\"role\":null,"
			  "\"at\":null,\"age\":null,\"nick\":null,\"tags\":[],\"parts\":[],\"first\":"
			  "{\"name\":null},\"extra\":null}");
	parsed();
}

TEST(print_every_type)
{
	const char *tags[] = {"a\"", "é"};
	struct part parts[] = {{"x"}, {"y\n"}};
	struct thing t = {
		.id = -5,
		.count = INT64_MAX,
		.ratio = 0.1,
		.active = true,
		.name = "Ada",
		.role = "admin",
		.secret = "hush",
		.email = "a@b.c",
		.at = {1000000},
		.age = {.set = true, .v = 3},
		.hidden = {.set = true, .v = true},
		.nick = {.set = true, .v = "n"},
		.gone = {.set = true},
		.tags = {tags, 2},
		.parts = {parts, 2},
		.first = {"f"},
		.extra = {"{\"k\":[1]}"},
	};

	CHECK_INT(schema_print(&thing_schema, &t, fresh()), OK);
	CHECK_STR(
		buf_str(&out),
		"{\"id\":-5,\"count\":9223372036854775807,\"ratio\":0.1,\"active\":true,\"name\":\"Ada\","
		"\"role\":"
		"\"admin\",\"email\":\"a@b.c\",\"at\":\"1970-01-01T00:00:01Z\",\"age\":3,\"hidden\":true,"
		"\"nick\":\"n\",\"gone\":null,\"tags\":[\"a\\\"\",\"é\"],\"parts\":[{\"name\":\"x\"},{"
		"\"name\":"
		"\"y\\n\"}],\"first\":{\"name\":\"f\"},\"extra\":{\"k\":[1]}}");
	parsed();
	t.age.null = true;
	t.nick.v = NULL;
	schema_print(&thing_schema, &t, fresh());
	CHECK(strstr(buf_str(&out), "\"age\":null,\"hidden\":true,\"nick\":null") != NULL);
}

TEST(print_lists)
{
	struct part parts[] = {{"x"}, {"y"}};
	struct list list = {parts, 2}, none = {0};

	CHECK_INT(schema_print_list(&part_schema, &list, fresh()), OK);
	CHECK_STR(buf_str(&out), "[{\"name\":\"x\"},{\"name\":\"y\"}]");
	CHECK_INT(schema_print_list(&part_schema, &none, fresh()), OK);
	CHECK_STR(buf_str(&out), "[]");
}

TEST(print_says_when_it_does_not_fit)
{
	static const struct thing empty;
	struct buf small;

	fresh();
	for (size_t max = 0; max < 100; max++) {
		buf_init(&small, mem, max);
		CHECK_INT(schema_print(&thing_schema, &empty, &small), E_TOO_LARGE);
	}
}

TEST(print_and_bind_are_inverse)
{
	struct part parts[] = {{"x"}, {"y"}};
	struct thing t = {.id = 2,
					  .count = 3,
					  .ratio = 0.1,
					  .name = "Ada",
					  .role = "admin",
					  .at = {42},
					  .age = {.set = true, .v = 5},
					  .nick = {.set = true},
					  .parts = {parts, 2},
					  .first = {"f"},
					  .extra = {"[0.1]"}};
	struct thing back;
	struct faults faults;
	const char *first;

	schema_print(&thing_schema, &t, fresh());
	first = arena_strdup(mem, buf_str(&out));
	CHECK_INT(schema_bind_json(&thing_schema, parsed(), mem, &back, &faults), OK);
	buf_clear(&out);
	schema_print(&thing_schema, &back, &out);
	CHECK_STR(buf_str(&out), first);
}

TEST(openapi_of_input)
{
	const struct json_value *v, *p;

	CHECK_INT(schema_openapi(&thing_schema, true, fresh()), OK);
	v = parsed();
	p = json_get(v, "properties");
	CHECK_STR(json_string(json_get(v, "type")), "object");
	CHECK_STR(json_string(json_get(v, "description")), "A thing");
	CHECK(json_get(p, "id") == NULL && json_get(p, "count") == NULL);
	CHECK_INT(json_size(json_get(v, "required")), 1);
	CHECK_STR(json_string(json_at(json_get(v, "required"), 0)), "name");
	CHECK_INT(json_int(under(p, "name", "minLength")), 3);
	CHECK_INT(json_int(under(p, "name", "maxLength")), 6);
	CHECK_STR(json_string(json_at(under(p, "name", "type"), 1)), "null");
	CHECK_STR(json_string(under(p, "ratio", "type")), "number");
	CHECK(json_get(json_get(p, "ratio"), "minimum") != NULL);
	CHECK_INT(json_int(under(p, "ratio", "maximum")), 1);
	CHECK(json_bool(under(p, "active", "default")));
	CHECK_STR(json_string(under(p, "role", "default")), "viewer");
	CHECK_INT(json_size(under(p, "role", "enum")), 3);
	CHECK_STR(json_string(under(p, "secret", "format")), "password");
	CHECK_STR(json_string(under(p, "email", "format")), "email");
	CHECK_STR(json_string(under(p, "at", "format")), "date-time");
	CHECK_STR(json_string(under(p, "file", "format")), "binary");
	CHECK_STR(json_string(under(under(p, "tags", "items"), "enum", "x")), NULL);
	CHECK_INT(json_size(json_get(under(p, "tags", "items"), "enum")), 2);
	CHECK_INT(json_int(under(p, "parts", "maxItems")), 2);
	CHECK_STR(json_string(
				  json_get(under(under(p, "parts", "items"), "properties", "name"), "description")),
			  "Name \"of\" it");
	CHECK_STR(json_string(json_get(under(json_get(p, "first"), "properties", "name"), "type")),
			  "string");
	CHECK(json_get(json_get(p, "extra"), "type") == NULL);
	CHECK_INT(json_size(under(p, "extra", "examples")), 1);
}

TEST(openapi_of_output)
{
	const struct json_value *v, *p;

	CHECK_INT(schema_openapi(&thing_schema, false, fresh()), OK);
	v = parsed();
	p = json_get(v, "properties");
	CHECK(json_get(p, "id") != NULL && json_get(p, "secret") == NULL);
	CHECK(json_get(json_get(p, "name"), "minLength") == NULL);
	CHECK(json_get(json_get(p, "role"), "default") == NULL);
	CHECK_INT(json_size(json_get(v, "required")), json_size(p) - 4);
	CHECK_STR(json_string(under(p, "hidden", "type")), "boolean");
	CHECK_INT(json_kind(under(p, "nick", "type")), JSON_ARRAY);
}

TEST(openapi_of_a_parameter)
{
	const struct json_value *v;

	CHECK_INT(schema_field_openapi(&thing_fields[1], fresh()), OK);
	v = parsed();
	CHECK_STR(json_string(json_get(v, "type")), "integer");
	CHECK_INT(json_int(json_get(v, "minimum")), 1);
	CHECK_INT(json_int(json_get(v, "maximum")), 500);
	CHECK_INT(json_int(json_get(v, "default")), 100);
	CHECK_INT(json_int(json_at(json_get(v, "examples"), 0)), 5);
}

TEST(openapi_of_strings_kept_as_json)
{
	struct row {
		struct json skills;
	};
	static const struct field fields[] = {
		FIELD(struct row, skills, F_NULL | F_STRINGS, .doc = "d")};
	static const struct schema schema = SCHEMA("Row", struct row, fields);
	const struct json_value *p;

	CHECK_INT(schema_openapi(&schema, false, fresh()), OK);
	p = json_get(parsed(), "properties");
	CHECK_STR(json_string(json_at(under(p, "skills", "type"), 0)), "array");
	CHECK_STR(json_string(json_get(under(p, "skills", "items"), "type")), "string");
}

TEST(openapi_of_a_schema_that_holds_itself_ends)
{
	struct node {
		struct list children;
	};
	static struct field fields[] = {FIELD(struct node, children, 0, .doc = "d")};
	static const struct schema schema = SCHEMA("Node", struct node, fields);

	fields[0].of = &schema;
	CHECK_INT(schema_openapi(&schema, true, fresh()), OK);
	parsed();
	CHECK_INT(schema_check(&schema, fresh()), 0);
}

TEST(check_finds_no_fault_in_a_good_table)
{
	int defects = schema_check(&thing_schema, fresh());

	CHECK_STR(buf_str(&out), "");
	CHECK_INT(defects, 0);
}

static const char *defect_of(struct field f, size_t size)
{
	const struct field *fields = &f;
	struct schema s = {.name = "S", .size = size, .fields = fields, .n = 1};

	return schema_check(&s, fresh()) == 0 ? "none" : buf_str(&out);
}

TEST(check_finds_each_defect)
{
	const struct field good = {.name = "f", .type = T_INT, .doc = "d", .example = "1"};
	struct field f = good;

	CHECK_STR(defect_of(f, 8), "none");
	CHECK_STR(defect_of(f, 7), "S.f: outside of the struct\n");
	f.offset = 1;
	CHECK_STR(defect_of(f, 8), "S.f: outside of the struct\n");
	f = good;
	f.doc = NULL;
	CHECK_STR(defect_of(f, 8), "S.f: no doc\n");
	f = good;
	f.min = 5;
	f.max = 4;
	CHECK(strstr(defect_of(f, 8), "min is greater than max") != NULL);
	f = good;
	f.example = "\"x\"";
	CHECK_STR(defect_of(f, 8), "S.f: Input should be a valid integer\n");
	f.example = "{";
	CHECK_STR(defect_of(f, 8), "S.f: the example is not JSON\n");
	f = good;
	f.preset = "x";
	CHECK_STR(defect_of(f, 8), "S.f: the preset does not validate\n");
	f = good;
	f.preset = "1";
	f.flags = F_REQUIRED | F_PATH | F_QUERY;
	CHECK_STR(defect_of(f, 8), "S.f: both in path and query\nS.f: required, but has a preset\n");
	f = good;
	f.type = T_LIST;
	f.example = NULL;
	CHECK_STR(defect_of(f, 16), "S.f: no schema for what it holds\n");
	f = good;
	f.choices = roles;
	CHECK_STR(defect_of(f, 8), "S.f: choices, but no string\n");
	f = good;
	f.flags = F_LINE;
	CHECK_STR(defect_of(f, 8), "S.f: words or a line, but no string\n");
}

TEST(check_finds_names_used_twice)
{
	const struct field fields[] = {{.name = "f", .type = T_INT, .doc = "d"},
								   {.name = "f", .type = T_INT, .doc = "d"}};
	const struct schema s = {.name = "S", .size = 8, .fields = fields, .n = 2};

	CHECK_INT(schema_check(&s, fresh()), 1);
	CHECK_STR(buf_str(&out), "S.f: named twice in one place\n");
}

TEST_MAIN()

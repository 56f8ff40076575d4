#include "core/openapi.h"

#include "base/test.h"
#include "core/status.h"
#include "data/json.h"

struct thing {
	int64_t thing_id;
	const char *name;
	struct upload file;
};
static const struct field thing_fields[] = {
	FIELD(struct thing, thing_id, 0, .doc = "Number", .example = "1"),
	FIELD(struct thing, name, F_NULL, .doc = "Name", .example = "\"a \\\"b\\\"\""),
};
static const struct schema thing_schema =
	SCHEMA("Thing", struct thing, thing_fields, .doc = "A \"thing\"");
static const struct field change_fields[] = {
	FIELD(struct thing, thing_id, F_PATH, .min = 1, .doc = "Number", .example = "1"),
	FIELD(struct thing, name, F_REQUIRED, .min = 1, .max = 5, .doc = "Name", .example = "\"a\""),
};
static const struct schema change_schema = SCHEMA("Thing", struct thing, change_fields);
static const struct field file_fields[] = {
	FIELD(struct thing, file, F_REQUIRED, .doc = "File", .example = "\"bytes\""),
};
static const struct schema file_schema = SCHEMA("ThingFile", struct thing, file_fields);

struct page {
	int64_t skip, limit;
};
static const struct field page_fields[] = {
	FIELD(struct page, skip, F_QUERY, .min = 0, .doc = "Skip", .example = "0"),
	FIELD(struct page, limit, F_QUERY, .min = 1, .max = 500, .preset = "100", .doc = "Limit",
		  .example = "1"),
};
static const struct schema page_schema = SCHEMA("ThingPage", struct page, page_fields);

static int nothing(struct ctx *c)
{
	(void)c;
	return OK;
}

static const short conflict[] = {409, 0};
static const struct route rows[] = {
	{"GET", "/api/v1/things/", nothing, &page_schema, &thing_schema, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_LIST, .tag = "things",
	 .doc = "List things\nAll of them,\nnewest first."},
	{"GET", "/api/v1/things/{thing_id}/open", nothing, &change_schema, &thing_schema, .status = 200,
	 .doc = "One"},
	{"PUT", "/api/v1/things/{thing_id}", nothing, &change_schema, &thing_schema, .role = ROLE_ADMIN,
	 .body = BODY_JSON_OR_FORM, .status = 200, .doc = "Change \"it\"", .errors = conflict},
	{"POST", "/api/v1/things/file", nothing, &file_schema, NULL, .role = ROLE_RECRUITER,
	 .body = BODY_FILE, .status = 204, .doc = "Upload"},
	{"GET", "/docs", nothing, NULL, NULL, .status = 200, .flags = ROUTE_RAW | ROUTE_PAGE,
	 .rate = RATE_NONE, .doc = "A page"},
	{"GET", "/secret", nothing, NULL, NULL, .status = 200, .flags = ROUTE_HIDDEN,
	 .doc = "Not shown"},
};
static const struct feature feature = {
	.name = "f", .routes = rows, .nroutes = sizeof rows / sizeof rows[0]};
static const struct feature *const features[] = {&feature};

static struct arena *arena;

static const struct json_value *print(int (*fn)(const struct routes *, struct buf *), size_t max)
{
	struct error error;
	struct routes *r;
	const struct json_value *v = NULL;
	struct buf b;

	arena = arena_free(arena);
	arena = arena_new(1 << 24);
	CHECK_INT(routes_new(arena, &error, features, 1, 0, &r), OK);
	buf_init(&b, arena, max);
	if (fn(r, &b) < 0)
		return NULL;
	CHECK_INT(json_parse(arena, buf_str(&b), b.n, &v, NULL), OK);
	return v;
}

/* Walks down by "a|b|c"; numbers index arrays. */
static const struct json_value *at(const struct json_value *v, const char *way)
{
	char *p = arena_strdup(arena, way), *next;

	for (; p != NULL && v != NULL; p = next) {
		next = strchr(p, '|');
		if (next != NULL)
			*next++ = '\0';
		v = json_kind(v) == JSON_ARRAY ? json_at(v, (size_t)(*p - '0')) : json_get(v, p);
	}
	return v;
}

static const char *text_at(const struct json_value *v, const char *way)
{
	return json_string(at(v, way));
}

TEST(the_document_names_all_but_hidden_routes)
{
	const struct json_value *doc = print(openapi_print, 1 << 20);

	CHECK_STR(text_at(doc, "openapi"), "3.1.0");
	CHECK_STR(text_at(doc, "info|title"), "vitae");
	CHECK_INT(json_size(at(doc, "paths")), 5);
	CHECK(at(doc, "paths|/secret") == NULL);
	CHECK_STR(text_at(doc, "paths|/api/v1/things/|get|summary"), "List things");
	CHECK_STR(text_at(doc, "paths|/api/v1/things/|get|description"), "All of them,\nnewest first.");
	CHECK_STR(text_at(doc, "paths|/api/v1/things/{thing_id}|put|operationId"),
			  "put_api_v1_things_thing_id");
	CHECK_STR(text_at(doc, "paths|/docs|get|tags|0"), "server");
}

TEST(parameters_say_where_they_stand)
{
	const struct json_value *doc = print(openapi_print, 1 << 20);
	const struct json_value *list = at(doc, "paths|/api/v1/things/|get|parameters");
	const struct json_value *one = at(doc, "paths|/api/v1/things/{thing_id}|put|parameters");

	CHECK_INT(json_size(list), 2);
	CHECK_STR(text_at(list, "1|name"), "limit");
	CHECK_STR(text_at(list, "1|in"), "query");
	CHECK_INT(json_int(at(list, "1|schema|maximum")), 500);
	CHECK_INT(json_size(one), 1);
	CHECK_STR(text_at(one, "0|in"), "path");
	CHECK(json_bool(at(one, "0|required")));
}

TEST(bodies_and_replies_refer_to_components)
{
	const struct json_value *doc = print(openapi_print, 1 << 20);
	const struct json_value *put = at(doc, "paths|/api/v1/things/{thing_id}|put");

	CHECK(json_bool(at(put, "requestBody|required")));
	CHECK_INT(json_size(at(put, "requestBody|content")), 3);
	CHECK_STR(text_at(put, "requestBody|content|application/json|schema|$ref"),
			  "#/components/schemas/Thing2");
	CHECK_STR(text_at(put, "responses|200|content|application/json|schema|$ref"),
			  "#/components/schemas/Thing");
	CHECK_STR(text_at(put, "responses|422|content|application/json|schema|$ref"),
			  "#/components/schemas/HTTPValidationError");
	CHECK_STR(text_at(doc, "components|schemas|Thing2|properties|name|type"), "string");
	CHECK(at(doc, "components|schemas|Thing2|properties|thing_id") == NULL);
	CHECK_STR(
		text_at(doc,
				"paths|/api/v1/things/|get|responses|200|content|application/json|schema|type"),
		"array");
	CHECK_STR(text_at(doc, "components|schemas|ThingFile|properties|file|format"), "binary");
	CHECK(at(doc, "paths|/api/v1/things/file|post|responses|204|content") == NULL);
}

TEST(statuses_follow_from_the_row)
{
	short s[ROUTE_STATUSES_MAX];

	CHECK_INT(status_of_route(&rows[2], s), 7);
	CHECK_INT(s[0], 401);
	CHECK_INT(s[1], 403);
	CHECK_INT(s[2], 404);
	CHECK_INT(s[3], 409);
	CHECK_INT(s[4], 413);
	CHECK_INT(s[5], 422);
	CHECK_INT(s[6], 429);
	CHECK_INT(status_of_route(&rows[4], s), 0);
}

TEST(security_follows_from_the_role)
{
	const struct json_value *doc = print(openapi_print, 1 << 20);

	CHECK(at(doc, "paths|/api/v1/things/|get|security|0|bearer") != NULL);
	CHECK(at(doc, "paths|/docs|get|security") == NULL);
	CHECK_STR(text_at(doc, "components|securitySchemes|bearer|scheme"), "bearer");
}

TEST(the_tables_are_printed_whole)
{
	const struct json_value *v = print(routes_print, 1 << 20);

	CHECK_INT(json_size(v), 6);
	CHECK_STR(text_at(v, "0|role"), "viewer");
	CHECK_STR(text_at(v, "0|flags|0"), "list");
	CHECK(json_bool(at(v, "0|list")));
	CHECK_STR(text_at(v, "0|in|fields|1|name"), "limit");
	CHECK_INT(json_int(at(v, "0|in|fields|1|default")), 100);
	CHECK_STR(text_at(v, "2|body"), "json_or_form");
	CHECK_STR(text_at(v, "2|in|fields|0|where"), "path");
	CHECK_STR(text_at(v, "3|in|fields|0|type"), "file");
	CHECK_INT(json_kind(at(v, "3|out")), JSON_NULL);
}

TEST(a_full_buffer_is_told)
{
	CHECK(print(openapi_print, 1000) == NULL);
	CHECK(print(routes_print, 1000) == NULL);
	arena = arena_free(arena);
}

TEST_MAIN()

#include "core/route.h"

#include "base/test.h"

struct id_in {
	int64_t user_id, file_id;
};
static const struct field id_fields[] = {
	FIELD(struct id_in, user_id, F_PATH, .min = 1, .doc = "User", .example = "1"),
};
static const struct schema id_schema = SCHEMA("Id", struct id_in, id_fields);
static const struct field two_fields[] = {
	FIELD(struct id_in, user_id, F_PATH, .min = 1, .doc = "User", .example = "1"),
	FIELD(struct id_in, file_id, F_PATH, .min = 1, .doc = "File", .example = "1"),
};
static const struct schema two_schema = SCHEMA("Two", struct id_in, two_fields);

static int nothing(struct ctx *c)
{
	(void)c;
	return OK;
}

#define ROW(m, p, ...)                                                                         \
	{                                                                                          \
		.method = (m), .path = (p), .run = nothing, .status = 200, .doc = "A row", __VA_ARGS__ \
	}

static const struct route table[] = {
	ROW("GET", "/api/v1/users/"),
	ROW("POST", "/api/v1/users/"),
	ROW("GET", "/api/v1/users/me"),
	ROW("GET", "/api/v1/users/{user_id}", .in = &id_schema),
	ROW("DELETE", "/api/v1/users/{user_id}", .in = &id_schema),
	ROW("GET", "/api/v1/users/{user_id}/files/{file_id}", .in = &two_schema),
	ROW("GET", "/api/v1/users/search/by-name"),
	ROW("GET", "/docs", .flags = ROUTE_DEBUG),
	ROW("GET", "/"),
};

static const struct feature feature = {
	.name = "f", .routes = table, .nroutes = sizeof table / sizeof table[0]};
static const struct feature *const features[] = {&feature};

static struct arena *arena;
static struct error error;

static struct routes *compile(bool debug)
{
	struct routes *r = NULL;

	arena = arena_free(arena);
	arena = arena_new(1 << 20);
	CHECK_INT(routes_new(arena, &error, features, 1, debug ? 0u : ROUTE_DEBUG, &r), OK);
	return r;
}

static int compile_rows(const struct route *rows, size_t n)
{
	const struct feature f = {.name = "f", .routes = rows, .nroutes = n};
	const struct feature *const list[] = {&f};
	struct routes *r;

	arena = arena_free(arena);
	arena = arena_new(1 << 20);
	return routes_new(arena, &error, list, 1, ROUTE_DEBUG, &r);
}

struct found {
	int rc;
	const struct route *route;
	struct pairs params;
	const char *allow;
};

static struct found find(const struct routes *r, const char *method, const char *path)
{
	struct found f = {0};

	f.rc = route_match(r, arena, method, path, &f.route, &f.params, &f.allow, NULL);
	return f;
}

TEST(fixed_segments_win)
{
	struct routes *r = compile(false);
	struct found f = find(r, "GET", "/api/v1/users/me");

	CHECK_INT(f.rc, OK);
	CHECK_STR(f.route->path, "/api/v1/users/me");
	CHECK_INT(f.params.n, 0);
}

TEST(parameters_are_named_by_the_row)
{
	struct routes *r = compile(false);
	struct found f = find(r, "GET", "/api/v1/users/17/files/4");

	CHECK_INT(f.rc, OK);
	CHECK_INT(f.params.n, 2);
	CHECK_STR(f.params.items[0].name, "user_id");
	CHECK_STR(f.params.items[0].value, "17");
	CHECK_STR(f.params.items[1].name, "file_id");
	CHECK_STR(f.params.items[1].value, "4");
}

TEST(a_trailing_slash_is_the_same_route)
{
	struct routes *r = compile(false);

	CHECK_STR(find(r, "GET", "/api/v1/users").route->path, "/api/v1/users/");
	CHECK_STR(find(r, "GET", "/api/v1/users/").route->path, "/api/v1/users/");
	CHECK_STR(find(r, "GET", "/api/v1/users/me/").route->path, "/api/v1/users/me");
	CHECK_STR(find(r, "GET", "/").route->path, "/");
}

TEST(what_no_row_says_is_not_found)
{
	struct routes *r = compile(false);

	CHECK_INT(find(r, "GET", "/api/v1").rc, E_NOT_FOUND);
	CHECK_INT(find(r, "GET", "/api/v1/users//").rc, E_NOT_FOUND);
	CHECK_INT(find(r, "GET", "//api/v1/users").rc, E_NOT_FOUND);
	CHECK_INT(find(r, "GET", "").rc, E_NOT_FOUND);
	CHECK_INT(find(r, "GET", "*").rc, E_NOT_FOUND);
	CHECK_INT(find(r, "GET", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t").rc, E_NOT_FOUND);
	CHECK_INT(find(r, "GET", "/API/v1/users").rc, E_NOT_FOUND);
}

TEST(a_dead_end_turns_back_to_the_parameter)
{
	struct routes *r = compile(false);
	struct found f = find(r, "GET", "/api/v1/users/search/files/2");

	CHECK_INT(f.rc, OK);
	CHECK_STR(f.params.items[0].value, "search");
	CHECK_STR(f.params.items[1].value, "2");
}

TEST(another_method_is_told_which_there_are)
{
	struct routes *r = compile(false);

	CHECK_INT(find(r, "PUT", "/api/v1/users/").rc, E_RULE);
	CHECK_STR(find(r, "PUT", "/api/v1/users/").allow, "GET, HEAD, POST, OPTIONS");
	CHECK_STR(find(r, "POST", "/api/v1/users/9").allow, "GET, HEAD, DELETE, OPTIONS");
	CHECK_INT(find(r, "DELETE", "/api/v1/users/me").rc, E_RULE);
	CHECK_INT(find(r, "get", "/api/v1/users/").rc, E_RULE);
}

TEST(head_is_get)
{
	struct routes *r = compile(false);

	CHECK_STR(find(r, "HEAD", "/api/v1/users/me").route->method, "GET");
}

TEST(debug_rows_exist_with_debug_only)
{
	struct routes *r = compile(false);
	size_t n = routes_count(r);

	CHECK_INT(find(r, "GET", "/docs").rc, E_NOT_FOUND);
	r = compile(true);
	CHECK_INT(find(r, "GET", "/docs").rc, OK);
	CHECK_INT(routes_count(r), n + 1);
	CHECK(routes_at(r, n + 1) == NULL);
}

TEST(two_rows_of_one_shape_are_refused)
{
	const struct route methods[] = {ROW("GET", "/a/b"), ROW("GET", "/a/b/")};
	const struct route names[] = {
		ROW("GET", "/a/{user_id}", .in = &id_schema),
		ROW("PUT", "/a/{file_id}", .in = &id_schema),
	};

	CHECK_INT(compile_rows(methods, 2), E_INTERNAL);
	CHECK_INT(compile_rows(names, 2), E_INTERNAL);
}

TEST(a_row_must_fit_its_schema)
{
	const struct route no_field[] = {ROW("GET", "/a/{user_id}")};
	const struct route no_segment[] = {ROW("GET", "/a", .in = &id_schema)};
	const struct route no_paging[] = {ROW("GET", "/a", .out = &id_schema, .flags = ROUTE_LIST)};
	const struct route no_file[] = {ROW("POST", "/a", .body = BODY_FILE)};
	const struct route writes[] = {ROW("POST", "/a", .flags = ROUTE_BOUNDED)};
	const struct route told[] = {ROW("GET", "/a", .flags = ROUTE_BOUNDED, .audit = "a.read")};
	const struct route no_get[] = {ROW("PATCH", "/a", .flags = ROUTE_IF_MATCH)};
	const struct route no_doc[] = {{.method = "GET", .path = "/a", .run = nothing, .status = 200}};

	CHECK_INT(compile_rows(no_field, 1), E_INTERNAL);
	CHECK_INT(compile_rows(no_segment, 1), E_INTERNAL);
	CHECK_INT(compile_rows(no_paging, 1), E_INTERNAL);
	CHECK_INT(compile_rows(no_file, 1), E_INTERNAL);
	CHECK_INT(compile_rows(no_doc, 1), E_INTERNAL);
	CHECK_INT(compile_rows(writes, 1), E_INTERNAL);
	CHECK_INT(compile_rows(told, 1), E_INTERNAL);
	CHECK_INT(compile_rows(no_get, 1), E_INTERNAL);
}

TEST_MAIN()

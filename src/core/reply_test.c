/* The headers of replies: paging, caching, security, CORS, limits, files; over loopback. */
#include "core/openapi.h"
#include "core/test_server.h"
#include "data/json.h"

TEST(lists_say_where_they_are)
{
	for (int i = 0; i < 5; i++)
		CHECK_INT(call(RECRUITER, "POST /api/v1/notes", JSON, "{\"title\": \"row\"}"), 201);
	CHECK_INT(call(VIEWER, "GET /api/v1/notes?q=a%26b+c&skip=2&limit=1", "", NULL), 200);
	CHECK(strtol(header("X-Total-Count"), NULL, 10) >= 5);
	CHECK_STR(header("Link"), "</api/v1/notes?q=a%26b%20c&skip=3&limit=1>; rel=\"next\", "
							  "</api/v1/notes?q=a%26b%20c&skip=1&limit=1>; rel=\"prev\"");
	CHECK(answer.body[0] == '[');
	CHECK_INT(call(VIEWER, "GET /api/v1/notes", "", NULL), 200);
	CHECK_STR(header("Link"), "");
	CHECK_INT(call(0, "GET /api/v1/endless?skip=20000&limit=2", "", NULL), 200);
	CHECK_STR(header("X-Total-Count"), "10000");
	CHECK_STR(header("X-Total-Count-Capped"), "true");
	CHECK(strstr(header("Link"), "skip=20002&limit=2>; rel=\"next\"") != NULL);
}

TEST(head_is_get_without_a_body)
{
	char length[32];

	CHECK_INT(call(0, "GET /page", "", NULL), 200);
	CHECK_STR(answer.body, "<p>hello");
	snprintf(length, sizeof length, "%.31s", header("Content-Length"));
	CHECK_INT(call(0, "HEAD /page", "", NULL), 200);
	CHECK_STR(answer.body, "");
	CHECK_STR(header("Content-Length"), length);
}

TEST(security_headers)
{
	CHECK_INT(call(0, "GET /who", "", NULL), 200);
	CHECK_STR(header("X-Content-Type-Options"), "nosniff");
	CHECK_STR(header("X-Frame-Options"), "DENY");
	CHECK_STR(header("Referrer-Policy"), "no-referrer");
	CHECK_STR(header("Content-Security-Policy"), "default-src 'none'; frame-ancestors 'none'");
	CHECK_STR(header("Strict-Transport-Security"), "");
	CHECK_INT(call(0, "GET /page", "", NULL), 200);
	CHECK(strstr(header("Content-Security-Policy"), "script-src 'self'") != NULL);
}

TEST(a_trusted_proxy_speaks_for_the_client)
{
	CHECK_INT(call(0, "GET /who",
				   "X-Forwarded-For: 9.9.9.9, 192.0.2.7\r\nX-Forwarded-Proto: https\r\n", NULL),
			  200);
	CHECK(body_has("\"192.0.2.7|-\""));
	CHECK_STR(header("Strict-Transport-Security"), "max-age=31536000");
}

/* A proxy may add a line of its own behind those that the client sent. */
TEST(the_last_of_several_lines_is_the_proxys)
{
	CHECK_INT(call(0, "GET /who",
				   "X-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: https\r\n"
				   "x-forwarded-for: 192.0.2.7\r\nX-Forwarded-Proto: http\r\n",
				   NULL),
			  200);
	CHECK(body_has("\"192.0.2.7|-\""));
	CHECK_STR(header("Strict-Transport-Security"), "");
}

TEST(listed_origins_only)
{
	CHECK_INT(call(0, "GET /who", "Origin: http://localhost:3000\r\n", NULL), 200);
	CHECK_STR(header("Access-Control-Allow-Origin"), "http://localhost:3000");
	CHECK_STR(header("Access-Control-Allow-Credentials"), "true");
	CHECK(strstr(header("Access-Control-Expose-Headers"), "X-Total-Count") != NULL);
	CHECK_STR(header("Vary"), "Origin");
	CHECK_INT(call(0, "GET /who", "Origin: http://evil.example\r\n", NULL), 200);
	CHECK_STR(header("Access-Control-Allow-Origin"), "");
	CHECK_STR(header("Vary"), "Origin");
	CHECK_INT(call(0, "OPTIONS /api/v1/notes",
				   "Origin: http://localhost:3000\r\nAccess-Control-Request-Method: POST\r\n"
				   "Access-Control-Request-Headers: authorization\r\n",
				   NULL),
			  204);
	CHECK_STR(header("Access-Control-Allow-Methods"), "GET, HEAD, POST, OPTIONS");
	CHECK(strstr(header("Access-Control-Allow-Headers"), "Authorization") != NULL);
	CHECK_INT(call(0, "OPTIONS /api/v1/notes",
				   "Origin: http://evil.example\r\nAccess-Control-Request-Method: POST\r\n", NULL),
			  204);
	CHECK_STR(header("Access-Control-Allow-Methods"), "");
	CHECK_INT(call(0, "GET /api/v1/notes", "Origin: http://localhost:3000\r\n", NULL), 401);
	CHECK_STR(header("Access-Control-Allow-Origin"), "http://localhost:3000");
}

TEST(files_are_sent)
{
	CHECK_INT(call(0, "GET /file", "", NULL), 200);
	CHECK_INT(strlen(answer.body), 5);
	CHECK_STR(header("Content-Type"), "text/plain");
	CHECK_STR(header("Content-Disposition"), "attachment; filename=\"r__sum__ _1_.txt\"; "
											 "filename*=UTF-8''r%C3%A9sum%C3%A9%20%221%22.txt");
}

TEST(limits_are_counted_and_told)
{
	long reset;

	for (int i = 0; i < 3; i++) {
		CHECK_INT(call(0, "POST /strict", JSON, "{}"), 200);
		CHECK_STR(header("X-RateLimit-Limit"), "3");
		CHECK_INT(strtol(header("X-RateLimit-Remaining"), NULL, 10), 2 - i);
	}
	CHECK_INT(call(0, "POST /strict", "Content-Type: text/plain\r\n", "x"), 429);
	CHECK(text_starts(answer.body, "{\"detail\":\""));
	CHECK(strtol(header("Retry-After"), NULL, 10) >= 1);
	reset = strtol(header("X-RateLimit-Reset"), NULL, 10);
	CHECK(reset > clock_now() / CLOCK_SECOND && reset <= clock_now() / CLOCK_SECOND + 3601);
	CHECK_INT(call(VIEWER, "POST /strict", JSON, "{}"), 200); /* another caller */
	CHECK_INT(call(0, "GET /counted", "", NULL), 200);        /* another counter */
	CHECK_STR(header("X-RateLimit-Remaining"), "4");
	CHECK_INT(call(0, "GET /who", "", NULL), 200);
	CHECK_STR(header("X-RateLimit-Limit"), "");
}

TEST(the_document_is_json)
{
	struct arena *a = arena_new(1 << 22);
	const struct json_value *doc;
	struct buf b;

	need_server();
	buf_init(&b, a, 1 << 20);
	CHECK_INT(openapi_print(core->routes, &b), OK);
	CHECK_INT(json_parse(a, buf_str(&b), b.n, &doc, NULL), OK);
	CHECK(json_get(json_get(doc, "paths"), "/api/v1/notes/{note_id}") != NULL);
	buf_clear(&b);
	CHECK_INT(routes_print(core->routes, &b), OK);
	CHECK_INT(json_parse(a, buf_str(&b), b.n, &doc, NULL), OK);
	CHECK_INT(json_size(doc), routes_count(core->routes));
	arena_free(a);
}

TEST(a_reply_may_come_bit_by_bit)
{
	CHECK_INT(call(0, "GET /pieces", "", NULL), 200);
	CHECK_STR(answer.body, "3\r\none\r\n0\r\n\r\n");
	CHECK_STR(header("Content-Type"), "text/event-stream");
	CHECK_STR(header("Cache-Control"), "no-store");
	CHECK_STR(header("ETag"), "");
	CHECK_STR(header("X-Own"), "1");
	CHECK_STR(header("X-Content-Type-Options"), "nosniff");
	CHECK_INT(call(0, "GET /pieces?title=early", "", NULL), 400);
	CHECK_STR(answer.body, "{\"detail\":\"Not today\"}");
	CHECK_INT(call(0, "HEAD /pieces", "", NULL), 200);
	CHECK_STR(answer.body, "");
}

/* A failure that comes too late for an answer leaves the reply visibly unfinished. */
TEST(a_stream_that_fails_is_cut)
{
	size_t n = 0;
	ssize_t got;
	int s;

	need_server();
	s = client_dial(http_port(core->http));
	client_send(s, NULL, "GET /pieces?title=2!", "", NULL);
	while ((got = recv(s, answer.text + n, sizeof answer.text - 1 - n, 0)) > 0)
		n += (size_t)got;
	close(s);
	answer.text[n] = '\0';
	CHECK(strstr(answer.text, "\r\n0\r\n") == NULL);
}

TEST(a_reader_that_leaves_ends_the_handler)
{
	need_server();
	for (int i = 0; i < 8; i++) { /* more than there are threads for it */
		int s = client_dial(http_port(core->http));

		client_send(s, NULL, "GET /pieces?title=90000000", "", NULL);
		CHECK(recv(s, answer.text, 100, 0) > 0);
		close(s);
	}
	CHECK_INT(call(0, "GET /pieces", "", NULL), 200);
}

TEST(a_stream_may_outlive_its_handler)
{
	CHECK_INT(call(0, "GET /given", "", NULL), 200);
	CHECK_STR(answer.body, "5\r\ngiven\r\n0\r\n\r\n");
	CHECK_STR(header("X-Content-Type-Options"), "nosniff");
	CHECK_INT(call(0, "GET /given?title=no", "", NULL), 400);
	CHECK_INT(atomic_load(&streams_taken), 1);
}

TEST(it_ends)
{
	need_server();
	core_stop(core);
	core = NULL;
}

TEST_MAIN()

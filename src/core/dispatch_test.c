/* Each phase of a request and each refusal in its order, over loopback. */
#include "core/dispatch.h"

#include <poll.h>

#include "core/test_server.h"

TEST(a_note_comes_and_goes)
{
	char path[128], etag[128];

	CHECK_INT(call(RECRUITER, "POST /api/v1/notes/", JSON,
				   "{\"title\": \"one\", \"size\": 3, \"more\": 1}"),
			  201);
	CHECK(text_starts(header("Location"), "/api/v1/notes/"));
	CHECK_STR(header("Content-Type"), "application/json");
	CHECK_STR(header("Cache-Control"), "no-store");
	CHECK_STR(header("ETag"), "");
	CHECK(body_has("\"title\":\"one\""));
	CHECK_INT(atomic_load(&committed), 1);
	snprintf(path, sizeof path, "GET %.100s", header("Location"));
	CHECK_INT(call(VIEWER, path, "", NULL), 200);
	CHECK(body_has("\"size\":3"));
	CHECK_STR(header("Cache-Control"), "private, no-cache");
	snprintf(etag, sizeof etag, "If-None-Match: W/\"x\", %.60s\r\n", header("ETag"));
	CHECK_INT(call(VIEWER, path, etag, NULL), 304);
	CHECK_STR(answer.body, "");
	CHECK(header("ETag")[0] == '"');
	snprintf(path, sizeof path, "DELETE /api/v1/notes/1");
	CHECK_INT(call(VIEWER, path, "", NULL), 403);
	CHECK_STR(answer.body, "{\"detail\":\"Admin privileges required\"}");
	CHECK_INT(call(ADMIN, path, "", NULL), 204);
	CHECK_STR(answer.body, "");
	CHECK_INT(call(ADMIN, "GET /api/v1/notes/1", "", NULL), 404);
	CHECK_STR(answer.body, "{\"detail\":\"Note not found\"}");
}

TEST(routes_that_are_not_there)
{
	CHECK_INT(call(0, "GET /nowhere", "", NULL), 404);
	CHECK_STR(answer.body, "{\"detail\":\"Not Found\"}");
	CHECK_INT(strlen(header("X-Request-ID")), 32);
	CHECK_INT(call(0, "PUT /api/v1/notes", "X-Request-ID: my-id.7\r\n", NULL), 405);
	CHECK_STR(answer.body, "{\"detail\":\"Method Not Allowed\"}");
	CHECK_STR(header("Allow"), "GET, HEAD, POST, OPTIONS");
	CHECK_STR(header("X-Request-ID"), "my-id.7");
	CHECK_INT(call(0, "GET /nowhere", "X-Request-ID: <script>\r\n", NULL), 404);
	CHECK_INT(strlen(header("X-Request-ID")), 32);
}

TEST(who_are_you)
{
	CHECK_INT(call(0, "GET /api/v1/notes", "", NULL), 401);
	CHECK_STR(header("WWW-Authenticate"), "Bearer");
	CHECK_STR(answer.body, "{\"detail\":\"Not authenticated\"}");
	CHECK_INT(call(0, "GET /api/v1/notes", "Authorization: Bearer a.b.c\r\n", NULL), 401);
	CHECK_STR(answer.body, "{\"detail\":\"Could not validate credentials\"}");
	CHECK_INT(call(GONE, "GET /api/v1/notes", "", NULL), 401);
	CHECK_STR(header("WWW-Authenticate"), "Bearer");
	CHECK_INT(call(GONE, "POST /api/v1/notes", JSON, "{\"title\": \"x\"}"), 401);
}

TEST(what_is_switched_off_is_refused_before_its_body_is_judged)
{
	CHECK_INT(call(0, "POST /flagged", JSON, "{}"), 401);
	CHECK_INT(call(VIEWER, "POST /flagged", JSON, "{}"), 403);
	CHECK_STR(answer.body, "{\"detail\":\"Recruiter privileges required\"}");
	CHECK_INT(call(RECRUITER, "POST /flagged", JSON, "{}"), 403);
	CHECK_STR(answer.body, "{\"detail\":\"This feature is switched off (FEATURE_AI_RESUME)\"}");
	CHECK_INT(call(RECRUITER, "POST /flagged/on", JSON, "{}"), 422);
}

TEST(optional_token)
{
	CHECK_INT(call(0, "GET /who", "Cookie: refresh_token=abc\r\n", NULL), 200);
	CHECK(body_has("\"id\":0,\"title\":\"127.0.0.1|abc\""));
	CHECK_INT(call(VIEWER, "GET /who", "", NULL), 200);
	CHECK(body_has("\"id\":3"));
	CHECK_INT(call(GONE, "GET /who", "", NULL), 200);
	CHECK(body_has("\"id\":0"));
	CHECK_INT(call(0, "GET /who", "Authorization: Bearer a.b.c\r\n", NULL), 200);
}

TEST(a_bounded_read_spares_the_hop_unless_it_would_wait)
{
	CHECK_INT(call(VIEWER, "GET /where", "", NULL), 200);
	CHECK(!text_starts(header("X-Own"), "fast-"));
	CHECK_INT(call(VIEWER, "GET /where?title=pool", "", NULL), 200);
	CHECK(text_starts(header("X-Own"), "fast-"));
	CHECK(body_has("\"title\":\"fast-"));
	CHECK_INT(call(GONE, "GET /where", "", NULL), 401);
	CHECK_STR(answer.body, "{\"detail\":\"Could not validate credentials\"}");
	CHECK_INT(call(VIEWER, "GET /where?title=123456789012345678901", "", NULL), 422);
	CHECK_INT(call(VIEWER, "HEAD /where", "", NULL), 200);
	CHECK_STR(answer.body, "");
}

TEST(every_fault_is_listed)
{
	CHECK_INT(call(RECRUITER, "POST /api/v1/notes", JSON, "{\"title\": \"\", \"size\": 77}"), 422);
	CHECK(body_has("\"title\""));
	CHECK(body_has("\"size\""));
	CHECK_INT(call(RECRUITER, "POST /api/v1/notes", JSON, "{}"), 422);
	CHECK(body_has("\"missing\""));
	CHECK_INT(call(RECRUITER, "POST /api/v1/notes", "", NULL), 422);
	CHECK(body_has("\"missing\""));
	CHECK_INT(call(RECRUITER, "POST /api/v1/notes", JSON, "{\"title\": "), 422);
	CHECK(body_has("json_invalid"));
	CHECK_INT(
		call(RECRUITER, "POST /api/v1/notes", "Content-Type: text/plain\r\n", "{\"title\": \"x\"}"),
		422);
	CHECK_INT(call(VIEWER, "GET /api/v1/notes/abc", "", NULL), 422);
	CHECK(body_has("[\"path\",\"note_id\"]"));
	CHECK_INT(call(VIEWER, "GET /api/v1/notes?skip=-1&limit=501", "", NULL), 422);
	CHECK(body_has("[\"query\",\"skip\"]"));
	CHECK(body_has("[\"query\",\"limit\"]"));
}

TEST(refusals_come_in_order)
{
	/* 401 before 403 before 413 before 422. */
	CHECK_INT(call(0, "POST /api/v1/notes", "Content-Type: text/plain\r\n", "x"), 401);
	CHECK_INT(call(VIEWER, "POST /api/v1/notes", "Content-Type: text/plain\r\n", "x"), 403);
	CHECK_INT(call(VIEWER, "POST /api/v1/notes", JSON "Content-Length: 9000000\r\n", NULL), 403);
	CHECK_STR(answer.body, "{\"detail\":\"Recruiter privileges required\"}");
	CHECK_INT(call(RECRUITER, "POST /api/v1/notes", JSON "Content-Length: 9000000\r\n", NULL), 413);
	CHECK_STR(answer.body, "{\"detail\":\"Request body too large: the limit is 1 MB\"}");
	CHECK_INT(call(0, "POST /form", JSON "Content-Length: 9000000\r\n", NULL), 413);
	/* Also when the type is wrong, and before any of it is read. */
	CHECK_INT(call(0, "POST /form", "Content-Type: a/b\r\nContent-Length: 9000000\r\n", NULL), 413);
	CHECK_INT(call(RECRUITER, "POST /api/v1/notes",
				   "Content-Type: a/b\r\nContent-Length: 9000000\r\n", NULL),
			  413);
}

TEST(an_error_rolls_back)
{
	int before = atomic_load(&rolled_back), good = atomic_load(&committed);

	CHECK_INT(call(RECRUITER, "POST /api/v1/notes", JSON, "{\"title\": \"bad\"}"), 400);
	CHECK_STR(answer.body, "{\"detail\":\"Not that title\"}");
	CHECK_STR(header("Location"), "");
	CHECK_INT(atomic_load(&rolled_back), before + 1);
	CHECK_INT(atomic_load(&committed), good);
	CHECK_INT(call(VIEWER, "GET /api/v1/notes?limit=500", "", NULL), 200);
	CHECK(!body_has("\"bad\""));
}

TEST(codes_become_statuses)
{
	CHECK_INT(call(0, "POST /api/v1/users/clash", "", NULL), 400);
	CHECK_INT(call(0, "POST /api/v1/teams/clash", "", NULL), 409);
	CHECK_STR(answer.body, "{\"detail\":\"Taken\"}");
	CHECK_INT(call(0, "GET /broken", "", NULL), 500);
	CHECK_STR(answer.body, "{\"detail\":\"Internal server error\"}");
	CHECK_INT(call(0, "POST /api/v1/slow", "", NULL), 204);
}

TEST(forms_and_json_both)
{
	static const char form[] = "Content-Type: application/x-www-form-urlencoded\r\n";
	static const char multipart[] = "Content-Type: multipart/form-data; boundary=b\r\n";

	CHECK_INT(call(0, "POST /form", JSON, "{\"title\": \"json\"}"), 200);
	CHECK(body_has("\"json\""));
	CHECK_INT(call(0, "POST /form", "Content-Type: application/vnd.x+json; charset=utf-8\r\n",
				   "{\"title\": \"p\"}"),
			  200);
	CHECK_INT(call(0, "POST /form", form, "title=a%20form&x=1"), 200);
	CHECK(body_has("\"a form\""));
	CHECK_INT(
		call(0, "POST /form", multipart,
			 "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nparts\r\n--b--\r\n"),
		200);
	CHECK(body_has("\"parts\""));
	CHECK_INT(call(0, "POST /form", "", NULL), 200);
	CHECK(body_has("\"none\""));
	CHECK_INT(call(0, "POST /form", "Content-Type: text/xml\r\n", "<a/>"), 422);
}

#define MULTIPART "Content-Type: multipart/form-data; boundary=b\r\n"
#define PART(name, more) "--b\r\nContent-Disposition: form-data; name=\"" name "\"" more "\r\n\r\n"

TEST(files_arrive)
{
	CHECK_INT(call(RECRUITER, "POST /api/v1/notes/file", MULTIPART,
				   PART("label", "") "tag\r\n" PART("other", "; filename=\"o\"") "zzz\r\n" PART(
					   "file", "; filename=\"../../a b.txt\"") "12345\r\n--b--\r\n"),
			  202);
	CHECK(body_has("|tag"));
	CHECK(body_has("\"size\":5"));
	CHECK(!body_has("../"));
	CHECK_INT(
		call(RECRUITER, "POST /api/v1/notes/file", MULTIPART, PART("label", "") "tag\r\n--b--\r\n"),
		422);
	CHECK(body_has("[\"body\",\"file\"]"));
	CHECK(body_has("\"missing\""));
	CHECK_INT(call(RECRUITER, "POST /api/v1/notes/file", JSON, "{}"), 422);
	CHECK_INT(call(RECRUITER, "POST /api/v1/notes/file", "", NULL), 422);
	CHECK_INT(call(RECRUITER, "POST /api/v1/notes/file", MULTIPART, "--b\r\nbroken"), 422);
}

/* A file of the given size, as one request. */
static int upload(int user, size_t size)
{
	static const char first[] = PART("file", "; filename=\"a.bin\""), last[] = "\r\n--b--\r\n";
	static char block[64 * 1024];
	char head[1024];
	int s, n;

	need_server();
	s = client_dial(http_port(core->http));
	n = snprintf(head, sizeof head,
				 "POST /api/v1/notes/file HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
				 "Authorization: Bearer %s\r\n" MULTIPART "Content-Length: %zu\r\n\r\n",
				 tokens[user], sizeof first - 1 + size + sizeof last - 1);
	client_put(s, head, (size_t)n);
	client_put(s, first, sizeof first - 1);
	for (size_t left = size; left > 0;) {
		size_t piece = left < sizeof block ? left : sizeof block;

		client_put(s, block, piece);
		left -= piece;
	}
	client_put(s, last, sizeof last - 1);
	client_hear(&answer, s);
	return answer.status;
}

TEST(the_limit_of_a_file_is_exact)
{
	const size_t limit = 1024 * 1024;

	CHECK_INT(upload(RECRUITER, limit), 202);
	CHECK(body_has("\"size\":1048576"));
	CHECK_INT(upload(RECRUITER, limit + 1), 413);
	CHECK_STR(answer.body, "{\"detail\":\"File too large: the limit is 1 MB\"}");
	CHECK_INT(upload(RECRUITER, 8 * limit), 413);
	CHECK_INT(upload(VIEWER, 8 * limit), 403);
}

static struct pollfd ask_to_wait(void)
{
	struct pollfd s = {.fd = client_dial(http_port(core->http)), .events = POLLIN};

	client_send(s.fd, NULL, "POST /waits", "", NULL);
	return s;
}

/* Two threads and 64 places for work of this kind: of 70 requests 4 are refused, at once. The
 * places fill only after both threads have their request, or they would take two more out of it. */
TEST(a_full_queue_is_told)
{
	enum { ALL = 70, THREADS = 2, PLACES = 66 };
	struct pollfd socks[ALL];
	int refused = 0;

	need_server();
	sem_init(&entered, 0, 0);
	sem_init(&released, 0, 0);
	for (int i = 0; i < THREADS; i++)
		socks[i] = ask_to_wait();
	for (int i = 0; i < THREADS; i++)
		sem_wait(&entered);
	for (int i = THREADS; i < ALL; i++)
		socks[i] = ask_to_wait();
	while (refused < ALL - PLACES) {
		CHECK(poll(socks, ALL, -1) > 0);
		for (int i = 0; i < ALL; i++) {
			if (socks[i].fd < 0 || socks[i].revents == 0)
				continue;
			client_hear(&answer, socks[i].fd);
			socks[i].fd = -1;
			CHECK_INT(answer.status, 503);
			CHECK_STR(header("Retry-After"), "1");
			refused++;
		}
	}
	for (int i = 0; i < PLACES; i++)
		sem_post(&released);
	for (int i = 0; i < ALL; i++) {
		if (socks[i].fd < 0)
			continue;
		client_hear(&answer, socks[i].fd);
		CHECK_INT(answer.status, 204);
	}
	CHECK_INT(refused, ALL - PLACES);
}

TEST(one_server_for_each_directory)
{
	struct core *second = NULL;

	need_server();
	CHECK_INT(try_start(&second), E_RULE);
	CHECK(second == NULL);
}

TEST(it_ends)
{
	need_server();
	core_stop(core);
	core = NULL;
}

TEST_MAIN()

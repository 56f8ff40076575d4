#include "io/http_test.h"

#define HOST "Host: x\r\n"

TEST(a_get_is_answered)
{
	const char *reply;

	rig_start();
	reply = ask("GET /hello HTTP/1.1\r\n" HOST "\r\n");
	CHECK(is_status(reply, 200));
	CHECK(has(reply, "\r\n\r\nhello"));
	CHECK(has(reply, "\r\nDate: "));
	CHECK(strcasestr(reply, "\r\nServer:") == NULL);
	rig_stop();
	CHECK_INT(rig->sents, 1);
}

TEST(a_connection_is_kept)
{
	int fd;

	rig_start();
	fd = client_open();
	for (int i = 0; i < 3; i++) {
		CHECK(client_send(fd, i == 1 ? "GET /thread HTTP/1.1\r\n" HOST "\r\n"
									 : "GET /hello HTTP/1.1\r\n" HOST "\r\n"));
		CHECK(has(client_read(fd), i == 1 ? "from a thread" : "hello"));
	}
	CHECK_INT(http_connections(rig->http), 1);
	close(fd);
	rig_stop();
	CHECK_INT(rig->dones, 3);
}

TEST(pipelined_requests_are_answered_in_order)
{
	int fd;

	rig_start();
	fd = client_open();
	CHECK(client_send(fd, "GET /thread HTTP/1.1\r\n" HOST "\r\n"
						  "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc"
						  "GET /hello HTTP/1.1\r\n" HOST "\r\n"));
	CHECK(has(client_read(fd), "from a thread"));
	CHECK(has(client_read(fd), "\r\n\r\nabc"));
	CHECK(has(client_read(fd), "hello"));
	close(fd);
	rig_stop();
}

TEST(head_has_the_length_and_no_body)
{
	const char *reply;
	int fd;

	rig_start();
	fd = client_open();
	CHECK(
		client_send(fd, "HEAD /hello HTTP/1.1\r\n" HOST "\r\nGET /hello HTTP/1.1\r\n" HOST "\r\n"));
	reply = client_read_as(fd, true);
	CHECK(is_status(reply, 200));
	CHECK(has(reply, "Content-Length: 5\r\n"));
	CHECK(is_status(client_read(fd), 200)); /* follows at once */
	CHECK(
		client_send(fd, "HEAD /file HTTP/1.1\r\n" HOST "\r\nGET /hello HTTP/1.1\r\n" HOST "\r\n"));
	CHECK(has(client_read_as(fd, true), "Content-Length: 5\r\n"));
	CHECK(is_status(client_read(fd), 200));
	close(fd);
	rig_stop();
}

TEST(replies_come_from_files_too)
{
	rig_start();
	CHECK(has(ask("GET /file HTTP/1.1\r\n" HOST "\r\n"), "\r\n\r\n34567"));
	CHECK(is_status(ask("GET /empty HTTP/1.1\r\n" HOST "\r\n"), 204));
	rig_stop();
	CHECK_INT(rig->sents, 2);
}

TEST(a_chunked_body_is_taken)
{
	rig_start();
	CHECK(has(ask("POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
				  "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n"),
			  "\r\n\r\nabc0123456789"));
	rig_stop();
}

static int status_of(const char *request)
{
	const char *reply = ask(request);

	return text_starts(reply, "HTTP/1.1 ") ? (int)strtol(reply + 9, NULL, 10) : 0;
}

TEST(ambiguous_heads_are_refused)
{
	static const char *const heads[] = {
		"Content-Length: 3\r\nContent-Length: 3\r\n",
		"Content-Length: 3\r\nContent-Length: 4\r\n",
		"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
		"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
		"Transfer-Encoding: gzip, chunked\r\n",
		"Transfer-Encoding: xchunked\r\n",
		"Transfer-Encoding : chunked\r\n",
		"Content-Length : 3\r\n",
		"Content-Length: +3\r\n",
		"Content-Length: 3, 3\r\n",
		"Content-Length: -3\r\n",
		"Content-Length:\r\n",
		"X: a\r\n folded\r\n",
		"X: a\n folded\r\n",
		"Content-Length: 3\r\n 0\r\n",
		"X-:          a\r\n \tb\r\n",
		"(X): a\r\n",
		"X: a\001b\r\n",
		"Host: y\r\n",
	};
	char request[300];

	rig_start();
	for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
		snprintf(request, sizeof request, "POST /echo HTTP/1.1\r\n" HOST "%s\r\nabc", heads[i]);
		if (status_of(request) != 400) {
			printf("    accepted: %s\n", heads[i]);
			CHECK(false);
		}
	}
	CHECK_INT(status_of("POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
	CHECK_INT(
		status_of("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999999\r\n\r\n"),
		413);
	CHECK_INT(
		status_of("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 9223372036854775808\r\n\r\n"),
		400);
	CHECK_INT(rig->heads, 0);
	rig_stop();
}

TEST(a_nul_in_the_head_is_refused)
{
	static const char in_value[] = "GET /hello HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n";
	static const char in_target[] = "GET /hello\0x HTTP/1.1\r\nHost: x\r\n\r\n";
	int fd;

	rig_start();
	fd = client_open();
	CHECK(client_send_n(fd, in_value, sizeof in_value - 1));
	CHECK(is_status(client_read(fd), 400));
	CHECK(client_is_closed(fd));
	close(fd);
	fd = client_open();
	CHECK(client_send_n(fd, in_target, sizeof in_target - 1));
	CHECK(is_status(client_read(fd), 400));
	close(fd);
	rig_stop();
}

TEST(a_large_head_is_refused)
{
	static char request[HTTP_HEAD_MAX * 3];

	rig_start();
	snprintf(request, sizeof request, "GET /hello HTTP/1.1\r\n" HOST "X: %0*d\r\n\r\n",
			 HTTP_HEAD_MAX - 50, 0);
	CHECK_INT(status_of(request), 200);
	snprintf(request, sizeof request, "GET /hello HTTP/1.1\r\n" HOST "X: %0*d\r\n\r\n",
			 HTTP_HEAD_MAX, 0);
	CHECK_INT(status_of(request), 431);
	snprintf(request, sizeof request, "GET /hello HTTP/1.1\r\n" HOST "X: %0*d\r\n\r\n",
			 HTTP_HEAD_MAX * 2, 0);
	CHECK_INT(status_of(request), 431);
	CHECK_INT(rig->heads, 1);
	rig_stop();
}

TEST(targets_are_decoded)
{
	rig_start();
	CHECK(has(
		ask("GET /query/%C3%A9%2Fa+b?x=1+2&y=%C3%A4&y=&z&=v&n=%00%ff%zz HTTP/1.1\r\n" HOST "\r\n"),
		"path /query/\xc3\xa9/a+b\nx=1 2\ny=\xc3\xa4\ny=\nz=\n=v\n"
		"n=\xef\xbf\xbd\xef\xbf\xbd%zz\n"));
	CHECK(has(ask("GET http://x:80/query?a=b HTTP/1.1\r\n" HOST "\r\n"), "path /query\na=b\n"));
	CHECK_INT(status_of("GET /a%00b HTTP/1.1\r\n" HOST "\r\n"), 400);
	CHECK_INT(status_of("GET /a%ffb HTTP/1.1\r\n" HOST "\r\n"), 400);
	CHECK_INT(status_of("GET /a%2 HTTP/1.1\r\n" HOST "\r\n"), 400);
	CHECK_INT(status_of("GET hello HTTP/1.1\r\n" HOST "\r\n"), 400);
	CHECK(has(ask("GET /a%c0%80 HTTP/1.1\r\n" HOST "\r\n"),
			  "{\"detail\": \"The path is not valid UTF-8.\"}"));
	rig_stop();
}

TEST(another_thread_may_decide_on_the_head)
{
	rig_start();
	CHECK(has(ask("POST /wait HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc"), "\r\n\r\nabc"));
	CHECK(is_status(ask("GET /wait/refuse HTTP/1.1\r\n" HOST "\r\n"), 403));
	CHECK(
		is_status(ask("POST /wait/refuse HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc"), 403));
	rig_stop();
	CHECK_INT(rig->sents, 3);
}

TEST(expect_is_answered_before_the_body)
{
	int fd;

	rig_start();
	fd = client_open();
	CHECK(client_send(fd, "POST /echo HTTP/1.1\r\n" HOST
						  "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n"));
	CHECK(is_status(client_read(fd), 100));
	CHECK(client_send(fd, "abc"));
	CHECK(has(client_read(fd), "\r\n\r\nabc"));
	CHECK(client_send(fd, "POST /refuse HTTP/1.1\r\n" HOST
						  "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n"));
	CHECK(is_status(client_read(fd), 401)); /* no 100, though the body was never sent */
	CHECK(client_is_closed(fd));
	close(fd);
	rig_stop();
}

TEST(a_small_refused_body_keeps_the_connection)
{
	int fd;

	rig_start();
	fd = client_open();
	CHECK(client_send(fd, "POST /refuse HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc"));
	CHECK(is_status(client_read(fd), 401));
	CHECK(client_send(fd, "POST /small HTTP/1.1\r\n" HOST "Content-Length: 11\r\n\r\n12345678901"));
	CHECK(is_status(client_read(fd), 413));
	CHECK(client_send(fd, "POST /small HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\n1234567890"));
	CHECK(has(client_read(fd), "\r\n\r\n1234567890"));
	CHECK(client_send(fd, "GET /hello HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc"));
	CHECK(is_status(client_read(fd), 200));
	close(fd);
	rig_stop();
}

/* Sends a head and size bytes without looking, as simple clients do; only then reads. */
static int status_after(const char *head, size_t size)
{
	static const char block[1 << 16];
	int fd = client_open(), status;
	const char *reply;

	CHECK(client_send(fd, head));
	for (size_t sent = 0; sent < size; sent += sizeof block)
		if (!client_send_n(fd, block, sizeof block))
			break;
	reply = client_read(fd);
	status = text_starts(reply, "HTTP/1.1 ") ? (int)strtol(reply + 9, NULL, 10) : 0;
	close(fd);
	return status;
}

TEST(the_reply_to_a_large_refused_body_can_be_read)
{
	rig_start();
	CHECK_INT(
		status_after("POST /refuse HTTP/1.1\r\n" HOST "Content-Length: 67108864\r\n\r\n", 64 << 20),
		401);
	CHECK_INT(
		status_after("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 67108864\r\n\r\n", 64 << 20),
		413);
	rig_stop();
	CHECK_INT(rig->sents, 2);
}

TEST(a_refused_chunked_body_is_drained)
{
	static char body[2 << 20];
	int fd;

	rig_start();
	memset(body, 'x', sizeof body);
	fd = client_open();
	CHECK(client_send(fd, "POST /echo HTTP/1.1\r\n" HOST
						  "Transfer-Encoding: chunked\r\n\r\n200000\r\n"));
	CHECK(client_send_n(fd, body, sizeof body));
	CHECK(client_send(fd, "\r\n0\r\n\r\n"));
	CHECK(is_status(client_read(fd), 413));
	close(fd);
	fd = client_open();
	CHECK(client_send(fd, "POST /refuse HTTP/1.1\r\n" HOST
						  "Transfer-Encoding: chunked\r\n\r\n200000\r\n"));
	CHECK(client_send_n(fd, body, sizeof body));
	CHECK(is_status(client_read(fd), 401));
	close(fd);
	rig_stop();
}

/* ---- forms ---- */

static const char *post(const char *path, const char *content_type, const char *body)
{
	static char request[8192];

	snprintf(request, sizeof request,
			 "POST %s HTTP/1.1\r\n" HOST "%s%s\r\nContent-Length: %zu\r\n\r\n%s", path,
			 content_type == NULL ? "X: y" : "Content-Type: ",
			 content_type == NULL ? "" : content_type, strlen(body), body);
	return ask(request);
}

#define URLENCODED "application/x-www-form-urlencoded; charset=utf-8"
#define MULTIPART "multipart/form-data; boundary=\"B\""

TEST(forms_are_split)
{
	static char many[HTTP_PAIRS_MAX * 2 + 3];

	rig_start();
	CHECK(has(post("/form", URLENCODED, "a=1+2&b=%C3%A9&a&c=%00"),
			  "error 0\nfield a=1 2\nfield b=\xc3\xa9\nfield a=\nfield c=\xef\xbf\xbd\n"));
	CHECK(has(post("/form", MULTIPART,
				   "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\xff\r\n"
				   "--B\r\nContent-Type: text/x\r\n"
				   "Content-Disposition: form-data; name=\"f\"; filename=\"\"\r\n\r\n\r\n"
				   "--B\r\nContent-Disposition: form-data; name=\"f\"; "
				   "filename=\"y\"\r\n\r\ncv\r\n--B--\r\n"),
			  "|file f=:text/x\ncv|file f=y:-\nerror 0\nfield a=x\xef\xbf\xbd\n"));
	CHECK(has(post("/form", URLENCODED, ""), "error 0\n"));
	CHECK(has(post("/form", NULL, ""), "error 0\n"));
	CHECK(has(post("/form", NULL, "a=b"), "error -1\n"));
	CHECK(has(post("/form", "application/json", "{}"), "error -1\n"));
	CHECK(has(post("/form", "multipart/form-data", "--B--"), "error -1\n"));
	CHECK(has(post("/form", MULTIPART, ""), "error -1\n"));
	CHECK(
		has(post("/form", MULTIPART, "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx"),
			"error -1\n"));
	CHECK(has(
		post("/drop", MULTIPART,
			 "--B\r\nContent-Disposition: form-data; name=f; filename=x\r\n\r\ncv\r\n--B--\r\n"),
		"error -8\n"));
	for (int i = 0; i <= HTTP_PAIRS_MAX; i++)
		memcpy(&many[i * 2], "a&", 2);
	CHECK(has(post("/form", URLENCODED, many), "error -8\n"));
	many[HTTP_PAIRS_MAX * 2 - 1] = '\0';
	CHECK(has(post("/form", URLENCODED, many), "error 0\n"));
	rig_stop();
}

TEST(a_form_has_room_for_its_fields_only)
{
	static char body[(1 << 20) + 200];
	char head[200];
	int fd;

	rig_start();
	for (int too_much = 0; too_much < 2; too_much++) {
		size_t n = (size_t)snprintf(body, sizeof body,
									"--B\r\nContent-Disposition: form-data; name=a\r\n\r\n"
									"%0*d\r\n--B--",
									(1 << 20) + too_much, 0);

		snprintf(head, sizeof head,
				 "POST /form HTTP/1.1\r\n" HOST "Content-Type: " MULTIPART
				 "\r\nContent-Length: %zu\r\n\r\n",
				 n);
		fd = client_open();
		CHECK(client_send(fd, head));
		CHECK(client_send_n(fd, body, n));
		CHECK(has(client_read(fd), too_much ? "error -8\n" : "error 0\n"));
		close(fd);
	}
	rig_stop();
}

/* ---- listening ---- */

TEST(a_taken_port_is_told)
{
	struct http *second = NULL;
	struct error e = {0};
	struct http_options o = {.host = "127.0.0.1", .loops = 1};

	rig_start();
	o.port = http_port(rig->http);
	CHECK_INT(http_start(&o, &rig_hooks, &e, &second), E_RULE);
	CHECK(has(e.text, "in use"));
	o = (struct http_options){.host = "no.such.host.invalid"};
	CHECK_INT(http_start(&o, &rig_hooks, &e, &second), E_RULE);
	o = (struct http_options){.host = "127.0.0.1", .tls_cert = "/nowhere", .tls_key = "/nowhere"};
	CHECK_INT(http_start(&o, &rig_hooks, &e, &second), E_RULE);
	CHECK(has(e.text, "/nowhere"));
	o.tls_cert = o.tls_key = "/etc/passwd";
	CHECK_INT(http_start(&o, &rig_hooks, &e, &second), E_RULE);
	CHECK(has(e.text, "certificate"));
	rig_stop();
}

TEST(any_address_serves_both_families)
{
	rig_start_with(&(struct http_options){.loops = 2}, &http_tuning_default);
	CHECK(is_status(ask("GET /hello HTTP/1.1\r\n" HOST "\r\n"), 200));
	rig_stop();
}

TEST_MAIN()

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
	CHECK(client_send(fd, "HEAD /hello HTTP/1.1\r\n" HOST "\r\nGET /hello HTTP/1.1\r\n" HOST "\r\n"));
	reply = client_read_as(fd, true);
	CHECK(is_status(reply, 200));
	CHECK(has(reply, "Content-Length: 5\r\n"));
	CHECK(is_status(client_read(fd), 200)); /* follows at once */
	CHECK(client_send(fd, "HEAD /file HTTP/1.1\r\n" HOST "\r\nGET /hello HTTP/1.1\r\n" HOST "\r\n"));
	CHECK(has(client_read_as(fd, true), "Content-Length: 5\r\n"));
	CHECK(is_status(client_read(fd), 200));
	close(fd);
	rig_stop();
}

TEST(replies_come_from_files_and_functions)
{
	rig_start();
	CHECK(has(ask("GET /file HTTP/1.1\r\n" HOST "\r\n"), "\r\n\r\n34567"));
	CHECK(has(ask("GET /produce HTTP/1.1\r\n" HOST "\r\n"), "piece 2\n"));
	CHECK(has(ask("GET /produce HTTP/1.0\r\n\r\n"), "piece 0\n"));
	CHECK(is_status(ask("GET /empty HTTP/1.1\r\n" HOST "\r\n"), 204));
	rig_stop();
	CHECK_INT(rig->sents, 4);
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
	CHECK_INT(status_of("POST /echo HTTP/1.1\r\n" HOST
	                    "Content-Length: 99999999999999999999999\r\n\r\n"), 413);
	CHECK_INT(status_of("POST /echo HTTP/1.1\r\n" HOST
	                    "Content-Length: 9223372036854775808\r\n\r\n"), 400);
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

TEST(targets_are_decoded)
{
	rig_start();
	CHECK(has(ask("GET /query/%C3%A9%2Fa+b?x=1+2&y=%C3%A4&y=&z&=v&n=%00%ff%zz HTTP/1.1\r\n" HOST "\r\n"),
	          "path /query/\xc3\xa9/a+b\nx=1 2\ny=\xc3\xa4\ny=\nz=\n=v\n"
	          "n=\xef\xbf\xbd\xef\xbf\xbd%zz\n"));
	CHECK(has(ask("GET http://x:80/query?a=b HTTP/1.1\r\n" HOST "\r\n"), "path /query\na=b\n"));
	CHECK_INT(status_of("GET /a%00b HTTP/1.1\r\n" HOST "\r\n"), 400);
	CHECK_INT(status_of("GET /a%ffb HTTP/1.1\r\n" HOST "\r\n"), 400);
	CHECK_INT(status_of("GET /a%2 HTTP/1.1\r\n" HOST "\r\n"), 400);
	CHECK_INT(status_of("GET hello HTTP/1.1\r\n" HOST "\r\n"), 400);
	CHECK(has(ask("GET /a%c0%80 HTTP/1.1\r\n" HOST "\r\n"), "{\"detail\": \"The path is not valid UTF-8.\"}"));
	rig_stop();
}

TEST_MAIN()

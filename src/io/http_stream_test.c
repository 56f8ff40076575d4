/* Replies that come bit by bit: in order, bounded, and whoever leaves first. */
#include "io/http_stream.h"

#include "io/http_test.h"

#define ASK "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n"

enum { ROOM = 1000, PATIENCE_MS = 20 * 1000 };

static struct http_stream *stream;
static atomic_int written;

static struct http_stream *reply_with_stream(struct http_exchange *x)
{
	static struct pair type = {"Content-Type", "text/plain"};
	struct http_stream *s = http_stream_new(ROOM);

	http_reply(x, &(struct http_response){.status = 200, .headers = {&type, 1}, .stream = s});
	return s;
}

static bool add(struct http_stream *s, const char *text)
{
	return http_stream_write(s, text, strlen(text), PATIENCE_MS) == OK;
}

/* Waits for a number of bytes; false if the server closes before. */
static bool client_read_n(int fd, size_t n)
{
	char bytes[4096];

	while (n > 0) {
		ssize_t got = recv(fd, bytes, n < sizeof bytes ? n : sizeof bytes, 0);

		if (got <= 0)
			return false;
		n -= (size_t)got;
	}
	return true;
}

static void three_pieces(struct http_exchange *x)
{
	struct http_stream *s = reply_with_stream(x);

	for (int i = 3; i > 0; i--)
		if (!add(s, i == 3 ? "three " : i == 2 ? "two " : "one"))
			abort();
	http_stream_end(s);
}

TEST(pieces_come_in_order)
{
	const char *reply;

	rig_stream = three_pieces;
	rig_start();
	reply = ask(ASK);
	CHECK(is_status(reply, 200));
	CHECK(has(reply, "Transfer-Encoding: chunked"));
	CHECK(has(reply, "three"));
	CHECK(has(reply, "one"));
	CHECK(has(reply, "\r\n0\r\n\r\n"));
	CHECK(has(ask("GET /stream HTTP/1.0\r\n\r\n"), "\r\n\r\nthree two one"));
	rig_stop();
	CHECK_INT(rig->sents, 2);
}

static void keep_stream(struct http_exchange *x)
{
	stream = reply_with_stream(x);
	add(stream, "begun");
}

TEST(a_piece_comes_at_once_and_the_connection_stays)
{
	int fd;

	rig_stream = keep_stream;
	rig_start();
	fd = client_open();
	for (int i = 0; i < 2; i++) {
		char got[RIG_REPLY_MAX / 64] = "";

		CHECK(client_send(fd, ASK));
		for (size_t n = 0; strstr(got, "begun") == NULL; n++)
			CHECK(n < sizeof got - 1 && recv(fd, got + n, 1, 0) == 1);
		CHECK_INT(http_stream_write(stream, "more", 4, 0), OK);
		CHECK(client_read_n(fd, strlen("\r\n4\r\nmore\r\n")));
		http_stream_end(stream);
		CHECK(client_read_n(fd, strlen("0\r\n\r\n")));
	}
	close(fd);
	rig_stop();
	CHECK_INT(rig->sents, 2);
}

/* Much more than there is room for: the writer waits for the reader. */
static void a_flood(struct http_exchange *x)
{
	struct http_stream *s = reply_with_stream(x);
	char line[ROOM * 3];

	memset(line, 'x', sizeof line);
	for (int i = 0; i < 1000; i++)
		if (http_stream_write(s, line, sizeof line, PATIENCE_MS) != OK)
			abort();
	http_stream_end(s);
}

TEST(a_writer_waits_for_room)
{
	int fd;

	rig_stream = a_flood;
	rig_start();
	fd = client_open();
	CHECK(client_send(fd, "GET /stream HTTP/1.0\r\n\r\n"));
	CHECK(client_read_n(fd, 3 * 1000 * ROOM));
	while (!client_is_closed(fd))
		;
	close(fd);
	rig_stop();
	CHECK_INT(rig->sents, 1);
}

TEST(without_waiting_all_or_nothing)
{
	char much[ROOM + 1] = {0};
	int fd, rc;

	rig_stream = keep_stream;
	rig_start();
	fd = client_open();
	CHECK(client_send(fd, ASK));
	CHECK(client_read_n(fd, 1));
	CHECK_INT(http_stream_write(stream, much, ROOM + 1, 0), E_LIMIT);
	do {
		rc = http_stream_write(stream, much, ROOM, 0);
		atomic_fetch_add(&written, rc == OK);
	} while (atomic_load(&written) < 1); /* once the loop has taken "begun" */
	http_stream_cut(stream);
	while (!client_is_closed(fd))
		;
	close(fd);
	rig_stop();
	CHECK_INT(rig->sents, 0);
}

TEST(a_reader_that_left_is_told)
{
	int fd;

	rig_stream = keep_stream;
	rig_start();
	fd = client_open();
	CHECK(client_send(fd, ASK));
	CHECK(client_read_n(fd, 1));
	close(fd);
	while (http_stream_write(stream, "heartbeat", 9, 0) != E_GONE)
		usleep(1000);
	CHECK_INT(atomic_load(&rig->dones), 0);
	http_stream_end(stream);
	CHECK_INT(atomic_load(&rig->dones), 1);
	rig_stop();
	CHECK_INT(rig->sents, 0);
}

static atomic_int outcome;

static void until_it_fails(struct http_exchange *x)
{
	struct http_stream *s = reply_with_stream(x);
	char line[ROOM] = {0};
	int rc = OK;

	while (rc == OK)
		rc = http_stream_write(s, line, sizeof line, PATIENCE_MS);
	atomic_store(&outcome, rc);
	http_stream_end(s);
}

TEST(a_reader_that_stalls_is_cut)
{
	struct http_tuning t = http_tuning_default;
	int fd;

	t.grace_ms = 1;
	t.min_rate = INT64_C(1) << 40;
	rig_stream = until_it_fails;
	rig_start_with(&(struct http_options){.host = "127.0.0.1", .loops = 1}, &t);
	fd = client_open();
	CHECK(client_send(fd, ASK)); /* and reads nothing */
	while (atomic_load(&outcome) == OK)
		usleep(1000);
	CHECK_INT(atomic_load(&outcome), E_GONE);
	close(fd);
	rig_stop();
}

TEST(head_has_no_body)
{
	const char *reply;
	int fd;

	rig_stream = until_it_fails;
	atomic_store(&outcome, OK);
	rig_start();
	fd = client_open();
	CHECK(client_send(fd, "HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n"));
	reply = client_read_as(fd, true);
	CHECK(is_status(reply, 200));
	CHECK(client_is_closed(fd)); /* without a byte more */
	close(fd);
	rig_stop();
	CHECK_INT(atomic_load(&outcome), E_GONE);
}

static void from_a_file(struct http_exchange *x)
{
	static struct pair type = {"Content-Type", "text/plain"};
	FILE *f = tmpfile();
	struct http_stream *s = http_stream_new_file(dup(fileno(f)), 9);

	fclose(f);
	http_reply(x, &(struct http_response){.status = 200, .headers = {&type, 1}, .stream = s});
	if (strcmp(x->method, "HEAD") != 0 && (!add(s, "three ") || !add(s, "two")))
		abort();
	if (http_stream_write(s, "more than was promised", 22, PATIENCE_MS) != E_UNAVAILABLE)
		abort();
	http_stream_end(s);
}

static void broken_file(struct http_exchange *x)
{
	FILE *f = tmpfile();
	struct http_stream *s = http_stream_new_file(dup(fileno(f)), 9);

	fclose(f);
	http_reply(x, &(struct http_response){.status = 200, .stream = s});
	add(s, "three");
	http_stream_cut(s);
}

TEST(a_file_that_arrives_while_it_is_sent)
{
	const char *reply;
	int fd;

	rig_stream = from_a_file;
	rig_start();
	reply = ask(ASK);
	CHECK(is_status(reply, 200));
	CHECK(has(reply, "Content-Length: 9\r\n"));
	CHECK(text_ends(reply, "\r\n\r\nthree two"));
	fd = client_open();
	CHECK(client_send(fd, "HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n"));
	reply = client_read_as(fd, true);
	CHECK(has(reply, "Content-Length: 9\r\n"));
	CHECK(client_send(fd, ASK)); /* and the connection stays */
	CHECK(text_ends(client_read(fd), "three two"));
	close(fd);
	rig_stream = broken_file;
	fd = client_open();
	CHECK(client_send(fd, ASK));
	CHECK(!client_read_n(fd, 4096));
	close(fd);
	rig_stop();
}

TEST(many_at_once)
{
	int fds[50];

	rig_stream = three_pieces;
	rig_start();
	for (int i = 0; i < 50; i++) {
		fds[i] = client_open();
		CHECK(client_send(fds[i], ASK));
	}
	for (int i = 0; i < 50; i++) {
		if (i % 3 == 0)
			CHECK(has(client_read(fds[i]), "\r\n0\r\n\r\n"));
		close(fds[i]);
	}
	rig_stop();
}

TEST_MAIN()

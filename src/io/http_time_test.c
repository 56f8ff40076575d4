#include "io/http_test.h"

#define HOST "Host: x\r\n"

/* ---- time ---- */

/* Sends what, then a byte at a time for as long as the server takes it. The server must end it. */
static void drip_until_closed(int fd, const char *what)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	CHECK(client_send(fd, what));
	for (int i = 0; i < 2000; i++) {
		if (poll(&p, 1, 10) > 0 && client_is_closed(fd))
			return;
		if (!client_send(fd, "x"))
			return;
	}
	CHECK(false);
}

static struct http_tuning impatient(void)
{
	struct http_tuning t = http_tuning_default;

	t.sweep_ms = 20;
	return t;
}

TEST(a_dripped_head_is_cut)
{
	struct http_tuning t = impatient();
	int fd;

	t.head_ms = 100;
	rig_start_with(&(struct http_options){.host = "127.0.0.1", .loops = 1}, &t);
	fd = client_open();
	drip_until_closed(fd, "GET /hello HTTP/1.1\r\nX: ");
	close(fd);
	fd = client_open(); /* the same after a first reply */
	CHECK(client_send(fd, "GET /hello HTTP/1.1\r\n" HOST "\r\n"));
	CHECK(is_status(client_read(fd), 200));
	drip_until_closed(fd, "G");
	close(fd);
	CHECK_INT(rig->heads, 1);
	rig_stop();
}

TEST(a_dripped_body_is_cut)
{
	struct http_tuning t = impatient();
	const char *head = "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 100000\r\n\r\n";
	int fd;

	t.grace_ms = 100;
	t.min_rate = 100000;
	rig_start_with(&(struct http_options){.host = "127.0.0.1", .loops = 1}, &t);
	fd = client_open();
	drip_until_closed(fd, head);
	close(fd);
	rig_stop();
	CHECK_INT(rig->dones, 1);
	CHECK_INT(rig->sents, 0);
	t.grace_ms = http_tuning_default.grace_ms;
	t.body_ms = 100;
	rig_start_with(&(struct http_options){.host = "127.0.0.1", .loops = 1}, &t);
	fd = client_open();
	drip_until_closed(fd, head);
	close(fd);
	rig_stop();
}

TEST(an_idle_connection_outlives_the_head_deadline)
{
	struct http_tuning t = impatient();
	struct pollfd p = {.events = POLLIN};
	int fd;

	t.head_ms = 1;
	t.sweep_ms = 1;
	rig_start_with(&(struct http_options){.host = "127.0.0.1", .loops = 1}, &t);
	fd = client_open();
	CHECK(client_send(fd, "GET /hello HTTP/1.1\r\n" HOST "\r\n"));
	CHECK(is_status(client_read(fd), 200));
	p.fd = fd;
	CHECK_INT(poll(&p, 1, 100), 0); /* a hundred sweeps, and still open */
	CHECK(client_send(fd, "GET /hello HTTP/1.1\r\n" HOST "\r\n"));
	CHECK(is_status(client_read(fd), 200));
	close(fd);
	rig_stop();
}

TEST(a_reply_nobody_reads_is_cut)
{
	static char body[1 << 20];
	struct http_tuning t = impatient();
	int fd, small = 4096;
	struct pollfd p = {.events = 0};

	t.grace_ms = 100;
	t.min_rate = 100 << 20;
	rig_start_with(&(struct http_options){.host = "127.0.0.1", .loops = 1}, &t);
	fd = client_open();
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	for (int i = 0; i < 16; i++) /* replies pile up until the socket is full */
		if (!client_send(fd, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1048576\r\n\r\n") ||
			!client_send_n(fd, body, sizeof body))
			break;
	p.fd = fd;
	CHECK(poll(&p, 1, 20000) == 1 && (p.revents & (POLLHUP | POLLERR)) != 0);
	close(fd);
	rig_stop();
}

/* ---- stopping, and many at once ---- */

static void *stop_server(void *arg)
{
	http_stop(rig->http, 20);
	return arg;
}

static bool is_refused(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), rc;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	rc = connect(fd, (struct sockaddr *)&a, sizeof a);
	close(fd);
	return rc != 0;
}

TEST(a_stop_waits_for_the_reply)
{
	struct pollfd p = {.events = POLLIN};
	pthread_t stopper;
	int held, idle;
	bool refused = false;
	const char *reply;

	rig_start();
	held = client_open();
	idle = client_open();
	CHECK(client_send(idle, "GET /hello HTTP/1.1\r\n" HOST "\r\n"));
	CHECK(is_status(client_read(idle), 200));
	CHECK(client_send(held, "GET /hold HTTP/1.1\r\n" HOST "\r\n"));
	p.fd = held;
	while (atomic_load(&rig->heads) < 2)
		poll(&p, 1, 1);
	CHECK(pthread_create(&stopper, NULL, stop_server, NULL) == 0);
	while (!atomic_load(&rig->http->stopping))
		poll(&p, 1, 1);
	CHECK_INT(rig->dones, 1);
	/* Nobody new is let in meanwhile, nor kept waiting. */
	for (int i = 0; i < 100 && !refused; i++) {
		poll(&p, 1, 10);
		refused = is_refused(http_port(rig->http));
	}
	CHECK(refused);
	rig_release();
	reply = client_read(held);
	CHECK(has(reply, "from a thread"));
	CHECK(has(reply, "Connection: close\r\n"));
	CHECK(client_is_closed(held));
	CHECK(client_is_closed(idle));
	pthread_join(stopper, NULL);
	close(held);
	close(idle);
	rig->http = NULL;
	rig_stop();
	CHECK_INT(rig->sents, 2);
}

TEST(a_stop_cuts_an_unfinished_body)
{
	int fd;

	rig_start();
	fd = client_open();
	CHECK(client_send(fd, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\nabc"));
	while (atomic_load(&rig->heads) < 1)
		poll(NULL, 0, 1);
	http_stop(rig->http, 0);
	rig->http = NULL;
	CHECK(client_is_closed(fd));
	close(fd);
	rig_stop();
	CHECK_INT(rig->sents, 0);
}

enum { MANY = 500 };

TEST(many_connections_at_once)
{
	static int fds[MANY];
	int answered = 0;

	rig_start();
	for (int i = 0; i < MANY; i++) {
		fds[i] = client_open();
		CHECK(client_send(fds[i], i % 2 ? "GET /hold HTTP/1.1\r\n" HOST "\r\n"
										: "POST /echo HTTP/1.1\r\n" HOST
										  "Content-Length: 3\r\n\r\nabc"));
	}
	while (atomic_load(&rig->heads) < MANY)
		poll(NULL, 0, 1);
	CHECK_INT(http_connections(rig->http), MANY);
	rig_release();
	for (int i = 0; i < MANY; i++) {
		const char *reply = client_read(fds[i]);

		answered += strstr(reply, i % 2 ? "from a thread" : "\r\n\r\nabc") != NULL;
		close(fds[i]);
	}
	CHECK_INT(answered, MANY);
	rig_stop();
	CHECK_INT(rig->sents, MANY);
}

static void *hammer(void *arg)
{
	static const char *const requests[] = {
		"GET /thread HTTP/1.1\r\n" HOST "\r\n",
		"POST /wait HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc",
		"POST /wait/refuse HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc",
		"POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc",
		"POST /refuse HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	};
	char reply[1000];
	bool more = true;

	while (more) {
		struct sockaddr_in a = {.sin_family = AF_INET};
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		memcpy(&a, arg, sizeof a);
		more = connect(fd, (struct sockaddr *)&a, sizeof a) == 0;
		for (size_t i = 0; more && i < 20; i++)
			if (!client_send(fd, requests[i % 5]) || recv(fd, reply, sizeof reply, 0) <= 0)
				break;
		close(fd);
	}
	return NULL;
}

TEST(a_stop_under_load)
{
	enum { ROUNDS = 10, CLIENTS = 4 };
	pthread_t clients[CLIENTS];

	for (int round = 0; round < ROUNDS; round++) {
		struct sockaddr_in a = {.sin_family = AF_INET};

		rig_start();
		a.sin_port = htons((uint16_t)http_port(rig->http));
		a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		for (int i = 0; i < CLIENTS; i++)
			CHECK(pthread_create(&clients[i], NULL, hammer, &a) == 0);
		while (atomic_load(&rig->dones) < 100)
			poll(NULL, 0, 1);
		rig_stop();
		for (int i = 0; i < CLIENTS; i++)
			pthread_join(clients[i], NULL);
	}
}

TEST(connections_beyond_the_bound_wait)
{
	struct http_options o = {.host = "127.0.0.1", .loops = 1, .max_connections = 2};
	struct pollfd p = {.events = POLLIN};
	int fds[3];

	rig_start_with(&o, &http_tuning_default);
	for (int i = 0; i < 3; i++) {
		fds[i] = client_open();
		CHECK(client_send(fds[i], "GET /hello HTTP/1.1\r\n" HOST "\r\n"));
		if (i < 2)
			CHECK(is_status(client_read(fds[i]), 200));
	}
	p.fd = fds[2];
	CHECK_INT(poll(&p, 1, 50), 0);
	CHECK_INT(http_connections(rig->http), 2);
	close(fds[0]);
	CHECK(is_status(client_read(fds[2]), 200));
	close(fds[1]);
	close(fds[2]);
	rig_stop();
}

TEST(an_idle_connection_is_closed)
{
	struct http_options o = {.host = "127.0.0.1", .loops = 1, .idle_timeout = 1};
	int fd;

	rig_start_with(&o, &http_tuning_default);
	fd = client_open();
	CHECK(client_is_closed(fd));
	close(fd);
	rig_stop();
}

TEST(a_client_that_leaves_is_noticed)
{
	int fd;

	rig_start();
	fd = client_open();
	CHECK(client_send(fd, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\nabc"));
	while (atomic_load(&rig->heads) < 1)
		poll(NULL, 0, 1);
	close(fd);
	while (atomic_load(&rig->dones) < 1)
		poll(NULL, 0, 1);
	CHECK_INT(rig->sents, 0);
	fd = client_open();
	CHECK(client_send(fd, "GET /hold HTTP/1.1\r\n" HOST "\r\n"));
	while (atomic_load(&rig->heads) < 2)
		poll(NULL, 0, 1);
	close(fd);
	rig_release();
	while (atomic_load(&rig->dones) < 2)
		poll(NULL, 0, 1);
	rig_stop();
}

TEST_MAIN()

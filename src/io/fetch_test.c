#include "io/fetch.h"

#include <fcntl.h>
#include <zlib.h>

#include "base/clock.h"
#include "io/http_test.h"
#include "io/sign.h"
#include "io/tls_test.h"

/* A server that misbehaves by path, on one thread. */
static struct peer {
	int listener, port;
	pthread_t thread;
	atomic_bool stop;
	char seen[8192]; /* the last request */
	atomic_int count;
} peer;

static struct arena *mem;
static struct error error;
static struct fetch_reply reply;

/* ---- the server ---- */

static void say(int fd, const char *text)
{
	ssize_t n = send(fd, text, strlen(text), MSG_NOSIGNAL);

	(void)n;
}

/* Nothing more comes, until the client is gone or the test over. */
static void wait_gone(int fd)
{
	struct pollfd p = {fd, POLLRDHUP, 0};

	while (!atomic_load(&peer.stop) && poll(&p, 1, 20) == 0)
		continue;
}

static void send_endless(int fd, int pause_ms)
{
	char zeros[4096] = {0};

	say(fd, "HTTP/1.1 200 OK\r\nContent-Type: x/y\r\n\r\n");
	while (!atomic_load(&peer.stop) &&
		   send(fd, zeros, pause_ms > 0 ? 1 : sizeof zeros, MSG_NOSIGNAL) > 0)
		poll(NULL, 0, pause_ms);
}

static void send_bomb(int fd)
{
	static unsigned char packed[1 << 20], zeros[1 << 16];
	z_stream z = {.next_out = packed, .avail_out = sizeof packed};
	char head[200];

	CHECK(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
	for (int i = 0; i < 1024; i++) {
		z.next_in = zeros;
		z.avail_in = sizeof zeros;
		CHECK(deflate(&z, i == 1023 ? Z_FINISH : Z_NO_FLUSH) >= 0);
	}
	snprintf(head, sizeof head,
			 "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
			 "Content-Length: %lu\r\n\r\n",
			 z.total_out);
	say(fd, head);
	CHECK(send(fd, packed, z.total_out, MSG_NOSIGNAL) > 0);
	deflateEnd(&z);
}

static void send_headers(int fd)
{
	say(fd, "HTTP/1.1 200 OK\r\n");
	for (int i = 0; i < 5000; i++)
		say(fd, "X-Much: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n");
	say(fd, "\r\n");
}

static void send_redirect(int fd, int status, const char *where)
{
	char text[400];

	snprintf(text, sizeof text, "HTTP/1.1 %d Go\r\nLocation: %s\r\nContent-Length: 4\r\n\r\nbody",
			 status, where);
	say(fd, text);
}

static const char *elsewhere(const char *host)
{
	static char url[100];

	snprintf(url, sizeof url, "http://%s:%d/hello", host, peer.port);
	return url;
}

static void answer(int fd, const char *path)
{
	if (text_starts(path, "/hello") || text_starts(path, "http://hello."))
		say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-One:  1 \r\nX-One: 2\r\n\r\nhello");
	else if (text_starts(path, "/missing"))
		say(fd, "HTTP/1.1 404 No\r\nRetry-After: 7\r\nContent-Length: 3\r\n\r\nnot");
	else if (text_starts(path, "/stall"))
		wait_gone(fd);
	else if (text_starts(path, "/drip"))
		send_endless(fd, 10);
	else if (text_starts(path, "/endless"))
		send_endless(fd, 0);
	else if (text_starts(path, "/bomb"))
		send_bomb(fd);
	else if (text_starts(path, "/headers"))
		send_headers(fd);
	else if (text_starts(path, "/cut"))
		say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhalf");
	else if (text_starts(path, "/garbage"))
		say(fd, "SSH-2.0-OpenSSH\r\n");
	else if (text_starts(path, "/relative"))
		send_redirect(fd, 302, "/hello");
	else if (text_starts(path, "/keep"))
		send_redirect(fd, 307, "/hello");
	else if (text_starts(path, "/round"))
		send_redirect(fd, 301, "/round");
	else if (text_starts(path, "/inside"))
		send_redirect(fd, 302, elsewhere("127.0.0.2"));
	else if (text_starts(path, "/other"))
		send_redirect(fd, 302, elsewhere("localhost"));
	else if (text_starts(path, "/file"))
		send_redirect(fd, 302, "file:///etc/passwd");
	else if (text_starts(path, "/error"))
		say(fd, "HTTP/1.1 500 Oh\r\nContent-Length: 5\r\n\r\noh no");
}

/* Reads a head and the body that its Content-Length announces. */
static void read_request(int fd)
{
	size_t n = 0, want = SIZE_MAX;

	while (n < want && n < sizeof peer.seen - 1) {
		ssize_t got = recv(fd, peer.seen + n, sizeof peer.seen - 1 - n, 0);
		char *end, *length;

		if (got <= 0)
			break;
		n += (size_t)got;
		peer.seen[n] = '\0';
		end = strstr(peer.seen, "\r\n\r\n");
		if (end == NULL)
			continue;
		length = strstr(peer.seen, "Content-Length: ");
		want = (size_t)(end + 4 - peer.seen) +
			   (length != NULL && length < end ? strtoul(length + 16, NULL, 10) : 0);
	}
}

static void *serve(void *arg)
{
	(void)arg;
	while (!atomic_load(&peer.stop)) {
		struct pollfd p = {peer.listener, POLLIN, 0};
		int fd = poll(&p, 1, 20) > 0 ? accept(peer.listener, NULL, NULL) : -1;
		char *path;

		if (fd < 0)
			continue;
		atomic_fetch_add(&peer.count, 1);
		read_request(fd);
		path = strchr(peer.seen, ' ');
		if (path != NULL)
			answer(fd, path + 1);
		close(fd);
	}
	return NULL;
}

static void start(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof a;

	memset(&peer, 0, sizeof peer);
	peer.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK(bind(peer.listener, (struct sockaddr *)&a, sizeof a) == 0 &&
		  listen(peer.listener, 16) == 0 &&
		  getsockname(peer.listener, (struct sockaddr *)&a, &n) == 0);
	peer.port = ntohs(a.sin_port);
	CHECK(pthread_create(&peer.thread, NULL, serve, NULL) == 0);
	fetch_start(&(struct fetch_options){0});
	mem = arena_new(8 << 20);
	error = (struct error){0};
	reply = (struct fetch_reply){0};
}

static void stop(void)
{
	atomic_store(&peer.stop, true);
	pthread_join(peer.thread, NULL);
	close(peer.listener);
	mem = arena_free(mem);
}

static const char *at(const char *path)
{
	return arena_printf(mem, "http://127.0.0.1:%d%s", peer.port, path);
}

static int get(const char *path)
{
	struct fetch_request r = {.url = at(path), .trusted = true, .timeout_ms = 5000};

	return fetch(mem, &error, &r, &reply);
}

/* ---- replies ---- */

TEST(fetches)
{
	start();
	CHECK_INT(get("/hello?a=b"), OK);
	CHECK_INT(reply.status, 200);
	CHECK_STR(reply.body, "hello");
	CHECK_INT(reply.size, 5);
	CHECK_STR(fetch_header(&reply, "x-one"), "1");
	CHECK(fetch_header(&reply, "X-None") == NULL);
	CHECK_STR(reply.url, at("/hello?a=b"));
	CHECK(text_starts(peer.seen, "GET /hello?a=b HTTP/1.1\r\n"));
	CHECK(strstr(peer.seen, "User-Agent: vitae/") != NULL);
	CHECK_INT(get("/missing"), OK);
	CHECK_INT(reply.status, 404);
	CHECK_STR(reply.body, "not");
	CHECK_INT(reply.retry_after, 7);
	stop();
}

TEST(sends_headers_and_bodies)
{
	struct pair headers[] = {{"X-Key", "v"}, {"X-Empty", ""}, {"Content-Type", "a/b"}};
	struct fetch_request r = {.method = "PATCH", .trusted = true, .body = "\0ab", .size = 3};
	char name[] = "/tmp/fetch_test_XXXXXX";
	int fd = mkstemp(name);

	start();
	r.url = at("/hello");
	r.headers = (struct pairs){headers, 3};
	CHECK_INT(fetch(mem, &error, &r, &reply), OK);
	CHECK(text_starts(peer.seen, "PATCH /hello"));
	CHECK(strstr(peer.seen, "X-Key: v\r\n") != NULL && strstr(peer.seen, "X-Empty:\r\n") != NULL);
	CHECK(strstr(peer.seen, "Content-Length: 3\r\n") != NULL);
	CHECK(memcmp(strstr(peer.seen, "\r\n\r\n") + 4, "\0ab", 3) == 0);
	CHECK(write(fd, "from a file", 11) == 11);
	r = (struct fetch_request){
		.method = "PUT", .url = r.url, .trusted = true, .body_fd = fd, .fd_size = 11};
	CHECK_INT(fetch(mem, &error, &r, &reply), OK);
	CHECK(text_starts(peer.seen, "PUT /hello") && text_ends(peer.seen, "\r\n\r\nfrom a file"));
	r = (struct fetch_request){.method = "POST",
							   .url = r.url,
							   .trusted = true,
							   .file = &(struct fetch_file){"file", "a \"b\".pdf", fd, 11}};
	CHECK_INT(fetch(mem, &error, &r, &reply), OK);
	CHECK(strstr(peer.seen, "Content-Type: multipart/form-data; boundary=") != NULL);
	CHECK(strstr(peer.seen, "name=\"file\"; filename=\"a %22b%22.pdf\"\r\n") != NULL);
	CHECK(strstr(peer.seen, "\r\n\r\nfrom a file\r\n--") != NULL);
	headers[0].value = "v\r\nX-Injected: 1";
	r = (struct fetch_request){.url = r.url, .trusted = true, .headers = {headers, 1}};
	CHECK_INT(fetch(mem, &error, &r, &reply), E_RULE);
	r = (struct fetch_request){.method = "POST", .url = r.url, .trusted = true};
	CHECK_INT(fetch(mem, &error, &r, &reply), OK);
	CHECK(strstr(peer.seen, "Content-Length: 0\r\n") != NULL);
	close(fd);
	unlink(name);
	stop();
}

static int sink(void *arg, const struct fetch_reply *head, const void *p, size_t n)
{
	CHECK_INT(head->status, 200);
	return buf_add(arg, p, n);
}

TEST(sink_takes_good_bodies_only)
{
	struct fetch_request r = {.trusted = true, .sink = sink};
	struct buf b;

	start();
	buf_init(&b, mem, 8000);
	r.arg = &b;
	r.url = at("/hello");
	CHECK_INT(fetch(mem, &error, &r, &reply), OK);
	CHECK_STR(buf_str(&b), "hello");
	CHECK_INT(reply.size, 0);
	r.url = at("/error");
	CHECK_INT(fetch(mem, &error, &r, &reply), OK);
	CHECK_STR(reply.body, "oh no");
	r.url = at("/endless");
	CHECK_INT(fetch(mem, &error, &r, &reply), E_TOO_LARGE); /* the sink's own answer */
	stop();
}

/* ---- peers that misbehave ---- */

TEST(bounds_hold)
{
	struct fetch_request r = {.trusted = true, .timeout_ms = 300};
	int64_t before;

	start();
	CHECK_INT(get("/endless"), E_TOO_LARGE);
	CHECK_INT(get("/bomb"), E_TOO_LARGE);
	CHECK_INT(get("/headers"), E_UPSTREAM);
	CHECK_INT(get("/cut"), E_UPSTREAM);
	CHECK_INT(get("/garbage"), E_UPSTREAM);
	CHECK(!arena_over(mem));
	before = clock_monotonic();
	r.url = at("/stall?secret");
	CHECK_INT(fetch(mem, &error, &r, &reply), E_TIMEOUT);
	CHECK(strstr(error.text, "127.0.0.1") != NULL && strstr(error.text, "0.3 seconds") != NULL);
	CHECK(strstr(error.text, "secret") == NULL);
	r.url = at("/drip");
	CHECK_INT(fetch(mem, &error, &r, &reply), E_TIMEOUT);
	CHECK(clock_monotonic() - before < 60 * CLOCK_SECOND);
	stop();
}

TEST(nobody_there)
{
	struct fetch_request r = {.trusted = true, .url = "http://127.0.0.1:1/secret"};

	start();
	CHECK_INT(fetch(mem, &error, &r, &reply), E_UPSTREAM);
	CHECK(strstr(error.text, "secret") == NULL);
	r.url = "http://no-such-host.invalid/secret";
	CHECK_INT(fetch(mem, &error, &r, &reply), E_UPSTREAM);
	CHECK(strstr(error.text, "no-such-host.invalid") != NULL);
	CHECK(strstr(error.text, "secret") == NULL);
	stop();
}

TEST(addresses_that_are_none)
{
	static const char *const bad[] = {
		"",        "hello",       "ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/",
		"http://", "http://a b/", "http://\xFF/",     "smtp://127.0.0.1"};

	start();
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct fetch_request r = {.trusted = true, .url = bad[i]};

		CHECK_INT(fetch(mem, &error, &r, &reply), E_RULE);
	}
	stop();
}

/* ---- the guard ---- */

static int guarded(const char *url, int redirects)
{
	struct fetch_request r = {.url = url, .redirects = redirects, .timeout_ms = 5000};

	return fetch(mem, &error, &r, &reply);
}

TEST(private_addresses_are_refused)
{
	static const char *const hosts[] = {
		"127.0.0.1", "localhost",          "127.1",    "2130706433",      "0x7f.1",   "[::1]",
		"0",         "[::ffff:127.0.0.1]", "10.0.0.1", "169.254.169.254", "[fe80::1]"};

	start();
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
		CHECK_INT(guarded(elsewhere(hosts[i]), 0), E_DENIED);
	CHECK(strstr(error.text, "FETCH_ALLOW") != NULL);
	CHECK_INT(peer.count, 0);
	stop();
}

TEST(exceptions_are_let_through)
{
	const char *address = "127.0.0.1", *name = "localhost", *net = "127.0.0.0/8";

	start();
	fetch_start(&(struct fetch_options){.allow = {&address, 1}});
	CHECK_INT(guarded(at("/hello"), 0), OK);
	CHECK_INT(guarded(at("/inside"), 5), E_DENIED);
	CHECK_INT(guarded(elsewhere("127.0.0.2"), 0), E_DENIED);
	fetch_start(&(struct fetch_options){.allow = {&name, 1}});
	CHECK_INT(guarded(elsewhere("localhost"), 0), OK);
	CHECK_INT(guarded(at("/hello"), 0), E_DENIED);
	fetch_start(&(struct fetch_options){.allow = {&net, 1}});
	CHECK_INT(guarded(at("/hello"), 0), OK);
	stop();
}

TEST(a_proxy_is_used_only_where_it_may)
{
	const char *proxy = NULL;

	start();
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	CHECK_INT(get("/hello"), OK);
	unsetenv("http_proxy");
	proxy = at("");
	fetch_start(&(struct fetch_options){.proxy = proxy});
	CHECK_INT(guarded("http://hello.example.com/hello", 0), OK);
	CHECK(text_starts(peer.seen, "GET http://hello.example.com/hello"));
	CHECK_INT(guarded("http://10.1.1.1/", 0), E_DENIED);
	CHECK_INT(guarded(at("/hello"), 0), E_DENIED);
	CHECK_INT(guarded("http://localhost/", 0), E_DENIED);
	stop();
}

/* ---- redirects ---- */

TEST(redirects)
{
	struct pair headers[] = {{"Authorization", "Bearer k"}, {"X-Key", "k"}, {"Accept", "a/b"}};
	struct fetch_request r = {
		.method = "POST", .body = "text", .size = 4, .trusted = true, .headers = {headers, 3}};

	start();
	r.url = at("/relative");
	CHECK_INT(fetch(mem, &error, &r, &reply), OK);
	CHECK_INT(reply.status, 302);
	CHECK_STR(reply.location, at("/hello"));
	r.redirects = 3;
	CHECK_INT(fetch(mem, &error, &r, &reply), OK);
	CHECK_INT(reply.status, 200);
	CHECK_STR(reply.url, at("/hello"));
	CHECK(text_starts(peer.seen, "GET /hello") && strstr(peer.seen, "X-Key: k") != NULL);
	r.url = at("/keep");
	CHECK_INT(fetch(mem, &error, &r, &reply), OK);
	CHECK(text_starts(peer.seen, "POST /hello") && text_ends(peer.seen, "\r\n\r\ntext"));
	r.url = at("/other");
	CHECK_INT(fetch(mem, &error, &r, &reply), OK);
	CHECK(strstr(peer.seen, "Accept: a/b\r\n") != NULL && strstr(peer.seen, " k\r\n") == NULL);
	r.url = at("/round");
	CHECK_INT(fetch(mem, &error, &r, &reply), E_UPSTREAM);
	CHECK_INT(peer.count, 1 + 2 + 2 + 2 + 4);
	r.url = at("/file");
	CHECK_INT(fetch(mem, &error, &r, &reply), E_RULE);
	stop();
}

/* ---- the end, and threads ---- */

static void *stop_soon(void *arg)
{
	(void)arg;
	while (atomic_load(&peer.count) == 0)
		poll(NULL, 0, 5);
	fetch_stop();
	return NULL;
}

TEST(the_end_cuts_what_runs)
{
	pthread_t thread;

	start();
	CHECK(pthread_create(&thread, NULL, stop_soon, NULL) == 0);
	CHECK_INT(get("/stall"), E_UNAVAILABLE);
	pthread_join(thread, NULL);
	CHECK_INT(get("/hello"), E_UNAVAILABLE);
	stop();
}

static void *fetch_many(void *arg)
{
	atomic_int *good = arg;

	for (int i = 0; i < 20; i++) {
		struct arena *a = arena_new(1 << 20);
		struct error e = {0};
		struct fetch_reply out;
		struct fetch_request r = {.trusted = true};

		r.url = arena_printf(a, "http://127.0.0.1:%d/hello", peer.port);
		if (fetch(a, &e, &r, &out) == OK && strcmp(out.body, "hello") == 0)
			atomic_fetch_add(good, 1);
		arena_free(a);
	}
	return NULL;
}

TEST(many_threads)
{
	pthread_t threads[4];
	atomic_int good = 0;

	start();
	for (int i = 0; i < 4; i++)
		CHECK(pthread_create(&threads[i], NULL, fetch_many, &good) == 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	CHECK_INT(good, 80);
	stop();
}

TEST(certificates_are_checked)
{
	struct http_options o = {.host = "127.0.0.1", .loops = 1};
	struct fetch_request r = {.trusted = true};

	make_certificate();
	o.tls_cert = pem.cert;
	o.tls_key = pem.key;
	rig_start_with(&o, &http_tuning_default);
	mem = arena_new(8 << 20);
	fetch_start(&(struct fetch_options){0});
	r.url = arena_printf(mem, "https://localhost:%d/hello", http_port(rig->http));
	CHECK_INT(fetch(mem, &error, &r, &reply), E_UPSTREAM);
	CHECK(strstr(error.text, "certificate") != NULL);
	fetch_start(&(struct fetch_options){.ca_file = pem.cert});
	CHECK_INT(fetch(mem, &error, &r, &reply), OK);
	CHECK_STR(reply.body, "hello");
	r.url = arena_printf(mem, "https://127.0.0.1:%d/hello", http_port(rig->http));
	CHECK_INT(fetch(mem, &error, &r, &reply), E_UPSTREAM); /* another name */
	unlink(pem.cert);
	unlink(pem.key);
	rig_stop();
	mem = arena_free(mem);
}

/* ---- AWS Signature Version 4 ---- */

static const struct fetch_sign aws = {"us-east-1", "s3", "AKIAIOSFODNN7EXAMPLE",
									  "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};

static const char *signed_query(const char *query)
{
	struct sign_request r = {
		.method = "GET", .host = "examplebucket.s3.amazonaws.com", .path = "/"};
	struct pair out[SIGN_HEADERS];

	r.query = query;
	r.payload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
	CHECK(clock_parse("2013-05-24T00:00:00Z", &r.now) == OK);
	sign_aws(mem, &aws, &r, out);
	CHECK_STR(out[0].value, "20130524T000000Z");
	return strstr(out[2].value, "Signature=") + 10;
}

/* The examples of Amazon's own documentation ("Signature Calculations for the Authorization
 * Header"). */
TEST(signs_as_the_documentation_does)
{
	mem = arena_new(1 << 20);
	CHECK_STR(signed_query("lifecycle"),
			  "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
	CHECK_STR(signed_query("prefix=J&max-keys=2"),
			  "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
	mem = arena_free(mem);
}

TEST(signs_what_it_sends)
{
	struct fetch_request r = {
		.method = "PUT", .body = "text", .size = 4, .trusted = true, .sign = &aws};
	char name[] = "/tmp/fetch_test_XXXXXX";
	int fd = mkstemp(name);

	start();
	r.url = at("/hello");
	CHECK_INT(fetch(mem, &error, &r, &reply), OK);
	CHECK(strstr(peer.seen, "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/") !=
		  NULL);
	CHECK(strstr(peer.seen, "/us-east-1/s3/aws4_request,SignedHeaders=host;") != NULL);
	CHECK(strstr(peer.seen, "x-amz-content-sha256: 982d9e3eb996f559") != NULL);
	CHECK(strstr(peer.seen, "EXAMPLEKEY") == NULL);
	CHECK(write(fd, "a text to send", 14) == 14);
	r = (struct fetch_request){.method = "PUT",
							   .url = r.url,
							   .body_fd = fd,
							   .fd_at = 2,
							   .fd_size = 4,
							   .trusted = true,
							   .sign = &aws};
	CHECK_INT(fetch(mem, &error, &r, &reply), OK);
	CHECK(strstr(peer.seen, "x-amz-content-sha256: 982d9e3eb996f559") != NULL);
	CHECK(text_ends(peer.seen, "\r\n\r\ntext"));
	close(fd);
	unlink(name);
	stop();
}

TEST_MAIN()

/*
 * http_test: a server whose hooks answer by path, and a client of raw sockets, for the tests of
 * src/io.
 *
 * Paths: /hello (answered on the loop), /thread (by another thread), /echo (the body, up to 1 MiB),
 * /form (lists fields and files), /refuse (401 on the head), /wait and /wait/refuse (another thread
 * decides on the head), /hold (answered when rig_release is called), /file (bytes 3 to 7 of a
 * file), /stream (another thread calls rig_stream), /empty (204), /query (lists the query and the
 * path), /drop (a file part is refused).
 */
#pragma once
#include <arpa/inet.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/test.h"
#include "io/http_private.h"

enum { RIG_REPLY_MAX = 1 << 20, RIG_QUEUE = 1024 };

/* New for each test; that of a failed one is left behind. */
static struct rig {
	struct http *http;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct http_exchange *queue[RIG_QUEUE];
	size_t n;
	bool stop, released, stopped;
	atomic_int heads, dones, sents;
} * rig;

/* Replies with a stream; writes are up to the test. */
static void (*rig_stream)(struct http_exchange *x);

/* ---- hooks ---- */

static inline void rig_answer(struct http_exchange *x, int status, const char *text)
{
	static struct pair type = {"Content-Type", "text/plain"};
	struct http_response r = {.status = status, .headers = {&type, 1}, .fd = -1};

	r.body = text;
	r.size = strlen(text);
	http_reply(x, &r);
}

static inline void rig_push(struct http_exchange *x)
{
	pthread_mutex_lock(&rig->lock);
	if (rig->n == RIG_QUEUE)
		abort();
	rig->queue[rig->n++] = x;
	pthread_cond_signal(&rig->filled);
	pthread_mutex_unlock(&rig->lock);
}

static inline bool is_at(const struct http_exchange *x, const char *path)
{
	return strcmp(x->path, path) == 0;
}

static inline enum http_head rig_head(void *arg, struct http_exchange *x)
{
	(void)arg;
	atomic_fetch_add(&rig->heads, 1);
	x->max_body = 1 << 20;
	if (is_at(x, "/echo") || is_at(x, "/wait"))
		x->body_kind = HTTP_BODY_BUFFER;
	if (is_at(x, "/small")) {
		x->body_kind = HTTP_BODY_BUFFER;
		x->max_body = 10;
	}
	if (is_at(x, "/form") || is_at(x, "/drop")) {
		x->body_kind = HTTP_BODY_FORM;
		x->user = ARENA_NEW(x->arena, struct buf);
		buf_init(x->user, x->arena, 1 << 20);
	}
	if (is_at(x, "/refuse"))
		rig_answer(x, 401, "who?");
	if (text_starts(x->path, "/wait")) {
		rig_push(x);
		return HTTP_WAIT;
	}
	return HTTP_GO;
}

static inline int rig_file(void *arg, struct http_exchange *x, const char *name,
						   const char *filename, const char *content_type, const void *p, size_t n,
						   bool last)
{
	struct buf *b = x->user;

	(void)arg;
	if (is_at(x, "/drop"))
		return E_TOO_LARGE;
	if (x->peer == NULL)
		abort();
	if (last) {
		buf_addf(b, "|file %s=%s:%s\n", name, filename, content_type == NULL ? "-" : content_type);
		return OK;
	}
	return buf_add(b, p, n);
}

static inline void rig_reply_file(struct http_exchange *x)
{
	char name[] = "/tmp/http_test_XXXXXX";
	struct http_response r = {.status = 200, .offset = 3, .fd_size = 5};

	r.fd = mkstemp(name);
	unlink(name);
	if (write(r.fd, "0123456789", 10) != 10)
		abort();
	http_reply(x, &r);
}

static inline void rig_reply_form(struct http_exchange *x)
{
	struct buf *b = x->user;

	buf_addf(b, "error %d\n", x->body_error);
	for (size_t i = 0; i < x->form.n; i++)
		buf_addf(b, "field %s=%s\n", x->form.items[i].name, x->form.items[i].value);
	rig_answer(x, 200, buf_str(b));
}

static inline void rig_ready(void *arg, struct http_exchange *x)
{
	(void)arg;
	if (is_at(x, "/thread") || is_at(x, "/hold") || is_at(x, "/stream")) {
		rig_push(x);
	} else if (is_at(x, "/form") || is_at(x, "/drop")) {
		rig_reply_form(x);
	} else if (is_at(x, "/file")) {
		rig_reply_file(x);
	} else if (is_at(x, "/empty")) {
		rig_answer(x, 204, "");
	} else if (text_starts(x->path, "/query")) {
		const char *text = arena_printf(x->arena, "path %s\n", x->path);

		for (size_t i = 0; i < x->query.n; i++)
			text = arena_printf(x->arena, "%s%s=%s\n", text, x->query.items[i].name,
								x->query.items[i].value);
		rig_answer(x, 200, text);
	} else if (x->body_error != OK) {
		rig_answer(x, x->body_error == E_TOO_LARGE ? 413 : 400, "bad body");
	} else if (x->body_kind == HTTP_BODY_BUFFER) {
		struct http_response r = {.status = 200, .body = x->body, .size = x->body_size};

		http_reply(x, &r);
	} else {
		rig_answer(x, 200, "hello");
	}
}

static inline void rig_done(void *arg, struct http_exchange *x, bool sent)
{
	(void)arg;
	(void)x;
	atomic_fetch_add(&rig->sents, sent);
	atomic_fetch_add(&rig->dones, 1);
}

static inline bool rig_may_answer(const struct http_exchange *x)
{
	return !is_at(x, "/hold") || rig->released;
}

/* Takes the first exchange that may be answered; NULL at the end. */
static inline struct http_exchange *rig_take(void)
{
	struct http_exchange *x = NULL;

	pthread_mutex_lock(&rig->lock);
	while (x == NULL) {
		for (size_t i = 0; i < rig->n && x == NULL; i++)
			if (rig_may_answer(rig->queue[i])) {
				x = rig->queue[i];
				memmove(&rig->queue[i], &rig->queue[i + 1], (--rig->n - i) * sizeof x);
			}
		if (x == NULL && rig->stop)
			break;
		if (x == NULL)
			pthread_cond_wait(&rig->filled, &rig->lock);
	}
	pthread_mutex_unlock(&rig->lock);
	return x;
}

static inline void *rig_work(void *arg)
{
	struct http_exchange *x;

	(void)arg;
	while ((x = rig_take()) != NULL) {
		if (is_at(x, "/wait/refuse"))
			rig_answer(x, 403, "no");
		if (text_starts(x->path, "/wait"))
			http_resume_head(x);
		else if (is_at(x, "/stream"))
			rig_stream(x);
		else
			rig_answer(x, 200, "from a thread");
	}
	return NULL;
}

static inline void rig_release(void)
{
	pthread_mutex_lock(&rig->lock);
	rig->released = true;
	pthread_cond_signal(&rig->filled);
	pthread_mutex_unlock(&rig->lock);
}

static const struct http_hooks rig_hooks = {
	.head = rig_head,
	.file = rig_file,
	.ready = rig_ready,
	.done = rig_done,
};

static inline void rig_start_with(const struct http_options *o, const struct http_tuning *t)
{
	struct error e = {0};

	if (rig != NULL && rig->stopped)
		free(rig);
	rig = calloc(1, sizeof *rig);
	CHECK(rig != NULL);
	pthread_mutex_init(&rig->lock, NULL);
	pthread_cond_init(&rig->filled, NULL);
	if (http_start_tuned(o, t, &rig_hooks, &e, &rig->http) != OK) {
		printf("    %s\n", e.text);
		CHECK(false);
	}
	CHECK(pthread_create(&rig->thread, NULL, rig_work, NULL) == 0);
}

static inline void rig_start(void)
{
	rig_start_with(&(struct http_options){.host = "127.0.0.1", .loops = 2}, &http_tuning_default);
}

static inline void rig_stop(void)
{
	http_stop(rig->http, 5);
	pthread_mutex_lock(&rig->lock);
	rig->stop = true;
	pthread_cond_signal(&rig->filled);
	pthread_mutex_unlock(&rig->lock);
	pthread_join(rig->thread, NULL);
	pthread_mutex_destroy(&rig->lock);
	pthread_cond_destroy(&rig->filled);
	rig->stopped = true;
	CHECK_INT(rig->dones, rig->heads);
}

/* ---- client ---- */

static inline int client_open(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	struct timeval patience = {.tv_sec = 20};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_port = htons((uint16_t)http_port(rig->http));
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	CHECK(connect(fd, (struct sockaddr *)&a, sizeof a) == 0);
	return fd;
}

/* Sends all of it; false if the server has closed. */
static inline bool client_send_n(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		p += sent;
		n -= (size_t)sent;
	}
	return true;
}

static inline bool client_send(int fd, const char *text)
{
	return client_send_n(fd, text, strlen(text));
}

/* The length of the complete reply at s, or 0. no_body: it answers a HEAD. */
static inline size_t reply_length(const char *s, bool no_body)
{
	const char *end = strstr(s, "\r\n\r\n"), *length = strcasestr(s, "content-length: ");
	size_t head;

	if (end == NULL)
		return 0;
	head = (size_t)(end - s) + 4;
	if (strncmp(s, "HTTP/1.1 100", 12) == 0 || no_body)
		return head;
	if (strcasestr(s, "transfer-encoding: chunked") != NULL) {
		end = strstr(s, "\r\n0\r\n\r\n");
		return end == NULL ? 0 : (size_t)(end - s) + 7;
	}
	if (length == NULL || length > end)
		return text_starts(s, "HTTP/1.1 204") ? head : 0; /* until the server closes */
	head += strtoul(length + 16, NULL, 10);
	return strlen(s) >= head ? head : 0;
}

/* Reads one reply (what the server sends until it closes, if it closes first). Static memory. */
static inline const char *client_read_as(int fd, bool no_body)
{
	static char reply[RIG_REPLY_MAX];
	size_t n = 0;

	reply[0] = '\0';
	while (n < sizeof reply - 1 && reply_length(reply, no_body) == 0) {
		ssize_t got = recv(fd, reply + n, 1, 0); /* no byte of the next reply */

		if (got <= 0)
			break;
		reply[++n] = '\0';
	}
	return reply;
}

static inline const char *client_read(int fd)
{
	return client_read_as(fd, false);
}

static inline bool client_is_closed(int fd)
{
	char c;

	return recv(fd, &c, 1, 0) <= 0;
}

/* One request on a connection of its own. */
static inline const char *ask(const char *request)
{
	int fd = client_open();
	const char *reply;

	CHECK(client_send(fd, request));
	reply = client_read(fd);
	close(fd);
	return reply;
}

static inline bool has(const char *reply, const char *part)
{
	if (strstr(reply, part) != NULL)
		return true;
	printf("    reply: %.400s\n", reply);
	return false;
}

static inline bool is_status(const char *reply, int status)
{
	char want[16];

	snprintf(want, sizeof want, "HTTP/1.1 %d ", status);
	return text_starts(reply, want) || has(reply, want);
}

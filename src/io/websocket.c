/*
 * See websocket.h. wslay keeps the frames' state of one socket and calls back for bytes; what this
 * file adds is everything around: the epoll set, fairness (a socket that floods us is read in
 * turns), the bounds on what waits, pings, the end of a connection. A socket that is over is only
 * marked, and released when the round of events is done, so that hooks may close any socket while
 * they walk over all.
 *
 * Closing: once both close frames have gone, or ours after a fault of the peer's, the sending side
 * is shut, and what still comes is thrown away until the peer closes or close_ms is over. A socket
 * closed with bytes unread would be reset, and the peer lose our close frame.
 */
#include "io/websocket.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wslay/wslay.h>

#include "base/clock.h"
#include "base/log.h"

enum { EVENTS = 256, TURN = 64 * 1024, TICK_MS = 1000, REASON_MAX = 123, QUEUED_MESSAGES = 1000 };

const struct ws_options ws_defaults = {
	.max_message = 32 * 1024,
	.max_backlog = 256 * 1024,
	.max_queued = 64 << 20,
	.max_sockets = 10000,
	.ping_ms = 30 * 1000,
	.close_ms = 3 * 1000,
};

struct ws {
	struct ws *prev, *next; /* in server->sockets */
	struct ws *next_dead;
	struct ws_server *server;
	struct http_socket socket;
	wslay_event_context_ptr frames;
	void *user;
	size_t extra_at;                /* bytes of socket.extra that were read */
	size_t turn;                    /* bytes that may still be read in this round */
	size_t queued;                  /* bytes that wait, as counted in server->queued */
	int64_t heard, pinged, closing; /* ms; 0: never */
	bool writing;                   /* the set watches for room */
	bool broken;                    /* the connection itself */
	bool odd;                       /* a frame that wslay would let pass */
	bool shut;                      /* nothing is sent any more */
	bool told;                      /* hooks->opened took it */
	bool dead;
};

struct job {
	struct job *next;
	void (*fn)(void *hub, void *arg); /* NULL: adopt */
	void *arg;
	struct http_socket socket;
};

struct ws_server {
	struct ws_options options;
	struct ws_hooks hooks;
	pthread_t thread;
	int epoll, wake;
	pthread_mutex_t lock;
	struct job *first, **last; /* under lock */
	bool stop;                 /* under lock */
	struct ws *sockets, *dead;
	size_t queued;
	int64_t ticked, stopping; /* ms */
	bool idle_ticks;          /* tick wants to be called without sockets */
	atomic_size_t n;
};

static int64_t now_ms(void)
{
	return clock_monotonic() / 1000;
}

void *ws_user(const struct ws *w)
{
	return w->user;
}

size_t ws_count(const struct ws_server *s)
{
	return atomic_load_explicit(&s->n, memory_order_relaxed);
}

/* ---- the end of a socket ---- */

static void drop(struct ws *w)
{
	if (w->dead)
		return;
	w->dead = true;
	w->next_dead = w->server->dead;
	w->server->dead = w;
}

static void unlink_socket(struct ws *w)
{
	if (w->prev != NULL)
		w->prev->next = w->next;
	else
		w->server->sockets = w->next;
	if (w->next != NULL)
		w->next->prev = w->prev;
}

static void reap(struct ws_server *s)
{
	while (s->dead != NULL) {
		struct ws *w = s->dead;

		s->dead = w->next_dead;
		if (w->told)
			s->hooks.closed(s->hooks.hub, w);
		unlink_socket(w);
		s->queued -= w->queued;
		epoll_ctl(s->epoll, EPOLL_CTL_DEL, w->socket.fd, NULL);
		wslay_event_context_free(w->frames);
		http_socket_close(&w->socket);
		atomic_fetch_sub(&s->n, 1);
		free(w);
	}
}

/* ---- bytes ---- */

static ssize_t read_extra(struct ws *w, uint8_t *buf, size_t len)
{
	size_t n = w->socket.extra_size - w->extra_at;

	n = n < len ? n : len;
	memcpy(buf, (const char *)w->socket.extra + w->extra_at, n);
	w->extra_at += n;
	return (ssize_t)n;
}

static ssize_t on_read(wslay_event_context_ptr frames, uint8_t *buf, size_t len, int flags,
					   void *user)
{
	struct ws *w = user;
	ssize_t n;

	(void)flags;
	if (w->extra_at < w->socket.extra_size)
		return read_extra(w, buf, len);
	len = len < w->turn ? len : w->turn;
	n = len == 0 ? 0 : recv(w->socket.fd, buf, len, 0);
	if (n > 0) {
		w->turn -= (size_t)n;
		return n;
	}
	w->broken = len > 0 && !(n < 0 && (errno == EAGAIN || errno == EINTR));
	wslay_event_set_error(frames, w->broken ? WSLAY_ERR_CALLBACK_FAILURE : WSLAY_ERR_WOULDBLOCK);
	return -1;
}

static ssize_t on_write(wslay_event_context_ptr frames, const uint8_t *data, size_t len, int flags,
						void *user)
{
	struct ws *w = user;
	ssize_t n = send(w->socket.fd, data, len,
					 MSG_NOSIGNAL | ((flags & WSLAY_MSG_MORE) != 0 ? MSG_MORE : 0));

	if (n >= 0)
		return n;
	wslay_event_set_error(frames, errno == EAGAIN || errno == EINTR ? WSLAY_ERR_WOULDBLOCK
																	: WSLAY_ERR_CALLBACK_FAILURE);
	return -1;
}

static void watch(struct ws *w, bool writing)
{
	struct epoll_event e = {.events = EPOLLIN | (writing ? EPOLLOUT : 0), .data.ptr = w};

	if (w->writing == writing)
		return;
	w->writing = writing;
	if (epoll_ctl(w->server->epoll, EPOLL_CTL_MOD, w->socket.fd, &e) != 0)
		drop(w);
}

/* Notes how much waits; who lets too much wait is dropped. */
static void count_queued(struct ws *w)
{
	const struct ws_options *o = &w->server->options;
	size_t n = wslay_event_get_queued_msg_length(w->frames);

	w->server->queued += n - w->queued;
	w->queued = n;
	if (n > o->max_backlog || wslay_event_get_queued_msg_count(w->frames) > QUEUED_MESSAGES ||
		(n > 0 && w->server->queued > o->max_queued))
		drop(w);
}

/* Nothing more is sent; under TLS the library would not pass it on. */
static void shut(struct ws *w)
{
	w->shut = true;
	watch(w, false);
	if (w->socket.tls == NULL)
		shutdown(w->socket.fd, SHUT_WR);
}

/* Our close frame has gone. The peer's came before it: that was all; otherwise, if it is not waited
 * for, what the peer is still sending is. */
static void after_close_frame(struct ws *w)
{
	if (wslay_event_get_close_received(w->frames)) {
		drop(w);
	} else if (!wslay_event_want_read(w->frames)) {
		shut(w);
	}
}

/* Sends what waits, as far as it goes. */
static void flush(struct ws *w)
{
	if (w->dead || w->shut)
		return;
	if (wslay_event_want_write(w->frames) && wslay_event_send(w->frames) != 0) {
		drop(w);
		return;
	}
	count_queued(w);
	watch(w, wslay_event_want_write(w->frames) != 0);
	if (w->closing == 0 && !wslay_event_want_read(w->frames))
		w->closing = now_ms(); /* wslay has seen a close frame, or a fault */
	if (wslay_event_get_close_sent(w->frames))
		after_close_frame(w);
}

/* ---- what hooks do ---- */

static bool is_closing(const struct ws *w)
{
	return w->dead || w->shut || w->closing != 0;
}

void ws_send(struct ws *w, const char *text, size_t n)
{
	const struct wslay_event_msg m = {
		.opcode = WSLAY_TEXT_FRAME, .msg = (const uint8_t *)text, .msg_length = n};

	if (is_closing(w))
		return;
	if (wslay_event_queue_msg(w->frames, &m) != 0)
		drop(w);
	flush(w);
}

void ws_close(struct ws *w, int code, const char *reason)
{
	size_t n = reason == NULL ? 0 : strlen(reason);

	if (is_closing(w))
		return;
	w->closing = now_ms();
	if (wslay_event_queue_close(w->frames, (uint16_t)code, (const uint8_t *)reason,
								n < REASON_MAX ? n : REASON_MAX) != 0)
		drop(w);
	flush(w);
}

/* ---- what comes in ---- */

static void on_message(wslay_event_context_ptr frames, const struct wslay_event_on_msg_recv_arg *m,
					   void *user)
{
	struct ws *w = user;

	(void)frames;
	if (is_closing(w))
		return;
	if (m->opcode == WSLAY_BINARY_FRAME)
		ws_close(w, WS_UNSUPPORTED, "Messages are JSON text");
	else if (m->opcode == WSLAY_TEXT_FRAME)
		w->server->hooks.message(w->server->hooks.hub, w, (const char *)m->msg, m->msg_length);
}

/* A close frame with half a code (5.5.1). */
static void on_frame(wslay_event_context_ptr frames,
					 const struct wslay_event_on_frame_recv_start_arg *f, void *user)
{
	struct ws *w = user;

	(void)frames;
	w->odd |= f->opcode == WSLAY_CONNECTION_CLOSE && f->payload_length == 1;
}

/* Throws away what comes behind the end. */
static void discard(struct ws *w)
{
	char bytes[4096];
	ssize_t n = recv(w->socket.fd, bytes, sizeof bytes, 0);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		drop(w);
}

/* wslay gives up on a frame that it cannot take apart without a word to the peer. Unless something
 * is half sent, the word is ours. */
static void refuse_frame(struct ws *w)
{
	static const char close_1002[] = {(char)0x88, 2, 1002 >> 8, (char)(1002 & 0xff)};

	if (w->broken || w->writing || is_closing(w) ||
		send(w->socket.fd, close_1002, sizeof close_1002, MSG_NOSIGNAL) < 0) {
		drop(w);
		return;
	}
	w->closing = now_ms();
	shut(w);
}

static void read_some(struct ws *w)
{
	if (w->dead)
		return;
	if (w->shut) {
		discard(w);
		return;
	}
	w->heard = now_ms();
	w->pinged = 0;
	w->turn = TURN;
	if (wslay_event_recv(w->frames) != 0 || w->odd) {
		refuse_frame(w);
		return;
	}
	flush(w);
}

/* ---- new sockets ---- */

static bool enlist(struct ws *w)
{
	static const struct wslay_event_callbacks callbacks = {.recv_callback = on_read,
														   .send_callback = on_write,
														   .on_frame_recv_start_callback = on_frame,
														   .on_msg_recv_callback = on_message};
	struct ws_server *s = w->server;
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = w};

	if (ws_count(s) >= s->options.max_sockets)
		return false;
	if (wslay_event_context_server_init(&w->frames, &callbacks, w) != 0)
		return false;
	wslay_event_config_set_max_recv_msg_length(w->frames, s->options.max_message);
	if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, w->socket.fd, &e) == 0)
		return true;
	wslay_event_context_free(w->frames);
	return false;
}

static void adopt(struct ws_server *s, struct job *j)
{
	struct ws *w = calloc(1, sizeof *w);

	if (w == NULL)
		abort();
	w->server = s;
	w->socket = j->socket;
	w->heard = now_ms();
	if (s->stopping != 0 || !enlist(w)) {
		s->hooks.opened(s->hooks.hub, NULL, j->arg);
		http_socket_close(&w->socket);
		free(w);
		return;
	}
	w->next = s->sockets;
	if (w->next != NULL)
		w->next->prev = w;
	s->sockets = w;
	atomic_fetch_add(&s->n, 1);
	w->user = s->hooks.opened(s->hooks.hub, w, j->arg);
	w->told = w->user != NULL;
	if (!w->told)
		ws_close(w, WS_POLICY, NULL);
	read_some(w);
}

/* ---- the thread ---- */

static void post(struct ws_server *s, struct job *j)
{
	uint64_t one = 1;

	pthread_mutex_lock(&s->lock);
	*s->last = j;
	s->last = &j->next;
	pthread_mutex_unlock(&s->lock);
	if (write(s->wake, &one, sizeof one) < 0)
		log_warning("cannot wake the WebSockets' thread: %m");
}

static struct job *new_job(void (*fn)(void *hub, void *arg), void *arg)
{
	struct job *j = calloc(1, sizeof *j);

	if (j == NULL)
		abort();
	j->fn = fn;
	j->arg = arg;
	return j;
}

void ws_post(struct ws_server *s, void (*fn)(void *hub, void *arg), void *arg)
{
	post(s, new_job(fn, arg));
}

void ws_adopt(struct ws_server *s, const struct http_socket *socket, void *arg)
{
	struct job *j = new_job(NULL, arg);

	j->socket = *socket;
	post(s, j);
}

static void run_jobs(struct ws_server *s)
{
	struct job *list, *next;

	pthread_mutex_lock(&s->lock);
	list = s->first;
	s->first = NULL;
	s->last = &s->first;
	if (s->stop && s->stopping == 0)
		s->stopping = now_ms();
	pthread_mutex_unlock(&s->lock);
	if (list != NULL)
		s->idle_ticks = true; /* the next tick tells */
	for (; list != NULL; list = next) {
		next = list->next;
		if (list->fn != NULL)
			list->fn(s->hooks.hub, list->arg);
		else
			adopt(s, list);
		free(list);
	}
}

static void look_after(struct ws *w, int64_t now)
{
	const struct ws_options *o = &w->server->options;
	static const struct wslay_event_msg ping = {.opcode = WSLAY_PING};

	if (w->closing != 0) {
		if (now - w->closing >= o->close_ms)
			drop(w);
	} else if (w->pinged != 0 && now - w->pinged >= o->ping_ms) {
		log_debug("a WebSocket that does not answer is dropped");
		drop(w);
	} else if (w->pinged == 0 && now - w->heard >= o->ping_ms) {
		w->pinged = now;
		if (wslay_event_queue_msg(w->frames, &ping) != 0)
			drop(w);
		flush(w);
	}
}

static void close_all(struct ws_server *s)
{
	for (struct ws *w = s->sockets; w != NULL; w = w->next)
		ws_close(w, WS_GOING_AWAY, "The server is stopping");
}

static void tick(struct ws_server *s)
{
	int64_t now = now_ms();

	if (now - s->ticked < TICK_MS && s->stopping == 0)
		return;
	s->ticked = now;
	if (s->stopping != 0)
		close_all(s);
	for (struct ws *w = s->sockets; w != NULL; w = w->next)
		look_after(w, now);
	s->idle_ticks = s->hooks.tick(s->hooks.hub, now);
}

static int patience(const struct ws_server *s)
{
	int64_t left;

	if (s->sockets == NULL && !s->idle_ticks)
		return -1;
	left = s->ticked + (s->stopping != 0 ? TICK_MS / 20 : TICK_MS) - now_ms();
	return left < 0 ? 0 : (int)left;
}

static void *run(void *arg)
{
	struct ws_server *s = arg;
	struct epoll_event events[EVENTS];
	uint64_t ignored;

	s->ticked = now_ms();
	while (s->stopping == 0 || s->sockets != NULL) {
		int n = epoll_wait(s->epoll, events, EVENTS, patience(s));

		for (int i = 0; i < n; i++) {
			struct ws *w = events[i].data.ptr;

			if (w == NULL) {
				if (read(s->wake, &ignored, sizeof ignored) < 0)
					log_debug("the WebSockets' thread was woken for nothing");
			} else if ((events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) {
				read_some(w);
			} else {
				flush(w);
			}
		}
		run_jobs(s);
		tick(s);
		reap(s);
	}
	return NULL;
}

/* ---- start and stop ---- */

static bool start_thread(struct ws_server *s)
{
	struct epoll_event e = {.events = EPOLLIN};
	sigset_t all, before;
	int rc;

	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->epoll < 0 || s->wake < 0 || epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->wake, &e) != 0)
		return false;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the main thread's */
	rc = pthread_create(&s->thread, NULL, run, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc != 0)
		return false;
	pthread_setname_np(s->thread, "websockets");
	return true;
}

static void release(struct ws_server *s)
{
	if (s->epoll >= 0)
		close(s->epoll);
	if (s->wake >= 0)
		close(s->wake);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

int ws_start(const struct ws_options *o, const struct ws_hooks *hooks, struct error *error,
			 struct ws_server **out)
{
	struct ws_server *s = calloc(1, sizeof *s);

	if (s == NULL)
		abort();
	s->options = *o;
	s->hooks = *hooks;
	s->last = &s->first;
	pthread_mutex_init(&s->lock, NULL);
	if (!start_thread(s)) {
		release(s);
		return fail(&(struct { struct error *error; }){error}, E_UNAVAILABLE,
					"no thread for WebSockets can be started");
	}
	*out = s;
	return OK;
}

void ws_stop(struct ws_server *s)
{
	uint64_t one = 1;

	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_mutex_unlock(&s->lock);
	if (write(s->wake, &one, sizeof one) < 0)
		log_warning("cannot wake the WebSockets' thread: %m");
	pthread_join(s->thread, NULL);
}

void ws_free(struct ws_server *s)
{
	if (s == NULL)
		return;
	run_jobs(s); /* what came behind the end */
	release(s);
}

/*
 * http_guard: the time that a client may take, which the library bounds by idleness only, and
 * lingering.
 *
 * A client that sends a byte now and then is never idle. So one thread looks at every connection
 * about once a second: the loop has noted in conn->state what the connection does and since when,
 * the kernel knows how many bytes went through its socket (TCP_INFO). From both follow the
 * deadlines of a head, of a body and of a reply's sending. A breach shuts the socket down; the loop
 * then finds it closed and does the rest. The socket cannot be closed and reused meanwhile: the
 * guard holds the loop's lock, which guard_notify needs before the library closes it.
 *
 * A connection that was answered before its body was read must not simply be closed: the kernel
 * would answer the bytes still to come with a reset, and the client, busy sending, would never read
 * the reply. So the guard keeps a duplicate of the socket open and throws away what comes, within
 * bounds.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/tcp.h> /* the C library's tcp_info lacks the byte counts */
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "io/http_private.h"

enum { LINGER_MAX = 256, LINGER_READ = 1 << 20, PHASE_BITS = 3, WORK_WARNING_MS = 120 * 1000 };

struct drain {
	int fd;
	int64_t since, heard; /* ms */
	int64_t bytes;
};

struct guard {
	struct http *http;
	pthread_t thread;
	int wake; /* eventfd */
	pthread_mutex_t lock;
	bool stop;
	struct drain fresh[LINGER_MAX]; /* handed over by the loops, under lock */
	size_t n_fresh;
	struct drain drains[LINGER_MAX]; /* the thread's own */
	size_t n_drains;
};

static int64_t now_ms(void)
{
	return clock_monotonic() / 1000;
}

void conn_enter(struct conn *c, enum conn_phase phase)
{
	uint64_t state = (uint64_t)clock_monotonic() << PHASE_BITS | phase;

	atomic_store_explicit(&c->state, state, memory_order_relaxed);
}

/* ---- deadlines ---- */

/* Bytes that went through the socket in the direction that the phase is about. */
static uint64_t moved_bytes(int fd, enum conn_phase phase)
{
	struct tcp_info info = {0};
	socklen_t size = sizeof info;

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
		return 0;
	return phase == CONN_SEND ? info.tcpi_bytes_acked : info.tcpi_bytes_received;
}

static bool too_slow(const struct http_tuning *t, int64_t elapsed, int64_t moved)
{
	return elapsed > t->grace_ms && moved < t->min_rate * elapsed / 1000;
}

/* A thread works for the request; all we can do is tell, once, that it takes long. */
static void note_slow_work(struct conn *c, uint64_t state, int64_t elapsed)
{
	if (elapsed < WORK_WARNING_MS || c->seen == state)
		return;
	c->seen = state;
	log_warning("a request from %s has waited %d s for its reply", c->peer, WORK_WARNING_MS / 1000);
}

static bool is_late(struct conn *c, int64_t now)
{
	const struct http_tuning *t = &c->loop->http->tuning;
	uint64_t state = atomic_load_explicit(&c->state, memory_order_relaxed), bytes;
	enum conn_phase phase = (enum conn_phase)(state & ((1 << PHASE_BITS) - 1));
	int64_t elapsed = now - (int64_t)(state >> PHASE_BITS) / 1000, moved;

	if (phase == CONN_WORK) {
		note_slow_work(c, state, elapsed);
		return false;
	}
	if (phase == CONN_STREAM)
		return false; /* may be silent for long; who writes it looks after its reader */
	bytes = moved_bytes(c->fd, phase);
	if (state != c->seen) {
		c->mark = bytes;
		c->seen = state;
		c->head_since = 0;
	}
	moved = (int64_t)(bytes - c->mark);
	if (phase == CONN_HEAD) {
		if (moved > 0 && c->head_since == 0)
			c->head_since = now;
		return c->head_since != 0 && now - c->head_since > t->head_ms;
	}
	if (phase == CONN_BODY && elapsed > t->body_ms + moved * 1000 / t->body_pace)
		return true;
	return too_slow(t, elapsed, moved);
}

static void sweep(struct http *h)
{
	for (int i = 0; i < h->n_loops; i++) {
		struct loop *l = &h->loops[i];
		int64_t now = now_ms();

		pthread_mutex_lock(&l->lock);
		for (struct conn *c = l->conns; c != NULL; c = c->next)
			if (is_late(c, now)) {
				log_debug("closing a connection from %s that is too slow", c->peer);
				shutdown(c->fd, SHUT_RDWR);
			}
		pthread_mutex_unlock(&l->lock);
	}
}

void guard_cut_all(struct http *h)
{
	for (int i = 0; i < h->n_loops; i++) {
		struct loop *l = &h->loops[i];

		pthread_mutex_lock(&l->lock);
		for (struct conn *c = l->conns; c != NULL; c = c->next) {
			uint64_t state = atomic_load_explicit(&c->state, memory_order_relaxed);

			if ((state & ((1 << PHASE_BITS) - 1)) != CONN_WORK)
				shutdown(c->fd, SHUT_RDWR);
		}
		pthread_mutex_unlock(&l->lock);
	}
}

/* ---- lingering ---- */

static void wake(struct guard *g)
{
	uint64_t one = 1;

	if (write(g->wake, &one, sizeof one) != (ssize_t)sizeof one)
		log_warning("cannot wake the guard thread: %m");
}

static void linger(struct guard *g, int fd)
{
	struct drain d = {.fd = dup(fd), .since = now_ms(), .heard = now_ms()};

	if (d.fd < 0)
		return;
	shutdown(d.fd, SHUT_WR);
	pthread_mutex_lock(&g->lock);
	if (g->n_fresh < LINGER_MAX) {
		g->fresh[g->n_fresh++] = d;
		d.fd = -1;
	}
	pthread_mutex_unlock(&g->lock);
	if (d.fd >= 0)
		close(d.fd);
	else
		wake(g);
}

static void adopt_fresh(struct guard *g)
{
	pthread_mutex_lock(&g->lock);
	for (size_t i = 0; i < g->n_fresh; i++) {
		if (g->n_drains < LINGER_MAX)
			g->drains[g->n_drains++] = g->fresh[i];
		else
			close(g->fresh[i].fd);
	}
	g->n_fresh = 0;
	pthread_mutex_unlock(&g->lock);
}

/* Throws away what has come. False: the connection is done with. */
static bool drain_some(struct drain *d, bool readable, const struct http_tuning *t, int64_t now)
{
	ssize_t n;

	if (now - d->since > t->linger_ms || now - d->heard > t->linger_gap_ms)
		return false;
	if (!readable)
		return true;
	n = recv(d->fd, NULL, LINGER_READ, MSG_TRUNC | MSG_DONTWAIT); /* tcp(7): discards */
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	d->heard = now;
	d->bytes += n;
	return n > 0 && d->bytes <= t->drain_max;
}

static void drain_all(struct guard *g, const struct pollfd *fds)
{
	int64_t now = now_ms();
	size_t kept = 0;

	for (size_t i = 0; i < g->n_drains; i++) {
		if (drain_some(&g->drains[i], fds[i].revents != 0, &g->http->tuning, now))
			g->drains[kept++] = g->drains[i];
		else
			close(g->drains[i].fd);
	}
	g->n_drains = kept;
}

/* ---- the thread ---- */

static bool is_stopped(struct guard *g)
{
	bool stop;

	pthread_mutex_lock(&g->lock);
	stop = g->stop;
	pthread_mutex_unlock(&g->lock);
	return stop;
}

static void *guard_run(void *arg)
{
	struct guard *g = arg;
	struct pollfd fds[LINGER_MAX + 1];
	int64_t next = now_ms() + g->http->tuning.sweep_ms, wait;
	uint64_t ignored;

	while (!is_stopped(g)) {
		adopt_fresh(g);
		for (size_t i = 0; i < g->n_drains; i++)
			fds[i] = (struct pollfd){.fd = g->drains[i].fd, .events = POLLIN};
		fds[g->n_drains] = (struct pollfd){.fd = g->wake, .events = POLLIN};
		wait = next - now_ms();
		poll(fds, (nfds_t)g->n_drains + 1, wait > 0 ? (int)wait : 0);
		if (fds[g->n_drains].revents != 0 && read(g->wake, &ignored, sizeof ignored) < 0)
			log_debug("guard thread woken for nothing: %m");
		drain_all(g, fds);
		if (now_ms() >= next) {
			sweep(g->http);
			if (g->http->hooks.tick != NULL)
				g->http->hooks.tick(g->http->hooks.arg);
			next = now_ms() + g->http->tuning.sweep_ms;
		}
	}
	return NULL;
}

struct guard *guard_start(struct http *h)
{
	struct guard *g = calloc(1, sizeof *g);

	if (g == NULL)
		return NULL;
	g->http = h;
	g->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&g->lock, NULL);
	if (g->wake >= 0 && pthread_create(&g->thread, NULL, guard_run, g) == 0)
		return g;
	if (g->wake >= 0)
		close(g->wake);
	pthread_mutex_destroy(&g->lock);
	free(g);
	return NULL;
}

void guard_stop(struct guard *g)
{
	if (g == NULL)
		return;
	pthread_mutex_lock(&g->lock);
	g->stop = true;
	pthread_mutex_unlock(&g->lock);
	wake(g);
	pthread_join(g->thread, NULL);
	adopt_fresh(g);
	for (size_t i = 0; i < g->n_drains; i++)
		close(g->drains[i].fd);
	close(g->wake);
	pthread_mutex_destroy(&g->lock);
	free(g);
}

/* ---- connections coming and going ---- */

static void print_peer(const struct sockaddr *addr, char out[INET6_ADDRSTRLEN])
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)addr;
	const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)addr;

	if (addr->sa_family == AF_INET)
		inet_ntop(AF_INET, &four->sin_addr, out, INET6_ADDRSTRLEN);
	else if (addr->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
		inet_ntop(AF_INET, &six->sin6_addr.s6_addr[12], out, INET6_ADDRSTRLEN);
	else if (addr->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &six->sin6_addr, out, INET6_ADDRSTRLEN);
}

static struct conn *conn_open(struct loop *l, struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *fd =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
	const union MHD_ConnectionInfo *addr =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct conn *c = calloc(1, sizeof *c);

	if (c == NULL)
		abort();
	c->loop = l;
	c->fd = fd->connect_fd;
	print_peer(addr->client_addr, c->peer);
	conn_enter(c, CONN_HEAD);
	c->seen = c->state; /* with mark 0: even bytes that came before the guard's first look count */
	pthread_mutex_lock(&l->lock);
	c->next = l->conns;
	if (c->next != NULL)
		c->next->prev = c;
	l->conns = c;
	pthread_mutex_unlock(&l->lock);
	atomic_fetch_add(&l->http->connections, 1);
	return c;
}

static void conn_close(struct conn *c)
{
	struct loop *l = c->loop;

	pthread_mutex_lock(&l->lock);
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		l->conns = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	pthread_mutex_unlock(&l->lock);
	if (c->linger)
		linger(l->http->guard, c->fd);
	atomic_fetch_sub(&l->http->connections, 1);
	free(c);
}

void guard_notify(void *cls, struct MHD_Connection *c, void **socket_ctx,
				  enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*socket_ctx = conn_open(cls, c);
	} else if (*socket_ctx != NULL) {
		conn_close(*socket_ctx);
		*socket_ctx = NULL;
	}
}

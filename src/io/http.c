/*
 * http: start and stop. See http.h.
 *
 * One library daemon for each loop, each with one thread and its own listening socket. The stop
 * goes in steps: nothing new is accepted; requests under way end, their replies close the
 * connection; then no new request is let in from connections that are still open; who still sends
 * or reads is cut; and only when no request is known to the hooks any more, and no thread is inside
 * http_reply, the daemons are stopped, for the library allows no suspended connection then.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "io/http_private.h"

/* A connection that has served a request keeps this much as long as it is open. The request's head,
 * what the library notes of it and the reply's head must fit in together. */
enum { CONN_MEMORY = HTTP_HEAD_MAX + 8 * 1024, PEM_MAX = 1 << 20 };

static const char tls_priorities[] =
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:"
	"-CIPHER-ALL:+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305:-MAC-ALL:+AEAD:%SERVER_PRECEDENCE";

const struct http_tuning http_tuning_default = {
	.head_ms = 10 * 1000,
	.body_ms = 300 * 1000,
	.body_pace = 64 * 1024,
	.grace_ms = 20 * 1000,
	.min_rate = 1024,
	.sweep_ms = 1000,
	.linger_ms = 30 * 1000,
	.linger_gap_ms = 5 * 1000,
	.drain_small = 64 * 1024,
	.drain_max = 256 << 20,
};

/* ---- the library's log ---- */

static _Thread_local char last_message[200];

__attribute__((format(printf, 2, 0))) static void take_message(void *cls, const char *fmt,
															   va_list ap)
{
	(void)cls;
	vsnprintf(last_message, sizeof last_message, fmt, ap);
	last_message[strcspn(last_message, "\n")] = '\0';
	log_debug("%s", last_message);
}

/* ---- start ---- */

struct starting {
	struct error *error;
	const struct http_options *o;
	struct http *h;
};

static void close_file(FILE **f)
{
	if (*f != NULL)
		fclose(*f);
}

static int read_pem(struct starting *s, const char *path, char **out)
{
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	char *text;
	size_t n;

	if (f == NULL)
		return fail(s, E_RULE, "Cannot read %s: %s.", path, strerror(errno));
	text = calloc(1, PEM_MAX + 1);
	if (text == NULL)
		return fail(s, E_INTERNAL, "Out of memory.");
	n = fread(text, 1, PEM_MAX + 1, f);
	*out = text;
	return n > 0 && n <= PEM_MAX ? OK : fail(s, E_RULE, "%s is no PEM file.", path);
}

static int start_loop(struct starting *s, struct loop *l)
{
	struct http *h = s->h;
	const int max = s->o->max_connections > 0 ? s->o->max_connections : 1000;
	const unsigned limit = (unsigned)((max + h->n_loops - 1) / h->n_loops);
	const unsigned idle = s->o->idle_timeout > 0 ? (unsigned)s->o->idle_timeout : 60;
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE |
					 MHD_USE_ITC | MHD_USE_ERROR_LOG | (h->tls ? MHD_USE_TLS : 0);
	struct MHD_OptionItem tls[] = {
		{MHD_OPTION_HTTPS_MEM_CERT, 0, h->cert},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, h->key},
		{MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)tls_priorities},
		{MHD_OPTION_END, 0, NULL},
	};
	struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};

	last_message[0] = '\0';
	l->daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, exchange_handle, l, MHD_OPTION_EXTERNAL_LOGGER, take_message, NULL,
		MHD_OPTION_LISTEN_SOCKET, l->listen_fd, MHD_OPTION_CONNECTION_LIMIT, limit,
		MHD_OPTION_CONNECTION_TIMEOUT, idle, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)CONN_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_CONNECTION,
		guard_notify, l, MHD_OPTION_NOTIFY_COMPLETED, exchange_completed, l,
		MHD_OPTION_URI_LOG_CALLBACK, exchange_uri, l, MHD_OPTION_ARRAY, h->tls ? tls : none,
		MHD_OPTION_END);
	if (l->daemon == NULL)
		return fail(s, E_RULE, "The server cannot start%s: %s",
					h->tls ? " (is the certificate good?)" : "", last_message);
	return OK;
}

int http_loops(const struct http_options *o)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (o->loops > 0)
		return o->loops < HTTP_LOOPS_MAX ? o->loops : HTTP_LOOPS_MAX;
	return cpus < 1 ? 1 : cpus > 4 ? 4 : (int)cpus;
}

static int open_sockets(struct starting *s)
{
	struct http *h = s->h;
	int fds[HTTP_LOOPS_MAX];

	TRY(listen_open(s->o->host, s->o->port, h->n_loops, s->error, fds, &h->port));
	for (int i = 0; i < h->n_loops; i++)
		h->loops[i].listen_fd = fds[i];
	return OK;
}

static int start_all(struct starting *s)
{
	struct http *h = s->h;

	if (h->tls) {
		TRY(read_pem(s, s->o->tls_cert, &h->cert));
		TRY(read_pem(s, s->o->tls_key, &h->key));
	}
	TRY(open_sockets(s));
	h->guard = guard_start(h);
	if (h->guard == NULL)
		return fail(s, E_INTERNAL, "Cannot start a thread.");
	for (int i = 0; i < h->n_loops; i++)
		TRY(start_loop(s, &h->loops[i]));
	return OK;
}

static void free_all(struct http *h)
{
	for (int i = 0; i < h->n_loops; i++) {
		if (h->loops[i].daemon != NULL)
			MHD_stop_daemon(h->loops[i].daemon);
		if (h->loops[i].listen_fd >= 0)
			close(h->loops[i].listen_fd);
	}
	guard_stop(h->guard);
	for (int i = 0; i < h->n_loops; i++)
		pthread_mutex_destroy(&h->loops[i].lock);
	if (h->key != NULL)
		explicit_bzero(h->key, PEM_MAX);
	free(h->key);
	free(h->cert);
	free(h);
}

int http_start_tuned(const struct http_options *o, const struct http_tuning *t,
					 const struct http_hooks *hooks, struct error *error, struct http **out)
{
	struct starting s = {.error = error, .o = o, .h = calloc(1, sizeof *s.h)};
	sigset_t all, before;
	int rc;

	if (s.h == NULL)
		return fail(&s, E_INTERNAL, "Out of memory.");
	s.h->hooks = *hooks;
	s.h->tuning = *t;
	s.h->tls = o->tls_cert != NULL && o->tls_key != NULL;
	s.h->n_loops = http_loops(o);
	for (int i = 0; i < s.h->n_loops; i++) {
		s.h->loops[i].http = s.h;
		s.h->loops[i].listen_fd = -1;
		pthread_mutex_init(&s.h->loops[i].lock, NULL);
	}
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the main thread's */
	*out = s.h; /* before the first request, whose handler may ask for it */
	rc = start_all(&s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc < 0) {
		*out = NULL;
		free_all(s.h);
	}
	return rc;
}

int http_start(const struct http_options *o, const struct http_hooks *hooks, struct error *error,
			   struct http **out)
{
	struct http_tuning t = http_tuning_default;

	if (o->head_timeout > 0)
		t.head_ms = o->head_timeout * INT64_C(1000);
	if (o->body_timeout > 0)
		t.body_ms = o->body_timeout * INT64_C(1000);
	return http_start_tuned(o, &t, hooks, error, out);
}

int http_port(const struct http *h)
{
	return h->port;
}

int http_connections(const struct http *h)
{
	return atomic_load(&h->connections);
}

/* ---- stop ---- */

/* Waits until no request is under way; false if that lasts longer than ms (negative: for ever). */
static bool wait_idle(struct http *h, int64_t ms)
{
	const struct timespec pause = {.tv_nsec = 2 * 1000 * 1000};
	const int64_t until = clock_monotonic() + ms * 1000;

	while (atomic_load(&h->active) > 0) {
		if (ms >= 0 && clock_monotonic() >= until)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

void http_stop(struct http *h, int seconds)
{
	if (h == NULL)
		return;
	atomic_store(&h->stopping, true);
	for (int i = 0; i < h->n_loops; i++) {
		MHD_quiesce_daemon(h->loops[i].daemon);
		/* Who comes now is refused at once, not left waiting for an accept that never comes. The
		 * descriptor must stay: the library may still know it. */
		shutdown(h->loops[i].listen_fd, SHUT_RDWR);
	}
	if (!wait_idle(h, seconds * INT64_C(1000)))
		log_warning("requests still under way after %d s: connections are cut", seconds);
	atomic_store(&h->refusing, true);
	guard_cut_all(h);
	wait_idle(h, -1); /* threads that work for a request need its memory until they have replied */
	free_all(h);
}

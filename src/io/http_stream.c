/*
 * See http_stream.h. The loop takes from the buffer in the library's callback; where there is
 * nothing to take, the connection is suspended until a writer resumes it. Writer and loop leave in
 * either order: who leaves second ends the exchange and frees the stream.
 */
#include "io/http_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "io/http_private.h"

enum { BLOCK = 16 * 1024, KEEP = 4 * 1024 };

struct http_stream {
	pthread_mutex_t lock;
	pthread_cond_t room;
	struct request *r; /* NULL until the reply is given */
	char *p;           /* n bytes wait from p + first */
	size_t first, n, size, max;
	uint64_t taken; /* bytes that the loop took */
	int64_t waited; /* microseconds that writers waited for room */
	bool asleep;    /* the connection is suspended */
	bool left;      /* by the writer */
	bool broken;    /* the reply must not look whole */
	bool gone;      /* the exchange is over */
	int fd;         /* what waits is in this file; -1: in p */
	int64_t total;  /* bytes of the body, if it is; the first put of them are there */
	int64_t put;
};

struct http_stream *http_stream_new(size_t max)
{
	struct http_stream *s = calloc(1, sizeof *s);
	pthread_condattr_t attr;

	if (s == NULL)
		abort();
	s->max = max;
	s->fd = -1;
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->room, &attr);
	pthread_condattr_destroy(&attr);
	return s;
}

struct http_stream *http_stream_new_file(int fd, int64_t size)
{
	struct http_stream *s = http_stream_new(0);

	s->fd = fd;
	s->total = size;
	return s;
}

static void stream_free(struct http_stream *s)
{
	if (s->fd >= 0)
		close(s->fd);
	pthread_cond_destroy(&s->room);
	pthread_mutex_destroy(&s->lock);
	free(s->p);
	free(s);
}

/* ---- the loop's side ---- */

static size_t take(struct http_stream *s, char *out, size_t max)
{
	size_t n = s->n < max ? s->n : max;

	memcpy(out, s->p + s->first, n);
	s->first += n;
	s->n -= n;
	s->taken += n;
	if (s->n == 0) {
		s->first = 0;
		if (s->size > KEEP) {
			free(s->p);
			s->p = NULL;
			s->size = 0;
		}
	}
	pthread_cond_broadcast(&s->room);
	return n;
}

static bool has_bytes(const struct http_stream *s, int64_t pos)
{
	return s->fd >= 0 ? s->put > pos : s->n > 0;
}

/* From the file at pos. */
static ssize_t take_file(struct http_stream *s, int64_t pos, char *out, size_t max)
{
	ssize_t n;

	if ((int64_t)max > s->put - pos)
		max = (size_t)(s->put - pos);
	do
		n = pread(s->fd, out, max, pos);
	while (n < 0 && errno == EINTR);
	return n > 0 ? n : MHD_CONTENT_READER_END_WITH_ERROR;
}

static ssize_t produce(void *cls, uint64_t pos, char *out, size_t max)
{
	struct http_stream *s = cls;
	ssize_t got = 0;

	pthread_mutex_lock(&s->lock);
	if (s->broken) {
		got = MHD_CONTENT_READER_END_WITH_ERROR;
	} else if (has_bytes(s, (int64_t)pos)) {
		got = s->fd >= 0 ? take_file(s, (int64_t)pos, out, max) : (ssize_t)take(s, out, max);
	} else if (s->left) {
		got = MHD_CONTENT_READER_END_OF_STREAM;
	} else {
		s->asleep = true;
		MHD_suspend_connection(s->r->mhd);
	}
	pthread_mutex_unlock(&s->lock);
	return got;
}

/* To a HEAD the library would send the end of a chunked body, which the client took for the
 * beginning of the next reply; not chunked, the connection's end is the body's. */
struct MHD_Response *stream_response(struct http_stream *s, struct request *r)
{
	struct MHD_Response *response;

	pthread_mutex_lock(&s->lock);
	s->r = r;
	pthread_mutex_unlock(&s->lock);
	if (s->fd >= 0)
		return MHD_create_response_from_callback((uint64_t)s->total, BLOCK, produce, s, NULL);
	response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, produce, s, NULL);
	if (response != NULL && strcmp(r->x.method, "HEAD") == 0)
		MHD_set_response_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
	return response;
}

bool stream_over(struct http_stream *s)
{
	bool last;

	pthread_mutex_lock(&s->lock);
	s->gone = true;
	s->r->mhd = NULL;
	last = s->left;
	pthread_cond_broadcast(&s->room);
	pthread_mutex_unlock(&s->lock);
	if (last)
		stream_free(s);
	return last;
}

/* ---- the writers' side ---- */

static void wake(struct http_stream *s)
{
	if (!s->asleep)
		return;
	s->asleep = false;
	MHD_resume_connection(s->r->mhd);
}

/* The connection lives as long as the exchange is not over, which our lock holds off. */
static void cut(struct http_stream *s)
{
	s->broken = true;
	if (s->gone || s->r == NULL)
		return;
	shutdown(s->r->conn->fd, SHUT_RDWR);
	wake(s);
}

static void make_space(struct http_stream *s, size_t n)
{
	size_t size = s->size > 0 ? s->size : KEEP;

	if (s->first > 0)
		memmove(s->p, s->p + s->first, s->n);
	s->first = 0;
	while (size < s->n + n)
		size *= 2;
	if (size == s->size)
		return;
	s->p = realloc(s->p, size);
	if (s->p == NULL)
		abort();
	s->size = size;
}

static void append(struct http_stream *s, const char *p, size_t n)
{
	if (s->first + s->n + n > s->size)
		make_space(s, n);
	memcpy(s->p + s->first + s->n, p, n);
	s->n += n;
	wake(s);
}

static bool too_slow(const struct http_stream *s)
{
	const struct http_tuning *t = &s->r->http->tuning;

	return s->waited > t->grace_ms * 1000 &&
		   s->taken < (uint64_t)(t->min_rate * s->waited / CLOCK_SECOND);
}

/* Waits until some room is there, until at most. */
static int wait_room(struct http_stream *s, int64_t until)
{
	const struct timespec at = {.tv_sec = until / CLOCK_SECOND,
								.tv_nsec = until % CLOCK_SECOND * 1000};
	int64_t begun = clock_monotonic();
	int rc = 0;

	while (!s->gone && !s->broken && s->n == s->max && rc == 0)
		rc = pthread_cond_timedwait(&s->room, &s->lock, &at);
	s->waited += clock_monotonic() - begun;
	if (too_slow(s))
		cut(s);
	if (s->gone || s->broken)
		return E_GONE;
	return s->n < s->max ? OK : E_TIMEOUT;
}

static int write_waiting(struct http_stream *s, const char *p, size_t n, int64_t until)
{
	while (n > 0) {
		size_t some;

		if (s->gone || s->broken)
			return E_GONE;
		if (s->n == s->max)
			TRY(wait_room(s, until));
		some = n < s->max - s->n ? n : s->max - s->n;
		append(s, p, some);
		p += some;
		n -= some;
	}
	return OK;
}

static int write_at_once(struct http_stream *s, const char *p, size_t n)
{
	if (s->gone || s->broken)
		return E_GONE;
	if (n > s->max - s->n)
		return E_LIMIT;
	append(s, p, n);
	return OK;
}

/* The lock is not held while the disk works: there is one writer, and the bytes count once they are
 * there. */
static int write_file(struct http_stream *s, const char *p, size_t n)
{
	bool over;

	if ((int64_t)n > s->total - s->put)
		return E_UNAVAILABLE;
	for (size_t at = 0; at < n;) {
		ssize_t k = pwrite(s->fd, p + at, n - at, s->put + (int64_t)at);

		if (k <= 0 && (k == 0 || errno != EINTR))
			return E_UNAVAILABLE;
		at += k < 0 ? 0 : (size_t)k;
	}
	pthread_mutex_lock(&s->lock);
	over = s->gone || s->broken;
	s->put += (int64_t)n;
	if (!over)
		wake(s);
	pthread_mutex_unlock(&s->lock);
	return over ? E_GONE : OK;
}

int http_stream_write(struct http_stream *s, const void *p, size_t n, int64_t wait_ms)
{
	int rc;

	if (s->fd >= 0)
		return write_file(s, p, n);
	pthread_mutex_lock(&s->lock);
	rc = wait_ms > 0 ? write_waiting(s, p, n, clock_monotonic() + wait_ms * 1000)
					 : write_at_once(s, p, n);
	pthread_mutex_unlock(&s->lock);
	return rc;
}

static void leave(struct http_stream *s, bool broken)
{
	struct request *r;
	bool last;

	pthread_mutex_lock(&s->lock);
	r = s->r;
	s->left = true;
	if (broken)
		cut(s);
	last = s->gone;
	if (!last && s->fd >= 0)
		conn_enter(s->r->conn, CONN_SEND); /* what is left is up to the reader */
	if (!last)
		wake(s);
	pthread_mutex_unlock(&s->lock);
	if (!last)
		return;
	stream_free(s);
	exchange_end(r, false);
}

void http_stream_end(struct http_stream *s)
{
	leave(s, false);
}

void http_stream_cut(struct http_stream *s)
{
	leave(s, true);
}

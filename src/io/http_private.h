/*
 * http_private: what the files of the HTTP server share. Nobody outside src/io includes it.
 *
 * A struct conn belongs to its loop's list from the library's "started" to its "closed" notice; a
 * struct request lives from the request line to the end of the reply. The loop thread owns both;
 * the members marked atomic are also touched by the guard thread (conn) or by a replying thread
 * (request).
 */
#pragma once
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/text.h"
#include "io/http.h"
#include "io/http_stream.h"
#include "io/multipart.h"

/* Everything that the tests want smaller. Times in milliseconds, sizes in bytes. */
struct http_tuning {
	int64_t head_ms;       /* from a head's first byte to its end */
	int64_t body_ms;       /* for a body, and more for what came faster than body_pace */
	int64_t body_pace;     /* bytes a second that earn a long body more time */
	int64_t grace_ms;      /* after this, body and reply must have moved at least … */
	int64_t min_rate;      /* … bytes a second on average */
	int64_t sweep_ms;      /* how often the guard looks */
	int64_t linger_ms;     /* how long a closed connection's rest is read, in all … */
	int64_t linger_gap_ms; /* … and without a byte */
	int64_t drain_small;   /* a refused body up to this is read before the reply, keeping the
							  connection */
	int64_t drain_max;     /* no more than this is read of a refused body */
};

extern const struct http_tuning http_tuning_default;

/* As http_start, with every time and size given. */
int http_start_tuned(const struct http_options *o, const struct http_tuning *t,
					 const struct http_hooks *hooks, struct error *error, struct http **out);

enum { HTTP_PAIRS_MAX = 200, HTTP_HEAD_MAX = 16 * 1024 };

/* What a connection is busy with; the guard's deadlines follow from it. */
enum conn_phase { CONN_HEAD, CONN_BODY, CONN_WORK, CONN_SEND, CONN_STREAM };

struct conn {
	struct conn *prev, *next; /* in loop->conns, under loop->lock */
	struct loop *loop;
	int fd;
	_Atomic uint64_t state; /* monotonic us << 3 | phase, see conn_enter */
	uint64_t seen;          /* guard: the state it knows … */
	uint64_t mark;          /* … the socket's byte count then … */
	int64_t head_since;     /* … and when a head was first seen to begin */
	bool linger;            /* loop: replied before the body was read */
	char peer[INET6_ADDRSTRLEN];
};

struct loop {
	struct http *http;
	struct MHD_Daemon *daemon;
	int listen_fd;
	pthread_mutex_t lock;
	struct conn *conns;
};

struct guard;

struct http {
	struct http_hooks hooks;
	struct http_tuning tuning;
	int port;
	bool tls;
	char *cert, *key;
	struct loop loops[HTTP_LOOPS_MAX];
	int n_loops;
	struct guard *guard;
	atomic_int connections;
	atomic_int active;    /* requests known to the hooks, and threads inside http_reply */
	atomic_bool stopping; /* replies close their connection */
	atomic_bool refusing; /* no new request reaches the hooks */
};

enum request_phase {
	REQ_HEAD,  /* the head is being judged, perhaps by another thread */
	REQ_EARLY, /* refused before the body: waits for the reply, then closes */
	REQ_BODY,  /* the body comes */
	REQ_READY, /* the hooks have it all: waits for the reply */
};

/* Whether the loop waits for another thread. */
enum gate { GATE_OPEN, GATE_WAITING, GATE_SIGNALLED };

struct request {
	struct http_exchange x; /* first: the hooks' pointer is ours */
	struct http *http;
	struct conn *conn;
	struct MHD_Connection *mhd;
	const char *uri_end; /* in the library's buffer */
	char *uri;           /* as sent */
	enum request_phase phase;
	bool known; /* the hooks have seen it: done() is owed */
	bool chunked, expects;
	atomic_int gate;
	bool replied;
	int status;
	struct MHD_Response *response;
	struct http_stream *stream; /* of the reply, NULL: none */
	http_upgrade upgrade;       /* likewise */
	void *upgrade_arg;
	int64_t drained; /* body bytes that nobody wanted */
	/* http_body.c */
	struct buf text; /* a buffered or urlencoded body, or the field at hand */
	struct multipart *multipart;
	bool foreign; /* a form was wanted, the content type is another */
	int64_t form_bytes;
	size_t form_cap;
};

/* http_head.c: looks at the head once it is complete, fills method, path, query, content_type and
 * content_length. Returns NULL, or the sentence that refuses it; *status is then 400 or 431. */
const char *head_read(struct request *r, const char *method, const char *version, int *status);
/* Splits and decodes "a=1&b=%20"; invalid UTF-8 and NUL become U+FFFD. E_TOO_LARGE beyond
 * HTTP_PAIRS_MAX. */
int pairs_decode(struct arena *a, const char *s, size_t n, struct pairs *out);

/* http_body.c: what x->body_kind asks for. Faults go to x->body_error. */
void body_begin(struct request *r);
void body_data(struct request *r, const char *p, size_t n);
void body_end(struct request *r);
void body_free(struct request *r);

/* http_exchange.c: the library's callbacks; cls is the struct loop. */
void *exchange_uri(void *cls, const char *uri, struct MHD_Connection *c);
enum MHD_Result exchange_handle(void *cls, struct MHD_Connection *c, const char *url,
								const char *method, const char *version, const char *data,
								size_t *size, void **ctx);
void exchange_completed(void *cls, struct MHD_Connection *c, void **ctx,
						enum MHD_RequestTerminationCode code);

/* Tells the hooks that the exchange is over, and frees it. */
void exchange_end(struct request *r, bool sent);

/* http_stream.c: the library's response of a stream. */
struct MHD_Response *stream_response(struct http_stream *s, struct request *r);
/* Told that the library is done with the exchange. True if the writer has left too: the stream is
 * freed then; otherwise the writer ends the exchange. */
bool stream_over(struct http_stream *s);

/* http_upgrade.c: the library's response of a connection that leaves HTTP. */
struct MHD_Response *upgrade_response(struct request *r);

/* http_listen.c: *fds gets n listening sockets on one port. E_RULE with a sentence. */
int listen_open(const char *host, int port, int n, struct error *error, int *fds, int *port_out);

/* http_guard.c: the thread of deadlines and lingering. */
struct guard *guard_start(struct http *h);
void guard_stop(struct guard *g); /* after all loops have ended */
void guard_notify(void *cls, struct MHD_Connection *c, void **socket_ctx,
				  enum MHD_ConnectionNotificationCode code);
/* Tells the guard what the connection does from now on. */
void conn_enter(struct conn *c, enum conn_phase phase);
/* Ends every connection that no thread is working for. */
void guard_cut_all(struct http *h);

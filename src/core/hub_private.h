/* hub_private: what the hub's files share. */
#pragma once
#include <pthread.h>
#include <stdatomic.h>

#include "core/core.h"
#include "core/hub.h"
#include "io/http_stream.h"
#include "io/websocket.h"

enum { HUB_BUCKETS = 256 };

struct listener {
	struct listener *prev, *next; /* in its team's bucket */
	uint64_t serial;              /* names it while it may have gone */
	struct hub_client client;     /* client_id is its own copy */
	uint64_t id_hash;
	int64_t opened;        /* microseconds, wall clock */
	struct ws *w;          /* a socket, or … */
	struct http_stream *s; /* … a stream; neither as long as the handshake lasts: … */
	struct buf pending;    /* … what it is told meanwhile, each text behind its size … */
	int end_code;          /* … and how it is to end, 0: not */
	const char *end_reason;
	int64_t beat;      /* ms: when the stream was last written to */
	int64_t allowance; /* thousandths of messages that it may send … */
	int64_t counted;   /* … as of this ms */
	bool admin, listed;
};

struct hub {
	struct core *core;
	struct ws_server *sockets;
	char name[33];        /* tells servers apart on the bus */
	struct arena *arena;  /* of the thread, reset for each piece of work */
	pthread_mutex_t lock; /* of closing's change, and of buckets when another thread looks */
	atomic_bool closing;
	struct listener *buckets[HUB_BUCKETS];
	uint64_t serials;
	atomic_size_t waiting; /* bytes that were posted and not worked off */
	atomic_size_t streams;
	bool checking;       /* a check is under way … */
	bool check_again;    /* … and another is wanted: … */
	int64_t check_user;  /* … of this user, 0: of all */
	int64_t checked;     /* ms: the last look at everybody */
	atomic_llong warned; /* second of the last warning of an overflow */
};

/* ---- hub.c ---- */

struct listener **hub_bucket(struct hub *h, int64_t team_id);
/* The listener with that client id, NULL: none. On the thread, or under lock. */
struct listener *hub_find(struct hub *h, int64_t team_id, const char *client_id);
/* Gives it n bytes of JSON, as a message or an event. */
void hub_tell(struct listener *l, const char *json, size_t n);
/* Ends it with a close code, or the last event of a stream. It may be gone after this. */
void hub_end(struct hub *h, struct listener *l, int code, const char *reason);

/* ---- hub_bus.c: what comes and goes by the bus ---- */

int hub_subscribe(struct hub *h);
/* Tells the other servers who has come. */
void hub_announce(struct hub *h, const struct listener *l);
/* A message from a client. */
void hub_receive(struct hub *h, struct listener *l, const char *text, size_t n);

/* ---- hub_check.c: whether they may stay ---- */

/* Wants the connections of a user looked at (0: of all). On the thread. */
void hub_check(struct hub *h, int64_t user_id);
/* Begins what is due. */
void hub_check_due(struct hub *h, int64_t now_ms);

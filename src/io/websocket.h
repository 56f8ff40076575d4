/*
 * websocket: the frames of RFC 6455, on wslay, for sockets that left HTTP. One thread with an epoll
 * set owns all of them: it alone calls the hooks, and everything about a struct ws but where it
 * says "from any thread" happens on it.
 *
 * Messages are text; a binary one ends the connection with 1003, broken frames with 1002, text that
 * is no UTF-8 with 1007, a message beyond max_message with 1009. Pings are answered, silent peers
 * are pinged and, if they stay silent, dropped; so are those that do not read what is sent to them.
 * A closing handshake ends before the socket does, within a bound.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "io/http_upgrade.h"

enum ws_code {
	WS_NORMAL = 1000,
	WS_GOING_AWAY = 1001,
	WS_UNSUPPORTED = 1003,
	WS_POLICY = 1008,
	WS_TOO_BIG = 1009,
	WS_INTERNAL = 1011,
};

struct ws;
struct ws_server;

struct ws_hooks {
	/* A socket came: returns what ws_user will give from now on. arg: that of ws_adopt. NULL: not
	 * wanted, it is closed. */
	void *(*opened)(void *hub, struct ws *w, void *arg);
	/* A whole text message: valid UTF-8, not NUL-terminated. */
	void (*message)(void *hub, struct ws *w, const char *text, size_t n);
	/* The last call about a socket, once for each that opened took. */
	void (*closed)(void *hub, struct ws *w);
	/* Called about once a second while it, or a socket, is there: returns whether it wants to be
	 * called although there is no socket. */
	bool (*tick)(void *hub, int64_t now_ms);
	void *hub;
};

struct ws_options {
	size_t max_message; /* bytes of a message that comes in */
	size_t max_backlog; /* bytes that wait for one reader; beyond it, it is dropped */
	size_t max_queued;  /* bytes that wait for all of them together */
	size_t max_sockets;
	int64_t ping_ms;  /* silence after which a peer is pinged, and again until it is dropped */
	int64_t close_ms; /* for a closing handshake */
};
extern const struct ws_options ws_defaults;

/* Starts the thread. E_UNAVAILABLE. */
int ws_start(const struct ws_options *o, const struct ws_hooks *hooks, struct error *error,
			 struct ws_server **out);
/* From any thread: takes a socket over; arg goes to hooks->opened, which is called even when the
 * server ends, to release it (w is NULL then). */
void ws_adopt(struct ws_server *s, const struct http_socket *socket, void *arg);
/* From any thread: has fn(hub, arg) called on the thread. Everything posted is called, by ws_stop
 * at the latest. */
void ws_post(struct ws_server *s, void (*fn)(void *hub, void *arg), void *arg);
/* From any other thread: closes every socket with 1001, waits for the handshakes within close_ms,
 * ends the thread. Later calls of ws_adopt and ws_post are served by ws_free. */
void ws_stop(struct ws_server *s);
/* After ws_stop, when nobody posts any more. NULL allowed. */
void ws_free(struct ws_server *s);

void *ws_user(const struct ws *w);
/* Sends a text message. A socket that cannot take it is dropped. */
void ws_send(struct ws *w, const char *text, size_t n);
/* Sends a close frame (reason: at most 123 bytes, may be NULL); nothing is sent or told after it.
 */
void ws_close(struct ws *w, int code, const char *reason);
/* Open sockets; from any thread. */
size_t ws_count(const struct ws_server *s);

/*
 * hub: who listens: the WebSockets and event streams that are open here, by team. It tells them of
 * events (event.h) and carries messages from client to client, over the bus, so that it does not
 * matter which server a client is connected to.
 *
 * A client id belongs, within a team, to the user who connected with it: a second socket of the
 * same user replaces the first, one of another user is refused. A connection ends with its token,
 * with its session or account, and when its user moves to another team. All of the hub's state is
 * the WebSockets' thread's; the functions here may be called from any thread.
 */
#pragma once
#include "core/access.h"
#include "core/ctx.h"

enum { HUB_CLIENT_ID_MAX = 100, HUB_MESSAGE_MAX = 32 * 1024, HUB_STREAM_MAX = 128 * 1024 };

/* Close codes beyond those of RFC 6455. */
enum hub_code {
	HUB_EXPIRED = 4001,  /* the token */
	HUB_ENDED = 4003,    /* session or account ended, or the user changed teams */
	HUB_REPLACED = 4009, /* by a newer connection with the same client id */
	HUB_TAKEN = 4010,    /* the client id is another member's */
};

struct hub;

/* What a connection is opened with. */
struct hub_client {
	const char *client_id; /* NULL: an event stream */
	struct claims claims;
	struct actor actor;
	struct hub *hub;           /* by hub_expect: … */
	struct listener *expected; /* … its own, until the socket is there */
};

/* What a client may send, and what it gets; for the documentation. */
extern const struct schema hub_message_schema, hub_delivery_schema;

/* Starts the thread. E_UNAVAILABLE. */
int hub_start(struct core *core, struct hub **out);
/* Closes all connections (1001) and takes no more. */
void hub_stop(struct hub *h);
/* When nothing emits or publishes any more. NULL allowed. */
void hub_free(struct hub *h);

/* What the request's connection is to be opened with; client_id NULL: an event stream. E_CONFLICT:
 * the client id is another member's here; E_UNAVAILABLE: too many connections, or the end has
 * begun. With a sentence. */
int hub_admits(struct ctx *c, const char *client_id, struct hub_client **out);
/* Before ctx_upgrade: from now on the client misses nothing, though it is not connected yet. E_…
 * as hub_admits. */
int hub_expect(struct ctx *c, struct hub_client *k);
/* For ctx_upgrade and ctx_give: take the connection over; arg is what hub_admits gave. */
void hub_take_socket(struct core *core, void *arg, struct http_socket *s);
void hub_take_stream(struct core *core, void *arg, struct http_stream *s);

/* Has every server look again whether the user's connections may stay, after the commit. For
 * whoever ends a session, changes or deletes an account. user_id 0: everybody's. */
int hub_recheck(struct ctx *c, int64_t user_id);

/* Open WebSockets and event streams here. */
void hub_counts(struct hub *h, size_t *sockets, size_t *streams);

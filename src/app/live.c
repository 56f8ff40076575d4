/*
 * live: what happens, as it happens: a WebSocket for each client, or a stream of server-sent
 * events. Who is connected, and who is told what, is the hub's (core/hub.h).
 */
#include "app/app.h"
#include "core/core.h"
#include "core/hub.h"
#include "core/route.h"

struct socket_in {
	const char *client_id, *token;
};
#define TOKEN_DOC "Access token, for browsers, which cannot give a header; a header wins"
static const struct field socket_fields[] = {
	FIELD(struct socket_in, client_id, F_PATH, .max = HUB_CLIENT_ID_MAX,
		  .doc = "The client's name for itself, its own within the team", .example = "\"desk-1\""),
	FIELD(struct socket_in, token, F_QUERY | F_SECRET, .max = 1024, .doc = TOKEN_DOC,
		  .example = "\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.sig\""),
};
static const struct schema socket_schema = SCHEMA("SocketOpen", struct socket_in, socket_fields);

static const struct field stream_fields[] = {
	FIELD(struct socket_in, token, F_QUERY | F_SECRET, .max = 1024, .doc = TOKEN_DOC,
		  .example = "\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.sig\""),
};
static const struct schema stream_schema = SCHEMA("StreamOpen", struct socket_in, stream_fields);

static int open_socket(struct ctx *c)
{
	const struct socket_in *in = c->in;
	struct hub_client *k;

	if (text_has_control(in->client_id))
		return ctx_fault(c, "path", "client_id", "String should have no control characters",
						 "value_error");
	TRY(hub_admits(c, in->client_id, &k));
	TRY(ctx_upgrade(c, hub_take_socket, k));
	return hub_expect(c, k);
}

static int open_stream(struct ctx *c)
{
	struct hub_client *k;

	TRY(hub_admits(c, NULL, &k));
	ctx_give(c, "text/event-stream", HUB_STREAM_MAX, hub_take_stream, k);
	return OK;
}

static const short socket_errors[] = {400, 409, 426, 503, 0}, stream_errors[] = {503, 0};

static const char socket_doc[] =
	"A WebSocket (RFC 6455): messages between the clients of a team, and what happens in it\n"
	"The token stands in the Authorization header, in the query, or among the subprotocols offered "
	"(one other than the token is chosen if there is any).\n\n"
	"A client sends text messages of up to 32 KB, `{\"type\": \"message\", \"data\": …, \"to\": "
	"client_id}`; without `to` a message reaches everyone else in the team. It arrives as "
	"`{\"type\": \"message\", \"from\": client_id, \"data\": …}`. What cannot be understood is "
	"answered with `{\"type\": \"error\", \"detail\": …}`; so is more than 20 messages a second. "
	"Events arrive as `{\"type\": \"candidate.completed\", \"data\": …}`.\n\n"
	"A client id belongs, within its team, to the user who connected with it: another member's is "
	"409; the same user's newer connection replaces the older.\n\n"
	"Close codes: 1001 the server stops, 1002, 1003 (binary), 1007, 1009 as in RFC 6455, 4001 the "
	"token has expired, 4003 the session or account has ended or the user changed teams, 4009 "
	"replaced by a newer connection, 4010 the client id was taken at the same moment. Who does not "
	"read, or does not answer pings for a minute, is dropped.";

static const char stream_doc[] =
	"The same as server-sent events\n"
	"Each event's data is a message as the WebSocket would carry it. The last one, "
	"`{\"type\": \"closed\", \"data\": {\"code\": 4001, \"reason\": …}}`, says why the stream "
	"ends, "
	"unless the server stops. A comment comes every 15 seconds.";

static const struct route routes[] = {
	{"GET", "/ws/{client_id}", open_socket, &socket_schema, &hub_delivery_schema,
	 .role = ROLE_VIEWER, .status = 101, .flags = ROUTE_STREAM | ROUTE_RAW, .tag = "live",
	 .doc = socket_doc, .errors = socket_errors},
	{"GET", "/api/v1/events", open_stream, &stream_schema, &hub_delivery_schema,
	 .role = ROLE_VIEWER, .status = 200, .flags = ROUTE_STREAM | ROUTE_RAW, .tag = "live",
	 .doc = stream_doc, .errors = stream_errors},
	{"GET", "/events", open_stream, &stream_schema, &hub_delivery_schema, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_STREAM | ROUTE_RAW | ROUTE_HIDDEN, .tag = "live",
	 .doc = "The same beside /ws", .errors = stream_errors},
};

const struct feature live_feature = {
	.name = "live", .routes = routes, .nroutes = sizeof routes / sizeof routes[0]};

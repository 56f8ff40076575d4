/* The opening handshake of a WebSocket (RFC 6455, 4.2), see ctx.h. */
#include <nettle/base64.h>
#include <nettle/sha1.h>
#include <string.h>

#include "core/request.h"

enum { KEY_LENGTH = 24, KEY_BYTES = 16 }; /* in base64; decoded */

struct handed_socket {
	void (*take)(struct core *core, void *arg, struct http_socket *s);
	void *arg;
	struct core *core;
	const char *accept, *protocol;
};

/* Whether a comma-separated list has the token, case ignored. */
static bool has_token(struct arena *a, const char *list, const char *token)
{
	char *rest = arena_strdup(a, list), *item;

	while ((item = strsep(&rest, ",")) != NULL)
		if (text_ieq(text_trim(item), token))
			return true;
	return false;
}

static bool key_ok(const char *key)
{
	struct base64_decode_ctx d;
	uint8_t bytes[BASE64_DECODE_LENGTH(KEY_LENGTH)];
	size_t n = sizeof bytes;

	if (key == NULL || strlen(key) != KEY_LENGTH)
		return false;
	base64_decode_init(&d);
	return base64_decode_update(&d, &n, bytes, KEY_LENGTH, key) && base64_decode_final(&d) &&
		   n == KEY_BYTES;
}

static const char *accept_of(struct arena *a, const char *key)
{
	static const char magic[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	struct sha1_ctx sha1;
	uint8_t digest[SHA1_DIGEST_SIZE];
	char *out = arena_alloc(a, BASE64_ENCODE_RAW_LENGTH(SHA1_DIGEST_SIZE) + 1);

	sha1_init(&sha1);
	sha1_update(&sha1, KEY_LENGTH, (const uint8_t *)key);
	sha1_update(&sha1, sizeof magic - 1, (const uint8_t *)magic);
	sha1_digest(&sha1, sizeof digest, digest);
	base64_encode_raw(out, sizeof digest, digest);
	return out;
}

/* A browser ends a connection for which none of the protocols it offered was chosen. The token may
 * be among them; another one is chosen if there is any. */
static const char *choose_protocol(struct request *r)
{
	char *rest = arena_strdup(r->x->arena, http_header_list(r->x, "Sec-WebSocket-Protocol"));
	const char *first = NULL, *item;

	while ((item = strsep(&rest, ",")) != NULL) {
		item = text_trim((char *)(uintptr_t)item);
		if (*item == '\0')
			continue;
		if (!text_eq(item, r->token))
			return item;
		first = item;
	}
	return first;
}

int ctx_upgrade(struct ctx *c, void (*take)(struct core *core, void *arg, struct http_socket *s),
				void *arg)
{
	struct request *r = c->request;
	struct http_exchange *x = r->x;
	const char *key = http_header(x, "Sec-WebSocket-Key");

	if (!has_token(c->arena, http_header_list(x, "Connection"), "upgrade") ||
		!has_token(c->arena, http_header_list(x, "Upgrade"), "websocket"))
		return fail(c, E_UPGRADE, "This is a WebSocket: connect with ws:// or wss://");
	if (!text_eq(http_header(x, "Sec-WebSocket-Version"), "13"))
		return fail(c, E_UPGRADE, "The version of the WebSocket protocol must be 13");
	if (!key_ok(key))
		return fail(c, E_RULE, "Sec-WebSocket-Key must be 16 bytes in base64");
	c->upgrade = ARENA_NEW(c->arena, struct handed_socket);
	*c->upgrade =
		(struct handed_socket){take, arg, c->core, accept_of(c->arena, key), choose_protocol(r)};
	return OK;
}

static void on_upgrade(void *arg, struct http_socket *s)
{
	struct handed_socket *h = arg;

	h->take(h->core, h->arg, s);
}

void reply_upgrade(struct request *r)
{
	struct handed_socket *h = r->ctx.upgrade;

	reply_header(r, "Upgrade", "websocket");
	reply_header(r, "Sec-WebSocket-Accept", h->accept);
	if (h->protocol != NULL)
		reply_header(r, "Sec-WebSocket-Protocol", h->protocol);
	r->response.upgrade = on_upgrade;
	r->response.upgrade_arg = h;
}

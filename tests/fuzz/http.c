/*
 * HTTP: bytes sent to a server over loopback, up to the first of its reply. The hooks buffer bodies
 * or take forms and answer at once; everything given to them is looked at.
 */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "io/http_private.h"
#include "tests/fuzz/fuzz.h"

enum { BODY_MAX = 64 * 1024 };

static enum http_head on_head(void *arg, struct http_exchange *x)
{
	(void)arg;
	must_hold(x->path[0] == '/' && utf8_valid(x->path, strlen(x->path)));
	x->body_kind = strcmp(x->path, "/form") == 0 ? HTTP_BODY_FORM : HTTP_BODY_BUFFER;
	x->max_body = BODY_MAX;
	http_header_list(x, "Accept");
	http_cookie(x, "refresh_token");
	return HTTP_GO;
}

static int on_file(void *arg, struct http_exchange *x, const char *name, const char *filename,
				   const char *content_type, const void *p, size_t n, bool last)
{
	(void)arg;
	(void)x;
	(void)content_type;
	must_hold(name != NULL && filename != NULL && (n == 0 ? last : p != NULL));
	return OK;
}

static void on_ready(void *arg, struct http_exchange *x)
{
	struct http_response r = {.status = x->body_error == OK ? 200 : 400, .body = "ok", .size = 2};

	(void)arg;
	must_hold(x->body_size <= BODY_MAX);
	for (size_t i = 0; i < x->form.n; i++)
		must_hold(utf8_valid(x->form.items[i].value, strlen(x->form.items[i].value)));
	http_reply(x, &r);
}

static void on_done(void *arg, struct http_exchange *x, bool sent)
{
	(void)arg;
	(void)x;
	(void)sent;
}

static struct http *server;

static void stop(void)
{
	http_stop(server, 1);
}

/* Deadlines so short that no input holds up the others. */
static void start(void)
{
	static const struct http_hooks hooks = {
		.head = on_head, .file = on_file, .ready = on_ready, .done = on_done};
	const struct http_options options = {.host = "127.0.0.1", .loops = 1};
	struct http_tuning tuning = http_tuning_default;
	struct error error = {0};

	tuning.head_ms = tuning.body_ms = tuning.grace_ms = 300;
	tuning.sweep_ms = 50;
	tuning.linger_ms = tuning.linger_gap_ms = 100;
	must_hold(http_start_tuned(&options, &tuning, &hooks, &error, &server) == OK);
	atexit(stop);
}

static int dial(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_port = htons((uint16_t)http_port(server));
	must_hold(s >= 0 && connect(s, (struct sockaddr *)&to, sizeof to) == 0);
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct linger reset = {.l_onoff = 1};
	char reply[4096];
	int s;

	if (server == NULL)
		start();
	s = dial();
	send(s, data, n, MSG_NOSIGNAL);
	shutdown(s, SHUT_WR);
	recv(s, reply, sizeof reply, 0);
	/* No connection stays behind in TIME_WAIT: a long run would use up all ports. */
	setsockopt(s, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	close(s);
	return 0;
}

/*
 * See http_upgrade.h. Without TLS the new owner gets a duplicate of the socket, and the library
 * lets go of the connection at once: it would keep its buffers, and a place among
 * MAX_CONNECTIONS, for as long as the connection lives. Under TLS the library must stay between the
 * client and a pair of sockets, whose other end the owner gets.
 */
#include "io/http_upgrade.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "io/http_private.h"

static void *copy(const void *p, size_t n)
{
	void *out = n == 0 ? NULL : malloc(n);

	if (n > 0 && out == NULL)
		abort();
	return n == 0 ? NULL : memcpy(out, p, n);
}

static void let_go(struct MHD_UpgradeResponseHandle *handle)
{
	MHD_upgrade_action(handle, MHD_UPGRADE_ACTION_CLOSE);
}

static void upgraded(void *cls, struct MHD_Connection *c, void *request, const char *extra,
					 size_t size, MHD_socket fd, struct MHD_UpgradeResponseHandle *handle)
{
	struct request *r = cls;
	struct http_socket s = {.fd = fd, .tls = handle};
	int flags;

	(void)c;
	(void)request;
	conn_enter(r->conn, CONN_STREAM);
	if (!r->x.tls) {
		s = (struct http_socket){.fd = fcntl(fd, F_DUPFD_CLOEXEC, 0)};
		let_go(handle);
	}
	flags = fcntl(s.fd, F_GETFL);
	if (flags < 0 || fcntl(s.fd, F_SETFL, flags | O_NONBLOCK) < 0) {
		log_error("a connection cannot leave HTTP: %m");
		http_socket_close(&s);
		return;
	}
	s.extra = copy(extra, size);
	s.extra_size = size;
	r->upgrade(r->upgrade_arg, &s);
}

struct MHD_Response *upgrade_response(struct request *r)
{
	return MHD_create_response_for_upgrade(upgraded, r);
}

void http_socket_close(struct http_socket *s)
{
	if (s->tls != NULL)
		let_go(s->tls);
	else if (s->fd >= 0)
		close(s->fd);
	free(s->extra);
	*s = (struct http_socket){.fd = -1};
}
